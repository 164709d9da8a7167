"""Writing an exercise: what the decorator makes of a function, and how files are found."""

import numpy as np
import pytest

import companion.exercises
from companion import check
from companion.grading import exercise as writing
from companion.grading.exercise import Exercise, exercise, exercises, tasks


def half_of_both(a, b):
    """A reference."""
    return (a + b) / 2


def made():
    """The exercise of the function above."""
    return exercise("Half of both", hints=("Add.", "Then halve."))(half_of_both)


def test_the_function_says_what_it_is():
    half = made()
    assert isinstance(half, Exercise) and half(1, 2) == 1.5
    assert half.id == "half-of-both" and half.parameters == ("a", "b")
    assert half.title == "Half of both" and half.hints == ("Add.", "Then halve.")
    assert half.chapter == "test_exercise"


def test_inputs_come_in_the_order_of_the_parameters():
    half = made()
    half.inputs(lambda rng: {"b": rng.normal(), "a": 1})
    assert [list(case) for case in half.cases()] == [["a", "b"]] * writing.CASES


def test_the_first_case_is_the_smallest_and_the_last_differ_from_two_in_one_input():
    half = made()
    half.inputs(lambda rng: {"a": rng.normal(), "b": rng.normal(size=2)})
    half.smallest(a=1, b=[2, 3])
    first, second, *_, a1, b1, a2, b2 = half.cases()
    assert first["a"] == 1 and first["b"].tolist() == [2.0, 3.0]
    for base, a, b in ((first, a1, b1), (second, a2, b2)):
        assert a["a"] != base["a"] and (a["b"] == base["b"]).all()
        assert b["a"] == base["a"] and (b["b"] != base["b"]).all()
    assert [pairs for _, pairs in half.data()["changed"]] == [
        [[0, 21], [1, 23]], [[0, 22], [1, 24]],
    ]  # fmt: skip


def test_inputs_have_so_few_digits_that_a_card_shows_them_whole():
    half = made()
    half.inputs(lambda rng: {"a": rng.normal(), "b": int(rng.integers(9))})
    for case in half.cases():
        assert f"{case['a']:.6g}" == str(case["a"]) and isinstance(case["b"], int)


def test_inputs_that_are_not_the_parameters_or_not_there_are_refused():
    half = made()
    with pytest.raises(
        ValueError, match="^half-of-both has no inputs; draw them below @h"
    ):
        half.cases()
    half.inputs(lambda rng: {"a": 1, "c": 2})
    with pytest.raises(ValueError, match="^the inputs of half-of-both are a, c; allowed: its parameters, a, b$"):  # fmt: skip
        half.cases()


def test_a_mistake_stands_there_once_under_its_words():
    half = made()

    @half.mistake("nothing were halved")
    def _(a, b):
        return a + b

    assert {words: f(1, 2) for words, f in half.mistakes.items()} == {
        "nothing were halved": 3
    }
    with pytest.raises(
        ValueError, match="^half-of-both has this mistake twice: nothing w"
    ):
        half.mistake("nothing were halved")(np.add)


FILE = """
from companion.grading.exercise import exercise
{more}
@exercise("{title}")
def {name}(x):
    return x
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Write a file of exercises into a folder where they are looked for."""
    monkeypatch.setattr(companion.exercises, "__path__", [str(tmp_path)])
    tasks.cache_clear()
    yield lambda chapter, **what: (tmp_path / f"{chapter}.py").write_text(
        FILE.format(**{"more": "", "title": "One"} | what)
    )
    tasks.cache_clear()


def test_each_exercise_is_found_in_its_file_and_not_where_it_is_imported(folder):
    folder("found_one", name="one_of_one")
    folder("found_two", name="one_of_two", more="from companion.exercises.found_one import one_of_one")  # fmt: skip
    assert {name: each.chapter for name, each in exercises().items()} == {
        "one-of-one": "found_one", "one-of-two": "found_two",
    }  # fmt: skip


def test_two_exercises_of_one_name_are_refused(folder):
    folder("twice_one", name="the_same")
    folder("twice_two", name="the_same")
    with pytest.raises(ValueError, match="^the-same is an exercise of twice_one and of twice_two; allowed: once$"):  # fmt: skip
        exercises()


# What is given in a wrong form


def test_a_decorator_without_its_title_is_refused_where_it_stands():
    """Else the function itself would be the title, and no exercise made."""
    with pytest.raises(TypeError, match=r"^the title is <function half_of_both.*>; allowed: a text, as in @exercise\("):  # fmt: skip
        exercise(half_of_both)


def test_hints_that_are_one_text_are_refused():
    """Each of its letters would be a hint."""
    with pytest.raises(TypeError, match="^the hints of 'Half' are one text; allowed: a tuple of texts$"):  # fmt: skip
        exercise("Half", hints="Add, then halve.")


def test_a_mistake_without_its_words_is_refused():
    half = made()
    with pytest.raises(TypeError, match="^a mistake of half-of-both has no words; "):
        half.mistake(half_of_both)
    assert half.mistakes == {}


@pytest.mark.parametrize("second", [half_of_both, "half-of-both", 3.5])
def test_two_functions_are_not_checked_as_one(second):
    """One of the two would be left out without a word."""
    with pytest.raises(TypeError, match="^check was given <function hal.* and .*; allowed: your function alone, or"):  # fmt: skip
        check(half_of_both, second)
