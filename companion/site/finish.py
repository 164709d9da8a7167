"""Small corrections to the finished HTML that the theme offers no setting for."""

import re
from pathlib import Path

from sphinx.application import Sphinx

CORRECTIONS = [
    # Font Awesome's JavaScript (1.5 MB) draws what its web font, loaded too, already draws.
    (r'\s*<script src="[^"]*fontawesome[^"]*\.js[^"]*"></script>', ""),
    # Preloading a font fails in a page opened from the disk, and each page preloads three, of which it uses one.
    (r'\s*<link rel="preload" as="font"[^>]*>', ""),
    # Names for screen readers that say less than, or other than, what is seen.
    (r'(<button class="btn search-button[^>]*?) aria-label="Search"', r"\1"),
    (r'<summary aria-label="Toggle hidden content">', "<summary>"),
    # The sidebar is a landmark; a list of references is no list to a screen reader, and its roles are out of date.
    (
        r'(<div class="bd-sidebar-primary bd-sidebar[^>]*")>',
        r'\1 role="complementary" aria-label="Book">',
    ),
    (r' role="doc-biblioentry"|(?<=<div) role="list"(?= class="citation-list")', ""),
]


HOME = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<meta http-equiv="refresh" content="0; url={home}">
<link rel="icon" href="_static/favicon.svg">
</head>
<body><p><a href="{home}">{title}</a></p></body>
</html>
"""


def setup(app: Sphinx) -> None:
    """Run when every page has been written, and before sphinx_external_toc writes a barer index.html."""
    app.connect("build-finished", correct, priority=400)
    app.connect("build-finished", lead_home, priority=400)
    app.connect("build-finished", forget, priority=400)


def lead_home(app: Sphinx, exception: Exception | None) -> None:
    """Have the site's own address lead to the home page."""
    if not exception and app.builder.name == "html" and app.config.root_doc != "index":
        page = HOME.format(
            title=app.config.html_title, home=f"{app.config.root_doc}.html"
        )
        (Path(app.outdir) / "index.html").write_text(page, encoding="utf-8")


def correct(app: Sphinx, exception: Exception | None) -> None:
    """Correct each page in place; a page that is right already stays untouched."""
    if exception or app.builder.name != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        html = path.read_text(encoding="utf8")
        corrected = html
        for pattern, replacement in CORRECTIONS:
            corrected = re.sub(pattern, replacement, corrected)
        if corrected != html:
            path.write_text(corrected, encoding="utf8")


def forget(app: Sphinx, exception: Exception | None) -> None:
    """Remove the pages of chapters that the book has no more."""
    if exception or app.builder.name != "html":
        return
    outdir = Path(app.outdir)
    written = {*app.env.found_docs, "index", "search", "genindex"}
    for path in outdir.rglob("*.html"):
        name = path.relative_to(outdir)
        if (
            not name.parts[0].startswith("_")
            and name.with_suffix("").as_posix() not in written
        ):
            path.unlink()
