"""The race: what methods do on a surface, from a start that the reader chooses."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

import optimlib
from companion import figures
from companion.live import Choice, Live, Number, looks
from companion.live.generated.optimlib import methods
from optimlib import Trajectory, minimize, problems
from optimlib.optimizer import Optimizer
from optimlib.problems import Surface, sparse_toy

# A run has ended where it stays so many widths of the map from its middle.
FAR = 10
TOY = Surface(
    "toy",
    sparse_toy(0, n=50).formula,
    minima=((2.0, -1.0),),
    start=(-1.0, 2.0),
    window=((-2.0, 6.0), (-4.0, 3.0)),
)
# The classics, each with a start and a window that show what the methods do there.
VIEWS = {
    "beale": ((1.0, 1.6), ((-0.5, 4.5), (-1.6, 2.0))),
    "rosenbrock": ((-0.6, 1.6), ((-1.6, 1.6), (-0.6, 2.0))),
    "ravine": ((-5.0, 1.0), ((-6.0, 4.0), (-2.0, 2.0))),
    "saddle": ((-1.5, 0.001), ((-2.0, 2.0), (-2.0, 2.0))),
}
SURFACES = {
    name: replace(problems.SURFACES[name], start=start, window=window)
    for name, (start, window) in VIEWS.items()
} | {"toy": TOY}
TITLES = {
    "beale": "Beale’s function",
    "rosenbrock": "Rosenbrock’s valley",
    "ravine": "a ravine",
    "saddle": "a saddle",
    "toy": "a neuron’s cost on sparse data",
}
# All methods that have a JavaScript form, the book's six first.
METHODS = sorted(methods()[0], key=figures.rank)
# Three rates suit each surface: gradient descent's, momentum's, and the length of Adam's steps.
SUITED = {
    "beale": (0.01, 0.0015, 0.1),
    "rosenbrock": (0.001, 0.0005, 0.1),
    "ravine": (0.03, 0.005, 0.2),
    "saddle": (0.05, 0.02, 0.04),
    "toy": (10.0, 1.0, 0.1),
}
# A method's rate: which of the three, times what. One that is not here has its own default.
PARTS: dict[str, tuple[int, float]] = {
    "SGD": (0, 1), "Momentum": (1, 1), "Nesterov": (1, 1), "NesterovLookAhead": (1, 1),
    "Adagrad": (2, 4), "AdagradSigma": (2, 4), "RMSprop": (2, 0.25), "RMSpropSigma": (2, 0.25), "Adadelta": (2, 500),
    "Adam": (2, 1), "AdamW": (2, 1), "AMSGrad": (2, 1), "Adamax": (2, 1.5), "NAdam": (2, 1), "Eve": (2, 1),
    "AdaBelief": (2, 0.5), "Yogi": (2, 1), "RAdam": (0, 1),
    "ScheduleFreeSGD": (0, 1), "ScheduleFreeAdamW": (2, 2),
    "SignSGD": (2, 0.25), "Rprop": (2, 0.5), "Lion": (2, 0.1),
}  # fmt: skip
SETTINGS = ("momentum", "beta", "beta1", "beta2", "eps")


class Some(traitlets.List[str]):
    """Some of these words, each at most once."""

    def __init__(self, words: tuple[str, ...], default: tuple[str, ...]) -> None:
        super().__init__(traitlets.Unicode(), list(default))
        self.words = words
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> Any:
        """Return them as a list. Raises TraitError."""
        some = list(value) if isinstance(value, (list, tuple)) else [None]
        if len(set(some)) < len(some) or not set(some) <= set(self.words):
            raise traitlets.TraitError(
                f"{self.name} is {value!r}; "
                f"allowed: some of {', '.join(map(repr, self.words))}, each once"
            )
        return some


class Race(Live):
    """Methods side by side on a surface.

    Every method has a learning rate that suits it on this surface; `scale` multiplies them all. The other settings hold
    for every method that has them.

    Traits: surface, a name of SURFACES; methods, names of optimlib's; x and y, the start (the surface's own unless
    given; it stays where another surface is set); scale, 0.01 to 100; momentum, beta, beta1, beta2, eps; steps, of a
    run, 10 to 500; t, the step that is shown. In a notebook `paths` has the points of each run, as the figure sent them.

    >>> race = Race(surface="ravine", methods=["SGD", "Adam"])
    >>> bool(race.run("Adam").f[-1] < 1e-6)
    True
    """

    title = "The race"
    about = (
        "Methods start at one point of a surface and run side by side. Drop the start where you like, and watch which"
        " of them finds the valley's floor."
    )
    heights: ClassVar[tuple[int, int]] = (600, 1116)
    caption = (
        "Click on the map, or drag the ring, to start elsewhere. Each method has a learning rate that suits it on this "
        "surface; the slider multiplies them all, and <em>Numbers</em> shows the products. A star marks the minimum."
    )
    alt = (
        "Two panels. On a map of contour lines the paths of the methods lead from one start towards the minimum; "
        "below it, their losses fall with the steps, each at its own pace."
    )
    surfaces = SURFACES
    surface = Choice(*SURFACES)
    methods = Some(tuple(METHODS), tuple(figures.METHODS))
    x = Number(1.0, -100, 100)
    y = Number(1.6, -100, 100)
    scale = Number(1, 0.01, 100)
    momentum = Number(0.9, 0, 0.999)
    beta = Number(0.9, 0, 0.9999)
    beta1 = Number(0.9, 0, 0.999)
    beta2 = Number(0.999, 0, 0.9999)
    eps = Number(1e-8, 1e-12, 1)
    steps = Number(200, 10, 500, whole=True)
    t = Number(130, 0, 500, whole=True)
    paths = traitlets.Dict().tag(sync=True)

    def __init__(self, **state: Any) -> None:
        super().__init__(**state)
        for name, number in zip("xy", SURFACES[self.surface].start, strict=True):
            if name not in state:
                setattr(self, name, number)

    @classmethod
    def constants(cls) -> dict[str, Any]:
        """The methods with their looks and rates, the surfaces' titles, and what the address may set."""
        return {
            "methods": list(METHODS),
            "first": list(figures.METHODS),
            "looks": looks(METHODS),
            "titles": list(TITLES.items()),
            "rates": {
                name: {
                    method: rate(name, method)
                    for method in METHODS
                    if "lr" in _hypers(method)
                }
                for name in SURFACES
            },
            "far": FAR,
            "bounds": {
                name: {"range": [trait.low, trait.high], "whole": trait.whole}
                for name, trait in cls.class_traits().items()
                if isinstance(trait, Number)
            },
        }

    @classmethod
    def class_state(cls) -> list[str]:
        """The names of the traits that are this figure's state: not its result."""
        return [name for name in super().class_state() if name != "paths"]

    def optimizer(self, method: str) -> Optimizer:
        """The method as it runs in this figure."""
        kind = getattr(optimlib, method)
        chosen = {name: getattr(self, name) for name in SETTINGS if name in kind.hypers}
        if "lr" in kind.hypers:
            chosen["lr"] = rate(self.surface, method) * self.scale
        made: Optimizer = kind(**chosen)
        return made

    def run(self, method: str) -> Trajectory:
        """The method's run by optimlib, of at most `steps` steps."""
        surface, start = SURFACES[self.surface], np.array([self.x, self.y])
        with np.errstate(all="ignore"):  # divergence is a result here
            return minimize(
                surface, surface.gradient, start, self.optimizer(method), int(self.steps), curvature=surface.curvature
            )  # fmt: skip

    def ending(self, method: str) -> tuple[int, str] | None:
        """The step at which the run ended before its time, and how: "diverged" or "left the map"."""
        run, window = self.run(method), np.array(SURFACES[self.surface].window)
        away = np.abs(run.w - window.mean(axis=1)) > FAR * np.ptp(window, axis=1)
        step = len(run) + 1
        while step > 1 and away[step - 1].any():
            step -= 1
        if step > self.steps:
            return None
        downhill = step <= len(run) and run.f[-1] < run.f[0]
        return step, "left the map" if downhill else "diverged"

    def draw(self, figure: Figure) -> None:
        """Draw the paths as far as step t, and the losses."""
        figure.set_size_inches(4.8, 6.4)
        paths, losses = figure.subplots(2, 1, height_ratios=[3, 2])
        surface = SURFACES[self.surface]
        paths.contour(
            *_grid(surface),
            levels=_levels(surface),
            colors=figures.color("faint"),
            linewidths=0.8,
        )
        for method in (name for name in METHODS if name in self.methods):
            run, look = self.run(method), figures.look(method)
            ending = self.ending(method)
            end = min(self.t + 1, ending[0] if ending else len(run.w))
            paths.plot(*run.w[:end].T, **{**look, "marker": None})
            losses.plot(run.f[:end], **{**look, "markevery": [end - 1]})
            paths.plot(*run.w[end - 1], **{**look, "label": None})
        paths.plot(self.x, self.y, "o", mfc="none", color=figures.color("ink"))
        for minimum in surface.minima:
            paths.plot(*minimum, "*", color=figures.color("ink"), markersize=9)
        paths.set(xlim=surface.window[0], ylim=surface.window[1], title="The paths")
        losses.set(
            yscale="log" if surface.minima else "linear",
            title="Their losses",
            xlabel="step",
            xlim=(0, self.steps),
        )
        if self.methods:
            paths.legend(loc="best", fontsize=8)


def rate(surface: str, method: str) -> float:
    """The learning rate that suits a method on a surface."""
    if method not in PARTS:
        return float(_hypers(method)["lr"].default)
    which, times = PARTS[method]
    return float(SUITED[surface][which] * times)


def _hypers(method: str) -> dict[str, Any]:
    return dict(getattr(optimlib, method).hypers)


def _grid(surface: Surface) -> tuple[NDArray[Any], NDArray[Any], Any]:
    x, y = np.meshgrid(*(np.linspace(*side, 90) for side in surface.window))
    return x, y, surface(np.stack([x, y], axis=-1))


def _levels(surface: Surface) -> NDArray[Any]:
    """Levels for contour lines: of one ratio, or at one distance where there is no minimum."""
    values = _grid(surface)[2]
    if not surface.minima:
        return np.linspace(values.min(), values.max(), 11)[1:-1]
    low, high = np.quantile(values, (0.004, 0.97)).tolist()
    return np.geomspace(low, high, 9)
