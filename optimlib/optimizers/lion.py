"""Lion: the sign of momentum, found by a search through programs."""

import numpy as np

from optimlib.optimizer import Optimizer
from optimlib.settings import Value, decay, rate

__all__ = ["Lion"]


class Lion(Optimizer):
    r"""Lion, evolved sign momentum: every weight moves by the learning rate, against an
    average in which, at the defaults, the newest gradient counts for more than in the
    one that is kept.

    .. math::

        \begin{aligned}
        u_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        w_t &= (1 - \eta \lambda)\, w_{t-1} - \eta\, \operatorname{sgn}(u_t) \\
        m_t &= \beta_2 m_{t-1} + (1-\beta_2)\, g_t
        \end{aligned}

    A weight moves by exactly :math:`\eta` (by 0 where u is 0), and Adam's mostly by less:
    Lion wants a rate 3 to 10 times smaller than Adam's, and :math:`\lambda` larger by as
    much.

    Args:
        lr: learning rate :math:`\eta`.
        beta1: :math:`\beta_1`, in [0, 1): the share of m in the step's direction.
        beta2: decay rate :math:`\beta_2` of m, in [0, 1).
        weight_decay: :math:`\lambda`, the share of w that goes in a step at rate 1.

    Example:
        >>> Lion(lr=0.1, weight_decay=0.5).step([1.0, 1.0, 1.0], [5.0, -0.2, 0.0])
        array([0.85, 1.05, 0.95])

    Source:
        Chen et al. (2023), algorithm 2.

    Elsewhere:
        torch has none. optax ``lion``: the same up to rounding, with ``weight_decay``
        1e-3.
    """

    state_names = ("m",)
    lr: Value = rate(1e-4)
    beta1: Value = decay(0.9)
    beta2: Value = decay(0.99)
    weight_decay: Value = rate(0.0)

    @staticmethod
    def rule(w, g, m, t, lr, beta1, beta2, weight_decay):
        u = beta1 * m + (1 - beta1) * g
        w = (1 - lr * weight_decay) * w - lr * np.sign(u)
        m = beta2 * m + (1 - beta2) * g
        return w, m
