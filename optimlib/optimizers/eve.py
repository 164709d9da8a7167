"""Eve: Adam whose rate also listens to the loss."""

import numpy as np

from optimlib.optimizer import Optimizer
from optimlib.settings import Value, decay, guard, number, rate

__all__ = ["Eve"]


class Eve(Optimizer):
    r"""Eve: Adam's rate divided by an average of how fast the loss changes, measured by
    its distance from its least value.

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        r_t &= \frac{|f_t - f_{t-1}|}{\min(f_t, f_{t-1}) - f^{*}} \\
        d_t &= \begin{cases} 1 & t = 1 \\
            \beta_3 d_{t-1}
            + (1-\beta_3) \min\left(\max\left(r_t, \frac{1}{c}\right), c\right)
            & t > 1 \end{cases} \\
        w_t &= w_{t-1} - \frac{\eta}{d_t}\,
            \frac{m_t / (1-\beta_1^t)}{\sqrt{v_t / (1-\beta_2^t)} + \epsilon}
        \end{aligned}

    where :math:`f_t` is the loss at :math:`w_{t-1}`. So the rate stays between
    :math:`\eta / c` and :math:`c\, \eta`. A loss that stays at :math:`f^{*}` counts as
    one that does not change, and one below it likewise.

    It needs the loss: ``opt.step(w, g, loss=f)``.

    Args:
        lr: learning rate :math:`\eta`.
        beta1: decay rate :math:`\beta_1` of m, in [0, 1); no schedule.
        beta2: decay rate :math:`\beta_2` of v, in [0, 1); no schedule.
        beta3: decay rate :math:`\beta_3` of d, in [0, 1).
        eps: :math:`\epsilon`; at 0 a weight whose gradients were all zero becomes NaN.
        c: :math:`c`, the bound of the change and of its inverse, 1 or more.
        f_min: :math:`f^{*}`, the least value of the loss.

    Example:
        >>> opt = Eve(lr=0.1, beta3=0.0, eps=0.0)
        >>> w = opt.step([1.0], [2.0], loss=3.0); opt.step(w, [2.0], loss=1.0)
        array([0.85])

    Source:
        Koushik and Hayashi (2016), version 3, section 3.2.

    Elsewhere:
        torch and optax have none.
    """

    state_names = ("m", "v", "f_prev", "d")
    scalars = ("f_prev", "d")
    starts = (("f_prev", "loss"), ("d", 1.0))
    inputs = ("loss",)
    lr: Value = rate(0.001)
    beta1: Value = decay(0.9, True)
    beta2: Value = decay(0.999, True)
    beta3: Value = decay(0.999)
    eps: Value = guard(1e-8)
    c: Value = number(10.0, "a finite number, 1 or more", lambda x: 1 <= x < np.inf)
    f_min: Value = number(0.0, "a finite number", np.isfinite)

    @staticmethod
    def rule(w, g, m, v, f_prev, d, t, loss, lr, beta1, beta2, beta3, eps, c, f_min):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        r = np.abs(loss - f_prev) / (np.minimum(loss, f_prev) - f_min)
        r = np.fmin(np.fmax(r, 1 / c), c)  # fmax takes 0/0 as 1/c
        d = np.where(t > 1, beta3 * d + (1 - beta3) * r, 1.0)
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        w = w - lr / d * m_hat / (np.sqrt(v_hat) + eps)
        return w, m, v, loss, d
