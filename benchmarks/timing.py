"""Medians of interleaved repetitions."""

import gc
import math
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

REST = 0.005  # seconds; idle threads of OpenMP spin for about one thousandth


def interleaved(
    calls: Mapping[str, Callable[[], Any]], rounds: int, least: float
) -> dict[str, dict[str, Any]]:
    """How long each call takes, measured in turn, so that whatever slows the machine
    for a while slows all of them.

    Each is called once to warm up and once to see how many calls fill `least` seconds.
    A round runs every one of them, and begins with another one than the round before.
    Before its timed calls each has a moment in which the threads of the one before it
    fall asleep, and, if it is short, one call that is not timed, which brings its own
    arrays near.

    Args:
        calls: what to call, by name. A call must have finished when it returns.
        rounds: repetitions of each, 2 or more.
        least: seconds that one repetition takes at least.

    Returns:
        For each name "seconds", the median of a call; "low" and "high", the quartiles;
        and "rounds" and "calls", how many repetitions of how many calls.
    """
    names = list(calls)
    many = {}
    for name in names:
        calls[name]()
        many[name] = max(1, math.ceil(least / max(_timed(calls[name], 1), 1e-9)))
    took: dict[str, list[float]] = {name: [] for name in names}
    collecting = gc.isenabled()
    gc.disable()
    try:
        for k in range(rounds):
            for name in names[k % len(names) :] + names[: k % len(names)]:
                time.sleep(REST)
                if many[name] > 1:
                    calls[name]()
                took[name].append(_timed(calls[name], many[name]) / many[name])
    finally:
        if collecting:
            gc.enable()
    return {name: {**spread(took[name]), "calls": many[name]} for name in names}


def spread(samples: list[float]) -> dict[str, Any]:
    """The median and the quartiles."""
    low, middle, high = statistics.quantiles(samples, n=4, method="inclusive")
    return {"seconds": middle, "low": low, "high": high, "rounds": len(samples)}


def _timed(call: Callable[[], Any], times: int) -> float:
    start = time.perf_counter_ns()
    for _ in range(times):
        call()
    return (time.perf_counter_ns() - start) / 1e9
