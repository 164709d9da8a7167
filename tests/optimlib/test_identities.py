"""What one method is in another's terms, in closed form or under scaling."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from variants import make, run, take

from optimlib import (
    SGD,
    VSGD,
    AdaBelief,
    Adagrad,
    AdagradSigma,
    Adam,
    Adamax,
    AdamW,
    AMSGrad,
    Lion,
    Momentum,
    NAdam,
    Nesterov,
    NesterovLookAhead,
    RAdam,
    RMSprop,
    RMSpropSigma,
    Rprop,
    SignSGD,
    Yogi,
)

rates = st.floats(1e-3, 1.0)
betas = st.floats(0.0, 0.999)
eps_values = st.sampled_from([0.0, 1e-8, 1e-3, 1.0])
PRECISION = {np.float32: 3e-5, np.float64: 1e-12, np.longdouble: 1e-12}


@st.composite
def gradient_lists(draw, zeros=False):
    """Some steps of gradients, in any shape and dtype but float16."""
    dtype = draw(st.sampled_from(list(PRECISION)))
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    sizes = st.floats(2**-6, 100, width=32)
    values = st.one_of(*[st.just(0.0)] * zeros, sizes, sizes.map(lambda x: -x))
    count = draw(st.integers(1, 12))
    return draw(hnp.arrays(dtype, (count, *shape), elements=values))


def agree(one, other, gradients):
    """Whether two optimizers take the same path, to rounding."""
    start = np.ones(gradients.shape[1:], gradients.dtype)
    a, b = run(one, start, gradients), run(other, start, gradients)
    close = PRECISION[gradients.dtype.type]
    size = np.abs(np.diff(a, axis=0)).sum() + 1
    assert a.dtype == b.dtype == gradients.dtype
    np.testing.assert_allclose(a, b, rtol=0, atol=float(close * size))


def falling(lr):
    """A rate that changes with every step, up and down."""
    return lambda t: lr * (1 + 0.5 * np.sin(t)) / t


# AdaGrad, RMSProp, Adam


@settings(max_examples=40)
@given(gradient_lists(), rates, st.booleans())
def test_adagrads_sigma_form_is_its_sum_form(gradients, lr, scheduled):
    lr = falling(lr) if scheduled else lr
    agree(Adagrad(lr=lr, eps=0), AdagradSigma(lr=lr, eps=0), gradients)


@settings(max_examples=40)
@given(gradient_lists(zeros=True), rates, st.sampled_from([1e-8, 1e-3, 1.0]))
def test_with_a_guard_the_sigma_forms_is_the_sum_forms_times_the_root_of_t(
    gradients, lr, eps
):
    sums = Adagrad(lr=lr, eps=lambda t: eps * t**0.5, eps_in_sqrt=False)
    agree(sums, AdagradSigma(lr=lr, eps=eps), gradients)


@settings(max_examples=40)
@given(gradient_lists(), rates, eps_values)
def test_adagrad_is_adam_with_the_mean_of_all_squares_and_a_falling_rate(
    gradients, lr, eps
):
    adam = Adam(
        lr=lambda t: lr / t**0.5,
        beta1=0,
        beta2=lambda t: 1 - 1 / t,
        eps=lambda t: eps / t**0.5,
        bias_correction=False,
    )
    agree(Adagrad(lr=lr, eps=eps, eps_in_sqrt=False), adam, gradients)


@settings(max_examples=40)
@given(gradient_lists(), rates, betas, eps_values)
def test_adam_without_momentum_is_rmsprop_with_its_average_corrected(
    gradients, lr, beta, eps
):
    root = lambda t: (1 - beta**t) ** 0.5
    rmsprop = RMSprop(
        lr=lambda t: lr * root(t),
        beta=beta,
        eps=lambda t: eps * root(t),
        eps_in_sqrt=False,
    )
    agree(Adam(lr=lr, beta1=0, beta2=beta, eps=eps), rmsprop, gradients)


@settings(max_examples=40)
@given(gradient_lists(zeros=True), rates, betas)
def test_adam_without_momentum_and_correction_is_rmsprop(gradients, lr, beta):
    adam = Adam(lr=lr, beta1=0, beta2=beta, eps=1e-3, bias_correction=False)
    agree(RMSprop(lr=lr, beta=beta, eps=1e-3, eps_in_sqrt=False), adam, gradients)


@settings(max_examples=40)
@given(gradient_lists(zeros=True), rates)
def test_adamw_without_decay_is_adam(gradients, lr):
    agree(Adam(lr=lr), AdamW(lr=lr, weight_decay=0), gradients)


@settings(max_examples=40)
@given(gradient_lists(zeros=True), rates)
def test_the_decay_of_adamw_does_not_pass_through_the_averages(gradients, lr):
    """One step from w is Adam's after w has shrunk."""
    for w in (0.0, 3.0):
        w = np.full(gradients.shape[1:], w, gradients.dtype)
        one = AdamW(lr=lr, weight_decay=0.25).step(w, gradients[0])
        other = Adam(lr=lr).step((1 - lr * 0.25) * w, gradients[0])
        assert np.array_equal(one, other)


@settings(max_examples=40)
@given(st.floats(1e-6, 1e6), st.floats(0, 0.9999), st.floats(0, 0.9999))
def test_adams_step_along_a_constant_gradient_is_lr(g, beta1, beta2):
    opt = Adam(lr=0.01, beta1=beta1, beta2=beta2, eps=0)
    points = run(opt, np.zeros(1), np.full((10, 1), g))
    np.testing.assert_allclose(np.diff(points[:, 0]), -0.01, rtol=1e-9)


@settings(max_examples=40)
@given(st.floats(0.01, 0.999))
def test_the_two_rmsprops_differ_in_their_first_step_alone_by_their_start(beta):
    one, other = RMSpropSigma(lr=1, beta=beta, eps=0), RMSprop(lr=1, beta=beta, eps=0)
    assert one.step([0.0], [-4.0])[0] == pytest.approx(1)
    assert other.step([0.0], [-4.0])[0] == pytest.approx(1 / np.sqrt(1 - beta))


@settings(max_examples=40)
@given(gradient_lists(zeros=True), rates)
def test_amsgrad_is_adam_while_v_grows(gradients, lr):
    """Which it does where each gradient is larger than those before."""
    scale = np.geomspace(1, 4.0 ** len(gradients), len(gradients))
    growing = np.sign(gradients) + (gradients == 0)
    growing = growing * scale.reshape(-1, *[1] * (gradients.ndim - 1))
    growing = growing.astype(gradients.dtype)
    agree(Adam(lr=lr), AMSGrad(lr=lr), growing)


@settings(max_examples=40)
@given(gradient_lists(zeros=True))
def test_amsgrads_denominator_never_falls(gradients):
    opt, w, last = AMSGrad(bias_correction=False), gradients[0], 0
    for g in gradients:
        w = opt.step(w, g)
        assert (opt.state["v_max"] >= last).all()
        assert (opt.state["v_max"] >= opt.state["v"]).all()
        last = opt.state["v_max"]


# Momentum


@settings(max_examples=40)
@given(gradient_lists(zeros=True), rates, betas)
def test_without_momentum_the_velocity_is_the_step_of_descent(gradients, lr, mu):
    sgd = SGD(lr=lr)
    for method in (Momentum, Nesterov, NesterovLookAhead):
        agree(sgd, method(lr=lr, momentum=0), gradients)
    agree(sgd, Momentum(lr=lr, momentum=0, averaging=True), gradients)
    scaled = Momentum(lr=lr * (1 - mu), momentum=mu)
    agree(Momentum(lr=lr, momentum=mu, averaging=True), scaled, gradients)


@settings(max_examples=40)
@given(gradient_lists(zeros=True), rates)
def test_sign_descent_is_rprop_whose_signs_stay_and_whose_step_does_not_grow(
    gradients, lr
):
    agree(SignSGD(lr=lr), Rprop(lr=lr, up=1), np.abs(gradients))


QUADRATIC = np.array([[3.0, 1.0], [1.0, 2.0]]), np.array([1.0, -1.0])


def slope(w):
    """The gradient of the quadratic."""
    return QUADRATIC[0] @ w - QUADRATIC[1]


@settings(max_examples=40)
@given(st.floats(0.001, 0.15), st.floats(0, 0.99), st.booleans())
def test_nesterovs_weights_are_the_points_at_which_look_ahead_looks(lr, mu, scheduled):
    """phi = theta + mu v, at a rate that is constant or changes with every step."""
    lr = falling(lr) if scheduled else lr
    ahead = NesterovLookAhead(lr=lr, momentum=mu)
    phi_form = Nesterov(lr=lr, momentum=mu)
    theta = phi = np.array([2.0, 2.0])
    for _ in range(50):
        theta = ahead.step(theta, gradient=slope)
        phi = phi_form.step(phi, slope(phi))
        v = ahead.state["v"]
        np.testing.assert_allclose(phi, theta + mu * v, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(phi_form.state["v"], v, rtol=1e-9, atol=1e-9)


@settings(max_examples=40)
@given(st.lists(st.floats(0, 0.99), min_size=3, max_size=15), rates)
def test_every_change_of_momentum_leaves_nesterovs_weights_behind_for_good(mus, lr):
    """By the change times the velocity at which it is made:

    phi_t = theta_t + mu_t v_t - sum over s <= t of (mu_s - mu_{s-1}) v_{s-1}, where
    theta_t is the start and all velocities.
    """
    opt = Nesterov(lr=lr, momentum=lambda t: mus[t - 1])
    gradients = np.random.default_rng(len(mus)).normal(size=(len(mus), 3))
    start, behind, v = np.ones(3), np.zeros(3), np.zeros(3)
    theta = phi = start
    for t, g in enumerate(gradients):
        behind = behind + (mus[t] - mus[max(t - 1, 0)]) * v
        phi = opt.step(phi, g)
        v = opt.state["v"]
        theta = theta + v
        np.testing.assert_allclose(phi, theta + mus[t] * v - behind, atol=1e-11)


def test_where_momentum_changes_the_two_forms_part_and_stay_apart():
    """Also from a look-ahead by the momentum of the step before."""
    mu = lambda t: 0.5 if t < 3 else 0.9
    opt, phi = Nesterov(lr=0.1, momentum=mu), np.array(1.0)
    theta, v = {"same": 1.0, "before": 1.0}, {"same": 0.0, "before": 0.0}
    for t in range(1, 8):
        phi = opt.step(phi, phi)
        for kind, by in (("same", mu(t)), ("before", mu(max(t - 1, 1)))):
            v[kind] = mu(t) * v[kind] - 0.1 * (theta[kind] + by * v[kind])
            theta[kind] += v[kind]
        away = [abs(phi - (theta[kind] + mu(t) * v[kind])) for kind in theta]
        assert max(away) < 1e-15 if t < 3 else min(away) > 1e-3


# Adam's longest step


def longest_of_adam(t, lr, beta1, beta2, corrected=True):
    """The bound of step t."""
    sum_ = sum((beta1**2 / beta2) ** k for k in range(t))
    correction = (1 - beta2**t) ** 0.5 / (1 - beta1**t) if corrected else 1
    return lr * (1 - beta1) * correction * (sum_ / (1 - beta2)) ** 0.5


@settings(max_examples=40)
@given(
    gradient_lists(zeros=True),
    st.floats(0, 0.99),
    st.floats(0.1, 0.9999),
    st.booleans(),
)
def test_no_step_of_adam_is_longer_than_its_bound(gradients, beta1, beta2, corrected):
    gradients = gradients.astype(float)
    opt = Adam(lr=0.1, beta1=beta1, beta2=beta2, eps=1e-30, bias_correction=corrected)
    points = run(opt, np.zeros(gradients.shape[1:]), gradients)
    for t, move in enumerate(np.diff(points, axis=0), 1):
        bound = longest_of_adam(t, 0.1, beta1, beta2, corrected)
        assert (np.abs(move) <= bound * (1 + 1e-9)).all()


@settings(max_examples=40)
@given(st.floats(0.1, 0.99), st.floats(0.1, 0.9999), st.integers(1, 30), st.booleans())
def test_some_gradients_reach_adams_bound(beta1, beta2, count, corrected):
    """Those that grow or fade by beta2 / beta1 a step."""
    opt = Adam(lr=0.1, beta1=beta1, beta2=beta2, eps=0, bias_correction=corrected)
    gradients = [(beta1 / beta2) ** (count - i) for i in range(1, count + 1)]
    points = run(opt, np.zeros(()), gradients)
    last = points[-2] - points[-1]
    bound = longest_of_adam(count, 0.1, beta1, beta2, corrected)
    assert last == pytest.approx(bound, rel=1e-9)


def test_the_papers_bound_of_adam_is_exceeded_at_the_defaults():
    opt, count = Adam(lr=1.0, eps=0, bias_correction=False), 400
    points = run(opt, np.zeros(()), [(0.9 / 0.999) ** -i for i in range(count)])
    assert -np.diff(points)[-1] == pytest.approx(7.2702918, abs=1e-6)
    assert longest_of_adam(20_000, 1.0, 0.9, 0.999) == pytest.approx(7.27029, abs=1e-5)
    assert (1 - 0.9) / (1 - 0.999) ** 0.5 == pytest.approx(3.1623, abs=1e-4)


# AMSGrad's promise


@pytest.mark.parametrize(
    ("settings", "grows"),
    [
        ({}, True),
        ({"max_of": "v_hat"}, False),
        ({"bias_correction": False}, False),
    ],
)
def test_a_rate_of_amsgrad_grows_again_with_the_default_alone(settings, grows):
    """After one gradient of 5 all are 0.1: the lengths of the steps."""
    opt = AMSGrad(lr=1.0, beta1=0.0, eps=0, **settings)
    points = run(opt, np.zeros(()), [5.0] + [0.1] * 2000)
    steps = -np.diff(points)
    assert (np.diff(steps[1:]) > 1e-9).any() == grows
    if grows:
        assert steps[[1, 2000]] == pytest.approx([0.028277, 0.588196], abs=1e-6)
    else:
        assert steps[1:] == pytest.approx(np.full(2000, steps[0] / 50), rel=1e-9)


# AdaMax's longest step


def longest(t, lr, beta1, beta2):
    """The bound of step t."""
    sum_ = sum((beta1 / beta2) ** k for k in range(t))
    return lr * (1 - beta1) / (1 - beta1**t) * sum_


@settings(max_examples=40)
@given(gradient_lists(zeros=True), st.floats(0, 0.99), st.floats(0.1, 0.9999))
def test_no_step_of_adamax_is_longer_than_its_bound(gradients, beta1, beta2):
    gradients = gradients.astype(float)
    opt = Adamax(lr=0.1, beta1=beta1, beta2=beta2, eps=1e-30)
    points = run(opt, np.zeros(gradients.shape[1:]), gradients)
    for t, move in enumerate(np.diff(points, axis=0), 1):
        assert (np.abs(move) <= longest(t, 0.1, beta1, beta2) * (1 + 1e-11)).all()


@settings(max_examples=40)
@given(st.floats(0, 0.99), st.floats(0.1, 0.9999), st.integers(1, 30))
def test_gradients_that_fade_as_u_does_reach_adamaxs_bound(beta1, beta2, count):
    opt = Adamax(lr=0.1, beta1=beta1, beta2=beta2, eps=0)
    points = run(opt, np.zeros(()), [beta2**i for i in range(1, count + 1)])
    for t, move in enumerate(np.diff(points), 1):
        assert -move == pytest.approx(longest(t, 0.1, beta1, beta2), rel=1e-10)


def test_the_papers_bound_of_adamax_lr_is_exceeded_at_the_defaults():
    opt, count = Adamax(eps=0), 2000
    points = run(opt, np.zeros(()), [0.999**i for i in range(1, count + 1)])
    assert -np.diff(points)[-1] / opt.lr == pytest.approx(1.0090909, abs=1e-6)
    assert longest(count, 1.0, 0.9, 0.999) == pytest.approx(1.0090909, abs=1e-6)


# Where eps stands


@settings(max_examples=30)
@given(gradient_lists(zeros=True), rates, betas, st.sampled_from([1e-8, 1e-3, 1.0]))
def test_adams_eps_hat_grows_like_the_correction_of_v_outside_of_it(
    gradients, lr, beta2, eps
):
    hat = Adam(lr=lr, beta2=beta2, eps=eps, eps_form="hat")
    outside = Adam(lr=lr, beta2=beta2, eps=lambda t: eps / (1 - beta2**t) ** 0.5)
    agree(hat, outside, gradients)


@settings(max_examples=30)
@given(
    gradient_lists(zeros=True),
    rates,
    betas,
    st.sampled_from([1e-3, 1.0]),
    st.booleans(),
)
def test_adam_uncorrected_and_without_momentum_is_rmsprop_wherever_eps_stands(
    gradients, lr, beta, eps, inside
):
    adam = Adam(
        lr=lr, beta1=0, beta2=beta, eps=eps, bias_correction=False,
        eps_form="inside" if inside else "hat",
    )  # fmt: skip
    agree(RMSprop(lr=lr, beta=beta, eps=eps, eps_in_sqrt=inside), adam, gradients)


# RAdam


@settings(max_examples=20)
@given(gradient_lists(zeros=True), rates)
def test_radam_is_averaged_momentum_until_its_average_is_long_enough(gradients, lr):
    """At beta2 = 2/3 and below it never is; at the defaults from step 6 on."""
    short = RAdam(lr=lr, beta2=0.6)
    corrected = Momentum(lr=lambda t: lr / (1 - 0.9**t), momentum=0.9, averaging=True)
    agree(short, corrected, gradients)
    agree(RAdam(lr=lr), RAdam(lr=lr, beta2=0.6), gradients[:5])


# The scale of the gradient

SCALE_FREE = {
    "SignSGD": (SignSGD, {}),
    "Rprop": (Rprop, {}),
    "Adagrad": (Adagrad, {"eps": 0}),
    "AdagradSigma": (AdagradSigma, {"eps": 0}),
    "RMSprop": (RMSprop, {"eps": 0}),
    "RMSpropSigma": (RMSpropSigma, {"eps": 0}),
    "Adam": (Adam, {"eps": 0}),
    "Adam uncorrected": (Adam, {"eps": 0, "bias_correction": False}),
    "AdamW": (AdamW, {"eps": 0}),
    "AMSGrad": (AMSGrad, {"eps": 0}),
    "AMSGrad of v_hat": (AMSGrad, {"eps": 0, "max_of": "v_hat"}),
    "Adamax": (Adamax, {"eps": 0}),
    "NAdam": (NAdam, {"eps": 0}),
    "AdaBelief": (AdaBelief, {"eps": 0, "eps_root": 0}),
    "Yogi": (Yogi, {"eps": 0}),
    "Lion": (Lion, {}),
}
every_scale_free = pytest.mark.parametrize("case", SCALE_FREE)
# Where squares of numbers near 1 leave the dtype's normal numbers, as powers of two:
# beyond the second overflow, before the first underflow. The average keeps 0.001 of a
# square, which is 10 powers less, and a gradient of 0.05 another 9.
NORMAL = {np.float32: (-53, 61), np.float64: (-501, 509)}
some = np.random.default_rng(2).uniform(0.05, 2, (30, 4))
some *= np.sign(np.random.default_rng(3).normal(size=some.shape))


@every_scale_free
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@settings(max_examples=15)
@given(data=st.data())
def test_a_power_of_two_in_the_gradient_changes_no_bit_of_the_path(case, dtype, data):
    method, fixed = SCALE_FREE[case]
    power = data.draw(st.integers(*NORMAL[dtype]))
    gradients, start = some[:12].astype(dtype), np.ones(4, dtype)
    one = run(method(**fixed), start, gradients)
    other = run(method(**fixed), start, np.ldexp(gradients, power))
    assert np.array_equal(one, other)


@every_scale_free
@settings(max_examples=15)
@given(st.floats(-120, 120))
def test_any_factor_of_the_gradient_changes_the_path_by_rounding_alone(case, digits):
    method, fixed = SCALE_FREE[case]
    one, other = (
        run(method(**fixed), np.zeros(4), factor * some) for factor in (1, 10**digits)
    )
    np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(
    ("dtype", "least", "most"),
    [(np.float32, 3.8e-23, 1.8e19), (np.float64, 2.3e-162, 1.3e154)],
)
def test_adams_step_ends_where_the_square_of_the_gradient_overflows_or_is_lost(
    dtype, least, most
):
    """Between the two numbers the square is one of the dtype; with beta2 = 0 that is
    all it needs. Above, the step is 0; below, v is 0 and the step infinite.
    """
    opt = lambda: Adam(lr=0.25, beta1=0, beta2=0, eps=0, nonfinite="ignore")
    move = lambda g: -opt().step(np.zeros(1, dtype), np.array([g], dtype))[0]
    assert move(most) == 0.25 and move(1.1 * most) == 0
    assert 0.1 < move(least) < 0.5 and move(least / 2) == np.inf


@settings(max_examples=40)
@given(st.integers(-200, 200))
def test_vsgds_step_has_the_weights_unit_when_the_curvature_is_scaled_too(power):
    scale = 2.0**power
    one, other = (make(VSGD, eps=0.0) for _ in range(2))
    w = x = np.zeros(4)
    for g in some[:12]:
        w = take(one, w, g, curvature=np.abs(g) + 1)
        x = take(other, x, g * scale, curvature=(np.abs(g) + 1) * scale)
        assert np.array_equal(w, x)
