"""Nests of arrays, numbers and text in one file, whole or not at all."""

import hashlib
import io
import json
import math
import os
import secrets
import stat
import zipfile
from collections.abc import Mapping
from os import PathLike
from pathlib import Path as File
from typing import Any

import numpy as np


def write(file: str | PathLike[str], content: dict[str, Any]) -> None:
    """Write a nest of arrays, numbers, text and None to one .npz file, atomically.

    A symbolic link's target is written. A file that was there keeps its mode.

    Raises:
        OSError: where it can't be written, also for a file that is read-only; one that
            was there stays as it was.
        TypeError: for anything else in the nest.
    """
    body = dumped(content)
    target = File(os.path.realpath(file))
    mode = mode_of(target)
    part = target.parent / f".{secrets.token_hex(8)}"  # as long a name as it may have
    try:
        with open(part, "xb") as stream:
            if mode is not None:
                part.chmod(mode)
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(part, target)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            error.filename = str(file)
        raise


def mode_of(file: File) -> int | None:
    """The mode of a file that may be written; None where there is none yet.

    Raises:
        OSError: where it is a folder or a device, or read-only, though root may write.
    """
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise OSError(f"{file} is no regular file; allowed: one, or a new name")
    if not mode & 0o222 or not os.access(file, os.W_OK):
        raise PermissionError(
            f"{file} is read-only; allowed: a file that may be written"
        )
    return stat.S_IMODE(mode)


def dumped(content: dict[str, Any]) -> bytes:
    """The content of a file that holds this nest.

    The archive's comment, its last bytes, is the SHA-256 of all that precedes it.

    Raises:
        TypeError: for anything but arrays, numbers, text and None in the nest.
    """
    arrays: dict[str, np.ndarray] = {}
    header = json.dumps(packed(content, arrays))
    buffer = io.BytesIO()
    np.savez(buffer, header=np.array(header), **arrays)  # type: ignore[arg-type]
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = _digest(b"")  # its place
    body = buffer.getvalue()[: -len(_digest(b""))]
    return body + _digest(body)


def read(file: str | PathLike[str]) -> Any:
    """What `write` wrote.

    Raises:
        OSError: where the file can't be read.
        ValueError: where it is truncated, corrupted or something else.
    """
    return loaded(File(file).read_bytes(), str(file))


def loaded(content: bytes, what: str) -> Any:
    """What `dumped` was given; what: the content in the words of an error.

    Raises:
        ValueError: where it is truncated, corrupted or something else.
    """
    size = len(_digest(b""))
    if _digest(content[:-size]) != content[-size:]:
        raise ValueError(
            f"{what} is not a saved run, or not a whole one: its last {size} bytes are "
            "not the checksum of the others"
        )
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            arrays = dict(archive)
        return unpacked(json.loads(str(arrays.pop("header"))), arrays)
    except MemoryError:
        raise
    except Exception as error:  # of any kind, since the content is anything
        raise ValueError(f"{what} is not a saved run: {error!r}") from error


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


def packed(value: Any, arrays: dict[str, np.ndarray]) -> Any:
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
        return {"dict": [[_key(k), packed(x, arrays)] for k, x in value.items()]}
    if isinstance(value, list | tuple):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [packed(child, arrays) for child in value]}
    raise TypeError(f"{value!r} is of type {type(value).__name__}, which no file holds")


def _key(key: Any) -> Any:
    """A key in JSON's terms: one that equals it."""
    plain = key.item() if isinstance(key, np.generic) else key
    is_nan = isinstance(plain, float) and math.isnan(plain)
    if plain is None or (isinstance(plain, bool | int | float | str) and not is_nan):
        return plain
    raise TypeError(
        f"a dict has the key {key!r}; allowed in a file: text, numbers but NaN, None"
    )


def unpacked(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """What `packed` packed."""
    if not isinstance(value, dict):
        return value
    ((kind, content),) = value.items()
    if kind == "array":
        return arrays[content]
    if kind == "dict":
        return {key: unpacked(child, arrays) for key, child in content}
    made = {"list": list, "tuple": tuple}[kind]
    return made(unpacked(child, arrays) for child in content)
