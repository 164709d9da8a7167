"""Derivatives by nearby values of a function: what a gradient is checked against.

A function takes an array w of shape (K,) and gives a number; what is returned has the
shape of w. Everything is computed in the dtype of w.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimlib.problems import slides_network

Numbers = NDArray[Any]
Function = Callable[[Numbers], Any]
Layer = tuple[Numbers, Numbers]  # W and b
SIZES = (2, 2, 2, 2)  # of the course's network
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


def apart(slopes: Numbers, true: Numbers) -> float:
    """How far slopes are from the true ones: the length of the difference, as a share."""
    away = slopes.astype(float) - true
    return float(np.linalg.norm(away) / np.linalg.norm(true))


def layers_of(w: Numbers, sizes: Sequence[int] = SIZES) -> list[Layer]:
    """The pairs (W, b) of a network's layers, from one array that holds W before b.

    Args:
        w: all weights and biases.
        sizes: the numbers of inputs, of hidden neurons in each layer, and of outputs; by default
            those of the course's network.

    Raises:
        ValueError: for a number of parameters that does not belong to the sizes.
    """
    layers, at = [], 0
    for into, out in pairwise(sizes):
        W, b = w[at : at + out * into], w[at + out * into : at + out * (into + 1)]
        layers.append((W.reshape(out, into), b))
        at += out * (into + 1)
    if at != len(w):
        raise ValueError(
            f"w has {len(w)} numbers; allowed: {at}, for the sizes {sizes}"
        )
    return layers


def activations(layers: Sequence[Layer], x: Numbers) -> list[Numbers]:
    """The input and what each layer of sigmoids answers."""
    answers = [x]
    for W, b in layers:
        answers.append(1 / (1 + np.exp(-(W @ answers[-1] + b))))
    return answers


def network_cost(
    w: Numbers,
    sizes: Sequence[int],
    x: Numbers,
    y: Numbers,
    cross_entropy: bool = False,
) -> Any:
    """The cost of one example, half the squared distance or the cross-entropy.

    The parameters may be complex; what is computed is of their dtype.
    """
    f = activations(layers_of(w, sizes), x.astype(w.dtype))[-1]
    y = y.astype(w.dtype)
    if cross_entropy:
        return -np.sum(y * np.log(f) + (1 - y) * np.log(1 - f))
    return np.sum((f - y) ** 2) / 2


def slides_parameters(dtype: Any = float) -> Numbers:
    """The 18 weights and biases of the course's network."""
    _, layers = slides_network()
    parts = [layer[name].ravel() for layer in layers for name in ("W", "b")]
    return np.concatenate(parts).astype(dtype)


def slides_cost(w: Numbers, cross_entropy: bool = False) -> Any:
    """The cost of the course's example, (1, -1) with the target (1, 0)."""
    return network_cost(w, SIZES, np.array([1, -1]), np.array([1, 0]), cross_entropy)


def slides_signals(cross_entropy: bool = False) -> list[Numbers]:
    """The derivatives of that cost with respect to each layer's z, first layer first."""
    slopes = complex_step(lambda w: slides_cost(w, cross_entropy), slides_parameters())
    return [b for _, b in layers_of(slopes, SIZES)]
