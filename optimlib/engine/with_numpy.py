"""The rule on NumPy arrays: the text of a method's `rule`, called as it stands."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin


class Members(NDArrayOperatorsMixin):
    """A hyper-parameter with a number for each member of a population.

    It behaves in a rule as a Python float does: exact to float64 among numbers, and in
    an array's own dtype where it meets one. So a member's step is that of a run alone.
    """

    def __init__(self, numbers: np.ndarray):
        self.numbers = numbers

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.numbers, dtype=dtype, copy=copy)

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any
    ) -> Any:
        if method != "__call__" or kwargs:
            return NotImplemented
        met = [x.dtype for x in inputs if isinstance(x, np.ndarray | np.generic)]
        if met:
            dtype = np.result_type(*met)
            return ufunc(*(_as(x, dtype) for x in inputs))
        plain = [x.numbers if isinstance(x, Members) else x for x in inputs]
        if ufunc is np.power:  # an array's power can differ from a number's by a bit
            return Members(_power(*plain))
        return Members(ufunc(*plain))


def _as(x: Any, dtype: np.dtype) -> Any:
    return x.numbers.astype(dtype) if isinstance(x, Members) else x


def _power(base: Any, exponent: Any) -> np.ndarray:
    bases, exponents = np.broadcast_arrays(base, exponent)
    pairs = zip(bases.ravel().tolist(), exponents.ravel().tolist(), strict=True)
    return np.array([b**e for b, e in pairs]).reshape(bases.shape)


def run(
    text: Callable[..., Any],
    arrays: Sequence[np.ndarray],
    t: int,
    inputs: Sequence[np.ndarray],
    settings: Sequence[Any],
) -> Any:
    """What a rule's text returns for one array of parameters.

    text : called as text(*arrays, t, *inputs, *settings).
    arrays : w first, then g and the state. They and `inputs` share a dtype and have w's
        shape, or hold one number for the whole array: shape (), or (P,) in a population.
    settings : hyper-parameters (floats, so that float32 stays float32, or shape (P,))
        and switches.
    """
    ndim = max(arrays[0].ndim, 1)  # a NumPy number's x**2 can differ from an array's
    spread = [_over(array, ndim) for array in (*arrays, *inputs)]
    numbers = [
        Members(_over(value, ndim)) if isinstance(value, np.ndarray) else value
        for value in settings
    ]
    count = len(arrays)
    return text(*spread[:count], t, *spread[count:], *numbers)


def filled(shape: tuple[int, ...], value: Any, dtype: Any) -> np.ndarray:
    """An array of one number, or with shape (P,) of one for each member."""
    if np.ndim(value) == 0:
        return np.full(shape, value, dtype)
    return np.broadcast_to(_over(value, len(shape)), shape).astype(dtype)


def shaped(value: Any, like: np.ndarray) -> np.ndarray:
    """A rule's result in the shape and dtype of the array that it renews."""
    return np.asarray(value, dtype=like.dtype).reshape(like.shape)


def _over(array: np.ndarray, ndim: int) -> np.ndarray:
    """The array with axes of length 1 behind its own, ndim in all."""
    return array.reshape(array.shape + (1,) * (ndim - array.ndim))
