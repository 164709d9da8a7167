"""Live figures in Python: a state that is checked, outputs that stay the same, stored state without anything else."""

import json
import math
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from sphinx.errors import ExtensionError
from traitlets import TraitError

from companion import book, figures, live
from companion.live.correction.correction import MEANS, Correction
from companion.site.pages import live as page
from companion.tools import notebooks
from optimlib import moments

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"


def test_the_state_is_what_was_given_and_the_rest_has_defaults():
    figure = Correction(beta=0.5, gradient="noisy")
    assert figure.state() == {
        "beta": 0.5, "beta2": 0.999, "t": 10, "gradient": "noisy", "seed": 1,
    }  # fmt: skip
    assert eval(repr(figure)).state() == figure.state()


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"beta": 1.0}, "beta is 1.0; allowed: a number from 0 to 0.999"),
        ({"beta": -0.1}, "beta is -0.1; allowed"),
        ({"beta2": math.nan}, "beta2 is nan; allowed"),
        ({"beta": "0.9"}, "beta is '0.9'; allowed"),
        ({"beta": True}, "beta is True; allowed"),
        ({"t": 0}, "t is 0; allowed: a whole number from 1 to 1000"),
        ({"t": 1.5}, "t is 1.5; allowed: a whole number"),
        ({"gradient": "loud"}, "gradient is 'loud'; allowed: 'constant' or 'noisy'"),
        ({"seed": 2**32}, "seed is 4294967296; allowed"),
    ],
)
def test_a_wrong_value_is_refused_by_name(state, message):
    with pytest.raises(TraitError, match=f"^{re.escape(message)}"):
        Correction(**state)
    figure = Correction()
    before = figure.state()
    with pytest.raises(TraitError, match=f"^{re.escape(message)}"):
        figure.set_trait(*next(iter(state.items())))
    assert figure.state() == before


def test_a_trait_that_there_is_not_is_refused():
    message = "^Correction has no beta3; allowed: beta, beta2, gradient, seed, t$"
    with pytest.raises(TypeError, match=message):
        Correction(beta3=0.9)


def test_state_goes_both_ways(monkeypatch):
    """Python's change is sent to the page; the page's is seen, and may be observed, in Python."""
    figure, sent, seen = Correction(), [], []
    monkeypatch.setattr(
        type(figure.comm), "send", lambda comm, data=None, **rest: sent.append(data)
    )
    figure.t = 25
    assert [data["state"] for data in sent if data["method"] == "update"] == [{"t": 25}]
    figure.observe(lambda change: seen.append(change.new), "beta")
    content = {"data": {"method": "update", "state": {"beta": 0.99, "t": 30}}}
    figure.comm.handle_msg({"content": content, "buffers": []})
    assert seen == [0.99] and figure.t == 30


def test_a_figure_made_again_replaces_its_former_self():
    """The ids are fixed, so the old one must not close the new one's line to the page when it goes."""
    old = Correction()
    new = Correction(t=3)
    assert new.model_id == "live-correction" and old.comm is None
    old.close()
    assert new.comm is not None and new.layout.comm is not None


def test_an_output_is_the_widget_the_still_and_the_call():
    data, _ = Correction(t=5)._repr_mimebundle_()
    assert set(data) == {VIEW, "image/svg+xml", "text/plain"}
    assert data[VIEW]["model_id"] == "live-correction"
    assert data["text/plain"].startswith("Correction(beta=0.9, ")
    assert ElementTree.fromstring(data["image/svg+xml"]).tag.endswith("svg")


@pytest.mark.parametrize("name", live.names())
def test_a_still_is_narrow_enough_for_a_phone(name):
    """In points, 72 to an inch; the figure's letters are as large as its width allows."""
    width = re.search(r'<svg [^>]*width="([\d.]+)pt"', live.figure(name)().still())[1]
    assert float(width) <= 4.8 * 72 * 1.02


def test_two_processes_give_the_same_output_and_state_without_a_path_of_the_machine():
    show = (
        "from companion.live import Correction\n"
        "from companion.site.pages.live import stored\n"
        "f = Correction(); print(f._repr_mimebundle_()[0], stored(f))"
    )
    texts = [
        subprocess.run(
            [sys.executable, "-c", show],
            env={
                "PYTHONPATH": str(book.root()),
                "PYTHONHASHSEED": seed,
                "HOME": "/nonexistent",
            },
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2")
    ]
    assert texts[0] == texts[1] and len(texts[0]) > 20_000
    assert str(book.root()) not in texts[0] and " at 0x" not in texts[0]


@pytest.mark.parametrize("gradient", MEANS)
def test_the_still_shows_the_state(gradient, monkeypatch):
    drawn = []
    monkeypatch.setattr(figures, "svg", lambda figure: drawn.append(figure) or "<svg/>")
    Correction(beta=0.8, t=7, gradient=gradient).still()
    weights, averages, excess = drawn[0].axes
    bars = [bar.get_height() for bar in weights.patches]
    np.testing.assert_allclose(bars, [*moments.weights(7, 0.8), 0.8**7])
    mean, corrected, average, _ = (line.get_ydata() for line in averages.lines)
    np.testing.assert_allclose(average, moments.average(mean, 0.8))
    np.testing.assert_allclose(corrected, moments.corrected(average, 0.8))
    x, y = excess.lines[0].get_data()
    np.testing.assert_allclose(y, moments.excess(x, 0.8, 0.999))


def test_the_looks_of_the_methods_are_those_of_the_figures():
    looks = live.looks(figures.METHODS).values()
    assert len({(look["color"], look["dash"], look["marker"]) for look in looks}) == 6
    colors = {name for name in figures.COLORS if f"--live-{name}:" in live.palette()}
    assert {look["color"] for look in looks} <= colors == set(figures.COLORS)


# The folders


def test_figures_are_found_by_their_folders():
    assert {"correction", "race"} <= set(live.names())
    assert not {"kit", "generated"} & set(live.names())
    for name in live.names():
        figure = live.figure(name)
        assert getattr(live, figure.__name__) is figure
        assert figure.title and figure.about and figure.caption and len(figure.alt) > 80
    with pytest.raises(ImportError, match="Nothing"):
        from companion.live import Nothing  # noqa: F401
    with pytest.raises(KeyError, match="kit is no live figure; allowed: accumulator"):
        live.figure("kit")


NAMED = re.compile(r"^(?:const|let|function) (\w+|\{[^}]*\}|\[[^\]]*\])", re.MULTILINE)


def named(text):
    """The names that a file of JavaScript gives at its top."""
    return {name for found in NAMED.findall(text) for name in re.findall(r"\w+", found)}


@pytest.mark.parametrize("name", live.names())
def test_a_figure_has_the_parts_that_it_uses_in_the_order_in_which_they_must_be_read(
    name,
):
    parts = [part for part in live.parts(name) if part.suffix == ".js"]
    texts = [part.read_text(encoding="utf-8") for part in parts]
    assert parts[-1].stem == name and "export default" in texts[-1]
    assert len(set(parts)) == len(parts)
    for part, text in zip(parts[:-1], texts):
        rest = " ".join(other for other in texts if other != text)
        assert any(re.search(rf"\b{one}\b", rest) for one in named(text)), part.name
    unused = {p for folder in live.SHARED for p in folder.glob("*.js")} - set(parts)
    for part in unused:
        own = named(part.read_text(encoding="utf-8")) - named("\n".join(texts))
        assert not [one for one in own if re.search(rf"\b{one}[.(\[]", texts[-1])]


def test_what_several_figures_use_lies_in_the_kit_and_what_one_uses_beside_it():
    uses = [part for name in live.names() for part in live.parts(name)]
    for part in live.SHARED[1].iterdir():
        assert uses.count(part) > 1, part.name


def test_an_unknown_part_is_named(tmp_path, monkeypatch):
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "odd.js").write_text("// uses: kit, toolbox\n")
    monkeypatch.setattr(live, "HERE", tmp_path)
    with pytest.raises(FileNotFoundError, match="odd.js uses toolbox; allowed"):
        live.parts("odd")


# The stored state


def chapters_with_figures():
    """Every notebook that has a live figure, with the state stored in it."""
    for path in book.chapters():
        widgets = nbformat.read(path, as_version=4).metadata.get("widgets")
        if widgets:
            yield path, widgets[STATE]["state"]


def test_the_chapters_store_no_program_and_the_whole_state():
    found = list(chapters_with_figures())
    assert found
    for path, models in found:
        for model_id, model in models.items():
            if not model_id.endswith("-layout"):
                name = model_id.removeprefix(live.PREFIX)
                stored = model["state"]
                stub = live.stub(name)
                assert {key: stored[key] for key in stub} == stub, path.name
                assert set(live.figure(name).class_state()) <= stored.keys()
                assert len(json.dumps(stored)) < 2500, path.name


def stored_race():
    """A notebook with the race's whole program, as a run leaves it."""
    state = {
        "_esm": "all of kit.js",
        "_css": "kit.css",
        "_constants": {"far": 10},
        "t": 7,
    }
    models = {
        "live-race": {"state": state},
        "live-a": {},
        "live-race-layout": {},
        "5f3c": {},
    }
    return nbformat.v4.new_notebook(
        metadata={"widgets": {STATE: {"state": models, "version_major": 2}}}
    )


def test_a_notebook_keeps_the_state_of_live_figures_alone_and_names_their_parts():
    kept = notebooks.clean(stored_race()).metadata["widgets"][STATE]["state"]
    assert kept.keys() == {"live-race", "live-a", "live-race-layout"}
    state = kept["live-race"]["state"]
    assert state["t"] == 7 and state["_constants"] == {}
    assert "kit/kit.js" in state["_esm"] and "race/race.css" in state["_css"]
    assert "Run this cell" in state["_esm"] and "all of kit.js" not in state["_esm"]


def test_an_edit_of_the_kit_changes_no_notebook(tmp_path, monkeypatch):
    before = nbformat.writes(notebooks.clean(stored_race()))
    copy = tmp_path / "live"
    shutil.copytree(live.HERE, copy)
    kit = copy / "kit" / "kit.js"
    kit.write_text("// edited\n" + kit.read_text(encoding="utf-8"))
    monkeypatch.setattr(live, "HERE", copy)
    monkeypatch.setattr(live, "SHARED", (copy / "generated", copy / "kit"))
    assert kit in live.parts("race")
    after = notebooks.clean(stored_race())
    assert nbformat.writes(after) == before
    assert nbformat.writes(notebooks.clean(after)) == before  # a stub stays as it is


# The directive


def test_the_directive_makes_a_figure_in_its_state():
    figure = page.make("Correction", "beta: 0.99\ngradient: noisy")
    assert (figure.beta, figure.gradient) == (0.99, "noisy")
    state = json.loads(re.sub("</?script[^>]*>", "", page.stored(figure)))["state"]
    assert state["live-correction"]["state"]["beta"] == 0.99
    assert state["live-correction"]["state"].keys() == set(figure.class_state())


@pytest.mark.parametrize("name", ["Nothing", "correction", "x"])
def test_the_directive_refuses_a_figure_that_there_is_not(name):
    with pytest.raises((AttributeError, TypeError), match="Nothing|module|x"):
        page.make(name, "")


def test_a_notebooks_figure_is_framed_by_its_class_where_its_cell_says_nothing():
    def cell(model, **metadata):
        data = {page.VIEW: {"model_id": model}, page.SVG: "<svg/>", "text/plain": "x"}
        return {"metadata": metadata, "outputs": [{"data": data}]}

    own = {"figure": {"caption": "**Mine.**", "name": "fig-mine"}}
    cells = [cell("live-race"), cell("live-sign", mystnb=own), cell("5f3c")]
    app = SimpleNamespace(env=SimpleNamespace(doc2path=lambda name: f"{name}.ipynb"))
    content = [json.dumps({"cells": cells})]
    page.frame(app, "chapters/a", content)
    race, sign, other = json.loads(content[0])["cells"]
    shown = race["metadata"]["mystnb"]
    assert shown["figure"] == {
        "caption": live.figure("race").caption, "name": "fig-a-Race", "classes": "live live-race",
    }  # fmt: skip
    assert shown["image"]["alt"] == live.figure("race").alt
    assert page.VIEW not in race["outputs"][0]["data"]
    assert sign["metadata"]["mystnb"]["figure"]["name"] == "fig-mine"
    assert sign["metadata"]["mystnb"]["figure"]["caption"] == "**Mine.**"
    assert other == cells[2]


def test_a_figure_that_was_stored_without_its_still_fails_the_build():
    output = {"data": {page.VIEW: {"model_id": "live-race"}, "text/html": "old"}}
    content = [json.dumps({"cells": [{"metadata": {}, "outputs": [output]}]})]
    app = SimpleNamespace(env=SimpleNamespace(doc2path=lambda name: f"{name}.ipynb"))
    with pytest.raises(ExtensionError, match="a.ipynb: the still of live-race is not"):
        page.frame(app, "a", content)


def test_all_figures_are_shown_those_of_the_chapters_first():
    order = page.in_order()
    assert sorted(order) == live.names()
    assert order.index("correction") < order.index("damping")
