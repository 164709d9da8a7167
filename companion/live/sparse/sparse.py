"""Sparse features, operated: six methods on the toy set, one example a step, and the rate that each weight gets."""

from typing import Any, ClassVar

import numpy as np
from contourpy import contour_generator
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from companion import figures
from companion.lab import rates
from companion.lab.toymap import METHODS, ToyMap, surface, thinned
from companion.live import Choice, Live, Number, looks
from optimlib.problems import sparse_toy

STEPS = 400
# The learning rates of the chapter's six paths.
LEARNING_RATES = {
    "SGD": 10.0, "Momentum": 1.0, "Nesterov": 1.0, "Adagrad": 0.3, "RMSprop": 0.03, "Adam": 0.1,
}  # fmt: skip
ROOM = 1.8  # about a start and the minimum, on the map
LEVELS = (0.001, 0.005, 0.014, 0.03, 0.06, 0.1)

TOY = sparse_toy(0)
MAP = ToyMap(seeds=1)
STARTS, GOAL = MAP.start[0], MAP.goal[0, 0]
ORDER = np.random.default_rng(0).permutation(len(TOY.y))[:STEPS]
Floats = NDArray[np.floating]


class Sparse(Live):
    """Six methods on the toy set, each step with one of its examples.

    Traits: t, the step, 0 to 400; method, the one whose rates are drawn step by step; factor, of all learning rates,
    in [0.1, 5]; start, which of twelve places about the minimum, from 1.

    >>> Sparse(t=200)
    Sparse(factor=1.0, method='Adagrad', start=5, t=200)
    """

    title = "Sparse features"
    about = (
        "A neuron learns from inputs that are mostly zero. The figure shows each weight's effective learning rate, "
        "step by step: what a rate of its own does for a weight that seldom gets a gradient."
    )
    heights: ClassVar[tuple[int, int]] = (1072, 1470)
    caption = (
        "The toy set, one example a step. $x$ is 0 in four examples of five, and then only $b$ gets a "
        "gradient. The map has the weights of six methods on level lines of the cost; the scale has their effective "
        "rates, what each multiplies a gradient of $w$ and of $b$ by."
    )
    alt = (
        "Two panels. In the first, six paths over the weights w and b: with one rate for both they fall along b first, with "
        "adaptive rates they leave diagonally. In the second, the effective rates of w and b: equal for gradient descent, "
        "momentum and Nesterov, several times larger for w than for b with AdaGrad, RMSProp and Adam."
    )
    t = Number(60, 0, STEPS, whole=True)
    method = Choice("Adagrad", *(name for name in METHODS if name != "Adagrad"))
    factor = Number(1, 0.1, 5)
    start = Number(5, 1, len(STARTS), whole=True)

    @classmethod
    def constants(cls) -> dict[str, Any]:
        """The set with each point's count, the order of the examples, the methods, and what stands in the background."""
        rows = np.column_stack([TOY.x, TOY.y])
        points, index, counts = np.unique(
            rows, axis=0, return_inverse=True, return_counts=True
        )
        return {
            "points": [[*p, int(n)] for p, n in zip(points.tolist(), counts)],
            "order": index.ravel()[ORDER].tolist(),
            "rates": list(LEARNING_RATES.items()),
            "looks": looks(LEARNING_RATES),
            "starts": STARTS.tolist(),
            "goal": GOAL.tolist(),
            "windows": [_window(start) for start in STARTS],
            "levels": _level_lines(),
        }

    def draw(self, figure: Figure) -> None:
        """Draw the six paths up to step t, and the effective rates of that step."""
        figure.set_size_inches(4.8, 7)
        plane, scale = figure.subplots(2, 1, height_ratios=[3, 2])
        w, b = _window(STARTS[int(self.start) - 1])
        surface(plane, TOY, w, b, LEVELS)
        for row, name in enumerate(LEARNING_RATES):
            path, rate = self.run(name)
            look = figures.look(name)
            line = np.vstack([thinned(path, 0.05), path[-1:]])
            plane.plot(*line.T, **{**look, "marker": None})
            plane.plot(*path[-1], look["marker"], color=look["color"])
            _dumbbell(scale, row, rate, look)
        plane.plot(*GOAL, "x", color=figures.color("ink"), markersize=8)
        plane.set_title(f"The weights at step {int(self.t)}")
        titles = [figures.look(name)["label"] for name in LEARNING_RATES]
        scale.set_yticks(range(len(titles)), titles)
        scale.set(title="Effective rates: w filled, b hollow", xscale="log")
        scale.set(ylim=(len(titles) - 0.5, -0.5))

    def run(self, name: str) -> tuple[Floats, Floats]:
        """A method's weights (w, b) from the start to step t, shape (t + 1, 2), and its effective rates then, (2,).

        Before the first step the rates are NaN.
        """
        opt = METHODS[name](lr=self.factor * LEARNING_RATES[name])
        path = [STARTS[int(self.start) - 1]]
        for i in ORDER[: int(self.t)]:
            path.append(opt.step(path[-1], TOY.of(i).gradient(path[-1])))
        rate = rates.effective(opt) if self.t else np.nan
        return np.array(path), np.broadcast_to(rate, 2)


def _dumbbell(ax: Axes, row: int, rate: Floats, look: dict[str, Any]) -> None:
    """The rates of w and b in a method's row."""
    ax.plot(rate, [row, row], color=look["color"], lw=1)
    ax.plot(rate[1], row, look["marker"], color=look["color"], mfc="none", ms=9)
    ax.plot(rate[0], row, look["marker"], color=look["color"])


def _window(start: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    """The ranges of w and b that a map of the runs from this start shows."""
    corners = np.array([start, GOAL])
    low, high = corners.min(axis=0) - ROOM, corners.max(axis=0) + ROOM
    w, b = zip(low.round(2).tolist(), high.round(2).tolist())
    return w, b


def _level_lines() -> list[list[list[float]]]:
    """The level lines of the cost on all maps, rounded for drawing."""
    low, high = STARTS.min(axis=0) - ROOM, STARTS.max(axis=0) + ROOM
    across, up = np.linspace(low, high, 101).T
    costs = TOY.loss(np.stack(np.meshgrid(across, up), axis=-1))
    generator = contour_generator(across, up, costs)
    lines: list[Any] = [line for level in LEVELS for line in generator.lines(level)]
    return [
        np.vstack([thinned(line, 0.1), line[-1:]]).round(2).tolist() for line in lines
    ]
