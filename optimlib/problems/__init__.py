"""Problems to optimize: losses and their gradients."""

from optimlib.problems.network import Network, slides_network, softmax
from optimlib.problems.neuron import (
    SideBySide,
    SigmoidNeuron,
    films,
    sigmoid,
    sparse_toy,
)
from optimlib.problems.online import (
    LinearLosses,
    PeriodicLosses,
    StochasticLosses,
    reddi_figure,
    reddi_theorem,
    sign_sequence,
)
from optimlib.problems.surfaces import SURFACES, Quadratic, Surface

__all__ = [
    "SURFACES",
    "LinearLosses",
    "Network",
    "PeriodicLosses",
    "Quadratic",
    "SideBySide",
    "SigmoidNeuron",
    "StochasticLosses",
    "Surface",
    "films",
    "reddi_figure",
    "reddi_theorem",
    "sigmoid",
    "sign_sequence",
    "slides_network",
    "softmax",
    "sparse_toy",
]
