"""Addresses that are no page of the book: the site's own leads home, and any other to 404.html.

They stand alone: the address at which 404.html is shown can be any.
"""

from pathlib import Path
from urllib.parse import urlsplit

from sphinx.application import Sphinx

from companion.figures import COLORS
from companion.site.finish import sharing
from companion.site.finish.texts import Pages

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
# Without the site's address the page finds the site's root from its own: chapters/ is the one folder of pages.
ROOT = """<script>
const root = location.pathname.replace(/(chapters\\/.*|[^/]*)$/, "");
document.head.append(Object.assign(document.createElement("base"), { href: root }));
</script>"""
LOST = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>No such page — {title}</title>
{base}
<link rel="icon" href="_static/favicon.svg">
<style>
:root {{ color-scheme: light dark; --paper: {paper[0]}; --ink: {ink[0]}; --blue: {blue[0]}; --orange: {orange[0]}; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --paper: {paper[1]}; --ink: {ink[1]}; --blue: {blue[1]}; --orange: {orange[1]}; }}
}}
body {{ margin: 0; padding: 15vh 1.5rem; background: var(--paper); color: var(--ink);
  font: 1.125rem/1.6 "Source Sans", "Source Sans 3", system-ui, sans-serif; }}
main {{ max-width: 36rem; margin: auto; }}
h1 {{ font-size: 2.2rem; line-height: 1.15; }}
a {{ color: var(--blue); text-underline-offset: 0.18em; }}
input, button {{ font: inherit; padding: 0.5rem 0.8rem; border: 1px solid var(--ink); border-radius: 6px;
  background: var(--paper); color: inherit; }}
:focus-visible {{ outline: 3px solid var(--orange); outline-offset: 2px; }}
</style>
</head>
<body>
<main>
<h1>There is no such page</h1>
<p>The address leads nowhere in <i>{title}</i>: the page may have moved, or a letter is wrong.</p>
<p><a href="{home}">To the home page</a></p>
<form action="search.html">
<label for="q">Or search the book:</label><br>
<input id="q" name="q" type="search" required> <button>Search</button>
</form>
</main>
</body>
</html>
"""


def lead_home(app: Sphinx, pages: Pages) -> None:
    """Have the site's own address lead to the home page."""
    if app.config.root_doc != "index":
        page = HOME.format(
            title=app.config.html_title, home=f"{app.config.root_doc}.html"
        )
        (Path(app.outdir) / "index.html").write_text(page, encoding="utf-8")


def lead_back(app: Sphinx, pages: Pages) -> None:
    """Write 404.html."""
    known = urlsplit(sharing.address(app)).path
    page = LOST.format(
        title=app.config.html_title,
        home=f"{app.config.root_doc}.html",
        base=f'<base href="{known}">' if known else ROOT,
        **COLORS,
    )
    (Path(app.outdir) / "404.html").write_text(page, encoding="utf-8")
