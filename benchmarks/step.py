"""How long does one step on many numbers take, and how near is it to a plain copy?"""

from typing import Any

from . import contenders, timing
from .reports import (
    Row,
    bar,
    beside,
    pick,
    ratio,
    spreads,
    table,
    threads,
    value,
    values,
)
from .sizes import Sizes

TITLE = "One large step"
KEYS = (
    "numba", "numba-scan", "numpy", "numpy-scan", "torch-fused", "torch", "optax",
    "additions", "copy",
)  # fmt: skip


def cases(sizes: Sizes) -> list[dict[str, Any]]:
    """Each dtype at each thread count."""
    return [
        {
            "threads": count,
            "dtype": dtype,
            "numbers": sizes.step,
            "rounds": sizes.rounds,
            "least": sizes.least,
        }
        for dtype in sizes.dtypes
        for count in sizes.threads
    ]


def measure(case: dict[str, Any]) -> list[Row]:
    """A row for each method and contender."""
    rows = []
    w, g = contenders.parameters(case["numbers"], case["dtype"])
    for method in contenders.METHODS:
        steps = contenders.ready(KEYS, case["threads"], method, w, g)
        calls = {key: step.take for key, step in steps.items()}
        took = timing.interleaved(calls, case["rounds"], case["least"])
        where = {k: case[k] for k in ("threads", "dtype", "numbers")}
        moved = contenders.traffic(method, w.size, w.itemsize)
        rows += [
            {**where, "method": method, "contender": key, "moved": moved, **one}
            for key, one in took.items()
        ]
    return rows


def tables(rows: list[Row]) -> list[dict[str, Any]]:
    """A table for each dtype and thread count: contenders down, methods across."""
    made = []
    for dtype in values(rows, "dtype"):
        for count in values(rows, "threads"):
            here = pick(rows, dtype=dtype, threads=count)
            title = f"One step on {here[0]['numbers']:,} numbers, {dtype}, "
            made.append(_table(title + threads(count), here))
    return made


def _table(title: str, rows: list[Row]) -> dict[str, Any]:
    methods = values(rows, "method")
    base = {method: value(rows, "numba", method=method) for method in methods}
    lines = []
    for key in values(rows, "contender"):
        times = [value(rows, key, method=method) for method in methods]
        cells = [beside(time, base[m]) for time, m in zip(times, methods, strict=True)]
        lines.append([contenders.contenders(1)[key].label, *cells])
    return table(title, ["contender", *methods], lines, spreads(rows))


def bars(rows: list[Row]) -> list[dict[str, Any]]:
    """What is asked at 10 million numbers."""
    asked = []
    for row in pick(rows, contender="numpy"):
        here = {k: row[k] for k in ("method", "dtype", "threads")}
        where = f"{here['method']}, {here['dtype']}, {threads(here['threads'])}"
        took = {key: value(rows, key, **here) for key in KEYS}
        fused = 1.1 if here["dtype"] == "float32" else 1.0
        for text, over, under, least in (
            ("torch fused / numba", "torch-fused", "numba", fused),
            ("optax jit / numba", "optax", "numba", 1.4),
            ("torch default / numba", "torch", "numba", 5.0),
            ("plain copy / numba", "copy", "numba", 0.8),
            ("torch default / NumPy", "torch", "numpy", 2.0),
        ):
            reached = ratio(took[over], took[under])
            limit = ratio(took[over], took["additions"])
            title = f"large step: {text}"
            asked += bar(title, where, reached, least=least, limit=limit)
    return asked
