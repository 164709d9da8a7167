"""A formula f(x, y) as a program: its value and its derivatives.

The derivatives are those of the Taylor arithmetic, run on numbers that write down what
is done to them.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from optimlib.derivatives import taylor
from optimlib.engine.program import Program
from optimlib.engine.tracing import traced

# Each a function of the formula and its coordinates, with a number for each coordinate
# but for the value.
PARTS: dict[str, Callable[[Callable[..., Any], Sequence[Any]], list[Any]]] = {
    "value": lambda f, w: [f(*w)],
    "gradient": lambda f, w: [along.first for along in taylor(f, w)],
    "curvature": lambda f, w: [along.second for along in taylor(f, w)],
}


# What comes of a formula that asks for more than arithmetic of its numbers.
NO_PROGRAM = (TypeError, ValueError, AttributeError, ArithmeticError)


def program(formula: Callable[..., Any], *parts: str) -> Program:
    """The program of some of a formula's parts, one after another.

    Raises one of `NO_PROGRAM` where the formula is no plain arithmetic of x and y.
    """
    return traced(
        lambda *w: [number for part in parts for number in PARTS[part](formula, w)],
        ("x", "y"),
    )


@lru_cache(maxsize=256)
def compiled(formula: Callable[..., Any], part: str) -> Callable[..., list[Any]] | None:
    """One part of a formula as a function of x and y; None where it has no program.

    Then the formula itself, run on the points, does what it can or says what it can't.
    """
    try:
        return program(formula, part).compiled()
    except NO_PROGRAM:
        return None
