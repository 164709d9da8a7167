"""The ravine on the page, operated in Chromium: its path is optimlib's, its numbers those of Python."""

from urllib.parse import unquote

import numpy as np
import pytest

from companion.live.ravine.ravine import Ravine


class Operated:
    """The figure, as a reader operates it."""

    def __init__(self, page, figure):
        self.page, self.figure = page, figure
        self.map = figure.locator(".ravine-map svg")
        self.start = figure.get_by_role("button", name="Start at")

    def control(self, key):
        """The control of a part of the state."""
        return self.figure.locator(f'[data-key="{key}"]')

    def state(self):
        """The state, as the link to it has it."""
        link = self.figure.get_by_role("link", name="Link to this state")
        pairs = link.get_attribute("href").split(";")[1:]
        texts = dict(unquote(pair).split("=") for pair in pairs)
        return {k: int(v) if k == "angle" else float(v) for k, v in texts.items()}

    def fact(self, name):
        """A number with a label."""
        return self.figure.locator(f"[data-fact={name}]").get_attribute("data-value")

    def said(self):
        """What the figure told the reader."""
        return self.figure.locator("p[role=status]").inner_text()

    def agree(self):
        """Hold the path and the numbers to Python."""
        figure = Ravine(**self.state())
        told = self.figure.locator(".live-root").evaluate("root => root.points")
        path = figure.path()
        np.testing.assert_allclose(told, path[: len(told)], rtol=1e-9, atol=1e-12)
        assert len(told) == len(path) or np.abs(told[-1]).max() > 1e9
        flat, steep = figure.factors()
        shown = [float(self.fact(name)) for name in ("flat", "steep", "slower")]
        assert shown == pytest.approx([flat, steep, max(abs(flat), abs(steep))])
        left, t = 1.0, 0
        while left > 1e-6 and shown[2] < 1:
            left, t = left * shown[2], t + 1
        assert self.fact("steps") == (str(t) if shown[2] < 1 else "never")


@pytest.fixture(scope="module")
def written(alone):
    """The address of the figure's own page."""
    return alone(Ravine())


@pytest.fixture
def operated(page, written, brought):
    """The figure on a page of its own."""
    return Operated(page, brought(written))


@pytest.mark.parametrize("address", ["", ";rate=1.82", ";rate=2.15;condition=50;angle=35;x=1.3;y=-0.4", ";condition=1"])  # fmt: skip
def test_its_numbers_are_pythons_at_an_address(operated, address):
    if address:
        operated.page.goto(f"{operated.page.url}#live=ravine{address}")
        operated.page.wait_for_function("location.hash.length > 0")
    operated.agree()
    assert operated.page.problems == []


def test_the_task_has_its_answer_by_keyboard(operated):
    assert operated.fact("steps") == "132"
    operated.control("rate").focus()
    for _ in range(82):
        operated.page.keyboard.press("ArrowRight")
    assert operated.state()["rate"] == pytest.approx(1.82)
    assert operated.fact("steps") == "70"
    assert "zigzags" in operated.said()
    before = {name: operated.fact(name) for name in ("flat", "steep", "steps")}
    operated.control("angle").focus()
    operated.page.keyboard.press("End")
    assert operated.state()["angle"] == 90
    assert before == {name: operated.fact(name) for name in before}
    operated.agree()


def test_the_start_is_moved_by_mouse_and_by_keyboard(operated):
    operated.start.focus()
    before = operated.state()
    for key in ("ArrowUp", "ArrowUp", "ArrowRight"):
        operated.page.keyboard.press(key)
    state = operated.state()
    assert (state["x"], state["y"]) == pytest.approx((before["x"] + 0.1, before["y"] + 0.2))  # fmt: skip
    operated.agree()
    box = operated.map.bounding_box()
    operated.page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.3 * box["height"])  # fmt: skip
    moved = operated.state()
    assert moved["x"] > 0 and moved["y"] > 0
    operated.agree()
    assert operated.start.evaluate("one => document.activeElement === one")


def test_beyond_the_edge_it_says_so(operated):
    operated.control("rate").focus()
    operated.page.keyboard.press("End")
    assert operated.fact("steps") == "never"
    assert "diverges" in operated.said()
    operated.agree()
