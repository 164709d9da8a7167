"""Sequences of losses: the paper's algorithms go where the paper says they go."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimlib import SGD, Adam, AMSGrad, SignSGD
from optimlib.problems import (
    LinearLosses,
    StochasticLosses,
    reddi_figure,
    reddi_theorem,
    sign_sequence,
)

THEOREM, FIGURE, DRAWN = reddi_theorem(), reddi_figure(), reddi_figure(seed=0)
each_sequence = pytest.mark.parametrize("losses", [THEOREM, FIGURE, DRAWN])


def path(losses, steps, x=0.0, amsgrad=False):
    """Reddi et al.'s algorithm 1 with Adam's averages, or 2, on one number."""
    beta1, beta2 = losses.settings["beta1"], losses.settings["beta2"]
    m = v = v_max = 0.0
    points = [x]
    for t in range(1, steps + 1):
        g = losses.slope(t)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        v_max = max(v_max, v)
        x -= losses.alpha / t**0.5 * m / (v_max if amsgrad else v) ** 0.5
        x = min(1.0, max(-1.0, x))
        points.append(x)
    return np.array(points)


# The sequences


def test_the_theorems_losses_rise_at_every_third_step_from_the_first():
    slopes = [reddi_theorem(C=5.0).slope(t) for t in range(1, 8)]
    assert slopes == [5, -1, -1, 5, -1, -1, 5]


def test_the_figures_losses_rise_at_every_101st_step_from_the_first():
    slopes = np.array([FIGURE.slope(t) for t in range(1, 304)])
    assert (np.flatnonzero(slopes == 1010) + 1).tolist() == [1, 102, 203]
    assert (slopes[slopes != 1010] == -10).all()


def test_the_stochastic_losses_rise_with_their_probability_and_independently():
    n = 100_000
    rare = np.array([DRAWN.slope(t) for t in range(1, n + 1)]) == 1010
    spread = np.sqrt(0.01 * 0.99 / n)
    assert abs(rare.mean() - 0.01) < 5 * spread
    for lag in (1, 2, 4096):
        after = rare[lag:][rare[:-lag]].mean()
        assert abs(after - 0.01) < 5 * np.sqrt(0.01 * 0.99 / rare[:-lag].sum())


def test_a_seed_gives_one_sequence_in_whatever_order_it_is_asked_for():
    steps = np.random.default_rng(0).permutation(np.arange(1, 20_000))
    shuffled = {int(t): DRAWN.slope(t) for t in steps}
    again, other = reddi_figure(seed=0), reddi_figure(seed=1)
    assert all(again.slope(t) == shuffled[t] for t in range(1, 20_000))
    assert any(other.slope(t) != shuffled[t] for t in range(1, 20_000))


def test_the_rare_slopes_are_as_probable_as_one_asks():
    settings = {"alpha": 1.0, "settings": {}}
    always, never = (StochasticLosses(2.0, -1.0, p, 0, **settings) for p in (1.0, 0.0))
    assert {always.slope(t) for t in range(1, 50)} == {2}
    assert {never.slope(t) for t in range(1, 50)} == {-1}


@pytest.mark.parametrize(
    ("losses", "mean"),
    [(THEOREM, 1 / 3), (reddi_theorem(C=5.0), 1), (FIGURE, 10 / 101), (DRAWN, 0.2)],
)
def test_the_mean_slope_is_positive_so_that_the_best_point_is_minus_1(losses, mean):
    assert losses.mean_slope == pytest.approx(mean, rel=1e-12)
    points = np.linspace(-1, 1, 21)
    if isinstance(losses, StochasticLosses):
        total = losses.mean_slope * points
    else:
        total = sum(losses.loss(points, t) for t in range(1, losses.period + 1))
        assert total[-1] == pytest.approx(losses.period * mean)
    assert points[np.argmin(total)] == losses.best == -1
    assert points[np.argmax(total)] == 1


@each_sequence
@given(x=st.floats(-1, 1), t=st.integers(1, 10_000))
def test_the_gradient_is_the_losss(losses, x, t):
    slope = (losses.loss(1.0, t) - losses.loss(-1.0, t)) / 2
    assert losses.gradient(x, t) == slope == losses.slope(t)
    assert losses.loss(x, t) == slope * x


@each_sequence
def test_the_gradient_has_the_shape_and_dtype_of_the_point(losses):
    for dtype in (np.float32, np.float64):
        gradient = losses.gradient(np.zeros((2, 3), dtype), 1)
        assert gradient.shape == (2, 3) and gradient.dtype == dtype
    assert losses.gradient([0, 1], 2).dtype == float


@each_sequence
@pytest.mark.parametrize("t", [0, -3, 1.5, "1"])
def test_a_step_before_the_first_is_refused(losses, t):
    with pytest.raises(
        ValueError, match="^t is .*; allowed: a whole number, 1 or more"
    ):
        losses.slope(t)


@given(st.floats(allow_nan=False))
def test_the_projection_is_the_nearest_point_of_the_interval(x):
    got = LinearLosses.project(np.array([x]))[0]
    assert -1 <= got <= 1
    assert abs(got - x) <= min(abs(x - p) for p in np.linspace(-1, 1, 101))


# The settings


def test_the_settings_are_the_papers():
    assert reddi_theorem(C=3.0).settings == {
        "beta1": 0.0, "beta2": 0.1, "eps": 0.0, "bias_correction": False,
    }  # fmt: skip
    for losses in (FIGURE, DRAWN):
        assert losses.settings == {
            "beta1": 0.9, "beta2": 0.99, "eps": 0.0, "bias_correction": False,
        }  # fmt: skip


def test_the_rate_falls_with_the_root_of_the_step():
    losses = reddi_figure(alpha=0.7)
    assert [losses.lr(t) for t in (1, 4, 100)] == pytest.approx([0.7, 0.35, 0.07])


@pytest.mark.parametrize("C", [2.0, 1, -5.0, np.inf, np.nan])
def test_a_slope_with_which_the_losses_do_not_rise_is_refused(C):
    with pytest.raises(
        ValueError, match="^C is .*; allowed: a finite number, more than"
    ):
        reddi_theorem(C=C)


@pytest.mark.parametrize("alpha", [0.0, -1.0, 0.95, np.nan])
def test_a_rate_that_the_proof_does_not_cover_is_refused(alpha):
    with pytest.raises(ValueError, match=r"^alpha is .*; allowed: .* less than 0\.948"):
        reddi_theorem(alpha=alpha)


def test_a_figure_without_a_seed_or_rate_that_is_one_is_refused():
    with pytest.raises(ValueError, match="^seed is -1; allowed: a whole number, 0 or"):
        reddi_figure(seed=-1)
    for alpha in (-1.0, np.inf, np.nan):
        with pytest.raises(ValueError, match="^alpha is .*; allowed: a finite number"):
            reddi_figure(alpha=alpha)


# Where the methods go


@given(C=st.floats(2.01, 50), share=st.floats(0.01, 0.99))
def test_adam_comes_back_to_the_worst_point_after_each_period_as_proved(C, share):
    losses = reddi_theorem(C=C, alpha=share * np.sqrt(1 - 1 / (1 + C**2)))
    points = path(losses, 300, x=1.0)
    assert (points[::3] == 1).all() and (points > 0).all()


def test_on_the_theorems_losses_amsgrad_goes_to_the_best_point():
    assert path(THEOREM, 30_000, x=1.0, amsgrad=True)[-1] < -0.95


def test_in_the_figure_adam_goes_to_the_worst_point_and_amsgrad_to_the_best():
    assert path(FIGURE, 100_000)[-1] > 0.99
    assert path(FIGURE, 100_000, amsgrad=True)[-1] < -0.98


def test_in_the_stochastic_form_adam_goes_to_the_worst_point_and_amsgrad_turns_back():
    adam, amsgrad = path(DRAWN, 200_000), path(DRAWN, 200_000, amsgrad=True)
    assert adam[100_000:].mean() > 0.95
    assert amsgrad[100_000:].mean() < 0.3
    assert np.polyfit(np.arange(100_001), amsgrad[100_000:], 1)[0] < 0


@pytest.mark.parametrize("method", [Adam, AMSGrad])
@each_sequence
def test_the_optimizers_run_on_them_with_these_settings(losses, method):
    opt = method(lr=losses.lr, project=losses.project, **losses.settings)
    x = np.array([0.0, 0.5])
    ends = [path(losses, 500, start, method is AMSGrad)[-1] for start in x]
    for t in range(1, 501):
        x = opt.step(x, losses.gradient(x, t))
    np.testing.assert_allclose(x, ends, rtol=1e-9, atol=1e-12)


# Hinton's signs


def test_the_courses_signs_go_against_their_mean():
    gradients = sign_sequence()
    assert gradients.tolist() == [0.9, -0.1, -0.1, -0.1, -0.1]
    assert gradients.mean() == pytest.approx(0.1)
    assert np.sign(gradients.mean()) == 1 and np.sign(gradients).sum() == -3


def test_hintons_signs_go_away_although_their_mean_says_stay():
    gradients = sign_sequence(-0.9, 0.1, 9)
    assert len(gradients) == 10 and gradients.mean() == pytest.approx(0, abs=1e-16)
    assert np.sign(gradients).sum() == 8


def test_steps_along_the_signs_take_a_weight_the_wrong_way():
    ends = []
    for opt in (SignSGD(lr=0.01), SGD(lr=0.01)):
        w = np.zeros(1)
        for g in np.tile(sign_sequence(), 20):
            w = opt.step(w, np.array([g]))
        ends.append(w[0])
    assert ends == pytest.approx([20 * 3 * 0.01, -100 * 0.1 * 0.01])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"rare": -0.9}, "^rare is -0.9 and common -0.1; allowed: numbers of opposite"),
        ({"common": 0.0}, "^rare is 0.9 and common 0.0; allowed: numbers of opposite"),
        ({"rare": np.nan}, "^rare is nan and common"),
        ({"times": 0}, "^times is 0; allowed: a whole number, 1 or more"),
        ({"times": 2.5}, "^times is 2.5; allowed: a whole number, 1 or more"),
    ],
)
def test_signs_that_do_not_mislead_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        sign_sequence(**given)
