"""The race in a real browser: its runs are optimlib's, and mouse, keyboard and address operate it."""

import re
from functools import cache

import numpy as np
import pytest

from companion.live.race.race import METHODS, SURFACES, Race
from optimlib import optimizers

# The figure on a model of our own, so that every method runs on every surface.
RUNS = """
async (stored) => {
  const state = {...stored, methods: stored._constants.methods};
  const sent = [];
  const model = {get: (key) => state[key], set: (key, value) => sent.push({[key]: value}), on() {}, off() {}, save_changes() {}};
  const file = URL.createObjectURL(new Blob([state._esm], {type: "text/javascript"}));
  const figure = (await import(file)).default;
  const el = document.createElement("div");
  document.body.append(el);
  figure.render({model, el});
  const told = {};
  for (const [surface, start] of Object.entries(stored.starts)) {
    Object.assign(state, {surface, x: start[0], y: start[1]});
    el.firstChild.redraw();
    told[surface] = Object.fromEntries(el.firstChild.runs.map(({name, run}) => [name, run]));
  }
  await new Promise((done) => { setTimeout(done, 400); });
  return {runs: told, sent: sent.map(({paths}) => paths)};
}
"""


@cache
def of_optimlib(method, surface):
    """A method's run on a surface, from its start: what optimlib makes of it, and how it ends."""
    race = Race(surface=surface)
    return race.run(method), race.ending(method), race.steps


@pytest.fixture(scope="module")
def answer(browser):
    """What the browser says of all runs, and what it sends to Python."""
    state = Race().get_state()
    state["starts"] = {name: list(shape.start) for name, shape in SURFACES.items()}
    page = browser.new_page()
    page.goto("about:blank")
    said = page.evaluate(RUNS, {k: v for k, v in state.items() if k != "layout"})
    page.close()
    return said


@pytest.fixture(scope="module")
def told(answer):
    """The runs by surface and method: 200 steps of every method on every surface."""
    return answer["runs"]


def test_the_paths_are_sent_to_python_once_all_is_quiet(answer):
    (paths,) = answer["sent"]
    runs = answer["runs"][list(SURFACES)[-1]]
    assert paths == {method: run["points"] for method, run in runs.items()}


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("method", METHODS)
def test_a_run_in_the_browser_is_optimlibs(told, method, surface):
    (here, expected, steps), there = of_optimlib(method, surface), told[surface][method]
    count = len(there["points"])
    size = np.abs(here.w[:count]).max()
    np.testing.assert_allclose(
        there["points"], here.w[:count], rtol=0, atol=1e-10 * size
    )
    np.testing.assert_allclose(
        there["losses"], here.f[:count], rtol=1e-8, atol=1e-10 * np.abs(here.f).max()
    )
    ending = there["end"] and (there["end"]["step"], there["end"]["how"])
    assert ending == expected
    assert count == (ending[0] if ending else steps + 1)


def test_the_largest_differences_for_the_record(told):
    """Shown by `pytest -s`: method by surface, the largest difference over the size of the path."""
    rows = [" " * 18 + " ".join(f"{surface:>10}" for surface in SURFACES)]
    for method in METHODS:
        row = []
        for surface in SURFACES:
            points = np.array(told[surface][method]["points"])
            here = of_optimlib(method, surface)[0].w[: len(points)]
            row.append(np.abs(points - here).max() / np.abs(here).max())
        rows.append(f"{method:18}" + " ".join(f"{part:10.1e}" for part in row))
    print("\n" + "\n".join(rows))
    assert len(rows) == 1 + len(METHODS)


@pytest.fixture
def opened(page, alone, brought):
    """Opens the race alone on a page from the disk, in a column of 700 px unless another style says otherwise."""

    def open_(address="", style="width: 700px", **state):
        brought(alone(Race(**state), style) + address)
        return page

    return open_


@pytest.fixture
def ravine(opened):
    """The race of gradient descent and Adam on the ravine, at step 10."""
    return opened(surface="ravine", methods=["SGD", "Adam", "Nesterov"], t=10)


def numbers(page):
    """The table: of each method its numbers in full, or how it ended."""
    rows = page.locator(".race-table tbody tr")
    return {
        row.get_attribute("data-method"): [
            cell.get_attribute("data-value") or cell.text_content()
            for cell in row.locator("td").all()
        ]
        for row in rows.all()
    }


def value(page, key):
    """What a control shows: of a slider in words, of another its value."""
    control = page.locator(f"[data-key={key}]")
    words = control.get_attribute("aria-valuetext")
    return words.replace("−", "-") if words else control.input_value()


def more(page):
    """What opens the methods that have no place in the row."""
    return page.get_by_text(re.compile(r"^\d+ more$"))


def said(page):
    """What the figure says."""
    return page.locator("[role=status]").inner_text()


def start(page):
    """The starting point, as the settings show it."""
    return [float(value(page, key)) for key in "xy"]


def holds(page, t, **state):
    """Whether the table shows optimlib's numbers in this state."""
    race = Race(**state)
    shown = numbers(page)
    assert list(shown) == [name for name in METHODS if name in race.methods]
    for method, row in shown.items():
        run, ending = race.run(method), race.ending(method)
        rate = float(race.optimizer(method).lr)
        assert float(row[0]) == pytest.approx(rate, rel=1e-12)
        if ending and ending[0] <= t:
            assert row[1] == f"{ending[1]} at step {ending[0]}"
            continue
        here = [*run.w[t], run.f[t], run.grad_norm[t]]
        np.testing.assert_allclose([float(part) for part in row[1:]], here, rtol=1e-9)
    return True


def test_it_shows_the_state_from_python(ravine):
    methods = ["SGD", "Adam", "Nesterov"]
    assert holds(ravine, 10, surface="ravine", methods=methods)
    assert ravine.locator(".race-map .end").count() == 3
    names = ravine.locator(".race-map .name").all_text_contents()
    assert sorted(names) == ["Adam", "Nesterov", "gradient descent"]
    assert ravine.problems == []


def test_a_click_on_the_map_drops_the_start_there(ravine):
    svg = ravine.locator(".race-map svg")
    svg.click(position={"x": 150, "y": 90})
    wide, high = (svg.bounding_box()[name] for name in ("width", "height"))
    (x0, x1), (y0, y1) = SURFACES["ravine"].window
    x, y = start(ravine)
    assert x == pytest.approx(x0 + (150 - 46) / (wide - 58) * (x1 - x0), abs=0.02)
    assert y == pytest.approx(y0 + (high - 38 - 90) / (high - 58) * (y1 - y0), abs=0.02)
    methods = ["SGD", "Adam", "Nesterov"]
    assert holds(ravine, 10, surface="ravine", methods=methods, x=x, y=y)


def test_the_ring_is_dragged(ravine):
    ring = ravine.locator(".race-start").bounding_box()
    x, y = ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2
    ravine.mouse.move(x, y)
    ravine.mouse.down()
    ravine.mouse.move(x + 40, y + 20, steps=4)
    ravine.mouse.up()
    x, y = start(ravine)
    assert x > -4.5 and y < 0.9
    assert said(ravine).replace("−", "-") == f"Start at ({x:g}, {y:g})"


def test_the_arrow_keys_move_the_start_and_it_is_said(ravine):
    ravine.locator(".race-start").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "Shift+ArrowUp"):
        ravine.keyboard.press(key)
    assert start(ravine) == [-4.5, 0.91]
    assert said(ravine) == "Start at (−4.5, 0.91)"
    assert "(−4.5, 0.91)" in ravine.locator(".race-start").get_attribute("aria-label")
    methods = ["SGD", "Adam", "Nesterov"]
    assert holds(ravine, 10, surface="ravine", methods=methods, x=-4.5, y=0.91)


def test_the_start_is_typed(ravine):
    ravine.get_by_text("Settings").click()
    ravine.locator("[data-key=x]").fill("3.25")
    ravine.keyboard.press("Enter")
    ravine.keyboard.press("Escape")
    assert not ravine.locator("[data-key=x]").is_visible()
    methods = ["SGD", "Adam", "Nesterov"]
    assert holds(ravine, 10, surface="ravine", methods=methods, x=3.25)


def test_it_is_stepped_and_scrubbed(ravine):
    state = {"surface": "ravine", "methods": ["SGD", "Adam", "Nesterov"]}
    ravine.get_by_role("button", name="Forward one step").click()
    assert holds(ravine, 11, **state)
    ravine.get_by_role("button", name="Back one step").press("Enter")
    ravine.get_by_role("button", name="Back one step").press("Enter")
    assert holds(ravine, 9, **state)
    scrub = ravine.get_by_label("Step", exact=True).and_(ravine.locator("[type=range]"))
    scrub.press("End")
    assert holds(ravine, 200, **state)
    scrub.press("Home")
    assert holds(ravine, 0, **state)


def test_it_plays_to_the_end_at_once_where_less_motion_is_wanted(ravine):
    ravine.emulate_media(reduced_motion="reduce")
    ravine.get_by_role("button", name="Play").click()
    assert value(ravine, "t") == "200"


def test_it_plays_and_pauses(ravine):
    ravine.get_by_role("button", name="Play").click()
    ravine.wait_for_function("document.querySelector('[data-key=t]').value > 12")
    ravine.get_by_role("button", name="Pause").click()
    stopped = value(ravine, "t")
    ravine.wait_for_timeout(120)
    assert value(ravine, "t") == stopped
    assert holds(
        ravine, int(stopped), surface="ravine", methods=["SGD", "Adam", "Nesterov"]
    )


def test_methods_come_and_go(ravine):
    ravine.get_by_label("gradient descent").uncheck()
    more(ravine).click()
    ravine.get_by_label("RProp", exact=True).press("Space")
    assert holds(ravine, 10, surface="ravine", methods=["Adam", "Nesterov", "Rprop"])


@pytest.fixture
def crowded(monkeypatch, opened):
    """The race with three times as many methods as there are."""
    facts = Race.constants()
    looks = {
        f"{name}{i or ''}": {**look, "title": f"{look['title']} {i or ''}".strip()}
        for i in range(3)
        for name, look in facts["looks"].items()
    }
    facts |= {"looks": looks, "methods": list(looks)}
    monkeypatch.setattr(Race, "constants", classmethod(lambda cls: facts))
    return opened


@pytest.mark.parametrize("width", [1280, 390])
def test_any_number_of_methods_can_be_chosen_by_keyboard_and_are_in_view(
    page, crowded, width
):
    page.set_viewport_size({"width": width, "height": 700})
    crowded(style="width: 700px; max-width: 100%")
    more(page).scroll_into_view_if_needed()
    more(page).press("Enter")
    box = page.locator(".race-drawer").first.bounding_box()
    assert box["height"] < 700 * 0.7 and box["x"] >= 0
    assert box["x"] + box["width"] <= width
    boxes = page.locator(".race-choices input")
    assert boxes.count() == 3 * len(METHODS) - len(Race.constants()["first"])
    for place in (boxes.first, boxes.nth(20), boxes.last):
        place.focus()
        mine, around = place.bounding_box(), page.locator(".race-choices")
        frame = around.bounding_box()
        assert frame["y"] <= mine["y"]
        assert mine["y"] + mine["height"] <= frame["y"] + frame["height"]
    assert around.evaluate("box => box.scrollWidth <= box.clientWidth")


@pytest.mark.parametrize("width", [1280, 390])
def test_on_the_page_the_choices_are_seen_whole(page, address, width):
    """Also where they reach below the section that the race ends."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/chapters/live.html")
    page.locator("figure.live-race").scroll_into_view_if_needed()
    more(page).scroll_into_view_if_needed()
    more(page).click()
    drawer = page.locator(".race-drawer").first
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    drawer.evaluate("box => box.scrollIntoView({ block: 'end' })")
    seen = """box => {
      const { left, right, bottom } = box.getBoundingClientRect();
      return box.contains(document.elementFromPoint((left + right) / 2, bottom - 3));
    }"""
    assert drawer.evaluate(seen)


def test_a_family_stands_together(opened):
    """Down the columns of the choices, in the order of optimlib's files."""
    page = opened()
    more(page).click()
    boxes = page.locator(".race-choices input").all()
    shown = [box.get_attribute("data-method") for box in boxes]
    assert shown == [name for name in optimizers.METHODS if name in shown]
    places = [box.bounding_box() for box in boxes]
    assert places == sorted(places, key=lambda place: (place["x"], place["y"]))


def test_another_surface_has_its_own_start_and_rates(ravine):
    methods = ["SGD", "Adam", "Nesterov"]
    heads = ravine.locator(".race-table thead")
    for surface in ("toy", "saddle", "rosenbrock"):
        before = ravine.locator(".race-ground").inner_html()
        ravine.get_by_label("Surface").select_option(surface)
        assert start(ravine) == list(SURFACES[surface].start)
        assert holds(ravine, 10, surface=surface, methods=methods)
        assert ravine.locator(".race-ground").inner_html() != before
        named = ["w", "b"] if surface == "toy" else ["x", "y"]
        columns = heads.locator("th").all_text_contents()
        assert columns[columns.index("loss") - 2 : columns.index("loss")] == named


def test_a_setting_holds_for_the_methods_that_have_it(ravine):
    ravine.get_by_text("Settings").click()
    state = {"surface": "ravine", "methods": ["SGD", "Adam", "Nesterov"]}
    settings = (("momentum", 1, 0.3), ("beta1", 0, 0), ("beta2", 1, 0.5), ("eps", 7, 1))
    for key, stop, number in settings:
        control = ravine.locator(f"[data-key={key}]")
        control.press("Home")
        for _ in range(stop):
            control.press("ArrowRight")
        state[key] = number
        assert holds(ravine, 10, **state)


def test_divergence_is_said_and_stands_in_the_table(ravine):
    ravine.get_by_label("Learning rates").press("End")
    state = {"surface": "ravine", "methods": ["SGD", "Adam", "Nesterov"], "scale": 100}
    assert holds(ravine, 10, **state)
    step, how = Race(**state).ending("SGD")
    assert Race(**state).ending("Adam") is None
    assert how == "diverged"
    assert said(ravine).startswith(f"Gradient descent diverged at step {step}.")
    shown = ravine.locator(".race-map .line").evaluate_all(
        "lines => lines.map((line) => line.getAttribute('d')).join()"
    )
    assert "NaN" not in shown and "Infinity" not in shown


def test_what_runs_off_downhill_has_not_diverged(opened):
    state = {"surface": "saddle", "methods": ["Momentum"], "t": 200}
    page = opened(**state)
    step, how = Race(**state).ending("Momentum")
    assert how == "left the map"
    assert said(page) == f"Momentum left the map at step {step}."


def test_the_address_has_the_state_and_restores_it(ravine, opened):
    ravine.get_by_label("Learning rates").press("ArrowRight")
    ravine.get_by_label("Adam", exact=True).uncheck()
    ravine.locator(".race-start").press("ArrowUp")
    address = ravine.get_by_role("link", name="Link to this state").get_attribute(
        "href"
    )
    ravine.goto("about:blank")
    opened(address)
    state = {"surface": "ravine", "methods": ["SGD", "Nesterov"], "scale": 1.25}
    assert holds(ravine, 10, **state, x=-5, y=1.1)


def test_an_address_with_what_there_is_not_is_refused_and_said(opened):
    page = opened('#live=race;surface=moon;methods=["SGD","Unknown"];t=20')
    assert "surface=moon" in said(page) and "Unknown" in said(page)
    assert holds(page, 20)


def follow(page, address):
    """Go to an address on the page."""
    page.evaluate(
        """address => new Promise((done) => {
          addEventListener("hashchange", () => setTimeout(done), { once: true });
          location.hash = address;
        })""",
        address,
    )


def test_a_refusal_stands_until_the_next_address(opened):
    """Though the state that it comes with has something to tell, too."""
    ended = Race(surface="saddle", methods=["Momentum"]).ending("Momentum")
    state = "#live=race;surface=saddle;x=-1.5;y=0.001;t=150"
    page = opened(f"{state};constructor=1;what={200 * 'x'}")
    page.set_viewport_size({"width": 900, "height": 700})
    page.wait_for_timeout(1200)
    told = said(page)
    assert "constructor=1" in told and f"what={55 * 'x'}…" in told
    assert 56 * "x" not in told and ended[0] < 150
    follow(page, "#live=race;surface=ravine;x=0;t=3")
    assert said(page) == ""


def test_the_address_of_every_state_restores_it(opened):
    states = (
        {"steps": 500, "t": 450},
        {"steps": 10, "t": 500},
        {"steps": 333, "t": 7, "scale": 0.0123, "eps": 3e-5},
        {"momentum": 0.999, "beta": 0.9999, "beta1": 0.999, "beta2": 0.42},
        {"surface": "toy", "x": -100, "y": 99.5, "methods": []},
    )
    link = "document.querySelector('.live-foot a').hash"
    addresses = [opened(**state).evaluate(link) for state in states]
    assert len({*addresses}) == len(states)
    for address in addresses:
        page = opened(address)
        assert page.evaluate(link) == address and "asks for" not in said(page)


@pytest.mark.parametrize("surface", ["beale", "rosenbrock", "ravine", "toy"])
def test_a_race_from_the_minimum_is_drawn(opened, surface):
    x, y = SURFACES[surface].minima[0]
    page = opened(f"#live=race;surface={surface};x={x};y={y};t=40")
    assert "NaN" not in page.locator(".race-losses").inner_html()


def test_a_shorter_run_is_at_its_last_step(opened):
    page = opened(surface="ravine", t=180)
    page.get_by_text("Settings").click()
    page.locator("[data-key=steps]").press("Home")
    assert value(page, "t") == "50"
    page.get_by_role("button", name="Back one step").click()
    assert value(page, "t") == "49"
    assert holds(page, 49, surface="ravine", steps=50)


def test_the_start_is_typed_while_the_race_plays(opened):
    page = opened(surface="ravine", t=0, steps=500)
    page.get_by_role("button", name="Play").click()
    page.get_by_text("Settings").click()
    field = page.locator("[data-key=x]")
    field.fill("")
    field.press_sequentially("2.5", delay=80)
    field.press("Enter")
    assert page.get_by_role("button", name="Pause").count() == 1
    assert "x=2.5;" in page.locator(".live-foot a").get_attribute("href")


def test_a_start_too_far_is_set_back_in_its_field(ravine):
    ravine.get_by_text("Settings").click()
    for _ in range(2):  # the second changes nothing
        ravine.locator("[data-key=x]").fill("1234")
        ravine.keyboard.press("Enter")
        assert start(ravine)[0] == 100


def test_the_settings_close_when_the_keyboard_leaves_them(ravine):
    ravine.get_by_text("Settings").press("Enter")
    last = ravine.locator(".race-settings [data-key=steps]")
    last.focus()
    ravine.keyboard.press("Tab")
    assert not last.is_visible()


def test_who_leaves_the_settings_at_once_leaves_them_closed(ravine):
    """The page hears of an opened drawer a moment later than the keyboard does."""
    settings = ravine.locator("summary", has_text="Settings")
    opened = settings.evaluate("""summary => {
      summary.click();
      document.body.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true }));
      return summary.parentElement.open;
    }""")
    assert not opened


def spoken(page):
    """Everything that the figure says from now on, with the time at which it does."""
    page.evaluate("""() => {
      const place = document.querySelector("[role=status]");
      const { get, set } = Object.getOwnPropertyDescriptor(Node.prototype, "textContent");
      window.spoken = [];
      Object.defineProperty(place, "textContent", { get, set(text) {
        if (text) window.spoken.push([performance.now(), text]);
        set.call(place, text);
      } });
    }""")


def test_what_is_said_while_it_plays_can_be_followed(opened):
    """At most once a second, nothing twice, and nothing moves."""
    state = {"surface": "saddle", "methods": list(METHODS), "scale": 2, "steps": 100}
    page = opened(**state, t=0)
    spoken(page)
    height = "document.querySelector('.live-root').offsetHeight"
    before = page.evaluate(height)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("document.querySelector('[data-key=t]').value === '100'")
    page.wait_for_timeout(1100)
    times, texts = zip(*page.evaluate("spoken"), strict=True)
    assert len(times) > 1
    assert np.diff(times).min() > 950
    sentences = [one for text in texts for one in text.split(". ")]
    assert len(set(sentences)) == len(sentences)
    assert page.evaluate(height) == before


def test_when_many_end_at_once_the_table_says_how(opened):
    state = {"surface": "ravine", "scale": 100, "x": 3}
    page = opened(**state, methods=["SGD", "Momentum", "Nesterov", "Adam"], t=100)
    assert said(page) == "3 methods have ended; open Numbers to see how."
    page.locator("[data-key=t][type=range]").press("Home")
    assert said(page) == ""


def test_another_surface_and_another_start_are_said_once(ravine):
    spoken(ravine)
    ravine.get_by_label("Surface").select_option("saddle")
    ravine.locator(".race-map svg").click(position={"x": 150, "y": 90})
    texts = [text for _, text in ravine.evaluate("spoken")]
    assert len(texts) == 2 and texts[0] == "Start at (−1.5, 0.001)"
    x, y = start(ravine)
    assert texts[1].replace("−", "-") == f"Start at ({x:g}, {y:g})"


def test_names_stand_by_their_marks_and_not_on_the_star(opened):
    page = opened(surface="beale", t=200, steps=500)
    places = page.evaluate("""() => {
      const boxes = (kind) => [...document.querySelectorAll(`.race-map ${kind}`)]
        .map((one) => one.getBoundingClientRect()).map((box) => [box.left, box.top, box.right, box.bottom]);
      return {names: boxes(".name"), ends: boxes(".end"), stars: boxes(".minimum")};
    }""")
    middles = [(box[1] + box[3]) / 2 for box in places["ends"]]
    (star,) = places["stars"]
    assert 1 <= len(places["names"]) < 6
    for left, top, right, bottom in places["names"]:
        assert min(abs((top + bottom) / 2 - middle) for middle in middles) < 17
        apart = (
            right < star[0]
            or left > star[2]
            or bottom - 4 < star[1]
            or top + 4 > star[3]
        )
        assert apart


def test_its_height_stays_whatever_is_chosen(page, opened):
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        opened(style="width: 700px; max-width: 100%")
        height = "document.querySelector('.live-root').offsetHeight"
        first = page.evaluate(height)
        more(page).click()
        page.locator(".race-choices input").first.check()
        page.get_by_label("Adam", exact=True).uncheck()
        assert page.evaluate(height) == first
