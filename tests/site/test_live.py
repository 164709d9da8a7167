"""Live figures on the page, operated in Chromium: their numbers are optimlib's."""

import re

import numpy as np
import pytest

from companion import live
from optimlib import moments

CHAPTER = "chapters/bias_correction.html"
FIGURE = 'figure.live[data-live="correction"]'
READY = f"{FIGURE}[data-ready]"
START = "#live=correction;t=10;beta=0.9;beta2=0.999;gradient=constant;seed=1"
SHIFT = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


class Shown:
    """What a reader sees of the bias correction figure."""

    def __init__(self, page, address):
        self.page = page
        page.goto(address)
        page.locator(FIGURE).scroll_into_view_if_needed()
        self.figure = page.locator(READY)
        self.figure.wait_for()

    def go(self, address):
        """Follow an address on the page."""
        self.page.evaluate(
            """(hash) => new Promise((done) => {
              if (location.hash === hash) history.replaceState(null, "", "#");
              addEventListener("hashchange", () => setTimeout(done), {once: true});
              location.hash = hash;
            })""",
            address,
        )

    def said(self):
        """What the figure told the reader."""
        return self.figure.locator("p[role=status]").inner_text()

    def control(self, key):
        """The control of a part of the state."""
        return self.figure.locator(f'[data-key="{key}"]')

    def state(self):
        """The state as the controls show it."""
        outputs = self.figure.locator(".live-value").all_inner_texts()
        t, beta, beta2 = map(float, outputs)
        return int(t), beta, beta2, self.control("gradient").input_value()

    def facts(self):
        """The numbers in full, by name."""
        return self.figure.locator("[data-fact]").evaluate_all(
            "all => Object.fromEntries(all.map(one => [one.dataset.fact, Number(one.dataset.value)]))"
        )

    def texts(self):
        """The numbers as text, by name."""
        return self.figure.locator("[data-fact]").evaluate_all(
            "all => Object.fromEntries(all.map(one => [one.dataset.fact, one.textContent]))"
        )

    def gradients(self):
        """The gradients that are drawn."""
        return np.array(
            self.figure.locator(".live-root").evaluate("root => root.gradients")
        )

    def agree(self):
        """Hold every number to optimlib."""
        t, beta, beta2, kind = self.state()
        g, facts = self.gradients(), self.facts()
        m = moments.average(g, beta)
        expected = {
            "g": g[t - 1],
            "mean": 7 - 0.1 * t if kind == "drifting" else 5,
            "m": m[t - 1],
            "sum": moments.weight_sum(t, beta),
            "corrected": moments.corrected(m, beta)[t - 1],
            "excess": moments.excess(t, beta, beta2),
        }
        assert facts == pytest.approx(expected, rel=1e-11)
        assert self.bars() == pytest.approx(moments.weights(t, beta), rel=0, abs=2e-3)

    def bars(self):
        """The heights of the bars, as weights: the last is 1 - beta."""
        path = self.figure.locator("path.bars").get_attribute("d")
        ends = [float(y) for y in re.findall(r"V([\d.]+)h", path)]
        bottom = float(re.search(r"M[\d.]+ ([\d.]+)V", path)[1])
        heights = bottom - np.array(ends)
        return heights / heights[-1] * (1 - self.state()[1])


@pytest.fixture(scope="module")
def chapter(browser, address):
    """The chapter, loaded once."""
    page = browser.new_page()
    page.set_default_timeout(300_000)
    page.problems = []
    page.on("console", lambda said: page.problems.append(said.text))
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield Shown(page, f"{address}/{CHAPTER}")
    page.close()


@pytest.fixture
def shown(chapter):
    """The figure on its page, in the state of the notebook."""
    chapter.go(START)
    chapter.page.problems.clear()
    yield chapter
    assert chapter.page.problems == []


def test_its_numbers_are_optimlibs_when_a_mouse_operates_it(shown):
    shown.agree()
    seen = set()
    for key, part in (("t", 0.55), ("beta", 0.7), ("beta2", 0.4)):
        before = shown.state()
        slider = shown.control(key)
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        y = box["y"] + box["height"] / 2
        shown.page.mouse.move(box["x"] + 0.2 * box["width"], y)
        shown.page.mouse.down()
        shown.page.mouse.move(box["x"] + part * box["width"], y, steps=4)
        shown.page.mouse.up()
        assert shown.state() != before
        shown.agree()
    for kind in ("drifting", "noisy"):
        shown.control("gradient").select_option(kind)
        shown.agree()
        seen.add(tuple(shown.gradients()[:5]))
    shown.figure.get_by_role("button", name="Draw anew").click()
    assert shown.said().startswith("New gradients")
    shown.agree()
    seen.add(tuple(shown.gradients()[:5]))
    assert len(seen) == 3


def test_its_numbers_are_optimlibs_when_a_keyboard_operates_it(shown):
    press = shown.page.keyboard.press
    shown.control("t").focus()
    press("Home")
    assert shown.state()[0] == 1 and shown.facts()["corrected"] == 5
    assert shown.texts()["m"] == "0.5000" and shown.texts()["excess"] == "3.162"
    press("ArrowRight")
    press("ArrowUp")
    assert shown.state()[0] == 3
    shown.agree()
    press("End")
    assert shown.state()[0] == 1000
    shown.agree()
    press("Tab")
    press("End")
    assert shown.state()[1] == 0.999
    assert shown.control("beta").get_attribute("aria-valuetext") == "0.999"
    press("Home")
    assert shown.state()[1] == 0
    shown.agree()
    press("Tab")
    press("Home")
    press("Tab")
    press("n")
    assert shown.state()[3] == "noisy"
    shown.agree()
    press("Tab")
    first = shown.gradients()[0]
    press("Enter")
    assert shown.gradients()[0] != first
    press("Tab")
    focused = shown.page.evaluate("document.activeElement.textContent")
    assert focused == "Link to this state"


def test_every_control_has_its_label(shown):
    names = ["Step t", "Decay rate β", "β2 of squares", "Gradient"]
    for name, key in zip(names, ("t", "beta", "beta2", "gradient"), strict=True):
        labelled = shown.figure.get_by_label(name, exact=True)
        assert labelled.get_attribute("data-key") == key


def test_the_weights_and_the_rest_add_up_to_one(shown):
    shares = shown.figure.locator(".live-weights i").evaluate_all(
        "all => all.map(one => Number(one.style.flexGrow) / 1000)"
    )
    assert shares[0] == pytest.approx(0.9**10, abs=1e-6) and len(shares) == 11
    assert sum(shares) == pytest.approx(1)
    assert shares[1:] == pytest.approx(shown.bars(), abs=2e-3)
    assert "0.3487 on the zero start" in shown.figure.locator(".live-sum").inner_text()


def test_a_state_is_reproducible_and_more_steps_have_the_same_beginning(shown):
    shown.control("gradient").select_option("noisy")
    short = shown.gradients()
    shown.control("t").press("End")
    long = shown.gradients()
    assert len(short) == 25 and len(long) == 1000
    np.testing.assert_array_equal(long[:25], short)
    assert long.mean() == pytest.approx(5, abs=0.3)
    assert long.std() == pytest.approx(2, abs=0.2)


def test_a_link_leads_to_the_state_and_its_address_restores_it(shown, page, address):
    shown.control("gradient").select_option("drifting")
    shown.control("beta").press("End")
    shown.figure.get_by_role("button", name="Draw anew").click()
    link = shown.figure.get_by_role("link", name="Link to this state")
    target = link.get_attribute("href")
    state = "t=10;beta=0.999;beta2=0.999;gradient=drifting;seed=2"
    assert target == f"#live=correction;{state}"
    link.click()
    shown.figure.locator("p[role=status]", has_text="address").wait_for()
    assert shown.page.url.endswith(target)
    again = Shown(page, f"{address}/{CHAPTER}{target}")
    assert again.state() == shown.state()
    np.testing.assert_array_equal(again.gradients(), shown.gradients())
    assert 0 <= again.figure.bounding_box()["y"] < 300
    again.go("#live=correction;t=3")
    assert again.state() == (3, *shown.state()[1:])
    assert page.problems == []


@pytest.mark.parametrize(
    "wrong",
    [
        "t=0",
        "t=2.5",
        "t=",
        "beta=1",
        "beta=x",
        "gradient=loud",
        "seed=-1",
        "what=1",
        "t=%E0",
    ],
)
def test_an_address_is_refused_what_there_is_not(shown, wrong):
    shown.go(f"#live=correction;{wrong};beta2=0.9")
    assert shown.state() == (10, 0.9, 0.9, "constant")
    assert wrong in shown.said()


def test_it_works_from_the_disk(page, site):
    shown = Shown(page, (site / CHAPTER).as_uri())
    shown.control("t").press("ArrowRight")
    assert shown.state()[0] == 11
    shown.agree()
    assert page.problems == []


def test_without_javascript_the_still_stands_there_with_its_caption(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{CHAPTER}")
    figure = page.locator(FIGURE)
    image = figure.locator("img")
    assert image.bounding_box()["height"] > 300
    assert "add up to 1" in image.get_attribute("alt")
    assert figure.locator("figcaption").is_visible()
    assert figure.locator("input").count() == 0
    place = figure.locator(".live-place").bounding_box()["height"]
    assert place == pytest.approx(image.bounding_box()["height"], abs=2)
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_when_it_comes(own_page, address, width):
    """Measured where it shows: the figure in view from the beginning."""
    own_page.set_viewport_size({"width": width, "height": 900})
    own_page.add_init_script(SHIFT)
    shown = Shown(own_page, f"{address}/{CHAPTER}#live=correction;t=20")
    own_page.wait_for_load_state("networkidle")
    assert own_page.evaluate("window.shift") <= 0.02
    place = shown.figure.locator(".live-place")
    reserved = float(
        place.evaluate("one => getComputedStyle(one).minHeight").removesuffix("px")
    )
    height = shown.figure.locator(".live-root").bounding_box()["height"]
    assert reserved - 40 <= height <= reserved
    for key in ("t", "beta", "beta2"):
        for end in ("Home", "End"):
            shown.control(key).press(end)
            assert (
                shown.figure.locator(".live-root").bounding_box()["height"] <= reserved
            )


def test_it_is_silent_and_still(own_page, address):
    """No message of any kind in the console, and with less motion asked for, no motion."""
    said = []
    own_page.on("console", lambda message: said.append(message.text))
    own_page.emulate_media(reduced_motion="reduce")
    shown = Shown(own_page, f"{address}/{CHAPTER}")
    shown.control("t").press("End")
    assert (
        shown.figure.evaluate("one => one.getAnimations({subtree: true}).length") == 0
    )
    assert not [text for text in said if not re.match(r"\[(PST|togglebutton)\]", text)]


def test_it_follows_the_theme(shown):
    colors = set()
    for theme in ("light", "dark"):
        shown.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        bars = shown.figure.locator("path.bars")
        colors.add(bars.evaluate("one => getComputedStyle(one).fill"))
    assert colors == {"rgb(11, 98, 168)", "rgb(108, 180, 240)"}


def test_keys_that_operate_it_are_not_heard_outside_but_shortcuts_are(shown):
    """Jupyter would take them for its own."""
    shown.page.evaluate(
        "window.heard = []; document.body.addEventListener('keydown', (event) => heard.push(event.key))"
    )
    for key in ("ArrowRight", "Home", "Control+b"):
        shown.control("t").press(key)
    assert shown.page.evaluate("heard") == ["Control", "b"]


def test_only_a_page_with_a_live_figure_loads_what_it_needs(site, pages):
    with_figure = 0
    for name, read in pages.items():
        scripts = [a.get("src", "") for tag, a in read.tags if tag == "script"]
        loads = any("_static/live.js" in source for source in scripts)
        assert loads == bool(read.of_class("live")), name
        with_figure += loads
    assert with_figure


# The player, which figures that run through time share


PLAYED = """
const render = ({ model, el }) => {
  const fig = figure(model, el, { keys: ["step"] });
  fig.player("step", { label: "Step", last: () => fig.get("last"), rate: 200 });
  return fig.start(() => {});
};
export default { render };
"""


@pytest.fixture
def played(page):
    """A page with nothing but a player."""
    module = (live.HERE / "kit/kit.js").read_text(encoding="utf-8") + PLAYED
    page.set_content("<main></main>")
    page.evaluate(
        """async (module) => {
          const state = {step: 0, last: 60, _constants: {title: "A player"}}, heard = {};
          const model = {get: (key) => state[key], save_changes() {}, off() {},
            set(key, value) { state[key] = value; heard[`change:${key}`]?.(); }, on(name, f) { heard[name] = f; }};
          const {default: figure} = await import(URL.createObjectURL(new Blob([module], {type: "text/javascript"})));
          const el = document.createElement("div");
          document.querySelector("main").prepend(el);
          figure.render({model, el});
          window.state = state;
        }""",
        module,
    )
    return page


def step_of(page):
    """The step that the player is at."""
    return page.evaluate("state.step")


def test_the_player_plays_to_the_end_pauses_steps_and_scrubs(played):
    played.evaluate("state.last = 100_000")  # no machine is so slow that it ends before
    played.get_by_role("button", name="Play").click()
    played.get_by_role("button", name="Pause").click()
    stopped = step_of(played)
    assert stopped < 100_000
    played.get_by_role("button", name="Forward one step").click()
    played.get_by_role("button", name="Forward one step").click()
    played.get_by_role("button", name="Back one step").click()
    assert step_of(played) == stopped + 1
    played.evaluate(f"state.last = {stopped + 60}")
    played.get_by_role("button", name="Play").click()
    played.wait_for_function("state.step === state.last")
    played.get_by_role("button", name="Play").wait_for()
    played.get_by_label("Step", exact=True).last.press("Home")
    assert step_of(played) == 0


def test_the_player_goes_on_where_it_was_after_a_pause_of_the_browser(played):
    """As where its tab was hidden."""
    step = played.evaluate("""async () => {
      document.querySelector("button").click();
      const end = performance.now() + 700;
      while (performance.now() < end);
      do await new Promise(requestAnimationFrame);
      while (state.step === 0);  // the first frame's time may be from before the pause
      return state.step;
    }""")
    assert step < 60


def test_the_player_moves_at_once_where_less_motion_is_wanted(played):
    played.emulate_media(reduced_motion="reduce")
    played.get_by_role("button", name="Play").click()
    assert step_of(played) == 60
