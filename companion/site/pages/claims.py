"""The page that lists every claim of the sources with its answer, the directive `claim-list`, and the way back to it.

An answer in a chapter, `<div class="companion-claim" data-claim="P5">`, gets the id `claim-P5`, and its P5 leads to
the list.
"""

import re
from collections import Counter
from itertools import groupby
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from companion import book
from companion.checks.claims import VERDICTS, Claim, claims
from companion.site.pages.listing import depend_on, link_to, title
from companion.site.pages.outputs import outputs, rewrite

LIST = "chapters/claims"
CLAIM = re.compile(r'<div class="companion-claim" data-claim="([^"]+)"')


def setup(app: Sphinx) -> None:
    """Register the directive, and name the answers once the HTML output of each cell is chosen."""
    app.add_directive("claim-list", ClaimList)
    app.connect("doctree-resolved", name_answers)


def name_answers(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give each claim's first answer on a page its id, and link it to the list."""
    if app.builder.format != "html" or LIST not in app.env.found_docs:
        return
    seen = set()
    for node, match in outputs(doctree, CLAIM):
        name, html = match[1], node.astext()
        if name not in seen:
            html = html.replace("<div ", f'<div id="claim-{name}" ', 1)
        seen.add(name)
        link = f'<a href="{app.builder.get_relative_uri(docname, LIST)}#claim-{name}">{name}</a>'
        rewrite(
            node,
            html.replace(f"<strong>{name}</strong>", f"<strong>{link}</strong>", 1),
        )


class ClaimList(SphinxDirective):
    """One section a source, one box a claim."""

    def run(self) -> list[nodes.Node]:
        """Return a line with the totals and the sections."""
        depend_on(self.env, book.chapters())
        answers = answered()
        verdicts = Counter(verdict_on(claim, answers) for claim in claims().values())
        summary = (
            f"{len(claims())} claims: "
            + ", ".join(f"{verdicts[v]} {v}" for v in VERDICTS if verdicts[v])
            + "."
        )
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
        section += [
            self.entry(claim, verdict_on(claim, answers), answers.get(claim.id))
            for claim in stated
        ]
        return section

    def entry(
        self, claim: Claim, verdict: str, answer: dict[str, Any] | None
    ) -> nodes.container:
        """Return one claim's box: verdict, id, statement, answer, and where it is answered."""
        head = nodes.paragraph(
            "",
            "",
            nodes.inline("", verdict, classes=["companion-verdict"]),
            nodes.Text(" "),
        )
        head += [
            nodes.strong("", claim.id),
            nodes.Text(" "),
            nodes.inline("", claim.statement),
        ]
        kind = "verdict-" + verdict.replace(" ", "-")
        box = nodes.container(
            "", head, ids=[f"claim-{claim.id}"], classes=["companion-claim", kind]
        )
        if answer:
            box += self.answer(claim, answer)
        return box

    def answer(self, claim: Claim, answer: dict[str, Any]) -> nodes.paragraph:
        """Return the answer's number and words (which may hold HTML), and a link to where it stands."""
        number = nodes.inline(
            "",
            f"{answer['number']}." if answer["number"] else "",
            classes=["companion-number"],
        )
        words = nodes.raw("", f" {answer['answer']} ", format="html")
        link = link_to(
            self.env, answer["path"], f"claim-{claim.id}", title(answer["path"])
        )
        return nodes.paragraph(
            "", "", number, words, nodes.Text("See "), link, nodes.Text(".")
        )


def verdict_on(claim: Claim, answers: dict[str, Any]) -> str:
    """Return the verdict on a claim, "to come" as long as no chapter has one."""
    return answers[claim.id]["verdict"] if claim.id in answers else "to come"


def answered() -> dict[str, Any]:
    """Return the stored answer to each claim by id, with its chapter's path; the first one stands."""
    found: dict[str, Any] = {}
    for path in book.chapters():
        for result in book.results(path):
            if result["kind"] == "claim":
                found.setdefault(result["id"], {**result, "path": path})
    return found
