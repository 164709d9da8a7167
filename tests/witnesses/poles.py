"""Momentum's poles in a direction of a quadratic, and what follows from them, by formulas.

companion/live/damping derives them; the figure itself has them in JavaScript.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def poles(x: ArrayLike, mu: ArrayLike) -> NDArray[np.complex128]:
    """The two poles at x = lr h and momentum mu, along a last axis; the larger one, or the upper one, first."""
    half = (1 + np.asarray(mu, float) - np.asarray(x, float)) / 2
    root = np.sqrt(half**2 - mu + 0j)
    root = np.where(half < 0, -root.real, root.real) + 1j * root.imag
    return np.stack([half + root, half - root], axis=-1)


def rate(x: ArrayLike, mu: ArrayLike) -> Any:
    """What a step leaves of the distance in the long run, the larger |z|: a number, or an array for arrays."""
    return np.abs(poles(x, mu)).max(axis=-1)


def best_momentum(x: ArrayLike) -> Any:
    """The momentum of the least rate at x = lr h, in (0, 4): a number, or an array for an array."""
    return (1 - np.sqrt(x)) ** 2


def best_pair(h1: float, h2: float) -> tuple[float, float]:
    """The learning rate and the momentum of the least rate for both curvatures."""
    a, b = np.sqrt([h1, h2])
    return float((2 / (a + b)) ** 2), float(((a - b) / (a + b)) ** 2)


def regime(x: float, mu: float) -> str:
    """What momentum does at x = lr h: "monotone", "oscillates", "alternates" or "diverges"."""
    if x >= 2 * (1 + mu):
        return "diverges"
    if (1 + mu - x) ** 2 < 4 * mu:
        return "oscillates"
    return "monotone" if x <= 1 + mu else "alternates"
