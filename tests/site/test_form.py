"""Every chapter has the form of a chapter; a small one shows that each rule can be broken."""

import copy

import nbformat
import pytest
from form import RULES
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from chapters import NOT_YET_IN_FORM, each_in_form
from companion import book
from companion.results import MIME


@each_in_form
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_chapter_has_the_form(path, rule):
    """Nothing is wrong with it."""
    assert list(rule(nbformat.read(path, as_version=4))) == []


def test_only_chapters_are_exempt():
    """A name that is left on the list when its chapter is gone would hide the next of that name."""
    assert {path.stem for path in book.course()} >= NOT_YET_IN_FORM


def cell(source, *outputs, **metadata):
    """A code cell with stored outputs."""
    return new_code_cell(source, outputs=copy.deepcopy([*outputs]), metadata=metadata)


def result(**facts):
    """The output of a check, a claim or an exercise."""
    return new_output("display_data", data={"text/plain": "✓", MIME: facts})


CHECK = result(kind="check", label="eq-a")
CLAIM = result(kind="claim", id="P1", aside=False)
PRINTED = new_output("stream", name="stdout", text="1")
DRAWING = '<svg class="companion-figure" width="{}pt" height="200pt"></svg>'
FIGURE = {
    "figure": {"name": "fig-a", "caption": "**It falls.** The line is the loss."},
    "image": {"alt": "A line that falls from two to one."},
}
OPENING = """:::{opening}
:time: 50 minutes
:needs: Calculus

- say it
- show it
- use it
:::"""
RECAP = ":::{recap}\nIt falls.\n:::"


def drawing(width=345):
    """The output of a figure."""
    return new_output("display_data", data={"image/svg+xml": DRAWING.format(width)})


def small():
    """A chapter in form, of a few cells."""
    exercise = "```{exercise} One\nWhat is it?\n```\n\n"
    sections = "## What the sources say\n\nMuch."
    return new_notebook(
        cells=[
            new_markdown_cell(
                f"# Title\n\n{OPENING}\n\n## The question\n\nWhy?\n\n## The idea\n\nSo."
            ),
            cell("import numpy as np"),
            cell("x = np.ones(3)\nx"),
            cell("# Ones are compared.\ny = x + 1\nholds('eq-a', y)", CHECK),
            cell("y = [k for k in x]\nfor z in y:\n    y[0] = z"),
            cell("plt.plot(x)", drawing(), mystnb=FIGURE),
            new_markdown_cell(sections),
            *(cell("claim(n)", CLAIM) for _ in range(4)),
            new_markdown_cell(
                f"{RECAP}\n\n## Exercises\n\n{exercise * 6}## Further reading\n"
            ),
        ]
    )


def faults(notebook):
    """What the rules say of a notebook."""
    return [fault for rule in RULES for fault in rule(notebook)]


def test_a_small_chapter_has_the_form():
    """The rules leave a sound chapter alone."""
    assert faults(small()) == []


def change(at, source=None, output=None, **metadata):
    """How to break a chapter: another source, output or mark for one of its cells."""

    def apply(notebook):
        cell = notebook.cells[at]
        cell.source = cell.source if source is None else source
        cell.metadata.update(metadata)
        if output is not None:
            cell.outputs = [*cell.get("outputs", []), output]

    return apply


@pytest.mark.parametrize("asked", ["", "bias_correction=True", 'a=True, max_of="v"'])
def test_a_methods_text_may_be_printed(asked):
    """It is code, with its switches set or not."""
    notebook = small()
    change(2, f"print(Adam.text({asked}))", PRINTED)(notebook)
    assert faults(notebook) == []


def replace(at, old, new):
    """How to break a chapter: other words in one of its cells."""

    def apply(notebook):
        assert old in notebook.cells[at].source
        notebook.cells[at].source = notebook.cells[at].source.replace(old, new)

    return apply


def without(name):
    """The marks of a figure without one of them."""
    kept = {"figure": {**FIGURE["figure"]}, "image": {**FIGURE["image"]}}
    kept["image" if name == "alt" else "figure"].pop(name)
    return change(5, mystnb=kept)


BREAKS = {
    "shows checks and something else": change(3, output=PRINTED),
    "does not open with a sentence": change(3, "y = 1\nholds('eq-a', y)"),
    "prints": change(2, output=PRINTED),
    "uses 'y' of a check": change(4, "z = y + 1"),
    "uses 'y' of a check ": change(4, "y = y + 1"),
    "uses 'y' of a check  ": change(4, "def f(a):\n    return a + y"),
    "has 80 columns; allowed: 72": change(2, "x" * 80),
    "has 11 lines; allowed: 10": change(2, "x\n" * 10 + "x"),
    "13 cells are shown; allowed: 12": lambda n: n.cells.extend(
        cell("x") for _ in range(11)
    ),
    "has no caption": without("caption"),
    "has no name": without("name"),
    "has no alt text": without("alt"),
    "is 7.0 inches wide; allowed: 4.8": change(5, output=drawing(504)),
    "the opening is not what follows": replace(0, "# Title", "# Title\n\nFirst this."),
    "the opening has 2 aims": replace(0, "- use it\n", ""),
    "0 boxes say it in short": replace(11, "{recap}", "{note}"),
    "the headings' levels are": replace(0, "## The idea", "# The idea"),
    "a heading of level 3 follows one of level 1": replace(0, "## The q", "### The q"),
    "the sections are": replace(0, "## The idea", "## An idea"),
    "7 claims are shown": lambda n: n.cells.extend(cell("c", CLAIM) for _ in range(3)),
    "3 claims are shown": lambda n: n.cells[7].outputs[0].data[MIME].update(aside=True),
    "it has 0 exercises": replace(11, "```{exercise} One\nWhat is it?\n```\n\n", ""),
}


@pytest.mark.parametrize("fault", BREAKS)
def test_a_break_of_the_form_is_named(fault):
    """Each rule can be broken, and says how."""
    broken = small()
    BREAKS[fault](broken)
    assert any(fault.strip() in said for said in faults(broken))


def test_a_chapter_that_answers_two_claims_shows_both():
    """There are not four for every chapter."""
    notebook = small()
    del notebook.cells[7:9]
    assert faults(notebook) == []
    notebook.cells[7].outputs[0].data[MIME].update(aside=True)
    assert faults(notebook) == ["1 claims are shown; allowed: 2 to 6"]
