"""What the tests of the site share: the built site, a server, a browser, and pages read into links, ids and images."""

import html
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

import pytest
from playwright.sync_api import Page

from companion.site.finish import modules
from companion.site.pages.live import classes, stored
from companion.tools import serve

ROOT = Path(__file__).parents[2]
HANGS = 300_000  # ms; nothing takes so long on a machine that is only slow
MOVED = """() => new Promise((done) => {
  let moved = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) moved += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(moved), 100));
})"""
FROM_NETWORK = """() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .filter((entry) => !entry.name.startsWith("blob:"))
  .map((entry) => [entry.name, entry.transferSize])"""

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
    profile = browser.new_context(viewport={"width": 1280, "height": 900})
    # No page has a quiet moment: what waits for the reader still waits when a test looks at it.
    profile.add_init_script("window.requestIdleCallback = undefined")
    return profile


@contextmanager
def opening(context):
    """A fresh page; `page.problems` lists what it complained of and every request that left the host."""
    page = context.new_page()
    page.set_default_timeout(HANGS)
    page.problems = problems = []
    page.on(
        "console",
        lambda said: (
            said.type in ("warning", "error")
            and problems.append(f"{said.type}: {said.text}")
        ),
    )
    page.on("pageerror", lambda error: problems.append(f"error: {error}"))
    page.on("requestfailed", lambda request: problems.append(f"failed: {request.url}"))
    page.on(
        "response",
        lambda answer: (
            answer.status >= 400 and problems.append(f"{answer.status}: {answer.url}")
        ),
    )
    page.on(
        "request",
        lambda request: (
            leaves(request.url) and problems.append(f"left the host: {request.url}")
        ),
    )
    yield page
    page.evaluate("() => { try { localStorage.clear(); } catch { } }")
    page.close()


@pytest.fixture
def page(context):
    """A fresh page on a wide screen."""
    with opening(context) as page:
        yield page


@dataclass
class Visit:
    """A page of the site, opened twice, with what its loading cost."""

    name: str
    wide: Page
    narrow: Page
    sizes: dict[str, int]
    moved: tuple[float, float]
    steady: ClassVar[float] = 0.02  # a layout shift that nobody sees


@pytest.fixture(scope="module")
def visit(request, context, address):
    """A page of the site: on a wide screen in light, on a narrow one in dark. Tests that share it leave it as it was."""
    with opening(context) as wide, opening(context) as narrow:
        narrow.set_viewport_size({"width": 390, "height": 900})
        context.new_cdp_session(wide).send("Network.clearBrowserCache")
        for page, theme in ((wide, "light"), (narrow, "dark")):
            page.emulate_media(color_scheme=theme)
            page.goto(f"{address}/{request.param}")
            page.wait_for_load_state("networkidle")
        sizes = dict(wide.evaluate(FROM_NETWORK))
        moved = (least_moved(wide), least_moved(narrow))
        yield Visit(request.param, wide, narrow, sizes, moved)


def least_moved(page, loads=3):
    """How far the page's parts move while it loads, at the least.

    What is wrong with a page moves at every load. A slow machine also draws the page while it is still reading it, now and
    then in the middle of a formula.
    """
    moved = page.evaluate(MOVED)
    if moved <= Visit.steady or loads == 1:
        return moved
    page.reload()
    page.wait_for_load_state("networkidle")
    return min(moved, least_moved(page, loads - 1))


def leaves(url):
    """Whether a request goes to another host."""
    return not url.startswith(("http://127.0.0.1", "file://", "data:", "blob:"))


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


@pytest.fixture
def brought(page):
    """Opens a live figure's own page, and returns the figure once it is live; nothing may go wrong there."""

    def bring(address):
        page.goto(address)
        figure = page.locator("figure.live[data-ready]")
        figure.wait_for()
        return figure

    yield bring
    assert page.problems == []


@pytest.fixture(scope="package")
def alone(tmp_path_factory):
    """Writes a live figure on a page of its own, as the site has it, and returns the page's address on the disk."""

    def write(figure, style=""):
        loader = (ROOT / "companion/site/assets/live.js").read_text(encoding="utf-8")
        path = tmp_path_factory.mktemp("figure") / "figure.html"
        modules.write_scripts(path.parent)
        (path.parent / "still.svg").write_text(figure.still(), encoding="utf-8")
        text = (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>A figure</title><link rel="icon" href="data:,">'
            f'<main style="{style}"><figure class="{" ".join(classes(type(figure)))}">'
            f'<img class="live-still" src="still.svg" alt="{html.escape(figure.alt)}"></figure>{stored(figure)}</main>'
            f"<script>{loader}</script></html>"
        )
        path.write_text(modules.moved(text, path, path.parent), encoding="utf-8")
        return path.as_uri()

    return write
