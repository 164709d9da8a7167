"""Backpropagation, operated: the course's network, step by step, forward and back."""

from typing import Any, ClassVar

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from companion import figures
from companion.live import Choice, Live, Number
from companion.live.generated.backward import LAYERS, TARGET, entropy, forward, squared

STEPS = 6  # three forward, three back


class Backprop(Live):
    """The course's network with the target (1, 0), forward and back.

    Traits: t, how many steps are done, 0 to 6: three layers forward, then three back; x1 and x2, the input, each in
    [-6, 6]; cost, "squared" or "cross-entropy".

    >>> Backprop(t=6)
    Backprop(cost='squared', t=6, x1=1.0, x2=-1.0)
    """

    title = "Backpropagation, step by step"
    about = (
        "Three steps carry the input forward to the answer, three carry the signal back. Below the network stands "
        "how the newest number comes about."
    )
    heights: ClassVar[tuple[int, int]] = (595, 728)
    caption = (
        "The course's network with the target $(1, 0)$. Above each neuron stands its activation, below it its "
        "signal, and on the lines the weights."
    )
    alt = (
        "Four columns of two circles, joined by lines that carry the weights. Above the circles are the activations, "
        "from the input on the left to the answer on the right; below them the signals, which grow smaller from "
        "right to left."
    )
    t = Number(0, 0, STEPS, whole=True)
    x1 = Number(1, -6, 6)
    x2 = Number(-1, -6, 6)
    cost = Choice("squared", "cross-entropy")

    @classmethod
    def constants(cls) -> dict[str, Any]:
        """How many steps there are, the weights and biases, the target."""
        return {
            "steps": STEPS,
            "layers": [{"W": W, "b": b} for W, b in LAYERS],
            "target": list(TARGET),
        }

    def numbers(self) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """The activations, the input first, shape (4, 2), and the signals, shape (3, 2)."""
        signals = {"squared": squared, "cross-entropy": entropy}[self.cost]
        activations = [self.x1, self.x2, *forward(self.x1, self.x2)]
        return (
            np.reshape(activations, (4, 2)),
            np.reshape(signals(self.x1, self.x2), (3, 2)),
        )

    def draw(self, figure: Figure) -> None:
        """Draw the network with the numbers of the steps that are done."""
        figure.set_size_inches(4.8, 3.2)
        ax = figure.subplots()
        activations, signals = self.numbers()
        box = {"fc": figures.color("paper"), "lw": 0, "pad": 1}
        look: dict[str, Any] = {"ha": "center", "va": "center", "bbox": box}
        for l, (W, _) in enumerate(LAYERS):
            for i, j in np.ndindex(2, 2):
                ax.plot([l, l + 1], [1 - j, 1 - i], color=figures.color("faint"))
                place = (l + 0.36, 1 - 0.64 * j - 0.36 * i)
                ax.text(*place, _written(W[i][j], "g"), **look)
        for l, i in np.ndindex(4, 2):
            ax.plot(l, 1 - i, "o", color=figures.color("blue"), ms=9)
            if l <= self.t:
                said = _written(float(activations[l, i]), ".3f" if l else "g")
                ax.text(l, 1.18 - i, said, color=figures.color("blue"), **look)
            if l and self.t >= STEPS + 1 - l:
                said = _written(float(signals[l - 1, i]), ".4f")
                ax.text(l, 0.82 - i, said, color=figures.color("orange"), **look)
        for l, name in enumerate(("input", "layer 1", "layer 2", "layer 3")):
            ax.text(l, 1.45, name, **look)
        ax.set(xlim=(-0.3, 3.4), ylim=(-0.3, 1.55))
        ax.axis("off")


def _written(number: float, digits: str) -> str:
    return f"{number:{digits}}".replace("-", "−")
