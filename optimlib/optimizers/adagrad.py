"""AdaGrad: each weight's rate is divided by the root of the sum of its squared
gradients."""

import numpy as np

from optimlib.optimizer import Optimizer
from optimlib.settings import Value, guard, rate, switch

__all__ = ["Adagrad", "AdagradSigma"]


class Adagrad(Optimizer):
    r"""AdaGrad: each weight's rate is divided by the root of the sum of its squared
    gradients.

    .. math::

        \begin{aligned}
        v_t &= v_{t-1} + g_t^2 \\
        w_t &= w_{t-1} - \frac{\eta}{\sqrt{v_t + \epsilon}}\, g_t
        \end{aligned}

    With ``eps_in_sqrt=False``:

    .. math::

        \begin{aligned}
        v_t &= v_{t-1} + g_t^2 \\
        w_t &= w_{t-1} - \frac{\eta}{\sqrt{v_t} + \epsilon}\, g_t
        \end{aligned}

    With ``root=False``, an update that is there to be studied:

    .. math::

        \begin{aligned}
        v_t &= v_{t-1} + g_t^2 \\
        w_t &= w_{t-1} - \frac{\eta}{v_t + \epsilon}\, g_t
        \end{aligned}

    Args:
        lr: learning rate :math:`\eta`.
        eps: :math:`\epsilon`; at 0 a weight whose gradients were all zero becomes NaN
            (but not one of a row that sparse gradients leave out).
        eps_in_sqrt: whether it stands under the root; idle where there is none.
        root: whether the sum's root is taken.

    Example:
        >>> opt = Adagrad(lr=1.0, eps=0.0)
        >>> w = opt.step([0.0], [3.0]); opt.step(w, [4.0])
        array([-1.8])

    Source:
        Duchi, Hazan and Singer (2011), section 1.1, diagonal form.

    Elsewhere:
        torch ``Adagrad``: eps = 1e-10 outside of the root. optax ``adagrad``: inside of
        it, 1e-7, and the sum starts at 0.1.
    """

    state_names = ("v",)
    sparse = True
    lr: Value = rate(0.01)
    eps: Value = guard(1e-8)
    eps_in_sqrt: bool = switch(True)
    root: bool = switch(True)

    @staticmethod
    def rule(w, g, v, t, lr, eps, eps_in_sqrt, root):
        v = v + g**2
        if not root:
            w = w - lr * g / (v + eps)
        elif eps_in_sqrt:
            w = w - lr * g / np.sqrt(v + eps)
        else:
            w = w - lr * g / (np.sqrt(v) + eps)
        return w, v


class AdagradSigma(Optimizer):
    r"""AdaGrad written with the root mean square :math:`\sigma` of the gradients and a
    rate that falls as :math:`1/\sqrt{t}`.

    .. math::

        \begin{aligned}
        \sigma_t &= \sqrt{\frac{(t-1)\,\sigma_{t-1}^2 + g_t^2}{t}} \\
        w_t &= w_{t-1} - \frac{\eta / \sqrt{t}}{\sigma_t + \epsilon}\, g_t
        \end{aligned}

    Args:
        lr: learning rate :math:`\eta`.
        eps: :math:`\epsilon` (the slides have none); at 0 the path is `Adagrad`'s, and
            a weight whose gradients were all zero becomes NaN.

    Example:
        >>> opt = AdagradSigma(lr=1.0, eps=0.0)
        >>> w = opt.step([0.0], [3.0]); opt.step(w, [4.0])
        array([-1.8])

    Source:
        The slides "Optimization for Deep Learning", which count t from 0.

    Elsewhere:
        torch and optax have the form of `Adagrad` alone.
    """

    state_names = ("sigma",)
    lr: Value = rate(0.01)
    eps: Value = guard(1e-8)

    @staticmethod
    def rule(w, g, sigma, t, lr, eps):
        sigma = np.sqrt(((t - 1) * sigma**2 + g**2) / t)
        w = w - lr / t**0.5 * g / (sigma + eps)
        return w, sigma
