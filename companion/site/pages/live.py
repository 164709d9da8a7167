"""Live figures on the page: the still figure is what is written, and live.js (assets) puts the live one in its place.

In a chapter one is a cell's output, and a figure like any other: with a number, a name and a caption of its own, where
the cell's metadata has none. On any page two directives show them, one with the state as YAML, or all that there are::

    ```{live} Correction
    beta: 0.99
    ```

    ```{live-figures}
    ```
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective
from traitlets import TraitError

from companion import book, live
from companion.live import PREFIX, Live

VIEW = "application/vnd.jupyter.widget-view+json"
SVG = "image/svg+xml"
STILL = "live-still"
FOLDER = "live"


class plain_figure(nodes.figure):
    """A figure without a number: on a page that only shows it."""


def setup(app: Sphinx) -> None:
    """Register the directives, and give the pages with a live figure what they need."""
    app.add_node(plain_figure, html=(visit, depart))
    app.add_directive("live", OneFigure)
    app.add_directive("live-figures", AllFigures)
    app.connect("source-read", frame)
    app.connect("html-page-context", add_loader)


def visit(writer: Any, node: plain_figure) -> None:
    """Begin it as every figure."""
    writer.visit_figure(node)


def depart(writer: Any, node: plain_figure) -> None:
    """End it as every figure."""
    writer.depart_figure(node)


def classes(figure: type[Live]) -> list[str]:
    """The classes by which a figure's node, and its element, is known."""
    return ["live", PREFIX + figure.__name__.lower()]


def frame(app: Sphinx, document: str, content: list[str]) -> None:
    """Make a notebook's live figures figures, with their stills in the place of their widgets."""
    path = Path(app.env.doc2path(document))
    if path.suffix != ".ipynb" or VIEW not in content[0]:
        return
    notebook = json.loads(content[0])
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            model = output.get("data", {}).get(VIEW, {}).get("model_id", "")
            if model.startswith(PREFIX):
                if SVG not in output["data"]:
                    raise ExtensionError(
                        f"{path.name}: the still of {model} is not stored; execute it again"
                    )
                del output["data"][VIEW]
                _frame_cell(cell, live.figure(model.removeprefix(PREFIX)), path.stem)
    content[0] = json.dumps(notebook)


def _frame_cell(cell: dict[str, Any], figure: type[Live], page: str) -> None:
    """Tell MyST-NB how a cell's figure is shown: as its metadata say, and else as its class does."""
    options = cell["metadata"].setdefault("mystnb", {})
    options["figure"] = {
        "caption": figure.caption,
        "name": f"fig-{page}-{figure.__name__}",
        **options.get("figure", {}),
        "classes": " ".join(classes(figure)),
    }
    options["image"] = {
        "alt": figure.alt,
        **options.get("image", {}),
        "classes": STILL,
    }


def add_loader(app: Sphinx, name: str, template: str, context: Any, tree: Any) -> None:
    """Load the script on a page that has live figures, and on no other."""
    if tree and any("live" in node["classes"] for node in tree.findall(nodes.figure)):
        app.add_js_file("live.js", loading_method="defer", priority=900)


class Shown(SphinxDirective):
    """A directive that shows live figures."""

    def nodes_of(self, figure: Live) -> list[nodes.Node]:
        """The still figure, and the state that the script reads."""
        still = nodes.image(uri=self.written(figure), alt=figure.alt, classes=[STILL])
        caption = nodes.caption("", "", *self.inline(figure.caption))
        framed = plain_figure("", still, caption, classes=classes(type(figure)))
        return [framed, nodes.raw("", stored(figure), format="html")]

    def inline(self, text: str) -> list[nodes.Node]:
        """The nodes of one paragraph of Markdown."""
        (paragraph,) = self.parse_text_to_nodes(text)
        return list(paragraph.children)

    def written(self, figure: Live) -> str:
        """The still's address, from the top of the source; its file lies beside the site."""
        drawing = figure.still().encode()
        digest = hashlib.sha256(drawing).hexdigest()[:16]
        path = Path(self.env.app.outdir).parent / FOLDER / f"{digest}.svg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(drawing)
        return "/" + os.path.relpath(path, self.env.srcdir).replace("\\", "/")


class OneFigure(Shown):
    """A live figure, by the name of its class in `companion.live`."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the figure in the state that is asked for."""
        try:
            figure = make(self.arguments[0], "\n".join(self.content))
        except (AttributeError, TypeError, TraitError) as error:
            raise self.error(f"live: {error}") from error
        return self.nodes_of(figure)


class AllFigures(Shown):
    """Every live figure, in a section of its own, with what its class says about it."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        for chapter in book.chapters():
            self.env.note_dependency(str(chapter))
        return [self.section(live.figure(name)) for name in in_order()]

    def section(self, figure: type[Live]) -> nodes.section:
        """Return the section of a figure."""
        title = figure.title
        section = nodes.section(ids=[nodes.make_id(title)])
        section["names"].append(nodes.fully_normalize_name(title))
        self.state.document.note_implicit_target(section, section)
        section += nodes.title(title, title)
        section += self.parse_text_to_nodes(figure.about)
        section += self.nodes_of(figure())
        return section


def in_order() -> list[str]:
    """The names of all figures: as the chapters show them, and then those of no chapter."""
    shown = [
        output["data"][VIEW]["model_id"].removeprefix(PREFIX)
        for chapter in book.chapters()
        for cell in json.loads(chapter.read_text(encoding="utf-8"))["cells"]
        for output in cell.get("outputs", [])
        if VIEW in output.get("data", {})
    ]
    known = live.names()
    return list(dict.fromkeys([*(name for name in shown if name in known), *known]))


def make(name: str, state: str) -> Live:
    """Make the figure of this class, as in "Correction", in a state written as YAML.

    Raises AttributeError where there is no such figure, TypeError or TraitError where it has no such state.
    """
    figure: Live = getattr(live, name)(**yaml.safe_load(state) or {})
    return figure


def stored(figure: Live) -> str:
    """The figure's state, as MyST-NB writes that of a notebook."""
    state = {"state": {figure.model_id: {"state": figure.state()}}}
    text = json.dumps(state).replace("</", r"<\/")
    return f'<script type="application/vnd.jupyter.widget-state+json">{text}</script>'
