"""Hyper-parameters: what a method declares, what it allows, and their value at a step.

A hyper-parameter is a number, a dict keyed like the parameters, or a callable of the
step number t = 1, 2, ... A dict may hold callables. Each must be a pure function of t:
a step may ask it more than once, such as for arrays of different dtypes. With a population of P runs, each
number may also be an array of shape (P,), one for each member.
"""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from numbers import Integral, Real
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
        if value is option or (isinstance(value, str) and value == option):
            return
    allowed = " or ".join(map(repr, declared.options))
    raise ValueError(f"{name} is {value!r}; allowed: {allowed}")


def check_number(name: str, value: Any, declared: Hyper) -> float:
    """The value as a Python float, which keeps float32 arrays float32.

    Raises:
        TypeError: where it is not one real number.
        ValueError: where it is out of range.
    """
    found = _number(value)
    if found is None:
        kind = type(value).__name__
        raise TypeError(
            f"{name} is {value!r}, of type {kind}; allowed: {declared.allowed}"
        )
    try:
        number = float(found)
    except OverflowError:
        number = math.inf if found > 0 else -math.inf
    if not declared.accepts(number):
        raise ValueError(f"{name} is {number!r}; allowed: {declared.allowed}")
    return number


def _check_members(
    name: str, value: Any, declared: Hyper, population: int | None
) -> Number:
    """A number, or with a population an array with a number for each member."""
    if population is None or not _is_row(value):
        return check_number(name, value, declared)
    if len(value) != population:
        raise ValueError(
            f"{name} has shape ({len(value)},); allowed: a number, or shape "
            f"({population},), one for each member of the population"
        )
    numbers = [check_number(f"{name}[{i}]", x, declared) for i, x in enumerate(value)]
    return np.array(numbers)


def _is_row(value: Any) -> bool:
    """Whether it is an array or list of one axis."""
    with suppress(ValueError):  # lists of different lengths
        return np.ndim(value) == 1
    return False


def _number(value: Any) -> Any:
    """The one real number that it is: Python's, NumPy's or an array's without axes.

    None where it is none. Such an array may be any package's.
    """
    if getattr(value, "shape", None) == () and not isinstance(value, Real):
        try:
            value = value.item() if hasattr(value, "item") else float(value)
        except (TypeError, ValueError, RuntimeError):
            return None
    return value if isinstance(value, Real) and not isinstance(value, bool) else None


def whole(value: Any) -> int | None:
    """The whole number that it is; None where it is none."""
    found = _number(value)
    with suppress(TypeError, ValueError, OverflowError):  # None, NaN, infinity
        return int(found) if int(found) == found else None
    return None


def check_whole(name: str, value: Any, least: int = 0, most: float = math.inf) -> int:
    """The value as an int, `least` or more; most: where there is an end, `MOST`.

    Raises:
        ValueError: naming the value.
    """
    found = whole(value)
    if found is None or not least <= found <= most:
        end = ", up to 2**53" if most == MOST else ""
        raise ValueError(
            f"{name} is {value!r}; allowed: a whole number, {least} or more{end}"
        )
    return found


def copied(setting: Any) -> Any:
    """The setting with containers and arrays of its own, out of everyone's reach."""
    leaves = {
        path: leaf.copy() if isinstance(leaf, np.ndarray) else leaf
        for path, leaf in flatten(setting).items()
    }
    return rebuild(setting, leaves)


def checked(name: str, value: Any, declared: Hyper, population: int | None) -> Any:
    """A hyper-parameter as it is kept: Python's numbers, or arrays that stay as they are.

    Of a callable the results are checked at each step.

    Raises:
        TypeError, ValueError: for what is not allowed, naming it.
    """
    kept = {
        path: _kept(name_of(name, path), leaf, declared, population)
        for path, leaf in flatten(value).items()
    }
    return rebuild(value, kept)


def _kept(name: str, leaf: Any, declared: Hyper, population: int | None) -> Any:
    if callable(leaf):
        check_schedule(name, leaf, declared)
        return leaf
    number = _check_members(name, leaf, declared, population)
    if isinstance(number, np.ndarray):
        number.flags.writeable = False
        return number
    is_whole = isinstance(_number(leaf), Integral) and math.isfinite(number)
    return int(number) if is_whole else number


def check_schedule(name: str, schedule: Any, declared: Hyper) -> None:
    """Refuse a class, which would be made anew of each t. Raises TypeError."""
    if isinstance(schedule, type):
        raise TypeError(
            f"{name} is {schedule!r}, a class; allowed: {declared.allowed}, or a "
            f"callable of t, as what {schedule.__name__}(...) makes may be"
        )


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
    if isinstance(setting, np.ndarray):
        return setting
    return check_number(name_of(name, path), setting, declared)


def check_held(name: str, value: Number, dtype: np.dtype) -> None:
    """Refuse a number that the dtype would make infinite. Raises ValueError."""
    most = _most(dtype)
    largest = abs(value) if isinstance(value, float) else np.abs(value).max()
    if most < largest < math.inf:
        raise ValueError(
            f"{name} is {value!r}; allowed for weights of dtype {dtype}: at most {most}"
        )


@cache
def _most(dtype: np.dtype) -> float:
    return float(min(np.finfo(dtype).max, np.finfo(float).max))


def above_zero(value: Number, dtype: np.dtype) -> Number:
    """An eps that the dtype would round to 0 as the least number above 0 it has."""
    if isinstance(value, float):
        if value == 0 or dtype.type(value) != 0:
            return value
        return float(np.finfo(dtype).smallest_subnormal)
    return np.array([above_zero(float(x), dtype) for x in value])
