"""Real gradients: the handwritten digits that ship with scikit-learn.

1,797 images of 8 x 8 grey levels. `images` and what follows it are softmax regression,
whose parameters are one matrix W of shape (65, 10): a row a pixel, the last row the
biases; a column a digit. `split` is for networks, which have biases of their own.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companion.lab.descent import steps_until
from optimlib import SGD
from optimlib.problems import softmax

Floats = NDArray[np.floating]


@lru_cache
def images() -> tuple[Floats, Floats]:
    """(x, y): the inputs, shape (1797, 65), and the one-hot targets, shape (1797, 10).

    The inputs are grey levels in [0, 1] and a last column of ones.
    """
    from sklearn.datasets import load_digits  # takes a second, which only images need

    data = load_digits()
    x = np.column_stack([data.data / 16, np.ones(len(data.data))])
    return x, np.eye(10)[data.target]


def split(
    seed: int, validation: float = 0.2
) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """The images at random in two parts, to train on and to validate with.

    Args:
        seed: of the generator; a seed gives one split.
        validation: the share of the images to validate with, rounded to whole images.

    Returns:
        ((x, y) to train on, (x, y) to validate with): inputs of shape (n, 64), grey
        levels in [0, 1], and one-hot targets of shape (n, 10).

    Raises:
        ValueError: for a share that leaves one of the parts empty.
    """
    x, y = images()
    count = round(validation * len(x)) if 0 < validation < 1 else 0
    if not 0 < count < len(x):
        raise ValueError(
            f"validation is {validation!r}; allowed: a share between 0 and 1 that "
            "leaves an image in each part"
        )
    order = np.random.default_rng(seed).permutation(len(x))
    last, first = order[:count], order[count:]
    return (x[first, :-1], y[first]), (x[last, :-1], y[last])


def probabilities(W: Floats, rows: Any = slice(None)) -> Floats:
    """What the model says of the images `rows` (all by default), shape (n, 10)."""
    shares: Floats = softmax(images()[0][rows] @ W)
    return shares


def loss(W: Floats) -> float:
    """The mean cross-entropy over all images, in nats.

    It is finite for any finite scores: ln of a sum of exponentials less the right score,
    both from the largest score on.
    """
    x, y = images()
    scores = x @ W
    scores -= scores.max(axis=1, keepdims=True)
    return float((np.log(np.exp(scores).sum(axis=1)) - (scores * y).sum(axis=1)).mean())


def gradients(W: Floats) -> Floats:
    """The gradient of each image's cross-entropy, shape (1797, 65, 10): x (p - y)."""
    x, y = images()
    return x[:, :, None] * (probabilities(W) - y)[:, None, :]


def gradient(W: Floats, rows: Any = slice(None)) -> Floats:
    """The mean gradient over the images `rows` (all by default), shape (65, 10)."""
    x, y = images()
    mean: Floats = x[rows].T @ (probabilities(W, rows) - y[rows]) / len(x[rows])
    return mean


def batches(rng: np.random.Generator, size: int, steps: int) -> NDArray[np.int64]:
    """The row numbers of mini-batches, shape (steps, size).

    Each is drawn independently, with replacement.
    """
    return rng.integers(len(images()[1]), size=(steps, size))


def train(opt: Any, steps: int, size: int = 32, seed: int = 0) -> Floats:
    """The weights of a run from zero on independent mini-batches.

    They are W_0 ... W_steps, shape (steps + 1, 65, 10).
    """
    W: Floats = np.zeros((65, 10))
    path = [W]
    for rows in batches(np.random.default_rng(seed), size, steps):
        W = opt.step(W, gradient(W, rows))
        path.append(W)
    return np.array(path)


def steps_to(target: float, lr: float, size: int, seed: int = 0) -> int:
    """How many steps of gradient descent from zero bring the loss below the target.

    Args:
        target: the loss of all images to come below.
        lr: the learning rate.
        size: images to a step, drawn with replacement; 1797 for the full gradient.
        seed: of the generator that draws.
    """
    rng, count = np.random.default_rng(seed), len(images()[1])

    def batch_gradient(W: Floats) -> Floats:
        return gradient(
            W, slice(None) if size == count else rng.integers(count, size=size)
        )

    return steps_until(
        lambda W: loss(W) < target, SGD(lr=lr), np.zeros((65, 10)), batch_gradient
    )
