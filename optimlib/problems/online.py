r"""Sequences of losses, a new one at each step: where remembering the past matters.

On the losses of Reddi, Kale and Kumar, On the convergence of Adam and beyond (ICLR
2018), Adam goes to the worst point of the interval and AMSGrad to the best. Hinton's
sequence shows why the signs of single gradients mislead RProp.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optimlib.settings import check_whole

BLOCK = 4096  # how many draws are made at once


@dataclass(frozen=True)
class LinearLosses(ABC):
    r"""Losses :math:`f_t(x) = c_t x` on [-1, 1], steep upwards now and then.

    Each is convex. The slope is `rare`, large and positive, at few steps and `common`,
    negative, at all others; in the mean it is positive, so that of all fixed points the
    best is -1 and the worst is 1.

    Args:
        rare: the slope at the few steps.
        common: the slope at the others.
        alpha: the scale of the learning rate :math:`\alpha / \sqrt{t}`, see `lr`.
        settings: the settings for Adam and AMSGrad that the source names, the learning
            rate aside.
    """

    rare: float
    common: float
    alpha: float = field(kw_only=True)
    settings: Mapping[str, Any] = field(kw_only=True)

    #: The fixed point of least total loss.
    best: ClassVar[float] = -1.0

    @abstractmethod
    def is_rare(self, t: int) -> bool:
        """Whether step t = 1, 2, ... has the rare slope."""

    @property
    @abstractmethod
    def mean_slope(self) -> float:
        """The slope in the mean over the steps."""

    def slope(self, t: int) -> float:
        """c_t, for t = 1, 2, ... Raises ValueError for another t."""
        step = check_whole("t", t, 1)
        return self.rare if self.is_rare(step) else self.common

    def loss(self, x: ArrayLike, t: int) -> Any:
        """f_t at x of any shape."""
        return self.slope(t) * np.asarray(x)

    def gradient(self, x: ArrayLike, t: int) -> NDArray[np.floating]:
        """The gradient of f_t at x: c_t in the shape of x, wherever x is."""
        x = np.asarray(x)
        return np.full(
            x.shape, self.slope(t), x.dtype if x.dtype.kind == "f" else float
        )

    def lr(self, t: int) -> float:
        r"""The learning rate at step t, :math:`\alpha / \sqrt{t}`."""
        return self.alpha / float(np.sqrt(t))

    @staticmethod
    def project(x: ArrayLike) -> Any:
        """The nearest points of [-1, 1], for an optimizer's `project`."""
        return np.clip(x, -1.0, 1.0)


@dataclass(frozen=True)
class PeriodicLosses(LinearLosses):
    """Linear losses with the rare slope where t mod `period` is 1; shapes as there."""

    period: int

    def is_rare(self, t: int) -> bool:
        return t % self.period == 1

    @property
    def mean_slope(self) -> float:
        return (self.rare + (self.period - 1) * self.common) / self.period


@dataclass(frozen=True)
class StochasticLosses(LinearLosses):
    """Linear losses with the rare slope at random, each step drawn independently.

    A seed gives one sequence, in whatever order its steps are asked for.
    """

    probability: float
    seed: int

    def is_rare(self, t: int) -> bool:
        block, place = divmod(t - 1, BLOCK)
        return bool(_draws(self.seed, block)[place] < self.probability)

    @property
    def mean_slope(self) -> float:
        return self.probability * self.rare + (1 - self.probability) * self.common


@lru_cache(maxsize=8)
def _draws(seed: int, block: int) -> NDArray[np.float64]:
    """The block's uniform numbers in [0, 1)."""
    return np.random.default_rng((seed, block)).random(BLOCK)


def reddi_theorem(C: float = 3.0, alpha: float = 0.5) -> PeriodicLosses:
    r"""The losses on which Adam is proved to go to the worst point.

    .. math::

        f_t(x) = \begin{cases} C x & t \bmod 3 = 1 \\ -x & \text{otherwise} \end{cases}

    The proof takes the start :math:`x_1 = 1`, :math:`\beta_1 = 0`,
    :math:`\beta_2 = 1 / (1 + C^2)`, no bias correction, no guard, and the learning rate
    :math:`\alpha / \sqrt{t}` with :math:`\alpha < \sqrt{1 - \beta_2}`: then
    :math:`x_{3k+1} = 1` for every k.

    Source: Reddi, Kale and Kumar (2018), section 3 and theorem 1.

    Args:
        C: the rare slope, more than 2, so that in the mean the losses rise.
        alpha: the scale of the learning rate; the default is ours.

    Raises:
        ValueError: for a C that is not finite and more than 2, and for an alpha that
            the proof does not cover.
    """
    if not 2 < C < np.inf:
        raise ValueError(f"C is {C!r}; allowed: a finite number, more than 2")
    beta2 = 1 / (1 + C**2)
    if not 0 < alpha < np.sqrt(1 - beta2):
        most = float(np.sqrt(1 - beta2))
        raise ValueError(f"alpha is {alpha!r}; allowed: more than 0, less than {most}")
    settings = {"beta1": 0.0, "beta2": beta2, "eps": 0.0, "bias_correction": False}
    return PeriodicLosses(float(C), -1.0, 3, alpha=alpha, settings=settings)


def reddi_figure(
    seed: int | None = None, alpha: float = 0.5
) -> PeriodicLosses | StochasticLosses:
    r"""The losses of the figure in which Adam goes to 1 and AMSGrad to -1.

    .. math::

        f_t(x) = \begin{cases} 1010 x & t \bmod 101 = 1 \\ -10 x & \text{otherwise}
        \end{cases}

    or, in its stochastic form, 1010 x with probability 0.01 and else -10 x. Both
    methods have :math:`\beta_1 = 0.9` and :math:`\beta_2 = 0.99` and, as the paper
    defines them, neither bias correction nor guard. It gives neither the start nor the
    scale :math:`\alpha` of the rate :math:`\alpha / \sqrt{t}`.

    Source: Reddi, Kale and Kumar (2018), section 5 and figure 1.

    Args:
        seed: None for the periodic form; a whole number draws the stochastic one.
        alpha: the scale of the learning rate; the default is ours. With it and a start
            at 0, 100,000 steps of the periodic form take Adam beyond 0.99 and AMSGrad
            below -0.98; the stochastic form takes AMSGrad over a million.

    Raises:
        ValueError: for a seed or an alpha that is negative.
    """
    if not 0 <= alpha < np.inf:
        raise ValueError(f"alpha is {alpha!r}; allowed: a finite number, 0 or more")
    settings = {"beta1": 0.9, "beta2": 0.99, "eps": 0.0, "bias_correction": False}
    if seed is None:
        return PeriodicLosses(1010.0, -10.0, 101, alpha=alpha, settings=settings)
    return StochasticLosses(
        1010.0, -10.0, 0.01, check_whole("seed", seed), alpha=alpha, settings=settings
    )


def sign_sequence(
    rare: float = 0.9, common: float = -0.1, times: int = 4
) -> NDArray[np.float64]:
    """The gradients of one weight on mini-batches whose signs mislead.

    One gradient is large, the others small and of the opposite sign. The mean says one
    direction, or none; a step along each sign goes the other way.

    The default is the course's: 0.9, -0.1, -0.1, -0.1, -0.1, of mean 0.1, while the
    signs add up to -3. Hinton's is `sign_sequence(-0.9, 0.1, 9)`: of mean 0, so that
    the weight should stay, while the signs add up to 8. He names the nine first; the
    order changes neither sum.

    Source: Hinton, Neural networks for machine learning (2012), lecture 6e.

    Args:
        rare: the large gradient, which comes first.
        common: the small one, of the other sign.
        times: how often the small one follows, 1 or more.

    Returns:
        Shape (1 + times,).

    Raises:
        ValueError: for gradients that are not of opposite signs, and for a number of
            times that is not whole and 1 or more.

    Example:
        >>> g = sign_sequence()
        >>> float(g.mean().round(12)), float(np.sign(g).sum())
        (0.1, -3.0)
    """
    if not rare * common < 0:
        raise ValueError(
            f"rare is {rare!r} and common {common!r}; allowed: numbers of opposite sign"
        )
    return np.array([rare, *[common] * check_whole("times", times, 1)], dtype=float)
