"""optimlib: the optimizers of deep learning, each rule written once.

    opt = Adam(lr=1e-3)
    w = opt.step(w, g)     # new values; w and g stay as they are

A method's constructor takes keyword arguments and validates them at once. A learning
rate, and every hyper-parameter that is not excepted, is a number, a dict keyed like the
parameters, or a callable of t, the number of the step being taken, from 1.
"""

from typing import TYPE_CHECKING

from optimlib import optimizers
from optimlib.arrays.rows import Rows as Rows
from optimlib.engine import set_engine as set_engine
from optimlib.optimizers import *
from optimlib.running.minimize import Trajectory as Trajectory
from optimlib.running.minimize import minimize as minimize
from optimlib.running.sweep import Run as Run
from optimlib.running.sweep import sweep as sweep
from optimlib.running.train import Training as Training
from optimlib.running.train import train as train
from optimlib.running.walk import walk as walk

if not TYPE_CHECKING:  # a type checker takes what the lines above bring
    __all__ = [
        "Rows", "Run", "Training", "Trajectory", "minimize", "set_engine", "sweep",
        "train", "walk",
    ]  # fmt: skip
    __all__ += list(optimizers.METHODS)
