"""The book as data, on small notebooks and on the stored ones."""

import os

import pytest

from companion import book
from companion.book import Equation


def test_chapters_come_in_the_order_of_the_contents_and_only_notebooks(small_book):
    root = small_book(zebra=["# Z"], ape=["# A"])
    (root / "chapters" / "index.md").write_text("# Index")
    (root / "chapters" / "draft.ipynb").write_text("not in the contents, not read")
    assert book.chapters() == [
        root / "chapters" / "zebra.ipynb",
        root / "chapters" / "ape.ipynb",
    ]
    (root / "chapters" / "zebra.ipynb").unlink()
    assert book.chapters() == [
        root / "chapters" / "ape.ipynb"
    ]  # a chapter that is not written yet is left out
    (root / "_toc.yml").unlink()
    assert [path.stem for path in book.chapters()] == ["ape", "draft"]


def test_contents_in_parts_and_sections_are_read_through(small_book):
    root = small_book(one=["# 1"], two=["# 2"], three=["# 3"])
    (root / "_toc.yml").write_text(
        "root: chapters/index\nparts:\n  - caption: A\n    chapters:\n      - file: chapters/three\n        sections:\n"
        "          - file: chapters/one\n  - caption: B\n    chapters:\n      - file: chapters/two\n"
    )
    assert [path.stem for path in book.chapters()] == ["three", "one", "two"]


def test_the_course_is_the_numbered_part(small_book):
    root = small_book(one=["# 1"], two=["# 2"], three=["# 3"])
    (root / "_toc.yml").write_text(
        "root: chapters/index\nparts:\n  - caption: A\n    numbered: 1\n    chapters:\n      - file: chapters/three\n"
        "      - file: chapters/one\n  - caption: B\n    chapters:\n      - file: chapters/two\n"
    )
    assert [path.stem for path in book.course()] == ["three", "one"]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("# A\n\n:::{opening}\n:time: 50 minutes\n:needs: x\n\n- y\n:::", "50 minutes"),
        ("# A\n\n::::{opening}\n:needs: x\n:time:  1 hour \n\n- y\n::::", "1 hour"),
        ("# A\n\n:::{opening}\n:needs: x\n\n:time: 1 hour\n:::", ""),
        ("# A", ""),
    ],
)  # fmt: skip
def test_a_chapter_says_how_long_it_takes(small_book, text, time):
    root = small_book(one=["# 1", text])
    assert book.time(root / "chapters" / "one.ipynb") == time


def test_labelled_equations_are_found_and_others_are_not(small_book):
    text = (
        "Before $x$ and $(y)$.\n\n$$a = b$$ (eq-a)\n\n$$not = labelled$$\n\n$$\nc = d\n$$ (eq-c)\n\n"
        "$$\nplain\n$$\n\nbetween\n\n$$ (1 - x) y $$\n\n$$(1-x)$$(eq-close)\n\nIn a line $z$ (eq-not)."
    )
    root = small_book(
        one=["# Title", text, ("code = '$$x$$ (eq-code)'", []), "$$e = f$$ (eq-e)"]
    )
    assert book.equations(root / "chapters" / "one.ipynb") == [
        Equation("eq-a", "a = b", 1),
        Equation("eq-c", "c = d", 1),
        Equation("eq-close", "(1-x)", 1),
        Equation("eq-e", "e = f", 3),
    ]


def test_an_equation_is_found_in_whichever_chapter_has_it(small_book):
    small_book(one=["$$a = b$$ (eq-a)"], two=[r"$$\frac{c}{2} = d$$ (eq-c)"])
    assert book.latex("eq-c") == r"\frac{c}{2} = d" and book.latex("eq-a") == "a = b"
    with pytest.raises(KeyError, match="no chapter has an equation labelled 'eq-z'"):
        book.latex("eq-z")


def test_stored_results_are_read_with_their_cell(small_book):
    check, claim = {"kind": "check", "label": "eq-a"}, {"kind": "claim", "id": "P1"}
    root = small_book(one=["text", ("a", [check, claim]), ("b", []), ("c", [check])])
    assert book.results(root / "chapters" / "one.ipynb") == [
        {**check, "cell": 1},
        {**claim, "cell": 1},
        {**check, "cell": 3},
    ]


def test_a_notebook_that_was_changed_is_read_again(small_book):
    root = small_book(one=["$$a = b$$ (eq-a)"])
    path = root / "chapters" / "one.ipynb"
    assert book.latex("eq-a") == "a = b"
    small_book(one=["$$a = c$$ (eq-a)"])
    os.utime(path, ns=(10**18, 10**18))
    assert book.latex("eq-a") == "a = c"


def test_the_real_book_is_found_from_any_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert (book.root() / "chapters").is_dir() and (book.root() / "_toc.yml").exists()
    assert all(path.is_absolute() for path in book.chapters())
