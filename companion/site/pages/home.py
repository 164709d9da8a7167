"""The chapters' cards on the home page: the directive `chapter-cards`.

The chapters are those that the contents number. A card has what a chapter says of itself: its number, its time, its
title and its description.
"""

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from companion import book
from companion.site.finish import sharing
from companion.site.pages.listing import depend_on


class chapter_cards(nodes.General, nodes.Element):
    """The place of the cards until all chapters have been read."""


def setup(app: Sphinx) -> None:
    """Register the directive, and fill its place when titles and numbers are known."""
    app.add_node(chapter_cards)
    app.add_directive("chapter-cards", ChapterCards)
    app.connect("doctree-resolved", fill)


class ChapterCards(SphinxDirective):
    """One card a chapter, in their order."""

    def run(self) -> list[nodes.Node]:
        """Return the cards' place."""
        depend_on(self.env, book.chapters())
        return [chapter_cards()]


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the cards in their place."""
    for place in list(doctree.findall(chapter_cards)):
        cards = nodes.container(classes=["chapter-cards"])
        cards += [card(app, docname, name) for name in numbered(app.env)]
        place.replace_self(cards)


def numbered(env: BuildEnvironment) -> list[str]:
    """Return the documents that the contents number, in their order."""
    first = {
        name: numbers[""]
        for name, numbers in env.toc_secnumbers.items()
        if len(numbers.get("", ())) == 1
    }
    return sorted(first, key=lambda name: first[name])


def card(app: Sphinx, docname: str, name: str) -> nodes.container:
    """Return a chapter's card."""
    number = app.env.toc_secnumbers[name][""][0]
    source = Path(app.env.doc2path(name))
    time = book.time(source) if source.suffix == ".ipynb" else ""
    order = f"Chapter {number}" + (f" · {time}" if time else "")
    link = nodes.reference(
        "",
        "",
        *(child.deepcopy() for child in app.env.titles[name].children),
        refuri=app.builder.get_relative_uri(docname, name),
        internal=True,
    )
    says = sharing.about(app.env.get_doctree(name), app)
    lines: list[Any] = [
        nodes.paragraph("", order, classes=["chapter-order"]),
        nodes.paragraph("", "", link, classes=["chapter-title"]),
        nodes.paragraph("", says),
    ]
    return nodes.container("", *lines, classes=["chapter-card"])
