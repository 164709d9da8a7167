"""Live figures in Python: a state that is checked, outputs that stay the same, stored state without anything else."""

import json
import math
import re
import subprocess
import sys
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
from traitlets import TraitError

from companion import book, figures, live
from companion.live.correction import MEANS, Correction
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
    assert set(data) == {VIEW, "text/html", "text/plain"}
    assert data[VIEW]["model_id"] == "live-correction"
    assert data["text/plain"].startswith("Correction(beta=0.9, ")
    root = ElementTree.fromstring(re.sub("(<img[^>]*)>", r"\1/>", data["text/html"]))
    image = root.find(".//img")
    assert root.get("data-model") == "live-correction" and len(image.get("alt")) > 80
    assert "".join(root.find("figcaption").itertext()).startswith("The weight that")


def test_two_processes_give_the_same_output_and_state_without_a_path_of_the_machine():
    show = (
        "from companion.live.correction import Correction\n"
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
            timeout=1200,
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
    assert list(live.looks()) == list(figures.METHODS)
    looks = live.looks().values()
    assert len({(look["color"], look["dash"], look["marker"]) for look in looks}) == 6
    colors = {name for name in figures.COLORS if f"--live-{name}:" in live.palette()}
    assert {look["color"] for look in looks} <= colors == set(figures.COLORS)


# The stored state


def chapters_with_figures():
    """Every notebook that has a live figure, with the state stored in it."""
    for path in book.chapters():
        widgets = nbformat.read(path, as_version=4).metadata.get("widgets")
        if widgets:
            yield path, widgets[STATE]["state"]


def test_the_chapters_store_the_figures_as_they_are_now():
    """Also the text of their files: after a change of kit.js the chapters must be executed again."""
    found = list(chapters_with_figures())
    assert found
    for path, models in found:
        for model_id, model in models.items():
            if model_id.endswith("-layout"):
                continue
            module, _, cls = model["state"]["_anywidget_id"].rpartition(".")
            figure = getattr(
                sys.modules.get(module) or __import__(module, fromlist=[cls]), cls
            )
            assert model["state"]["_esm"] == figure._esm, (
                f"{path.name} is stale: python -m companion.tools.notebooks {path.name}"
            )
            assert model["state"]["_css"] == figure._css, path.name


def test_a_notebook_keeps_the_state_of_live_figures_alone():
    models = {"live-a": {}, "live-a-layout": {}, "5f3c": {}}
    notebook = nbformat.v4.new_notebook(
        metadata={"widgets": {STATE: {"state": models, "version_major": 2}}}
    )
    kept = notebooks.clean(notebook).metadata["widgets"][STATE]
    assert kept == {"state": {"live-a": {}, "live-a-layout": {}}, "version_major": 2}


# The directive


def test_the_directive_makes_a_figure_in_its_state():
    figure = page.make("correction.Correction", "beta: 0.99\ngradient: noisy")
    assert (figure.beta, figure.gradient) == (0.99, "noisy")
    state = json.loads(re.sub("</?script[^>]*>", "", page.stored(figure)))["state"]
    assert state["live-correction"]["state"]["beta"] == 0.99
    assert "export default" in state["live-correction"]["state"]["_esm"]


@pytest.mark.parametrize("name", ["nothing.Correction", "correction.Nothing", "x"])
def test_the_directive_refuses_a_figure_that_there_is_not(name):
    with pytest.raises((ImportError, AttributeError), match="nothing|Nothing|x"):
        page.make(name, "")
