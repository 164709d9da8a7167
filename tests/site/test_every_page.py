"""What holds of every page. Each is opened twice, and looked at by all of these tests."""

from pathlib import Path

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe

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
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
every_page = pytest.mark.parametrize("visit", PAGES, indirect=True)


@every_page
def test_loads_clean_and_fits(visit):
    """No request leaves the host, the console is silent, nothing overflows: wide and narrow, light and dark."""
    for page, theme, widths in (
        (visit.wide, "light", (390, 1280)),
        (visit.narrow, "dark", (1280, 390)),
    ):
        if visit.name != "404.html":
            assert page.evaluate("document.documentElement.dataset.theme") == theme
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            # A figure follows the width in a frame or two; what overflows for good ends the wait.
            page.wait_for_function(f"!({TOO_WIDE})")
        assert page.problems == []


@every_page
def test_is_light_and_nothing_moves(visit):
    """At most 300 KiB with everything on it; a layout shift of at most 0.02, on a wide screen and a narrow one."""
    assert max(visit.moved) <= visit.steady
    assert len(visit.sizes) >= 2 and all(visit.sizes.values())
    assert sum(visit.sizes.values()) <= LIGHT, visit.sizes


SKIPPED = """() => {
  const tops = () => [...document.querySelectorAll("[id], pre")].map((one) => one.getBoundingClientRect().top);
  const before = tops();
  const style = document.createElement("style");
  style.textContent = "* { content-visibility: visible !important; contain-intrinsic-size: none !important }";
  document.head.append(style);
  const moved = tops().map((top, k) => Math.abs(top - before[k])).reduce((a, b) => Math.max(a, b), 0);
  style.remove();
  return moved;
}"""


@every_page
def test_what_is_not_drawn_yet_takes_its_place(visit):
    """Code and formulas are laid out when the reader comes near; no link's target is elsewhere before that, once it is asked for."""
    for page in (visit.wide, visit.narrow):
        page.evaluate("dispatchEvent(new Event('hashchange'))")
        assert page.evaluate(SKIPPED) < 1


ROOMS = """share => {
  const sections = [...document.querySelectorAll(".bd-article > section > section")];
  const style = document.createElement("style");
  style.textContent = "* { content-visibility: visible !important }";
  document.head.append(style);
  const found = sections.map((one) => [
    one.id, share * parseFloat(one.style.getPropertyValue("--room")) / one.getBoundingClientRect().height]);
  style.remove();
  return found;
}"""


@pytest.mark.parametrize("visit", [f"{name}.html" for name in CHAPTERS], indirect=True)
def test_a_section_that_waits_takes_about_the_room_that_it_will_have(visit):
    """Estimated while the book is built. A place too low would lay a section's links over those of the next."""
    for page, share in ((visit.wide, 0.85), (visit.narrow, 1)):
        rooms = page.evaluate(ROOMS, share)
        assert len(rooms) > 5
        assert [found for found in rooms if not 0.95 <= found[1] <= 1.75] == []


CUT = """() => {
  const style = document.createElement("style");
  style.textContent = "* { content-visibility: visible !important }";
  document.head.append(style);
  const boxes = [...document.querySelectorAll(".katex-display > .katex")];
  const cut = boxes.flatMap((box) => {
    const [whole, set] = [box, box.querySelector(".katex-html")].map((one) => one.getBoundingClientRect());
    const right = Math.max(...[...box.querySelectorAll(".base")].map((one) => one.getBoundingClientRect().right));
    const fits = set.top >= whole.top && set.bottom <= whole.bottom && right <= whole.right + 1;
    const tight = whole.height - set.height < 20;
    return fits && tight ? [] : [box.textContent.slice(0, 40)];
  });
  style.remove();
  return [boxes.length, cut];
}"""


@every_page
def test_the_place_of_a_formula_is_as_high_as_the_formula(visit):
    """Its height is computed while the book is built; nothing of it is cut off, and little room is left."""
    for page in (visit.wide, visit.narrow):
        formulas, cut = page.evaluate(CUT)
        assert cut == []
        assert formulas or visit.name.removesuffix(".html") not in CHAPTERS


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
# who have its MathML read to them, which axe takes for no text, and of that the words are enough; of code's thousands
# of words, one of each look.
SPARE = """() => {
  for (const formula of document.querySelectorAll(".katex-html")) formula.replaceChildren();
  for (const formula of document.querySelectorAll("math")) formula.replaceWith(formula.textContent);
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
# Marks one visible text of each look: its colour, size and weight, and the grounds on which it stands.
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
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    delete one.dataset.look;
    if (!walker.currentNode.data.trim() || !one.checkVisibility({ visibilityProperty: true })) continue;
    const { color, fontSize, fontWeight, position } = getComputedStyle(one);
    const key = [one.tagName, one.className, color, fontSize, fontWeight, position, ground(one)].join();
    if (!seen.has(key)) one.dataset.look = seen.size;
    seen.add(key);
  }
  return seen.size;
}"""
AXE = """async ([only, text]) => {
  axe.reset();
  axe.configure({ rules: [{ id: "color-contrast", selector: text }] });
  const rules = { "scrollable-region-focusable": { enabled: false } };
  const options = { resultTypes: ["violations"], ...(only ? { runOnly: only } : { rules }) };
  const { violations } = await axe.run(options);
  return violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map((node) => node.html.slice(0, 120))]);
}"""
# Every rule but one: a box that scrolls becomes a stop of the keyboard when it comes near, which test_access.py tests.
WHOLE = None
CONTRAST = ["color-contrast"]


def rounds(visit):
    """What axe looks for: every rule; then what theme and width can change; all again on a page of each kind."""
    yield visit.wide, "light", WHOLE
    yield visit.wide, "dark", CONTRAST
    yield visit.narrow, "light", [*CONTRAST, "target-size"]
    if visit.name in KINDS:
        yield visit.narrow, "dark", WHOLE


@every_page
def test_axe_finds_no_violation(visit):
    """In light and dark, wide and narrow. The last test of a page, since it takes away what is there many times."""
    for page in (visit.wide, visit.narrow):
        page.add_style_tag(content=STILL)
        page.evaluate(SPARE)
        page.evaluate(Axe().axe_script)
    found = []
    for page, theme, only in rounds(visit):
        page.evaluate(THEME, theme)
        assert page.evaluate(LOOKS) > 3
        text = "*" if visit.name in KINDS and only is WHOLE else "[data-look]"
        width = page.viewport_size["width"]
        for rule, where in page.evaluate(AXE, [only, text]):
            found.append(f"{theme}, {width} px: {rule}: {where}")
    assert found == []
