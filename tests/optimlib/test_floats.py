"""A run on plain floats is the run on arrays, to the bit."""

import ast
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from variants import VARIANTS, make, named

from optimlib import (
    SGD,
    VSGD,
    Adam,
    AdaSecant,
    Eve,
    Momentum,
    NesterovLookAhead,
    minimize,
)
from optimlib.clipping import global_norm
from optimlib.optimizer import Optimizer
from optimlib.problems import SURFACES, Surface
from optimlib.running import floats

SERVED = [variant for variant in VARIANTS if variant[0] is not AdaSecant]
every_served = pytest.mark.parametrize(
    ("method", "switches"), SERVED, ids=[named(*variant) for variant in SERVED]
)
every_surface = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # runs that diverge
AROUND = ((-1.0, 1.0), (-1.0, 1.0))


def is_served(surface, opt, w):
    found = floats.compiled(surface, surface.gradient, surface.curvature, opt, w)
    return found is not None


def on_floats(surface, opt, steps, start=None, **how):
    """The run, which is one that plain floats serve."""
    start = np.array(surface.start if start is None else start)
    assert is_served(surface, opt, start)
    curvature = surface.curvature
    return minimize(
        surface, surface.gradient, start, opt, steps, curvature=curvature, **how
    )


def on_arrays(surface, opt, steps, start=None, **how):
    """The same run of a function that is no surface for all that `minimize` knows."""
    start = np.array(surface.start if start is None else start)
    f = lambda w: surface(w)
    assert floats.compiled(f, surface.gradient, None, opt, start) is None
    curvature = surface.curvature
    return minimize(f, surface.gradient, start, opt, steps, curvature=curvature, **how)


def assert_same(run, other, opt, twin):
    """Equal to the bit, the sign of a zero included."""
    for part in ("w", "f", "grad_norm"):
        one, two = getattr(run, part), getattr(other, part)
        assert (one.dtype, one.shape) == (two.dtype, two.shape)
        assert one.tobytes() == two.tobytes(), part
    assert run.stopped == other.stopped and opt.t == twin.t
    assert opt.state.keys() == twin.state.keys()
    for name, values in opt.state.items():
        assert values.shape == twin.state[name].shape
        assert values.tobytes() == twin.state[name].tobytes(), name


def agree(surface, made, steps, **how):
    """Compare the two runs; the one on floats."""
    opt, twin = made(), made()
    run = on_floats(surface, opt, steps, **how)
    assert_same(run, on_arrays(surface, twin, steps, **how), opt, twin)
    return run


@every_surface
@every_served
def test_every_method_takes_the_same_steps_on_every_surface(method, switches, surface):
    agree(surface, lambda: make(method, 0.003, **switches), 60)


@every_served
@settings(max_examples=12)
@given(
    seed=st.integers(0, 10**6),
    name=st.sampled_from(list(SURFACES)),
    lr=st.sampled_from([1e-4, 0.01, 0.3, 3.0, 1e100]),
)
def test_so_it_does_from_anywhere_at_any_rate(method, switches, seed, name, lr):
    start = np.random.default_rng(seed).normal(scale=3, size=2)
    agree(SURFACES[name], lambda: make(method, lr, **switches), 12, start=start)


@pytest.mark.parametrize("method", [Momentum, Eve, VSGD, NesterovLookAhead])
def test_almost_all_steps_are_taken_without_arrays(method, monkeypatch):
    calls, step = [], Optimizer.step
    monkeypatch.setattr(
        Optimizer, "step", lambda *a, **k: calls.append(a) or step(*a, **k)
    )
    run = on_floats(SURFACES["rosenbrock"], make(method, 1e-4), 500)
    assert len(run) == 500 and len(calls) == 1


# What is out of the ordinary


@pytest.mark.parametrize("nonfinite", ["raise", "ignore"])
@pytest.mark.parametrize("name", ["rosenbrock", "saddle", "rastrigin"])
@pytest.mark.parametrize("method", [SGD, Adam, Eve, NesterovLookAhead, VSGD])
def test_a_run_that_diverges_ends_where_it_did(method, name, nonfinite):
    how = {"nonfinite": nonfinite}
    if method is not VSGD:
        how["lr"] = 1e155
    run = agree(SURFACES[name], lambda: make(method, **how), 60)
    assert run.stopped == "diverged" or method in (Adam, Eve, VSGD)


def test_a_saddle_is_left_until_the_numbers_end():
    run = agree(SURFACES["saddle"], lambda: SGD(lr=1.0), 1500)
    assert run.stopped == "diverged" and len(run) > 300


@pytest.mark.parametrize("tolerance", [0.0, 1e-200, 1e-3, 1.0, 1e6])
def test_a_run_ends_at_the_tolerance(tolerance):
    bowl = Surface("bowl", lambda x, y: x**2 + y**2, (), (3.0, 4.0), AROUND)
    run = agree(bowl, lambda: SGD(lr=0.3), 1000, tolerance=tolerance)
    assert run.stopped == "tolerance" and run.grad_norm[-1] <= tolerance


def test_a_loss_at_its_least_value_is_divided_by_as_on_arrays():
    """The change of a loss that stays at 0 is 0/0, which Eve's fmax rules out."""
    made = lambda: Eve(lr=0.1)
    run = agree(SURFACES["ravine"], made, 20, start=(0.0, 0.0))
    assert len(run) == 20 and (run.f == 0).all()


def test_a_start_at_the_minimum_without_a_guard_diverges():
    made = lambda: Adam(eps=0.0)
    run = agree(SURFACES["rosenbrock"], made, 9, start=(1.0, 1.0))
    assert run.stopped == "diverged"


# Downhill y grows faster and faster, and then the exponential leaves all numbers.
CLIFF = Surface(
    "cliff", lambda x, y: x * x - 1e305 * y - np.exp(600 * y), (), (1.0, 0.5), AROUND
)


@pytest.mark.parametrize("nonfinite", ["raise", "ignore"])
def test_a_curvature_that_is_not_finite_ends_the_run(nonfinite):
    """In y it is led to where the curvature along x overflows, and that alone."""
    steep = Surface(
        "steep",
        lambda x, y: (y - 1.17) ** 2 + 1e6 * x**2 * np.exp(600 * y),
        (),
        (1e-160, 1.15),
        AROUND,
    )
    made = lambda: VSGD(warmup=1, slow_start=1.0, nonfinite=nonfinite)
    run = agree(steep, made, 40)
    assert np.isinf(steep.curvature(run.w[2])[0])
    assert np.isfinite([*steep.gradient(run.w[2]), steep(run.w[2])]).all()
    assert len(run) == 2 or nonfinite == "ignore"


@pytest.mark.parametrize("nonfinite", ["raise", "ignore"])
def test_a_look_ahead_that_is_not_finite_ends_the_run(nonfinite):
    made = lambda: NesterovLookAhead(lr=1e-307, nonfinite=nonfinite)
    run = agree(CLIFF, made, 60)
    assert run.stopped == "diverged" and 3 < len(run) < 60


def test_weights_that_are_not_finite_end_the_run_where_the_function_is():
    flat = Surface("flat", lambda x, y: 1e3 * np.tanh(x) + y, (), (3.0, 1.0), AROUND)
    run = agree(flat, lambda: SGD(lr=1e308), 9)
    assert run.stopped == "diverged" and np.isfinite(run.w).all()


def test_a_root_that_is_none_ends_the_run():
    root = Surface("root", lambda x, y: np.sqrt(x) + y**2, (), (0.5, 1.0), AROUND)
    run = agree(root, lambda: SGD(lr=0.01), 500)
    assert run.stopped == "diverged" and 3 < len(run) < 500


def test_a_warning_that_is_an_error_leaves_the_state_of_the_step_before():
    states = []
    for run in (on_floats, on_arrays):
        opt = Momentum(lr=1e-307)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(RuntimeWarning, match="overflow"):
                run(CLIFF, opt, 60)
        states.append((opt.t, opt.state["v"].tolist()))
    assert states[0] == states[1] and states[0][0] > 3


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_few_steps_are_taken_too(steps):
    run = agree(SURFACES["beale"], Adam, steps)
    assert len(run) == steps


@given(st.lists(st.floats(width=64), min_size=2, max_size=2))
def test_the_norm_is_the_global_norm_to_the_bit(slope):
    """Of the gradient of a plane, which is the same everywhere."""
    a, b = slope
    squares = a * a + b * b
    norm = np.sqrt(squares) if 1e-270 < squares < 1e300 else floats._far(a, b)
    assert np.float64(norm).tobytes() == np.float64(global_norm([a, b])).tobytes()


@pytest.mark.parametrize("size", [1e-320, 1e-160, 1e-136, 1.0, 1e149, 1e160, 1e308])
def test_runs_on_slopes_of_any_size_have_the_norm(size):
    tilted = Surface(
        "tilted", lambda x, y: size * (x / 3 + y / 7), (), (1.0, 1.0), AROUND
    )
    run = agree(tilted, lambda: SGD(lr=0.0), 5)
    assert len(run) == 5


# Resuming, and what arrays serve


@pytest.mark.parametrize("method", [Adam, Eve, VSGD, NesterovLookAhead])
def test_a_run_goes_on_from_the_state_and_leaves_the_start_alone(method):
    surface, start = SURFACES["beale"], np.array([1.0, 1.0])
    opt, twin = make(method, 0.01), make(method, 0.01)
    first = on_floats(surface, opt, 30, start)
    second = on_floats(surface, opt, 30, first.w[-1])
    whole = on_arrays(surface, twin, 60, start)
    assert_same(second, second, opt, twin)
    assert np.concatenate([first.w, second.w[1:]]).tobytes() == whole.w.tobytes()
    assert start.tolist() == [1, 1]


def test_a_state_taken_before_a_run_stays_what_it_was():
    surface, opt = SURFACES["beale"], Adam()
    on_floats(surface, opt, 3)
    before = opt.state
    copies = {name: values.copy() for name, values in before.items()}
    on_floats(surface, opt, 3)
    assert all(np.array_equal(before[name], copies[name]) for name in before)


def test_switches_of_one_method_do_not_share_a_loop():
    surface = SURFACES["rosenbrock"]
    with_it, without = (
        on_floats(surface, Adam(bias_correction=b), 20).w for b in (True, False)
    )
    assert not np.array_equal(with_it, without)


def test_a_list_is_a_start_as_well():
    surface = SURFACES["rosenbrock"]
    run = minimize(surface, surface.gradient, [-1.2, 1.0], Adam(), 50)
    assert run.w.tobytes() == on_arrays(surface, Adam(), 50).w.tobytes()


class Halved(SGD):
    """A method with a step of its own."""

    def step(self, w, g=None, **more):
        return super().step(w, g / 2, **more)


START = np.array([-1.2, 1.0])


@pytest.mark.parametrize(
    ("opt", "start"),
    [
        (SGD(lr=lambda t: 0.001 / t), START),
        (SGD(lr=1e-3, project=lambda w: np.clip(w, -1, 1)), START),
        (SGD(lr=1e-3, population=2), START),
        (SGD(lr=1e-3), START.astype(np.float32)),
        (SGD(lr=1e-3), START.astype(np.longdouble)),
        (SGD(lr=1e-3), START[None]),
        (SGD(lr=1e-3), {"w": START}),
        (Halved(lr=1e-3), START),
        (AdaSecant(), START),
    ],
    ids=[
        "schedule", "project", "population", "float32", "longdouble", "many starts",
        "nest", "own step", "norm",
    ],
)  # fmt: skip
def test_what_plain_floats_do_not_serve_is_left_to_arrays(opt, start):
    assert not is_served(SURFACES["rosenbrock"], opt, start)


@pytest.mark.parametrize("part", ["f", "grad", "curvature"])
def test_functions_that_are_not_the_surfaces_are_called(part):
    surface, calls = SURFACES["rosenbrock"], []

    def watched(name, function):
        return lambda w: calls.append(name) or function(w)

    given = {"f": surface, "grad": surface.gradient, "curvature": surface.curvature}
    given[part] = watched(part, given[part])
    bend = given["curvature"]
    minimize(given["f"], given["grad"], START, VSGD(), 20, curvature=bend)
    assert len(calls) >= 20


def test_a_gradient_of_another_surface_is_the_one_that_is_followed():
    one, other = SURFACES["rosenbrock"], SURFACES["beale"]
    assert floats.compiled(one, other.gradient, None, SGD(), START) is None


def test_a_method_without_curvature_does_not_look_at_it():
    surface = SURFACES["rosenbrock"]
    assert floats.compiled(surface, surface.gradient, None, SGD(), START) is not None
    assert floats.compiled(surface, surface.gradient, None, VSGD(), START) is None


def test_a_formula_without_a_text_is_run_on_arrays():
    bent = Surface("bent", lambda x, y: np.hypot(x, y) + 0 * x, (), (1.0, 1.0), AROUND)
    assert not is_served(bent, SGD(), np.ones(2))
    assert bent([3.0, 4.0]) == 5
    with pytest.raises(TypeError, match="^np.hypot has no derivative here; allowed:"):
        minimize(bent, bent.gradient, np.ones(2), SGD(), 5)


@every_served
def test_the_loop_is_straight_text(method, switches):
    """No call but to a few functions of one number, and no array."""
    for surface in SURFACES.values():
        text = floats.text(method, tuple(switches.items()), surface.formula)
        calls = [x.func for x in ast.walk(ast.parse(text)) if isinstance(x, ast.Call)]
        assert {ast.unparse(call) for call in calls} <= {
            "sqrt", "abs", "far", "record", "range", "float", "np.cos", "np.sin",
        }  # fmt: skip
