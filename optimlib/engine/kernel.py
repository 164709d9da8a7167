"""A method's rule made ready to run: the prelude as a function, the body for an engine.

Every engine takes the same things: arrays of two axes (M, N), M members of a population
and N weights each; a table of the body's constants, shape (S, 1 or M, K), a row for each
segment of the columns (and each member); and the segments' bounds.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from optimlib.engine.text import Sliced, sliced

SCALARS = ("loss", "norm")  # inputs with one number for an array


@dataclass(frozen=True, eq=False)
class Plan:
    """A rule cut in two, for one choice of the switches.

    Attributes:
        text: the cut rule.
        arrays: its arguments with a number for each weight, w first.
        numbers: its states of one number.
        prelude: prelude(t, *scalars, *numbers, *hypers) gives the constants and the new
            numbers.
        outputs: for each array that is renewed, the body's name of its new value.
    """

    text: Sliced
    arrays: tuple[str, ...]
    numbers: tuple[str, ...]
    prelude: Callable[..., tuple[tuple[Any, ...], tuple[Any, ...]]]
    outputs: dict[str, str]


@cache
def plan(method: Any, name: str, switches: tuple[tuple[str, Any], ...]) -> Plan:
    """The plan of a method's text: `rule`, or `ahead` for where it looks."""
    whole = tuple(x for x in method.state_names if x not in method.numbers)
    curved = ("curvature",) if "curvature" in method.inputs else ()
    slope = ("g",) if name == "rule" else ()
    arrays = ("w", *slope, *whole, *curved)
    text = sliced(getattr(method, name), arrays, dict(switches))
    renewed = dict(zip(("w", *method.state_names), text.results, strict=False))
    return Plan(
        text,
        arrays,
        tuple(method.numbers),
        _prelude(text, method, renewed),
        {x: result for x, result in renewed.items() if x in arrays},
    )


def _prelude(
    text: Sliced, method: Any, renewed: Mapping[str, str]
) -> Callable[..., tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """The prelude as a function of plain numbers."""
    scalars = [name for name in method.inputs if name in SCALARS]
    arguments = ["t", *scalars, *method.numbers, *method.hypers]
    lines = [f"{name} = {_source(value)}" for name, value in text.prelude]
    constants = _listed(_source(constant) for constant in text.constants)
    numbers = _listed(renewed[name] for name in method.numbers if name in renewed)
    body = "".join(
        f"    {line}\n" for line in (*lines, f"return {constants}, {numbers}")
    )
    scope: dict[str, Any] = {"np": np}
    exec(f"def prelude({', '.join(arguments)}):\n{body}", scope)  # noqa: S102
    made: Callable[..., Any] = scope["prelude"]
    return made


def _listed(sources: Any) -> str:
    return "(" + "".join(f"{source}, " for source in sources) + ")"


def _source(expression: ast.expr) -> str:
    return ast.unparse(ast.fix_missing_locations(expression))


class Members(np.ndarray):
    """Numbers of the members of a population, as a prelude computes with them.

    A power is that of each number alone: an array's can differ from it by a bit.
    """

    def __pow__(self, exponent: Any, modulo: None = None) -> "Members":
        return _power(self, exponent)

    def __rpow__(self, base: Any, modulo: None = None) -> "Members":
        return _power(base, self)


def _power(base: Any, exponent: Any) -> Members:
    bases, exponents = np.broadcast_arrays(base, exponent)
    pairs = zip(bases.tolist(), exponents.tolist(), strict=True)
    return np.array([b**e for b, e in pairs]).view(Members)


def number(value: Any) -> Any:
    """A number, or shape (M,) of them, as the prelude takes it."""
    if np.ndim(value):
        return np.asarray(value, float).view(Members)
    return np.float64(value)  # which divides by zero as arrays do


@lru_cache(maxsize=64)
def pieces(
    segments: tuple[tuple[int, int], ...], members: int, size: int
) -> np.ndarray:
    """Pieces of about `size` numbers: rows (segment, member from, to, column from, to).

    A piece has several members only where their constants stand beside each other.
    """
    rows = []
    for s, (start, stop) in enumerate(segments):
        width = max(1, stop - start)
        together = max(1, min(members, size // width))
        for m in range(0, members, together):
            last = min(m + together, members)
            for c in range(start, stop, size):
                rows.append((s, m, last, c, min(c + size, stop)))
    return np.array(rows, dtype=np.intp).reshape(-1, 5)
