"""Sparse gradients: the rows of an array whose gradient is not zero."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from optimlib.arrays.dtypes import computed_in, refuse_masked


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows of a gradient that are given; every other row is zero.

    Args:
        index: shape (n,), whole numbers: which rows, from 0. A row named twice has
            the sum of its values.
        values: shape (n, ...): the gradient of each, shaped like a row of w.

    Raises:
        TypeError: where the index does not hold whole numbers, or one is masked.
        ValueError: where a row is negative or the lengths differ.

    Example:
        >>> Rows([2, 0, 2], [[1.0], [5.0], [0.5]]).summed()
        Rows(index=array([0, 2]), values=array([[5. ],
               [1.5]]))
    """

    index: Any
    values: Any

    def __post_init__(self) -> None:
        refuse_masked("index", self.index)
        refuse_masked("values", self.values)
        index, values = np.asarray(self.index), np.asarray(self.values)
        if index.size == 0:
            index = index.astype(int)
        if not np.issubdtype(index.dtype, np.integer):
            raise TypeError(f"index has dtype {index.dtype}; allowed: whole numbers")
        if index.ndim != 1 or values.ndim < 1 or len(values) != len(index):
            raise ValueError(
                f"index has shape {index.shape} and values {values.shape}; allowed: "
                f"(n,) and (n, ...)"
            )
        if (index < 0).any():
            raise ValueError(f"index holds {index.min()}; allowed: rows from 0")
        object.__setattr__(self, "index", index)
        object.__setattr__(self, "values", values)

    def summed(self) -> "Rows":
        """The same gradient with each row once, in ascending order."""
        index, place = np.unique(self.index, return_inverse=True)
        if len(index) == len(self.index):
            return Rows(index, self.values[np.argsort(self.index)])
        dtype = self.values.dtype
        sums = np.zeros((len(index), *self.values.shape[1:]), computed_in(dtype))
        with np.errstate(over="ignore", invalid="ignore"):
            np.add.at(sums, place, self.values)
            return Rows(index, sums.astype(dtype, copy=False))
