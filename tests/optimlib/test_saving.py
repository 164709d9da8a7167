"""state_dict and load_state_dict: a run that was saved goes on as if it had not stopped."""

import copy
import json

import numpy as np
import pytest
from variants import every_method, every_variant, with_state

import optimlib
from optimlib import SGD, Adam, Momentum
from optimlib.tree import flatten

START = {"w": np.array([[1.0, -2.0], [0.5, 3.0]]), "b": np.array([0.1], np.float64)}


def gradients(count):
    """Seeded gradients for START."""
    rng = np.random.default_rng(5)
    return [
        {name: rng.normal(size=array.shape) for name, array in START.items()}
        for _ in range(count)
    ]


def go_on(opt, w, given):
    """The weights after a step along each gradient."""
    for g in given:
        w = opt.step(w, g)
    return w


def exactly(one, other):
    """Whether two nests are the same bit for bit."""
    return all(
        np.array_equal(a, b, equal_nan=True)
        for a, b in zip(flatten(one).values(), flatten(other).values(), strict=True)
    )


@every_variant
def test_20_steps_saved_and_loaded_and_20_more_are_40_bit_for_bit(method, switches):
    given = gradients(40)
    whole = go_on(method(lr=0.1, **switches), START, given)
    first = method(lr=0.1, **switches)
    half = go_on(first, START, given[:20])
    second = method()  # the settings, too, come from what was saved
    second.load_state_dict(first.state_dict())
    assert repr(second) == repr(first) and second.t == 20
    assert exactly(go_on(second, half, given[20:]), whole)
    assert exactly(
        go_on(first, half, given[20:]), whole
    )  # saving left the first as it was


@every_variant
def test_a_state_that_went_through_json_goes_on_the_same(method, switches):
    given = gradients(20)
    first, second = method(**switches), method()
    half = go_on(first, START, given[:10])
    text = json.dumps(first.state_dict(), default=lambda array: array.tolist())
    second.load_state_dict(json.loads(text))
    assert exactly(go_on(second, half, given[10:]), go_on(first, half, given[10:]))


@every_method
def test_what_is_saved_and_what_is_loaded_are_copies(method):
    opt, given = method(), gradients(4)
    w = go_on(opt, START, given[:2])
    saved = opt.state_dict()
    kept = copy.deepcopy(saved)
    go_on(opt, w, given[2:])
    assert repr(saved) == repr(kept)  # the run went on, the saved state did not
    other = method()
    other.load_state_dict(saved)
    for entry in saved["state"].values():
        for array in flatten(entry).values():
            array[...] = 99
    assert repr(other.state_dict()) == repr(kept)
    go_on(other, w, given[2:])
    assert repr(other.state_dict()) == repr(opt.state_dict())


@every_method
def test_an_optimizer_that_took_no_step_can_be_saved(method):
    used = method(lr=0.5)
    go_on(used, START, gradients(3))
    used.load_state_dict(method(lr=0.25).state_dict())
    assert used.t == 0 and used.state == {} and used.lr == 0.25
    assert exactly(used.step(START, START), method(lr=0.25).step(START, START))


def test_the_dtype_is_saved():
    opt = Momentum()
    w = opt.step(np.ones(2, np.float32), np.ones(2))
    other = Momentum()
    other.load_state_dict(opt.state_dict())
    assert other.step(w, w).dtype == np.float32


def test_a_schedule_is_kept_by_the_object_that_loads():
    given = gradients(20)
    make = lambda: Adam(lr=lambda t: 0.1 / t, eps={"w": 1e-3, "b": lambda t: 1e-3})
    whole = go_on(make(), START, given)
    first, second = make(), make()
    half = go_on(first, START, given[:10])
    assert first.state_dict()["settings"]["lr"] is None
    second.load_state_dict(first.state_dict())
    assert exactly(go_on(second, half, given[10:]), whole)


def saved_adam():
    """The state of an Adam after two steps."""
    opt = Adam(lr=0.3)
    go_on(opt, START, gradients(2))
    return opt.state_dict()


def changed(**entries):
    """The saved Adam with other entries."""
    return lambda: {**saved_adam(), **entries}


def without(key):
    """The saved Adam without an entry."""
    return lambda: {name: value for name, value in saved_adam().items() if name != key}


def state(**entries):
    """The saved Adam with other state entries."""
    return lambda: {**saved_adam(), "state": {**saved_adam()["state"], **entries}}


def setting(**entries):
    """The saved Adam with other settings."""
    return lambda: {**saved_adam(), "settings": {**saved_adam()["settings"], **entries}}


REFUSED = {
    "no dict": (lambda: [1], "of type list"),
    "empty": (dict, "has no 'format'"),
    **{
        f"no {key}": (without(key), f"has no '{key}'")
        for key in ("format", "method", "t", "settings", "state")
    },
    "another format": (changed(format=0), "saved format is 0; allowed: 1"),
    "another method": (
        lambda: Momentum().state_dict(),
        "saved method is 'Momentum'; allowed: 'Adam'",
    ),
    "t below 0": (changed(t=-1), "saved t is -1"),
    "half a t": (changed(t=1.5), "saved t is 1.5"),
    "t as text": (changed(t="2"), "saved t is '2'"),
    "t is NaN": (changed(t=float("nan")), "saved t is nan"),
    "t is True": (changed(t=True), "saved t is True"),
    "steps without a state": (changed(state={}), "t is 2 with no state"),
    "a state without steps": (changed(t=0), "t is 0 with a state"),
    "settings are no dict": (changed(settings=None), "settings is of type NoneType"),
    "state is no dict": (changed(state=3), "state is of type int"),
    "a setting is missing": (changed(settings={"lr": 0.1}), "saved settings are"),
    "one setting too many": (setting(rho=1), "saved settings are"),
    "a setting out of range": (setting(beta1=1), "beta1 is 1.0"),
    "a setting that is text": (setting(lr="0.1"), "lr is '0.1'"),
    "a switch that is none": (
        setting(bias_correction="yes"),
        "bias_correction is 'yes'",
    ),
    "a schedule that nobody has": (setting(lr=None), "lr was saved as a schedule"),
    "a state is missing": (changed(state={"m": START}), r"saved state has \['m'\]"),
    "one state too many": (state(u=START), "saved state has"),
    "states of different keys": (
        state(v={"w": START["w"]}),
        r"state\['b'\] is missing",
    ),
    "states of different shapes": (
        state(v={**START, "b": np.ones(2)}),
        r"state\['b'\] has shape \(2,\)",
    ),
    "a state of text": (
        state(m={**START, "b": np.array(["x"])}),
        r"state\['b'\] has dtype <U1",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("steps", [0, 3])
def test_a_refusal_says_why_and_leaves_the_optimizer_as_it_was(case, steps):
    make, message = REFUSED[case]
    opt, twin, given = Adam(lr=0.2), Adam(lr=0.2), gradients(5)
    w = go_on(opt, START, given[:steps])
    go_on(twin, START, given[:steps])
    with pytest.raises((ValueError, TypeError), match=message):
        opt.load_state_dict(make())
    assert repr(opt.state_dict()) == repr(twin.state_dict())
    assert exactly(go_on(opt, w, given[steps:]), go_on(twin, w, given[steps:]))


@with_state
def test_a_state_of_other_shapes_is_refused_when_the_run_goes_on(method):
    opt, other = method(), method()
    opt.step(np.ones(3), np.ones(3))
    other.load_state_dict(opt.state_dict())
    with pytest.raises(ValueError, match=r"^w has shape \(2,\)"):
        other.step(np.ones(2), np.ones(2))


def test_no_method_loads_what_another_saved():
    methods = [
        getattr(optimlib, name)
        for name in ("SGD", "Momentum", "Nesterov", "Adagrad", "RMSprop", "Adam")
    ]
    for one in methods:
        for other in methods:
            if one is not other:
                with pytest.raises(ValueError, match="saved method"):
                    one().load_state_dict(other().state_dict())
    SGD().load_state_dict(SGD().state_dict())
