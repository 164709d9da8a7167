"""Small corrections to the finished HTML that the theme offers no setting for.

One that finds nothing in the whole book fails its build: the theme has changed, and what was mended may be back.
"""

import html
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from companion.site.finish.texts import Pages, Work


@dataclass(frozen=True)
class Correction:
    """What matches a pattern is replaced."""

    pattern: str
    replacement: str

    def __call__(self, page: str, folder: Path) -> str:
        """Return the page with each match replaced."""
        return re.sub(self.pattern, self.replacement, page)


CORRECTIONS = [
    # One logo serves light and dark; the theme writes a second one by JavaScript.
    Correction(
        r'(class="logo__image) only-light("[^>]*>)\s*<script>document\.write\(`<img[^`]*`\);</script>',
        r"\1\2",
    ),
    # The theme is known before anything is drawn, and is light without JavaScript; "auto" has no colours.
    Correction(r'(<html [^>]*data-theme=)"auto"', r'\1"light"'),
    Correction(
        r'(dataset\.theme = )localStorage\.getItem\("theme"\) \|\| "auto";',
        (
            r"\1document.documentElement.dataset.mode.replace("
            r'"auto", matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");'
        ),
    ),
    # Preloading the theme's scripts would hold up the style sheet.
    Correction(r'\s*<link rel="preload" as="script"[^>]*>', ""),
    # Bootstrap's, for two menus: assets/navigation.js does what it does.
    Correction(r'\s*<script src="[^"]*bootstrap\.js[^"]*"></script>', ""),
    # Tabs, and folds by JavaScript: the book has none; its folds are HTML's own.
    Correction(r"\s*<script [^>]*design-tabs\.js[^>]*></script>", ""),
    Correction(r"\s*<script [^>]*togglebutton\.js[^>]*></script>", ""),
    Correction(r"<script>let toggle(?:Hint|OpenOn)\w+ =.*?</script>\s*", ""),
    Correction(r"<script>var togglebuttonSelector =.*?</script>\s*", ""),
    # Font Awesome's JavaScript (1.5 MB) draws what its web font, loaded too, already draws.
    Correction(r'\s*<script src="[^"]*fontawesome[^"]*\.js[^"]*"></script>', ""),
    # Preloading a font fails in a page opened from the disk, and each page preloads three, of which it uses one.
    Correction(r'\s*<link rel="preload" as="font"[^>]*>', ""),
    # Names for screen readers that say less than, or other than, what is seen.
    Correction(r'(<button class="btn search-button[^>]*?) aria-label="Search"', r"\1"),
    # The download menu's entries, of which the theme shows only the endings.
    Correction(r'(<span class="btn__text-container">)\.ipynb', r"\1Notebook (.ipynb)"),
    Correction(r'(<span class="btn__text-container">)\.pdf', r"\1Print (.pdf)"),
    # The sidebar is a landmark; a list of references is no list to a screen reader, and its roles are out of date.
    Correction(
        r'(<div class="bd-sidebar-primary bd-sidebar[^>]*")>',
        r'\1 role="complementary" aria-label="Book">',
    ),
    Correction(r' role="doc-biblioentry"', ""),
    Correction(r'(?<=<div) role="list"(?= class="citation-list")', ""),
    # Words, signs and numbers of code need no colour of their own, and a string is one thing: eight thousand elements
    # of a chapter less.
    Correction(r'<span class="(?:mf|mi|n|nn|o|p|w)">([^<]*)</span>', r"\1"),
    Correction(r'<span class="(?:s1|s2|sa|se|si)">', '<span class="s">'),
    Correction(r'(<span class="s">[^<]*)</span><span class="s">', r"\1"),
    # Ids that a page would have more than once: every theorem, every exercise, the search page's second field.
    Correction(r' id="(?:proof|exercise|solution)-content"', ""),
    Correction(r' id="search-input"', ""),
    # Scripts wait for the page, but for those that the search needs in their order.
    Correction(
        r'<script (src="[^"]*_static/(?!fonts|documentation|doctools|searchtools|language)[^"]*")>',
        r"<script defer \1>",
    ),
]


# The theme measures every block of code when the page has loaded and whenever it changes; companion.js measures
# those that a reader comes near.
THEME = "_static/scripts/pydata-sphinx-theme.js"
MEASURES = '"complete"===document.readyState?T():window.addEventListener("load",T)'
MEASURES_NOTHING = "/* companion.js measures */0"

IMAGE = re.compile(r'<img\b[^>]*\bsrc="([^"]*_images/[^"]+\.svg)"[^>]*>')
CODE = re.compile(
    r'(<div class="highlight"><pre(?: [^>]*)?>)(?!<span class="lines")(.*?)</pre>',
    re.DOTALL,
)
ROOT = re.compile(r'<path d="([^"]*)"/>')
TAG = re.compile(r"<[^>]*>")
SIZE = re.compile(r'<svg\b[^>]*\bwidth="([\d.]+)pt" height="([\d.]+)pt"')


def sized(page: str, folder: Path) -> str:
    """Give each SVG its width and height in px, so that the page keeps its place; it loads when it is near."""
    return IMAGE.sub(partial(tag_with_size, folder), page)


def measured(page: str, folder: Path) -> str:
    """Have each block of code say how many lines and columns it has, so that it can be drawn when it is near."""
    return CODE.sub(code_with_size, page)


def drawn_once(page: str, folder: Path) -> str:
    """Draw each path of formulas, a root's sign mostly, once a page."""
    return ROOT.sub(partial(drawing_or_use, {}), page)


def tag_with_size(folder: Path, image: re.Match[str]) -> str:
    """Return an image's tag with its width and height, unless it has a size."""
    drawing = (folder / image[1]).read_text(encoding="utf-8")
    size = SIZE.search(drawing)
    if not size or " width=" in image[0] or " style=" in image[0]:
        return image[0]
    width, height = (round(float(points) * 4 / 3) for points in size.groups())
    rest = image[0].removeprefix("<img")
    return f'<img width="{width}" height="{height}" loading="lazy"{rest}'


def code_with_size(code: re.Match[str]) -> str:
    """Return a block of code with its numbers of lines and columns."""
    lines = html.unescape(TAG.sub("", code[2])).removesuffix("\n").split("\n")
    size = f"--lines: {len(lines)}; --columns: {max(map(len, lines))}"
    return f'{code[1]}<span class="lines" style="{size}">{code[2]}</span></pre>'


def drawing_or_use(drawn: dict[str, str], path: re.Match[str]) -> str:
    """Return a path, or a use of the one with the same outline before it."""
    if path[1] in drawn:
        return f'<use href="#{drawn[path[1]]}"/>'
    drawn[path[1]] = f"root-{len(drawn)}"
    return f'<path id="{drawn[path[1]]}" d="{path[1]}"/>'


def unburden(app: Sphinx, pages: Pages) -> None:
    """Take out of the theme's script what costs the reader time."""
    script = Path(app.outdir) / THEME
    text = script.read_text(encoding="utf-8")
    if MEASURES in text:
        script.write_text(text.replace(MEASURES, MEASURES_NOTHING), encoding="utf-8")
    elif MEASURES_NOTHING not in text:
        raise ExtensionError(
            f"the theme's script {THEME} has no {MEASURES!r}; mend unburden in {__name__}"
        )


def must_all_work(idle: list[Work]) -> None:
    """Raise ExtensionError naming the works that changed no page of a whole book, if there are any."""
    if idle:
        named = [getattr(work, "pattern", None) or work.__name__ for work in idle]
        raise ExtensionError(
            "corrections of the HTML find nothing on any page; mend or remove them in "
            f"{__name__}, or, in a book that lacks what they are for, set "
            "companion_full_book: false in _config.yml:\n" + "\n".join(named)
        )
