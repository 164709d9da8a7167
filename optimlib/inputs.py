"""What a step is given besides w and g, what its kernel takes besides arrays, and what
the next step may find ready."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from optimlib import engine as engines
from optimlib.arrays import checks
from optimlib.arrays.blocks import Block, Part
from optimlib.arrays.dtypes import computed_in
from optimlib.arrays.layout import Layout
from optimlib.arrays.nests import is_container
from optimlib.clipping import global_norm
from optimlib.declaring import Declared

FLOATS = {float}


def losses(
    method: Declared, loss: Any, weights: Sequence[np.ndarray], t: int
) -> list[np.ndarray]:
    """The loss in the dtype that each array is computed in, checked."""
    array = checks.real("loss", loss)
    shape = () if method.population is None else (method.population,)
    if array.shape != shape:
        raise ValueError(f"loss has shape {array.shape}; allowed: {shape}")
    cast = [checks.cast(array, computed_in(x.dtype)) for x in weights]
    for value in cast if method.nonfinite == "raise" else ():
        checks.finite("loss", value, t, array)
    return cast


def norms(
    gradients: Sequence[np.ndarray | None], population: int | None
) -> list[np.ndarray | None]:
    """The norm of each array's gradient, in the dtype that this is computed in."""
    return [
        None
        if g is None
        else np.asarray(global_norm(g, population), float).astype(computed_in(g.dtype))
        for g in gradients
    ]


def start(method: Declared, block: Block, given: dict[str, Any], t: int) -> None:
    """Give a block the state before the first step."""
    starts = dict(method.starts)
    for name in method.state_names:
        first: Any = starts.get(name, 0.0)
        if first in given:
            firsts = block.own(given[first])
        elif isinstance(first, str):
            firsts = [method.number(first, t, x, block.dtype) for x in block.paths]
        else:
            firsts = [first] * len(block.paths)
        block.start(name, firsts, name in method.scalars)


def constants(
    method: Declared, kernel: engines.Kernel, part: Part, given: dict[str, Any], t: int
) -> engines.Constants:
    """What the kernel takes besides arrays: once, or for each array if they differ."""
    block, rows = part.block, []
    settings = list(map(method.__getattribute__, method.hypers))
    plain = set(map(type, settings)) == FLOATS
    alike = plain or not any(map(is_container, settings))
    one = alike and "norm" not in kernel.inputs and block.has_one(kernel.scalars)
    for place in part.places[:1] if one else part.places:
        row = [given[name][block.indices[place]] for name in kernel.inputs]
        row += [block.scalar_at(name, place) for name in kernel.scalars]
        if plain and block.dtype == np.float64:
            row += settings
        else:
            row += method.numbers(t, block.paths[place], block.dtype)
        rows.append(row)
    return engines.computed(kernel, t, rows, part)


def usual(
    method: Declared, layout: Layout, kernel: engines.Kernel, parts: Sequence[Part]
) -> engines.Usual | None:
    """What the next steps may find ready, after one of the usual kind on these parts."""
    settings = [getattr(method, name) for name in method.hypers]
    if (
        method.inputs
        or method.population is not None
        or method.project is not None
        or not engines.is_usual(kernel, layout)
        or not (len(parts) == 1 and parts[0].is_whole)
        or any(map(is_container, settings))
    ):
        return None
    numbers = None
    if not any(map(callable, settings)):
        block = layout.blocks[0]
        numbers = method.numbers(1, block.paths[0], block.dtype)
    return engines.Usual(engines.chosen(method.engine), kernel, layout, numbers)
