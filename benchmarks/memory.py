"""How much memory does a step take besides what it was given and what it keeps?"""

import gc
import tracemalloc
from pathlib import Path
from typing import Any

from . import contenders
from .reports import Row, bar, pick, table, values
from .sizes import Sizes

TITLE = "Memory"
KEYS = (
    "numba", "numba-scan", "numpy", "numpy-scan", "torch-fused", "torch", "optax",
)  # fmt: skip
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
MEGABYTE = 1_000_000


def cases(sizes: Sizes) -> list[dict[str, Any]]:
    """Each dtype, at the most threads."""
    return [
        {"threads": max(sizes.threads), "dtype": dtype, "numbers": sizes.step}
        for dtype in sizes.dtypes
    ]


def measure(case: dict[str, Any]) -> list[Row]:
    """A row for each contender: its fifth step of Adam, when all is warm."""
    rows = []
    w, g = contenders.parameters(case["numbers"], case["dtype"])
    for key in KEYS:
        made = contenders.ready((key,), case["threads"], "Adam", w, g)
        if key in made:  # ready has taken three steps of it
            made[key].take()
            where = {k: case[k] for k in ("threads", "dtype", "numbers")}
            used = {"resident": _resident(made[key]), "traced": _traced(made[key])}
            rows.append({**where, "contender": key, **used})
        made.clear()
        gc.collect()
    return rows


def _traced(step: contenders.Step) -> int:
    """The most that Python and NumPy had allocated at a time, by tracemalloc."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        step.take()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def _resident(step: contenders.Step) -> int | None:
    """By how much the process's memory grew at most; None where Linux doesn't say."""
    try:
        RESET.write_text("5", encoding="ascii")  # the peak becomes what there is now
        before = _status("VmRSS")
        step.take()
        return max(0, _status("VmHWM") - before)
    except OSError:
        return None


def _status(name: str) -> int:
    lines = STATUS.read_text(encoding="ascii").splitlines()
    (line,) = (line for line in lines if line.startswith(f"{name}:"))
    return 1024 * int(line.split()[1])


def tables(rows: list[Row]) -> list[dict[str, Any]]:
    """Contenders down, dtypes and ways to measure across."""
    dtypes, lines = values(rows, "dtype"), []
    for key in values(rows, "contender"):
        cells = []
        for dtype in dtypes:
            (row,) = pick(rows, contender=key, dtype=dtype)
            cells += [_shown(row["resident"]), _shown(row["traced"])]
        lines.append([contenders.contenders(1)[key].label, *cells])
    columns = [f"{dtype}, {how}" for dtype in dtypes for how in ("process", "traced")]
    title = f"Extra memory in one step of Adam on {rows[0]['numbers']:,} numbers"
    note = (
        "Process: the growth of the process at its peak. Traced: what Python and NumPy "
        "allocate, by tracemalloc, which does not see torch, XLA and compiled code."
    )
    return [table(title, ["contender", *columns], lines, note)]


def _shown(used: int | None) -> str:
    return "–" if used is None else f"{used / MEGABYTE:.2f} MB"


def bars(rows: list[Row]) -> list[dict[str, Any]]:
    """At most 2 MB, by either way of measuring."""
    asked = []
    for row in rows:
        if row["contender"] in ("numba", "numba-scan", "numpy", "numpy-scan"):
            label = contenders.contenders(1)[row["contender"]].label
            most = max(row["traced"], row["resident"] or 0) / MEGABYTE
            asked += bar(
                "memory: MB in a step with out=w",
                f"{label}, {row['dtype']}",
                most,
                most=2.0,
            )
    return asked
