"""The dtypes that steps are computed in."""

import numpy as np

LEAST = np.dtype(np.float32)  # float16 squares of common gradients are 0 or infinite


def computed_in(dtype: np.dtype) -> np.dtype:
    """The dtype in which numbers of this one are computed, and state of them kept."""
    return LEAST if dtype.itemsize < LEAST.itemsize else dtype
