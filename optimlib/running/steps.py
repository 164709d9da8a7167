"""What every way of running takes: one step of any method, and points kept."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from optimlib.arrays import checks
from optimlib.arrays.nests import Path, flatten, mapped, rebuild
from optimlib.optimizer import Optimizer


def check_optimizer(opt: Any) -> None:
    """Refuse what is no optimizer, such as its class. Raises TypeError."""
    if not isinstance(opt, Optimizer):
        raise TypeError(f"opt is {opt!r}; allowed: an optimizer, as in SGD(lr=0.01)")


def read_only(w: Any) -> Any:
    """The nest w as a run's callables are given it: what writes to it is an error.

    A copy would be safe too, but slow for large w, and hide the mistake.
    """
    return mapped(_locked, w)


def _locked(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view


def step(
    opt: Optimizer,
    w: Any,
    loss: Any,
    g: Any,
    grad: Callable[[Any], Any],
    curvature: Callable[[Any], Any] | None,
) -> Any:
    """One step of any method: it is given what it needs of these.

    None where the optimizer finds NaN or infinity: the run has diverged. In a
    population the others have not, so that the error is the user's to see.
    """
    needs: dict[str, Any] = {}
    if "loss" in opt.inputs:
        needs["loss"] = loss
    if "curvature" in opt.inputs and curvature is not None:
        needs["curvature"] = curvature(read_only(w))
    try:
        if "gradient" in opt.inputs:
            return opt.step(w, gradient=lambda at: grad(read_only(at)))
        return opt.step(w, g, **needs)
    except checks.NotFinite:
        if opt.population is not None:
            raise
        return None


def finite(parts: Iterable[np.ndarray], population: int | None) -> np.ndarray:
    """Whether all is finite: shape (), or (P,) with an answer for each member."""
    if population is None:
        return np.array(all(np.isfinite(part).all() for part in parts))
    rows = [np.isfinite(part).reshape(population, -1).all(axis=1) for part in parts]
    return np.all(rows, axis=0)


def stacked(w0: Any, points: list[dict[Path, Any]]) -> Any:
    """The points as one nest like w0, each array with a leading axis of points."""
    paths = flatten(w0)
    stacked = {path: np.array([point[path] for point in points]) for path in paths}
    return rebuild(w0, stacked)
