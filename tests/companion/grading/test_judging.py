"""Examining an answer: only what agrees with the reference on every case is right, whatever is returned."""

import numpy as np
import pytest

from companion import check
from companion.grading import exercises, judging
from companion.grading.exercise import CASES, exercise
from companion.grading.judging import examine


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
    "one part in a million off": lambda *inputs: average(*inputs) * (1 + 1e-6),
    "right but for the first case": right_except_once(0),
    "right but for the last case": right_except_once(CASES - 1),
    "the first known mistake": EXERCISE.mistakes["the betas were swapped"],
}


@pytest.mark.parametrize("kind", NEVER_RIGHT)
def test_it_is_wrong_with_a_case_a_value_and_the_expected_one(kind):
    outcome = examine(EXERCISE, NEVER_RIGHT[kind])
    assert outcome.name == "wrong"
    assert outcome.given and list(outcome.inputs) == ["m", "g", "beta"]
    assert any(
        all(np.array_equal(outcome.inputs[k], case[k]) for k in case)
        for case in EXERCISE.cases()
    )
    assert np.array_equal(outcome.expected, average(**outcome.inputs))


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
        "one part in a million off",
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


def test_none_asks_for_the_missing_return():
    assert examine(EXERCISE, lambda *_: None).given == "None: is a return missing?"


def test_an_exception_is_told_by_name_and_message():
    assert (
        examine(EXERCISE, lambda *_: 1 / 0).given
        == "an error, ZeroDivisionError: division by zero"
    )
    assert (
        examine(EXERCISE, NEVER_RIGHT["an assertion without words"]).given
        == "an error, AssertionError"
    )


def test_the_cases_are_the_same_for_everybody_and_differ_among_each_other():
    one, other = EXERCISE.cases(), EXERCISE.cases()
    assert len(one) == CASES and repr(one) == repr(other)
    assert len({case["beta"] for case in one}) == CASES


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
        lambda m, g, beta: m + g,
    ):
        assert examine(pair, wrong).name == "wrong"


# The card


def card(answer, monkeypatch, shown):
    """What `check` shows for an answer to the exercise above."""
    monkeypatch.setitem(exercises(), EXERCISE.id, EXERCISE)
    check(EXERCISE.id, answer)
    return shown[-1]


@pytest.mark.parametrize(
    ("answer", "box", "said", "outcome"),
    [
        (
            average,
            "tip",
            "Right: An <average>\nYour function agrees with the reference on 25 random inputs.",
            "right",
        ),
        (
            lambda *_: ...,
            "note",
            "Not attempted: An <average>\nReplace the dots",
            "not attempted",
        ),
        (lambda *_: None, "warning", "Not yet: An <average>\nFor m = [", "wrong"),
    ],
)
def test_the_card_says_what_came_of_it_in_words_box_and_facts(
    monkeypatch, shown, answer, box, said, outcome
):
    result = card(answer, monkeypatch, shown)
    assert result.text.startswith(said)
    assert result.html.startswith(
        f'<div class="admonition {box} companion-card" data-exercise="average" data-outcome="{outcome}">'
    )
    assert result.facts == {
        "kind": "exercise",
        "id": "average",
        "outcome": outcome,
        "mistake": "",
    }


def test_a_wrong_answer_gets_the_case_the_mistake_and_the_hint(monkeypatch, shown):
    result = card(EXERCISE.mistakes["m was forgotten"], monkeypatch, shown)
    assert "your function gave [" in result.text and "; expected: [" in result.text
    assert (
        "It behaves as if m was forgotten." in result.text
        and "Hint: Mind the <weights>." in result.text
    )
    assert result.facts["mistake"] == "m was forgotten"


@pytest.mark.parametrize("outcome", ["right", "wrong", "not attempted"])
def test_nothing_that_is_shown_can_be_html(monkeypatch, shown, outcome):
    def bad(*_):
        raise ValueError("<script>alert(1)</script> & more")

    answer = {"right": average, "wrong": bad, "not attempted": lambda *_: ...}[outcome]
    html = card(answer, monkeypatch, shown).html
    assert (
        "<script>" not in html and "<average>" not in html and "<weights>" not in html
    )
    assert "An &lt;average&gt;" in html and (
        outcome != "wrong" or "&lt;script&gt;" in html and "&amp; more" in html
    )


def test_a_function_finds_its_exercise_by_its_name(monkeypatch, shown):
    def average(m, g, beta):
        return beta * m

    monkeypatch.setitem(exercises(), EXERCISE.id, EXERCISE)
    check(average)
    check("average", lambda *inputs: EXERCISE(*inputs))
    assert [result.facts["outcome"] for result in shown] == ["wrong", "right"]


def test_every_hint_is_on_the_card(monkeypatch, shown):
    monkeypatch.setattr(EXERCISE, "hints", ("One.", "Two."))
    assert card(lambda *_: 0, monkeypatch, shown).text.endswith(
        "\nHint: One.\nHint: Two."
    )


def test_an_unknown_exercise_and_an_answer_that_is_no_function_are_refused(shown):
    known = ", ".join(exercises())
    for call in (lambda: check("none-such", average), lambda: check(shaped)):
        with pytest.raises(
            KeyError, match=rf"is no exercise; allowed: .* function: {known}"
        ):
            call()
    name = next(iter(exercises()))
    said = "check takes your function itself; '{}' was given "
    with pytest.raises(TypeError, match=said.format(name) + "3"):
        check(name, 3)
    with pytest.raises(TypeError, match=said.format(name) + "None"):
        check(name)
    with pytest.raises(TypeError, match=said.format("3.5") + "3.5"):
        check(3.5)
    assert shown == []


def shaped(m, g, beta):
    """A function that has no exercise's name."""


def test_numbers_are_shown_in_six_digits_and_long_arrays_in_short():
    assert judging.shown(1 / 3) == "0.333333" and judging.shown((1, 2.5)) == "(1, 2.5)"
    assert judging.shown(np.array([1 / 3, 2])) == "[0.33333, 2.     ]"
    assert len(judging.shown(np.zeros(10_000))) < 100
