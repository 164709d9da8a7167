"""What a function or an array consists of, as text that is the same in every process.

It tells a run from others of the same name, so that no file goes on with another's.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

SHOWN = 12  # hexadecimal digits
PLAIN = bool | int | float | complex | str | bytes
Parts = tuple[bytes, list[Any]]


def of_function(function: Callable[..., Any]) -> str:
    """The name of a function, and a digest of what it holds if it holds anything.

    It is known by its name, without the module: a script may become one. What it holds
    are its defaults and the variables of the functions around it; a partial's arguments;
    a bound method's object; a callable object's attributes, all as they are now. Of a
    lambda, which has no name, the compiled code counts.
    """
    name, (_, held) = _name(function), _parts(function)
    return f"{name} with {digest(function)[:SHOWN]}" if held else name


def of_array(array: np.ndarray) -> str:
    """The dtype and shape of an array, and a digest of what is in it."""
    return f"{array.dtype} of shape {array.shape} with {digest(array)[:SHOWN]}"


def _name(function: Any) -> str:
    if isinstance(function, partial):
        return f"partial of {_name(function.func)}"
    return str(getattr(function, "__qualname__", type(function).__qualname__))


def digest(value: Any, within: tuple[int, ...] = ()) -> str:
    """The SHA-256 of what a value consists of; within: what it is a part of, by id.

    Neither addresses nor `hash()` are in it, which are others in each process. What can
    neither be read nor pickled, such as a lock, counts by its type alone.
    """
    label, parts = _parts(value) if id(value) not in within else (b"again", [])
    digests = [digest(part, (*within, id(value))) for part in parts]
    if isinstance(value, set | frozenset | Mapping):
        digests.sort()
    found = hashlib.sha256(f"{type(value).__qualname__} {len(parts)} ".encode())
    found.update(label)
    found.update("".join(digests).encode())
    return found.hexdigest()


def _parts(value: Any) -> Parts:
    """What it consists of: a text of its own, and further values."""
    if value is None or isinstance(value, PLAIN):
        return repr(value).encode(), []
    if isinstance(value, np.ndarray | np.generic):
        return _of_numbers(np.asarray(value))
    if isinstance(value, Mapping):
        return b"", list(value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return b"", list(value)
    if isinstance(value, FunctionType):
        return _of_code(value)
    if isinstance(value, MethodType):
        return b"", [value.__func__, value.__self__]
    if isinstance(value, type | ModuleType):
        return getattr(value, "__qualname__", value.__name__).encode(), []
    if isinstance(value, CodeType):
        names = (value.co_names, value.co_varnames, value.co_freevars)
        return value.co_code, [value.co_consts, *names]
    return _of_object(value)


def _of_numbers(array: np.ndarray) -> Parts:
    label = f"{array.dtype.descr} {array.shape} ".encode()
    if array.dtype.hasobject:
        return label, array.tolist() if array.ndim else [array.item()]
    return label + array.tobytes(), []


def _of_code(function: FunctionType) -> Parts:
    """A function's defaults and closure, and a lambda's code."""
    held: list[Any] = [function.__defaults__, function.__kwdefaults__]
    for cell in function.__closure__ or ():
        try:
            held.append(cell.cell_contents)
        except ValueError:  # it is empty
            held.append(None)
    if function.__name__ == "<lambda>":
        held.append(function.__code__)
    return function.__qualname__.encode(), [x for x in held if x is not None]


def _of_object(value: Any) -> Parts:
    """What pickle would keep of it."""
    try:
        kept = value.__reduce_ex__(2)
    except Exception:  # noqa: BLE001 - the object decides on its kind
        return b"", []
    if isinstance(kept, str):
        return kept.encode(), []
    made, arguments, state, *items = (*kept, None, None, None)[:5]
    return b"", [made, arguments, state, *(list(x) for x in items if x is not None)]
