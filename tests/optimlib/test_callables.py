"""What a run's callables do to what they are given, or gave, does not alter the run."""

import numpy as np
import pytest

from optimlib import (
    SGD,
    VSGD,
    Adam,
    NesterovLookAhead,
    minimize,
    sweep,
    train,
    walk,
)
from optimlib.arrays.nests import flatten
from optimlib.derivatives import curvature, gradient
from optimlib.schedules import ReduceOnPlateau

STARTS = {
    "an array": lambda: np.ones(2),
    "lists": lambda: [1.0, 1.0],
    "a number": lambda: np.array(1.0),
    "a nest": lambda: {"a": np.ones(2), "b": [np.ones((2, 1)), np.array(3.0)]},
}
X = np.arange(12.0).reshape(6, 2)


def like(w, number=1.0):
    """A nest like w that holds this number."""
    if isinstance(w, dict):
        return {key: like(child, number) for key, child in w.items()}
    if isinstance(w, list):
        return [like(child, number) for child in w]
    return np.full(np.shape(w), number)


def spoilt(w):
    """Write to the first array of w."""
    next(iter(flatten(w).values()))[...] = 7.0


def by(way, spoil, w0):
    """Run in this way, one of whose callables spoils what it is given."""

    def spoiling(name, result):
        def asked(w, *batch):
            if name == spoil:
                spoilt(w)
            if f"{name}'s batch" == spoil:
                spoilt(batch[0])
            return result(w)

        return asked

    number = lambda w: 1.0
    grad, bend = spoiling("gradient", like), spoiling("curvature", like)
    if way == "minimize":
        opt = VSGD() if spoil == "curvature" else SGD()
        return opt, lambda: minimize(
            spoiling("f", number), grad, w0, opt, 3, curvature=bend
        )
    if way in ("walk", "walk ahead"):
        opt = NesterovLookAhead() if way == "walk ahead" else Adam()
        return opt, lambda: walk(opt, w0, grad, steps=3)
    if way == "minimize ahead":
        opt, calls = NesterovLookAhead(), iter([like])
        first = lambda w: next(calls, grad)(w)  # at w itself it spoils nothing
        return opt, lambda: minimize(number, first, w0, opt, 3)
    opt = VSGD() if "curvature" in spoil else Adam(lr=ReduceOnPlateau(0.1))
    cost = spoiling("cost", lambda w: (1.0, like(w)))
    return opt, lambda: train(
        cost,
        w0,
        opt,
        [X.copy()],
        epochs=2,
        batch_size=2,
        rng=np.random.default_rng(0),
        validate=spoiling("validate", number),
        curvature=bend,
    )


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize(
    ("way", "spoil"),
    [
        ("minimize", "f"),
        ("minimize", "gradient"),
        ("minimize", "curvature"),
        ("minimize ahead", "gradient"),
        ("walk", "gradient"),
        ("walk ahead", "gradient"),
        ("train", "cost"),
        ("train", "cost's batch"),
        ("train", "curvature"),
        ("train", "curvature's batch"),
        ("train", "validate"),
    ],
)
def test_what_writes_to_what_it_is_given_is_an_error_at_that_line(way, spoil, start):
    w0 = STARTS[start]()
    before = repr(w0)
    opt, go = by(way, spoil, w0)
    with pytest.raises(ValueError, match="read-only") as caught:
        go()
    assert caught.traceback[-1].name == "spoilt" and repr(w0) == before
    assert opt.t == 0


@pytest.mark.parametrize("derivative", [gradient, curvature])
@pytest.mark.parametrize("point", [[1.0, 2.0], np.ones((3, 2)), np.ones(2, int)])
def test_a_function_whose_derivatives_are_asked_for_changes_no_coordinate(
    derivative, point
):
    def f(x, y):
        y += 1
        return x * y

    before = repr(point)
    with pytest.raises(ValueError, match="read-only"):
        derivative(f, point)
    assert repr(point) == before


class Reusing:
    """A function that gives its results in the same array each time."""

    def __init__(self, result):
        self.result, self.room = result, None

    def __call__(self, *given):
        new = self.result(*given)
        self.room = np.zeros_like(new) if self.room is None else self.room
        self.room[...] = new
        return self.room


def test_results_that_are_given_in_the_same_array_each_time_are_kept_apart():
    value, slope = lambda w: w[:, 0] ** 2, lambda w: 2 * w
    opt = lambda: SGD(lr=0.1, population=3)
    w0 = np.arange(1.0, 4.0)[:, None]
    plain = minimize(value, slope, w0, opt(), 5)
    got = minimize(Reusing(value), Reusing(slope), w0, opt(), 5)
    assert np.array_equal(got.f, plain.f) and np.array_equal(got.w, plain.w)
    walked = walk(opt(), w0, Reusing(slope), 5)
    assert np.array_equal(walked, plain.w)

    def trained(value, slope):
        cost = lambda w, x: (value(w), slope(w))
        rng = np.random.default_rng(0)
        more = {"epochs": 4, "batch_size": 2, "rng": rng, "validate": value}
        return train(cost, w0, opt(), [X], **more)

    one, other = trained(value, slope), trained(Reusing(value), Reusing(slope))
    assert np.array_equal(one.loss, other.loss) and np.array_equal(one.w, other.w)
    assert np.array_equal(one.validation, other.validation)


def test_what_is_done_to_the_arguments_during_a_run_or_after_does_not_alter_it():
    w0 = np.ones(2)

    def value(w):
        w0[:] = 9.0  # the start, which is the user's own
        return w @ w

    assert minimize(value, like, w0, SGD(lr=1.0), 1).w.tolist() == [[1, 1], [0, 0]]
    assert walk(SGD(lr=1.0), w0, [[1.0, 1.0]] * 2).tolist() == [[9, 9], [8, 8], [7, 7]]


def test_what_is_done_to_a_grid_afterwards_is_not_in_the_runs(tmp_path):
    grid = [{"layers": [3, 2]}]
    file = tmp_path / "my.sqlite"
    runs = sweep(lambda layers, rng: {}, grid, file=file, n_jobs=1)
    grid[0]["layers"].append(1)
    assert runs[0].settings == {"layers": [3, 2]}
