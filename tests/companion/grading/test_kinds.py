"""Tasks that are no function to write: on paper, to predict, to find in a live figure."""

import math
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion import check, progress
from companion.grading import session, tasks
from companion.grading.expressions import function_of
from companion.grading.kinds import Exploration, Prediction, explore, predict
from companion.live import Correction

LETTERS = ("t", "beta")
PREDICTIONS = [each for each in tasks().values() if isinstance(each, Prediction)]
EXPLORATIONS = [each for each in tasks().values() if isinstance(each, Exploration)]


@pytest.fixture(autouse=True)
def new_session(monkeypatch):
    """Nothing was tried yet."""
    monkeypatch.setattr(session, "TRIED", {})


# On paper


@pytest.mark.parametrize(
    "text",
    [
        "(1 - beta**t) / sqrt(1 - beta**2)",
        "(1-beta^t)/(1-beta^2)^0.5",
        "[1 − beta^t] ÷ ((1 – beta)·(1 + beta))**(1/2)",
        "-(beta**t - 1) * exp(-ln(1 - beta*beta)/2)",
        "(1 - β^t) / √(1 - β²)",
        "(1 - beta**t) / np.sqrt(1 - math.exp(2*ln(beta)))",
    ],
)
def test_an_expression_is_read_as_people_write_it(text):
    for t, beta in ((3, 0.5), (7, 0.9)):
        right = (1 - beta**t) / math.sqrt(1 - beta**2)
        assert function_of(text, LETTERS)(t, beta) == pytest.approx(right, rel=1e-12)


@given(
    st.recursive(
        st.one_of(st.integers(1, 9).map(str), st.sampled_from(LETTERS)),
        lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(
            lambda parts: f"({' '.join(parts)})"
        ),
        max_leaves=8,
    )
)
def test_an_expression_has_pythons_own_value(text):
    try:
        right = eval(text, {"t": 3.0, "beta": 0.5})
    except ZeroDivisionError:
        return
    assert function_of(text, LETTERS)(3, 0.5) == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("1/(1-", "is no expression"),
        ("", "is no expression"),
        ("2t", "is no expression; is a * missing?"),
        ("(1 - t)(1 - beta)", "is not known; is a * missing?"),
        ("x = t", "is no expression; write what stands behind the = alone"),
        ("(t + 1", "is no expression; a parenthesis is missing"),
        ("\ud800", "is no expression"),
        ("sqrt(t, 2)", "'sqrt(t, 2)' in"),
        ("max(t)", "'max(t)' in"),
        ("gamma + 1", "'gamma' in"),
        ("__import__('os').system('true')", "in"),
        ("open('x')", "in"),
        ("beta.real", "'beta.real' in"),
        ("[beta for beta in t]", "in"),
        ("1 if t else 2", "in"),
        ("sqrt", "'sqrt' in"),
        ("'text'", "in"),
        ("True", "'True' in"),
        ("1+" * 400 + "1", "is no expression"),
    ],
)
def test_what_is_no_expression_is_named_and_never_run(text, named):
    with pytest.raises(ValueError) as error:
        function_of(text, LETTERS)
    assert named in str(error.value) and "allowed: numbers, t, beta, " in str(
        error.value
    )


def test_an_expressions_error_shows_no_code_but_the_readers(shown):
    check("uncorrected-step", "9**9**9**9")
    assert "OverflowError" in shown[-1].text and " in line " not in shown[-1].text


@pytest.mark.parametrize(
    ("answer", "outcome", "said"),
    [
        ("(1 - beta_1^t) / sqrt(1 - beta_2^t)", "right", "on all 25 inputs"),
        ("(1 - beta1^t) / sqrt(1 - beta2^t)", "right", "on all 25 inputs"),
        ("(1 - beta1^t) / (1 - beta2^t)", "wrong", "as if the root was forgotten"),
        ("1/0", "wrong", "ZeroDivisionError"),
        (..., "not attempted", "Replace the dots"),
        (lambda t, a, b: (1 - a**t) / (1 - b**t) ** 0.5, "right", "agrees"),
    ],
)
def test_an_expression_is_judged_as_a_function_is(answer, outcome, said, shown):
    check("uncorrected-step", answer)
    assert shown[-1].facts["outcome"] == outcome and said in shown[-1].text


# Predictions


def twelve():
    """A number to predict."""
    return 12.0


NUMBER = predict("A number", within=0.1)(twelve)
NUMBER.mistake("it were the first")(lambda: 1.0)


@pytest.mark.parametrize(
    ("answer", "outcome", "said"),
    [
        (12, "right", "It is 12."),
        (13.1, "right", "It is 12."),
        (13.3, "wrong", "You said 13.3. Run it and look."),
        (1, "wrong", "It is as if it were the first."),
        (..., "not attempted", "Replace the dots"),
    ],
)
def test_a_predicted_number_may_be_a_little_off(
    monkeypatch, shown, answer, outcome, said
):
    monkeypatch.setitem(tasks(), NUMBER.id, NUMBER)
    check("twelve", answer)
    assert shown[-1].facts["outcome"] == outcome and said in shown[-1].text


@pytest.mark.parametrize("answer", ["twelve", None, [1, 2], True])
def test_a_prediction_of_another_kind_is_named(monkeypatch, answer):
    monkeypatch.setitem(tasks(), NUMBER.id, NUMBER)
    with pytest.raises(ValueError, match="^twelve is .*; allowed: a number$"):
        check("twelve", answer)


@pytest.mark.parametrize("task", PREDICTIONS, ids=lambda task: task.id)
def test_the_right_prediction_is_right_and_each_mistake_is_wrong_and_named(task):
    assert task.judged(task.reference())[0].name == "right"
    assert task.choices or task.within > 0
    said = set()
    for words, mistaken in task.mistakes.items():
        outcome, _ = task.judged(mistaken())
        assert (outcome.name, outcome.mistake) == ("wrong", words)
        said.add(mistaken())
    if task.choices:
        assert {task.reference(), *said} == set(task.choices)
        with pytest.raises(ValueError) as error:
            task.judged("neither")
        assert all(repr(choice) in str(error.value) for choice in task.choices)
        assert task.judged(f" {task.reference().upper()} ")[0].name == "right"


# Explorations


@pytest.mark.parametrize("task", EXPLORATIONS, ids=lambda task: task.id)
def test_the_goal_is_narrow_and_can_be_reached(task):
    low, high = task.goal
    assert low < high and not operator.sub(high, low) > 0.5 * high
    assert task.given.keys() < set(task.parameters)


def test_a_state_is_checked_that_the_reader_finds(shown):
    figure = Correction()
    check("more-than-half", figure)
    assert shown[-1].facts["outcome"] == "wrong"
    assert "At beta = 0.9, t = 10 it is 0.651322" in shown[-1].text
    figure.t = 7
    check("more-than-half", figure)
    assert shown[-1].facts["outcome"] == "right"
    by_hand = {"beta": 0.9, "t": 7, "seed": 3}
    check("more-than-half", by_hand)
    assert shown[-1].text == shown[-2].text
    assert "it is 0.521703; asked was a value from 0.5 to 0.55" in shown[-1].text


def test_what_is_given_must_stay(shown):
    check("more-than-half", Correction(beta=0.5, t=1))
    assert shown[-1].facts["outcome"] == "wrong"
    assert "Set beta = 0.9, and leave it there." in shown[-1].text


def test_a_sliders_number_may_be_a_float_beside_it(shown):
    figure = Correction(beta=0.9, t=7)
    figure.beta = 0.1 + 0.8000000000000002
    assert figure.beta != 0.9
    check("more-than-half", figure)
    assert shown[-1].facts["outcome"] == "right"


def test_a_figures_class_is_no_figure():
    with pytest.raises(TypeError, match=r"class Correction; allowed: the live figure itself, as in figure = Correction\(\)"):  # fmt: skip
        check("more-than-half", Correction)


def test_a_choice_may_have_quotes_and_spaces_too_many(shown):
    check("error-below-one-percent", " 'about  300' ")
    assert shown[-1].facts["outcome"] == "wrong"


def test_what_is_no_such_figure_is_named():
    with pytest.raises(TypeError, match="^more-than-half was given 7, which has no beta; allowed: the live figure$"):  # fmt: skip
        check("more-than-half", 7)
    with pytest.raises(TypeError, match="has no t; allowed"):
        check("more-than-half", {"beta": 0.9})


# All of them


def test_hints_come_one_by_one_and_progress_lists_every_kind(shown, capsys):
    for answer in ("about 30", "about 300"):
        check("error-below-one-percent", answer)
    assert "Hint: Which of the two averages" in shown[-1].text
    check("error-below-one-percent", "more")
    progress()
    assert {"error-below-one-percent"} == set(session.TRIED)
    assert session.TRIED["error-below-one-percent"].right


@pytest.mark.parametrize("make", [predict, lambda t: explore(t, goal=(0, 1))])
def test_a_title_that_is_no_text_is_named(make):
    with pytest.raises(TypeError, match="^the title is 7; allowed: a text"):
        make(7)(twelve)
