"""Changed inputs are what the words say."""

import numpy as np
import pytest

from companion.grading.variants import variants

SAMPLE = {
    "t": 5, "beta1": 0.25, "beta2": 0.75, "g": np.array([1.0, -2.0, 3.0]),
    "m": np.array([4.0, 5.0, 6.0]), "x": np.ones((2, 2)),
}  # fmt: skip
CHANGED = {
    "t were one too small": {"t": 4},
    "t were one too large": {"t": 6},
    "t were 1": {"t": 1},
    "t were 2": {"t": 2},
    "t were doubled": {"t": 10},
    "beta1 were 1 - beta1": {"beta1": 0.75},
    "beta1 were 0": {"beta1": 0.0},
    "beta1 were 1": {"beta1": 1.0},
    "beta1 were -beta1": {"beta1": -0.25},
    "beta1 were beta1**2": {"beta1": 0.0625},
    "beta1 were abs(beta1)": {"beta1": 0.25},
    "beta1 and beta2 were swapped": {"beta1": 0.75, "beta2": 0.25},
    "beta1 stood in the place of beta2": {"beta2": 0.25},
    "g and m were swapped": {"g": [4, 5, 6], "m": [1, -2, 3]},
    "m stood in the place of g": {"g": [4, 5, 6]},
    "g were in reverse order": {"g": [3, -2, 1]},
    "the first entry of g were left out": {"g": [-2, 3]},
    "the last entry of g were left out": {"g": [1, -2]},
    "g had its last entry alone": {"g": [3]},
    "g had its first entry alone": {"g": [1]},
    "a 0 stood before the entries of g": {"g": [0, 1, -2, 3]},
    "a 0 stood behind the entries of g": {"g": [1, -2, 3, 0]},
    "the last entry of g came twice": {"g": [1, -2, 3, 3]},
    "the signs of g were dropped": {"g": [1, 2, 3]},
    "g were -g": {"g": [-1, 2, -3]},
    "g were g**2": {"g": [1, 4, 9]},
    "g were all 0": {"g": [0, 0, 0]},
}


@pytest.mark.parametrize("words", CHANGED)
def test_an_input_is_changed_as_it_is_said_and_the_others_are_not(words):
    changed = dict(variants(SAMPLE))[words](SAMPLE)
    for name, value in SAMPLE.items():
        wanted = CHANGED[words].get(name, value)
        assert np.array_equal(changed[name], wanted), name


def test_every_kind_of_change_is_looked_at():
    said = {words for words, _ in variants(SAMPLE)}
    other = {"beta2", "m", "x"}
    assert {w for w in said if not other & set(w.replace("-", " ").split())} <= set(
        CHANGED
    )
