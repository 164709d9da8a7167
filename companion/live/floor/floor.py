"""The noise floor, operated: many runs on mini-batches, and how far they are spread about the minimum."""

from typing import Any, ClassVar

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from companion import figures
from companion.lab import noise
from companion.live import Choice, Live, Number

Floats = NDArray[np.floating]
EXAMPLES, RUNS, STEPS, START = 24, 200, 240, 3.0
# The places of the examples' minima: mean 0, mean square 1. The mean cost has the curvature 1.
PLACES = (np.arange(EXAMPLES) - 11.5) / np.sqrt((EXAMPLES**2 - 1) / 12)
BATCHES = [size for size in range(1, EXAMPLES + 1) if EXAMPLES % size == 0]


class Divisor(Number):
    """A number of examples that divides all of them."""

    def __init__(self, default: int) -> None:
        super().__init__(default, 1, EXAMPLES, whole=True)

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the number. Raises TraitError."""
        size = super().validate(obj, value)
        if size not in BATCHES:
            raise traitlets.TraitError(
                f"{self.name} is {size}; allowed: {', '.join(map(str, BATCHES))}"
            )
        return size


class Floor(Live):
    """200 runs on mini-batches of 24 examples, each of which pulls the weight to a place of its own.

    Traits: lr, the learning rate, from 0.05 to 1.9; batch, the examples to a step, a divisor of 24; way, "draw" (with
    replacement) or "shuffle"; schedule, "constant" or "falling" (the rate is then c/t); c, from 0.1 to 3; t, the step,
    0 to 240; seed, a whole number below 2^32.

    >>> Floor(batch=4)
    Floor(batch=4, c=1.0, lr=0.5, schedule='constant', seed=1, t=240, way='draw')
    """

    title = "The noise floor"
    about = (
        "Two hundred runs start at the same place and take mini-batches of 24 examples. At a constant rate they come "
        "near the minimum and no nearer. How near depends on the rate, on the size of the batch, and on whether the "
        "examples are drawn or shuffled."
    )
    heights: ClassVar[tuple[int, int]] = (733, 937)
    caption = (
        "Above, each dot is a run, and the band reaches the root of the predicted mean square to either side of the minimum. "
        "Below, the mean square of the distance from the minimum, measured over the runs and predicted."
    )
    alt = (
        "Two panels. In the upper one two hundred dots are spread about the minimum at zero. In the lower one the mean "
        "square of their distance falls from 9 and then stays at one third, where the prediction and the floor are."
    )
    lr = Number(0.5, 0.05, 1.9)
    batch = Divisor(1)
    way = Choice("draw", "shuffle")
    schedule = Choice("constant", "falling")
    c = Number(1, 0.1, 3)
    t = Number(STEPS, 0, STEPS, whole=True)
    seed = Number(1, 0, 2**32 - 1, whole=True)

    @classmethod
    def constants(cls) -> dict[str, Any]:
        """The places of the examples, how many runs and steps there are, where they start."""
        return {
            "places": PLACES.tolist(),
            "batches": BATCHES,
            "runs": RUNS,
            "steps": STEPS,
            "start": START,
        }

    def rates(self) -> Floats:
        """The learning rate of each step."""
        if self.schedule == "falling":
            return self.c / np.arange(1.0, STEPS + 1)
        return np.full(STEPS, self.lr)

    def predicted(self) -> Floats:
        """The mean square of w at the start and after each step, over all runs there could be."""
        return noise.spreads(
            self.way,
            self.rates(),
            start=START,
            curvature=1.0,
            variance=1.0,
            examples=EXAMPLES,
            batch=int(self.batch),
        )

    def runs(self) -> Floats:
        """The weights of the runs at the start and after each step, shape (STEPS + 1, RUNS)."""
        batch, rates = int(self.batch), self.rates()
        epochs = -(-STEPS * batch // EXAMPLES)
        rng = np.random.default_rng(int(self.seed))
        rows = noise.orders(self.way, rng, EXAMPLES, batch, epochs, RUNS)[:, :STEPS]
        return noise.descend(
            lambda w, rows: noise.gradient(w, PLACES[rows].mean(axis=1), 1.0),
            START,
            rows,
            lambda t: float(rates[t - 1]),
        )

    def draw(self, figure: Figure) -> None:
        """Draw the runs at step t, and the mean squares."""
        figure.set_size_inches(4.8, 5.2)
        cloud, spread = figure.subplots(2, 1, height_ratios=(2, 3))
        runs, predicted, t = self.runs(), self.predicted(), int(self.t)
        wide = np.sqrt(predicted[t])
        cloud.axvspan(-wide, wide, color=figures.color("faint"))
        cloud.axvline(0, color=figures.color("muted"), lw=1)
        cloud.plot(runs[t], np.arange(RUNS), "o", color=figures.color("blue"), ms=2.5)
        cloud.set(title=f"The runs after step {t}", xlim=(-4.2, 4.2), yticks=[])
        steps, measured = np.arange(STEPS + 1), (runs**2).mean(axis=1)
        spread.semilogy(steps[: t + 1], measured[: t + 1], color=figures.color("blue"))
        spread.semilogy(steps, predicted, "--", color=figures.color("orange"))
        if self.schedule == "constant":
            line = noise.floor(self.lr, 1.0, 1.0, self.batch)
            spread.axhline(line, color=figures.color("muted"), lw=1)
        spread.set(title="Mean square distance", xlabel="step")
