"""Softmax regression on the digits: the gradient is the cost's, and a batch is a batch."""

import numpy as np
import pytest

from companion import digits
from optimlib import Adam

W = np.random.default_rng(0).normal(size=(65, 10))


def test_the_images_are_grey_levels_with_a_bias_and_one_digit_each():
    x, y = digits.images()
    assert x.shape == (1797, 65) and y.shape == (1797, 10)
    assert x.min() == 0 and x.max() == 1 and (x[:, -1] == 1).all()
    assert (y.sum(axis=1) == 1).all() and set(y.ravel()) == {0, 1}


def test_the_probabilities_are_positive_and_add_up_to_one_without_overflow():
    for scale in (0, 1, 1000):
        p = digits.probabilities(W * scale)
        assert (p >= 0).all() and np.isfinite(p).all()
        np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    assert (digits.probabilities(0 * W) == 0.1).all() and digits.loss(
        0 * W
    ) == pytest.approx(np.log(10))


def test_the_gradient_is_the_losss_by_complex_steps():
    x, y = digits.images()
    for i, j in ((20, 3), (64, 0), (36, 9)):
        moved = W.astype(complex)
        moved[i, j] += 1e-30j
        odds = np.exp(x @ moved)
        loss = -np.log((odds / odds.sum(axis=1, keepdims=True) * y).sum(axis=1)).mean()
        assert digits.gradient(W)[i, j] == pytest.approx(loss.imag / 1e-30, rel=1e-10)


def test_a_batchs_gradient_is_the_mean_of_its_images_gradients():
    each, rows = digits.gradients(W), np.array([3, 3, 1796, 0])
    np.testing.assert_allclose(
        digits.gradient(W), each.mean(axis=0), rtol=1e-10, atol=1e-13
    )
    np.testing.assert_allclose(
        digits.gradient(W, rows), each[rows].mean(axis=0), rtol=1e-12, atol=1e-14
    )


def test_batches_are_seeded_and_drawn_from_all_images():
    one, other = (digits.batches(np.random.default_rng(1), 32, 2000) for _ in range(2))
    assert one.shape == (2000, 32) and np.array_equal(one, other)
    assert len(np.unique(one)) == 1797


def test_a_run_is_seeded_and_learns():
    path = digits.train(Adam(lr=0.01), 100)
    assert path.shape == (101, 65, 10) and np.array_equal(
        path, digits.train(Adam(lr=0.01), 100)
    )
    assert not np.array_equal(path, digits.train(Adam(lr=0.01), 100, seed=1))
    assert (path[0] == 0).all() and digits.loss(path[-1]) < 0.5 * digits.loss(path[0])
