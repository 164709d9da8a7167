"""Problems to optimize: losses and their gradients."""

from optimlib.problems.neuron import (
    SideBySide,
    SigmoidNeuron,
    films,
    sigmoid,
    sparse_toy,
)

__all__ = ["SideBySide", "SigmoidNeuron", "films", "sigmoid", "sparse_toy"]
