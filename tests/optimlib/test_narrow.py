"""Weights narrower than float32: computed in float32, and only the result is rounded."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from variants import curvature_of, every_method, every_variant, make, take, with_state

from optimlib import SGD, Adagrad, Adam, AdaSecant, Eve, Rows
from optimlib.arrays.nests import flatten, rebuild
from optimlib.clipping import clip_by_global_norm, clip_by_value, global_norm

HALF, SINGLE = np.float16, np.float32
NESTS = {
    "array": lambda a, b: a,
    "dict": lambda a, b: {"a": a, "b": b},
    "mixed": lambda a, b: {"a": a, "b": b, "c": np.ones(2, np.float32)},
    "list": lambda a, b: [a, {"b": b}],
}


def drawn(nest, seed, scale=1.0):
    """Leaves of float16, and in a mixed nest one of float32."""
    rng = np.random.default_rng(seed)
    arrays = ((scale * rng.normal(size=x)).astype(HALF) for x in [(3, 2), (4,)])
    return NESTS[nest](*arrays)


def cast(nest, dtypes):
    """The nest's leaves in this dtype, or each in that of another nest's."""
    if not isinstance(dtypes, type):
        dtypes = {path: x.dtype for path, x in flatten(dtypes).items()}
    with np.errstate(over="ignore"):
        return rebuild(
            nest,
            {
                path: np.array(x, dtypes if isinstance(dtypes, type) else dtypes[path])
                for path, x in flatten(nest).items()
            },
        )


def same(one, other):
    for path, array in flatten(one).items():
        np.testing.assert_array_equal(array, flatten(other)[path], strict=True)


@every_variant
@settings(max_examples=8)
@given(
    st.sampled_from(sorted(NESTS)),
    st.sampled_from([1e-4, 1e-2, 1.0, 300.0]),
    st.booleans(),
)
def test_a_step_is_that_of_float32_rounded(method, switches, nest, scale, within):
    opt, wide = (make(method, lr=0.01, **switches) for _ in range(2))
    w = drawn(nest, 0)
    for k in range(1, 5):
        g = drawn(nest, k, scale)
        more = {"curvature": curvature_of(g)} if "curvature" in method.inputs else {}
        expected = take(wide, cast(w, SINGLE), cast(g, SINGLE), **more)
        new = take(opt, w, g, out=w if within else None, **more)
        assert new is w or not within
        w = new
        same(w, cast(expected, w))
        if method.state_names:
            same(opt.state, wide.state)


@every_method
def test_a_small_gradient_moves_and_a_large_one_does_not_stop(method):
    half, single = (make(method, lr=0.01) for _ in range(2))
    w = np.ones(2)
    for g in ([1e-4, 300.0], [1e-4, 300.0], [-1e-4, 3.0]):
        new = take(half, w.astype(HALF), np.array(g, HALF))
        w = take(
            single, w.astype(HALF).astype(SINGLE), np.array(g, HALF).astype(SINGLE)
        )
        np.testing.assert_array_equal(new, w.astype(HALF))


@every_method
def test_a_population_of_such_is_that_of_float32_rounded(method):
    name = next((name for name in method.hypers if name != "warmup"), None)
    own = {name: method.hypers[name].default * np.array([1.0, 0.9])}
    one, other = (make(method, population=2, **own) for _ in range(2))
    w, g = np.random.default_rng(0).normal(size=(2, 2, 3)).astype(HALF)
    for _ in range(3):
        expected = take(other, w.astype(SINGLE), g.astype(SINGLE))
        w = take(one, w, g)
        np.testing.assert_array_equal(w, expected.astype(HALF))


def test_a_gradient_wider_than_the_weights_is_not_rounded_first():
    w, g = np.ones(1, HALF), np.array([1e5], SINGLE)
    assert SGD(lr=1e-5).step(w, g).tolist() == [0.0]
    assert SGD(lr=1e-5).step(w, [1e5]).tolist() == [0.0]
    with pytest.raises(FloatingPointError, match="which float32 cannot hold"):
        SGD().step(w, [1e39])
    assert np.isfinite(Eve().step(w, w, loss=1e5)).all()
    assert np.isfinite(AdaSecant().step(np.ones(4, HALF), np.full(4, 6e4, HALF))).all()


@pytest.mark.parametrize("method", [SGD, Adagrad], ids=lambda m: m.__name__)
def test_rows_are_summed_in_float32(method):
    rows = Rows([1, 0, 1], np.array([[6e4], [1.0], [6e4]], HALF))
    wide = Rows(rows.index, rows.values.astype(SINGLE))
    one, other, w = method(lr=1e-5), method(lr=1e-5), np.ones((2, 1), HALF)
    for out in (None, w):
        expected = other.step(w.astype(SINGLE), wide)
        w = one.step(w, rows, out=out)
        np.testing.assert_array_equal(w, expected.astype(HALF), strict=True)


def test_many_values_of_a_row_lose_nothing():
    rows = Rows([0] * 4096, np.ones((4096, 1), HALF))
    assert rows.summed().values.tolist() == [[4096]]
    assert rows.summed().values.dtype == HALF


def test_rows_are_clipped_by_their_sum_in_float32():
    rows = Rows([1, 1], np.array([[6e4], [6e4]], HALF))
    assert global_norm(rows) == pytest.approx(120_000, rel=1e-3)
    for clip in (clip_by_global_norm, clip_by_value):
        clipped = clip(rows, 2.0)
        assert clipped.values.tolist() == [[2.0]] and clipped.values.dtype == HALF


@with_state
def test_a_run_is_saved_and_goes_on(method, tmp_path):
    opt, w, g = make(method), drawn("mixed", 0), drawn("mixed", 1)
    w = take(opt, w, g)
    opt.save(tmp_path / "run.npz")
    other = make(method)
    other.load(tmp_path / "run.npz")
    v = w
    for k in range(3):
        w, v = take(opt, w, drawn("mixed", k)), take(other, v, drawn("mixed", k))
        same(w, v)
        same(opt.state, other.state)


@with_state
def test_a_state_that_was_kept_in_float16_is_widened(method):
    opt, w = make(method), drawn("dict", 0)
    w = take(opt, w, w)
    saved = opt.state_dict()
    saved["state"] = cast(saved["state"], HALF)
    opt.load_state_dict(saved)
    assert all(x.dtype == SINGLE for x in flatten(opt.state).values())
    take(opt, w, w)


def test_what_project_gives_is_in_the_weights_dtype():
    opt = Adam(lr=1.0, project=lambda w: np.clip(w, -0.5, 0.5))
    new = opt.step(np.ones(2, HALF), np.ones(2, HALF))
    assert new.dtype == HALF and (new <= 0.5).all()
