r"""Schedules: a learning rate, or any other hyper-parameter, as a callable of t.

t is the number of the step being taken, from 1, as the optimizers count. torch and
optax count from 0: what they call epoch, count or step is t - 1 here. A callable of
one's own must be a pure function of t, neither random nor counting its calls: a step may
ask it more than once, such as for arrays of different dtypes.

>>> from optimlib import SGD
>>> opt = SGD(lr=ExponentialDecay(0.5, decay=0.5))
>>> w = opt.step([1.0], [1.0])  # a step at the rate 0.5
>>> opt.step(w, [1.0])  # and one at 0.25
array([0.25])

A schedule checks its arguments when it is made (TypeError for what is no number,
ValueError for one that is not allowed) and t when it is called (ValueError). It gives
a Python float. For an array of t: `np.array([schedule(t) for t in range(1, n + 1)])`.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from optimlib.settings import (
    MOST,
    Hyper,
    check_number,
    check_schedule,
    check_whole,
    decay,
    number,
    rate,
)

RATE: Hyper = rate(0.0)
MOMENTUM: Hyper = decay(0.9)
FRACTION: Hyper = number(1.0, "a number from 0 to 1", lambda x: 0 <= x <= 1)
KEPT: Hyper = number(1.0, "a number above 0, at most 1", lambda x: 0 < x <= 1)
LOWERED: Hyper = number(0.1, "a number between 0 and 1", lambda x: 0 < x < 1)
THRESHOLD: Hyper = number(0.0, "a number in [0, 1)", lambda x: 0 <= x < 1)
BEST: Hyper = number(
    math.inf, "a number, or infinity before the first update", lambda x: x > -math.inf
)
ANY: Hyper = number(0.0, "a finite number", lambda x: True)


def _check(schedule: Any, **allowed: Hyper | int) -> None:
    """Check the named fields of a frozen dataclass, and store them as float or int.

    What is allowed is a range, or for a whole number the least one.
    """
    for name, wanted in allowed.items():
        value = getattr(schedule, name)
        if isinstance(wanted, Hyper):
            value = check_number(name, value, wanted)
        else:
            value = check_whole(name, value, wanted, MOST)
        object.__setattr__(schedule, name, value)


def _up_to(name: str, most: float) -> Hyper:
    """The range from 0 to the value of another argument."""
    allowed = f"a number from 0 to {name}, {most!r}"
    declared: Hyper = number(0.0, allowed, lambda x: 0 <= x <= most)
    return declared


def _steps_before(t: int) -> int:
    """How many steps were taken before step t. Raises ValueError for what is no t."""
    return check_whole("t", t, 1, MOST) - 1


@dataclass(frozen=True)
class InverseTimeDecay:
    r"""The rate falls as 1/t.

    .. math:: \eta_t = \frac{\eta}{1 + d\,(t - 1)}

    With a decay d of 1 it is :math:`\eta / t`, which is called 1/t decay.

    Args:
        lr: the rate :math:`\eta` of the first step.
        decay: d, a finite number, 0 or more.

    Example:
        >>> schedule = InverseTimeDecay(0.1)
        >>> [round(schedule(t), 4) for t in (1, 2, 3, 10)]
        [0.1, 0.05, 0.0333, 0.01]

    Source: Robbins and Monro (1951), whose conditions it meets: the rates add up to
    infinity, their squares do not. It is the `lr_decay` of `torch.optim.Adagrad` and
    Keras' `InverseTimeDecay(decay_steps=1)`; torch's schedulers and optax have none.
    """

    lr: float
    decay: float = 1.0

    def __post_init__(self) -> None:
        _check(self, lr=RATE, decay=RATE)

    def __call__(self, t: int) -> float:
        """The rate of step t."""
        return self.lr / (1 + self.decay * _steps_before(t))


@dataclass(frozen=True)
class InverseSqrtDecay:
    r"""The rate falls as one over the root of t.

    .. math:: \eta_t = \frac{\eta}{\sqrt{t}}

    AdaGrad has it built in: where every gradient is 1, its rate is this one.

    Args:
        lr: the rate :math:`\eta` of the first step.

    Example:
        >>> schedule = InverseSqrtDecay(0.1)
        >>> [round(schedule(t), 4) for t in (1, 2, 3, 100)]
        [0.1, 0.0707, 0.0577, 0.01]

    Source: Zinkevich (2003), theorem 1. torch and optax have none.
    """

    lr: float

    def __post_init__(self) -> None:
        _check(self, lr=RATE)

    def __call__(self, t: int) -> float:
        """The rate of step t."""
        return self.lr / math.sqrt(_steps_before(t) + 1)


@dataclass(frozen=True)
class StepDecay:
    r"""The rate is multiplied by a factor after every n steps.

    .. math:: \eta_t = \eta\, f^{\lfloor (t - 1) / n \rfloor}

    Args:
        lr: the rate :math:`\eta` of the first n steps.
        every: n, a whole number, 1 or more.
        factor: f, above 0 and at most 1.

    Example:
        >>> schedule = StepDecay(0.1, every=2, factor=0.5)
        >>> [schedule(t) for t in range(1, 6)]
        [0.1, 0.1, 0.05, 0.05, 0.025]

    Source: Goyal et al. (2017), section 5.1, lower the rate so at given epochs. It is
    torch's `StepLR(step_size=every, gamma=factor)` and optax's
    `exponential_decay(transition_steps=every, decay_rate=factor, staircase=True)`.
    """

    lr: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        _check(self, lr=RATE, every=1, factor=KEPT)

    def __call__(self, t: int) -> float:
        """The rate of step t."""
        return self.lr * self.factor ** (_steps_before(t) // self.every)


@dataclass(frozen=True)
class ExponentialDecay:
    r"""The rate is multiplied by the same number after each step.

    .. math:: \eta_t = \eta\, d^{\,t - 1}

    Args:
        lr: the rate :math:`\eta` of the first step.
        decay: d, above 0 and at most 1.

    Example:
        >>> schedule = ExponentialDecay(0.1, decay=0.9)
        >>> [round(schedule(t), 4) for t in range(1, 5)]
        [0.1, 0.09, 0.081, 0.0729]

    Source: Senior et al. (2013) compare it with others. It is torch's
    `ExponentialLR(gamma=decay)`, which multiplies step by step and so differs by
    rounding, and optax's `exponential_decay(transition_steps=1, decay_rate=decay)`. For
    optax's decay by r in n steps give `decay=r ** (1 / n)`.
    """

    lr: float
    decay: float

    def __post_init__(self) -> None:
        _check(self, lr=RATE, decay=KEPT)

    def __call__(self, t: int) -> float:
        """The rate of step t."""
        return self.lr * self.decay ** _steps_before(t)


@dataclass(frozen=True)
class CosineDecay:
    r"""The rate falls along half a cosine to its least value, and stays there.

    .. math::
        \eta_t = \eta_{\min} + \frac{\eta - \eta_{\min}}{2}
        \left(1 + \cos\frac{\pi \min(t - 1, n)}{n}\right)

    So it starts at :math:`\eta` in step 1 and is :math:`\eta_{\min}` from step n + 1
    on.

    Args:
        lr: the rate :math:`\eta` of the first step.
        steps: n, a whole number, 1 or more.
        lr_min: :math:`\eta_{\min}`, from 0 to lr.

    Example:
        >>> schedule = CosineDecay(0.1, steps=4)
        >>> [round(schedule(t), 4) for t in range(1, 8)]
        [0.1, 0.0854, 0.05, 0.0146, 0.0, 0.0, 0.0]

    Source: Loshchilov and Hutter (2017), equation 5, without restarts. torch's
    `CosineAnnealingLR(T_max=steps, eta_min=lr_min)` is the same up to step n + 1, after
    which it rises again; it computes each rate from the one before, so that the two
    differ by rounding. optax's
    `cosine_decay_schedule(decay_steps=steps, alpha=lr_min / lr)` stays, as this does.
    """

    lr: float
    steps: int
    lr_min: float = 0.0

    def __post_init__(self) -> None:
        _check(self, lr=RATE, steps=1)
        _check(self, lr_min=_up_to("lr", self.lr))

    def __call__(self, t: int) -> float:
        """The rate of step t."""
        angle = math.pi * min(_steps_before(t), self.steps) / self.steps
        return self.lr_min + (self.lr - self.lr_min) * (1 + math.cos(angle)) / 2


@dataclass(frozen=True)
class LinearWarmup:
    r"""The rate rises linearly to where another schedule starts, which then takes over.

    .. math::
        \eta_t = \begin{cases}
        \left(s + (1 - s) \frac{t - 1}{n}\right) \eta'_1 & t \le n \\
        \eta'_{t - n} & t > n
        \end{cases}

    The schedule :math:`\eta'` that follows counts from 1 after the warm-up: none of it
    is skipped. Step n + 1 is its first.

    Args:
        then: what follows: a number, or a callable of t without a state of its own.
        steps: n, the steps of warm-up, a whole number, 1 or more.
        start: s, the fraction of :math:`\eta'_1` to start from. At 0, the default, the
            first step does not move. `LinearWarmup(then, steps=n - 1, start=1 / n)`
            is the warm-up by t / n.

    Raises:
        TypeError: also for a `then` with a state, such as `ReduceOnPlateau`, since the
            optimizer would not find it when it is saved.

    Example:
        >>> schedule = LinearWarmup(StepDecay(0.1, every=2), steps=4)
        >>> [round(schedule(t), 4) for t in range(1, 9)]
        [0.0, 0.025, 0.05, 0.075, 0.1, 0.1, 0.01, 0.01]

    Source: Goyal et al. (2017), section 2.2, "gradual warmup". It is torch's
    ``SequentialLR`` of ``LinearLR(start_factor=start, total_iters=steps)``, whose start
    must be above 0, and of what follows, with the milestone `steps`. optax joins
    schedules the same way; the `decay_steps` of its `warmup_cosine_decay_schedule`
    count the warm-up in, so there the cosine has `decay_steps - warmup_steps` steps.
    """

    then: float | Callable[[int], float]
    steps: int
    start: float = 0.0

    def __post_init__(self) -> None:
        if not callable(self.then):
            _check(self, then=RATE)
        check_schedule("then", self.then, RATE)
        if hasattr(self.then, "state_dict"):
            raise TypeError(
                f"then is {self.then!r}, which has a state that nobody would save; "
                "allowed: a number, or a callable of t without a state"
            )
        _check(self, steps=1, start=FRACTION)

    def __call__(self, t: int) -> float:
        """The rate of step t."""
        before = _steps_before(t)
        if before >= self.steps:
            return self._following(before - self.steps + 1)
        risen = self.start + (1 - self.start) * before / self.steps
        return risen * self._following(1)

    def _following(self, t: int) -> float:
        """The rate that `then` has for its step t."""
        if callable(self.then):
            return check_number(f"then at step {t}", self.then(t), RATE)
        return self.then


@dataclass(frozen=True)
class SutskeverMomentum:
    r"""The momentum that grows by steps of 250: 1/2, 3/4, 5/6, 7/8, ... to a maximum.

    .. math::
        \mu_t = \min\left(1 - 2^{-1 - \log_2(\lfloor (t - 1) / 250 \rfloor + 1)},\;
        \mu_{\max}\right)

    in which :math:`2^{-1 - \log_2 k} = 1 / (2 k)`. The paper counts from 0: what it
    calls t is t - 1 here. So the first 250 steps have 1/2.

    Args:
        momentum_max: :math:`\mu_{\max}`, in [0, 1). The paper tries 0.999, 0.995,
            0.99, 0.9 and 0.

    Example:
        >>> schedule = SutskeverMomentum(0.99)
        >>> [round(schedule(t), 4) for t in (1, 250, 251, 501, 20_000)]
        [0.5, 0.5, 0.75, 0.8333, 0.99]

    Source: Sutskever, Martens, Dahl and Hinton (2013), equation 5. torch and optax have
    none.
    """

    momentum_max: float

    def __post_init__(self) -> None:
        _check(self, momentum_max=MOMENTUM)

    def __call__(self, t: int) -> float:
        """The momentum of step t."""
        return min(1 - 0.5 / (_steps_before(t) // 250 + 1), self.momentum_max)


@dataclass(frozen=True)
class _Plateau:
    """What a `ReduceOnPlateau` remembers."""

    lr: float
    best: float = math.inf
    bad_updates: int = 0
    cooldown_left: int = 0

    def __post_init__(self) -> None:
        _check(self, lr=RATE, best=BEST, bad_updates=0, cooldown_left=0)


@dataclass(frozen=True, eq=False)
class ReduceOnPlateau:
    r"""The rate is multiplied by a factor whenever the loss has stopped to improve.

    A loss is better where it is below the best one by a fraction:

    .. math:: \ell < (1 - \text{threshold})\, \ell_{\text{best}}

    With more than `patience` updates in a row that are not,

    .. math:: \eta \leftarrow \max(f\, \eta, \eta_{\min})

    after which the next `cooldown` updates are not counted. The rate does not depend on
    t. Unlike the other schedules it has a state: `update` it with each validation loss.
    An optimizer saves that state with its own.

    Args:
        lr: the rate :math:`\eta` to start with.
        factor: f, between 0 and 1.
        patience: how many updates without improvement are let pass, 0 or more.
        threshold: in [0, 1). Meant for losses above 0: below 0 it turns around and
            takes a loss that is a little worse for a better one.
        cooldown: how many updates after a reduction are not counted, 0 or more.
        lr_min: :math:`\eta_{\min}`, from 0 to lr.
        eps: a reduction by no more than this is left out.

    Example:
        >>> schedule = ReduceOnPlateau(0.1, factor=0.5, patience=1)
        >>> for loss in (3.0, 2.0, 2.0, 2.0, 1.0):
        ...     schedule.update(loss)
        ...     print(schedule(1))
        0.1
        0.1
        0.1
        0.05
        0.05

    Source: He et al. (2016), section 3.4, divide the rate by 10 "when the error
    plateaus". Semantics and defaults are those of torch's ``ReduceLROnPlateau`` (mode
    "min", threshold_mode "rel"), which takes NaN for no improvement where this one
    refuses it. `optax.contrib.reduce_on_plateau` lowers a scale instead of the rate,
    and counts to `patience`, not beyond it: its patience is one more than ours.
    """

    lr: float
    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    cooldown: int = 0
    lr_min: float = 0.0
    eps: float = 1e-8
    _state: _Plateau = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _check(self, lr=RATE, factor=LOWERED, patience=0, threshold=THRESHOLD)
        _check(self, cooldown=0, lr_min=_up_to("lr", self.lr), eps=RATE)
        self._remember(_Plateau(self.lr))

    def _remember(self, state: _Plateau) -> None:
        object.__setattr__(self, "_state", state)

    def __call__(self, t: int) -> float:
        """The rate, which is the same for every t until the next update."""
        _steps_before(t)
        return self._state.lr

    def update(self, loss: float) -> None:
        """Take in the next validation loss.

        Raises:
            TypeError: where it is no number.
            FloatingPointError: for NaN and infinity; nothing has changed then.
        """
        loss = check_number("loss", loss, ANY)
        if not math.isfinite(loss):
            raise FloatingPointError(f"loss is {loss!r}; allowed: {ANY.allowed}")
        lr, left = self._state.lr, self._state.cooldown_left
        better = loss < self._state.best * (1 - self.threshold)
        bad = 0 if better or left else self._state.bad_updates + 1
        left = max(left - 1, 0)
        if bad > self.patience:
            lower = max(lr * self.factor, self.lr_min)
            lr = lower if lr - lower > self.eps else lr
            bad, left = 0, self.cooldown
        self._remember(_Plateau(lr, loss if better else self._state.best, bad, left))

    def state_dict(self) -> dict[str, Any]:
        """All that it remembers, as a plain dict of numbers.

        Keys: "lr", "best" (infinity before the first update), "bad_updates" and
        "cooldown_left". The arguments are not part of it.
        """
        return asdict(self._state)

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Go on from `state_dict()`.

        Raises:
            TypeError: where it is no dict, or lr or best no number.
            ValueError: where its keys or numbers are not those of a state.

        After an error nothing has changed.
        """
        if not isinstance(saved, dict):
            kind = type(saved).__name__
            raise TypeError(
                f"the saved schedule is of type {kind}; allowed: a dict, as "
                "state_dict() gives it"
            )
        names = list(self.state_dict())
        if set(saved) != set(names):
            raise ValueError(f"the saved schedule has {list(saved)}; allowed: {names}")
        self._remember(_Plateau(**saved))
