"""The noise floor in Python: what is predicted is what its runs do, and what it refuses."""

import re

import numpy as np
import pytest
from traitlets import TraitError

from companion.lab import noise
from companion.live.floor.floor import BATCHES, EXAMPLES, PLACES, STEPS, Floor


def test_the_examples_have_mean_zero_and_variance_one():
    assert len(PLACES) == EXAMPLES
    assert PLACES.mean() == pytest.approx(0, abs=1e-15)
    assert PLACES.var() == pytest.approx(1)


@pytest.mark.parametrize("way", noise.WAYS)
@pytest.mark.parametrize("schedule", ["constant", "falling"])
@pytest.mark.parametrize("batch", [1, 3, 24])
def test_the_runs_have_the_predicted_spread(way, schedule, batch):
    figure = Floor(way=way, schedule=schedule, batch=batch)
    measured, predicted = (figure.runs() ** 2).mean(axis=1), figure.predicted()
    assert len(measured) == len(predicted) == STEPS + 1
    assert measured[0] == predicted[0] == 9
    np.testing.assert_allclose(measured, predicted, rtol=0.5, atol=1e-12)


def test_the_explanations_numbers_of_the_chapter():
    assert noise.floor(0.5, 1, 1, 12) == pytest.approx(0.028, abs=5e-4)
    assert noise.floor(0.05, 1, 1, 1) == pytest.approx(0.026, abs=5e-4)
    assert (Floor(batch=12).predicted() < 0.03).argmax() == 6
    assert (Floor(lr=0.05).predicted() < 0.03).argmax() == 75
    assert Floor(schedule="falling").predicted()[-1] == pytest.approx(1 / STEPS)
    slow = Floor(schedule="falling", c=0.2).predicted()[-1]
    assert slow == pytest.approx(0.75, abs=5e-3)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"batch": 5}, "batch is 5; allowed: 1, 2, 3, 4, 6, 8, 12, 24"),
        ({"batch": 0}, "batch is 0; allowed: a whole number from 1 to 24"),
        ({"lr": 2}, "lr is 2; allowed: a number from 0.05 to 1.9"),
        ({"way": "sorted"}, "way is 'sorted'; allowed: 'draw' or 'shuffle'"),
        ({"t": 241}, "t is 241; allowed: a whole number from 0 to 240"),
    ],
)
def test_a_wrong_value_is_refused_by_name(state, message):
    with pytest.raises(TraitError, match=f"^{re.escape(message)}"):
        Floor(**state)


def test_every_batch_size_divides_the_examples():
    assert BATCHES == [1, 2, 3, 4, 6, 8, 12, 24]
    assert all(Floor(batch=size).batch == size for size in BATCHES)
