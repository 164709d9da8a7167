"""The arrays that steps take, and the dtypes that they are computed in."""

from typing import Any

import numpy as np

LEAST = np.dtype(np.float32)  # float16 squares of common gradients are 0 or infinite


def computed_in(dtype: np.dtype) -> np.dtype:
    """The dtype in which numbers of this one are computed, and state of them kept."""
    return LEAST if dtype.itemsize < LEAST.itemsize else dtype


def refuse_masked(name: str, given: Any) -> None:
    """Raise TypeError for a masked array, whose mask would be lost."""
    if isinstance(given, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; allowed: an array without a mask")
