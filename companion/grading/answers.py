"""An answer as plain data: what a reader's function returns, whatever it does.

Arrays are known by what they have (shape, dtype, tolist), so that the standard library is
enough, and arrays of every library are the same.
"""

import contextlib
import copy
import inspect
import io
import itertools
import linecache
import math
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, Self

Plain = dict[str, Any]

MOST = 10_000  # numbers
DEEPEST = 6
SECONDS = 5.0  # of processor time, for all the cases
PATIENCE = 60.0  # seconds by the clock, for all the cases
LINES = 10
WIDTH = 500
TEXT = 200
NO_NUMBERS = (bool, complex, str, bytes, bytearray, Mapping, set, frozenset)


class Refused(Exception):
    """A value that is no number or array; `plain` is what it is instead."""

    def __init__(self, plain: Plain) -> None:
        super().__init__()
        self.plain = plain


class TooLarge(Refused):
    """More numbers than are looked at."""


class Stopped(BaseException):
    """The time is over; no `except Exception` of an answer catches it."""

    def __init__(self, frame: FrameType | None) -> None:
        super().__init__()
        self.frame = frame


def plain(value: Any, most: int = MOST) -> Plain:
    """What a value is, as data that can be written to JSON.

    Args:
        value: what a reader's function returned.
        most: of an iterator, such as a generator, this many entries are taken and one
            more, which tells that there are too many.

    Returns:
        A dict with "kind": "number" or "array" (with "dtype", "shape", "values"), "pair"
        (a tuple, or a list of several shapes: "entries"), "none", "dots", "too large",
        or "no number".
    """
    return _Reader(most).safe(value, 0)


class _Reader:
    """Reads one value, with what is left of the numbers that it may have."""

    def __init__(self, most: int) -> None:
        self.most = min(most, MOST) + 1
        self.left = MOST

    def safe(self, value: Any, depth: int) -> Plain:
        try:
            return self.read(value, depth)
        except Refused as refused:
            return refused.plain

    def read(self, value: Any, depth: int) -> Plain:
        if value is None:
            return {"kind": "none"}
        if value is ... or value is NotImplemented:
            return {"kind": "dots"}
        if depth > DEEPEST or isinstance(value, NO_NUMBERS):
            raise Refused(_no_number(value))
        if hasattr(value, "tolist") and hasattr(value, "shape"):
            return self.array(value, depth)
        if isinstance(value, tuple):
            return _pair(value, self.entries(value, depth))
        if isinstance(value, Iterable):
            return self.sequence(value, depth)
        self.left -= 1
        if self.left < 0:
            raise TooLarge({"kind": "too large", "shape": []})
        return _number(value)

    def array(self, value: Any, depth: int) -> Plain:
        shape = [int(size) for size in value.shape]
        dtype = str(getattr(value, "dtype", ""))
        if math.prod(shape) > self.left:
            raise TooLarge({"kind": "too large", "shape": shape})
        if dtype == "object":
            return self.read(value.tolist(), depth + 1)
        self.left -= math.prod(shape)
        held = value.tolist()
        values = _flat(held) if shape else [held]
        if any(one is None for one in values):
            raise Refused({"kind": "no number", "type": "masked", "text": ""})
        if not all(map(_is_number, values)):
            raise Refused({"kind": "no number", "type": dtype, "text": ""})
        kind = "array" if shape else "number"
        return _of(kind, dtype, shape, [_float(one) for one in values])

    def sequence(self, value: Iterable[Any], depth: int) -> Plain:
        """A list, or whatever can be gone through: an array if it is one."""
        if not isinstance(value, list):
            value = list(itertools.islice(value, self.most))
        made = self.entries(value, depth)
        if not made:
            return _of("array", "", [0], [])
        kinds = {entry["kind"] for entry in made}
        if kinds not in ({"number"}, {"array"}) or any(
            entry["shape"] != made[0]["shape"] for entry in made
        ):
            return _pair(value, made)
        values = [number for entry in made for number in entry["values"]]
        shape = [len(made), *made[0]["shape"]]
        return _of("array", made[0]["dtype"], shape, values)

    def entries(self, value: Sequence[Any], depth: int) -> list[Plain]:
        if len(value) > MOST:
            raise TooLarge({"kind": "too large", "shape": [len(value)]})
        made = []
        for entry in value:
            made.append(self.entry(entry, depth + 1))
        return made

    def entry(self, value: Any, depth: int) -> Plain:
        try:
            return self.read(value, depth)
        except TooLarge:
            raise
        except Refused as refused:
            return refused.plain


def _number(value: Any) -> Plain:
    if not _is_number(value):
        raise Refused(_no_number(value))
    try:
        return _of("number", type(value).__name__, [], [_float(value)])
    except OverflowError:
        raise Refused(_no_number(value)) from None


def _is_number(value: Any) -> bool:
    return hasattr(type(value), "__float__") and not isinstance(value, NO_NUMBERS)


def _float(value: Any) -> float | str:
    """A float, or a text where JSON has no number."""
    number = float(value)
    return number if math.isfinite(number) else str(number)


def _flat(values: Any) -> list[Any]:
    if not isinstance(values, list):
        return [values]
    return [one for entry in values for one in _flat(entry)]


def _of(kind: str, dtype: str, shape: list[int], values: list[Any]) -> Plain:
    return {"kind": kind, "dtype": dtype, "shape": shape, "values": values}


def _pair(value: Any, entries: list[Plain]) -> Plain:
    return {"kind": "pair", "type": type(value).__name__, "entries": entries}


def _no_number(value: Any) -> Plain:
    return {"kind": "no number", "type": type(value).__name__, "text": _text(value)}


def _text(value: Any) -> str:
    """A short text of a value, whatever its own text does."""
    if isinstance(value, str):
        return value[:TEXT]
    if isinstance(value, (list, tuple, Mapping)) or hasattr(value, "shape"):
        return ""
    try:
        return str(value)[:TEXT]
    except Exception:  # noqa: BLE001 - a value of a reader's own class may raise anything
        return ""


# Calling it


class Heard(io.TextIOBase):
    """The beginning of what is printed; the rest is dropped."""

    def __init__(self) -> None:
        self.said = ""
        self.more = False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        room = LINES * WIDTH - len(self.said)
        self.said += text[:room]
        self.more = self.more or len(text) > room
        return len(text)

    def short(self) -> str:
        """At most ten lines."""
        lines = self.said.splitlines()
        more = self.more or len(lines) > LINES
        return "\n".join(lines[:LINES] + ["..."] * more)


def called(
    function: Callable[..., Any],
    cases: Iterable[Sequence[Any]],
    most: int = MOST,
    seconds: float = SECONDS,
    patience: float = PATIENCE,
) -> list[Plain]:
    """What a function returns for each case's inputs, as plain data; it raises nothing.

    Args:
        function: a reader's function.
        cases: the inputs of each case; the function gets copies.
        most: see `plain`.
        seconds: when the processor has worked so long, the function is stopped.
        patience: the same by the clock.

    Returns:
        As `plain`, one for each case. Further kinds are "error" (with "name", "text", and
        the "line" of the function's own file and its "code") and "stopped" ("seconds", or
        None if the reader did it), the last then. "printed" is what it printed.
    """
    made: list[Plain] = []
    alarm = Alarm(seconds, patience)
    with alarm:
        for inputs in cases:
            heard = Heard()
            answer = _call(function, inputs, most, heard, alarm)
            if heard.said:
                answer["printed"] = heard.short()
            made.append(answer)
            if answer["kind"] == "stopped":
                break
    return made


def _call(
    function: Callable[..., Any],
    inputs: Sequence[Any],
    most: int,
    heard: Heard,
    alarm: "Alarm",
) -> Plain:
    given = copy.deepcopy(list(inputs))
    try:
        with contextlib.redirect_stdout(heard), alarm.armed():
            return _answer(function, given, most)
    except Stopped as stopped:
        line = _place(function, _frames(stopped.frame))
        return {"kind": "stopped", "seconds": alarm.used(), **line}
    except KeyboardInterrupt as error:
        return {"kind": "stopped", "seconds": None, **_place(function, _traced(error))}
    except NotImplementedError:
        return {"kind": "dots"}


def _answer(function: Callable[..., Any], given: list[Any], most: int) -> Plain:
    try:
        return plain(function(*given), most)
    except (Stopped, KeyboardInterrupt, NotImplementedError):
        raise
    except BaseException as error:  # noqa: BLE001 - SystemExit, too: a reader's code may raise anything
        return _error(function, error)


def _error(function: Callable[..., Any], error: BaseException) -> Plain:
    said = _text_of(error)
    place = _place(function, _traced(error))
    if isinstance(error, TypeError) and "'ellipsis'" in said:
        return {"kind": "dots", **place}
    return {"kind": "error", "name": _name_of(error), "text": said, **place}


def _name_of(error: BaseException) -> str:
    try:
        return str(type(error).__name__)
    except Exception:  # noqa: BLE001 - a class may compute its name
        return "an error"


def _text_of(error: BaseException) -> str:
    try:
        return str(error)[:TEXT]
    except Stopped:
        raise
    except BaseException:  # noqa: BLE001 - a reader's own exception may raise anything
        return ""


def _traced(error: BaseException) -> Iterator[tuple[FrameType, int]]:
    """The frames of an exception, the innermost last."""
    trace = error.__traceback__
    while trace is not None:
        yield trace.tb_frame, trace.tb_lineno
        trace = trace.tb_next


def _frames(frame: FrameType | None) -> list[tuple[FrameType, int]]:
    """A frame and those that called it, the innermost last."""
    found = []
    while frame is not None:
        found.append((frame, frame.f_lineno))
        frame = frame.f_back
    return found[::-1]


def _place(
    function: Callable[..., Any], frames: Iterable[tuple[FrameType, int]]
) -> dict[str, Any]:
    """The innermost line of the function's own file or notebook: its number and its text."""
    try:
        function = inspect.unwrap(getattr(function, "func", function))
        own = getattr(function, "__globals__", None)
    except Exception:  # noqa: BLE001 - an object that has every attribute, or wraps itself
        return {}
    lines = [(f, n) for f, n in frames if own is not None and f.f_globals is own]
    if not lines:
        return {}
    frame, number = lines[-1]
    code = linecache.getline(frame.f_code.co_filename, number, frame.f_globals)
    return {"line": number, "code": code.strip()[:TEXT]}


class Alarm:
    """Stop an answer when its time is over, where the platform has timers of signals.

    It can be done in the main thread alone; elsewhere an answer has all the time it takes.
    """

    def __init__(self, seconds: float, patience: float) -> None:
        self.seconds, self.patience = seconds, patience
        self.able = hasattr(signal, "setitimer") and (
            threading.current_thread() is threading.main_thread()
        )
        self.began = (time.process_time(), time.monotonic())
        self.on = False

    def used(self) -> float:
        """The limit that was met."""
        clock = time.monotonic() - self.began[1] >= self.patience
        return self.patience if clock else self.seconds

    def __enter__(self) -> Self:
        if self.able:
            self.kept = [
                signal.signal(s, self._ring) for s in (signal.SIGPROF, signal.SIGALRM)
            ]
            # Again and again, for an answer that catches everything in a loop.
            self.timers = (
                signal.setitimer(signal.ITIMER_PROF, self.seconds, 0.02),
                signal.setitimer(signal.ITIMER_REAL, self.patience, 0.02),
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.able:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in zip(
                (signal.SIGPROF, signal.SIGALRM), self.kept, strict=True
            ):
                signal.signal(number, handler)

    @contextlib.contextmanager
    def armed(self) -> Iterator[None]:
        """Only here it rings."""
        self.on = True
        try:
            yield
        finally:
            self.on = False

    def _ring(self, number: int, frame: FrameType | None) -> None:
        if self.on:
            raise Stopped(frame)
