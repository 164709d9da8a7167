"""The course's network forward and back, for the figure on backpropagation."""

from companion.live.backprop import backprop
from companion.live.generated import HEAD, constant, function


def source() -> str:
    """The text of network.js."""
    forms = {
        "forward": function(backprop.forward),
        "squared": function(backprop.squared),
        "entropy": function(backprop.entropy),
    }
    head = HEAD.format(about="The activations and signals of the course's network")
    return f"{head}{constant('NETWORK', forms)}"
