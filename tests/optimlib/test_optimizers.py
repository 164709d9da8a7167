"""Every method against the papers' equations in 50-digit arithmetic, and against what
its docstring says."""

import inspect
import re
import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mpf
from variants import (
    METHODS,
    WHOLE,
    WITNESS,
    curvature_of,
    every_method,
    every_variant,
    loss_at,
    make,
    run,
    schedulable,
    settings_of,
    take,
)

import optimlib
from optimlib import VSGD, Eve, NesterovLookAhead
from optimlib.clipping import global_norm
from optimlib.declaring import COMMON

SCALES = [0.0, 1e-8, 1e-4, 0.3, 1.0, 7.0, 1e4, 1e8]
LOOKING = [method for method in METHODS if "gradient" in method.inputs]
DTYPES = [np.float16, np.float32, np.float64, np.longdouble]


def exact_paths(opt, start, gradients):
    """For each weight of an array the path that the paper's equations give, as exact
    numbers.
    """
    settings = {name: getattr(opt, name) for name in (*opt.hypers, *opt.switches)}
    rows = [[mpf(float(x)) for x in g] for g in gradients]
    if type(opt) in WHOLE:
        points = WITNESS[type(opt).__name__](
            [float(x) for x in start], rows, **settings
        )
        return list(zip(*points, strict=True))
    columns = zip(*rows, strict=True)
    return [
        exact_path(opt, float(w0), list(g), settings)
        for w0, g in zip(start, columns, strict=True)
    ]


def exact_path(opt, w0, g, settings):
    """The same for one weight of a method that takes each by itself."""
    given_ = {}
    if "loss" in opt.inputs:
        given_["losses"] = [mpf(loss_at(t)) for t in range(1, len(g) + 1)]
    if "curvature" in opt.inputs:
        given_["curvatures"] = [mpf(float(curvature_of(float(x)))) for x in g]
    if "gradient" in opt.inputs:
        if type(opt) is NesterovLookAhead and len(g) > 50:
            # Its velocities are the same, and not summed n times.
            return WITNESS["Momentum"](w0, g, **settings)
        in_turn = iter(g)
        given_["count"], g = len(g), lambda _: next(in_turn)
    return WITNESS[type(opt).__name__](w0, g, **given_, **settings)


def error_of(points, exact):
    """How far each point is from the exact one."""
    return np.array(
        [float(abs(mpf(float(x)) - e)) for x, e in zip(points, exact, strict=True)]
    )


def test_every_method_has_a_witness():
    without = {method.__name__ for method in METHODS} - set(WITNESS)
    assert not without, "papers.py has no function of this name, in small letters"


@every_variant
@pytest.mark.parametrize("w0", [0.0, 1.0, -300.0])
def test_the_first_step_is_the_papers_to_four_ulp(method, switches, w0):
    """For VSGD the first that moves, after a warm-up of one step along the same g."""
    signed = np.array(
        [
            sign * scale * digits
            for sign in (1, -1)
            for scale in SCALES
            for digits in (1, 1.37, 2 / 3, 9.9)
        ]
    )
    steps = 2 if method is VSGD else 1
    settings = switches | ({"warmup": 1} if method is VSGD else {})
    new = run(method(**settings), np.full(signed.shape, w0), [signed] * steps)[-1]
    paths = exact_paths(method(**settings), [w0] * len(signed), [signed] * steps)
    for g, got, exact in zip(signed, new, paths, strict=True):
        off = error_of([got], exact[-1:])[0]
        assert off <= 4 * np.spacing(max(abs(w0), abs(got))), f"g = {g}"


@every_variant
def test_60_steps_are_the_papers(method, switches):
    rng = np.random.default_rng(1)
    scales = [1e-3, 1.0] if method in WHOLE else [1e-8, 1.0, 1e8]
    gradients = rng.normal(0.2, 1, (60, len(scales))) * scales
    gradients[rng.random(gradients.shape) < 0.3] = 0
    opt = make(method, lr=0.02, **switches)
    points = run(opt, np.linspace(-1, 2, len(scales)), gradients)
    paths = exact_paths(opt, points[0], gradients)
    for k, (scale, exact) in enumerate(zip(scales, paths, strict=True)):
        size = max(float(abs(e)) for e in exact)
        assert error_of(points[:, k], exact).max() <= 1e-12 * size, (
            f"gradients of size {scale}"
        )


@every_variant
@settings(max_examples=20)
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
    opt = make(method, lr=lr, **switches)
    points = run(opt, np.array([w0]), np.array(gradients)[:, None])[:, 0]
    exact = exact_paths(opt, [w0], [[g] for g in gradients])[0]
    size = max(abs(float(e)) for e in exact)
    moved = sum(abs(float(b - a)) for a, b in pairwise(exact))
    assert (error_of(points, exact) <= 1e-14 * (size + moved) + 1e-300).all()


@every_variant
def test_a_scheduled_rate_is_the_papers_with_that_rate_at_each_step(method, switches):
    if "lr" not in method.hypers or not schedulable(method, "lr", switches):
        pytest.skip("it has no rate to schedule")
    gradients = np.array([1.0, -2.0, 0.5, 3.0, 0.0, -1.0])
    opt = method(lr=lambda t: 0.1 / t, **switches)
    points = run(opt, np.array([0.7]), gradients[:, None])[:, 0]
    exact = exact_paths(opt, [0.7], gradients[:, None])[0]
    assert error_of(points, exact).max() < 1e-15


@pytest.mark.parametrize("method", LOOKING, ids=lambda method: method.__name__)
@given(
    w0=st.floats(-10, 10),
    a=st.floats(0.01, 3),
    lr=st.floats(0.01, 0.3),
    share=st.floats(0, 0.95),
    scheduled=st.booleans(),
)
@settings(max_examples=30)
def test_a_gradient_that_depends_on_the_point_is_taken_where_the_paper_wants_it(
    method, w0, a, lr, share, scheduled
):
    (name,) = {"momentum", "beta", "beta1"} & method.hypers.keys()
    rate = (lambda t: lr * min(t - 1, 5) / 5) if scheduled else lr
    opt = method(lr=rate, **{name: share})
    points = optimlib.walk(opt, w0, lambda w: a * (w - 1), steps=12)
    chosen = {name: getattr(opt, name) for name in (*opt.hypers, *opt.switches)}
    exact = WITNESS[method.__name__](w0, lambda w: mpf(a) * (w - 1), count=12, **chosen)
    assert error_of(points, exact).max() <= 1e-13 * (abs(w0) + 1)


# What a loss does in Eve


@given(st.lists(st.sampled_from([1.0, 1.5, 2.0, 0.5, 1e3, 1e-9]), min_size=2))
def test_eve_follows_any_losses_at_above_and_below_the_least_one(losses):
    """f_min is 1: there the paper divides by zero, and below it by less than zero."""
    opt, w = Eve(lr=0.1, f_min=1.0, beta3=0.5), np.zeros(1)
    points = [0.0]
    with np.errstate(divide="ignore", invalid="ignore"):
        for loss in losses:
            w = opt.step(w, [1.0], loss=loss)
            points.append(w[0])
    settings = {name: getattr(opt, name) for name in opt.hypers}
    exact = WITNESS["Eve"](0, [mpf(1)] * len(losses), losses=losses, **settings)
    assert error_of(points, exact).max() <= 1e-14 * (1 + abs(float(exact[-1])))
    assert 0.1 <= opt.state["d"] <= 10


# What holds for all


OTHER = {"lr": 0.05, "eps": 0.3, "up": 1.5, "step_min": 0.02, "step_max": 0.011}
OTHER |= {"c": 1.1, "warmup": 3, "slow_start": 3.0}


@every_method
def test_no_hyper_parameter_or_switch_is_idle(method):
    """Each changes the result of a few steps, and what the steps leave behind."""
    gradients = np.array([[1.0, 0.3], [-0.5, 0.2], [2.0, -0.1], [0.7, 0.9]] * 2)
    gradients[4:6, 0] = -0.05, -0.5  # against a velocity of about that size
    start = np.array([0.5, -1.0])

    def taken(**settings):
        opt = make(method, **settings)
        if method in LOOKING:
            return optimlib.walk(opt, start, lambda w: w**3, steps=8)
        return run(opt, start, gradients)

    path = taken()
    for name in method.hypers:
        assert not np.array_equal(path, taken(**{name: OTHER.get(name, 0.4)})), name
    guard = {"eps": 0.1} if "eps" in method.hypers else {}
    paths = {taken(**guard, **switches).tobytes() for switches in settings_of(method)}
    # Without its root AdaGrad has one denominator; uncorrected, v and v_hat are one.
    idle = method.__name__ in ("Adagrad", "Adam", "AMSGrad")
    assert len(paths) == len(settings_of(method)) - idle


@every_variant
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("eps", [1e-8, 1e-30])
def test_zero_gradients_and_a_guard_give_no_nan_and_no_move(
    method, switches, dtype, eps
):
    settings = {"eps": eps, "weight_decay": 0.0}
    known = {k: v for k, v in settings.items() if k in method.hypers}
    start = np.array([1.0, -2.0], dtype)
    with np.errstate(all="raise", under="ignore"):
        points = run(make(method, **known, **switches), start, np.zeros((5, 2)))
    assert (points == start).all() and points.dtype == dtype


@every_variant
def test_a_gradient_is_followed_downhill(method, switches):
    for g in (-3.0, -1e-5, 1e-5, 3.0):
        new = run(make(method, **switches), np.zeros(1), [[g]] * 3)[-1, 0]
        assert np.sign(new) == -np.sign(g)


@every_variant
def test_weights_that_share_an_array_do_not_touch_each_other(method, switches):
    if method in WHOLE:
        pytest.skip("it divides by the norm of the whole gradient")
    gradients = np.random.default_rng(3).normal(size=(12, 3))
    together = run(make(method, **switches), np.array([1.0, 2.0, 3.0]), gradients)
    for k in range(3):
        alone = run(make(method, **switches), np.array([k + 1.0]), gradients[:, [k]])
        assert np.array_equal(together[:, [k]], alone)


# What eps = 0 does

guarded = [method for method in METHODS if "eps" in method.hypers]


@pytest.mark.parametrize("method", guarded, ids=lambda method: method.__name__)
def test_without_a_guard_a_weight_without_a_gradient_becomes_nan_as_documented(method):
    text = " ".join(method.__doc__.split())
    assert re.search(r"[Aa]t (eps = )?0 .*becomes NaN", text)
    for switches in settings_of(method):
        none = {
            name: 0.0 for name, declared in method.hypers.items() if declared.guards
        }
        opt = make(method, **none, nonfinite="ignore", **switches)
        points = run(opt, np.ones(2), [[0.0, 0.5]] * 6 + [[0.0, -0.2], [1.0, 1.0]])
        assert np.isnan(points[-1, 0]) and np.isfinite(points[:, 1]).all()
        stays = method.__name__ == "Adadelta"  # "at 0 there never is" a first step
        assert (points[-1, 1] == 1) == stays


def test_adadelta_without_a_guard_stays_where_the_gradient_is_not_zero():
    opt = make(optimlib.Adadelta, eps=0.0)
    assert (
        run(opt, np.ones(2), np.random.default_rng(0).normal(size=(9, 2))) == 1
    ).all()


def test_vsgd_where_the_curvature_stays_zero_steps_by_up_to_g_over_eps():
    for eps, moved in ((1e-3, 2 / 1e-3), (0.0, np.inf)):
        opt = VSGD(warmup=1, slow_start=1.0, eps=eps, nonfinite="ignore")
        w = opt.step(np.zeros(1), [2.0], curvature=[0.0])
        w = opt.step(w, [2.0], curvature=[0.0])
        assert -w[0] == pytest.approx(moved, rel=1e-3)


@every_variant
def test_a_run_of_finite_numbers_warns_of_nothing(method, switches):
    gradients = np.random.default_rng(4).normal(size=(30, 5))
    gradients[:, 0] = 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(make(method, **switches), np.ones(5), gradients)


# What a reader sees


DEFAULTS = """
SGD(lr=0.01)
SignSGD(lr=0.01)
Momentum(lr=0.01, momentum=0.9, averaging=False)
Nesterov(lr=0.01, momentum=0.9)
NesterovLookAhead(lr=0.01, momentum=0.9)
Rprop(lr=0.01, up=1.2, down=0.5, step_min=1e-06, step_max=50.0, backtracking=False)
Adagrad(lr=0.01, eps=1e-08, eps_in_sqrt=True, root=True)
AdagradSigma(lr=0.01, eps=1e-08)
RMSprop(lr=0.01, beta=0.9, eps=1e-08, eps_in_sqrt=True, centered=False)
RMSpropSigma(lr=0.01, beta=0.9, eps=1e-08)
Adadelta(lr=1.0, beta=0.9, eps=1e-06)
Adam(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08, bias_correction=True, eps_form='outside')
AdamW(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.01, bias_correction=True)
AMSGrad(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08, bias_correction=True, max_of='v')
Adamax(lr=0.002, beta1=0.9, beta2=0.999, eps=1e-08, bias_correction=True)
NAdam(lr=0.002, beta1=0.9, beta2=0.999, eps=1e-08, momentum_decay=0.004, momentum_schedule=True)
AdaBelief(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-16, eps_root=1e-16, bias_correction=True)
Yogi(lr=0.01, beta1=0.9, beta2=0.999, eps=0.001, bias_correction=True)
RAdam(lr=0.001, beta1=0.9, beta2=0.999, eps=1e-08)
Lion(lr=0.0001, beta1=0.9, beta2=0.99, weight_decay=0.0)
ScheduleFreeSGD(lr=1.0, beta=0.9)
ScheduleFreeAdamW(lr=0.0025, beta1=0.9, beta2=0.999, eps=1e-08, weight_decay=0.0)
Eve(lr=0.001, beta1=0.9, beta2=0.999, beta3=0.999, eps=1e-08, c=10.0, f_min=0.0)
VSGD(warmup=10, slow_start=2.0, eps=1e-09)
AdaSecant(gamma_max=1.8, rate_max=25.0, eps=1e-07)
"""


def test_the_defaults_stay():
    """Those of the methods that have been handed out: runs rely on them."""
    shown = {repr(method()) for method in METHODS}
    assert set(DEFAULTS.split("\n")[1:-1]) <= shown


@every_method
def test_the_arguments_can_be_read(method):
    """The signature, the repr, and every argument named in the docstring."""
    names = list(inspect.signature(method).parameters)
    assert names == [*method.hypers, *method.switches, *COMMON]
    opt = make(method, lr=0.25, nonfinite="ignore", population=3)
    assert repr(eval(repr(opt), vars(optimlib))) == repr(opt)
    assert repr(opt).endswith("population=3, nonfinite='ignore')")
    text = inspect.getdoc(method)
    for name in (*method.hypers, *method.switches):
        assert re.search(rf"^    {name}: ", text, re.MULTILINE), name
    for part in ("Example:\n    >>> ", "Source:", "Elsewhere:", ".. math::"):
        assert part in text  # the suite runs every docstring's example


@every_variant
def test_the_text_shown_is_the_rule_that_runs(method, switches):
    """The source shown, compiled anew, takes the third step; also with switches folded."""
    opt = make(method, **switches)
    w, g = np.array([1.0, -2.0]), np.array([0.5, 3.0])
    w = run(opt, w, [g, -2 * g])[-1]
    hypers = [getattr(opt, name) for name in opt.hypers]
    state = opt.state
    given_ = {"loss": loss_at(3), "curvature": curvature_of(g), "norm": global_norm(g)}
    inputs = [given_[name] for name in opt.inputs if name in given_]
    stepped = take(opt, w, g)
    for text, chosen in (
        (method.text(), switches.values()),
        (method.text(**switches), ()),
    ):
        scope = {"np": np}
        exec(text, scope)  # noqa: S102
        taken = inspect.signature(scope["rule"]).parameters
        its = {x: value for x, value in state.items() if x in taken}
        shown = scope["rule"](w, g, *its.values(), 3, *inputs, *hypers, *chosen)
        assert np.array_equal(shown[0], stepped)
        for name, value in zip(its, shown[1:], strict=True):
            assert np.array_equal(value, opt.state[name])
        for name in state.keys() - its:  # those that these switches leave alone
            assert np.array_equal(state[name], opt.state[name])
        first = "ahead" if "gradient" in opt.inputs else "rule"
        assert re.match(rf"def {first}\(\s*w, ", text.replace("\n    ", " "))
        assert "staticmethod" not in text
    assert " if " not in method.text(**switches)


def test_the_text_of_look_ahead_shows_where_it_looks():
    scope = {"np": np}
    exec(NesterovLookAhead.text(), scope)  # noqa: S102
    opt, looked = NesterovLookAhead(lr=0.5, momentum=0.25), []
    w = opt.step(np.ones(2), gradient=lambda w: w)
    opt.step(w, gradient=lambda w: looked.append(w) or w)
    assert np.array_equal(looked[0], scope["ahead"](w, -np.ones(2) / 2, 2, 0.5, 0.25))
