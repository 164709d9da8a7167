"""Hyper-parameters: what a method declares, what it allows, and their value at a step.

A hyper-parameter is a number, a dict keyed like the parameters, or a callable of the
step number t = 1, 2, ... A dict may hold callables. With a population of P runs, each
number may also be an array of shape (P,), one for each member.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from numbers import Real
from typing import Any

import numpy as np

from optimlib.arrays import checks
from optimlib.arrays.nests import Path, flatten, is_container, name_of, rebuild

Number = float | np.ndarray
MOST = 2**53  # steps that are counted: as far as floats count by ones
Value = Number | Callable[[int], Number] | Mapping[str, Any]


@dataclass(frozen=True)
class Hyper:
    """A declared hyper-parameter: its default, its range in words, and its test.

    `constant` is True, or the name of the switch that makes a schedule wrong; `why`
    says why. `guards` marks an eps: where it is above 0 it stays so in every dtype.
    """

    default: Any
    allowed: str
    accepts: Callable[[float], bool]
    constant: bool | str = False
    why: str = ""
    guards: bool = False


@dataclass(frozen=True)
class Switch:
    """A declared choice that changes the text of the rule: one of `options`."""

    default: Any
    options: tuple[Any, ...]


def number(
    default: float,
    allowed: str,
    accepts: Callable[[float], bool],
    constant: bool = False,
    why: str = "",
) -> Any:
    """A number of the range that `allowed` says and `accepts` tests; see `Hyper`."""
    return Hyper(default, allowed, accepts, constant, why)


def rate(default: float) -> Any:
    """A learning rate or weight decay: finite, 0 or more."""
    return Hyper(default, "a finite number, 0 or more", lambda x: 0 <= x < math.inf)


def start(default: float) -> Any:
    """A learning rate that is only where a method's own steps start."""
    why = "the steps start at it and then adapt by themselves"
    allowed = "a finite number, 0 or more"
    return Hyper(default, allowed, lambda x: 0 <= x < math.inf, True, why)


def guard(default: float) -> Any:
    """The small number that keeps a denominator from zero: finite, 0 or more."""
    allowed = "a finite number, 0 or more"
    return Hyper(default, allowed, lambda x: 0 <= x < math.inf, guards=True)


def decay(default: float, constant: bool | str = False) -> Any:
    """The weight that an average keeps of its past: in [0, 1).

    At 1 the average would never take anything in. `constant`: see `Hyper`.
    """
    why = (
        "its average is corrected by 1 - beta**t, which is right for a constant "
        "beta alone"
    )
    return Hyper(default, "a number in [0, 1)", lambda x: 0 <= x < 1, constant, why)


def switch(default: Any, *options: Any) -> Any:
    """A choice between `options`; without any, between True and False."""
    return Switch(default, options or (True, False))


def check_switch(name: str, value: Any, declared: Switch) -> None:
    """Refuse a value that is not among the options.

    Raises:
        ValueError: naming the value and the options.
    """
    for option in declared.options:
        if value is option or (isinstance(option, str) and value == option):
            return
    allowed = " or ".join(map(repr, declared.options))
    raise ValueError(f"{name} is {value!r}; allowed: {allowed}")


def check_number(name: str, value: Any, declared: Hyper) -> float:
    """The value as a Python float, which keeps float32 arrays float32.

    Raises:
        TypeError: where it is not one real number.
        ValueError: where it is out of range.
    """
    if not _is_real(value):
        kind = type(value).__name__
        raise TypeError(
            f"{name} is {value!r}, of type {kind}; allowed: {declared.allowed}"
        )
    number = float(value)
    if not declared.accepts(number):
        raise ValueError(f"{name} is {number!r}; allowed: {declared.allowed}")
    return number


def _check_members(
    name: str, value: Any, declared: Hyper, population: int | None
) -> Number:
    """A number, or with a population an array with a number for each member."""
    if population is None or np.ndim(value) != 1:
        return check_number(name, value, declared)
    if len(value) != population:
        raise ValueError(
            f"{name} has shape ({len(value)},); allowed: a number, or shape "
            f"({population},), one for each member of the population"
        )
    numbers = [check_number(f"{name}[{i}]", x, declared) for i, x in enumerate(value)]
    return np.array(numbers)


def _is_real(value: Any) -> bool:
    """Whether it is one real number: Python's, NumPy's or in an array without axes."""
    if isinstance(value, Real):
        return not isinstance(value, bool)
    return getattr(value, "shape", None) == () and value.dtype.kind in "iuf"


def check_whole(name: str, value: Any, least: int = 0) -> int:
    """The value as an int, `least` or more.

    Raises:
        ValueError: naming the value.
    """
    if not (_is_real(value) and float(value).is_integer() and value >= least):
        raise ValueError(
            f"{name} is {value!r}; allowed: a whole number, {least} or more"
        )
    return int(value)


def copied(setting: Any) -> Any:
    """The setting with containers and arrays of its own, out of everyone's reach."""
    return rebuild(setting, {p: _own(x) for p, x in flatten(setting).items()})


def _own(leaf: Any) -> Any:
    if isinstance(leaf, np.ndarray | list):
        return leaf.copy()
    if isinstance(leaf, np.integer):
        return int(leaf)
    return float(leaf) if isinstance(leaf, Fraction | np.floating) else leaf


def check_setting(
    name: str, value: Any, declared: Hyper, population: int | None
) -> None:
    """Validate a hyper-parameter as given; a callable's results at each step."""
    for path, leaf in flatten(value).items():
        if not callable(leaf):
            _check_members(name_of(name, path), leaf, declared, population)


def check_named(name: str, setting: Any, weights: Mapping[Path, Any]) -> None:
    """Refuse a dict that does not name each of the weights, or names others.

    Raises:
        ValueError: naming the first that differs.
    """
    if not is_container(setting):
        return
    if () in weights:
        raise ValueError(
            f"{name} is a dict or list; allowed where w is one array: a number, or a "
            "callable of t"
        )
    checks.same_keys(name, flatten(setting), weights)


def schedules_in(setting: Any) -> dict[Path, Callable[[int], Number]]:
    """The callables of t in a setting, by path."""
    return {path: leaf for path, leaf in flatten(setting).items() if callable(leaf)}


def value_at(
    name: str,
    setting: Any,
    declared: Hyper,
    path: Path,
    t: int,
    population: int | None = None,
) -> Number:
    """What holds for the leaf at `path` in step t: a float, or shape (P,).

    A dict has that path: see `check_named`.

    Raises:
        TypeError, ValueError: for a schedule that gives no allowed number.
    """
    if type(setting) is float:
        return setting
    if is_container(setting):
        setting = flatten(setting)[path]
    if callable(setting):
        named = f"{name} at step {t}"
        return _check_members(named, setting(t), declared, population)
    return float(setting) if np.ndim(setting) == 0 else np.asarray(setting, float)


def above_zero(value: Number, dtype: np.dtype) -> Number:
    """An eps that the dtype would round to 0 as the least number above 0 it has."""
    if isinstance(value, float):
        if value == 0 or dtype.type(value) != 0:
            return value
        return float(np.finfo(dtype).smallest_subnormal)
    return np.array([above_zero(float(x), dtype) for x in value])
