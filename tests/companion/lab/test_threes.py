"""Is this digit a three: the minimum is one, the gradient is the cost's, the noise is the gradients'."""

import numpy as np
import pytest

from companion.lab import digits, noise, threes
from optimlib import SGD
from optimlib.schedules import InverseTimeDecay

W = np.random.default_rng(0).normal(size=11)


def test_the_data_are_images_with_a_one_and_threes():
    x, y = threes.data()
    assert x.shape == (1792, 11) and (x[:, -1] == 1).all()
    np.testing.assert_array_equal(y, digits.images()[1][:1792].argmax(axis=1) == 3)
    np.testing.assert_allclose(x[:, :-1].mean(axis=0), 0, atol=1e-12)
    second = x.T @ x / 1792
    assert np.trace(second) == pytest.approx(11)
    assert np.abs(second - np.diag(np.diag(second))).max() < 1e-12


def test_the_gradient_is_the_costs():
    for rows in (slice(None), [3, 3, 700]):
        step = 1e-6 * np.eye(11)
        slopes = [(threes.cost(W + e, rows) - threes.cost(W - e, rows)) / 2e-6 for e in step]  # fmt: skip
        np.testing.assert_allclose(threes.gradient(W, rows), slopes, rtol=1e-6)
    rows = np.array([[3, 3, 700], [1, 2, 4]])
    both = threes.gradients(np.array([W, 2 * W]), rows)
    np.testing.assert_allclose(both[0], threes.gradient(W, rows[0]))
    np.testing.assert_allclose(both[1], threes.gradient(2 * W, rows[1]))


def test_the_minimum_is_least_squares_and_the_excess_is_above_it():
    x, y = threes.data()
    best, *_ = np.linalg.lstsq(x, y)
    np.testing.assert_allclose(threes.minimum(), best, atol=1e-12)
    above = threes.cost(W) - threes.cost(best)
    assert threes.excess(W) == pytest.approx(above, rel=1e-10)
    assert threes.excess(np.array([W, best])) == pytest.approx([above, 0], abs=1e-14)


def test_the_noise_is_the_variance_along_the_directions_of_the_curvatures():
    curvatures, variances = threes.curvatures(), threes.variances()
    assert curvatures[0] > 0.4 and curvatures[-1] < 2.03
    each = [threes.gradient(threes.minimum(), [n]) for n in range(1792)]
    second = np.cov(np.transpose(each), ddof=0)
    assert variances.sum() == pytest.approx(np.trace(second))
    weighted = (variances / curvatures).sum()
    assert weighted == pytest.approx(np.trace(np.linalg.solve(threes.hessian(), second)))  # fmt: skip


def test_the_costs_are_those_of_optimlibs_steps():
    rate = InverseTimeDecay(0.2, 0.05)
    rows = noise.orders("shuffle", np.random.default_rng(3), 1792, 64, 2, runs=2)
    found = threes.costs("shuffle", rate, 2, start=W, runs=2, batch=64, seed=3)
    assert found.shape == (57, 2)
    for run in (0, 1):
        w, opt = W, SGD(lr=rate)
        for some in rows[run]:
            w = opt.step(w, threes.gradient(w, some))
        assert found[-1, run] == pytest.approx(threes.excess(w), rel=1e-10)
    assert found[0] == pytest.approx(threes.excess(W))
