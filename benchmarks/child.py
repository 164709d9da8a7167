"""One case in a process of its own: `python -m benchmarks.child question case`."""

import json
import os
import sys
from importlib import import_module
from typing import Any


def pin(threads: int) -> None:
    """Keep to as many cores as threads; XLA makes its threads from this number."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def limits(threads: int) -> dict[str, str]:
    """The environment in which libraries make this many threads."""
    names = ("OMP", "OPENBLAS", "MKL", "NUMBA", "VECLIB_MAXIMUM")
    return {
        **{f"{name}_NUM_THREADS": str(threads) for name in names[:4]},
        "VECLIB_MAXIMUM_THREADS": str(threads),
    }


def counted() -> dict[str, int]:
    """How many threads the libraries say that they use, those that were imported."""
    from optimlib.engine.with_numpy import threads

    found = {"optimlib": threads()}
    for name, ask in (("torch", "get_num_threads"), ("numba", "get_num_threads")):
        if name in sys.modules:
            found[name] = getattr(sys.modules[name], ask)()
    return found


def main(question: str, case: dict[str, Any]) -> None:
    """Measure and print the rows as JSON, on the last line."""
    pin(case["threads"])
    rows = import_module(f".{question}", __package__).measure(case)
    for name, count in counted().items():
        if count != case["threads"]:
            raise RuntimeError(
                f"{name} has {count} threads; wanted: {case['threads']}, as all"
            )
    print()
    print(json.dumps(rows))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
