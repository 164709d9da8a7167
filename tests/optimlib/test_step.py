"""A step as its user sees it: what may be given, what comes back, and what stays as it
was."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from variants import METHODS, every_method, every_variant, make, take, with_state

from optimlib import SGD, VSGD, Adam, Eve, Momentum, NesterovLookAhead, minimize, train
from optimlib.arrays.nests import flatten, rebuild
from optimlib.declaring import INPUTS
from optimlib.schedules import ReduceOnPlateau

FLOATS = [np.float16, np.float32, np.float64, np.longdouble]


@st.composite
def parameters_and_gradients(draw):
    """A nest of float arrays and gradients shaped like it."""
    shapes = st.lists(
        hnp.array_shapes(min_dims=0, max_dims=3, max_side=3), min_size=3, max_size=3
    )
    dtype = draw(st.sampled_from(FLOATS[1:]))
    rng, chosen = np.random.default_rng(draw(st.integers(0, 10**6))), draw(shapes)

    def drawn(shape):  # with zeros of either sign
        return np.asarray(rng.normal(0, 50, shape) * rng.integers(0, 2, shape), dtype)

    w, g = ([drawn(shape) for shape in chosen] for _ in range(2))
    build = draw(
        st.sampled_from(
            [
                lambda a: a[0],
                lambda a: {"w": a[0], "b": a[1]},
                lambda a: [a[0], {"w": a[1], "b": a[2]}],
                lambda a: {"layers": [a[0], a[1]], "out": {"w": a[2]}},
                lambda a: (a[0], a[1]),
            ]
        )
    )
    return build(w), build(g)


def bits(nest):
    """The leaves of a nest with their dtypes, shapes and bytes."""
    return {
        path: (a.dtype, a.shape, np.asarray(a).tolist())
        for path, a in flatten(nest).items()
    }


@every_method
@settings(max_examples=20)
@given(parameters_and_gradients())
def test_a_step_changes_no_input_and_keeps_structure_shape_and_dtype(method, given_):
    w, g = given_
    before = copy.deepcopy((bits(w), bits(g)))
    opt = method()
    first = take(opt, w, g)
    held = bits(first)
    second = take(opt, first, g)
    assert (bits(w), bits(g)) == before and bits(first) == held
    arrays = [v for k, v in opt.state.items() if k not in method.scalars]
    for new in (first, second, *arrays):
        assert [(p, a.shape, a.dtype) for p, a in flatten(new).items()] == [
            (p, a.shape, a.dtype) for p, a in flatten(w).items()
        ]
        assert type(new) is type(w)
    for name in method.scalars:
        assert [(p, a.shape, a.dtype) for p, a in flatten(opt.state[name]).items()] == [
            (p, (), a.dtype) for p, a in flatten(w).items()
        ]


@every_method
@settings(max_examples=20)
@given(parameters_and_gradients())
def test_a_nest_steps_as_its_arrays_do_alone(method, given_):
    w, g = given_
    together, alone = method(), {path: method() for path in flatten(w)}
    separate = flatten(w)
    for _ in range(3):
        w = take(together, w, g)
        separate = {
            p: take(opt, separate[p], flatten(g)[p]) for p, opt in alone.items()
        }
        assert bits(w) == bits(rebuild(w, separate))
    for path, opt in alone.items():
        for name, entry in together.state.items():
            assert np.array_equal(flatten(entry)[path], opt.state[name])


@every_method
@settings(max_examples=20)
@given(parameters_and_gradients())
def test_working_in_place_gives_the_same_numbers_in_the_same_arrays(method, given_):
    w, g = given_
    expected, opt = take(method(), w, g), method()
    other = copy.deepcopy(w)
    into = rebuild(w, {p: np.full_like(a, 7) for p, a in flatten(w).items()})
    assert take(method(), w, g, out=into) is into and bits(into) == bits(expected)
    arrays = flatten(other)
    assert take(opt, other, g, out=other) is other and bits(other) == bits(expected)
    assert all(flatten(other)[p] is array for p, array in arrays.items())
    held = bits(opt.state) if method.state_names else {}
    for array in arrays.values():
        array[...] = 0  # the state is no view of what was returned
    assert (bits(opt.state) if method.state_names else {}) == held


def test_out_may_be_the_gradient():
    w, g = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    assert SGD(lr=1).step(w, g, out=g) is g
    assert g.tolist() == [-2, -2] and w.tolist() == [1, 2]


@every_variant
@pytest.mark.parametrize("dtype", FLOATS)
def test_a_float_of_another_width_takes_the_same_step_to_its_own_precision(
    method, switches, dtype
):
    eps = {"eps": 1e-3} if "eps" in method.hypers else {}
    w, g = np.array([0.5, -1.0, 2.0]), np.array([0.25, -3.0, 0.0])
    wide, narrow = w, w.astype(dtype)
    one, other = (make(method, lr=0.125, **eps, **switches) for _ in range(2))
    for _ in range(4):
        wide, narrow = take(one, wide, g), take(other, narrow, g.astype(dtype))
    precision = max(np.finfo(dtype).eps, np.finfo(float).eps)
    assert narrow.dtype == dtype
    np.testing.assert_allclose(
        narrow.astype(float), wide, rtol=20 * precision, atol=20 * precision
    )


@every_method
@pytest.mark.parametrize(
    "kind", [np.float64, np.float32, np.longdouble, np.array], ids=lambda k: k.__name__
)
def test_the_type_of_a_setting_never_widens_the_weights(method, kind):
    w, expected = np.array([1.0, 2.0], np.float32), None
    for name, declared in method.hypers.items():
        value = 0.125 if declared.accepts(0.125) else 2
        expected = take(make(method, **{name: value}), w, w)
        given_ = [kind(value), {"w": kind(value)}]
        if not declared.constant:
            given_.append(lambda t, value=value: kind(value))
        for setting in given_:
            opt = make(method, **{name: setting})
            new = take(opt, {"w": w}, {"w": w.astype(float)})["w"]
            assert new.dtype == np.float32 and np.array_equal(new, expected)


def test_numbers_and_lists_of_numbers_are_arrays():
    assert SGD(lr=0.5).step([1.0, 2.0], [2, 4]).tolist() == [0, 0]
    assert SGD(lr=0.5).step(3.0, 2).tolist() == 2
    assert SGD(lr=0.5).step({"w": [[1.0]], "b": 0.5}, {"w": [[2.0]], "b": 1.0}) == {
        "w": [[0.0]],
        "b": 0.0,
    }
    assert SGD(lr=0.5).step(np.zeros((0, 3)), np.zeros((0, 3))).shape == (0, 3)


def test_views_that_are_not_contiguous_step_like_any_array():
    base = np.arange(12.0).reshape(3, 4)
    g = np.ones((2, 2))
    opt = Momentum(lr=0.5)
    view = base[::2, ::2]
    opt.step(view, g, out=view)
    assert base.tolist() == [[-0.5, 1, 1.5, 3], [4, 5, 6, 7], [7.5, 9, 9.5, 11]]


@with_state
def test_the_state_is_counted_and_a_copy(method):
    opt = method()
    assert opt.t == 0 and opt.state == {}
    for t in (1, 2, 3):
        take(opt, {"w": [1.0, 2.0]}, {"w": [0.5, -0.5]})
        assert opt.t == t
    state = opt.state
    assert list(state) == list(method.state_names)
    for name, entry in state.items():
        assert entry["w"].shape == (() if name in method.scalars else (2,))
        entry["w"][...] = 99
    assert all((entry["w"] != 99).all() for entry in opt.state.values())


@every_method
def test_reset_forgets_everything(method):
    opt, g = method(), np.array([1.0, -3.0])
    first = [take(opt, g, g), take(opt, g, 2 * g)]
    opt.reset()
    assert opt.t == 0 and opt.state == {}
    assert all(
        np.array_equal(a, b)
        for a, b in zip(first, [take(opt, g, g), take(opt, g, 2 * g)], strict=True)
    )
    opt.reset()
    other = {"other": np.ones(5)}
    assert take(opt, other, other)["other"].shape == (5,)


# What is refused, and that nothing has then changed

W = {"w": np.array([[1.0, 2.0]]), "b": np.array([3.0])}
FROZEN = np.ones(1)
FROZEN.flags.writeable = False
REFUSED = {
    "g is an array": (
        (W, np.ones(2), None),
        ValueError,
        r"^g is an array; allowed: a dict",
    ),
    "g is a dict": (
        (np.ones(2), W, None),
        ValueError,
        r"^g is a dict or list of arrays; allowed: an array",
    ),
    "g lacks a key": ((W, {"w": W["w"]}, None), ValueError, r"^g\['b'\] is missing"),
    "g has one more": (
        (W, {**W, "c": 1.0}, None),
        ValueError,
        r"^g\['c'\] is not expected",
    ),
    "g has another shape": (
        (W, {**W, "w": np.ones(2)}, None),
        ValueError,
        r"^g\['w'\] has shape \(2,\).*\(1, 2\)",
    ),
    "g would broadcast": (
        (np.ones(3), np.ones(1), None),
        ValueError,
        r"^g has shape \(1,\); allowed: \(3,\)",
    ),
    "g is complex": (
        (np.ones(2), np.ones(2) * 1j, None),
        TypeError,
        r"^g has dtype complex128; allowed: real",
    ),
    "g is bool": ((np.ones(2), np.ones(2) > 0, None), TypeError, r"^g has dtype bool"),
    "g is text": ((np.ones(1), ["1.0"], None), TypeError, r"^g has dtype <U3"),
    "g is an object": ((np.ones(1), [set()], None), TypeError, r"^g has dtype obj"),
    "w is whole numbers": (
        (np.array([1, 2]), np.ones(2), None),
        TypeError,
        r"^w has dtype int64.*floating",
    ),
    "w is a list of whole numbers": (
        ([1, 2], np.ones(2), None),
        TypeError,
        r"^w has dtype int64",
    ),
    "w is complex": (
        (np.ones(2) * 1j, np.ones(2), None),
        TypeError,
        r"^w has dtype complex128",
    ),
    "one of w is whole": (
        ({**W, "b": np.array([3])}, W, None),
        TypeError,
        r"^w\['b'\] has dtype int64",
    ),
    "out is a list": (
        (np.ones(2), np.ones(2), [0.0, 0.0]),
        ValueError,
        r"^out is list; allowed: a writable array",
    ),
    "out has another shape": (
        (np.ones(2), np.ones(2), np.ones(3)),
        ValueError,
        r"^out has shape \(3,\)",
    ),
    "out has another dtype": (
        (np.ones(1), np.ones(1), np.ones(1, np.float32)),
        ValueError,
        r"^out has .*float32",
    ),
    "out lacks a key": (
        (W, W, {"w": np.ones((1, 2))}),
        ValueError,
        r"^out\['b'\] is missing",
    ),
    "out is read-only": (
        (np.ones(1), np.ones(1), FROZEN),
        ValueError,
        r"^out is a?.*; allowed: a writable array",
    ),
}


@every_method
@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_step_says_why_and_changes_nothing(method, case):
    (w, g, out), kind, message = REFUSED[case]
    before = copy.deepcopy((w, g, out))
    opt = method()
    more = {"curvature": w} if "curvature" in method.inputs else {}
    with pytest.raises(kind, match=message):
        take(opt, w, g, out=out, **more)
    assert opt.t == 0 and opt.state == {}
    assert repr((w, g, out)) == repr(before)


@with_state
@pytest.mark.parametrize(
    ("w", "message"),
    [
        (
            {"w": np.ones(3), "b": np.ones(1)},
            r"w\['w'\] has shape \(3,\).*state has shape \(2,\).*reset",
        ),
        (
            {"w": np.ones(2, np.float32), "b": np.ones(1)},
            r"w\['w'\] has .*float32.*float64",
        ),
        ({"w": np.ones(2)}, r"w\['b'\] is missing"),
        (
            {"w": np.ones(2), "b": np.ones(1), "c": np.ones(1)},
            r"w\['c'\] is not expected",
        ),
        (np.ones(2), r"w is an array; allowed: a dict"),
    ],
)
def test_weights_other_than_those_of_the_run_are_refused(method, w, message):
    opt, start = method(), {"w": np.ones(2), "b": np.ones(1)}
    take(opt, start, start)
    before = bits(opt.state)
    with pytest.raises(ValueError, match=message):
        take(opt, w, w)
    assert opt.t == 1 and bits(opt.state) == before


@pytest.mark.parametrize("last", ["b", "w"])
def test_a_failure_at_the_last_array_leaves_the_first_as_it_was(last):
    """Also where the failure comes from a setting, halfway through the arrays."""
    opt = Adam(
        lr={last: lambda t: 0.1 if t < 2 else -1, ({"b", "w"} - {last}).pop(): 0.1}
    )
    w = {"w": np.ones(2), "b": np.ones(1)}
    opt.step(w, w, out=w)
    before = bits(w), bits(opt.state)
    with pytest.raises(ValueError, match=r"lr at step 2 is -1.0; allowed"):
        opt.step(w, w, out=w)
    assert (bits(w), bits(opt.state)) == before and opt.t == 1


# What a method needs besides the gradient

NEEDS = {
    name: [method.__name__ for method in METHODS if name in method.inputs]
    for name in INPUTS
}
GIVEN = {"loss": 1.0, "curvature": np.ones(2), "gradient": lambda w: w}


@every_method
@pytest.mark.parametrize("name", NEEDS)
def test_what_is_needed_and_missing_or_not_taken_and_given_is_named(method, name):
    kind, w, opt = method.__name__, np.ones(2), method()
    needed = {k: v for k, v in GIVEN.items() if kind in NEEDS[k]}
    g = None if "gradient" in needed else w
    takes = ", ".join([*["g"] * (g is not None), *(f"{k}=" for k in needed)])
    opt.step(w, g, **needed)
    state = bits(opt.state) if method.state_names else None
    if name in needed:
        message = f"^{kind} needs {name}=, (the|a) [a-z ]*"
        wrong = {k: v for k, v in needed.items() if k != name}
    else:
        message = f"^{kind} takes no {name}=; it takes: {takes}$"
        wrong = {**needed, name: GIVEN[name]}
    with pytest.raises(TypeError, match=message):
        opt.step(w, g, **wrong)
    message = f"{kind} needs g, the" if g is not None else f"{kind} takes no g; it take"
    with pytest.raises(TypeError, match=message):
        opt.step(w, None if g is not None else w, **needed)
    assert opt.t == 1 and (not state or bits(opt.state) == state)


def test_the_methods_that_need_more_than_the_gradient():
    least = {"loss": "Eve", "curvature": "VSGD", "gradient": "NesterovLookAhead"}
    assert set(NEEDS) == set(GIVEN) == set(least)
    assert all(method in NEEDS[name] for name, method in least.items())


WRONG_INPUTS = {
    "a loss with axes": (Eve, {"loss": [1.0, 2.0]}, ValueError, r"^loss has shape"),
    "a loss of text": (Eve, {"loss": "1"}, TypeError, r"^loss has dtype <U1"),
    "a complex loss": (Eve, {"loss": 1j}, TypeError, r"^loss has dtype complex128"),
    "a curvature of another shape": (
        VSGD,
        {"curvature": {"w": np.ones(3)}},
        ValueError,
        r"^curvature\['w'\] has shape \(3,\); allowed: \(2,\), the shape of w\['w'\]",
    ),
    "a curvature of another structure": (
        VSGD,
        {"curvature": np.ones(2)},
        ValueError,
        r"^curvature is an array; allowed: a dict",
    ),
    "a curvature of text": (
        VSGD,
        {"curvature": {"w": ["a", "b"]}},
        TypeError,
        r"^curvature\['w'\] has dtype <U1",
    ),
    "a gradient that is an array": (
        NesterovLookAhead,
        {"gradient": {"w": np.ones(2)}},
        TypeError,
        r"^gradient is .*; allowed: a callable of w",
    ),
    "a gradient that returns another structure": (
        NesterovLookAhead,
        {"gradient": lambda w: w["w"]},
        ValueError,
        r"^g is an array; allowed: a dict",
    ),
    "a gradient that fails": (
        NesterovLookAhead,
        {"gradient": lambda w: w["b"]},
        KeyError,
        "b",
    ),
}


@pytest.mark.parametrize("case", WRONG_INPUTS)
def test_a_wrong_input_is_named_and_nothing_has_changed(case):
    method, wrong, kind, message = WRONG_INPUTS[case]
    opt, w = make(method), {"w": np.ones(2)}
    take(opt, w, w)
    state, out = bits(opt.state), {"w": np.full(2, 7.0)}
    with pytest.raises(kind, match=message):
        opt.step(w, None if "gradient" in wrong else w, **wrong, out=out)
    assert opt.t == 1 and bits(opt.state) == state and (out["w"] == 7).all()


def test_look_ahead_is_asked_once_a_step_at_points_of_its_own():
    """With the whole nest; what is done to the points does not reach the weights."""
    opt, asked = NesterovLookAhead(lr=0.5, momentum=0.5), []

    def gradient(w):
        asked.append(copy.deepcopy(w))
        g = {"w": w["w"].copy(), "b": [w["b"][0].copy()]}
        w["w"][...] = w["b"][0][...] = 99
        return g

    w = {"w": np.ones(2, np.float32), "b": [np.array(4.0)]}
    first = opt.step(w, gradient=gradient)
    opt.step(first, gradient=gradient)
    assert w["w"].tolist() == [1, 1] and first["b"][0] == 2
    assert [point["b"][0].tolist() for point in asked] == [4.0, 2 - 0.5 * 2]
    assert asked[1]["w"].dtype == np.float32


def test_lists_of_different_lengths_are_refused_by_name():
    ragged = [[1.0], [2.0, 3.0]]
    for w, g, name in (
        (ragged, ragged, "w"),
        (np.ones(2), ragged, "g"),
        ({"b": ragged}, {"b": np.ones(2)}, r"w\['b'\]"),
        ({"b": np.ones(2)}, {"b": ragged}, r"g\['b'\]"),
    ):
        with pytest.raises(
            ValueError, match=rf"^{name} makes no array .*; allowed: an"
        ):
            SGD().step(w, g)


@pytest.mark.parametrize("run", ["minimize", "train"])
def test_so_is_a_start_of_them(run):
    w0, slope = {"b": [[1.0], [2.0, 3.0]]}, lambda w, *_: (0.0, w)
    with pytest.raises(ValueError, match=r"^w0\['b'\] makes no array .*; allowed: an"):
        if run == "minimize":
            minimize(lambda w: 0.0, lambda w: w, w0, SGD(), 3)
        else:
            rng = np.random.default_rng(0)
            data = [np.ones(3)]
            train(slope, w0, SGD(), data, epochs=1, batch_size=1, rng=rng)


def test_a_reset_leaves_a_schedule_with_a_state_as_it_is():
    schedule = ReduceOnPlateau(0.5, factor=0.5, patience=0)
    opt = Momentum(lr=schedule)
    opt.step([1.0], [1.0])
    schedule.update(1.0), schedule.update(2.0)
    opt.reset()
    assert opt.t == 0 and opt.state == {} and opt.lr is schedule
    assert schedule(1) == 0.25


@every_method
@pytest.mark.parametrize("steps", [0, 2], ids=["first", "usual"])
def test_a_masked_array_is_refused_by_its_name(method, steps):
    opt, one = make(method), np.ones(2)
    for _ in range(steps):
        take(opt, {"w": one}, {"w": one}, out={"w": np.ones(2)})
    before, masked = opt.state_dict(), {"w": np.ma.MaskedArray(one, [False, True])}
    given = {"w": {"w": one}, "g": {"w": one}, "out": {"w": np.ones(2)}}
    given |= {"curvature": {"w": one}} if "curvature" in opt.inputs else {}
    for name in given:
        said = rf"^{name}\['w'\] is a masked array; allowed: an array without a mask$"
        with pytest.raises(TypeError, match=said):
            take(opt, **given | {name: masked})
    assert repr(opt.state_dict()) == repr(before)


def test_a_masked_loss_is_refused():
    with pytest.raises(TypeError, match="^loss is a masked array; allowed: an array"):
        Eve().step(np.ones(2), np.ones(2), loss=np.ma.masked)
