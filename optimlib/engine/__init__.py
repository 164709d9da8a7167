"""Ways to run a rule's one text: on NumPy arrays and on SymPy symbols."""
