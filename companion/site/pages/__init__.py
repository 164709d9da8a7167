"""What works on the document tree of each page."""
