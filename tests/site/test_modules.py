"""The programs of live figures are files that pages share."""

import json
import re

import pytest

from companion.site import modules

NAMED = re.compile(r'src="\.\./_static/live/(\w+)\.js')


@pytest.fixture(scope="module")
def live_pages(site):
    """The pages with live figures, by name."""
    pages = {p.name: p.read_text(encoding="utf-8") for p in site.glob("chapters/*")}
    return {name: page for name, page in pages.items() if 'class="live"' in page}


def test_a_page_loads_the_parts_that_its_figures_name_and_has_no_copy(live_pages):
    assert len(live_pages) >= 3
    for page in live_pages.values():
        brought = {
            part for name in NAMED.findall(page) for part in modules.scripts()[name]
        }
        for _, state, _ in modules.STATE.findall(page):
            for model in json.loads(state)["state"].values():
                for key in {"_esm", "_css"} & model["state"].keys():
                    assert {*model["state"][key]} <= brought
        assert "const render" not in page


def test_each_part_is_brought_by_one_script(site):
    parts = [part for own in modules.scripts().values() for part in own]
    assert sorted(parts) == sorted(modules.texts())
    for name, own in modules.scripts().items():
        script = (site / f"_static/live/{name}.js").read_text(encoding="utf-8")
        for part in own:
            assert json.dumps(modules.texts()[part], ensure_ascii=False) in script


def test_a_still_is_a_file(site, live_pages):
    for page in live_pages.values():
        stills = re.findall(r'class="live-still"[^>]* src="\.\./([^"]+)"', page)
        assert len(stills) == page.count('class="live"')
        for still in stills:
            assert (site / still).read_text(encoding="utf-8").startswith("<svg")


def test_a_program_of_other_parts_stays_as_it_is():
    other = "export default {};\n"
    assert modules.parts_of(other) == other
    known = modules.texts()["kit.js"]
    assert modules.parts_of(f"{known}\n{other}") == f"{known}\n{other}"
    assert modules.parts_of(f"{known}\n{known}") == ["kit.js", "kit.js"]


def test_a_still_is_loaded_for_paper_alone(page, address):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/chapters/bias_correction.html")
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "/live/correction-" in url]
    page.pdf()
    assert [url for url in asked if "/live/correction-" in url]
    assert page.problems == []
