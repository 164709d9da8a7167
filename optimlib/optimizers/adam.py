"""Adam and its kin: momentum's averaged gradient over RMSProp's average of squares, both
corrected for their start at zero; and the methods that change one thing in it."""

from typing import Any

import numpy as np

from optimlib.docstrings import complete_args
from optimlib.optimizer import Optimizer
from optimlib.settings import Value, decay, guard, number, rate, switch

__all__ = ["Adam", "AdamW", "AMSGrad", "Adamax", "NAdam"]  # noqa: RUF022 - simplest first


class Averaging(Optimizer):
    r"""What all of them are set by; each has a rule of its own.

    Args:
        lr: learning rate :math:`\eta`.
        beta1: decay rate :math:`\beta_1` of m, in [0, 1); no schedule.
        beta2: decay rate :math:`\beta_2` of v, in [0, 1); no schedule.
        eps: :math:`\epsilon`; at 0 a weight whose gradients were all zero becomes NaN.
    """

    lr: Value = rate(0.001)
    beta1: Value = decay(0.9, True)
    beta2: Value = decay(0.999, True)
    eps: Value = guard(1e-8)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        complete_args(cls, [*cls.hypers, *cls.switches])


class Corrected(Averaging):
    r"""Those whose averages can be left as they are.

    Args:
        beta1: decay rate :math:`\beta_1` of m, in [0, 1); a schedule only with
            ``bias_correction=False``.
        beta2: decay rate :math:`\beta_2` of v, in [0, 1); a schedule likewise.
        bias_correction: whether the averages are divided by the sums of their weights.
    """

    beta1: Value = decay(0.9, "bias_correction")
    beta2: Value = decay(0.999, "bias_correction")
    bias_correction: bool = switch(True)


class Adam(Corrected):
    r"""Adam, adaptive moment estimation: the average of the gradients over the root of
    that of their squares, both corrected for their start at 0.

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        \hat m_t &= \frac{m_t}{1-\beta_1^t} \\
        \hat v_t &= \frac{v_t}{1-\beta_2^t} \\
        w_t &= w_{t-1} - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}
        \end{aligned}

    With ``eps_form="inside"`` :math:`\epsilon` stands under the root:

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        w_t &= w_{t-1} - \eta\, \frac{m_t / (1-\beta_1^t)}
            {\sqrt{v_t / (1-\beta_2^t) + \epsilon}}
        \end{aligned}

    With ``eps_form="hat"`` it is left out of the correction: the paper's "epsilon hat",
    in an order of computation that it calls more efficient:

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        w_t &= w_{t-1} - \eta\, \frac{\sqrt{1-\beta_2^t}}{1-\beta_1^t}\,
            \frac{m_t}{\sqrt{v_t} + \epsilon}
        \end{aligned}

    With ``bias_correction=False`` m and v are taken as they are:

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        w_t &= w_{t-1} - \eta\, \frac{m_t}{\sqrt{v_t} + \epsilon}
        \end{aligned}

    With ``bias_correction=False`` and ``eps_form="inside"``:

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        w_t &= w_{t-1} - \eta\, \frac{m_t}{\sqrt{v_t + \epsilon}}
        \end{aligned}

    No step is longer than :math:`\eta \frac{1-\beta_1}{1-\beta_1^t}
    \sqrt{\frac{1-\beta_2^t}{1-\beta_2} \sum_{k=0}^{t-1} (\beta_1^2/\beta_2)^k}`, by the
    Cauchy-Schwarz inequality; gradients :math:`g_i = (\beta_1/\beta_2)^{t-i}` reach it
    (at eps = 0). At the defaults it tends to :math:`7.270\, \eta`. The paper's bound,
    :math:`\eta (1-\beta_1)/\sqrt{1-\beta_2} = 3.162\, \eta`, holds for a single gradient
    after zeros alone, and is too small.

    Args:
        eps_form: where eps stands: "outside" of the root, "inside" or "hat"; uncorrected
            "hat" is "outside".

    Example:
        >>> Adam(lr=0.001, eps=0.0).step([1.0, 1.0], [5.0, -0.2])
        array([0.999, 1.001])

    Source:
        Kingma and Ba (2015), algorithm 1.

    Elsewhere:
        torch ``Adam`` and optax ``adam``: the same (optax adds ``eps_root``, inside).
        Keras and TensorFlow: ``eps_form="hat"``, and 1e-7.
    """

    state_names = ("m", "v")
    eps_form: str = switch("outside", "outside", "inside", "hat")

    @staticmethod
    def rule(w, g, m, v, t, lr, beta1, beta2, eps, bias_correction, eps_form):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        if bias_correction:
            m_hat = m / (1 - beta1**t)
            v_hat = v / (1 - beta2**t)
        else:
            m_hat, v_hat = m, v
        if eps_form == "inside":
            w = w - lr * m_hat / np.sqrt(v_hat + eps)
        elif eps_form == "hat" and bias_correction:
            w = w - lr * (1 - beta2**t) ** 0.5 * m_hat / (np.sqrt(v) + eps)
        else:
            w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
        return w, m, v


class AdamW(Corrected):
    r"""Adam with decoupled weight decay: the weights shrink by themselves, not by way
    of the gradient and its averages.

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        \hat m_t &= \frac{m_t}{1-\beta_1^t} \\
        \hat v_t &= \frac{v_t}{1-\beta_2^t} \\
        w_t &= (1 - \eta \lambda)\, w_{t-1}
            - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}
        \end{aligned}

    With ``bias_correction=False`` m and v are taken as they are:

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        w_t &= (1 - \eta \lambda)\, w_{t-1} - \eta\, \frac{m_t}{\sqrt{v_t} + \epsilon}
        \end{aligned}

    Args:
        weight_decay: :math:`\lambda`, the share of w that goes in a step at rate 1.

    Example:
        >>> AdamW(lr=0.1, eps=0.0, weight_decay=0.5).step([1.0, 1.0], [5.0, -0.2])
        array([0.85, 1.05])

    Source:
        Loshchilov and Hutter (2019), algorithm 2; there :math:`\lambda` is not
        multiplied by the rate, only by the schedule's factor.

    Elsewhere:
        torch ``AdamW``: the same. optax ``adamw``: the same up to rounding, with
        ``weight_decay`` 1e-4; Keras: 0.004.
    """

    state_names = ("m", "v")
    weight_decay: Value = rate(0.01)

    @staticmethod
    def rule(w, g, m, v, t, lr, beta1, beta2, eps, weight_decay, bias_correction):
        w = (1 - lr * weight_decay) * w
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        if bias_correction:
            m_hat = m / (1 - beta1**t)
            v_hat = v / (1 - beta2**t)
        else:
            m_hat, v_hat = m, v
        w = w - lr * m_hat / (np.sqrt(v_hat) + eps)
        return w, m, v


class AMSGrad(Corrected):
    r"""AMSGrad: Adam with the largest v so far in the place of v.

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        z_t &= \max(z_{t-1}, v_t) \\
        w_t &= w_{t-1} - \eta\,
            \frac{m_t / (1-\beta_1^t)}{\sqrt{z_t / (1-\beta_2^t)} + \epsilon}
        \end{aligned}

    With ``max_of="v_hat"`` the maximum is that of the corrected averages:

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        z_t &= \max\left(z_{t-1}, \frac{v_t}{1-\beta_2^t}\right) \\
        w_t &= w_{t-1} - \eta\, \frac{m_t / (1-\beta_1^t)}{\sqrt{z_t} + \epsilon}
        \end{aligned}

    With ``bias_correction=False`` both are one, the paper's:

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        z_t &= \max(z_{t-1}, v_t) \\
        w_t &= w_{t-1} - \eta\, \frac{m_t}{\sqrt{z_t} + \epsilon}
        \end{aligned}

    In the last two no denominator ever falls, so that no weight's rate grows again:
    what the method is for. The default, which is torch's, does not keep that: its
    largest v is divided by :math:`1-\beta_2^t`, which grows towards 1. After a gradient
    of 5 come those of 0.1 with steps (beta1 = 0) of :math:`0.028\, \eta` at first, and
    at t = 2001 of :math:`0.588\, \eta`; with the maximum of the corrected averages they
    stay at :math:`0.02\, \eta`.

    Args:
        eps: :math:`\epsilon` (the paper has none); at 0 a weight whose gradients were
            all zero becomes NaN.
        max_of: "v" or "v_hat"; without bias correction it makes no difference.

    Example:
        >>> opt = AMSGrad(lr=0.1, beta1=0.0, beta2=0.5, eps=0.0)
        >>> w = opt.step([1.0], [4.0]); opt.step(w, [1.0])
        array([0.86938138])

    Source:
        Reddi, Kale and Kumar (2018), algorithm 2, without bias correction and eps.

    Elsewhere:
        torch ``Adam(amsgrad=True)``: the default here. optax ``amsgrad``:
        ``max_of="v_hat"``.
    """

    state_names = ("m", "v", "v_max")
    max_of: str = switch("v", "v", "v_hat")

    @staticmethod
    def rule(w, g, m, v, v_max, t, lr, beta1, beta2, eps, bias_correction, max_of):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        sum1 = 1 - beta1**t if bias_correction else 1
        sum2 = 1 - beta2**t if bias_correction else 1
        if max_of == "v":
            v_max = np.maximum(v_max, v)
            v_hat = v_max / sum2
        else:
            v_max = np.maximum(v_max, v / sum2)
            v_hat = v_max
        w = w - lr * (m / sum1) / (np.sqrt(v_hat) + eps)
        return w, m, v, v_max


class Adamax(Corrected):
    r"""AdaMax: Adam with the largest recent gradient, faded, in place of the root of v.

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        u_t &= \max(\beta_2 u_{t-1}, |g_t| + \epsilon) \\
        w_t &= w_{t-1} - \frac{\eta}{1-\beta_1^t}\, \frac{m_t}{u_t}
        \end{aligned}

    With ``bias_correction=False`` m is taken as it is:

    .. math::

        \begin{aligned}
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        u_t &= \max(\beta_2 u_{t-1}, |g_t| + \epsilon) \\
        w_t &= w_{t-1} - \eta\, \frac{m_t}{u_t}
        \end{aligned}

    No step is longer than :math:`\eta \frac{1-\beta_1}{1-\beta_1^t}
    \sum_{k=0}^{t-1} (\beta_1/\beta_2)^k`, since each
    :math:`|g_{t-k}| \le \beta_2^{-k} u_t`; gradients :math:`g_i = \beta_2^i` reach it
    (at eps = 0). The paper's bound, :math:`\eta`, is a little too small: at the
    defaults the sum comes to :math:`1.009\, \eta`.

    Args:
        beta2: decay rate :math:`\beta_2` of u, in [0, 1); u needs no correction.
        eps: :math:`\epsilon` (the paper has none); at 0 a weight whose gradients were
            all zero becomes NaN.
        bias_correction: whether m is divided by the sum of its weights.

    Example:
        >>> Adamax(lr=0.002, eps=0.0).step([1.0, 1.0], [5.0, -0.2])
        array([0.998, 1.002])

    Source:
        Kingma and Ba (2015), algorithm 2.

    Elsewhere:
        torch ``Adamax`` and optax ``adamax``: the same.
    """

    state_names = ("m", "u")
    lr: Value = rate(0.002)
    beta2: Value = decay(0.999)

    @staticmethod
    def rule(w, g, m, u, t, lr, beta1, beta2, eps, bias_correction):
        m = beta1 * m + (1 - beta1) * g
        u = np.maximum(beta2 * u, np.abs(g) + eps)
        m_hat = m / (1 - beta1**t) if bias_correction else m
        w = w - lr * m_hat / u
        return w, m, u


class NAdam(Averaging):
    r"""NAdam: Adam with Nesterov's momentum, which in time grows to :math:`\beta_1`.

    .. math::

        \begin{aligned}
        \mu_t &= \beta_1 \left(1 - \frac{1}{2} \cdot 0.96^{\psi t}\right) \\
        P_t &= \mu_t P_{t-1} \\
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        \hat v_t &= \frac{v_t}{1-\beta_2^t} \\
        w_t &= w_{t-1} - \frac{\eta}{\sqrt{\hat v_t} + \epsilon} \left(
            \frac{1-\mu_t}{1 - P_t}\, g_t
            + \frac{\mu_{t+1}}{1 - \mu_{t+1} P_t}\, m_t \right)
        \end{aligned}

    where :math:`P_0 = 1`. With ``momentum_schedule=False`` momentum is constant:

    .. math::

        \begin{aligned}
        P_t &= \beta_1 P_{t-1} \\
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        \hat v_t &= \frac{v_t}{1-\beta_2^t} \\
        w_t &= w_{t-1} - \frac{\eta}{\sqrt{\hat v_t} + \epsilon} \left(
            \frac{1-\beta_1}{1 - P_t}\, g_t
            + \frac{\beta_1}{1 - \beta_1 P_t}\, m_t \right)
        \end{aligned}

    Args:
        beta1: decay rate :math:`\beta_1` of m, in [0, 1), and the momentum's limit; no
            schedule.
        momentum_decay: :math:`\psi`, how fast momentum grows; no schedule, idle where
            it doesn't grow.
        momentum_schedule: whether it grows.

    Example:
        >>> NAdam(lr=1.0, eps=0.0).step([0.0, 0.0], [5.0, -0.2]).round(3)
        array([-1.056,  1.056])

    Source:
        Dozat (2016), algorithm 2 and section 3.2 of its report, whose
        :math:`0.96^{t/250}` is the momentum_decay of 0.004.

    Elsewhere:
        torch ``NAdam``: the default here; it keeps :math:`P_t` in torch's default
        dtype, so that with float32 there, runs in float64 part from these by up to
        :math:`2^{-21}` of the path. optax ``nadam``: ``momentum_schedule=False``.
        Keras: momentum_decay = 1.
    """

    state_names = ("m", "v", "mu_product")
    scalars = ("mu_product",)
    starts = (("mu_product", 1.0),)
    lr: Value = rate(0.002)
    momentum_decay: Value = number(
        0.004,
        "a finite number, 0 or more",
        lambda x: 0 <= x < np.inf,
        constant=True,
        why="each step takes the momentum of the next one for known",
    )
    momentum_schedule: bool = switch(True)

    @staticmethod
    def rule(
        w,
        g,
        m,
        v,
        mu_product,
        t,
        lr,
        beta1,
        beta2,
        eps,
        momentum_decay,
        momentum_schedule,
    ):
        if momentum_schedule:
            mu = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * t))
            mu_next = beta1 * (1 - 0.5 * 0.96 ** (momentum_decay * (t + 1)))
        else:
            mu = mu_next = beta1
        mu_product = mu * mu_product
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        v_hat = v / (1 - beta2**t)
        now = (1 - mu) / (1 - mu_product) * g
        ahead = mu_next / (1 - mu_next * mu_product) * m
        w = w - lr * (now + ahead) / (np.sqrt(v_hat) + eps)
        return w, m, v, mu_product
