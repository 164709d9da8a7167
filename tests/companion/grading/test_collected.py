"""Wrong answers that people wrote: most are told what they are, and what they are told is true."""

import warnings
from collections import Counter
from functools import cache

import pytest

from companion.grading import exercises
from companion.grading.examining import examine
from tests.companion.grading.claims import checked, mistaken
from tests.companion.grading.collected import COLLECTED

SHARE = 0.75
every = pytest.mark.parametrize(
    "entry", COLLECTED, ids=[f"{name}: {said[:50]}" for name, _, said, _ in COLLECTED]
)


@cache
def outcomes():
    """The outcome of each collected answer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [examine(exercises()[name], f) for name, _, _, f in COLLECTED]


@every
def test_it_is_wrong_and_what_the_card_says_of_it_is_true(entry):
    outcome = outcomes()[COLLECTED.index(entry)]
    exercise, function = exercises()[entry[0]], entry[3]
    assert outcome.name == "wrong"
    if outcome.mistake:
        mistaken(outcome.mistake, exercise, function)
    elif outcome.diagnosis:
        checked(outcome.diagnosis, exercise, function)


def test_most_are_told_more_than_the_two_values():
    """A mere "too large in every case" does not count, and an error alone neither."""
    told = [
        bool(one.mistake or one.diagnosis) and not one.diagnosis.startswith("It is too")
        for one in outcomes()
    ]
    assert sum(told) >= SHARE * len(told), Counter(told)


def test_there_are_a_hundred_with_sources_over_all_exercises():
    assert len(COLLECTED) >= 100
    assert len({name for name, *_ in COLLECTED} & set(exercises())) >= 12
    assert all(source.startswith("http") for _, source, _, _ in COLLECTED)
