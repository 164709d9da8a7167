"""Descent and momentum: one rate for all weights, with and without a velocity."""

from optimlib.optimizer import Optimizer
from optimlib.settings import Value, decay, rate, switch

__all__ = ["SGD", "Momentum", "NesterovLookAhead", "Nesterov"]  # noqa: RUF022 - simplest first


class SGD(Optimizer):
    r"""Gradient descent; with the gradient of a mini-batch, stochastic descent.

    .. math::

        w_t = w_{t-1} - \eta\, g_t

    Args:
        lr: learning rate :math:`\eta`.

    Example:
        >>> SGD(lr=0.1).step([1.0, 2.0], [1.0, -1.0])
        array([0.9, 2.1])

    Source:
        Robbins and Monro (1951), equation 6.

    Elsewhere:
        torch ``SGD`` and optax ``sgd``: the same.
    """

    sparse = True
    lr: Value = rate(0.01)

    @staticmethod
    def rule(w, g, t, lr):
        w = w - lr * g
        return (w,)


class Momentum(Optimizer):
    r"""Gradient descent with a velocity v, to which every gradient adds.

    .. math::

        \begin{aligned}
        v_t &= \mu\, v_{t-1} - \eta\, g_t \\
        w_t &= w_{t-1} + v_t
        \end{aligned}

    With ``averaging=True`` v is the exponential average of the gradients instead:

    .. math::

        \begin{aligned}
        v_t &= \mu\, v_{t-1} + (1 - \mu)\, g_t \\
        w_t &= w_{t-1} - \eta\, v_t
        \end{aligned}

    Args:
        lr: learning rate :math:`\eta`.
        momentum: :math:`\mu`, in [0, 1).
        averaging: which of the two.

    Example:
        >>> opt = Momentum(lr=0.1, momentum=0.5)
        >>> w = opt.step([1.0], [1.0]); opt.step(w, [1.0])
        array([0.75])

    Source:
        Polyak (1964); in this form Sutskever et al. (2013), equations 1 and 2.

    Elsewhere:
        Keras: the same. torch ``SGD`` and optax ``sgd`` keep the rate outside of the
        velocity, :math:`b_t = \mu\, b_{t-1} + g_t` and
        :math:`w_t = w_{t-1} - \eta\, b_t`: the same path while lr is constant, another
        where it changes. The average is that path at the rate :math:`\eta (1 - \mu)`;
        torch's ``dampening=momentum`` is the same but for its first velocity, which is
        the whole of the first gradient; optax: ``ema(momentum, debias=False)``.
    """

    state_names = ("v",)
    lr: Value = rate(0.01)
    momentum: Value = decay(0.9)
    averaging: bool = switch(False)

    @staticmethod
    def rule(w, g, v, t, lr, momentum, averaging):
        if averaging:
            v = momentum * v + (1 - momentum) * g
            w = w - lr * v
        else:
            v = momentum * v - lr * g
            w = w + v
        return w, v


class NesterovLookAhead(Optimizer):
    r"""Nesterov's momentum as it is taught: the gradient is taken where the velocity
    alone would lead.

    .. math::

        \begin{aligned}
        g_t &= \nabla f(w_{t-1} + \mu\, v_{t-1}) \\
        v_t &= \mu\, v_{t-1} - \eta\, g_t \\
        w_t &= w_{t-1} + v_t
        \end{aligned}

    So the step takes the gradient as a function of the weights, instead of g:
    ``opt.step(w, gradient=grad)``.

    Args:
        lr: learning rate :math:`\eta`.
        momentum: :math:`\mu`, in [0, 1).

    Example:
        >>> opt = NesterovLookAhead(lr=0.1, momentum=0.5)
        >>> w = opt.step([1.0], gradient=lambda w: w); opt.step(w, gradient=lambda w: w)
        array([0.765])

    Source:
        Sutskever et al. (2013), equations 3 and 4.

    Elsewhere:
        torch, optax and Keras have the form of `Nesterov`, whose weights are, while
        momentum is constant, the points that this one looks at.
    """

    state_names = ("v",)
    inputs = ("gradient",)
    lr: Value = rate(0.01)
    momentum: Value = decay(0.9)

    @staticmethod
    def ahead(w, v, t, lr, momentum):
        return w + momentum * v

    @staticmethod
    def rule(w, g, v, t, lr, momentum):
        v = momentum * v - lr * g
        w = w + v
        return w, v


class Nesterov(Optimizer):
    r"""Nesterov's momentum, its gradient taken where the weights stand.

    .. math::

        \begin{aligned}
        v_t &= \mu\, v_{t-1} - \eta\, g_t \\
        w_t &= w_{t-1} - \mu\, v_{t-1} + (1 + \mu)\, v_t
        \end{aligned}

    The weights here are the points :math:`\theta + \mu v` at which
    `NesterovLookAhead`, with weights :math:`\theta`, looks. The two are one method
    while momentum is constant, whatever lr does. Each change of momentum leaves this
    form behind the points looked at, by the change times the velocity, for good.

    Args:
        lr: learning rate :math:`\eta`.
        momentum: :math:`\mu`, in [0, 1).

    Example:
        >>> opt = Nesterov(lr=0.1, momentum=0.5)
        >>> w = opt.step([1.0], [1.0]); opt.step(w, [1.0])
        array([0.675])

    Source:
        Nesterov (1983); Sutskever et al. (2013), equations 3 and 4, after the change of
        variable.

    Elsewhere:
        torch ``SGD(nesterov=True)`` and optax ``sgd(nesterov=True)``: the same while lr
        is constant (they keep it outside of the velocity).
    """

    state_names = ("v",)
    lr: Value = rate(0.01)
    momentum: Value = decay(0.9)

    @staticmethod
    def rule(w, g, v, t, lr, momentum):
        v_prev = v
        v = momentum * v - lr * g
        w = w - momentum * v_prev + (1 + momentum) * v
        return w, v
