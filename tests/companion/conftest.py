"""What the tests of companion share: the results that a call shows, and a book of one small notebook."""

import nbformat
import pytest

from companion import book, results


@pytest.fixture
def shown(monkeypatch):
    """The list to which every result goes instead of to the page."""
    collected = []
    monkeypatch.setattr(results, "display", collected.append)
    return collected


@pytest.fixture
def typeset(monkeypatch):
    """A dict of the book's equations, label to LaTeX, which a test fills itself."""
    equations = {}
    monkeypatch.setattr(book, "latex", equations.__getitem__)
    return equations


@pytest.fixture
def small_book(tmp_path, monkeypatch):
    """Make a book of notebooks: small_book(name=[cells]); a cell is Markdown text or (source, [facts of results])."""
    (tmp_path / "chapters").mkdir()
    monkeypatch.setattr(book, "root", lambda: tmp_path)

    def make(**notebooks):
        for name, contents in notebooks.items():
            nbformat.write(
                nbformat.v4.new_notebook(cells=list(map(_cell, contents))),
                tmp_path / "chapters" / f"{name}.ipynb",
            )
        entries = "".join(f"  - file: chapters/{name}\n" for name in notebooks)
        (tmp_path / "_toc.yml").write_text(
            f"format: jb-book\nroot: chapters/index\nchapters:\n{entries}"
        )
        return tmp_path

    return make


def _cell(content):
    if isinstance(content, str):
        return nbformat.v4.new_markdown_cell(content)
    source, facts = content
    outputs = [
        nbformat.v4.new_output("display_data", {"text/plain": "x", results.MIME: fact})
        for fact in facts
    ]
    return nbformat.v4.new_code_cell(
        source, outputs=[nbformat.v4.new_output("stream", text="printed"), *outputs]
    )
