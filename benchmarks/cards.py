"""How long does a reader wait for a card? `python -m benchmarks.cards` prints a table.

It is a script of its own: `make bench` compares optimizers and needs their libraries.
"""

import contextlib
import io
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from companion import check
from companion.grading import exercises
from companion.grading.exercise import Exercise

from .reports import duration, table, text

TITLE = "A card"
MOST = 0.2  # seconds
ROUNDS = 5


def main() -> None:
    """Measure every exercise's cards and print the table."""
    lines = []
    for name, exercise in exercises().items():
        took = measure(name, exercise)
        met = "yes" if max(took) <= MOST else "no"
        lines.append([name, *map(duration, took), met])
    columns = ["exercise", "first", "right", "wrong", f"at most {MOST} s"]
    note = "The first card of a session makes the exercise's data; wrong is the slowest of two: a known mistake, and one that nothing is said of."
    print(text(table(TITLE, columns, lines, note)))


def measure(name: str, exercise: Exercise) -> list[float]:
    """Seconds of the first card, of one for a right answer, and of the slower wrong one."""
    first = []
    for _ in range(ROUNDS):
        exercise.__dict__.pop("known", None)
        first.append(timed(name, exercise.reference))
    known = next(iter(exercise.mistakes.values()))
    unknown = odd(exercise)
    later = [
        median(timed(name, answer) for _ in range(ROUNDS))
        for answer in (exercise.reference, known, unknown)
    ]
    return [median(first), later[0], max(later[1:])]


def odd(exercise: Exercise) -> Callable[..., Any]:
    """A wrong answer that every question of the diagnosis is asked about."""
    count = [0.0]

    def answer(*inputs: Any) -> Any:
        count[0] += 0.01
        value = exercise(*inputs)
        if isinstance(value, tuple):
            return tuple(one * (1.1 + count[0]) for one in value)
        return value * (1.1 + count[0])

    return answer


def timed(name: str, answer: Callable[..., Any]) -> float:
    """How long a card takes."""
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        check(name, answer)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
