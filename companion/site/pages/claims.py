"""Cards of claims in the chapters, and the page that lists every claim with its answer, the directive `claim-list`;
`source-map` lists the places of each source with the chapters that answer them.

A cell that answers a claim is its card alone on the page, with the id `claim-P5`; the card's source leads to the list.
Cells of claims that are set aside leave one line that leads there.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

from companion import book
from companion.checks.claims import VERDICTS, Claim, claims, markdown, places
from companion.results import MIME
from companion.site.pages.listing import depend_on, link_to, title

LIST = "chapters/claims"
# Small numbers are written as words.
SMALL = ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"]  # fmt: skip


def setup(app: Sphinx) -> None:
    """Register the directive, and make the cards while a chapter is read."""
    app.add_directive("claim-list", ClaimList)
    app.add_directive("source-map", SourceMap)
    app.add_transform(ClaimCells)


class ClaimCells(SphinxTransform):
    """The cells of a chapter that answer claims, as cards."""

    default_priority = 300

    def apply(self, **kwargs: Any) -> None:
        """Put each cell's cards in its place, and one line in the place of a run of claims set aside."""
        path = Path(self.env.doc2path(self.env.docname))
        cells = book.cells(path) if path.suffix == ".ipynb" else []
        for node in list(self.document.findall(nodes.container)):
            if node.get("nb_element") == "cell_code":
                cell = cells[node["cell_index"]]
                if any(map(_claim_in, cell.outputs)):
                    self.show(node, cell)
        for aside in list(self.document.findall(Aside)):
            if aside.parent is not None:
                aside.gather()
                aside.replace_self(self.line(aside["claims"]))

    def show(self, node: nodes.Element, cell: NotebookNode) -> None:
        """Put cards in the place of a cell's answers; the cell itself goes if it has nothing else."""
        outputs = [output for output in cell.outputs if "data" in output]
        bundles = [
            n
            for n in node.findall(nodes.container)
            if n.get("nb_element") == "mime_bundle"
        ]
        cards = []
        for output, bundle in zip(outputs, bundles, strict=True):
            if facts := _claim_in(output):
                cards.append(self.card(facts, bundle))
                bundle.replace_self(cards[-1])
        if len(cards) == len(cell.outputs):
            place = node.parent.index(node)
            node.parent[place : place + 1] = cards
        else:
            node.remove(node[0])

    def card(self, facts: dict[str, Any], bundle: nodes.Element) -> nodes.Element:
        """Return the card of an answer from what its Markdown was read as."""
        if facts["aside"]:
            return Aside(claims=[facts["id"]])
        (read,) = (
            n for n in bundle.findall(nodes.container)
            if n.get("mime_type") == "text/markdown"
        )  # fmt: skip
        stated = claims()[facts["id"]]
        link = listed(self.env, stated.id)
        source = [nodes.Text(f"{stated.source}, {stated.place}, "), link]
        return card(stated.id, facts["verdict"], read.children, source)

    def line(self, names: list[str]) -> nodes.paragraph:
        """Return the line that leads to claims answered on the list alone."""
        count = dict(enumerate(SMALL, 1)).get(len(names), len(names))
        more = (
            "claim of the sources is"
            if len(names) == 1
            else "claims of the sources are"
        )
        line = nodes.paragraph(
            "",
            f"{count} more {more} answered on the page ",
            classes=["companion-aside"],
        )
        line += [listed(self.env, "", "of all claims"), nodes.Text(": ")]
        for i, name in enumerate(names):
            link = listed(self.env, name)
            link["ids"] = [f"claim-{name}"]
            line += [nodes.Text(", ")] * (i > 0) + [link]
        line += nodes.Text(".")
        return line


class Aside(nodes.Element):
    """The place of claims that are answered on the list alone."""

    def gather(self) -> None:
        """Take in the claims of those that follow at once."""
        siblings = self.parent.children
        while isinstance(
            after := next(iter(siblings[siblings.index(self) + 1 :]), None), Aside
        ):
            self["claims"] += after["claims"]
            self.parent.remove(after)
            after.parent = None


def _claim_in(output: NotebookNode) -> dict[str, Any] | None:
    """The facts of the claim that an output answers."""
    facts: dict[str, Any] = output.get("data", {}).get(MIME, {})
    return facts if facts.get("kind") == "claim" else None


def listed(env: BuildEnvironment, name: str, text: str = "") -> nodes.Element:
    """Return a link to a claim on the list, or to the list; its text alone in a book without the list."""
    if LIST not in env.found_docs:
        return nodes.inline("", text or name)
    uri = env.app.builder.get_relative_uri(env.docname, LIST)
    anchor = f"#claim-{name}" if name else ""
    return nodes.reference("", text or name, refuri=uri + anchor, internal=True)


def card(
    name: str, verdict: str, read: Sequence[nodes.Node], source: list[nodes.Node]
) -> nodes.container:
    """Return a claim's card: what is heard, the answer, and its source in the place of the last paragraph."""
    kind = "verdict-" + verdict.replace(" ", "-")
    box = nodes.container(
        "", *read[:-1], ids=[f"claim-{name}"], classes=["companion-claim", kind]
    )
    box += nodes.paragraph("", "", *source, classes=["companion-source"])
    return box


class ClaimList(SphinxDirective):
    """One section a source, one card a claim."""

    def run(self) -> list[nodes.Node]:
        """Return a line with the totals and the sections."""
        depend_on(self.env, book.chapters())
        answers = answered()
        verdicts = Counter(answer["verdict"] for answer in answers.values())
        verdicts["to come"] += len(claims().keys() - answers.keys())
        totals = [
            f"{verdicts[v]} {words.strip('.,').lower()}"
            for v, words in VERDICTS.items()
            if verdicts[v]
        ]
        summary = f"{len(claims())} claims: {', '.join(totals)}."
        by_source = groupby(claims().values(), lambda claim: claim.source)
        sections = [
            self.section(source, list(group), answers) for source, group in by_source
        ]
        return [nodes.paragraph("", summary), *sections]

    def section(
        self, source: str, stated: list[Claim], answers: dict[str, Any]
    ) -> nodes.section:
        """Return the section of one source."""
        section = nodes.section(
            "",
            nodes.title("", source),
            ids=[f"claims-{nodes.make_id(source)}"],
            names=[],
        )
        section += [self.entry(claim, answers.get(claim.id)) for claim in stated]
        return section

    def entry(self, claim: Claim, answer: dict[str, Any] | None) -> nodes.container:
        """Return one claim's card, with a link to where it is answered."""
        verdict = answer["verdict"] if answer else "to come"
        words = answer["answer"] if answer else ""
        read = self.parse_text_to_nodes(markdown(claim, verdict, words))
        source: list[nodes.Node] = [nodes.Text(f"{claim.id}, {claim.place}")]
        if answer:
            path = answer["path"]
            link = link_to(self.env, path, f"claim-{claim.id}", title(path))
            source += [nodes.Text(", answered in "), link]
        return card(claim.id, verdict, read, source)


class SourceMap(SphinxDirective):
    """One table a source: each place in it, the claims that stand there, and the chapters that answer them."""

    def run(self) -> list[nodes.Node]:
        """Return the tables."""
        depend_on(self.env, book.chapters())
        answers = answered()
        return [
            table(
                source,
                ("Place", "Chapter", "Claims"),
                [self.row(place, names, answers) for place, names in of_source.items()],
            )
            for source, of_source in places().items()
        ]

    def row(
        self, place: str, names: list[str], answers: dict[str, Any]
    ) -> list[list[nodes.Node]]:
        """Return the cells of one place."""
        paths = {answers[name]["path"]: None for name in names if name in answers}
        chapters: list[nodes.Node] = [
            link_to(self.env, path, "", title(path)) for path in paths
        ]
        if any(name not in answers for name in names):
            chapters.append(nodes.inline("", "to come"))
        stated: list[nodes.Node] = [
            nodes.reference("", name, refuri=f"#claim-{name}", internal=True)
            for name in names
        ]
        return [[nodes.Text(place)], between(chapters), between(stated)]


def between(parts: Sequence[nodes.Node]) -> list[nodes.Node]:
    """Return the parts with commas between them."""
    return [
        node
        for i, part in enumerate(parts)
        for node in ([nodes.Text(", ")] if i else []) + [part]
    ]


def table(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[Sequence[nodes.Node]]]
) -> nodes.table:
    """Return a table of cells, each a sequence of inline nodes."""
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in head), cols=len(head))
    top = [[nodes.Text(words)] for words in head]
    group += nodes.thead("", _row(top))
    group += nodes.tbody("", *map(_row, rows))
    return nodes.table("", nodes.title("", caption), group, classes=["source-map"])


def _row(cells: Sequence[Sequence[nodes.Node]]) -> nodes.row:
    return nodes.row(
        "", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells)
    )


def answered() -> dict[str, Any]:
    """Return the stored answer to each claim by id, with its chapter's path; the first one stands."""
    found: dict[str, Any] = {}
    for path in book.chapters():
        for result in book.results(path):
            if result["kind"] == "claim":
                found.setdefault(result["id"], {**result, "path": path})
    return found
