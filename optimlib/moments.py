r"""Exponential averages: the recursion, its unrolled weights, its bias and its variance.

$$m_t = \beta m_{t-1} + (1-\beta) g_t = \beta^t m_0 + (1-\beta) \sum_{i=1}^{t} \beta^{t-i} g_i$$

Throughout, beta is in [0, 1) and t, the number of values averaged, is 1 or more. In the closed forms of one number each
(weight_sum, the variances, excess) both may be arrays that broadcast; elsewhere each is one number.
Source: Kingma and Ba (2015), section 3; the variances are the geometric sums of the squared weights.
"""

import numpy as np

from optimlib.hyper import check_number, decay

BETA = decay(0.9)


def _beta(beta):
    for value in np.ravel(beta):
        check_number("beta", value, BETA)
    return np.asarray(beta, dtype=float)


def _one_beta(beta):
    return np.float64(
        check_number("beta", beta, BETA)
    )  # float32 values are averaged in float64


def _steps(t):
    t = np.asarray(t)
    if not np.issubdtype(t.dtype, np.integer) or (t < 1).any():
        raise ValueError(f"t is {t!r}; allowed: whole numbers, 1 or more")
    return t


def average(g, beta, start=0.0):
    """All averages m_1 ... m_n of the values g (shape (n, ...)), by the recursion from m_0 = start. Same shape as g."""
    beta = _one_beta(beta)
    g = np.asarray(g)
    averages = np.empty(g.shape, dtype=np.result_type(g.dtype, np.float32))
    m = start
    for i, value in enumerate(g):
        averages[i] = m = beta * m + (1 - beta) * value
    return averages


def weights(t, beta):
    """The weights of g_1 ... g_t in m_t: (1 - beta) beta^(t - i), shape (t,)."""
    if np.ndim(t):
        raise ValueError(f"t is {t!r}; allowed: one whole number, 1 or more")
    return (1 - _one_beta(beta)) * beta ** np.arange(_steps(t) - 1, -1, -1)


def weight_sum(t, beta):
    """What the weights of m_t add up to, 1 - beta^t: also E[m_t] / E[g] where all E[g_i] are equal."""
    return 1 - _beta(beta) ** _steps(t)


def corrected(m, beta):
    """m_1 ... m_n (shape (n, ...)), each divided by the sum of its weights: unbiased where all E[g_i] are equal."""
    m = np.asarray(m)
    sums = weight_sum(np.arange(1, len(m) + 1), _one_beta(beta))
    return m / sums.reshape(-1, *[1] * (m.ndim - 1))


def drift(means, beta):
    """E[m_t] - (1 - beta^t) E[g_t] for t = 1 ... n, from the means E[g_1] ... E[g_n], shape (n, ...)."""
    means = np.asarray(means, dtype=float)
    sums = weight_sum(np.arange(1, len(means) + 1), _one_beta(beta))
    return average(means, beta) - sums.reshape(-1, *[1] * (means.ndim - 1)) * means


def variance(t, beta):
    """Var[m_t] / Var[g] for uncorrelated g_i of one variance: (1 - beta)(1 - beta^(2t)) / (1 + beta)."""
    beta = _beta(beta)
    return (1 - beta) * (1 - beta ** (2 * _steps(t))) / (1 + beta)


def corrected_variance(t, beta):
    """Var[m_t / (1 - beta^t)] / Var[g]: (1 - beta)(1 + beta^t) / ((1 + beta)(1 - beta^t)); 1 at t = 1."""
    return variance(t, beta) / weight_sum(t, beta) ** 2


def first_value_variance(t, beta):
    """Var / Var[g] of an average that starts at g_1 instead of 0: beta^(2t-2) + (1 - beta)(1 - beta^(2t-2)) / (1 + beta)."""
    beta, kept = _beta(beta), _beta(beta) ** (2 * _steps(t) - 2)
    return kept + (1 - beta) * (1 - kept) / (1 + beta)


def excess(t, beta1, beta2):
    """Adam's step without bias correction over its step with it, at eps = 0: (1 - beta1^t) / sqrt(1 - beta2^t)."""
    return weight_sum(t, beta1) / np.sqrt(weight_sum(t, beta2))


def steps_until(fraction, beta):
    """The first t with 1 - beta^t >= fraction: how long m_t takes to hold that share of a constant. An int."""
    if not 0 < fraction < 1:
        raise ValueError(f"fraction is {fraction!r}; allowed: a number between 0 and 1")
    beta = float(_one_beta(beta))
    if beta == 0:
        return 1
    t = max(1, int(np.log1p(-fraction) / np.log(beta)) - 1)
    while 1 - beta**t < fraction:
        t += 1
    return t
