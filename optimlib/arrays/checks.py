"""What the leaves of nests must be: checks whose errors name the leaf."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from optimlib.arrays.dtypes import computed_in, refuse_masked
from optimlib.arrays.nests import Path, flatten, name_of
from optimlib.arrays.rows import Rows

Leaves = Mapping[Path, Any]
PIECE = 65_536  # numbers that are looked at together, so that little room is needed


class NotFinite(FloatingPointError):
    """An optimizer's own finding of NaN or infinity, not an error of a callable's."""


def floats(root: str, path: Path, leaf: Any) -> np.ndarray:
    """The leaf as an array.

    Raises:
        TypeError: where it is not floating point.
        ValueError: where it is no array at all.
    """
    array = as_array(name_of(root, path), leaf)
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(
            f"{name_of(root, path)} has dtype {array.dtype}; allowed: a "
            "floating-point dtype"
        )
    return array


def of_members(name: str, array: np.ndarray, population: int | None) -> None:
    """Raise ValueError where an array has not the members of a population first."""
    if population is not None and array.shape[:1] != (population,):
        raise ValueError(
            f"{name} has shape {array.shape}; allowed: a first axis of length "
            f"{population}, the population"
        )


def same_keys(what: str, given: Leaves, expected: Iterable[Path]) -> None:
    """Refuse other leaves than the expected ones, naming the first that differs."""
    expected = dict.fromkeys(expected)
    if (() in given) != (() in expected):
        kinds = ("an array", "a dict or list of arrays")
        one, other = kinds if () in given else kinds[::-1]
        raise ValueError(f"{what} is {one}; allowed: {other}")
    if given.keys() == expected.keys():
        return
    keys = ", ".join(name_of(what, path) for path in expected)
    for path in expected:
        if path not in given:
            name = name_of(what, path)
            raise ValueError(f"{name} is missing; allowed: the keys {keys}")
    (extra, *_) = (path for path in given if path not in expected)
    name = name_of(what, extra)
    raise ValueError(f"{name} is not expected; allowed: the keys {keys}")


def like(name: str, leaf: Any, other: np.ndarray, other_name: str) -> np.ndarray:
    """`leaf` as an array with the dtype that `other` is computed in.

    Raises:
        TypeError: where it does not hold real numbers.
        ValueError: where the shapes differ.
    """
    array = real(name, leaf)
    if array.shape != other.shape:
        raise ValueError(
            f"{name} has shape {array.shape}; allowed: {other.shape}, the shape of "
            f"{other_name}"
        )
    return cast(array, computed_in(other.dtype))


def real(name: str, leaf: Any) -> np.ndarray:
    """`leaf` as an array.

    Raises:
        TypeError: where it does not hold real numbers.
        ValueError: where it is no array at all.
    """
    array = as_array(name, leaf)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} has dtype {array.dtype}; allowed: real numbers")
    return array


def as_array(name: str, leaf: Any) -> np.ndarray:
    """`leaf` as an array.

    Raises:
        TypeError: where it has a mask.
        ValueError: where it makes no array.
    """
    refuse_masked(name, leaf)
    try:
        return np.asarray(leaf)
    except ValueError as error:  # NumPy does not say which
        raise ValueError(
            f"{name} makes no array ({error}); allowed: an array, or nested lists whose "
            "lengths agree"
        ) from error


def as_arrays(root: str, nest: Any) -> dict[Path, np.ndarray]:
    """The leaves of a nest as arrays. Raises ValueError where one makes none."""
    named = {path: (name_of(root, path), leaf) for path, leaf in flatten(nest).items()}
    return {path: as_array(name, leaf) for path, (name, leaf) in named.items()}


def cast(array: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The array in this dtype, infinite where that can't hold it."""
    with np.errstate(over="ignore"):  # `finite` says so in its own words
        return array.astype(dtype, copy=False)


def rows_like(name: str, rows: Rows, other: np.ndarray, other_name: str) -> Rows:
    """The rows with the dtype that `other`, whose rows they are, is computed in.

    Raises:
        TypeError: where they do not hold real numbers.
        ValueError: where `other` has no such rows.
    """
    values = real(f"{name}.values", rows.values)
    if values.shape[1:] != other.shape[1:] or other.ndim == 0:
        raise ValueError(
            f"{name}.values has rows of shape {values.shape[1:]}; allowed: those of "
            f"{other_name}, which has shape {other.shape}"
        )
    if len(rows.index) and rows.index.max() >= len(other):
        raise ValueError(
            f"{name}.index holds {rows.index.max()}; allowed: rows of {other_name}, "
            f"0 to {len(other) - 1}"
        )
    return Rows(rows.index, cast(values, computed_in(other.dtype)))


def finite(name: str, array: np.ndarray, step: int, given: Any) -> None:
    """Raise FloatingPointError at the first NaN or infinity of what was cast."""
    if np.isfinite(array).all():
        return
    where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
    place = name + (f"[{', '.join(map(str, where))}]" if where else "")
    number, what = np.asarray(given)[where], ""
    if np.isfinite(number):
        what = f", which {array.dtype} cannot hold,"
    raise NotFinite(
        f"{place} is {number}{what} at step {step}; allowed: finite numbers "
        '(nonfinite="ignore" skips this scan)'
    )


def targets(
    paths: Sequence[Path], weights: Sequence[np.ndarray], given: Leaves
) -> list[np.ndarray]:
    """Where to write: writable arrays shaped and typed like the weights.

    Raises:
        TypeError: naming the first that has a mask.
        ValueError: naming the first that is not so.
    """
    same_keys("out", given, paths)
    into = [given[path] for path in paths]
    for path, target, leaf in zip(paths, into, weights, strict=True):
        if target is leaf and leaf.flags.writeable:
            continue
        name = name_of("out", path)
        refuse_masked(name, target)
        if not isinstance(target, np.ndarray) or not target.flags.writeable:
            kind = type(target).__name__
            raise ValueError(f"{name} is {kind}; allowed: a writable array")
        if (target.shape, target.dtype) != (leaf.shape, leaf.dtype):
            raise ValueError(
                f"{name} has shape {target.shape} and dtype {target.dtype}; allowed: "
                f"{leaf.shape} and {leaf.dtype}"
            )
    return into


def apart(paths: Sequence[Path], into: Sequence[np.ndarray]) -> None:
    """Refuse targets of which two share memory, or one with itself.

    Raises:
        ValueError: naming them.
    """
    allowed = "allowed: arrays in which each number has a place of its own"
    spans = []
    for path, array in zip(paths, into, strict=True):
        if array.size and _folds(array):
            raise ValueError(
                f"{name_of('out', path)} has strides {array.strides}, which lead to one "
                f"place twice; {allowed}"
            )
        if array.size:
            spans.append((*np.lib.array_utils.byte_bounds(array), path, array))
    spans.sort(key=lambda span: span[:2])
    for k, (_, stop, path, array) in enumerate(spans):
        for start, _, other_path, other in spans[k + 1 :]:
            if start >= stop:
                break
            if np.shares_memory(array, other):
                names = sorted((path, other_path), key=list(paths).index)
                one, two = (name_of("out", x) for x in names)
                raise ValueError(f"{one} shares memory with {two}; {allowed}")


def _folds(array: np.ndarray) -> bool:
    """Whether an array's strides may lead to one place twice."""
    reach = array.itemsize
    axes = zip(map(abs, array.strides), array.shape, strict=True)
    for stride, length in sorted(axis for axis in axes if axis[1] > 1):
        if stride < reach:
            return True
        reach += stride * (length - 1)
    return False


def all_finite(array: np.ndarray) -> bool:
    """Whether there is neither NaN nor infinity in a contiguous array.

    A sum of squares that is finite tells it at once; one that is not may have
    overflowed (where a warning is ignored), and then all are looked at, in pieces.
    """
    flat = array.reshape(-1)
    if math.isfinite(flat.dot(flat)):
        return True
    pieces = (flat[k : k + PIECE] for k in range(0, flat.size, PIECE))
    return all(np.isfinite(piece).all() for piece in pieces)
