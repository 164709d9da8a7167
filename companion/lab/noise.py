"""Mini-batches on a parabola: examples, orders to take them in, and the spread of runs, exactly.

An example pulls the weight towards a place of its own: its cost is h (w - a)^2 / 2. The
mean cost is a parabola about the places' mean. What is said of it in numbers is plain
arithmetic, which the live figure's JavaScript is written from.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optimlib import SGD, walk

Floats = NDArray[np.floating]
WAYS = ("draw", "shuffle")


def gradient(w: Any, place: Any, curvature: Any) -> Any:
    """The gradient of an example; for the mean place of a batch, the batch's gradient."""
    return curvature * (w - place)


def floor(lr: Any, curvature: Any, variance: Any, batch: Any) -> Any:
    """The variance of w in the long run, for batches that are drawn with replacement.

    Args:
        lr: the learning rate, with lr * curvature below 2.
        curvature: of the mean cost.
        variance: of the examples' gradients.
        batch: examples to a step.
    """
    return lr * variance / (batch * curvature * (2 - lr * curvature))


def shuffled_floor(
    lr: Any, curvature: Any, variance: Any, examples: Any, batch: Any
) -> Any:
    """The same at the ends of epochs that are shuffled anew; the batch divides the examples."""
    kept, steps = 1 - lr * curvature, examples / batch
    fade = kept**steps
    drawn = steps * lr**2 / (1 - kept**2)
    saved = (1 - fade) / (curvature**2 * (1 + fade))
    return variance / (examples - 1) * (drawn - saved)


def drawn_spread(spread: Any, lr: Any, curvature: Any, variance: Any) -> Any:
    """The mean square of w's error after a step whose gradient has this variance."""
    return (1 - lr * curvature) ** 2 * spread + lr**2 * variance


def shuffled_sums(
    sums: Any, squares: Any, shrunk: Any, lr: Any, curvature: Any
) -> list[Any]:
    """What an epoch has added up after one more step.

    They are the sum and the sum of squares of the weights that its batches have in w, 0
    and 0 at its start, and what is left of the mean square that it began with, 1 there.
    """
    kept = 1 - lr * curvature
    return [kept * sums + lr, kept**2 * squares + lr**2, kept**2 * shrunk]


def shuffled_spread(
    spread: Any, sums: Any, squares: Any, shrunk: Any,
    variance: Any, examples: Any, batch: Any,
) -> Any:  # fmt: skip
    """The mean square of w's error within an epoch, from that at its start and the sums."""
    added = examples / batch * squares - sums**2
    return shrunk * spread + variance / (examples - 1) * added


def spreads(
    way: str,
    rates: ArrayLike,
    *,
    start: float,
    curvature: float,
    variance: float,
    examples: int,
    batch: int = 1,
) -> Floats:
    """The mean square of w's error before the first step and after each, exactly.

    Args:
        way: "draw" (with replacement) or "shuffle".
        rates: the learning rate of each step.
        start: the error at the start.
        curvature, variance, examples, batch: as for `shuffled_floor`.

    Raises:
        ValueError: for another way, and for a batch that does not divide the examples.
    """
    _check(way)
    if examples % batch:
        raise ValueError(
            f"batch is {batch}; allowed: a divisor of the {examples} examples"
        )
    found = [float(start) ** 2]
    begun, sums, squares, shrunk = found[0], 0.0, 0.0, 1.0
    for k, lr in enumerate(np.asarray(rates, dtype=float)):
        if way == "draw":
            found.append(drawn_spread(found[-1], lr, curvature, variance / batch))
            continue
        if k % (examples // batch) == 0:
            begun, sums, squares, shrunk = found[-1], 0.0, 0.0, 1.0
        sums, squares, shrunk = shuffled_sums(sums, squares, shrunk, lr, curvature)
        spread = shuffled_spread(begun, sums, squares, shrunk, variance, examples, batch)  # fmt: skip
        found.append(max(0.0, spread))  # rounding may lead below it
    return np.array(found)


def orders(
    way: str,
    rng: np.random.Generator,
    examples: int,
    batch: int,
    epochs: int,
    runs: int = 1,
) -> NDArray[np.int64]:
    """The row numbers of mini-batches, shape (runs, steps, batch).

    Args:
        way: "draw": each example with replacement from all; "shuffle": every example
            once an epoch, in an order that each epoch draws anew.
        rng: what draws.
        examples: how many there are; what does not fill a batch is left out of an epoch.
        batch: examples to a step.
        epochs: how many.
        runs: how many runs, each with its own draws.

    Raises:
        ValueError: for another way.
    """
    _check(way)
    steps = examples // batch
    if way == "draw":
        return rng.integers(examples, size=(runs, epochs * steps, batch))
    every = np.tile(np.arange(examples), (runs, epochs, 1))
    kept = rng.permuted(every, axis=2)[:, :, : steps * batch]
    return kept.reshape(runs, epochs * steps, batch)


def descend(
    gradient: Callable[[Floats, NDArray[np.int64]], Floats],
    w0: ArrayLike,
    rows: NDArray[np.int64],
    rate: Callable[[int], float],
) -> Floats:
    """The weights of many runs, shape (steps + 1, runs, ...).

    Args:
        gradient: gradient(w, rows) of the weights (runs, ...) on the batches (runs, batch).
        w0: where all runs start.
        rows: the row numbers of the batches, from `orders`.
        rate: the learning rate of step t, from 1.
    """
    runs, steps, _ = rows.shape
    start = np.broadcast_to(np.asarray(w0, dtype=float), (runs, *np.shape(w0)))
    batches = iter(np.swapaxes(rows, 0, 1))
    points: Floats = walk(
        SGD(lr=rate), start, lambda w: gradient(w, next(batches)), steps
    )
    return points


def _check(way: str) -> None:
    if way not in WAYS:
        raise ValueError(f"way is {way!r}; allowed: {' or '.join(map(repr, WAYS))}")
