"""RProp's sign in Python: facts about the sign rule, and the still figure."""

import re

import numpy as np
import pytest
from traitlets import TraitError

from companion import figures
from companion.live.sign.sign import BATCHES, FUNCTIONS, PASSES, STEPS, Sign
from optimlib import SGD, Rprop, SignSGD


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"scale": 0.001}, "scale is 0.001; allowed: a number from 0.01 to 100"),
        ({"lr": 0}, "lr is 0; allowed: a number from 0.001 to 1"),
        ({"start": 5}, "start is 5; allowed: a number from -4 to 4"),
        ({"t": 41}, "t is 41; allowed: a whole number from 0 to 40"),
        ({"function": "hill"}, "function is 'hill'; allowed: 'bowl' or 'plateau' or "),
        ({"batches": "mine"}, "batches is 'mine'; allowed: 'hinton' or 'slides'"),
    ],
)
def test_a_wrong_value_is_refused_by_name(state, message):
    with pytest.raises(TraitError, match=f"^{re.escape(message)}"):
        Sign(**state)


def test_a_function_is_least_at_its_minima():
    x = np.linspace(-4, 4, 801)
    for shape in FUNCTIONS.values():
        values = shape(np.stack([x, np.zeros_like(x)], axis=-1))
        assert values.min() >= shape(shape.minima).max() - 1e-15
        assert x[values.argmin()] == pytest.approx(shape.minima[0][0], abs=1e-9)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_rprops_path_is_the_same_at_every_scale_and_gradient_descents_is_not(function):
    figure = Sign(function=function)
    for scale in (0.01, 0.37, 100):
        figure.scale = scale
        np.testing.assert_array_equal(figure.descent(Rprop), figure.descent(Rprop, 1))
        off = np.abs(figure.descent(SGD) - figure.descent(SGD, 1))
        assert np.nanmax(off) > 0.05


def test_rprops_path_is_the_same_on_functions_that_slope_to_the_same_side():
    paths = [Sign(function=name).descent(Rprop) for name in ("bowl", "plateau", "kink")]
    for path in paths[1:]:
        np.testing.assert_array_equal(path, paths[0])


def test_the_default_step_is_a_flip():
    """Where the reader begins, RProp has just stayed and halved its step."""
    figure, opt = Sign(), Rprop(lr=0.1)
    path, steps = figure.descent(Rprop), []
    for w in path[: figure.t]:
        opt.step([w], FUNCTIONS["bowl"].gradient([w, 0.0])[:1])
        steps.append(opt.state["step"][0])
    assert path[figure.t] == path[figure.t - 1]
    assert steps[-1] == steps[-2] / 2 and steps[3] == pytest.approx(1.2 * steps[2])


def test_mini_batches_mislead_the_sign():
    """Hinton's mean is 0 and the weight comes back; nine steps go one way and one the other."""
    assert BATCHES["hinton"].tolist() == [-0.9] + 9 * [0.1]
    assert BATCHES["slides"].tolist() == [0.9] + 4 * [-0.1]
    figure = Sign(batches="hinton", lr=0.1)
    sgd, sign, rprop = map(figure.batched, (SGD, SignSGD, Rprop))
    assert sgd[10::10] == pytest.approx(np.zeros(PASSES), abs=1e-12)
    moves = np.sign(np.diff(sign[:11])).tolist()
    assert moves.count(-1) == 9 and moves.count(1) == 1
    assert sign[-1] == pytest.approx(-PASSES * 0.8) and rprop[-1] < 2 * sign[-1]
    slides = Sign(batches="slides", lr=0.1)
    ends = [slides.batched(method)[-1] for method in (SGD, SignSGD, Rprop)]
    assert ends[0] < 0 < ends[1] and ends[2] > 0


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_still_shows_the_state(function, monkeypatch):
    drawn = []
    monkeypatch.setattr(figures, "svg", lambda figure: drawn.append(figure) or "<svg/>")
    figure = Sign(function=function, lr=0.2, start=-2)
    figure.still()
    curve, weights = drawn[0].axes
    rprop = figure.descent(Rprop)
    np.testing.assert_array_equal(curve.lines[1].get_xdata(), rprop)
    lines = [line.get_ydata() for line in weights.lines]
    np.testing.assert_array_equal(lines[0], rprop)
    for line, scale in zip(lines[1:], (0.01, 1.0, 100.0), strict=True):
        np.testing.assert_array_equal(line, figure.descent(SGD, scale))
    assert len(rprop) == STEPS + 1
