"""Hyper-parameters: numbers, dicts, callables of t; and the words in which a wrong one is refused."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from variants import METHODS, every_method

from optimlib import SGD, Adam, Momentum, RMSprop

HYPERS = [(method, name) for method in METHODS for name in method.hypers]
every_hyper = pytest.mark.parametrize(
    ("method", "name"), HYPERS, ids=[f"{m.__name__}-{n}" for m, n in HYPERS]
)
IN_0_1 = {"momentum", "beta", "beta1", "beta2"}
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


@every_hyper
@given(value=st.one_of(st.floats(), st.integers(-3, 3)))
def test_a_number_is_taken_in_its_range_and_refused_outside_of_it(method, name, value):
    allowed = 0 <= value < (1 if name in IN_0_1 else math.inf)
    if allowed:
        assert getattr(method(**{name: value}), name) == value
    else:
        words = r"in \[0, 1\)" if name in IN_0_1 else "finite number, 0 or more"
        with pytest.raises(
            ValueError,
            match=rf"^{name} is {float(value)!r}; allowed: .*{words}".replace(
                "+", r"\+"
            ),
        ):
            method(**{name: value})


@every_hyper
@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_what_is_no_number_is_refused_by_name_and_type(method, name, value):
    with pytest.raises(
        TypeError, match=rf"^{name} is .*, of type {type(value).__name__}; allowed: a "
    ):
        method(**{name: value})
    with pytest.raises(TypeError, match=rf"^{name}\['w'\] is .*; allowed: a "):
        method(**{name: {"b": 0.5, "w": value}})


@every_hyper
def test_the_ends_of_the_range(method, name):
    assert getattr(method(**{name: 0}), name) == 0
    below_one = math.nextafter(1, 0)
    assert getattr(method(**{name: below_one}), name) == below_one
    with pytest.raises(ValueError, match=f"^{name} is -5e-324"):
        method(**{name: -5e-324})


@pytest.mark.parametrize(
    "one",
    [Fraction(1, 2), np.float16(0.5), np.array(0.5), np.longdouble(0.5)],
    ids=repr,
)
def test_every_kind_of_real_number_will_do(one):
    assert np.array_equal(
        SGD(lr=one).step([1.0], [1.0]), SGD(lr=0.5).step([1.0], [1.0])
    )


@every_method
def test_an_argument_that_is_none_of_its_is_named_with_those_that_are(method):
    with pytest.raises(
        TypeError,
        match=rf"^{method.__name__} has no argument 'learning_rate'; it has: lr, ",
    ):
        method(learning_rate=0.1)
    with pytest.raises(TypeError):
        method(0.1)


def test_a_switch_takes_its_options_alone():
    for method in METHODS:
        for name in method.switches:
            for wrong in (1, 0, None, "True", "yes"):
                with pytest.raises(
                    ValueError, match=rf"^{name} is {wrong!r}; allowed: True or False"
                ):
                    method(**{name: wrong})
        with pytest.raises(
            ValueError, match=r"^nonfinite is 'warn'; allowed: 'raise' or 'ignore'"
        ):
            method(nonfinite="warn")


# Schedules


@every_method
def test_a_schedule_is_asked_once_a_step_and_array_for_t_from_1(method):
    asked = []

    def lr(t):
        asked.append(t)
        return 0.1

    opt = method(lr=lr)
    for _ in range(4):
        opt.step([1.0], [1.0])
    assert asked == [1, 2, 3, 4]


@every_hyper
def test_a_schedule_that_is_constant_is_the_constant(method, name):
    value = 0.3
    off = {"bias_correction": False} if "bias_correction" in method.switches else {}
    one, other, each = (
        method(**{name: v}, **off)
        for v in (value, lambda t: value, {"w": value, "b": lambda t: value})
    )
    w = x = np.array([1.0, -2.0])
    nest = {"w": w, "b": w}
    for g in ([0.1, 2.0], [0.4, -1.0], [0.0, 3.0]):
        w, x, nest = one.step(w, g), other.step(x, g), each.step(nest, {"w": g, "b": g})
    assert (
        np.array_equal(w, x)
        and np.array_equal(w, nest["w"])
        and np.array_equal(w, nest["b"])
    )


@every_hyper
def test_a_schedule_is_used_with_the_value_of_its_step(method, name):
    """Step 3 under a schedule equals step 3 of an optimizer that was given step 3's value and the same past."""
    off = {"bias_correction": False} if "bias_correction" in method.switches else {}
    scheduled = method(**{name: lambda t: 0.2 * t}, **off)
    w = np.array([1.0, -2.0])
    for t in (1, 2, 3):
        fresh = method(**{name: 0.2 * t}, **off)
        saved = scheduled.state_dict()
        fresh.load_state_dict({**saved, "settings": fresh.state_dict()["settings"]})
        g = np.array([0.5 * t, -1.0])
        new = scheduled.step(w, g)
        assert np.array_equal(new, fresh.step(w, g))
        w = new


def test_a_dict_gives_each_array_its_own():
    opt = SGD(lr={"w": 0.5, "b": {"deep": lambda t: 1 / t}})
    w = {"w": np.ones(2), "b": {"deep": np.zeros(1)}}
    g = {"w": np.ones(2), "b": {"deep": np.ones(1)}}
    w = opt.step(opt.step(w, g), g)
    assert w["w"].tolist() == [0, 0] and w["b"]["deep"].tolist() == [-1.5]


def test_a_dict_that_forgets_an_array_says_which():
    opt = Momentum(lr={"w": 0.1})
    with pytest.raises(KeyError, match=r"lr has no value for w\['b'\]; it names: 'w'"):
        opt.step({"w": np.ones(1), "b": np.ones(1)}, {"w": np.ones(1), "b": np.ones(1)})
    assert opt.t == 0 and opt.state == {}
    with pytest.raises(KeyError, match=r"lr has no value for w; it names: 'w'"):
        opt.step(np.ones(1), np.ones(1))


def test_a_dict_changed_later_changes_no_optimizer():
    rates = {"w": 0.1}
    opt = SGD(lr=rates)
    rates["w"] = -5
    opt.state_dict()["settings"]["lr"]["w"] = -5
    assert opt.lr == {"w": 0.1}


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (-1, ValueError),
        (math.nan, ValueError),
        (math.inf, ValueError),
        ("1", TypeError),
    ],
)
@every_hyper
def test_a_schedules_value_is_held_to_the_range_and_the_step_is_named(
    method, name, wrong, kind
):
    off = {"bias_correction": False} if "bias_correction" in method.switches else {}
    opt = method(**{name: lambda t: 0.1 if t < 3 else wrong}, **off)
    w = opt.step(opt.step([1.0], [1.0]), [1.0])
    state = repr(opt.state)
    with pytest.raises(
        kind,
        match=rf"^{name} at step 3 is {wrong!r}.*; allowed: a ".replace("-1", "-1"),
    ):
        opt.step(w, [1.0])
    assert opt.t == 2 and repr(opt.state) == state


@pytest.mark.parametrize("name", ["beta1", "beta2"])
@pytest.mark.parametrize(
    "schedule",
    [lambda t: 0.9, {"w": lambda t: 0.9}, {"w": {"deep": lambda t: 0.9}, "b": 0.5}],
)
def test_a_scheduled_beta_under_bias_correction_is_refused_with_the_reason(
    name, schedule
):
    with pytest.raises(
        ValueError,
        match=rf"^{name} is a schedule.*bias_correction=True.*constant.*1 - beta\*\*t",
    ) as error:
        Adam(**{name: schedule})
    assert "right for a constant beta alone" in str(error.value)
    Adam(bias_correction=False, **{name: schedule})
    Adam(
        **{name: {"w": 0.9, "b": 0.8}}
    )  # constants that differ between arrays are fine
    RMSprop(beta=lambda t: 0.9)  # it corrects nothing
