"""What a cell is to a reader, told from what it holds."""

import pytest
from nbformat.v4 import new_code_cell, new_output

from companion.cells import LIVE, kind, method
from companion.results import MIME


def of(source="x = 1", tags=(), **outputs):
    """A cell whose outputs are of these kinds, a result's kind being its name."""
    made = {
        "check": {MIME: {"kind": "check"}, "text/html": "<p>"},
        "claim": {MIME: {"kind": "claim"}, "text/markdown": "**False.**"},
        "exercise": {MIME: {"kind": "exercise"}},
        "drawing": {"image/svg+xml": "<svg>"},
        "live": {LIVE: {}, "image/svg+xml": "<svg>"},
        "table": {"text/markdown": "| a |", "text/plain": "a"},
        "frame": {"text/html": "<table>"},
        "number": {"text/plain": "1"},
    }
    found = [
        new_output("display_data", data=made[name])
        for name, count in outputs.items()
        for _ in range(count)
    ]
    return new_code_cell(source, outputs=found, metadata={"tags": list(tags)})


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (of(check=2), "check"),
        (of(check=1, number=1), "code"),
        (of(claim=1), "claim"),
        (of(exercise=1), "exercise"),
        (of(exercise=1, tags=["solution"]), "solution"),
        (of(check=1, drawing=1), "figure"),
        (of(live=1), "live"),
        (of(table=1), "table"),
        (of(frame=1), "table"),
        (of(number=1), "code"),
        (of("import numpy as np\n\nfigures.use()"), "imports"),
        (of("from math import pi\n\nassert pi > 3"), "assertions"),
        (of("assert x"), "assertions"),
        (of("import os\nx = 1"), "code"),
        (of("%matplotlib inline"), "code"),
        (of("opt.step(w, g)"), "code"),
        (of(""), "code"),
    ],
)
def test_the_kind_of_a_cell(cell, expected):
    """Only what shows nothing but checks is a check, only what does nothing but import is that."""
    assert kind(cell) == expected


def test_a_checks_opening_comment_is_its_method():
    """The lines are one sentence; the code goes on below; a later comment stays."""
    assert method("# One way\n# and another.\n\nx = 1  # so\n# on\n") == (
        "One way and another.",
        "x = 1  # so\n# on\n",
    )
    assert method("x = 1\n# no.") == ("", "x = 1\n# no.")
    assert method("# All.") == ("All.", "")
