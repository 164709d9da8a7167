"""Derivatives by nearby values of a function: what a gradient is checked against.

A function takes an array w of shape (K,) and gives a number; what is returned has the
shape of w. Everything is computed in the dtype of w.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimlib.problems import slides_network

Numbers = NDArray[Any]
Function = Callable[[Numbers], Any]
TINY = 1e-30  # its square is lost in rounding beside any number that is not tiny itself


def one_sided(f: Function, w: Numbers, step: float) -> Numbers:
    """The slope along each coordinate from w to w + step."""
    here, slopes = f(w), np.empty_like(w)
    for k in range(len(w)):
        there = _moved(w, k, step)
        slopes[k] = (f(there) - here) / (there[k] - w[k])
    return slopes


def central(f: Function, w: Numbers, step: float) -> Numbers:
    """The slope along each coordinate from w - step to w + step.

    As in `one_sided`, the divisor is the distance that is left after w + step has been
    rounded.
    """
    slopes = np.empty_like(w)
    for k in range(len(w)):
        up, down = _moved(w, k, step), _moved(w, k, -step)
        slopes[k] = (f(up) - f(down)) / (up[k] - down[k])
    return slopes


def complex_step(f: Function, w: Numbers, step: float = TINY) -> Numbers:
    """The imaginary part of f at w + i step over step, for a function that takes complex numbers."""
    steps = 1j * step * np.eye(len(w))
    return np.array([np.imag(f(w + along)) / step for along in steps])


def _moved(w: Numbers, k: int, step: float) -> Numbers:
    there = w.copy()
    there[k] += step
    return there


def slides_parameters(dtype: Any = float) -> Numbers:
    """The 18 weights and biases of the course's network, layer by layer, W before b."""
    _, layers = slides_network()
    parts = [layer[name].ravel() for layer in layers for name in ("W", "b")]
    return np.concatenate(parts).astype(dtype)


def slides_layers(w: Numbers) -> list[tuple[Numbers, Numbers]]:
    """The pairs (W, b) of the three layers, from 18 numbers."""
    return [(part[:4].reshape(2, 2), part[4:]) for part in w.reshape(3, 6)]


def slides_cost(w: Numbers, cross_entropy: bool = False) -> Any:
    """The cost of the course's example, (1, -1) with the target (1, 0).

    It is half the squared distance, or the cross-entropy; w may be complex.
    """
    a = np.array([1, -1], dtype=w.dtype)
    y = np.array([1, 0], dtype=w.dtype)
    for W, b in slides_layers(w):
        a = 1 / (1 + np.exp(-(W @ a + b)))
    if cross_entropy:
        return -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a))
    return np.sum((a - y) ** 2) / 2
