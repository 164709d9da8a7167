"""The Sphinx extension that makes the book's pages: offline, with every equation linked to its check.

One idea a file: ``mathematics`` renders LaTeX while building, ``checks`` links equations and their checks, ``folds`` folds code away, ``boxes`` are the chapter's, ``api``
makes the page of the packages' docstrings, ``index`` lets the search find equations by name,
``equations`` and ``claims`` are the two listing pages (``listing`` is what they share), ``outputs`` edits the HTML that
cells have stored, ``quizzes`` are questions that the page checks,
``theorems`` links theorems, proofs and exercises, ``live`` has figures operated without a kernel (``modules`` their programs), ``buttons`` are the links to the repository,
``assets`` is what every page loads, ``finish`` mends the finished HTML, ``stylesheet`` makes one small style sheet of
all (``fonts`` cuts their fonts down), ``sharing`` is what others see of a page (``cards`` draws it), ``lost`` the page
for a wrong address; ``serve``, ``lighthouse`` and ``screenshots`` look at the result, ``fingerprint`` tells when all pages are stale.
"""

from typing import Any

from sphinx.application import Sphinx

from companion.site import assets, fingerprint
from companion.site.finish import corrections, lost, modules, sharing, stylesheet
from companion.site.pages import (
    api,
    boxes,
    buttons,
    checks,
    claims,
    equations,
    folds,
    index,
    live,
    mathematics,
    quizzes,
    theorems,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect every part to Sphinx."""
    for part in (
        mathematics,
        api,
        assets,
        boxes,
        buttons,
        checks,
        folds,
        equations,
        claims,
        corrections,
        quizzes,
        theorems,
        live,
        modules,
        stylesheet,
        sharing,
        lost,
        index,
    ):
        part.setup(app)
    return {
        "version": "1",
        "env_version": fingerprint.fingerprint(app.confdir),
        "parallel_read_safe": True,
    }
