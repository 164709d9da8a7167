"""What every page loads: a style sheet and a few lines of JavaScript of the book's own."""

from pathlib import Path

from sphinx.application import Sphinx

ASSETS = Path(__file__).parent / "assets"
# The search shows the text around each find, which a page from the disk may not fetch.
FROM_DISK = 'if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;'


def setup(app: Sphinx) -> None:
    """Add them after the theme's own."""
    app.connect(
        "config-inited", lambda app, config: config.html_static_path.append(str(ASSETS))
    )
    app.add_css_file("companion.css", priority=900)
    app.add_js_file("navigation.js", loading_method="defer", priority=900)
    app.add_js_file("companion.js", loading_method="defer", priority=900)
    app.add_js_file(None, body=FROM_DISK, priority=900)
