"""Real gradients: softmax regression on the handwritten digits that ship with scikit-learn.

1,797 images of 8 x 8 grey levels. The parameters are one matrix W of shape (65, 10): a row a pixel, the last row the
biases; a column a digit.
"""

from functools import lru_cache

import numpy as np
from sklearn.datasets import load_digits


@lru_cache
def images():
    """(x, y): inputs of shape (1797, 65), grey levels in [0, 1] and a last column of ones; targets one-hot (1797, 10)."""
    data = load_digits()
    x = np.column_stack([data.data / 16, np.ones(len(data.data))])
    return x, np.eye(10)[data.target]


def probabilities(W, rows=slice(None)):
    """What the model says of the images `rows` (all by default), shape (n, 10)."""
    scores = images()[0][rows] @ W
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def loss(W):
    """The mean cross-entropy over all images, in nats."""
    return float(-np.log((probabilities(W) * images()[1]).sum(axis=1)).mean())


def gradients(W):
    """The gradient of each image's cross-entropy, shape (1797, 65, 10): x (p - y)."""
    x, y = images()
    return x[:, :, None] * (probabilities(W) - y)[:, None, :]


def gradient(W, rows=slice(None)):
    """The mean gradient over the images `rows` (all by default), shape (65, 10)."""
    x, y = images()
    return x[rows].T @ (probabilities(W, rows) - y[rows]) / len(x[rows])


def batches(rng, size, steps):
    """`steps` mini-batches of row numbers, shape (steps, size), each drawn independently, with replacement."""
    return rng.integers(len(images()[1]), size=(steps, size))


def train(opt, steps, size=32, seed=0):
    """The weights W_0 ... W_steps of a run from zero on independent mini-batches, shape (steps + 1, 65, 10)."""
    W = np.zeros((65, 10))
    path = [W]
    for rows in batches(np.random.default_rng(seed), size, steps):
        W = opt.step(W, gradient(W, rows))
        path.append(W)
    return np.array(path)
