"""Exercises that check themselves: `check(function)` in a chapter."""

from collections.abc import Callable
from typing import Any

from companion.grading import session
from companion.grading.card import show
from companion.grading.examining import examine
from companion.grading.exercise import exercises, id_of
from companion.tables import table


def check(exercise: str | Callable[..., Any], answer: Any = None) -> None:
    """Run a reader's function against the exercise's reference and show a card.

    It says right, wrong with the first failing input and what is known of the mistake,
    or not attempted. A hint comes with the second different answer.

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
    outcome = examine(found, answer)
    name = getattr(answer, "__name__", "")
    name = name if name.isidentifier() else ""
    show(found.known, outcome, name, session.tries(found.id).take(outcome))


def progress() -> None:
    """Show a table of the chapter's exercises and what came of them in this session.

    The chapters are those in which an exercise was tried; before that, all of them.
    """
    known = exercises().values()
    begun = {each.chapter for each in known if each.id in session.TRIED}
    listed = [each for each in known if each.chapter in begun or not begun]
    table(
        {
            "exercise": [each.title for each in listed],
            "wrong answers": [len(_tried(each.id).wrong) for each in listed],
            "so far": [_so_far(each.id) for each in listed],
        }
    )


def _tried(name: str) -> session.Tries:
    return session.TRIED.get(name, session.Tries())


def _so_far(name: str) -> str:
    tried = _tried(name)
    return "✓ right" if tried.right else "✗ not yet" if tried.wrong else "not tried"


__all__ = ["check", "exercises", "progress"]
