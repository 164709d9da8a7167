"""What holds of every page. Each is opened twice, and looked at by all of these tests."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from browsing import NARROW, WIDE, emptied
from playwright.sync_api import Page, TimeoutError

from chapters import shortest

CONTENTS = yaml.safe_load(
    (Path(__file__).parents[2] / "_toc.yml").read_text(encoding="utf-8")
)
HOME = CONTENTS["root"]
CHAPTERS, OTHERS = (
    [page["file"] for page in part["chapters"]] for part in CONTENTS["parts"]
)
PAGES = [
    f"{name}.html" for name in [HOME, *CHAPTERS, *OTHERS, "search", "genindex", "404"]
]
# One page of each kind, which axe reads in full; of the others, what can differ between pages of a kind.
KINDS = [f"{name}.html" for name in [HOME, f"chapters/{shortest().stem}", "search"]]
LIGHT = 300 * 1024
STEADY = 0.02  # a layout shift that nobody sees
every_page = pytest.mark.parametrize("visit", PAGES, indirect=True)

MOVED = """() => new Promise((done) => {
  let moved = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) moved += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(moved), 100));
})"""
FROM_NETWORK = """() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .filter((entry) => !entry.name.startsWith("blob:"))
  .map((entry) => [entry.name, entry.transferSize])"""
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
# A figure that the reader has come near is there and has followed the width, which takes it a frame or two.
SETTLED = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  do for (const settled of [frame(), document.fonts.ready, frame().then(frame)]) await settled;
  while (document.querySelector("figure.live[data-brought]:not([data-ready])"));
}"""
# What changes when all is laid out that waits for the reader: how far anything is moved, the share of its room that each
# section takes, and the formulas that their places cut off.
LAID = """(share) => {
  const places = [...document.querySelectorAll("[id], pre")];
  const tops = () => places.map((one) => one.getBoundingClientRect().top);
  const before = tops();
  const style = document.createElement("style");
  style.textContent = "* { content-visibility: visible !important; contain-intrinsic-size: none !important }";
  document.head.append(style);
  const moved = tops().map((top, k) => Math.abs(top - before[k])).reduce((a, b) => Math.max(a, b), 0);
  const rooms = [...document.querySelectorAll(".bd-article > section > section")].map((one) => [
    one.id, share * parseFloat(one.style.getPropertyValue("--room")) / one.getBoundingClientRect().height]);
  const boxes = [...document.querySelectorAll(".katex-display > .katex")];
  const cut = boxes.flatMap((box) => {
    const [whole, set] = [box, box.querySelector(".katex-html")].map((one) => one.getBoundingClientRect());
    const right = Math.max(...[...box.querySelectorAll(".base")].map((one) => one.getBoundingClientRect().right));
    const fits = set.top >= whole.top && set.bottom <= whole.bottom && right <= whole.right + 1;
    const tight = whole.height - set.height < 20;
    return fits && tight ? [] : [box.textContent.slice(0, 40)];
  });
  style.remove();
  return { moved, rooms, formulas: boxes.length, cut };
}"""


@dataclass
class Visit:
    """A page, loaded on a wide screen in light and on a narrow one in dark, and what was found of it."""

    name: str
    page: Page
    themes: list[str]
    sizes: dict[str, int]
    moved: list[float]
    laid: list[dict[str, Any]]
    fits: bool = True


@pytest.fixture(scope="module")
def visit(request, tab, address):
    """A page of the site, loaded on each screen, which then becomes the other."""
    with emptied(tab) as page:
        session = page.context.new_cdp_session(page)
        session.send("Network.clearBrowserCache")
        session.detach()
        visit = Visit(request.param, page, [], {}, [], [])
        for screen, other, theme in ((WIDE, NARROW, "light"), (NARROW, WIDE, "dark")):
            page.set_viewport_size(screen)
            page.emulate_media(color_scheme=theme)
            page.goto(f"{address}/{visit.name}")
            page.wait_for_load_state("networkidle")
            visit.themes.append(page.evaluate("document.documentElement.dataset.theme"))
            visit.sizes = visit.sizes or dict(page.evaluate(FROM_NETWORK))
            visit.moved.append(least_moved(page))
            visit.fits = visit.fits and fits(page)
            if screen is NARROW:
                visit.laid.append(laid(page))
            page.set_viewport_size(other)
            visit.fits = visit.fits and fits(page)
        visit.laid.append(laid(page))
        yield visit


def least_moved(page, loads=3):
    """How far the page's parts move while it loads, at the least.

    What is wrong with a page moves at every load. A slow machine also draws the page while it is still reading it, now and
    then in the middle of a formula.
    """
    moved = page.evaluate(MOVED)
    if moved <= STEADY or loads == 1:
        return moved
    page.reload()
    page.wait_for_load_state("networkidle")
    return min(moved, least_moved(page, loads - 1))


def fits(page):
    """Whether the page is as wide as the screen: a figure follows in a frame or two, what overflows for good ends the wait."""
    try:
        page.wait_for_function(FITS)
    except TimeoutError:
        return False
    return True


def laid(page):
    """What `LAID` says of a page on which a place was asked for."""
    page.evaluate("dispatchEvent(new Event('hashchange'))")
    page.evaluate(SETTLED)
    return page.evaluate(LAID, 1 if page.viewport_size == NARROW else 0.85)


@every_page
def test_loads_clean_and_fits(visit):
    """No request leaves the host, the console is silent, nothing overflows: wide and narrow, light and dark."""
    if visit.name != "404.html":
        assert visit.themes == ["light", "dark"]
    assert visit.fits
    assert visit.page.problems == []


@every_page
def test_is_light_and_nothing_moves(visit):
    """At most 300 KiB with everything on it; a layout shift of at most 0.02, on a wide screen and a narrow one."""
    assert max(visit.moved) <= STEADY
    assert len(visit.sizes) >= 2 and all(visit.sizes.values())
    assert sum(visit.sizes.values()) <= LIGHT, visit.sizes


@every_page
def test_what_is_not_drawn_yet_takes_its_place(visit):
    """Code and formulas are laid out when the reader comes near; no link's target is elsewhere before that, once it is asked for."""
    assert all(laid["moved"] < 1 for laid in visit.laid)


@pytest.mark.parametrize("visit", [f"{name}.html" for name in CHAPTERS], indirect=True)
def test_a_section_that_waits_takes_about_the_room_that_it_will_have(visit):
    """Estimated while the book is built. A place too low would lay a section's links over those of the next."""
    for laid in visit.laid:
        assert len(laid["rooms"]) > 5
        assert [room for room in laid["rooms"] if not 0.95 <= room[1] <= 1.75] == []


@every_page
def test_the_place_of_a_formula_is_as_high_as_the_formula(visit):
    """Its height is computed while the book is built; nothing of it is cut off, and little room is left."""
    for laid in visit.laid:
        assert laid["cut"] == []
        assert laid["formulas"] or visit.name.removesuffix(".html") not in CHAPTERS


@every_page
def test_has_its_landmarks(visit, pages):
    """One main part, one heading of the first level in it, and a language."""
    tags = pages[visit.name].tags
    mains = [at for tag, at in tags if tag == "main" or at.get("role") == "main"]
    assert len(mains) == 1
    assert next(at for tag, at in tags if tag == "html")["lang"] == "en"
    assert sum(tag == "h1" and "site-logo" not in str(at) for tag, at in tags) >= 1


STILL = (
    "*, ::before, ::after { transition: none !important; animation: none !important; }"
)
THEME = """theme => {
  const { dataset } = document.documentElement;
  dataset.mode = dataset.theme = theme;
  for (const menu of document.querySelectorAll(".dropdown-menu"))
    menu.classList.toggle("dropdown-menu-dark", theme === "dark");
}"""
# What would make axe slow and tell it nothing. A formula has the colour of its text, its spans are hidden from those
# who have its MathML read to them, which axe takes for no text, and of that the words are enough; but one formula in a
# line and one on its own stay what they are. Of code's thousands of words stays one of each look, of icons the outline.
SPARE = """() => {
  for (const shape of document.querySelectorAll("svg.icon > :not(title)")) shape.remove();
  for (const formula of document.querySelectorAll(".katex-html")) formula.replaceChildren();
  for (const formula of document.querySelectorAll("math")) formula.replaceWith(formula.textContent);
  for (const kind of [".katex-display > .katex", ":not(.katex-display) > .katex"])
    for (const formula of [...document.querySelectorAll(kind)].slice(1)) formula.replaceWith(formula.textContent);
  const seen = new Set();
  const again = [...document.querySelectorAll("pre .lines > span, dt.sig span, code > .pre")].filter((word) => {
    if (word.id || word.querySelector("[id], a")) return false;
    const around = word.closest(".admonition, .cell_input, .cell_output, .highlight, dt.sig, code");
    const { color, backgroundColor, fontSize } = getComputedStyle(word.parentElement);
    const key = [word.className, around.className, color, backgroundColor, fontSize].join();
    return seen.has(key) || !seen.add(key);
  });
  for (const word of again) word.replaceWith(...word.childNodes);
}"""
# Marks, beside what is marked already, one visible text of each look: its colour, size and weight, and the grounds on
# which it stands; and one link of each look, with that of the text around it.
LOOKS = """() => {
  const grounds = new Map([[null, ""]]);
  const ground = (one) => {
    if (!grounds.has(one)) {
      const { backgroundColor, backgroundImage, opacity, filter } = getComputedStyle(one);
      const own = [backgroundColor, backgroundImage, opacity, filter].join();
      const under = ground(one.parentElement);
      grounds.set(one, own === "rgba(0, 0, 0, 0),none,1,none" ? under : under + own);
    }
    return grounds.get(one);
  };
  const look = (one) => {
    const { color, fontSize, fontWeight, position } = getComputedStyle(one);
    return [one.tagName, one.className, color, fontSize, fontWeight, position, ground(one)].join();
  };
  const marked = (kind, key, ones) => {
    const seen = new Set();
    for (const one of ones) {
      if (!one.checkVisibility({ visibilityProperty: true })) continue;
      const own = key(one);
      if (!seen.has(own)) one.dataset[kind] = seen.size;
      seen.add(own);
    }
    return seen.size;
  };
  const texts = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.add(walker.currentNode.parentElement);
  const around = (link) => {
    const { display, textDecoration, borderBottom, fontStyle } = getComputedStyle(link);
    const inside = [...link.querySelectorAll("*")].map(look);
    return [display, textDecoration, borderBottom, fontStyle, look(link), look(link.parentElement), ...inside].join();
  };
  marked("link", around, document.querySelectorAll("a[href]"));
  return marked("look", look, texts);
}"""
# Takes away mere text of which nothing is marked: its looks are elsewhere on the page.
UNMARKED = """() => {
  const kept = "[id], [role], [data-look], [data-link], a, button, img, input, svg";
  for (const one of document.querySelectorAll("p:not(th p), pre .lines"))
    if (!one.matches(kept) && !one.querySelector(kept)) one.remove();
}"""
AXE = """async ([only, text, link]) => {
  axe.reset();
  axe.configure({ rules: [
    { id: "color-contrast", selector: text }, { id: "link-in-text-block", selector: link },
  ] });
  const rules = { "scrollable-region-focusable": { enabled: false } };
  const options = { resultTypes: ["violations"], ...(only ? { runOnly: only } : { rules }) };
  const { violations } = await axe.run(options);
  return violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map((node) => node.html.slice(0, 120))]);
}"""
# Every rule but one: a box that scrolls becomes a stop of the keyboard when it comes near, which test_access.py tests.
WHOLE = None
CONTRAST = ["color-contrast"]


def rounds(name):
    """What axe looks for: what theme and width can change; every rule; all again on a page of each kind."""
    yield NARROW, "light", [*CONTRAST, "target-size"]
    if name in KINDS:
        yield NARROW, "dark", WHOLE
    yield WIDE, "light", WHOLE
    yield WIDE, "dark", CONTRAST


@every_page
def test_axe_finds_no_violation(visit):
    """In light and dark, wide and narrow. The last test of a page, since it takes away what is there many times."""
    page, found = visit.page, []
    page.add_style_tag(content=STILL)
    page.evaluate(SPARE)
    for screen, theme in ((WIDE, "light"), (WIDE, "dark"), (NARROW, "light")):
        page.set_viewport_size(screen)
        page.evaluate(THEME, theme)
        assert page.evaluate(LOOKS) > 3
    if visit.name not in KINDS:
        page.evaluate(UNMARKED)
    page.evaluate(Axe().axe_script)
    for screen, theme, only in rounds(visit.name):
        page.set_viewport_size(screen)
        page.evaluate(THEME, theme)
        full = visit.name in KINDS and only is WHOLE
        looked = ["*", "a[href]"] if full else ["[data-look]", "a[data-link]"]
        for rule, where in page.evaluate(AXE, [only, *looked]):
            found.append(f"{theme}, {screen['width']} px: {rule}: {where}")
    assert found == []
