"""Memory that operands of a step have in common: the result is that of operands that were
copied first, and memory that would be written twice is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from variants import METHODS, every_method, make, small_up_to, take

from optimlib import SGD, VSGD, Adam, Momentum, NesterovLookAhead, Rows
from optimlib.arrays.blocks import SMALL
from optimlib.arrays.nests import flatten

LARGE = SMALL + 3
LEAVES = ("a", "b")


def view(rng, buffer):
    """A view of eight numbers of the buffer: shifted, strided, reversed, transposed."""
    stride, start = rng.choice([1, 2, -1]), rng.integers(0, len(buffer) - 15)
    found = buffer[start:][: 8 * abs(stride)][::stride]
    return found.reshape(4, 2).T if rng.integers(2) else found.reshape(2, 4)


def operands(seed):
    """The same two leaves of every operand in one buffer, those of `out` apart."""
    rng = np.random.default_rng(seed)
    buffer = rng.uniform(0.1, 1.0, 40)
    found = {name: {k: view(rng, buffer) for k in LEAVES} for name in "wgc"}
    target = ["w", "g", "out", None][rng.integers(4)]
    if target is not None:
        halves = rng.permutation([0, 20])
        found[target] = {
            k: view(rng, buffer[x : x + 20])
            for k, x in zip(LEAVES, halves, strict=True)
        }
    return found["w"], found["g"], found["c"], found.get(target)


def copied(nest):
    return {name: x.copy() for name, x in nest.items()}


@pytest.mark.parametrize(
    "sizes", [(SMALL,), (4,), (4, SMALL)], ids=["small", "large", "large together"]
)
@every_method
@settings(max_examples=15)
@given(st.integers(0, 10**6))
def test_the_result_is_that_of_copies(method, sizes, seed):
    w, g, curvature, out = operands(seed)
    with small_up_to(*sizes):
        one, other = make(method, lr=0.1), make(method, lr=0.1)
        for _ in range(2):
            more = {"curvature": curvature} if "curvature" in method.inputs else {}
            plain = {name: copied(x) for name, x in more.items()}
            expected = take(other, copied(w), copied(g), **plain)
            new = take(one, w, g, out=out, **more)
            assert out is None or new is out
            for name in LEAVES:
                np.testing.assert_array_equal(new[name], expected[name])
            for path, state in flatten(one.state).items():
                np.testing.assert_array_equal(state, flatten(other.state)[path])


@pytest.mark.parametrize("other", ["g", "curvature"])
@pytest.mark.parametrize("turned", [slice(None), slice(None, None, -1)])
def test_what_a_later_array_reads_is_not_written_over(other, turned):
    rng = np.random.default_rng(0)
    w, g, curvature = ({k: rng.uniform(size=LARGE) for k in LEAVES} for _ in range(3))
    {"g": g, "curvature": curvature}[other]["b"] = w["a"][turned]
    one, two = VSGD(warmup=1), VSGD(warmup=1)
    for _ in range(3):
        expected = two.step(copied(w), copied(g), curvature=copied(curvature))
        one.step(w, g, curvature=curvature, out=w)
        for name in LEAVES:
            np.testing.assert_array_equal(w[name], expected[name])


@pytest.mark.parametrize("size", [4, LARGE])
def test_a_gradient_asked_for_ahead_may_lie_in_w(size):
    w = np.random.default_rng(0).normal(size=size)
    one, other = NesterovLookAhead(lr=0.5), NesterovLookAhead(lr=0.5)
    for _ in range(3):
        g = w[::-1].copy()
        expected = other.step(w.copy(), gradient=lambda _, g=g: g)
        one.step(w, gradient=lambda _: w[::-1], out=w)
        np.testing.assert_array_equal(w, expected)


@pytest.mark.parametrize("size", [3, LARGE])
def test_rows_may_lie_in_w(size):
    w = np.random.default_rng(0).normal(size=(size, 2))
    rows = Rows([0, 2, 1], w[:3])
    expected = SGD(lr=1.0).step(w.copy(), Rows([0, 2, 1], w[:3].copy()))
    SGD(lr=1.0).step(w, rows, out=w)
    np.testing.assert_array_equal(w, expected)


# Written twice


def twice(size):
    """Targets that have memory in common, and how the error names them."""
    one, room = np.zeros(size), np.zeros(2 * size)
    folded = np.lib.stride_tricks.as_strided(np.zeros(size), (size,), (0,))
    crossed = np.lib.stride_tricks.as_strided(room, (size, 2), (8, 8))
    shares = r"out\['a'\] shares memory with out\['b'\]"
    yield {"a": one, "b": one}, shares
    yield {"a": one, "b": one[::-1]}, shares
    yield {"a": room[1:][:size], "b": room[:size]}, shares
    yield {"a": room[:size], "b": room[::2]}, shares
    yield {"a": folded, "b": one}, r"out\['a'\] has strides \(0,\)"
    yield {"a": np.zeros((size, 2)), "b": crossed}, r"out\['b'\] has strides \(8, 8\)"


@pytest.mark.parametrize("size", [3, LARGE])
@pytest.mark.parametrize("case", range(6))
@pytest.mark.parametrize("method", [SGD, Momentum], ids=lambda m: m.__name__)
def test_memory_that_would_be_written_twice_is_refused_by_name(method, case, size):
    out, message = list(twice(size))[case]
    w = {name: np.ones(x.shape) for name, x in out.items()}
    opt = method()
    take(opt, w, w)
    state = repr(opt.state)
    with pytest.raises(
        ValueError, match=f"^{message}.*; allowed: arrays in which each"
    ):
        opt.step(w, w, out=out)
    assert opt.t == 1 and repr(opt.state) == state
    assert all((x == 0).all() for x in out.values())
    opt.step(w, w, out=w)
    with pytest.raises(ValueError, match=message):  # nor afterwards
        opt.step(w, w, out=out)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.__name__)
def test_two_leaves_of_one_memory_are_fine_without_out_and_refused_as_out(method):
    x = np.array([1.0, 2.0])
    opt, w = make(method), {"a": x, "b": x}
    new = take(opt, w, w)
    np.testing.assert_array_equal(new["a"], new["b"])
    with pytest.raises(ValueError, match=r"^out\['a'\] shares memory with out\['b'\]"):
        take(opt, w, w, out=w)


def test_targets_side_by_side_and_in_between_each_other_are_fine():
    room = np.zeros((4, 6))
    w = {"a": np.ones((4, 3)), "b": np.ones((4, 3)), "c": np.ones(0), "d": np.ones(0)}
    out = {"a": room[:, ::2], "b": room[:, 1::2], "c": room[0, :0], "d": room[0, :0]}
    SGD(lr=0.5).step(w, w, out=out)
    assert (room == 0.5).all()


def test_targets_that_were_looked_at_are_not_looked_at_again(monkeypatch):
    opt, w = Momentum(), {"a": np.ones(2), "b": np.ones(3)}
    opt.step(w, w, out=w)
    monkeypatch.setattr(np, "shares_memory", None)
    monkeypatch.setattr(np.lib.array_utils, "byte_bounds", None)
    opt.step(w, w, out=w)


@pytest.mark.parametrize("size", [3, SMALL + 1], ids=["small", "large"])
def test_a_gradient_that_is_the_optimizers_own_state_is_read_as_it_was(size):
    ones, results = np.ones(size), []
    for seen in (np.asarray, np.copy):
        opt = Adam()
        w = opt.step(ones, ones)
        results.append(opt.step(w, seen(opt.blocks[0].state["m"].reshape(-1))))
    np.testing.assert_array_equal(*results)
