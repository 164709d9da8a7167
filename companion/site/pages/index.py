"""Equations in the index, and so in the search: each by its label, eq-adam-rule, and by the words in it, adam rule."""

from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform


def setup(app: Sphinx) -> None:
    """Register the transform."""
    app.add_transform(NameEquations)


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
