"""A small network drawn."""

import matplotlib.pyplot as plt
import numpy as np

from companion.lab import diagram
from optimlib.problems import Network, slides_network


def test_activations_are_what_each_layer_answers():
    _, w = slides_network()
    stages = diagram.activations(w, (1, -1))
    assert [len(stage) for stage in stages] == [2, 2, 2, 2]
    np.testing.assert_array_equal(stages[0], [1, -1])
    for depth in (1, 2, 3):
        part = Network([2] * (depth + 1)).output(w[:depth], [[1, -1]])[0]
        np.testing.assert_allclose(stages[depth], part, rtol=1e-14)


def test_a_drawing_has_every_number():
    fig, ax = plt.subplots()
    diagram.draw(ax, slides_network()[1], (1, -1))
    texts = [text.get_text() for text in ax.texts]
    weights = ["1", "−2", "−1", "1", "2", "−1", "−2", "−1", "3", "−1", "−1", "4"]
    biases = ["+1", "+0", "+0", "+0", "−2", "+2"]
    answers = ["1", "−1", "0.98", "0.12", "0.86", "0.11", "0.62", "0.83"]
    assert sorted(texts) == sorted(weights + biases + answers)
    plt.close(fig)


def test_a_layer_of_another_size_is_drawn_in_the_middle():
    fig, ax = plt.subplots()
    w = [{"W": np.ones((1, 3)), "b": np.zeros(1)}]
    diagram.draw(ax, w, (1, 2, 3))
    (circle,) = (p for p in ax.patches if hasattr(p, "radius"))
    assert circle.center[1] == 0
    plt.close(fig)
