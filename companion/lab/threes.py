"""A least-squares problem on real data, whose minimum is known: is this digit a three?

The first 1,792 images of the digits, each with ten features and a 1; the target is 1
for a three and 0 for the others. The features are the images' ten principal components,
scaled by one number, so that the curvatures of the mean cost are 1 on average.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companion.lab import digits, noise

Floats = NDArray[np.floating]
EXAMPLES, FEATURES = 1792, 10  # 1,792 is 56 batches of 32


@lru_cache
def data() -> tuple[Floats, Floats]:
    """(x, y): the features and a last column of ones, shape (1792, 11), and the targets."""
    images, labels = (part[:EXAMPLES] for part in digits.images())
    pixels = images[:, :-1] - images[:, :-1].mean(axis=0)
    _, _, directions = np.linalg.svd(pixels, full_matrices=False)
    features = pixels @ directions[:FEATURES].T
    features /= np.sqrt((features**2).mean())
    return np.column_stack([features, np.ones(EXAMPLES)]), labels[:, 3]


@lru_cache
def hessian() -> Floats:
    """The Hessian of the mean cost, shape (11, 11)."""
    x, _ = data()
    second: Floats = x.T @ x / len(x)
    return second


@lru_cache
def minimum() -> Floats:
    """The weights of least cost, shape (11,)."""
    x, y = data()
    best: Floats = np.linalg.solve(hessian(), x.T @ y / len(x))
    return best


def curvatures() -> Floats:
    """The mean cost's curvatures, from the smallest to the largest."""
    found: Floats = np.linalg.eigvalsh(hessian())
    return found


def cost(w: Any, rows: Any = slice(None)) -> float:
    """Half the mean squared error over the images `rows` (all by default)."""
    x, y = data()
    return float(((x[rows] @ w - y[rows]) ** 2).mean() / 2)


def excess(w: Any) -> Any:
    """The mean cost above its minimum, of weights of shape (..., 11)."""
    away = w - minimum()
    return 0.5 * np.einsum("...i,ij,...j", away, hessian(), away)


def gradient(w: Any, rows: Any = slice(None)) -> Floats:
    """The mean gradient over the images `rows` (all by default), shape (11,)."""
    x, y = data()
    mean: Floats = x[rows].T @ (x[rows] @ w - y[rows]) / len(x[rows])
    return mean


def gradients(w: Any, rows: Any) -> Floats:
    """The same for many runs: weights (runs, 11), row numbers (runs, batch)."""
    x, y = data()
    chosen = x[rows]
    error = np.einsum("rbi,ri->rb", chosen, w) - y[rows]
    each: Floats = np.einsum("rbi,rb->ri", chosen, error) / chosen.shape[1]
    return each


def variances() -> Floats:
    """The variance of one image's gradient at the minimum, along each of the directions.

    They are the Hessian's eigenvectors, in the order of `curvatures`; shape (11,).
    """
    x, y = data()
    _, directions = np.linalg.eigh(hessian())
    each = (x @ directions) * (x @ minimum() - y)[:, None]
    found: Floats = (each**2).mean(axis=0)
    return found


def costs(
    way: str,
    rate: float | Callable[[int], float],
    passes: int,
    *,
    start: Any = 0.0,
    runs: int = 1,
    batch: int = 32,
    seed: int = 0,
) -> Floats:
    """The mean cost above its minimum along runs on mini-batches, shape (steps + 1, runs).

    Args:
        way: "draw" or "shuffle", as for `noise.orders`.
        rate: the learning rate, or it as a function of the step t, from 1.
        passes: how many epochs.
        start: the weights at the start, or one number for all of them.
        runs: how many.
        batch: images to a step.
        seed: of the generator that draws.
    """
    rng = np.random.default_rng(seed)
    rows = noise.orders(way, rng, EXAMPLES, batch, passes, runs)
    begin = np.broadcast_to(start, FEATURES + 1)
    rates = rate if callable(rate) else lambda t: rate
    found: Floats = excess(noise.descend(gradients, begin, rows, rates))
    return found
