"""What the network of eighteen numbers computes, and how its twins are made."""

from companion.live.generated import HEAD, constant, function
from companion.live.neurons.neurons import formulas


def source() -> str:
    """The text of networks.js."""
    texts = {name: function(formula) for name, formula in formulas().items()}
    head = HEAD.format(about="A network of three layers of two neurons")
    return f"{head}{constant('NETWORK', texts)}"
