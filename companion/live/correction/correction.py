"""Bias correction, operated: the weights of a running average, what they add up to, and what division by it does."""

from typing import Any, ClassVar

import numpy as np
from matplotlib.figure import Figure

from companion import figures
from companion.live import Choice, Live, Number
from optimlib import moments

STEPS = 25
# What the gradients are drawn about, as functions of the step; correction.js draws about the same.
MEANS: dict[str, Any] = {
    "constant": lambda i: 5 + 0 * i,
    "noisy": lambda i: 5 + 0 * i,
    "drifting": lambda i: 7 - 0.1 * i,
}


class Correction(Live):
    """The average of t gradients with decay rate beta, with and without correction.

    Traits: beta and beta2, the decay rates of the gradients' average and of their squares', in [0, 0.999]; t, the
    step, 1 to 1000; gradient, "constant", "noisy" or "drifting"; seed, a whole number below 2^32.

    >>> Correction(beta=0.5)
    Correction(beta=0.5, beta2=0.999, gradient='constant', seed=1, t=10)
    """

    title = "Bias correction"
    about = (
        "An average that starts at zero is too small at first. The bars are the weights of the gradients in it, and "
        "what they lack of 1 is what the correction divides by."
    )
    heights: ClassVar[tuple[int, int]] = (804, 1108)
    caption = (
        "The weight that each gradient has in the running average after step $t$, and the weight that is still "
        "on the zero it started from; the average with and without correction; and how many times too long Adam's "
        "step is without it."
    )
    alt = (
        "Three panels. Bars grow towards the newest gradient and, with the weight of the zero start, add up to 1. "
        "The uncorrected average climbs slowly from zero; the corrected one is at the gradients' mean from the first "
        "step. The uncorrected Adam step is too long for thousands of steps."
    )
    beta = Number(0.9, 0, 0.999)
    beta2 = Number(0.999, 0, 0.999)
    t = Number(10, 1, 1000, whole=True)
    gradient = Choice("constant", "noisy", "drifting")
    seed = Number(1, 0, 2**32 - 1, whole=True)

    def draw(self, figure: Figure) -> None:
        """Draw weights, expected averages and the excess factor of this state."""
        t = int(self.t)
        steps = np.arange(1, max(STEPS, t) + 1)
        figure.set_size_inches(4.8, 6.6)
        weights, averages, excess = figure.subplots(3, 1)
        rest = self.beta**t
        weights.bar(steps[:t], moments.weights(t, self.beta))
        weights.bar(0, rest, fc="none", ec=figures.color("orange"), hatch="///")
        weights.set(title=f"Weights: {1 - rest:.4f} + {rest:.4f} of the zero start = 1")
        weights.set_xlim(-1, steps[-1] + 1)
        means = MEANS[self.gradient](steps)
        m = moments.average(means, self.beta)
        averages.plot(steps, means, color=figures.color("ink"), lw=1, label="mean")
        averages.plot(steps, moments.corrected(m, self.beta), "C1--", label="corrected")
        averages.plot(steps, m, "C0", label="not corrected")
        averages.axvline(t, color=figures.color("muted"), lw=1)
        averages.set(title="Expected averages of the gradients")
        averages.set_xlim(-1, steps[-1] + 1)
        averages.legend(loc="lower right")
        steps = np.unique(np.geomspace(1, 10_000, 200).astype(int))
        excess.semilogx(
            steps,
            moments.excess(steps, self.beta, self.beta2),
            color=figures.color("red"),
        )
        excess.axhline(1, color=figures.color("muted"), lw=1)
        excess.set(title="Uncorrected step over corrected step", xlabel="step $t$")
