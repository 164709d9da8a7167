"""What a page costs: bytes, requests, movement while it loads. Text is compressed, as it is by a host on the web."""

import re

import pytest

from companion import book

CHAPTERS = [f"chapters/{path.stem}.html" for path in book.chapters()]
HOME = "chapters/index.html"
KIB = 1024
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


@pytest.mark.parametrize("name", [HOME, *CHAPTERS])
def test_a_page_is_light_and_nothing_moves(page, address, name):
    """At most 300 KiB with everything on it, and a layout shift of at most 0.02, on a wide screen and a narrow one."""
    sizes = {}
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{address}/{name}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate(MOVED) <= 0.02
        sizes = sizes or dict(
            page.evaluate(FROM_NETWORK)
        )  # later ones come from a cache
    assert len(sizes) > 5 and all(sizes.values())
    assert sum(sizes.values()) <= 300 * KIB, sorted(sizes.items(), key=lambda x: -x[1])


def test_every_page_has_one_style_sheet_and_the_fonts_are_there_before_it(site, pages):
    """No page names a theme's style sheet, and none waits for a font that every page needs."""
    for name, read in pages.items():
        if name in {"index.html", "404.html"}:  # these stand alone
            continue
        sheets = [
            attributes["href"]
            for tag, attributes in read.tags
            if tag == "link" and "stylesheet" in attributes["rel"]
        ]
        assert [re.sub(r".*/|\?.*", "", sheet) for sheet in sheets] == [
            "site.css",
            "fonts.css",
        ], name
    assert len((site / "_static/site.css").read_text(encoding="utf-8")) < 200 * KIB


def test_text_is_in_the_books_own_typeface_at_once(page, address):
    """The fonts are loaded when the first frame is drawn: text does not change its face."""
    page.goto(f"{address}/{CHAPTERS[0]}", wait_until="domcontentloaded")
    for font in ('1rem "Source Sans"', 'italic 1rem "Source Sans"', "1rem KaTeX_Main"):
        assert page.evaluate("font => document.fonts.check(font)", font), font


def test_no_rule_that_a_page_needs_is_lost(page, address, site):
    """Each class that a page uses and a style sheet of the theme names is in the small one, too; live figures bring their own."""
    full = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted((site / "_static").rglob("*.css"))
        if path.name not in {"site.css", "fonts.css", "all.min.css"}
    )
    slim = (site / "_static/site.css").read_text(encoding="utf-8")
    named = {
        re.sub(r"\\", "", one) for one in re.findall(r"\.(-?[A-Za-z_][\w-]*)", full)
    }
    kept = set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", slim))
    page.goto(f"{address}/{CHAPTERS[0]}")
    used = page.evaluate(
        "() => [...new Set([...document.querySelectorAll('[class]')].filter((one) => !one.closest('.live')).flatMap((one) => [...one.classList]))]"
    )
    assert len(used) > 100
    assert not (set(used) & named) - kept


SKIPPED = """() => {
  const tops = () => [...document.querySelectorAll("[id], pre")].map((one) => one.getBoundingClientRect().top);
  const before = tops();
  const style = document.createElement("style");
  style.textContent = "* { content-visibility: visible !important; contain-intrinsic-size: none !important }";
  document.head.append(style);
  return tops().map((top, k) => Math.abs(top - before[k])).reduce((a, b) => Math.max(a, b));
}"""


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", CHAPTERS)
def test_what_is_not_drawn_yet_takes_its_place(page, address, name, width):
    """Code and formulas are laid out when the reader comes near; no link's target is elsewhere before that."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/{name}")
    assert page.evaluate(SKIPPED) < 1


CUT = """() => [...document.querySelectorAll(".katex-display > .katex")].flatMap((box) => {
  const [whole, set] = [box, box.querySelector(".katex-html")].map((one) => one.getBoundingClientRect());
  const right = Math.max(...[...box.querySelectorAll(".base")].map((one) => one.getBoundingClientRect().right));
  const fits = set.top >= whole.top && set.bottom <= whole.bottom && right <= whole.right + 1;
  const tight = whole.height - set.height < 20;
  return fits && tight ? [] : [box.textContent.slice(0, 40)];
})"""


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", [*CHAPTERS, "chapters/api.html"])
def test_the_place_of_a_formula_is_as_high_as_the_formula(page, address, name, width):
    """Its height is computed while the book is built; nothing of it is cut off, and little room is left."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/{name}")
    page.add_style_tag(content="* { content-visibility: visible !important }")
    assert page.locator(".katex-display").count() > 0
    assert page.evaluate(CUT) == []
