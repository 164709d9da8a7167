"""Hyper-parameters: what a method declares, what it allows, and their value at a step.

A hyper-parameter is a number, a dict keyed like the parameters, or a callable of the step number t = 1, 2, ...
A dict may hold callables.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

from optimlib.tree import flatten, name_of, rebuild

Value = float | Callable[[int], float] | Mapping[str, Any]


@dataclass(frozen=True)
class Hyper:
    """A declared hyper-parameter: its default, its range in words, and the test of a value.

    `constant_for` names the switch that makes a schedule wrong; `why_constant` says why.
    """

    default: Any
    allowed: str
    accepts: Callable[[float], bool]
    constant_for: str | None = None
    why_constant: str = ""


@dataclass(frozen=True)
class Switch:
    """A declared choice that changes the text of the rule: one of `options`."""

    default: Any
    options: tuple


def rate(default) -> Any:
    """A learning rate: finite, 0 or more."""
    return Hyper(default, "a finite number, 0 or more", lambda x: 0 <= x < math.inf)


def guard(default) -> Any:
    """The small number that keeps a denominator from zero: finite, 0 or more."""
    return rate(default)


def decay(default, constant_for=None) -> Any:
    """The weight an average keeps of its past: in [0, 1). At 1 the average would never take anything in."""
    why = "its average is corrected by 1 - beta**t, which is right for a constant beta alone"
    return Hyper(default, "a number in [0, 1)", lambda x: 0 <= x < 1, constant_for, why)


def switch(default, *options) -> Any:
    """A choice between `options`; without any, between True and False."""
    return Switch(default, options or (True, False))


def check_switch(name, value, declared):
    """Refuse a value that is not among the options. Raises ValueError."""
    if not any(
        value is option or (isinstance(option, str) and value == option)
        for option in declared.options
    ):
        allowed = " or ".join(map(repr, declared.options))
        raise ValueError(f"{name} is {value!r}; allowed: {allowed}")


def check_number(name, value, declared):
    """The value as a Python float, which keeps float32 arrays float32. Raises TypeError or ValueError."""
    if not _is_real(value):
        raise TypeError(
            f"{name} is {value!r}, of type {type(value).__name__}; allowed: {declared.allowed}"
        )
    number = float(value)
    if not declared.accepts(number):
        raise ValueError(f"{name} is {number!r}; allowed: {declared.allowed}")
    return number


def _is_real(value):
    """Whether the value is one real number: Python's, NumPy's or in an array without axes. True and False are none."""
    if isinstance(value, Real):
        return not isinstance(value, bool)
    return getattr(value, "shape", None) == () and value.dtype.kind in "iuf"


def check_whole(name, value):
    """The value as an int, 0 or more. Raises ValueError."""
    if not (_is_real(value) and float(value).is_integer() and value >= 0):
        raise ValueError(f"{name} is {value!r}; allowed: a whole number, 0 or more")
    return int(value)


def copied(setting):
    """The setting with containers of its own, so that nobody else's change reaches it."""
    return rebuild(setting, flatten(setting))


def check_setting(name, value, declared):
    """Validate a hyper-parameter as given: every number in it now, a callable's results at each step."""
    for path, leaf in flatten(value).items():
        if not callable(leaf):
            check_number(name_of(name, path), leaf, declared)


def is_scheduled(value):
    """Whether any part of the setting is a callable of t."""
    return any(callable(leaf) for leaf in flatten(value).values())


def value_at(name, setting, declared, path, t):
    """The number that holds for the leaf at `path` in step t. Raises KeyError for a leaf the dict does not name."""
    if isinstance(setting, Mapping):
        given = flatten(setting)
        if path not in given:
            known = ", ".join(repr(key) for key in setting)
            raise KeyError(
                f"{name} has no value for {name_of('w', path)}; it names: {known}"
            )
        setting = given[path]
    if callable(setting):
        return check_number(f"{name} at step {t}", setting(t), declared)
    return float(setting)
