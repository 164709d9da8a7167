"""What each committed notebook must be: executed, clean, short cells, described figures."""

import re

import nbformat
import pytest

from companion import book
from companion.cells import kind
from companion.tools import notebooks

LONGEST = 25
MACHINE = re.compile(
    r"/home/|/root/|/tmp/|/Users/|[A-Z]:\\\\|0x[0-9a-f]{8,}|localhost|127\.0\.0\.1"
)
every_chapter = pytest.mark.parametrize(
    "path", book.chapters(), ids=lambda path: path.stem
)


@pytest.fixture
def notebook(path):
    """A chapter's notebook."""
    return nbformat.read(path, as_version=4)


@every_chapter
def test_is_executed_in_order(notebook):
    """Every code cell has its execution count, from 1: nbval passes a cell without one unseen."""
    counts = [
        cell.execution_count for cell in notebook.cells if cell.cell_type == "code"
    ]
    assert counts == list(range(1, len(counts) + 1))


@every_chapter
def test_cells_are_short_and_none_failed(notebook):
    """A reader sees a cell whole."""
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= LONGEST, cell.source.splitlines()[0]
            assert not [
                output for output in cell.outputs if output.output_type == "error"
            ]
            assert not [
                output for output in cell.outputs if output.get("name") == "stderr"
            ]


@every_chapter
def test_holds_nothing_of_the_machine(path, notebook):
    """No path, address or timing; metadata as `make run` leaves it."""
    assert not MACHINE.search(path.read_text(encoding="utf-8"))
    before = nbformat.writes(notebook)
    assert nbformat.writes(notebooks.clean(notebook)) == before


@every_chapter
def test_figures_have_words(notebook):
    """A cell that shows a figure says what is to be seen, in its metadata; a live figure has words of its own."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and kind(cell) == "figure":
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt) > 20, f"{cell.id} has alt {alt!r}"


def write(path, *sources):
    """Write a notebook of code cells, with the metadata that an editor might leave."""
    cells = [
        nbformat.v4.new_code_cell(source, id=f"cell-{i}", metadata={"scrolled": True})
        for i, source in enumerate(sources)
    ]
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata={"vscode": {"x": 1}}), path
    )
    return path


def test_make_run_is_clean_and_repeats_itself(tmp_path):
    """Executed twice, a notebook is the same; cell ids stay, foreign metadata goes."""
    path = write(tmp_path / "one.ipynb", "print(1 + 1)", "print('a'); print('b')")
    assert notebooks.execute(path) == ""
    first = path.read_bytes()
    assert notebooks.execute(path) == ""
    assert path.read_bytes() == first
    made = nbformat.read(path, as_version=4)
    assert [cell.id for cell in made.cells] == ["cell-0", "cell-1"]
    assert [cell.execution_count for cell in made.cells] == [1, 2]
    assert made.metadata == notebooks.KERNEL and made.cells[0].metadata == {}


def test_make_run_leaves_a_failing_notebook_alone(tmp_path):
    """The message names the notebook and the error."""
    path = write(tmp_path / "two.ipynb", "1 / 0")
    before = path.read_bytes()
    assert (
        "two.ipynb" in (said := notebooks.execute(path)) and "ZeroDivisionError" in said
    )
    assert path.read_bytes() == before
