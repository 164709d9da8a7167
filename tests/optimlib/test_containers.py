"""Containers of other classes: a step, and all else that gives back a nest, keeps them."""

from collections import Counter, OrderedDict, UserDict, defaultdict
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from variants import every_method, make, take

from optimlib import SGD, Adam, Momentum, NesterovLookAhead, minimize, train
from optimlib.arrays.nests import flatten, outline, rebuild
from optimlib.clipping import clip_by_global_norm, clip_by_value, global_norm
from optimlib.running.walk import walk


class Pair(NamedTuple):
    w: object
    b: object


class Layer(dict):
    """A dict that knows something besides."""

    name = "none"


class Layers(list):
    pass


class Both(tuple):
    __slots__ = ()


def layer(w, b):
    made = Layer(w=w, b=b)
    made.name = "first"
    return made


BUILT = {
    "named tuple": Pair,
    "nested named tuples": lambda w, b: Pair({"inner": Pair(w, b)}, [b + 1]),
    "OrderedDict": lambda w, b: OrderedDict([("w", w), ("b", b)]),
    "defaultdict": lambda w, b: defaultdict(list, {"w": w, "b": b}),
    "dict with an attribute": layer,
    "list": lambda w, b: Layers([w, b]),
    "tuple": lambda w, b: Both([w, b]),
    "UserDict": lambda w, b: UserDict({"w": w, "b": b}),
    "proxy": lambda w, b: MappingProxyType({"w": w, "b": b}),
}
every_container = pytest.mark.parametrize("kind", BUILT)


def drawn(kind, seed):
    rng = np.random.default_rng(seed)
    return BUILT[kind](rng.normal(size=(2, 2)), rng.normal(size=3))


def classes(nest):
    """The classes of a nest's containers, outermost first, and what they know."""
    if isinstance(nest, np.ndarray):
        return []
    inner = nest.values() if hasattr(nest, "values") else nest
    extra = getattr(nest, "name", None), getattr(nest, "default_factory", None)
    return [type(nest), extra, *map(classes, inner)]


@every_method
@settings(max_examples=8)
@given(st.sampled_from(sorted(BUILT)), st.booleans())
def test_a_step_gives_back_the_classes_it_was_given(method, kind, within):
    opt, plain = make(method), make(method)
    w = drawn(kind, 0)
    v = list(flatten(w).values())
    for k in range(1, 4):
        g = drawn(kind, k)
        expected = take(plain, v, list(flatten(g).values()))
        new = take(opt, w, g, out=w if within else None)
        assert classes(new) == classes(w) and (new is w or not within)
        w, v = new, expected
        for one, other in zip(flatten(w).values(), v, strict=True):
            np.testing.assert_array_equal(one, other)
    for name, state in opt.state.items():
        assert name in method.scalars or classes(state) == classes(w)


@every_container
def test_whoever_is_called_gets_them_too(kind):
    w, seen = drawn(kind, 0), []

    def spy(given_):
        seen.append(classes(given_))
        return given_

    opt = NesterovLookAhead(project=spy)
    w = opt.step(opt.step(w, gradient=spy), gradient=spy)
    run = minimize(lambda w: float(global_norm(w)), spy, w, SGD(), 3)
    walk(SGD(), w, spy, steps=2)
    cost = lambda w, x: (float(global_norm(spy(w))), w)
    rng = np.random.default_rng(0)
    train(cost, w, SGD(), [np.ones(4)], epochs=1, batch_size=2, rng=rng)
    assert len(seen) == 11 + 1 and all(found == classes(w) for found in seen)
    assert classes(run.w) == classes(w)


@every_container
def test_clipping_keeps_them(kind):
    g = drawn(kind, 0)
    for clipped in (clip_by_value(g, 0.1), clip_by_global_norm(g, 0.1)):
        assert classes(clipped) == classes(g)


@every_container
def test_a_saved_run_goes_on_with_them(kind, tmp_path):
    opt, loaded, told, w = Adam(), Adam(), Adam(), drawn(kind, 0)
    w = opt.step(w, w)
    opt.save(tmp_path / "run.npz")
    loaded.load(tmp_path / "run.npz")
    told.load_state_dict(opt.state_dict())
    expected = opt.step(w, w)
    for other in (loaded, told):
        new = other.step(w, w)
        assert classes(new) == classes(w)
        for path, array in flatten(new).items():
            np.testing.assert_array_equal(array, flatten(expected)[path])


def test_a_named_tuple_of_numbers_is_a_container():
    assert SGD(lr=0.5).step(Pair(1.0, 2.0), Pair(2.0, 2.0)) == Pair(0.0, 1.0)
    assert global_norm(Pair(3.0, 4.0)) == 5


def test_a_default_is_made_for_nobody():
    w = defaultdict(lambda: pytest.fail("asked for a default"), {"a": np.ones(2)})
    SGD().step(w, w)


class Odd(dict):
    """A dict that can't be copied."""

    def __copy__(self):
        raise RuntimeError("only one")


class Changed(dict):
    """A dict whose copies are another class."""

    def __copy__(self):
        return dict(self)


class Two(tuple):
    """A tuple that takes two arguments."""

    __slots__ = ()

    def __new__(cls, one, two):
        return super().__new__(cls, (one, two))


@pytest.mark.parametrize(
    ("w", "name"),
    [
        (Odd(a=np.ones(2)), "the nest is of type Odd"),
        ({"in": Changed(a=np.ones(2))}, r"the nest\['in'\] is of type Changed"),
        (Two(np.ones(2), np.ones(2)), "the nest is of type Two"),
    ],
    ids=["Odd", "Changed", "Two"],
)
@pytest.mark.parametrize("method", [SGD, Momentum])
def test_what_can_not_be_built_is_refused_at_the_first_step(method, w, name):
    opt, before = method(), repr(w)
    for out in (None, w):
        with pytest.raises(TypeError, match=f"^{name}, of which no other .*; allowed"):
            opt.step(w, w, out=out)
    assert opt.t == 0 and opt.state == {} and repr(w) == before


def test_counters_of_arrays_are_built_too():
    w = Counter()
    w["a"] = np.ones(2)
    assert type(SGD().step(w, w)) is Counter


@every_container
def test_an_outline_and_its_nest_are_of_the_same_classes(kind):
    nest = drawn(kind, 0)
    assert classes(outline(nest)) == classes(nest)
    assert classes(rebuild(nest, flatten(nest))) == classes(nest)
