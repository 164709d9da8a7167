"""Experiments over many starts and sets: what is measured is what is meant."""

import math

import numpy as np
import pytest

from companion.lab import toymap as maps
from optimlib import SGD, Adagrad, Momentum, Nesterov
from optimlib.problems import sparse_toy


@pytest.fixture(scope="module")
def toy():
    """Three small sets with four starts each."""
    return maps.ToyMap(seeds=3, starts=4, n=50)


def test_the_starts_are_at_one_distance_all_around_and_level_with_no_minimum(toy):
    away = toy.start - toy.goal
    np.testing.assert_allclose(np.linalg.norm(away, axis=-1), maps.RADIUS, rtol=1e-12)
    np.testing.assert_allclose(away.mean(axis=1), 0, atol=1e-12)
    assert (np.abs(maps.ToyMap(seeds=1, starts=12, n=50).start - [2, -1]) > 0.1).all()


@pytest.mark.parametrize("starts", [0, 1, 6, 13])
def test_starts_that_would_be_level_with_the_minimum_are_refused(starts):
    with pytest.raises(
        ValueError, match=f"^starts is {starts}; allowed: a multiple of 4"
    ):
        maps.ToyMap(seeds=1, starts=starts, n=50)


def test_a_map_of_runs_is_each_run_alone(toy):
    paths = toy.paths(Adagrad(lr=0.5), 30)
    assert paths.shape == (31, 3, 4, 2)
    for s in range(3):
        neuron, opt, theta = sparse_toy(s, n=50), Adagrad(lr=0.5), toy.start[s, 2]
        for t in range(30):
            theta = opt.step(theta, neuron.gradient(theta))
            np.testing.assert_allclose(paths[t + 1, s, 2], theta, rtol=1e-9)


NEAR, FAR, STAY = 0.05, 2.0, maps.STAY


@pytest.mark.parametrize(
    ("distances", "arrival"),
    [
        ([FAR] + [NEAR] * STAY, 1),
        ([FAR, FAR, FAR] + [NEAR] * STAY, 3),
        ([FAR] * (STAY + 4), math.inf),
        (
            [FAR, NEAR, FAR] + [NEAR] * STAY,
            3,
        ),  # a run that only passes by has not arrived
        ([FAR] + [NEAR] * (STAY - 1) + [FAR] * 3, math.inf),
        ([FAR] + [NEAR] * STAY + [FAR] * 3, 1),  # to stay is to stay for so long
    ],
)
def test_an_arrival_is_the_first_step_from_which_a_run_stays_near(
    toy, monkeypatch, distances, arrival
):
    path = toy.goal + np.array(distances)[:, None, None, None] * [0.6, 0.8]
    monkeypatch.setattr(
        toy,
        "paths",
        lambda opt, steps, scale: np.broadcast_to(path, (len(distances), 3, 4, 2)),
    )
    assert (toy.arrivals(SGD(), len(distances) - 1 - STAY) == arrival).all()


def test_progress_runs_from_0_at_the_start_to_1_at_the_minimum_and_beyond_is_what_went_past(
    toy,
):
    share = np.array([0, 0.5, 1.0, 1.2, 0.9])[:, None, None, None]
    paths = toy.start + share * (toy.goal - toy.start)
    np.testing.assert_allclose(
        toy.progress(paths), np.broadcast_to(share, paths.shape), atol=1e-12
    )
    np.testing.assert_allclose(
        toy.beyond(paths), 0.2 * np.abs(toy.goal - toy.start), rtol=1e-9
    )
    assert (toy.beyond(paths[:2]) == 0).all()


def test_the_median_counts_runs_that_never_arrive(toy, monkeypatch):
    monkeypatch.setattr(toy, "arrivals", lambda *_: np.array([[1, 2, np.inf]]))
    assert toy.median_steps(SGD(), 9) == 2 and toy.share_arrived(
        SGD(), 9
    ) == pytest.approx(2 / 3)
    monkeypatch.setattr(toy, "arrivals", lambda *_: np.array([[1, np.inf, np.inf]]))
    assert toy.median_steps(SGD(), 9) == math.inf


def test_a_step_is_a_linear_map_whose_determinant_is_that_of_its_matrix():
    """On a cost of curvature c: momentum's is mu; Nesterov's, in its look-ahead weights, mu (1 - lr c)."""
    for mu, lr, c in ((0.9, 0.1, 2.0), (0.5, 0.3, 1.0)):
        assert maps.step_determinant(Momentum, mu, lr, c) == pytest.approx(mu, rel=1e-9)
        assert maps.step_determinant(Nesterov, mu, lr, c) == pytest.approx(
            mu * (1 - lr * c), rel=1e-9
        )


def test_two_paths_along_one_line_have_no_gap_whatever_their_pace():
    t = np.linspace(0, 1, 200)[:, None]
    line, other = np.array([3.0, 4.0]) * (1 - t), np.array([3.0, 4.0]) * (1 - t**3)
    goal = np.zeros(2)
    assert maps.curve_gap(line, other, goal) == pytest.approx(0, abs=1e-9)
    across = np.array([0.8, -0.6])
    assert maps.curve_gap(line + 0.3 * across, other, goal, near=0) == pytest.approx(
        0.3, rel=1e-9
    )
    strayed = line + 0.7 * np.sin(3 * np.pi * t) * across
    assert maps.curve_gap(strayed, other, goal) == pytest.approx(0.7, rel=0.01)
    assert (
        maps.curve_gap(line + 0.7 * (t > 0.97) * across, other, goal) < 0.01
    )  # near the goal it does not count


def test_an_epoch_takes_every_point_once():
    class Counting:
        seen = 0

        def step(self, theta, g):
            self.seen += 1
            return theta - 0.1 * g

    neuron, opt = sparse_toy(0, n=40), Counting()
    theta = maps.epoch(neuron, opt, np.zeros(2), seed=0)
    assert opt.seen == 40
    by_hand = np.zeros(2)
    for i in np.random.default_rng(0).permutation(40):
        by_hand = by_hand - 0.1 * neuron.of(i).gradient(by_hand)
    np.testing.assert_allclose(theta, by_hand, rtol=1e-12)


def test_a_thinned_path_keeps_its_start_and_no_two_points_close_together():
    path = np.cumsum(np.random.default_rng(0).normal(0, 0.01, (500, 2)), axis=0)
    thin = maps.thinned(path)
    assert (thin[0] == path[0]).all() and 1 < len(thin) < 500
    assert (np.linalg.norm(np.diff(thin, axis=0), axis=1) >= 0.04).all()


def test_many_rates_at_once_arrive_as_each_alone(toy):
    rates = [0.1, 3.0, 10.0]
    together = Adagrad(lr=rates, population=3)
    arrivals = toy.arrivals(together, 100)
    alone = [toy.arrivals(Adagrad(lr=rate), 100) for rate in rates]
    np.testing.assert_array_equal(arrivals, alone)
    assert toy.median_steps(together, 100).shape == (3,)
    assert toy.share_arrived(together, 100).max() == 1
