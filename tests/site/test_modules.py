"""The programs of live figures are files that pages share."""

import json
import re

import pytest
from sphinx.errors import ExtensionError

from companion import live
from companion.live import Damping
from companion.site.finish import modules

NAMED = re.compile(r'data-live="(\w+)" data-model="([\w-]+)" data-scripts="([^"]+)"')
ADDED = re.compile(r"window\.(\w+) = \{ \.\.\.window\.\1, \.\.\.(.*) \};\n")


@pytest.fixture(scope="module")
def live_pages(site):
    """The pages with live figures, by name."""
    pages = {p.name: p.read_text(encoding="utf-8") for p in site.glob("chapters/*")}
    return {name: page for name, page in pages.items() if "data-live=" in page}


def test_a_figure_names_scripts_that_bring_its_state_and_all_parts_of_its_program(
    site, live_pages
):
    assert len(live_pages) >= 3
    for page in live_pages.values():
        figures = NAMED.findall(page)
        assert len(figures) == page.count("data-live=")
        for name, model, scripts in figures:
            tables = {"liveParts": {}, "liveFigures": {}, "liveStates": {}}
            for address in scripts.split():
                script = (site / "chapters" / address.split("?")[0]).read_text("utf-8")
                for table, entries in ADDED.findall(script):
                    tables[table].update(json.loads(entries))
            program = tables["liveFigures"][name]
            assert {*program["_esm"], *program["_css"]} <= {*tables["liveParts"]}
            assert program["_constants"]["title"] == live.figure(name).title
            state = tables["liveStates"][model]
            assert state.keys() == set(live.figure(name).class_state())
        assert "const render" not in page and "widget-state" not in page


def test_nothing_of_a_figure_is_asked_for_before_the_reader_comes_near(
    own_page, address
):
    asked = []
    own_page.on("request", lambda request: asked.append(request.url))
    own_page.goto(f"{address}/chapters/adaptive_rates.html")
    own_page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "/_static/live/" in url]
    # What is above it is laid out on the way, which moves it; a reader goes on.
    own_page.wait_for_function("""() => {
      const figure = document.querySelector('figure.live[data-live="sparse"]');
      figure.scrollIntoView();
      return "ready" in figure.dataset;
    }""")
    scripts = [url for url in asked if "/_static/live/" in url]
    assert len(scripts) == len({*scripts}) >= 3


def scrolled_to(page):
    """Go far from the figure, until a frame was drawn there, and near it again."""
    page.evaluate("""async () => {
      scrollTo(0, 5000);
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
      setTimeout(() => scrollTo(0, 0));
    }""")


AGAIN = {
    "comes near": scrolled_to,
    "names it": lambda page: page.evaluate("location.hash = '#live=damping;h1=2'"),
    "is online": lambda page: page.evaluate("dispatchEvent(new Event('online'))"),
}


@pytest.mark.parametrize("again", AGAIN)
def test_a_script_that_did_not_come_is_asked_for_again_when_the_reader(
    own_page, alone, again
):
    asked = []

    def lose_the_first(route):
        asked.append(route.request.url)
        route.abort() if len(asked) == 1 else route.continue_()

    own_page.route("**/damping.js*", lose_the_first)
    own_page.goto(alone(Damping(), "height: 9000px"))
    still = own_page.locator(".live-still")
    own_page.wait_for_function("document.querySelector('.live-still').style.display")
    assert still.is_visible() and len(asked) == 1
    AGAIN[again](own_page)
    own_page.locator("figure.live[data-ready]").wait_for()
    assert still.count() == 0 and len(asked) == 2


def test_each_part_is_brought_by_one_script(site):
    parts = [part for own in modules.scripts().values() for part in own]
    assert sorted(parts) == sorted(modules.texts())
    for name, own in modules.scripts().items():
        script = (site / f"_static/live/{name}.js").read_text(encoding="utf-8")
        for part in own:
            assert json.dumps(modules.texts()[part], ensure_ascii=False) in script


STILL = re.compile(r'<img (?=[^>]*class="live-still")[^>]*src="\.\./([^"]+)"')


def test_a_still_is_a_file(site, live_pages):
    for page in live_pages.values():
        stills = STILL.findall(page)
        assert len(stills) == page.count("data-live=")
        for still in stills:
            drawing = (site / still.split("?")[0]).read_text(encoding="utf-8")
            assert drawing.startswith("<svg")
        assert "data:image/svg" not in page


FRAMED = '<figure class="align-default live live-sign" id="a">\n<img src="a.svg"/>'


def test_a_figure_without_its_state_fails_the_build(tmp_path):
    with pytest.raises(ExtensionError, match="a: the state of live-sign is not stored"):
        modules.moved(FRAMED, tmp_path / "a.html", tmp_path)


def test_a_figure_of_a_chapter_has_its_number_and_caption(live_pages):
    """As every figure has; where a directive only shows one it has no number."""
    captions = re.compile(
        r"<figure [^>]*data-live=.*?<figcaption>(.*?)</figcaption>", re.DOTALL
    )
    for name, page in live_pages.items():
        found = captions.findall(page)
        assert len(found) == page.count("data-live=")
        for caption in found:
            numbered = name not in ("live.html", "index.html")
            assert ("caption-number" in caption) == numbered, name


def test_a_still_is_loaded_for_paper_alone(page, address):
    page.goto(f"{address}/chapters/bias_correction.html")
    page.wait_for_load_state("networkidle")
    loaded = """document.querySelector('[data-live="correction"] .live-still').naturalWidth > 0"""
    assert not page.evaluate(loaded)
    page.pdf()
    page.wait_for_function(loaded)
    assert page.problems == []
