"""The closed forms of exponential averages, and what the gradients of a figure are drawn about."""

from companion.live.correction.correction import MEANS
from companion.live.generated import HEAD, constant, function
from optimlib import moments


def source() -> str:
    """The text of moments.js."""
    # Those without a look at what is given, which JavaScript needs not.
    forms = {
        "weight": function(moments._weight),
        "sum": function(moments._total),
        "excess": function(moments._excess),
    }
    means = {name: function(mean) for name, mean in MEANS.items()}
    head = HEAD.format(about="Closed forms of averages, and the means of gradients")
    return f"{head}{constant('AVERAGE', forms)}\n{constant('MEANS', means)}"
