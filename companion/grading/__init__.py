"""Exercises that check themselves: `check(function)` in a chapter."""

import difflib
import reprlib
from collections.abc import Callable, Iterable
from typing import Any

from companion.grading import session
from companion.grading.card import show
from companion.grading.examining import examine
from companion.grading.exercise import Exercise, exercises, id_of, tasks
from companion.grading.expressions import function_of
from companion.grading.kinds import Exploration, Prediction
from companion.grading.wording import sentences
from companion.tables import table


def check(exercise: str | Callable[..., Any], answer: Any = None) -> None:
    """Judge a reader's answer and show a card.

    It says right, wrong with the first failing input and what is known of the mistake,
    or not attempted. A hint comes with the second different answer.

    Args:
        exercise: the reader's function, named as the exercise's starter names it; or
            the exercise's id, before an answer.
        answer: a function of any name, called with the exercise's inputs by position; an
            expression in the names of these inputs, as text; what was predicted; or the
            live figure in which something was to be found.

    Raises:
        KeyError: for a name that is no exercise's.
        TypeError: for an answer of another kind.
        ValueError: for a text that is no expression, and a prediction that is no choice.
    """
    if not isinstance(exercise, str):
        if answer is not None:
            raise TypeError(
                f"check was given {reprlib.repr(exercise)} and {reprlib.repr(answer)}; allowed: your function "
                "alone, or an exercise's name in quotes before it"
            )
        named = getattr(exercise, "__name__", None)
        name = named if isinstance(named, str) else reprlib.repr(exercise)
        exercise, answer = name, exercise
    task = _task(exercise, answer)
    if isinstance(task, Prediction | Exploration):
        outcome, said = task.judged(answer)
        lines = [[(said, False)]]
    else:
        outcome = examine(task, _function(task, answer))
        lines = sentences(task.known, outcome, _name(answer))
    show(task, outcome, lines, session.tries(task.id).take(outcome))


def _task(name: str, answer: Any) -> Any:
    """The task of this name. An answer that is no task's is told before its name is."""
    known = tasks()
    task = known.get(id_of(name))
    if not isinstance(task, Prediction | Exploration) and not (
        callable(answer) or isinstance(answer, str) or answer is ...
    ):
        raise TypeError(
            f"check takes your function itself; {reprlib.repr(name)} was given "
            f"{reprlib.repr(answer)}; allowed: a function, or an expression in quotes"
        )
    if task is None:
        raise KeyError(
            f"{reprlib.repr(name)} is no exercise{_meant(name, known)}; allowed: a function "
            "named as one of them is, or its name in quotes before the function: "
            f"{', '.join(known)}"
        )
    return task


def _meant(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(id_of(name.lower()), known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _function(task: Exercise, answer: Any) -> Callable[..., Any]:
    """The function that an answer is, or stands for."""
    if isinstance(answer, str):
        return function_of(answer, task.parameters)
    return answer if callable(answer) else lambda *_: ...


def _name(answer: Any) -> str:
    name = getattr(answer, "__name__", "")
    return name if isinstance(name, str) and name.isidentifier() else ""


def progress() -> None:
    """Show a table of the chapter's exercises and what came of them in this session.

    The chapters are those in which an exercise was tried; before that, all of them.
    """
    known = tasks().values()
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


__all__ = ["check", "exercises", "progress", "tasks"]
