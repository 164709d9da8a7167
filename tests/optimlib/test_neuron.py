"""The sigmoid neuron: its cost in 50 digits, its slope by complex steps, its data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from optimlib.problems import SideBySide, SigmoidNeuron, films, sigmoid, sparse_toy

mp.dps = 50


@given(st.floats(-1e308, 1e308))
def test_the_sigmoid_is_right_to_rounding_and_never_overflows(z):
    with np.errstate(all="raise", under="ignore"):
        got = sigmoid(z)
    exact = 1 / (1 + mp.exp(-mpf(z)))
    assert abs(mpf(float(got)) - exact) <= 4e-16
    assert 0 <= got <= 1


def test_the_sigmoid_of_an_array_and_of_whole_numbers():
    got = sigmoid(np.array([[-800, 0], [1, 800]]))
    assert (
        got.shape == (2, 2) and got[0, 1] == 0.5 and got[0, 0] == 0 and got[1, 1] == 1
    )
    assert sigmoid(1) + sigmoid(-1) == pytest.approx(1, rel=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_the_sigmoid_keeps_its_dtype(dtype):
    z = np.array([-2.0, 0.0, 3.0], dtype)
    assert sigmoid(z).dtype == dtype
    np.testing.assert_allclose(sigmoid(z), 1 / (1 + np.exp(-z)), rtol=1e-6)
    assert sigmoid([1, 2]).dtype == float


def cost(x, y, theta):
    """Half the mean squared error, point by point, of complex or 50-digit numbers."""
    total = 0
    for row, target in zip(x, y, strict=True):
        z = sum(w * value for w, value in zip(theta[:-1], row, strict=True)) + theta[-1]
        total += (
            1 / (1 + (np.exp(-z) if isinstance(z, complex) else mp.exp(-z))) - target
        ) ** 2
    return total / (2 * len(y))


@pytest.fixture
def neuron():
    """Eleven points, three features, many of them repeated and many zero."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(11, 3)) * (rng.random((11, 3)) < 0.5)
    x[5], x[8] = x[2], x[2]
    y = rng.random(11)
    y[5] = y[2]
    return SigmoidNeuron(x, y)


@pytest.mark.parametrize("scale", [0.1, 1, 8])
def test_the_cost_is_half_the_mean_squared_error(neuron, scale):
    for theta in np.random.default_rng(1).normal(size=(5, 4)) * scale:
        exact = cost(neuron.x.tolist(), neuron.y.tolist(), [mpf(t) for t in theta])
        assert neuron.loss(theta) == pytest.approx(float(exact), rel=1e-13)


@pytest.mark.parametrize("scale", [0.1, 1, 8])
def test_the_gradient_is_the_costs_by_complex_steps(neuron, scale):
    step = 1e-30
    for theta in np.random.default_rng(2).normal(size=(5, 4)) * scale:
        for k in range(4):
            moved = [complex(t, step * (i == k)) for i, t in enumerate(theta)]
            slope = cost(neuron.x.tolist(), neuron.y.tolist(), moved).imag / step
            assert neuron.gradient(theta)[k] == pytest.approx(
                slope, rel=1e-12, abs=1e-15
            )


def test_a_whole_map_of_parameters_is_evaluated_as_each_alone(neuron):
    thetas = np.random.default_rng(3).normal(size=(3, 5, 4))
    losses, gradients = neuron.loss(thetas), neuron.gradient(thetas)
    assert losses.shape == (3, 5) and gradients.shape == (3, 5, 4)
    for i in range(3):
        for j in range(5):
            assert losses[i, j] == pytest.approx(neuron.loss(thetas[i, j]), rel=1e-13)
            np.testing.assert_allclose(
                gradients[i, j], neuron.gradient(thetas[i, j]), rtol=1e-12, atol=1e-16
            )


def test_points_that_coincide_count_as_often_as_they_occur(neuron):
    """Repeating a point moves the mean towards it; repeating all of them does not, nor
    does another order."""
    x, y, theta = neuron.x, neuron.y, np.array([0.3, -1.0, 2.0, 0.5])
    twice = SigmoidNeuron(np.vstack([x, x]), np.concatenate([y, y]))
    shuffled = SigmoidNeuron(x[::-1], y[::-1])
    for other in (twice, shuffled):
        assert other.loss(theta) == pytest.approx(neuron.loss(theta), rel=1e-14)
        np.testing.assert_allclose(
            other.gradient(theta), neuron.gradient(theta), rtol=1e-12
        )
    one = SigmoidNeuron(x[:1], y[:1]).loss(theta)
    more = SigmoidNeuron(np.vstack([x, x[:1]]), np.append(y, y[0])).loss(theta)
    assert more == pytest.approx((11 * neuron.loss(theta) + one) / 12, rel=1e-13)


def test_one_input_with_two_targets_is_two_points():
    assert SigmoidNeuron([[0.0], [0.0]], [0.0, 1.0]).loss([0.0, 0.0]) == pytest.approx(
        0.125, rel=1e-15
    )


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (np.ones(3), np.ones(3)),
        (np.ones((3, 1)), np.ones(2)),
        (np.ones((0, 1)), []),
        (np.ones((2, 1)), np.ones((2, 1))),
    ],
)
def test_points_that_do_not_fit_are_refused(x, y):
    with pytest.raises(
        ValueError, match=r"^x has shape .* and y .*; allowed: \(N, K\) and \(N,\)"
    ):
        SigmoidNeuron(x, y)


def test_the_hessian_is_the_gradients_slope(neuron):
    """By central differences, which are right to 1e-9 here."""
    for theta in np.random.default_rng(5).normal(size=(3, 4)):
        curvature = neuron.hessian(theta)
        np.testing.assert_allclose(curvature, curvature.T, rtol=1e-12, atol=1e-16)
        for k, shift in enumerate(1e-5 * np.eye(4)):
            slope = (
                neuron.gradient(theta + shift) - neuron.gradient(theta - shift)
            ) / 2e-5
            np.testing.assert_allclose(curvature[k], slope, rtol=1e-7, atol=1e-9)


def test_the_minimum_is_one():
    """Of targets that no weights meet: no gradient there, no lower cost near or far."""
    neuron = sparse_toy(2, targets="random")
    theta = neuron.minimum()
    np.testing.assert_allclose(neuron.gradient(theta), 0, atol=1e-12)
    assert (np.linalg.eigvalsh(neuron.hessian(theta)) > 0).all()
    others = (
        theta
        + np.random.default_rng(6).normal(size=(200, 2))
        * np.logspace(-3, 1, 200)[:, None]
    )
    assert (neuron.loss(others) > neuron.loss(theta)).all()


def test_a_cost_that_only_infinite_weights_minimize_has_no_minimum():
    with pytest.raises(ValueError, match="no minimum at finite weights"):
        SigmoidNeuron([[-1.0], [1.0]], [0.0, 1.0]).minimum()


def test_a_neuron_of_some_points_sees_those_alone(neuron):
    theta = np.array([0.3, -1.0, 2.0, 0.5])
    alone = [neuron.of(i).loss(theta) for i in range(11)]
    assert np.mean(alone) == pytest.approx(neuron.loss(theta), rel=1e-13)
    assert np.mean(alone[3:7]) == pytest.approx(
        neuron.of(slice(3, 7)).loss(theta), rel=1e-13
    )
    assert neuron.of(neuron.y < 0.5).loss(theta) == pytest.approx(
        np.mean(np.array(alone)[neuron.y < 0.5]), rel=1e-13
    )


def test_neurons_side_by_side_are_each_what_they_are_alone():
    neurons = [
        sparse_toy(seed, zeros=zeros, n=n)
        for seed, zeros, n in ((0, 0.8, 50), (1, 0.5, 80), (2, 0.0, 7))
    ]
    theta = np.random.default_rng(7).normal(size=(3, 5, 2)) * 3
    together = SideBySide(neurons)
    assert together.loss(theta).shape == (3, 5) and together.gradient(theta).shape == (
        3,
        5,
        2,
    )
    for k, neuron in enumerate(neurons):
        np.testing.assert_allclose(
            together.loss(theta)[k], neuron.loss(theta[k]), rtol=1e-12
        )
        np.testing.assert_allclose(
            together.gradient(theta)[k],
            neuron.gradient(theta[k]),
            rtol=1e-11,
            atol=1e-16,
        )


def test_neurons_side_by_side_have_no_method_that_is_one_neurons_alone():
    together = SideBySide([sparse_toy(0, n=20), sparse_toy(1, n=30)])
    for name in ("of", "hessian", "minimum"):
        assert not hasattr(together, name)


# The data


@pytest.mark.parametrize("zeros", [0.0, 0.8, 0.9, 0.995])
def test_the_toy_set_has_exactly_its_share_of_zeros(zeros):
    toy = sparse_toy(7, zeros=zeros)
    assert toy.x.shape == (1000, 1) and toy.y.shape == (1000,)
    assert np.count_nonzero(toy.x == 0) == round(zeros * 1000)
    assert (np.abs(toy.x) <= 1).all()
    assert len(set(toy.x[toy.x != 0])) == 1000 - round(
        zeros * 1000
    )  # the others stay drawn at random


def test_the_toy_sets_cost_is_nothing_at_its_own_parameters_and_more_elsewhere():
    toy = sparse_toy(3, w=1.5, b=0.5)
    assert toy.loss([1.5, 0.5]) == pytest.approx(0, abs=1e-30)
    np.testing.assert_allclose(toy.gradient([1.5, 0.5]), 0, atol=1e-16)
    assert (toy.loss(np.random.default_rng(0).normal(size=(50, 2)) * 3) > 1e-5).all()


def test_labels_have_the_curves_probability_and_random_targets_know_nothing_of_x():
    x, labels = (
        sparse_toy(0, n=40_000, zeros=0.0, targets="labels").x[:, 0],
        sparse_toy(0, n=40_000, zeros=0.0, targets="labels").y,
    )
    assert set(labels) == {0, 1}
    for low in (-1, -0.5, 0, 0.5):
        part = (x >= low) & (x < low + 0.5)
        expected = sigmoid(2 * x[part] - 1)
        assert abs(labels[part].mean() - expected.mean()) < 5 * np.sqrt(
            0.25 / part.sum()
        )
    random = sparse_toy(0, n=40_000, zeros=0.0, targets="random")
    assert (
        abs(np.corrcoef(random.x[:, 0], random.y)[0, 1]) < 0.025
        and 0.49 < random.y.mean() < 0.51
    )


def test_targets_of_another_name_are_refused():
    with pytest.raises(
        ValueError, match="^targets is 'both'; allowed: 'curve', 'labels' or 'random'"
    ):
        sparse_toy(0, targets="both")


def test_the_films_have_so_many_with_the_actor_and_these_are_hits_more_often():
    cinema = films(0)
    actor, drama = cinema.x.T
    assert (
        cinema.x.shape == (10_000, 2)
        and actor.sum() == 50
        and drama.mean() == 0.5
        and (actor[:50] == 1).all()
    )
    for probability, part in (
        (sigmoid(-1.5), (actor == 0) & (drama == 0)),
        (sigmoid(-0.5), (actor == 0) & (drama == 1)),
    ):
        assert abs(cinema.y[part].mean() - probability) < 5 * np.sqrt(0.25 / part.sum())
    assert cinema.y[actor == 1].mean() > 0.7
    for wrong in (0, 10_001):
        with pytest.raises(
            ValueError,
            match=f"^starring is {wrong}; allowed: a whole number from 1 to 10000",
        ):
            films(0, starring=wrong)


def test_a_seed_gives_one_toy_set_and_another_seed_another():
    assert np.array_equal(sparse_toy(1).x, sparse_toy(1).x)
    assert not np.array_equal(sparse_toy(1).x, sparse_toy(2).x)


@pytest.mark.parametrize("zeros", [1, -0.1, float("nan")])
def test_a_share_of_zeros_that_leaves_no_feature_is_refused(zeros):
    with pytest.raises(
        ValueError, match=r"^zeros is .*; allowed: a number in \[0, 1\)"
    ):
        sparse_toy(0, zeros=zeros)
