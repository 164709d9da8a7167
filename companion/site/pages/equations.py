"""The page that lists every labelled equation of the book with its checks: the directive `equation-list`."""

from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from companion import book
from companion.site.pages.checks import check_id
from companion.site.pages.listing import chapter_section, depend_on, link_to

HOW = {
    "numbers": "compared in numbers",
    "symbols": "proved with symbols",
    "average": "held by an average",
}


def setup(app: Sphinx) -> None:
    """Register the directive."""
    app.add_directive("equation-list", EquationList)


class EquationList(SphinxDirective):
    """One section a chapter, one entry an equation."""

    def run(self) -> list[nodes.Node]:
        """Return a line with the totals and the sections."""
        chapters = [
            (path, book.equations(path), checks_of(path)) for path in book.chapters()
        ]
        depend_on(self.env, [path for path, _, _ in chapters])
        ways = Counter(
            check["how"]
            for _, _, checks in chapters
            for found in checks.values()
            for check in found
        )
        total = sum(len(equations) for _, equations, _ in chapters)
        summary = f"{total} equations, {sum(ways.values())} checks: " + ", ".join(
            f"{ways[how]} {words}" for how, words in HOW.items() if ways[how]
        )
        return [
            nodes.paragraph("", summary + "."),
            *(self.section(*chapter) for chapter in chapters),
        ]

    def section(
        self, path: Path, equations: list[book.Equation], checks: dict[str, Any]
    ) -> nodes.section:
        """Return a chapter's section."""
        section = chapter_section(self.env, path)
        for equation in equations:
            section += self.entry(path, equation, checks[equation.label])
        return section

    def entry(
        self, path: Path, equation: book.Equation, checks: list[dict[str, Any]]
    ) -> nodes.container:
        """Return one equation: its number, which links to the chapter, itself, and its checks."""
        number = addnodes.pending_xref(
            "",
            nodes.literal("", equation.label),
            refdomain="math",
            reftype="eq",
            reftarget=equation.label,
            refdoc=self.env.docname,
            refexplicit=False,
            refwarn=True,
        )
        heading = nodes.paragraph(
            "", "", number, nodes.Text(" "), nodes.literal("", equation.label)
        )
        formula = nodes.math_block(
            equation.latex, equation.latex, nowrap=False, number=None, label=None
        )
        lines = nodes.bullet_list("", classes=["checks"])
        for i, check in enumerate(checks, 1):
            link = link_to(
                self.env, path, check_id(equation.label, i), "✓ " + HOW[check["how"]]
            )
            lines += nodes.list_item(
                "", nodes.paragraph("", "", link, nodes.Text(f": {check['words']}"))
            )
        return nodes.container("", heading, formula, lines, classes=["equation-entry"])


def checks_of(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return a chapter's checks by the label of their equation, in the chapter's order."""
    found = defaultdict(list)
    for result in book.results(path):
        if result["kind"] == "check":
            found[result["label"]].append(result)
    return found
