"""AdaGrad's accumulator on the page, operated in Chromium: its numbers are optimlib's."""

import numpy as np
import pytest

from companion.live.accumulator.accumulator import SLIDES, Accumulator
from optimlib import Adagrad

CHAPTER = "chapters/adaptive_rates.html"
READY = 'figure.live[data-live="accumulator"][data-ready]'


class Operated:
    """The figure, as a reader operates it."""

    def __init__(self, page, figure):
        self.page, self.figure = page, figure

    def control(self, key):
        """The control of a part of the state."""
        return self.figure.locator(f'[data-key="{key}"]')

    def press(self, name):
        """Press a button."""
        self.figure.get_by_role("button", name=name, exact=True).click()

    def add(self, first, second):
        """Type the next gradients and add them."""
        for k, text in ((1, first), (2, second)):
            self.figure.locator(f'[data-next="{k}"]').fill(text)
        self.press("Add gradients")

    def said(self):
        """What the figure told the reader."""
        return self.figure.locator("p[role=status]").inner_text()

    def steps(self):
        """How many steps there are, by the slider."""
        return int(self.control("t").get_attribute("max"))

    def agree(self, gradients, scale=1.0):
        """Hold the table and the bars to optimlib."""
        t = int(self.control("t").get_attribute("aria-valuetext"))
        assert self.steps() == len(gradients)
        opt, steps = Adagrad(lr=1.0), []
        for pair in gradients:
            steps.append(-opt.step(np.zeros(2), np.array(pair) * [1, scale]))
        g = np.array(gradients[:t]) * [1, scale]
        v = (g**2).sum(axis=0)
        rows = {"g": g[-1], "square": g[-1] ** 2, "v": v, "root": np.sqrt(v)}
        rows |= {"rate": 1 / np.sqrt(v + 1e-8), "step": steps[t - 1]}
        shown = self.figure.locator("[data-fact]").evaluate_all(
            "all => Object.fromEntries(all.map(one => [one.dataset.fact, Number(one.dataset.value)]))"
        )
        want = {f"{name}-{k + 1}": row[k] for name, row in rows.items() for k in (0, 1)}
        assert shown == pytest.approx(want, rel=1e-12)
        self.drawn_as("step", steps)
        self.drawn_as("g", np.array(gradients) * [1, scale])

    def drawn_as(self, kind, values):
        """Hold the bars' heights to the values."""
        heights = self.figure.locator(f"rect.{kind}").evaluate_all(
            "all => all.map(one => Number(one.getAttribute('height')))"
        )
        sizes = np.abs(np.ravel(values))
        assert heights == pytest.approx(sizes / sizes.max() * max(heights), abs=1.01)


@pytest.fixture(scope="module")
def written(alone):
    """The address of the figure's own page."""
    return alone(Accumulator())


@pytest.fixture
def operated(page, written, brought):
    """The figure on a page of its own."""
    return Operated(page, brought(written))


def test_gradients_are_added_undone_and_reset_with_a_mouse(operated):
    operated.agree(SLIDES)
    operated.add("-0.4", "3")
    operated.agree([*SLIDES, [-0.4, 3]])
    assert "Step 3 added: gradients −0.400 and 3.00" in operated.said()
    operated.add("0", "1e-3")
    operated.agree([*SLIDES, [-0.4, 3], [0, 1e-3]])
    operated.press("Undo")
    operated.press("Undo")
    operated.press("Undo")
    operated.agree(SLIDES[:1])
    assert operated.figure.get_by_role("button", name="Undo").is_disabled()
    operated.add("5", "5")
    operated.press("Reset")
    operated.agree(SLIDES)


def test_gradients_are_added_and_looked_back_at_with_a_keyboard(operated):
    press = operated.page.keyboard.press
    operated.figure.locator('[data-next="1"]').focus()
    press("Control+a")
    operated.page.keyboard.type("0.5")
    press("Tab")
    press("Control+a")
    operated.page.keyboard.type("-7")
    press("Enter")
    run = [*SLIDES, [0.5, -7]]
    operated.agree(run)
    for _ in range(4):
        press("Tab")
    press("Home")
    assert operated.control("t").get_attribute("aria-valuetext") == "1"
    operated.agree(run)
    press("Tab")
    press("End")
    operated.agree(run, 1000)


def test_the_scale_of_the_gradients_does_not_change_the_steps(operated):
    steps = operated.figure.locator("[data-fact=step-2]")
    before = float(steps.get_attribute("data-value"))
    for end in ("End", "Home"):
        operated.control("scale").press(end)
        assert float(steps.get_attribute("data-value")) == pytest.approx(before, 1e-4)


@pytest.mark.parametrize("wrong", ["", "1001", "-1e9"])
def test_what_is_no_gradient_is_refused_in_words(operated, wrong):
    operated.add("1", wrong)
    assert f'A gradient is "{wrong}"; allowed: a number from −1000' in operated.said()
    operated.agree(SLIDES)


def test_the_newest_share_is_the_square_of_the_step(operated):
    operated.add("0.3", "-4")
    shares = operated.figure.locator(".live-shares").evaluate_all(
        "all => all.map(bar => Number(bar.lastChild.style.flexGrow) / 1000)"
    )
    steps = [0.3 / np.sqrt(0.14), -4 / np.sqrt(516)]
    assert shares == pytest.approx(np.square(steps), rel=1e-4)


def test_it_is_full_at_twelve_steps_and_gets_no_higher(operated):
    root = operated.figure.locator(".live-root")
    height = root.bounding_box()["height"]
    for _ in range(10):
        operated.add("0.25", "30")
    assert operated.steps() == 12
    assert operated.figure.get_by_role("button", name="Add gradients").is_disabled()
    assert root.bounding_box()["height"] <= height
    operated.agree([*SLIDES, *[[0.25, 30]] * 10])


def test_a_button_that_can_do_no_more_hands_the_focus_to_the_other(operated):
    focused = operated.figure.locator("button:focus")
    operated.press("Undo")
    assert "Back at step 1." in operated.said()
    assert focused.inner_text() == "Add gradients"
    for _ in range(11):
        focused.press("Enter")
    assert operated.steps() == 12
    assert focused.inner_text() == "Undo"


def test_an_address_restores_the_readers_gradients(operated, page):
    operated.add("-0.4", "3")
    operated.control("scale").press("ArrowRight")
    link = operated.figure.get_by_role("link", name="Link to this state")
    target = link.get_attribute("href")
    operated.press("Reset")
    page.evaluate("(hash) => { location.hash = hash; }", target)
    page.wait_for_function("document.querySelector('[data-key=t]').max === '3'")
    assert operated.control("t").get_attribute("aria-valuetext") == "3"
    operated.agree([*SLIDES, [-0.4, 3]], 10)


@pytest.mark.parametrize("wrong", ["[]", "[[1]]", '[[1,"2"]]', "[[1,2000]]", "x"])
def test_an_address_with_wrong_gradients_is_refused(operated, page, wrong):
    page.evaluate(
        "(text) => { location.hash = `live=accumulator;gradients=${text}`; }", wrong
    )
    operated.figure.get_by_text("The address asks for what there is not").wait_for()
    operated.agree(SLIDES)


def test_every_control_has_its_label_and_nothing_overflows(operated):
    for name in (
        "Next, first weight",
        "Next, second weight",
        "Step t",
        "Second weight's gradients",
    ):
        assert operated.figure.get_by_label(name, exact=True).count() == 1
    operated.page.set_viewport_size({"width": 390, "height": 800})
    assert operated.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_chapter_has_it(page, address):
    page.goto(f"{address}/{CHAPTER}")
    page.locator('figure.live[data-live="accumulator"]').scroll_into_view_if_needed()
    figure = page.locator(READY)
    figure.wait_for()
    operated = Operated(page, figure)
    operated.agree(SLIDES)
    root = figure.locator(".live-root").bounding_box()["height"]
    place = figure.locator(".live-place")
    reserved = place.evaluate("one => getComputedStyle(one).minHeight")
    assert root <= float(reserved.removesuffix("px"))
    assert page.problems == []
