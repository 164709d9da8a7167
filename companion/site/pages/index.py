"""Equations in the index, and so in the search: each by its label, eq-adam-rule, and by the words in it, adam rule."""

from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.index_entries import split_index_msg


def setup(app: Sphinx) -> None:
    """Register the transform; pages from extensions are collected just before the search's index is written."""
    app.add_transform(NameEquations)
    app.connect("html-collect-pages", complete)


def complete(app: Sphinx) -> list[Any]:
    """Give the search the entries of pages that are as they were: Sphinx knows those of written pages alone."""
    builder: Any = app.builder
    known = builder.indexer._index_entries
    for name in app.env.found_docs - known.keys():
        known[name] = sorted(
            (entry, target, main)
            for node in app.env.get_doctree(name).findall(addnodes.index)
            for kind, value, target, main, _ in node["entries"]
            for entry in split_index_msg(kind, value)
        )
    return []


class NameEquations(SphinxTransform):
    """Put an index entry before each labelled equation; run before Sphinx collects the entries."""

    default_priority = 840

    def apply(self, **kwargs: Any) -> None:
        """Work on one page."""
        for equation in list(self.document.findall(nodes.math_block)):
            label = equation.get("label")
            if not label or not equation["ids"]:
                continue
            words = label.removeprefix("eq-").replace("-", " ")
            entries = [
                ("single", name, equation["ids"][0], "main", None)
                for name in dict.fromkeys([label, words])
            ]
            place = equation.parent.index(equation)
            equation.parent.insert(place, addnodes.index(entries=entries))
