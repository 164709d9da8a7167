"""Schedule-free methods: an average of the points takes the place of a rate that falls."""

import numpy as np

from optimlib.optimizer import Optimizer
from optimlib.optimizers.adam import Averaging
from optimlib.settings import Value, decay, rate

__all__ = ["ScheduleFreeSGD", "ScheduleFreeAdamW"]  # noqa: RUF022 - simplest first


class ScheduleFreeSGD(Optimizer):
    r"""Schedule-free descent: the weights are the average of gradient descent's points,
    and the gradient is taken between the two.

    .. math::

        \begin{aligned}
        g_t &= \nabla f(w_{t-1} + (1-\beta)\, d_{t-1}) \\
        p_t &= d_{t-1} - \eta\, g_t \\
        \gamma_t &= \max(\gamma_{t-1}, \eta) \\
        n_t &= \left(\frac{\gamma_{t-1}}{\gamma_t}\right)^2 n_{t-1} + 1 \\
        w_t &= w_{t-1} + \frac{p_t}{n_t} \\
        d_t &= p_t - \frac{p_t}{n_t}
        \end{aligned}

    Here w is the paper's x, the average, at which the function is to be evaluated;
    :math:`w + d` is its z, which takes the steps, and :math:`w + (1-\beta)\, d` its y.
    Every point weighs as much as the square of the largest rate up to it, so that
    while lr is constant :math:`n_t = t`. lr may grow at first, as by a warm-up; there
    is no need for it to fall.

    The step takes the gradient as a function of the weights, instead of g:
    ``opt.step(w, gradient=grad)``.

    Args:
        lr: learning rate :math:`\eta`.
        beta: :math:`\beta`, in [0, 1): how near to the average the gradient is taken.

    Example:
        >>> opt = ScheduleFreeSGD(lr=0.5, beta=0.5)
        >>> w = opt.step([1.0], gradient=lambda w: w); opt.step(w, gradient=lambda w: w)
        array([0.375])

    Source:
        Defazio et al. (2024), equations 3 to 5; what each point weighs is as in the
        authors' code.

    Elsewhere:
        torch has none; the authors' package for it and optax
        ``contrib.schedule_free_sgd`` hand out y, for the next gradient, and give x on
        demand.
    """

    state_names = ("d", "gamma", "n")
    scalars = ("gamma", "n")
    inputs = ("gradient",)
    lr: Value = rate(1.0)
    beta: Value = decay(0.9)

    @staticmethod
    def ahead(w, d, gamma, n, t, lr, beta):
        return w + (1 - beta) * d

    @staticmethod
    def rule(w, g, d, gamma, n, t, lr, beta):
        gamma_prev, gamma = gamma, np.maximum(gamma, lr)
        n = (gamma_prev / np.where(gamma > 0, gamma, 1)) ** 2 * n + 1
        p = d - lr * g
        w = w + p / n
        d = p - p / n
        return w, d, gamma, n


class ScheduleFreeAdamW(Averaging):
    r"""Schedule-free AdamW: the weights are the average of the points of RMSProp, its
    average of squares corrected, with weight decay.

    .. math::

        \begin{aligned}
        y_t &= w_{t-1} + (1-\beta_1)\, d_{t-1} \\
        g_t &= \nabla f(y_t) \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        \hat v_t &= \frac{v_t}{1-\beta_2^t} \\
        p_t &= d_{t-1} - \eta \left(\frac{g_t}{\sqrt{\hat v_t} + \epsilon}
            + \lambda\, y_t\right) \\
        \gamma_t &= \max(\gamma_{t-1}, \eta) \\
        n_t &= \left(\frac{\gamma_{t-1}}{\gamma_t}\right)^2 n_{t-1} + 1 \\
        w_t &= w_{t-1} + \frac{p_t}{n_t} \\
        d_t &= p_t - \frac{p_t}{n_t}
        \end{aligned}

    `ScheduleFreeSGD` says what w, d and n are. The gradient is taken near an average,
    which stands for the momentum that is left out.

    The step takes the gradient as a function of the weights, instead of g:
    ``opt.step(w, gradient=grad)``.

    Args:
        beta1: :math:`\beta_1`, in [0, 1): how near to the average the gradient is
            taken.
        weight_decay: :math:`\lambda`, the share of y that goes in a step at rate 1.

    Example:
        >>> opt = ScheduleFreeAdamW(lr=0.1, eps=0.0)
        >>> opt.step([1.0, 2.0], gradient=lambda w: w)
        array([0.9, 1.9])

    Source:
        Defazio et al. (2024), algorithm 1; what each point weighs and the correction of
        v are as in the authors' code.

    Elsewhere:
        torch has none; the authors' package for it and optax
        ``contrib.schedule_free_adamw`` hand out y, for the next gradient, and give x
        on demand.
    """

    state_names = ("d", "v", "gamma", "n")
    scalars = ("gamma", "n")
    inputs = ("gradient",)
    lr: Value = rate(0.0025)
    beta1: Value = decay(0.9)
    weight_decay: Value = rate(0.0)

    @staticmethod
    def ahead(w, d, v, gamma, n, t, lr, beta1, beta2, eps, weight_decay):
        return w + (1 - beta1) * d

    @staticmethod
    def rule(w, g, d, v, gamma, n, t, lr, beta1, beta2, eps, weight_decay):
        v = beta2 * v + (1 - beta2) * g**2
        v_hat = v / (1 - beta2**t)
        gamma_prev, gamma = gamma, np.maximum(gamma, lr)
        n = (gamma_prev / np.where(gamma > 0, gamma, 1)) ** 2 * n + 1
        y = w + (1 - beta1) * d
        p = d - lr * (g / (np.sqrt(v_hat) + eps) + weight_decay * y)
        w = w + p / n
        d = p - p / n
        return w, d, v, gamma, n
