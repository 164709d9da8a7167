"""A copy of an optimizer, alone or with its weights, goes on as the original does."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from variants import every_method, make, take

from optimlib import Adam, Momentum
from optimlib.arrays.nests import flatten, rebuild

COPIED = {
    "nothing": lambda opt, w: (opt, w),
    "deepcopy": lambda opt, w: copy.deepcopy((opt, w)),
    "deepcopy of each": lambda opt, w: (copy.deepcopy(opt), copy.deepcopy(w)),
    "deepcopy of w": lambda opt, w: (opt, copy.deepcopy(w)),
    "copy of opt": lambda opt, w: (copy.copy(opt), w),
    "copy of w": lambda opt, w: (opt, copy.copy(w)),
    "pickle": lambda opt, w: pickle.loads(pickle.dumps((opt, w))),
    "pickle of opt": lambda opt, w: (pickle.loads(pickle.dumps(opt)), w),
}
NESTS = {
    "array": lambda a, b, c: a,
    "dict": lambda a, b, c: {"a": a, "b": b},
    "list": lambda a, b, c: [a, b, c],
    "tuple": lambda a, b, c: (a, b),
    "nest": lambda a, b, c: {"layers": [a, {"b": b}], "c": c},
}


def drawn(nest, seed):
    rng = np.random.default_rng(seed)
    return NESTS[nest](*(rng.normal(size=shape) for shape in [(3,), (2, 2), ()]))


def same(one, other):
    for path, array in flatten(one).items():
        np.testing.assert_array_equal(array, flatten(other)[path], strict=True)


@every_method
@settings(max_examples=12)
@given(
    st.sampled_from(sorted(NESTS)),
    st.lists(st.tuples(st.sampled_from(sorted(COPIED)), st.booleans()), max_size=5),
)
def test_a_copy_steps_as_the_run_that_was_never_copied(method, nest, deeds):
    opt, never = make(method), make(method)
    w = take(opt, drawn(nest, 0), drawn(nest, 1))
    plain = take(never, drawn(nest, 0), drawn(nest, 1))
    for k, (deed, within) in enumerate(deeds):
        opt, w = COPIED[deed](opt, w)
        for seed in (k, k + 9):
            g = drawn(nest, seed)
            w = take(opt, w, g, out=w if within else None)
            fresh = rebuild(plain, {p: np.array(x) for p, x in flatten(plain).items()})
            plain = take(never, fresh, g)
            same(w, plain)
        if method.state_names:
            same(opt.state, never.state)


@every_method
@pytest.mark.parametrize("deed", sorted(COPIED.keys() - {"nothing", "deepcopy of w"}))
def test_a_copy_and_its_original_do_not_touch_each_other(method, deed):
    opt, w = make(method), drawn("dict", 0)
    w = take(opt, w, drawn("dict", 1))
    other, v = COPIED[deed](opt, w)
    if other is opt or v is w:
        v = copy.deepcopy(v)
    state, before = copy.deepcopy(opt.state), copy.deepcopy(w)
    take(other, v, drawn("dict", 2), out=v)
    if other is not opt:
        assert opt.t == 1 and repr(opt.state) == repr(state)
    same(w, before)


def test_weights_changed_after_a_copy_are_stepped_from_where_they_are():
    opt, w = Adam(lr=0.1), drawn("dict", 0)
    opt, w = copy.deepcopy((opt, opt.step(w, w)))
    w["a"][...] = 100
    assert (opt.step(w, w)["a"] > 99).all()


def test_a_shallow_copy_has_settings_of_its_own():
    opt = Momentum(lr={"a": 0.1, "b": 0.2})
    other = copy.copy(opt)
    other.lr["a"] = 5.0
    assert opt.lr == {"a": 0.1, "b": 0.2}
