"""Each labelled equation links to its checks, and each check to its equation, by the number that Sphinx gave it.

A check is an output cell's line, `<p class="companion-check" data-equation="eq-name">`; it gets the id `check-eq-name`
(a second one of the same equation `check-eq-name-2`). The checks of an equation in one cell stand in one fold, to which
one badge leads. An equation of a notebook without a check is a warning, and so
is a check of an equation that its page does not have.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from companion.site.pages.outputs import outputs, rewrite

logger = logging.getLogger(__name__)
CHECK = re.compile(r'<p class="companion-check" data-equation="([^"]+)"')


def setup(app: Sphinx) -> None:
    """Work on each page's tree when numbers are known and the HTML output of each cell is chosen."""
    app.connect("doctree-resolved", link)


def link(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Link the equations and the checks of one page."""
    equations = {
        node["label"]: node
        for node in doctree.findall(nodes.math_block)
        if node.get("label")
    }
    checks = name_checks(
        doctree, lambda label: equation_number(app.env, docname, equations.get(label))
    )
    for label in checks.keys() - equations.keys():
        warn(
            docname,
            f"a check names {label!r}, which is no labelled equation of this page",
        )
    for label, equation in equations.items():
        if label in checks:
            add_badges(equation, checks[label])
        elif app.env.doc2path(docname).endswith(".ipynb"):
            warn(docname, f"the equation {label!r} has no check on its page")


def warn(docname: str, message: str) -> None:
    """Warn about a page; with -W the build fails."""
    logger.warning(message, location=docname, type="companion", subtype="checks")


def equation_number(env: BuildEnvironment, docname: str, node: Any) -> str | None:
    """Return an equation's number as the page shows it, such as "1.3", or None for no equation."""
    if node is None:
        return None
    numbers = env.toc_fignumbers.get(docname, {}).get("displaymath", {})
    return ".".join(map(str, numbers.get(node["ids"][0], [node["number"]])))


def equation_id(label: str) -> str:
    """Return the id that Sphinx gives to the equation with this label."""
    return f"equation-{nodes.make_id(label)}"


def check_id(label: str, occurrence: int) -> str:
    """Return the id of an equation's check; occurrences count from 1."""
    return f"check-{label}" if occurrence == 1 else f"check-{label}-{occurrence}"


def name_checks(
    doctree: nodes.document, number: Callable[[str], str | None]
) -> dict[str, list[str]]:
    """Give each check its id and its equation's number; return, by equation, the first id of each cell."""
    counts: Counter[str] = Counter()
    first: dict[str, dict[Any, str]] = defaultdict(dict)
    for node, match in outputs(doctree, CHECK):
        label = match[1]
        counts[label] += 1
        name = check_id(label, counts[label])
        first[label].setdefault(cell_of(node), name)
        html = node.astext().replace("<p ", f'<p id="{name}" ', 1)
        if number(label):
            html = html.replace(f">{label}</a>", f">({number(label)})</a>", 1)
        rewrite(node, html)
    return {label: list(ids.values()) for label, ids in first.items()}


def cell_of(node: Any) -> Any:
    """Return the code cell in which a node stands, or None for a node outside of cells."""
    while node is not None and node.get("nb_element") != "cell_code":
        node = node.parent
    return node


def add_badges(equation: Any, ids: list[str]) -> None:
    """Put a small link to each of these checks beside the equation."""
    links = "".join(
        f'<a class="checked" href="#{name}" title="See the check of this equation">'
        f'<span aria-hidden="true">✓</span> {"checked" if i == 1 else i}</a>'
        for i, name in enumerate(ids, 1)
    )
    box = nodes.container(classes=["equation"])
    equation.parent.insert(equation.parent.index(equation), box)
    equation.parent.remove(equation)
    box += [
        equation,
        nodes.raw("", f'<div class="badges">{links}</div>', format="html"),
    ]
