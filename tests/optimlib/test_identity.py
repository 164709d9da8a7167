"""Functions and arrays are told apart by what they consist of, in every process alike."""

import functools
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
