"""The figure on backpropagation in Python: its numbers are the network's."""

import re

import numpy as np
import pytest
from traitlets import TraitError

from companion.live.backprop.backprop import Backprop
from optimlib.problems import Network, slides_network


@pytest.mark.parametrize("cost", ["squared", "cross-entropy"])
@pytest.mark.parametrize("x", [(1, -1), (0, 0), (-2.5, 6)])
def test_activations_and_signals_are_those_of_the_network(x, cost):
    _, layers = slides_network()
    activations, signals = Backprop(x1=x[0], x2=x[1], cost=cost).numbers()
    network = Network([2, 2, 2, 2], cost=cost)
    np.testing.assert_allclose(activations[3], network.output(layers, [x])[0])
    _, gradient = network.loss_and_gradient(layers, [x], [[1, 0]])
    for signal, before, part in zip(signals, activations, gradient, strict=False):
        np.testing.assert_allclose(signal, part["b"], rtol=1e-12)
        np.testing.assert_allclose(np.outer(signal, before), part["W"], atol=1e-15)


def test_the_still_has_the_numbers_of_the_steps_that_are_done():
    """A number more at each step: the drawing grows."""
    sizes = [len(Backprop(t=t).still()) for t in range(7)]
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"t": 7}, "t is 7; allowed: a whole number from 0 to 6"),
        ({"x1": 6.5}, "x1 is 6.5; allowed: a number from -6 to 6"),
        ({"cost": "absolute"}, "cost is 'absolute'; allowed: 'squared' or"),
    ],
)
def test_a_wrong_value_is_refused_by_name(state, message):
    with pytest.raises(TraitError, match=f"^{re.escape(message)}"):
        Backprop(**state)
