"""Small corrections to the finished HTML that the theme offers no setting for."""

import html
import re
from functools import partial
from pathlib import Path

from sphinx.application import Sphinx

CORRECTIONS = [
    # One logo serves light and dark; the theme writes a second one by JavaScript.
    (
        r'(class="logo__image) only-light("[^>]*>)\s*<script>document\.write\(`<img[^`]*`\);</script>',
        r"\1\2",
    ),
    # The theme is known before anything is drawn, and is light without JavaScript; "auto" has no colours.
    (r'(<html [^>]*data-theme=)"auto"', r'\1"light"'),
    (
        r'(dataset\.theme = )localStorage\.getItem\("theme"\) \|\| "auto";',
        (
            r"\1document.documentElement.dataset.mode.replace("
            r'"auto", matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");'
        ),
    ),
    # Preloading the theme's scripts would hold up the style sheet.
    (r'\s*<link rel="preload" as="script"[^>]*>', ""),
    # Bootstrap's, for two menus: assets/navigation.js does what it does.
    (r'\s*<script src="[^"]*bootstrap\.js[^"]*"></script>', ""),
    # Tabs, and folds by JavaScript: the book has none; its folds are HTML's own.
    (r"\s*<script [^>]*(?:design-tabs|togglebutton)\.js[^>]*></script>", ""),
    (
        r"<script>(?:let toggle(?:Hint|OpenOn)\w+ =|var togglebuttonSelector =).*?</script>\s*",
        "",
    ),
    # Font Awesome's JavaScript (1.5 MB) draws what its web font, loaded too, already draws.
    (r'\s*<script src="[^"]*fontawesome[^"]*\.js[^"]*"></script>', ""),
    # Preloading a font fails in a page opened from the disk, and each page preloads three, of which it uses one.
    (r'\s*<link rel="preload" as="font"[^>]*>', ""),
    # Names for screen readers that say less than, or other than, what is seen.
    (r'(<button class="btn search-button[^>]*?) aria-label="Search"', r"\1"),
    (r'<summary aria-label="Toggle hidden content">', "<summary>"),
    # The download menu's entries, of which the theme shows only the endings.
    (r'(<span class="btn__text-container">)\.ipynb', r"\1Notebook (.ipynb)"),
    (r'(<span class="btn__text-container">)\.pdf', r"\1Print (.pdf)"),
    # The sidebar is a landmark; a list of references is no list to a screen reader, and its roles are out of date.
    (
        r'(<div class="bd-sidebar-primary bd-sidebar[^>]*")>',
        r'\1 role="complementary" aria-label="Book">',
    ),
    (r' role="doc-biblioentry"|(?<=<div) role="list"(?= class="citation-list")', ""),
    # Words, signs and numbers of code need no colour of their own, and a string is one thing: eight thousand elements
    # of a chapter less.
    (r'<span class="(?:mf|mi|n|nn|o|p|w)">([^<]*)</span>', r"\1"),
    (r'<span class="(?:s1|s2|sa|se|si)">', '<span class="s">'),
    (r'(<span class="s">[^<]*)</span><span class="s">', r"\1"),
    # Ids that a page would have more than once: every theorem, every exercise, the search page's second field.
    (r' id="(?:(?:proof|exercise|solution)-content|search-input)"', ""),
    # Scripts wait for the page, but for those that the search needs in their order.
    (
        r'<script (src="[^"]*_static/(?!fonts|documentation|doctools|searchtools|language)[^"]*")>',
        r"<script defer \1>",
    ),
]


# The theme measures every block of code when the page has loaded and whenever it changes; companion.js measures
# those that a reader comes near.
THEME = "_static/scripts/pydata-sphinx-theme.js"
MEASURES = '"complete"===document.readyState?T():window.addEventListener("load",T)'

IMAGE = re.compile(r'<img\b[^>]*\bsrc="([^"]*_images/[^"]+\.svg)"[^>]*>')
CODE = re.compile(
    r'(<div class="highlight"><pre(?: [^>]*)?>)(?!<span class="lines")(.*?)</pre>',
    re.DOTALL,
)
ROOT = re.compile(r'<path d="([^"]*)"/>')
TAG = re.compile(r"<[^>]*>")
SIZE = re.compile(r'<svg\b[^>]*\bwidth="([\d.]+)pt" height="([\d.]+)pt"')

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
    app.connect("build-finished", unburden, priority=400)


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
        page = corrected = path.read_text(encoding="utf8")
        for pattern, replacement in CORRECTIONS:
            corrected = re.sub(pattern, replacement, corrected)
        corrected = IMAGE.sub(partial(sized, path.parent), corrected)
        corrected = CODE.sub(measured, corrected)
        corrected = ROOT.sub(partial(drawn_once, {}), corrected)
        if corrected != page:
            path.write_text(corrected, encoding="utf8")


def sized(folder: Path, image: re.Match[str]) -> str:
    """Return an SVG's tag with its width and height in px, so that the page keeps its place; it loads when it is near."""
    drawing = (folder / image[1]).read_text(encoding="utf-8")
    size = SIZE.search(drawing)
    if not size or " width=" in image[0] or " style=" in image[0]:
        return image[0]
    width, height = (round(float(points) * 4 / 3) for points in size.groups())
    rest = image[0].removeprefix("<img")
    return f'<img width="{width}" height="{height}" loading="lazy"{rest}'


def measured(code: re.Match[str]) -> str:
    """Return a block of code that says how many lines and columns it has, so that it can be drawn when it is near."""
    lines = html.unescape(TAG.sub("", code[2])).removesuffix("\n").split("\n")
    size = f"--lines: {len(lines)}; --columns: {max(map(len, lines))}"
    return f'{code[1]}<span class="lines" style="{size}">{code[2]}</span></pre>'


def drawn_once(drawn: dict[str, str], path: re.Match[str]) -> str:
    """Return a path of a formula, a root's sign mostly, or a use of the one with the same outline before it."""
    if path[1] in drawn:
        return f'<use href="#{drawn[path[1]]}"/>'
    drawn[path[1]] = f"root-{len(drawn)}"
    return f'<path id="{drawn[path[1]]}" d="{path[1]}"/>'


def unburden(app: Sphinx, exception: Exception | None) -> None:
    """Take out of the theme's script what costs the reader time."""
    script = Path(app.outdir) / THEME
    if not exception and app.builder.name == "html" and script.exists():
        text = script.read_text(encoding="utf-8")
        if MEASURES in text:
            script.write_text(text.replace(MEASURES, "0"), encoding="utf-8")


def forget(app: Sphinx, exception: Exception | None) -> None:
    """Remove the pages of chapters that the book has no more."""
    if exception or app.builder.name != "html":
        return
    outdir = Path(app.outdir)
    written = {*app.env.found_docs, "index", "search", "genindex", "404"}
    for path in outdir.rglob("*.html"):
        name = path.relative_to(outdir)
        if (
            not name.parts[0].startswith("_")
            and name.with_suffix("").as_posix() not in written
        ):
            path.unlink()
