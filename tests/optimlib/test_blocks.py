"""Blocks: small arrays side by side in one vector, and found again where they were."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from variants import every_variant, make, take

from optimlib import Adam, Momentum, NAdam
from optimlib.arrays.blocks import SMALL
from optimlib.arrays.layout import Layout
from optimlib.arrays.nests import flatten

DTYPES = (np.float32, np.float64)
shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


@st.composite
def arrays_by_path(draw, population=None):
    """A few arrays: some empty, some large, of either dtype, not all in order."""
    found = {}
    for k in range(draw(st.integers(1, 6))):
        shape = draw(st.one_of(shapes, st.just((SMALL,)), st.just((SMALL + 1,))))
        shape = shape if population is None else (population, *shape[-2:])
        dtype = draw(st.sampled_from(DTYPES))
        array = np.random.default_rng(k).normal(size=shape).astype(dtype)
        found[(k,)] = (
            draw(st.sampled_from([array, array.T.copy().T, array[::-1]]))
            if shape
            else array
        )
    return found


def blocks_of(arrays, population=None):
    """The blocks that these arrays, by path, are laid out in."""
    return Layout.of({}, arrays, population).blocks


populations = st.sampled_from([None, 1, 3])
cases = populations.flatmap(lambda p: st.tuples(st.just(p), arrays_by_path(p)))


@given(cases)
@settings(max_examples=60)
def test_gathered_arrays_are_scattered_to_where_they_were(case):
    population, arrays = case
    found, all_of_them = {}, list(arrays.values())
    for block in blocks_of(arrays, population):
        matrix = block.gathered(all_of_them)
        assert matrix.shape == (population or 1, block.width)
        assert matrix.dtype == block.dtype and matrix.flags.c_contiguous
        scattered = block.scattered(matrix)
        assert all(x.size == 0 or np.shares_memory(x, matrix) for x in scattered)
        found |= zip(block.paths, scattered, strict=True)
    assert found.keys() == arrays.keys()
    for path, array in arrays.items():
        np.testing.assert_array_equal(found[path], array, strict=True)


@given(cases)
@settings(max_examples=60)
def test_only_small_arrays_of_one_dtype_share_a_block(case):
    population, arrays = case
    blocks = blocks_of(arrays, population)
    together = [b for b in blocks if len(b.paths) > 1]
    assert len({b.dtype for b in together}) == len(together)
    if population is not None:
        assert not together
    for block in blocks:
        assert {arrays[path].dtype for path in block.paths} == {block.dtype}
        assert [arrays[path].shape for path in block.paths] == block.shapes
        starts, stops = [0] + [b for _, b in block.bounds], block.bounds
        assert [a for a, _ in stops] == starts[:-1]
    for block in together:
        assert all(arrays[path].size <= SMALL for path in block.paths)
    small = {x.dtype for x in arrays.values() if population is None and x.size <= SMALL}
    large = [x for x in arrays.values() if population is not None or x.size > SMALL]
    assert len(blocks) == len(small) + len(large)


@given(cases)
@settings(max_examples=60)
def test_the_state_of_an_array_is_a_view_where_the_array_stands(case):
    population, arrays = case
    all_of_them = list(arrays.values())
    for block in blocks_of(arrays, population):
        block.state["v"] = block.gathered(all_of_them).copy()
        for place, path in enumerate(block.paths):
            view = block.at("v", place)
            np.testing.assert_array_equal(view, arrays[path], strict=True)
            view[...] = 7
            assert view.size == 0 or np.shares_memory(view, block.state["v"])
        assert (block.state["v"] == 7).all()


def test_a_large_array_in_order_is_not_copied():
    arrays = [np.ones((2, SMALL)), np.ones((2, 3))]
    large, _ = blocks_of({("a",): arrays[0], ("b",): arrays[1]})
    assert np.shares_memory(large.gathered(arrays), arrays[0])
    (one,) = blocks_of({("b",): arrays[1]}, 2)
    assert np.shares_memory(one.gathered(arrays[1:]), arrays[1])


def test_new_weights_of_one_dict_are_independent_of_the_old():
    w = {"a": np.ones(2), "b": np.ones((2, 2))}
    before = {name: x.copy() for name, x in w.items()}
    moved = Momentum(lr=0.5).step(w, w)
    moved["a"][...] = 9
    np.testing.assert_array_equal(moved["b"], np.full((2, 2), 0.5))
    for name, x in w.items():
        np.testing.assert_array_equal(x, before[name])


# What a user does with the weights between two steps, as the step sees it.
BETWEEN = {
    "nothing": lambda w: w,
    "copies": lambda w: {name: x.copy() for name, x in w.items()},
    "another order": lambda w: dict(reversed(w.items())),
    "one is another array": lambda w: w | {"b": w["b"] + 1},
    "one is changed in place": lambda w: [w["a"].__imul__(0.5), w][1],
    "a nest": lambda w: {**w, "c": np.asfortranarray(w["c"])},
}


@given(st.lists(st.tuples(st.sampled_from(sorted(BETWEEN)), st.integers(0, 3))))
@settings(max_examples=80)
def test_weights_that_come_back_step_as_copies_of_them_do(deeds):
    rng = np.random.default_rng(0)
    shapes = {"a": (3,), "b": (2, 2), "c": (2, 3)}
    w = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    opt, other = Adam(lr=0.1), Adam(lr=0.1)
    for deed, into in deeds:
        w = BETWEEN[deed](w)
        g = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        before = {name: x.copy() for name, x in w.items()}
        expected = other.step({name: x.copy() for name, x in w.items()}, g)
        targets = [None, w, {k: np.empty(s) for k, s in shapes.items()}, w][into]
        new = opt.step(w, g, out=targets)
        for name in shapes:
            np.testing.assert_array_equal(new[name], expected[name], strict=True)
            if targets is not w:
                np.testing.assert_array_equal(w[name], before[name])
        w = new


def test_weights_that_come_back_are_not_gathered(monkeypatch):
    w = {"a": np.ones(2), "b": np.ones((2, 2))}
    opt = Momentum()
    w, counts = opt.step(w, w), []
    gather = np.concatenate
    monkeypatch.setattr(
        np, "concatenate", lambda *a, **k: (counts.append(1), gather(*a, **k))[1]
    )
    g = {"a": np.ones(2), "b": np.ones((2, 2))}
    opt.step(w, g)
    assert len(counts) == 1
    held = [x for x in w.values()]
    opt.step(w, g, out=w)
    assert len(counts) == 3  # they are not the last that were handed out
    assert all(x is y for x, y in zip(w.values(), held, strict=True))


@every_variant
def test_arrays_in_a_block_step_as_each_does_alone(method, switches):
    rng = np.random.default_rng(4)

    def draw():
        shapes = {"a": (3,), "b": (2, 2), "c": (), "d": (SMALL + 1,), "e": (0, 2)}
        kinds = {"a": np.float32, "d": np.float32}
        return {
            k: rng.normal(size=s).astype(kinds.get(k, np.float64))
            for k, s in shapes.items()
        }

    w = draw()
    alone = dict(w)
    opt = make(method, **switches)
    opts = {name: make(method, **switches) for name in w}
    for _ in range(3):
        g = draw()
        w = take(opt, w, g)
        alone = {name: take(opts[name], alone[name], g[name]) for name in w}
    for name in w:
        np.testing.assert_array_equal(np.asarray(w[name]), alone[name], strict=True)
        for part, state in opts[name].state.items():
            np.testing.assert_array_equal(opt.state[part][name], state, strict=True)


def test_the_state_that_is_shown_is_a_copy():
    w = {"a": np.ones(2), "b": np.ones(3)}
    opt = NAdam()
    opt.step(w, w)
    for array in flatten(opt.state).values():
        array[...] = 99
    assert all((x != 99).all() for x in flatten(opt.state).values())


@pytest.mark.parametrize("population", [None, 2])
def test_a_loaded_run_goes_on_in_blocks_as_it_would_have(population):
    def draw(seed):
        rng = np.random.default_rng(seed)
        return {
            "b": rng.normal(size=(2, 3)),
            "a": [rng.normal(size=(2, SMALL)), rng.normal(size=2).astype(np.float32)],
        }

    opt, other = NAdam(population=population), NAdam(population=population)
    w = opt.step(draw(0), draw(1))
    other.load_state_dict(opt.state_dict())
    v = {"a": list(w["a"]), "b": w["b"]}  # in another order
    for k in range(3):
        w, v = opt.step(w, draw(k)), other.step(v, draw(k))
    for path, array in flatten(w).items():
        np.testing.assert_array_equal(flatten(v)[path], array, strict=True)
    kept, others = (
        [(b.paths, b.shapes, b.bounds, b.dtype) for b in one._layout.blocks]
        for one in (opt, other)
    )
    assert kept == others


@pytest.mark.parametrize("w", [np.ones(2), {"a": np.ones(2), "b": np.ones(3)}])
def test_a_saved_state_is_independent_of_the_run(w):
    opt = Momentum()
    w = opt.step(w, w)
    saved = opt.state_dict()
    before = {path: x.copy() for path, x in flatten(saved["state"]).items()}
    other = Momentum()
    other.load_state_dict(saved)
    opt.step(w, w)
    other.step(w, w)
    for path, array in flatten(saved["state"]).items():
        np.testing.assert_array_equal(array, before[path])
