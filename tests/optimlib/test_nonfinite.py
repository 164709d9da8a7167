"""NaN and infinity in what a step is given: an error before anything changes, or, if
asked for, no look at all."""

import copy
import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from variants import METHODS, WHOLE, every_method, make, take

from optimlib import SGD, VSGD, Adam, Eve
from optimlib.arrays import blocks
from optimlib.arrays.rows import Rows

BAD = [np.nan, np.inf, -np.inf]


@every_method
@pytest.mark.parametrize("bad", BAD, ids=repr)
def test_it_is_refused_with_the_step_and_the_place_and_nothing_changes(method, bad):
    opt = make(method)
    w = {"layers": [np.ones((2, 3)), np.ones(2)]}
    good = {"layers": [np.full((2, 3), 0.5), np.full(2, -0.5)]}
    take(opt, w, good), take(opt, w, good)
    state, out = repr(opt.state), {"layers": [np.full((2, 3), 7.0), np.full(2, 7.0)]}
    worse = {"layers": [np.full((2, 3), 0.5), np.array([0.5, bad])]}
    place = rf"^g\['layers'\]\[1\]\[1\] is {re.escape(str(bad))} at step 3; "
    with pytest.raises(FloatingPointError, match=place):
        take(opt, w, worse, out=out)
    assert opt.t == 2 and repr(opt.state) == state
    assert all((array == 7).all() for array in out["layers"])
    assert all((array == 1).all() for array in w["layers"])
    first = take(opt, w, good)  # and the run goes on as if it had not happened
    other = make(method)
    take(other, w, good), take(other, w, good)
    assert repr(first) == repr(take(other, w, good))


@pytest.mark.parametrize("bad", BAD, ids=repr)
@every_method
def test_the_place_in_an_array_without_a_name(method, bad):
    with pytest.raises(
        FloatingPointError, match=r"^g\[1, 0\] is .* at step 1; allowed: finite"
    ):
        take(method(), np.ones((2, 2)), [[1, 2], [bad, 4]])
    with pytest.raises(FloatingPointError, match=r"^g is .* at step 1"):
        take(method(), 1.0, bad)


@pytest.mark.parametrize("bad", BAD, ids=repr)
def test_the_loss_and_the_curvature_are_looked_at_too(bad):
    opt = Eve()
    with pytest.raises(FloatingPointError, match=r"^loss is .* at step 1; allowed"):
        opt.step([1.0], [1.0], loss=bad)
    with pytest.raises(FloatingPointError, match=r"^loss\[1\] is .* at step 1"):
        Eve(population=2).step([[1.0], [1.0]], [[1.0], [1.0]], loss=[1.0, bad])
    with pytest.raises(FloatingPointError, match=r"^curvature\['b'\]\[1\] is .* 1;"):
        VSGD().step({"b": [1.0, 1.0]}, {"b": [1, 2]}, curvature={"b": [1.0, bad]})
    assert opt.t == 0 and opt.state == {}


@pytest.mark.parametrize("bad", BAD, ids=repr)
def test_among_rows_the_place_is_where_it_was_given(bad):
    rows = Rows([3, 1, 3], [[1.0, 2.0], [3.0, 4.0], [5.0, bad]])
    with pytest.raises(FloatingPointError, match=r"^g\.values\[2, 1\] is .* at step 1"):
        SGD().step(np.ones((4, 2)), rows)


OVERFLOWING = {  # finite numbers that are infinite together
    "inf": (np.float64, [0, 0], [1e308, 1e308]),
    "-inf": (np.float64, [0, 1, 0], [-1e308, 1.0, -1e308]),
    "inf with both signs": (np.float64, [0, 0, 0, 0], [1e308, 1e308, -1e308, -1e308]),
    "inf in float32": (np.float32, [0, 0], [3e38, 3e38]),
}


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("case", OVERFLOWING)
@pytest.mark.parametrize(
    "method", [m for m in METHODS if m.sparse], ids=lambda m: m.__name__
)
def test_a_sum_of_rows_is_looked_at_too(method, case, nested):
    dtype, index, values = OVERFLOWING[case]
    w, rows = np.ones((3, 1), dtype), Rows(index, np.array(values, dtype)[:, None])
    good, name = np.full((3, 1), 0.5, dtype), "g"
    if nested:
        w, rows, good = ({"b": np.ones(2), "w": x} for x in (w, rows, good))
        rows["b"], name = np.ones(2), r"g\['w'\]"
    opt = method()
    opt.step(w, good)
    state, out = repr(opt.state), copy.deepcopy(w)
    place = (
        rf"^{name}\.summed\(\)\.values\[0, 0\] is {case.split()[0]} at step 2; allowed"
    )
    with pytest.raises(FloatingPointError, match=place):
        opt.step(w, rows, out=out)
    assert opt.t == 1 and repr(opt.state) == state and repr(out) == repr(w)
    loose = method(nonfinite="ignore")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loose.step(w, rows)


@every_method
@settings(max_examples=10)
@given(
    hnp.arrays(
        np.float64, (3, 2), elements=st.sampled_from([1.0, 1e308, np.inf, np.nan])
    ),
    st.sampled_from(["array", "rows"]),
)
def test_nothing_that_is_not_finite_is_passed_over(method, values, kind):
    g = Rows([1, 0, 1], values) if kind == "rows" and method.sparse else values
    with np.errstate(over="ignore", invalid="ignore"):
        whole = g.summed().values if isinstance(g, Rows) else g
    opt, w = make(method), np.ones((3, 2))
    more = {"curvature": w} if "curvature" in method.inputs else {}
    if np.isfinite(values).all() and np.isfinite(whole).all():
        take(opt, w, g, **more)
        return
    with pytest.raises(FloatingPointError, match="^g.* at step 1; allowed"):
        take(opt, w, g, **more)
    assert opt.t == 0 and opt.state == {}


def test_what_the_scan_saw_is_refused_where_its_place_is_not_found(monkeypatch):
    monkeypatch.setattr(blocks.Part, "is_finite", lambda _: False)
    opt = Adam()
    with pytest.raises(FloatingPointError, match=r"^g or curvature is not finite at"):
        opt.step([1.0], [1.0])
    assert opt.t == 0 and opt.state == {}


@pytest.mark.parametrize("over", ["warn", "raise"])
def test_what_the_weights_dtype_cannot_hold_is_refused_in_these_words(over):
    one, big = np.ones(1, np.float32), np.array([1e300])
    said = r" is 1e\+300, which float32 cannot hold, at step 1; allowed: finite numbers"
    with np.errstate(over=over), warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FloatingPointError, match=r"^g\[0\]" + said):
            SGD().step(one, big)
        with pytest.raises(FloatingPointError, match=r"^g\.values\[0\]" + said):
            SGD().step(one, Rows([0], big))
        with pytest.raises(FloatingPointError, match="^loss" + said):
            Eve().step(one, one, loss=1e300)
        with pytest.raises(FloatingPointError, match=r"^curvature\[0\]" + said):
            VSGD().step(one, one, curvature=big)
        with pytest.raises(FloatingPointError, match=r"^g\[0\] is inf at step 1"):
            SGD().step(one, [np.inf])


@every_method
def test_ignore_goes_on_without_a_word(method):
    opt, alone = make(method, nonfinite="ignore"), make(method)
    w, x = np.ones(4), np.ones(1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for g in (
            [1.0, 2.0, -1.0, 0.5],
            [np.nan, np.inf, -np.inf, 0.5],
            [1.0, 1.0, 1.0, 0.5],
            [1.0, 1.0, 1.0, 0.5],
        ):
            w, x = take(opt, w, g), take(alone, x, [0.5])
    assert opt.t == 4 and np.isnan(w[0])
    if method not in WHOLE:  # those that stay finite are not touched by the others
        assert w[3] == x[0]


@every_method
def test_what_numpy_warns_of_elsewhere_is_as_the_user_set_it(method):
    with np.errstate(all="raise"):
        take(method(nonfinite="ignore"), [1.0], [np.inf])
        with pytest.raises(FloatingPointError):
            np.array(1.0) / 0
