"""Exercises of the chapter "Mini-batches and SGD"."""

import math
from itertools import product

import numpy as np

from companion.grading.exercise import exercise
from companion.grading.kinds import explore
from companion.lab import noise


@exercise(
    "Steps of a training",
    hints=(
        "Count the steps of one epoch first. The last batch may be smaller, but it is a step.",
    ),
)
def count_steps(examples, batch, epochs):
    """How many steps some epochs take; the last batch of an epoch may be smaller."""
    return epochs * math.ceil(examples / batch)


@count_steps.inputs
def _(rng):
    batch, full = int(rng.integers(8, 40)), int(rng.integers(3, 30))
    # A remainder below half of a batch: rounding up once, at the end, is then another number.
    rest = int(rng.integers(1, batch // 2))
    return {
        "examples": full * batch + rest,
        "batch": batch,
        "epochs": int(rng.integers(4, 9)),
    }


count_steps.smallest(examples=10, batch=4, epochs=4)


@count_steps.mistake("the last, smaller batch were left out")
def _(examples, batch, epochs):
    return epochs * (examples // batch)


@count_steps.mistake("batches went on from one epoch into the next")
def _(examples, batch, epochs):
    return math.ceil(epochs * examples / batch)


@count_steps.mistake("each example were a step")
def _(examples, batch, epochs):
    return epochs * examples


@count_steps.mistake("it were the steps of one epoch")
def _(examples, batch, epochs):
    return math.ceil(examples / batch)


@count_steps.mistake("the number of batches were not a whole number")
def _(examples, batch, epochs):
    return epochs * examples / batch


@exercise(
    "The variance of a batch",
    hints=(
        "The variance of the examples' gradients is the mean squared distance from their mean, divided by N and not by N - 1.",
        "Divide it by the batch size, then multiply by (N - B) / (N - 1).",
    ),
)
def batch_variance(g, batch):
    """The variance of a batch's mean, for a batch drawn without replacement."""
    return float(np.var(g) / batch * (len(g) - batch) / (len(g) - 1))


@batch_variance.inputs
def _(rng):
    examples = int(rng.integers(5, 12))
    return {
        "g": rng.normal(0, 3, examples).round(1),
        "batch": int(rng.integers(2, examples)),
    }


@batch_variance.requires
def _(g, batch):
    return batch <= len(g)


batch_variance.smallest(g=[-3, -1, 1, 3, 5], batch=2)


@batch_variance.mistake("the batch were drawn with replacement")
def _(g, batch):
    return np.var(g) / batch


@batch_variance.mistake(
    "the sum of squares were divided by N - 1, and then multiplied by (N - B) / (N - 1) as well"
)
def _(g, batch):
    return batch_variance(g, batch) * len(g) / (len(g) - 1)


@batch_variance.mistake(
    "the factor were 1 - B/N: that one belongs to a sum of squares divided by N - 1"
)
def _(g, batch):
    return np.var(g) / batch * (1 - batch / len(g))


@batch_variance.mistake("it were the standard deviation")
def _(g, batch):
    return np.sqrt(np.abs(batch_variance(g, batch)))


@batch_variance.mistake("the factor (N - B) / (N - 1) were squared")
def _(g, batch):
    return batch_variance(g, batch) * (len(g) - batch) / (len(g) - 1)


@batch_variance.mistake("it were divided by the square of the batch size")
def _(g, batch):
    return batch_variance(g, batch) / batch


@batch_variance.mistake("the mean had not been subtracted before squaring")
def _(g, batch):
    factor = (len(g) - batch) / (len(g) - 1)
    return np.mean(g**2) / batch * factor


@exercise(
    "The noise floor",
    hints=(
        "In the long run the variance V is the same before and after a step: V = (1 - lr h)^2 V + lr^2 variance / B.",
    ),
)
def noise_floor(lr, h, variance, B):
    """The variance of w in the long run, for batches drawn with replacement."""
    return noise.floor(lr, h, variance, B)


@noise_floor.inputs
def _(rng):
    h = round(rng.uniform(0.5, 4), 2)
    return {
        "lr": round(rng.uniform(0.3, 1.7) / h, 3),
        "h": h,
        "variance": round(rng.uniform(2, 9), 1),
        "B": int(rng.integers(2, 20)),
    }


@noise_floor.requires
def _(lr, h, variance, B):
    return lr * h < 1.9


noise_floor.smallest(lr=0.25, h=2.0, variance=6.0, B=2)


@noise_floor.mistake("the rate were small: 2 - lr h was taken as 2")
def _(lr, h, variance, B):
    return lr * variance / (2 * B * h)


@noise_floor.mistake("the batch size were forgotten")
def _(lr, h, variance, B):
    return B * noise_floor(lr, h, variance, B)


@noise_floor.mistake("the variance were a standard deviation, and squared once more")
def _(lr, h, variance, B):
    return noise_floor(lr, h, variance**2, B)


@noise_floor.mistake("it were the cost above the minimum, h V / 2")
def _(lr, h, variance, B):
    return noise_floor(lr, h, variance, B) * h / 2


@noise_floor.mistake("the root of the batch size were the divisor")
def _(lr, h, variance, B):
    return noise_floor(lr, h, variance, B) * B**0.5


@noise_floor.mistake("the factor 1 - lr h had not been squared")
def _(lr, h, variance, B):
    return lr * variance / (B * h)


@noise_floor.mistake("the noise of a step were multiplied by lr, not by its square")
def _(lr, h, variance, B):
    return noise_floor(lr, h, variance, B) / lr


@exercise(
    "One epoch",
    hints=(
        "Go through the examples in pieces: x[k : k + batch] for k = 0, batch, 2 * batch, ...",
        "Each step takes the mean over its own batch, at the weight that the step before has left.",
    ),
)
def one_epoch(w, x, y, batch, lr):
    """The weight after one pass, for the costs (w x - y)^2 / 2."""
    return _epoch(w, x, y, batch, lr)


def _epoch(w, x, y, batch, lr, divisor=None, last=True, at=None):
    """A pass in which what a batch is divided by, the last batch or the point of the gradient may differ."""
    for k in range(0, len(x), batch):
        inputs, targets = x[k : k + batch], y[k : k + batch]
        if len(inputs) < batch and not last:
            break
        error = (w if at is None else at) * inputs - targets
        w = w - lr * np.sum(error * inputs) / (divisor or len(inputs))
    return float(w)


@one_epoch.inputs
def _(rng):
    x = rng.uniform(0.5, 1.5, 12).round(1)
    return {
        "w": round(rng.normal(), 1), "x": x, "y": (2 * x + rng.normal(0, 1, 12)).round(1),
        "batch": int(rng.choice([5, 7, 8])), "lr": round(rng.uniform(0.1, 0.3), 2),
    }  # fmt: skip


one_epoch.smallest(w=0.0, x=[1, 2, 1], y=[2, 2, 1], batch=2, lr=0.5)


@one_epoch.mistake("the last, smaller batch were left out")
def _(w, x, y, batch, lr):
    return _epoch(w, x, y, batch, lr, last=False)


@one_epoch.mistake("a batch's gradients were added up, not averaged")
def _(w, x, y, batch, lr):
    return _epoch(w, x, y, batch, lr, divisor=1)


@one_epoch.mistake("the last, smaller batch were divided by the full batch size")
def _(w, x, y, batch, lr):
    return _epoch(w, x, y, batch, lr, divisor=batch)


@one_epoch.mistake("each batch were divided by the number of all examples")
def _(w, x, y, batch, lr):
    return _epoch(w, x, y, batch, lr, divisor=len(x))


@one_epoch.mistake("all gradients were taken at the weight before the epoch")
def _(w, x, y, batch, lr):
    return _epoch(w, x, y, batch, lr, at=w)


@one_epoch.mistake("the whole pass were one step with the full gradient")
def _(w, x, y, batch, lr):
    return _epoch(w, x, y, len(x), lr)


@one_epoch.mistake("the first batch were all that counts")
def _(w, x, y, batch, lr):
    return _epoch(w, x[:batch], y[:batch], batch, lr)


@exercise(
    "The mean of two steps",
    hints=(
        "One step multiplies w by 1 - lr h, with the curvature h of the example that is drawn. What is the mean of a product of two independent factors?",
    ),
)
def mean_of_two(w, curvatures, lr):
    """The mean weight after two steps, each with one example drawn with replacement."""
    return float(w * np.mean(1 - lr * curvatures) ** 2)


@mean_of_two.inputs
def _(rng):
    return {
        "w": round(rng.uniform(1, 4), 1),
        "curvatures": rng.uniform(0.5, 4, 3).round(1),
        "lr": round(rng.uniform(0.1, 0.25), 2),
    }


mean_of_two.smallest(w=2.0, curvatures=[1, 2, 4], lr=0.5)


@mean_of_two.mistake("the second example could not be the first one again: shuffled")
def _(w, curvatures, lr):
    kept = 1 - lr * curvatures
    pairs = [a * b for (i, a), (k, b) in product(enumerate(kept), repeat=2) if i != k]
    return w * np.mean(pairs)


@mean_of_two.mistake("it were one step")
def _(w, curvatures, lr):
    return w * np.mean(1 - lr * curvatures)


@mean_of_two.mistake("both steps took the same example")
def _(w, curvatures, lr):
    return w * np.mean((1 - lr * curvatures) ** 2)


@mean_of_two.mistake("the curvatures were added up, not averaged")
def _(w, curvatures, lr):
    return w * (1 - lr * np.sum(curvatures)) ** 2


@mean_of_two.mistake("it were the mean square")
def _(w, curvatures, lr):
    return w**2 * np.mean((1 - lr * curvatures) ** 2) ** 2


@mean_of_two.mistake("the step were added, not subtracted")
def _(w, curvatures, lr):
    return w * np.mean(1 + lr * curvatures) ** 2


@explore(
    "A lower floor at the same rate",
    goal=(0.03, 0.05),
    given={"lr": 0.5, "way": "draw", "schedule": "constant"},
    hints=("At the rate 0.5 one example to a step gives 1/3. By what do you divide?",),
)
def lower_floor(batch, lr, way, schedule):
    """The floor of the figure's bowl, whose curvature and variance are 1."""
    return noise.floor(lr, 1.0, 1.0, batch)
