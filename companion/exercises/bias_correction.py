"""Exercises of the chapter "Bias correction"."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from companion.grading.checking import Exercise, Floats, Inputs
from optimlib import Adam, moments

Step = tuple[Floats, Floats, Floats]  # w, m and v after a step of Adam


def _sequence(rng: np.random.Generator) -> Inputs:
    return {
        "g": rng.normal(0, 3, rng.integers(3, 8)).round(2),
        "beta": round(rng.uniform(0.6, 0.95), 2),
    }


def _averaged(rng: np.random.Generator) -> Inputs:
    return {
        "m": round(rng.normal(0, 3), 2),
        "beta": round(rng.uniform(0.6, 0.99), 2),
        "t": int(rng.integers(2, 30)),
    }


def _step(rng: np.random.Generator) -> Inputs:
    return {
        "w": rng.normal(0, 1, 3).round(2), "g": rng.normal(0, 1, 3).round(2), "m": rng.normal(0, 1, 3).round(2),
        "v": rng.uniform(0.1, 2, 3).round(2), "t": int(rng.integers(3, 20)), "lr": round(rng.uniform(0.01, 0.3), 2),
        "beta1": round(rng.uniform(0.6, 0.9), 2), "beta2": round(rng.uniform(0.92, 0.99), 2), "eps": 0.01,
    }  # fmt: skip


def _share(rng: np.random.Generator) -> Inputs:
    return {
        "beta": round(rng.uniform(0.7, 0.99), 3),
        "share": round(rng.uniform(0.55, 0.95), 2),
    }


def _decayed(rng: np.random.Generator) -> Inputs:
    return {"t": int(rng.integers(2, 40)), "beta": round(rng.uniform(0.7, 0.99), 2)}


def _two_decays(rng: np.random.Generator) -> Inputs:
    return {
        "t": int(rng.integers(2, 40)),
        "beta1": round(rng.uniform(0.6, 0.9), 2),
        "beta2": round(rng.uniform(0.92, 0.999), 3),
    }


def _unrolled(g: Floats, beta: float) -> Any:
    return moments.average(g, beta)[-1]


def _adam(
    w: Floats, g: Floats, m: Floats, v: Floats, t: int,
    lr: float, beta1: float, beta2: float, eps: float,
) -> Step:  # fmt: skip
    stepped: Step = Adam.rule(w, g, m, v, t, lr, beta1, beta2, eps, True)
    return stepped


def _adam_uncorrected(
    w: Floats, g: Floats, m: Floats, v: Floats, t: int,
    lr: float, beta1: float, beta2: float, eps: float,
) -> Step:  # fmt: skip
    stepped: Step = Adam.rule(w, g, m, v, t, lr, beta1, beta2, eps, False)
    return stepped


def _adam_without_square(
    w: Floats, g: Floats, m: Floats, v: Floats, t: int,
    lr: float, beta1: float, beta2: float, eps: float,
) -> Step:  # fmt: skip
    _, m, _ = _adam(w, g, m, v, t, lr, beta1, beta2, eps)
    v = beta2 * v + (1 - beta2) * g
    return (
        w - lr * m / (1 - beta1**t) / (np.sqrt(v / moments.weight_sum(t, beta2)) + eps),
        m,
        v,
    )


def _adam_other_denominator(
    denominator: Callable[[Any, float], Any],
) -> Callable[..., Step]:
    def step(
        w: Floats, g: Floats, m: Floats, v: Floats, t: int,
        lr: float, beta1: float, beta2: float, eps: float,
    ) -> Step:  # fmt: skip
        _, m, v = _adam(w, g, m, v, t, lr, beta1, beta2, eps)
        return (
            w
            - lr
            * m
            / (1 - beta1**t)
            / denominator(v / moments.weight_sum(t, beta2), eps),
            m,
            v,
        )

    return step


def _adam_keeping_corrected(
    w: Floats, g: Floats, m: Floats, v: Floats, t: int,
    lr: float, beta1: float, beta2: float, eps: float,
) -> Step:  # fmt: skip
    w, m, v = _adam(w, g, m, v, t, lr, beta1, beta2, eps)
    return w, m / (1 - beta1**t), v / moments.weight_sum(t, beta2)


EXERCISES = [
    Exercise(
        "unrolled-average",
        "The average as a sum",
        _sequence,
        _unrolled,
        "The newest gradient has the weight 1 - beta, each older one beta times the weight of the next.",
        {
            "the oldest gradient had the largest weight": lambda g, beta: _unrolled(
                g[::-1], beta
            ),
            "the factor 1 - beta was left out": lambda g, beta: (
                _unrolled(g, beta) / (1 - beta)
            ),
            "beta and 1 - beta were swapped": lambda g, beta: _unrolled(g, 1 - beta),
            "the average started at the first gradient instead of at zero": lambda g, beta: (
                moments.average(g[1:], beta, start=g[0])[-1]
            ),
            "the average was corrected already": lambda g, beta: moments.corrected(
                moments.average(g, beta), beta
            )[-1],
        },
    ),
    Exercise(
        "corrected-average",
        "The correction",
        _averaged,
        lambda m, beta, t: m / moments.weight_sum(t, beta),
        "Divide by what the weights of t gradients add up to.",
        {
            "the power t was left out": lambda m, beta, t: m / (1 - beta),
            "1 - beta was raised to the power t, instead of beta": lambda m, beta, t: (
                m / (1 - beta) ** t
            ),
            "t was one too small": lambda m, beta, t: (
                m / moments.weight_sum(t - 1, beta)
            ),
            "t was one too large": lambda m, beta, t: (
                m / moments.weight_sum(t + 1, beta)
            ),
            "the average was multiplied instead of divided": lambda m, beta, t: (
                m * moments.weight_sum(t, beta)
            ),
            "the weight of the zero start was the divisor": lambda m, beta, t: (
                m / beta**t
            ),
        },
    ),
    Exercise(
        "adam-step",
        "One step of Adam",
        _step,
        _adam,
        "Average first, correct copies of both averages, then step; return the averages as they are, not corrected.",
        {
            "beta1 and beta2 were swapped": lambda w, g, m, v, t, lr, beta1, beta2, eps: (
                _adam(w, g, m, v, t, lr, beta2, beta1, eps)
            ),
            "the square of the gradient was forgotten": _adam_without_square,
            "t was one too small": lambda w, g, m, v, t, *rest: _adam(
                w, g, m, v, t - 1, *rest
            ),
            "t was one too large": lambda w, g, m, v, t, *rest: _adam(
                w, g, m, v, t + 1, *rest
            ),
            "nothing was corrected": _adam_uncorrected,
            "eps stood under the root": _adam_other_denominator(
                lambda v, eps: np.sqrt(v + eps)
            ),
            "the root was forgotten": _adam_other_denominator(lambda v, eps: v + eps),
            "the corrected averages were returned as the state": _adam_keeping_corrected,
            "the step went uphill": lambda w, g, m, v, t, lr, *rest: _adam(
                w, g, m, v, t, -lr, *rest
            ),
        },
    ),
    Exercise(
        "steps-to-share",
        "How long the start is felt",
        _share,
        lambda beta, share: moments.steps_until(share, beta),
        "Solve 1 - beta**t = share for t, then take the next whole number.",
        {
            "the number was rounded down": lambda beta, share: (
                moments.steps_until(share, beta) - 1
            ),
            "the number was not rounded": lambda beta, share: (
                math.log(1 - share) / math.log(beta)
            ),
            "share and 1 - share were swapped": lambda beta, share: moments.steps_until(
                1 - share, beta
            ),
            "it were the average's length 1 / (1 - beta)": lambda beta, share: (
                1 / (1 - beta)
            ),
        },
    ),
    Exercise(
        "corrected-variance",
        "The spread of the corrected average",
        _decayed,
        lambda t, beta: moments.corrected_variance(t, beta),
        "Divide the variance of m_t by the square of what its weights add up to.",
        {
            "the average had not been corrected": lambda t, beta: moments.variance(
                t, beta
            ),
            "the correction was not squared": lambda t, beta: (
                moments.variance(t, beta) / moments.weight_sum(t, beta)
            ),
            "only the limit for many steps was given": lambda t, beta: (
                (1 - beta) / (1 + beta)
            ),
            "it were the standard deviation": lambda t, beta: np.sqrt(
                moments.corrected_variance(t, beta)
            ),
            "all t gradients had one weight": lambda t, beta: 1 / t,
        },
    ),
    Exercise(
        "uncorrected-step",
        "A step without correction",
        _two_decays,
        moments.excess,
        "The step is m over the root of v: by what factor is each of the two smaller than it should be?",
        {
            "the root was forgotten": lambda t, beta1, beta2: (
                moments.excess(t, beta1, beta2) / np.sqrt(moments.weight_sum(t, beta2))
            ),
            "the factor was turned upside down": lambda t, beta1, beta2: (
                1 / moments.excess(t, beta1, beta2)
            ),
            "beta1 and beta2 were swapped": lambda t, beta1, beta2: moments.excess(
                t, beta2, beta1
            ),
            "t was one too small": lambda t, beta1, beta2: moments.excess(
                t - 1, beta1, beta2
            ),
            "only the numerator mattered": lambda t, beta1, beta2: moments.weight_sum(
                t, beta1
            ),
        },
    ),
]
