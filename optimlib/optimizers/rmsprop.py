"""RMSProp: AdaGrad's sum of squares becomes an exponential average, which can fall again."""

import numpy as np

from optimlib.hyper import Value, decay, guard, rate, switch
from optimlib.optimizer import Optimizer


class RMSprop(Optimizer):
    r"""RMSProp.

    $$v_t = \beta\, v_{t-1} + (1-\beta)\, g_t^2, \qquad w_t = w_{t-1} - \frac{\eta}{\sqrt{v_t + \epsilon}}\, g_t$$

    The average starts at 0 and is not corrected: the first step is eta/sqrt(1 - beta) long.

    Arguments: lr (eta), default 0.01; beta, default 0.9, in [0, 1); eps, default 1e-8; eps_in_sqrt, default True: eps
    under the root, False: sqrt(v) + eps. With eps = 0 a weight whose gradients were all zero becomes NaN.

    >>> RMSprop(lr=0.01, beta=0.75, eps=0.0).step([1.0], [5.0])
    array([0.98])

    Source: Tieleman and Hinton (2012), lecture 6e. torch: sqrt(v) + 1e-8, beta = 0.99; optax: sqrt(v + 1e-8), beta = 0.9.
    """

    state_names = ("v",)
    lr: Value = rate(0.01)
    beta: Value = decay(0.9)
    eps: Value = guard(1e-8)
    eps_in_sqrt: bool = switch(True)

    @staticmethod
    def rule(w, g, v, t, lr, beta, eps, eps_in_sqrt):
        v = beta * v + (1 - beta) * g**2
        if eps_in_sqrt:
            w = w - lr / np.sqrt(v + eps) * g
        else:
            w = w - lr / (np.sqrt(v) + eps) * g
        return w, v


class RMSpropSigma(Optimizer):
    r"""RMSProp written with sigma, the root of the average, which starts at the first gradient's size.

    $$\sigma_1 = |g_1|, \qquad \sigma_t = \sqrt{\beta\, \sigma_{t-1}^2 + (1-\beta)\, g_t^2}, \qquad
      w_t = w_{t-1} - \frac{\eta}{\sigma_t + \epsilon}\, g_t$$

    Arguments: lr (eta), default 0.01; beta (the slides' alpha), default 0.9, in [0, 1); eps, default 1e-8 (the slides
    have none).

    >>> RMSpropSigma(lr=0.01, eps=0.0).step([1.0], [-5.0])
    array([1.01])

    Source: the slides "Optimization for Deep Learning", which write sigma^0 = g^0; the absolute value is ours, since a
    negative first gradient would otherwise step uphill.
    """

    state_names = ("sigma",)
    lr: Value = rate(0.01)
    beta: Value = decay(0.9)
    eps: Value = guard(1e-8)

    @staticmethod
    def rule(w, g, sigma, t, lr, beta, eps):
        kept = beta * (1 - 0 ** (t - 1))  # nothing is kept at t = 1, where 0**0 = 1
        sigma = np.sqrt(kept * sigma**2 + (1 - kept) * g**2)
        w = w - lr / (sigma + eps) * g
        return w, sigma
