"""Ways to run a rule's one text: with NumPy, compiled by numba, on SymPy symbols."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

from optimlib.arrays.blocks import Arrays, Block, Part
from optimlib.engine import with_numba, with_numpy
from optimlib.engine.kernels import Constants as Constants
from optimlib.engine.kernels import Kernel as Kernel
from optimlib.engine.kernels import kernel as kernel
from optimlib.engine.kernels import number
from optimlib.engine.moves import Moves as Moves
from optimlib.engine.usual import Usual as Usual
from optimlib.engine.usual import is_usual as is_usual

ENGINES = ("numpy", "numba")
MODULES: dict[str, ModuleType] = {"numpy": with_numpy, "numba": with_numba}
FLOATS = {float}
_chosen = ["numpy"]


def set_engine(name: str) -> None:
    """Choose the engine of every optimizer that has none of its own.

    Args:
        name: "numpy", or "numba" where it is installed (the extra `fast`).

    Raises:
        ValueError: for another name.
        ModuleNotFoundError: for "numba" without numba.
    """
    check(name)
    _chosen[0] = name


def check(name: str) -> None:
    """Refuse an engine that there isn't, as `set_engine` does."""
    if name not in ENGINES:
        raise ValueError(
            f"engine is {name!r}; allowed: {' or '.join(map(repr, ENGINES))}"
        )
    if name == "numba":
        with_numba.check()


def chosen(name: str | None = None) -> ModuleType:
    """The engine of this name; None for the one that was chosen."""
    return MODULES[name or _chosen[0]]


def computed(
    kernel: Kernel, t: int, rows: Sequence[Sequence[Any]], part: Part
) -> Constants:
    """The constants of step t, from the prelude's other arguments: one row or several.

    Several are those of the part's arrays.
    """
    count, found, block = len(kernel.constants), [], part.block
    with np.errstate(all="ignore"):  # 0/0 is a number that a rule may rule out
        for row in rows:
            if set(map(type, row)) != FLOATS:
                row = [x if isinstance(x, float) else number(x) for x in row]
            found.append(kernel.prelude(t, *row))
        table = _table([row[:count] for row in found], block)
    renewed = {
        name: [row[count + k] for row in found] for k, name in enumerate(kernel.renewed)
    }
    return Constants(table, part.segments(len(rows)), renewed)


def _table(rows: list[list[Any]], block: Block) -> np.ndarray:
    """The constants in the block's dtype: shape (S, 1 or M, constants)."""
    if block.members == 1 or not any(np.ndim(x) for row in rows for x in row):
        return np.array(rows, block.dtype)[:, None, :]
    spread = [[np.broadcast_to(x, block.members) for x in row] for row in rows]
    return np.array(np.swapaxes(spread, 1, 2), block.dtype, order="C")


def ready(
    kernel: Kernel,
    given: Sequence[Part],
    constants: Sequence[Constants],
    weights: Arrays,
    into: Arrays = (),
    name: str | None = None,
    apart: bool = False,
) -> Moves:
    """A step of a kernel, made ready: nothing changes until it is made and taken.

    Args:
        given: the parts that take the step, and the constants of each.
        weights: all weights, also those that no part has.
        into: where to write the new arrays; empty for new ones.
        name: the engine; None for the one that was chosen.
        apart: whether large arrays, too, are renewed in memory of their own.

    Raises TypeError where that engine has not their dtype.
    """
    engine, moves = chosen(name), Moves()
    for part in given:
        engine.check_dtype(part.block.dtype)
    for k, (part, its) in enumerate(zip(given, constants, strict=True)):
        if apart or not part.is_large or part.reads_its_state:
            moves.add_small(engine, kernel, part, its, into)
        else:
            others = [other for other in given[k + 1 :] if other.is_large]
            later = [array for other in others for array in other.given()]
            moves.add_large(engine, kernel, part, its, into, later)
    moves.add_still(weights, into)
    return moves
