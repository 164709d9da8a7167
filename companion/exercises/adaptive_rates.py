"""Exercises of the chapter "Adaptive rates on sparse data"."""

from functools import cache

import numpy as np

from companion.grading.exercise import exercise
from optimlib import Adagrad, AdagradSigma, RMSprop, RMSpropSigma, walk


def _rate(rng):
    return float(rng.uniform(0.02, 0.5))


def _decay(rng):
    return float(rng.uniform(0.6, 0.97))


def _gradients(rng, low=3, high=8):
    """A few gradients of either sign, none of them near zero."""
    count = int(rng.integers(low, high))
    sizes = rng.uniform(0.3, 2.0, count)
    return sizes * rng.choice([-1.0, 1.0], count)


def _steps(optimizer, gradients):
    """The step that a weight takes at each of these gradients."""
    return np.diff(walk(optimizer, 0.0, gradients))


@exercise(
    "AdaGrad's effective rates",
    hints=(
        "np.cumsum gives all the running sums of squares at once; the sum of step t includes the gradient of step t.",
    ),
)
def adagrad_rates(g, lr, eps):
    """What each gradient in turn is multiplied by."""
    return -_steps(Adagrad(lr=lr, eps=eps), g) / g


@adagrad_rates.inputs
def _(rng):
    return {
        "g": _gradients(rng),
        "lr": _rate(rng),
        # Now and then more than the first gradient.
        "eps": float(rng.uniform(0.05, 1.5)),
    }


adagrad_rates.smallest(g=[2, -1, 0.5], lr=0.1, eps=0.25)


@adagrad_rates.mistake("the sum did not yet include the step's own gradient")
def _(g, lr, eps):
    return lr / np.sqrt(np.cumsum(g**2) - g**2 + eps)


@adagrad_rates.mistake("the squares were averaged, not summed")
def _(g, lr, eps):
    return lr / np.sqrt(np.cumsum(g**2) / np.arange(1, len(g) + 1) + eps)


@adagrad_rates.mistake("the root were forgotten")
def _(g, lr, eps):
    return lr / (np.cumsum(g**2) + eps)


@adagrad_rates.mistake("eps stood outside of the root")
def _(g, lr, eps):
    return lr / (np.sqrt(np.cumsum(g**2)) + eps)


@adagrad_rates.mistake("the square were forgotten")
def _(g, lr, eps):
    return lr / np.sqrt(np.abs(np.cumsum(g)) + eps)


@adagrad_rates.mistake(
    "the absolute values were summed and squared, not the squares summed"
)
def _(g, lr, eps):
    return lr / np.sqrt(np.cumsum(np.abs(g)) ** 2 + eps)


@adagrad_rates.mistake("nothing were summed: each step had its own square alone")
def _(g, lr, eps):
    return lr / np.sqrt(g**2 + eps)


@adagrad_rates.mistake("the sum started at 1")
def _(g, lr, eps):
    return lr / np.sqrt(1 + np.cumsum(g**2) + eps)


@adagrad_rates.mistake("the sum started at 0.1, as libraries have it")
def _(g, lr, eps):
    return lr / np.sqrt(0.1 + np.cumsum(g**2) + eps)


@adagrad_rates.mistake("eps were added to the sum at every step")
def _(g, lr, eps):
    return lr / np.sqrt(np.cumsum(g**2 + eps))


@adagrad_rates.mistake("eps were left out")
def _(g, lr, eps):
    return lr / np.sqrt(np.cumsum(g**2))


@adagrad_rates.mistake("eps were the least that the root can be, not added")
def _(g, lr, eps):
    return lr / np.maximum(eps, np.sqrt(np.cumsum(g**2)))


@adagrad_rates.mistake("the rate stood inside of the squares, too")
def _(g, lr, eps):
    return lr / np.sqrt(np.cumsum((lr * g) ** 2) + eps)


@adagrad_rates.mistake("the steps were asked for, lr g / root, not the rates")
def _(g, lr, eps):
    return g * adagrad_rates(g, lr, eps)


@adagrad_rates.mistake("the steps -lr g / root were asked for, not the rates")
def _(g, lr, eps):
    return -g * adagrad_rates(g, lr, eps)


@adagrad_rates.mistake("the root were taken of every square before the sum")
def _(g, lr, eps):
    return lr / (np.cumsum(np.abs(g)) + eps)


@adagrad_rates.mistake("every rate had the whole sum, of later steps as well")
def _(g, lr, eps):
    return np.full(len(g), lr / np.sqrt(np.sum(g**2) + eps))


@adagrad_rates.mistake("eps were added behind the division")
def _(g, lr, eps):
    return lr * (1 / np.sqrt(np.cumsum(g**2)) + eps)


@adagrad_rates.mistake("the squares were multiplied, not summed")
def _(g, lr, eps):
    return lr / np.sqrt(np.cumprod(g**2) + eps)


@exercise(
    "From the sigma form to the sum",
    hints=(
        "Sigma squared is the mean of t squares. How do you get their sum? Then the rate is eta over the root of that sum.",
    ),
)
def sigma_to_sum(sigma, t, lr):
    """The sum of squares and the rate that belong to the root mean square sigma."""
    # The gradient sigma in every step has this root mean square.
    last = _steps(AdagradSigma(lr=lr, eps=0.0), [sigma] * t)[-1]
    return t * sigma**2, float(-last / sigma)


@sigma_to_sum.inputs
def _(rng):
    sigma, t = float(rng.uniform(0.2, 3.0)), int(rng.integers(3, 12))
    return {"sigma": sigma, "t": t, "lr": _rate(rng)}


sigma_to_sum.smallest(sigma=2.0, t=4, lr=0.1)


@sigma_to_sum.mistake("time were counted from 0, with t + 1 squares")
def _(sigma, t, lr):
    return (t + 1) * sigma**2, lr / (sigma * np.sqrt(t + 1))


@sigma_to_sum.mistake("the mean of the squares were their sum")
def _(sigma, t, lr):
    return sigma**2, lr / sigma


@sigma_to_sum.mistake("the rate fell as 1/t")
def _(sigma, t, lr):
    return t * sigma**2, lr / (sigma * t)


@sigma_to_sum.mistake("sigma were not squared")
def _(sigma, t, lr):
    return t * sigma, lr / np.sqrt(t * sigma)


@sigma_to_sum.mistake("the root were forgotten")
def _(sigma, t, lr):
    return t * sigma**2, lr / (t * sigma**2)


@sigma_to_sum.mistake(
    "sigma were the root of the sum over t, so that the sum is (t sigma)^2"
)
def _(sigma, t, lr):
    return (t * sigma) ** 2, lr / (t * sigma)


@sigma_to_sum.mistake("sigma were not squared, and the root were forgotten")
def _(sigma, t, lr):
    return t * sigma, lr / (t * sigma)


@sigma_to_sum.mistake("the rate stood inside of the squares, too")
def _(sigma, t, lr):
    return t * (sigma * lr) ** 2, 1 / (sigma * np.sqrt(t))


@sigma_to_sum.mistake("the rate were divided by sigma alone")
def _(sigma, t, lr):
    return t * sigma**2, lr / sigma


@exercise(
    "A rare feature's epoch under AdaGrad",
    hints=(
        "Only examples that have the feature move its weight. The i-th of them makes a step of eta over the root of i.",
    ),
)
def epoch_distance(examples, share, lr):
    """How far the weight of a feature in this share of the examples gets in an epoch."""
    return lr * _unit_distance(round(examples * share))


@cache
def _unit_distance(count):
    return float(-np.sum(_steps(Adagrad(lr=1.0, eps=0.0), [0.3] * count)))


@epoch_distance.inputs
def _(rng):
    return {
        # One number with rare examples rounds up, the next down; none is half-way.
        "examples": 100 * int(rng.integers(1, 4)) + int(rng.choice([7, 24, 31, 78])),
        "share": float(rng.choice([0.03, 0.07, 0.11])),
        "lr": _rate(rng),
    }


epoch_distance.smallest(examples=40, share=0.07, lr=0.1)


def _power_sum(lr, count, power):
    return float(lr * np.sum(np.arange(1, count + 1) ** -power))


@epoch_distance.mistake("every example moved the weight")
def _(examples, share, lr):
    return _power_sum(lr, examples, 0.5)


@epoch_distance.mistake("the rate never fell, as in gradient descent")
def _(examples, share, lr):
    return lr * round(examples * share)


@epoch_distance.mistake("the rate fell as 1/i: AdaGrad without its root")
def _(examples, share, lr):
    return _power_sum(lr, round(examples * share), 1.0)


@epoch_distance.mistake(
    "the sum were replaced by its estimate, twice the root of the number"
)
def _(examples, share, lr):
    return 2 * lr * np.sqrt(round(examples * share))


@epoch_distance.mistake("all the squares of the epoch stood in every denominator")
def _(examples, share, lr):
    return lr * np.sqrt(round(examples * share))


@epoch_distance.mistake("the number of examples were rounded down")
def _(examples, share, lr):
    return _power_sum(lr, int(examples * share), 0.5)


@epoch_distance.mistake("the number of examples were rounded up")
def _(examples, share, lr):
    return _power_sum(lr, int(examples * share) + 1, 0.5)


@epoch_distance.mistake("the last of the steps were left out")
def _(examples, share, lr):
    return _power_sum(lr, round(examples * share) - 1, 0.5)


@epoch_distance.mistake("one step too many were made")
def _(examples, share, lr):
    return _power_sum(lr, round(examples * share) + 1, 0.5)


@epoch_distance.mistake("only the first step were made: a return inside of the loop")
def _(examples, share, lr):
    return lr


@epoch_distance.mistake("the sum of squares started at 1")
def _(examples, share, lr):
    return _power_sum(lr, round(examples * share) + 1, 0.5) - lr


@epoch_distance.mistake("the number of steps stood in the place of the rate")
def _(examples, share, lr):
    count = round(examples * share)
    return _power_sum(count, count, 0.5)


@epoch_distance.mistake("only the last step counted")
def _(examples, share, lr):
    return lr / np.sqrt(round(examples * share))


@epoch_distance.mistake("the steps were multiplied, not added")
def _(examples, share, lr):
    steps = lr / np.sqrt(np.arange(1, round(examples * share) + 1))
    return float(np.prod(steps))


@exercise(
    "RMSProp's denominator",
    hints=(
        "Go through g with v = beta v + (1 - beta) g squared, from v = 0; eps is added before the root is taken.",
    ),
)
def rmsprop_denominator(g, beta, eps):
    """What the last of these gradients is divided by."""
    return float(-g[-1] / _steps(RMSprop(lr=1.0, beta=beta, eps=eps), g)[-1])


@rmsprop_denominator.inputs
def _(rng):
    g, beta = _gradients(rng), _decay(rng)
    return {"g": g, "beta": beta, "eps": float(rng.uniform(0.01, 0.1))}


def _average(values, beta, start=0.0):
    for value in values:
        start = beta * start + (1 - beta) * value
    return start


rmsprop_denominator.smallest(g=[2, -1, 0.5], beta=0.75, eps=0.01)


@rmsprop_denominator.mistake("beta and 1 - beta were swapped")
def _(g, beta, eps):
    return np.sqrt(_average(g**2, 1 - beta) + eps)


@rmsprop_denominator.mistake("the squares were summed, as in AdaGrad")
def _(g, beta, eps):
    return np.sqrt(np.sum(g**2) + eps)


@rmsprop_denominator.mistake("eps stood outside of the root")
def _(g, beta, eps):
    return np.sqrt(_average(g**2, beta)) + eps


@rmsprop_denominator.mistake("the average were corrected by 1 - beta^t, as in Adam")
def _(g, beta, eps):
    return np.sqrt(_average(g**2, beta) / (1 - beta ** len(g)) + eps)


@rmsprop_denominator.mistake("the average had started at the first square")
def _(g, beta, eps):
    return np.sqrt(_average(g[1:] ** 2, beta, g[0] ** 2) + eps)


@rmsprop_denominator.mistake("the square were forgotten")
def _(g, beta, eps):
    return np.sqrt(np.abs(_average(g, beta)) + eps)


@rmsprop_denominator.mistake("the root were forgotten")
def _(g, beta, eps):
    return _average(g**2, beta) + eps


@rmsprop_denominator.mistake("the average started at 1")
def _(g, beta, eps):
    return np.sqrt(_average(g**2, beta, 1.0) + eps)


@rmsprop_denominator.mistake("the factor 1 - beta was left out")
def _(g, beta, eps):
    return np.sqrt(_average(g**2, beta) / (1 - beta) + eps)


@rmsprop_denominator.mistake(
    "the average were added to the old one: += where = belongs"
)
def _(g, beta, eps):
    v = 0.0
    for value in g:
        v += beta * v + (1 - beta) * value**2
    return np.sqrt(v + eps)


@rmsprop_denominator.mistake(
    "beta and 1 - beta were swapped, and eps stood outside of the root"
)
def _(g, beta, eps):
    return np.sqrt(_average(g**2, 1 - beta)) + eps


@rmsprop_denominator.mistake(
    "the average had started at the first square, and eps stood outside of the root"
)
def _(g, beta, eps):
    return np.sqrt(_average(g[1:] ** 2, beta, g[0] ** 2)) + eps


@rmsprop_denominator.mistake("the square were taken where the root belongs")
def _(g, beta, eps):
    return (_average(g**2, beta) + eps) ** 2


@rmsprop_denominator.mistake(
    "the square of the average gradient were subtracted: the centered form"
)
def _(g, beta, eps):
    return np.sqrt(_average(g**2, beta) - _average(g, beta) ** 2 + eps)


@rmsprop_denominator.mistake("the old average were divided by beta, not multiplied")
def _(g, beta, eps):
    v = 0.0
    for value in g:
        v = v / beta + (1 - beta) * value**2
    return np.sqrt(v + eps)


@rmsprop_denominator.mistake("both eps and the root were left out")
def _(g, beta, eps):
    return _average(g**2, beta)


@rmsprop_denominator.mistake("eps were added at each step")
def _(g, beta, eps):
    v = 0.0
    for value in g:
        v = beta * v + (1 - beta) * value**2 + eps
    return np.sqrt(v)


@rmsprop_denominator.mistake("the absolute values were averaged, not the squares")
def _(g, beta, eps):
    return _average(np.abs(g), beta) + eps


@rmsprop_denominator.mistake("the root were taken before the average")
def _(g, beta, eps):
    return np.sqrt(_average(np.abs(g), beta) + eps)


@rmsprop_denominator.mistake("the plain mean of the squares stood for their average")
def _(g, beta, eps):
    return np.sqrt(np.mean(g**2) + eps)


@exercise(
    "RMSProp's first step",
    hints=(
        "From zero, the denominator is the root of 1 - beta times the size of g. From g it is the size of g: what is g over its size?",
    ),
)
def rmsprop_first_step(g, lr, beta):
    """The first steps whose average starts at zero, and at the first square."""
    methods = (
        RMSprop(lr=lr, beta=beta, eps=0.0),
        RMSpropSigma(lr=lr, beta=beta, eps=0.0),
    )
    return tuple(method.step(np.zeros_like(g), g) for method in methods)


@rmsprop_first_step.inputs
def _(rng):
    return {"g": _gradients(rng), "lr": _rate(rng), "beta": _decay(rng)}


rmsprop_first_step.smallest(g=[2, -0.5, 1], lr=0.1, beta=0.75)


@rmsprop_first_step.mistake("sigma were g itself, sign and all")
def _(g, lr, beta):
    return -lr * np.sign(g) / np.sqrt(1 - beta), -lr * np.ones_like(g)


@rmsprop_first_step.mistake("the steps went up the gradient")
def _(g, lr, beta):
    return lr * np.sign(g) / np.sqrt(1 - beta), lr * np.sign(g)


@rmsprop_first_step.mistake("the average kept 1 - beta of the past and took in beta")
def _(g, lr, beta):
    return -lr * np.sign(g) / np.sqrt(beta), -lr * np.sign(g)


@rmsprop_first_step.mistake("the root were forgotten")
def _(g, lr, beta):
    return -lr / ((1 - beta) * g), -lr / g


@rmsprop_first_step.mistake("the two starts were swapped")
def _(g, lr, beta):
    return -lr * np.sign(g), -lr * np.sign(g) / np.sqrt(1 - beta)


def _pair_of(g, lr, divisors):
    return tuple(-lr * g / divisor for divisor in divisors)


@rmsprop_first_step.mistake("both averages started at the first square")
def _(g, lr, beta):
    return -lr * np.sign(g), -lr * np.sign(g)


@rmsprop_first_step.mistake("both averages started at zero")
def _(g, lr, beta):
    return _pair_of(g, lr, [np.sqrt(1 - beta) * np.abs(g)] * 2)


@rmsprop_first_step.mistake("the first average started at 1")
def _(g, lr, beta):
    return _pair_of(g, lr, (np.sqrt(beta + (1 - beta) * g**2), np.abs(g)))


@rmsprop_first_step.mistake("the steps were multiplied by the root, not divided")
def _(g, lr, beta):
    return -lr * g * np.sqrt(1 - beta) * np.abs(g), -lr * g * np.abs(g)


@rmsprop_first_step.mistake("the square were taken where the root belongs")
def _(g, lr, beta):
    return _pair_of(g, lr, ((1 - beta) ** 2 * g**4, g**4))


@rmsprop_first_step.mistake("the average were added to the old one: += where = belongs")
def _(g, lr, beta):
    return _pair_of(g, lr, (np.sqrt(1 - beta) * np.abs(g), np.sqrt(2) * np.abs(g)))


@rmsprop_first_step.mistake(
    "the square of the average gradient were subtracted: the centered form"
)
def _(g, lr, beta):
    return _pair_of(g, lr, (np.sqrt(beta * (1 - beta)) * np.abs(g), np.abs(g)))


@rmsprop_first_step.mistake("the gradient were missing behind the rate")
def _(g, lr, beta):
    return -lr / (np.sqrt(1 - beta) * np.abs(g)), -lr / np.abs(g)
