"""By the sign alone: the gradient's size does not count, and RProp gives each weight a
step of its own."""

import numpy as np

from optimlib.optimizer import Optimizer
from optimlib.settings import Value, number, rate, start, switch

__all__ = ["SignSGD", "Rprop"]  # noqa: RUF022 - simplest first


class SignSGD(Optimizer):
    r"""The sign step: every weight moves by the learning rate, downhill.

    .. math::

        w_t = w_{t-1} - \eta\, \operatorname{sgn}(g_t)

    A weight whose gradient is 0 stays.

    Args:
        lr: learning rate :math:`\eta`.

    Example:
        >>> SignSGD(lr=0.1).step([1.0, 1.0, 1.0], [5.0, -0.2, 0.0])
        array([0.9, 1.1, 1. ])

    Source:
        The slides "Optimization for Deep Learning", which call it RProp: a rate divided
        by the gradient's size; Bernstein et al. (2018), algorithm 1.

    Elsewhere:
        torch has none; optax ``sign_sgd``: the same.
    """

    sparse = True
    lr: Value = rate(0.01)

    @staticmethod
    def rule(w, g, t, lr):
        w = w - lr * np.sign(g)
        return (w,)


class Rprop(Optimizer):
    r"""RProp, resilient backpropagation: a step for each weight, which grows while the
    gradient keeps its sign and shrinks where it flips.

    .. math::

        \begin{aligned}
        s_t &= \operatorname{sgn}(g_t)\, \operatorname{sgn}(p_{t-1}) \\
        k_t &= \begin{cases}
            \eta^{+} & s_t > 0 \\ \eta^{-} & s_t < 0 \\ 1 & s_t = 0 \end{cases} \\
        \Delta_t &= \min(\max(k_t\, \Delta_{t-1}, \Delta_{\min}), \Delta_{\max}) \\
        p_t &= \begin{cases} 0 & s_t < 0 \\ g_t & s_t \ge 0 \end{cases} \\
        w_t &= w_{t-1} - \operatorname{sgn}(p_t)\, \Delta_t
        \end{aligned}

    where :math:`\Delta_0 = \eta`. After a flip a weight stays for one step, and the
    step after it neither grows nor shrinks.

    With ``backtracking=True`` a flip also takes back the move that led to it:

    .. math::

        \begin{aligned}
        s_t &= \operatorname{sgn}(g_t)\, \operatorname{sgn}(p_{t-1}) \\
        k_t &= \begin{cases}
            \eta^{+} & s_t > 0 \\ \eta^{-} & s_t < 0 \\ 1 & s_t = 0 \end{cases} \\
        \Delta_t &= \min(\max(k_t\, \Delta_{t-1}, \Delta_{\min}), \Delta_{\max}) \\
        p_t &= \begin{cases} 0 & s_t < 0 \\ g_t & s_t \ge 0 \end{cases} \\
        w_t &= w_{t-1} + \begin{cases}
            \operatorname{sgn}(p_{t-1})\, \Delta_{t-1} & s_t < 0 \\
            -\operatorname{sgn}(p_t)\, \Delta_t & s_t \ge 0 \end{cases}
        \end{aligned}

    It is a method for whole gradients: those of mini-batches flip by chance.

    Args:
        lr: :math:`\eta`, where every step starts; no schedule.
        up: :math:`\eta^{+}`, 1 or more, the factor where the sign stays.
        down: :math:`\eta^{-}`, in (0, 1), the factor where it flips.
        step_min: :math:`\Delta_{\min}`, the least step.
        step_max: :math:`\Delta_{\max}`, the largest; it wins over the least.
        backtracking: whether a flip takes back the move that led to it.

    Example:
        >>> opt = Rprop(lr=0.1)
        >>> w = opt.step([1.0], [3.0]); w = opt.step(w, [2.0]); w
        array([0.78])
        >>> opt.step(w, [-1.0]), opt.state["step"]
        (array([0.78]), array([0.06]))

    Source:
        Riedmiller and Braun (1993), equations 4 to 7, with ``backtracking=True``;
        without it iRprop- of Igel and Hüsken (2000).

    Elsewhere:
        torch ``Rprop``: the same as the default. optax ``rprop`` hands out the move of
        the call before, or none where the sign flips now: ``backtracking=True``, one
        step late.
    """

    state_names = ("p", "step")
    starts = (("step", "lr"),)
    lr: Value = start(0.01)
    up: Value = number(1.2, "a finite number, 1 or more", lambda x: 1 <= x < np.inf)
    down: Value = number(0.5, "a number in (0, 1)", lambda x: 0 < x < 1)
    step_min: Value = rate(1e-6)
    step_max: Value = rate(50.0)
    backtracking: bool = switch(False)

    @staticmethod
    def rule(w, g, p, step, t, lr, up, down, step_min, step_max, backtracking):
        agree = np.sign(g) * np.sign(p)
        if backtracking:
            w = np.where(agree < 0, w + np.sign(p) * step, w)
        step = np.where(agree > 0, up * step, np.where(agree < 0, down * step, step))
        step = np.minimum(np.maximum(step, step_min), step_max)
        p = np.where(agree < 0, 0, g)
        w = w - np.sign(p) * step
        return w, p, step
