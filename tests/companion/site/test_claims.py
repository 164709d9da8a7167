"""What becomes of cells that answer claims: a card each, and one line for a run of claims set aside."""

from types import SimpleNamespace

import nbformat
import pytest
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser
from docutils.utils import new_document

from companion.checks.claims import claims
from companion.results import MIME
from companion.site.pages.claims import LIST, ClaimCells


def answer(name, aside=False, verdict="wrong"):
    """An output that answers a claim, as it is stored."""
    facts = {"kind": "claim", "id": name, "verdict": verdict, "aside": aside}
    return nbformat.v4.new_output("display_data", {MIME: facts, "text/plain": name})


def printed(text="text"):
    """An output that is no claim."""
    return nbformat.v4.new_output("stream", text=text)


@pytest.fixture
def read(monkeypatch):
    """The document of a notebook's code cells, each given as its outputs, after the transform."""

    def make(*cells, found=(LIST,)):
        document = new_document("chapter", get_default_settings(Parser))
        builder = SimpleNamespace(get_relative_uri=lambda start, end: "claims.html")
        document.settings.env = SimpleNamespace(
            docname="chapters/chapter",
            found_docs=set(found),
            doc2path=lambda name: f"{name}.ipynb",
            app=SimpleNamespace(builder=builder),
        )
        notebook = [nbformat.v4.new_code_cell("code", outputs=outs) for outs in cells]
        monkeypatch.setattr("companion.book.cells", lambda path: notebook)
        document += [_cell(i, outputs) for i, outputs in enumerate(cells)]
        ClaimCells(document).apply()
        return document

    return make


def _cell(index, outputs):
    """A code cell as myst-nb reads it."""
    cell = nodes.container(nb_element="cell_code", cell_index=index, classes=["cell"])
    cell += nodes.container(
        "", nodes.literal_block("", "code"), nb_element="cell_code_source"
    )
    shown = nodes.container(nb_element="cell_code_output")
    for output in outputs:
        if "data" not in output:
            shown += nodes.literal_block("", output.text)
            continue
        words = [
            nodes.paragraph("", word) for word in ("You may hear:", "False.", "source")
        ]
        bundle = nodes.container(nb_element="mime_bundle")
        bundle += nodes.container("", *words, mime_type="text/markdown")
        bundle += nodes.container("", nodes.paragraph("", "x"), mime_type="text/plain")
        shown += bundle
    cell += [shown] if outputs else []
    return cell


def test_a_claims_cell_is_its_card_which_leads_to_the_list(read):
    document = read([answer("P5"), answer("P6", verdict="holds if")])
    five, six = document
    assert five["ids"] == ["claim-P5"] and six["ids"] == ["claim-P6"]
    assert five["classes"] == ["companion-claim", "verdict-wrong"]
    assert six["classes"] == ["companion-claim", "verdict-holds-if"]
    assert [p.astext() for p in five] == [
        "You may hear:",
        "False.",
        f"{claims()['P5'].source}, {claims()['P5'].place}, P5",
    ]
    (link,) = five.findall(nodes.reference)
    assert link["refuri"] == "claims.html#claim-P5" and link.astext() == "P5"


def test_of_a_cell_that_shows_more_the_code_goes_and_the_rest_stays(read):
    (cell,) = read([printed(), answer("P5")])
    assert [n.get("nb_element") for n in cell] == ["cell_code_output"]
    assert [type(n).__name__ for n in cell[0]] == ["literal_block", "container"]


def test_a_cell_without_a_claim_is_left(read):
    document = read([printed()], [])
    assert [len(cell) for cell in document] == [2, 1]
    assert not list(document.findall(nodes.reference))


def test_each_run_of_claims_set_aside_is_one_line_where_links_to_them_arrive(read):
    document = read(
        [answer("P1", aside=True), answer("P2", aside=True)],
        [answer("B1", aside=True)],
        [answer("P5")],
        [answer("P6", aside=True)],
    )
    first, card, last = document
    assert first.astext() == (
        "Three more claims of the sources are answered on the page of all claims: P1, P2, B1."
    )
    assert last.astext() == (
        "One more claim of the sources is answered on the page of all claims: P6."
    )
    assert card["ids"] == ["claim-P5"]
    links = list(first.findall(nodes.reference))
    assert [link["refuri"] for link in links] == [
        "claims.html", *(f"claims.html#claim-{name}" for name in ("P1", "P2", "B1"))
    ]  # fmt: skip
    assert [link["ids"] for link in links[1:]] == [
        ["claim-P1"],
        ["claim-P2"],
        ["claim-B1"],
    ]


def test_many_are_counted_in_digits_and_without_the_list_nothing_is_a_link(read):
    names = [f"S{n}" for n in range(1, 14)]
    (line,) = read([answer(name, aside=True) for name in names], found=())
    assert line.astext().startswith("13 more claims") and line.astext().endswith("S13.")
    assert not list(line.findall(nodes.reference))
    assert [n["ids"] for n in line.findall(nodes.inline)][1:] == [
        [f"claim-{name}"] for name in names
    ]
