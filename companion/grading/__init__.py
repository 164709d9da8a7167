"""Exercises that check themselves: `check(function)` in a chapter."""

from collections.abc import Callable
from typing import Any

from companion.grading.card import show
from companion.grading.exercise import exercises, id_of
from companion.grading.judging import examine


def check(exercise: str | Callable[..., Any], answer: Any = None) -> None:
    """Run a reader's function against the exercise's reference and show a card.

    It says right, wrong with the first failing input, or not attempted.

    Args:
        exercise: the reader's function, named as the exercise's starter names it; or
            the exercise's id, before a function of any name.
        answer: that function. It is called with the exercise's inputs by position.

    Raises:
        KeyError: for a name that is no exercise's.
        TypeError: for an answer that can't be called.
    """
    if not isinstance(exercise, str):
        if answer is not None:
            raise TypeError(
                f"check was given {exercise!r} and {answer!r}; allowed: your function "
                "alone, or an exercise's name in quotes before it"
            )
        exercise, answer = getattr(exercise, "__name__", repr(exercise)), exercise
    if not callable(answer):
        raise TypeError(
            f"check takes your function itself; {exercise!r} was given {answer!r}"
        )
    known = exercises()
    if id_of(exercise) not in known:
        raise KeyError(
            f"{exercise!r} is no exercise; allowed: a function named as one of them is, "
            f"or its name in quotes before the function: {', '.join(known)}"
        )
    found = known[id_of(exercise)]
    show(found, examine(found, answer))


__all__ = ["check", "exercises"]
