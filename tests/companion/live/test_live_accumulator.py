"""AdaGrad's accumulator in Python: the slides' numbers, any gradients, the still figure."""

import re

import numpy as np
import pytest
from traitlets import TraitError

from companion import figures
from companion.live.accumulator.accumulator import SLIDES, Accumulator


def test_it_begins_with_the_slides_numbers():
    run = Accumulator().run()
    np.testing.assert_allclose(run["v"], [[0.01, 400], [0.05, 500]])
    divisors = 1 / run["rate"]
    np.testing.assert_allclose(divisors, [[0.1, 20], [0.22, 22.4]], rtol=2e-2)
    np.testing.assert_allclose(run["step"], [[1, 1], [0.894, 0.447]], rtol=1e-3)


def test_the_steps_are_the_same_whatever_the_scale():
    gradients = [[0.1, 20], [-0.3, 5], [0.0, 7]]
    one, other = (Accumulator(gradients=gradients, scale=s).run() for s in (1, 100))
    np.testing.assert_allclose(other["v"][:, 1], 1e4 * one["v"][:, 1])
    np.testing.assert_allclose(other["step"], one["step"], rtol=1e-7)


@pytest.mark.parametrize(
    "wrong",
    [[], [[]], [1.0, 2.0], [[1.0]], [[1.0, 2.0, 3.0]], [[1.0, np.nan]], [[0.0, 1e4]], [["a", 1.0]], "ab", [[1.0, 2.0]] * 13],
)  # fmt: skip
def test_wrong_gradients_are_refused_and_the_others_stay(wrong):
    with pytest.raises(TraitError, match=r"^gradients is .*; allowed: 1 to 12 pairs"):
        Accumulator(gradients=wrong)
    figure = Accumulator()
    with pytest.raises(TraitError, match="^gradients is "):
        figure.gradients = wrong
    assert figure.gradients == SLIDES


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"t": 0}, "t is 0; allowed: a whole number from 1 to 12"),
        ({"scale": 0.0}, "scale is 0.0; allowed: a number from 0.001 to 1000"),
    ],
)
def test_a_wrong_state_is_refused_by_name(state, message):
    with pytest.raises(TraitError, match=f"^{re.escape(message)}"):
        Accumulator(**state)


def test_the_still_shows_gradients_and_steps(monkeypatch):
    drawn = []
    monkeypatch.setattr(figures, "svg", lambda figure: drawn.append(figure) or "<svg/>")
    figure = Accumulator(gradients=[*SLIDES, [-1.0, 3.0]])
    figure.still()
    for ax, name in zip(drawn[0].axes, ("g", "step")):
        heights = [bar.get_height() for bar in ax.patches]
        np.testing.assert_allclose(heights, figure.run()[name].T.ravel())
