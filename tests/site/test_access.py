"""Every page for everyone: axe finds nothing, the keyboard gets everywhere, paper shows the text."""

from pathlib import Path

import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe

CONTENTS = yaml.safe_load(
    (Path(__file__).parents[2] / "_toc.yml").read_text(encoding="utf-8")
)
CHAPTERS = [
    f"{chapter['file']}.html"
    for part in CONTENTS["parts"]
    for chapter in part["chapters"]
]
HOME = f"{CONTENTS['root']}.html"
PAGES = [HOME, *CHAPTERS, "search.html", "genindex.html", "404.html"]
FOCUS = """() => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
  return { style: outlineStyle, width: parseFloat(outlineWidth), shadow: boxShadow };
}"""
THEME = """theme => {
  const { dataset } = document.documentElement;
  dataset.mode = dataset.theme = theme;
  for (const menu of document.querySelectorAll(".dropdown-menu"))
    menu.classList.toggle("dropdown-menu-dark", theme === "dark");
}"""


# The first equation that is wider than its box: each is laid out when it is seen.
WIDE = """async () => {
  for (const box of document.querySelectorAll(".katex-display")) {
    box.scrollIntoView({ behavior: "instant", block: "center" });
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    if (box.scrollWidth > box.clientWidth) return box;
  }
}"""
# What would make axe slow and tell it nothing. A formula has the colour of its text, and its spans are hidden from
# those who have its MathML read to them; of code's thousands of words, one of each look is enough.
SPARE = """() => {
  for (const formula of document.querySelectorAll(".katex-html")) formula.replaceChildren();
  const seen = new Set();
  for (const word of document.querySelectorAll("pre .lines > span, dt.sig span, code > .pre")) {
    if (word.id || word.querySelector("[id], a")) continue;
    const around = word.closest(".admonition, .cell_input, .cell_output, .highlight, dt.sig, code");
    const { color, backgroundColor, fontSize } = getComputedStyle(word.parentElement);
    const key = [word.className, around.className, color, backgroundColor, fontSize].join();
    if (seen.has(key)) word.replaceWith(...word.childNodes);
    seen.add(key);
  }
}"""
STILL = (
    "*, ::before, ::after { transition: none !important; animation: none !important; }"
)
# A box that scrolls becomes a stop of the keyboard when it comes near: a test of its own, below.
WHOLE = {
    "resultTypes": ["violations"],
    "rules": {"scrollable-region-focusable": {"enabled": False}},
}
ROUNDS = {
    ("light", 1280): WHOLE,
    ("dark", 390): WHOLE,
    ("light", 390): {"runOnly": ["target-size", "color-contrast"]},
    ("dark", 1280): {"runOnly": ["color-contrast"]},
}


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(page, address, name):
    """In light and dark, wide and narrow: every rule in two of the four, what theme and width can change in all."""
    page.goto(f"{address}/{name}")
    page.add_style_tag(content=STILL)
    page.evaluate(SPARE)
    found = []
    for (theme, width), options in ROUNDS.items():
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate(THEME, theme)
        for violation in Axe().run(page, None, options).response["violations"]:
            where = [node["html"][:120] for node in violation["nodes"][:3]]
            found.append(f"{theme}, {width} px: {violation['id']}: {where}")
    assert found == []


def test_a_wide_equation_is_a_stop_of_the_keyboard(page, address):
    """On a narrow screen an equation scrolls in its box, which the keyboard reaches."""
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"{address}/{CHAPTERS[0]}")
    wide = page.evaluate_handle(WIDE).as_element()
    page.wait_for_function("box => box.tabIndex === 0", arg=wide)


def test_the_first_stop_of_the_keyboard_skips_to_the_text(page, address):
    """The skip link is seen when it has the focus, and leads into the main part."""
    page.goto(f"{address}/{CHAPTERS[0]}")
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    assert link.get_attribute("href") == "#main-content" and link.is_visible()
    page.wait_for_function("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(
        "document.querySelector('#main-content').contains(document.activeElement)"
    )


@pytest.mark.parametrize("name", [HOME, CHAPTERS[0]])
def test_focus_is_seen_wherever_the_keyboard_goes(page, address, name):
    """Each of the first stops draws an outline or a shadow."""
    page.goto(f"{address}/{name}")
    for _ in range(30):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        ring = focus["style"] != "none" and focus["width"] >= 1
        assert ring or focus["shadow"] != "none", page.locator(":focus").evaluate(
            "one => one.outerHTML"
        )


@pytest.mark.parametrize("name", PAGES)
def test_page_has_its_landmarks(pages, name):
    """One main part, one heading of the first level in it, and a language."""
    tags = pages[name].tags
    mains = [at for tag, at in tags if tag == "main" or at.get("role") == "main"]
    assert len(mains) == 1
    assert next(at for tag, at in tags if tag == "html")["lang"] == "en"
    assert sum(tag == "h1" and "site-logo" not in str(at) for tag, at in tags) >= 1


def test_the_download_menu_works_by_keyboard(page, address):
    """Enter opens it and says so, Tab goes in, Escape closes it and gives the focus back."""
    page.goto(f"{address}/{CHAPTERS[0]}")
    button = page.get_by_role("button", name="Download this page")
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("href").endswith(".ipynb")
    page.keyboard.press("Escape")
    assert button.get_attribute("aria-expanded") == "false"
    assert page.evaluate("document.activeElement.classList.contains('dropdown-toggle')")


def test_the_contents_mark_the_section_that_is_read(page, address):
    """The section is marked and exactly one entry, of it or within it, is current; both change with the place."""
    page.emulate_media(reduced_motion="reduce")  # the place is there at once
    for section in ("the-rule", "exercises"):
        page.goto(f"{address}/{CHAPTERS[0]}#{section}")
        page.locator(f'.bd-toc-nav a.active[href="#{section}"]').wait_for()
        assert page.locator('.bd-toc-nav a[aria-current="true"]').count() == 1


def test_paper_shows_the_text_alone(page, address):
    """In print no sidebar, button, header or closed fold; colours are those of the light theme, and code wraps."""
    page.emulate_media(color_scheme="dark", media="print")
    page.goto(f"{address}/{CHAPTERS[0]}")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for hidden in (
        ".bd-sidebar-primary",
        ".bd-sidebar-secondary",
        ".bd-header-article",
        ".copybtn",
        "details.hide",
    ):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in {
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    }
    assert page.evaluate("""[...document.querySelectorAll("pre")].every(
      (one) => one.scrollWidth <= one.clientWidth)""")
