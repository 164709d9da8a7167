"""A chapter for everyone: the keyboard gets everywhere, paper shows the text. (test_every_page.py has axe.)"""

from pathlib import Path

import pytest
import yaml

from chapters import shortest

CONTENTS = yaml.safe_load(
    (Path(__file__).parents[2] / "_toc.yml").read_text(encoding="utf-8")
)
CHAPTER = f"chapters/{shortest().stem}.html"
HOME = f"{CONTENTS['root']}.html"
FOCUS = """() => {
  const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
  return { style: outlineStyle, width: parseFloat(outlineWidth), shadow: boxShadow };
}"""
# The first equation that is wider than its box: each is laid out when it is seen.
WIDE = """async () => {
  for (const box of document.querySelectorAll(".katex-display")) {
    box.scrollIntoView({ behavior: "instant", block: "center" });
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    if (box.scrollWidth > box.clientWidth) return box;
  }
}"""


def test_a_wide_equation_is_a_stop_of_the_keyboard(page, address):
    """On a narrow screen an equation scrolls in its box, which the keyboard reaches."""
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(f"{address}/chapters/adaptive_rates.html")
    wide = page.evaluate_handle(WIDE).as_element()
    page.wait_for_function("box => box.tabIndex === 0", arg=wide)


def test_the_first_stop_of_the_keyboard_skips_to_the_text(page, address):
    """The skip link is seen when it has the focus, and leads into the main part."""
    page.goto(f"{address}/{CHAPTER}")
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    assert link.get_attribute("href") == "#main-content" and link.is_visible()
    page.wait_for_function("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(
        "document.querySelector('#main-content').contains(document.activeElement)"
    )


@pytest.mark.parametrize("name", [HOME, CHAPTER])
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


def test_the_download_menu_works_by_keyboard(page, address):
    """Enter opens it and says so, Tab goes in, Escape closes it and gives the focus back."""
    page.goto(f"{address}/{CHAPTER}")
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
    for section in ("the-question", "exercises"):
        page.goto(f"{address}/{CHAPTER}#{section}")
        page.locator(f'.bd-toc-nav a.active[href="#{section}"]').wait_for()
        assert page.locator('.bd-toc-nav a[aria-current="true"]').count() == 1


def test_paper_shows_the_text_alone(page, address):
    """In print no sidebar, button, header or closed fold; colours are those of the light theme, and code wraps."""
    page.emulate_media(color_scheme="dark", media="print")
    page.goto(f"{address}/{CHAPTER}")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for hidden in (
        ".bd-sidebar-primary",
        ".bd-sidebar-secondary",
        ".bd-header-article",
        ".copybtn",
        "details.hide",
    ):
        page.locator(hidden).first.wait_for(state="hidden")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in {
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    }
    assert page.evaluate("""[...document.querySelectorAll("pre")].every(
      (one) => one.scrollWidth <= one.clientWidth)""")
