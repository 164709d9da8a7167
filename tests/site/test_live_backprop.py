"""Backpropagation on the page, operated in Chromium: its numbers are those of Python."""

import numpy as np
import pytest

from companion.live.backprop.backprop import Backprop


class Operated:
    """The figure, as a reader operates it."""

    def __init__(self, page, figure):
        self.page, self.figure = page, figure

    def control(self, key):
        """The control of a part of the state."""
        return self.figure.locator(f'[data-key="{key}"]')

    def forward(self, steps):
        """Press +1 so many times."""
        button = self.figure.get_by_role("button", name="+1: Forward one step")
        for _ in range(steps):
            button.click()

    def shown(self, kind):
        """The numbers drawn at the neurons, by layer and neuron."""
        return self.figure.locator(f"[data-{kind}]").evaluate_all(
            "(all, kind) => Object.fromEntries("
            "all.map((one) => [one.dataset[kind], Number(one.dataset.value)]))",
            kind,
        )

    def words(self):
        """How the newest number comes about."""
        return self.figure.locator(".live-how").inner_text()

    def fact(self, name):
        """A number with a label."""
        return self.figure.locator(f"[data-fact={name}]").get_attribute("data-value")

    def agree(self, t, **state):
        """Hold what is drawn after t steps to Python's numbers."""
        activations, signals = Backprop(**state).numbers()
        want = {
            f"{l}-{i + 1}": activations[l, i]
            for l, i in np.ndindex(4, 2)
            if l <= min(t, 3)
        }
        assert self.shown("activation") == pytest.approx(want, rel=1e-12)
        back = {
            f"{l + 1}-{i + 1}": signals[l, i]
            for l, i in np.ndindex(3, 2)
            if t > 3 and l + 1 >= 7 - t
        }
        assert self.shown("signal") == pytest.approx(back, rel=1e-9)


@pytest.fixture(scope="module")
def written(alone):
    """The address of the figure's own page."""
    return alone(Backprop())


@pytest.fixture
def operated(page, written, brought):
    """The figure on a page of its own."""
    return Operated(page, brought(written))


def test_three_steps_go_forward_and_three_back(operated):
    said = [
        "The input is in place.",
        "Forward into layer 1. Upper neuron: σ(1 · 1.000 + (−2) · (−1.000) + 1) = 0.982.",
        "Forward into layer 2. Upper neuron: σ(2 · 0.982 + (−1) · 0.119) = 0.864.",
        "Forward into layer 3. Upper neuron: σ(3 · 0.864 + (−1) · 0.111 + (−2)) = 0.618.",
        "The signal of layer 3. Upper neuron: (0.618 − 1) · 0.618 · (1 − 0.618) = −0.0903.",
        "Back into layer 2. Upper neuron: (3 · (−0.0903) + (−1) · 0.1175) · 0.864 · (1 − 0.864) = −0.0458.",
        "Back into layer 1. Upper neuron: (2 · (−0.0458) + (−2) · 0.0552) · 0.982 · (1 − 0.982) = −0.0036.",
    ]
    for t, words in enumerate(said):
        operated.agree(t)
        assert operated.words().startswith(words)
        operated.forward(1)
    assert float(operated.fact("weaker")) == pytest.approx(40.05, abs=0.01)
    operated.agree(6)


def test_input_and_cost_are_chosen_by_keyboard_and_the_task_has_an_answer(operated):
    operated.forward(6)
    for key, press in (("x1", "ArrowRight"), ("x2", "ArrowLeft")):
        for _ in range(4):
            operated.control(key).press(press)
    operated.agree(6, x1=3, x2=-3)
    assert 3000 < float(operated.fact("weaker")) < 3300
    operated.control("cost").select_option("cross-entropy")
    operated.agree(6, x1=3, x2=-3, cost="cross-entropy")
    assert 1900 < float(operated.fact("weaker")) < 2100
    assert operated.page.problems == []
