"""Numbers and signs that no line's end may part."""

from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser
from docutils.utils import new_document

from companion.site.pages.mathematics import keep_percents


def test_a_number_keeps_its_percent_sign_but_code_and_mathematics_stay_as_they_are():
    page = new_document("chapter", get_default_settings(Parser))
    kinds = (nodes.strong, nodes.literal, nodes.math, nodes.raw)
    page += nodes.paragraph("", "From 59 % to 4\n%, a % sign, ")
    page[0] += [kind("", "59 %") for kind in kinds]
    page += nodes.literal_block("", "59 % 4")
    page += nodes.math_block("", "59 % 4")
    keep_percents(None, page, "chapter")
    assert [text.astext() for text in page.findall(nodes.Text)] == [
        "From 59\N{NO-BREAK SPACE}% to 4\N{NO-BREAK SPACE}%, a % sign, ",
        "59\N{NO-BREAK SPACE}%",
        *["59 %"] * 3,
        *["59 % 4"] * 2,
    ]
