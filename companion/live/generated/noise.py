"""Mini-batches on a parabola: the gradient, and how the spread of many runs goes on."""

from companion.lab import noise
from companion.live.generated import HEAD, constant, function


def source() -> str:
    """The text of noise.js."""
    forms = {
        "gradient": function(noise.gradient),
        "floor": function(noise.floor),
        "drawn": function(noise.drawn_spread),
        "sums": function(noise.shuffled_sums),
        "shuffled": function(noise.shuffled_spread),
    }
    head = HEAD.format(about="Mini-batches on a parabola")
    return f"{head}{constant('NOISE', forms)}"
