"""What pages bring: one small style sheet that lacks nothing, and fonts before the text. (test_every_page.py has the bytes.)"""

import re

from chapters import shortest

CHAPTER = f"chapters/{shortest().stem}.html"
KIB = 1024


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
    page.goto(f"{address}/{CHAPTER}", wait_until="domcontentloaded")
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
    page.goto(f"{address}/{CHAPTER}")
    used = page.evaluate(
        "() => [...new Set([...document.querySelectorAll('[class]')].filter((one) => !one.closest('.live')).flatMap((one) => [...one.classList]))]"
    )
    assert len(used) > 100
    assert not (set(used) & named) - kept
