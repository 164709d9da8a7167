"""walk: gradients go in, the points that the optimizer goes through come out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from optimlib import SGD, Adam, Momentum, NesterovLookAhead, minimize, walk

GRADIENTS = arrays(
    float, st.tuples(st.integers(0, 6), st.just(3)), elements=st.floats(-9, 9)
)


@given(GRADIENTS)
def test_gradient_descent_walks_by_the_running_sum(gradients):
    """An independent witness: the points are the start less lr times what was fed so far."""
    points = walk(SGD(lr=0.5), np.ones(3), gradients)
    assert points.shape == (len(gradients) + 1, 3)
    summed = np.concatenate([np.zeros((1, 3)), np.cumsum(gradients, axis=0)])
    np.testing.assert_allclose(points, 1 - 0.5 * summed, atol=1e-12)


@pytest.mark.parametrize("method", [Momentum, Adam, NesterovLookAhead])
def test_a_callable_is_asked_at_each_point(method):
    """The points are those that minimize records, to the bit."""
    start, pull = np.array([3.0, -1.0]), np.array([1.0, 0.1])
    run = minimize(
        lambda w: w @ (pull * w) / 2, lambda w: pull * w, start, method(), 20
    )
    points = walk(method(), start, lambda w: pull * w, steps=20)
    assert np.array_equal(points, run.w)
    assert np.array_equal(start, [3.0, -1.0])


def test_a_nest_comes_back_as_a_nest():
    steps = [{"a": np.ones(2), "b": np.array(1.0)}] * 3
    points = walk(SGD(lr=1.0), {"a": np.zeros(2), "b": np.array(0.0)}, steps)
    assert points["a"].tolist() == [[0, 0], [-1, -1], [-2, -2], [-3, -3]]
    assert points["b"].tolist() == [0, -1, -2, -3]


def test_the_optimizer_goes_on_from_its_state():
    """Two walks in a row are one walk."""
    gradients = np.random.default_rng(1).normal(size=(8, 2))
    opt = Adam()
    first = walk(opt, np.zeros(2), gradients[:3])
    second = walk(opt, first[-1], gradients[3:])
    whole = walk(Adam(), np.zeros(2), gradients)
    assert np.array_equal(np.concatenate([first, second[1:]]), whole)


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ((SGD, [1.0], [[1.0]]), TypeError, "opt is"),
        ((SGD(), [1.0], lambda w: w), TypeError, "steps is None; allowed: a whole"),
        ((SGD(), [1.0], [[1.0]], 1), TypeError, "steps is 1; allowed: None"),
        ((SGD(), [1.0], lambda w: w, -1), ValueError, "steps"),
        ((SGD(), [1.0], [[1.0, 2.0]]), ValueError, "shape"),
        ((SGD(), [1.0], [[np.nan]]), FloatingPointError, "nan"),
    ],
)
def test_bad_input_is_named(arguments, error, said):
    with pytest.raises(error, match=said):
        walk(*arguments)
