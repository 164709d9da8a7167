"""Saving a run and going on with it: plain dicts of arrays, and one file for them."""

import copy
import hashlib
import io
import json
import os
import secrets
import zipfile
from collections.abc import Mapping
from os import PathLike
from pathlib import Path as File
from typing import TYPE_CHECKING, Any

import numpy as np

from optimlib import settings as hyper
from optimlib.arrays import checks
from optimlib.arrays.layout import Bundle, bundled
from optimlib.arrays.nests import Path, flatten, name_of, outline

if TYPE_CHECKING:
    from optimlib.optimizer import Optimizer

FORMAT = 2  # of state_dict
CODE = "<code, to be given again>"
KINDS = {"settings": dict, "schedules": dict, "state": dict}


def state_dict(opt: "Optimizer") -> dict[str, Any]:
    """See `Optimizer.state_dict`."""
    settings = {}
    for name in _saved_names(opt):
        value = getattr(opt, name)
        is_code = callable(value) or hyper.schedules_in(value)
        settings[name] = CODE if is_code else hyper.copied(value)
    return {
        "format": FORMAT,
        "method": type(opt).__name__,
        "t": opt.t,
        "settings": settings,
        "schedules": {name: s.state_dict() for name, s in _stateful(opt).items()},
        "state": opt.state,
    }


def load_state_dict(opt: "Optimizer", saved: dict[str, Any]) -> None:
    """See `Optimizer.load_state_dict`."""
    _check(opt, saved)
    fresh = type(opt)(**_settings(opt, saved["settings"]))
    fresh.t = hyper.check_whole("the saved t", saved["t"])
    if saved["state"]:
        fresh._like = outline(saved["state"][fresh.state_names[0]])
        fresh._hold(*_bundles(fresh, _checked_state(fresh, saved["state"])))
    schedules = _stateful(fresh)
    if sorted(schedules) != sorted(saved["schedules"]):
        raise ValueError(
            f"the saved schedules with a state are {sorted(saved['schedules'])}; this "
            f"optimizer has {sorted(schedules)}"
        )
    for trial in (True, False):  # the first time on copies: nothing is half done
        for name, schedule in schedules.items():
            target = copy.deepcopy(schedule) if trial else schedule
            target.load_state_dict(saved["schedules"][name])
    vars(opt).update(vars(fresh))


def _saved_names(opt: "Optimizer") -> list[str]:
    """The arguments that belong to a run; the engine belongs to the machine."""
    return [name for name in opt.arguments() if name != "engine"]


def _stateful(opt: "Optimizer") -> dict[str, Any]:
    """The schedules that keep a state, by the name of where they stand."""
    schedules = opt.schedules().items()
    return {name: s for name, s in schedules if hasattr(s, "state_dict")}


def _check(opt: "Optimizer", saved: Any) -> None:
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
    for key, value in {"format": FORMAT, "method": type(opt).__name__}.items():
        if saved[key] != value:
            raise ValueError(f"the saved {key} is {saved[key]!r}; allowed: {value!r}")
    names, states = sorted(_saved_names(opt)), sorted(opt.state_names)
    if sorted(saved["settings"]) != names:
        given = sorted(saved["settings"])
        raise ValueError(f"the saved settings are {given}; allowed: {names}")
    if saved["state"] and sorted(saved["state"]) != states:
        given = sorted(saved["state"])
        raise ValueError(f"the saved state has {given}; allowed: {states}")
    if opt.state_names and bool(saved["t"]) != bool(saved["state"]):
        some = "a" if saved["state"] else "no"
        raise ValueError(f"the saved t is {saved['t']} with {some} state")


def _settings(opt: "Optimizer", saved: dict[str, Any]) -> dict[str, Any]:
    """The saved settings, with this object's own where they are code."""
    settings: dict[str, Any] = {"engine": opt.engine}
    for name, value in saved.items():
        own = getattr(opt, name)
        is_code = isinstance(value, str) and value == CODE
        has_code = callable(own) or bool(hyper.schedules_in(own))
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
        settings[name] = own if is_code else value
    return settings


def _checked_state(
    opt: "Optimizer", saved: dict[str, Any]
) -> dict[str, dict[Path, np.ndarray]]:
    """The arrays of a saved state by name and path, whose shapes must agree."""
    flat = {name: flatten(saved[name]) for name in opt.state_names}
    whole = next(name for name in opt.state_names if name not in opt.numbers)
    state: dict[str, dict[Path, np.ndarray]] = {}
    for name in opt.state_names:
        checks.same_keys(f"the saved {name}", flat[name], flat[whole])
        state[name] = {p: checks.floats(name, p, flat[name][p]) for p in flat[whole]}
    for name, arrays in state.items():
        for path, array in arrays.items():
            like = state[whole][path]
            shape = opt._state_shape(name, like.shape)
            if (array.shape, array.dtype) != (shape, like.dtype):
                raise ValueError(
                    f"the saved {name_of(name, path)} has shape {array.shape} and dtype "
                    f"{array.dtype}; allowed: {shape} and {like.dtype}"
                )
    return state


def _bundles(
    opt: "Optimizer", state: dict[str, dict[Path, np.ndarray]]
) -> tuple[list[Path], list[Bundle]]:
    """The arrays' paths, and the bundles that hold a copy of the state."""
    whole = next(name for name in opt.state_names if name not in opt.numbers)
    paths = list(state[whole])
    bundles = bundled(paths, list(state[whole].values()), opt.population)
    for bundle in bundles:
        for name, arrays in state.items():
            if name in opt.numbers:
                rows = [np.reshape(arrays[path], -1) for path in bundle.paths]
                bundle.state[name] = np.array(rows)
            else:
                bundle.state[name] = bundle.gathered(list(arrays.values())).copy()
    return paths, bundles


# Files


def write(file: str | PathLike[str], content: dict[str, Any]) -> None:
    """Write a nest of arrays, numbers, text and None to one .npz file, atomically.

    The archive's comment, its last bytes, is the SHA-256 of all that precedes it.

    Raises:
        OSError: where it can't be written; a file that was there stays as it was.
        TypeError: for anything else in the nest.
    """
    arrays: dict[str, np.ndarray] = {}
    header = json.dumps(_packed(content, arrays))
    buffer = io.BytesIO()
    np.savez(buffer, header=np.array(header), **arrays)  # type: ignore[arg-type]
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = _digest(b"")  # its place
    body = buffer.getvalue()[: -len(_digest(b""))]
    file = File(file)
    part = file.parent / f".{file.name}.{secrets.token_hex(4)}"
    try:
        with open(part, "xb") as stream:
            stream.write(body + _digest(body))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read(file: str | PathLike[str]) -> Any:
    """What `write` wrote.

    Raises:
        OSError: where the file can't be read.
        ValueError: where it is truncated, corrupted or something else.
    """
    content = File(file).read_bytes()
    size = len(_digest(b""))
    if _digest(content[:-size]) != content[-size:]:
        raise ValueError(
            f"{file} is not a saved run, or not a whole one: its last {size} bytes are "
            "not the checksum of the others"
        )
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        arrays = dict(archive)
    return _unpacked(json.loads(str(arrays.pop("header"))), arrays)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def _packed(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """The nest in JSON's terms, its arrays put into `arrays`."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.hasobject:
            raise TypeError(
                f"an array has dtype {value.dtype}; allowed in a file: numbers and text"
            )
        name = f"array{len(arrays)}"
        arrays[name] = np.asarray(value)
        return {"array": name}
    if isinstance(value, Mapping):
        for key in value:
            if not (key is None or isinstance(key, bool | int | float | str)):
                raise TypeError(
                    f"a dict has the key {key!r}; allowed in a file: text, numbers, None"
                )
        return {"dict": [[key, _packed(child, arrays)] for key, child in value.items()]}
    if isinstance(value, list | tuple):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_packed(child, arrays) for child in value]}
    raise TypeError(f"{value!r} is of type {type(value).__name__}, which no file holds")


def _unpacked(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "array":
        return arrays[content]
    if kind == "dict":
        return {key: _unpacked(child, arrays) for key, child in content}
    children = [_unpacked(child, arrays) for child in content]
    return tuple(children) if kind == "tuple" else children
