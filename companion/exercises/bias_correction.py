"""Exercises of the chapter "Bias correction"."""

import math

import numpy as np

from companion.grading.exercise import exercise
from companion.grading.kinds import explore, predict
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


unrolled_average.smallest(g=[1, -2, 4], beta=0.75)


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


@unrolled_average.mistake("all the averages were corrected in turn and carried on")
def _(g, beta):
    m = 0.0
    for t, value in enumerate(g, 1):
        m = (beta * m + (1 - beta) * value) / moments.weight_sum(t, beta)
    return m


@unrolled_average.mistake("each gradient were corrected before it is averaged")
def _(g, beta):
    sums = moments.weight_sum(np.arange(1, len(g) + 1), beta)
    return moments.average(g / sums, beta)[-1]


@unrolled_average.mistake("the power of beta were one too high")
def _(g, beta):
    return beta * unrolled_average(g, beta)


@unrolled_average.mistake("it were the plain mean")
def _(g, beta):
    return np.mean(g)


@unrolled_average.mistake("it were the plain sum")
def _(g, beta):
    return np.sum(g)


@unrolled_average.mistake(
    "only the last gradient and the one before it were averaged, without those before"
)
def _(g, beta):
    return beta * g[-2] + (1 - beta) * g[-1]


@unrolled_average.mistake("the average started at 1")
def _(g, beta):
    return moments.average(g, beta, start=1.0)[-1]


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


corrected_average.smallest(m=2.0, beta=0.5, t=3)


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


@corrected_average.mistake("the divisor were 1 + beta^t")
def _(m, beta, t):
    return m / (1 + beta**t)


@corrected_average.mistake("m / 1 - beta**t stood without its parentheses")
def _(m, beta, t):
    return m / 1 - beta**t


@corrected_average.mistake("it were divided twice")
def _(m, beta, t):
    return m / moments.weight_sum(t, beta) ** 2


@corrected_average.mistake(
    "the corrections of all t steps were divided by, not the last"
)
def _(m, beta, t):
    return m / np.prod(moments.weight_sum(np.arange(1, t + 1), beta))


@corrected_average.mistake("it were multiplied by the newest weight 1 - beta, too")
def _(m, beta, t):
    return m * (1 - beta) / moments.weight_sum(t, beta)


@corrected_average.mistake("the power were beta * t")
def _(m, beta, t):
    return m / (1 - beta * t)


@exercise(
    "One step of Adam",
    hints=(
        "Average first, correct copies of both averages, then step; return the averages as they are, not corrected.",
    ),
)
def adam_step(w, g, m, v, t, lr, beta1, beta2, eps):
    """The weights and both averages after step t."""
    return Adam.rule(w, g, m, v, t, lr, beta1, beta2, eps, True, "outside")


@adam_step.inputs
def _(rng):
    drawn = {
        "w": rng.normal(0, 1, 3).round(2), "g": rng.normal(0, 1, 3).round(2), "m": rng.normal(0, 1, 3).round(2),
        "v": rng.uniform(0.1, 2, 3).round(2), "t": int(rng.integers(3, 20)), "lr": round(rng.uniform(0.01, 0.3), 2),
        "beta1": round(rng.uniform(0.6, 0.9), 2), "beta2": round(rng.uniform(0.92, 0.99), 2), "eps": 0.01,
    }  # fmt: skip
    return drawn | {"eps": 0.01 * (1 + drawn["t"] % 3)}


adam_step.smallest(
    w=[1, 2, -1], g=[2, -1, 0.5], m=[0.5, 0.25, -1], v=[1, 4, 0.25], t=2, lr=0.1,
    beta1=0.5, beta2=0.75, eps=0.01,
)  # fmt: skip


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
    return Adam.rule(w, g, m, v, t, lr, beta1, beta2, eps, False, "outside")


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


def _with_parts(inputs, step):
    """The weights after a step that is made of the new averages and both corrections."""
    w, g, m, v, t, lr, beta1, beta2, eps = inputs
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    first, second = 1 - beta1**t, 1 - beta2**t
    return w - lr * step(m, v, first, second, eps), m, v


@adam_step.mistake(
    "eps were scaled along: both corrections stand before m / (root + eps)"
)
def _(*inputs):
    return _with_parts(
        inputs, lambda m, v, a, b, eps: m * np.sqrt(b) / a / (np.sqrt(v) + eps)
    )


@adam_step.mistake(
    "the step went uphill, with eps scaled along: both corrections stand before m / (root + eps)"
)
def _(*inputs):
    return _with_parts(
        inputs, lambda m, v, a, b, eps: -m * np.sqrt(b) / a / (np.sqrt(v) + eps)
    )


@adam_step.mistake("v were not corrected")
def _(*inputs):
    return _with_parts(inputs, lambda m, v, a, b, eps: m / a / (np.sqrt(v) + eps))


@adam_step.mistake("m were not corrected")
def _(*inputs):
    return _with_parts(inputs, lambda m, v, a, b, eps: m / (np.sqrt(v / b) + eps))


@adam_step.mistake("both corrections were without the power t")
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    v_hat = (beta2 * v + (1 - beta2) * g**2) / (1 - beta2)
    m_hat = (beta1 * m + (1 - beta1) * g) / (1 - beta1)
    _, m, v = adam_step(w, g, m, v, t, lr, beta1, beta2, eps)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@adam_step.mistake(
    "the root of the correction were taken before that of v, and so twice"
)
def _(*inputs):
    return _with_parts(
        inputs, lambda m, v, a, b, eps: m / a / (np.sqrt(v / np.sqrt(b)) + eps)
    )


@adam_step.mistake("the step used m and v as they were, before this gradient")
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    _, m, v = adam_step(w, g, m, v, t, lr, beta1, beta2, eps)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@adam_step.mistake("v's correction came to 0, so that no step is taken")
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    return w, *adam_step(w, g, m, v, t, lr, beta1, beta2, eps)[1:]


@adam_step.mistake("the step alone were returned, not the new weights")
def _(*inputs):
    new, m, v = adam_step(*inputs)
    return inputs[0] - new, m, v


@adam_step.mistake("the factors of the two averages were swapped: 1 - beta of the old")
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    new_m, new_v = (1 - beta1) * m + beta1 * g, (1 - beta2) * v + beta2 * g**2
    v_hat = new_v / (1 - beta2**t)
    return w - lr * new_m / (1 - beta1**t) / (np.sqrt(v_hat) + eps), new_m, new_v


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
    drawn = {"beta": beta, "share": round(rng.uniform(0.55, 0.95), 2)}
    # Now and then the share is met exactly, by two steps.
    return drawn if rng.integers(4) else {"beta": 0.75, "share": 0.4375}


steps_to_share.smallest(beta=0.75, share=0.9)


@steps_to_share.mistake("the number was rounded down")
def _(beta, share):
    return math.floor(math.log(1 - share) / math.log(beta))


@steps_to_share.mistake("the number were one too small, as where it counts from 0")
def _(beta, share):
    return steps_to_share(beta, share) - 1


@steps_to_share.mistake("the number were one too large where it needs no rounding")
def _(beta, share):
    return math.floor(math.log(1 - share) / math.log(beta)) + 1


@steps_to_share.mistake("the number was not rounded")
def _(beta, share):
    return math.log(1 - share) / math.log(beta)


@steps_to_share.mistake("share and 1 - share were swapped")
def _(beta, share):
    return steps_to_share(beta, 1 - share)


@steps_to_share.mistake("it were the average's length 1 / (1 - beta)")
def _(beta, share):
    return 1 / (1 - beta)


@steps_to_share.mistake("the number were rounded to the nearest, not up")
def _(beta, share):
    return round(math.log(1 - share) / math.log(beta))


@steps_to_share.mistake("it were the average's length 1 / (1 - beta), rounded up")
def _(beta, share):
    return math.ceil(1 / (1 - beta))


@steps_to_share.mistake("log(1 - beta) stood in the denominator, rounded up")
def _(beta, share):
    return math.ceil(math.log(1 - share) / math.log(1 - beta))


@steps_to_share.mistake("1 - beta stood in the place of -log(beta)")
def _(beta, share):
    return math.ceil(-math.log(1 - share) / (1 - beta))


@steps_to_share.mistake(
    "the time constant -1 / log(beta) were the answer for any share"
)
def _(beta, share):
    return math.ceil(-1 / math.log(beta))


@steps_to_share.mistake("the logarithm above were to base 10, the one below natural")
def _(beta, share):
    return math.ceil(math.log10(1 - share) / math.log(beta))


@steps_to_share.mistake("number and base of the logarithm were exchanged")
def _(beta, share):
    return math.ceil(math.log(beta) / math.log(1 - share))


@steps_to_share.mistake(
    "it were the number of values 2 / (1 - beta) - 1, for any share"
)
def _(beta, share):
    return round(2 / (1 - beta) - 1)


@steps_to_share.mistake("it were the number of values 2 / (1 - beta) - 1, not rounded")
def _(beta, share):
    return 2 / (1 - beta) - 1


@steps_to_share.mistake("1 - log(share) stood for log(1 - share)")
def _(beta, share):
    return math.ceil((1 - math.log(share)) / math.log(beta))


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


corrected_variance.smallest(t=2, beta=0.75)


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


@corrected_variance.mistake(
    "it were divided by the correction once more: to the third power"
)
def _(t, beta):
    return corrected_variance(t, beta) / moments.weight_sum(t, beta)


@corrected_variance.mistake("the ratio were turned upside down")
def _(t, beta):
    return 1 / corrected_variance(t, beta)


@corrected_variance.mistake("the weights were not squared before they were added up")
def _(t, beta):
    return 1 / moments.weight_sum(t, beta)


@corrected_variance.mistake("the sum of the weights were squared, not each weight")
def _(t, beta):
    return 1.0


@corrected_variance.mistake("the power were t, not 2t, in the variance of m_t")
def _(t, beta):
    limit = (1 - beta) / (1 + beta)
    return limit * moments.weight_sum(t, beta) / moments.weight_sum(t, beta) ** 2


@corrected_variance.mistake("beta and 1 - beta were swapped before the correction")
def _(t, beta):
    return moments.variance(t, 1 - beta)


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


uncorrected_step.smallest(t=2, beta1=0.5, beta2=0.75)


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


@uncorrected_step.mistake("only the denominator mattered")
def _(t, beta1, beta2):
    return 1 / np.sqrt(moments.weight_sum(t, beta2))


@uncorrected_step.mistake("the two factors were multiplied, not divided")
def _(t, beta1, beta2):
    return moments.weight_sum(t, beta1) * np.sqrt(moments.weight_sum(t, beta2))


@uncorrected_step.mistake("the root were taken twice")
def _(t, beta1, beta2):
    return moments.weight_sum(t, beta1) / moments.weight_sum(t, beta2) ** 0.25


@uncorrected_step.mistake("the root were taken of the whole ratio")
def _(t, beta1, beta2):
    return np.sqrt(moments.weight_sum(t, beta1) / moments.weight_sum(t, beta2))


@uncorrected_step.mistake("1/2 stood as a power without its parentheses")
def _(t, beta1, beta2):
    return moments.weight_sum(t, beta1) / moments.weight_sum(t, beta2) / 2


@uncorrected_step.mistake("1 - beta1^t stood without its parentheses")
def _(t, beta1, beta2):
    return 1 - beta1**t / np.sqrt(moments.weight_sum(t, beta2))


@uncorrected_step.mistake("beta^t stood for 1 - beta^t in both places")
def _(t, beta1, beta2):
    return beta1**t / np.sqrt(beta2**t)


@uncorrected_step.mistake("1 - beta2^t were subtracted from 1 once more")
def _(t, beta1, beta2):
    return moments.weight_sum(t, beta1) / np.sqrt(beta2**t)


@uncorrected_step.mistake("1 - beta1^t were subtracted from 1 once more")
def _(t, beta1, beta2):
    return beta1**t / np.sqrt(moments.weight_sum(t, beta2))


@uncorrected_step.mistake("1 - beta was raised to the power t, instead of beta")
def _(t, beta1, beta2):
    return (1 - beta1) ** t / np.sqrt((1 - beta2) ** t)


@predict(
    "How long the step is too long",
    choices=("about 30", "about 300", "more"),
    hints=("Which of the two averages is the slower one, and what is its decay rate?",),
)
def error_below_one_percent():
    """After how many steps, at the defaults, the step is less than 1 % too long."""
    return _nearest(_until_one_percent(0.999))


@error_below_one_percent.mistake("the gradients' average were all that counts")
def _():
    return _nearest(moments.steps_until(0.99, 0.9))


@error_below_one_percent.mistake("beta2 were 0.99")
def _():
    return _nearest(_until_one_percent(0.99))


def _until_one_percent(beta2):
    t = np.arange(1, 10_001)
    return t[moments.excess(t, 0.9, beta2) > 1.01][-1] + 1


def _nearest(steps):
    return "about 30" if steps < 100 else "about 300" if steps < 1000 else "more"


@explore(
    "More than half of the weight",
    goal=(0.5, 0.55),
    given={"beta": 0.9},
    hints=("The bars of the gradients add up to 1 - beta**t.",),
)
def more_than_half(beta, t):
    """What the gradients' weights add up to; at the first step above a half it is 0.52."""
    return moments.weight_sum(t, beta)
