"""Every method against the papers' equations in 50-digit arithmetic, and against what is known about it."""

import inspect
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mpf
from variants import WITNESS, every_method, every_variant, settings_of

import optimlib
from optimlib import (
    SGD,
    Adagrad,
    AdagradSigma,
    Adam,
    Momentum,
    Nesterov,
    RMSprop,
    RMSpropSigma,
)

SCALES = [0.0, 1e-8, 1e-4, 0.3, 1.0, 7.0, 1e4, 1e8]


def exact_path(opt, w0, gradients):
    """The weights that the paper's equations give for one weight, as exact numbers."""
    settings = {name: getattr(opt, name) for name in (*opt.hypers, *opt.switches)}
    return WITNESS[type(opt).__name__](
        w0, [mpf(float(g)) for g in gradients], **settings
    )


def run(opt, w, gradients):
    """The weights after each step, shape (steps + 1, weights)."""
    points = [w]
    for g in gradients:
        points.append(opt.step(points[-1], g))
    return np.array(points)


def error_of(points, exact):
    """How far each point is from the exact one."""
    return np.array(
        [float(abs(mpf(float(x)) - e)) for x, e in zip(points, exact, strict=True)]
    )


@every_variant
@pytest.mark.parametrize("w0", [0.0, 1.0, -300.0])
def test_the_first_step_is_the_papers_to_four_ulp(method, switches, w0):
    signed = np.array(
        [
            sign * scale * digits
            for sign in (1, -1)
            for scale in SCALES
            for digits in (1, 1.37, 2 / 3, 9.9)
        ]
    )
    opt = method(**switches)
    new = opt.step(np.full(signed.shape, w0), signed)
    for g, got in zip(signed, new, strict=True):
        _, exact = exact_path(opt, w0, [g])
        assert error_of([got], [exact])[0] <= 4 * np.spacing(max(abs(w0), abs(got))), (
            f"g = {g}"
        )


@every_variant
def test_300_steps_are_the_papers(method, switches):
    rng = np.random.default_rng(1)
    scales = [0.0, 1e-8, 1e-3, 1.0, 1e8]
    gradients = rng.normal(0.2, 1, (300, len(scales))) * scales
    gradients[rng.random(gradients.shape) < 0.3] = 0
    opt = method(lr=0.02, **switches)
    points = run(opt, np.linspace(-1, 2, len(scales)), gradients)
    for k, scale in enumerate(scales):
        exact = exact_path(opt, points[0, k], gradients[:, k])
        size = max(float(abs(e)) for e in exact)
        assert error_of(points[:, k], exact).max() <= 1e-12 * size, (
            f"gradients of size {scale}"
        )


@every_variant
@given(
    w0=st.floats(-10, 10),
    gradients=st.lists(
        st.one_of(st.just(0.0), st.floats(1e-6, 1e6), st.floats(-1e6, -1e-6)),
        min_size=1,
        max_size=8,
    ),
    lr=st.floats(1e-6, 10),
)
def test_any_few_steps_are_the_papers(method, switches, w0, gradients, lr):
    opt = method(lr=lr, **switches)
    points = run(opt, np.array([w0]), np.array(gradients)[:, None])[:, 0]
    exact = exact_path(opt, w0, gradients)
    size = max(abs(float(e)) for e in exact)
    moved = sum(abs(float(b - a)) for a, b in pairwise(exact))
    assert (error_of(points, exact) <= 1e-14 * (size + moved) + 1e-300).all()


@every_variant
def test_a_scheduled_rate_is_the_papers_with_that_rate_at_each_step(method, switches):
    gradients = np.array([1.0, -2.0, 0.5, 3.0, 0.0, -1.0])
    opt = method(lr=lambda t: 0.1 / t, **switches)
    points = run(opt, np.array([0.7]), gradients[:, None])[:, 0]
    assert error_of(points, exact_path(opt, 0.7, gradients)).max() < 1e-15


@every_method
def test_no_hyper_parameter_or_switch_is_idle(method):
    """Each changes the result of a few steps, and what the steps leave behind."""
    gradients = np.array([[1.0, 0.3], [-0.5, 0.2], [2.0, -0.1], [0.7, 0.9]])
    start = np.array([0.5, -1.0])
    path = run(method(), start, gradients)
    for name in method.hypers:
        value = {"lr": 0.05, "eps": 0.3}.get(name, 0.4)
        assert not np.array_equal(
            path, run(method(**{name: value}), start, gradients)
        ), name
    guard = {"eps": 0.1} if "eps" in method.hypers else {}
    paths = {
        run(method(**guard, **switches), start, gradients).tobytes()
        for switches in settings_of(method)
    }
    idle = (
        method is Adagrad
    )  # without its root it has one denominator, v + eps: eps_in_sqrt then chooses nothing
    assert len(paths) == len(settings_of(method)) - idle


@every_variant
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_zero_gradients_and_a_guard_give_no_nan_and_no_move(method, switches, dtype):
    for eps in (1e-8, 1e-30):
        guard = {"eps": eps} if "eps" in method.hypers else {}
        points = run(
            method(**guard, **switches), np.array([1.0, -2.0], dtype), np.zeros((5, 2))
        )
        assert (points == points[0]).all() and points.dtype == dtype


@every_variant
def test_a_gradient_is_followed_downhill(method, switches):
    for g in (-3.0, -1e-5, 1e-5, 3.0):
        assert np.sign(
            method(**switches).step(np.array([0.0]), np.array([g]))[0]
        ) == -np.sign(g)


# Identities


gradient_lists = st.lists(
    st.floats(0.01, 100).map(lambda x: x * (-1) ** int(x * 7)), min_size=1, max_size=20
)


@given(gradient_lists)
def test_adagrads_two_forms_agree_without_eps(gradients):
    gradients = np.array(gradients)[:, None]
    one, other = (
        run(method(lr=0.3, eps=0), np.array([1.0]), gradients)
        for method in (Adagrad, AdagradSigma)
    )
    np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@given(lr=st.floats(0.001, 0.15), mu=st.floats(0, 0.99))
def test_nesterovs_weights_are_the_look_ahead_points(lr, mu):
    """theta follows the textbook form on a quadratic; the method's w is theta + mu v at every step."""
    a, c = np.array([[3.0, 1.0], [1.0, 2.0]]), np.array([1.0, -1.0])
    opt = Nesterov(lr=lr, momentum=mu)
    theta, v, w = np.array([2.0, 2.0]), np.zeros(2), np.array([2.0, 2.0])
    for _ in range(50):
        v = mu * v - lr * (a @ (theta + mu * v) - c)
        theta = theta + v
        w = opt.step(w, a @ w - c)
        np.testing.assert_allclose(w, theta + mu * v, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(opt.state["v"], v, rtol=1e-9, atol=1e-9)


def test_nesterovs_two_forms_part_where_momentum_changes():
    """Why the identity above asks for constant settings."""
    opt = Nesterov(lr=0.1, momentum=lambda t: 0.5 if t < 3 else 0.9)
    theta, v, w = 1.0, 0.0, np.array(1.0)
    for t in range(1, 6):
        mu = opt.momentum(t)
        v = mu * v - 0.1 * (theta + mu * v)
        theta = theta + v
        w = opt.step(w, w)
    assert abs(w - (theta + 0.9 * v)) > 1e-3


@given(gradient_lists, st.floats(0, 0.999))
def test_adam_without_momentum_and_correction_is_rmsprop(gradients, beta):
    gradients = np.array(gradients)[:, None]
    adam = Adam(lr=0.1, beta1=0, beta2=beta, eps=1e-3, bias_correction=False)
    rmsprop = RMSprop(lr=0.1, beta=beta, eps=1e-3, eps_in_sqrt=False)
    np.testing.assert_allclose(
        *(run(o, np.array([1.0]), gradients) for o in (adam, rmsprop)),
        rtol=1e-13,
        atol=1e-13,
    )


@pytest.mark.parametrize("method", [Momentum, Nesterov])
def test_no_momentum_is_gradient_descent(method):
    gradients = np.random.default_rng(0).normal(size=(20, 3))
    np.testing.assert_allclose(
        run(method(lr=0.1, momentum=0), np.ones(3), gradients),
        run(SGD(lr=0.1), np.ones(3), gradients),
        rtol=1e-13,
    )


@pytest.mark.parametrize("factor", [1e-6, 1e-3, 17.0, 1e6])
@pytest.mark.parametrize("method", [Adagrad, AdagradSigma, RMSprop, RMSpropSigma, Adam])
def test_the_size_of_the_gradients_does_not_matter_without_eps(method, factor):
    gradients = np.random.default_rng(2).normal(size=(30, 4))
    one, other = (
        run(method(eps=0), np.zeros(4), scale * gradients) for scale in (1, factor)
    )
    np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-13)


@given(st.floats(1e-6, 1e6), st.floats(0, 0.9999), st.floats(0, 0.9999))
def test_adams_step_along_a_constant_gradient_is_lr(g, beta1, beta2):
    points = run(
        Adam(lr=0.01, beta1=beta1, beta2=beta2, eps=0), np.zeros(1), np.full((10, 1), g)
    )
    np.testing.assert_allclose(np.diff(points[:, 0]), -0.01, rtol=1e-9)


@given(st.floats(0.01, 0.999))
def test_the_two_rmsprops_differ_in_their_first_step_alone_by_their_start(beta):
    assert RMSpropSigma(lr=1, beta=beta, eps=0).step([0.0], [-4.0])[0] == pytest.approx(
        1
    )
    assert RMSprop(lr=1, beta=beta, eps=0).step([0.0], [-4.0])[0] == pytest.approx(
        1 / np.sqrt(1 - beta)
    )


@every_variant
def test_weights_that_share_an_array_do_not_touch_each_other(method, switches):
    gradients = np.random.default_rng(3).normal(size=(12, 3))
    together = run(method(**switches), np.array([1.0, 2.0, 3.0]), gradients)
    for k in range(3):
        alone = run(method(**switches), np.array([k + 1.0]), gradients[:, [k]])
        assert np.array_equal(together[:, [k]], alone)


# What a reader sees


@every_method
def test_the_text_shown_is_the_rule_that_runs(method):
    """The source shown, compiled anew, takes the same step."""
    scope = {"np": np}
    exec(method.text(), scope)  # noqa: S102
    opt = method()
    settings = [getattr(opt, name) for name in (*method.hypers, *method.switches)]
    w, g = np.array([1.0, -2.0]), np.array([0.5, 3.0])
    shown = scope["rule"](
        w, g, *[np.zeros(2) for _ in method.state_names], 1, *settings
    )[0]
    assert np.array_equal(shown, opt.step(w, g))
    assert method.text().startswith("def rule(w, g, ")


@every_method
def test_the_arguments_and_defaults_can_be_read(method):
    """The signature, the repr, and the defaults that each docstring promises."""
    names = list(inspect.signature(method).parameters)
    assert names == [*method.hypers, *method.switches, "nonfinite"]
    opt = method(lr=0.25)
    assert repr(eval(repr(opt), vars(optimlib))) == repr(opt) and "lr=0.25" in repr(opt)
    for name, declared in method.hypers.items():
        default = f"{declared.default:g}".replace("1e-08", "1e-8")
        assert re.search(
            rf"\b{name}\b[^,]*,\s+default {re.escape(default)}(?!\.?\d)", method.__doc__
        ), name
    assert (
        "Source:" in method.__doc__ and ">>> " in method.__doc__
    )  # the suite runs every docstring's example
