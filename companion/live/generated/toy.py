"""What the toy set's figures compute with: an example's cost and gradient, and effective rates."""

from typing import Any

from companion.lab import rates
from companion.lab.toymap import METHODS
from companion.live.generated import HEAD, constant, function
from optimlib.derivatives import taylor
from optimlib.problems.neuron import example_cost


def cost(w: Any, b: Any, x: Any, y: Any) -> Any:
    """The cost of an example with one feature."""
    return example_cost((w, b), (x, 1), y)


def gradient(w: Any, b: Any, x: Any, y: Any) -> list[Any]:
    """Its derivatives along w and b."""
    along = taylor(lambda w, b: cost(w, b, x, y), (w, b))
    return [number.first for number in along]


def source() -> str:
    """The text of toy.js."""
    example = {"cost": function(cost), "gradient": function(gradient)}
    effective = {name: rates.javascript(method()) for name, method in METHODS.items()}
    head = HEAD.format(about="An example's cost and effective rates")
    return f"{head}{constant('EXAMPLE', example)}\n{constant('RATES', effective)}"
