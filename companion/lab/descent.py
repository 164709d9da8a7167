"""What runs of gradient descent are held to: steps that are counted, the largest curvature, the hardest convex cost."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimlib import SGD
from optimlib.optimizer import Optimizer
from optimlib.problems import SigmoidNeuron

Numbers = NDArray[Any]


def steps_until(
    arrived: Callable[[Numbers], Any],
    opt: Optimizer,
    w: Any,
    gradient: Callable[[Numbers], Any],
    most: int = 100_000,
) -> int:
    """How many steps an optimizer takes until a point is reached, 0 where the start is one.

    Args:
        arrived: whether a point is one.
        opt: the optimizer.
        w: the start, a float array.
        gradient: the gradient at a point, shaped like it.
        most: after how many steps to give up.

    Raises:
        ValueError: where that many steps reach none.
        FloatingPointError: where the run diverges, by the optimizer.
    """
    w = np.asarray(w, dtype=float)
    for t in range(most + 1):
        if arrived(w):
            return t
        w = opt.step(w, gradient(w))
    raise ValueError(f"no such point in {most:,} steps; allowed: one that is reached")


def largest_curvature(
    gradient: Callable[[Numbers], Numbers],
    w: Numbers,
    rounds: int = 40,
    step: float = 1e-4,
) -> float:
    """The curvature at w that is largest in size, by the power method with central differences of the gradient."""
    v = np.random.default_rng(1).normal(size=w.shape)
    for _ in range(rounds):
        if not v.any():  # a flat cost
            return 0.0
        v = v / np.linalg.norm(v)
        v = (gradient(w + step * v) - gradient(w - step * v)) / (2 * step)
    return float(np.linalg.norm(v))


def straight_sided(w: Any, knee: Any) -> tuple[Any, Any]:
    """A cost that is half the square up to the knee and goes on straight, and its slope: of floats or fractions."""
    slope = np.clip(w, -knee, knee)
    return slope * (w - slope / 2), slope


def conditioned(neuron: SigmoidNeuron, part: float = 0.9) -> tuple[float, int]:
    """How hard a neuron is for gradient descent.

    Returns:
        The condition number at its minimum, and how many steps from zero, at 1 over the
        largest curvature there, its first weight takes to cover this part of its way.
    """
    goal = neuron.minimum()
    curvatures = np.linalg.eigvalsh(neuron.hessian(goal))
    steps = steps_until(
        lambda w: abs(1 - w[0] / goal[0]) <= 1 - part,
        SGD(lr=1 / curvatures[-1]),
        np.zeros(len(goal)),
        neuron.gradient,
    )
    return float(curvatures[-1] / curvatures[0]), steps
