"""Other parameters for the same function."""

import math

import numpy as np
import pytest

from companion.lab import twins
from optimlib.problems import Network, slides_network


@pytest.fixture
def setting():
    """Parameters of a network of sigmoids, and the network."""
    network, rng = Network([2, 3, 2, 1]), np.random.default_rng(2)
    w = network.initial(rng)
    for layer in w:
        layer["b"] = rng.normal(size=len(layer["b"]))
    return network, w


@pytest.mark.parametrize(
    "twin",
    [
        lambda w: twins.flipped(w, 0, 2),
        lambda w: twins.flipped(w, 1, 0),
        lambda w: twins.reordered(w, 0, [2, 0, 1]),
        lambda w: twins.reordered(w, 1, [1, 0]),
    ],
)
def test_a_twin_has_other_numbers_and_the_same_function(setting, twin):
    network, w = setting
    before = [{k: v.copy() for k, v in layer.items()} for layer in w]
    other = twin(w)
    rng = np.random.default_rng(3)
    x = rng.normal(0, 2, (50, 2))
    np.testing.assert_allclose(
        network.output(other, x), network.output(w, x), rtol=1e-13
    )
    assert twins.different([w, other]) == 2
    for layer, old in zip(w, before, strict=True):
        assert all(np.array_equal(layer[k], old[k]) for k in old)


def test_a_flipped_neuron_answers_what_was_missing_to_one():
    _, w = slides_network()
    first = Network([2, 2])
    x = [[1, -1], [0.3, 2]]
    before = first.output(w[:1], x)
    after = first.output(twins.flipped(w, 0, 1)[:1], x)
    np.testing.assert_allclose(after[:, 1], 1 - before[:, 1])
    np.testing.assert_array_equal(after[:, 0], before[:, 0])


def test_every_twin_is_made_once(setting):
    network, w = setting
    made = twins.every(w)
    assert len(made) == twins.different(made) == math.factorial(3) * 2**3 * 2 * 2**2
    x = np.random.default_rng(4).normal(0, 2, (20, 2))
    for one in made[::37]:
        np.testing.assert_allclose(network.output(one, x), network.output(w, x))


def test_settings_that_are_alike_are_counted_once(setting):
    _, w = setting
    again = twins.flipped(twins.flipped(w, 0, 1), 0, 1)
    assert twins.different([w, again]) == 1


@pytest.mark.parametrize("layer", [-1, 2])
def test_a_layer_that_is_not_hidden_is_refused(setting, layer):
    with pytest.raises(IndexError, match=f"layer is {layer}; allowed: 0 to 1"):
        twins.flipped(setting[1], layer, 0)
