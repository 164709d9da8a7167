"""AdaSecant: a secant method for noisy gradients, which sets its own rates."""

import numpy as np

from optimlib.optimizer import Optimizer
from optimlib.settings import Value, guard, number

__all__ = ["AdaSecant"]


class AdaSecant(Optimizer):
    r"""AdaSecant: each weight's rate is the ratio of its moves to the changes of its
    gradient that they led to, with the variance of the gradients reduced.

    The gradient of an array is divided by its norm. a is its change since the step
    before, e the move that led to it:

    .. math::

        \begin{aligned}
        q_t &= \frac{g_t}{\lVert g_t \rVert + \epsilon} \\
        a_t &= q_t - q_{t-1} \\
        e_t &= \begin{cases} q_t & t = 1 \\ d_{t-1} & t > 1 \end{cases}
        \end{aligned}

    A bar is an average of memory n, which is cut short where q or a lies more than two
    standard deviations from its average:

    .. math::

        \begin{aligned}
        s_t &= 2\, \sqrt{\max(\overline{q^2}_{t-1} - \bar q_{t-1}^2, 0) + \epsilon} \\
        u_t &= 2\, \sqrt{\max(\overline{a^2}_{t-1} - \bar a_{t-1}^2, 0) + \epsilon} \\
        n_t &= \begin{cases}
            2.2 & |q_t - \bar q_{t-1}| > s_t \text{ or } |a_t - \bar a_{t-1}| > u_t \\
            \tau_{t-1} & \text{otherwise} \end{cases} \\
        \bar q_t &= \left(1 - \frac{1}{n_t}\right) \bar q_{t-1} + \frac{1}{n_t} q_t \\
        \overline{q^2}_t &= \left(1 - \frac{1}{n_t}\right) \overline{q^2}_{t-1}
            + \frac{1}{n_t} q_t^2 \\
        \bar a_t &= \left(1 - \frac{1}{n_t}\right) \bar a_{t-1} + \frac{1}{n_t} a_t \\
        \overline{a^2}_t &= \left(1 - \frac{1}{n_t}\right) \overline{a^2}_{t-1}
            + \frac{1}{n_t} a_t^2 \\
        \bar d_t &= \left(1 - \frac{1}{n_t}\right) \bar d_{t-1} + \frac{1}{n_t} e_t \\
        \overline{d^2}_t &= \left(1 - \frac{1}{n_t}\right) \overline{d^2}_{t-1}
            + \frac{1}{n_t} e_t^2 \\
        \overline{ad}_t &= \left(1 - \frac{1}{n_t}\right) \overline{ad}_{t-1}
            + \frac{1}{n_t} a_t d_{t-1} \\
        x_t &= (q_{t-1} - q_t) (q_{t-1} - \bar q_t) \\
        \overline{x^2}_t &= \left(1 - \frac{1}{n_t}\right) \overline{x^2}_{t-1}
            + \frac{1}{n_t} x_t^2 \\
        y_t &= (q_{t-1} - \bar q_t) (q_t - \bar q_t) \\
        \overline{y^2}_t &= \left(1 - \frac{1}{n_t}\right) \overline{y^2}_{t-1}
            + \frac{1}{n_t} y_t^2
        \end{aligned}

    From these follow the share of the average gradient, which reduces the variance, the
    rate, the move and the memory:

    .. math::

        \begin{aligned}
        \gamma_t &= \min\left(\frac{\sqrt{\overline{x^2}_t}}{
            \sqrt{\overline{y^2}_t + \epsilon}}, \gamma_{\max}\right) \\
        \rho_t &= \frac{\sqrt{\overline{d^2}_t + \epsilon}}{
            \sqrt{\overline{a^2}_t + \epsilon}}
            - \frac{\overline{ad}_t}{\overline{a^2}_t + \epsilon} \\
        d_t &= -\min(\rho_t, \rho_{\max})\,
            \frac{q_t + \gamma_t \bar q_t}{1 + \gamma_t} \\
        w_t &= w_{t-1} + d_t \\
        \tau_t &= \left(1 - \frac{\bar d_t^2}{\overline{d^2}_t + \epsilon}\right) n_t
            + 1
        \end{aligned}

    where :math:`\tau_0 = 2.2`. The rate :math:`\rho` is never negative, so no weight
    moves along its corrected gradient.
    Where a gradient does not change at all there is no secant, and only
    :math:`\rho_{\max}` bounds it.

    Args:
        gamma_max: :math:`\gamma_{\max}`, the most that the average gradient counts,
            above 0.
        rate_max: :math:`\rho_{\max}`, above 0; infinity for none, as in the paper.
        eps: :math:`\epsilon` (the paper has none). At 0 a weight whose gradients were
            all zero becomes NaN, as does an array whose gradient is all zero once.

    Example:
        >>> opt = AdaSecant()
        >>> opt.step([1.0, -2.0], [3.0, -4.0]).round(3)
        array([ 0.61 , -1.481])

    Source:
        Gulcehre, Moczulski and Bengio (2014), algorithm 1, in its order and with its
        pairing of a and d. Its gamma is a ratio of plain averages, which is of either
        sign and divided by zero where neighbouring gradients are independent: this is
        the ratio of root mean squares of the authors' program, whose guards and start
        are taken too, and the bound of the rate of its later version. The program's
        factor of AdaGrad and its bounds of tau are not.

    Elsewhere:
        torch and optax have none.
    """

    state_names = (
        "q", "d", "q_bar", "q_sq", "a_bar", "a_sq", "d_bar", "d_sq", "ad", "x_sq",
        "y_sq", "tau",
    )  # fmt: skip
    starts = (("tau", 2.2),)
    inputs = ("norm",)
    gamma_max: Value = number(1.8, "a finite number above 0", lambda x: 0 < x < np.inf)
    rate_max: Value = number(25.0, "a number above 0", lambda x: x > 0)
    eps: Value = guard(1e-7)

    @staticmethod
    def rule(
        w, g, q, d, q_bar, q_sq, a_bar, a_sq, d_bar, d_sq, ad, x_sq, y_sq, tau, t, norm,
        gamma_max, rate_max, eps,
    ):  # fmt: skip
        q_prev, q = q, g / (norm + eps)
        a = q - q_prev
        q_far = np.abs(q - q_bar) > 2 * np.sqrt(np.maximum(q_sq - q_bar**2, 0) + eps)
        a_far = np.abs(a - a_bar) > 2 * np.sqrt(np.maximum(a_sq - a_bar**2, 0) + eps)
        tau = np.where(q_far | a_far, 2.2, tau)
        kept = 1 - 1 / tau
        move = np.where(np.equal(t, 1), q, d)
        q_bar = kept * q_bar + q / tau
        q_sq = kept * q_sq + q**2 / tau
        a_bar = kept * a_bar + a / tau
        a_sq = kept * a_sq + a**2 / tau
        d_bar = kept * d_bar + move / tau
        d_sq = kept * d_sq + move**2 / tau
        ad = kept * ad + a * d / tau
        x_sq = kept * x_sq + ((q_prev - q) * (q_prev - q_bar)) ** 2 / tau
        y_sq = kept * y_sq + ((q_prev - q_bar) * (q - q_bar)) ** 2 / tau
        gamma = np.minimum(np.sqrt(x_sq) / np.sqrt(y_sq + eps), gamma_max)
        reduced = (q + gamma * q_bar) / (1 + gamma)
        rate = np.sqrt(d_sq + eps) / np.sqrt(a_sq + eps) - ad / (a_sq + eps)
        tau = (1 - d_bar**2 / (d_sq + eps)) * tau + 1
        d = -np.minimum(rate, rate_max) * reduced
        w = w + d
        return w, q, d, q_bar, q_sq, a_bar, a_sq, d_bar, d_sq, ad, x_sq, y_sq, tau
