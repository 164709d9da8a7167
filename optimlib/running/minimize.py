"""Running an optimizer on a function."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from optimlib.arrays import checks
from optimlib.arrays.nests import Path, flatten, rebuild
from optimlib.clipping import global_norm
from optimlib.optimizer import Optimizer
from optimlib.running import plane
from optimlib.settings import check_number, check_whole, rate


@dataclass(frozen=True)
class Trajectory:
    """A recorded run of n steps; its length is n.

    Attributes:
        w: like w0, each array with a leading axis of n + 1 points, the start first.
        f: shape (n + 1,), or (n + 1, ...) where f returns an array: the function there.
        grad_norm: shape (n + 1,), or (n + 1, P) in a population: the Euclidean norm of
            the whole gradient there.
        stopped: "tolerance" where the norm came down to it, "steps" where the step
            limit ended the run, "diverged" where f, the gradient, w or what else the
            method asks for left the finite numbers (the last recorded point is the last
            finite one; there is none where the start is not finite).
    """

    w: Any
    f: np.ndarray
    grad_norm: np.ndarray
    stopped: str

    def __len__(self) -> int:
        return max(len(self.f) - 1, 0)


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

    One start on a `Surface`, with its own gradient and plain numbers for settings, runs
    on plain floats: the same numbers to the bit, some hundred times faster.

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
            not finite and 0 or more, in a population an f without a number for each
            member, and what `Optimizer.step` raises.
        TypeError: for a tolerance that is no number, an opt that is no optimizer, an f
            that gives no real numbers, and where the method needs the curvature and it
            is not given.
        FloatingPointError: where a member of a population leaves the finite numbers and
            the optimizer does not have nonfinite="ignore".

    Example:
        >>> from optimlib import SGD
        >>> run = minimize(lambda w: w @ w, lambda w: 2 * w, [1.0, 1.0], SGD(lr=0.25), 3)
        >>> run.f, run.stopped
        (array([2.     , 0.5    , 0.125  , 0.03125]), 'steps')
    """
    check_optimizer(opt)
    steps = check_whole("steps", steps)
    limit = -1.0
    if tolerance is not None:
        limit = check_number("tolerance", tolerance, rate(0.0))
    points: list[dict[Path, Any]] = []
    values: list[Any] = []
    norms: list[Any] = []
    stopped, w = "steps", rebuild(w0, checks.as_arrays("w0", w0))
    loop = plane.compiled(f, grad, curvature, opt, w)
    while len(points) <= steps:
        value, g = _value(f(w), opt.population), grad(w)
        arrays = flatten(w)
        norm = np.asarray(global_norm(g, opt.population))
        running = finite([value, norm, *arrays.values()], opt.population)
        if not running.any():
            stopped = "diverged"
            break
        points.append(arrays)
        values.append(value)
        norms.append(norm)
        if (norm[running] <= limit).all():
            stopped = "tolerance"
            break
        if len(points) <= steps:
            moved = step(opt, w, value, g, grad, curvature)
            if moved is None:
                stopped = "diverged"
                break
            w = moved
        if loop is not None and len(points) < steps:
            # The first step was a step of arrays: the optimizer has its state.
            w, taken = plane.taken(loop, opt, w, steps - len(points), limit)
            points += [{(): point[:2]} for point in taken]
            values += [point[2] for point in taken]
            norms += [point[3] for point in taken]
            loop = None
    return Trajectory(_stacked(w0, points), np.array(values), np.array(norms), stopped)


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
    return _stacked(w0, points)


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
        needs["curvature"] = curvature(w)
    try:
        if "gradient" in opt.inputs:
            return opt.step(w, gradient=grad)
        return opt.step(w, g, **needs)
    except FloatingPointError:
        if opt.population is not None:
            raise
        return None


def check_optimizer(opt: Any) -> None:
    """Refuse what is no optimizer, such as its class. Raises TypeError."""
    if not isinstance(opt, Optimizer):
        raise TypeError(f"opt is {opt!r}; allowed: an optimizer, as in SGD(lr=0.01)")


def _copied(arrays: dict[Path, Any]) -> dict[Path, Any]:
    """The same arrays in memory of their own."""
    return {path: np.array(array) for path, array in arrays.items()}


def _stacked(w0: Any, points: list[dict[Path, Any]]) -> Any:
    """The points as one nest like w0, each array with a leading axis of points."""
    paths = flatten(w0)
    stacked = {path: np.array([point[path] for point in points]) for path in paths}
    return rebuild(w0, stacked)


def _value(value: Any, population: int | None) -> np.ndarray:
    array = checks.real("what f returns", value)
    if population is not None and array.shape[:1] != (population,):
        raise ValueError(
            f"what f returns has shape {array.shape}; allowed: a first axis of length "
            f"{population}, the population"
        )
    return array


def finite(parts: Iterable[np.ndarray], population: int | None) -> np.ndarray:
    """Whether all is finite: shape (), or (P,) with an answer for each member."""
    if population is None:
        return np.array(all(np.isfinite(part).all() for part in parts))
    rows = [np.isfinite(part).reshape(population, -1).all(axis=1) for part in parts]
    members: np.ndarray = np.all(rows, axis=0)
    return members
