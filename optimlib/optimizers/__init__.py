"""The methods, one file a family, simplest first. Each update is written once, in the
method's `rule`.

A rule takes the weights w, the gradient g at w, the method's state, the number t of the
step being taken (from 1), what else the method needs, the hyper-parameters and the
switches, and returns the new weights and state. Names are the papers'.
"""

# ruff: noqa: I001 - simplest first
from typing import TYPE_CHECKING

from optimlib.optimizers.descent import *
from optimlib.optimizers.rprop import *
from optimlib.optimizers.adagrad import *
from optimlib.optimizers.rmsprop import *
from optimlib.optimizers.adam import *
from optimlib.optimizers.adabelief import *
from optimlib.optimizers.lion import *
from optimlib.optimizers.schedule_free import *
from optimlib.optimizers.eve import *
from optimlib.optimizers.vsgd import *
from optimlib.optimizers.adasecant import *
from optimlib.optimizer import Optimizer

METHODS: dict[str, type[Optimizer]] = {
    name: value
    for name, value in list(vars().items())
    if isinstance(value, type) and value is not Optimizer
}
if not TYPE_CHECKING:  # a type checker takes what the lines above bring
    __all__ = list(METHODS)
