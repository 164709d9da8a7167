"""Feeding gradients to an optimizer."""

from typing import Any

from optimlib.arrays import checks
from optimlib.arrays.nests import Path, flatten, rebuild
from optimlib.optimizer import Optimizer
from optimlib.running.steps import check_optimizer, read_only, stacked
from optimlib.settings import check_whole


def walk(opt: Optimizer, w0: Any, gradients: Any, steps: int | None = None) -> Any:
    """Feed gradients to an optimizer, one a step, and keep the points it goes through.

    The optimizer goes on from the state it has.

    Args:
        opt: the optimizer.
        w0: float array or nest of them; left as it is.
        gradients: the gradients of the steps, in order: an array of shape (steps, ...),
            each entry shaped like w0, or an iterable of what is shaped like w0. Or a
            callable: gradients(w) is the gradient at w, which is read-only, so that
            NumPy raises a ValueError where it is written to.
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
    start = {path: x.copy() for path, x in checks.as_arrays("w0", w0).items()}
    w = rebuild(w0, start)
    points: list[dict[Path, Any]] = [start]
    for g in gradients if steps is None else range(check_whole("steps", steps)):
        if steps is None:
            w = opt.step(w, g)
        elif "gradient" in opt.inputs:
            w = opt.step(w, gradient=lambda at: gradients(read_only(at)))
        else:
            w = opt.step(w, gradients(read_only(w)))
        points.append(flatten(w))
    return stacked(w0, points)
