"""One sigmoid neuron with squared cost, and the toy set whose only feature is mostly zero."""

import numpy as np


def sigmoid(z):
    """1 / (1 + e^-z), elementwise, without overflow for any finite z."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z, dtype=float)))


class SigmoidNeuron:
    r"""f(x) = sigmoid(w . x + b) fitted to targets y by the squared cost, half the mean over the points.

    $$C(w, b) = \frac{1}{2N} \sum_{n=1}^{N} (f(x_n) - y_n)^2$$

    x : (N, K) inputs; y : (N,) targets. Points that coincide are stored once with their count, which changes no value.
    The parameters are one array theta of shape (..., K + 1), the weights first and b last; leading axes are independent
    neurons, so a whole map of starting points is evaluated at once.

    Raises ValueError where the shapes of x and y do not agree.
    """

    def __init__(self, x, y):
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        if x.ndim != 2 or y.shape != x.shape[:1] or not len(y):
            raise ValueError(f"x has shape {x.shape} and y {y.shape}; allowed: (N, K) and (N,), N at least 1")
        self.x, self.y = x, y
        points, counts = np.unique(np.column_stack([x, np.ones(len(y)), y]), axis=0, return_counts=True)
        self._inputs, self._targets, self._share = points[:, :-1], points[:, -1], counts / len(y)

    def output(self, theta):
        """f at every stored point, shape (..., points): one column for each different (x, y)."""
        return sigmoid(np.asarray(theta) @ self._inputs.T)

    def loss(self, theta):
        """C, shape (...)."""
        return 0.5 * (self.output(theta) - self._targets) ** 2 @ self._share

    def gradient(self, theta):
        """dC/dtheta, shape (..., K + 1): the mean of (f - y) f (1 - f) x over the points."""
        f = self.output(theta)
        return ((f - self._targets) * f * (1 - f) * self._share) @ self._inputs


def sparse_toy(seed, n=1000, zeros=0.8, w=2.0, b=-1.0):
    """The toy set: n points with one feature, of which the share `zeros` is set to exactly 0.

    x is uniform in [-1, 1) before that, y = sigmoid(w x + b), so the smallest cost is 0, at theta = (w, b).
    Returns a SigmoidNeuron. Raises ValueError for a share outside [0, 1).
    """
    if not 0 <= zeros < 1:
        raise ValueError(f"zeros is {zeros!r}; allowed: a number in [0, 1)")
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, n)
    x[rng.choice(n, round(zeros * n), replace=False)] = 0
    return SigmoidNeuron(x[:, None], sigmoid(w * x + b))
