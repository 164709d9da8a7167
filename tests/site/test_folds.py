"""Folds on the pages: what is folded, under which name, and that a badge opens its check."""

import re

import pytest

from chapters import each_in_form

FOLD = re.compile(
    r'<details class="hide of-([a-z]+)"><summary>([^<]*)</summary>(.*?)</details>',
    re.DOTALL,
)
NAMES = {
    "check": r"How we checked \(\d+\.\d+\)(, \(\d+\.\d+\))*",
    "figure": r"Code for Figure \d+\.\d+",
    "live": r"Code for Figure \d+\.\d+",
    "table": "Code for this table",
    "imports": "Imports",
    "assertions": "Assertions",
    "solution": "Solution",
}


def folds(site, name):
    """The folds of a chapter: kind, name and content."""
    return FOLD.findall((site / f"chapters/{name}.html").read_text(encoding="utf-8"))


@each_in_form
def test_every_fold_says_what_it_holds(site, path):
    """Each kind has its name, and a check's has the results, then the code without the sentence on the method."""
    found = folds(site, path.stem)
    for kind, name, content in found:
        assert re.fullmatch(NAMES[kind], name), name
        if kind == "check":
            parts = ['<p class="method">', 'class="companion-check"', "<pre>"]
            places = [content.index(part) for part in parts]
            assert places == sorted(places)
            said = re.search(r'<p class="method">(.*?)</p>', content)[1]
            assert said.split()[0] not in content[places[-1] :][:100]
    assert {"check", "solution"} <= {kind for kind, _, _ in found}


def test_checks_are_folded_in_every_chapter(site):
    """Also where no sentence opens them; no check is left outside that is alone in its cell."""
    kinds = [kind for kind, _, _ in folds(site, "adaptive_rates")]
    assert kinds.count("check") >= 5 and kinds.count("solution") == 5


@pytest.fixture
def chapter(page, address):
    """A chapter in the browser."""
    page.goto(f"{address}/chapters/bias_correction.html")
    return page


def test_a_badge_opens_its_check(chapter):
    """Closed, the fold takes no place; a click opens it, after it was closed again too, and shows its name."""
    badge = chapter.locator("a.checked").first
    line = chapter.locator(badge.get_attribute("href"))
    fold = chapter.locator("details.of-check").filter(has=line)
    summary = fold.locator("summary")
    assert fold.bounding_box()["height"] <= 1
    for _ in range(2):
        badge.click()
        line.wait_for(state="visible")
        assert summary.bounding_box()["height"] > 15
        summary.click()
        line.wait_for(state="hidden")


def test_a_closed_check_shows_its_name_to_the_keyboard(chapter):
    """Whoever reaches it by Tab sees where the focus is."""
    summary = chapter.locator("details.of-check > summary").first
    assert summary.bounding_box()["height"] == 1
    chapter.keyboard.press("Tab")  # from now on, focus is shown
    summary.focus()
    assert summary.bounding_box()["height"] > 15
