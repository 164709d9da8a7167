"""Functions and arrays are told apart by what they consist of, in every process alike."""

import collections
import functools
import itertools
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optimlib.problems import Network
from optimlib.running.identity import digest, of_array, of_function


def f(x, rng):
    return {"x": x}


def g(x, rng):
    return {"x": -x}


def twice(function):
    """A decorator without `wraps`."""

    def inner(**given):
        return {"x": 2 * function(**given)["x"]}

    return inner


def wrapped(function):
    @functools.wraps(function)
    def inner(**given):
        return function(**given)

    return inner


def nested(a, b=1, *, c=2):
    def inner(x, rng, d=b):
        return {"x": [a, c, d] if x else inner(a, rng)}

    return inner


def unassigned():
    """A function whose variable has no value yet."""

    def inner():
        return later

    made = inner
    if made is None:
        later = 1
    return made


class Model:
    def __init__(self, *layers, lock=False):
        self.layers = layers
        self.itself = self
        self.lock = threading.Lock() if lock else None

    def fit(self, x, rng):
        return {"x": self.layers}

    @classmethod
    def of(cls, x, rng):
        return {}

    def __call__(self, x, rng):
        return {"x": x}


class Slotted:
    __slots__ = ("n",)

    def __init__(self, n):
        self.n = n

    def __call__(self, x, rng):
        return {}


def holding(a, b):
    def inner(rng):
        return {"x": (a, b)}

    return inner


def masked():
    """Arrays that differ in their masks, or in what fills these, alone."""
    for mask, fill in [([0, 0], 9.0), ([0, 1], 9.0), ([1, 0], 9.0), ([1, 0], 8.0)]:
        yield np.ma.MaskedArray([1.0, 2.0], mask, fill_value=fill)


def subclassed():
    """Values that differ in the attributes of their subclasses alone."""
    for kind in (list, dict, tuple, set, frozenset, int, float, str, bytes, complex):
        subclass = type(f"My{kind.__name__}", (kind,), {})
        globals()[subclass.__name__] = subclass  # where pickle looks for it
        for note in (1, 2):
            value = subclass()
            value.note = note
            yield value
    yield collections.defaultdict(int)
    yield collections.defaultdict(list)


def kinds():
    """Functions each of which is another than all others, made anew at each call."""
    words = {"some", "words", "in", "any", "order", "at", "all"}
    return [
        f,
        g,
        functools.partial(f),
        functools.partial(g),
        functools.partial(f, a=1),
        functools.partial(f, a=1.0),
        functools.partial(f, a=True),
        functools.partial(f, a=50),
        functools.partial(f, 1),
        functools.partial(functools.partial(f, a=1), b=2),
        functools.partial(f, a={"x": 1, "y": [2, (3,)]}),
        functools.partial(f, a={"x": 1, "y": [2, [3]]}),
        functools.partial(f, a=words),
        functools.partial(f, a=frozenset(words)),
        functools.partial(f, a=np.arange(3)),
        functools.partial(f, a=np.arange(3.0)),
        functools.partial(f, a=np.arange(3).reshape(3, 1)),
        functools.partial(f, a=np.array([0, 1, 3])),
        functools.partial(f, a=np.array([{"x": 1}, None])),
        functools.partial(f, a=np.float32(1)),
        functools.partial(f, a=Path("here")),
        functools.partial(f, a=Path("there")),
        functools.partial(f, a=np.random.default_rng(0)),
        functools.partial(f, a=np.random.default_rng(1)),
        functools.partial(f, a=np),
        functools.partial(f, a=os),
        functools.partial(f, a=Model),
        functools.partial(f, a=g),
        lambda x, rng: {"x": 1},
        lambda x, rng: {"x": 2},
        lambda x, rng: {"x": x, "in": [y for y in "ab" if y in {"a", "b", "c"}]},
        lambda x, rng: f(x, rng),
        lambda x, rng: g(x, rng),
        lambda x, rng, a=1: {"x": 1},
        lambda x, rng, *, a=1: {"x": 1},
        twice(f),
        twice(g),
        wrapped(f),
        wrapped(g),
        nested(1),
        nested(2),
        nested(1, 3),
        nested(1, c=3),
        unassigned(),
        Model(1),
        Model(2),
        Model(1, lock=True),
        Model(1).fit,
        Model(2).fit,
        Model.of,
        Slotted(1),
        Slotted(2),
        Network([3, 1]).loss_and_gradient,
        Network([4, 1]).loss_and_gradient,
        len,
        np.add,
        [].append,
        [1].append,
        functools.lru_cache(f),
        holding(0.1, None),
        holding(None, 0.1),
        functools.lru_cache(holding(0.1, 0.2)),
        functools.lru_cache(holding(0.2, 0.1)),
        lambda w: w,
        lambda *w: w,
        lambda w, v: w,
        lambda w, /, v: w,
        lambda w, *, v: w,
        *(functools.partial(f, a=value) for value in (*masked(), *subclassed())),
    ]


def test_functions_are_told_apart_by_what_they_hold():
    found = [of_function(function) for function in kinds()]
    assert found == [of_function(function) for function in kinds()]
    assert {name for name in found if found.count(name) > 1} == {"f"}  # and its cache


def test_a_function_that_holds_nothing_is_its_name_alone():
    assert of_function(f) == "f"
    assert of_function(kinds) == "kinds" and of_function(len) == "len"
    assert of_function(functools.partial(f, a=1)).startswith("partial of f with ")
    assert of_function(Model(1).fit).startswith("Model.fit with ")


def test_they_are_the_same_in_every_process():
    """Whatever the addresses and the order of sets are there, after any warm-up."""
    here = Path(__file__)
    script = (
        f"import sys; sys.path.insert(0, {str(here.parent)!r})\n"
        f"import {here.stem} as m\n"
        "made = m.kinds()\n"
        "for _ in range(99): made[28](1, None)\n"
        "print([m.of_function(x) for x in made])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", script],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
            timeout=1200,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert said == {str([of_function(function) for function in kinds()])}


def test_what_holds_itself_comes_to_an_end():
    ring = [1]
    ring.append(ring)
    other = [1]
    other.append([other])
    assert digest(ring) != digest(other) and digest(ring) == digest(ring)


def in_pairs(value, depth, holds=lambda x: [x, x]):
    """A value in pairs of pairs, each of one object twice."""
    for _ in range(depth):
        value = holds(value)
    return value


class Looked:
    """A value that counts how often it is looked at."""

    def __init__(self):
        self.count = 0

    def __reduce_ex__(self, protocol):
        self.count += 1
        return Looked, (), self.around if hasattr(self, "around") else None


PAIRS = {
    "lists": lambda x: [x, x],
    "tuples": lambda x: (x, x),
    "dicts": lambda x: {"a": x, "b": x},
    "partials": lambda x: functools.partial(f, x, a=x),
    "objects": lambda x: Model(x, x),
    "functions": lambda x: holding(x, x),
}


@pytest.mark.parametrize("leads_back", [False, True], ids=["", "in a cycle"])
@pytest.mark.parametrize("holds", PAIRS.values(), ids=PAIRS)
def test_what_is_shared_is_looked_at_once(holds, leads_back):
    leaf = Looked()
    whole = in_pairs(leaf, 10, holds)
    if leads_back:
        leaf.around = whole
    digest(whole)
    assert leaf.count == 1


def test_sharing_alone_makes_no_other_value():
    assert digest([["leaf"], ["leaf"]]) == digest(in_pairs(["leaf"], 1))


class Knot:
    """An object that others hold and that holds others."""

    def __init__(self, name):
        self.name, self.others = name, ()


def knots(order):
    """Three that all hold each other, in a set that is made in that order."""
    made = [Knot(name) for name in "abc"]
    for one, other, last in itertools.permutations(made, 3):
        one.others = (other, last) if other.name < last.name else (last, other)
    return {made[k] for k in order}


def test_what_holds_each_other_is_the_same_in_any_order():
    found = {digest(knots(order)) for order in itertools.permutations(range(3))}
    assert len(found) == 1
    other = knots(range(3))
    next(iter(other)).others = ()
    assert digest(other) not in found


NUMBERS = st.sampled_from(["?", "i1", "u8", "f2", "f4", "f8", ">f8", "c16", "S3", "U2"])


@given(
    hnp.arrays(NUMBERS, hnp.array_shapes(min_dims=0, min_side=0)),
    st.sampled_from(["same", "order", "number", "shape", "dtype"]),
)
def test_arrays_are_told_apart_by_their_dtype_shape_and_numbers(array, change):
    other = np.array(array, order="F" if change == "order" else "C")
    if change == "number" and array.size:
        bytes_ = bytearray(array.tobytes())
        bytes_[0] ^= 1
        other = np.frombuffer(bytes_, array.dtype).reshape(array.shape)
    if change == "shape":
        other = array[None]
    if change == "dtype":
        other = array.view(f"V{array.itemsize}")
    differs = change in ("shape", "dtype") or (change == "number" and array.size > 0)
    assert (of_array(array) != of_array(other)) == differs


@pytest.mark.parametrize("dtype", ["M8[s]", "V0", [("a", "f4"), ("b", "i8")]])
def test_arrays_of_any_dtype_have_an_identity(dtype):
    assert of_array(np.zeros(2, dtype)) != of_array(np.zeros(3, dtype))
