"""How much is measured: everything, or so little that a test can run it."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    """What every question takes its own numbers from.

    Attributes:
        threads: the thread counts to compare at.
        dtypes: the dtypes, likewise.
        rounds: repetitions, each of which runs every contender.
        least: seconds; a contender is called again and again until one repetition
            takes that long, so that the clock's own error is small beside it.
        step: parameters of the large step.
        growth: parameters, from few to many.
        runs: members of the population.
        steps: steps of a run on a surface; of a member of the population, a fiftieth.
        widths: of the window in which live figures are drawn, in pixels.
    """

    threads: tuple[int, ...]
    dtypes: tuple[str, ...]
    rounds: int
    least: float
    step: int
    growth: tuple[int, ...]
    runs: int
    steps: int
    widths: tuple[int, ...]


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def full(threads: tuple[int, ...]) -> Sizes:
    """The sizes that the bars are about."""
    decades = tuple(10**k for k in range(4, 9))
    return Sizes(
        threads, ("float32", "float64"), 15, 0.02, 10_000_000, decades, 1_000, 1_000,
        (1280, 390),
    )  # fmt: skip


def quick(threads: tuple[int, ...]) -> Sizes:
    """Sizes at which no time means anything: only that all of it runs."""
    return Sizes(
        threads[-1:], ("float32",), 2, 0.0, 2_000, (100, 1_000), 5, 100, (390,)
    )
