"""What a function or an array consists of, as text that is the same in every process.

It tells a run from others of the same name, so that no file goes on with another's.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from types import (
    CellType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MethodType,
    ModuleType,
    NoneType,
)
from typing import Any

import numpy as np

SHOWN = 12  # hexadecimal digits
PLAIN = (NoneType, bool, int, float, complex, str, bytes)
SETS, MAPPINGS = (set, frozenset), (dict, MappingProxyType)  # subclasses may hold more
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


def digest(value: Any) -> str:
    """The SHA-256 of what a value consists of.

    Neither addresses nor `hash()` are in it, which are others in each process. What can
    neither be read nor pickled, such as a lock, counts by its type alone.
    """
    return _Digests().of(value)[0]


class _Digests:
    """The digests of a value and its parts, each object looked at once.

    Attributes:
        known: by id, each object that leads to no cycle, and its digest.
        begun: by id, the objects that the present one is within, and those that lead
            to a cycle, in the order in which they were come to.
    """

    def __init__(self) -> None:
        self.known: dict[int, tuple[Any, str]] = {}  # the objects: so no id is reused
        self.begun: dict[int, tuple[Any, int]] = {}

    def of(self, value: Any) -> tuple[str, bool]:
        """A value's digest, and whether it leads to a cycle."""
        if type(value) in PLAIN:
            return _hashed(value, repr(value).encode(), []), False
        place = id(value)
        if place in self.known:
            return self.known[place][1], False
        if place in self.begun:
            return _hashed(value, b"again %d" % self.begun[place][1], []), True
        self.begun[place] = value, len(self.begun)
        label, parts = _parts(value)
        if type(value) in SETS:
            found = sorted(map(self.apart, parts))
        else:
            if type(value) in MAPPINGS:
                parts.sort(key=lambda item: self.apart(item[0]))
            found = [self.of(part) for part in parts]
        made = _hashed(value, label, [one for one, _ in found])
        cyclic = any(leads for _, leads in found)
        if not cyclic:
            del self.begun[place]
            self.known[place] = value, made
        return made, cyclic

    def apart(self, value: Any) -> tuple[str, bool]:
        """`of` a value that may come in any order: the next ones don't know of it."""
        size, found = len(self.begun), self.of(value)
        while len(self.begun) > size:
            self.begun.popitem()
        return found


def _hashed(value: Any, label: bytes, digests: list[str]) -> str:
    found = hashlib.sha256(f"{type(value).__qualname__} {len(digests)} ".encode())
    found.update(label)
    found.update("".join(digests).encode())
    return found.hexdigest()


def _parts(value: Any) -> Parts:
    """What it consists of: a text of its own, and further values."""
    if isinstance(value, np.ma.MaskedArray):
        return b"", [value.data, np.ma.getmaskarray(value), value.fill_value]
    if isinstance(value, np.ndarray | np.generic):
        return _of_numbers(np.asarray(value))
    if type(value) in MAPPINGS:
        return b"", list(value.items())
    if type(value) in (list, tuple, *SETS):
        return b"", list(value)
    if isinstance(value, set | frozenset):
        return b"", [frozenset(value), getattr(value, "__dict__", None)]
    if isinstance(value, FunctionType):
        return _of_code(value)
    if isinstance(value, MethodType):
        return b"", [value.__func__, value.__self__]
    if isinstance(value, type | ModuleType):
        return getattr(value, "__qualname__", value.__name__).encode(), []
    if isinstance(value, CodeType):
        names = (value.co_names, value.co_varnames, value.co_freevars)
        counts = (value.co_argcount, value.co_posonlyargcount, value.co_kwonlyargcount)
        return value.co_code, [value.co_consts, *names, *counts, value.co_flags]
    return _of_object(value)


def _of_numbers(array: np.ndarray) -> Parts:
    label = f"{array.dtype.descr} {array.shape} ".encode()
    if array.dtype.hasobject:
        return label, array.tolist() if array.ndim else [array.item()]
    return label + array.tobytes(), []


def _of_code(function: FunctionType) -> Parts:
    """A function's defaults and closure, and a lambda's code."""
    label, is_lambda = function.__qualname__.encode(), function.__name__ == "<lambda>"
    held = [_of_cell(cell) for cell in function.__closure__ or ()]
    defaults = function.__defaults__, function.__kwdefaults__
    code = [function.__code__] if is_lambda else []
    nothing = not held and not code and defaults == (None, None)
    return label, [] if nothing else [*defaults, *held, *code]


def _of_cell(cell: CellType) -> tuple[Any, ...]:
    try:
        return (cell.cell_contents,)
    except ValueError:  # it is empty
        return ()


def _of_object(value: Any) -> Parts:
    """What pickle would keep of it, or the parts of what it wraps, as a cache does."""
    try:
        kept = value.__reduce_ex__(2)
    except Exception:  # noqa: BLE001 - the object decides on its kind
        return b"", [dict(value)] if isinstance(value, Mapping) else []
    if isinstance(kept, str):
        wrapped = getattr(value, "__wrapped__", None)
        return (kept.encode(), []) if wrapped is None else _parts(wrapped)
    made, arguments, state, *items = (*kept, None, None, None)[:5]
    return b"", [made, arguments, state, *(list(x) for x in items if x is not None)]
