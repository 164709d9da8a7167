"""AdaBelief, Yogi, RAdam: Adam with its denominator measured, moved or trusted in
another way."""

import numpy as np

from optimlib.optimizers.adam import Averaging, Corrected
from optimlib.settings import Value, guard, rate

__all__ = ["AdaBelief", "Yogi", "RAdam"]  # noqa: RUF022 - simplest first


class AdaBelief(Corrected):
    r"""AdaBelief: Adam that divides not by the gradient's size but by how far the
    gradient is from its average.

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        s_t &= \beta_2 s_{t-1} + (1-\beta_2)\, (g_t - m_t)^2 + \epsilon_r \\
        \hat m_t &= \frac{m_t}{1-\beta_1^t} \\
        \hat s_t &= \frac{s_t}{1-\beta_2^t} \\
        w_t &= w_{t-1} - \eta\, \frac{\hat m_t}{\sqrt{\hat s_t} + \epsilon}
        \end{aligned}

    With ``bias_correction=False`` m and s are taken as they are:

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        s_t &= \beta_2 s_{t-1} + (1-\beta_2)\, (g_t - m_t)^2 + \epsilon_r \\
        w_t &= w_{t-1} - \eta\, \frac{m_t}{\sqrt{s_t} + \epsilon}
        \end{aligned}

    With bias correction the first step is :math:`\eta / \beta_1` long; at
    :math:`\beta_1 = 0` nothing but the guards is left below, and steps are enormous.
    Where the gradient hardly changes,
    steps grow, up to what :math:`\epsilon_r` allows: it adds up to
    :math:`\epsilon_r / (1-\beta_2)` in s.

    Args:
        beta2: decay rate :math:`\beta_2` of s, in [0, 1); a schedule only with
            ``bias_correction=False``.
        eps: :math:`\epsilon`, outside of the root; at 0 together with eps_root, a
            weight whose gradients were all zero becomes NaN.
        eps_root: :math:`\epsilon_r`, which is added to s at every step.

    Example:
        >>> AdaBelief(lr=0.1, beta1=0.5).step([1.0, 1.0], [5.0, -0.2])
        array([0.8, 1.2])

    Source:
        Zhuang et al. (2020), algorithm 2, where both guards are one.

    Elsewhere:
        torch has none. optax ``adabelief``: the same.
    """

    state_names = ("m", "s")
    eps: Value = guard(1e-16)
    eps_root: Value = guard(1e-16)

    @staticmethod
    def rule(w, g, m, s, t, lr, beta1, beta2, eps, eps_root, bias_correction):
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * (g - m) ** 2 + eps_root
        if bias_correction:
            m_hat = m / (1 - beta1**t)
            s_hat = s / (1 - beta2**t)
        else:
            m_hat, s_hat = m, s
        w = w - lr * m_hat / (np.sqrt(s_hat) + eps)
        return w, m, s


class Yogi(Corrected):
    r"""Yogi: Adam whose v moves towards the squared gradient by a share of that square,
    however far it is.

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= v_{t-1} - (1-\beta_2)\, \operatorname{sgn}(v_{t-1} - g_t^2)\, g_t^2 \\
        \hat m_t &= \frac{m_t}{1-\beta_1^t} \\
        \hat v_t &= \frac{v_t}{1-\beta_2^t} \\
        w_t &= w_{t-1} - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}
        \end{aligned}

    With ``bias_correction=False`` m and v are taken as they are, as in the paper:

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= v_{t-1} - (1-\beta_2)\, \operatorname{sgn}(v_{t-1} - g_t^2)\, g_t^2 \\
        w_t &= w_{t-1} - \eta\, \frac{m_t}{\sqrt{v_t} + \epsilon}
        \end{aligned}

    So v rises at least as fast as Adam's, but after large gradients it falls slowly, by
    a share of the small ones: rates do not grow again at once.

    Args:
        beta2: :math:`\beta_2`: v moves by the share :math:`1-\beta_2` of the square.

    Example:
        >>> Yogi(lr=0.01, eps=0.0).step([1.0, 1.0], [5.0, -0.2])
        array([0.99, 1.01])

    Source:
        Zaheer et al. (2018), algorithm 2, without bias correction.

    Elsewhere:
        torch has none. optax ``yogi``: the same, but m and v start at 1e-6, and are
        nevertheless divided by the same sums; ``scale_by_yogi`` can start them at 0.
    """

    state_names = ("m", "v")
    lr: Value = rate(0.01)
    eps: Value = guard(1e-3)

    @staticmethod
    def rule(w, g, m, v, t, lr, beta1, beta2, eps, bias_correction):
        m = beta1 * m + (1 - beta1) * g
        v = v - (1 - beta2) * np.sign(v - g**2) * g**2
        if bias_correction:
            m_hat = m / (1 - beta1**t)
            v_hat = v / (1 - beta2**t)
        else:
            m_hat, v_hat = m, v
        w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
        return w, m, v


class RAdam(Averaging):
    r"""RAdam, rectified Adam: it divides by the root of v only when v is an average of
    enough gradients, and then carefully at first.

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        \rho &= \frac{2}{1-\beta_2} - 1 \\
        \rho_t &= \rho - \frac{2 t\, \beta_2^t}{1-\beta_2^t} \\
        n &= \max(\rho, 5) \\
        n_t &= \max(\rho_t, 5) \\
        r_t &= \sqrt{\frac{(n_t - 4)(n_t - 2)\, n}{(n - 4)(n - 2)\, n_t}} \\
        w_t &= w_{t-1} - \eta\, \frac{m_t}{1-\beta_1^t} \begin{cases}
            r_t\, \frac{\sqrt{1-\beta_2^t}}{\sqrt{v_t} + \epsilon} & \rho_t > 5 \\
            1 & \rho_t \le 5 \end{cases}
        \end{aligned}

    where :math:`\rho_t` is the number of gradients that v stands for, about t at first
    and at most :math:`\rho`. The first steps, five at the defaults, are momentum's:
    their length has the gradient's unit. Where :math:`\beta_2 \le 2/3` all of them are.

    Example:
        >>> RAdam(lr=0.1).step([1.0, 1.0], [5.0, -0.2])
        array([0.5 , 1.02])

    Source:
        Liu et al. (2020), algorithm 2, which begins to divide at :math:`\rho_t > 4` and
        has no eps.

    Elsewhere:
        torch ``RAdam``: the same. optax ``radam``: eps beside the root of the corrected
        v, which is :math:`\epsilon \sqrt{1-\beta_2^t}` here.
    """

    state_names = ("m", "v")

    @staticmethod
    def rule(w, g, m, v, t, lr, beta1, beta2, eps):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        sum2 = 1 - beta2**t
        rho = 2 / (1 - beta2) - 1
        rho_t = rho - 2 * t * beta2**t / sum2
        n, n_t = np.maximum(rho, 5), np.maximum(rho_t, 5)
        r = np.sqrt((n_t - 4) * (n_t - 2) * n / ((n - 4) * (n - 2) * n_t))
        scale = np.where(rho_t > 5, r * np.sqrt(sum2) / (np.sqrt(v) + eps), 1)
        w = w - lr * m / (1 - beta1**t) * scale
        return w, m, v
