"""optimlib: the optimizers of deep learning, each rule written once.

    opt = Adam(lr=1e-3)
    w = opt.step(w, g)     # new values; w and g stay as they are

A method's constructor takes keyword arguments and validates them at once. A learning rate, and every hyper-parameter
that is not excepted, is a number, a dict keyed like the parameters, or a callable of t, the number of the step being
taken, from 1.
"""

from optimlib.optimizers import (
    SGD,
    Adagrad,
    AdagradSigma,
    Adam,
    Momentum,
    Nesterov,
    RMSprop,
    RMSpropSigma,
)
from optimlib.runs import Trajectory, minimize

__all__ = [
    "SGD",
    "Adagrad",
    "AdagradSigma",
    "Adam",
    "Momentum",
    "Nesterov",
    "RMSprop",
    "RMSpropSigma",
    "Trajectory",
    "minimize",
]  # fmt: skip
