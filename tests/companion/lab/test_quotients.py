"""Difference quotients and complex steps, beside derivatives that have no step, and beside torch."""

import numpy as np
import pytest

from companion.lab import quotients
from optimlib import derivatives
from optimlib.problems import Network, slides_network

W = np.array([0.7, -1.3, 2.1])


def curve(w):
    """A smooth function of three coordinates."""
    return w[0] ** 2 * np.exp(w[1]) + np.sin(w[2]) * w[0]


def exact():
    """Its gradient, without a step."""
    return derivatives.gradient(lambda x, y, z: x**2 * np.exp(y) + np.sin(z) * x, W)


@pytest.mark.parametrize(
    ("quotient", "step", "rtol"),
    [
        (quotients.one_sided, 1e-7, 1e-6),
        (quotients.central, 1e-5, 1e-9),
        (quotients.complex_step, 1e-30, 1e-14),
    ],
)
def test_each_is_the_derivative_to_what_its_step_allows(quotient, step, rtol):
    np.testing.assert_allclose(quotient(curve, W, step), exact(), rtol=rtol)


def test_the_errors_fall_as_the_step_and_as_its_square():
    for quotient, power in ((quotients.one_sided, 1), (quotients.central, 2)):
        wide, narrow = (
            np.abs(quotient(curve, W, step) - exact()) for step in (2e-3, 1e-3)
        )
        ratio = (wide / narrow)[1:]  # along the first, the function is a parabola
        np.testing.assert_allclose(ratio, 2.0**power, rtol=0.02)


def test_the_divisor_is_the_distance_that_was_taken():
    """In float32, 1000 + 1e-4 is 1000.00012: a straight line's slope comes out right all the same."""
    w = np.array([1000], dtype=np.float32)
    for quotient in (quotients.one_sided, quotients.central):
        slope = quotient(lambda v: 3 * (v[0] - 1000), w, 1e-4)
        assert slope.dtype == np.float32 and slope == pytest.approx(3, rel=1e-6)


def test_w_is_left_as_it_was():
    before = W.copy()
    for quotient in (quotients.one_sided, quotients.central, quotients.complex_step):
        quotient(curve, W, 1e-5)
    assert (before == W).all()


@pytest.mark.parametrize("cost", ["squared", "cross-entropy"])
def test_the_courses_example_costs_what_its_network_says(cost):
    """And its complex step is the network's own backpropagation."""
    _, layers = slides_network()
    network = Network([2, 2, 2, 2], cost=cost)
    loss, gradient = network.loss_and_gradient(layers, [[1, -1]], [[1, 0]])
    entropy, w = cost == "cross-entropy", quotients.slides_parameters()
    assert quotients.slides_cost(w, entropy) == pytest.approx(loss, rel=1e-14)
    slopes = quotients.complex_step(lambda v: quotients.slides_cost(v, entropy), w)
    flat = [part[key].ravel() for part in gradient for key in ("W", "b")]
    np.testing.assert_allclose(slopes, np.concatenate(flat), rtol=1e-12)


def test_float32_stays_float32():
    w = quotients.slides_parameters(np.float32)
    assert quotients.slides_cost(w).dtype == np.float32
    assert quotients.central(quotients.slides_cost, w, 1e-2).dtype == np.float32


def test_torch_has_the_same_gradient():
    torch = pytest.importorskip("torch")
    w = torch.tensor(quotients.slides_parameters(), requires_grad=True)
    a = torch.tensor([1.0, -1.0], dtype=torch.float64)
    for part in w.reshape(3, 6):
        a = torch.sigmoid(part[:4].reshape(2, 2) @ a + part[4:])
    (((a - torch.tensor([1.0, 0.0])) ** 2).sum() / 2).backward()
    slopes = quotients.complex_step(
        quotients.slides_cost, quotients.slides_parameters()
    )
    np.testing.assert_allclose(slopes, w.grad.numpy(), rtol=1e-12)


def test_layers_are_those_of_the_network_and_their_number_must_fit():
    _, layers = slides_network()
    w = quotients.slides_parameters()
    for (W, b), layer in zip(quotients.layers_of(w, (2, 2, 2, 2)), layers, strict=True):
        assert (W == layer["W"]).all() and (b == layer["b"]).all()
    with pytest.raises(ValueError, match="w has 18 numbers; allowed: 9"):
        quotients.layers_of(w, (2, 3))


def test_signals_are_the_slopes_of_the_biases():
    network, layers = slides_network()
    _, gradient = network.loss_and_gradient(layers, [[1, -1]], [[1, 0]])
    for signal, part in zip(quotients.slides_signals(), gradient, strict=True):
        np.testing.assert_allclose(signal, part["b"], rtol=1e-12)


def test_apart_is_a_share_of_the_true_length():
    assert quotients.apart(np.array([3.0, 5.0]), np.array([3.0, 4.0])) == 0.2
