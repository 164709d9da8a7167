"""Gradient descent, and the two methods that give it a velocity."""

from optimlib.hyper import Value, decay, rate
from optimlib.optimizer import Optimizer


class SGD(Optimizer):
    r"""Gradient descent; with the gradient of a mini-batch, stochastic gradient descent.

    $$w_t = w_{t-1} - \eta\, g_t$$

    Arguments: lr (eta), default 0.01.

    >>> SGD(lr=0.1).step([1.0, 2.0], [1.0, -1.0])
    array([0.9, 2.1])

    Source: Robbins and Monro (1951), equation 6. torch and optax: the same.
    """

    lr: Value = rate(0.01)

    @staticmethod
    def rule(w, g, t, lr):
        w = w - lr * g
        return (w,)


class Momentum(Optimizer):
    r"""Gradient descent with a velocity v, to which every gradient adds.

    $$v_t = \mu\, v_{t-1} - \eta\, g_t, \qquad w_t = w_{t-1} + v_t$$

    Arguments: lr (eta), default 0.01; momentum (mu), default 0.9, in [0, 1).

    >>> opt = Momentum(lr=0.1, momentum=0.5)
    >>> w = opt.step([1.0], [1.0]); opt.step(w, [1.0])
    array([0.75])

    Source: Polyak (1964); in this form Sutskever et al. (2013), equations 1 and 2. Keras: the same. torch and optax keep
    the rate outside the velocity (b = mu b + g, w = w - eta b): the same path while lr is constant, another where it
    changes.
    """

    state_names = ("v",)
    lr: Value = rate(0.01)
    momentum: Value = decay(0.9)

    @staticmethod
    def rule(w, g, v, t, lr, momentum):
        v = momentum * v - lr * g
        w = w + v
        return w, v


class Nesterov(Optimizer):
    r"""Nesterov's momentum in the form whose gradient is taken where the weights stand.

    $$v_t = \mu\, v_{t-1} - \eta\, g_t, \qquad w_t = w_{t-1} - \mu\, v_{t-1} + (1 + \mu)\, v_t$$

    The weights here are the look-ahead points phi = theta + mu v of the textbook form.

    Arguments: lr (eta), default 0.01; momentum (mu), default 0.9, in [0, 1).

    >>> opt = Nesterov(lr=0.1, momentum=0.5)
    >>> w = opt.step([1.0], [1.0]); opt.step(w, [1.0])
    array([0.675])

    Source: Nesterov (1983); Sutskever et al. (2013), equations 3 and 4, after the change of variable. torch and optax:
    the same while lr is constant (they keep it outside the velocity).
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
