"""How long does a step on many small arrays take, and one on two numbers?"""

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

TITLE = "A small network"
LAYERS = 15  # of a matrix and a bias: 30 arrays, 3,000 numbers
SHAPES = {"W": (10, 19), "b": (10,)}
MANY, PAIR = "many arrays", "two numbers"
#: Microseconds that a step in place may take.
MOST = {MANY: 25.0, PAIR: 10.0}
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
            "what": what,
            "rounds": sizes.rounds,
            "least": sizes.least,
        }
        for what in MOST
        for dtype in sizes.dtypes
        for count in sizes.threads
    ]


def arrays(what: str, dtype: str) -> tuple[Any, Any]:
    """The weights and their gradient."""
    if what == PAIR:
        return contenders.parameters(2, dtype)
    drawn = {
        f"{name}{layer}": contenders.parameters(shape, dtype, seed=layer)
        for layer in range(LAYERS)
        for name, shape in SHAPES.items()
    }
    return {k: w for k, (w, _) in drawn.items()}, {k: g for k, (_, g) in drawn.items()}


def measure(case: dict[str, Any]) -> list[Row]:
    """A row for each contender: one step of Adam."""
    w, g = arrays(case["what"], case["dtype"])
    steps = contenders.ready(KEYS, case["threads"], "Adam", w, g)
    calls = {key: step.take for key, step in steps.items()}
    took = timing.interleaved(calls, case["rounds"], case["least"])
    where = {key: case[key] for key in ("threads", "dtype", "what")}
    return [{**where, "contender": key, **one} for key, one in took.items()]


def tables(rows: list[Row]) -> list[dict[str, Any]]:
    """For many arrays and for two numbers: contenders down, dtypes and threads across."""
    return [_table(what, pick(rows, what=what)) for what in values(rows, "what")]


def _table(what: str, rows: list[Row]) -> dict[str, Any]:
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
    title = f"One step of Adam on {_described(what)}"
    return table(title, ["contender", *columns], lines, spreads(rows))


def _described(what: str) -> str:
    if what == PAIR:
        return "one array of two numbers"
    w, _ = arrays(what, "float32")
    numbers = sum(x.size for x in w.values())
    return f"{len(w)} arrays, {numbers:,} numbers in all"


def bars(rows: list[Row]) -> list[dict[str, Any]]:
    """At most a tenth of torch's default, less than optax, and so many microseconds."""
    asked = []
    for row in pick(rows, contender="numba"):
        here = {k: row[k] for k in ("what", "dtype", "threads")}
        took = {key: value(rows, key, **here) for key in KEYS}
        where = f"{here['dtype']}, {threads(here['threads'])}"
        if here["what"] == MANY:
            asked += _beside_others(took, where)
        for key, engine in (("numba", "numba"), ("numpy", "NumPy")):
            title = f"{here['what']}: microseconds in place, {engine}"
            reached = ratio(took[key], 1e-6)
            asked += bar(title, where, reached, most=MOST[here["what"]])
    return asked


def _beside_others(took: dict[str, float | None], where: str) -> list[dict[str, Any]]:
    asked = []
    for text, over, ours, least in (
        ("torch default / numba", "torch", "numba-new", 10.0),
        ("torch default / numba in place", "torch", "numba", 10.0),
        ("torch default / NumPy in place", "torch", "numpy", 10.0),
        ("optax jit / numba", "optax", "numba-new", 1.0),
    ):
        reached = ratio(took[over], took[ours])
        asked += bar(f"small network: {text}", where, reached, least=least)
    return asked
