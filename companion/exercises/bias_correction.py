"""Exercises of the chapter "Bias correction"."""

import math

import numpy as np

from companion.grading.exercise import exercise
from optimlib import Adam, moments


@exercise(
    "The average as a sum",
    hints=(
        "The newest gradient has the weight 1 - beta, each older one beta times the weight of the next.",
    ),
)
def unrolled_average(g, beta):
    """The average after the last of these gradients, from zero."""
    return moments.average(g, beta)[-1]


@unrolled_average.inputs
def _(rng):
    g = rng.normal(0, 3, rng.integers(3, 8)).round(2)
    return {"g": g, "beta": round(rng.uniform(0.6, 0.95), 2)}


@unrolled_average.mistake("the oldest gradient had the largest weight")
def _(g, beta):
    return unrolled_average(g[::-1], beta)


@unrolled_average.mistake("the factor 1 - beta was left out")
def _(g, beta):
    return unrolled_average(g, beta) / (1 - beta)


@unrolled_average.mistake("beta and 1 - beta were swapped")
def _(g, beta):
    return unrolled_average(g, 1 - beta)


@unrolled_average.mistake(
    "the average started at the first gradient instead of at zero"
)
def _(g, beta):
    return moments.average(g[1:], beta, start=g[0])[-1]


@unrolled_average.mistake("the average was corrected already")
def _(g, beta):
    return moments.corrected(moments.average(g, beta), beta)[-1]


@exercise(
    "The correction", hints=("Divide by what the weights of t gradients add up to.",)
)
def corrected_average(m, beta, t):
    """The average m of t gradients, corrected."""
    return m / moments.weight_sum(t, beta)


@corrected_average.inputs
def _(rng):
    m, beta = round(rng.normal(0, 3), 2), round(rng.uniform(0.6, 0.99), 2)
    return {"m": m, "beta": beta, "t": int(rng.integers(2, 30))}


@corrected_average.mistake("the power t was left out")
def _(m, beta, t):
    return m / (1 - beta)


@corrected_average.mistake("1 - beta was raised to the power t, instead of beta")
def _(m, beta, t):
    return m / (1 - beta) ** t


@corrected_average.mistake("t was one too small")
def _(m, beta, t):
    return corrected_average(m, beta, t - 1)


@corrected_average.mistake("t was one too large")
def _(m, beta, t):
    return corrected_average(m, beta, t + 1)


@corrected_average.mistake("the average was multiplied instead of divided")
def _(m, beta, t):
    return m * moments.weight_sum(t, beta)


@corrected_average.mistake("the weight of the zero start was the divisor")
def _(m, beta, t):
    return m / beta**t


@exercise(
    "One step of Adam",
    hints=(
        "Average first, correct copies of both averages, then step; return the averages as they are, not corrected.",
    ),
)
def adam_step(w, g, m, v, t, lr, beta1, beta2, eps):
    """The weights and both averages after step t."""
    return Adam.rule(w, g, m, v, t, lr, beta1, beta2, eps, True)


@adam_step.inputs
def _(rng):
    return {
        "w": rng.normal(0, 1, 3).round(2), "g": rng.normal(0, 1, 3).round(2), "m": rng.normal(0, 1, 3).round(2),
        "v": rng.uniform(0.1, 2, 3).round(2), "t": int(rng.integers(3, 20)), "lr": round(rng.uniform(0.01, 0.3), 2),
        "beta1": round(rng.uniform(0.6, 0.9), 2), "beta2": round(rng.uniform(0.92, 0.99), 2), "eps": 0.01,
    }  # fmt: skip


@adam_step.mistake("beta1 and beta2 were swapped")
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    return adam_step(w, g, m, v, t, lr, beta2, beta1, eps)


@adam_step.mistake("the square of the gradient was forgotten")
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g
    v_hat = v / moments.weight_sum(t, beta2)
    return w - lr * m / (1 - beta1**t) / (np.sqrt(v_hat) + eps), m, v


@adam_step.mistake("t was one too small")
def _(w, g, m, v, t, *settings):
    return adam_step(w, g, m, v, t - 1, *settings)


@adam_step.mistake("t was one too large")
def _(w, g, m, v, t, *settings):
    return adam_step(w, g, m, v, t + 1, *settings)


@adam_step.mistake("nothing was corrected")
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    return Adam.rule(w, g, m, v, t, lr, beta1, beta2, eps, False)


def _with_denominator(denominator, w, g, m, v, t, lr, beta1, beta2, eps):
    """A step of Adam that divides by another function of the corrected v."""
    _, m, v = adam_step(w, g, m, v, t, lr, beta1, beta2, eps)
    divisor = denominator(v / moments.weight_sum(t, beta2), eps)
    return w - lr * m / (1 - beta1**t) / divisor, m, v


@adam_step.mistake("eps stood under the root")
def _(*inputs):
    return _with_denominator(lambda v, eps: np.sqrt(v + eps), *inputs)


@adam_step.mistake("the root was forgotten")
def _(*inputs):
    return _with_denominator(lambda v, eps: v + eps, *inputs)


@adam_step.mistake("the corrected averages were returned as the state")
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    w, m, v = adam_step(w, g, m, v, t, lr, beta1, beta2, eps)
    return w, m / (1 - beta1**t), v / moments.weight_sum(t, beta2)


@adam_step.mistake("the step went uphill")
def _(w, g, m, v, t, lr, *settings):
    return adam_step(w, g, m, v, t, -lr, *settings)


@exercise(
    "How long the zero start matters",
    hints=("Solve 1 - beta**t = share for t, then take the next whole number.",),
)
def steps_to_share(beta, share):
    """After how many steps the weights add up to this share of 1."""
    return moments.steps_until(share, beta)


@steps_to_share.inputs
def _(rng):
    beta = round(rng.uniform(0.7, 0.99), 3)
    return {"beta": beta, "share": round(rng.uniform(0.55, 0.95), 2)}


@steps_to_share.mistake("the number was rounded down")
def _(beta, share):
    return steps_to_share(beta, share) - 1


@steps_to_share.mistake("the number was not rounded")
def _(beta, share):
    return math.log(1 - share) / math.log(beta)


@steps_to_share.mistake("share and 1 - share were swapped")
def _(beta, share):
    return steps_to_share(beta, 1 - share)


@steps_to_share.mistake("it were the average's length 1 / (1 - beta)")
def _(beta, share):
    return 1 / (1 - beta)


@exercise(
    "The variance of the corrected average",
    hints=("Divide the variance of m_t by the square of what its weights add up to.",),
)
def corrected_variance(t, beta):
    """The variance of the corrected average, for gradients of variance 1."""
    return moments.corrected_variance(t, beta)


@corrected_variance.inputs
def _(rng):
    return {"t": int(rng.integers(2, 40)), "beta": round(rng.uniform(0.7, 0.99), 2)}


@corrected_variance.mistake("the average had not been corrected")
def _(t, beta):
    return moments.variance(t, beta)


@corrected_variance.mistake("the correction was not squared")
def _(t, beta):
    return moments.variance(t, beta) / moments.weight_sum(t, beta)


@corrected_variance.mistake("only the limit for many steps was given")
def _(t, beta):
    return (1 - beta) / (1 + beta)


@corrected_variance.mistake("it were the standard deviation")
def _(t, beta):
    return np.sqrt(corrected_variance(t, beta))


@corrected_variance.mistake("all t gradients had one weight")
def _(t, beta):
    return 1 / t


@exercise(
    "A step without correction",
    hints=(
        "The step is m over the root of v: by what factor is each of the two smaller than it should be?",
    ),
)
def uncorrected_step(t, beta1, beta2):
    """How many times as long as the corrected step it is."""
    return moments.excess(t, beta1, beta2)


@uncorrected_step.inputs
def _(rng):
    t, beta1 = int(rng.integers(2, 40)), round(rng.uniform(0.6, 0.9), 2)
    return {"t": t, "beta1": beta1, "beta2": round(rng.uniform(0.92, 0.999), 3)}


@uncorrected_step.mistake("the root was forgotten")
def _(t, beta1, beta2):
    return uncorrected_step(t, beta1, beta2) / np.sqrt(moments.weight_sum(t, beta2))


@uncorrected_step.mistake("the factor was turned upside down")
def _(t, beta1, beta2):
    return 1 / uncorrected_step(t, beta1, beta2)


@uncorrected_step.mistake("beta1 and beta2 were swapped")
def _(t, beta1, beta2):
    return uncorrected_step(t, beta2, beta1)


@uncorrected_step.mistake("t was one too small")
def _(t, beta1, beta2):
    return uncorrected_step(t - 1, beta1, beta2)


@uncorrected_step.mistake("only the numerator mattered")
def _(t, beta1, beta2):
    return moments.weight_sum(t, beta1)
