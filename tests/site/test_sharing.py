"""What others see of a page: description, card, address; and the page for an address that leads nowhere."""

import struct

import pytest

from companion import book
from companion.site.finish import sharing

CHAPTERS = [f"chapters/{path.stem}.html" for path in book.chapters()]


def metas(read):
    """A page's meta tags by name or property; a doubled one is an error."""
    found = {}
    for tag, attributes in read.tags:
        name = attributes.get("name") or attributes.get("property")
        if tag == "meta" and name and name not in {"viewport"}:
            assert name not in found, f"{name} twice"
            found[name] = attributes["content"]
    return found


def test_each_page_has_a_description_and_a_card_of_its_own(site, pages):
    """The description is a sentence or more, the card a PNG of the size that its tags say; no two are the same."""
    seen = {}
    for name, read in pages.items():
        if not name.startswith("chapters/"):
            continue
        said = metas(read)
        assert 30 < len(said["description"]) <= sharing.LONGEST + 3, name
        assert said["og:description"] == said["description"]
        assert said["og:title"] and said["twitter:card"] == "summary_large_image"
        card = (site / name).parent / said["og:image"]
        head = card.read_bytes()[:24]
        assert head[:4] == b"\x89PNG"
        width, height = struct.unpack(">II", head[16:24])
        assert [str(width), str(height)] == [
            said["og:image:width"],
            said["og:image:height"],
        ]
        seen[name] = (said["description"], card.read_bytes())
    assert len({text for text, _ in seen.values()}) == len(seen)
    assert len({card for _, card in seen.values()}) == len(seen)


def test_small_formulas_of_a_description_read_as_text():
    """LaTeX does not show where others quote a page."""
    assert sharing.plain(r"divides by 1-\beta^{t}") == "divides by 1-β^t"


@pytest.mark.parametrize(
    "wrong", ["nowhere.html", "chapters/nowhere.html", "chapters/a/b/c"]
)
def test_a_wrong_address_leads_home_from_any_depth(page, address, wrong):
    """The page for it is served whatever the address, and its link and its search lead into the book."""
    page.goto(f"{address}/{wrong}")
    assert "no such page" in page.locator("h1").inner_text().lower()
    assert page.get_by_label("search").count() == 1
    page.get_by_text("To the home page").click()
    page.wait_for_url(f"{address}/chapters/index.html")


def test_the_page_for_a_wrong_address_searches(page, address):
    """What is typed there is searched for."""
    page.goto(f"{address}/chapters/nowhere.html")
    page.get_by_label("search").fill("AdaGrad")
    page.keyboard.press("Enter")
    page.locator("#search-results li a").first.wait_for()


def test_without_an_address_there_is_no_sitemap(site):
    """A sitemap holds whole addresses, which nobody knows yet. (test_build.py has the other case.)"""
    assert not (site / "sitemap.xml").exists()
