"""train: epochs over shuffled mini-batches, the same for the same seed, resumable."""

import builtins
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interrupting import places, traced

from optimlib import (
    SGD,
    VSGD,
    Adam,
    Eve,
    Momentum,
    NesterovLookAhead,
    files,
    train,
)
from optimlib.running import steps as steps_module
from optimlib.running import train as train_module
from optimlib.schedules import ReduceOnPlateau

RNG = np.random.default_rng(3)
X = RNG.normal(size=(50, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.1 * RNG.normal(size=50)
BEST = np.linalg.lstsq(X, Y, rcond=None)[0]
START = {"w": np.zeros(3), "b": [np.zeros(1)]}


def cost(w, x, y):
    """Half the mean squared error of a linear model, and its gradient."""
    error = x @ w["w"] + w["b"][0] - y
    slope = {"w": x.T @ error / len(y), "b": [error.mean(keepdims=True)]}
    return 0.5 * np.mean(error**2), slope


def bend(w, x, y):
    """The diagonal of the Hessian."""
    return {"w": (x**2).mean(axis=0), "b": [np.ones(1)]}


def run(opt, epochs=4, **more):
    """A seeded training on the data above."""
    settings = {"batch_size": 8, "rng": np.random.default_rng(0)} | more
    return train(cost, START, opt, (X, Y), epochs=epochs, **settings)


def same(one, other):
    """Whether two trainings are the same bit for bit."""
    return (
        np.array_equal(one.w["w"], other.w["w"])
        and np.array_equal(one.w["b"][0], other.w["b"][0])
        and np.array_equal(one.loss, other.loss)
        and np.array_equal(one.validation, other.validation)
        and one.stopped == other.stopped
    )


def whole(w):
    """The cost on all the data."""
    return cost(w, X, Y)[0]


def test_every_epoch_takes_each_example_once_in_a_new_order():
    seen = []

    def spy(w, x, y):
        seen.append(y)
        return cost(w, x, y)

    train(
        spy, START, SGD(), (X, Y), epochs=3, batch_size=8, rng=np.random.default_rng(0)
    )
    assert [len(y) for y in seen] == [8, 8, 8, 8, 8, 8, 2] * 3
    orders = [np.concatenate(seen[k : k + 7]) for k in (0, 7, 14)]
    assert all(np.array_equal(np.sort(order), np.sort(Y)) for order in orders)
    assert not np.array_equal(orders[0], orders[1])


def test_inputs_and_targets_stay_together():
    def spy(w, x, y):
        assert all(
            (X[Y == target] == row).all() for row, target in zip(x, y, strict=True)
        )
        return cost(w, x, y)

    train(
        spy, START, SGD(), (X, Y), epochs=1, batch_size=8, rng=np.random.default_rng()
    )


def test_the_same_seed_gives_the_same_run_and_another_seed_another():
    assert same(run(Adam()), run(Adam()))
    assert not same(run(Adam()), run(Adam(), rng=np.random.default_rng(1)))


def test_whole_batches_are_gradient_descent():
    """One step an epoch on all the data: the closed form by powers of I - lr H."""
    lr, n = 0.1, 30
    got = train(
        lambda w, x, y: (0.0, x.T @ (x @ w - y) / len(y)),
        np.zeros(3),
        SGD(lr=lr),
        (X, Y),
        epochs=n,
        batch_size=len(Y),
        rng=np.random.default_rng(0),
    )
    shrunk = np.linalg.matrix_power(np.eye(3) - lr * X.T @ X / len(Y), n)
    np.testing.assert_allclose(got.w, BEST - shrunk @ BEST, rtol=1e-12)


@settings(max_examples=30)
@given(
    st.lists(st.floats(-9, 9), min_size=1, max_size=9),
    st.integers(1, 10),
    st.sampled_from([None, 2]),
)
def test_the_history_is_the_mean_loss_of_the_examples_whatever_the_batches(
    x, batch_size, population
):
    """Here at a rate of 0: each epoch's is that of all the data."""

    def each(w, x):
        error = w[..., None] - x
        return (error**2).mean(axis=-1) / 2, error.mean(axis=-1)

    w0 = np.array(1.0) if population is None else np.array([0.0, 3.0])
    got = train(
        each,
        w0,
        SGD(lr=0.0, population=population),
        [np.array(x)],
        epochs=2,
        batch_size=batch_size,
        rng=np.random.default_rng(0),
    )
    expected = np.stack([each(w0, np.array(x))[0]] * 2)
    np.testing.assert_allclose(got.loss, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("opt", "curvature"),
    [
        (Momentum(lr=0.02), None),
        (NesterovLookAhead(lr=0.02), None),
        (Eve(lr=0.05), None),
        (VSGD(), bend),
    ],
    ids=lambda x: getattr(type(x), "__name__", ""),
)
def test_methods_of_every_kind_learn(opt, curvature):
    got = run(opt, epochs=40, curvature=curvature)
    np.testing.assert_allclose(got.w["w"], BEST, atol=0.1)
    assert got.stopped == "epochs" and len(got.loss) == 40


def test_the_look_ahead_is_given_the_gradient_of_the_batch():
    """Momentum 0 looks at w itself: gradient descent."""
    one = run(NesterovLookAhead(lr=0.02, momentum=0.0))
    np.testing.assert_allclose(one.w["w"], run(SGD(lr=0.02)).w["w"], rtol=1e-13)


def test_the_start_and_the_data_stay_as_they_are():
    before = X.copy(), Y.copy()
    run(Adam())
    assert np.array_equal(X, before[0]) and np.array_equal(Y, before[1])
    assert not START["w"].any() and not START["b"][0].any()


# Checkpoints


class Killed(Exception):
    """What stands for the end of the process."""


STEPS_TO_LIVE: list = []


def mortal(w, x, y):
    """The cost, as long as the process lives."""
    if not STEPS_TO_LIVE:
        raise Killed
    STEPS_TO_LIVE.pop()
    return cost(w, x, y)


@pytest.mark.parametrize("killed_at", [1, 6, 7, 8, 20, 27])
def test_a_run_killed_at_any_step_and_resumed_is_the_run_that_was_not(
    tmp_path, killed_at
):
    """The schedule that listens, the optimizer and the shuffling all go on."""
    file = tmp_path / "run.npz"

    def again(**more):
        opt = Adam(lr=ReduceOnPlateau(0.1, patience=0, threshold=0.5))
        rng = np.random.default_rng(0)
        settings = {"epochs": 5, "batch_size": 8, "rng": rng, "validate": whole}
        return train(mortal, START, opt, (X, Y), **settings, **more)

    STEPS_TO_LIVE[:] = range(killed_at)
    with pytest.raises(Killed):
        again(checkpoint=file)
    STEPS_TO_LIVE[:] = range(1000)
    assert same(again(checkpoint=file, resume=True), again())


def test_more_epochs_go_on_from_a_run_that_was_done(tmp_path):
    file = tmp_path / "run.npz"
    run(Adam(), epochs=3, checkpoint=file)
    longer = run(Adam(), epochs=5, checkpoint=file, resume=True)
    assert same(longer, run(Adam(), epochs=5))
    rest = run(Adam(), epochs=5, checkpoint=file, resume=True)
    assert same(rest, longer)


def test_a_checkpoint_is_not_written_over_by_mistake(tmp_path):
    file = tmp_path / "run.npz"
    run(Adam(), checkpoint=file)
    before = file.read_bytes()
    with pytest.raises(
        FileExistsError, match=r"is there already; allowed: resume=True"
    ):
        run(Adam(), checkpoint=file)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("opt", "more", "said"),
    [
        (Adam(), {"batch_size": 9}, "the checkpoint's batch_size is 8; allowed: 9"),
        (SGD(), {}, "the saved method is 'Adam'; allowed: 'SGD'"),
        (
            Adam(),
            {"rng": np.random.Generator(np.random.MT19937(0))},
            "the checkpoint's rng is PCG64; allowed: MT19937",
        ),
    ],
)
def test_another_runs_checkpoint_is_refused(tmp_path, opt, more, said):
    file = tmp_path / "run.npz"
    run(Adam(), checkpoint=file)
    before = opt.state_dict()
    with pytest.raises(ValueError, match=said):
        run(opt, checkpoint=file, resume=True, **more)
    assert repr(opt.state_dict()) == repr(before)


def test_a_checkpoint_of_other_weights_is_refused(tmp_path):
    file = tmp_path / "run.npz"
    run(Adam(), checkpoint=file)
    settings = {"epochs": 9, "batch_size": 8, "rng": np.random.default_rng(0)}
    with pytest.raises(ValueError, match=r"checkpoint's w\['w'\] has shape \(3,\)"):
        train(
            cost,
            {"w": np.zeros(4), "b": [np.zeros(1)]},
            Adam(),
            (X, Y),
            checkpoint=file,
            resume=True,
            **settings,
        )


def test_a_generator_with_arrays_in_its_state_is_resumed_too(tmp_path):
    file = tmp_path / "run.npz"
    twister = lambda: np.random.Generator(np.random.MT19937(5))
    run(Adam(), epochs=2, checkpoint=file, rng=twister())
    got = run(Adam(), epochs=4, checkpoint=file, resume=True, rng=twister())
    assert same(got, run(Adam(), epochs=4, rng=twister()))


# Divergence, populations, progress


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("nonfinite", ["raise", "ignore"])
def test_a_run_that_diverges_ends_with_the_last_whole_epoch(nonfinite):
    got = run(SGD(lr=1e8, nonfinite=nonfinite), epochs=40)
    assert got.stopped == "diverged" and 0 < len(got.loss) < 40
    assert np.isfinite(got.loss).all() and np.isfinite(got.w["w"]).all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_population_trains_as_its_members_do_alone():
    """Also beside one that diverges."""
    rates = np.array([0.01, 0.1, 1e9])

    def costs(w, x, y):
        error = w @ x.T - y
        return 0.5 * np.mean(error**2, axis=-1), error @ x / len(y)

    def trained(w, opt):
        rng = np.random.default_rng(0)
        return train(costs, w, opt, (X, Y), epochs=20, batch_size=8, rng=rng)

    together = trained(
        np.zeros((3, 3)), SGD(lr=rates, population=3, nonfinite="ignore")
    )
    assert together.loss.shape == (20, 3) and together.stopped == "epochs"
    for k in (0, 1):
        alone = trained(np.zeros(3), SGD(lr=rates[k]))
        np.testing.assert_allclose(together.w[k], alone.w, rtol=1e-12)
    assert not np.isfinite(together.w[2]).all()


def test_a_bar_counts_the_steps_that_are_left(tmp_path, capsys):
    file = tmp_path / "run.npz"
    run(Adam(), epochs=2, checkpoint=file, progress=True)
    run(Adam(), epochs=4, checkpoint=file, resume=True, progress=True)
    shown = capsys.readouterr().err
    assert "14/14" in shown and "28/28" in shown and "loss=" in shown
    run(Adam(), progress=None)  # no terminal here
    run(Adam(), progress=False)
    assert not capsys.readouterr().err


def test_without_tqdm_a_bar_that_was_asked_for_is_an_error(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "tqdm":
            raise ModuleNotFoundError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ModuleNotFoundError, match="progress=True needs tqdm"):
        run(Adam(), progress=True)
    assert same(run(Adam(), progress=None), run(Adam()))


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        (
            {"epochs": -1},
            ValueError,
            "epochs is -1; allowed: a whole number, 0 or more",
        ),
        ({"batch_size": 0}, ValueError, "batch_size is 0; allowed: a whole number, 1"),
        ({"rng": 7}, TypeError, "rng is 7; allowed: a numpy.random.Generator"),
    ],
)
def test_settings_out_of_range_are_refused(more, error, said):
    with pytest.raises(error, match=said):
        run(Adam(), **more)


@pytest.mark.parametrize("data", [(), (X, Y[:-1]), (X[:0], Y[:0])], ids=str)
def test_data_of_different_lengths_or_none_are_refused(data):
    settings = {"epochs": 1, "batch_size": 1, "rng": np.random.default_rng()}
    with pytest.raises(ValueError, match="data has arrays of lengths .*; allowed: one"):
        train(cost, START, Adam(), data, **settings)


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.float64, np.array])
def test_every_kind_of_whole_number_counts_epochs_and_examples(kind):
    assert same(run(Adam(), epochs=kind(4), batch_size=kind(8)), run(Adam()))


def test_no_epoch_leaves_the_start():
    got = run(Adam(), epochs=0)
    assert got.loss.shape == (0,) and not got.w["w"].any() and got.stopped == "epochs"


# Members that diverge, weights that do, and what is left of the optimizer then


def costs(w, x, y):
    """The cost and gradient of each member: a linear model without a bias."""
    error = w @ x.T - y
    return 0.5 * np.mean(error**2, axis=-1), error @ x / len(y)


def many(opt, **more):
    """A seeded training of three members."""
    settings = {"epochs": 3, "batch_size": 8, "rng": np.random.default_rng(0)} | more
    return train(costs, np.zeros((3, 3)), opt, (X, Y), **settings)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_in_a_population_the_optimizers_error_reaches_the_user():
    opt = SGD(lr=np.array([0.01, 0.1, 1e100]), population=3)
    with pytest.raises(FloatingPointError, match=r'^g\[2, .*nonfinite="ignore"'):
        many(opt, epochs=40)


def leaps(w, x):
    """A finite gradient that takes w beyond the finite numbers in step 5."""
    return np.zeros(w.shape[:-1]), np.full_like(w, -0.99 * np.finfo(float).max / 4)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_no_result_or_checkpoint_holds_weights_that_are_not_finite(tmp_path):
    """Here neither a loss nor a gradient tells."""
    file, rng = tmp_path / "run.npz", np.random.default_rng(0)
    more = {"epochs": 9, "batch_size": 2, "rng": rng, "checkpoint": file}
    got = train(leaps, np.zeros(3), SGD(lr=1.0), [X[:2]], **more)
    assert got.stopped == "diverged" and len(got.loss) == 4
    assert np.isfinite(got.w).all() and (got.w > 1e308).all()
    again = train(leaps, np.zeros(3), SGD(lr=1.0), [X[:2]], resume=True, **more)
    assert np.array_equal(again.w, got.w) and again.stopped == "diverged"


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def raising(*_):
    """A user's callable whose own arithmetic raises."""
    raise FloatingPointError("my own")


@pytest.mark.parametrize("setting", ["lr", "project"])
def test_an_error_of_the_users_own_is_no_divergence(setting):
    with pytest.raises(FloatingPointError, match="my own"):
        run(SGD(**{setting: raising}))


@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_a_run_goes_back_to_a_t_that_was_set_by_hand(error):
    def fails(w, x, y):
        if error is not None:
            raise error
        return np.nan, w

    opt = Adam()
    opt.t = 5
    go = partial(train, fails, START, opt, (X, Y), epochs=1, batch_size=8, rng=RNG)
    if error is None:
        assert go().stopped == "diverged"
    else:
        with pytest.raises(error):
            go()
    assert opt.t == 5 and opt.state == {}


def test_a_population_has_diverged_where_no_member_is_finite():
    more = {"epochs": 9, "batch_size": 2}
    for rates, stopped in (([1.0, 1.0], "diverged"), ([1.0, 0.1], "epochs")):
        opt = SGD(lr=rates, population=2, nonfinite="ignore")
        rng = np.random.default_rng(0)
        got = train(leaps, np.zeros((2, 3)), opt, [X[:2]], rng=rng, **more)
        assert got.stopped == stopped and np.isfinite(got.w).all(axis=1).any()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("nonfinite", ["raise", "ignore"])
def test_where_a_run_diverged_the_optimizer_and_rng_belong_to_the_weights(nonfinite):
    make = lambda: Momentum(lr=30.0, nonfinite=nonfinite)
    opt, rng = make(), np.random.default_rng(0)
    got = run(opt, epochs=40, rng=rng)
    other, draws = make(), np.random.default_rng(0)
    shorter = run(other, epochs=len(got.loss), rng=draws)
    assert got.stopped == "diverged" and 0 < len(got.loss)
    assert np.array_equal(got.w["w"], shorter.w["w"]) and opt.t == 7 * len(got.loss)
    assert repr(opt.state_dict()) == repr(other.state_dict())
    assert rng.bit_generator.state == draws.bit_generator.state


# A schedule that listens, among members


def test_a_schedule_that_listens_is_refused_where_it_would_hear_many_numbers():
    seen = []
    schedule = ReduceOnPlateau(0.1)
    opt = SGD(lr=schedule, population=3)
    with pytest.raises(
        ValueError, match=r"^lr listens to the loss, of shape \(3,\); allowed: a valid"
    ):
        train(
            lambda *a: seen.append(a),
            np.zeros((3, 3)),
            opt,
            (X, Y),
            epochs=1,
            batch_size=8,
            rng=np.random.default_rng(0),
        )
    said = r"^lr listens to what validate returns, of shape \(3,\); allowed"
    each = lambda w: costs(w, X, Y)[0]
    with pytest.raises(ValueError, match=said):
        many(opt, validate=each)
    with pytest.raises(ValueError, match=r"of shape \(2,\)"):
        run(SGD(lr=schedule), validate=lambda w: [1.0, 2.0])
    assert not seen and opt.t == 0
    got = many(opt, validate=lambda w: each(w).min())
    assert got.stopped == "epochs" and schedule.state_dict()["best"] < np.inf
    assert many(SGD(population=3), validate=each).validation.shape == (3, 3)


# Interruptions

HERE = (train_module.__file__, steps_module.__file__, files.__file__, __file__)


def line(x):
    """A line of its own for each call of the user's, at which to be interrupted."""
    return x


def small(opt, rng, file):
    """A training of two epochs of two steps."""
    return train(
        lambda w, x: (line((w - x) ** 2).mean() / 2, line(w - x).mean(keepdims=True)),
        np.zeros(1),
        opt,
        [np.array([1.0, 2.0, 4.0])],
        epochs=2,
        batch_size=2,
        rng=rng,
        validate=lambda w: line(w[0]),
        checkpoint=file,
        resume=True,
    )


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError()], ids=repr)
def test_a_run_interrupted_at_any_line_goes_on_as_if_it_had_not_been(tmp_path, error):
    """The first and last time that it comes there; of these lines each fifth, as all
    would take a minute. At half of them it goes on in this process, at the others in
    one that begins anew."""

    def fresh():
        listening = ReduceOnPlateau(0.1, patience=0, threshold=0.5)
        return Adam(lr=listening), np.random.default_rng(0)

    whole = small(*fresh(), tmp_path / "whole")
    lines = traced(HERE, partial(small, *fresh(), tmp_path / "traced"))
    for at in places(lines)[len(repr(error)) % 2 :: 5]:
        file, (opt, rng) = tmp_path / "run.npz", fresh()
        before = repr((opt.state_dict(), rng.bit_generator.state))
        with pytest.raises(type(error)):
            traced(HERE, partial(small, opt, rng, file), error, at)
        assert repr((opt.state_dict(), rng.bit_generator.state)) == before
        names = {path.name for path in tmp_path.iterdir()}
        assert names <= {"whole", "traced", "run.npz"}
        again = small(*((opt, rng) if at % 2 else fresh()), file)
        assert repr(again) == repr(whole)
        file.unlink()


# What does not go on with a checkpoint


@pytest.mark.parametrize(
    ("w0", "error"),
    [
        ({(1, 2): np.zeros(3)}, TypeError),
        ({np.nan: np.zeros(3)}, TypeError),
        (None, OSError),
    ],
    ids=["a tuple", "NaN", "no folder"],
)
def test_what_a_checkpoint_can_not_hold_is_found_before_the_first_step(
    tmp_path, w0, error
):
    asked, rng = [], np.random.default_rng(0)
    file = tmp_path / "run.npz" if w0 else tmp_path / "none" / "run.npz"
    with pytest.raises(error):
        train(
            lambda *given: asked.append(given),
            w0 or START,
            Adam(),
            (X, Y),
            epochs=1,
            batch_size=8,
            rng=rng,
            checkpoint=file,
        )
    assert not asked and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        (
            [None],
            TypeError,
            "^what validate returns has dtype object; allowed: numbers",
        ),
        (
            [[1.0], [1.0, 2.0]],
            ValueError,
            r"^what .* has shape \(2,\); allowed: \(1,\)",
        ),
        ([[[1.0], [1.0, 2.0]]], ValueError, "^what validate returns makes no array"),
    ],
)
def test_a_validation_that_makes_no_history_is_named(said, error, words):
    said = iter(said)
    with pytest.raises(error, match=words):
        run(Adam(), validate=lambda w: next(said))


def of_other_data(kind):
    """The data, and in what they are others."""
    x, y = X.copy(), Y.copy()
    if kind == "values":
        y[7] = np.nextafter(y[7], 9)
    if kind == "order":
        x, y = x[::-1], y[::-1]
    if kind == "dtype":
        x = x.astype("f4")
    if kind == "shape":
        x = x.reshape(50, 3, 1)
    if kind == "lengths":
        x, y = x[1:], y[1:]
    return [x, y, x] if kind == "one more" else [x] if kind == "one less" else [x, y]


@pytest.mark.parametrize(
    ("kind", "which"),
    [
        ("values", 1),
        ("order", 0),
        ("dtype", 0),
        ("shape", 0),
        ("lengths", 0),
        ("one more", 2),
        ("one less", 1),
    ],
)
def test_a_checkpoint_of_other_data_is_refused_and_the_array_named(
    tmp_path, kind, which
):
    file, opt, rng = tmp_path / "run.npz", Adam(lr=0.5), np.random.default_rng(9)
    settings = {"batch_size": 8, "rng": np.random.default_rng(0), "checkpoint": file}
    run(Adam(), checkpoint=file)
    before = rng.bit_generator.state, file.read_bytes()
    with pytest.raises(ValueError, match=rf"^the checkpoint's data\[{which}\] is "):
        train(
            cost,
            START,
            opt,
            of_other_data(kind),
            epochs=5,
            resume=True,
            **settings | {"rng": rng},
        )
    assert opt.t == 0 and opt.lr == 0.5
    assert (rng.bit_generator.state, file.read_bytes()) == before
    more = settings | {"epochs": 5, "resume": True}
    got = train(cost, START, Adam(), of_other_data("same"), **more)
    assert same(got, run(Adam(), epochs=5))


def scaled(w, x, y, by=1.0):
    """The cost, times a factor."""
    loss, slope = cost(w, x, y)
    return by * loss, slope


@pytest.mark.parametrize("name", ["cost", "validate", "curvature"])
@pytest.mark.parametrize(
    "other",
    [
        scaled,
        partial(scaled, by=2.0),
        partial(scaled, by=np.array(3.0)),
        lambda w, x=X, y=Y: scaled(w, x, y),
    ],
    ids=["a name", "partial", "partial of an array", "lambda"],
)
def test_a_checkpoint_of_other_functions_is_refused(tmp_path, name, other):
    file = tmp_path / "run.npz"
    functions = {
        "cost": partial(scaled, by=1.0),
        "validate": lambda w: whole(w),
        "curvature": bend,
    }

    def go(functions):
        cost, opt, rng = functions["cost"], Adam(), np.random.default_rng(0)
        more = {"epochs": 2, "batch_size": 25, "checkpoint": file, "resume": True}
        rest = {k: v for k, v in functions.items() if k != "cost"}
        return train(cost, START, opt, (X, Y), rng=rng, **rest, **more)

    done = go(functions)
    with pytest.raises(ValueError, match=rf"^the checkpoint's {name} is '"):
        go(functions | {name: other})
    assert same(go(functions), done)


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        ({"validate": whole}, {}, "checkpoint's validate is 'whole'; allowed: None"),
        ({}, {"validate": whole}, "checkpoint's validate is None; allowed: 'whole'"),
        ({}, {"epochs": 3}, "^epochs is 3; allowed: 4 or more, since the checkpoint"),
    ],
    ids=["validated", "not validated", "fewer epochs"],
)
def test_a_history_that_could_not_go_on_is_refused(tmp_path, first, then, said):
    file, opt = tmp_path / "run.npz", Adam(lr=0.5)
    run(Adam(), checkpoint=file, **first)
    with pytest.raises(ValueError, match=said):
        run(opt, checkpoint=file, resume=True, **({"epochs": 6} | then))
    assert opt.t == 0 and opt.lr == 0.5


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path):
    Adam().save(tmp_path / "run.npz")
    with pytest.raises(
        ValueError, match="^the checkpoint is no training; allowed: a fi"
    ):
        run(Adam(), checkpoint=tmp_path / "run.npz", resume=True)


# What is no data, loss or optimizer


def test_lists_are_data_too():
    got = train(
        cost,
        START,
        Adam(),
        [X.tolist(), Y.tolist()],
        epochs=4,
        batch_size=8,
        rng=np.random.default_rng(0),
    )
    assert same(got, run(Adam()))


@pytest.mark.parametrize(
    ("data", "error", "said"),
    [
        (X, TypeError, r"^data is of type ndarray of shape \(50, 3\); allowed: a list"),
        (Y, TypeError, r"^data is of type ndarray of shape \(50,\); allowed: a list "),
        ({"x": X}, TypeError, "^data is of type dict; allowed: a list or tuple of arr"),
        ([1.0, 2.0], ValueError, r"^data\[0\] has shape \(\); allowed: a first axis"),
        ((X, [[1], [2, 3]]), ValueError, r"^data\[1\] makes no array"),
        ([X, np.ma.array(Y)], TypeError, r"^data\[1\] is a masked array; allowed: an"),
    ],
    ids=["matrix", "vector", "dict", "numbers", "ragged", "masked"],
)
def test_data_that_are_no_arrays_are_refused(data, error, said):
    settings = {"epochs": 1, "batch_size": 1, "rng": np.random.default_rng()}
    with pytest.raises(error, match=said):
        train(cost, START, Adam(), data, **settings)


def test_a_loss_for_each_example_is_refused_before_a_step():
    opt, settings = Adam(), {"epochs": 1, "batch_size": 8}
    each = lambda w, x, y: ((x @ w["w"] - y) ** 2, START)
    said = r"^the loss that cost returns has shape \(8,\); allowed: \(\), the mean over"
    with pytest.raises(ValueError, match=said):
        train(each, START, opt, (X, Y), rng=np.random.default_rng(0), **settings)
    assert opt.t == 0
    with pytest.raises(ValueError, match=r"has shape \(\); allowed: \(3,\), the mean"):
        train(
            lambda w, x, y: (1.0, w),
            np.zeros((3, 3)),
            SGD(population=3),
            (X, Y),
            rng=np.random.default_rng(0),
            **settings,
        )


def test_a_class_is_no_optimizer():
    with pytest.raises(TypeError, match=r"^opt is <class .*Adam'>; allowed: an opt"):
        run(Adam)


@pytest.mark.parametrize("answer", [1.0, (1.0, np.ones(1), 2), np.ones(2), None])
def test_a_cost_that_returns_no_pair_is_named(answer):
    opt, rng = SGD(lr=0.1), np.random.default_rng(0)
    with pytest.raises(TypeError, match="cost returns .*; allowed: a pair"):
        train(
            lambda w, x: answer,
            [0.0],
            opt,
            [np.ones(3)],
            epochs=1,
            batch_size=3,
            rng=rng,
        )
    assert opt.t == 0
