"""The live figures in a running JupyterLab: they and the kernel tell each other their state."""

import ast
import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import numpy as np
import pytest

from companion.live import Correction
from companion.live.race.race import SURFACES, Race
from optimlib import moments

RACE = """
from companion.live import Race

race = Race(surface="ravine", methods=["SGD", "Adam"], t=10)
race
"""
CORRECTION = """
from ipywidgets import HBox, IntSlider, jslink, link

from companion.live import Correction

correction = Correction()
knob = IntSlider(min=1, max=30)
linked = jslink((correction, "t"), (knob, "value"))
HBox([knob, correction])
"""
# JupyterLab as it asks nobody anything, and with every cell in the page.
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}
# The variables that would lead to the user's own settings.
FOLDERS = (
    "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR",
)  # fmt: skip


def comes_to(get, wanted, seconds=10):
    """Ask again and again until the answer is the one that is wanted. Fails if it never is."""
    end = time.monotonic() + seconds
    while (found := get()) != wanted and time.monotonic() < end:
        time.sleep(0.05)
    assert found == wanted


def write_folder(folder):
    """Write a notebook with the figures, and the settings; returns the variables that lead to the settings."""
    cells = [nbformat.v4.new_code_cell(code.strip()) for code in (RACE, CORRECTION, "")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    (folder / "work").mkdir()
    nbformat.write(notebook, folder / "work" / "figures.ipynb")
    settings = folder / FOLDERS[0] / "labconfig" / "default_setting_overrides.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(SETTINGS), encoding="utf-8")
    return {name: str(folder / name) for name in FOLDERS}


@contextmanager
def jupyterlab(folder, variables):
    """Start JupyterLab in a folder, and stop it after the block with its kernels; gives the address."""
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
        "--IdentityProvider.token=", "--LabApp.extension_manager=readonly", f"--ServerApp.root_dir={folder / 'work'}",
    ]  # fmt: skip
    log = folder / "log.txt"
    environment = {**os.environ, **variables}
    with log.open("w") as said:
        server = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
    try:
        facts = Path(variables["JUPYTER_RUNTIME_DIR"], f"jpserver-{server.pid}.json")
        page = facts.with_name(f"jpserver-{server.pid}-open.html")  # written after them
        comes_to(lambda: page.exists() or server.poll() is not None, True, 60)
        assert server.poll() is None, log.read_text()
        yield json.loads(facts.read_text())["url"]
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()  # a kernel ends by itself when its server has gone
            server.wait()


class Notebook:
    """The notebook in JupyterLab: its cells are run by keyboard; the last one is there to ask the kernel."""

    def __init__(self, page, address):
        self.page = page
        self.hosts, self.problems = set(), []
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on(
            "console",
            lambda said: said.type == "error" and self.problems.append(said.text),
        )
        page.goto(f"{address}doc/tree/figures.ipynb")
        self.cells = page.locator(".jp-CodeCell")
        page.locator("#jp-main-statusbar", has_text="| Idle").wait_for()

    def run_cell(self, index):
        """Run a cell; returns the place of what it shows."""
        cell = self.cells.nth(index)
        cell.locator(".cm-content").click()
        prompt = cell.locator(".jp-InputArea-prompt")
        before = prompt.inner_text()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            "([node, before]) => /[0-9]/.test(node.innerText) && node.innerText !== before",
            arg=[prompt.element_handle(), before],
        )
        return cell.locator(".jp-OutputArea-output")

    def run(self, code):
        """Type code into the last cell and run it; returns the place of what it shows."""
        self.cells.last.locator(".cm-content").click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(code)
        return self.run_cell(-1)

    def set(self, code):
        """Run code that shows nothing."""
        assert self.run(code).all_inner_texts() == []

    def read(self, expression):
        """The value of an expression in the kernel."""
        shown = self.run(f"print(({expression},))")
        whole = shown.filter(has_text=re.compile(r"Error|,\)\s*$"))
        return ast.literal_eval(whole.text_content())[0]

    def figure(self, title):
        """A figure in the output of a cell, by its title."""
        return self.page.locator(f'.jp-OutputArea .live-root[aria-label="{title}"]')


@pytest.fixture(scope="module")
def opened(browser, root, tmp_path_factory):
    """The notebook, opened in JupyterLab, after its cells with figures have run."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
    variables = {**write_folder(folder), "PYTHONPATH": path}
    with jupyterlab(folder, variables) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.set_default_timeout(30_000)
        try:
            notebook = Notebook(page, address)
            for index, title in enumerate(["The race", "Bias correction"]):
                notebook.run_cell(index)
                notebook.figure(title).wait_for(state="attached")
            yield notebook
            assert notebook.hosts - {""} == {urlsplit(address).netloc}
        finally:
            page.close()


@pytest.fixture
def notebook(opened):
    """The notebook; no figure may complain in it."""
    yield opened
    problems, opened.problems[:] = [*opened.problems], []
    assert problems == []


@pytest.fixture
def race(notebook):
    """The race in the notebook, on the ravine and from its start."""
    x, y = SURFACES["ravine"].start
    notebook.set(f"race.surface, race.x, race.y, race.t = 'ravine', {x}, {y}, 10")
    figure = notebook.figure("The race")
    comes_to(lambda: start(figure), [x, y])
    return figure


@pytest.fixture
def correction(notebook):
    """The bias correction in the notebook, at step 10."""
    notebook.set("correction.t = 10")
    figure = notebook.figure("Bias correction")
    comes_to(lambda: fact(figure, "m"), pytest.approx(average(10)))
    return figure


def start(figure):
    """The race's start, as its settings show it."""
    return [float(figure.locator(f"[data-key={key}]").input_value()) for key in "xy"]


def table(figure):
    """The numbers in the race's table: of each method its rate, x, y, loss and gradient norm."""
    rows = figure.locator(".race-table tbody tr").evaluate_all(
        "rows => rows.map(row => [row.dataset.method, [...row.cells].slice(1).map(cell => Number(cell.dataset.value))])"
    )
    return dict(rows)


def numbers(race):
    """The numbers that belong in the table of a race, by optimlib."""

    def row(method, run, t):
        rate = race.optimizer(method).lr
        return [rate, *run.w[t], run.f[t], run.grad_norm[t]]

    return {
        method: pytest.approx(row(method, race.run(method), race.t), rel=1e-9)
        for method in race.methods
    }


def fact(figure, name):
    """A number that the bias correction shows, in full."""
    return float(figure.locator(f"[data-fact={name}]").get_attribute("data-value"))


def average(t):
    """The average of t gradients, by optimlib: each is 5, as they are in this figure unless another kind is chosen."""
    return moments.average(np.full(t, 5.0), Correction().beta)[-1]


def holds_optimlibs_paths(notebook):
    """Whether the paths that the kernel has are those of the race in the state that it has."""
    state, paths = notebook.read("(race.state(), race.paths)")
    here = Race(**state)
    return sorted(paths) == sorted(here.methods) and all(
        np.shape(points) == here.run(method).w.shape
        and np.allclose(points, here.run(method).w, rtol=0, atol=1e-9)
        for method, points in paths.items()
    )


def test_a_start_chosen_by_keyboard_is_read_in_the_kernel_with_its_paths(
    notebook, race
):
    count = notebook.cells.count()
    race.locator(".race-start").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        notebook.page.keyboard.press(key)
    x, y = start(race)
    assert (x, y) == (-4.5, 0.9)
    comes_to(lambda: notebook.read("(race.x, race.y, race.t)"), (x, y, 10))
    comes_to(lambda: holds_optimlibs_paths(notebook), True)
    assert notebook.cells.count() == count


def test_a_start_clicked_on_the_map_is_read_in_the_kernel_with_its_paths(
    notebook, race
):
    race.locator(".race-map svg").click(position={"x": 150, "y": 90})
    x, y = start(race)
    assert [x, y] != [*SURFACES["ravine"].start]
    comes_to(lambda: notebook.read("(race.x, race.y)"), (x, y))
    comes_to(lambda: holds_optimlibs_paths(notebook), True)
    assert table(race) == numbers(Race(**notebook.read("race.state()")))


def test_the_race_shows_what_python_sets(notebook, race):
    notebook.set("race.surface, race.x, race.y = 'beale', 1, 1.6; race.t = 30")
    state = Race(surface="beale", methods=["SGD", "Adam"], x=1, y=1.6, t=30)
    comes_to(lambda: table(race), numbers(state))
    assert race.locator("[data-key=surface]").input_value() == "beale"
    assert race.locator("[type=range][data-key=t]").input_value() == "30"
    assert start(race) == [1, 1.6]
    comes_to(lambda: holds_optimlibs_paths(notebook), True)
    assert notebook.read("race.state()") == state.state()


def test_python_chooses_methods_and_the_reader_takes_one_away(notebook, race):
    notebook.set("race.methods = ['Momentum', 'Adam', 'SGD']")
    comes_to(lambda: [*table(race)], ["SGD", "Momentum", "Adam"])
    race.locator("[data-method=Momentum]").first.uncheck()
    comes_to(lambda: notebook.read("race.methods"), ["SGD", "Adam"])


def test_the_correction_and_the_kernel_tell_each_other_their_state(
    notebook, correction
):
    notebook.set("correction.t = 17")
    comes_to(lambda: fact(correction, "m"), pytest.approx(average(17)))
    correction.locator("[data-key=t]").focus()
    notebook.page.keyboard.press("ArrowRight")
    comes_to(lambda: notebook.read("correction.t"), 18)
    assert fact(correction, "m") == pytest.approx(average(18))


def test_a_figure_beside_a_slider_has_room(notebook, correction):
    box = notebook.page.locator(".widget-hbox")
    assert correction.bounding_box()["width"] > box.bounding_box()["width"] / 2


def test_the_labels_of_numbers_have_room(correction):
    rows = correction.locator(".live-facts > div")
    assert all(
        row.locator("dd").bounding_box()["width"] < row.bounding_box()["width"] / 2
        for row in rows.all()
    )


def test_a_slider_that_is_linked_moves_the_figure_and_follows_it(notebook, correction):
    knob = notebook.page.locator(".widget-hbox .noUi-handle")
    comes_to(lambda: knob.get_attribute("aria-valuetext"), "10")
    knob.focus()
    notebook.page.keyboard.press("ArrowRight")
    comes_to(lambda: fact(correction, "m"), pytest.approx(average(11)))
    comes_to(lambda: notebook.read("(knob.value, correction.t)"), (11, 11))
    correction.locator("[data-key=t]").focus()
    notebook.page.keyboard.press("ArrowLeft")
    comes_to(lambda: knob.get_attribute("aria-valuetext"), "10")
    comes_to(lambda: notebook.read("(knob.value, correction.t)"), (10, 10))


def test_two_figures_are_linked_in_python(notebook, race, correction):
    notebook.set("both = link((race, 't'), (correction, 't'))")
    race.locator("[type=range][data-key=t]").focus()
    notebook.page.keyboard.press("ArrowRight")
    comes_to(lambda: fact(correction, "m"), pytest.approx(average(11)))
    notebook.set("both.unlink()")


def test_a_figure_whose_cell_is_run_again_begins_anew_and_still_answers(notebook, race):
    notebook.set("race.t = 25")
    notebook.run_cell(0)
    scrub = notebook.figure("The race").locator("[type=range][data-key=t]")
    comes_to(scrub.input_value, "10")
    scrub.focus()
    notebook.page.keyboard.press("ArrowRight")
    comes_to(lambda: notebook.read("race.t"), 11)
    notebook.set("race.t = 40")
    comes_to(scrub.input_value, "40")
