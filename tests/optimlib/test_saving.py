"""state_dict, load_state_dict, save and load: a run that was saved goes on as if it had
not stopped, and what is no saved run is refused."""

import copy
import errno
import hashlib
import io
import json
import math
import os
import re
import stat

import numpy as np
import pytest
from variants import METHODS, drawn, every_method, every_variant, make, take, with_state

from optimlib import (
    SGD,
    Adagrad,
    Adam,
    Eve,
    Momentum,
    Rprop,
    files,
    optimizers,
    state_dicts,
    train,
)
from optimlib.arrays.nests import flatten
from optimlib.schedules import ReduceOnPlateau
from optimlib.settings import Hyper

START = {"w": np.array([[1.0, -2.0], [0.5, 3.0]]), "b": np.array([0.1], np.float64)}


def gradients(count, start=START):
    """Seeded gradients for the start."""
    rng = np.random.default_rng(5)
    return [
        {name: rng.normal(size=array.shape) for name, array in start.items()}
        for _ in range(count)
    ]


def go_on(opt, w, given):
    """The weights after a step along each gradient."""
    for g in given:
        w = take(opt, w, g)
    return w


def exactly(one, other):
    """Whether two nests are the same bit for bit."""
    pairs = zip(flatten(one).items(), flatten(other).items(), strict=True)
    return all(
        p == q and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=True)
        for (p, a), (q, b) in pairs
    )


def same(opt, other):
    """Whether two optimizers would go on the same, by all that they save."""
    one, two = opt.state_dict(), other.state_dict()
    states = zip(one.pop("state").items(), two.pop("state").items(), strict=True)
    return repr(one) == repr(two) and all(
        k == n and exactly(a, b) for (k, a), (n, b) in states
    )


@pytest.fixture(params=["dict", "file"])
def handed_over(request, tmp_path):
    """A function that loads into one optimizer what another saved."""

    def through_file(saved, loaded):
        saved.save(tmp_path / "run.npz")
        loaded.load(tmp_path / "run.npz")

    def through_dict(saved, loaded):
        loaded.load_state_dict(saved.state_dict())

    return through_dict if request.param == "dict" else through_file


@every_variant
def test_20_steps_saved_and_loaded_and_20_more_are_40_bit_for_bit(
    method, switches, handed_over
):
    given = gradients(40)
    whole = go_on(make(method, lr=0.1, **switches), START, given)
    first = make(method, lr=0.1, **switches)
    half = go_on(first, START, given[:20])
    second = method()  # the settings, too, come from what was saved
    handed_over(first, second)
    assert repr(second) == repr(first) and second.t == 20 and same(first, second)
    assert exactly(go_on(second, half, given[20:]), whole)
    assert exactly(go_on(first, half, given[20:]), whole)  # which saving left alone


@every_method
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.longdouble])
def test_so_they_are_in_a_population_of_any_dtype_with_settings_of_each(
    method, dtype, handed_over
):
    rng = np.random.default_rng(1)
    given_ = {name: drawn(name, rng, 3) for name in method.hypers}
    start = {"w": rng.normal(size=(3, 2)).astype(dtype), 7: np.ones(3, dtype)}
    given, settings = gradients(12, start), {"population": 3, "nonfinite": "ignore"}
    first, second = method(**given_, **settings), method()
    half = go_on(first, start, given[:6])
    handed_over(first, second)
    assert same(first, second) and second.population == 3
    assert exactly(go_on(second, half, given[6:]), go_on(first, half, given[6:]))


NESTS = {
    "an array": np.ones(2),
    "a number": np.array(1.5),
    "a tuple": (np.ones(1), np.ones((2, 2))),
    "a list": [np.ones(1), {"w": np.ones(0)}],
    "keys of every kind": {0: np.ones(1), "0": np.ones(2), None: np.ones(3), 1.5: np.ones(4)},
    "keys in no order": {"z": np.ones(1), "a": np.ones(2), "": np.ones(3), "ü[0]": np.ones(4)},
    "deep": {"layers": [{"w": (np.ones(1), np.ones(2))}, [np.ones(3)]], True: np.ones(1)},
    "nothing": {},
}  # fmt: skip


# A method for each kind of state: how many arrays, how many numbers, of which inputs.
KINDS = {(len(m.state_names), len(m.scalars), m.inputs): m for m in METHODS}


@pytest.mark.parametrize("method", KINDS.values(), ids=lambda method: method.__name__)
@pytest.mark.parametrize("case", NESTS)
def test_every_structure_comes_back_as_it_was(method, case, handed_over):
    first, second, w = make(method), method(), NESTS[case]
    w = take(first, w, w)
    handed_over(first, second)
    assert same(first, second)
    for name in method.state_names:
        one, other = first.state[name], second.state[name]
        assert type(one) is type(other) and repr(one) == repr(other)
    assert repr(take(second, w, w)) == repr(take(first, w, w))


@every_variant
def test_a_state_that_went_through_json_goes_on_the_same(method, switches):
    given = gradients(20)
    first, second = make(method, **switches), method()
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
def test_an_optimizer_that_took_no_step_can_be_saved(method, handed_over):
    used, fresh = make(method, lr=0.5), make(method, lr=0.25)
    go_on(used, START, gradients(3))
    handed_over(fresh, used)
    assert used.t == 0 and used.state == {} and repr(used) == repr(fresh)
    assert exactly(take(used, START, START), take(fresh, START, START))


# Code is given again


def test_a_schedule_is_given_again_on_loading(handed_over):
    given = gradients(20)
    make = lambda: Adam(lr=lambda t: 0.1 / t, eps={"w": 1e-3, "b": lambda t: 1e-3})
    whole = go_on(make(), START, given)
    first, second = make(), make()
    half = go_on(first, START, given[:10])
    marked = first.state_dict()["settings"]
    assert isinstance(marked["lr"], str) and marked["lr"] == marked["eps"]
    handed_over(first, second)
    assert exactly(go_on(second, half, given[10:]), whole)


def test_a_projection_is_given_again_on_loading(handed_over):
    given = gradients(20)
    make = lambda: Adam(lr=0.5, project=lambda w: {k: abs(x) for k, x in w.items()})
    first, second = make(), make()
    half = go_on(first, START, given[:10])
    handed_over(first, second)
    assert exactly(go_on(second, half, given[10:]), go_on(make(), START, given))


CODE = {name: {name: lambda t: 0.1} for name in ("lr", "eps")}
CODE |= {"lr in a dict": {"lr": {"w": lambda t: 0.1, "b": 0.1}}}
CODE |= {"project": {"project": lambda w: w}}


@pytest.mark.parametrize("case", CODE)
def test_code_that_is_not_given_again_is_named(case, handed_over):
    name = case.split()[0]
    first, second = Adam(**CODE[case]), Adam()
    go_on(first, START, gradients(3))
    w = go_on(second, START, gradients(2))
    before = copy.deepcopy(second)
    with pytest.raises(ValueError, match=f"^{name} was saved as code, which no file"):
        handed_over(first, second)
    assert same(second, before) and exactly(take(second, w, w), take(before, w, w))


@pytest.mark.parametrize("case", CODE)
def test_code_of_this_optimizer_that_was_not_saved_is_named_and_not_dropped(
    case, handed_over
):
    name = case.split()[0]
    first, second = Adam(), Adam(**CODE[case])
    go_on(first, START, gradients(3))
    w = go_on(second, START, gradients(2))
    before = copy.deepcopy(second)
    said = f"^{name} was saved as .* is code, .*; allowed: an optimizer made without it"
    with pytest.raises(ValueError, match=said):
        handed_over(first, second)
    assert same(second, before) and exactly(take(second, w, w), take(before, w, w))


def test_a_number_that_was_saved_takes_the_place_of_this_optimizers(handed_over):
    first, second = SGD(lr=0.5), SGD(lr=0.1)
    handed_over(first, second)
    assert second.lr == 0.5


def test_a_text_that_reads_like_the_mark_is_no_code():
    with pytest.raises(TypeError, match=r"^lr is '<code"):
        Adam(lr=Adam(lr=lambda t: 1).state_dict()["settings"]["lr"])


def plateaus():
    """An optimizer with two schedules that have a state, and these."""
    one, two = ReduceOnPlateau(0.5, patience=1), ReduceOnPlateau(0.25, patience=0)
    return Momentum(lr={"w": one, "b": two}), one, two


def test_schedules_with_a_state_go_on_where_they_stopped(handed_over):
    (first, *schedules), (second, *others) = plateaus(), plateaus()
    w = go_on(first, START, gradients(3))
    for schedule in schedules:
        for loss in (1.0, 2.0, 2.0):
            schedule.update(loss)
    handed_over(first, second)
    assert [s.state_dict() for s in schedules] == [s.state_dict() for s in others]
    assert others[0](1) == pytest.approx(0.05) and same(first, second)
    assert exactly(take(second, w, w), take(first, w, w))


class Refusing:
    """A schedule with a state that takes no saved one."""

    def __init__(self, error):
        self.error = error

    def __call__(self, t):
        return 0.1

    def state_dict(self):
        return {}

    def load_state_dict(self, saved):
        raise self.error


@pytest.mark.parametrize("error", [ValueError("no"), KeyError("no"), RuntimeError()])
def test_no_schedule_has_changed_where_one_refuses(error):
    first, *schedules = plateaus()
    go_on(first, START, gradients(3))
    for schedule in schedules:
        schedule.update(1.0)
    kept = ReduceOnPlateau(0.125)
    kept.update(7.0)
    second = Momentum(lr={"w": kept, "b": Refusing(error)})
    before = kept.state_dict()
    with pytest.raises(type(error)):
        second.load_state_dict(first.state_dict())
    assert kept.state_dict() == before and second.t == 0 and second.state == {}


@pytest.mark.parametrize(
    "lr", [lambda t: 0.1, ReduceOnPlateau(0.1), {"w": ReduceOnPlateau(0.1), "b": 0.1}]
)
def test_schedules_that_stand_elsewhere_are_refused(lr, handed_over):
    first, *_ = plateaus()
    second = Momentum(lr=lr)
    with pytest.raises(
        ValueError, match=r"^the saved schedules.* \[.*lr\['b'\].*has \["
    ):
        handed_over(first, second)
    assert second.t == 0


# What is refused


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


@every_method
@pytest.mark.parametrize(("steps", "t"), [(0, 5), (2, 0)])
def test_a_t_that_was_set_by_hand_is_saved_and_loaded(tmp_path, method, steps, t):
    opt, other = make(method), make(method)
    w = go_on(opt, START, gradients(steps))
    opt.t = t
    opt.save(tmp_path / "opt.npz")
    other.load(tmp_path / "opt.npz")
    assert other.t == t and same(opt, other)
    assert exactly(take(other, w, w), take(opt, w, w))


REFUSED = {
    "no dict": (lambda: [1], "of type list"),
    "empty": (dict, "has no 'format'"),
    **{
        f"no {key}": (without(key), f"has no '{key}'")
        for key in ("format", "method", "t", "settings", "schedules", "state")
    },
    "another format": (changed(format=0), "saved format is 0; allowed: 2"),
    "another method": (
        lambda: Momentum().state_dict(),
        "saved method is 'Momentum'; allowed: 'Adam'",
    ),
    "t below 0": (changed(t=-1), "saved t is -1"),
    "half a t": (changed(t=1.5), "saved t is 1.5"),
    "t as text": (changed(t="2"), "saved t is '2'"),
    "t is NaN": (changed(t=float("nan")), "saved t is nan"),
    "t is True": (changed(t=True), "saved t is True"),
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
    "a schedule that nobody has": (
        setting(lr="<code, to be given again>"),
        "lr was saved as code",
    ),
    "schedules are no dict": (changed(schedules=[]), "schedules is of type list"),
    "schedules of another": (changed(schedules={"lr": {}}), r"schedules.*\['lr'\]"),
    "a state is missing": (changed(state={"m": START}), r"saved state has \['m'\]"),
    "one state too many": (state(u=START), "saved state has"),
    "states of different keys": (
        state(v={"w": START["w"]}),
        r"saved v\['b'\] is missing",
    ),
    "states of different shapes": (
        state(v={**START, "b": np.ones(2)}),
        r"saved v\['b'\] has shape \(2,\)",
    ),
    "a state of text": (
        state(m={**START, "b": np.array(["x"])}),
        r"m\['b'\] has dtype <U1",
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


def kinds_of_state():
    """Saved states of every kind, each with what made it."""
    plateau = lambda: Momentum(lr=ReduceOnPlateau(0.5), nonfinite="ignore")
    nested = lambda: Adam(lr={"w": 0.5, "b": 0.25}, eps=1)
    many = lambda: Momentum(lr=[0.5, 0.25], population=2)
    starts = {"nested": START, "many": np.ones((2, 3))}
    made = {"nested": nested, "plateau": plateau, "many": many, "eve": Eve, "sgd": SGD}
    for name, make_ in made.items():
        opt, w = make_(), starts.get(name, np.ones(2))
        take(opt, w, w)
        yield make_, opt.state_dict()
    yield Adam, Adam().state_dict()


JUNK = [
        None, True, False, -1, 0, 2, 10**400, 0.5, -1.0, math.nan, math.inf, 1j, "", "raise",
        b"", [], {}, (), [1, "a"], {"w": 1}, {1: 2, "a": 3}, {"lr": 1.0}, set(), object,
        object(), state_dicts.CODE, np.ones(2), np.ones((2, 3)), np.ones(2, "f4"), np.ones(2, int),
        np.array("a"), np.array([None, 1]), np.array(math.nan), np.float32(1), [np.ones(2)],
        {"w": np.ones(2), 3: {"b": np.ones(1)}}, [[1], [1, 2]], np.datetime64(1, "s"),
]  # fmt: skip


def mutations(saved, part=None):
    """The saved state, of which each part in turn is another, missing, or twice there."""
    part = saved if part is None else part
    for key, value in list(part.items()):
        for other in JUNK:
            part[key] = other
            yield saved
        del part[key]
        yield saved
        part[key] = value
        for more in ("more", 7, None, (1, 2), math.nan):
            part[more] = value
            yield saved
            del part[more]
        if isinstance(value, dict):
            yield from mutations(saved, value)


@pytest.mark.parametrize("kind", range(6))
def test_whatever_a_saved_state_holds_it_is_loaded_or_refused(kind):
    """With a TypeError or ValueError that has words, after which nothing has changed."""
    make_, saved = [*kinds_of_state()][kind]
    opt, whole, refused = make_(), copy.deepcopy(saved), 0
    opt.load_state_dict(whole)
    before = repr(opt.state_dict())
    for mutated in mutations(saved):
        try:
            opt.load_state_dict(mutated)
        except (TypeError, ValueError) as error:
            assert repr(opt.state_dict()) == before
            said = str(error)
            assert re.search("allowed|^the saved |was saved as code", said), said
            refused += 1
        else:
            opt = make_()
            opt.load_state_dict(whole)
    assert refused > 200


@with_state
def test_a_state_of_other_shapes_is_refused_when_the_run_goes_on(method):
    opt, other = method(), method()
    take(opt, np.ones(3), np.ones(3))
    other.load_state_dict(opt.state_dict())
    with pytest.raises(ValueError, match=r"^w has shape \(2,\)"):
        take(other, np.ones(2), np.ones(2))


def test_no_method_loads_what_another_saved():
    methods = list(optimizers.METHODS.values())
    for one in methods:
        for other in methods:
            if one is not other:
                with pytest.raises(ValueError, match="saved method"):
                    one().load_state_dict(other().state_dict())
        one().load_state_dict(one().state_dict())


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("d", np.ones(1), r"saved d has shape \(1,\) and dtype float64; allowed: \(\)"),
        ("d", np.float32(1), r"saved d has .*float32; allowed: \(\) and float64"),
        ("m", np.ones(3), r"has shape \(2,\)"),
        ("f_prev", {"w": np.array(1.0)}, "saved f_prev is a dict"),
    ],
)
def test_states_of_one_number_are_held_to_that(name, wrong, message):
    opt = Eve()
    take(opt, np.ones(2), np.ones(2))
    saved = opt.state_dict()
    saved["state"][name] = wrong
    with pytest.raises(ValueError, match=message):
        Eve().load_state_dict(saved)


# Files


def saved_bytes(opt, tmp_path):
    """What the optimizer's file holds."""
    opt.save(tmp_path / "kept.npz")
    return (tmp_path / "kept.npz").read_bytes()


def used(method=Momentum, **settings):
    """A method after three steps."""
    opt = method(**settings)
    go_on(opt, {"w": np.array([1.0, 2.0])}, [{"w": np.array([0.5, -1.0])}] * 3)
    return opt


def test_a_file_is_a_plain_npz(tmp_path):
    opt = used()
    opt.save(str(tmp_path / "run.npz"))
    with np.load(tmp_path / "run.npz", allow_pickle=False) as archive:
        assert any(np.array_equal(archive[k], opt.state["v"]["w"]) for k in archive)
        assert "header" in archive.files


def test_a_file_cut_off_anywhere_is_refused_and_nothing_has_changed(tmp_path):
    content, path = saved_bytes(used(), tmp_path), tmp_path / "cut.npz"
    opt, twin = used(lr=0.5), used(lr=0.5)
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(
            ValueError, match=r"cut\.npz is not a saved run, or not a wh"
        ):
            opt.load(path)
    assert same(opt, twin) and len(content) > 1000


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_a_file_with_any_byte_changed_is_refused_and_nothing_has_changed(
    tmp_path, flip
):
    content, path = bytearray(saved_bytes(used(), tmp_path)), tmp_path / "flipped.npz"
    opt, twin = used(lr=0.5), used(lr=0.5)
    for place in range(len(content)):
        content[place] ^= flip
        path.write_bytes(content)
        content[place] ^= flip
        with pytest.raises(ValueError, match=r"flipped\.npz is not a saved run"):
            opt.load(path)
    assert same(opt, twin)
    path.write_bytes(content)
    opt.load(path)
    assert same(opt, used())


@pytest.mark.parametrize("more", [b"\0", b"PK", b"x" * 64, b"\n"])
def test_a_file_with_more_behind_its_end_is_refused(tmp_path, more):
    path = tmp_path / "longer.npz"
    path.write_bytes(saved_bytes(used(), tmp_path) + more)
    with pytest.raises(ValueError, match="is not a saved run"):
        SGD().load(path)


def forged(content):
    """These bytes with their checksum behind them."""
    return content + hashlib.sha256(content).hexdigest().encode()


def archive(**arrays):
    """A forged .npz file."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return forged(buffer.getvalue())


def headed(header, **arrays):
    """A forged file with that header, in JSON's terms."""
    return archive(header=np.array(json.dumps(header)), **arrays)


FORGED = {
    "nothing": forged(b""),
    "text": forged(b"text"),
    "half an archive": forged(archive(header=np.array("{}"))[:200]),
    "one array": forged(b"\x93NUMPY\x01\x00" + b"\0" * 99),
    "no header": archive(v=np.ones(3)),
    "a header of numbers": archive(header=np.ones(3)),
    "a header that is no JSON": archive(header=np.array("{")),
    "an endless header": archive(header=np.array("[" * 100_000)),
    "two kinds at once": headed({"dict": [], "list": []}),
    "no kind": headed({}),
    "another kind": headed({"set": [1]}),
    "an array that is not there": headed({"array": "array7"}),
    "an array without a name": headed({"array": None}),
    "a list of a number": headed({"list": 3}),
    "pairs that are none": headed({"dict": [[1, 2, 3]]}),
    "a key that is a list": headed({"dict": [[[1], 2]]}),
    "a key that is a dict": headed({"dict": [[{"tuple": []}, 2]]}),
}
NO_STATE = {
    "a number": headed(7),
    "no text": headed(None),
    "a list": headed({"list": []}),
    "an empty dict": headed({"dict": []}),
    "an array": headed({"array": "a"}, a=np.ones(2)),
}


def test_whatever_a_checkpoint_holds_it_is_gone_on_with_or_refused(
    tmp_path, monkeypatch
):
    content, refused = [], 0
    monkeypatch.setattr(files, "write", lambda _, new: content.append(new))
    monkeypatch.setattr(files, "read", lambda _: content[-1])

    def place(opt, rng):
        return repr((opt.state_dict(), rng.bit_generator.state))

    def go(opt, rng):
        w0 = {"w": np.ones(1), "b": np.ones(2)}
        cost = lambda w, x: (1.0, {"w": np.ones(1), "b": np.ones(2)})
        more = {"batch_size": 1, "epochs": 1, "rng": rng, "resume": True}
        file = tmp_path / "run.npz"
        train(cost, w0, opt, [[1.0]], checkpoint=file, validate=lambda w: 1.0, **more)

    def fresh():
        rng = np.random.Generator(np.random.MT19937(0))
        return Momentum(lr=ReduceOnPlateau(0.5)), rng

    go(*fresh())
    (tmp_path / "run.npz").touch()
    before = place(*fresh())
    for mutated in mutations(content[-1]):
        content[:], given = [mutated], fresh()
        try:
            go(*given)
        except (TypeError, ValueError):
            assert place(*given) == before
            refused += 1
    assert refused > 500


@pytest.mark.parametrize("case", FORGED)
def test_a_file_with_a_checksum_and_no_run_is_refused(tmp_path, case):
    (tmp_path / "forged.npz").write_bytes(FORGED[case])
    opt = used()
    with pytest.raises(ValueError, match=r"forged\.npz is not a saved run"):
        opt.load(tmp_path / "forged.npz")
    assert same(opt, used())
    with pytest.raises(ValueError, match=r"forged\.npz is not a saved run"):
        checkpointed(tmp_path / "forged.npz", 1)


@pytest.mark.parametrize("case", NO_STATE)
def test_a_file_of_something_else_is_refused(tmp_path, case):
    (tmp_path / "forged.npz").write_bytes(NO_STATE[case])
    opt = used()
    with pytest.raises((ValueError, TypeError), match="^the saved state "):
        opt.load(tmp_path / "forged.npz")
    assert same(opt, used())
    with pytest.raises(ValueError, match="^the checkpoint is no training; allowed"):
        checkpointed(tmp_path / "forged.npz", 1)


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, v=np.ones(3), header=np.array("{}"))
    for content in (path.read_bytes(), b"", b"text", os.urandom(500)):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"other\.npz is not a saved run"):
            SGD().load(path)
    for missing in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(OSError):
            SGD().load(missing)


def test_a_file_of_another_method_is_refused_and_nothing_has_changed(tmp_path):
    used(Adagrad).save(tmp_path / "run.npz")
    opt = used()
    with pytest.raises(ValueError, match="saved method is 'Adagrad'; allowed: 'Mom"):
        opt.load(tmp_path / "run.npz")
    assert same(opt, used())


@pytest.mark.parametrize("failing", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_file_that_was_there_and_no_other(
    tmp_path, monkeypatch, failing, error
):
    path, opt = tmp_path / "run.npz", used()
    opt.save(path)
    before = path.read_bytes()

    def fail(*_):
        raise error

    take(opt, {"w": np.ones(2)}, {"w": np.ones(2)})
    with monkeypatch.context() as patched:
        patched.setattr(os, failing, fail)
        with pytest.raises(type(error)):
            opt.save(path)
        with pytest.raises(type(error)):
            opt.save(tmp_path / "new.npz")
    assert os.listdir(tmp_path) == ["run.npz"] and path.read_bytes() == before
    opt.save(path)
    other = Momentum()
    other.load(path)
    assert same(opt, other) and os.listdir(tmp_path) == ["run.npz"]


class Full:
    """A file on a disk that has room for so many more bytes."""

    def __init__(self, stream, room):
        self.stream, self.room = stream, room

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()

    def write(self, content):
        self.stream.write(content[: self.room])
        raise OSError(errno.ENOSPC, "No space left on device")


def checkpointed(path, epochs):
    """Train so many epochs with a checkpoint."""
    more = {"batch_size": 1, "rng": np.random.default_rng(0), "resume": True}
    cost = lambda w, x: (1.0, np.ones(1))
    train(cost, [0.0], SGD(), [[1.0]], epochs=epochs, checkpoint=path, **more)


@pytest.mark.parametrize("room", [0, 100])
@pytest.mark.parametrize(
    "write",
    [lambda path, n: used(lr=n).save(path), checkpointed],
    ids=["save", "train"],
)
def test_a_disk_that_is_full_leaves_the_old_file_and_no_other(
    tmp_path, monkeypatch, room, write
):
    path = tmp_path / "run.npz"
    write(path, 1)
    before = path.read_bytes()
    with monkeypatch.context() as patched:
        full = lambda path, mode: Full(path.open(mode), room)
        patched.setattr(files, "open", full, raising=False)
        with pytest.raises(OSError, match=r"No space left on device: '.*run\.npz'"):
            write(path, 2)
    assert os.listdir(tmp_path) == ["run.npz"] and path.read_bytes() == before
    write(path, 2)
    assert path.read_bytes() != before


def test_through_a_link_its_target_is_written(tmp_path):
    """Also where that is not there yet, and by way of other links and folders."""
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to("far")
    (tmp_path / "near" / "link").symlink_to(tmp_path / "near" / "run.npz")
    (tmp_path / "again").symlink_to(tmp_path / "near" / "link")
    for lr in (0.5, 0.25):
        used(lr=lr).save(tmp_path / "again")
        assert (tmp_path / "again").is_symlink()
        assert (tmp_path / "near" / "link").is_symlink()
        other = Momentum()
        other.load(tmp_path / "far" / "run.npz")
        assert same(other, used(lr=lr))
    assert sorted(os.listdir(tmp_path / "far")) == ["link", "run.npz"]
    (tmp_path / "ring").symlink_to(tmp_path / "ring")
    with pytest.raises(OSError, match="ring"):
        used().save(tmp_path / "ring")
    assert (tmp_path / "ring").is_symlink()


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666, 0o200])
def test_a_file_keeps_its_mode(tmp_path, mode):
    path = tmp_path / "run.npz"
    used().save(path)
    path.chmod(mode)
    used(lr=0.5).save(path)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    checkpoint = tmp_path / "checkpoint.npz"
    for epochs in (1, 2):
        checkpointed(checkpoint, epochs)
        checkpoint.chmod(mode | 0o400)
    checkpointed(checkpoint, 3)
    assert stat.S_IMODE(checkpoint.stat().st_mode) == mode | 0o400


@pytest.mark.parametrize("mode", [0o444, 0o400, 0o555])
def test_a_file_that_is_read_only_is_refused(tmp_path, mode):
    """Also for root, who could."""
    path = tmp_path / "run.npz"
    used().save(path)
    before = path.read_bytes()
    path.chmod(mode)
    with pytest.raises(
        PermissionError, match=r"run\.npz is read-only; allowed: a file"
    ):
        used(lr=0.5).save(path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["run.npz"]
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_what_is_no_regular_file_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path):
        with pytest.raises(OSError, match="is no regular file; allowed: one, or a new"):
            used().save(path)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.parametrize("name", ["x" * 255, "ü" * 127, "x" * 246 + ".npz"])
def test_a_name_may_be_as_long_as_the_disk_allows(tmp_path, name):
    for lr in (0.5, 0.25):
        used(lr=lr).save(tmp_path / name)
        other = Momentum()
        other.load(tmp_path / name)
        assert same(other, used(lr=lr)) and os.listdir(tmp_path) == [name]
    with pytest.raises(OSError, match="name too long"):
        used().save(tmp_path / ("x" * 256))


def test_an_error_names_the_file_that_was_asked_for(tmp_path):
    with pytest.raises(OSError, match=r"none/run\.npz'$"):
        used().save(tmp_path / "none" / "run.npz")


def test_the_file_takes_its_name_only_when_it_is_whole(tmp_path, monkeypatch):
    path, seen, replace = tmp_path / "run.npz", [], os.replace

    def look(source, target):
        seen.append((path.exists(), os.path.getsize(source)))
        replace(source, target)

    monkeypatch.setattr(os, "replace", look)
    used().save(path)
    assert seen == [(False, path.stat().st_size)]


def test_a_directory_that_does_not_exist_is_an_error(tmp_path):
    with pytest.raises(OSError):
        used().save(tmp_path / "none" / "run.npz")
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError):
        used().save(tmp_path / "taken")
    assert os.listdir(tmp_path) == ["taken"] and not os.listdir(tmp_path / "taken")


def test_a_file_may_be_read_by_those_who_may_read_others_of_its_owner(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    used().save(tmp_path / "run.npz")
    one, other = (
        stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "run.npz")
    )
    assert one == other


def test_a_name_in_the_working_directory_will_do(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    used().save("run")
    assert os.listdir() == ["run"]
    opt = Momentum()
    opt.load("run")
    assert same(opt, used())


@pytest.mark.parametrize(
    "key", [(1, 2), b"w", math.nan, np.float32("nan"), 1j, frozenset()], ids=repr
)
def test_keys_that_no_file_holds_are_refused_before_anything_is_written(tmp_path, key):
    opt, w = Momentum(), {key: np.ones(2)}
    opt.step(w, w)
    with pytest.raises(TypeError, match="dict has the key .*; allowed in a file: text"):
        opt.save(tmp_path / "run.npz")
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize(
    "key",
    [
        np.int64(3),
        np.uint8(3),
        np.True_,
        np.float32(0.1),
        np.float64(0.5),
        np.str_("w"),
    ],
    ids=repr,
)
def test_numpys_numbers_and_text_are_keys_as_pythons_are(tmp_path, key):
    opt, other, w = Momentum(), Momentum(), {key: np.ones(2)}
    w = opt.step(w, w)
    opt.save(tmp_path / "run.npz")
    other.load(tmp_path / "run.npz")
    assert same(opt, other) and exactly(take(opt, w, w), take(other, w, w))


@every_method
def test_every_kind_of_setting_comes_back(method, tmp_path):
    for name, declared in method.hypers.items():
        assert isinstance(declared, Hyper)
        value = drawn(name, np.random.default_rng(2))
        for setting in (float(value), {"w": float(value), 3: {"deep": np.float32(2)}}):
            if isinstance(setting, dict) and not declared.accepts(2.0):
                setting[3]["deep"] = np.float64(value)
            opt = method(**{name: setting}, nonfinite="ignore")
            opt.save(tmp_path / "run.npz")
            other = method()
            other.load(tmp_path / "run.npz")
            assert flatten(getattr(other, name)) == flatten(setting)
            assert other.nonfinite == "ignore"


def test_a_run_of_rprop_goes_on_with_its_steps_wherever_they_started(tmp_path):
    opt, other, w = Rprop(lr=0.5), Rprop(lr=0.1), {"w": np.ones(2)}
    w = go_on(opt, w, [{"w": np.array([1.0, 2.0])}] * 3)
    opt.save(tmp_path / "run.npz")
    other.load(tmp_path / "run.npz")
    assert other.state["step"]["w"].tolist() == opt.state["step"]["w"].tolist()
    assert exactly(take(other, w, w), take(opt, w, w))


def test_objects_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(TypeError, match="^an array has dtype object; allowed in a fi"):
        files.write(tmp_path / "x.npz", {"a": np.array([1, "b", None], dtype=object)})
    assert not os.listdir(tmp_path)
