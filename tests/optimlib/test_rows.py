"""Sparse gradients: exact where a row without a gradient stays as it is, and an error
that says why where it does not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from variants import METHODS, VARIANTS, every_variant, make, named, settings_of, take

from optimlib import SGD, VSGD, Adagrad, Adam, NesterovLookAhead, Rows, SignSGD

EXACT = [SGD, SignSGD, Adagrad]
SPARSE = [(method, switches) for method in EXACT for switches in settings_of(method)]
every_sparse = pytest.mark.parametrize(
    ("method", "switches"), SPARSE, ids=[named(*variant) for variant in SPARSE]
)
dense_methods = [method for method in METHODS if method not in EXACT]


@st.composite
def steps_of_rows(draw):
    """A shape of weights, a dtype, and some steps of indices and values for it."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    steps = []
    for _ in range(draw(st.integers(1, 4))):
        index = draw(st.lists(st.integers(0, shape[0] - 1), max_size=6))
        values = st.floats(-100, 100, width=32)
        shape_of_values = (len(index), *shape[1:])
        steps.append((index, draw(hnp.arrays(dtype, shape_of_values, elements=values))))
    return shape, dtype, steps


def dense(shape, dtype, index, values):
    """The gradient that rows stand for."""
    g = np.zeros(shape, dtype)
    for i, row in zip(index, values, strict=True):
        g[i] += row
    return g


@every_sparse
@settings(max_examples=25)
@given(steps_of_rows(), st.sampled_from([1e-8, 1e-3]))
def test_rows_take_the_dense_step_bit_for_bit(method, switches, steps, eps):
    shape, dtype, given_ = steps
    guard = {"eps": eps} if "eps" in method.hypers else {}
    one, other = (method(lr=0.1, **guard, **switches) for _ in range(2))
    w = x = np.arange(np.prod(shape), dtype=dtype).reshape(shape) - 3
    for index, values in given_:
        w = one.step(w, Rows(index, values))
        x = other.step(x, dense(shape, dtype, index, values))
        assert w.dtype == dtype and np.array_equal(w, x)
        for name, entry in one.state.items():
            assert np.array_equal(entry, other.state[name])


@every_sparse
@settings(max_examples=25)
@given(steps_of_rows())
def test_rows_are_written_into_out_as_well(method, switches, steps):
    shape, dtype, given_ = steps
    one, other, third = (method(lr=0.1, **switches) for _ in range(3))
    w = np.arange(np.prod(shape), dtype=dtype).reshape(shape) - 3
    x, into = w.copy(), np.full(shape, 7, dtype)
    for index, values in given_:
        w_new = one.step(w, Rows(index, values))
        assert third.step(w, Rows(index, values), out=into) is into
        assert np.array_equal(into, w_new)
        w = w_new
        assert other.step(x, Rows(index, values), out=x) is x and np.array_equal(x, w)


def test_what_was_given_and_what_is_returned_are_not_the_state_nor_each_other():
    opt, w = Adagrad(lr=1.0), np.ones((3, 2))
    rows = Rows([2, 2], [[1.0, 2.0], [3.0, 4.0]])
    new = opt.step(w, rows)
    assert (w == 1).all() and rows.values.tolist() == [[1, 2], [3, 4]]
    kept, state = new.copy(), opt.state["v"]
    opt.step(new, Rows([0], [[1.0, 1.0]]))
    assert np.array_equal(new, kept) and (state[0] == 0).all()


@pytest.mark.parametrize("shape", [(3, 0), (0, 2), (0,), (2, 0, 1)], ids=str)
@every_sparse
def test_rows_of_nothing_are_rows(method, switches, shape):
    w = {"a": np.ones(shape), "b": np.ones(()), "c": np.ones(2)}
    rows = Rows(np.arange(shape[0]), np.ones(shape))
    opt = method(**switches)
    for g in (rows, Rows([], np.ones((0, *shape[1:])))):
        for out in (None, w):
            new = opt.step(w, {"a": g, "b": 1.0, "c": None}, out=out)
            assert new["a"].shape == shape and new["c"].tolist() == [1, 1]


def test_in_a_nest_some_gradients_are_rows_and_some_are_not():
    opt, other = (Adagrad(lr={"table": 0.5, "b": 0.25}) for _ in range(2))
    w = {"table": np.ones((4, 2)), "b": np.ones(3)}
    rows, g = Rows([3, 1], [[1.0, 2.0], [3.0, 4.0]]), np.array([0.0, 1.0, 2.0])
    full = {"table": dense((4, 2), float, rows.index, rows.values), "b": g}
    for _ in range(2):
        new = opt.step(w, {"table": rows, "b": g})
        expected = other.step(w, full)
        assert np.array_equal(new["table"], expected["table"])
        assert np.array_equal(new["b"], expected["b"])
        w = new


def test_without_a_guard_adagrad_spares_the_rows_that_are_left_out():
    """Which the dense step makes NaN."""
    w, rows = np.ones((2, 1)), Rows([1], [[3.0]])
    new = Adagrad(lr=1.0, eps=0).step(w, rows)
    assert new.tolist() == [[1], [0]]
    full = Adagrad(lr=1.0, eps=0, nonfinite="ignore").step(w, [[0.0], [3.0]])
    assert np.isnan(full[0, 0]) and full[1, 0] == 0


# Which methods are exact


def leaves_zero_rows_alone(opt, dtype=np.float64):
    """Whether no step changes anything in a row that has no gradient in it."""
    rng = np.random.default_rng(9)
    w = rng.normal(size=(4, 2)).astype(dtype)
    take(opt, w, w)
    for t in range(6):
        g = rng.normal(size=(4, 2))
        zero = t % 4
        g[zero] = 0
        before = opt.state
        new = take(opt, w, g)
        if not np.array_equal(new[zero], w[zero]):
            return False
        for name, entry in opt.state.items():
            if name in opt.scalars:
                if not np.array_equal(entry, before[name]):
                    return False
            elif not np.array_equal(entry[zero], before[name][zero]):
                return False
        w = new
    return True


@every_variant
def test_a_method_takes_rows_where_it_leaves_the_others_alone_and_nowhere_else(
    method, switches
):
    assert method.sparse == (method in EXACT)
    opt = make(method, **switches)
    assert leaves_zero_rows_alone(opt) == method.sparse


@pytest.mark.parametrize("method", dense_methods, ids=lambda m: m.__name__)
def test_the_others_refuse_rows_and_say_what_would_change(method):
    opt, w = make(method), {"w": np.ones((3, 2))}
    take(opt, w, w)
    state, rows = repr(opt.state), {"w": Rows([1], np.ones((1, 2)))}
    more = {"curvature": w} if "curvature" in method.inputs else {}
    names = " and ".join(method.state_names) + " change"
    with pytest.raises(
        ValueError,
        match=rf"^g\['w'\] is Rows; allowed for {method.__name__}: an array, since a "
        rf"row without a gradient does not stay as it is \(its {names}",
    ):
        take(opt, w, rows, **more)
    assert opt.t == 1 and repr(opt.state) == state


def test_every_method_is_one_or_the_other():
    assert {m for m, _ in SPARSE} | set(dense_methods) == {m for m, _ in VARIANTS}


# What rows are refused

W = np.ones((3, 2))
WRONG = {
    "beyond the last": (W, Rows([3], np.ones((1, 2))), r"^g\.index holds 3; .*0 to 2"),
    "of another width": (
        W, Rows([0], np.ones((1, 3))), r"^g\.values has rows of shape \(3,\)",
    ),
    "that would broadcast": (
        W, Rows([0], np.ones((1, 1))), r"^g\.values has rows of shape \(1,\)",
    ),
    "without axes": (W, Rows([0], np.ones(1)), r"^g\.values has rows of shape \(\)"),
    "of a number": (np.ones(()), Rows([0], np.ones(1)), r"w, which has shape \(\)"),
    "none of another width": (
        W, Rows([], np.ones((0, 3))), r"^g\.values has rows of shape \(3,\)",
    ),
}  # fmt: skip


@every_sparse
@pytest.mark.parametrize("case", WRONG)
def test_rows_that_the_weights_do_not_have_are_refused(method, switches, case):
    w, rows, message = WRONG[case]
    opt = method(**switches)
    with pytest.raises(ValueError, match=message):
        opt.step(w, rows)
    assert opt.t == 0 and opt.state == {}


@every_sparse
def test_rows_of_members_are_refused(method, switches):
    opt = method(population=3, **switches)
    with pytest.raises(ValueError, match=r"^g is Rows; allowed with a population: an "):
        opt.step(W, Rows([0], np.ones((1, 2))))
    assert opt.t == 0 and opt.state == {}


@pytest.mark.parametrize(
    ("index", "values", "kind", "message"),
    [
        ([0.5], [1.0], TypeError, "^index has dtype float64; allowed: whole numbers"),
        ([True], [1.0], TypeError, "^index has dtype bool; allowed: whole numbers"),
        ([-1, 2], [1.0, 1.0], ValueError, "^index holds -1; allowed: rows from 0"),
        ([0, 1], [1.0], ValueError, r"^index has shape \(2,\) and values \(1,\)"),
        ([[0]], [[1.0]], ValueError, r"^index has shape \(1, 1\)"),
        (0, [1.0], ValueError, r"^index has shape \(\)"),
        ([0], 1.0, ValueError, r"^index has shape \(1,\) and values \(\)"),
        (np.ma.ones(1, int), [1.0], TypeError, "^index is a masked array; allowed: an"),
        ([0], np.ma.ones(1), TypeError, "^values is a masked array; allowed: an array"),
    ],
)
def test_rows_that_are_none_are_refused(index, values, kind, message):
    with pytest.raises(kind, match=message):
        Rows(index, values)


@pytest.mark.parametrize(
    ("values", "dtype"), [(["a"], "<U1"), ([1j], "complex128"), ([True], "bool")]
)
def test_rows_of_no_real_numbers_are_refused(values, dtype):
    with pytest.raises(
        TypeError, match=rf"^g\.values has dtype {dtype}; allowed: real"
    ):
        SGD().step(np.ones(2), Rows([0], values))


@given(st.lists(st.integers(0, 5), max_size=8))
def test_summed_rows_are_each_once_in_order_and_the_same_gradient(index):
    values = np.arange(2.0 * len(index)).reshape(-1, 2)
    rows = Rows(index, values)
    summed = rows.summed()
    assert summed.index.tolist() == sorted(set(index))
    assert np.array_equal(
        dense((6, 2), float, index, values),
        dense((6, 2), float, summed.index, summed.values),
    )
    assert rows.index.tolist() == index and np.array_equal(rows.values, values)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint64, np.int64])
def test_any_whole_dtype_will_do_for_the_index(dtype):
    new = SGD(lr=1.0).step(np.ones(3), Rows(np.array([2, 0, 2], dtype), [1, 2, 3]))
    assert new.tolist() == [-1, 1, -3]


def test_a_gradient_that_look_ahead_asks_for_may_not_be_rows():
    with pytest.raises(ValueError, match=r"^g is Rows; allowed for NesterovLookAhead"):
        NesterovLookAhead().step(W, gradient=lambda w: Rows([0], np.ones((1, 2))))


def test_rows_in_place_of_anything_else_are_refused():
    rows = Rows([0], np.ones((1, 2)))
    with pytest.raises(TypeError, match=r"^w has dtype object; allowed: a floating"):
        Adam().step(rows, W)
    with pytest.raises(ValueError, match=r"^out is Rows; allowed: a writable array"):
        SGD().step(W, W, out=rows)
    with pytest.raises(ValueError, match=r"^curvature is Rows; allowed for VSGD"):
        VSGD().step(W, W, curvature=rows)
