"""Judging an answer: only what agrees with the reference on every case is right, whatever is returned."""

import numpy as np
import pytest

from companion.grading.examining import examine
from companion.grading.exercise import CASES, exercise


def average(m, g, beta):
    """The reference of the exercise below."""
    return beta * m + (1 - beta) * g


EXERCISE = exercise("An <average>", hints=["Mind the <weights>."])(average)


@EXERCISE.inputs
def drawn(rng):
    """Arrays of three and a number."""
    return {
        "m": rng.normal(size=3),
        "g": rng.normal(size=3),
        "beta": rng.uniform(0.6, 0.95),
    }


@EXERCISE.mistake("the betas were swapped")
def _(m, g, beta):
    return average(g, m, beta)


@EXERCISE.mistake("m was forgotten")
def _(m, g, beta):
    return (1 - beta) * g


def another(reference):
    """An exercise with the inputs of the one above."""
    made = exercise("X")(reference)
    made.inputs(drawn)
    return made


class Equal:
    """Equal to everything, at no distance from anything."""

    __array_priority__ = 1e9

    def __eq__(self, other):
        return True

    def __le__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__
    __hash__ = None


class Forged(np.ndarray):
    """An array whose every operation gives zeros, so that every comparison holds."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return np.zeros(self.shape)

    def __array_function__(self, function, types, args, kwargs):
        return True


def seen_zero(m, g, beta):
    """Turn the inputs to zeros for whoever looks at them next, and answer for those."""
    m[:], g[:] = 0, 0
    return np.zeros(3)


def right_except_once(case):
    """Right but for one case."""
    left = [case]

    def answer(m, g, beta):
        left[0] -= 1
        return average(m, g, beta) + (left[0] == -1)

    return answer


NEVER_RIGHT = {
    "nothing": lambda *_: None,
    "text": lambda *_: "right",
    "true": lambda *_: True,
    "trues": lambda *_: np.ones(3, bool),
    "an object equal to everything": lambda *_: Equal(),
    "three objects equal to everything": lambda *_: np.array(
        [Equal()] * 3, dtype=object
    ),
    "an array with a forged comparison": lambda *_: np.zeros(3).view(Forged),
    "NaN": lambda *_: np.full(3, np.nan),
    "one NaN": lambda m, g, beta: average(m, g, beta) + [0, 0, np.nan],
    "infinity": lambda *_: np.full(3, np.inf),
    "complex numbers": lambda *inputs: average(*inputs) + 1j,
    "one axis more": lambda *inputs: average(*inputs)[None],
    "a column": lambda *inputs: average(*inputs)[:, None],
    "a row": lambda *inputs: average(*inputs)[None],
    "the first entry": lambda *inputs: average(*inputs)[0],
    "one entry more": lambda *inputs: np.append(average(*inputs), 0.0),
    "nothing at all": lambda *_: np.array([]),
    "an empty tuple": lambda *_: (),
    "a tuple around it": lambda *inputs: (average(*inputs), average(*inputs)),
    "a dict": lambda *_: {},
    "a function": lambda *_: average,
    "a ragged list": lambda *_: [1.0, [2.0, 3.0]],
    "an exception": lambda *_: 1 / 0,
    "an assertion without words": lambda *_: (_ for _ in ()).throw(AssertionError()),
    "too few arguments": lambda m: m,
    "its inputs changed": seen_zero,
    "three parts in a million off": lambda *inputs: average(*inputs) * (1 + 3e-6),
    "right but for the first case": right_except_once(0),
    "right but for the last case": right_except_once(CASES - 1),
    "the first known mistake": EXERCISE.mistakes["the betas were swapped"],
}


@pytest.mark.parametrize("kind", NEVER_RIGHT)
def test_it_is_wrong_with_a_case_a_value_and_the_expected_one(kind):
    outcome = examine(EXERCISE, NEVER_RIGHT[kind])
    assert outcome.name == "wrong" and outcome.answer
    case = EXERCISE.cases()[outcome.case]
    assert np.allclose(outcome.expected.parts[0].values, average(**case), rtol=1e-11)


RIGHT = {
    "the reference": average,
    "other arithmetic": lambda m, g, beta: g + beta * (m - g),
    "a list": lambda *inputs: average(*inputs).tolist(),
    "its inputs written over": lambda m, g, beta: np.add(
        np.multiply(m, beta, out=m), (1 - beta) * g, out=m
    ),
    "a subclass of array": lambda *inputs: np.ma.array(average(*inputs)),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_what_agrees_on_every_case_is_right(kind):
    outcome = examine(EXERCISE, RIGHT[kind])
    assert outcome.name == "right" and outcome.cases == CASES


@pytest.mark.parametrize(
    "starter", [lambda *_: ..., lambda *_: (_ for _ in ()).throw(NotImplementedError())]
)
def test_a_starter_is_not_attempted(starter):
    assert examine(EXERCISE, starter).name == "not attempted"


@pytest.mark.parametrize("name", EXERCISE.mistakes)
def test_a_known_mistake_is_recognised_however_it_is_written(name):
    written = lambda m, g, beta: np.asarray(EXERCISE.mistakes[name](m, g, beta)) + 0.0
    assert examine(EXERCISE, written).mistake == name


@pytest.mark.parametrize(
    "kind",
    [
        "nothing",
        "NaN",
        "an exception",
        "three parts in a million off",
        "right but for the last case",
    ],
)
def test_another_mistake_is_given_no_name(kind):
    assert examine(EXERCISE, NEVER_RIGHT[kind]).mistake == ""


def test_a_mistake_is_named_only_if_it_fits_every_case():
    sometimes = lambda m, g, beta: (
        EXERCISE.mistakes["m was forgotten"](m, g, beta) if m[0] > 0 else 0 * m
    )
    assert examine(EXERCISE, sometimes).mistake == ""


def test_the_cases_are_the_same_for_everybody_and_differ_among_each_other():
    one, other = EXERCISE.cases(), EXERCISE.cases()
    assert len(one) == CASES and repr(one) == repr(other)
    assert len({str(case) for case in one}) == CASES


def test_a_reference_that_writes_over_its_inputs_does_no_harm():
    spoiling = another(lambda m, g, beta: np.multiply(m, beta, out=m))
    assert examine(spoiling, lambda m, g, beta: beta * m).name == "right"
    assert examine(spoiling, lambda m, g, beta: m).name == "wrong"


def test_tuples_are_compared_entry_by_entry():
    pair = another(lambda m, g, beta: (m + g, beta))
    for right in (lambda m, g, beta: (g + m, beta), lambda m, g, beta: [g + m, beta]):
        assert examine(pair, right).name == "right"
    for wrong in (
        lambda m, g, beta: (beta, m + g),
        lambda m, g, beta: (m + g,),
        lambda m, g, beta: (m + g, beta, beta),
        lambda m, g, beta: m + g,
    ):
        assert examine(pair, wrong).name == "wrong"
