"""Every method with every combination of its switches, for the tests that hold for all of them."""

from itertools import product

import papers
import pytest

import optimlib

WITNESS = {
    "SGD": papers.sgd,
    "Momentum": papers.momentum,
    "Nesterov": papers.nesterov,
    "Adagrad": papers.adagrad,
    "AdagradSigma": papers.adagrad_sigma,
    "RMSprop": papers.rmsprop,
    "RMSpropSigma": papers.rmsprop_sigma,
    "Adam": papers.adam,
}
METHODS = [getattr(optimlib, name) for name in WITNESS]


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
