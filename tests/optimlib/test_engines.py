"""The engine of NumPy alone: exactly what the rules say, in pieces, without temporaries;
and how an engine is chosen."""

import importlib.util
import inspect
import multiprocessing
import os
import re
import threading
import time
import tracemalloc
import types
import warnings
from functools import partial

import numpy as np
import pytest
from variants import curvature_of, every_variant, loss_at, make, small_up_to, take

import optimlib
from optimlib import (
    SGD,
    Adam,
    Eve,
    Momentum,
    NesterovLookAhead,
    RMSprop,
    clipping,
    engine,
)
from optimlib.arrays.blocks import SMALL
from optimlib.clipping import global_norm
from optimlib.engine import with_numpy
from optimlib.engine.kernels import kernel
from optimlib.engine.with_numpy import PIECE, THREADED, THREADS
from optimlib.optimizer import Optimizer
from optimlib.settings import rate

NUMBERS = PIECE // 8  # a piece's, in float64
LARGE = THREADED // 4  # numbers of whatever dtype that threads share


@pytest.fixture
def calls(monkeypatch):
    """The shapes and the dtype of the constants of each run of a body."""
    found = []
    ready = with_numpy.ready

    def spy(kernel, arrays, new_w, its):
        found.append((new_w.shape, its.table.dtype, len(its.segments)))
        return ready(kernel, arrays, new_w, its)

    monkeypatch.setattr(with_numpy, "ready", spy)
    return found


@pytest.fixture
def no_numba(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: None if name == "numba" else find(name, *more),
    )


@pytest.fixture(autouse=True)
def numpy_again():
    yield
    optimlib.set_engine("numpy")


class Plain:
    """NumPy, whose functions of plain numbers give plain numbers, as in a prelude."""

    def __getattr__(self, name):
        function = getattr(np, name)

        def called(*parts):
            result = function(*parts)
            arrays = any(isinstance(part, np.ndarray) for part in parts)
            return result if arrays else result.item()

        return called


def by_the_rule(opt, w, g, state):
    """The new w and state that the rule's own text gives, on whole arrays."""
    method, t = type(opt), opt.t + 1
    given = {
        "loss": lambda: float(loss_at(t)),
        "curvature": lambda: curvature_of(g),
        "norm": lambda: float(w.dtype.type(global_norm(g))),
    }
    inputs = [given[name]() for name in method.inputs if name in given]
    settings = [float(getattr(opt, name)) for name in method.hypers]
    switches = [getattr(opt, name) for name in method.switches]
    held = [
        float(state[name]) if name in method.scalars else state[name]
        for name in method.state_names
    ]
    rule = types.FunctionType(method.rule.__code__, {"np": Plain()})
    with np.errstate(all="ignore"):
        new_w, *new = rule(w, g, *held, t, *inputs, *settings, *switches)
    return new_w, dict(zip(method.state_names, new, strict=True))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_variant
def test_a_step_in_pieces_is_the_rule_on_whole_arrays_bit_for_bit(
    method, switches, dtype, monkeypatch
):
    monkeypatch.setattr(with_numpy, "PIECE", PIECE // 8)
    monkeypatch.setattr(with_numpy, "ROOM", with_numpy.ROOM // 8)
    piece = NUMBERS // 8
    with small_up_to(SMALL // 8):
        for size in (1, piece - 1, piece, piece + 1, 2 * piece + 3):
            is_the_rule(method, switches, size, dtype)


def is_the_rule(method, switches, size, dtype):
    """Hold steps on an array of this size to the rule's own, bit for bit."""
    rng = np.random.default_rng(size)
    opt = make(method, lr=0.01, **switches)
    w = rng.normal(size=size).astype(dtype)
    for _ in range(3):
        g = rng.normal(size=size).astype(dtype)
        g[::7] = 0
        state = opt.state
        before = w
        w = take(opt, before, g)
        if opt.t > 1:  # the first step makes the state that it starts from
            opt.t -= 1
            expected, new = by_the_rule(opt, before, g, state)
            opt.t += 1
            np.testing.assert_array_equal(w, expected, strict=True)
            for name, value in opt.state.items():
                np.testing.assert_array_equal(value, np.asarray(new[name], dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_variant
def test_a_step_in_place_makes_nothing_of_the_parameters_size(
    method, switches, dtype, monkeypatch
):
    if "gradient" in method.inputs:
        pytest.skip("the points ahead are for the caller")
    for module, name in ((with_numpy, "ROOM"), (clipping, "PIECE")):
        monkeypatch.setattr(module, name, getattr(module, name) // 6)
    monkeypatch.setattr(with_numpy, "THREADED", THREADED // 2)
    size = 350_000  # one byte for each is more than there is room for
    w, g = np.full(size, 0.5, dtype), np.full(size, 0.25, dtype)
    for nonfinite, count in (("raise", 2), ("ignore", 1), ("ignore", 3)):
        monkeypatch.setenv("OMP_NUM_THREADS", str(count))
        opt = make(method, nonfinite=nonfinite, **switches)
        more = {"curvature": g} if "curvature" in method.inputs else {}
        take(opt, w, g, out=w, **more)  # makes the state
        tracemalloc.start()
        try:
            take(opt, w, g, out=w, **more)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < size


@every_variant
def test_a_body_makes_no_array_so_that_it_can_not_run_out_of_memory(
    method, switches, monkeypatch
):
    found = []
    monkeypatch.setattr(with_numpy, "defined", lambda *given: found.extend(given[2]))
    for name in ("rule", "ahead") if "gradient" in method.inputs else ("rule",):
        cut = kernel(method, name, tuple(switches.items()))
        with_numpy._compiled.__wrapped__(cut)
    assert found
    for line in found:
        writes = r"np\.\w+\(.*, out=\w+\)|np\.copyto\(.*\)|\w+\[\.\.\.\] = \w+"
        assert re.fullmatch(writes, line), line


def test_a_state_that_the_switches_leave_alone_is_not_looked_at():
    plain, centered = (
        kernel(RMSprop, "rule", RMSprop(centered=centered).choices())
        for centered in (False, True)
    )
    assert (plain.arrays, plain.kept) == (("w", "g", "v"), ("v",))
    assert {*centered.arrays} == {"w", "g", "v", "m"}


def test_thirty_small_arrays_are_one_call(calls):
    w = {f"w{k}": np.ones((k + 1, 3), np.float32) for k in range(30)}
    Adam().step(w, w)
    here, ready_for_the_next = calls
    assert here == ready_for_the_next == ((1, 3 * sum(range(1, 31))), np.float32, 1)


def test_each_large_array_is_a_call_and_is_not_copied(calls):
    w = {"a": np.ones(SMALL + 1), "b": np.ones(3), "c": np.ones(SMALL + 1)}
    w |= {"d": np.ones(4)}
    Adam().step(w, w)
    assert [shape for shape, _, _ in calls] == [(1, SMALL + 1), (1, 7), (1, SMALL + 1)]


def test_arrays_of_other_dtypes_are_calls_of_their_own(calls):
    w = [np.ones(2, np.float32), np.ones(3), np.ones(4, np.float32)]
    Adam().step(w, w)
    assert calls == [((1, 6), np.float32, 1), ((1, 3), np.float64, 1)]


def test_settings_for_each_array_are_one_call_with_a_segment_for_each(calls):
    w = {"a": np.ones(2), "b": np.ones(3)}
    Adam(lr={"a": 0.1, "b": 0.2}).step(w, w)
    assert calls == [((1, 5), np.float64, 2)]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@every_variant
def test_constants_are_in_the_parameters_dtype(method, switches, dtype, calls):
    w = np.ones(3, dtype)
    moved = take(make(method, **switches), w, w)
    computed = np.result_type(dtype, np.float32)
    assert {found for _, found, _ in calls} == {computed}
    assert moved.dtype == dtype


@every_variant
def test_the_result_may_go_into_the_gradients_own_array(method, switches):
    rng = np.random.default_rng(0)
    one, other = make(method, **switches), make(method, **switches)
    w = v = rng.normal(size=5)
    for _ in range(4):
        g = rng.normal(size=5)
        into = g.copy()
        w, v = take(one, w, g), take(other, v, into, out=into).copy()
        np.testing.assert_array_equal(w, v)


@pytest.mark.parametrize("shift", [-1, 0, 1])
@pytest.mark.parametrize("other", ["w", "g"])
def test_the_result_may_go_where_w_or_g_lie_in_part(other, shift):
    room, size = np.ones(3 * NUMBERS), 2 * NUMBERS
    given = {name: np.random.default_rng(1).normal(size=size) for name in ("w", "g")}
    expected = Momentum().step(**given)
    target = room[1 + shift :][:size]
    given[other] = room[1:][:size]
    given[other][...] = np.random.default_rng(1).normal(size=size)
    np.testing.assert_array_equal(Momentum().step(**given, out=target), expected)


class TwoBefore(Optimizer):
    """A method whose state is what w, g and another state were."""

    state_names = ("w_prev", "g_prev", "g_before")
    lr = rate(0.1)

    @staticmethod
    def rule(w, g, w_prev, g_prev, g_before, t, lr):
        return w - lr * g + lr * (w - w_prev) + lr * g_before, w, g, g_prev


@pytest.mark.parametrize("within", [True, False])
def test_a_state_may_be_what_w_or_another_state_was(within):
    opt, w = TwoBefore(), np.ones(SMALL + 1)
    w[1] = 2.0
    for k in range(4):
        before, g = w[:2].copy(), np.full_like(w, 10.0)
        g[0] = k
        w = opt.step(w, g, out=w if within else None)
    assert {name: x[:2].tolist() for name, x in opt.state.items()} == {
        "w_prev": before.tolist(),
        "g_prev": [3.0, 10.0],
        "g_before": [2.0, 10.0],
    }


class Twisted(Optimizer):
    """A method that uses old values again and again, and within one another."""

    state_names = ("u", "v")
    lr = rate(0.1)

    @staticmethod
    def rule(w, g, u, v, t, lr):
        both = np.abs(v - lr) * np.sqrt(np.abs(v * lr))
        u = u * (g + u * (lr - u)) - both
        v = np.maximum(v, both + lr * v) + (v - u) ** 2
        w = (lr * w - u) / (v + np.sqrt(both + w**2)) + lr * w
        return w, u, v


class Kept(Twisted):
    """A method that comes back to what it made of an old value."""

    @staticmethod
    def rule(w, g, u, v, t, lr):
        old = lr * w
        w = g - lr * u
        u = u + old
        v = (old - v) * old
        return w, u, v


@pytest.mark.parametrize("method", [Twisted, Kept])
@pytest.mark.parametrize("within", [True, False])
def test_an_old_value_is_kept_for_as_long_as_it_is_wanted(method, within):
    rng = np.random.default_rng(0)
    opt, w = method(), rng.normal(size=SMALL + 1)  # so many are renewed in place
    u, v = np.zeros((2, SMALL + 1))
    for t in range(1, 6):
        g = rng.normal(size=SMALL + 1)
        before, given = w, w.copy()
        expected, u, v = method.rule(w, g, u, v, t, 0.1)
        w = opt.step(w, g, out=w if within else None)
        assert within or np.array_equal(before, given)
        np.testing.assert_array_equal(w, expected)
        np.testing.assert_array_equal(opt.state["u"], u)
        np.testing.assert_array_equal(opt.state["v"], v)


# Threads


@pytest.fixture
def meeting(monkeypatch):
    """Sets how many threads there are; each has a piece, and waits until all have one."""

    def meet(count):
        monkeypatch.setenv("OMP_NUM_THREADS", str(count))
        barrier, taken = threading.Barrier(count), with_numpy._taken

        def met(todo):
            first = todo.popleft()
            barrier.wait(10)
            yield first
            yield from taken(todo)

        monkeypatch.setattr(with_numpy, "_taken", met)

    return meet


def large_step(nest=False):
    """Where a large step leads: w and the state after two."""
    rng = np.random.default_rng(0)
    w, g = rng.normal(size=(2, 4, LARGE // 4))
    rates = np.array([0.1, 0.2, 0.2, 0.3])
    opt = Adam(lr=rates, population=4) if nest else Adam()
    for _ in range(2):
        w = opt.step(w, g)
    return w, *opt.state.values()


@pytest.mark.parametrize("nest", [False, True], ids=["alone", "population"])
@pytest.mark.parametrize("count", [2, 3, THREADS])
def test_all_threads_take_part_and_change_no_bit(count, nest, meeting, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    expected = large_step(nest)
    meeting(count)
    for one, other in zip(large_step(nest), expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_one_thread_and_small_arrays_need_no_other(monkeypatch):
    monkeypatch.setattr(with_numpy, "_pool", None)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    large_step()
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    Adam().step(np.ones(LARGE // 3), np.ones(LARGE // 3))


def test_where_no_thread_can_be_started_one_does_all(monkeypatch):
    expected = large_step()

    def full(process):
        raise RuntimeError("can't start new thread")

    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    monkeypatch.setattr(with_numpy, "_pool", full)
    for one, other in zip(large_step(), expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("here", [True, False], ids=["here", "in another"])
def test_an_error_in_a_thread_is_an_error_of_the_step(here, meeting, monkeypatch):
    made = with_numpy._constants

    def failing(*args):
        if (threading.current_thread() is threading.main_thread()) == here:
            raise MemoryError("no room")
        return made(*args)

    meeting(2)
    monkeypatch.setattr(with_numpy, "_constants", failing)
    with pytest.raises(MemoryError, match="no room"):
        large_step()


def test_after_an_error_the_other_threads_do_not_go_on(meeting, monkeypatch):
    made, begun, done = with_numpy._constants, [], []

    def failing(*args):
        if threading.current_thread() is threading.main_thread():
            raise MemoryError
        begun.append(args)
        time.sleep(0.05)
        done.append(args)
        return made(*args)

    meeting(2)
    monkeypatch.setattr(with_numpy, "_constants", failing)
    w = np.ones(20 * NUMBERS)
    with pytest.raises(MemoryError):
        Adam().step(w, w)
    assert len(begun) == len(done) < 19


def test_no_thread_warns_of_what_a_rule_rules_out(meeting):
    meeting(2)
    w = np.zeros(LARGE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        moved = Adam(eps=0.0).step(w, w)
    assert np.isnan(moved).all()


def in_the_child(queue):
    queue.put([float(x.sum()) for x in large_step()])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_process_forked_after_a_large_step_takes_large_steps_too(meeting):
    meeting(2)
    expected = [float(x.sum()) for x in large_step()]
    forking = multiprocessing.get_context("fork")
    queue = forking.Queue()
    child = forking.Process(target=in_the_child, args=(queue,), daemon=True)
    child.start()
    try:
        assert queue.get(timeout=1200) == expected
    finally:
        child.kill()
        child.join()


@pytest.mark.parametrize(
    ("given", "count"),
    [("1", 1), ("3", 3), (" 2 ", 2), ("2,4", 2), ("1000", THREADS)],
)
def test_the_number_of_threads_is_openmps(given, count, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    assert with_numpy.threads() == count


@pytest.mark.parametrize("given", ["", "0", "-1", "two"])
def test_without_it_there_is_a_thread_for_each_core(given, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", given)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert with_numpy.threads() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    assert with_numpy.threads() == 4
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert with_numpy.threads() == 1


def test_numbers_that_differ_between_arrays_stay_different_under_one_setting():
    w = {"a": np.ones(2), "b": np.ones(2)}
    opt, alone = Eve(beta3={"a": 0.2, "b": 0.9}), Eve(beta3=0.9)
    for k in range(3):
        opt.step(w, w, loss=3.0 - k)
        alone.step(w["b"], w["b"], loss=3.0 - k)
    opt.beta3 = alone.beta3 = 0.5
    opt.step(w, w, loss=0.1)
    alone.step(w["b"], w["b"], loss=0.1)
    assert opt.state["d"]["b"] == alone.state["d"] != opt.state["d"]["a"]


@pytest.mark.parametrize(
    "shape", [(), (0,), (3, 0), (2, 3)], ids=["()", "(0,)", "(3, 0)", "(2, 3)"]
)
@every_variant
def test_arrays_of_every_shape_are_stepped(method, switches, shape):
    w = np.ones(shape)
    target = np.empty(shape)
    moved = take(make(method, **switches), w, w, out=target)
    assert moved is target
    np.testing.assert_array_equal(target, take(make(method, **switches), w, w))


def test_arrays_that_are_not_in_order_are_stepped_as_those_that_are():
    rng = np.random.default_rng(2)
    w, g = rng.normal(size=(2, 4, 6))
    expected = Adam().step(w, g)
    sparse = np.zeros((8, 12))[::2, ::-2]
    sparse[...] = w
    np.testing.assert_array_equal(Adam().step(sparse, np.asfortranarray(g)), expected)
    assert Adam().step(sparse, g, out=sparse) is sparse
    np.testing.assert_array_equal(sparse, expected)


def test_set_engine_is_for_the_optimizers_that_have_none(monkeypatch):
    chosen = []
    for name in ("numpy", "numba"):
        module = getattr(engine, f"with_{name}")
        run = partial(chosen.append, name)
        monkeypatch.setattr(module, "ready", lambda *_, run=run: run)
    monkeypatch.setattr(engine.with_numba, "check", lambda: None)
    w = np.ones(2)
    optimlib.set_engine("numba")
    for own in (None, "numpy", "numba"):
        SGD(engine=own).step(w, w)
    optimlib.set_engine("numpy")
    for own in (None, "numpy", "numba"):
        SGD(engine=own).step(w, w)
    assert chosen == ["numba", "numpy", "numba", "numpy", "numpy", "numba"]


@pytest.mark.parametrize("choose", [optimlib.set_engine, lambda x: SGD(engine=x)])
def test_there_is_no_third_engine(choose):
    for name in ("jax", "NumPy", "", 1):
        with pytest.raises(ValueError) as error:
            choose(name)
        assert str(error.value) == f"engine is {name!r}; allowed: 'numpy' or 'numba'"


@pytest.mark.parametrize("choose", [optimlib.set_engine, lambda x: SGD(engine=x)])
def test_without_numba_its_engine_is_a_clear_error(choose, no_numba):
    with pytest.raises(ModuleNotFoundError, match=r"numba, the extra `fast`"):
        choose("numba")
    w = np.ones(2)
    np.testing.assert_array_equal(SGD(lr=0.5).step(w, w), [0.5, 0.5])


@pytest.mark.parametrize("dtype", [np.longdouble, ">f8"])
@pytest.mark.parametrize("large", [False, True])
def test_numba_refuses_other_dtypes_before_anything_changes(dtype, large, monkeypatch):
    monkeypatch.setattr(engine.with_numba, "check", lambda: None)
    monkeypatch.setattr(engine.with_numba, "ready", with_numpy.ready)
    w = {"a": np.ones(SMALL + 1 if large else 2), "b": np.ones(3, dtype)}
    opt = Momentum(engine="numba")
    for _ in range(2):
        name = np.dtype(dtype)
        with pytest.raises(TypeError) as error:
            opt.step(w, w, out=w)
        assert str(error.value) == (
            f'w has dtype {name}; allowed with engine="numba": float16, float32, float64'
        )
        assert all((x == 1).all() for x in w.values())
        assert opt.t == 0 and opt.state == {}
    w["b"] = np.ones(3)
    opt.step(w, w)


def test_numba_refuses_other_dtypes_before_the_gradient_is_asked_for(monkeypatch):
    monkeypatch.setattr(engine.with_numba, "check", lambda: None)
    asked = []
    opt = NesterovLookAhead(engine="numba")
    with pytest.raises(TypeError, match="longdouble|float128"):
        opt.step(np.ones(2, np.longdouble), gradient=asked.append)
    assert not asked


def test_the_engine_is_not_part_of_a_saved_run(tmp_path, monkeypatch):
    monkeypatch.setattr(engine.with_numba, "check", lambda: None)
    opt = Adam(engine="numba")
    assert "engine" not in opt.state_dict()["settings"]
    opt.save(tmp_path / "run.npz")
    for own in (None, "numpy", "numba"):
        other = Adam(engine=own)
        other.load(tmp_path / "run.npz")
        assert other.engine == own


def test_set_engine_is_documented_with_what_it_raises():
    text = inspect.getdoc(optimlib.set_engine)
    assert "ValueError" in text and "ModuleNotFoundError" in text


@pytest.mark.parametrize("method", [SGD, Adam], ids=lambda m: m.__name__)
def test_targets_that_are_each_others_weights_get_the_right_numbers(method):
    """Arrays so large that each is stepped by itself, and one is written first."""
    rng = np.random.default_rng(0)
    w = {"a": rng.normal(size=40_000), "b": rng.normal(size=40_000)}
    g = {name: rng.normal(size=40_000) for name in w}
    expected = method(engine="numpy").step(w, g)
    swapped = {"a": w["b"], "b": w["a"]}
    method(engine="numpy").step(w, g, out=swapped)
    assert all(np.array_equal(swapped[name], expected[name]) for name in w)


def test_a_method_without_state_takes_weights_of_any_shape():
    opt = SGD(lr=1.0)
    opt.step([1.0, 2.0, 3.0], [1.0, 1.0, 1.0])
    assert opt.step(np.ones((2, 2)), np.ones((2, 2))).tolist() == [[0, 0], [0, 0]]
    assert opt.t == 2
