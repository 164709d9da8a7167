"""A right answer is right in every form in which people write it; the other forms are told why not."""

import copy

import pytest

from companion.grading import exercises
from companion.grading.examining import examine
from companion.grading.wording import sentences
from tests.companion.grading.forms import ACCEPTED, TOLD


def written(name, form):
    """The reference of an exercise, its value in another form."""
    exercise = exercises()[name]
    return lambda *inputs: form(exercise(*copy.deepcopy(inputs)))


@pytest.mark.parametrize(
    ("name", "form"),
    [(name, form) for name, _, form in ACCEPTED],
    ids=[f"{name}: {words}" for name, words, _ in ACCEPTED],
)
def test_it_is_accepted(name, form):
    outcome = examine(exercises()[name], written(name, form))
    assert outcome.name == "right", outcome


@pytest.mark.parametrize(
    ("name", "form", "said"),
    [(name, form, said) for name, _, form, said in TOLD],
    ids=[f"{name}: {words}" for name, words, _, _ in TOLD],
)
def test_it_is_not_and_the_card_says_why(name, form, said):
    outcome = examine(exercises()[name], written(name, form))
    lines = sentences(exercises()[name].known, outcome)
    text = "\n".join("".join(piece for piece, _ in line) for line in lines)
    assert outcome.name == "wrong" and said in text


def test_float32_is_told_of_and_compared_to_four_digits():
    exercise = exercises()["corrected-average"]

    def single(factor):
        return examine(
            exercise,
            lambda m, beta, t: exercise(m, beta, t).astype("float32") * factor,
        )

    assert single(1).single and "float32" in sentences(exercise.known, single(1))[0][0][0]  # fmt: skip
    assert single(1.00005).name == "right" and single(1.0005).name == "wrong"
    double = examine(exercise, lambda *inputs: exercise(*inputs) * 1.00005)
    assert double.name == "wrong" and not double.single


@pytest.mark.parametrize(("off", "name"), [(5e-7, "right"), (2e-6, "wrong")])
def test_a_millionth_is_the_limit(off, name):
    exercise = exercises()["corrected-average"]
    assert examine(exercise, lambda *i: exercise(*i) * (1 + off)).name == name
