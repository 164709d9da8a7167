r"""Momentum on a quadratic, operated: its poles, and the regions of learning rate and momentum.

In a direction of curvature h the gradient is h w, and momentum's two lines

    v_t = mu v_{t-1} - lr h w_{t-1},    w_t = w_{t-1} + v_t

are, without v, one recursion of the second order, since v_{t-1} = w_{t-1} - w_{t-2}:

    w_t = (1 + mu - x) w_{t-1} - mu w_{t-2},    x = lr h.

Its solutions are made of z_1^t and z_2^t, the powers of its poles, the roots of

    z^2 - (1 + mu - x) z + mu = 0.

With 0 <= mu < 1 and x > 0:

- the poles are complex where (1 - sqrt(mu))^2 < x < (1 + sqrt(mu))^2; then |z| = sqrt(mu), whatever x is, and w
  oscillates;
- for smaller x both are real and not negative: from rest, w shrinks and keeps its sign;
- for larger x both are real and not positive: from rest, w changes sign at every step; one of them is -1 where
  x = 2 (1 + mu), and beyond that w grows;
- the momentum with the least max |z| is mu = (1 - sqrt(x))^2, where the poles meet: |z| = |1 - sqrt(x)|;
- for curvatures from m to L, lr = (2 / (sqrt(L) + sqrt(m)))^2 and mu = ((sqrt(k) - 1) / (sqrt(k) + 1))^2 are best, where
  k = L / m; the rate is sqrt(mu). Without momentum it is at best (k - 1) / (k + 1), at lr = 2 / (L + m).

Sources: Polyak, Some methods of speeding up the convergence of iteration methods (1964), section 4; Goh, Why momentum
really works (2017), "The critical damping coefficient" and "Optimal parameters".
"""

from typing import Any, ClassVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from companion import figures
from companion.live import Live, Number
from optimlib import Momentum

STEPS = 50
WIDEST = 4.4  # lr h at the plane's right edge; nothing converges beyond 4
DIRECTIONS = (("blue", "-", "o"), ("orange", "--", "s"))


class Damping(Live):
    """Momentum on a quadratic of two directions, each a point of the plane of lr h and momentum.

    Traits: lr, 0.0001 to 500; momentum, 0 to 0.99; h1 and h2, the curvatures, 0.01 to 100. The start is (1, 1).

    >>> Damping(lr=2)
    Damping(h1=1.0, h2=0.1, lr=2.0, momentum=0.1)
    """

    title = "Momentum's damping"
    about = (
        "On a quadratic, momentum in each direction is a recursion with two poles. The plane of learning rate and "
        "momentum shows where it creeps, oscillates, alternates or diverges, and where it is fastest."
    )
    heights: ClassVar[tuple[int, int]] = (741, 1479)
    caption = (
        "Momentum on a quadratic with two curvatures. Each direction is a point of the plane: the learning rate times its "
        "curvature, and the momentum, which both share. It has two poles; the distance shrinks by the larger $|z|$ a "
        "step. Click or drag in the plane, or use the sliders."
    )
    alt = (
        "Two panels. The plane of learning rate times curvature and momentum is cut into four regions: monotone at the "
        "lower left, oscillating in the middle, alternating in a wedge at the bottom, diverging on the right. The weights "
        "of a steep direction change sign at every step while those of a flat one creep to zero."
    )
    lr = Number(1.8, 0.0001, 500)
    momentum = Number(0.1, 0, 0.99)
    h1 = Number(1, 0.01, 100)
    h2 = Number(0.1, 0.01, 100)

    @classmethod
    def constants(cls) -> dict[str, Any]:
        """The number of steps, and the plane's right edge."""
        return {"steps": STEPS, "widest": WIDEST}

    def path(self) -> NDArray[np.float64]:
        """The weights over the steps from (1, 1), shape (STEPS + 1, 2)."""
        opt = Momentum(lr=self.lr, momentum=self.momentum, nonfinite="ignore")
        w = [np.ones(2)]
        for _ in range(STEPS):
            w.append(opt.step(w[-1], np.array([self.h1, self.h2]) * w[-1]))
        return np.stack(w)

    def draw(self, figure: Figure) -> None:
        """Draw the plane with its regions, and the weights over the steps."""
        figure.set_size_inches(4.8, 6.2)
        plane, weights = figure.subplots(2, 1)
        self._draw_regions(plane)
        path = self.path()
        for h, w, (name, dash, marker) in zip(
            (self.h1, self.h2), path.T, DIRECTIONS, strict=True
        ):
            color = figures.color(name)
            place = min(self.lr * h, WIDEST), self.momentum
            plane.plot(*place, marker, color=color, ms=7, clip_on=False)
            weights.plot(
                w, dash, marker=marker, ms=3, color=color, label=f"curvature {h:g}"
            )
        weights.axhline(0, color=figures.color("muted"), lw=1)
        weights.set(title="The two weights", xlabel="step", ylim=(-1.5, 1.5))
        weights.legend(loc="lower right")

    def _draw_regions(self, plane: Axes) -> None:
        root = np.linspace(0, 1, 101)
        ink = figures.color("ink")
        plane.plot((1 - root) ** 2, root**2, color=figures.color("green"))
        plane.plot((1 + root) ** 2, root**2, color=figures.color("purple"))
        plane.plot([2, 4], [0, 1], "--", color=figures.color("red"))
        plane.text(1.2, 0.84, "oscillates")
        plane.text(3.3, 0.4, "diverges")
        line = {"arrowstyle": "-", "color": ink, "lw": 0.8}
        plane.annotate("monotone", (0.12, 0.24), (0.6, 0.3), arrowprops=line)
        plane.annotate("alternates", (1.93, 0.07), (2.5, 0.18), arrowprops=line)
        plane.set(
            title="Rate × curvature, momentum", xlabel=r"$\eta h$", ylabel=r"$\mu$",
            xlim=(0, WIDEST), ylim=(0, 1),
        )  # fmt: skip
