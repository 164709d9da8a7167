"""Exercises of the chapter "Adaptive rates on sparse data"."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from companion.grading.checking import Exercise, Floats, Inputs
from optimlib import Adagrad, AdagradSigma, RMSprop, RMSpropSigma
from optimlib.optimizer import Optimizer
from optimlib.problems import SigmoidNeuron, sigmoid


def _rate(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.02, 0.5))


def _decay(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.6, 0.97))


def _gradients(rng: np.random.Generator, low: int = 3, high: int = 8) -> Floats:
    """A few gradients of either sign, none of them near zero."""
    count = int(rng.integers(low, high))
    sizes = rng.uniform(0.3, 2.0, count)
    signs: Floats = rng.choice([-1.0, 1.0], count)
    return sizes * signs


def _last_step(optimizer: Optimizer, gradients: Iterable[float]) -> float:
    """The last change of a weight that starts at 0 and gets these gradients."""
    before = after = np.zeros(1)
    for g in gradients:
        before, after = after, optimizer.step(after, np.array([g]))
    return float(after[0] - before[0])


# The gradient of the neuron


def _neuron_case(rng: np.random.Generator) -> Inputs:
    points, features = int(rng.integers(3, 7)), int(rng.integers(2, 5))
    return {
        "w": rng.normal(size=features), "b": float(rng.normal()),
        "x": rng.normal(size=(points, features)), "y": rng.uniform(size=points),
    }  # fmt: skip


def _neuron_gradient(w: Floats, b: float, x: Floats, y: Floats) -> Floats:
    return SigmoidNeuron(x, y).gradient(np.append(w, b))[:-1]


def _without_slope(w: Floats, b: float, x: Floats, y: Floats) -> Floats:
    gradient: Floats = (sigmoid(x @ w + b) - y) @ x / len(y)
    return gradient


neuron_gradient = Exercise(
    id="neuron-gradient",
    title="The gradient of a neuron",
    draw=_neuron_case,
    reference=_neuron_gradient,
    hint="Write the mean over the points of (f - y) f (1 - f) times the feature; x.T @ something does all features at once.",
    mistakes={
        "the gradients were summed over the points, not averaged": lambda w, b, x, y: (
            len(y) * _neuron_gradient(w, b, x, y)
        ),
        "the sigmoid's slope f (1 - f) were missing: this is the gradient of the cross-entropy": _without_slope,
        "the error were y - f": lambda w, b, x, y: -_neuron_gradient(w, b, x, y),
        "the half in the cost were forgotten": lambda w, b, x, y: (
            2 * _neuron_gradient(w, b, x, y)
        ),
        "the bias b were left out": lambda w, b, x, y: _neuron_gradient(w, 0.0, x, y),
    },
)


# AdaGrad's effective rates


def _adagrad_case(rng: np.random.Generator) -> Inputs:
    return {
        "g": _gradients(rng),
        "lr": _rate(rng),
        "eps": float(rng.uniform(0.05, 0.5)),
    }


def _adagrad_rates(g: Floats, lr: float, eps: float) -> Floats:
    optimizer, rates = Adagrad(lr=lr, eps=eps), []
    w = np.zeros(1)
    for value in g:
        after = optimizer.step(w, np.array([value]))
        rates.append((w[0] - after[0]) / value)
        w = after
    return np.array(rates)


adagrad_rates = Exercise(
    id="adagrad-rates",
    title="AdaGrad's effective rates",
    draw=_adagrad_case,
    reference=_adagrad_rates,
    hint="np.cumsum gives all the running sums of squares at once; the sum of step t includes the gradient of step t.",
    mistakes={
        "the sum did not yet include the step's own gradient": lambda g, lr, eps: (
            lr / np.sqrt(np.cumsum(g**2) - g**2 + eps)
        ),
        "the squares were averaged, not summed": lambda g, lr, eps: (
            lr / np.sqrt(np.cumsum(g**2) / np.arange(1, len(g) + 1) + eps)
        ),
        "the root were forgotten": lambda g, lr, eps: lr / (np.cumsum(g**2) + eps),
        "eps stood outside of the root": lambda g, lr, eps: (
            lr / (np.sqrt(np.cumsum(g**2)) + eps)
        ),
        "the square were forgotten": lambda g, lr, eps: (
            lr / np.sqrt(np.abs(np.cumsum(g)) + eps)
        ),
        "the absolute values were summed and squared, not the squares summed": lambda g, lr, eps: (
            lr / np.sqrt(np.cumsum(np.abs(g)) ** 2 + eps)
        ),
    },
    rtol=1e-8,
)


# From the sigma form to the sum


def _sigma_case(rng: np.random.Generator) -> Inputs:
    return {
        "sigma": float(rng.uniform(0.2, 3.0)),
        "t": int(rng.integers(3, 60)),
        "lr": _rate(rng),
    }


def _sum_form(sigma: float, t: int, lr: float) -> tuple[float, float]:
    optimizer = AdagradSigma(lr=lr, eps=0.0)
    for _ in range(t):  # the gradient sigma in every step has this root mean square
        w = optimizer.step(np.zeros(1), np.array([sigma]))
    return t * sigma**2, float(-w[0] / sigma)


sigma_to_sum = Exercise(
    id="sigma-to-sum",
    title="From the sigma form to the sum",
    draw=_sigma_case,
    reference=_sum_form,
    hint="Sigma squared is the mean of t squares. How do you get their sum? Then the rate is eta over the root of that sum.",
    mistakes={
        "time were counted from 0, with t + 1 squares": lambda sigma, t, lr: (
            (t + 1) * sigma**2,
            lr / (sigma * np.sqrt(t + 1)),
        ),
        "the mean of the squares were their sum": lambda sigma, t, lr: (
            sigma**2,
            lr / sigma,
        ),
        "the rate fell as 1/t": lambda sigma, t, lr: (t * sigma**2, lr / (sigma * t)),
        "sigma were not squared": lambda sigma, t, lr: (
            t * sigma,
            lr / np.sqrt(t * sigma),
        ),
        "the root were forgotten": lambda sigma, t, lr: (
            t * sigma**2,
            lr / (t * sigma**2),
        ),
    },
)


# How far a weight gets in an epoch


def _epoch_case(rng: np.random.Generator) -> Inputs:
    return {
        "examples": int(rng.integers(20, 60)) * 100,
        "share": float(rng.choice([0.01, 0.02, 0.03, 0.05, 0.08])),
        "lr": _rate(rng),
    }


def _travelled(examples: int, share: float, lr: float) -> float:
    return float(-np.sum([lr * step for step in _unit_steps(round(examples * share))]))


def _unit_steps(count: int) -> list[float]:
    """The steps of AdaGrad at rate 1 for a gradient that is the same each time."""
    optimizer, w, steps = Adagrad(lr=1.0, eps=0.0), np.zeros(1), []
    for _ in range(count):
        after = optimizer.step(w, np.array([0.3]))
        steps.append(after[0] - w[0])
        w = after
    return steps


def _root_sum(lr: float, count: int, power: float = 0.5) -> float:
    return float(lr * np.sum(np.arange(1, count + 1) ** -power))


epoch_distance = Exercise(
    id="epoch-distance",
    title="A rare feature's epoch under AdaGrad",
    draw=_epoch_case,
    reference=_travelled,
    hint="Only examples that have the feature move its weight. The i-th of them makes a step of eta over the root of i.",
    mistakes={
        "every example moved the weight": lambda examples, share, lr: _root_sum(
            lr, examples
        ),
        "the rate never fell, as in gradient descent": lambda examples, share, lr: (
            lr * round(examples * share)
        ),
        "the rate fell as 1/i: AdaGrad without its root": lambda examples, share, lr: (
            _root_sum(lr, round(examples * share), 1.0)
        ),
        "the sum were replaced by its estimate, twice the root of the number": lambda examples, share, lr: (
            2 * lr * np.sqrt(round(examples * share))
        ),
        "all the squares of the epoch stood in every denominator": lambda examples, share, lr: (
            lr * np.sqrt(round(examples * share))
        ),
    },
)


# RMSProp's denominator


def _denominator_case(rng: np.random.Generator) -> Inputs:
    return {
        "g": _gradients(rng),
        "beta": _decay(rng),
        "eps": float(rng.uniform(0.01, 0.1)),
    }


def _denominator(g: Floats, beta: float, eps: float) -> float:
    return float(-g[-1] / _last_step(RMSprop(lr=1.0, beta=beta, eps=eps), g))


def _average(values: Iterable[float], beta: float, start: float = 0.0) -> float:
    for value in values:
        start = beta * start + (1 - beta) * value
    return start


rmsprop_denominator = Exercise(
    id="rmsprop-denominator",
    title="RMSProp's denominator",
    draw=_denominator_case,
    reference=_denominator,
    hint="Go through g with v = beta v + (1 - beta) g squared, from v = 0; eps is added before the root is taken.",
    mistakes={
        "beta and 1 - beta were swapped": lambda g, beta, eps: np.sqrt(
            _average(g**2, 1 - beta) + eps
        ),
        "the squares were summed, as in AdaGrad": lambda g, beta, eps: np.sqrt(
            np.sum(g**2) + eps
        ),
        "eps stood outside of the root": lambda g, beta, eps: (
            np.sqrt(_average(g**2, beta)) + eps
        ),
        "the average were corrected by 1 - beta^t, as in Adam": lambda g, beta, eps: (
            np.sqrt(_average(g**2, beta) / (1 - beta ** len(g)) + eps)
        ),
        "the average had started at the first square": lambda g, beta, eps: np.sqrt(
            _average(g[1:] ** 2, beta, g[0] ** 2) + eps
        ),
        "the square were forgotten": lambda g, beta, eps: np.sqrt(
            np.abs(_average(g, beta)) + eps
        ),
        "the root were forgotten": lambda g, beta, eps: _average(g**2, beta) + eps,
    },
    rtol=1e-8,
)


# RMSProp's first step from its two starts


def _first_case(rng: np.random.Generator) -> Inputs:
    return {"g": _gradients(rng), "lr": _rate(rng), "beta": _decay(rng)}


def _first_steps(g: Floats, lr: float, beta: float) -> tuple[Any, Any]:
    zero = np.zeros_like(g)
    return RMSprop(lr=lr, beta=beta, eps=0.0).step(zero, g), RMSpropSigma(
        lr=lr, beta=beta, eps=0.0
    ).step(zero, g)


rmsprop_first_step = Exercise(
    id="rmsprop-first-step",
    title="RMSProp's first step",
    draw=_first_case,
    reference=_first_steps,
    hint="From zero, the denominator is the root of 1 - beta times the size of g. From g it is the size of g: what is g over its size?",
    mistakes={
        "sigma were g itself, sign and all": lambda g, lr, beta: (
            -lr * np.sign(g) / np.sqrt(1 - beta),
            -lr * np.ones_like(g),
        ),
        "the steps went up the gradient": lambda g, lr, beta: (
            lr * np.sign(g) / np.sqrt(1 - beta),
            lr * np.sign(g),
        ),
        "the average kept 1 - beta of the past and took in beta": lambda g, lr, beta: (
            -lr * np.sign(g) / np.sqrt(beta),
            -lr * np.sign(g),
        ),
        "the root were forgotten": lambda g, lr, beta: (
            -lr / ((1 - beta) * g),
            -lr / g,
        ),
        "the two starts were swapped": lambda g, lr, beta: (
            -lr * np.sign(g),
            -lr * np.sign(g) / np.sqrt(1 - beta),
        ),
    },
)

EXERCISES = [
    neuron_gradient,
    adagrad_rates,
    sigma_to_sum,
    epoch_distance,
    rmsprop_denominator,
    rmsprop_first_step,
]
