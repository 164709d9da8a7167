"""Ctrl-C or no more memory at any point of a step: all of it is done, or nothing."""

import copy
import signal
import sys
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from interrupting import places
from variants import make, take

import optimlib
from optimlib import Adam, Eve, Momentum, NesterovLookAhead, Rows, Rprop
from optimlib.arrays import blocks
from optimlib.arrays.nests import flatten

PACKAGE = str(Path(optimlib.__file__).parent)


def arrays(seed, *dtypes):
    """Arrays by name: several small ones, and one that is larger."""
    rng = np.random.default_rng(seed)
    shapes = {"a": (2, 2), "b": (3,), "c": (2, 9)}
    dtypes = dict(zip(shapes, dtypes or [float] * 3, strict=True))
    return {name: rng.normal(size=x).astype(dtypes[name]) for name, x in shapes.items()}


def rows(seed):
    return {**arrays(seed), "c": Rows([1, 0, 1], np.ones((3, 9)))}


MIXED = np.float32, np.float64, np.float16
CASES = {  # a method, its settings, weights and gradients by a seed
    "one array": (Adam, {}, lambda k: arrays(k)["c"], None),
    "arrays": (Adam, {}, arrays, None),
    "of several dtypes": (Momentum, {}, lambda k: arrays(k, *MIXED), None),
    "scalars": (Eve, {"beta3": {"a": 0.5, "b": 0.9, "c": 0.1}}, arrays, None),
    "switched": (Rprop, {}, lambda k: arrays(k)["c"], None),
    "a population": (Adam, {"population": 2}, lambda k: arrays(k)["c"], None),
    "rows": (optimlib.Adagrad, {}, arrays, rows),
    "frozen": (Adam, {}, arrays, lambda k: {**arrays(k), "a": None}),
    "projected": (Adam, {"project": copy.deepcopy}, arrays, None),
    "ahead": (NesterovLookAhead, {}, arrays, None),
}
every_case = pytest.mark.parametrize("case", CASES)


class Strike:
    """At the n-th line that runs in the package, `strike` is called; at 0, at each."""

    def __init__(self, strike, n):
        self.strike, self.left, self.lines = strike, n, []
        self.every = n == 0

    def __enter__(self):
        self.before = sys.gettrace()
        sys.settrace(self.called)
        return self

    def __exit__(self, *_):
        sys.settrace(self.before)

    def called(self, frame, event, arg):
        name = frame.f_code.co_filename
        return self.line if name.startswith(PACKAGE) or name == "<string>" else None

    def line(self, frame, event, arg):
        if event == "line":
            self.lines.append((frame.f_code.co_filename, frame.f_lineno))
            self.left -= 1
            if self.left == 0 or self.every:
                self.strike()
        return self.line


class Exhausted:
    """The n-th array that is made finds no memory."""

    MAKERS = ("empty", "empty_like", "zeros", "concatenate", "ascontiguousarray")

    def __init__(self, n):
        self.left, self.patch = n, pytest.MonkeyPatch()

    def __enter__(self):
        for name in self.MAKERS:
            self.patch.setattr(np, name, partial(self.make, getattr(np, name)))
        return self

    def __exit__(self, *_):
        self.patch.undo()

    def make(self, function, *args, **more):
        self.left -= 1
        if self.left == 0:
            raise MemoryError
        return function(*args, **more)


def interrupt():
    raise KeyboardInterrupt


def press():
    signal.raise_signal(signal.SIGINT)


def bits(nest):
    return [(p, x.dtype.str, x.tobytes()) for p, x in flatten(nest).items()]


class Run:
    """A run that has taken some steps and is about to take another."""

    def __init__(self, case, steps, target):
        method, settings, draw, slopes = CASES[case]
        self.g = (slopes or draw)(9)
        self.opt, self.w = make(method, **settings), draw(0)
        for k in range(steps):
            self.w = take(self.opt, self.w, draw(k + 1))
        self.out = {"none": None, "w": self.w, "other": draw(5)}[target]

    def step(self):
        take(self.opt, self.w, self.g, out=self.out)

    def seen(self):
        """All that a step may change."""
        state = {name: bits(entry) for name, entry in self.opt.state.items()}
        out = None if self.out is None else bits(self.out)
        return self.opt.t, state, bits(self.w), out


def at_lines(case, steps, target):
    """Of the lines of a step the first and the last time that it comes to each, and all
    that find it neither as before nor as after.
    """
    Run(case, steps, target).step()  # the first one makes what is kept for later
    run, seen = Run(case, steps, target), []
    with Strike(lambda: seen.append(run.seen()), 0) as passed:
        run.step()
    ends = seen[0], run.seen()
    between = (n for n, one in enumerate(seen, 1) if one not in ends)
    return sorted({*places(passed.lines), *between})


def stop_everywhere(case, steps, target, stop, error, points):
    """Stop a step at each of these points in turn: all is as before or as after, and the
    run goes on from there. At how many points it was stopped.
    """
    plain = Run(case, steps, target)
    seen = [plain.seen()]
    for _ in range(2):
        plain.step()
        seen.append(plain.seen())
    for count, n in enumerate(points):
        run = Run(case, steps, target)
        with suppress(error), stop(n) as stopping:
            run.step()
        if stopping.left > 0:
            return count
        assert run.seen() in seen[:2], n
        for later in seen[seen.index(run.seen()) + 1 :] if count % 8 == 0 else ():
            run.step()
            assert run.seen() == later, n
    return len(points)


in_main = threading.current_thread() is threading.main_thread()


@pytest.mark.parametrize(("steps", "target"), [(0, "w"), (1, "none"), (1, "w")])
@every_case
def test_an_interrupted_step_is_whole_or_none(case, steps, target):
    stop = partial(Strike, interrupt)
    points = at_lines(case, steps, target)
    count = stop_everywhere(case, steps, target, stop, KeyboardInterrupt, points)
    assert count == len(points) > 50


@pytest.mark.skipif(not in_main, reason="signals come to the main thread alone")
@pytest.mark.parametrize("target", ["none", "w"])
@every_case
def test_ctrl_c_waits_until_large_arrays_are_stepped(case, target, monkeypatch):
    monkeypatch.setattr(blocks, "SMALL", 3)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    stop, handler = partial(Strike, press), signal.getsignal(signal.SIGINT)
    points = at_lines(case, 1, target)
    count = stop_everywhere(case, 1, target, stop, KeyboardInterrupt, points)
    assert count == len(points) > 50
    assert signal.getsignal(signal.SIGINT) is handler


@pytest.mark.parametrize("small", [3, blocks.SMALL], ids=["large", "small"])
@pytest.mark.parametrize("target", ["none", "w", "other"])
@pytest.mark.parametrize("steps", [0, 1])
@every_case
def test_a_step_without_memory_is_whole_or_none(
    case, steps, target, small, monkeypatch
):
    monkeypatch.setattr(blocks, "SMALL", small)
    points = range(1, 2000)  # a step makes fewer arrays
    count = stop_everywhere(case, steps, target, Exhausted, MemoryError, points)
    assert 0 < count < len(points)


def test_in_another_thread_and_with_a_handler_of_ones_own_nothing_is_in_the_way():
    came, w = [], np.ones(blocks.SMALL + 1)
    before = signal.signal(signal.SIGINT, lambda *_: came.append(1))
    try:
        with Strike(press, 150) as stopping:
            Adam().step(w, w, out=w)
        assert stopping.left < 0 and came == [1]
        thread = threading.Thread(target=Adam().step, args=(w, w))
        thread.start(), thread.join()
    finally:
        signal.signal(signal.SIGINT, before)
