"""Running an optimizer on a function."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimlib.clipping import global_norm
from optimlib.hyper import check_number, check_whole, rate
from optimlib.optimizer import Optimizer
from optimlib.tree import flatten, rebuild


@dataclass(frozen=True)
class Trajectory:
    """A recorded run of n steps.

    Attributes:
        w: like w0, each array with a leading axis of n + 1 points, the start first.
        f: shape (n + 1,), or (n + 1, ...) where f returns an array: the function there.
        grad_norm: shape (n + 1,), or (n + 1, P) in a population: the Euclidean norm of
            the whole gradient there.
        stopped: "tolerance" where the norm came down to it, "steps" where the step
            limit ended the run, "diverged" where f, the gradient or w left the finite
            numbers (the last recorded point is the last finite one).
    """

    w: Any
    f: np.ndarray
    grad_norm: np.ndarray
    stopped: str

    def __len__(self) -> int:
        return len(self.f) - 1


def minimize(
    f: Callable[[Any], Any],
    grad: Callable[[Any], Any],
    w0: Any,
    opt: Optimizer,
    steps: int,
    *,
    tolerance: float | None = None,
    curvature: Callable[[Any], Any] | None = None,
) -> Trajectory:
    """Take up to `steps` steps of `opt` from w0 and record each point.

    The optimizer goes on from the state it has. In a population a member that diverges
    is recorded as it is (the optimizer needs nonfinite="ignore"), and the run stops
    where all members have diverged, or all that have not are within the tolerance.

    Args:
        f: the function: f(w) is a number, or an array with one for each member of a
            population.
        grad: its gradient: grad(w) is shaped like w.
        w0: float array or nest of them; left as it is. f and grad are given arrays,
            also where w0 has lists of numbers.
        opt: the optimizer.
        steps: the most steps to take.
        tolerance: None, or the norm of the gradient at which to stop.
        curvature: the diagonal of the Hessian, shaped like w, for a method that needs
            it (`VSGD`).

    Raises:
        ValueError: for steps that are no whole number, 0 or more, a tolerance that is
            not finite and 0 or more, and what `Optimizer.step` raises.
        TypeError: for a tolerance that is no number, and where the method needs the
            curvature and it is not given.

    Example:
        >>> from optimlib import SGD
        >>> run = minimize(lambda w: w @ w, lambda w: 2 * w, [1.0, 1.0], SGD(lr=0.25), 3)
        >>> run.f, run.stopped
        (array([2.     , 0.5    , 0.125  , 0.03125]), 'steps')
    """
    steps = check_whole("steps", steps)
    limit = -1.0
    if tolerance is not None:
        limit = check_number("tolerance", tolerance, rate(0.0))
    points, values, norms, stopped = [], [], [], "steps"
    w = rebuild(w0, {path: np.asarray(leaf) for path, leaf in flatten(w0).items()})
    for k in range(steps + 1):
        value, g = np.asarray(f(w)), grad(w)
        leaves = flatten(w)
        norm = np.asarray(global_norm(g, opt.population))
        running = _finite(value, norm, leaves, opt.population)
        if not running.any():
            stopped = "diverged"
            break
        points.append(leaves)
        values.append(value)
        norms.append(norm)
        if (norm[running] <= limit).all():
            stopped = "tolerance"
            break
        if k < steps:
            w = step(opt, w, value, g, grad, curvature)
    stacked = {
        path: np.array([point[path] for point in points]) for path in flatten(w0)
    }
    return Trajectory(rebuild(w0, stacked), np.array(values), np.array(norms), stopped)


def step(
    opt: Optimizer,
    w: Any,
    loss: Any,
    g: Any,
    grad: Callable[[Any], Any],
    curvature: Callable[[Any], Any] | None,
) -> Any:
    """One step of any method: it is given what it needs of these."""
    if "gradient" in opt.inputs:
        return opt.step(w, gradient=grad)
    needs: dict[str, Any] = {}
    if "loss" in opt.inputs:
        needs["loss"] = loss
    if "curvature" in opt.inputs and curvature is not None:
        needs["curvature"] = curvature(w)
    return opt.step(w, g, **needs)


def _finite(
    value: np.ndarray, norm: np.ndarray, leaves: dict[Any, Any], population: int | None
) -> np.ndarray:
    """Whether all is finite: shape (), or (P,) with an answer for each member."""
    parts = [value, norm, *leaves.values()]
    if population is None:
        return np.array(all(np.isfinite(part).all() for part in parts))
    rows = [np.isfinite(part).reshape(population, -1).all(axis=1) for part in parts]
    finite: np.ndarray = np.all(rows, axis=0)
    return finite
