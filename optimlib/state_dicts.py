"""What `Optimizer.state_dict` holds: what is saved of a run, and going on with it."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from optimlib.arrays import checks
from optimlib.arrays.dtypes import computed_in
from optimlib.arrays.layout import Layout
from optimlib.arrays.nests import Path, flatten, name_of
from optimlib.settings import MOST, check_whole, copied, schedules_in

FORMAT = 2  # of state_dict
CODE = "<code, to be given again>"
KINDS = {"settings": dict, "schedules": dict, "state": dict}


def contents(
    method: str,
    t: int,
    own: Mapping[str, Any],
    schedules: Mapping[str, Any],
    state: dict[str, Any],
) -> dict[str, Any]:
    """See `Optimizer.state_dict`. own: the settings by name."""
    return {
        "format": FORMAT,
        "method": method,
        "t": t,
        "settings": {
            name: CODE if _is_code(value) else copied(value)
            for name, value in own.items()
        },
        "schedules": {
            name: schedule.state_dict() for name, schedule in _stateful(schedules)
        },
        "state": state,
    }


def _is_code(setting: Any) -> bool:
    return callable(setting) or bool(schedules_in(setting))


def _stateful(schedules: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Those that keep a state."""
    return [(name, s) for name, s in schedules.items() if hasattr(s, "state_dict")]


def check(
    saved: Any, method: str, own: Mapping[str, Any], state_names: Sequence[str]
) -> None:
    """Refuse what is not a saved state of this method."""
    if not isinstance(saved, dict):
        kind = type(saved).__name__
        raise TypeError(
            f"the saved state is of type {kind}; allowed: a dict, as state_dict() "
            "gives it"
        )
    for key in ("format", "method", "t", "settings", "schedules", "state"):
        if key not in saved:
            found = ", ".join(map(str, saved))
            raise ValueError(f"the saved state has no {key!r}; it has: {found}")
        if not isinstance(saved[key], KINDS.get(key, object)):
            kind = type(saved[key]).__name__
            raise TypeError(f"the saved {key} is of type {kind}; allowed: a dict")
    for key, value in {"format": FORMAT, "method": method}.items():
        if type(saved[key]) is not type(value) or saved[key] != value:
            raise ValueError(f"the saved {key} is {saved[key]!r}; allowed: {value!r}")
    if set(saved["settings"]) != set(own):
        given, allowed = list(saved["settings"]), list(own)
        raise ValueError(f"the saved settings are {given}; allowed: {allowed}")
    if saved["state"] and set(saved["state"]) != set(state_names):
        given, allowed = list(saved["state"]), list(state_names)
        raise ValueError(f"the saved state has {given}; allowed: {allowed}")
    check_whole("the saved t", saved["t"], 0, MOST)


def settings(saved: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The saved settings, with an optimizer's own where they are code."""
    taken: dict[str, Any] = {}
    for name, value in saved.items():
        is_code = isinstance(value, str) and value == CODE
        has_code = _is_code(own[name])
        if is_code and not has_code:
            raise ValueError(
                f"{name} was saved as code, which no file holds: give it when making "
                "the optimizer"
            )
        if has_code and not is_code:
            raise ValueError(
                f"{name} was saved as {value!r} and this optimizer's is code, which "
                "would be dropped; allowed: an optimizer made without it"
            )
        taken[name] = own[name] if is_code else value
    return taken


def layout(
    saved: Mapping[str, Any],
    names: Sequence[str],
    scalars: Sequence[str],
    population: int | None,
) -> Layout:
    """The layout that a saved state has, with a copy of it in the blocks.

    Args:
        names: of the state; scalars: those of them with one number for an array.
    """
    whole = next(name for name in names if name not in scalars)
    state = _arrays(saved, names, whole)
    for path, array in state[whole].items() if population is not None else ():
        if array.shape[:1] != (population,):
            raise ValueError(
                f"the saved {name_of(whole, path)} has shape {array.shape}; allowed: a "
                f"first axis of length {population}, the population"
            )
    for name, arrays in state.items():
        for path, array in arrays.items():
            like = state[whole][path]
            one = () if population is None else (population,)
            shape = one if name in scalars else like.shape
            if (array.shape, array.dtype) != (shape, like.dtype):
                raise ValueError(
                    f"the saved {name_of(name, path)} has shape {array.shape} and dtype "
                    f"{array.dtype}; allowed: {shape} and {like.dtype}"
                )
    made = Layout.of(saved[whole], state[whole], population)
    for block in made.blocks:
        for name, arrays in state.items():
            block.keep(name, list(arrays.values()), name in scalars)
    return made


def _arrays(
    saved: Mapping[str, Any], names: Sequence[str], whole: str
) -> dict[str, dict[Path, np.ndarray]]:
    """The arrays of a saved state by name and path, in one order."""
    flat = {name: flatten(saved[name]) for name in names}
    state: dict[str, dict[Path, np.ndarray]] = {}
    for name in names:
        checks.same_keys(f"the saved {name}", flat[name], flat[whole])
        arrays = {p: checks.floats(name, p, flat[name][p]) for p in flat[whole]}
        state[name] = {
            p: checks.cast(x, computed_in(x.dtype)) for p, x in arrays.items()
        }
    return state


def load_schedules(saved: Mapping[str, Any], schedules: Mapping[str, Any]) -> None:
    """Give the schedules that keep a state what was saved of it."""
    stateful = _stateful(schedules)
    if {name for name, _ in stateful} != set(saved):
        raise ValueError(
            f"the saved schedules with a state are {list(saved)}; this optimizer has "
            f"{[name for name, _ in stateful]}"
        )
    for trial in (True, False):  # the first time on copies: nothing is half done
        for name, schedule in stateful:
            target = copy.deepcopy(schedule) if trial else schedule
            target.load_state_dict(saved[name])
