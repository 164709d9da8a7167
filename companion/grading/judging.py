"""How an answer is examined: on seeded random inputs, against the exercise's reference."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from companion.grading.exercise import CASES, Exercise, Floats, Inputs


@dataclass(frozen=True)
class Outcome:
    """`name` is "right", "wrong" or "not attempted".

    The rest says what was seen in the first case that failed.
    """

    name: str
    cases: int = 0
    inputs: Inputs = field(default_factory=dict)
    given: str = ""
    expected: Any = None
    mistake: str = ""


class Refused(Exception):
    """A returned value that is no number or array, in words."""


def numbers(value: Any) -> list[Floats]:
    """The value as a list of plain float arrays, one for each entry of a tuple.

    np.array with subok=False leaves nothing of an object's own comparison. Raises
    Refused.
    """
    entries = value if isinstance(value, tuple) else (value,)
    arrays = []
    for entry in entries:
        try:
            array = np.array(entry, subok=False)
        except Exception as error:
            raise Refused(
                f"{type(entry).__name__}, which is no array ({error})"
            ) from error
        if array.dtype.kind not in "fiu":
            raise Refused(
                f"{'None: is a return missing?' if entry is None else type(entry).__name__}"
            )
        arrays.append(array.astype(float))
    return arrays


def agree(one: list[Floats], other: list[Floats], rtol: float) -> bool:
    """Whether two lists of arrays have the same lengths, shapes and finite values.

    Values are the same within rtol.
    """
    return len(one) == len(other) and all(
        a.shape == b.shape and bool(np.all(np.abs(a - b) <= rtol * np.abs(b)))
        for a, b in zip(one, other, strict=True)
    )


def examine(exercise: Exercise, answer: Callable[..., Any]) -> Outcome:
    """The outcome of an answer."""
    for inputs in exercise.cases():
        expected = exercise(*copy.deepcopy(inputs).values())
        try:
            value = answer(*copy.deepcopy(inputs).values())
        except NotImplementedError:
            return Outcome("not attempted")
        except Exception as error:  # noqa: BLE001 - a student's code may raise anything
            said = (
                f"{type(error).__name__}: {error}"
                if str(error)
                else type(error).__name__
            )
            return Outcome(
                "wrong", inputs=inputs, given=f"an error, {said}", expected=expected
            )
        if value is ...:
            return Outcome("not attempted")
        if isinstance(value, list) and isinstance(expected, tuple):
            value = tuple(value)
        try:
            right = agree(numbers(value), numbers(expected), exercise.rtol)
            given = shown(value)
        except Refused as refused:
            right, given = False, str(refused)
        if not right:
            mistake = recognised(exercise, answer)
            return Outcome(
                "wrong", inputs=inputs, given=given, expected=expected, mistake=mistake
            )
    return Outcome("right", cases=CASES)


def recognised(exercise: Exercise, answer: Callable[..., Any]) -> str:
    """The first known mistake that behaves as the answer does in every case.

    Its name, or ''.
    """
    for name, mistaken in exercise.mistakes.items():
        if all(
            _same(answer, mistaken, inputs, exercise.rtol)
            for inputs in exercise.cases()
        ):
            return name
    return ""


def _same(
    answer: Callable[..., Any],
    mistaken: Callable[..., Any],
    inputs: Inputs,
    rtol: float,
) -> bool:
    with np.errstate(all="ignore"):
        try:
            one, other = [
                numbers(f(*copy.deepcopy(inputs).values())) for f in (answer, mistaken)
            ]
        except Exception:  # noqa: BLE001
            return False
    return agree(one, other, rtol)


def shown(value: Any) -> str:
    """A value as a reader reads it: six digits."""
    if isinstance(value, tuple):
        return "(" + ", ".join(shown(entry) for entry in value) + ")"
    array = np.array(value, subok=False)
    if array.ndim == 0:
        return f"{array[()]:.6g}"
    return np.array2string(array, precision=5, separator=", ", threshold=12)
