"""Every page as a reader meets it, in Chromium."""

from pathlib import Path

import pytest
import yaml

from chapters import shortest

HOME = yaml.safe_load(
    (Path(__file__).parents[2] / "_toc.yml").read_text(encoding="utf-8")
)["root"]
CHAPTER = f"chapters/{shortest().stem}"
# One page of each kind.
PAGES = [
    f"{name}.html"
    for name in [
        HOME,
        CHAPTER,
        "chapters/live",
        "chapters/api",
        "search",
        "genindex",
        "404",
    ]
]
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("name", PAGES)
def test_opens_as_a_file(page, site, name):
    """A page opens from the disk, without a server."""
    page.goto((site / name).as_uri())
    page.wait_for_load_state("networkidle")
    assert page.title()
    assert page.problems == []


def test_the_sites_own_address_leads_home(page, address):
    """No page is called index.html but the one that leads to the home page."""
    page.goto(f"{address}/")
    page.wait_for_url(f"{address}/{HOME}.html")


@pytest.mark.parametrize("words", ["AdaGrad", "bias correction"])
def test_search_finds(page, address, words):
    """The search finds the book's own words."""
    page.goto(f"{address}/search.html?q={words}")
    page.locator("#search-results li a").first.wait_for()
    found = page.locator("#search-results li a").evaluate_all(
        "links => links.map(link => link.pathname)"
    )
    assert any(path.startswith("/chapters/") for path in found)
    assert page.problems == []


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("RMSProp", "chapters/adaptive_rates.html#rmsprop"),
        ("AMSGrad", "chapters/api.html#optimlib.AMSGrad"),
        ("eq-adam-rule", "chapters/adaptive_rates.html#equation-eq-adam-rule"),
        ("adam rule", "chapters/adaptive_rates.html#equation-eq-adam-rule"),
    ],
)
def test_search_finds_methods_and_equations_by_name(page, address, words, place):
    """Among the first finds is the place itself."""
    page.goto(f"{address}/search.html?q={words}")
    page.locator("#search-results li a").first.wait_for()
    found = page.locator("#search-results li a").evaluate_all(
        "links => links.map(link => link.href.split('?')[0] + link.hash)"
    )
    assert any(place in link for link in found[:8]), found[:8]


def test_theme_button_turns_the_page_and_its_figures_dark(page, address):
    """Figures are images that follow `color-scheme`, so the button must set it."""
    page.emulate_media(color_scheme="light")
    page.goto(f"{address}/{CHAPTER}.html")
    for _ in range(3):
        if (
            page.evaluate("getComputedStyle(document.documentElement).colorScheme")
            == "dark"
        ):
            break
        page.locator(".theme-switch-button:visible").first.click()
    assert (
        page.evaluate("getComputedStyle(document.documentElement).colorScheme")
        == "dark"
    )
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_badge_leads_to_the_check_and_back(page, address):
    """A click on the badge lands on the check, a click on the check's number on the equation."""
    page.goto(f"{address}/{CHAPTER}.html")
    badge = page.locator(".equation a.checked").first
    target = badge.get_attribute("href")
    badge.click()
    page.wait_for_url(f"**{target}")
    page.locator(f"{target} a").first.click()
    page.wait_for_url(f"**{target.replace('#check-', '#equation-')}")


PLACE = """() => {
  const top = () => document.getElementById("exercises").getBoundingClientRect().top;
  const before = top();
  for (const section of document.querySelectorAll("section")) section.style.contentVisibility = "visible";
  return [before, top()];
}"""


@pytest.mark.parametrize("arrival", ["by a link", "by an address", "again"])
def test_a_place_far_down_is_found(page, address, arrival):
    """Sections wait for the reader; but where one is asked for, all that is above it takes its room at once."""
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{address}/{CHAPTER}.html" + "#exercises" * (arrival == "by an address"))
    waiting = page.locator(".bd-article section:not(.laid-out) > h2")
    if arrival != "by an address":
        assert waiting.count() > 5
        page.locator('.bd-toc-nav a[href="#exercises"]').click()
    if arrival == "again":
        page.evaluate("history.replaceState(null, '', location.pathname)")
        page.reload()
    page.wait_for_function("scrollY > 1000")
    assert waiting.count() == 0
    before, after = page.evaluate(PLACE)
    assert 0 <= before <= 200 and abs(before - after) < 1


SKIPPED = """() => [...document.querySelectorAll(".bd-article :is(p, pre .lines > *, .katex-html)")].filter((one) =>
  one.checkVisibility() && !one.checkVisibility({ contentVisibilityAuto: true })).length"""


def test_once_a_page_has_been_quiet_all_of_it_is_drawn(own_page, address):
    """So that a picture of the whole page has the whole page, though nobody has scrolled."""
    own_page.add_init_script(
        "window.requestIdleCallback = (work) => { window.work = work; }"
    )
    own_page.goto(f"{address}/{CHAPTER}.html")
    own_page.wait_for_function("!!window.work")
    assert own_page.evaluate(SKIPPED) > 100
    own_page.evaluate("for (let work; (work = window.work); work()) window.work = null")
    own_page.wait_for_function(f"({SKIPPED})() === 0")
    assert own_page.evaluate("scrollY") == 0


def test_a_figure_stays_legible_on_a_narrow_screen(page, address):
    """It scrolls in its box instead of shrinking to half; the page itself does not move sideways."""
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"{address}/chapters/adaptive_rates.html")
    figure = page.locator(".cell_output > img").first
    figure.scroll_into_view_if_needed()
    assert figure.bounding_box()["width"] >= 500
    assert figure.evaluate("one => one.parentElement.scrollWidth > 500")
    assert not page.evaluate(TOO_WIDE)


def test_the_search_field_fills_its_frame_and_spares_the_magnifier(page, address):
    """What is typed begins right of the magnifier."""
    page.goto(f"{address}/search.html")
    form = page.locator("main form.bd-search")
    field, icon = form.locator("input"), form.locator(".fa-magnifying-glass")
    assert field.bounding_box()["x"] - form.bounding_box()["x"] <= 2
    text = field.evaluate(
        "one => one.getBoundingClientRect().x + parseFloat(getComputedStyle(one).paddingLeft)"
    )
    box = icon.bounding_box()
    assert box["x"] + box["width"] < text
