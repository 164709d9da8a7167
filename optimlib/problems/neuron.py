"""One sigmoid neuron with squared cost, and data on which its sparse weight starves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating]


def sigmoid(z: ArrayLike) -> Any:
    """1 / (1 + e^-z), elementwise, without overflow for any finite z.

    It is of the dtype of z, of float64 for whole numbers.
    """
    z = np.asarray(z)
    return _logistic(z if z.dtype.kind == "f" else z.astype(float))


def _logistic(z: Any) -> Any:
    return 0.5 * (1 + np.tanh(0.5 * z))


def _half_square(residual: Any) -> Any:
    return 0.5 * residual**2


def example_cost(theta: Iterable[Any], inputs: Iterable[Any], target: Any) -> Any:
    """What one example costs, as plain arithmetic of numbers.

    theta and inputs are K + 1 numbers each; the last input is 1, for the bias.
    """
    z: Any = sum(a * x for a, x in zip(theta, inputs, strict=True))
    return _half_square(_logistic(z) - target)


class _Fit:
    """The cost of a sigmoid neuron on stored points, each with its share of it."""

    _inputs: Floats
    _targets: Floats
    _share: Floats

    def output(self, theta: ArrayLike) -> Floats:
        """f at every stored point, shape (..., points).

        There is one column for each different (x, y).
        """
        return sigmoid(np.asarray(theta) @ np.swapaxes(self._inputs, -1, -2))

    def loss(self, theta: ArrayLike) -> Any:
        """C, shape (...)."""
        costs = _half_square(self.output(theta) - self._targets) * self._share
        return costs.sum(axis=-1)

    def gradient(self, theta: ArrayLike) -> Floats:
        """dC/dtheta, shape (..., K + 1): the mean of (f - y) f (1 - f) x."""
        f = self.output(theta)
        pull = f - self._targets
        for factor in (f, 1 - f, self._share):  # in place: the arrays are large
            pull *= factor
        return pull @ self._inputs


class SigmoidNeuron(_Fit):
    r"""f(x) = sigmoid(w . x + b), fitted by the squared cost, half its mean over all.

    .. math:: C(w, b) = \frac{1}{2N} \sum_{n=1}^{N} (f(x_n) - y_n)^2

    Points that coincide are stored once with their count, which changes no value. The
    parameters are one array theta of shape (..., K + 1), the weights first and b last;
    leading axes are independent neurons, so a whole map of starting points is evaluated
    at once.

    Args:
        x: the inputs, shape (N, K).
        y: the targets, shape (N,).

    Raises:
        ValueError: where the shapes of x and y do not agree.
    """

    def __init__(self, x: ArrayLike, y: ArrayLike) -> None:
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        if x.ndim != 2 or y.shape != x.shape[:1] or not len(y):
            raise ValueError(
                f"x has shape {x.shape} and y {y.shape}; "
                "allowed: (N, K) and (N,), N at least 1"
            )
        self.x, self.y = x, y
        points, counts = np.unique(
            np.column_stack([x, np.ones(len(y)), y]), axis=0, return_counts=True
        )
        self._inputs, self._targets, self._share = (
            points[:, :-1],
            points[:, -1],
            counts / len(y),
        )

    def of(self, rows: Any) -> SigmoidNeuron:
        """The neuron that sees only these points: an index, a slice or a mask."""
        return SigmoidNeuron(np.atleast_2d(self.x[rows]), np.atleast_1d(self.y[rows]))

    def formula(self, *theta: Any) -> Any:
        """C as plain arithmetic of its K + 1 parameters.

        With one feature it is the formula of a :class:`Surface` over (w, b).
        """
        total: Any = 0
        points = zip(
            self._inputs.tolist(),
            self._targets.tolist(),
            self._share.tolist(),
            strict=True,
        )
        for inputs, target, share in points:
            total = total + example_cost(theta, inputs, target) * share
        return total

    def hessian(self, theta: ArrayLike) -> Floats:
        """The matrix of second derivatives of C, shape (K + 1, K + 1).

        Args:
            theta: one point, shape (K + 1,).
        """
        f = self.output(theta)
        slope = f * (1 - f)
        bend = slope**2 + (f - self._targets) * slope * (1 - 2 * f)
        return (self._inputs * (bend * self._share)[:, None]).T @ self._inputs

    def minimum(self) -> Floats:
        """A minimum of C, shape (K + 1,), to which Newton's method comes from zero.

        Steps are at most 1/2 long and go downhill.

        Raises:
            ValueError: where 100 steps do not bring the gradient to zero (as with
                targets that only infinite weights would reach).
        """
        theta: Floats = np.zeros(self._inputs.shape[-1])
        for _ in range(100):
            gradient = self.gradient(theta)
            if np.abs(gradient).max() < 1e-15:
                break
            values, vectors = np.linalg.eigh(self.hessian(theta))
            step = vectors @ (vectors.T @ gradient / np.maximum(np.abs(values), 1e-6))
            theta = theta - step * min(1, 0.5 / np.linalg.norm(step))
        if np.abs(self.gradient(theta)).max() > 1e-10:
            raise ValueError("the cost of this neuron has no minimum at finite weights")
        return theta


class SideBySide(_Fit):
    """Several neurons evaluated at once, each on its own data.

    theta has shape (S, M, K + 1), M of them to a set; output, loss and gradient carry
    the leading axis S.

    Args:
        neurons: S SigmoidNeurons with K weights each.
    """

    def __init__(self, neurons: Sequence[SigmoidNeuron]) -> None:
        points = max(len(neuron._share) for neuron in neurons)
        self._inputs = np.stack([_filled(neuron._inputs, points) for neuron in neurons])
        self._targets = np.stack(
            [_filled(neuron._targets, points) for neuron in neurons]
        )[:, None]
        self._share = np.stack([_filled(neuron._share, points) for neuron in neurons])[
            :, None
        ]


def _filled(rows: Floats, count: int) -> Floats:
    """The rows with zeros below, `count` in all: points of share 0 change no value."""
    return np.concatenate([rows, np.zeros((count - len(rows), *rows.shape[1:]))])


def sparse_toy(
    seed: int,
    n: int = 1000,
    zeros: float = 0.8,
    w: float = 2.0,
    b: float = -1.0,
    targets: str = "curve",
) -> SigmoidNeuron:
    """The toy set: n points with one feature, much of which is exactly 0.

    x is uniform in [-1, 1) before that.

    Args:
        seed: of the generator.
        n: the number of points.
        zeros: the share of them whose x is set to 0.
        w: the weight of the curve.
        b: its bias.
        targets: "curve" gives y = sigmoid(w x + b), so that the smallest cost is 0, at
            theta = (w, b); "labels" draws y = 1 with that probability and else 0;
            "random" draws y from [0, 1) whatever x is.

    Raises:
        ValueError: for a share outside [0, 1) and for targets of another name.
    """
    if not 0 <= zeros < 1:
        raise ValueError(f"zeros is {zeros!r}; allowed: a number in [0, 1)")
    if targets not in ("curve", "labels", "random"):
        raise ValueError(
            f"targets is {targets!r}; allowed: 'curve', 'labels' or 'random'"
        )
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, n)
    x[rng.choice(n, round(zeros * n), replace=False)] = 0
    drawn = rng.uniform(size=n)
    curve = sigmoid(w * x + b)
    return SigmoidNeuron(
        x[:, None], {"curve": curve, "labels": drawn < curve, "random": drawn}[targets]
    )


def films(seed: int, n: int = 10_000, starring: int = 50) -> SigmoidNeuron:
    """Films and whether they were hits.

    The features, of 0 and 1, are "the actor plays in it" and "it is a drama" (every
    second film). A film is a hit with probability sigmoid(4 actor + drama - 1.5), so
    the actor all but makes sure of it. The actor's films come first.

    Args:
        seed: of the generator.
        n: the number of films.
        starring: the number with the actor.

    Raises:
        ValueError: for a number of films that is not from 1 to n.
    """
    if not 1 <= starring <= n:
        raise ValueError(
            f"starring is {starring!r}; allowed: a whole number from 1 to {n}"
        )
    actor, drama = np.arange(n) < starring, np.arange(n) % 2
    probability = sigmoid(4.0 * actor + drama - 1.5)
    hit = np.random.default_rng(seed).uniform(size=n) < probability
    return SigmoidNeuron(np.column_stack([actor, drama]), hit)
