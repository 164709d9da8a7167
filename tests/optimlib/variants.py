"""Every method with every combination of its switches, and a step that gives each what
it needs, for the tests that hold for all of them."""

from contextlib import contextmanager
from itertools import product
from unittest import mock

import numpy as np
import papers
import pytest

import optimlib
from optimlib import optimizers
from optimlib.arrays import blocks, layout
from optimlib.arrays.nests import flatten, rebuild

METHODS = list(optimizers.METHODS.values())
# The function of papers.py that is named as the method is, in small letters.
WITNESS = {
    method.__name__: function
    for method in METHODS
    for name, function in vars(papers).items()
    if name.replace("_", "") == method.__name__.lower()
}
WHOLE = [optimlib.AdaSecant]  # in these the weights of one array depend on each other

# What each hyper-parameter is drawn from where a test wants any: all are allowed. One that
# is not named here is drawn from 0.1 to 0.9.
DRAWN = {
    "lr": (0.001, 0.3), "eps": (1e-4, 0.1), "eps_root": (1e-4, 0.1), "weight_decay": (0.0, 0.5),
    "momentum_decay": (0.0, 0.5), "momentum": (0.1, 0.95), "beta": (0.1, 0.95),
    "beta1": (0.1, 0.95), "beta2": (0.1, 0.999), "beta3": (0.1, 0.95), "up": (1.0, 2.0),
    "down": (0.1, 0.9), "step_min": (1e-6, 1e-3), "step_max": (0.1, 50.0),
    "c": (1.0, 10.0), "f_min": (-1.0, 0.4), "warmup": (1, 4), "slow_start": (1.0, 4.0),
    "gamma_max": (0.5, 3.0), "rate_max": (0.1, 25.0),
}  # fmt: skip


def drawn(name, rng, size=None):
    """Allowed values of a hyper-parameter: a number, or an array of them."""
    value = rng.uniform(*DRAWN.get(name, (0.1, 0.9)), size)
    return np.floor(value) if name == "warmup" else value


def settings_of(method):
    """The combinations of a method's switches, each a dict."""
    options = [declared.options for declared in method.switches.values()]
    return [
        dict(zip(method.switches, chosen, strict=True)) for chosen in product(*options)
    ]


def named(method, switches):
    """How a test's id reads: Adam-bias_correction=False."""
    return "-".join(
        [method.__name__, *(f"{name}={value}" for name, value in switches.items())]
    )


def make(method, lr=None, **settings):
    """An optimizer for a short run: with this learning rate where the method has one,
    and with a warm-up that is soon over.
    """
    if lr is not None and "lr" in method.hypers:
        settings.setdefault("lr", lr)
    if "warmup" in method.hypers:
        settings.setdefault("warmup", 2)
    return method(**settings)


def schedulable(method, name, switches):
    """Whether a hyper-parameter may be a callable of t under these switches."""
    constant = method.hypers[name].constant
    return not (switches.get(constant) if isinstance(constant, str) else constant)


def loss_at(t, size=None):
    """A seeded sequence of losses, of which no two are the same."""
    return np.random.default_rng(t).uniform(0.5, 3.0, size)


def curvature_of(g):
    """Positive numbers in the shape of g, each from its own entry."""
    slopes = {p: np.nan_to_num(np.asarray(leaf)) for p, leaf in flatten(g).items()}
    sizes = {p: np.minimum(abs(x), 10) for p, x in slopes.items()}
    return rebuild(g, {p: np.asarray(0.5 + x) for p, x in sizes.items()})


def take(opt, w, g, **more):
    """A step along g, with what the method needs besides, unless `more` has it."""
    if "loss" in opt.inputs:
        more.setdefault("loss", loss_at(opt.t + 1, opt.population))
    if "curvature" in opt.inputs and "curvature" not in more:
        more["curvature"] = curvature_of(g)
    if "gradient" in opt.inputs:
        return opt.step(w, **({"gradient": lambda _: g} | more))
    return opt.step(w, g, **more)


@contextmanager
def small_up_to(numbers, each=None):
    """Arrays that have more numbers together are large, which else begins at some ten
    thousand; and so is each of them that has more than `each`, the same if None."""
    with (
        mock.patch.object(blocks, "SMALL", numbers),
        mock.patch.object(layout, "SMALL", numbers if each is None else each),
    ):
        yield


def run(opt, w, gradients):
    """The weights after each step, shape (steps + 1, weights)."""
    points = [w]
    for g in gradients:
        points.append(take(opt, points[-1], g))
    return np.array(points)


VARIANTS = [
    (method, switches) for method in METHODS for switches in settings_of(method)
]
every_method = pytest.mark.parametrize(
    "method", METHODS, ids=lambda method: method.__name__
)
every_variant = pytest.mark.parametrize(
    ("method", "switches"), VARIANTS, ids=[named(*variant) for variant in VARIANTS]
)
with_state = pytest.mark.parametrize(
    "method", [m for m in METHODS if m.state_names], ids=lambda method: method.__name__
)
