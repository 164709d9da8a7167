"""An optimizer on a function, each point recorded."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from optimlib.arrays import checks
from optimlib.arrays.nests import Path, flatten, rebuild
from optimlib.clipping import global_norm
from optimlib.optimizer import Optimizer
from optimlib.running import floats
from optimlib.running.steps import check_optimizer, finite, read_only, stacked, step
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
        w0: float array or nest of them; left as it is. f, grad and curvature are given
            arrays, also where w0 has lists of numbers, that are read-only: NumPy raises
            a ValueError where one of them writes to w.
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
    start = {path: x.copy() for path, x in checks.as_arrays("w0", w0).items()}
    w = rebuild(w0, start)
    run = _Run(f, grad, opt, curvature, limit)
    loop = floats.compiled(f, grad, curvature, opt, w)
    if loop is not None and steps > 1:
        w = run.go(w, 1)  # a step of arrays, after which the optimizer has its state
        if not run.stopped:
            w = run.took(*floats.taken(loop, opt, w, steps - 1, limit))
    w = run.go(w, steps)
    if not run.stopped:
        run.look(w)
    return Trajectory(
        stacked(w0, run.points),
        np.array(run.values),
        np.array(run.norms),
        run.stopped or "steps",
    )


@dataclass
class _Run:
    """A run as it goes on: the points so far, and why it ended if it did."""

    f: Callable[[Any], Any]
    grad: Callable[[Any], Any]
    opt: Optimizer
    curvature: Callable[[Any], Any] | None
    limit: float
    points: list[dict[Path, Any]] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    norms: list[Any] = field(default_factory=list)
    stopped: str = ""

    def go(self, w: Any, steps: int) -> Any:
        """Take steps until so many are taken: where they lead."""
        while not self.stopped and len(self.points) < steps:
            value, g = self.look(w)
            if self.stopped:
                break
            moved = step(self.opt, w, value, g, self.grad, self.curvature)
            if moved is None:
                self.stopped = "diverged"
                break
            w = moved
        return w

    def look(self, w: Any) -> tuple[np.ndarray, Any]:
        """The function and its gradient at a point, which is recorded if it is finite."""
        population = self.opt.population
        seen = read_only(w)
        value, g = _value(self.f(seen), population), self.grad(seen)
        arrays = flatten(w)
        norm = np.asarray(global_norm(g, population))
        running = finite([value, norm, *arrays.values()], population)
        if not running.any():
            self.stopped = "diverged"
            return value, g
        self.points.append(arrays)
        self.values.append(value)
        self.norms.append(norm)
        if (norm[running] <= self.limit).all():
            self.stopped = "tolerance"
        return value, g

    def took(self, w: Any, points: list[floats.Point]) -> Any:
        """Record the steps that floats took."""
        self.points += [{(): point[:2]} for point in points]
        self.values += [point[2] for point in points]
        self.norms += [point[3] for point in points]
        return w


def _value(value: Any, population: int | None) -> np.ndarray:
    array = checks.real("what f returns", value).copy()  # f may use it again
    if population is not None and array.shape[:1] != (population,):
        raise ValueError(
            f"what f returns has shape {array.shape}; allowed: a first axis of length "
            f"{population}, the population"
        )
    return array
