"""The figure of the ravine in Python: its formulas are those of a quadratic, its path is optimlib's."""

import re

import numpy as np
import pytest
from traitlets import TraitError

from companion import figures
from companion.live.generated import ravine as formulas
from companion.live.ravine.ravine import STEPS, Ravine
from optimlib import SGD, minimize
from optimlib.problems import Quadratic

STATES = [
    {},
    {"condition": 20, "rate": 1.9},
    {"condition": 50, "rate": 2.1, "angle": 35, "x": 1.3, "y": -0.4},
    {"condition": 1, "rate": 0.5, "angle": 90, "x": -0.7, "y": 2},
]


def quadratic(condition, angle):
    """The ravine as a matrix: its two axes, turned, and the curvatures along them."""
    turn = np.radians(angle)
    axes = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = axes @ np.diag([1 / condition, 1.0]) @ axes.T
    return Quadratic((matrix + matrix.T) / 2)


@pytest.mark.parametrize("state", STATES)
def test_the_path_is_that_of_the_quadratic(state):
    figure = Ravine(**state)
    bowl = quadratic(figure.condition, figure.angle)
    run = minimize(bowl, bowl.gradient, [figure.x, figure.y], SGD(lr=figure.rate), STEPS)  # fmt: skip
    size = np.abs(run.w).max()
    np.testing.assert_allclose(figure.path(), run.w, rtol=1e-9, atol=1e-12 * size)
    costs = [formulas.cost(*w, figure.condition, np.radians(figure.angle)) for w in run.w]  # fmt: skip
    np.testing.assert_allclose(costs, run.f, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("state", STATES)
def test_the_factors_are_what_a_step_leaves_along_each_axis(state):
    figure = Ravine(**state)
    turn = np.radians(figure.angle)
    flat, steep = [np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]
    for axis, factor in zip((flat, steep), figure.factors(), strict=True):
        along = figure.path()[:2] @ axis
        assert along[1] == pytest.approx(factor * along[0], abs=1e-12)


def test_a_line_of_the_map_has_one_cost():
    for condition, angle in ((1, 0.0), (10, 0.4), (70, 1.2)):
        for turn in np.linspace(0, 2 * np.pi, 9):
            x, y = formulas.line(0.7, turn, condition, angle)
            assert formulas.cost(x, y, condition, angle) == pytest.approx(0.7)


def test_the_steps_are_those_that_bring_the_distance_down():
    for left in (0.3, 0.818, 0.98):
        exact = formulas.steps(1e-6, left)
        assert left ** np.ceil(exact) <= 1e-6 < left ** np.floor(exact)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"rate": 2.3}, "rate is 2.3; allowed: a number from 0.02 to 2.2"),
        ({"condition": 0.5}, "condition is 0.5; allowed: a whole number from 1 to 100"),
        ({"angle": 12.5}, "angle is 12.5; allowed: a whole number from 0 to 90"),
        ({"y": -2.5}, "y is -2.5; allowed: a number from -2.0 to 2.0"),
    ],
)
def test_a_wrong_value_is_refused_by_name(state, message):
    with pytest.raises(TraitError, match=f"^{re.escape(message)}"):
        Ravine(**state)


def test_the_still_shows_the_state(monkeypatch):
    drawn = []
    monkeypatch.setattr(figures, "svg", lambda figure: drawn.append(figure) or "<svg/>")
    figure = Ravine(condition=20, rate=1.9)
    figure.still()
    map_, factors, far = drawn[0].axes
    np.testing.assert_allclose(map_.lines[0].get_xydata(), figure.path())
    dots = [line.get_xydata()[0] for line in factors.lines[1::2]]
    np.testing.assert_allclose(dots, [[1.9, 0.905], [1.9, -0.9]])
    assert far.lines[0].get_ydata()[0] == pytest.approx(np.hypot(2.5, 1))
