"""Feeding gradients to an optimizer."""

from typing import Any

import numpy as np

from optimlib.arrays import checks
from optimlib.arrays.nests import Path, flatten, rebuild
from optimlib.optimizer import Optimizer
from optimlib.running.steps import check_optimizer, stacked
from optimlib.settings import check_whole


def walk(opt: Optimizer, w0: Any, gradients: Any, steps: int | None = None) -> Any:
    """Feed gradients to an optimizer, one a step, and keep the points it goes through.

    The optimizer goes on from the state it has.

    Args:
        opt: the optimizer.
        w0: float array or nest of them; left as it is.
        gradients: the gradients of the steps, in order: an array of shape (steps, ...),
            each entry shaped like w0, or an iterable of what is shaped like w0. Or a
            callable: gradients(w) is the gradient at w.
        steps: how many steps to take: needed with a callable, and only there.

    Returns:
        The points, like w0, each array with a leading axis of steps + 1, w0 first.

    Raises:
        TypeError: for an opt that is no optimizer, steps missing with a callable or
            given with gradients, and what `Optimizer.step` raises.
        ValueError: for steps that are no whole number, 0 or more, and what
            `Optimizer.step` raises.
        FloatingPointError: as `Optimizer.step` does.

    Example:
        >>> from optimlib import SGD
        >>> walk(SGD(lr=0.5), [4.0], lambda w: w, steps=2)
        array([[4.],
               [2.],
               [1.]])
        >>> walk(SGD(lr=0.5), 1.0, [2.0, -2.0])
        array([1., 0., 1.])
    """
    check_optimizer(opt)
    if callable(gradients) == (steps is None):
        allowed = (
            "a whole number" if callable(gradients) else "None, as gradients has them"
        )
        raise TypeError(f"steps is {steps!r}; allowed: {allowed}")
    w = rebuild(w0, _copied(checks.as_arrays("w0", w0)))
    points = [_copied(flatten(w))]  # a callable may write into what it is given
    if steps is None:
        for g in gradients:
            w = opt.step(w, g)
            points.append(_copied(flatten(w)))
    else:
        for _ in range(check_whole("steps", steps)):
            if "gradient" in opt.inputs:
                w = opt.step(w, gradient=gradients)
            else:
                w = opt.step(w, gradients(w))
            points.append(_copied(flatten(w)))
    return stacked(w0, points)


def _copied(arrays: dict[Path, Any]) -> dict[Path, Any]:
    """The same arrays in memory of their own."""
    return {path: np.array(array) for path, array in arrays.items()}
