r"""Exponential averages: the recursion, its unrolled weights, its bias and variance.

.. math::

    m_t = \beta m_{t-1} + (1-\beta) g_t
    = \beta^t m_0 + (1-\beta) \sum_{i=1}^{t} \beta^{t-i} g_i

Throughout, beta is in [0, 1) and t, the number of values averaged, is 1 or more. In the
closed forms of one number each (weight_sum, the variances, excess) both may be arrays
that broadcast; elsewhere each is one number. What is not allowed is a ValueError that
names it, and what is no real number a TypeError.
Source: Kingma and Ba (2015), section 3; the variances are the geometric sums of the
squared weights.
"""

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optimlib.arrays import checks
from optimlib.settings import MOST, Hyper, check_number, decay, number

Floats = NDArray[np.floating]
# One number where t and beta are numbers, else an array.
Numbers = np.float64 | NDArray[np.float64]

BETA: Hyper = decay(0.9)
FRACTION: Hyper = number(0.5, "a number between 0 and 1", lambda x: 0 < x < 1)
EXACT = Context(prec=60, Emin=MIN_EMIN, Emax=MAX_EMAX)  # for a t of 18 digits


def _beta(beta: ArrayLike) -> NDArray[np.float64]:
    for value in np.ravel(beta):
        check_number("beta", value, BETA)
    return np.asarray(beta, dtype=float)


def _one_beta(beta: float) -> np.float64:
    return np.float64(
        check_number("beta", beta, BETA)
    )  # float32 values are averaged in float64


def _steps(t: ArrayLike) -> NDArray[np.int64]:
    """t as int64, in which 2 t is exact whatever type it came in."""
    t = np.asarray(t)
    if t.dtype.kind not in "iu" or (t < 1).any() or (t > MOST).any():
        raise ValueError(f"t is {t!r}; allowed: whole numbers, 1 or more, up to 2**53")
    return t.astype(np.int64)


def _reals(name: str, values: ArrayLike) -> Floats:
    """Floats as they are, other real numbers as float64."""
    array = checks.as_array(name, values)
    if array.dtype.kind != "b":
        array = checks.real(name, array)
    return array if array.dtype.kind == "f" else array.astype(float)


def _values(name: str, values: ArrayLike) -> Floats:
    """n values in order, shape (n, ...)."""
    array = _reals(name, values)
    if not array.ndim:
        raise ValueError(f"{name} has shape (); allowed: (n, ...), n values in order")
    return array


def _weight(age: Any, beta: Any) -> Any:
    """The weight in m_t of the value that is `age` steps old: (1 - beta) beta^age."""
    return (1 - beta) * beta**age


def _total(t: Any, beta: Any) -> Any:
    """The sum of the weights in m_t, 1 - beta^t, without a look at what is given."""
    return 1 - beta**t


def _excess(t: Any, beta1: Any, beta2: Any) -> Any:
    """`excess`, without a look at what is given."""
    return _total(t, beta1) / np.sqrt(_total(t, beta2))


def average(g: ArrayLike, beta: float, start: ArrayLike = 0.0) -> Floats:
    """All averages m_1 ... m_n of the values g (shape (n, ...)). Same shape as g.

    They come from the recursion, from m_0 = start, one number or one shaped like a
    value. They are float64, or for floats of another type that type, at least float32.
    """
    beta, g, m = _one_beta(beta), _values("g", g), _reals("start", start)
    if m.ndim and m.shape != g.shape[1:]:
        raise ValueError(
            f"start has shape {m.shape}; allowed: {g.shape[1:]}, that of a value, or ()"
        )
    averages = np.empty(g.shape, dtype=np.result_type(g.dtype, np.float32))
    for i, value in enumerate(g):
        averages[i] = m = beta * m + (1 - beta) * value
    return averages


def weights(t: int, beta: float) -> Floats:
    """The weights of g_1 ... g_t in m_t: (1 - beta) beta^(t - i), shape (t,)."""
    if np.ndim(t):
        raise ValueError(f"t is {t!r}; allowed: one whole number, 1 or more")
    ages = np.arange(int(_steps(t)) - 1, -1, -1)
    return _weight(ages, _one_beta(beta))


def weight_sum(t: ArrayLike, beta: ArrayLike) -> Numbers:
    """What the weights of m_t add up to, 1 - beta^t.

    It is also E[m_t] / E[g] where all E[g_i] are equal.
    """
    return _total(_steps(t), _beta(beta))


def corrected(m: ArrayLike, beta: float) -> Floats:
    """m_1 ... m_n (shape (n, ...)), each divided by the sum of its weights.

    That is unbiased where all E[g_i] are equal.
    """
    m = _values("m", m)
    sums = np.asarray(weight_sum(np.arange(1, len(m) + 1), _one_beta(beta)))
    return m / sums.reshape(-1, *[1] * (m.ndim - 1))


def drift(means: ArrayLike, beta: float) -> Floats:
    """E[m_t] - (1 - beta^t) E[g_t] for t = 1 ... n, shape (n, ...).

    `means` holds E[g_1] ... E[g_n], shape (n, ...).
    """
    means = _values("means", means).astype(float)
    sums = np.asarray(weight_sum(np.arange(1, len(means) + 1), _one_beta(beta)))
    unbiased = sums.reshape(-1, *[1] * (means.ndim - 1)) * means
    return average(means, beta) - unbiased


def variance(t: ArrayLike, beta: ArrayLike) -> Numbers:
    """Var[m_t] / Var[g] for uncorrelated g_i of one variance.

    It is (1 - beta)(1 - beta^(2t)) / (1 + beta).
    """
    beta = _beta(beta)
    return (1 - beta) * (1 - beta ** (2 * _steps(t))) / (1 + beta)


def corrected_variance(t: ArrayLike, beta: ArrayLike) -> Numbers:
    """Var[m_t / (1 - beta^t)] / Var[g]; 1 at t = 1.

    It is (1 - beta)(1 + beta^t) / ((1 + beta)(1 - beta^t)).
    """
    return variance(t, beta) / weight_sum(t, beta) ** 2


def first_value_variance(t: ArrayLike, beta: ArrayLike) -> Numbers:
    """Var / Var[g] of an average that starts at g_1 instead of 0.

    It is beta^(2t-2) + (1 - beta)(1 - beta^(2t-2)) / (1 + beta).
    """
    beta, kept = _beta(beta), _beta(beta) ** (2 * _steps(t) - 2)
    return kept + (1 - beta) * (1 - kept) / (1 + beta)


def excess(t: ArrayLike, beta1: ArrayLike, beta2: ArrayLike) -> Numbers:
    """Adam's step without bias correction over its step with it, at eps = 0.

    It is (1 - beta1^t) / sqrt(1 - beta2^t).
    """
    return _excess(_steps(t), _beta(beta1), _beta(beta2))


def steps_until(fraction: float, beta: float) -> int:
    """The first t with 1 - beta^t >= fraction.

    That is how long m_t takes to hold that share of a constant. It is exact for the
    floats; and decimals that meet count as they are written: 1 - 0.8^2 holds 0.36,
    though in floats it is a little less.
    """
    fraction = check_number("fraction", fraction, FRACTION)
    beta = float(_one_beta(beta))
    if beta == 0:
        return 1
    with localcontext(EXACT):
        t = ceil((1 - Decimal(fraction)).ln() / Decimal(beta).ln())
    met = _is_power(1 - Fraction(fraction), Fraction(beta), t - 1)
    written = _is_power(1 - Fraction(repr(fraction)), Fraction(repr(beta)), t - 1)
    return t - 1 if met or written else max(1, t)


def _is_power(value: Fraction, base: Fraction, t: int) -> bool:
    """Whether value = base^t, t >= 1: then so it is with the denominators."""
    bits = base.denominator.bit_length() - 1
    return 1 <= t and t * bits <= value.denominator.bit_length() and base**t == value
