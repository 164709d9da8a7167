"""Gradient descent on a ravine, operated: one learning rate for a steep direction and a flat one."""

from typing import Any, ClassVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from companion import figures
from companion.live import Live, Number
from companion.live.generated import ravine as formulas
from optimlib import SGD

STEPS = 100
SHARE = 1e-6  # of the distance, whose number of steps is said
FASTEST = 2.2  # the largest rate
REACH = (3.0, 2.0)  # of the start, across and up
DIRECTIONS = (("blue", "-", "o"), ("orange", "--", "s"))  # flat, steep
LEVELS = (0.02, 0.1, 0.3, 0.7, 1.3, 2.1)  # of the cost, for the map


class Ravine(Live):
    """Gradient descent on a quadratic of two curvatures, 1 and 1 / condition.

    Traits: rate, the learning rate, 0.02 to 2.2; condition, the condition number, 1 to 100; angle, by which the ravine
    is turned, in degrees, 0 to 90; x and y, the start.

    >>> Ravine(condition=20)
    Ravine(angle=0, condition=20, rate=1.0, x=-2.5, y=1.0)
    """

    title = "One rate for two directions"
    about = (
        "Gradient descent on a ravine. Each direction keeps its own share of the distance at every step, and one "
        "learning rate has to serve both. Find the best rate, the edge, and what a longer ravine costs."
    )
    heights: ClassVar[tuple[int, int]] = (557, 883)
    caption = (
        "**One rate has to serve two directions.** The steep direction of the ravine has the curvature 1, the flat one 1 "
        "divided by the condition number. Each dot of the second panel is the factor by which a step multiplies the "
        "distance along one of them. Drag the ring to start elsewhere."
    )
    alt = (
        "A map of a long valley with the path of gradient descent from a start on its slope; two straight lines of the "
        "factor of each direction against the learning rate, with a dot on each at the chosen rate; and the distance "
        "from the minimum over a hundred steps."
    )
    rate = Number(1, 0.02, FASTEST)
    condition = Number(10, 1, 100, whole=True)
    angle = Number(0, 0, 90, whole=True)
    x = Number(-2.5, -REACH[0], REACH[0])
    y = Number(1, -REACH[1], REACH[1])

    @classmethod
    def constants(cls) -> dict[str, Any]:
        """How many steps are drawn, the share whose steps are said, the reach of rate and start, the map's levels."""
        return {
            "steps": STEPS, "share": SHARE, "fastest": FASTEST, "reach": REACH, "levels": LEVELS,
        }  # fmt: skip

    def path(self) -> NDArray[np.float64]:
        """The points from the start on, shape (STEPS + 1, 2)."""
        opt, angle = SGD(lr=self.rate), np.radians(self.angle)
        w = [np.array([self.x, self.y])]
        for _ in range(STEPS):
            x, y = w[-1].tolist()
            g = np.array(formulas.gradient(x, y, self.condition, angle))
            w.append(opt.step(w[-1], g))
        return np.stack(w)

    def factors(self) -> tuple[float, float]:
        """What a step leaves along the flat and along the steep direction."""
        return (
            formulas.factor(self.rate, 1 / self.condition),
            formulas.factor(self.rate, 1.0),
        )

    def draw(self, figure: Figure) -> None:
        """Draw the map with the path, the factors, and the distance over the steps."""
        figure.set_size_inches(4.8, 6.6)
        map_, factors, far = figure.subplots(3, 1, height_ratios=[4, 3, 3])
        path = self.path()
        self._draw_map(map_, path)
        rates = np.array([0, FASTEST])
        curvatures = (1 / self.condition, 1.0)
        for h, now, (name, dash, marker) in zip(
            curvatures, self.factors(), DIRECTIONS, strict=True
        ):
            color = figures.color(name)
            label = "flat" if name == "blue" else "steep"
            factors.plot(rates, 1 - rates * h, dash, color=color, label=label)
            factors.plot(self.rate, now, marker, color=color)
        factors.set(
            title="The factor of each direction",
            xlabel="learning rate",
            ylim=(-1.25, 1.1),
        )
        factors.legend(loc="lower left")
        distance = np.linalg.norm(path, axis=1)
        shown = distance < 1e6
        far.semilogy(np.arange(STEPS + 1)[shown], np.maximum(distance[shown], 1e-12))
        far.set(title="Distance from the minimum", xlabel="step", ylim=(1e-6, 1e3))

    def _draw_map(self, ax: Axes, path: NDArray[np.float64]) -> None:
        angle = np.radians(self.angle)
        x, y = np.meshgrid(np.linspace(-3, 3, 81), np.linspace(-2, 2, 61))
        values = formulas.cost(x, y, self.condition, angle)
        ax.contour(x, y, values, LEVELS, colors=figures.color("muted"), linewidths=0.8)
        near = np.abs(path).max(axis=1) < 9
        ax.plot(*path[near].T, "o-", ms=3, lw=1, color=figures.color("ink"))
        ax.set(title="The path", xlim=(-3, 3), ylim=(-2, 2), aspect="equal")
