"""Experiments that do not hang on one lucky run.

They take paths from a map of starting points on several data sets at once. Shapes: S
data sets, M starting points on each, T steps; theta = (w, b). A bundle of paths is
(T + 1, S, M, 2). A method with a population of P, one rate for each, walks all of them
at once: every shape then has P before S.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from contourpy import contour_generator
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from companion.figures import color
from optimlib import SGD, Adagrad, Adam, Momentum, Nesterov, RMSprop, walk
from optimlib.optimizer import Optimizer
from optimlib.problems import SideBySide, SigmoidNeuron, sparse_toy

Floats = NDArray[np.floating]

METHODS: dict[str, Callable[..., Optimizer]] = {
    method.__name__: method
    for method in (SGD, Momentum, Nesterov, Adagrad, RMSprop, Adam)
}
RADIUS, TOLERANCE, STAY = 3.0, 0.1, 50


class ToyMap:
    """Toy sets of several seeds, with starting points about each one's minimum.

    The points are on a circle of radius 3.

    seeds : how many sets, S. starts : M, a multiple of 4, at equal angles, so that none
    is level with the minimum. Other arguments go to `sparse_toy`. neuron : the sets
    SideBySide; goal : (S, 1, 2) the minima; start : (S, M, 2). Raises ValueError for
    another number of starts.
    """

    def __init__(self, seeds: int = 8, starts: int = 12, **toy: Any) -> None:
        if starts < 4 or starts % 4:
            raise ValueError(f"starts is {starts!r}; allowed: a multiple of 4")
        sets = [sparse_toy(seed, **toy) for seed in range(seeds)]
        angle = 2 * np.pi * (np.arange(starts) + 0.5) / starts
        self.neuron = SideBySide(sets)
        self.goal = np.array([neuron.minimum() for neuron in sets])[:, None]
        self.start = self.goal + RADIUS * np.column_stack(
            [np.cos(angle), np.sin(angle)]
        )

    def paths(self, opt: Optimizer, steps: int, scale: float = 1.0) -> Floats:
        """Every point of every run, (T + 1, S, M, 2), by `opt` made fresh.

        The cost is multiplied by `scale`.
        """
        opt.reset()
        members = () if opt.population is None else (opt.population,)
        start = np.broadcast_to(self.start, members + self.start.shape)
        points: Floats = walk(
            opt, start, lambda w: scale * self.neuron.gradient(w), steps
        )
        return points

    def arrivals(self, opt: Optimizer, steps: int, scale: float = 1.0) -> Floats:
        """The first step from which a run stays near its minimum, (S, M).

        That is within 0.1 of it for 50 steps; inf if there is no such step. No run goes
        on for more than `steps` steps and these 50.
        """
        paths = self.paths(opt, steps + STAY, scale)
        away = np.cumsum(np.linalg.norm(paths - self.goal, axis=-1) > TOLERANCE, axis=0)
        stays = away[STAY:] == away[:-STAY]  # no step away among those after t
        return np.where(stays.any(axis=0), np.argmax(stays, axis=0) + 1.0, np.inf)

    def median_steps(self, opt: Optimizer, steps: int) -> Floats:
        """The median of `arrivals` over the map: inf if half of them never arrive."""
        middle: Floats = np.median(self.arrivals(opt, steps), axis=(-2, -1))
        return middle

    def share_arrived(self, opt: Optimizer, steps: int, scale: float = 1.0) -> Floats:
        """The share of the map's runs that arrive."""
        arrived = np.isfinite(self.arrivals(opt, steps, scale))
        share: Floats = arrived.mean(axis=(-2, -1))
        return share

    def share_turned(self, opt: Optimizer, steps: int, by: float = 0.3) -> Floats:
        """The share of runs in which w or b goes past its minimum by more than `by`."""
        turned = (self.beyond(self.paths(opt, steps)) > by).any(axis=-1)
        share: Floats = turned.mean(axis=(-2, -1))
        return share

    def progress(self, paths: Floats) -> Floats:
        """The share of its way that each coordinate has covered, (T + 1, S, M, 2).

        It is 0 at the start, 1 at the minimum.
        """
        return (paths - self.start) / (self.goal - self.start)

    def lead_of_b(self, paths: Floats) -> Floats:
        """The share of its way that b has covered, (S, M).

        Taken when w has first covered a tenth of its own.
        """
        progress = self.progress(paths)
        started = np.argmax(progress[..., 0] >= 0.1, axis=0)
        lead: Floats = np.take_along_axis(progress[..., 1], started[None], axis=0)[0]
        return lead

    def beyond(self, paths: Floats) -> Floats:
        """How far each coordinate went past its minimum at most, (S, M, 2).

        As seen from the start; 0 if it never did.
        """
        past = (paths - self.goal) * np.sign(self.goal - self.start)
        farthest: Floats = past.max(axis=0).clip(min=0)
        return farthest

    def gaps(self, paths: Floats, others: Floats, near: float = TOLERANCE) -> Floats:
        """How far each run's curve strays from that of the same run among `others`.

        As a part of the radius, (S, M). Only up to where the run comes within `near` of
        its minimum.
        """
        runs = range(paths.shape[1]), range(paths.shape[2])
        return np.array(
            [
                [
                    curve_gap(paths[:, s, m], others[:, s, m], self.goal[s, 0], near)
                    / RADIUS
                    for m in runs[1]
                ]
                for s in runs[0]
            ]
        )


def step_determinant(
    method: Callable[..., Optimizer], momentum: float, lr: float, curvature: float
) -> float:
    """The determinant of one step's linear map of (position, velocity).

    The cost has this curvature; the map is taken from steps.
    """
    images = []
    for position, velocity in ((1.0, 0.0), (0.0, 1.0)):
        opt = method(lr=lr, momentum=momentum)
        w = opt.step(np.zeros(1), np.zeros(1))  # now there is a velocity to set
        opt.load_state_dict({**opt.state_dict(), "state": {"v": w + velocity}})
        w = opt.step(w + position, np.array([curvature * position]))
        images.append([w[0], opt.state["v"][0]])
    return float(np.linalg.det(np.array(images).T))


def approach(path: Floats, goal: Floats, near: float) -> Floats:
    """A path, (T + 1, 2), up to the first point within `near` of the goal.

    All of it where there is none.
    """
    close = np.linalg.norm(path - goal, axis=-1) < near
    return path[: np.argmax(close) + 1] if close.any() else path


def curve_gap(
    path: Floats,
    other: Floats,
    goal: Floats,
    near: float = 0.5,
    points: int = 60,
) -> float:
    """The largest distance of a path's points from the line of another path.

    Up to where it comes near the goal. path, other : (T + 1, 2). Only where the points
    lie counts, not when they were reached.
    """
    path = approach(path, goal, near)
    path = path[np.unique(np.linspace(0, len(path) - 1, points).astype(int))]
    corners = np.vstack(
        [other[:1], other[1:][np.linalg.norm(np.diff(other, axis=0), axis=-1) > 1e-4]]
    )
    begin, edge = corners[:-1], np.diff(corners, axis=0)
    along = ((path[:, None] - begin) * edge).sum(-1) / (edge**2).sum(-1)
    nearest = begin + along.clip(0, 1)[..., None] * edge
    return float(np.linalg.norm(path[:, None] - nearest, axis=-1).min(axis=1).max())


def epoch(neuron: SigmoidNeuron, opt: Optimizer, theta: Floats, seed: int) -> Floats:
    """Theta, (K + 1,), after one pass over all points.

    They come one at a time, in a random order.
    """
    alike: dict[tuple[float, ...], SigmoidNeuron] = {}
    for i in np.random.default_rng(seed).permutation(len(neuron.y)):
        point = (*neuron.x[i], neuron.y[i])
        if point not in alike:
            alike[point] = neuron.of(i)
        theta = opt.step(theta, alike[point].gradient(theta))
    return theta


def thinned(path: Floats, step: float = 0.04) -> Floats:
    """A path, (T + 1, 2), without the points closer than `step` to the last one kept.

    For drawing.
    """
    kept = [0]
    for i in range(1, len(path)):
        if np.hypot(*(path[i] - path[kept[-1]])) >= step:
            kept.append(i)
    return path[kept]


def surface(
    ax: Axes,
    neuron: SigmoidNeuron,
    w: tuple[float, float],
    b: tuple[float, float],
    levels: Iterable[float],
) -> None:
    """Draw level lines of a neuron's cost on the axes.

    w and b are the ranges (low, high).
    """
    across, up = np.linspace(*w, 81), np.linspace(*b, 81)
    costs = neuron.loss(np.stack(np.meshgrid(across, up), axis=-1))
    for level in levels:
        lines: Any = contour_generator(across, up, costs).lines(level)
        for line in lines:  # an array, (n, 2)
            drawn = np.vstack([thinned(line, 0.04 * (w[1] - w[0])), line[-1:]])
            ax.plot(*drawn.T, color=color("faint"), linewidth=1.0)
    ax.set(xlabel="w", ylabel="b", xlim=w, ylim=b)


def shade(
    ax: Axes,
    values: np.ndarray,
    rows: Sequence[str],
    columns: Sequence[str],
    best: float = 1.0,
) -> None:
    """Draw a table of step counts on the axes, the darker the fewer.

    There is a cross where the runs never arrive.

    values : (rows, columns), inf for never; from 100 on they are rounded to tens.
    best : the count that gets the darkest shade.
    """
    for (i, j), value in np.ndenumerate(values):
        done = np.isfinite(value)
        value = round(value, -1 if value >= 100 else None) if done else value
        strength = 0.6 / (1 + np.log10(max(value, best) / best)) ** 2 if done else 0
        ax.text(
            j,
            i,
            f"{value:.0f}" if done else "×",
            ha="center",
            va="center",
            color=color("ink" if done else "muted"),
        )
        if done:
            ax.add_patch(
                Rectangle(
                    (j - 0.5, i - 0.5), 1, 1, facecolor=color("blue"), alpha=strength
                )
            )
    ax.set(xlim=(-0.5, len(columns) - 0.5), ylim=(len(rows) - 0.5, -0.5))
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
