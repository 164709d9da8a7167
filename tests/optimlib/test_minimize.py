"""minimize: the recorded run is the run that was taken."""

import math

import numpy as np
import pytest
from variants import every_method, make

from optimlib import SGD, VSGD, Adam, Momentum, NesterovLookAhead, minimize
from optimlib.arrays.nests import flatten


def bowl(w):
    """Half the squared distance from (1, -2)."""
    return 0.5 * np.sum((np.asarray(w) - [1, -2]) ** 2)


def slope(w):
    """The bowl's gradient."""
    return np.asarray(w) - [1, -2]


@every_method
def test_every_point_value_and_norm_is_that_of_a_run_by_hand(method):
    """Each method is given what it needs: the loss, the curvature, the gradient."""
    start, bend = np.array([3.0, 3.0]), np.ones_like
    run = minimize(bowl, slope, [3.0, 3.0], make(method, 0.1), 25, curvature=bend)
    opt, w = make(method, 0.1), start
    for k in range(26):
        assert np.array_equal(run.w[k], w) and run.f[k] == bowl(w)
        assert run.grad_norm[k] == pytest.approx(math.hypot(*slope(w)), rel=1e-14)
        given = {"loss": bowl(w), "curvature": bend(w), "gradient": slope}
        needs = {name: given[name] for name in opt.inputs if name in given}
        w = opt.step(w, *([] if "gradient" in needs else [slope(w)]), **needs)
    assert run.w.shape == (26, 2) and run.f.shape == run.grad_norm.shape == (26,)
    assert len(run) == 25 and run.stopped == "steps"


def test_gradient_descent_on_the_bowl_is_the_closed_form():
    run = minimize(bowl, slope, np.zeros(2), SGD(lr=0.25), 40)
    expected = np.array([1, -2]) * (1 - 0.75 ** np.arange(41)[:, None])
    np.testing.assert_allclose(run.w, expected, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(
        run.f, 2.5 * 0.75 ** (2 * np.arange(41)), rtol=1e-12, atol=1e-15
    )


def test_a_nest_is_recorded_leaf_by_leaf_with_the_norm_of_the_whole():
    w0 = {"w": np.ones((2, 3), np.float32), "b": [np.zeros(1), np.ones(2)]}
    run = minimize(
        lambda w: w["b"][0],
        lambda w: {"w": w["w"], "b": [w["b"][0] + 3, w["b"][1] * 0]},
        w0,
        SGD(lr=0.0),
        4,
    )
    assert run.w["w"].shape == (5, 2, 3) and run.w["w"].dtype == np.float32
    assert [array.shape for array in run.w["b"]] == [(5, 1), (5, 2)]
    assert run.f.shape == (5, 1)
    np.testing.assert_allclose(run.grad_norm, math.sqrt(6 + 9), rtol=1e-14)


def test_many_starts_run_at_once_as_they_do_alone():
    starts = np.random.default_rng(0).normal(size=(7, 2))
    f = lambda w: 0.5 * np.sum((w - [1, -2]) ** 2, axis=-1)
    together = minimize(f, slope, starts, Adam(lr=0.1), 30)
    assert together.w.shape == (31, 7, 2) and together.f.shape == (31, 7)
    for k, start in enumerate(starts):
        assert np.array_equal(
            together.w[:, k], minimize(f, slope, start, Adam(lr=0.1), 30).w
        )


@pytest.mark.parametrize("start", [np.array([3.0, 3.0]), [3.0, 3.0]])
def test_no_step_records_the_start_alone(start):
    opt = Adam()
    run = minimize(bowl, slope, start, opt, 0)
    assert (
        len(run) == 0
        and run.w.tolist() == [[3, 3]]
        and run.f.tolist() == [14.5]
        and opt.t == 0
    )
    assert run.stopped == "steps" and run.grad_norm[0] == pytest.approx(math.sqrt(29))


def test_f_and_grad_are_given_arrays_from_the_first_point_on():
    given = []
    for start in ([3.0, 3.0], {"w": [3.0], "b": 1.0}):
        minimize(lambda w: given.append(w) or 0, lambda w: w, start, SGD(), 1)
    assert [type(leaf) for w in given for leaf in flatten(w).values()] == [
        np.ndarray
    ] * 6


def test_a_norm_that_fits_is_found_where_its_square_does_not():
    run = minimize(
        lambda w: 0, lambda w: np.array([3e200, 4e200]), np.zeros(2), SGD(lr=0), 1
    )
    assert run.stopped == "steps" and run.grad_norm.tolist() == pytest.approx(
        [5e200, 5e200]
    )
    run = minimize(
        lambda w: 0, lambda w: np.array([3e-200, 4e-200]), np.zeros(2), SGD(lr=0), 1
    )
    assert run.grad_norm.tolist() == pytest.approx([5e-200, 5e-200])


@pytest.mark.parametrize(
    "steps", [-1, 1.5, math.nan, math.inf, "3", None, True, np.array([1, 2])], ids=repr
)
def test_a_number_of_steps_that_is_none_is_refused(steps):
    with pytest.raises(
        ValueError, match=r"^steps is .*; allowed: a whole number, 0 or more"
    ):
        minimize(bowl, slope, np.zeros(2), SGD(), steps)


@pytest.mark.parametrize("steps", [3, 3.0, np.int64(3)], ids=repr)
def test_a_whole_number_of_any_kind_will_do(steps):
    assert len(minimize(bowl, slope, np.zeros(2), SGD(), steps)) == 3


def test_the_run_goes_on_from_the_optimizers_state_and_leaves_the_start_alone():
    start, opt = np.array([3.0, 3.0]), Momentum(lr=0.1)
    first = minimize(bowl, slope, start, opt, 10)
    second = minimize(bowl, slope, first.w[-1], opt, 10)
    whole = minimize(bowl, slope, start, Momentum(lr=0.1), 20)
    assert np.array_equal(np.concatenate([first.w, second.w[1:]]), whole.w)
    assert opt.t == 20 and start.tolist() == [3, 3]


@pytest.mark.filterwarnings(
    "ignore::RuntimeWarning"
)  # numbers that overflow are what this is about
@pytest.mark.parametrize("nonfinite", ["raise", "ignore"])
def test_a_run_that_diverges_is_recorded_to_its_last_finite_point(nonfinite):
    f, grad = (lambda w: float(w[0] ** 4)), (lambda w: 4 * w**3)
    run = minimize(f, grad, np.array([3.0]), SGD(lr=1.0, nonfinite=nonfinite), 50)
    assert run.stopped == "diverged" and 2 < len(run) < 50
    for part in (run.w, run.f, run.grad_norm):
        assert np.isfinite(part).all() and len(part) == len(run) + 1
    beyond = run.w[-1] - grad(run.w[-1])
    assert not np.isfinite(f(beyond)) or not np.isfinite(grad(beyond)).all()


@pytest.mark.parametrize(
    ("f", "grad"),
    [(lambda w: np.nan, slope), (bowl, lambda w: np.array([0.0, np.inf]))],
)
def test_a_start_that_is_not_finite_has_no_point_to_record(f, grad):
    run = minimize(f, grad, np.zeros(2), SGD(), 5)
    assert run.stopped == "diverged" and len(run.f) == 0


def test_one_start_of_many_that_diverges_ends_the_run():
    f, grad = (lambda w: w**2), (lambda w: np.where(w > 1, np.nan, w))
    run = minimize(f, grad, np.array([0.5, 2.0]), SGD(), 5)
    assert run.stopped == "diverged"


# Tolerance


@pytest.mark.parametrize("tolerance", [1.0, 1e-3, 0.0])
def test_a_run_stops_at_the_first_point_within_the_tolerance(tolerance):
    run = minimize(bowl, slope, np.zeros(2), SGD(lr=0.5), 5000, tolerance=tolerance)
    assert run.stopped == "tolerance"
    assert run.grad_norm[-1] <= tolerance and (run.grad_norm[:-1] > tolerance).all()


def test_a_minimum_takes_no_step_with_a_tolerance_and_all_of_them_without():
    opt = SGD()
    run = minimize(bowl, slope, [1.0, -2.0], opt, 7, tolerance=0.0)
    assert len(run) == 0 and opt.t == 0 and run.stopped == "tolerance"
    run = minimize(bowl, slope, [1.0, -2.0], opt, 7)
    assert len(run) == 7 and opt.t == 7 and run.stopped == "steps"


@pytest.mark.parametrize("tolerance", [-1e-9, math.nan, "1", [1.0, 2.0]], ids=repr)
def test_a_tolerance_that_is_none_is_refused(tolerance):
    said = r"^tolerance is .*; allowed: a finite number, 0 or more"
    with pytest.raises((TypeError, ValueError), match=said):
        minimize(bowl, slope, np.zeros(2), SGD(), 5, tolerance=tolerance)


def test_a_method_that_needs_the_curvature_says_so():
    with pytest.raises(TypeError, match="VSGD needs curvature=, the diagonal of the"):
        minimize(bowl, slope, np.zeros(2), VSGD(), 5)


# Populations


def bowls(w):
    """The bowl for each member."""
    return 0.5 * np.sum((w - [1, -2]) ** 2, axis=-1)


def test_a_population_is_recorded_as_its_members_are_alone():
    starts = np.random.default_rng(0).normal(size=(3, 2))
    rates = np.array([0.01, 0.1, 0.5])
    together = minimize(bowls, slope, starts, Adam(lr=rates, population=3), 30)
    assert together.grad_norm.shape == together.f.shape == (31, 3)
    for k, lr in enumerate(rates):
        alone = minimize(bowl, slope, starts[k], Adam(lr=lr), 30)
        assert np.array_equal(together.w[:, k], alone.w)
        np.testing.assert_allclose(together.f[:, k], alone.f, rtol=1e-15)
        np.testing.assert_allclose(
            together.grad_norm[:, k], alone.grad_norm, rtol=1e-15
        )


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_member_that_diverges_does_not_stop_the_others():
    opt = SGD(lr=np.array([0.5, 1e200]), population=2, nonfinite="ignore")
    run = minimize(bowls, slope, np.zeros((2, 2)), opt, 10)
    assert run.stopped == "steps" and len(run) == 10
    alone = minimize(bowl, slope, np.zeros(2), SGD(lr=0.5), 10)
    assert np.array_equal(run.w[:, 0], alone.w) and not np.isfinite(run.f[-1, 1])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_population_stops_when_all_are_done_or_none_is_left():
    rates = np.array([0.5, 0.1, 1e200])
    opt = SGD(lr=rates, population=3, nonfinite="ignore")
    run = minimize(bowls, slope, np.zeros((3, 2)), opt, 1000, tolerance=1e-6)
    alone = minimize(bowl, slope, np.zeros(2), SGD(lr=0.1), 1000, tolerance=1e-6)
    assert run.stopped == "tolerance" and len(run) == len(alone)
    opt = SGD(lr=np.array([1e200, 1e250]), population=2, nonfinite="ignore")
    run = minimize(bowls, slope, np.zeros((2, 2)), opt, 1000)
    assert run.stopped == "diverged" and len(run) < 5


# What leaves the domain, and what is refused


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("nonfinite", ["raise", "ignore"])
def test_a_look_ahead_that_leaves_the_domain_ends_the_run_as_diverged(nonfinite):
    """w stays above 0, where f = w**1.5 is; the point looked at does not."""
    opt = NesterovLookAhead(lr=0.4, momentum=0.95, nonfinite=nonfinite)
    run = minimize(
        lambda w: w[0] ** 1.5, lambda w: 1.5 * np.sqrt(w), np.array([1.0]), opt, 50
    )
    assert run.stopped == "diverged" and 0 < len(run) < 50
    assert (run.w > 0).all() and np.isfinite(run.f).all()
    velocity = run.w[-1] - run.w[-2]
    assert run.w[-1] + 0.95 * velocity < 0


@pytest.mark.parametrize("nonfinite", ["raise", "ignore"])
def test_a_curvature_that_is_not_finite_ends_the_run_as_diverged(nonfinite):
    seen = []

    def bend(w):
        seen.append(w)
        return np.full(2, np.nan if len(seen) == 15 else 1.0)

    opt = VSGD(nonfinite=nonfinite)
    run = minimize(bowl, slope, np.zeros(2), opt, 50, curvature=bend)
    assert run.stopped == "diverged" and len(run) == 14 and np.isfinite(run.w).all()


def test_in_a_population_the_error_says_how_to_let_the_others_go_on():
    opt = SGD(lr=0.1, population=2)
    grad = lambda w: np.where(w > 2, np.nan, w)
    with pytest.raises(FloatingPointError, match=r'^g\[1, 0\] is .*nonfinite="ignore"'):
        minimize(bowls, grad, np.array([[1.0, 1.0], [3.0, 1.0]]), opt, 5)


def test_the_length_of_a_run_without_a_point_is_0():
    run = minimize(lambda w: np.nan, slope, np.zeros(2), SGD(), 5)
    assert len(run) == 0 and run.f.shape == (0,)


@pytest.mark.parametrize(
    ("f", "opt", "error", "said"),
    [
        (lambda w: None, SGD(), TypeError, "^what f returns has dtype object; allowed"),
        (
            lambda w: 1.0,
            SGD(population=3),
            ValueError,
            r"^what f returns has shape \(\); allowed: a first axis of length 3",
        ),
        (
            bowls,
            SGD,
            TypeError,
            r"^opt is <class .*SGD'>; allowed: an optimizer, as in",
        ),
    ],
    ids=["nothing", "one number for all", "a class"],
)
def test_what_is_no_function_or_optimizer_is_refused_in_words(f, opt, error, said):
    with pytest.raises(error, match=said):
        minimize(f, lambda w: w, np.ones((3, 2)), opt, 5)


def raising(*_):
    """A user's callable whose own arithmetic raises."""
    with np.errstate(all="raise"):
        return np.float64(1e308) * 10


def slope_then_raising(w):
    """A gradient that is found where it is recorded, and raises where one looks ahead."""
    return slope(w) if w[0] == 3.0 else raising()


@pytest.mark.parametrize(
    ("opt", "grad"),
    [
        (SGD(lr=raising), slope),
        (SGD(lr=0.1, project=raising), slope),
        (NesterovLookAhead(lr=0.1), slope_then_raising),
    ],
    ids=["schedule", "project", "gradient"],
)
def test_an_error_of_the_users_own_is_no_divergence(opt, grad):
    if "gradient" in opt.inputs:
        opt.step(np.array([3.0, 3.0]), gradient=slope)  # now it does look ahead
    with pytest.raises(FloatingPointError, match="overflow"):
        minimize(bowl, grad, [3.0, 3.0], opt, 3)
