"""Runs on a surface on plain floats: which there are, and the steps they take."""

from collections.abc import Callable
from typing import Any

import numpy as np

from optimlib.optimizer import Optimizer
from optimlib.problems.surfaces import Surface
from optimlib.running import floats as loop

Point = tuple[float, float, float, float]  # x, y, the value and the gradient's norm


def compiled(
    f: Any,
    grad: Callable[[Any], Any],
    curvature: Callable[[Any], Any] | None,
    opt: Optimizer,
    w: Any,
) -> loop.Loop | None:
    """The loop of a run; None where only arrays will do."""
    if type(f) is not Surface or grad != f.gradient:
        return None
    if "curvature" in opt.inputs and curvature != f.curvature:
        return None
    if not isinstance(w, np.ndarray) or w.shape != (2,) or w.dtype != np.float64:
        return None
    if not _is_plain(opt):
        return None
    method: Any = type(opt)
    return loop.compiled(method, opt.choices(), f.formula)


def _is_plain(opt: Optimizer) -> bool:
    """Whether nothing but its rule and numbers decides on a step."""
    settings = (getattr(opt, name) for name in opt.hypers)
    return (
        opt.population is None
        and opt.project is None
        and "norm" not in opt.inputs
        and getattr(opt.step, "__func__", None) is Optimizer.step
        and all(type(setting) in (int, float) for setting in settings)
    )


def taken(
    steps: loop.Loop, opt: Optimizer, w: Any, most: int, limit: float
) -> tuple[Any, list[Point]]:
    """Take steps as long as nothing is out of the ordinary.

    The optimizer has taken one already, with such weights.

    Returns:
        The new w, and the points from which the steps were taken.
    """
    (block,) = opt.blocks
    state = [block.state[name].reshape(-1) for name in opt.state_names]
    settings = [float(getattr(opt, name)) for name in opt.hypers]
    points: list[Point] = []
    t, numbers = steps(
        points.append, most, limit, opt.t + 1.0,
        *w.tolist(), *np.concatenate([[], *state]).tolist(), *settings,
    )  # fmt: skip
    opt.t = int(t) - 1
    new = iter(numbers)
    new_w = np.array([next(new), next(new)])
    for part in state:
        part[:] = [next(new) for _ in part]
    return new_w, points
