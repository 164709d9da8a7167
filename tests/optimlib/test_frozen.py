"""None for an array's gradient: that array stays as it is, state and all."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from variants import every_method, make, small_up_to, take

from optimlib import SGD, VSGD, Adam, NesterovLookAhead, Rows, minimize
from optimlib.arrays.nests import flatten, rebuild
from optimlib.clipping import clip_by_global_norm, clip_by_value, global_norm

NAMES, SMALL = ("a", "b", "c"), 16
SHAPES = {"a": (2, 3), "b": (2,), "c": (2, SMALL // 2 + 1)}
NESTS = {
    "dict": lambda w: w,
    "list": lambda w: [w[name] for name in NAMES],
    "tuple": lambda w: tuple(w[name] for name in NAMES),
    "nest": lambda w: {"layers": [w["a"], w["b"]], "c": w["c"]},
}


def drawn(seed, dtype=float):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=SHAPES[name]).astype(dtype) for name in NAMES}


def bits(nest):
    return [None if x is None else x.tobytes() for x in flatten(nest).values()]


@pytest.fixture(scope="module", autouse=True)
def one_is_large():
    """c is stepped by itself, the others together."""
    with small_up_to(SMALL):
        yield


def states(opt, place):
    """The state of one of the arrays, the one at this place."""
    return {k: list(flatten(x).values())[place].tolist() for k, x in opt.state.items()}


@every_method
@settings(max_examples=8)
@given(
    st.lists(st.sets(st.sampled_from(NAMES)), min_size=1, max_size=3),
    st.sampled_from(sorted(NESTS)),
    st.sampled_from([None, "w", "other"]),
    st.sampled_from([None, 2]),
    st.sampled_from([np.float16, np.float32, np.float64]),
)
def test_a_frozen_array_stays_and_the_others_step_as_alone(
    method, steps, nest, target, population, dtype
):
    build = NESTS[nest]
    opt = make(method, population=population)
    alone = {name: make(method, population=population) for name in NAMES}
    w, whole = drawn(0, dtype), drawn(1, dtype)
    expected = {name: take(alone[name], w[name], whole[name]) for name in NAMES}
    new = take(opt, build(w), build(whole))
    for k, frozen in enumerate(steps):
        g = drawn(k + 2, dtype)
        before = [states(opt, place) for place in range(3)]
        given_ = build({n: None if n in frozen else x for n, x in g.items()})
        more = {}
        if "curvature" in method.inputs:
            more = {"curvature": rebuild(given_, {
                p: x if x is None else abs(x) for p, x in flatten(given_).items()
            })}  # fmt: skip
        out = {None: None, "w": new, "other": copy.deepcopy(new)}[target]
        held = bits(new)
        moved = take(opt, new, given_, out=out, **more)
        assert out is None or moved is out
        assert target == "w" or bits(new) == held
        for place, name in enumerate(NAMES):
            if name in frozen:
                alone[name].t += 1
                assert states(opt, place) == before[place]
            else:
                curvature = {"curvature": abs(g[name])} if more else {}
                expected[name] = take(alone[name], expected[name], g[name], **curvature)
            np.testing.assert_array_equal(
                list(flatten(moved).values())[place], expected[name], strict=True
            )
        new = moved
    assert opt.t == len(steps) + 1


@every_method
def test_where_all_are_frozen_nothing_moves_and_the_step_counts(method):
    opt, w, none = make(method), [np.ones(2), np.ones(3)], [None, None]
    more = {"curvature": none} if "curvature" in method.inputs else {}
    new = take(opt, w, none, **more)
    assert opt.t == 1 and bits(new) == bits(w)
    assert not any(np.shares_memory(x, y) for x, y in zip(new, w, strict=True))
    assert take(opt, w, none, out=w, **more) is w and opt.t == 2


def test_what_is_returned_and_what_was_given_are_not_each_other():
    w = {"a": np.ones(2), "b": np.ones(2)}
    new = SGD(lr=1.0).step(w, {"a": None, "b": w["b"]})
    new["a"][...] = 5
    assert w["a"].tolist() == [1, 1] and new["b"].tolist() == [0, 0]


def test_targets_may_be_each_others_weights():
    w = {"a": np.full(SMALL + 1, 1.0), "b": np.full(SMALL + 1, 2.0)}
    swapped = {"a": w["b"], "b": w["a"]}
    SGD(lr=1.0).step(w, {"a": np.ones(SMALL + 1), "b": None}, out=swapped)
    assert (swapped["a"] == 0).all() and (swapped["b"] == 2).all()


def test_rows_and_none_may_stand_side_by_side():
    w = {"a": np.ones((3, 1)), "b": np.ones(2), "c": np.ones(2)}
    g = {"a": Rows([1], [[1.0]]), "b": None, "c": np.ones(2)}
    new = SGD(lr=1.0).step(w, g)
    assert {k: x.reshape(-1).tolist() for k, x in new.items()} == {
        "a": [1, 0, 1], "b": [1, 1], "c": [0, 0],
    }  # fmt: skip


def test_a_gradient_asked_for_may_have_none():
    opt, w = NesterovLookAhead(), {"a": np.ones(2), "b": np.ones(2)}
    for _ in range(2):
        w = opt.step(w, gradient=lambda w: {"a": None, "b": w["b"]})
    assert w["a"].tolist() == [1, 1] and (w["b"] < 1).all()


def test_none_stands_for_arrays_of_nests_alone():
    w = np.ones(2)
    with pytest.raises(TypeError, match="^SGD needs g"):
        SGD().step(w, None)
    with pytest.raises(TypeError, match="^g has dtype object; allowed: real"):
        NesterovLookAhead().step(w, gradient=lambda _: None)
    with pytest.raises(TypeError, match=r"^w\['a'\] has dtype object"):
        SGD().step({"a": None, "b": w}, {"a": None, "b": w})
    with pytest.raises(ValueError, match=r"^out\['a'\] is NoneType; allowed: a writ"):
        SGD().step({"a": w, "b": w}, {"a": w, "b": w}, out={"a": None, "b": w})
    with pytest.raises(TypeError, match=r"^what project returns\['a'\] has dtype obj"):
        SGD(project=lambda w: {"a": None}).step({"a": w}, {"a": w})


@pytest.mark.parametrize(
    ("g", "curvature", "message"),
    [
        (None, 1.0, r"^g\['a'\] is None; allowed: an array, as curvature\['a'\] is"),
        (1.0, None, r"^curvature\['a'\] is None; allowed: an array, as g\['a'\] is"),
    ],
)
def test_gradient_and_curvature_are_none_together(g, curvature, message):
    opt, w, one = VSGD(), {"a": np.ones(()), "b": np.ones(2)}, np.ones(2)
    with pytest.raises(ValueError, match=message):
        opt.step(w, {"a": g, "b": one}, curvature={"a": curvature, "b": one})
    assert opt.t == 0 and opt.state == {}


def test_the_others_are_looked_at_for_nan_all_the_same():
    w = {"a": np.ones(2), "b": np.ones(2)}
    with pytest.raises(FloatingPointError, match=r"^g\['b'\]\[0\] is nan at step 1"):
        Adam().step(w, {"a": None, "b": np.array([np.nan, 1.0])})


def test_clipping_leaves_none_out():
    g = {"w": np.array([3.0, 4.0]), "b": None}
    assert global_norm(g) == 5 and global_norm([None, None]) == 0
    for clip in (clip_by_global_norm, clip_by_value):
        clipped = clip(g, 10.0)
        assert clipped["w"].tolist() == [3, 4] and clipped["b"] is None
        assert clip([None, None], 1.0) == [None, None]
    assert clip_by_global_norm(g, 1.0)["w"].round(9).tolist() == [0.6, 0.8]
    members = {"w": np.array([[3.0, 4.0]]), "b": None}
    assert global_norm(members, population=1).tolist() == [5]


def test_a_run_may_have_frozen_arrays():
    w = {"a": np.ones(2), "b": np.ones(2)}
    run = minimize(
        lambda w: float(w["b"] @ w["b"]), lambda w: {"a": None, "b": 2 * w["b"]}, w,
        SGD(lr=0.1), 3,
    )  # fmt: skip
    assert (run.w["a"] == 1).all() and (run.w["b"][-1] < run.w["b"][0]).all()
