"""Sparse features on the page, operated in Chromium: the weights, costs and effective rates are optimlib's."""

import re

import numpy as np
import pytest

from companion import figures
from companion.lab.toymap import METHODS
from companion.live.sparse.sparse import (
    LEARNING_RATES,
    ORDER,
    STARTS,
    STEPS,
    TOY,
    Sparse,
)

CHAPTER = "chapters/adaptive_rates.html"
READY = 'figure.live[data-live="sparse"][data-ready]'
EXAMPLES = [TOY.of(i) for i in ORDER]


def rate_of(name, opt):
    """A method's effective rates, by the chapter's formulas."""
    v = opt.state.get("v")
    if name == "Adam":
        return opt.lr / (np.sqrt(v / (1 - opt.beta2**opt.t)) + opt.eps)
    if name in ("Adagrad", "RMSprop"):
        return opt.lr / np.sqrt(v + opt.eps)
    return np.full(2, opt.lr)


def expected(t, factor, start):
    """The table at step t: optimlib, run here."""
    table = {}
    for name, rate in LEARNING_RATES.items():
        opt, theta = METHODS[name](lr=factor * rate), STARTS[start - 1]
        for example in EXAMPLES[:t]:
            theta = opt.step(theta, example.gradient(theta))
        rates = rate_of(name, opt) if t else np.full(2, np.nan)
        numbers = zip(("w", "b", "rateW", "rateB"), (*theta, *rates))
        table |= {f"{name}-{key}": number for key, number in numbers}
        table[f"{name}-cost"] = TOY.loss(theta)
    return table


class Operated:
    """The figure, as a reader operates it."""

    def __init__(self, page, figure):
        self.page, self.figure = page, figure

    def control(self, key):
        """The control of a part of the state."""
        return self.figure.locator(f'[data-key="{key}"]')

    def state(self):
        """Step, factor and start, as the controls say."""
        values = {
            key: self.control(key).get_attribute("aria-valuetext")
            for key in ("t", "factor", "start")
        }
        return int(values["t"]), float(values["factor"][2:]), int(values["start"][:-6])

    def agree(self):
        """Hold every number of the table to optimlib, and the words to the example."""
        t, factor, start = self.state()
        shown = self.figure.locator("[data-fact]").evaluate_all(
            "all => Object.fromEntries(all.map(one => [one.dataset.fact, Number(one.dataset.value)]))"
        )
        want = expected(t, factor, start)
        assert len(shown) == 30
        assert shown == pytest.approx(want, rel=1e-7, abs=1e-13, nan_ok=True)
        said = self.figure.locator(".live-example").inner_text()
        on = t and TOY.x[ORDER[t - 1], 0] != 0
        assert t == 0 or f"The feature is {'on' if on else 'off'}" in said

    def drawn(self, kind):
        """How far to the right each method's sign for a rate is drawn, in pixels."""
        signs = self.figure.locator(f"path.{kind}")
        moves = signs.evaluate_all(
            "all => all.map(one => one.getAttribute('transform'))"
        )
        return np.array([float(re.search(r"\(([\d.]+) ", move)[1]) for move in moves])


@pytest.fixture(scope="module")
def written(alone):
    """The address of the figure's own page."""
    return alone(Sparse())


@pytest.fixture
def operated(page, written, brought):
    """The figure on a page of its own."""
    return Operated(page, brought(written))


def test_its_numbers_are_optimlibs_when_a_mouse_operates_it(operated):
    operated.agree()
    for key, part in (("t", 0.3), ("factor", 0.9), ("start", 0.1)):
        before = operated.state()
        slider = operated.control(key)
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        y = box["y"] + box["height"] / 2
        operated.page.mouse.click(box["x"] + part * box["width"], y)
        assert operated.state() != before
        operated.agree()
    operated.figure.get_by_role("button", name="Forward one step").click()
    operated.agree()
    operated.control("method").select_option("RMSprop")
    chosen = operated.figure.locator("tr.chosen th").inner_text()
    assert chosen.strip() == "RMSProp"
    assert operated.figure.get_by_text("the rates of RMSProp").is_visible()


def test_the_methods_stand_in_the_books_order(operated):
    order = [figures.look(name)["label"] for name in METHODS]
    table = operated.figure.locator("tbody th, table > tr > th[scope=row]")
    assert table.all_inner_texts() == order
    assert operated.control("method").locator("option").all_inner_texts() == order


def test_its_numbers_are_optimlibs_when_a_keyboard_operates_it(operated):
    press = operated.page.keyboard.press
    operated.control("t").focus()
    press("Home")
    assert operated.state()[0] == 0
    operated.agree()
    press("ArrowRight")
    press("ArrowRight")
    operated.agree()
    press("End")
    assert operated.state()[0] == STEPS
    operated.agree()
    press("Tab")
    press("n")
    assert operated.control("method").input_value() == "Nesterov"
    press("Tab")
    press("Home")
    assert operated.state()[1] == 0.1
    press("Tab")
    press("End")
    assert operated.state()[2] == 12
    operated.agree()


def test_the_rates_are_drawn_where_the_numbers_say(operated):
    want = expected(60, 1, 5)
    w, b = (np.log([want[f"{name}-rate{k}"] for name in LEARNING_RATES]) for k in "WB")
    away = operated.drawn("w") - operated.drawn("b")
    np.testing.assert_allclose(away[:3], 0, atol=0.02)
    np.testing.assert_allclose(
        away[3:] / (w - b)[3:], (away / (w - b).clip(1e-9))[3], rtol=0.01
    )


def test_a_weight_without_a_gradient_is_said_to_have_none(operated):
    operated.control("t").press("Home")
    operated.control("t").press("ArrowRight")
    assert TOY.x[ORDER[0], 0] == 0 and len(operated.drawn("w")) == 3
    assert operated.figure.get_by_text("w: 3000, no gradient yet").count() == 1


def test_before_the_first_step_there_are_no_rates(operated):
    operated.control("t").press("Home")
    assert operated.figure.get_by_label("No effective rates yet: step 0").count() == 1
    assert operated.figure.get_by_label("not a number").count() == 0


def test_it_plays(operated):
    operated.page.emulate_media(reduced_motion="reduce")
    operated.figure.get_by_role("button", name="Play").click()
    assert operated.state()[0] == STEPS


def test_every_control_has_its_label_and_nothing_overflows(operated):
    names = {
        "Step": "t",
        "Look closely at": "method",
        "Learning rates": "factor",
        "Start": "start",
    }
    for name, key in names.items():
        found = operated.figure.get_by_label(name, exact=True).last
        assert found.get_attribute("data-key") == key
    operated.page.set_viewport_size({"width": 390, "height": 800})
    for end in ("Home", "End"):
        operated.control("t").press(end)
        assert operated.page.evaluate(
            "document.documentElement.scrollWidth <= innerWidth"
        )


def test_the_chapter_has_it(page, address):
    page.goto(f"{address}/{CHAPTER}#live=sparse;t=7;factor=2")
    figure = page.locator(READY)
    figure.wait_for()
    operated = Operated(page, figure)
    assert operated.state()[:2] == (7, 2)
    operated.agree()
    root = figure.locator(".live-root").bounding_box()["height"]
    place = figure.locator(".live-place")
    reserved = place.evaluate("one => getComputedStyle(one).minHeight")
    assert root <= float(reserved.removesuffix("px"))
    assert page.problems == []
