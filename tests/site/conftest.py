"""What the tests of the site share: the built site, a server, a browser, and pages read into links, ids and images."""

import html
import os
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browsing import WIDE, emptied, opening

from companion.site.finish import modules
from companion.site.pages.live import classes, stored
from companion.tools import serve

ROOT = Path(__file__).parents[2]
# In the place of a still: to draw one takes longer than most tests, and the live figure takes its place.
BLANK = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/%3E"

sys.path.insert(0, str(ROOT / "tests" / "witnesses"))


@pytest.fixture(scope="session")
def root():
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def site():
    """The folder of the built site."""
    built = ROOT / "_build" / "html"
    if not (built / "searchindex.js").exists():
        pytest.fail(
            "the site is not built: run `make book`, or `make test`, which does it first"
        )
    return built


@pytest.fixture(scope="package")
def address(site):
    """The address at which the site is served while the tests run."""
    with serve.serving(site) as served:
        yield served


@pytest.fixture(scope="package")
def browser():
    """Chromium. Closed before the notebooks' tests begin, which can't run beside Playwright's event loop."""
    program = serve.chromium()
    if program is None:
        missing = f"no browser: none of {', '.join(serve.BROWSERS)} is installed"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=list(serve.FLAGS)
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def context(browser):
    """The one profile in which all pages open: a new one would cost more than a page does."""
    profile = browser.new_context(viewport=WIDE)
    # No page has a quiet moment: what waits for the reader still waits when a test looks at it.
    profile.add_init_script("window.requestIdleCallback = undefined")
    return profile


@pytest.fixture(scope="package")
def tab(context):
    """The tab in which most tests open their pages, one after the other: a new one costs as much as a page does."""
    with opening(context) as page:
        yield page


@pytest.fixture
def page(tab, request):
    """A page on a wide screen. A figure's own page is kept for a test that brings one, which may be there already."""
    own = tab.url.split("#")[0].endswith("/figure.html")
    keep = own and "brought" in request.fixturenames
    with emptied(tab, keep) as page:
        yield page


@pytest.fixture
def own_page(context):
    """The same in a tab of its own, for a test that adds to it what would stay: a listener, a route, a script."""
    with opening(context) as page:
        yield page


class Reading(HTMLParser):
    """A page's ids, links, images and checks."""

    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.images, self.tags = [], [], [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        """Note what a tag has."""
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "img":
            self.images.append(attributes)

    def of_class(self, name):
        """The attributes of every tag of this class."""
        return [
            attributes
            for _, attributes in self.tags
            if name in attributes.get("class", "").split()
        ]


@pytest.fixture(scope="session")
def pages(site):
    """Every page of the site, read, by its path within the site."""
    found = (path.relative_to(site) for path in sorted(site.rglob("*.html")))
    return {
        path.as_posix(): Reading(site / path)
        for path in found
        if not path.parts[0].startswith("_")
    }


# The figure again, as if its page were opened at this address.
ANEW = """async (address) => {
  history.replaceState(null, "", address);
  scrollTo(0, 0);
  const figure = document.querySelector("figure.live");
  figure.querySelector(".live-place").innerHTML = '<img class="live-still" alt="">';
  delete figure.dataset.brought;
  delete figure.dataset.ready;
  await bringOnce(figure);
}"""


@pytest.fixture
def brought(page):
    """Opens a live figure's own page, and returns the figure once it is live; nothing may go wrong there.

    Where the page is open already, which costs much more than a figure, the figure is made anew.
    """

    def bring(address):
        if page.url.split("#")[0] == address.split("#")[0]:
            page.evaluate(ANEW, address)
        else:
            page.goto(address)
        figure = page.locator("figure.live[data-ready]")
        figure.wait_for()
        return figure

    yield bring
    assert page.problems == []


@pytest.fixture(scope="package")
def alone(tmp_path_factory):
    """Writes a live figure on a page of its own, as the site has it, and returns the page's address on the disk."""

    written = {}

    def write(figure, style=""):
        key = (repr(figure), style, str(figure.told()))
        if key not in written:
            folder = tmp_path_factory.mktemp("figure")
            written[key] = write_page(folder, figure, style)
        return written[key]

    return write


def write_page(folder, figure, style):
    """Write a page with a figure, and what it needs, into a folder; returns its address."""
    loader = (ROOT / "companion/site/assets/live.js").read_text(encoding="utf-8")
    path = folder / "figure.html"
    modules.write_scripts(folder)
    text = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>A figure</title><link rel="icon" href="data:,">'
        f'<main style="{style}"><figure class="{" ".join(classes(type(figure)))}">'
        f'<img class="live-still" src="{BLANK}" alt="{html.escape(figure.alt)}"></figure>{stored(figure)}</main>'
        f"<script>{loader}</script></html>"
    )
    path.write_text(modules.moved(text, path, folder), encoding="utf-8")
    return path.as_uri()
