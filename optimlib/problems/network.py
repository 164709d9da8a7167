r"""The fully connected network, and its gradient by backpropagation.

.. math:: a^0 = x, \qquad z^l = W^l a^{l-1} + b^l, \qquad a^l = \sigma^l(z^l)

The parameters `w` are a list with a dict for each layer, {"W": (out, in), "b": (out,)}.
Every array may have ONE leading axis more, of P networks, which are then run at once on
the same batch. Within, as in the formulas, an example is a column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from optimlib.problems.neuron import sigmoid
from optimlib.settings import check_whole

Floats = NDArray[np.floating]
Pairs = list[tuple[Floats, Floats]]  # W and b of each layer
Layers = Sequence[Mapping[str, ArrayLike]]
TOGETHER = 16_384  # activations of a layer, of some networks, that stay in the cache


class Network:
    r"""A fully connected network and the cost of what it says.

    Args:
        sizes: the numbers of inputs, of neurons in each hidden layer, and of outputs.
        hidden: the activation of the hidden layers: "sigmoid", "relu" or "linear".
        output: that of the last layer: "sigmoid", "softmax" or "linear".
        cost: of one example. "squared" is half the squared Euclidean distance,
            :math:`\frac{1}{2} \lVert a^L - y \rVert^2`. "cross-entropy", in nats, is
            :math:`-\sum_i y_i \ln a^L_i` after softmax and
            :math:`-\sum_i (y_i \ln a^L_i + (1 - y_i) \ln(1 - a^L_i))` after sigmoid.
        reduction: what the loss makes of the costs of a batch: their "mean" or "sum".

    Raises:
        ValueError: for sizes that are not two or more whole numbers from 1 on, for a
            choice that is not among those named, and for cross-entropy after a linear
            layer, whose outputs are no probabilities.

    Example:
        >>> network = Network([2, 4, 1], cost="cross-entropy")
        >>> w = network.initial(np.random.default_rng(0))
        >>> x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
        >>> loss, gradient = network.loss_and_gradient(w, x, y)
        >>> gradient[0]["W"].shape
        (4, 2)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        hidden: str = "sigmoid",
        output: str = "sigmoid",
        cost: str = "squared",
        reduction: str = "mean",
    ) -> None:
        if len(sizes) < 2:
            raise ValueError(f"sizes is {sizes!r}; allowed: two or more whole numbers")
        self.sizes = tuple(check_whole("a size", size, 1) for size in sizes)
        _check_choice("hidden", hidden, ("sigmoid", "relu", "linear"))
        _check_choice("output", output, ("sigmoid", "softmax", "linear"))
        _check_choice("cost", cost, ("squared", "cross-entropy"))
        _check_choice("reduction", reduction, ("mean", "sum"))
        if cost == "cross-entropy" and output == "linear":
            raise ValueError(
                "output is 'linear' with cost='cross-entropy'; "
                "allowed: 'softmax' or 'sigmoid'"
            )
        #: The activation of each layer.
        self.activations = (hidden,) * (len(sizes) - 2) + (output,)
        self.cost, self.reduction = cost, reduction

    def initial(
        self, rng: np.random.Generator, dtype: DTypeLike = float
    ) -> list[dict[str, Floats]]:
        r"""Random weights and biases of 0.

        W is uniform with variance :math:`2 / (n_{in} + n_{out})`, which keeps the sizes
        of activations and gradients alike from layer to layer; before a relu it is
        normal with variance :math:`2 / n_{in}`, since a relu drops half of its inputs.

        Source: Glorot and Bengio, Understanding the difficulty of training deep
        feedforward neural networks (2010), equation 16; He et al., Delving deep into
        rectifiers (2015), equation 10.
        """
        w = []
        shapes = zip(self.sizes[1:], self.sizes[:-1], strict=True)
        for (out, into), activation in zip(shapes, self.activations, strict=True):
            if activation == "relu":
                W = rng.normal(0, np.sqrt(2 / into), (out, into))
            else:
                most = np.sqrt(6 / (into + out))
                W = rng.uniform(-most, most, (out, into))
            w.append({"W": W.astype(dtype), "b": np.zeros(out, dtype)})
        return w

    def output(self, w: Layers, x: ArrayLike) -> Floats:
        """What the network says, shape (N, out) or (P, N, out), in the dtype of w.

        Args:
            w: the parameters.
            x: the inputs, shape (N, in).

        Raises:
            TypeError: for parameters that are not floating point.
            ValueError: for parameters or inputs whose shapes do not fit.
        """
        layers = self._layers(w)
        x = self._batch("x", x, layers, self.sizes[0])
        (a,) = self._in_groups(
            layers, x, lambda some: [self._forward(some, x.T)[0][-1]]
        )
        return _turned(a)

    def loss(self, w: Layers, x: ArrayLike, y: ArrayLike) -> Any:
        """The mean or the sum of the costs of a batch, a number or shape (P,).

        Args:
            w: the parameters.
            x: the inputs, shape (N, in).
            y: the targets, shape (N, out); for cross-entropy from 0 to 1, and after
                softmax of sum 1.

        Raises:
            TypeError: for parameters that are not floating point.
            ValueError: for shapes that do not fit, and for targets out of range.
        """
        layers = self._layers(w)
        x, y = self._examples(x, y, layers)

        def run(some: Pairs) -> list[Any]:
            return [self._reduced(*self._forward(some, x.T), y.T)]

        return self._in_groups(layers, x, run)[0]

    def loss_and_gradient(
        self, w: Layers, x: ArrayLike, y: ArrayLike
    ) -> tuple[Any, list[dict[str, Floats]]]:
        r"""The loss and its gradient, by backpropagation.

        With :math:`\delta^l = \partial C / \partial z^l`, a column for each example,

        .. math::

            \frac{\partial C}{\partial W^l} = \delta^l (a^{l-1})^\top, \qquad
            \frac{\partial C}{\partial b^l} = \sum_n \delta^l_n, \qquad
            \delta^{l-1} = (W^l)^\top \delta^l \odot \sigma'(z^{l-1}).

        The slope of a relu at 0 is taken as 0.

        Source: Rumelhart, Hinton and Williams, Learning representations by
        back-propagating errors (1986), equations 4 to 7.

        Args, errors: those of :meth:`loss`.

        Returns:
            The loss, and its gradient: structure, shapes and dtype of w.
        """
        layers = self._layers(w)
        x, y = self._examples(x, y, layers)
        loss, *slopes = self._in_groups(
            layers, x, lambda some: self._backward(some, x.T, y.T)
        )
        pairs = zip(slopes[::2], slopes[1::2], strict=True)
        return loss, [{"W": W, "b": b} for W, b in pairs]

    def _in_groups(
        self, layers: Pairs, x: Floats, run: Callable[[Pairs], list[Any]]
    ) -> list[Any]:
        """What `run` gives for the networks, for so many at a time that what it makes
        stays in the processor's cache."""
        (first, _), *_ = layers
        size = max(1, TOGETHER // (len(x) * max(self.sizes)))
        if first.ndim == 2 or len(first) <= size:
            return run(layers)
        parts = [
            run([(W[k : k + size], b[k : k + size]) for W, b in layers])
            for k in range(0, len(first), size)
        ]
        return [np.concatenate(part) for part in zip(*parts, strict=True)]

    def _forward(self, layers: Pairs, x: Floats) -> tuple[list[Floats], Floats]:
        """The inputs and the activations of each layer, and z of the last."""
        activations, z = [x], x
        for (W, b), name in zip(layers, self.activations, strict=True):
            z = W @ activations[-1] + b[..., None]
            activations.append(_ACTIVATIONS[name](z))
        return activations, z

    def _backward(self, layers: Pairs, x: Floats, y: Floats) -> list[Any]:
        """The loss, and the slopes of W and b of each layer in turn."""
        activations, z = self._forward(layers, x)
        delta, slopes = self._last_delta(activations[-1], y), []
        if self.reduction == "mean":
            delta = delta / x.shape[-1]
        ones = np.ones(x.shape[-1], x.dtype)  # a product is a faster sum
        for i in reversed(range(len(layers))):
            a = activations[i]
            slopes += [delta @ ones, delta @ _turned(a)]
            if i > 0:
                back = _product(_turned(layers[i][0]), delta)
                delta = back * _SLOPES[self.activations[i - 1]](a)
        return [self._reduced(activations, z, y), *slopes[::-1]]

    def _reduced(self, activations: list[Floats], z: Floats, y: Floats) -> Any:
        costs = self._costs(activations[-1], z, y)
        return costs.mean(axis=-1) if self.reduction == "mean" else costs.sum(axis=-1)

    def _costs(self, a: Floats, z: Floats, y: Floats) -> Floats:
        """The cost of each example, (..., N); from z where a would overflow."""
        if self.cost == "squared":
            each = 0.5 * (a - y) ** 2
        elif self.activations[-1] == "softmax":
            below = z - z.max(axis=-2, keepdims=True)
            each = y * (np.log(np.exp(below).sum(axis=-2, keepdims=True)) - below)
        else:
            each = np.maximum(z, 0.0) - y * z + np.log1p(np.exp(-np.abs(z)))
        return each.sum(axis=-2)

    def _last_delta(self, a: Floats, y: Floats) -> Floats:
        """dC/dz of the last layer for each example, (..., out, N)."""
        away = a - y
        if self.cost == "cross-entropy" or self.activations[-1] == "linear":
            return away
        if self.activations[-1] == "softmax":
            return np.asarray(a * (away - (a * away).sum(axis=-2, keepdims=True)))
        return np.asarray(away * _SLOPES["sigmoid"](a))

    def _layers(self, w: Layers) -> Pairs:
        """(W, b) of each layer, checked."""
        if len(w) != len(self.activations):
            raise ValueError(
                f"w has {len(w)} layers; allowed: {len(self.activations)}, as in sizes"
            )
        layers, lead = [], None
        for i, layer in enumerate(w):
            out, into = self.sizes[i + 1], self.sizes[i]
            W = _parameter(f"w[{i}]", layer, "W", (out, into))
            b = _parameter(f"w[{i}]", layer, "b", (out,))
            for axes in (W.shape[:-2], b.shape[:-1]):
                if lead is not None and axes != lead:
                    raise ValueError(
                        f"w[{i}] has the leading axes {axes}; allowed: {lead}, those "
                        "of the first array"
                    )
                lead = axes
            layers.append((W, b))
        return layers

    def _batch(
        self,
        name: str,
        rows: ArrayLike,
        layers: Pairs,
        width: int,
    ) -> Floats:
        """Inputs or targets in the dtype of the parameters, which keeps float32."""
        array = np.asarray(rows)
        if array.ndim != 2 or array.shape[1] != width or not len(array):
            raise ValueError(
                f"{name} has shape {array.shape}; allowed: (N, {width}), N at least 1"
            )
        return array.astype(np.result_type(*(W for W, _ in layers)), copy=False)

    def _examples(
        self, x: ArrayLike, y: ArrayLike, layers: Pairs
    ) -> tuple[Floats, Floats]:
        x = self._batch("x", x, layers, self.sizes[0])
        y = self._batch("y", y, layers, self.sizes[-1])
        if len(x) != len(y):
            raise ValueError(
                f"x has {len(x)} rows and y {len(y)}; allowed: equally many"
            )
        if self.cost == "cross-entropy":
            _check_probabilities(y, self.activations[-1] == "softmax")
        return x, y


def _check_choice(name: str, value: Any, options: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in options:
        allowed = " or ".join(map(repr, options))
        raise ValueError(f"{name} is {value!r}; allowed: {allowed}")


def _parameter(
    name: str, layer: Mapping[str, ArrayLike], key: str, shape: tuple[int, ...]
) -> Floats:
    """The array of a layer, checked to have this shape or one leading axis more."""
    if set(layer) != {"W", "b"}:
        raise ValueError(f"{name} has the keys {list(layer)}; allowed: 'W' and 'b'")
    array = np.asarray(layer[key])
    if array.dtype.kind != "f":
        raise TypeError(
            f"{name}[{key!r}] has dtype {array.dtype}; allowed: a floating-point dtype"
        )
    extra = array.ndim - len(shape)
    if extra not in (0, 1) or array.shape[extra:] != shape:
        raise ValueError(
            f"{name}[{key!r}] has shape {array.shape}; "
            f"allowed: {shape}, or that after one axis of networks"
        )
    return array


def _check_probabilities(y: Floats, distribution: bool) -> None:
    """Refuse targets that cross-entropy has no meaning for."""
    outside = ~((y >= 0) & (y <= 1))
    if outside.any():
        i, j = (int(k) for k in np.argwhere(outside)[0])
        raise ValueError(
            f"y[{i}, {j}] is {y[i, j]}; allowed for cross-entropy: from 0 to 1"
        )
    sums = y.sum(axis=-1)
    if distribution and (np.abs(sums - 1) > 1e-5).any():
        i = int(np.argmax(np.abs(sums - 1)))
        raise ValueError(f"y[{i}] adds up to {sums[i]}; allowed after softmax: 1")


def _turned(array: Floats) -> Floats:
    """The matrices transposed, one by one."""
    return np.swapaxes(array, -1, -2)


def _product(left: Floats, right: Floats) -> Floats:
    """The matrices' products, those of columns by rows without a call for each."""
    return left * right if left.shape[-1] == 1 else left @ right


def softmax(z: Floats) -> Floats:
    """The shares e^z / sum e^z along the last axis, without overflow."""
    odds = np.exp(z - z.max(axis=-1, keepdims=True))
    return odds / odds.sum(axis=-1, keepdims=True)


_ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {
    "sigmoid": sigmoid,
    "relu": lambda z: np.maximum(z, 0.0),
    "softmax": lambda z: _turned(softmax(_turned(z))),
    "linear": lambda z: z,
}
# The activations' slopes, from their values.
_SLOPES: dict[str, Callable[[Floats], Any]] = {
    "sigmoid": lambda a: a * (1 - a),
    "relu": lambda a: a > 0,
    "linear": lambda a: 1.0,
}


def slides_network() -> tuple[Network, list[dict[str, Floats]]]:
    """The course's example: two inputs, three sigmoid layers of two, and their weights.

    The course adds up the costs of a batch, and so does this network.

    Example:
        >>> network, w = slides_network()
        >>> network.output(w, [[1, -1], [0, 0]]).round(2)
        array([[0.62, 0.83],
               [0.51, 0.85]])
    """
    layers = (
        ([[1, -2], [-1, 1]], [1, 0]),
        ([[2, -1], [-2, -1]], [0, 0]),
        ([[3, -1], [-1, 4]], [-2, 2]),
    )
    w: list[dict[str, Floats]] = [
        {"W": np.array(W, dtype=float), "b": np.array(b, dtype=float)}
        for W, b in layers
    ]
    return Network([2, 2, 2, 2], reduction="sum"), w
