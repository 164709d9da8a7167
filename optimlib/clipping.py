r"""Clipping: gradients that are too large are made smaller before a step.

>>> from optimlib import SGD
>>> opt, w, g = SGD(lr=1.0), [0.0, 0.0], [30.0, 40.0]
>>> opt.step(w, clip_by_global_norm(g, 1.0))
array([-0.6, -0.8])

A gradient is an array or a nest of them, and its leaves may be `Rows`, or None for
arrays that are to stay as they are. Each function
gives a new one and leaves the given one as it is. Floating-point arrays keep their
dtype, integers become float64, and Rows come back with each row once, since rows that
are named twice count by their sum.

NaN and infinity are not looked for, as in torch and optax: an optimizer does that, and
raises FloatingPointError by default.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from optimlib.arrays.checks import PIECE, cast, of_members, real
from optimlib.arrays.dtypes import computed_in
from optimlib.arrays.nests import Path, flatten, name_of, rebuild
from optimlib.arrays.rows import Rows
from optimlib.settings import Hyper, check_number, check_whole, number

LIMIT: Hyper = number(1.0, "a finite number above 0", lambda x: 0 < x < math.inf)


def clip_by_value(g: Any, limit: float) -> Any:
    r"""Each entry of the gradient, held between -limit and limit.

    .. math:: g_i \leftarrow \max(-c, \min(c, g_i))

    This changes the direction of the gradient. An infinite entry becomes the limit; NaN
    stays.

    Args:
        g: the gradient: an array, Rows, or a nest of them.
        limit: c, a finite number above 0; it is rounded to each array's dtype.

    Returns:
        A new gradient, of the same structure and shapes.

    Raises:
        TypeError: where the limit is no number or the gradient not of real numbers.
        ValueError: where the limit is not allowed.

    Example:
        >>> clip_by_value({"w": [0.5, -3.0], "b": 2.0}, 1.0)
        {'w': array([ 0.5, -1. ]), 'b': array(1.)}

    Source: Mikolov (2012), as Pascanu, Mikolov and Bengio (2013) describe it. It is
    `torch.nn.utils.clip_grad_value_`, which works in place, and `optax.clip`.
    """
    limit = check_number("limit", limit, LIMIT)
    leaves = _leaves(g)
    with np.errstate(over="ignore"):  # a limit beyond the dtype's range is infinite
        clipped = {
            path: np.asarray(np.clip(_values(leaf), -limit, limit))
            for path, leaf in leaves.items()
        }
    return _rebuilt(g, leaves, clipped)


def clip_by_global_norm(
    g: Any, max_norm: float, *, population: int | None = None
) -> Any:
    r"""The gradient, scaled down to a norm of max_norm where its norm is larger.

    .. math:: g \leftarrow \frac{c}{\lVert g \rVert}\, g
        \quad\text{where}\quad \lVert g \rVert > c

    The norm is the Euclidean one of all arrays together (see `global_norm`), so the
    direction of the whole gradient stays. A gradient within the limit comes back as it
    is, bit for bit. Scaled entries are computed in float64 and rounded to their dtype.

    A norm of NaN makes every entry NaN; an infinite entry makes itself NaN and all
    others 0. So it is in torch and optax.

    Args:
        g: the gradient: an array, Rows, or a nest of them.
        max_norm: c, a finite number above 0.
        population: None, or P: every array has a leading axis of P members, and each
            member is clipped by its own norm.

    Returns:
        A new gradient, of the same structure and shapes.

    Raises:
        TypeError: where max_norm is no number or the gradient not of real numbers.
        ValueError: where max_norm is not allowed, population is no whole number of 1 or
            more, an array has another leading axis, or there are Rows in a population.

    Example:
        >>> clip_by_global_norm({"w": [3.0, 0.0], "b": 4.0}, 1.0)
        {'w': array([0.6, 0. ]), 'b': array(0.8)}
        >>> clip_by_global_norm([[3.0, 4.0], [0.3, 0.4]], 1.0, population=2)
        array([[0.6, 0.8],
               [0.3, 0.4]])

    Source: Pascanu, Mikolov and Bengio (2013), algorithm 1.
    `torch.nn.utils.clip_grad_norm_` works in place and multiplies by
    max_norm / (norm + 1e-6) where that is below 1, so its norm ends a little below
    max_norm. `optax.clip_by_global_norm` scales at a norm of exactly max_norm too. Both
    sum the squares in the gradient's dtype, where they can overflow: then they make the
    gradient 0.
    """
    max_norm = check_number("max_norm", max_norm, LIMIT)
    population = _whole(population)
    leaves = _leaves(g, population)
    root, exponent = _norms(leaves, population)
    with np.errstate(all="ignore"):
        within = np.ldexp(root, exponent) <= max_norm
        clipped = {}
        for path, leaf in leaves.items():
            array = _values(leaf)
            shape = () if population is None else (-1, *[1] * (array.ndim - 1))
            reduced = np.ldexp(_wide(array), -exponent.reshape(shape))
            scaled = reduced / root.reshape(shape) * max_norm  # unused where root is 0
            clipped[path] = np.where(
                within.reshape(shape), array, scaled.astype(array.dtype)
            )
    return _rebuilt(g, leaves, clipped)


def global_norm(g: Any, population: int | None = None) -> float | np.ndarray:
    r"""The Euclidean norm of all the gradient's entries together, in float64.

    .. math:: \lVert g \rVert = \sqrt{\textstyle\sum_i g_i^2}

    Where the norm fits into float64 it is found, also if the squares overflow or
    underflow. It is NaN where an entry is NaN, else infinity where one is infinite, and
    0 where there are none.

    Args:
        g: the gradient: an array, Rows, or a nest of them.
        population: None, or P: every array has a leading axis of P members.

    Returns:
        A float; with a population an array of shape (P,), a norm for each member.

    Raises:
        TypeError: where the gradient is not of real numbers.
        ValueError: where population is no whole number of 1 or more, an array has
            another leading axis, or there are Rows in a population.

    Example:
        >>> global_norm({"w": [3.0, 0.0], "b": 4.0})
        5.0
        >>> round(global_norm([3e200, 4e200]) / 1e200, 4)
        5.0
        >>> global_norm([[3.0, 4.0], [0.0, 1.0]], population=2)
        array([5., 1.])

    Source: Pascanu, Mikolov and Bengio (2013), algorithm 1. It is `optax.tree.norm`
    and what `torch.nn.utils.get_total_norm` gives.
    """
    population = _whole(population)
    root, exponent = _norms(_leaves(g, population), population)
    with np.errstate(over="ignore"):
        norms = np.ldexp(root, exponent)
    return float(norms[0]) if population is None else norms


def _whole(population: int | None) -> int | None:
    """The population, checked, as an int."""
    return None if population is None else check_whole("population", population, 1)


def _norms(
    leaves: dict[Path, np.ndarray | Rows], population: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Each member's norm as root and exponent, shape (P,): it is root * 2**exponent.

    The exponent is that of the largest entry. A power of two rounds nothing, and the
    squares of what is left of the entries neither overflow nor underflow together.
    """
    members = population or 1
    rows = [_values(leaf).reshape(members, -1) for leaf in leaves.values()]
    kind = np.result_type(float, *(array.dtype for array in rows))
    largest, squares = np.zeros((2, members), kind)
    for some, piece in _pieces(rows):
        largest[some] = np.maximum(largest[some], np.abs(piece).max(axis=1, initial=0))
    exponent = np.frexp(largest)[1]
    with np.errstate(all="ignore"):
        for some, piece in _pieces(rows):
            reduced = np.ldexp(_wide(piece), -exponent[some, None])
            squares[some] += np.sum(np.square(reduced, out=reduced), axis=1)
    return np.sqrt(squares), exponent


def _pieces(rows: list[np.ndarray]) -> Iterator[tuple[slice, np.ndarray]]:
    """Arrays of shape (P, N) in pieces of some members and some columns."""
    for array in rows:
        members, width = array.shape
        together = max(1, PIECE // max(1, width))
        for m in range(0, members, together):
            for c in range(0, width, PIECE):
                some = slice(m, m + together)
                yield some, array[some, c : c + PIECE]


def _leaves(g: Any, population: int | None = None) -> dict[Path, np.ndarray | Rows]:
    """The gradient's leaves in floating point, checked; of Rows each row once, its sum
    in the dtype that such are computed in."""
    leaves: dict[Path, np.ndarray | Rows] = {}
    for path, leaf in flatten(g).items():
        if leaf is None and path:
            continue
        name = name_of("g", path)
        if not isinstance(leaf, Rows):
            leaves[path] = array = _floating(name, leaf)
            of_members(name, array, population)
        elif population is not None:
            raise ValueError(f"{name} is Rows; allowed with a population: arrays")
        else:
            values = _floating(f"{name}.values", leaf.values)
            wide = values.astype(computed_in(values.dtype), copy=False)
            leaves[path] = Rows(leaf.index, wide).summed()
    return leaves


def _floating(name: str, leaf: Any) -> np.ndarray:
    """The leaf as an array of its floating-point dtype, or float64 for integers."""
    array = real(name, leaf)
    return array if array.dtype.kind == "f" else array.astype(float)


def _wide(array: np.ndarray) -> np.ndarray:
    """The array in float64, or as it is where that is wider."""
    return array.astype(np.result_type(array.dtype, float), copy=False)


def _values(leaf: np.ndarray | Rows) -> np.ndarray:
    """The numbers of an array or of Rows."""
    return leaf.values if isinstance(leaf, Rows) else leaf


def _rebuilt(
    g: Any, leaves: dict[Path, np.ndarray | Rows], arrays: dict[Path, np.ndarray]
) -> Any:
    """The nest g with these arrays in the place of the leaves' numbers."""
    built: dict[Path, np.ndarray | Rows | None] = dict(arrays)
    for path, given in flatten(g).items():
        leaf = leaves.get(path)
        if leaf is None:
            built[path] = None
        elif isinstance(leaf, Rows):
            dtype = _floating(name_of("g", path), given.values).dtype
            built[path] = Rows(leaf.index, cast(arrays[path], dtype))
    return rebuild(g, built)
