"""Every exercise of the book: its reference is accepted, its starter is none, each of its mistakes is known by name."""

import copy
import gzip
import json
import math
import re

import numpy as np
import pytest

from companion.grading import exercises
from companion.grading.examining import examine
from companion.grading.exercise import exercise as exercise_of

every_exercise = pytest.mark.parametrize(
    "exercise",
    exercises().values(),
    ids=[f"{exercise.chapter}: {name}" for name, exercise in exercises().items()],
)
MISTAKES = [(each, name) for each in exercises().values() for name in each.mistakes]


@every_exercise
def test_the_reference_is_right(exercise):
    assert examine(exercise, exercise.reference).name == "right"


@every_exercise
def test_the_reference_is_finite_not_constant_and_leaves_its_inputs_alone(exercise):
    values = []
    for inputs in exercise.cases():
        before = copy.deepcopy(inputs)
        value = exercise(*inputs.values())
        values.append(np.concatenate([np.ravel(v) for v in np.atleast_1d(value)] if not isinstance(value, tuple) else [np.ravel(v) for v in value]))  # fmt: skip
        assert repr(inputs) == repr(before)
        assert np.isfinite(values[-1]).all()
    assert len({str(value) for value in values}) > 5


@every_exercise
def test_its_data_are_small_and_can_be_written(exercise):
    written = json.dumps(exercise.known, allow_nan=False, separators=(",", ":"))
    assert len(gzip.compress(written.encode(), mtime=0)) <= 10_000
    assert json.loads(written) == exercise.known


@every_exercise
def test_every_mistake_misses_and_differs_from_every_other(exercise):
    """By a thousandth in some case; those that don't are left out of the data."""
    told = [mistake["words"] for mistake in exercise.known["mistakes"]]
    assert told == list(exercise.mistakes)


@every_exercise
def test_its_first_case_is_small_and_round(exercise):
    assert exercise.first is not None
    for value in exercise.cases()[0].values():
        assert np.size(value) <= 9
        assert all(len(f"{x:g}") <= 5 for x in np.ravel(value))


@every_exercise
def test_every_case_is_one_that_the_task_is_for(exercise):
    """Also the changed ones: no batch larger than the data, no rate at which nothing settles."""
    assert all(exercise.meets(*case.values()) for case in exercise.cases())


def test_a_requirement_that_no_draw_meets_is_named():
    @exercise_of("Any")
    def any_number(x):
        return x

    any_number.inputs(lambda rng: {"x": rng.normal()})
    any_number.requires(lambda x: x > 100)
    with pytest.raises(ValueError, match="none of 1000 draws of any-number meets"):
        any_number.cases()


@every_exercise
def test_a_starter_is_not_attempted(exercise):
    assert examine(exercise, lambda *inputs: ...).name == "not attempted"


@pytest.mark.parametrize(
    ("exercise", "name"),
    MISTAKES,
    ids=[f"{e.chapter}: {e.id}: {name}" for e, name in MISTAKES],
)
def test_a_known_mistake_is_wrong_and_recognised_by_its_own_name(exercise, name):
    outcome = examine(exercise, exercise.mistakes[name])
    assert outcome.name == "wrong" and outcome.mistake == name


@every_exercise
def test_it_knows_a_mistake_and_says_it_so_that_the_card_reads_as_a_sentence(exercise):
    """ "It behaves as if ... .", and the hint gives no code away."""
    assert exercise.mistakes
    for name in exercise.mistakes:
        assert (
            name[0].islower()
            or name[0].isalpha()
            and name.split()[0].isupper()
            or not name[0].isupper()
        )
        assert not name.endswith(".")
    assert exercise.hints and all(hint.endswith((".", "?")) for hint in exercise.hints)
    assert len(exercise.title) > 3
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", exercise.id)


HOSTILE = {
    "None": lambda value: None,
    "text": str,
    "NaN": lambda value: shaped(value, lambda a: np.full(a.shape, np.nan)),
    "one axis more": lambda value: shaped(value, lambda a: np.stack([a, a])),
    "off by a little": lambda value: shaped(value, lambda a: a * (1 + 3e-6)),
    "the sign": lambda value: shaped(value, np.negative),
}


def shaped(value, change):
    """A value of the same kind, with a change made to each array."""
    if isinstance(value, tuple):
        return tuple(shaped(entry, change) for entry in value)
    return change(np.asarray(value, dtype=float))


@every_exercise
@pytest.mark.parametrize("kind", HOSTILE)
def test_an_answer_that_is_not_the_reference_is_wrong(exercise, kind):
    assert (
        examine(exercise, lambda *inputs: HOSTILE[kind](exercise(*inputs))).name
        == "wrong"
    )


@every_exercise
def test_writing_over_the_inputs_does_not_pass_for_an_answer(exercise):
    def zeros(*inputs):
        for value in inputs:
            if isinstance(value, np.ndarray):
                value[...] = 0
        return exercise(*inputs)

    if any(isinstance(value, np.ndarray) for value in exercise.cases()[0].values()):
        with np.errstate(all="ignore"):
            assert examine(exercise, zeros).name == "wrong"


@every_exercise
def test_no_case_is_one_in_which_wrong_code_passes(exercise):
    """At t = 1, or at a decay rate of one half, a swapped beta or a forgotten power is right by accident."""
    first, *cases = exercise.cases()
    for inputs in cases:
        for name, value in inputs.items():
            if value is first[name]:
                continue
            if name == "t":
                assert value > 1
            if name.startswith("beta"):
                assert abs(value - 0.5) > 0.01 and 0 < value < 1


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (
            "steps-to-share",
            lambda beta, share: int(math.log(1 - share) / math.log(beta)) + 1,
        ),
        (
            "adam-step",
            lambda *inputs: exercises()["adam-step"](*inputs[:-1], 0.01),
        ),
    ],
    ids=["int + 1 for ceil", "eps = 0.01 whatever is given"],
)
def test_what_is_wrong_in_few_cases_is_wrong(name, answer):
    assert examine(exercises()[name], answer).name == "wrong"


def test_leaving_eps_out_is_called_so():
    rates = exercises()["adagrad-rates"]
    outcome = examine(rates, lambda g, lr, eps: lr / np.sqrt(np.cumsum(g**2)))
    assert outcome.mistake == "eps were left out"
