"""RMSProp and Adadelta: AdaGrad's sum of squares becomes an exponential average, which
can fall again."""

import numpy as np

from optimlib.optimizer import Optimizer
from optimlib.settings import Value, decay, guard, rate, switch

__all__ = ["RMSprop", "RMSpropSigma", "Adadelta"]  # noqa: RUF022 - simplest first


class RMSprop(Optimizer):
    r"""RMSProp: AdaGrad with an exponential average in place of the sum, so that a rate
    can grow again.

    .. math::

        \begin{aligned}
        v_t &= \beta\, v_{t-1} + (1-\beta)\, g_t^2 \\
        w_t &= w_{t-1} - \frac{\eta}{\sqrt{v_t + \epsilon}}\, g_t
        \end{aligned}

    With ``eps_in_sqrt=False``:

    .. math::

        \begin{aligned}
        v_t &= \beta\, v_{t-1} + (1-\beta)\, g_t^2 \\
        w_t &= w_{t-1} - \frac{\eta}{\sqrt{v_t} + \epsilon}\, g_t
        \end{aligned}

    With ``centered=True`` the gradients' average is taken off, so that the root is
    that of an estimate of their variance:

    .. math::

        \begin{aligned}
        v_t &= \beta\, v_{t-1} + (1-\beta)\, g_t^2 \\
        m_t &= \beta\, m_{t-1} + (1-\beta)\, g_t \\
        w_t &= w_{t-1} - \frac{\eta}{\sqrt{\max(v_t - m_t^2, 0) + \epsilon}}\, g_t
        \end{aligned}

    With ``centered=True`` and ``eps_in_sqrt=False``:

    .. math::

        \begin{aligned}
        v_t &= \beta\, v_{t-1} + (1-\beta)\, g_t^2 \\
        m_t &= \beta\, m_{t-1} + (1-\beta)\, g_t \\
        w_t &= w_{t-1} - \frac{\eta}{\sqrt{\max(v_t - m_t^2, 0)} + \epsilon}\, g_t
        \end{aligned}

    The averages start at 0 and are not corrected: the first step is
    :math:`\eta / \sqrt{1-\beta}` long, centered :math:`\eta / \sqrt{\beta (1-\beta)}`.
    The maximum is for rounding, by which a gradient that stays as it is can have a
    variance below 0; its step grows to :math:`\eta g / \sqrt{\epsilon}`, with
    ``eps_in_sqrt=False`` to :math:`\eta g / \epsilon`. Uncentered, m is kept all the
    same and stays 0.

    Args:
        lr: learning rate :math:`\eta`.
        beta: decay rate :math:`\beta` of the averages, in [0, 1).
        eps: :math:`\epsilon`; at 0 a weight whose gradients were all zero becomes NaN,
            and centered, one whose gradient never changes can become infinite.
        eps_in_sqrt: whether it stands under the root.
        centered: whether the square of m is taken off v.

    Example:
        >>> RMSprop(lr=0.01, beta=0.75, eps=0.0).step([1.0], [5.0])
        array([0.98])

    Source:
        Tieleman and Hinton (2012), lecture 6e; centered, Graves (2013), equations 38 to
        45.

    Elsewhere:
        torch ``RMSprop``: eps outside of the root, ``alpha`` (beta) 0.99. optax
        ``rmsprop``: inside, ``decay`` 0.9. Centered, both are without the maximum.
    """

    state_names = ("v", "m")
    lr: Value = rate(0.01)
    beta: Value = decay(0.9)
    eps: Value = guard(1e-8)
    eps_in_sqrt: bool = switch(True)
    centered: bool = switch(False)

    @staticmethod
    def rule(w, g, v, m, t, lr, beta, eps, eps_in_sqrt, centered):
        v = beta * v + (1 - beta) * g**2
        if centered:
            m = beta * m + (1 - beta) * g
            spread = np.maximum(v - m**2, 0)
            root = np.sqrt(spread + eps) if eps_in_sqrt else np.sqrt(spread) + eps
            w = w - lr * g / root
        elif eps_in_sqrt:
            w = w - lr * g / np.sqrt(v + eps)
        else:
            w = w - lr * g / (np.sqrt(v) + eps)
        return w, v, m


class RMSpropSigma(Optimizer):
    r"""RMSProp written with :math:`\sigma`, the root of the average, which starts at
    the first gradient's size.

    .. math::

        \begin{aligned}
        \sigma_t &= \begin{cases} |g_t| & t = 1 \\
            \sqrt{\beta\, \sigma_{t-1}^2 + (1-\beta)\, g_t^2} & t > 1 \end{cases} \\
        w_t &= w_{t-1} - \frac{\eta}{\sigma_t + \epsilon}\, g_t
        \end{aligned}

    Args:
        lr: learning rate :math:`\eta`.
        beta: decay rate :math:`\beta` (the slides' :math:`\alpha`), in [0, 1).
        eps: :math:`\epsilon` (the slides have none); at 0 a weight whose gradients were
            all zero becomes NaN.

    Example:
        >>> RMSpropSigma(lr=0.01, eps=0.0).step([1.0], [-5.0])
        array([1.01])

    Source:
        The slides "Optimization for Deep Learning", which write
        :math:`\sigma^0 = g^0`; the absolute value is ours, since a negative first
        gradient would otherwise step uphill.

    Elsewhere:
        torch and optax start the average at 0, as `RMSprop` does.
    """

    state_names = ("sigma",)
    lr: Value = rate(0.01)
    beta: Value = decay(0.9)
    eps: Value = guard(1e-8)

    @staticmethod
    def rule(w, g, sigma, t, lr, beta, eps):
        kept = beta * (1 - 0 ** (t - 1))  # nothing is kept at t = 1, where 0**0 = 1
        sigma = np.sqrt(kept * sigma**2 + (1 - kept) * g**2)
        w = w - lr * g / (sigma + eps)
        return w, sigma


class Adadelta(Optimizer):
    r"""Adadelta: the step is measured by the steps before it, so it has the weights'
    own unit and needs no learning rate.

    .. math::

        \begin{aligned}
        v_t &= \beta\, v_{t-1} + (1-\beta)\, g_t^2 \\
        d_t &= \frac{\sqrt{u_{t-1} + \epsilon}}{\sqrt{v_t + \epsilon}}\, g_t \\
        u_t &= \beta\, u_{t-1} + (1-\beta)\, d_t^2 \\
        w_t &= w_{t-1} - \eta\, d_t
        \end{aligned}

    Args:
        lr: a factor :math:`\eta` of the step, which the paper does not have (1).
        beta: decay rate :math:`\beta` (the paper's :math:`\rho`) of both averages, in
            [0, 1).
        eps: :math:`\epsilon`. It sets the first step, and at 0 there never is one: a
            weight stays where it is, or becomes NaN where its gradient is zero.

    Example:
        >>> Adadelta(beta=0.75, eps=1e-6).step([1.0], [5.0]).round(6)
        array([0.998])

    Source:
        Zeiler (2012), algorithm 1.

    Elsewhere:
        torch ``Adadelta``: the same. optax ``adadelta``: the same. Keras: ``rho`` 0.95
        and lr 0.001.
    """

    state_names = ("v", "u")
    lr: Value = rate(1.0)
    beta: Value = decay(0.9)
    eps: Value = guard(1e-6)

    @staticmethod
    def rule(w, g, v, u, t, lr, beta, eps):
        v = beta * v + (1 - beta) * g**2
        d = np.sqrt(u + eps) / np.sqrt(v + eps) * g
        u = beta * u + (1 - beta) * d**2
        w = w - lr * d
        return w, v, u
