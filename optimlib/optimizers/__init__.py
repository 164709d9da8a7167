"""The methods, one file a family, simplest first. Each update is written once, in the
method's `rule`.

A rule takes the weights w, the gradient g at w, the method's state, the number t of the
step being taken (from 1), what else the method needs, the hyper-parameters and the
switches, and returns the new weights and state. Names are the papers'.
"""

from optimlib.optimizers.adagrad import Adagrad, AdagradSigma
from optimlib.optimizers.adam import Adam, Adamax, AdamW, AMSGrad, NAdam
from optimlib.optimizers.adasecant import AdaSecant
from optimlib.optimizers.descent import SGD, Momentum, Nesterov, NesterovLookAhead
from optimlib.optimizers.eve import Eve
from optimlib.optimizers.rmsprop import Adadelta, RMSprop, RMSpropSigma
from optimlib.optimizers.rprop import Rprop, SignSGD
from optimlib.optimizers.vsgd import VSGD

__all__ = [
    "SGD", "VSGD", "AMSGrad", "AdaSecant", "Adadelta", "Adagrad", "AdagradSigma", "Adam", "AdamW",
    "Adamax", "Eve", "Momentum", "NAdam", "Nesterov", "NesterovLookAhead", "RMSprop",
    "RMSpropSigma", "Rprop", "SignSGD",
]  # fmt: skip
