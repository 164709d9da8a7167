"""vSGD: the learning rate that is best for a noisy quadratic, estimated as it runs."""

import numpy as np

from optimlib.optimizer import Optimizer
from optimlib.settings import Value, guard, number

__all__ = ["VSGD"]


class VSGD(Optimizer):
    r"""vSGD-l: each weight's rate is what its gradients' mean, variance and curvature
    call for, and no learning rate is given.

    .. math::

        \begin{aligned}
        n_t &= \begin{cases} t & t \le t_0 \\ \tau_{t-1} & t > t_0 \end{cases} \\
        a_t &= \left(1 - \frac{1}{n_t}\right) a_{t-1} + \frac{1}{n_t}\, g_t \\
        \gamma_t &= \begin{cases}
            \gamma & t = t_0 \\ 1 & \text{otherwise} \end{cases} \\
        v_t &= \gamma_t \left(\left(1 - \frac{1}{n_t}\right) v_{t-1}
            + \frac{1}{n_t}\, g_t^2\right) \\
        h_t &= \left(1 - \frac{1}{n_t}\right) h_{t-1} + \frac{1}{n_t}\, |\kappa_t| \\
        r_t &= \frac{a_t^2}{v_t + \epsilon} \\
        w_t &= w_{t-1} - \begin{cases}
            0 & t \le t_0 \\ \frac{r_t}{h_t + \epsilon}\, g_t & t > t_0 \end{cases} \\
        \tau_t &= \begin{cases}
            t & t \le t_0 \\ (1 - r_t)\, \tau_{t-1} + 1 & t > t_0 \end{cases}
        \end{aligned}

    where :math:`\kappa_t` is the diagonal of the Hessian at :math:`w_{t-1}`. The first
    :math:`t_0` steps do not move: they start the averages a, v and h as plain means, of
    which v is then taken :math:`\gamma` times too large.

    It needs the curvature: ``opt.step(w, g, curvature=h)``.

    Args:
        warmup: :math:`t_0`, how many steps start the averages, 1 or more; no schedule.
        slow_start: :math:`\gamma` (the paper's C), by which v starts too large, 1 or
            more; no schedule.
        eps: :math:`\epsilon` (the paper has none). Where the curvature stays 0 a step
            is up to g/eps long; at eps = 0 it is infinite, and a weight whose gradients
            were all zero becomes NaN.

    Example:
        >>> opt = VSGD(warmup=1, slow_start=1.0)
        >>> w = opt.step([1.0], [4.0], curvature=[4.0])
        >>> opt.step(w, [4.0], curvature=[4.0]).round(6)
        array([0.])

    Source:
        Schaul, Zhang and LeCun (2013), algorithm 1. Published programs differ in how
        the averages start; this is the first author's: 10 samples at the starting
        point, C = 2 on v alone.

    Elsewhere:
        torch and optax have none.
    """

    state_names = ("a", "v", "h", "tau")
    inputs = ("curvature",)
    warmup: Value = number(
        10,
        "a whole number, 1 or more",
        lambda x: x >= 1 and float(x).is_integer(),
        constant=True,
        why="the averages are started once",
    )
    slow_start: Value = number(
        2.0,
        "a finite number, 1 or more",
        lambda x: 1 <= x < np.inf,
        constant=True,
        why="it is used in one step alone, the last of the warm-up",
    )
    eps: Value = guard(1e-9)

    @staticmethod
    def rule(w, g, a, v, h, tau, t, curvature, warmup, slow_start, eps):
        warming = t <= warmup
        share = 1 / np.where(warming, t, tau)
        a = (1 - share) * a + share * g
        v = (1 - share) * v + share * g**2
        v = np.where(np.equal(t, warmup), slow_start * v, v)
        h = (1 - share) * h + share * np.abs(curvature)
        r = a**2 / (v + eps)
        w = w - np.where(warming, 0, r / (h + eps)) * g
        tau = np.where(warming, t, (1 - r) * tau + 1)
        return w, a, v, h, tau
