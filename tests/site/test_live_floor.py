"""The noise floor on the page, operated in Chromium: its predictions are Python's, and its runs follow them."""

import numpy as np
import pytest

from companion.live.floor.floor import BATCHES, RUNS, START, STEPS, Floor


class Operated:
    """The figure, as a reader operates it."""

    def __init__(self, page, figure):
        self.page, self.figure = page, figure

    def control(self, key):
        """The control of a part of the state."""
        return self.figure.locator(f'[data-key="{key}"]')

    def fact(self, name):
        """A number with a label."""
        return self.figure.locator(f"[data-fact={name}]").get_attribute("data-value")

    def agree(self, **state):
        """Hold the predictions to Python's, and the runs to the predictions; return the runs."""
        values = self.figure.locator(".live-root").evaluate("root => root.runs")
        figure = Floor(**state)
        predicted = figure.predicted()
        np.testing.assert_allclose(
            values["predicted"], predicted, rtol=1e-9, atol=1e-12
        )
        runs = np.array(values["path"])
        assert runs.shape == (STEPS + 1, RUNS) and (runs[0] == START).all()
        measured = (runs**2).mean(axis=1)
        np.testing.assert_allclose(values["measured"], measured, rtol=1e-9)
        np.testing.assert_allclose(measured, predicted, rtol=0.5, atol=1e-12)
        assert float(self.fact("predicted")) == pytest.approx(
            predicted[figure.t], rel=1e-9, abs=1e-12
        )
        return runs


@pytest.fixture(scope="module")
def written(alone):
    """The address of the figure's own page."""
    return alone(Floor())


@pytest.fixture
def operated(page, written, brought):
    """The figure on a page of its own."""
    return Operated(page, brought(written))


def test_its_predictions_are_pythons_when_a_mouse_operates_it(operated):
    operated.agree()
    assert float(operated.fact("floor")) == pytest.approx(1 / 3)
    operated.control("way").select_option("shuffle")
    runs = operated.agree(way="shuffle")
    # A shuffled epoch has each example once: its mean gradient step is that of no noise at all.
    assert np.isclose((runs[-1] ** 2).mean(), (runs[-25] ** 2).mean(), rtol=0.8)
    operated.control("schedule").select_option("falling")
    operated.agree(way="shuffle", schedule="falling")
    assert operated.fact("floor") == "none"
    assert operated.control("lr").is_disabled()
    operated.control("way").select_option("draw")
    operated.agree(schedule="falling")
    assert operated.page.problems == []


def test_its_predictions_are_pythons_when_a_keyboard_operates_it(operated):
    press = operated.page.keyboard.press
    operated.control("batch").focus()
    for size in BATCHES[1:4]:
        press("ArrowRight")
        operated.agree(batch=size)
    press("End")
    operated.agree(batch=24)
    operated.control("lr").focus()
    press("ArrowLeft")
    operated.agree(batch=24, lr=0.45)
    operated.control("way").select_option("shuffle")
    runs = operated.agree(batch=24, lr=0.45, way="shuffle")
    # All examples in every step: gradient descent, without any noise.
    expected = START * 0.55 ** np.arange(STEPS + 1)
    np.testing.assert_allclose(runs[:, 0], expected, atol=1e-12)
    operated.control("t").focus()
    press("Home")
    assert float(operated.fact("epoch")) == 0
    assert float(operated.fact("measured")) == START**2
    assert operated.page.problems == []
