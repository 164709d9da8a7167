"""A method's rule made ready to run: its program, and the prelude as a function.

Every engine takes the same things: arrays of two axes (M, N), M members of a population
and N weights each; a table of the body's constants, shape (S, 1 or M, K), a row for each
segment of the columns (and each member); and the segments' bounds.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple, Protocol, cast

import numpy as np

from optimlib.engine.program import Program, compiled, names_in, written
from optimlib.engine.text import sliced

SCALAR_INPUTS = ("loss", "norm")  # those with one number for an array
Segments = tuple[tuple[int, int], ...]
Switches = tuple[tuple[str, Any], ...]  # by name


class Method(Protocol):
    """What the engines need to know of a method: its rule, and what the rule takes."""

    @property
    def state_names(self) -> tuple[str, ...]: ...
    @property
    def scalars(self) -> tuple[str, ...]: ...
    @property
    def starts(self) -> tuple[tuple[str, float | str], ...]: ...
    @property
    def inputs(self) -> tuple[str, ...]: ...
    @property
    def hypers(self) -> Mapping[str, Any]: ...
    @property
    def rule(self) -> Callable[..., Any]: ...
    @property
    def ahead(self) -> Callable[..., Any]: ...


class Configured(Method, Protocol):
    """An instance, whose switches and settings are known."""

    @property
    def switches(self) -> Mapping[str, Any]: ...
    def choices(self) -> Switches: ...


class Constants(NamedTuple):
    """What a kernel takes besides arrays in one step.

    Attributes:
        table: the numbers k0, k1, ... of the body, shape (S, 1 or M, K).
        segments: the columns in which each of the S rows holds.
        scalars: the new states of one number, by name, for each of the rows.
    """

    table: np.ndarray
    segments: Segments
    scalars: dict[str, list[Any]]


@dataclass(frozen=True, eq=False)
class Kernel:
    """A rule for one choice of the switches.

    Attributes:
        program: the rule.
        arrays: its arguments with a number for each weight, w first; not a state that
            the switches leave alone.
        inputs: those of its inputs with one number for an array.
        scalars: its states of one number; renewed: those of them that it renews.
        constants: what the body takes of the prelude, in order.
        prelude: prelude(t, *inputs, *scalars, *hypers) gives the constants, and
            after them the new scalars.
        outputs: for each array that is renewed, the body's name of its new value.
        kept: those of them that are state.
    """

    program: Program
    arrays: tuple[str, ...]
    inputs: tuple[str, ...]
    scalars: tuple[str, ...]
    renewed: tuple[str, ...]
    constants: tuple[str, ...]
    prelude: Callable[..., list[Any]]
    outputs: dict[str, str]
    kept: tuple[str, ...]


def _kernel(method: Method, name: str, switches: Switches) -> Kernel:
    """The kernel of a method's text: `rule`, or `ahead` for where it looks."""
    whole = tuple(x for x in method.state_names if x not in method.scalars)
    curved = ("curvature",) if "curvature" in method.inputs else ()
    slope = ("g",) if name == "rule" else ()
    arrays = ("w", *slope, *whole, *curved)
    program = sliced(getattr(method, name), arrays, dict(switches))
    results = dict(zip(("w", *method.state_names), program.results, strict=False))
    taken = {part for _, value in program.body for part in names_in(value)}
    still = {x for x, result in results.items() if written(result) == x} - taken
    arrays = tuple(name for name in arrays if name not in still)
    constants = tuple(name for name, _ in program.prelude if name in taken)
    renewed = tuple(name for name in method.scalars if name in results)
    inputs = tuple(name for name in SCALAR_INPUTS if name in method.inputs)
    prelude = compiled(
        ("t", *inputs, *method.scalars, *method.hypers),
        program.prelude,
        [*(ast.Name(x) for x in constants), *(results[x] for x in renewed)],
    )
    outputs = {x: written(result) for x, result in results.items() if x in arrays}
    kept = tuple(name for name in outputs if name != "w")
    return Kernel(
        program, arrays, inputs, method.scalars, renewed, constants, prelude, outputs,
        kept,
    )  # fmt: skip


kernel = cast(Callable[[Any, str, Switches], Kernel], cache(_kernel))


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
    if value.size > 1:
        return np.asarray(value, float).view(Members)
    return np.float64(value.item())  # which divides by zero as arrays do


@lru_cache(maxsize=64)
def pieces(segments: Segments, members: int, size: int) -> np.ndarray:
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
