"""How long does a run of many steps on two numbers take, derivatives included?"""

from collections.abc import Callable
from typing import Any

import numpy as np

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

TITLE = "A run on a surface"
LABELS = {
    "numba": "optimlib's minimize, numba",
    "numpy": "optimlib's minimize, NumPy",
    "torch": "a loop of torch, default",
    "torch-fused": "a loop of torch, fused",
}


def cases(sizes: Sizes) -> list[dict[str, Any]]:
    """Each thread count."""
    return [
        {
            "threads": count,
            "steps": sizes.steps,
            "rounds": sizes.rounds,
            "least": sizes.least,
        }
        for count in sizes.threads
    ]


def measure(case: dict[str, Any]) -> list[Row]:
    """A row for each contender: a run of Adam on Rosenbrock's valley."""
    known = contenders.contenders(case["threads"])
    made = {"numba": _ours("numba"), "numpy": _ours("numpy")}
    made |= {"torch": _torch(), "torch-fused": _torch(fused=True)}
    runs = {k: run for k, run in made.items() if not known[k].missing()}
    ends = [run(case["steps"]) for run in runs.values()]
    for end in ends:
        np.testing.assert_allclose(end, ends[0], rtol=1e-6)
    calls = {k: _bound(run, case["steps"]) for k, run in runs.items()}
    took = timing.interleaved(calls, case["rounds"], case["least"])
    where = {"threads": case["threads"], "steps": case["steps"]}
    return [{**where, "contender": key, **one} for key, one in took.items()]


def _bound(run: Callable[[int], Any], steps: int) -> Callable[[], Any]:
    return lambda: run(steps)


def _ours(engine: str) -> Callable[[int], Any]:
    def run(steps: int) -> Any:
        from optimlib import minimize
        from optimlib.problems import SURFACES

        surface = SURFACES["rosenbrock"]
        opt = contenders.optimizer("Adam", engine, "raise")
        return minimize(surface, surface.gradient, surface.start, opt, steps).w[-1]

    return run


def _torch(**how: Any) -> Callable[[int], Any]:
    """What one writes in torch: record each point and value, as minimize does."""

    def run(steps: int) -> Any:
        import torch

        from optimlib.problems import SURFACES

        surface = SURFACES["rosenbrock"]
        w = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
        opt = contenders.torch_optimizer("Adam", [w], **how)
        points, losses = [], []
        for _ in range(steps):
            opt.zero_grad()
            loss = surface.formula(w[0], w[1])
            loss.backward()
            points.append(w.detach().clone())
            losses.append(loss.item())
            opt.step()
        return w.detach().numpy()

    return run


def tables(rows: list[Row]) -> list[dict[str, Any]]:
    """Contenders down, thread counts across."""
    counts = values(rows, "threads")
    lines = []
    for key in values(rows, "contender"):
        cells = [
            beside(value(rows, key, threads=n), value(rows, "numpy", threads=n))
            for n in counts
        ]
        lines.append([LABELS[key], *cells])
    title = (
        f"{rows[0]['steps']:,} steps of Adam on two numbers, from Rosenbrock's start"
    )
    return [table(title, ["contender", *map(threads, counts)], lines, spreads(rows))]


def bars(rows: list[Row]) -> list[dict[str, Any]]:
    """Ten times faster than torch's loop, with either engine."""
    asked = []
    for row in pick(rows, contender="torch"):
        for key, engine in (("numpy", "NumPy"), ("numba", "numba")):
            here = value(rows, key, threads=row["threads"])
            asked += bar(
                f"surface: torch's loop / minimize, {engine}",
                threads(row["threads"]),
                ratio(row["seconds"], here),
                least=10.0,
            )
    return asked
