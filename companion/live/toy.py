"""What the toy set's figures compute with, as JavaScript: an example's cost and gradient, and effective rates.

`python -m companion.live` writes it into toy.js, from optimlib's texts.
"""

from typing import Any

from companion.lab import rates
from companion.lab.toymap import METHODS
from companion.live import HERE
from optimlib.derivatives import taylor
from optimlib.engine.printed import JAVASCRIPT, Printer
from optimlib.engine.straight import Straight, traced
from optimlib.problems.neuron import example_cost

FILE = HERE / "toy.js"
NUMBERS = ("w", "b", "x", "y")  # of an example with one feature


def cost(w: Any, b: Any, x: Any, y: Any) -> list[Any]:
    """An example's cost, as the only one of a list."""
    return [example_cost((w, b), (x, 1), y)]


def gradient(w: Any, b: Any, x: Any, y: Any) -> list[Any]:
    """Its derivatives along w and b."""
    along = taylor(lambda w, b: cost(w, b, x, y)[0], (w, b))
    return [number.first for number in along]


def source() -> str:
    """The text of toy.js."""
    members = [
        *_function("cost", traced(cost, NUMBERS)),
        *_function("gradient", traced(gradient, NUMBERS)),
    ]
    effective = [
        f"  {name}: {rates.javascript(method())},\n" for name, method in METHODS.items()
    ]
    return (
        "// An example's cost and effective rates. Generated from optimlib's texts by `python -m companion.live`: not to be edited.\n"
        f"const EXAMPLE = {{\n{''.join(members)}}};\n\n"
        f"const RATES = {{\n{''.join(effective)}}};\n"
    )


def _function(name: str, text: Straight) -> list[str]:
    """A function of an example's numbers; its results are a list."""
    printer = Printer(JAVASCRIPT, {})
    for statement in text.statements:
        printer.assign(*statement)
    results = ", ".join(map(printer.text, text.results))
    lines = [*printer.lines, f"return [{results}];"]
    body = "".join(f"    {line}\n" for line in lines)
    return [f"  {name}({', '.join(text.arguments)}) {{\n{body}  }},\n"]
