"""What others see of a page: its description, the card that a shared link shows, and the list of all pages.

The site's own address is one setting of _config.yml, ``html: baseurl``. While it is empty, there is no sitemap.xml,
which may hold whole addresses alone, and a card's address is relative.
"""

import re
import unicodedata
from html import escape, unescape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from companion.site.finish import cards
from companion.site.finish.texts import Pages

LONGEST = 200
DESCRIPTION = re.compile(r'<meta content="([^"]*)"[^>]*name="description"[^>]*/?>')


def setup(app: Sphinx) -> None:
    """Work on each page as it is written."""
    app.connect("html-page-context", describe, priority=900)


def describe(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Give a page its description, and the tags that name its card; pages of no document have neither."""
    if doctree is None:
        return
    text = about(doctree, app)
    title = unescape(re.sub(r"<[^>]*>", "", context["title"]))
    card = f"_static/cards/{page.replace('/', '-')}.png"
    cards.draw(title, app.config.html_title, Path(app.outdir) / card)
    base = address(app)
    tags = {
        "og:type": "article" if page != app.config.root_doc else "website",
        "og:site_name": app.config.html_title,
        "og:title": title,
        "og:description": text,
        "og:image": base + card if base else context["pathto"](card, 1),
        "og:image:width": str(cards.SIZE[0]),
        "og:image:height": str(cards.SIZE[1]),
        "og:image:alt": f"{title}: {app.config.html_title}",
    }
    if base:
        tags["og:url"] = f"{base}{page}.html"
    metatags = DESCRIPTION.sub("", context["metatags"])
    context["metatags"] = (
        f'{metatags}\n<meta name="description" content="{escape(text)}">\n'
        '<meta name="twitter:card" content="summary_large_image">\n'
        + "".join(
            f'<meta property="{name}" content="{escape(value)}">\n'
            for name, value in tags.items()
        )
    )


def address(app: Sphinx) -> str:
    """Return the site's own address with a slash at its end, or nothing while it is not known."""
    base = str(app.config.html_baseurl or "").strip()
    return base.rstrip("/") + "/" if base else ""


def about(doctree: nodes.document, app: Sphinx) -> str:
    """Return what a page says of itself: its own description, or else how it begins, or else the book's description."""
    given = [
        node["content"]
        for node in doctree.findall(nodes.meta)
        if node.get("name") == "description"
    ]
    standing = str(app.config.myst_html_meta.get("description lang=en", ""))
    own = [text for text in given if text != standing]
    return own[0] if own else opening(doctree) or standing


def opening(doctree: nodes.document) -> str:
    """Return the beginning of a page's first paragraph outside boxes, in whole sentences if one is short enough."""
    running = (
        paragraph
        for paragraph in doctree.findall(nodes.paragraph)
        if isinstance(paragraph.parent, nodes.section)
    )
    paragraph = next(running, None)
    text = re.sub(r"\s+", " ", plain(paragraph.astext())) if paragraph else ""
    if len(text) <= LONGEST:
        return text
    end = max(text.rfind(mark, 0, LONGEST) for mark in (". ", "? "))
    return text[: end + 1] if end > 60 else text[: text.rfind(" ", 0, LONGEST)] + " …"


def plain(latex: str) -> str:
    """Return text in which the LaTeX of small formulas reads as it is spoken of: 1-β^t."""

    def letter(command: re.Match[str]) -> str:
        name = command[1].upper().replace("LAMBDA", "LAMDA")
        try:
            return unicodedata.lookup(f"GREEK SMALL LETTER {name}")
        except KeyError:
            return command[1]

    return re.sub(r"[{}]", "", re.sub(r"\\([A-Za-z]+)", letter, latex))


def list_pages(app: Sphinx, pages: Pages) -> None:
    """Write sitemap.xml, if the site's address is known."""
    sitemap = Path(app.outdir) / "sitemap.xml"
    base = address(app)
    if not base:
        sitemap.unlink(missing_ok=True)
        return
    entries = "".join(
        f"<url><loc>{escape(base)}{page}.html</loc></url>\n"
        for page in sorted(app.env.found_docs)
    )
    sitemap.write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{entries}</urlset>\n",
        encoding="utf-8",
    )
