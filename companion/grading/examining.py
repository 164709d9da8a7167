"""A reader's function, called with every case and judged."""

import inspect
from collections.abc import Callable
from typing import Any

from companion.grading.answers import called
from companion.grading.exercise import Exercise
from companion.grading.judging import Outcome, judge


def examine(exercise: Exercise, answer: Callable[..., Any]) -> Outcome:
    """The outcome of an answer. It is called once for each case."""
    data = exercise.known
    cases = [list(case.values()) for case in exercise.cases()]
    answers = called(answer, cases, most=_most(data["cases"]))
    outcome: Outcome = judge(data, data["cases"], answers, names(answer))
    return outcome


def _most(cases: list[dict[str, Any]]) -> int:
    """The largest number of entries that a case's answer has along its first axis."""
    values = [case["expected"] for case in cases]
    parts = [value["pair"] if isinstance(value, dict) else value for value in values]
    return max(len(part) if isinstance(part, list) else 1 for part in parts)


def names(answer: Callable[..., Any]) -> list[str] | None:
    """The names of a function's arguments, if it tells them."""
    try:
        return list(inspect.signature(answer).parameters)
    except Exception:  # noqa: BLE001 - a reader's object may say anything of itself
        return None
