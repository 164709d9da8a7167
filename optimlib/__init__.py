"""optimlib: the optimizers of deep learning, each rule written once.

    opt = Adam(lr=1e-3)
    w = opt.step(w, g)     # new values; w and g stay as they are

A method's constructor takes keyword arguments and validates them at once. A learning
rate, and every hyper-parameter that is not excepted, is a number, a dict keyed like the
parameters, or a callable of t, the number of the step being taken, from 1.
"""

from optimlib.engine import set_engine
from optimlib.optimizers import (
    SGD,
    VSGD,
    Adadelta,
    Adagrad,
    AdagradSigma,
    Adam,
    Adamax,
    AdamW,
    AdaSecant,
    AMSGrad,
    Eve,
    Momentum,
    NAdam,
    Nesterov,
    NesterovLookAhead,
    RMSprop,
    RMSpropSigma,
    Rprop,
    SignSGD,
)
from optimlib.rows import Rows
from optimlib.runs import Trajectory, minimize, walk
from optimlib.sweeps import Run, sweep
from optimlib.training import Training, train

__all__ = [
    "SGD", "VSGD", "AMSGrad", "AdaSecant", "Adadelta", "Adagrad", "AdagradSigma", "Adam",
    "AdamW", "Adamax", "Eve", "Momentum", "NAdam", "Nesterov", "NesterovLookAhead",
    "RMSprop", "RMSpropSigma", "Rows", "Rprop", "Run", "SignSGD", "Training",
    "Trajectory", "minimize", "set_engine", "sweep", "train", "walk",
]  # fmt: skip
