"""Real numbers as they are given: floats where these hold them, else fractions."""

import reprlib
from decimal import Decimal
from fractions import Fraction
from numbers import Rational, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

EXACT = 2**53  # a float holds every integer up to this


def real(name: str, given: ArrayLike) -> NDArray[Any]:
    """The numbers as an array of float64, or of fractions where a float would change one of them.

    Integers, fractions, decimals and long doubles of any size are taken; a truth value is 0 or 1. Raises ValueError that
    begins with the name for anything else, and for what is not finite.
    """
    listed = entries(given)
    if _are_floats(listed):
        floats: NDArray[np.float64] = listed.astype(float)
        if not np.isfinite(floats).all():
            raise ValueError(f"{name} is not finite; allowed: finite numbers")
        return floats
    found = np.empty(listed.shape, dtype=object)
    for place, x in np.ndenumerate(listed.astype(object)):
        found[place] = _fraction(name, x)
    try:
        floats = found.astype(float)
    except OverflowError:
        return found
    return floats if (found == floats).all() else found


def rounded(name: str, given: ArrayLike) -> NDArray[np.float64]:
    """The numbers as floats, each to a float's rounding. Raises ValueError as `real` does, and for one beyond a float."""
    try:
        floats: NDArray[np.float64] = real(name, given).astype(float)
    except OverflowError as error:
        raise ValueError(
            f"{name} is beyond a float; allowed: up to {np.finfo(float).max:.2g}"
        ) from error
    return floats


def exactly(name: str, given: ArrayLike) -> NDArray[Any]:
    """The numbers as fractions. Raises ValueError that begins with the name for what is no integer or fraction."""
    listed = entries(given).astype(object)
    found = np.empty(listed.shape, dtype=object)
    for place, x in np.ndenumerate(listed):
        if not (isinstance(x, Rational) or is_truth(x)):
            raise ValueError(
                f"{name} has {x!r}; allowed with exact=True: integers and fractions"
            )
        found[place] = _fraction(name, x)
    return found


def are_truths(given: ArrayLike) -> bool:
    """Whether every entry is a truth value."""
    listed = entries(given)
    return listed.size > 0 and all(is_truth(x) for x in listed.flat)


def is_truth(x: object) -> bool:
    """Whether this is a truth value, Python's or NumPy's."""
    return isinstance(x, bool | np.bool)


def entries(given: ArrayLike) -> NDArray[Any]:
    """An array as it is; of anything else its very entries, which NumPy would bring to one type and so change."""
    if np.ma.is_masked(given):
        raise ValueError(f"{reprlib.repr(given)} is masked; allowed: what has no mask")
    if isinstance(given, np.ndarray | np.generic):
        return np.asarray(given)
    listed = np.asarray(given, dtype=object)
    if any(isinstance(x, np.ndarray) and not x.ndim for x in listed.flat):
        bare = [x[()] if isinstance(x, np.ndarray) else x for x in listed.flat]
        listed = np.array([*bare, None], dtype=object)[:-1].reshape(listed.shape)
    return listed


def _are_floats(listed: NDArray[Any]) -> bool:
    """Whether the entries are floats, or integers that floats hold: seen without looking at each as a fraction."""
    kind, size = listed.dtype.kind, listed.dtype.itemsize
    if kind == "O":
        return set(map(type, listed.flat)) <= {float, np.float64, np.float32}
    if kind in "iu" and listed.size:
        return bool(-EXACT <= listed.min() and listed.max() <= EXACT)
    return kind == "b" or kind == "f" and size <= np.dtype(float).itemsize


def _fraction(name: str, x: Any) -> Fraction:
    if is_truth(x):
        return Fraction(int(x))
    if isinstance(x, Rational):
        return Fraction(int(x.numerator), int(x.denominator))
    if not (isinstance(x, Real | Decimal) and hasattr(x, "as_integer_ratio")):
        raise ValueError(
            f"{name} has {x!r}, a {type(x).__name__}; allowed: real numbers"
        )
    try:
        return Fraction(*x.as_integer_ratio())
    except (OverflowError, ValueError) as error:
        raise ValueError(f"{name} is not finite; allowed: finite numbers") from error
