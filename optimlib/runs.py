"""Running an optimizer on a function."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from optimlib.hyper import check_whole
from optimlib.tree import flatten, rebuild


@dataclass(frozen=True)
class Trajectory:
    """A recorded run of n steps.

    w : like w0, each array with a leading axis of n + 1 points, the start first.
    f : shape (n + 1,) or, where f returns an array, (n + 1, ...): the function at those points.
    grad_norm : shape (n + 1,): the Euclidean norm of the whole gradient there.
    stopped : "steps" where the step limit ended the run, "diverged" where f, the gradient or w left the finite numbers
        (the last recorded point is the last finite one).
    """

    w: Any
    f: np.ndarray
    grad_norm: np.ndarray
    stopped: str

    def __len__(self):
        return len(self.f) - 1


def minimize(f, grad, w0, opt, steps):
    """Take up to `steps` steps of `opt` from w0 along the gradient `grad(w)` and record each point.

    w0 : float array or nest of them; left as it is. f and grad are given arrays, also where w0 has lists of numbers:
    f(w) is a number or an array, grad(w) is shaped like w.
    The optimizer goes on from the state it has. Raises ValueError for a number of steps that is not 0 or more.
    """
    steps = check_whole("steps", steps)
    points, values, norms, stopped = [], [], [], "steps"
    w = rebuild(w0, {path: np.asarray(leaf) for path, leaf in flatten(w0).items()})
    for k in range(steps + 1):
        value, g = np.asarray(f(w)), grad(w)
        leaves = flatten(w)
        norm = _norm(flatten(g).values())
        if not (np.isfinite(value).all() and np.isfinite(norm) and _finite(leaves)):
            stopped = "diverged"
            break
        points.append(leaves), values.append(value), norms.append(norm)
        if k < steps:
            w = opt.step(w, g)
    stacked = {
        path: np.array([point[path] for point in points]) for path in flatten(w0)
    }
    return Trajectory(rebuild(w0, stacked), np.array(values), np.array(norms), stopped)


def _norm(arrays):
    """The Euclidean norm of all the arrays' numbers together, which overflows only where the norm itself does."""
    size = float(
        np.max([np.max(np.abs(array), initial=0) for array in arrays], initial=0)
    )
    if size == 0 or not np.isfinite(size):
        return size
    return size * float(
        np.sqrt(
            sum(
                np.sum(np.square(np.divide(array, size, dtype=float)))
                for array in arrays
            )
        )
    )


def _finite(leaves):
    return all(np.isfinite(leaf).all() for leaf in leaves.values())
