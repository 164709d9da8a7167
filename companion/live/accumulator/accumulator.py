"""AdaGrad's accumulator, operated: the slides' two weights, and further gradients of the reader's choice."""

from typing import Any, ClassVar

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from companion import figures
from companion.lab import rates
from companion.live import Live, Number
from optimlib import Adagrad

SLIDES = [[0.1, 20.0], [0.2, 10.0]]  # the two gradients of the one weight and the other
MOST, LARGEST = 12, 1000.0
COLORS = ("blue", "orange")


class Gradients(traitlets.List[Any]):
    """Pairs of gradients, [of the first weight, of the second], one pair a step."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the pairs as lists of floats. Raises TraitError."""
        try:
            g = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            g = np.empty(0)
        fits = g.ndim == 2 and g.shape[1] == 2 and len(g) <= MOST
        if not fits or not (np.abs(g) <= LARGEST).all():
            raise traitlets.TraitError(
                f"{self.name} is {value!r}; allowed: 1 to {MOST} pairs of numbers "
                f"from {-LARGEST:g} to {LARGEST:g}"
            )
        return g.tolist()


class Accumulator(Live):
    """AdaGrad on two weights, with the learning rate 1, for any gradients.

    Traits: gradients, 1 to 12 pairs of numbers, a pair a step; scale, what the second weight's are multiplied by, in
    [0.001, 1000]; t, the step that the table shows, at least 1 and at most 12 (where there are fewer, the last).

    >>> Accumulator(t=1)
    Accumulator(gradients=[[0.1, 20.0], [0.2, 10.0]], scale=1.0, t=1)
    """

    title = "AdaGrad's accumulator"
    about = (
        "Two weights get gradients of very different size, and AdaGrad divides each by the root of its own sum of "
        "squares. Continue the two sequences yourself: the sum never falls."
    )
    heights: ClassVar[tuple[int, int]] = (673, 1092)
    caption = (
        "Two weights under AdaGrad with $\\eta = 1$. Each gradient's square has its share of the accumulator, and the "
        "length of a step is the root of the newest one's share, whatever the gradients' scale."
    )
    alt = (
        "Two panels of bars, a pair a step. The gradients of the first weight, 0.1 and 0.2, can hardly be seen beside "
        "those of the second, 20 and 10. The steps are alike: 1 and 1, then 0.89 and 0.45."
    )
    gradients = Gradients(SLIDES).tag(sync=True)
    scale = Number(1, 0.001, 1000)
    t = Number(2, 1, MOST, whole=True)

    @classmethod
    def constants(cls) -> dict[str, Any]:
        """How many pairs there may be, and how large a number."""
        return {"most": MOST, "largest": LARGEST}

    def run(self) -> dict[str, NDArray[np.floating]]:
        """What AdaGrad makes of the gradients: g, v, rate and step, each of shape (T, 2)."""
        opt = Adagrad(lr=1.0)
        rows: dict[str, list[Any]] = {"g": [], "v": [], "rate": [], "step": []}
        for pair in self.gradients:
            g = np.array(pair) * [1.0, self.scale]
            rows["step"].append(0 - opt.step(np.zeros(2), g))
            rows["g"].append(g)
            rows["v"].append(opt.state["v"])
            rows["rate"].append(rates.effective(opt))
        return {name: np.array(row) for name, row in rows.items()}

    def draw(self, figure: Figure) -> None:
        """Draw the gradients and the steps."""
        figure.set_size_inches(4.8, 3.0)
        run = self.run()
        left, right = figure.subplots(1, 2)
        _bars(left, run["g"], "Gradients")
        _bars(right, run["step"], "Steps, in η")
        left.legend(loc="upper right")


def _bars(ax: Axes, values: NDArray[np.floating], title: str) -> None:
    """The two weights' values side by side, a pair a step."""
    steps = np.arange(1, len(values) + 1)
    for k, (name, hatch) in enumerate(zip(COLORS, ("", "///"))):
        look: dict[str, Any] = {
            "fc": figures.color(name) if not hatch else "none",
            "ec": figures.color(name),
        }
        place = steps + (k - 0.5) * 0.36
        ax.bar(place, values[:, k], 0.32, hatch=hatch, label=f"weight {k + 1}", **look)
        for x, value in zip(place, values[:, k]):
            ax.annotate(f"{value:.3g}", (x, max(value, 0)), ha="center", va="bottom")
    ax.axhline(0, color=figures.color("muted"), lw=1)
    ax.set(title=title, xlabel="step $t$", xticks=steps)
    ax.margins(y=0.15)
