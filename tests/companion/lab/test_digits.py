"""The digits: the gradient is the cost's, a batch is a batch, a split has them all."""

import numpy as np
import pytest

from companion.lab import digits
from optimlib import SGD, Adam

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


def test_a_split_has_every_image_once_and_a_fifth_to_validate_with():
    x, y = digits.images()
    (x_train, y_train), (x_validate, y_validate) = digits.split(0)
    assert x_train.shape == (1438, 64) and y_train.shape == (1438, 10)
    assert x_validate.shape == (359, 64) and y_validate.shape == (359, 10)
    together = np.column_stack(
        [np.vstack([x_train, x_validate]), np.vstack([y_train, y_validate])]
    )
    whole = np.column_stack([x[:, :-1], y])
    np.testing.assert_array_equal(
        np.sort(together.view([("", float)] * 74), axis=0),
        np.sort(whole.copy().view([("", float)] * 74), axis=0),
    )


def test_a_seed_gives_one_split_and_another_seed_another():
    one, same, other = digits.split(3), digits.split(3), digits.split(4)
    assert np.array_equal(one[0][0], same[0][0])
    assert not np.array_equal(one[0][0], other[0][0])


@pytest.mark.parametrize("validation", [0, 1, -0.2, 1e-5, 0.9999, float("nan")])
def test_a_split_with_an_empty_part_is_refused(validation):
    with pytest.raises(ValueError, match="^validation is .*; allowed: a share between"):
        digits.split(0, validation)


def test_a_split_does_not_hand_out_the_stored_images():
    (x_train, _), _ = digits.split(0)
    x_train[:] = -1
    assert digits.images()[0].min() == 0


def test_the_loss_of_large_weights_is_a_number():
    """Far out it is the mean lead of the largest score over the right one."""
    x, y = digits.images()
    W = 1e4 * np.random.default_rng(0).normal(size=(65, 10))
    scores = x @ W
    lead = scores.max(axis=1) - (scores * y).sum(axis=1)
    assert digits.loss(W) == pytest.approx(lead.mean(), rel=1e-3)
    assert digits.loss(0 * W) == pytest.approx(np.log(10))


@pytest.mark.parametrize("size", [64, 1797])
def test_the_steps_to_a_loss_are_the_first_that_come_below_it(size):
    opt, W = SGD(lr=4.0), np.zeros((65, 10))
    rng, losses = np.random.default_rng(2), [digits.loss(W)]
    while losses[-1] >= 0.5:
        rows = rng.integers(1797, size=size) if size < 1797 else range(1797)
        W = opt.step(W, digits.gradient(W, rows))
        losses.append(digits.loss(W))
    assert digits.steps_to(0.5, 4.0, size, seed=2) == len(losses) - 1
