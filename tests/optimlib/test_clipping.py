"""Clipping: what is within the limit stays, what is not is brought to it."""

import copy
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from optimlib.arrays.nests import flatten
from optimlib.arrays.rows import Rows
from optimlib.clipping import clip_by_global_norm, clip_by_value, global_norm

moderate = st.floats(-1e3, 1e3)
every_size = st.floats(allow_nan=False, allow_infinity=False)
shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)


def nests(elements):
    """Dicts and lists of arrays, of at least one leaf."""
    arrays = hnp.arrays(float, shapes, elements=elements)
    return st.recursive(
        arrays,
        lambda inner: st.one_of(
            st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=3),
            st.lists(inner, min_size=1, max_size=3),
        ),
        max_leaves=5,
    )


def entries(g):
    """All numbers of a nest in one row, in float64."""
    leaves = [x.values if isinstance(x, Rows) else x for x in flatten(g).values()]
    return np.concatenate([np.ravel(x).astype(float) for x in leaves] or [[]])


def same(one, other):
    """Whether two nests have the same leaves: dtypes, shapes, numbers and signs."""
    one, other = flatten(one), flatten(other)
    return list(one) == list(other) and all(
        x.dtype == y.dtype
        and np.array_equal(x, y, equal_nan=True)
        and np.array_equal(np.signbit(x), np.signbit(y))
        for x, y in zip(one.values(), other.values(), strict=True)
    )


def both(g):
    """The gradient clipped both ways, far below its size."""
    return clip_by_value(g, 1e-3), clip_by_global_norm(g, 1e-3)


# The norm


@given(nests(every_size))
def test_the_norm_is_that_of_all_entries_together_at_every_scale(g):
    expected = math.hypot(*entries(g))  # which scales, too
    assert global_norm(g) == pytest.approx(expected, rel=1e-13, abs=5e-324)
    assert type(global_norm(g)) is float


@given(nests(st.integers(-1000, 1000).map(float)), st.integers(-900, 900))
def test_the_norm_of_a_gradient_times_a_power_of_two_is_that_times_it(g, power):
    scaled = {path: np.ldexp(x, power) for path, x in flatten(g).items()}
    assert global_norm(scaled) == math.ldexp(global_norm(g), power)
    assert global_norm(g) == pytest.approx(math.sqrt(sum(entries(g) ** 2)), rel=1e-15)


@pytest.mark.parametrize(
    ("g", "norm"),
    [
        ([3.0, 4.0], 5.0),
        ([3 * 2.0**1000, 4 * 2.0**1000], 5 * 2.0**1000),
        ([3 * 2.0**-1070, 4 * 2.0**-1070], 5 * 2.0**-1070),
        ([5e-324], 5e-324),
        ({"w": [[3, 0], [0, 0]], "b": [np.array(4)]}, 5.0),
        (-2.0, 2.0),
        ([0.0, -0.0], 0.0),
        ([], 0.0),
        ({}, 0.0),
        ([1.7e308, 1.7e308], math.inf),
        ([math.inf, 1e200, -math.inf], math.inf),
        (np.array([60000, 60000], np.float16), 60000 * math.sqrt(2)),
    ],
    ids=repr,
)
def test_norms_that_one_knows(g, norm):
    with np.errstate(all="raise"):
        assert global_norm(g) == pytest.approx(norm, rel=1e-15)


def test_a_nan_makes_the_norm_nan():
    assert math.isnan(global_norm([1.0, math.nan, math.inf]))


@given(hnp.arrays(float, (3, 4), elements=every_size), st.integers(1, 3))
def test_each_member_of_a_population_has_the_norm_that_it_has_alone(g, columns):
    nest = {"w": g[:, :columns], "b": g[:, 0]}
    together = global_norm(nest, population=3)
    assert together.shape == (3,) and together.dtype == float
    for k in range(3):
        alone = {"w": nest["w"][k], "b": nest["b"][k]}
        assert together[k] == global_norm(alone)


@pytest.mark.parametrize("population", [2.0, np.int64(2), np.array(2)], ids=repr)
def test_a_population_is_a_whole_number_of_any_kind(population):
    g = np.array([[3.0, 4.0], [0.3, 0.4]])
    assert global_norm(g, population) == pytest.approx([5, 0.5])
    assert clip_by_global_norm(g, 1, population=population)[0, 0] == pytest.approx(0.6)


def test_a_population_without_entries_has_norms_of_zero():
    assert global_norm({}, population=3).tolist() == [0, 0, 0]
    assert global_norm(np.ones((3, 0)), population=3).tolist() == [0, 0, 0]


# Clipping by the norm


# The share of the small entry is subnormal: of few bits, with more than 1e-320 lost.
@example({"w": np.array([2e137, 4e-183])}, 2e78)
@given(nests(every_size), st.floats(1e-300, 1e300))
def test_a_norm_beyond_the_limit_becomes_the_limit(g, limit):
    norm = global_norm(g)
    clipped = clip_by_global_norm(g, limit)
    if norm > limit:
        assert global_norm(clipped) == pytest.approx(limit, rel=1e-12)
        with np.errstate(under="ignore"):
            largest = np.abs(entries(g)).max()
            shares = entries(g) / largest  # the direction is the same
            expected = shares * (limit / math.hypot(*shares))
        # What is subnormal on the way is off by half a unit, 2^-1075, in the share of
        # either side and once more in clipping, where root >= 1/2 can double it; then
        # comes the limit, and half a unit on either side: 2 units of limit and 1 more.
        atol = 4 * 5e-324 * max(1, limit)
        np.testing.assert_allclose(entries(clipped), expected, rtol=1e-12, atol=atol)
    else:
        assert same(clipped, g)


@given(
    hnp.arrays(st.sampled_from([np.float16, np.float32, float]), shapes),
    st.floats(1e-4, 1e4),
)
def test_a_norm_within_the_limit_leaves_every_bit_and_dtype(g, limit):
    within = global_norm(g) <= limit
    clipped = clip_by_global_norm({"w": g}, limit)["w"]
    assert clipped.dtype == g.dtype and clipped.shape == g.shape
    assert not within or same(clipped, g)
    exactly = global_norm(g)
    if 0 < exactly < math.inf:
        assert same(clip_by_global_norm(g, exactly), g)


def test_zeros_stay_zeros_without_a_word():
    with np.errstate(all="raise"):
        for g in (np.zeros(3), -np.zeros(3), np.zeros((0, 2)), np.array(0.0)):
            assert same(clip_by_global_norm(g, 1e-300), g)
            assert same(clip_by_value(g, 1e-300), g)


@given(hnp.arrays(float, (3, 4), elements=every_size), st.floats(1e-3, 1e3))
def test_each_member_of_a_population_is_clipped_as_it_is_alone(g, limit):
    nest = {"w": g[:, :3].reshape(3, 1, 3), "b": [g[:, 3:]]}
    together = clip_by_global_norm(nest, limit, population=3)
    for k in range(3):
        alone = {"w": nest["w"][k], "b": [nest["b"][0][k]]}
        member = {"w": together["w"][k], "b": [together["b"][0][k]]}
        assert same(member, clip_by_global_norm(alone, limit))


def test_norms_that_do_not_fit_are_clipped_all_the_same():
    with np.errstate(all="raise"):
        clipped = clip_by_global_norm(np.full(4, 1.7e308), 1.0)  # a norm of 3.4e308
        assert clipped.tolist() == [0.5] * 4
        clipped = clip_by_global_norm(np.full(4, 3e38, np.float32), 1.0)
        assert clipped.tolist() == [0.5] * 4 and clipped.dtype == np.float32
        clipped = clip_by_global_norm(np.full(4, 4e4, np.float16), 2.0)
        assert clipped.tolist() == [1] * 4 and clipped.dtype == np.float16
        clipped = clip_by_global_norm(np.array([3e38, 1e-6], np.float32), 1e38)
        assert clipped == pytest.approx([1e38, 1e-6 / 3], rel=1e-6)
        clipped = clip_by_global_norm(np.full(4, 4e-320), 4e-320)
        assert clipped == pytest.approx(2e-320, rel=1e-3)


def test_nan_and_infinity_pass_as_documented():
    with np.errstate(all="raise"):
        for bad, expected in (
            (math.nan, [math.nan] * 3),
            (math.inf, [0.0, math.nan, 0.0]),
            (-math.inf, [0.0, math.nan, 0.0]),
        ):
            clipped = clip_by_global_norm([1.0, bad, 1e200], 1.0)
            np.testing.assert_array_equal(clipped, expected)
            members = [[3.0, 4.0], [bad, 0.0], [0.3, 0.4]]
            clipped = clip_by_global_norm(members, 1.0, population=3)
            np.testing.assert_allclose(clipped[[0, 2]], [[0.6, 0.8], [0.3, 0.4]])
            assert math.isnan(clipped[1, 0])
        assert clip_by_value([math.inf, -math.inf], 2.0).tolist() == [2, -2]
        assert np.isnan(clip_by_value([math.nan], 2.0)).all()


# Clipping by value


@given(nests(every_size), st.floats(1e-300, 1e300))
def test_every_entry_is_held_to_the_limit_and_the_others_keep_their_bits(g, limit):
    clipped = entries(clip_by_value(g, limit))
    within = np.abs(entries(g)) <= limit
    assert clipped[within].tobytes() == entries(g)[within].tobytes()
    np.testing.assert_array_equal(
        clipped[~within], np.copysign(limit, entries(g)[~within])
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, float, np.longdouble])
def test_the_limit_is_rounded_to_the_dtype(dtype):
    clipped = clip_by_value(np.array([-5, 0.01, 5], dtype), 0.1)
    assert clipped.dtype == dtype
    assert clipped.tolist() == np.array([-0.1, 0.01, 0.1], dtype).tolist()
    with np.errstate(all="raise"):
        g = np.array([-5, 5], dtype)
        assert same(clip_by_value(g, 1e300), g)


# Both


@given(nests(moderate))
def test_the_gradient_given_stays_as_it_is_and_shares_no_memory(g):
    before = copy.deepcopy(g)
    for clipped in (*both(g), clip_by_value(g, 1e6), clip_by_global_norm(g, 1e6)):
        assert same(g, before) and list(flatten(clipped)) == list(flatten(g))
        for old, new in zip(
            flatten(g).values(), flatten(clipped).values(), strict=True
        ):
            assert isinstance(new, np.ndarray) and not np.shares_memory(old, new)


def test_lists_integers_and_numbers_become_arrays_of_float64():
    g = {"w": [3, -4], "b": (np.array([12]), 0)}
    for clipped in (clip_by_value(g, 100), clip_by_global_norm(g, 100)):
        assert type(clipped["b"]) is tuple
        assert [x.tolist() for x in flatten(clipped).values()] == [[3, -4], [12], 0]
        assert {x.dtype for x in flatten(clipped).values()} == {np.dtype(float)}
    assert clip_by_global_norm(g, 1.3)["w"] == pytest.approx([0.3, -0.4])


@given(
    st.lists(st.tuples(st.integers(0, 3), st.tuples(moderate, moderate)), max_size=8),
    st.floats(1e-2, 1e3),
)
def test_rows_are_clipped_as_the_array_that_they_stand_for(pairs, limit):
    index, values = [i for i, _ in pairs], np.array([v for _, v in pairs])
    rows, dense = Rows(index, values.reshape(-1, 2)), np.zeros((4, 2))
    np.add.at(dense, np.array(index, int), values.reshape(-1, 2))
    other = np.array([1.0, -2.0])
    assert global_norm([rows, other]) == pytest.approx(
        global_norm([dense, other]), rel=1e-12
    )
    for clip in (clip_by_value, clip_by_global_norm):
        sparse, whole = clip([rows, other], limit), clip([dense, other], limit)
        assert sparse[0].index.tolist() == sorted(set(index))
        spread = np.zeros((4, 2))
        spread[sparse[0].index] = sparse[0].values
        np.testing.assert_allclose(spread, whole[0], rtol=1e-12)
        np.testing.assert_allclose(sparse[1], whole[1], rtol=1e-12)
    assert rows.index.tolist() == index and np.array_equal(
        rows.values, values.reshape(-1, 2)
    )


def test_rows_named_twice_count_by_their_sum():
    rows = Rows([1, 1], np.array([[3.0], [-2.0]], np.float32))
    assert global_norm(rows) == 1
    for clipped in (clip_by_value(rows, 1), clip_by_global_norm(rows, 1)):
        assert clipped.index.tolist() == [1] and clipped.values.tolist() == [[1]]
        assert clipped.values.dtype == np.float32


# What is refused


@pytest.mark.parametrize("name", ["limit", "max_norm"])
@pytest.mark.parametrize(
    "value", [0.0, -1.0, math.nan, math.inf, "1", None, True, np.ones(1)], ids=repr
)
def test_a_limit_that_is_none_is_refused(name, value):
    clip = clip_by_value if name == "limit" else clip_by_global_norm
    kind = ValueError if type(value) is float else TypeError
    with pytest.raises(kind, match=rf"^{name} is .*; allowed: a finite number above 0"):
        clip([1.0], **{name: value})


EVERY = [
    lambda g: clip_by_value(g, 1),
    lambda g: clip_by_global_norm(g, 1),
    global_norm,
]


@pytest.mark.parametrize("of", EVERY, ids=["value", "norm", "global_norm"])
@pytest.mark.parametrize("leaf", ["1", 1j, True, [True], np.array(["1"])], ids=repr)
def test_a_gradient_that_is_not_of_real_numbers_is_refused_by_name(of, leaf):
    with pytest.raises(
        TypeError, match=r"^g\['b'\]\[1\] has dtype .*; allowed: real numbers"
    ):
        of({"w": np.ones(2), "b": [np.ones(1), leaf]})
    with pytest.raises(TypeError, match=r"^g.values has dtype .*; allowed: real num"):
        of(Rows([0], np.array([1j])))


@pytest.mark.parametrize(
    "of",
    [
        global_norm,
        lambda g, population: clip_by_global_norm(g, 1, population=population),
    ],
    ids=["global_norm", "clip"],
)
def test_a_population_that_does_not_fit_is_refused(of):
    for population in (0, -1, 1.5, "2", True):
        with pytest.raises(
            ValueError, match=r"^population is .*; allowed: a whole number, 1 or more"
        ):
            of(np.ones((2, 3)), population=population)
    for leaf in (np.ones((3, 2)), np.ones(()), np.ones((0, 2))):
        with pytest.raises(
            ValueError,
            match=r"^g\['b'\] has shape .*; allowed: a first axis of length 2",
        ):
            of({"w": np.ones((2, 3)), "b": leaf}, population=2)
    with pytest.raises(ValueError, match=r"^g\[1\] is Rows; allowed with a population"):
        of([np.ones((2, 3)), Rows([0], [[1.0]])], population=2)


# torch and optax


def gradients(seed, dtype=np.float64):
    """A nest of random gradients."""
    random = np.random.default_rng(seed)
    shapes = {"w": (3, 4), "b": (4,), "s": ()}
    return {
        name: np.asarray(random.normal(size=shape), dtype)
        for name, shape in shapes.items()
    }


def torch_clipped(clip, g):
    """The gradients of torch parameters after torch has clipped them in place."""
    torch = pytest.importorskip("torch")
    parameters = {
        name: torch.tensor(np.zeros_like(x), requires_grad=True)
        for name, x in g.items()
    }
    for name, x in g.items():
        parameters[name].grad = torch.tensor(x)
    clip(torch.nn.utils, list(parameters.values()))
    return {name: parameter.grad.numpy() for name, parameter in parameters.items()}


def optax_clipped(make, g):
    """The updates after optax has clipped them."""
    optax = pytest.importorskip("optax")
    updates, _ = make(optax).update(g, make(optax).init(g))
    return {name: np.asarray(updates[name]) for name in g}  # jax sorts the keys


def close(one, other, rtol):
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=rtol)


@pytest.mark.parametrize("seed", range(5))
def test_torch_and_optax_clip_by_value_the_same(seed):
    g = gradients(seed, np.float32)
    ours = clip_by_value(g, 0.5)
    assert same(ours, torch_clipped(lambda u, p: u.clip_grad_value_(p, 0.5), g))
    assert same(ours, optax_clipped(lambda optax: optax.clip(0.5), g))


@pytest.mark.parametrize("seed", range(5))
def test_torch_clips_by_the_norm_plus_a_millionth(seed):
    g = gradients(seed)
    norm = global_norm(g)
    theirs = torch_clipped(lambda u, p: u.clip_grad_norm_(p, 0.5), g)
    close(clip_by_global_norm(g, 0.5 * norm / (norm + 1e-6)), theirs, 1e-13)
    short = 1 - global_norm(theirs) / 0.5
    assert short == pytest.approx(1e-6 / (norm + 1e-6), rel=1e-6)
    assert global_norm(clip_by_global_norm(g, 0.5)) == pytest.approx(0.5, rel=1e-15)
    theirs = torch_clipped(lambda u, p: u.clip_grad_norm_(p, norm), g)
    assert not same(theirs, g) and same(clip_by_global_norm(g, norm), g)
    theirs = torch_clipped(lambda u, p: u.clip_grad_norm_(p, norm + 1e-5), g)
    assert same(theirs, g)


@pytest.mark.parametrize("seed", range(5))
def test_torch_and_optax_find_the_same_norm(seed):
    torch, optax = pytest.importorskip("torch"), pytest.importorskip("optax")
    g = gradients(seed)
    total = torch.nn.utils.get_total_norm([torch.tensor(x) for x in g.values()])
    assert global_norm(g) == pytest.approx(total.item(), rel=1e-14)
    assert global_norm(g) == pytest.approx(float(optax.tree.norm(g)), rel=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_optax_clips_by_the_same_norm(seed):
    g = gradients(seed, np.float32)
    for limit in (0.5, 100.0):
        theirs = optax_clipped(lambda x, c=limit: x.clip_by_global_norm(c), g)
        close(clip_by_global_norm(g, limit), theirs, 1e-5)
    assert same(theirs, g)


def test_torch_and_optax_lose_a_gradient_whose_squares_overflow():
    g = {"w": np.full(4, 3e30, np.float32)}
    assert clip_by_global_norm(g, 1.0)["w"].tolist() == [0.5] * 4
    theirs = torch_clipped(lambda u, p: u.clip_grad_norm_(p, 1.0), g)
    assert theirs["w"].tolist() == [0] * 4
    theirs = optax_clipped(lambda x: x.clip_by_global_norm(1.0), g)
    assert theirs["w"].tolist() == [0] * 4


@pytest.mark.parametrize("bad", [math.nan, math.inf], ids=repr)
def test_torch_and_optax_make_the_same_of_nan_and_infinity(bad):
    g = {"w": np.array([1, bad, -2], np.float32), "b": np.ones(2, np.float32)}
    ours = clip_by_global_norm(g, 1.0)
    close(ours, torch_clipped(lambda u, p: u.clip_grad_norm_(p, 1.0), g), 0)
    close(ours, optax_clipped(lambda x: x.clip_by_global_norm(1.0), g), 0)
    ours = clip_by_value(g, 0.5)
    close(ours, torch_clipped(lambda u, p: u.clip_grad_value_(p, 0.5), g), 0)
    close(ours, optax_clipped(lambda x: x.clip(0.5), g), 0)


def test_a_clipped_gradient_is_one_for_an_optimizer():
    from optimlib import SGD

    w, g = {"w": np.zeros(2), "b": np.zeros(1)}, {"w": [30.0, 0.0], "b": [40.0]}
    new = SGD(lr=1.0).step(w, clip_by_global_norm(g, 1.0))
    assert new["w"] == pytest.approx([-0.6, 0]) and new["b"] == pytest.approx([-0.8])
