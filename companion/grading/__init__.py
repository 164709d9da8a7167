"""Exercises that check themselves: `check("exercise-id", answer)` in a chapter."""

from collections.abc import Callable
from typing import Any

from companion.exercises import adaptive_rates, bias_correction
from companion.grading.card import show
from companion.grading.checking import examine

EXERCISES = {
    exercise.id: exercise
    for chapter in (adaptive_rates, bias_correction)
    for exercise in chapter.EXERCISES
}


def check(name: str, answer: Callable[..., Any]) -> None:
    """Run a reader's function against the exercise's reference and show a card.

    It says right, wrong with the first failing input, or not attempted.

    name : the exercise's id. answer : the reader's function, called with the exercise's
    inputs by position. Raises KeyError for an unknown id, TypeError for an answer that
    can't be called.
    """
    if name not in EXERCISES:
        raise KeyError(f"no exercise {name!r}; there are: {', '.join(EXERCISES)}")
    if not callable(answer):
        raise TypeError(
            f"check takes your function itself; {name!r} was given {answer!r}"
        )
    show(EXERCISES[name], examine(EXERCISES[name], answer))


__all__ = ["EXERCISES", "check"]
