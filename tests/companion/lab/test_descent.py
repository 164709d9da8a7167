"""Runs that are counted, the largest curvature, and the hardest convex cost."""

import math
from fractions import Fraction

import numpy as np
import pytest

from companion.lab import descent
from optimlib import SGD, minimize
from optimlib.problems import Quadratic, SigmoidNeuron, films, sparse_toy


def test_steps_are_counted_from_the_start():
    halved = SGD(lr=0.5), [8.0], lambda w: w
    for goal, steps in ((8, 0), (4, 1), (1, 3), (0.9, 4)):
        assert descent.steps_until(lambda w, g=goal: abs(w[0]) <= g, *halved) == steps


def test_what_is_not_reached_is_said():
    with pytest.raises(ValueError, match="^no such point in 20 steps"):
        descent.steps_until(lambda w: w > 9, SGD(lr=0.5), [8.0], lambda w: w, most=20)


def test_the_largest_curvature_is_the_largest_eigenvalue():
    matrix = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, -1.0], [0.0, -1.0, 0.5]])
    found = descent.largest_curvature(Quadratic(matrix).gradient, np.ones(3), 200)
    assert found == pytest.approx(np.linalg.eigvalsh(matrix)[-1], rel=1e-8)
    neuron: SigmoidNeuron = sparse_toy(0, n=50)
    at = np.array([0.4, -0.3])
    curvatures = np.abs(np.linalg.eigvalsh(neuron.hessian(at)))
    found = descent.largest_curvature(neuron.gradient, at, 200)
    assert found == pytest.approx(curvatures.max(), rel=1e-5)


def test_a_straight_sided_cost_is_a_square_then_a_line():
    value, slope = descent.straight_sided(np.array([0.5, 1.0, 3.0, -3.0]), 1.0)
    assert value.tolist() == [0.125, 0.5, 2.5, 2.5]
    assert slope.tolist() == [0.5, 1, 1, -1]
    w = np.linspace(-3, 3, 61) + 0.03
    up, down = (descent.straight_sided(w + s, 1.3)[0] for s in (1e-6, -1e-6))
    _, slope = descent.straight_sided(w, 1.3)
    np.testing.assert_allclose((up - down) / 2e-6, slope, atol=1e-8)


def test_fractions_stay_fractions():
    assert descent.straight_sided(Fraction(2, 3), Fraction(1, 3)) == (
        Fraction(1, 6),
        Fraction(1, 3),
    )
    assert math.isclose(descent.straight_sided(2 / 3, 1 / 3)[0], 1 / 6)


def test_a_neuron_with_a_rare_feature_is_hard_until_it_is_scaled():
    """By differences of its gradient at the minimum, and by its own run."""
    data = films(0, n=2000, starring=60)
    goal = data.minimum()
    bends = [(data.gradient(goal + e) - data.gradient(goal - e)) / 2e-5 for e in 1e-5 * np.eye(3)]  # fmt: skip
    curvatures = np.linalg.eigvalsh(np.array(bends))
    condition, steps = descent.conditioned(data)
    assert condition == pytest.approx(curvatures[-1] / curvatures[0], rel=1e-4)
    run = minimize(data.loss, data.gradient, np.zeros(3), SGD(lr=1 / curvatures[-1]), steps)  # fmt: skip
    covered = run.w[:, 0] / goal[0]
    assert covered[-1] >= 0.9 > covered[-2]
    scaled = SigmoidNeuron(data.x / data.x.std(axis=0), data.y)
    assert descent.conditioned(scaled)[1] < steps / 5
