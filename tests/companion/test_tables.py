"""Tables: what stands in them, in a notebook and in Markdown."""

import numpy as np
import pytest

from companion import table, tables


@pytest.fixture
def shown(monkeypatch):
    """What a table displays, by kind."""

    def show(columns, **options):
        displayed = []
        monkeypatch.setattr(tables, "display", lambda data, raw: displayed.append(data))
        table(columns, **options)
        return displayed[0]

    return show


def test_numbers_are_aligned_and_words_are_left_as_they_are(shown):
    """Whole numbers stay whole, others have their digits, a minus is a minus; text and Markdown say the same."""
    data = shown(
        {"$t$": [1, np.int64(3881)], r"$\beta^t$": [-0.9, None], "why": ["start", "|x|"]},
        digits=2,
    )  # fmt: skip
    assert data["text/markdown"].splitlines() == [
        r"| $t$ | $\beta^t$ | why |",
        "| ---: | ---: | :--- |",
        "| 1 | −0.90 | start |",
        r"| 3,881 | – | \|x\| |",
    ]
    assert data["text/plain"].splitlines() == [
        r"  $t$  $\beta^t$  why",
        "    1      −0.90  start",
        "3,881          –  |x|",
    ]


def test_each_column_may_have_its_digits(shown):
    """A mapping says it by header; the others keep three."""
    data = shown({"a": np.array([0.12345]), "b": [2.0]}, digits={"b": 0})
    assert data["text/markdown"].splitlines()[-1] == "| 0.123 | 2 |"


@pytest.mark.parametrize(
    ("columns", "digits", "said"),
    [
        ({}, 3, "the columns' lengths are {}; allowed: columns of one length"),
        ({"a": []}, 3, "the columns' lengths are {'a': 0}"),
        ({"a": [1], "b": [1, 2]}, 3, "the columns' lengths are {'a': 1, 'b': 2}"),
        ({"a": [1.5]}, -1, "digits is -1; allowed: whole numbers, 0 or more"),
        ({"a": [1.5]}, {"b": 1}, "digits are for ['b']; allowed: ['a']"),
    ],
)
def test_a_table_that_is_none_is_refused(columns, digits, said):
    """The message says what is allowed."""
    with pytest.raises(ValueError) as raised:
        table(columns, digits=digits)
    assert str(raised.value).startswith(said)
