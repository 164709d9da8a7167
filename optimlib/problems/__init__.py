"""Problems to optimize: losses and their gradients."""

from optimlib.problems.neuron import SigmoidNeuron, sigmoid, sparse_toy

__all__ = ["SigmoidNeuron", "sigmoid", "sparse_toy"]
