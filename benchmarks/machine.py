"""The machine and the versions that numbers belong to."""

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any

from .sizes import cores

PACKAGES = ("numpy", "numba", "torch", "optax", "jax", "jaxlib")
CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
HUGE = Path("/sys/kernel/mm/transparent_hugepage/enabled")


def description() -> dict[str, Any]:
    """What of the machine bears on speed; what is not known is left out."""
    known = {
        "processor": _field("/proc/cpuinfo", "model name") or platform.processor(),
        "architecture": platform.machine(),
        "cores": cores(),
        "caches": _caches(),
        "memory": _memory(),
        "huge pages": _chosen(),
        "system": f"{platform.system()} {platform.release()}",
        "load before": f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "",
    }
    return {name: value for name, value in known.items() if value}


def versions() -> dict[str, str]:
    """Python's version, and that of each package that is installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _field(file: str, name: str) -> str:
    """The first value of a name in one of Linux's lists of names and values."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    pairs = (line.partition(":") for line in lines)
    return next((value.strip() for key, _, value in pairs if key.strip() == name), "")


def _memory() -> str:
    size = _field("/proc/meminfo", "MemTotal").split()
    return f"{int(size[0]) / 2**20:.0f} GiB" if size else ""


def _caches() -> str:
    """The sizes of a core's data caches, nearest first."""
    sizes = []
    for index in sorted(CACHES.glob("index*")):
        try:
            level, kind, size = (
                (index / name).read_text(encoding="ascii").strip()
                for name in ("level", "type", "size")
            )
        except OSError:
            continue
        if kind != "Instruction":
            sizes.append(f"L{level} {size}")
    return ", ".join(sizes)


def _chosen() -> str:
    """Which allocations get large pages: the word in brackets."""
    try:
        return HUGE.read_text(encoding="ascii").partition("[")[2].partition("]")[0]
    except OSError:
        return ""
