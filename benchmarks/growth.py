"""Does the time per number stay the same, from few numbers to many?"""

from typing import Any

from . import contenders, timing
from .reports import (
    Row,
    bar,
    duration,
    pick,
    ratio,
    spreads,
    table,
    threads,
    value,
    values,
)
from .sizes import Sizes

TITLE = "Growth"
KEYS = ("numba", "numpy", "torch-fused", "torch", "optax", "copy")
#: A number may cost at most this many times what it costs in the largest step.
FLAT = 1.5


def cases(sizes: Sizes) -> list[dict[str, Any]]:
    """Each size at each thread count."""
    return [
        {
            "threads": count,
            "numbers": numbers,
            "dtype": "float32",
            "rounds": sizes.rounds if numbers <= sizes.step else min(sizes.rounds, 5),
            "least": sizes.least,
        }
        for count in sizes.threads
        for numbers in sizes.growth
    ]


def measure(case: dict[str, Any]) -> list[Row]:
    """A row for each contender for whose arrays there is room: one step of Adam."""
    w, g = contenders.parameters(case["numbers"], case["dtype"])
    steps = contenders.ready(KEYS, case["threads"], "Adam", w, g)
    calls = {key: step.take for key, step in steps.items()}
    took = timing.interleaved(calls, case["rounds"], case["least"])
    where = {k: case[k] for k in ("threads", "numbers", "dtype")}
    return [{**where, "contender": key, **one} for key, one in took.items()]


def each(rows: list[Row], key: str, numbers: int, count: int) -> float | None:
    """The seconds that one number takes."""
    return ratio(value(rows, key, numbers=numbers, threads=count), numbers)


def tables(rows: list[Row]) -> list[dict[str, Any]]:
    """A table for each thread count: contenders down, sizes across."""
    made = []
    for count in values(rows, "threads"):
        here = pick(rows, threads=count)
        sizes = values(here, "numbers")
        lines = []
        for key in values(here, "contender"):
            times = [each(here, key, size, count) for size in sizes]
            cells = ["–" if time is None else duration(time) for time in times]
            lines.append([contenders.contenders(1)[key].label, *cells])
        title = f"Time per number of one step of Adam, float32, {threads(count)}"
        columns = ["contender", *(f"{size:,}" for size in sizes)]
        made.append(table(title, columns, lines, spreads(here)))
    return made


def bars(rows: list[Row]) -> list[dict[str, Any]]:
    """Flat: nowhere dearer than in the largest step, up to a factor."""
    asked = []
    for count in values(rows, "threads"):
        here = pick(rows, contender="numba", threads=count)
        sizes = values(here, "numbers")
        if not sizes:
            continue
        largest = each(here, "numba", sizes[-1], count)
        for size in sizes:
            asked += bar(
                "growth: time per number / that in the largest step",
                f"{size:,} numbers, {threads(count)}",
                ratio(each(here, "numba", size, count), largest),
                most=FLAT,
            )
    return asked
