"""Every word of the book's prose is in a dictionary or in the book's own list, words.txt."""

import re
from functools import cache
from pathlib import Path

import nbformat
import pytest
from spylls.hunspell import Dictionary

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("chapters/*.md"), *ROOT.glob("chapters/*.ipynb")]
)
OWN = Path(__file__).with_name("words.txt")

# What is no prose, in the order in which it is taken out.
CODE = re.compile(
    r"^( *)(`{3,})(?!\{(?:exercise|solution)).*?^\1\2 *$", re.MULTILINE | re.DOTALL
)
NO_PROSE = (
    re.compile(r"\A---.*?^---$", re.MULTILINE | re.DOTALL),  # a page's settings
    CODE,
    re.compile(
        r"^:[\w-]+:.*$|^\(.*\)=$|^(?:`{3}|:{3,})\{.*$", re.MULTILINE
    ),  # directives
    re.compile(r"\$\$.*?\$\$(?: \(eq-[\w-]+\))?", re.DOTALL),
    re.compile(r"(?<!\\)\$.+?(?<!\\)\$", re.DOTALL),
    re.compile(r"\{[\w:]+\}`(?:[^`<]*<)?[^`]*`"),  # roles
    re.compile(r"`+[^`]*`+"),
    re.compile(r"<[^>]*>|\]\([^)]*\)|https?://\S+|&\w+;"),  # tags, links
)
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@cache
def known(word):
    """Whether a word is in the dictionary, as it stands or in small letters."""
    return _dictionary().lookup(word) or _dictionary().lookup(word.lower())


@cache
def _dictionary():
    return Dictionary.from_files("en_US")


@cache
def own():
    """The book's own words; a name in capitals stands for itself alone."""
    return set(OWN.read_text(encoding="utf-8").split())


def prose(page):
    """The Markdown of a page, with its captions and its words for pictures."""
    if page.suffix == ".md":
        return page.read_text(encoding="utf-8")
    cells = nbformat.read(page, 4).cells
    shown = [cell.metadata.get("mystnb", {}) for cell in cells]
    words = [one.get("figure", {}).get("caption", "") for one in shown]
    words += [one.get("image", {}).get("alt", "") for one in shown]
    words += [cell.source for cell in cells if cell.cell_type == "markdown"]
    return "\n\n".join(words)


def unknown(text):
    """The words of a Markdown text that no dictionary has."""
    for pattern in NO_PROSE:
        text = pattern.sub(" ", text)
    words = {word.replace("’", "'").removesuffix("'s") for word in WORD.findall(text)}
    return sorted(
        word
        for word in words
        if not (len(word) == 1 or {word, word.lower()} & own() or known(word))
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_word_is_spelled_as_a_dictionary_has_it(page):
    assert unknown(prose(page)) == [], f"mend them, or add them to {OWN.name}"


def test_a_misspelt_word_is_seen_and_code_is_not():
    text = "A wieght $w_{iegh}$, `wieght`, {term}`wieght`, [a](wieght.md).\n```\nwieght\n```\n"
    assert unknown(text + "The gradeint's") == ["gradeint", "wieght"]
