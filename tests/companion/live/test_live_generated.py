"""The generated JavaScript is what Python's texts give now, and no method is missing without a reason."""

import re

import pytest

from companion.live import generated
from companion.live.generated import optimlib
from companion.live.race import race
from optimlib import optimizers

FILES = sorted(generated.HERE.glob("*.js"))


@pytest.fixture(scope="module")
def texts():
    """What Python's texts give now, by file."""
    return generated.files()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_is_what_its_command_writes(texts, file):
    assert file.read_text(encoding="utf-8") == texts[file], (
        "Python's texts have changed: run `python -m companion.live`"
    )
    head = texts[file].split("\n")[0]
    assert "Generated" in head and "`python -m companion.live`" in head


def test_every_generated_file_has_its_text(texts):
    assert sorted(texts) == FILES != []


def test_every_method_is_there_or_left_out_with_a_reason(texts):
    text = texts[generated.HERE / "optimlib.js"]
    methods = text[text.index("const METHODS") : text.index("const SURFACES")]
    there = set(re.findall(r"^  (\w+): \{$", methods, re.MULTILINE))
    left_out = dict(re.findall(r"^// Without (\w+): (.+)$", text, re.MULTILINE))
    assert there == set(race.METHODS) == set(optimlib.methods()[0])
    assert there | left_out.keys() == set(optimizers.__all__)
    assert not there & left_out.keys()
    assert left_out["AdaSecant"].startswith("AdaSecant needs the norm of the whole")
