"""What is made ready for the next step changes no number: a run of any kind of steps,
with all that may happen between them, is that of an optimizer that makes nothing ready.
"""

import copy
import pickle
import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from variants import every_variant, make, take

import optimlib
from optimlib import SGD, Adam, Momentum, Rows, inputs, minimize
from optimlib.arrays.nests import flatten, rebuild

NESTS = {
    "array": lambda rng, dtype: rng.normal(size=(3, 2)).astype(dtype),
    "dict": lambda rng, dtype: {k: rng.normal(size=n).astype(dtype) for k, n in ROOM},
    "layers": lambda rng, dtype: [
        {"W": rng.normal(size=(2, n)).astype(dtype), "b": np.ones(2, dtype)}
        for n in (3, 2)
    ],
    "pair": lambda rng, dtype: (np.ones((), dtype), rng.normal(size=4).astype(dtype)),
}
ROOM = (("a", 3), ("b", (2, 2)), ("c", ()))


class Run:
    """A run of one optimizer, which may find steps ready or not."""

    def __init__(self, opt, nest, dtype):
        self.rng = np.random.default_rng(0)
        self.draw = lambda: NESTS[nest](self.rng, dtype)
        self.opt, self.w = opt, self.draw()

    def steps(self):
        for _ in range(3):
            self.w = take(self.opt, self.w, self.draw())

    def steps_in_place(self):
        for _ in range(3):
            take(self.opt, self.w, self.draw(), out=self.w)

    def steps_elsewhere(self):
        out = self.draw()
        for _ in range(2):
            take(self.opt, self.w, self.draw(), out=out)
        self.w = out

    def step_on_arrays_of_ones_own(self):
        self.w = rebuild(self.w, {p: x.copy() for p, x in flatten(self.w).items()})
        self.steps_in_place()

    def step_of_a_part(self):
        slopes = flatten(self.draw())
        if len(slopes) > 1 and not self.opt.inputs:
            first, *_ = slopes
            self.w = take(self.opt, self.w, rebuild(self.w, slopes | {first: None}))

    def step_of_rows(self):
        if isinstance(self.w, np.ndarray) and self.opt.sparse:
            self.w = self.opt.step(self.w, Rows([1], np.ones((1, 2))))

    def another_rate(self):
        if "lr" in self.opt.hypers:
            self.opt.lr = 0.003

    def a_schedule(self):
        if "lr" in self.opt.hypers and not self.opt.hypers["lr"].constant:
            self.opt.lr = lambda t: 0.01 / t

    def state_by_hand(self):
        for block in self.opt.blocks:
            for array in block.state.values():
                array *= 0.5

    def a_copy(self):
        self.opt, self.w = copy.deepcopy((self.opt, self.w))

    def saved_and_loaded(self):
        if not self.opt.schedules():
            self.opt = pickle.loads(pickle.dumps(self.opt))
        self.opt.load_state_dict(self.opt.state_dict())

    def refused(self):
        slopes = flatten(self.draw())
        broken = rebuild(self.w, {p: x * np.nan for p, x in slopes.items()})
        with pytest.raises(FloatingPointError):
            take(self.opt, self.w, broken)

    def ready_for_compiled_code(self):
        self.opt.engine = None if self.opt.engine else "numba"

    def again(self):
        self.opt.reset()

    def seen(self):
        arrays = flatten([self.w, self.opt.state]).items()
        return self.opt.t, [(p, x.dtype, x.tobytes()) for p, x in arrays]


DEEDS = [name for name in vars(Run) if name not in ("seen", "ready_for_compiled_code")]
DEEDS = [name for name in DEEDS if not name.startswith("_")]


def nothing_ready(*_):
    return None


def same(method, switches, nest, dtype, deeds):
    """Whether both runs are the same to the bit, after each deed."""
    one, other = (Run(make(method, **switches), nest, dtype) for _ in range(2))
    for deed in ["steps", *deeds, "steps"]:
        getattr(one, deed)()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(inputs, "usual", nothing_ready)
            getattr(other, deed)()
        assert one.seen() == other.seen(), deed


@every_variant
def test_what_is_ready_changes_no_number(method, switches):
    for nest in NESTS:
        same(method, switches, nest, np.float32, ["steps_in_place", "another_rate"])


@settings(max_examples=40, deadline=None)
@given(
    method=st.sampled_from([Adam, Momentum, optimlib.Adagrad, optimlib.NAdam]),
    nest=st.sampled_from(sorted(NESTS)),
    dtype=st.sampled_from([np.float16, np.float32, np.float64]),
    deeds=st.lists(st.sampled_from(DEEDS), max_size=8),
)
def test_whatever_happens_between_steps(method, nest, dtype, deeds):
    same(method, {}, nest, dtype, deeds)


def test_the_engine_is_that_of_each_step():
    same(
        Adam, {}, "dict", np.float64, ["ready_for_compiled_code", "steps_in_place"] * 2
    )


def test_after_minimize_the_state_is_its_own():
    opt, twin = Adam(lr=0.1), Adam(lr=0.1)
    points = {}
    for one, ready in ((opt, True), (twin, False)):
        with pytest.MonkeyPatch.context() as patch:
            if not ready:
                patch.setattr(inputs, "usual", nothing_ready)
            w = one.step(one.step(np.ones(2), np.ones(2)), np.ones(2))
            run = minimize(lambda w: (w**2).sum(), lambda w: 2 * w, w, one, 3)
            points[ready] = one.step(run.w[-1], np.ones(2))
    assert points[True].tolist() == points[False].tolist()


@pytest.mark.parametrize("nest", sorted(NESTS))
def test_the_usual_step_is_found_ready(nest, monkeypatch):
    """Also where w is given back, in place, and where it is a layered nest."""
    run = Run(Adam(), nest, np.float64)
    run.steps()
    monkeypatch.setattr(inputs, "usual", None)  # what makes ready is not asked again
    run.steps()
    run.opt.lr = run.opt.lr  # all is made ready anew
    with pytest.raises(TypeError, match="not callable"):
        run.steps()


def test_threads_that_share_a_method_without_state_do_not_mix_their_steps():
    opt, wrong, zeros = SGD(lr=0.1), [], np.zeros(2_000)
    opt.step(zeros, zeros)

    def work(k):
        slope = np.full_like(zeros, k)
        for _ in range(300):
            if (opt.step(slope, slope) != slope - 0.1 * slope).any():
                wrong.append(k)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=work, args=(k,)) for k in (1.0, 2.0, 3.0)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert not wrong


def test_a_schedule_may_change_settings_and_take_steps():
    other = np.ones(2)

    def schedule(t):
        if t == 4:
            opt.momentum = 0.5
        return 0.1

    opt, twin = Momentum(lr=schedule), Momentum(lr=0.1)
    w = v = other
    for t in range(1, 7):
        twin.momentum = 0.9 if t < 4 else 0.5
        w, v = opt.step(w, other), twin.step(v, other)
    np.testing.assert_array_equal(w, v)


@every_variant
def test_a_step_without_what_the_method_needs_is_refused_at_any_time(method, switches):
    opt, w = make(method, **switches), np.ones(2)
    for _ in range(3):
        w = take(opt, w, np.ones(2))
    seen = opt.t, w.tobytes()
    if "gradient" in method.inputs:
        with pytest.raises(TypeError, match="needs gradient="):
            opt.step(w, np.ones(2))
    else:
        with pytest.raises(TypeError, match="takes no gradient=|needs"):
            opt.step(w, gradient=lambda w: w)
    for name in {"loss", "curvature"} & {*method.inputs}:
        with pytest.raises(TypeError, match=f"needs {name}="):
            opt.step(w, np.ones(2))
    assert (opt.t, w.tobytes()) == seen
