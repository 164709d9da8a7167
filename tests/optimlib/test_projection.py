"""project: a function applied to w after the step keeps the iterates in a set."""

import copy

import numpy as np
import pytest
from variants import every_method, every_variant, make, run, take

from optimlib import SGD, Adagrad, Adam, Momentum, Rows
from optimlib.arrays.nests import flatten


def into_box(w):
    """The nearest point whose entries are between -1 and 1."""
    return np.clip(w, -1, 1)


def both(w):
    """The same for a dict of arrays."""
    return {name: into_box(array) for name, array in w.items()}


@every_variant
def test_every_step_is_the_plain_one_from_the_same_point_projected(method, switches):
    """The state goes on as it would: only w is projected."""
    rng = np.random.default_rng(0)
    kept, w = make(method, lr=0.5, project=into_box, **switches), np.ones(5)
    plain = make(method, lr=0.5, **switches)
    left_the_box = False
    for _ in range(8):
        g = rng.normal(size=5)
        step = take(plain, w, g)
        w = take(kept, w, g)
        assert np.array_equal(w, np.clip(step, -1, 1))
        assert repr(kept.state) == repr(plain.state)
        left_the_box = left_the_box or (abs(step) > 1).any()
    assert left_the_box


def test_descent_in_a_box_ends_at_its_best_corner():
    opt, w = SGD(lr=0.1, project=into_box), np.zeros(3)
    for _ in range(200):
        w = opt.step(w, w - [3.0, 0.5, -2.0])
    np.testing.assert_allclose(w, [1, 0.5, -1], atol=1e-8)


@every_method
def test_nests_are_projected_whole(method):
    """project sees the structure that step was given, in arrays."""
    seen = []

    def project(w):
        seen.append(w)
        size = np.sqrt(sum(np.sum(x**2) for x in flatten(w).values()))
        return {"w": [x / size for x in w["w"]], "b": w["b"] / size}

    w = {"w": [np.ones((2, 2), np.float32), [1.0, 2.0]], "b": 3.0}
    g = {"w": [np.ones((2, 2)), [0.5, -1.0]], "b": 1.0}
    opt = make(method, project=project)
    new = take(opt, w, g)
    assert type(seen[0]["w"]) is list and type(seen[0]["w"][1]) is np.ndarray
    assert sum(np.sum(x**2) for x in flatten(new).values()) == pytest.approx(1)
    assert new["w"][0].dtype == np.float32 and new["b"].shape == ()


@every_method
def test_the_projected_weights_are_written_into_out(method):
    w, g = {"w": np.full(2, 3.0), "b": np.ones(1)}, {"w": np.ones(2), "b": -np.ones(1)}
    expected = take(make(method, project=both), w, g)
    out = {"w": np.full(2, 7.0), "b": np.full(1, 7.0)}
    assert take(make(method, project=both), w, g, out=out) is out
    assert repr(out) == repr(expected) and out["w"].tolist() == [1, 1]
    assert take(make(method, project=both), w, g, out=w) is w
    assert repr(w) == repr(expected)


@pytest.mark.parametrize("method", [SGD, Adagrad], ids=lambda m: m.__name__)
def test_after_sparse_rows_all_rows_are_projected(method):
    opt, w = method(lr=1.0, project=into_box), np.full((3, 2), 5.0)
    out = w.copy()
    new = opt.step(w, Rows([1], [[5.0, 100.0]]))
    assert (w == 5).all() and new[0].tolist() == new[2].tolist() == [1, 1]
    assert (abs(new) <= 1).all()
    method(lr=1.0, project=into_box).step(out, Rows([1], [[5.0, 100.0]]), out=out)
    assert np.array_equal(out, new)


@every_method
def test_a_population_is_projected_member_by_member_if_project_does_so(method):
    def onto_ball(w):
        return w / np.maximum(1, np.linalg.norm(w, axis=-1, keepdims=True))

    rng = np.random.default_rng(1)
    together = make(method, lr=0.5, population=3, project=onto_ball)
    alone = [make(method, lr=0.5, project=onto_ball) for _ in range(3)]
    w = rng.normal(size=(3, 2))
    apart = list(w)
    for _ in range(5):
        g = rng.normal(size=(3, 2))
        more = {"loss": np.full(3, 2.0)} if "loss" in method.inputs else {}
        w = take(together, w, g, **more)
        more = {"loss": 2.0} if more else {}
        apart = [
            take(o, x, g[i], **more)
            for i, (o, x) in enumerate(zip(alone, apart, strict=True))
        ]
        np.testing.assert_allclose(w, apart, rtol=1e-14)
    assert (np.linalg.norm(w, axis=-1) <= 1 + 1e-15).all()


def test_a_projection_that_works_in_place_changes_no_input_and_no_state():
    def project(w):
        w[...] = 0
        return w

    opt, w = Momentum(project=project), np.ones(2)
    assert opt.step(w, w).tolist() == [0, 0] and (w == 1).all()
    assert opt.state["v"].tolist() == [-0.01, -0.01]


REFUSED = {
    "another shape": (
        lambda w: {**w, "b": np.ones(3)},
        ValueError,
        r"^what project returns\['b'\] has shape \(3,\); allowed: \(1,\), the shape of w",
    ),
    "one that would broadcast": (
        lambda w: {**w, "w": np.ones(1)},
        ValueError,
        r"^what project returns\['w'\] has shape \(1,\); allowed: \(2,\)",
    ),
    "a key less": (
        lambda w: {"w": w["w"]},
        ValueError,
        r"^what project returns\['b'\] is missing",
    ),
    "a key more": (
        lambda w: {**w, "c": w["b"]},
        ValueError,
        r"^what project returns\['c'\] is not expected",
    ),
    "an array": (
        lambda w: w["w"],
        ValueError,
        r"^what project returns is an array; allowed: a dict",
    ),
    "nothing": (
        lambda w: w.update(b=np.zeros(1)),
        ValueError,
        r"^what project returns is an array; allowed: a dict",
    ),
    "text": (
        lambda w: {**w, "b": ["x"]},
        TypeError,
        r"^what project returns\['b'\] has dtype <U1; allowed: real numbers",
    ),
    "an error": (lambda w: w["c"], KeyError, "c"),
}


@every_method
@pytest.mark.parametrize("case", REFUSED)
def test_a_projection_that_fails_or_returns_something_else_changes_nothing(
    method, case
):
    project, kind, message = REFUSED[case]
    wrong_now = [False]
    opt = make(method, project=lambda w: project(w) if wrong_now[0] else w)
    twin = make(method)
    w = {"w": np.ones(2), "b": np.ones(1)}
    w, x = take(opt, w, w), take(twin, w, w)
    before, wrong_now[0] = copy.deepcopy((w, opt.state)), True
    out = {"w": np.full(2, 7.0), "b": np.full(1, 7.0)}
    with pytest.raises(kind, match=message):
        take(opt, w, w, out=out)
    assert opt.t == 1 and repr((w, opt.state)) == repr(before)
    assert (out["w"] == 7).all() and (out["b"] == 7).all()
    wrong_now[0] = False
    assert repr(take(opt, w, w)) == repr(take(twin, x, x))


@pytest.mark.parametrize(
    "project",
    [3, "clip", np.ones(2), {"w": into_box}],
    ids=["a number", "a name", "an array", "a dict"],
)
def test_what_is_no_function_is_refused(project):
    with pytest.raises(TypeError, match=r"^project is .*; allowed: a callable of w$"):
        Adam(project=project)


def test_a_projection_is_shown_where_there_is_one():
    assert "project" not in repr(Adam()) and "project=<function into_box" in repr(
        Adam(project=into_box)
    )


def test_whole_numbers_that_project_returns_take_the_weights_dtype():
    opt = SGD(lr=0.5, project=lambda w: np.round(w).astype(int))
    new = run(opt, np.array([0.4, 1.3], np.float32), np.array([[-0.4, -0.7]]))[-1]
    assert new.dtype == np.float32 and new.tolist() == [1, 2]


def test_the_weights_are_not_the_projections_own_array():
    """One that hands out an array of its own is not given it back to change."""
    corner = np.zeros(2)
    opt = SGD(project=lambda _: corner)
    w = opt.step(np.ones(2), np.ones(2))
    w += 5
    assert not corner.any()
