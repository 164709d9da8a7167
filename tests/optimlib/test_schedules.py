"""Schedules: the closed forms, torch's and optax's numbers, and what is refused."""

import copy
import json
import math
from dataclasses import FrozenInstanceError, fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimlib.schedules import (
    CosineDecay,
    ExponentialDecay,
    InverseSqrtDecay,
    InverseTimeDecay,
    LinearWarmup,
    ReduceOnPlateau,
    StepDecay,
    SutskeverMomentum,
)

EXAMPLES = [
    InverseTimeDecay(0.3, decay=0.7),
    InverseSqrtDecay(0.3),
    StepDecay(0.3, every=3, factor=0.5),
    ExponentialDecay(0.3, decay=0.8),
    CosineDecay(0.3, steps=7, lr_min=0.01),
    LinearWarmup(0.3, steps=4, start=0.1),
    LinearWarmup(StepDecay(0.3, every=2), steps=3),
    SutskeverMomentum(0.99),
    ReduceOnPlateau(0.3, patience=2),
]
every_schedule = pytest.mark.parametrize("schedule", EXAMPLES, ids=repr)
falling = pytest.mark.parametrize("schedule", EXAMPLES[:5], ids=repr)
rates = st.floats(1e-6, 10.0)
fractions = st.floats(0.01, 1.0)
counts = st.integers(1, 40)
losses = st.lists(st.floats(0.0, 1.0) | st.sampled_from([0.5, 0.49999]), max_size=40)


def values(schedule, n):
    """The schedule's numbers for t = 1 ... n."""
    return [schedule(t) for t in range(1, n + 1)]


# What holds for all of them


@every_schedule
def test_the_value_is_a_python_float_for_every_kind_of_whole_number(schedule):
    for t in (3, np.int64(3), np.uint8(3), 3.0, np.array(3)):
        assert type(schedule(t)) is float and schedule(t) == schedule(3)


@every_schedule
@pytest.mark.parametrize(
    "t",
    [
        0,
        -1,
        1.5,
        math.nan,
        math.inf,
        "1",
        None,
        True,
        np.array([1, 2]),
        2**53 + 1,
        1e300,
    ],
    ids=repr,
)
def test_a_t_that_is_no_step_is_refused(schedule, t):
    with pytest.raises(ValueError, match=r"^t is .*; allowed: a whole number, 1 or "):
        schedule(t)


@every_schedule
def test_a_step_that_is_far_away_has_a_value_and_one_that_floats_do_not_reach_has_none(
    schedule,
):
    assert 0 <= schedule(2**53) <= 1
    for huge in (10**400, 10**99, np.longdouble("1e400")):
        with pytest.raises(ValueError, match=r"^t is .*; allowed: .*, up to 2\*\*53$"):
            schedule(huge)


@pytest.mark.parametrize("kind", [type(x) for x in EXAMPLES], ids=lambda x: x.__name__)
@pytest.mark.parametrize("huge", [10**400, -(10**400)], ids=["high", "low"])
def test_a_huge_argument_is_refused_by_name(kind, huge):
    fine = {"lr": 0.1, "steps": 3, "every": 3, "decay": 0.5, "then": 0.1}
    fine["momentum_max"] = 0.9
    for field in fields(kind):
        if field.init:
            given_ = {
                f.name: fine.get(f.name, f.default) for f in fields(kind) if f.init
            }
            with pytest.raises(ValueError, match=f"^{field.name} is .*; allowed: a "):
                kind(**given_ | {field.name: huge})


@every_schedule
def test_it_is_written_as_it_is_made_and_does_not_change(schedule):
    assert repr(eval(repr(schedule))) == repr(schedule)
    with pytest.raises(FrozenInstanceError):
        schedule.lr = 1.0


@falling
def test_a_decay_starts_at_lr_and_never_rises(schedule):
    run = values(schedule, 60)
    assert run[0] == pytest.approx(0.3, rel=1e-15)
    assert all(b <= a for a, b in pairwise(run))


@falling
def test_a_decay_is_in_proportion_to_lr(schedule):
    settings = vars(schedule) | {"lr": 0.6}
    if "lr_min" in settings:
        settings["lr_min"] *= 2
    twice = type(schedule)(**settings)
    assert values(twice, 30) == [2 * x for x in values(schedule, 30)]


def test_the_defaults():
    assert repr(ReduceOnPlateau(1)) == (
        "ReduceOnPlateau(lr=1.0, factor=0.1, patience=10, threshold=0.0001, "
        "cooldown=0, lr_min=0.0, eps=1e-08)"
    )
    assert InverseTimeDecay(1) == InverseTimeDecay(1, decay=1)
    assert StepDecay(1, 2) == StepDecay(1, 2, factor=0.1)
    assert CosineDecay(1, 2) == CosineDecay(1, 2, lr_min=0)
    assert LinearWarmup(1, 2) == LinearWarmup(1, 2, start=0)


# Each by its closed form


@given(rates, st.floats(0.0, 10.0), st.integers(1, 10**6))
def test_inverse_time_decay_falls_from_lr_as_one_over_t(lr, decay, t):
    schedule = InverseTimeDecay(lr, decay)
    assert lr / schedule(t) == pytest.approx(1 + decay * (t - 1), rel=1e-14)
    assert InverseTimeDecay(lr)(t) == lr / t  # the 1/t decay
    assert InverseTimeDecay(lr, 0)(t) == lr


@given(rates, st.integers(1, 10**6))
def test_inverse_sqrt_decay_squared_falls_as_one_over_t(lr, t):
    assert InverseSqrtDecay(lr)(t) ** 2 * t == pytest.approx(lr**2, rel=1e-14)
    assert InverseSqrtDecay(lr)(4 * t) == pytest.approx(InverseSqrtDecay(lr)(t) / 2)


def test_inverse_sqrt_decay_is_the_rate_that_adagrad_has_built_in():
    from optimlib import Adagrad

    opt, w = Adagrad(lr=0.3, eps=0.0), np.zeros(1)
    for t in range(1, 50):
        new = opt.step(w, [1.0])
        assert w[0] - new[0] == pytest.approx(InverseSqrtDecay(0.3)(t), rel=1e-12)
        w = new


@given(rates, counts, fractions)
def test_step_decay_stays_and_then_drops_by_its_factor(lr, every, factor):
    run = values(StepDecay(lr, every, factor), 4 * every)
    for k in range(4):
        assert run[k * every : (k + 1) * every] == [lr * factor**k] * every


@given(rates, fractions)
def test_exponential_decay_is_step_decay_at_every_step(lr, decay):
    run = values(ExponentialDecay(lr, decay), 50)
    assert run == values(StepDecay(lr, 1, decay), 50)
    for a, b in pairwise(run):
        assert b == pytest.approx(a * decay, rel=1e-14)


@given(rates, counts, st.floats(0.0, 1.0))
def test_cosine_decay_goes_from_lr_to_lr_min_and_stays(lr, steps, share):
    least = share * lr
    schedule = CosineDecay(lr, steps, least)
    assert schedule(1) == pytest.approx(lr, rel=1e-15)
    assert {schedule(t) for t in (steps + 1, steps + 2, 10 * steps)} == {least}
    for t in range(1, steps + 2):  # it is as far from one end as from the other
        mirrored = schedule(t) + schedule(steps + 2 - t)
        assert mirrored == pytest.approx(lr + least, rel=1e-12)


def test_cosine_decay_at_the_angles_that_one_knows():
    root2, root3 = math.sqrt(2), math.sqrt(3)
    run = values(CosineDecay(1.0, steps=12), 13)
    known = {1: 1, 3: (2 + root3) / 4, 4: (2 + root2) / 4, 5: 3 / 4, 7: 1 / 2, 9: 1 / 4}
    for t, value in known.items():
        assert run[t - 1] == pytest.approx(value, rel=1e-14)


@given(rates, counts, st.floats(0.0, 1.0))
def test_warmup_to_a_number_rises_by_equal_parts_and_stays(lr, steps, start):
    run = values(LinearWarmup(lr, steps, start), 2 * steps + 1)
    assert run[0] == pytest.approx(start * lr) and run[steps:] == [lr] * (steps + 1)
    part = lr * (1 - start) / steps
    for a, b in pairwise(run[: steps + 1]):
        assert b - a == pytest.approx(part, rel=1e-9, abs=1e-14)


@given(st.sampled_from(EXAMPLES[:7]), counts)
def test_what_follows_a_warmup_is_all_there_and_counts_from_1(then, steps):
    schedule = LinearWarmup(then, steps)
    assert values(schedule, steps + 20)[steps:] == values(then, 20)
    assert schedule(1) == 0 and schedule(steps + 1) == then(1)


@given(st.integers(2, 40), rates)
def test_warmup_by_t_over_n(n, lr):
    run = values(LinearWarmup(lr, steps=n - 1, start=1 / n), n)
    assert run == pytest.approx([lr * t / n for t in range(1, n + 1)], rel=1e-13)


def test_a_plain_function_may_follow_a_warmup_and_is_held_to_the_range_of_rates():
    schedule = LinearWarmup(lambda t: 3 - t, steps=2)
    assert values(schedule, 5) == [0.0, 1.0, 2.0, 1.0, 0.0]
    with pytest.raises(ValueError, match="^then at step 4 is -1.0; allowed: a finite"):
        schedule(6)
    with pytest.raises(TypeError, match="^then at step 1 is 'x', of type str; allowed"):
        LinearWarmup(lambda t: "x", steps=2)(1)


@given(st.integers(1, 10**6), st.floats(0.0, 1.0, exclude_max=True))
def test_sutskevers_momentum_is_equation_5_of_the_paper(t, most):
    before = t - 1
    literal = min(1 - 2 ** (-1 - math.log2(math.floor(before / 250) + 1)), most)
    assert SutskeverMomentum(most)(t) == pytest.approx(literal, rel=1e-14)


def test_sutskevers_momentum_has_250_steps_of_each_value():
    run = values(SutskeverMomentum(0.999), 1000)
    for k, value in enumerate((1 / 2, 3 / 4, 5 / 6, 7 / 8)):
        assert run[250 * k : 250 * (k + 1)] == pytest.approx([value] * 250, rel=1e-15)
    assert SutskeverMomentum(0.0)(10**6) == 0


# The plateau


def test_the_rate_falls_at_the_first_update_beyond_patience():
    schedule = ReduceOnPlateau(1.0, factor=0.5, patience=2)
    seen = []
    for _ in range(9):
        schedule.update(1.0)
        seen.append(schedule(1))
    assert seen == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]


def test_an_improvement_counts_from_the_threshold_on_and_starts_anew():
    schedule = ReduceOnPlateau(1.0, factor=0.5, patience=1, threshold=0.25)
    schedule.update(4.0), schedule.update(3.0)  # not below 0.75 * 4
    saved = {"lr": 1.0, "best": 4.0, "bad_updates": 1, "cooldown_left": 0}
    assert schedule.state_dict() == saved
    schedule.update(2.9)
    assert schedule.state_dict() == saved | {"best": 2.9, "bad_updates": 0}
    schedule.update(2.9), schedule.update(2.9)
    assert schedule(1) == 0.5


def test_updates_in_the_cooldown_are_not_counted():
    schedule = ReduceOnPlateau(1.0, factor=0.5, patience=0, cooldown=2)
    seen = []
    for _ in range(7):
        schedule.update(1.0)
        seen.append(schedule(1))
    assert seen == [1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]


def test_the_rate_stops_at_lr_min_and_below_eps():
    schedule = ReduceOnPlateau(1.0, factor=0.5, patience=0, lr_min=0.3)
    small = ReduceOnPlateau(1.0, factor=0.5, patience=0, eps=0.25)
    for _ in range(9):
        schedule.update(1.0), small.update(1.0)
    assert schedule(1) == 0.3
    assert small(1) == 0.5  # from 0.5 to 0.25 is a reduction by 0.25, not by more


@given(losses, losses)
def test_a_plateau_goes_on_from_its_saved_state(first, second):
    one = ReduceOnPlateau(1.0, factor=0.5, patience=1, cooldown=1)
    other = ReduceOnPlateau(1.0, factor=0.5, patience=1, cooldown=1)
    for loss in first:
        one.update(loss)
    saved = one.state_dict()
    other.load_state_dict(saved)
    for loss in second:
        one.update(loss), other.update(loss)
        assert one(1) == other(1)
    assert one.state_dict() == other.state_dict()
    assert not second or saved["lr"] in {0.5**k for k in range(41)}


SAVED = {"lr": 0.5, "best": 2.0, "bad_updates": 1, "cooldown_left": 0}


@pytest.mark.parametrize(
    ("saved", "kind", "words"),
    [
        (None, TypeError, "the saved schedule is of type NoneType; allowed: a dict"),
        ({"lr": 0.5}, ValueError, r"the saved schedule has \['lr'\]; allowed: \['lr'"),
        (SAVED | {"x": 1}, ValueError, "the saved schedule has .*'x'.*; allowed: "),
        (SAVED | {"lr": -1}, ValueError, "lr is -1.0; allowed: a finite number, 0 or"),
        (SAVED | {"lr": "1"}, TypeError, "lr is '1', of type str; allowed: a finite"),
        (SAVED | {"best": math.nan}, ValueError, "best is nan; allowed: a number, or"),
        (SAVED | {"best": -math.inf}, ValueError, "best is -inf; allowed: a number,"),
        (SAVED | {"bad_updates": -1}, ValueError, "bad_updates is -1; allowed: a whol"),
        (SAVED | {"cooldown_left": 0.5}, ValueError, "cooldown_left is 0.5; allowed:"),
    ],
    ids=repr,
)
def test_a_state_that_is_none_is_refused_and_changes_nothing(saved, kind, words):
    schedule = ReduceOnPlateau(1.0)
    schedule.update(3.0)
    before = schedule.state_dict()
    with pytest.raises(kind, match=f"^{words}"):
        schedule.load_state_dict(saved)
    assert schedule.state_dict() == before
    schedule.load_state_dict(SAVED)
    assert schedule.state_dict() == SAVED and schedule(1) == 0.5


@pytest.mark.parametrize(
    ("loss", "kind", "words"),
    [
        (math.nan, FloatingPointError, "loss is nan; allowed: a finite number"),
        (math.inf, FloatingPointError, "loss is inf; allowed: a finite number"),
        (-math.inf, FloatingPointError, "loss is -inf; allowed: a finite number"),
        ("1", TypeError, "loss is '1', of type str; allowed: a finite number"),
        (np.ones(2), TypeError, "loss is array.*, of type ndarray; allowed: a finite"),
    ],
    ids=repr,
)
def test_a_loss_that_is_no_finite_number_is_refused_and_changes_nothing(
    loss, kind, words
):
    schedule = ReduceOnPlateau(1.0, patience=0)
    schedule.update(3.0)
    before = schedule.state_dict()
    with pytest.raises(kind, match=f"^{words}"):
        schedule.update(loss)
    assert schedule.state_dict() == before


def test_the_saved_state_is_a_copy_and_passes_through_json():
    schedule = ReduceOnPlateau(1.0)
    schedule.state_dict()["lr"] = 7.0
    assert schedule(1) == 1.0
    saved = schedule.state_dict()
    assert saved["best"] == math.inf and json.loads(json.dumps(saved)) == saved


def test_a_copy_of_a_plateau_has_a_state_of_its_own():
    schedule = ReduceOnPlateau(1.0, patience=0)
    schedule.update(3.0)
    twin = copy.deepcopy(schedule)
    assert twin.state_dict() == schedule.state_dict()
    twin.update(3.0)
    assert twin(1) == 0.1 and schedule(1) == 1.0


# What is refused when one is made


@pytest.mark.parametrize(
    "make",
    [
        InverseTimeDecay,
        InverseSqrtDecay,
        lambda lr: StepDecay(lr, 3),
        lambda lr: ExponentialDecay(lr, 0.9),
        lambda lr: CosineDecay(lr, 3),
        ReduceOnPlateau,
    ],
)
@pytest.mark.parametrize("lr", [-1.0, math.nan, math.inf, "0.1", None, True], ids=repr)
def test_a_rate_that_is_none_is_refused(make, lr):
    kind = ValueError if type(lr) is float else TypeError
    with pytest.raises(kind, match=rf"^lr is {lr!r}.*; allowed: a finite number, 0 or"):
        make(lr)


WRONG = [
    (lambda x: InverseTimeDecay(1, x), "decay", [-0.1, math.inf], "a finite number, 0"),
    (lambda x: StepDecay(1, 3, x), "factor", [0.0, 1.5], "a number above 0, at most 1"),
    (
        lambda x: StepDecay(1, x),
        "every",
        [0, -1, 1.5, "3"],
        "a whole number, 1 or more",
    ),
    (
        lambda x: ExponentialDecay(1, x),
        "decay",
        [0.0, 1.5, math.nan],
        "a number above 0",
    ),
    (lambda x: CosineDecay(1, x), "steps", [0, 1.5, None], "a whole number, 1 or more"),
    (
        lambda x: CosineDecay(1, 3, x),
        "lr_min",
        [-0.1, 1.5],
        "a number from 0 to lr, 1.0",
    ),
    (lambda x: LinearWarmup(x, 3), "then", [-0.1, math.nan], "a finite number, 0 or"),
    (lambda x: LinearWarmup(1, x), "steps", [0, -3, 1.5], "a whole number, 1 or more"),
    (lambda x: LinearWarmup(1, 3, x), "start", [-0.1, 1.5], "a number from 0 to 1"),
    (SutskeverMomentum, "momentum_max", [-0.1, 1.0, math.nan], r"a number in \[0, 1\)"),
    (lambda x: ReduceOnPlateau(1, x), "factor", [0.0, 1.0], "a number between 0 and 1"),
    (lambda x: ReduceOnPlateau(1, patience=x), "patience", [-1, 0.5], "a whole number"),
    (lambda x: ReduceOnPlateau(1, cooldown=x), "cooldown", [-1, 0.5], "a whole number"),
    (
        lambda x: ReduceOnPlateau(1, threshold=x),
        "threshold",
        [-0.1, 1.0],
        r"a number in",
    ),
    (
        lambda x: ReduceOnPlateau(1, lr_min=x),
        "lr_min",
        [-0.1, 1.5],
        "a number from 0 to",
    ),
    (
        lambda x: ReduceOnPlateau(1, eps=x),
        "eps",
        [-0.1, math.nan],
        "a finite number, 0",
    ),
]


@pytest.mark.parametrize(
    ("make", "name", "value", "words"),
    [(make, name, x, words) for make, name, xs, words in WRONG for x in xs],
)
def test_an_argument_out_of_its_range_is_refused_by_name(make, name, value, words):
    with pytest.raises(ValueError, match=rf"^{name} is {value!r}; allowed: {words}"):
        make(value)


def test_what_cannot_follow_a_warmup_is_refused_with_the_reason():
    with pytest.raises(TypeError, match=r"^then is ReduceOnPlateau\(.* has a state"):
        LinearWarmup(ReduceOnPlateau(0.1), steps=3)
    with pytest.raises(TypeError, match="^then is '0.1', of type str; allowed"):
        LinearWarmup("0.1", steps=3)


# torch and optax


def torch_rates(make, n, lr=0.3):
    """The rates that a torch scheduler gives to n steps."""
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler, rates = make(torch.optim.lr_scheduler, optimizer), []
    for _ in range(n):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def optax_rates(make, n):
    """The rates that an optax schedule gives to n counts, in optax's float32."""
    schedule = make(pytest.importorskip("optax"))
    return [float(schedule(count)) for count in range(n)]


def test_torch_has_the_same_step_exponential_and_cosine_decay():
    made = torch_rates(lambda s, o: s.StepLR(o, step_size=4, gamma=0.3), 30)
    assert values(StepDecay(0.3, 4, 0.3), 30) == pytest.approx(made, rel=1e-13)
    made = torch_rates(lambda s, o: s.ExponentialLR(o, gamma=0.9), 30)
    assert values(ExponentialDecay(0.3, 0.9), 30) == pytest.approx(made, rel=1e-13)
    cosine = values(CosineDecay(0.3, 20, 0.01), 30)
    made = torch_rates(lambda s, o: s.CosineAnnealingLR(o, T_max=20, eta_min=0.01), 30)
    assert cosine[:21] == pytest.approx(made[:21], rel=1e-12)
    assert cosine[21:] == [0.01] * 9 and made[22] > 0.011  # torch's rises again


def test_torchs_closed_form_of_the_cosine_is_this_one_bit_for_bit():
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    torchs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20, 0.01)
    for t in range(1, 22):
        torchs.last_epoch = t - 1
        assert CosineDecay(0.3, 20, 0.01)(t) == torchs._get_closed_form_lr()[0]


def test_torch_has_the_same_warmup_and_what_follows_starts_after_it():
    def make(s, o):
        first = s.LinearLR(o, start_factor=0.25, total_iters=5)
        return s.SequentialLR(o, [first, s.StepLR(o, 3, 0.5)], milestones=[5])

    schedule = LinearWarmup(StepDecay(0.3, every=3, factor=0.5), steps=5, start=0.25)
    assert values(schedule, 20) == pytest.approx(torch_rates(make, 20), rel=1e-12)


def test_inverse_time_decay_is_the_lr_decay_of_torchs_adagrad():
    torch = pytest.importorskip("torch")
    w = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adagrad([w], lr=0.3, lr_decay=0.7, eps=0.0)
    for t in range(1, 20):
        before = w.item()
        w.grad = torch.ones(1, dtype=torch.float64)
        optimizer.step()  # of the rate times 1 / sqrt(t)
        moved = (before - w.item()) * math.sqrt(t)
        assert moved == pytest.approx(InverseTimeDecay(0.3, 0.7)(t), rel=1e-12)


@given(
    seen=losses,
    patience=st.integers(0, 4),
    cooldown=st.integers(0, 3),
    threshold=st.sampled_from([0.0, 1e-4, 0.1]),
    lr_min=st.sampled_from([0.0, 0.01]),
)
def test_torch_has_the_same_plateau_bit_for_bit(
    seen, patience, cooldown, threshold, lr_min
):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    torchs = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer,
        patience=patience,
        cooldown=cooldown,
        threshold=threshold,
        min_lr=lr_min,
    )
    ours = ReduceOnPlateau(
        0.3, patience=patience, cooldown=cooldown, threshold=threshold, lr_min=lr_min
    )
    for loss in seen:
        torchs.step(loss), ours.update(loss)
        assert ours(1) == optimizer.param_groups[0]["lr"]
    assert ours.state_dict() == {
        "lr": optimizer.param_groups[0]["lr"],
        "best": torchs.best,
        "bad_updates": torchs.num_bad_epochs,
        "cooldown_left": torchs.cooldown_counter,
    }


def test_torchs_defaults_of_the_plateau_are_these():
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    torchs, ours = (
        torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer),
        vars(ReduceOnPlateau(0.3)),
    )
    for name in ("factor", "patience", "threshold", "cooldown", "eps"):
        assert ours[name] == getattr(torchs, name)
    assert ours["lr_min"] == torchs.min_lrs[0]
    assert (torchs.mode, torchs.threshold_mode) == ("min", "rel")
    torchs.step(math.nan)  # which this one refuses
    assert torchs.num_bad_epochs == 1


def test_optax_has_the_same_step_exponential_and_cosine_decay():
    made = optax_rates(lambda x: x.exponential_decay(0.3, 4, 0.3, staircase=True), 30)
    assert values(StepDecay(0.3, 4, 0.3), 30) == pytest.approx(made, rel=1e-5)
    made = optax_rates(lambda x: x.exponential_decay(0.3, 1, 0.9), 30)
    assert values(ExponentialDecay(0.3, 0.9), 30) == pytest.approx(made, rel=1e-5)
    made = optax_rates(lambda x: x.exponential_decay(0.3, 7, 0.5), 30)
    ours = ExponentialDecay(0.3, 0.5 ** (1 / 7))
    assert values(ours, 30) == pytest.approx(made, rel=1e-5)
    made = optax_rates(lambda x: x.cosine_decay_schedule(0.3, 20, alpha=0.1), 30)
    assert values(CosineDecay(0.3, 20, 0.03), 30) == pytest.approx(made, rel=1e-5)


def test_optax_has_the_same_warmup_whose_cosine_counts_the_warmup_in():
    made = optax_rates(
        lambda x: x.warmup_cosine_decay_schedule(
            init_value=0.03, peak_value=0.3, warmup_steps=5, decay_steps=20
        ),
        30,
    )
    schedule = LinearWarmup(CosineDecay(0.3, steps=20 - 5), steps=5, start=0.1)
    assert values(schedule, 30) == pytest.approx(made, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("cooldown", [0, 2])
def test_optaxs_plateau_has_a_patience_that_is_one_more(cooldown):
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    reduce_on_plateau = optax.contrib.reduce_on_plateau
    theirs = reduce_on_plateau(factor=0.5, patience=3, rtol=1e-2, cooldown=cooldown)
    ours = ReduceOnPlateau(
        1.0, factor=0.5, patience=2, threshold=1e-2, cooldown=cooldown
    )
    g = np.ones(1, np.float32)
    state = theirs.init(g)
    update = jax.jit(lambda state, loss: theirs.update(g, state, value=loss))
    for loss in np.random.default_rng(0).choice([1.0, 0.995, 0.9, 0.8], 40).tolist():
        scaled, state = update(state, loss)
        ours.update(loss)
        assert ours(1) == float(scaled[0])
    assert ours(1) < 0.1


def test_a_schedule_is_the_rate_of_an_optimizer():
    from optimlib import SGD

    opt, w, rate = SGD(lr=CosineDecay(0.3, 5)), np.zeros(1), CosineDecay(0.3, 5)
    for t in range(1, 9):
        new = opt.step(w, [1.0])
        assert w[0] - new[0] == pytest.approx(rate(t), abs=1e-15)
        w = new
