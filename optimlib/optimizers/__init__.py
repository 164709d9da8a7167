"""The methods, one file a family, simplest first. Each update is written once, in the method's `rule`.

A rule takes the weights w, the gradient g at w, the method's state, the number t of the step being taken (from 1), the
hyper-parameters and the switches, and returns the new weights and state. Names are the papers'.
"""

from optimlib.optimizers.adagrad import Adagrad, AdagradSigma
from optimlib.optimizers.adam import Adam
from optimlib.optimizers.descent import SGD, Momentum, Nesterov
from optimlib.optimizers.rmsprop import RMSprop, RMSpropSigma

__all__ = [
    "SGD",
    "Adagrad",
    "AdagradSigma",
    "Adam",
    "Momentum",
    "Nesterov",
    "RMSprop",
    "RMSpropSigma",
]
