"""The card: what it says, in words, in a box, in facts; hints, prints and the table of progress."""

import numpy as np
import pytest

from companion import check, progress
from companion.grading import session, tasks
from tests.companion.grading.test_judging import EXERCISE, average


@pytest.fixture(autouse=True)
def new_session(monkeypatch):
    """Nothing was tried yet."""
    monkeypatch.setattr(session, "TRIED", {})


def card(answer, monkeypatch, shown):
    """What `check` shows for an answer to the exercise above."""
    monkeypatch.setitem(tasks(), EXERCISE.id, EXERCISE)
    check(EXERCISE.id, answer)
    return shown[-1]


@pytest.mark.parametrize(
    ("answer", "box", "said", "outcome"),
    [
        (
            average,
            "tip",
            "Right: An <average>\nYour function agrees with the reference on all 25 inputs.",
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
        f'<div class="admonition {box} companion-card" role="status" data-exercise="average" data-outcome="{outcome}">'
    )
    assert result.facts == {
        "kind": "exercise",
        "id": "average",
        "outcome": outcome,
        "mistake": "",
    }


def test_a_wrong_answer_gets_the_case_and_the_mistake(monkeypatch, shown):
    result = card(EXERCISE.mistakes["m was forgotten"], monkeypatch, shown)
    assert "you gave [" in result.text and "; expected [" in result.text
    assert "It behaves as if m was forgotten." in result.text
    assert result.facts["mistake"] == "m was forgotten"


def test_a_word_and_a_sign_stand_beside_the_colour(monkeypatch, shown):
    for answer, sign in ((average, "✓"), (lambda *_: 0, "✗"), (lambda *_: ..., "…")):
        assert f'<span aria-hidden="true">{sign} </span>' in card(answer, monkeypatch, shown).html  # fmt: skip


def corrected_average(m, beta, t):
    """A wrong answer to an exercise of the book."""
    return m / (1 - beta) ** t


def test_the_first_case_is_the_smallest_and_can_be_run_again(shown):
    check(corrected_average)
    assert shown[-1].text == (
        "Not yet: The correction\n"
        "For m = 2, beta = 0.5, t = 3 you gave 16; expected 2.28571 (7 times).\n"
        "It behaves as if 1 - beta was raised to the power t, instead of beta.\n"
        "To see it again: corrected_average(2, 0.5, 3)"
    )


def test_as_many_digits_are_shown_as_it_takes_to_differ(shown):
    check("corrected-average", lambda m, beta, t: m / (1 - beta**t) * (1 - 2e-6))
    assert "you gave 2.28571; expected 2.285714." in shown[-1].text


def test_the_entries_that_differ_are_marked(monkeypatch, shown):
    result = card(lambda *i: average(*i) + [0, 1, 0], monkeypatch, shown)
    assert result.html.count("<mark>") == 1 and result.text.count("*") == 2
    assert "Only" not in result.text


def test_long_arrays_and_texts_are_cut(monkeypatch, shown):
    for answer in (
        lambda *_: np.arange(5000.0),
        lambda *_: "x" * 10**6,
        lambda *_: np.ones((60, 60)),
    ):
        result = card(answer, monkeypatch, shown)
        assert len(result.text) < 700 and len(result.html) < 1200


def test_prints_are_shown_once(monkeypatch, shown):
    def chatty(*inputs):
        print("<here> I am")
        return average(*inputs) + 1

    result = card(chatty, monkeypatch, shown)
    assert result.text.count("<here> I am") == 1
    assert result.html.count("<pre>&lt;here&gt; I am</pre>") == 1


def test_hints_come_with_the_second_different_try_and_then_the_solution(
    monkeypatch, shown
):
    monkeypatch.setattr(EXERCISE, "hints", ("One.", "Two."))
    monkeypatch.setattr(EXERCISE, "known", EXERCISE.data(), raising=False)

    def after(value):
        text = card(lambda *_: value, monkeypatch, shown).text
        return [word for word in ("One.", "Two.", "solution") if word in text]

    assert after(0) == after(0) == []
    assert card(lambda *_: ..., monkeypatch, shown).facts["outcome"] == "not attempted"
    assert after(1) == after(1) == ["One."]
    assert after(2) == ["One.", "Two."]
    assert after(3) == ["One.", "Two.", "solution"]
    assert after(0) == []


def test_another_mistake_is_another_try_though_the_first_case_gives_the_same(shown):
    check(corrected_average)
    check("corrected-average", lambda m, beta, t: 7 * m / (1 - beta**t))
    assert ["Hint" in result.text for result in shown] == [False, True]


def test_progress_is_a_table_of_the_chapters_exercises(capsys, monkeypatch):
    tables = []
    monkeypatch.setattr("companion.tables.display", lambda made, raw: tables.append(made["text/plain"]))  # fmt: skip
    progress()
    assert len(tables[-1].splitlines()) == 1 + len(tasks())
    check(corrected_average)
    check("steps-to-share", tasks()["steps-to-share"].reference)
    check("adam-step", lambda *_: ...)
    progress()
    lines = tables[-1].splitlines()
    chapter = [e for e in tasks().values() if e.chapter == "bias_correction"]
    assert len(lines) == 1 + len(chapter)
    state = {line[:20].strip(): line.split("  ")[-1].strip() for line in lines[1:]}
    assert state["The correction"] == "✗ not yet"
    assert state["How long the zero st"] == "✓ right"
    assert state["One step of Adam"] == "not tried"


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

    monkeypatch.setitem(tasks(), EXERCISE.id, EXERCISE)
    check(average)
    check("average", lambda *inputs: EXERCISE(*inputs))
    assert [result.facts["outcome"] for result in shown] == ["wrong", "right"]


def test_an_unknown_exercise_and_an_answer_that_is_no_function_are_refused(shown):
    known = ", ".join(tasks())
    for call in (lambda: check("none-such", average), lambda: check(shaped)):
        with pytest.raises(
            KeyError, match=rf"is no exercise.*; allowed: .* function: {known}"
        ):
            call()
    name = next(iter(tasks()))
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


class Strange:
    """A callable object whose name and signature are none."""

    __name__ = 7

    @property
    def __signature__(self):
        raise OSError

    def __call__(self, m, beta, t):
        return corrected_average(m, beta, t)


class Unshown:
    """An object that can't be shown."""

    def __repr__(self):
        raise RuntimeError


def test_an_object_without_name_and_signature_is_judged(shown):
    check("corrected-average", Strange())
    assert shown[-1].facts["outcome"] in ("right", "wrong")


@pytest.mark.parametrize(
    "name", ["corrected-average", "error-below-one-percent", "more-than-half"]
)
@pytest.mark.parametrize("answer", [Unshown(), np.zeros(3), [0] * 100_000])
def test_what_is_refused_is_named_in_a_few_words(name, answer):
    with pytest.raises((TypeError, ValueError)) as error:
        check(name, answer)
    assert "allowed: " in str(error.value) and len(str(error.value)) < 300


def test_a_name_that_is_nearly_right_is_found():
    with pytest.raises(KeyError, match="did you mean corrected-average"):
        check("corrected_avg", corrected_average)
