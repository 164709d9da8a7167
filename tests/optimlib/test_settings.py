"""Hyper-parameters: numbers, dicts, callables of t; and the words in which a wrong one
is refused."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from variants import METHODS, drawn, every_method, make, schedulable, take

from optimlib import SGD, VSGD, Adam, Momentum, RMSprop, Rprop
from optimlib.schedules import CosineDecay, LinearWarmup
from optimlib.settings import above_zero

HYPERS = [(method, name) for method in METHODS for name in method.hypers]
every_hyper = pytest.mark.parametrize(
    ("method", "name"), HYPERS, ids=[f"{m.__name__}-{n}" for m, n in HYPERS]
)
UNCORRECTED = {"bias_correction": False}
NOT_CONSTANT = [
    (method, name) for method, name in HYPERS if schedulable(method, name, UNCORRECTED)
]
every_schedulable = pytest.mark.parametrize(
    ("method", "name"), NOT_CONSTANT, ids=[f"{m.__name__}-{n}" for m, n in NOT_CONSTANT]
)

FROM_0 = (lambda x: 0 <= x < math.inf, "a finite number, 0 or more")
FROM_1 = (lambda x: 1 <= x < math.inf, "a finite number, 1 or more")
SHARE = (lambda x: 0 <= x < 1, "a number in [0, 1)")
RANGE = {
    "lr": FROM_0, "eps": FROM_0, "eps_root": FROM_0, "weight_decay": FROM_0, "momentum_decay": FROM_0,
    "step_min": FROM_0, "step_max": FROM_0, "momentum": SHARE, "beta": SHARE,
    "beta1": SHARE, "beta2": SHARE, "beta3": SHARE, "up": FROM_1, "c": FROM_1,
    "slow_start": FROM_1,
    "down": (lambda x: 0 < x < 1, "a number in (0, 1)"),
    "f_min": (math.isfinite, "a finite number"),
    "warmup": (lambda x: 1 <= x < math.inf and x % 1 == 0, "a whole number, 1 or more"),
    "gamma_max": (lambda x: 0 < x < math.inf, "a finite number above 0"),
    "rate_max": (lambda x: x > 0, "a number above 0"),
}  # fmt: skip
NO_NUMBERS = [
    "0.1",
    None,
    1j,
    True,
    np.True_,
    np.str_("0.1"),
    np.array("0.1"),
    np.array(0.1 + 1j),
    [0.1],
    np.array([0.1]),
]


def uncorrected(method, **more):
    """An optimizer whose betas may be scheduled, where they may at all."""
    return make(
        method,
        **more,
        **{k: UNCORRECTED[k] for k in method.switches if k in UNCORRECTED},
    )


def around(x):
    """The numbers next to x."""
    return math.nextafter(x, -1), math.nextafter(x, 2)


@every_hyper
@settings(max_examples=15)
@given(value=st.one_of(st.floats(-2, 3), st.integers(-3, 3)))
def test_a_number_is_taken_in_its_range_and_refused_outside_of_it(method, name, value):
    allowed, words = RANGE[name]
    if allowed(value):
        assert getattr(method(**{name: value}), name) == value
    else:
        message = f"{name} is {float(value)!r}; allowed: {words}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            method(**{name: value})


@every_hyper
def test_the_ends_of_the_range(method, name):
    allowed, _ = RANGE[name]
    ends = [end for near in (0.0, 1.0) for end in (near, *around(near))]
    for x in (math.nan, math.inf, -math.inf, -0.0, *ends):
        if allowed(x):
            assert getattr(method(**{name: x}), name) == x
        else:
            with pytest.raises(ValueError, match=f"^{name} is {x!r}; allowed"):
                method(**{name: x})


@every_hyper
def test_what_is_no_number_is_refused_by_name_and_type(method, name):
    fine = method.hypers[name].default
    for value in NO_NUMBERS:
        kind = type(value).__name__
        words = rf"{name} is .*, of type {kind}; allowed: a "
        with pytest.raises(TypeError, match=f"^{words}"):
            method(**{name: value})
        with pytest.raises(TypeError, match=rf"^{name}\['w'\] is .*; allowed: a "):
            method(**{name: {"b": fine, "w": value}})


@pytest.mark.parametrize(
    "one",
    [Fraction(1, 2), np.float16(0.5), np.array(0.5), np.longdouble(0.5)],
    ids=repr,
)
def test_every_kind_of_real_number_will_do(one):
    assert np.array_equal(
        SGD(lr=one).step([1.0], [1.0]), SGD(lr=0.5).step([1.0], [1.0])
    )


class Tensor:
    """A number of another package, in an array without axes."""

    shape, dtype = (), "tensor.float32"

    def __init__(self, number):
        self.number = number

    def __float__(self):
        return float(self.number)


class Item(Tensor):
    """One that gives its number as Python's."""

    def item(self):
        return self.number


@pytest.mark.parametrize("kind", [Tensor, Item])
@every_hyper
def test_a_number_of_another_packages_arrays_is_taken_as_it_is_now(method, name, kind):
    fine = float(drawn(name, np.random.default_rng(0)))
    number = kind(fine)
    opt, members = method(**{name: number}), {name: [number, fine]}
    population = method(**members, population=2)
    if schedulable(method, name, UNCORRECTED):
        scheduled = uncorrected(method, **{name: lambda t: number})
        plain = uncorrected(method, **{name: lambda t: fine})
        assert take(scheduled, [1.0], [1.0]) == take(plain, [1.0], [1.0])
    number.number = math.nan
    assert type(getattr(opt, name)) is float and getattr(opt, name) == fine
    assert getattr(population, name).tolist() == [fine, fine]


# Values of another package that hold no number, by how they are written.
NO_NUMBER = {
    "True": Item(True), "text": Item("a"), "complex": Item(1j), "a list": Item([1]),
    "text without item": Tensor("a"), "None without item": Tensor(None),
}  # fmt: skip


def refusal(call):
    """The error's type and text; None where there is none."""
    try:
        call()
    except (TypeError, ValueError, AttributeError, ModuleNotFoundError) as error:
        return type(error), str(error)
    return None


def refused(kind, message, call):
    """Whether it is refused with this kind of error, in words that begin like this."""
    found, said = refusal(call) or (None, "")
    return found is kind and re.match(message, said) is not None


@every_hyper
def test_an_array_of_another_package_that_holds_no_number_is_refused(method, name):
    message = rf"{name} is .*, of type .*; allowed: a "
    for case, wrong in NO_NUMBER.items():
        assert refused(TypeError, message, lambda x=wrong: method(**{name: x})), case


@every_hyper
def test_a_class_is_no_schedule(method, name):
    message = rf"{name}.* is <class .*, a class; allowed"
    for wrong in (CosineDecay, float, Tensor):
        for value in (wrong, {"w": wrong}):
            assert refused(TypeError, message, lambda x=value: method(**{name: x})), (
                value
            )


@pytest.mark.parametrize("wrong", [CosineDecay, float, Tensor], ids=str)
def test_a_class_is_nothing_to_warm_up_to(wrong):
    with pytest.raises(TypeError, match=r"^then is <class .*, a class; allowed"):
        LinearWarmup(wrong, steps=3)


@every_hyper
def test_a_number_beyond_floats_is_infinite(method, name):
    message = rf"{name} is -?inf; allowed: a "
    for huge in (10**400, -(10**400), Fraction(10**400)):
        infinite = math.inf if huge > 0 else -math.inf
        if RANGE[name][0](infinite):
            assert getattr(method(**{name: huge}), name) == infinite
        else:
            call = lambda x=huge: method(**{name: x})
            assert refused(ValueError, message, call), f"{huge}"[:9]


# After construction


ANY = st.one_of(
    st.floats(),
    st.integers(-3, 3),
    st.sampled_from(
        [
            *NO_NUMBERS,
            "raise",
            "ignore",
            "foo",
            "numpy",
            True,
            False,
            Fraction(1, 2),
            np.float32(0.5),
            Tensor(0.5),
            CosineDecay,
            CosineDecay(0.5, steps=3),
            {"w": 0.5},
            {"w": lambda t: 0.5},
            [0.5, 0.25],
            10**400,
        ]
    ),
)


@every_method
@settings(max_examples=60)
@given(data=st.data(), value=ANY, population=st.sampled_from([None, 2]))
def test_what_is_set_later_is_what_the_constructor_would_have_taken(
    method, data, value, population
):
    """The same is refused, in the same words, and then nothing has changed."""
    name = data.draw(st.sampled_from(list(method.arguments())))
    opt = method(population=population)
    before = repr(opt)
    given_ = {"population": population} | {name: value}
    expected = refusal(lambda: method(**given_))
    assert refusal(lambda: setattr(opt, name, value)) == expected
    assert repr(opt) == (before if expected else repr(method(**given_)))


def test_settings_that_do_not_go_together_are_refused_whichever_is_set_last():
    opt = Adam(bias_correction=False, beta1=lambda t: 0.9)
    with pytest.raises(ValueError, match=r"^beta1 is a schedule; allowed with bias_c"):
        opt.bias_correction = True
    assert opt.bias_correction is False
    opt.beta1 = 0.9
    opt.bias_correction = True
    with pytest.raises(ValueError, match=r"^beta1 is a schedule; allowed with bias_c"):
        opt.beta1 = lambda t: 0.9


@every_method
def test_a_name_that_is_no_setting_is_refused_with_those_that_are(method):
    opt = method()
    names = ", ".join(method.arguments())
    for name in ("learning_rate", "rule", "hypers", "state", "blocks"):
        said = f"^{method.__name__} has no setting '{name}'; it has: {names}$"
        with pytest.raises(AttributeError, match=said):
            setattr(opt, name, 5.0)
    for name in [*method.arguments(), "t", "_layout"]:
        with pytest.raises(AttributeError, match=f"^{name} of .* can't be deleted$"):
            delattr(opt, name)
    assert repr(opt) == repr(method())


@pytest.mark.parametrize("t", [-1, 1.5, math.nan, math.inf, "1", None, True, 10**99])
def test_t_is_a_count_of_steps(t):
    opt = Adam()
    with pytest.raises(
        ValueError, match=r"^t is .*; allowed: a whole number, 0 or mor"
    ):
        opt.t = t
    assert opt.t == 0
    for fine in (3, 4.0, np.int64(5), np.uint8(6)):
        opt.t = fine
        assert type(opt.t) is int and opt.t == fine


@pytest.mark.parametrize("method", [SGD, Momentum, Adam])
def test_what_does_not_fit_the_state_that_there_is_is_refused(method):
    opt, w = method(population=2), {"w": np.ones((2, 1))}
    w = opt.step(w, w)
    for population in (None, 3):
        with pytest.raises(ValueError, match="^population is .*; allowed: 2, that of"):
            opt.population = population
    with pytest.raises(ValueError, match=r"^lr\['w'\] is missing; allowed: the keys"):
        opt.lr = {"W": 0.1}
    opt.lr = {"w": [0.5, 0.25]}
    opt.step(w, w)
    opt.reset()
    opt.lr = {"W": 0.1}
    opt.population = None


def test_what_is_kept_of_a_setting_can_not_be_changed_unseen():
    population, opt = SGD(lr=[0.1, 0.2], population=2), SGD(lr={"w": 0.1})
    with pytest.raises(ValueError, match="read-only"):
        population.lr[0] = -1.0
    opt.lr["w"] = -1.0
    with pytest.raises(ValueError, match=r"^lr\['w'\] is -1.0; allowed: a finite"):
        opt.step({"w": np.ones(1)}, {"w": np.ones(1)})


@every_method
def test_an_argument_that_is_none_of_its_is_named_with_those_that_are(method):
    names = ", ".join([*method.hypers, *method.switches])
    kind = method.__name__
    with pytest.raises(
        TypeError, match=rf"^{kind} has no argument 'learning_rate'; it has: {names}, "
    ):
        method(learning_rate=0.1)


@every_method
@pytest.mark.parametrize("given", [(0.001,), ([np.ones(2)],)], ids=["lr", "parameters"])
def test_arguments_without_a_name_are_refused_with_an_example(method, given):
    name, default = next(iter(method.arguments().items()))
    example = re.escape(f"{method.__name__}({name}={default!r})")
    said = rf"^{method.__name__} takes named arguments only, as in {example}; the param"
    for more in ({}, {name: default}):
        with pytest.raises(TypeError, match=said):
            method(*given, **more)
    method(**{name: default})


def test_a_switch_takes_its_options_alone():
    for method in METHODS:
        for name, declared in method.switches.items():
            options = " or ".join(map(repr, declared.options))
            for wrong in (1, 0, None, "True", "yes"):
                with pytest.raises(
                    ValueError, match=f"^{name} is {wrong!r}; allowed: {options}$"
                ):
                    method(**{name: wrong})
        with pytest.raises(
            ValueError, match=r"^nonfinite is 'warn'; allowed: 'raise' or 'ignore'"
        ):
            method(nonfinite="warn")


# Schedules


@every_schedulable
def test_a_schedule_is_asked_at_each_step_for_its_t_from_1(method, name):
    asked, value = [], drawn(name, np.random.default_rng(0))
    opt = uncorrected(method, **{name: lambda t: asked.append(t) or value})
    for _ in range(4):
        take(opt, [1.0], [1.0])
    assert sorted(set(asked)) == [1, 2, 3, 4] and asked == sorted(asked)


@every_schedulable
def test_a_schedule_that_is_constant_is_the_constant(method, name):
    value = drawn(name, np.random.default_rng(1))
    one, other, each = (
        uncorrected(method, **{name: v})
        for v in (value, lambda t: value, {"w": value, "b": lambda t: value})
    )
    w = x = np.array([1.0, -2.0])
    nest = {"w": w, "b": w}
    for g in ([0.1, 2.0], [0.4, -1.0], [0.0, 3.0]):
        w, x = take(one, w, g), take(other, x, g)
        nest = take(each, nest, {"w": g, "b": g})
    assert np.array_equal(w, x)
    assert np.array_equal(w, nest["w"]) and np.array_equal(w, nest["b"])


@every_schedulable
def test_a_schedule_is_used_with_the_value_of_its_step(method, name):
    """Step t under a schedule equals step t of an optimizer that was given its value
    and the same past.
    """
    values = drawn(name, np.random.default_rng(2), 8)
    scheduled = uncorrected(method, **{name: lambda t: values[t - 1]})
    w, plain = np.array([1.0, -2.0]), uncorrected(method)
    parted = False
    for t, value in enumerate(values, 1):
        fresh = uncorrected(method, **{name: value})
        saved = scheduled.state_dict()
        past = {"t": saved["t"], "state": saved["state"]}
        fresh.load_state_dict({**fresh.state_dict(), **past})
        plain.load_state_dict({**plain.state_dict(), **past})
        g = np.array([1 / t, (-1) ** t / t**3])
        more = (
            {"gradient": lambda at, g=g: at * g} if "gradient" in method.inputs else {}
        )
        new = take(scheduled, w, g, **more)
        assert np.array_equal(new, take(fresh, w, g, **more))
        parted = parted or not np.array_equal(new, take(plain, w, g, **more))
        parted = parted or repr(scheduled.state) != repr(plain.state)
        w = new
    assert parted or name in ("step_min", "step_max", "rate_max")  # bounds not reached


@every_schedulable
def test_a_schedules_value_is_held_to_the_range_and_the_step_is_named(method, name):
    fine = drawn(name, np.random.default_rng(3))
    wrongs = [(math.nan, ValueError), ("1", TypeError), (None, TypeError)]
    for wrong, kind in [*wrongs, (-math.inf, ValueError)]:
        values = [fine, fine, wrong]
        opt = uncorrected(method, **{name: lambda t, v=values: v[t - 1]})
        w = take(opt, take(opt, [1.0], [1.0]), [1.0])
        state, words = (
            repr(opt.state),
            rf"^{name} at step 3 is {wrong!r}.*; allowed: a ",
        )
        with pytest.raises(kind, match=words):
            take(opt, w, [1.0])
        assert opt.t == 2 and repr(opt.state) == state


# Those that are constant

BETA = r"its average is corrected by 1 - beta\*\*t, which is right for a constant beta"
CONSTANT = {
    ("NAdam", "beta1"): BETA,
    ("NAdam", "momentum_decay"): "each step takes the momentum of the next",
    ("Rprop", "lr"): "the steps start at it and then adapt by themselves",
    ("VSGD", "warmup"): "the averages are started once",
    ("VSGD", "slow_start"): "it is used in one step alone",
}


def why_constant(method, name):
    """Why a hyper-parameter takes no schedule; None where it takes one."""
    corrected = f"{name}**t" in method.text()
    return CONSTANT.get((method.__name__, name), BETA if corrected else None)


SCHEDULES = {
    "alone": lambda value: lambda t: value,
    "in a dict": lambda value: {"w": lambda t: value},
    "deep in a dict": lambda value: {"w": {"deep": lambda t: value}, "b": value},
}


@every_hyper
@pytest.mark.parametrize("kind", SCHEDULES)
def test_a_schedule_is_taken_by_all_but_those_that_say_why_not(method, name, kind):
    schedule = SCHEDULES[kind](drawn(name, np.random.default_rng(4)))
    why = why_constant(method, name)
    if why is None:
        make(method, **{name: schedule})
        return
    with pytest.raises(ValueError, match=rf"^{name} is a schedule; allowed.*{why}"):
        make(method, **{name: schedule})


@pytest.mark.parametrize("kind", SCHEDULES)
def test_a_beta_that_nothing_corrects_may_be_scheduled(kind):
    schedule = SCHEDULES[kind](0.9)
    for method in METHODS:
        if "bias_correction" in method.switches:
            for name in ("beta1", "beta2"):
                method(bias_correction=False, **{name: schedule})
    with pytest.raises(ValueError, match=r"allowed with bias_correction=True: a const"):
        Adam(beta1=schedule)
    RMSprop(beta=schedule)
    Adam(beta1={"w": 0.9, "b": 0.8})  # constants that differ between arrays are fine
    Rprop(lr={"w": 0.9, "b": 0.8})
    VSGD(warmup={"w": 3, "b": 4})


# Dicts


def test_a_dict_gives_each_array_its_own():
    opt = SGD(lr={"w": 0.5, "b": {"deep": lambda t: 1 / t}})
    w = {"w": np.ones(2), "b": {"deep": np.zeros(1)}}
    g = {"w": np.ones(2), "b": {"deep": np.ones(1)}}
    w = opt.step(opt.step(w, g), g)
    assert w["w"].tolist() == [0, 0] and w["b"]["deep"].tolist() == [-1.5]


@every_method
def test_each_array_of_a_nest_has_the_settings_that_a_dict_names_for_it(method):
    """All hyper-parameters at once, and lists by their indices."""
    rng = np.random.default_rng(5)
    nest = {"layers": [np.ones(2), np.full(3, -2.0)], 7: (np.zeros(1),)}
    paths = {("layers", 0): "a", ("layers", 1): "b", (7, 0): "c"}
    chosen = {
        part: {name: float(drawn(name, rng)) for name in method.hypers}
        for part in paths.values()
    }
    keyed = {
        name: {
            "layers": {0: chosen["a"][name], 1: chosen["b"][name]},
            7: {0: chosen["c"][name]},
        }
        for name in method.hypers
    }
    opt, w = method(**keyed), nest
    alone = {path: method(**chosen[part]) for path, part in paths.items()}
    apart = {path: nest[path[0]][path[1]] for path in paths}
    for t in range(1, 7):
        g = {"layers": [np.full(2, 0.5 * t), np.ones(3)], 7: (np.array([-1.0]),)}
        w = take(opt, w, g)
        for path in paths:
            apart[path] = take(alone[path], apart[path], g[path[0]][path[1]])
            assert np.array_equal(w[path[0]][path[1]], apart[path])


def test_a_list_of_dicts_takes_a_list_of_dicts():
    opt = SGD(lr=[{"w": 0.5, "b": lambda t: t}, {"w": 0.25}])
    w = [{"w": np.ones(1), "b": np.ones(1)}, {"w": np.ones(1)}]
    (first, second), state = opt.step(w, w), opt.state_dict()["settings"]["lr"]
    assert (first["w"], first["b"], second["w"]) == (0.5, 0.0, 0.75)
    assert isinstance(state, str)


def test_a_dict_that_forgets_an_array_says_which():
    opt = Momentum(lr={"w": 0.1})
    w = {"w": np.ones(1), "b": np.ones(1)}
    with pytest.raises(
        ValueError,
        match=r"^lr\['b'\] is missing; allowed: the keys lr\['w'\], lr\['b'\]",
    ):
        opt.step(w, w)
    assert opt.t == 0 and opt.state == {}
    with pytest.raises(ValueError, match=r"^lr is a dict or list; allowed where w is "):
        opt.step(np.ones(1), np.ones(1))


def test_a_dict_that_names_an_array_that_w_has_not_says_which():
    opt, schedule = Momentum(lr={"w": 0.1, "W": 0.2}), Momentum(lr={"w": lambda t: 1})
    w = {"w": np.ones(1)}
    with pytest.raises(
        ValueError, match=r"^lr\['W'\] is not expected; allowed: the keys lr\['w'\]$"
    ):
        opt.step(w, w)
    assert opt.t == 0 and opt.state == {}
    with pytest.raises(ValueError, match=r"^lr\['b'\] is missing"):
        schedule.step({"b": np.ones(1)}, {"b": np.ones(1)})


def test_what_was_given_can_be_changed_later_without_changing_the_optimizer():
    rates, members = {"w": 0.1}, [0.1, 0.2]
    opt, population = SGD(lr=rates), SGD(lr=members, population=2)
    rates["w"] = members[0] = -5
    opt.state_dict()["settings"]["lr"]["w"] = -5
    population.state_dict()["settings"]["lr"][0] = -5
    assert opt.lr == {"w": 0.1} and list(population.lr) == [0.1, 0.2]


# A guard in a narrow dtype


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@given(eps=st.floats(0, 1e-3))
def test_a_guard_above_0_stays_above_0_and_else_is_as_it_was_given(dtype, eps):
    held = above_zero(eps, np.dtype(dtype))
    assert (dtype(held) > 0) == (eps > 0)
    assert held == eps or dtype(eps) == 0
    members = above_zero(np.array([eps, 0.5]), np.dtype(dtype))
    assert members.tolist() == [held, 0.5]


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.longdouble, np.int64])
def test_a_numpy_number_is_kept_as_pythons(kind):
    opt = SGD(lr={"w": kind(1)}, population=np.int64(3))
    python = int if kind is np.int64 else float
    assert type(opt.lr["w"]) is python and type(opt.population) is int
    assert repr(SGD(lr=kind(2))) == f"SGD(lr={python(2)!r})"
    assert SGD(lr=np.float32(0.1)).lr == float(np.float32(0.1))


def test_a_fraction_is_kept_as_a_float():
    opt = SGD(lr=Fraction(1, 8))
    assert opt.lr == 0.125 and opt.state_dict()["settings"]["lr"] == 0.125
    assert "lr=0.125" in repr(opt)


@pytest.mark.parametrize("lr", [1e39, lambda t: 1e39], ids=["number", "schedule"])
def test_a_rate_that_the_dtype_cannot_hold_is_refused(lr):
    w, opt = np.ones(2, np.float32), SGD(lr=lr)
    with pytest.raises(ValueError, match=r"lr is 1e\+39; allowed .*float32: at most"):
        opt.step(w, w)
    assert opt.t == 0
    assert SGD(lr=lr).step(np.ones(2), np.zeros(2)).tolist() == [1, 1]
