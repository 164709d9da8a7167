"""How long does a step on many small arrays take?"""

from typing import Any

import numpy as np

from . import contenders, timing
from .reports import Row, bar, beside, ratio, spreads, table, threads, value, values
from .sizes import Sizes

TITLE = "A small network"
LAYERS = 15  # of a matrix and a bias: 30 arrays, 3,000 numbers
SHAPES = {"W": (10, 19), "b": (10,)}
KEYS = (
    "numba", "numba-new", "numba-scan", "numpy", "numpy-scan", "torch-fused", "torch",
    "optax",
)  # fmt: skip


def cases(sizes: Sizes) -> list[dict[str, Any]]:
    """Each dtype at each thread count."""
    return [
        {
            "threads": count,
            "dtype": dtype,
            "rounds": sizes.rounds,
            "least": sizes.least,
        }
        for dtype in sizes.dtypes
        for count in sizes.threads
    ]


def arrays(dtype: str) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The weights and their gradient."""
    drawn = {
        f"{name}{layer}": contenders.parameters(shape, dtype, seed=layer)
        for layer in range(LAYERS)
        for name, shape in SHAPES.items()
    }
    return {k: w for k, (w, _) in drawn.items()}, {k: g for k, (_, g) in drawn.items()}


def measure(case: dict[str, Any]) -> list[Row]:
    """A row for each contender: one step of Adam."""
    w, g = arrays(case["dtype"])
    steps = contenders.ready(KEYS, case["threads"], "Adam", w, g)
    calls = {key: step.take for key, step in steps.items()}
    took = timing.interleaved(calls, case["rounds"], case["least"])
    where = {
        "threads": case["threads"],
        "dtype": case["dtype"],
        "arrays": len(w),
        "numbers": sum(x.size for x in w.values()),
    }
    return [{**where, "contender": key, **one} for key, one in took.items()]


def tables(rows: list[Row]) -> list[dict[str, Any]]:
    """Contenders down, dtypes and thread counts across."""
    across = [
        {"dtype": dtype, "threads": count}
        for dtype in values(rows, "dtype")
        for count in values(rows, "threads")
    ]
    lines = []
    for key in values(rows, "contender"):
        cells = [
            beside(value(rows, key, **one), value(rows, "numba-new", **one))
            for one in across
        ]
        lines.append([contenders.contenders(1)[key].label, *cells])
    columns = [f"{one['dtype']}, {threads(one['threads'])}" for one in across]
    title = (
        f"One step of Adam on {rows[0]['arrays']} arrays, "
        f"{rows[0]['numbers']:,} numbers in all"
    )
    return [table(title, ["contender", *columns], lines, spreads(rows))]


def bars(rows: list[Row]) -> list[dict[str, Any]]:
    """At most a tenth of torch's default, and less than optax."""
    asked = []
    for dtype in values(rows, "dtype"):
        for count in values(rows, "threads"):
            here = {"dtype": dtype, "threads": count}
            took = {key: value(rows, key, **here) for key in KEYS}
            where = f"{dtype}, {threads(count)}"
            for text, over, ours, least in (
                ("torch default / numba", "torch", "numba-new", 10.0),
                ("torch default / numba in place", "torch", "numba", 10.0),
                ("optax jit / numba", "optax", "numba-new", 1.0),
            ):
                reached = ratio(took[over], took[ours])
                asked += bar(f"small network: {text}", where, reached, least=least)
    return asked
