"""The network of eighteen numbers on the page, operated in Chromium: its answers are optimlib's."""

import json
import re
from urllib.parse import unquote

import numpy as np
import pytest

from companion.lab import twins
from companion.live.neurons.neurons import DECK, HIDDEN, Neurons, packed, unpacked

CELLS = 48


class Operated:
    """The figure, as a reader operates it."""

    def __init__(self, page, figure):
        self.page, self.figure = page, figure

    def control(self, key):
        """The control of a part of the state."""
        return self.figure.locator(f'[data-key="{key}"]')

    def press(self, name):
        """Press a button by its words."""
        self.figure.get_by_role("button", name=name).click()

    def state(self):
        """The state, as the link to it has it."""
        link = self.figure.get_by_role("link", name="Link to this state")
        pairs = link.get_attribute("href").split(";")[1:]
        texts = dict(unquote(pair).split("=") for pair in pairs)
        read = {"w": json.loads, "x1": float, "x2": float}
        return {key: read.get(key, str)(text) for key, text in texts.items()}

    def facts(self):
        """The numbers and words in full, by name."""
        return self.figure.locator("[data-fact]").evaluate_all(
            "all => Object.fromEntries(all.map(one => [one.dataset.fact, one.dataset.value]))"
        )

    def agree(self):
        """Hold every answer on the page to optimlib."""
        state = self.state()
        figure, facts = Neurons(**state), self.facts()
        y = figure.answer()
        told = [float(facts[name]) for name in ("y1", "y2", "total")]
        assert told == pytest.approx([*y, y.sum()], rel=1e-12, abs=1e-12)
        side = ((2 * np.arange(CELLS) + 1) / CELLS - 1) * 5
        plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        expected = figure.answer(plane)
        answers = self.figure.locator(".live-root").evaluate("root => root.answers")
        np.testing.assert_allclose(answers, expected, rtol=1e-10, atol=1e-12)
        start = Neurons(last=state["last"]).answer(plane)
        apart = np.abs(expected - start).max()
        if facts["apart"] == "none":
            assert apart < 1e-11
        else:
            assert float(facts["apart"]) == pytest.approx(apart, rel=1e-9)
        changed = np.count_nonzero(np.array(state["w"]) != DECK)
        assert facts["changed"] == str(changed)


@pytest.fixture(scope="module")
def written(alone):
    """The address of the figure's own page."""
    return alone(Neurons())


@pytest.fixture
def operated(page, written, brought):
    """The figure on a page of its own."""
    return Operated(page, brought(written))


def test_its_answers_are_optimlibs_when_a_mouse_operates_it(operated):
    operated.agree()
    for last in ("softmax", "linear", "sigmoid"):
        operated.control("last").select_option(last)
        operated.agree()
    operated.control("shown").select_option("second")
    operated.control("chosen").select_option("10")
    slider = operated.control("w")
    box = slider.bounding_box()
    slider.click(position={"x": 0.9 * box["width"], "y": box["height"] / 2})
    assert operated.state()["w"][10] > 3
    operated.agree()
    operated.press("Random numbers")
    assert operated.state()["w"] != DECK
    operated.agree()
    operated.press("Start again")
    assert operated.state()["w"] == DECK


def test_the_map_takes_the_input_where_it_is_pressed_and_dragged(operated):
    svg = operated.figure.locator(".neurons-map svg")
    svg.scroll_into_view_if_needed()
    box = svg.bounding_box()
    across, up = box["width"] - 58, box["height"] - 58
    middle = box["x"] + 46 + across / 2, box["y"] + 20 + up / 2
    mouse = operated.page.mouse
    mouse.move(*middle)
    mouse.down()
    assert (operated.state()["x1"], operated.state()["x2"]) == (0, 0)
    mouse.move(middle[0] + 0.2 * across, middle[1] - 0.3 * up, steps=3)
    mouse.up()
    assert (operated.state()["x1"], operated.state()["x2"]) == (2, 3)
    mouse.move(*middle)
    assert operated.state()["x1"] == 2
    operated.agree()


@pytest.mark.parametrize("name", HIDDEN)
def test_a_flipped_neuron_changes_numbers_and_no_answer(operated, name):
    operated.control("hidden").select_option(name)
    operated.press("Flip it")
    state = operated.state()
    assert state["w"] == packed(twins.flipped(unpacked(DECK), *HIDDEN[name]))
    facts = operated.facts()
    assert facts["apart"] == "none" and int(facts["changed"]) > 4
    said = operated.figure.locator("p[role=status]")
    assert re.search("the function has not|Flipped", said.inner_text())
    operated.agree()
    operated.press("Flip it")
    assert operated.state()["w"] == DECK and operated.facts()["changed"] == "0"


def test_swapped_neurons_change_numbers_and_no_answer(operated):
    for name in ("1u", "2l"):
        operated.control("hidden").select_option(name)
        operated.press("Swap its layer")
        assert operated.facts()["apart"] == "none"
        operated.agree()
    w = twins.reordered(unpacked(DECK), 0, [1, 0])
    assert operated.state()["w"] == packed(twins.reordered(w, 1, [1, 0]))


def test_a_number_and_a_neuron_are_chosen_in_the_drawing_too(operated):
    operated.figure.locator('[data-number="4"]').click()
    assert operated.control("chosen").input_value() == "4"
    operated.figure.locator('text[data-neuron="2l"]').click()
    assert operated.control("hidden").input_value() == "2l"


def test_its_answers_are_optimlibs_when_a_keyboard_operates_it(operated):
    press = operated.page.keyboard.press
    for key, name in (("x1", "End"), ("x2", "ArrowRight"), ("w", "Home")):
        operated.control(key).focus()
        press(name)
        operated.agree()
    assert operated.state()["x1"] == 5 and operated.state()["w"][0] == -6
    operated.figure.get_by_role("button", name="Flip it").focus()
    press("Enter")
    assert operated.state()["w"][0] == 6
    operated.agree()
