"""A population: one pass trains P runs, bit for bit as each would go alone."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from variants import (
    VARIANTS,
    drawn,
    every_method,
    every_variant,
    loss_at,
    make,
    named,
    schedulable,
    take,
)

from optimlib import SGD, VSGD, Adadelta, Adam, AdaSecant, Eve, Momentum
from optimlib.arrays.nests import flatten, rebuild

P = 3
KINDS = {
    "numbers": lambda values: values,
    "a list": lambda values: list(values),
    "a dict": lambda values: {"layers": {0: values, 1: values}, "b": values},
    "a callable": lambda values: lambda t: values * (1 if t > 2 else 1 - 2**-10),
    "a dict of callables": lambda values: {
        "layers": {0: lambda t: values, 1: values},
        "b": lambda t: values,
    },
}

CASES = [(np.float32, kind) for kind in KINDS]
CASES += [(dtype, "numbers") for dtype in (np.float16, np.float64, np.longdouble)]
CASES += [(np.float64, "a dict of callables")]


def member(setting, i):
    """The setting of member i alone, of one that has it for all of them."""
    if callable(setting):
        return lambda t: member(setting(t), i)
    if isinstance(setting, dict):
        return {key: member(value, i) for key, value in setting.items()}
    return setting[i] if np.ndim(setting) else setting


def nest_of(rng, dtype):
    """Weights or gradients of members with 0 to 2 axes each: all have one more."""
    shapes = [(P, 2, 2), (P,), (P, 3)]
    a, b, c = (rng.normal(size=shape).astype(dtype) for shape in shapes)
    a[:, 0], b[1] = 0, 0
    return {"layers": [a, b], "b": c}


def at(nest, i):
    """Member i of every array."""
    return rebuild(nest, {p: np.array(x[i]) for p, x in flatten(nest).items()})


def same_bits(one, other):
    """Whether two nests have the same dtypes, shapes and numbers, NaN included."""
    pairs = zip(flatten(one).items(), flatten(other).items(), strict=True)
    return all(
        p == q and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)
        for (p, a), (q, b) in pairs
    )


def kind_for(method, name, switches, kind):
    """How to give a hyper-parameter: those that are constant are never callables."""
    if "callable" in kind and not schedulable(method, name, switches):
        return KINDS["a dict" if "dict" in kind else "numbers"]
    return KINDS[kind]


@every_variant
@pytest.mark.parametrize(("dtype", "kind"), CASES)
def test_each_member_goes_as_it_would_alone_bit_for_bit(method, switches, dtype, kind):
    rng = np.random.default_rng(len(method.__name__))
    given_ = {
        name: kind_for(method, name, switches, kind)(drawn(name, rng, P))
        for name in method.hypers
    }
    together = method(population=P, **given_, **switches)
    alone = [
        method(**{k: member(v, i) for k, v in given_.items()}, **switches)
        for i in range(P)
    ]
    w = nest_of(rng, dtype)
    apart = [at(w, i) for i in range(P)]
    for t in range(1, 6):
        g, losses = nest_of(rng, dtype), loss_at(t, P)
        w = take(together, w, g)
        for i, opt in enumerate(alone):
            loss = {"loss": losses[i]} if "loss" in method.inputs else {}
            apart[i] = take(opt, apart[i], at(g, i), **loss)
            assert same_bits(at(w, i), apart[i])
    for i, opt in enumerate(alone):
        for name, entry in together.state.items():
            assert same_bits(at(entry, i), opt.state[name])


every_kind_of_member = given(
    data=st.data(),
    dtype=st.sampled_from([np.float32, np.float64]),
    shape=hnp.array_shapes(min_dims=0, max_dims=2, max_side=3),
    seed=st.integers(0, 2**32 - 1),
)


@pytest.mark.parametrize("variant", VARIANTS, ids=[named(*v) for v in VARIANTS])
@settings(max_examples=12)
@every_kind_of_member
def test_so_it_does_for_any_settings_shapes_and_numbers(
    variant, data, dtype, shape, seed
):
    (method, switches), rng = variant, np.random.default_rng(seed)
    count = data.draw(st.integers(1, 4))
    given_ = {
        name: drawn(name, rng, count if data.draw(st.booleans()) else None)
        for name in method.hypers
    }
    together = method(population=count, **given_, **switches)
    w = rng.normal(size=(count, *shape)).astype(dtype)
    gradients = 10 ** rng.uniform(-6, 3) * rng.normal(size=(5, *w.shape))
    i = data.draw(st.integers(0, count - 1))
    one = method(**{k: member(v, i) for k, v in given_.items()}, **switches)
    x = w[i]
    for t, g in enumerate(gradients, 1):
        loss = {"loss": loss_at(t, count)[i]} if "loss" in method.inputs else {}
        w, x = take(together, w, g), take(one, x, g[i], **loss)
        assert w.dtype == dtype and np.array_equal(w[i], x)


@every_variant
@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_a_member_that_diverges_leaves_the_others_untouched(method, switches, bad):
    rng = np.random.default_rng(6)
    start = rng.normal(size=(P, 4))
    gradients = rng.normal(size=(6, P, 4))
    worse = gradients.copy()
    worse[2:, 1] = bad
    ends = []
    for given_ in (gradients, worse):
        opt, w = make(method, population=P, nonfinite="ignore", **switches), start
        for g in given_:
            w = take(opt, w, g)
        ends.append((w, opt.state))
    (fine, state), (w, diverged) = ends
    for i in (0, 2):
        assert np.array_equal(w[i], fine[i]) and np.isfinite(w[i]).all()
        assert same_bits(at(diverged, i), at(state, i))
    assert not np.array_equal(w[1], fine[1]) or method.__name__ == "SignSGD"


def test_a_rate_too_high_takes_its_member_to_infinity_and_none_else():
    opt = SGD(lr=np.array([0.1, 3.0, 0.2]), population=3, nonfinite="ignore")
    w = np.ones((3, 2))
    for _ in range(1100):
        w = opt.step(w, w)
    assert not np.isfinite(w[1]).any() and (abs(w[[0, 2]]) < 1e-30).all()


def test_a_loss_too_high_takes_eves_other_members_nowhere():
    g = np.ones((2, 3))
    losses = [[1.0, 2.0], [1.5, np.inf], [0.7, np.nan], [0.9, 1.0]]
    opt = Eve(lr=0.1, beta3=0.5, population=2, nonfinite="ignore")
    alone, w, x = Eve(lr=0.1, beta3=0.5), np.ones((2, 3)), np.ones(3)
    for loss in losses:
        w, x = opt.step(w, g, loss=loss), alone.step(x, g[0], loss=loss[0])
    assert np.array_equal(w[0], x)


@every_method
def test_numbers_are_those_of_every_member(method):
    w = np.random.default_rng(7).normal(size=(P, 2))
    one, other = make(method, population=P), make(method, population=np.int64(P))
    for name in method.hypers:
        setattr(other, name, np.full(P, getattr(other, name)))
    for t in range(1, 5):
        assert np.array_equal(take(one, w, w / t), take(other, w, w / t))


@pytest.mark.parametrize("method", [Adadelta, VSGD, AdaSecant])
def test_a_thousand_runs_of_one_number_each_go_as_they_would_alone(method):
    """The square of a NumPy number differs from an array's in one of a thousand."""
    rng = np.random.default_rng(10)
    together, w = make(method, population=1000), np.zeros(1000)
    alone, apart = [make(method) for _ in w], list(w)
    for g in rng.normal(size=(4, 1000)):
        w = take(together, w, g)
        apart = [take(o, x, y) for o, x, y in zip(alone, apart, g, strict=True)]
        assert np.array_equal(w, apart)


# What is refused


@every_method
def test_the_lengths_of_the_settings_are_those_of_the_population(method):
    for name in method.hypers:
        value = drawn(name, np.random.default_rng(8))
        for length in (0, 1, 2, 4):
            words = re.escape(
                f"shape ({length},); allowed: a number, or shape (3,), one for each "
                "member of the population"
            )
            for kind in ("numbers", "a list", "a dict"):
                setting = KINDS[kind](np.full(length, value))
                with pytest.raises(ValueError, match=rf"^{name}(\[.*\])? has {words}"):
                    make(method, population=3, **{name: setting})
            if schedulable(method, name, {"bias_correction": True}):
                wrong = np.full(length, value)
                opt = make(method, population=3, **{name: lambda t, x=wrong: x})
                with pytest.raises(ValueError, match=rf"^{name} at step 1 has {words}"):
                    take(opt, np.ones((3, 2)), np.ones((3, 2)))
                assert opt.t == 0 and opt.state == {}
        with pytest.raises(TypeError, match=rf"^{name} is array"):
            make(method, population=3, **{name: np.full((3, 1), value)})
        with pytest.raises(TypeError, match=rf"^{name} is array"):
            make(method, **{name: np.full(3, value)})


def test_a_member_out_of_range_is_named():
    with pytest.raises(ValueError, match=r"^lr\[1\] is -1.0; allowed: a finite number"):
        SGD(lr=[0.1, -1.0], population=2)
    with pytest.raises(ValueError, match=r"^beta1\['w'\]\[0\] is 1.0; allowed: a numb"):
        Adam(beta1={"w": np.array([1.0, 0.5])}, population=2)
    with pytest.raises(TypeError, match=r"^lr\[0\] is .*True.*, of type bool"):
        SGD(lr=np.array([True, False]), population=2)
    opt = SGD(lr=lambda t: [0.1, np.nan], population=2)
    with pytest.raises(ValueError, match=r"^lr at step 1\[1\] is nan; allowed"):
        opt.step(np.ones(2), np.ones(2))


@pytest.mark.parametrize("count", [0, -1, 1.5, np.nan, True, "3", np.array([3])])
def test_a_population_that_is_no_number_of_members_is_refused(count):
    with pytest.raises(
        ValueError, match=r"^population is .*; allowed: a whole number, 1 or more$"
    ):
        SGD(population=count)


@every_method
@pytest.mark.parametrize("w", [np.ones((2, 3)), np.ones(()), np.ones((0, 3))])
def test_every_array_has_the_axis_of_the_members_first(method, w):
    opt, fine = make(method, population=3), np.ones((3, 2))
    with pytest.raises(
        ValueError,
        match=r"^w\['b'\] has shape .*; allowed: a first axis of length 3, the popul",
    ):
        take(opt, {"a": fine, "b": w}, {"a": fine, "b": w})
    assert opt.t == 0 and opt.state == {}


@pytest.mark.parametrize("loss", [1.0, [1.0], np.ones((3, 1)), np.ones(4)])
def test_a_population_needs_a_loss_for_each_member(loss):
    opt, w = Eve(population=3), np.ones((3, 2))
    with pytest.raises(ValueError, match=r"^loss has shape .*; allowed: \(3,\)"):
        opt.step(w, w, loss=loss)
    assert opt.t == 0 and opt.state == {}


@pytest.mark.parametrize(
    ("saved_by", "loaded_by"), [({"population": 2}, {}), ({}, {"population": 2})]
)
def test_the_population_is_one_of_the_settings_that_are_loaded(saved_by, loaded_by):
    one, other = Momentum(**saved_by), Momentum(**loaded_by)
    w = one.step(np.ones((2, 3)), np.ones((2, 3)))
    other.load_state_dict(one.state_dict())
    assert other.population == one.population
    assert np.array_equal(other.step(w, w), one.step(w, w))
