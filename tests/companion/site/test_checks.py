"""The badges of an equation: one for each cell that checks it, since a cell is one fold."""

import re

from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser
from docutils.utils import new_document

from companion.site.pages.checks import add_badges, name_checks


def document(*cells):
    """The page of an equation and of cells, each given as the labels that it checks."""
    page = new_document("chapter", get_default_settings(Parser))
    page += nodes.math_block("", "a = b", label="eq-a")
    for labels in cells:
        cell = nodes.container(nb_element="cell_code")
        for label in labels:
            output = nodes.container(nb_element="cell_code_output")
            html = (
                f'<p class="companion-check" data-equation="{label}"><a>{label}</a></p>'
            )
            output += nodes.raw("", html, format="html")
            cell += output
        page += cell
    return page


def test_checks_in_one_cell_have_one_badge_and_those_of_a_further_cell_one_more():
    page = document(["eq-a", "eq-b", "eq-a", "eq-a"], ["eq-b"], ["eq-a", "eq-a"])
    first = name_checks(page, lambda label: "1.1" if label == "eq-a" else None)
    assert first == {
        "eq-a": ["check-eq-a", "check-eq-a-4"],
        "eq-b": ["check-eq-b", "check-eq-b-2"],
    }
    html = "".join(node.astext() for node in page.findall(nodes.raw))
    ids = re.findall(r'<p id="(check-eq-a[^"]*)"', html)
    assert ids == ["check-eq-a", *(f"check-eq-a-{i}" for i in range(2, 6))]
    assert html.count("(1.1)") == 5
    add_badges(next(page.findall(nodes.math_block)), first["eq-a"])
    (badges,) = (n.astext() for n in page.findall(nodes.raw) if "badges" in n.astext())
    words = re.findall(r'href="#([^"]+)".*?</span> (.*?)</a>', badges)
    assert words == [("check-eq-a", "checked"), ("check-eq-a-4", "2")]
