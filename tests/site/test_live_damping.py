"""Momentum's damping on the page, operated in Chromium: its paths are optimlib's, its numbers the formulas'."""

from urllib.parse import unquote

import numpy as np
import poles as witness
import pytest

from companion.live.damping.damping import STEPS, WIDEST, Damping

LEFT, RIGHT, TOP, BOTTOM = 46, 12, 20, 38  # the panels' margins
ROOM = 0.15  # of the plane, left of 0


class Operated:
    """The figure, as a reader operates it."""

    def __init__(self, page, figure):
        self.page, self.figure = page, figure
        self.plane = figure.locator(".live-plane svg")

    def control(self, key):
        """The control of a part of the state."""
        return self.figure.locator(f'[data-key="{key}"]')

    def state(self):
        """The state, as the link to it has it."""
        link = self.figure.get_by_role("link", name="Link to this state")
        pairs = link.get_attribute("href").split(";")[1:]
        texts = dict(unquote(pair).split("=") for pair in pairs)
        return {key: float(text) for key, text in texts.items()}

    def said(self):
        """What the figure told the reader."""
        return self.figure.locator("p[role=status]").inner_text()

    def place(self, x, mu):
        """Where a point of the plane is on the screen."""
        box = self.plane.bounding_box()
        width, height = box["width"] - LEFT - RIGHT, box["height"] - TOP - BOTTOM
        return (
            box["x"] + LEFT + width * (x + ROOM) / (WIDEST + ROOM),
            box["y"] + TOP + height * (1 - mu),
        )

    def agree(self):
        """Hold the weights to optimlib, and the numbers to the formulas."""
        figure = Damping(**self.state())
        told = self.figure.locator(".live-root").evaluate("root => root.weights")
        facts = self.figure.locator("[data-fact]").evaluate_all(
            "all => Object.fromEntries(all.map(one => [one.dataset.fact, one.dataset.value]))"
        )
        expected, rates = {}, []
        for i, h in enumerate((figure.h1, figure.h2)):
            path, x = figure.path()[:, i], figure.lr * h
            size = np.abs(path[: len(told[i])]).max()
            np.testing.assert_allclose(
                told[i], path[: len(told[i])], rtol=1e-10, atol=1e-10 * size
            )
            assert len(told[i]) == STEPS + 1 or abs(told[i][-1]) > 1e9
            rates.append(witness.rate(x, figure.momentum))
            assert facts[f"regime{i + 1}"] == witness.regime(x, figure.momentum)
            of_one = {"h": h, "x": x, "rate": rates[-1]}
            if x < 4:
                of_one["best"] = witness.best_momentum(x)
                of_one["bestRate"] = witness.rate(x, of_one["best"])
            else:
                assert facts[f"best{i + 1}"] == "NaN"
            expected |= {f"{name}{i + 1}": value for name, value in of_one.items()}
            self.drawn(i, x, figure.momentum)
        lr, mu = witness.best_pair(figure.h1, figure.h2)
        expected |= {"slower": max(rates), "lr": lr, "momentum": mu}
        expected["bestRate"] = np.sqrt(mu)
        expected["plain"] = abs(figure.h1 - figure.h2) / (figure.h1 + figure.h2)
        if max(rates) < 1:
            expected["tenfold"] = max(1, np.log(0.1) / np.log(max(*rates, 1e-300)))
        else:
            assert facts["tenfold"] == "never"
        shown = {name: float(facts[name]) for name in expected}
        assert shown == pytest.approx(expected, rel=1e-7, abs=1e-7)

    def drawn(self, i, x, mu):
        """Hold the place of the point and of the farther pole to the numbers."""
        centre = """one => { const box = one.getBoundingClientRect();
          return [box.x + box.width / 2, box.y + box.height / 2]; }"""
        point = self.figure.locator(f".point.p{i + 1}").evaluate(centre)
        assert point == pytest.approx(self.place(min(x, WIDEST), mu), abs=0.6)
        pole = self.figure.locator(f".pole.z{i + 1}").evaluate(centre)
        box = self.figure.locator(".live-panel svg").nth(1).bounding_box()
        height = box["height"] - TOP - BOTTOM
        rates = [witness.rate(self.state()["lr"] * self.state()[h], mu) for h in ("h1", "h2")]  # fmt: skip
        unit = height / 2 / (1.12 * max(1, *rates))
        far = witness.poles(x, mu)[0]
        middle = box["x"] + (LEFT + box["width"] - RIGHT) / 2, box["y"] + TOP + height / 2  # fmt: skip
        where = middle[0] + unit * far.real, middle[1] - unit * far.imag
        assert pole == pytest.approx(where, abs=0.6)


@pytest.fixture(scope="module")
def written(alone):
    """The address of the figure's own page."""
    return alone(Damping())


@pytest.fixture
def operated(page, written, brought):
    """The figure on a page of its own."""
    return Operated(page, brought(written))


@pytest.mark.parametrize("address", ["", ";lr=3.9;momentum=0.97", ";h1=1;h2=1;lr=1;momentum=0", ";lr=9;momentum=0.5"])  # fmt: skip
def test_its_numbers_are_the_formulas_at_an_address(operated, address):
    if address:
        operated.page.goto(f"{operated.page.url}#live=damping{address}")
        operated.page.wait_for_function("location.hash.length > 0")
    operated.agree()


def test_its_numbers_are_optimlibs_when_a_mouse_operates_it(operated):
    mouse = operated.page.mouse
    for x, mu, word in ((0.18, 0.1, 2), (1.2, 0.55, 1), (3.9, 0.2, 1)):
        mouse.click(*operated.place(x, mu))
        state = operated.state()
        assert state["lr"] * state[f"h{word}"] == pytest.approx(x, abs=0.02)
        assert state["momentum"] == pytest.approx(mu, abs=0.011)
        operated.agree()
    assert "Direction 1 leaves the picture" in operated.said()
    mouse.move(*operated.place(3.9, 0.2))
    mouse.down()
    mouse.move(*operated.place(1.0, 0.4), steps=5)
    mouse.up()
    mouse.move(*operated.place(3.0, 0.9))  # let go: it stays
    state = operated.state()
    assert state["lr"] * state["h1"] == pytest.approx(1.0, abs=0.02)
    assert state["momentum"] == pytest.approx(0.4, abs=0.011)
    assert operated.said() == ""
    operated.agree()


def test_its_numbers_are_optimlibs_when_a_keyboard_operates_it(operated):
    press = operated.page.keyboard.press
    handle = operated.figure.get_by_role("button", name="Direction 1 at")
    handle.focus()
    before = operated.state()
    for _ in range(3):
        press("ArrowUp")
    press("ArrowLeft")
    state = operated.state()
    assert state["momentum"] == pytest.approx(before["momentum"] + 0.03)
    assert state["lr"] == pytest.approx(before["lr"] - 0.05)
    assert "oscillates" in handle.get_attribute("aria-label")
    operated.agree()
    for key, name in (("lr", "PageDown"), ("momentum", "End"), ("h1", "ArrowUp"), ("h2", "Home")):  # fmt: skip
        operated.control(key).focus()
        press(name)
        operated.agree()
    assert operated.state()["momentum"] == 0.99


def test_the_best_pair_is_a_button(operated):
    button = operated.figure.get_by_role("button", name="Best for both")
    button.focus()
    operated.page.keyboard.press("Enter")
    state = operated.state()
    best = witness.best_pair(state["h1"], state["h2"])
    assert (state["lr"], state["momentum"]) == pytest.approx(best)
    operated.agree()


def test_the_focus_on_a_point_is_seen(operated):
    handle = operated.figure.get_by_role("button", name="Direction 2 at")
    handle.focus()
    operated.page.keyboard.press("ArrowDown")
    assert handle.evaluate("one => getComputedStyle(one).outlineStyle") == "solid"
