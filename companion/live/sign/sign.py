"""RProp, operated: only the gradient's sign counts, which is its strength and, on mini-batches, its weakness."""

from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from companion import figures
from companion.live import Choice, Live, Number, looks
from optimlib import SGD, Rprop
from optimlib.optimizer import Optimizer
from optimlib.problems.online import sign_sequence
from optimlib.problems.surfaces import Surface

STEPS = 40  # of the descent
PASSES = 3  # over the mini-batches


def bowl(x: Any, y: Any) -> Any:
    r""":math:`\tfrac{1}{2} x^2`: a slope in proportion to the distance."""
    return 0.5 * x**2


def plateau(x: Any, y: Any) -> Any:
    r""":math:`x^2 / (1 + x^2)`: flat far away, steep about 0.6 from the minimum."""
    return x**2 / (1 + x**2)


def kink(x: Any, y: Any) -> Any:
    r""":math:`1.1\,|x| - 0.9\,x`: slope 0.2 on the right, -2 on the left."""
    return 1.1 * np.abs(x) - 0.9 * x


def valleys(x: Any, y: Any) -> Any:
    r""":math:`0.02\,(x^2 - 4)^2`: two minima with a hill between."""
    return 0.02 * (x**2 - 4) ** 2


METHODS = ("SGD", "SignSGD", "Rprop")
# Functions of one weight, as surfaces that ignore their second variable.
FUNCTIONS: dict[str, Surface] = {
    formula.__name__: Surface(
        formula.__name__, formula, minima, (3.0, 0.0), ((-4.0, 4.0), (-1.0, 1.0))
    )
    for formula, minima in (
        (bowl, ((0.0, 0.0),)),
        (plateau, ((0.0, 0.0),)),
        (kink, ((0.0, 0.0),)),
        (valleys, ((-2.0, 0.0), (2.0, 0.0))),
    )
}
# Hinton's gradients of ten mini-batches (lecture 6e), and the slides' five.
BATCHES: dict[str, NDArray[np.float64]] = {
    "hinton": sign_sequence(-0.9, 0.1, 9),
    "slides": sign_sequence(),
}


class Sign(Live):
    """One weight that RProp and gradient descent move, on a function of any scale and on mini-batches.

    Traits: function, "bowl", "plateau", "kink" or "valleys"; scale, its factor, 0.01 to 100; lr, RProp's first step and
    gradient descent's rate, 0.001 to 1; start, -4 to 4; t, the step, 0 to 40; batches, "hinton" or "slides".

    >>> Sign(function="kink", scale=10)
    Sign(batches='hinton', function='kink', lr=0.1, scale=10.0, start=3.0, t=14)
    """

    title = "RProp's sign"
    about = (
        "RProp looks at the gradient's sign alone, so a function a hundred times as steep gives it the same path. "
        "That is also why mini-batches mislead it: nine small gradients outvote a large one."
    )
    heights: ClassVar[tuple[int, int]] = (1026, 1760)
    caption = (
        "RProp and gradient descent on one weight. The step grows by 1.2 while the gradient keeps its sign and is halved "
        "where it flips; the gradient's size does not matter, so a function a hundred times as steep gives the same path. "
        "Below, the gradients of mini-batches: their mean is near 0, but most have one sign."
    )
    alt = (
        "Two panels. On a function with a plateau, RProp walks from 3 with growing steps to the minimum at 0 and settles "
        "there, at every scale of the function. Gradient descent hardly moves at scale 1 and jumps about at scale 100."
    )
    surfaces = FUNCTIONS
    function = Choice(*FUNCTIONS)
    scale = Number(1, 0.01, 100)
    lr = Number(0.1, 0.001, 1)
    start = Number(3, -4, 4)
    t = Number(14, 0, STEPS, whole=True)
    batches = Choice(*BATCHES)

    @classmethod
    def constants(cls) -> dict[str, Any]:
        """The mini-batches and how often they are seen, the number of steps, the methods' looks."""
        return {
            "sequences": {name: g.tolist() for name, g in BATCHES.items()},
            "passes": PASSES,
            "steps": STEPS,
            "looks": looks(METHODS),
        }

    def descent(
        self, method: type[Optimizer], scale: float | None = None
    ) -> NDArray[np.float64]:
        """The method's weights on the function, shape (STEPS + 1,); `scale` in place of the trait."""
        factor = self.scale if scale is None else scale
        slope = FUNCTIONS[self.function].gradient
        opt, w = method(lr=self.lr, nonfinite="ignore"), [np.array([self.start])]
        with np.errstate(all="ignore"):  # gradient descent may diverge
            for _ in range(STEPS):
                w.append(opt.step(w[-1], factor * slope([w[-1][0], 0.0])[:1]))
        return np.concatenate(w)

    def batched(self, method: type[Optimizer]) -> NDArray[np.float64]:
        """The method's weights along the mini-batches, from 0, a row more than gradients."""
        gradients = np.tile(BATCHES[self.batches], PASSES)
        return path(method(lr=self.lr), 0.0, gradients)

    def draw(self, figure: Figure) -> None:
        """Draw the function with RProp's path, and both paths at three scales."""
        figure.set_size_inches(4.8, 6.4)
        curve, weights = figure.subplots(2, 1)
        shape = FUNCTIONS[self.function]
        x = np.linspace(*shape.window[0], 201)
        walk = self.descent(Rprop)
        curve.plot(x, shape(_points(x)), color=figures.color("ink"), lw=1.2)
        curve.plot(walk, shape(_points(walk)), "D", color=figures.color("red"))
        curve.set(title="RProp on the function", xlabel="$w$")
        weights.plot(walk, color=figures.color("red"), label="RProp, every scale")
        for scale, style in ((0.01, ":"), (1.0, "--"), (100.0, "-")):
            weights.plot(
                self.descent(SGD, scale), style, color=figures.color("muted"), lw=1.2,
                label=f"gradient descent, scale {scale:g}",
            )  # fmt: skip
        weights.set(title="The weight", xlabel="step", ylim=shape.window[0])
        figure.legend(loc="outside lower center", ncols=2)


def path(
    opt: Optimizer, start: float, gradients: Iterable[float]
) -> NDArray[np.float64]:
    """The weights of an optimizer that is given these gradients, the start first."""
    w = [np.array([start])]
    for g in gradients:
        w.append(opt.step(w[-1], np.array([g])))
    return np.concatenate(w)


def _points(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([x, np.zeros_like(x)], axis=-1)
