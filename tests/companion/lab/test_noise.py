"""Mini-batches on a parabola: the formulas are what all orders, and many runs, come to."""

import re
from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest

from companion.lab import noise

PLACES = [Fraction(n) for n in (-4, -2, -1, 1, 2, 4)]
VARIANCE = sum(place**2 for place in PLACES) / len(PLACES)


def ends(way, rates, batch, start):
    """The mean square after each step, over all orders or draws, in fractions."""
    steps = len(rates)
    if way == "shuffle":
        orders = list(permutations(PLACES))
    else:
        orders = list(product(PLACES, repeat=steps * batch))
    totals = [Fraction(0)] * (steps + 1)
    for order in orders:
        w = Fraction(start)
        totals[0] += w * w
        for t, lr in enumerate(rates):
            some = order[t * batch : (t + 1) * batch]
            w -= lr * 2 * (w - sum(some) / batch)  # curvature 2
            totals[t + 1] += w * w
    return [total / len(orders) for total in totals]


@pytest.mark.parametrize(("way", "batch", "steps"), [("shuffle", 1, 6), ("shuffle", 2, 3), ("shuffle", 3, 2), ("draw", 1, 4), ("draw", 2, 2)])  # fmt: skip
def test_the_spread_is_that_of_all_orders(way, batch, steps):
    """One epoch, at rates that change from step to step; the gradient's variance is 4 times that of the places."""
    rates = [Fraction(1, 4 + t) for t in range(steps)]
    found = noise.spreads(
        way,
        [float(lr) for lr in rates],
        start=3.0,
        curvature=2.0,
        variance=float(4 * VARIANCE),
        examples=6,
        batch=batch,
    )
    expected = [float(value) for value in ends(way, rates, batch, 3)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("batch", [1, 2, 3, 6])
@pytest.mark.parametrize("lr", [0.05, 0.4, 0.9])
def test_the_floors_are_where_the_spread_ends(lr, batch):
    given = {"curvature": 2.0, "variance": 5.0, "examples": 6, "batch": batch}
    rates = np.full(6000, lr)
    drawn = noise.spreads("draw", rates, start=1.0, **given)[-1]
    assert noise.floor(lr, 2.0, 5.0, batch) == pytest.approx(drawn, rel=1e-10)
    shuffled = noise.spreads("shuffle", rates, start=1.0, **given)[-1]
    found = noise.shuffled_floor(lr, **given)
    assert found == pytest.approx(shuffled, rel=1e-9, abs=1e-14)
    if batch == 6:
        assert found == pytest.approx(0, abs=1e-14)  # the full gradient has no noise


@pytest.mark.parametrize("way", noise.WAYS)
def test_runs_have_the_spread_that_is_predicted(way):
    places = np.array(PLACES, dtype=float)
    rows = noise.orders(way, np.random.default_rng(0), 6, 2, 20, runs=20_000)
    path = noise.descend(
        lambda w, rows: noise.gradient(w, places[rows].mean(axis=1), 2.0),
        3.0,
        rows,
        lambda t: 0.3,
    )
    predicted = noise.spreads(
        way,
        np.full(60, 0.3),
        start=3.0,
        curvature=2.0,
        variance=4 * float(VARIANCE),
        examples=6,
        batch=2,
    )
    np.testing.assert_allclose((path**2).mean(axis=1), predicted, rtol=0.05)


def test_a_shuffled_epoch_has_every_example_once_and_a_draw_has_not():
    rng = np.random.default_rng(0)
    rows = noise.orders("shuffle", rng, 12, 3, 5, runs=7)
    assert rows.shape == (7, 20, 3)
    assert (np.sort(rows.reshape(7, 5, 12)) == np.arange(12)).all()
    assert len(np.unique(rows.reshape(35, 12), axis=0)) == 35
    drawn = noise.orders("draw", rng, 12, 3, 5, runs=7)
    assert drawn.shape == (7, 20, 3) and set(drawn.ravel()) == set(range(12))
    assert (np.sort(drawn.reshape(7, 5, 12)) != np.arange(12)).any()


def test_what_does_not_fill_a_batch_is_left_out():
    rows = noise.orders("shuffle", np.random.default_rng(0), 11, 4, 3)
    assert rows.shape == (1, 6, 4)
    assert all(len(set(epoch)) == 8 for epoch in rows.reshape(3, 8).tolist())


def test_another_way_is_refused():
    message = re.escape("way is 'sorted'; allowed: 'draw' or 'shuffle'")
    with pytest.raises(ValueError, match=message):
        noise.orders("sorted", np.random.default_rng(0), 4, 2, 1)
    with pytest.raises(ValueError, match=message):
        noise.spreads("sorted", [0.1], start=1, curvature=1, variance=1, examples=4)


def test_a_batch_that_does_not_divide_the_examples_is_refused_where_it_has_to():
    with pytest.raises(ValueError, match="batch is 3; allowed: a divisor of the 8"):
        noise.spreads("shuffle", [0.1], start=1, curvature=1, variance=1, examples=8, batch=3)  # fmt: skip


def test_a_mean_square_is_never_below_zero():
    """At c = 1 it is exactly 0 at the ends of epochs, where rounding may lead below it."""
    rates = 1 / np.arange(1.0, 241)
    for batch in (1, 2, 4, 6, 8, 12):
        spread = noise.spreads("shuffle", rates, start=3, curvature=1, variance=1, examples=24, batch=batch)  # fmt: skip
        assert (spread >= 0).all()
