"""The Sphinx extension that makes the book's pages: offline, with every equation linked to its check.

One idea a file: ``mathematics`` renders LaTeX while building, ``checks`` links equations and their checks, ``api``
makes the page of the packages' docstrings,
``equations`` and ``claims`` are the two listing pages (``listing`` is what they share), ``outputs`` edits the HTML that
cells have stored, ``buttons`` are the links to the repository, ``assets`` is what every page loads, ``finish`` mends
the finished HTML, ``fingerprint`` tells when all pages are stale.
"""

from typing import Any

from sphinx.application import Sphinx

from companion.site import (
    api,
    assets,
    buttons,
    checks,
    claims,
    equations,
    fingerprint,
    finish,
    mathematics,
)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect every part to Sphinx."""
    for part in (mathematics, api, assets, buttons, checks, equations, claims, finish):
        part.setup(app)
    return {
        "version": "1",
        "env_version": fingerprint.fingerprint(app.confdir),
        "parallel_read_safe": True,
    }
