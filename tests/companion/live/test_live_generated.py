"""optimlib.js is what `python -m companion.live` writes, and leaves out no method without a reason."""

import re

from companion.live import __main__ as generated
from companion.live import race
from optimlib import optimizers


def test_the_file_is_what_its_command_writes():
    assert generated.FILE.read_text(encoding="utf-8") == generated.text(), (
        "optimlib's texts have changed: run `python -m companion.live`"
    )


def test_it_says_that_it_is_generated_and_by_which_command():
    head = generated.text().split("\n")[0]
    assert "Generated" in head and "`python -m companion.live`" in head


def test_every_method_is_there_or_left_out_with_a_reason():
    text = generated.text()
    methods = text[text.index("const METHODS") : text.index("const SURFACES")]
    there = set(re.findall(r"^  (\w+): \{$", methods, re.MULTILINE))
    left_out = dict(re.findall(r"^// Without (\w+): (.+)$", text, re.MULTILINE))
    assert there == set(race.LOOKS)
    assert there | left_out.keys() == set(optimizers.__all__)
    assert not there & left_out.keys()
    assert left_out["AdaSecant"].startswith("AdaSecant needs the norm of the whole")
