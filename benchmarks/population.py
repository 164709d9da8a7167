"""How much faster is a population of runs than one run after another?"""

from functools import partial
from itertools import pairwise
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

TITLE = "A population"
NETWORK = (2, 8, 1)
EXAMPLES = 32
ENGINES = {"numba": "numba", "numpy": "NumPy"}


def cases(sizes: Sizes) -> list[dict[str, Any]]:
    """Each thread count."""
    return [
        {
            "threads": count,
            "runs": sizes.runs,
            "steps": max(1, sizes.steps // 50),
            "rounds": min(sizes.rounds, 3),
        }
        for count in sizes.threads
    ]


class Training:
    """Runs of a small network that differ in where they start and in their rate."""

    def __init__(self, runs: int, steps: int):
        from optimlib.problems import Network

        rng = np.random.default_rng(0)
        self.network, self.steps = Network(NETWORK, cost="cross-entropy"), steps
        self.starts = [self.network.initial(rng) for _ in range(runs)]
        self.rates = np.geomspace(1e-3, 1e-1, runs)
        self.x = rng.standard_normal((EXAMPLES, NETWORK[0]))
        self.ends: dict[str, Any] = {}  # the last run's weights, by engine and way
        self.y = (self.x[:, :1] * self.x[:, 1:] > 0).astype(float)

    def at_once(self, engine: str) -> None:
        """All runs as one population: a leading axis for the runs."""
        layers = zip(*self.starts, strict=True)
        w = [{k: np.stack([run[k] for run in runs]) for k in "Wb"} for runs in layers]
        w = self._trained(w, self.rates, engine, len(self.starts))
        self.ends[f"{engine} once"] = [{k: x[-1] for k, x in one.items()} for one in w]

    def in_a_loop(self, engine: str) -> None:
        """The runs one after another."""
        for start, rate in zip(self.starts, self.rates, strict=True):
            w = self._trained(start, float(rate), engine, None)
        self.ends[f"{engine} loop"] = w

    def _trained(self, w: Any, lr: Any, engine: str, population: int | None) -> Any:
        more = {"lr": lr, "population": population}
        opt = contenders.optimizer("Adam", engine, "raise", **more)
        for _ in range(self.steps):
            _, g = self.network.loss_and_gradient(w, self.x, self.y)
            w = opt.step(w, g)
        return w


def measure(case: dict[str, Any]) -> list[Row]:
    """A row for each engine and way; no run is left out of the loop.

    Raises:
        AssertionError: where the last member is not what its run alone gives.
    """
    training = Training(case["runs"], case["steps"])
    known, calls = contenders.contenders(case["threads"]), {}
    for engine in ENGINES:
        if not known[engine].missing():
            calls[f"{engine} once"] = partial(training.at_once, engine)
            calls[f"{engine} loop"] = partial(training.in_a_loop, engine)
    took = timing.interleaved(calls, case["rounds"], 0.0)
    first, *others = training.ends.values()
    for other in others:
        for x, y in zip(first, other, strict=True):
            for name in "Wb":
                np.testing.assert_allclose(x[name], y[name], rtol=1e-9)
    where = {k: case[k] for k in ("threads", "runs", "steps")}
    return [{**where, "contender": key, **one} for key, one in took.items()]


def tables(rows: list[Row]) -> list[dict[str, Any]]:
    """Engines and ways down, thread counts across."""
    counts = values(rows, "threads")
    lines = []
    for key in values(rows, "contender"):
        engine, _, way = key.partition(" ")
        cells = [
            beside(
                value(rows, key, threads=n),
                value(rows, f"{engine} once", threads=n),
            )
            for n in counts
        ]
        one = "one run after another" if way == "loop" else "all runs at once"
        lines.append([f"{one}, {ENGINES[engine]}", *cells])
    title = (
        f"{rows[0]['runs']:,} runs of {rows[0]['steps']} steps of a network with "
        f"{_numbers()} weights"
    )
    return [table(title, ["contender", *map(threads, counts)], lines, spreads(rows))]


def _numbers() -> int:
    return sum(a * b + b for a, b in pairwise(NETWORK))


def bars(rows: list[Row]) -> list[dict[str, Any]]:
    """Twenty times faster, with either engine."""
    asked = []
    for engine, label in ENGINES.items():
        for row in pick(rows, contender=f"{engine} loop"):
            here = value(rows, f"{engine} once", threads=row["threads"])
            asked += bar(
                f"population: loop / at once, {label}",
                threads(row["threads"]),
                ratio(row["seconds"], here),
                least=20.0,
            )
    return asked
