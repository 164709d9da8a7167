"""Live figures on the page: the still figure is what is written, and live.js (assets) puts the live one in its place.

In a chapter it is a cell's output. Jupyter prefers a widget to its still; without a kernel, the still must be there
first. On a page of Markdown it is a directive, with the state as YAML::

    ```{live} correction.Correction
    beta: 0.99
    ```
"""

import json
import re
from importlib import import_module
from typing import Any

import yaml
from docutils import nodes
from ipywidgets.embed import dependency_state, embed_data
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective
from traitlets import TraitError

from companion.live import Live
from companion.site.pages.outputs import outputs

STILL_FIRST = ("html", "text/html", 1)
STILL = re.compile('<figure class="live"')


def setup(app: Sphinx) -> None:
    """Register the directive, and give the pages with a live figure what they need."""
    app.add_directive("live", LiveFigure)
    app.connect("config-inited", prefer_still)
    app.connect("html-page-context", add_loader)


def prefer_still(app: Sphinx, config: Config) -> None:
    """Have an output's HTML go before its widget."""
    config.nb_mime_priority_overrides = [
        *config.nb_mime_priority_overrides,
        STILL_FIRST,
    ]


def add_loader(app: Sphinx, name: str, template: str, context: Any, tree: Any) -> None:
    """Load the script on a page that has live figures, and on no other."""
    if tree and any(outputs(tree, STILL)):
        app.add_js_file("live.js", loading_method="defer", priority=900)


class LiveFigure(SphinxDirective):
    """A live figure on a page of Markdown: its module and class in `companion.live`."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the still figure and the state that the script reads."""
        try:
            figure = make(self.arguments[0], "\n".join(self.content))
        except (ImportError, AttributeError, TypeError, TraitError) as error:
            raise self.error(f"live: {error}") from error
        return [
            nodes.raw("", figure.still(), format="html"),
            nodes.raw("", stored(figure), format="html"),
        ]


def make(name: str, state: str) -> Live:
    """Make the figure of this module and class, as in "correction.Correction", in a state written as YAML.

    Raises ImportError, AttributeError or TypeError where there is no such figure, TypeError or TraitError where it has
    no such state.
    """
    module, _, cls = name.partition(".")
    figure: Live = getattr(import_module(f"companion.live.{module}"), cls)(
        **yaml.safe_load(state) or {}
    )
    return figure


def stored(figure: Live) -> str:
    """The figure's widget state, as MyST-NB writes that of a notebook, which sorts its keys."""
    state = dependency_state([figure], drop_defaults=False)
    data = embed_data(views=[figure], state=state)
    text = json.dumps(data["manager_state"], sort_keys=True).replace("</", r"<\/")
    return f'<script type="application/vnd.jupyter.widget-state+json">{text}</script>'
