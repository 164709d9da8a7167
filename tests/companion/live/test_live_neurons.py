"""The network of eighteen numbers in Python: its formulas, and what it refuses."""

import re

import numpy as np
import pytest
from traitlets import TraitError

from companion.lab import twins
from companion.live.neurons import neurons
from companion.live.neurons.neurons import DECK, HIDDEN, Neurons, packed, unpacked
from optimlib.problems import Network, slides_network, softmax


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"x1": 6}, "x1 is 6; allowed: a number from -5.0 to 5.0"),
        ({"w": [1, 2]}, "w is [1, 2]; allowed: 18 numbers from -50 to 50"),
        ({"w": [51] * 18}, "w is [51, "),
        ({"w": "much"}, "w is ['much']; allowed: 18 numbers"),
        ({"last": "relu"}, "last is 'relu'; allowed: 'sigmoid' or 'softmax' or 'lin"),
        ({"chosen": "18"}, "chosen is '18'; allowed: '0' or '1'"),
        ({"hidden": "3u"}, "hidden is '3u'; allowed: '1u' or '1l'"),
    ],
)
def test_a_wrong_value_is_refused_by_name(state, message):
    with pytest.raises(TraitError, match=f"^{re.escape(message)}"):
        Neurons(**state)


def test_numbers_are_packed_and_unpacked():
    w = slides_network()[1]
    for layer, other in zip(w, unpacked(packed(w)), strict=True):
        np.testing.assert_array_equal(layer["W"], other["W"])
        np.testing.assert_array_equal(layer["b"], other["b"])
    assert DECK[:6] == [1, -2, -1, 1, 1, 0]


@pytest.fixture
def numbers():
    """Eighteen numbers at random."""
    return np.random.default_rng(5).normal(0, 2, 18)


def test_the_formulas_are_the_networks(numbers):
    formulas, w = neurons.formulas(), unpacked(numbers)
    for x in np.random.default_rng(6).normal(0, 2, (20, 2)):
        z = formulas["sums"](*numbers, *x)
        linear = Network([2, 2, 2, 2], output="linear").output(w, [x])[0]
        np.testing.assert_allclose(z[4:], linear, rtol=1e-12)
        first = Network([2, 2], output="linear").output(w[:1], [x])[0]
        np.testing.assert_allclose(z[:2], first, rtol=1e-12)
        a = formulas["sigmoid"](first)
        np.testing.assert_allclose(
            formulas["late"](*numbers[6:], *a), z[2:], rtol=1e-12
        )
        np.testing.assert_allclose(formulas["shares"](*linear), softmax(linear))


@pytest.mark.parametrize("name", HIDDEN)
def test_a_flip_is_a_twin(numbers, name):
    flipped = neurons.formulas()[f"flip{name}"](*numbers)
    expected = packed(twins.flipped(unpacked(numbers), *HIDDEN[name]))
    np.testing.assert_allclose(flipped, expected, rtol=1e-15)


@pytest.mark.parametrize("layer", [0, 1])
def test_a_swap_is_a_twin(numbers, layer):
    swapped = neurons.formulas()[f"swap{layer + 1}"](*numbers)
    assert swapped == packed(twins.reordered(unpacked(numbers), layer, [1, 0]))


def test_every_answer_lies_within_the_edge_of_what_is_reached():
    figure = Neurons()
    low, high = figure.reached().min(axis=1), figure.reached().max(axis=1)
    answers = figure.answer(np.random.default_rng(7).normal(0, 100, (10_000, 2)))
    assert (answers > low - 1e-3).all() and (answers < high + 1e-3).all()
    np.testing.assert_allclose(low, [0.188, 0.811], atol=1e-3)
    np.testing.assert_allclose(high, [0.628, 0.971], atol=1e-3)


def test_softmax_adds_up_to_one_and_linear_goes_beyond():
    assert Neurons(last="softmax").answer().sum() == pytest.approx(1)
    assert Neurons(last="linear").answer().max() > 1
