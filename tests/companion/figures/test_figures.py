"""Figures: the same bytes from every run, and colours that follow the page."""

import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from companion import book, figures
from companion.figures import looks
from optimlib import optimizers

DRAW = """
import sys
import numpy as np
from matplotlib import pyplot as plt
from companion import figures
figures.use()
figure, axes = plt.subplots(1, 2)
for name in figures.METHODS:
    axes[0].plot(np.cumsum(np.random.default_rng(len(name)).normal(size=50)), **figures.look(name))
axes[0].legend()
axes[1].contour(np.add.outer(np.arange(9.0) ** 2, np.arange(9.0) ** 2), colors=figures.color("faint"))
axes[1].fill_between([0, 1], [0, 1], color=figures.color("red"), alpha=0.2)
axes[1].set_title("A title")
sys.stdout.buffer.write(figures.svg(figure).encode())
"""


def draw(seed):
    """The figure above, drawn by a process of its own."""
    env = {
        "PYTHONPATH": str(book.root()),
        "PYTHONHASHSEED": seed,
        "MPLBACKEND": "agg",
        "HOME": "/nonexistent",
    }
    run = subprocess.run(
        [sys.executable, "-c", DRAW],
        check=False,
        capture_output=True,
        env=env,
        timeout=1200,
    )
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout.decode()


@pytest.fixture(scope="module")
def drawn():
    """The same figure from two processes."""
    return draw("1"), draw("2")


def test_two_processes_draw_the_same_bytes(drawn):
    assert drawn[0] == drawn[1]


def test_it_is_one_svg_without_a_date_or_a_maker(drawn):
    root = ElementTree.fromstring(drawn[0])
    assert (
        root.tag.endswith("svg")
        and drawn[0].startswith("<svg ")
        and "viewBox" in root.attrib
    )
    assert not re.search(
        r"20\d\d-\d\d-\d\d|dc:date|dc:creator|[Mm]atplotlib v", drawn[0]
    )


def test_every_colour_of_the_palette_has_its_dark_form_and_is_drawn_by_name(drawn):
    (style,) = re.findall(r"@media \(prefers-color-scheme: dark\)[^<]*", drawn[0])
    for name, (light, dark) in figures.COLORS.items():
        assert f"--{name}:{dark}" in style
    used = {
        "paper",
        "ink",
        "muted",
        "faint",
        "red",
        *(figures.METHODS[m][0] for m in figures.METHODS),
    }
    for name in used:
        assert f"var(--{name}, {figures.COLORS[name][0]})" in drawn[0], name


def test_no_colour_outside_the_palette_is_left_to_vanish_on_a_dark_page(drawn):
    without_style = re.sub(r"<style>@media.*?</style>", "", drawn[0], flags=re.DOTALL)
    bare = re.sub(r"var\(--\w+, #[0-9a-f]{6}\)", "", without_style)
    assert set(re.findall(r"#[0-9a-f]{6}\b", bare)) == set()
    assert "fill: black" not in bare and "stroke: black" not in bare


def luminance(colour):
    """The relative luminance of a colour as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    "name", [name for name in figures.COLORS if name not in ("paper", "faint")]
)
def test_a_colour_can_be_told_from_the_paper_in_both_themes(name):
    for paper, ink in zip(figures.COLORS["paper"], figures.COLORS[name], strict=True):
        light, dark = sorted((luminance(paper), luminance(ink)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_the_methods_are_told_apart_by_colour_and_by_dashes_or_marker():
    looks = [figures.look(method) for method in figures.METHODS]
    assert len({look["color"] for look in looks}) == len(looks)
    assert len({(str(look["linestyle"]), look["marker"]) for look in looks}) == len(
        looks
    )
    assert all(look["label"] for look in looks)


def test_every_method_has_a_look_of_its_own():
    assert set(figures.LOOKS) == set(optimizers.METHODS)
    assert len(set(figures.LOOKS.values())) == len(figures.LOOKS)


def test_a_method_without_a_look_gets_its_familys_colour_and_a_line_of_its_own(
    monkeypatch,
):
    new = {}
    for name, near in {"One": "Adam", "Two": "Adam", "Three": "Rprop"}.items():
        new[name] = type(name, (), {"__module__": optimizers.METHODS[near].__module__})
    new["Four"] = type("Four", (), {"__module__": "optimlib.optimizers.new"})
    monkeypatch.setattr(optimizers, "METHODS", optimizers.METHODS | new)
    completed = looks._completed(figures.LOOKS)
    assert {name: completed[name][0] for name in list(new)[:3]} == {
        "One": "purple", "Two": "purple", "Three": "red"
    }  # fmt: skip
    assert completed["Four"][0] in figures.SERIES
    assert len(set(completed.values())) == len(completed) == len(figures.LOOKS) + 4


def test_coordinates_are_rounded_to_a_hundredth():
    figure = Figure()
    figure.subplots().plot([0, 1 / 3, 2 / 3], [1, 1 / 7, 2 / 7])
    numbers = re.findall(
        r"\d+\.(\d+)", " ".join(re.findall(r' d="([^"]+)"', figures.svg(figure)))
    )
    assert numbers and max(map(len, numbers)) <= 2
