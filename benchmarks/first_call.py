"""What does the first step cost, with nothing compiled yet and with all of it cached?"""

import time
from typing import Any

from . import contenders
from .reports import Row, duration, pick, table, values
from .sizes import Sizes

TITLE = "The first call"
KEYS = ("numba", "numpy", "torch-fused", "torch", "optax")
IMPORTS = {"numba": "numba", "torch-fused": "torch", "torch": "torch", "optax": "optax"}
NUMBERS = 100_000


def cases(sizes: Sizes) -> list[dict[str, Any]]:
    """Each contender by itself; for numba, twice, the second time with a full cache.

    The cases run in this order; a cache that is not "warm" begins empty.
    """
    return [
        {"threads": max(sizes.threads), "contender": key, "cache": cache}
        for key in KEYS
        for cache in (("empty", "warm") if key == "numba" else ("none",))
    ]


def measure(case: dict[str, Any]) -> list[Row]:
    """One row: what it takes to import the package, and the first and second step."""
    key, threads = case["contender"], case["threads"]
    if contenders.contenders(threads)[key].missing():
        return []
    w, g = contenders.parameters(NUMBERS, "float32")
    clock = [time.perf_counter()]
    __import__("optimlib" if key in ("numba", "numpy") else IMPORTS[key])
    clock.append(time.perf_counter())
    step = contenders.contenders(threads)[key].make("Adam", w, g)
    for _ in range(2):
        step.take()
        clock.append(time.perf_counter())
    names = ("import", "first", "second")
    took = dict(zip(names, map(_less, clock[1:], clock[:-1]), strict=True))
    return [{**case, "numbers": NUMBERS, **took}]


def _less(after: float, before: float) -> float:
    return after - before


def tables(rows: list[Row]) -> list[dict[str, Any]]:
    """Contenders down; import, first and second step across."""
    lines = []
    for key in values(rows, "contender"):
        for row in pick(rows, contender=key):
            label = contenders.contenders(1)[key].label
            if row["cache"] != "none":
                label += f", {row['cache']} cache"
            times = [duration(row[name]) for name in ("import", "first", "second")]
            lines.append([label, *times])
    title = f"A new process: one step of Adam on {NUMBERS:,} numbers, float32"
    columns = ["contender", "import", "first step", "second step"]
    note = (
        "One process each. The first step includes making the optimizer, and what it "
        "imports by then: numba, or parts of torch."
    )
    return [table(title, columns, lines, note)]


def bars(rows: list[Row]) -> list[dict[str, Any]]:
    """Nothing is asked of it: it is shown."""
    return []
