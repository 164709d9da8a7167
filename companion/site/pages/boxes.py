"""The boxes of a chapter: its opening, "Predict, then look", "In short"; and notes that stand in the margin.

::

    :::{opening}
    :time: 50 minutes
    :needs: [Gradient descent](descent.ipynb) and a little probability

    - say why an average that starts at zero is too small
    - correct it
    :::

A note, `{margin}`, is written after its paragraph. On a wide screen it stands beside that, on a narrow one it follows.
"""

from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> None:
    """Register the boxes, and have notes set beside what they follow."""
    app.add_directive("opening", Opening)
    app.add_directive("predict", Predict)
    app.add_directive("recap", Recap)
    app.add_post_transform(PlaceNotes)


class Opening(SphinxDirective):
    """The head of a chapter: how long it takes, what it needs, what one can do after it."""

    has_content = True
    option_spec = {  # noqa: RUF012 - as docutils has it
        "time": directives.unchanged_required,
        "needs": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the box."""
        missing = [name for name in ("time", "needs") if name not in self.options]
        if missing:
            raise self.error(f"the opening has no {' and no '.join(missing)}")
        box = nodes.container(classes=["opening"])
        box += self.fact("Time", self.options["time"])
        box += self.fact("You need", self.options["needs"])
        box += nodes.paragraph(
            "", "", nodes.strong("", "After this chapter you can"), classes=["aims"]
        )
        box += self.parse_content_to_nodes()
        return [box]

    def fact(self, name: str, words: str) -> nodes.paragraph:
        """Return a line of the box: a name, and Markdown."""
        children, messages = self.parse_inline(words)
        return nodes.paragraph(
            "", "", nodes.strong("", name), nodes.Text(" "), *children, *messages
        )


class Box(SphinxDirective):
    """A box with a title of its own."""

    has_content = True
    title = ""

    def run(self) -> list[nodes.Node]:
        """Return the box."""
        name = type(self).__name__.lower()
        content = self.parse_content_to_nodes()
        return [
            nodes.admonition("", nodes.title("", self.title), *content, classes=[name])
        ]


class Predict(Box):
    """A question before a figure, which the figure answers."""

    title = "Predict, then look"


class Recap(Box):
    """The chapter in a few sentences."""

    title = "In short"


class PlaceNotes(SphinxPostTransform):
    """Put each note in one box with the block that it follows."""

    default_priority = 160
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Place the notes of one page."""
        for note in list(self.document.findall(nodes.sidebar)):
            if "margin" in note["classes"]:
                self.place(note)

    def place(self, note: Any) -> None:
        """Place one note; what it follows is a paragraph or another block, of which it is the only note."""
        parent = note.parent
        at = parent.index(note)
        before = parent[at - 1] if at else None
        if isinstance(note[0], nodes.title) and not note[0].astext():
            del note[0]
        if before is None or isinstance(before, nodes.title | nodes.sidebar):
            fault = "follows no paragraph"
        elif "noted" in before.get("classes", ()):
            fault = "is the second of one paragraph"
        else:
            box = nodes.container("", before, note, classes=["noted"])
            parent[at - 1 : at + 1] = [box]
            return
        logger.warning("a note in the margin %s", fault, location=note)
