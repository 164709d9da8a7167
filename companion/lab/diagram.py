"""A small network drawn: its neurons, its numbers, and what each neuron answers to an input."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle
from numpy.typing import ArrayLike, NDArray

from companion.figures import color
from companion.lab import quotients

Floats = NDArray[np.floating]
Layers = Sequence[Mapping[str, ArrayLike]]
APART, RADIUS = 2.1, 0.31  # of two layers; of a neuron's circle


def activations(w: Layers, x: ArrayLike) -> list[Floats]:
    """What every layer of a network of sigmoids answers to an input, the input first.

    Args:
        w: the parameters, {"W": (out, in), "b": (out,)} for each layer.
        x: one input, shape (in,).
    """
    layers = [(np.asarray(layer["W"]), np.asarray(layer["b"])) for layer in w]
    return quotients.activations(layers, np.asarray(x, dtype=float))


def draw(ax: Axes, w: Layers, x: ArrayLike) -> None:
    """Draw a network on the axes: a weight on every line, a bias at every circle, an answer in it.

    Args:
        ax: the axes; their own lines and ticks are taken away.
        w: the parameters of a network of sigmoids.
        x: the input, shape (in,).
    """
    answers = activations(w, x)
    places = [
        [(APART * i, 1.5 * ((len(a) - 1) / 2 - k)) for k in range(len(a))]
        for i, a in enumerate(answers)
    ]
    for i, layer in enumerate(w):
        for (k, j), weight in np.ndenumerate(np.asarray(layer["W"])):
            _line(ax, places[i][j], places[i + 1][k], weight)
        for place, bias in zip(places[i + 1], np.asarray(layer["b"]), strict=True):
            _bias(ax, place, bias)
    for i, (column, answer) in enumerate(zip(places, answers, strict=True)):
        for place, value in zip(column, answer, strict=True):
            _neuron(ax, place, f"{value:.2f}" if i else _signed(value), inner=i > 0)
    height = 0.75 * (max(map(len, answers)) - 1) + 0.75
    ax.set(xlim=(-0.4, APART * len(w) + 0.4), ylim=(-height, height), aspect="equal")
    ax.axis("off")


def _signed(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _line(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], weight: float
) -> None:
    """A line from neuron to neuron, with its weight near its start, where lines lie apart."""
    ax.plot(*zip(start, end, strict=True), color=color("muted"), lw=1, zorder=1)
    along = 0.34
    x, y = (a + along * (b - a) for a, b in zip(start, end, strict=True))
    ax.text(
        x,
        y,
        _signed(weight),
        ha="center",
        va="center",
        color=color("blue"),
        zorder=2,
        bbox={"facecolor": color("paper"), "edgecolor": "none", "pad": 1.2},
    )


def _bias(ax: Axes, place: tuple[float, float], bias: float) -> None:
    """A bias on the outer side of its circle."""
    x, y = place
    sign = 1 if y >= 0 else -1
    text = ("+" if bias >= 0 else "") + _signed(bias + 0.0)
    ax.text(
        x,
        y + sign * (RADIUS + 0.05),
        text,
        ha="center",
        va="bottom" if sign > 0 else "top",
        color=color("orange"),
    )


def _neuron(ax: Axes, place: tuple[float, float], text: str, inner: bool) -> None:
    x, y = place
    looks: Any = {"facecolor": color("paper"), "edgecolor": color("ink"), "zorder": 3}
    if inner:
        ax.add_patch(Circle(place, RADIUS, **looks))
    else:
        corner = (x - 0.8 * RADIUS, y - 0.8 * RADIUS)
        ax.add_patch(Rectangle(corner, 1.6 * RADIUS, 1.6 * RADIUS, **looks))
    ax.text(x, y, text, ha="center", va="center", zorder=4, size=9.5)
