"""A rule's body compiled by numba: one loop over memory, in parallel, no fastmath.

Needs numba, the extra `fast`. What is compiled is written to a file first, since numba
keeps compiled code beside the file that it comes from.
"""

import hashlib
import importlib.util
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from types import ModuleType

import numpy as np

from optimlib.engine.kernels import Constants, Kernel, pieces
from optimlib.engine.printer import NUMBA, Printer

PIECE = 16_384  # numbers that one thread takes at a time
SMALL = 65_536  # below this, threads cost more than they save
DTYPES = (np.float32, np.float64)
HEAD = '''"""Written by optimlib from a rule's text; safe to delete."""

import numpy as np
from numba import njit, prange


@njit(cache=True, error_model="numpy", parallel={parallel})
def kernel({arguments}):
    for _p in prange(_pieces.shape[0]):
        _segment, _first, _last, _start, _stop = _pieces[_p]
        for _member in range(_first, _last):
            _row = _table[_segment, _member if _table.shape[1] > 1 else 0]
'''


def check() -> None:
    """Raise ModuleNotFoundError where numba is not installed."""
    if importlib.util.find_spec("numba") is None:
        raise ModuleNotFoundError(
            'engine="numba" needs numba, the extra `fast`; allowed without it: "numpy"'
        )


def check_dtype(dtype: np.dtype) -> None:
    """Raise TypeError for a dtype that is not compiled for."""
    if dtype not in DTYPES:
        raise TypeError(
            f'w has dtype {dtype}; allowed with engine="numba": float16, float32, float64'
        )


def ready(
    kernel: Kernel, arrays: Sequence[np.ndarray], new_w: np.ndarray, its: Constants
) -> Callable[[], None]:
    """What runs a kernel's body: see `with_numpy.ready`."""
    within = new_w is arrays[0]
    loop = compiled(kernel, within, new_w.size >= SMALL)
    cut = pieces(its.segments, new_w.shape[0], PIECE)
    return partial(loop, cut, its.table, *arrays, *(() if within else (new_w,)))


@cache
def compiled(kernel: Kernel, within: bool, parallel: bool) -> Callable[..., None]:
    """The kernel compiled. within: w is renewed in place, so that there is no second
    array that might overlap it, which would keep the loop from being vectorized."""
    return _imported(source(kernel, within, parallel)).kernel


def source(kernel: Kernel, within: bool, parallel: bool) -> str:
    """The kernel's module."""
    arrays = [*kernel.arrays, *([] if within else ["new_w"])]
    homes = {name: name for name in kernel.outputs} | {"w": "w" if within else "new_w"}
    body = Printer(NUMBA, {name: f"{name}_" for name in kernel.arrays})
    body.assign_all(kernel.program.body)
    inner = [
        *(f"{name}_ = at_{name}[_i]" for name in kernel.arrays),
        *body.lines,
        *(f"at_{homes[x]}[_i] = {body.name(y)}" for x, y in kernel.outputs.items()),
    ]
    outer = [f"{name} = _row[{i}]" for i, name in enumerate(kernel.constants)]
    outer += [f"at_{name} = {name}[_member, _start:_stop]" for name in arrays]
    outer += ["for _i in range(_stop - _start):", *(f"    {line}" for line in inner)]
    arguments = ", ".join(["_pieces", "_table", *arrays])
    head = HEAD.format(parallel=parallel, arguments=arguments)
    return head + "".join(f"            {line}\n" for line in outer)


def _imported(text: str) -> ModuleType:
    """The text as a module of a file of its own, so that numba can keep what it made."""
    name = f"kernel_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    try:
        path = _kept(text, folder() / f"{name}.py")
    except (OSError, RuntimeError):  # it can't be written, or there is no home
        path = _kept(text, Path(_temporary().name) / f"{name}.py")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # numba looks there for what it kept
    spec.loader.exec_module(module)
    return module


def _kept(text: str, path: Path) -> Path:
    """The path, where the text is now."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
        os.replace(file.name, path)
    return path


@cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    """A folder that goes with this process."""
    return tempfile.TemporaryDirectory(prefix="optimlib-")


def folder() -> Path:
    """Where kernels are kept: $OPTIMLIB_CACHE, or the user's folder for caches.

    Where it can't be written they are compiled anew in each process, in a temporary
    folder.
    """
    if given := os.environ.get("OPTIMLIB_CACHE"):
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(base or Path.home() / ".cache") / "optimlib"
