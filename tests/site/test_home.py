"""The home page's cards: one for each chapter of the course."""

import html
import re

import pytest

from companion import book
from companion.site.pages.listing import title

CARD = re.compile(r'<div class="chapter-card .*?</div>', re.DOTALL)


@pytest.fixture(scope="module")
def cards(site):
    """The cards' HTML, in their order."""
    return CARD.findall((site / "chapters/index.html").read_text(encoding="utf-8"))


def words(markup):
    """What is read in a piece of HTML."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_each_chapter_has_a_card_in_the_order_of_the_contents(cards):
    named = [re.search(r'href="(\w+)\.html">([^<]+)<', card).groups() for card in cards]
    assert named == [(path.stem, title(path)) for path in book.course()]


def test_a_card_has_the_chapters_number_time_and_description(site, cards):
    for number, (path, card) in enumerate(zip(book.course(), cards, strict=True), 1):
        time = f" · {book.time(path)}" if book.time(path) else ""
        assert words(card).startswith(f"Chapter {number}{time} {title(path)}")
        page = (site / "chapters" / f"{path.stem}.html").read_text(encoding="utf-8")
        about = re.search(r'<meta name="description" content="([^"]*)"', page)[1]
        assert len(about) > 30 and words(card).endswith(html.unescape(about))
