"""AdaGrad: each weight's rate is divided by the root of the sum of its squared gradients."""

import numpy as np

from optimlib.hyper import Value, guard, rate, switch
from optimlib.optimizer import Optimizer


class Adagrad(Optimizer):
    r"""AdaGrad.

    $$v_t = v_{t-1} + g_t^2, \qquad w_t = w_{t-1} - \frac{\eta}{\sqrt{v_t + \epsilon}}\, g_t$$

    Arguments: lr (eta), default 0.01; eps, default 1e-8; eps_in_sqrt, default True: eps under the root, False:
    sqrt(v) + eps; root, default True: False divides by v + eps itself, an update that is there to be studied.
    With eps = 0 a weight whose gradients were all zero becomes NaN.

    >>> opt = Adagrad(lr=1.0, eps=0.0)
    >>> w = opt.step([0.0], [3.0]); opt.step(w, [4.0])
    array([-1.8])

    Source: Duchi, Hazan and Singer (2011), section 1.1, diagonal form. torch: eps = 1e-10 outside the root; optax: the
    sum starts at 0.1 and eps = 1e-7.
    """

    state_names = ("v",)
    lr: Value = rate(0.01)
    eps: Value = guard(1e-8)
    eps_in_sqrt: bool = switch(True)
    root: bool = switch(True)

    @staticmethod
    def rule(w, g, v, t, lr, eps, eps_in_sqrt, root):
        v = v + g**2
        if not root:
            w = w - lr / (v + eps) * g
        elif eps_in_sqrt:
            w = w - lr / np.sqrt(v + eps) * g
        else:
            w = w - lr / (np.sqrt(v) + eps) * g
        return w, v


class AdagradSigma(Optimizer):
    r"""AdaGrad written with the root mean square sigma of the gradients and a rate that falls as 1/sqrt(t).

    $$\sigma_t = \sqrt{\frac{(t-1)\,\sigma_{t-1}^2 + g_t^2}{t}}, \qquad
      w_t = w_{t-1} - \frac{\eta / \sqrt{t}}{\sigma_t + \epsilon}\, g_t$$

    Arguments: lr (eta), default 0.01; eps, default 1e-8 (the slides have none; at 0 the path is `Adagrad`'s).

    >>> opt = AdagradSigma(lr=1.0, eps=0.0)
    >>> w = opt.step([0.0], [3.0]); opt.step(w, [4.0])
    array([-1.8])

    Source: the slides "Optimization for Deep Learning", which count t from 0.
    """

    state_names = ("sigma",)
    lr: Value = rate(0.01)
    eps: Value = guard(1e-8)

    @staticmethod
    def rule(w, g, sigma, t, lr, eps):
        sigma = np.sqrt(((t - 1) * sigma**2 + g**2) / t)
        w = w - lr / t**0.5 / (sigma + eps) * g
        return w, sigma
