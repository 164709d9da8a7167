"""What of a cell's code is folded, by what the cell is to a reader; every fold says what it holds.

A check is folded whole: how it was done, what came out, then its code. The badge beside its equation opens it. Of a
figure or a table the code is folded below it, and of imports, assertions and solutions all. Any other cell is shown;
the tag "hide-input" folds its code all the same.
"""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from companion import book
from companion.cells import kind, method, results
from companion.site.pages.checks import equation_id

NAMES = {
    "solution": "Solution",
    "imports": "Imports",
    "assertions": "Assertions",
    "table": "Code for this table",
}
BELOW = {"figure", "live", "table"}  # what a reader came for goes first


def setup(app: Sphinx) -> None:
    """Fold when numbers are known and the output of each cell is chosen."""
    app.add_post_transform(FoldCells)


class FoldCells(SphinxPostTransform):
    """Fold the cells of one page."""

    default_priority = 150  # after MyST-NB has chosen outputs, before it folds by tags
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Fold each cell of a notebook."""
        path = Path(self.env.doc2path(self.env.docname))
        if path.suffix != ".ipynb":
            return
        numbers = self.env.toc_fignumbers.get(self.env.docname, {})
        stored = book.cells(path)
        for node in list(self.document.findall(nodes.container)):
            if node.get("nb_element") == "cell_code":
                fold_cell(node, stored[node["cell_index"]], numbers)


def fold_cell(node: Any, cell: NotebookNode, numbers: dict[str, Any]) -> None:
    """Fold what is to be folded of one cell.

    node : the cell on the page, its code and its outputs. numbers : those of the page's figures and equations.
    """
    by_tag = node.attributes.pop("hide_mode", None) == "input"
    what, parts = kind(cell), list(node.children)
    if not parts or parts[0].get("nb_element") != "cell_code_source":
        return
    code, *output = parts
    if what == "check":
        node.children = fold(how(cell, numbers), what, opened(code, cell, output))
    elif what == "solution":
        node.children = fold(NAMES[what], what, parts)
    elif what in BELOW:
        node.children = [*output, *fold(code_of(node, what, numbers), what, [code])]
    elif what in NAMES or by_tag:
        node.children = [*fold(NAMES.get(what, "Code"), what, [code]), *output]
    for child in node.children:
        child.parent = node


def fold(name: str, what: str, content: Iterable[nodes.Node]) -> list[Any]:
    """A closed fold of this name around some nodes."""
    opening = f'<details class="hide of-{what}"><summary>{escape(name)}</summary>'
    return [raw(opening), *content, raw("</details>")]


def opened(code: Any, cell: NotebookNode, output: list[Any]) -> list[Any]:
    """What a check's fold holds: the method in a sentence, the results, the code without that sentence."""
    sentence, rest = method(cell.source)
    block = next(code.findall(nodes.literal_block))
    block.rawsource, block.children = rest, [nodes.Text(rest)]
    said = [nodes.paragraph("", sentence, classes=["method"])] if sentence else []
    return [*said, *output, code]


def how(cell: NotebookNode, numbers: dict[str, Any]) -> str:
    """The name of a check's fold: "How we checked (2.5), (2.6)"."""
    labels = dict.fromkeys(facts["label"] for facts in results(cell))
    of = (number(numbers, "displaymath", equation_id(label)) for label in labels)
    named = [f"({n})" if n else label for n, label in zip(of, labels, strict=True)]
    return f"How we checked {', '.join(named)}"


def code_of(node: Any, what: str, numbers: dict[str, Any]) -> str:
    """The name of the fold of a figure's or a table's code: "Code for Figure 2.1"."""
    figures = node.findall(nodes.figure)
    found = [
        number(numbers, "figure", name) for figure in figures for name in figure["ids"]
    ]
    if found and found[0]:
        return f"Code for Figure {found[0]}"
    return NAMES.get(what, "Code for this figure")


def number(numbers: dict[str, Any], sort: str, name: str) -> str:
    """The number of a figure or an equation as the page shows it, such as "1.3", or "" if it has none."""
    return ".".join(map(str, numbers.get(sort, {}).get(name, ())))


def raw(html: str) -> nodes.raw:
    """A piece of HTML."""
    return nodes.raw("", html, format="html")
