"""Ways to run a rule's one text: with NumPy, compiled by numba, on SymPy symbols."""

from collections.abc import Callable

import numpy as np

from optimlib.engine import with_numba, with_numpy
from optimlib.engine.kernel import Plan

ENGINES = ("numpy", "numba")
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


def body(name: str | None, plan: Plan, dtype: np.dtype) -> Callable[..., None]:
    """What runs a plan's body: with the engine of this name, or the one chosen.

    Raises TypeError where that engine has no such dtype.
    """
    if (name or _chosen[0]) == "numba":
        with_numba.check_dtype(dtype)
        return with_numba.body(plan)
    return with_numpy.body(plan)
