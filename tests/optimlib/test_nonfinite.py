"""NaN and infinity in the gradient: an error before anything changes, or, if asked for, no look at all."""

import re
import warnings

import numpy as np
import pytest
from variants import every_method

BAD = [np.nan, np.inf, -np.inf]


@every_method
@pytest.mark.parametrize("bad", BAD, ids=repr)
def test_it_is_refused_with_the_step_and_the_place_and_nothing_changes(method, bad):
    opt = method()
    w = {"layers": [np.ones((2, 3)), np.ones(2)]}
    good = {"layers": [np.full((2, 3), 0.5), np.full(2, -0.5)]}
    opt.step(w, good), opt.step(w, good)
    state, out = repr(opt.state), {"layers": [np.full((2, 3), 7.0), np.full(2, 7.0)]}
    worse = {"layers": [np.full((2, 3), 0.5), np.array([0.5, bad])]}
    with pytest.raises(
        FloatingPointError,
        match=rf"^g\['layers'\]\[1\]\[1\] is {re.escape(str(bad))} at step 3; ",
    ):
        opt.step(w, worse, out=out)
    assert opt.t == 2 and repr(opt.state) == state
    assert all((array == 7).all() for array in out["layers"]) and all(
        (array == 1).all() for array in w["layers"]
    )
    first = opt.step(w, good)  # and the run goes on as if it had not happened
    other = method()
    other.step(w, good), other.step(w, good)
    assert repr(first) == repr(other.step(w, good))


@pytest.mark.parametrize("bad", BAD, ids=repr)
@every_method
def test_the_place_in_an_array_without_a_name(method, bad):
    with pytest.raises(
        FloatingPointError, match=r"^g\[1, 0\] is .* at step 1; allowed: finite"
    ):
        method().step(np.ones((2, 2)), [[1, 2], [bad, 4]])
    with pytest.raises(FloatingPointError, match=r"^g is .* at step 1"):
        method().step(1.0, bad)


def test_a_gradient_too_large_for_the_weights_dtype_is_infinite():
    from optimlib import SGD

    with (
        np.errstate(over="ignore"),
        pytest.raises(FloatingPointError, match=r"^g\[0\] is inf"),
    ):
        SGD().step(np.ones(1, np.float32), np.array([1e39]))


@every_method
def test_ignore_goes_on_without_a_word(method):
    opt = method(nonfinite="ignore")
    w = np.ones(4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for g in (
            [1.0, 2.0, -1.0, 0.5],
            [np.nan, np.inf, -np.inf, 0.5],
            [1.0, 1.0, 1.0, 0.5],
        ):
            w = opt.step(w, g)
    alone = method()
    x = np.ones(1)
    for _ in range(3):
        x = alone.step(x, [0.5])
    assert opt.t == 3 and np.isnan(w[0])
    assert (
        w[3] == x[0]
    )  # the members that stay finite are not touched by those that do not


@every_method
def test_what_numpy_warns_of_elsewhere_is_as_the_user_set_it(method):
    with np.errstate(all="raise"):
        method(nonfinite="ignore").step([1.0], [np.inf])
        with pytest.raises(FloatingPointError):
            np.array(1.0) / 0
