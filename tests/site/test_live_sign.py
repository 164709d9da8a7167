"""RProp's sign on the page, operated in Chromium: its paths and numbers are optimlib's."""

import re
from urllib.parse import unquote

import numpy as np
import pytest

from companion.live.sign.sign import BATCHES, FUNCTIONS, Sign
from optimlib import SGD, Rprop, SignSGD

FAR = 1e9


class Operated:
    """The figure, as a reader operates it."""

    def __init__(self, page, figure):
        self.page, self.figure = page, figure

    def control(self, key):
        """The control of a part of the state."""
        return self.figure.locator(f'[data-key="{key}"]')

    def state(self):
        """The state, as the link to it has it."""
        link = self.figure.get_by_role("link", name="Link to this state")
        pairs = link.get_attribute("href").split(";")[1:]
        texts = dict(unquote(pair).split("=") for pair in pairs)
        words = ("function", "batches")
        return {k: v if k in words else float(v) for k, v in texts.items()}

    def facts(self):
        """The numbers and words in full, by name."""
        return self.figure.locator("[data-fact]").evaluate_all(
            "all => Object.fromEntries(all.map(one => [one.dataset.fact, one.dataset.value]))"
        )

    def said(self):
        """What the figure told the reader."""
        return self.figure.locator("p[role=status]").inner_text()

    def agree(self):
        """Hold every path and number to optimlib."""
        state = self.state()
        figure, t = Sign(**state), int(state["t"])
        paths = self.figure.locator(".live-root").evaluate("root => root.paths")
        rprop, sgd = figure.descent(Rprop), figure.descent(SGD)
        assert [one["w"] for one in paths["rprop"]] == pytest.approx(rprop, rel=1e-10)
        told = np.array([one["w"] or np.nan for one in paths["sgd"]], dtype=float)
        np.testing.assert_allclose(told, sgd[: len(told)], rtol=1e-10, atol=1e-300)
        assert len(told) == len(sgd) or not abs(told[-1]) <= FAR
        facts, shape = self.facts(), FUNCTIONS[state["function"]]
        steps = [one["step"] for one in paths["rprop"]]
        expected = {"rprop": rprop[t], "step": self.step(figure, t), "gapRprop": 0}
        expected["fRprop"] = state["scale"] * shape([rprop[t], 0.0])
        if t < len(told) and abs(told[-1]) <= FAR:
            expected["sgd"] = sgd[t]
            expected["gapSgd"] = np.abs(sgd - figure.descent(SGD, 1)).max()
        if t:
            slope = shape.gradient([rprop[t - 1], 0.0])[0]
            expected["g"] = state["scale"] * slope
            factor = {1.2: "× 1.2", 0.5: "× 0.5", 1: "× 1"}
            assert facts["factor"] == factor[round(steps[t] / steps[t - 1], 9)]
        for method in (SGD, SignSGD, Rprop):
            name, path = method.__name__, figure.batched(method)
            assert paths["batches"][name] == pytest.approx(path, rel=1e-10, abs=1e-15)
            expected[name] = path[-1]
        expected["mean"] = BATCHES[state["batches"]].mean()
        expected["signs"] = np.sign(BATCHES[state["batches"]]).sum()
        shown = {name: float(facts[name]) for name in expected}
        assert shown == pytest.approx(expected, rel=1e-10, abs=1e-12)

    @staticmethod
    def step(figure, t):
        """RProp's step after t of them."""
        opt, path = Rprop(lr=figure.lr), figure.descent(Rprop)
        for w in path[:t]:
            opt.step([w], FUNCTIONS[figure.function].gradient([w, 0.0])[:1])
        return opt.state["step"][0] if t else figure.lr


@pytest.fixture(scope="module")
def written(alone):
    """The address of the figure's own page."""
    return alone(Sign())


@pytest.fixture
def operated(page, written, brought):
    """The figure on a page of its own."""
    return Operated(page, brought(written))


def test_its_numbers_are_optimlibs_when_a_mouse_operates_it(operated):
    operated.agree()
    for key, part in (("scale", 0.8), ("lr", 0.4), ("start", 0.2), ("t", 0.7)):
        before = operated.state()
        slider = operated.control(key).last
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        place = {"x": part * box["width"], "y": box["height"] / 2}
        slider.click(position=place)
        assert operated.state() != before
        operated.agree()
    for name in FUNCTIONS:
        operated.control("function").select_option(name)
        operated.agree()
    operated.control("batches").select_option("slides")
    operated.agree()


def test_a_click_on_the_function_sets_the_start(operated):
    svg = operated.figure.locator(".live-panel svg").first
    box = svg.bounding_box()
    svg.click(position={"x": 46 + (box["width"] - 58) * 0.25, "y": 60})
    assert operated.state()["start"] == -2
    operated.agree()


def test_its_numbers_are_optimlibs_when_a_keyboard_operates_it(operated):
    press = operated.page.keyboard.press
    for key, name in (("t", "Home"), ("scale", "End"), ("lr", "ArrowRight")):
        operated.control(key).last.focus()
        press(name)
        operated.agree()
    assert operated.state()["scale"] == 100 and operated.state()["t"] == 0
    operated.figure.get_by_role("button", name="Forward one step").focus()
    press("Enter")
    press("Space")
    assert operated.state()["t"] == 2
    operated.control("function").focus()
    press("p")
    assert operated.state()["function"] == "plateau"
    operated.agree()


def test_the_scale_moves_gradient_descent_alone(operated):
    ends = {}
    for part in (0, 1):
        operated.control("scale").focus()
        operated.page.keyboard.press(("Home", "End")[part])
        facts = operated.facts()
        ends[part] = (facts["rprop"], facts["sgd"])
        assert facts["gapRprop"] == "0" and facts["gapSgd"] != "0"
    assert ends[0][0] == ends[1][0] and ends[0][1] != ends[1][1]


def test_divergence_is_said(operated):
    """On a bowl, at scale 100, gradient descent is out at once and beyond all bounds after some steps."""
    assert operated.said() == ""
    operated.control("scale").focus()
    operated.page.keyboard.press("End")
    assert re.search("diverged: it left the picture at step 1", operated.said())
    assert operated.facts()["sgd"] == "diverged"
    operated.agree()
