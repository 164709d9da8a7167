"""Adam: momentum's averaged gradient over RMSProp's average of squares, both corrected for their start at zero."""

import numpy as np

from optimlib.hyper import Value, decay, guard, rate, switch
from optimlib.optimizer import Optimizer


class Adam(Optimizer):
    r"""Adam, adaptive moment estimation.

    $$m_t = \beta_1 m_{t-1} + (1-\beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2$$
    $$\hat m_t = \frac{m_t}{1-\beta_1^t}, \qquad \hat v_t = \frac{v_t}{1-\beta_2^t}, \qquad
      w_t = w_{t-1} - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}$$

    Arguments: lr (eta), default 0.001; beta1, default 0.9, and beta2, default 0.999, in [0, 1); eps, default 1e-8;
    bias_correction, default True: False takes m and v as they are, and the betas may then be schedules. With eps = 0 a
    weight whose gradients were all zero becomes NaN.

    >>> Adam(lr=0.001, eps=0.0).step([1.0, 1.0], [5.0, -0.2])
    array([0.999, 1.001])

    Source: Kingma and Ba (2015), algorithm 1. torch and optax: the same (optax adds eps_root); Keras: eps outside the
    correction of v ("epsilon hat") and 1e-7.
    """

    state_names = ("m", "v")
    lr: Value = rate(0.001)
    beta1: Value = decay(0.9, constant_for="bias_correction")
    beta2: Value = decay(0.999, constant_for="bias_correction")
    eps: Value = guard(1e-8)
    bias_correction: bool = switch(True)

    @staticmethod
    def rule(w, g, m, v, t, lr, beta1, beta2, eps, bias_correction):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        if bias_correction:
            m_hat = m / (1 - beta1**t)
            v_hat = v / (1 - beta2**t)
        else:
            m_hat, v_hat = m, v
        w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
        return w, m, v
