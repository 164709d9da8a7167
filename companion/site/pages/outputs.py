"""The HTML that cells have stored in a notebook, on its way to the page."""

import re
from collections.abc import Iterator

from docutils import nodes


def outputs(
    doctree: nodes.document, pattern: re.Pattern[str]
) -> Iterator[tuple[nodes.raw, re.Match[str]]]:
    """Yield each piece of raw HTML that matches a compiled pattern, with the match."""
    for node in list(doctree.findall(nodes.raw)):
        match = pattern.search(node.astext())
        if match:
            yield node, match


def rewrite(node: nodes.raw, html: str) -> None:
    """Give a raw node another text."""
    node.rawsource = html
    node.children = [nodes.Text(html)]
