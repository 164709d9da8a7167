"""Make the files that this folder compares with: `python tests/golden/make.py`.

Needs torch and optax: `pip install .[parity]`.
"""

import hashlib
import io
import json
import os
import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from cases import CASES, HERE, LIBRARIES, START, STORED, Case, gradients

# What optax has no name for, before it is multiplied by the learning rate.
UNNAMED: dict[str, Callable[[Any, dict], Any]] = {
    "ema_then_scale": lambda optax, own: optax.ema(own["momentum"], debias=False),
    "yogi_from_zero": lambda optax, own: optax.scale_by_yogi(
        **own, initial_accumulator_value=0.0
    ),
}
PACKAGES = {"torch": ["torch"], "optax": ["optax", "jax", "jaxlib"]}


def with_torch(case: Case) -> np.ndarray:
    """The weights at the stored steps, from torch."""
    import torch

    usual = torch.get_default_dtype()
    torch.set_default_dtype(getattr(torch, case.scalars))
    try:
        return _torch_path(torch, case)[[*STORED]]
    finally:
        torch.set_default_dtype(usual)


def _torch_path(torch: Any, case: Case) -> np.ndarray:
    w = torch.tensor(START, dtype=torch.float64)
    lr = case.options.get("lr")
    options = case.options | ({"lr": lr(1)} if callable(lr) else {})
    optimizer = getattr(torch.optim, case.call)([w], **options)
    path = [START]
    for t, g in enumerate(gradients(), 1):
        if callable(lr):
            optimizer.param_groups[0]["lr"] = lr(t)
        w.grad = torch.tensor(g)
        optimizer.step()
        path.append(w.numpy().copy())
    return np.array(path)


def with_optax(case: Case) -> np.ndarray:
    """The weights at the stored steps, from optax: all steps in one compiled loop."""
    import jax

    with jax.enable_x64(True):
        return _optax_path(jax, case)[[*STORED]]


def _optax_path(jax: Any, case: Case) -> np.ndarray:
    import optax
    import optax.contrib

    optimizer = _optax_optimizer(optax, case)

    def step(carry: tuple, g: Any) -> tuple:
        w, state = carry
        move, state = optimizer.update(g, state, w)
        w = optax.apply_updates(w, move)
        return (w, state), w

    w = jax.numpy.asarray(START)
    _, path = jax.lax.scan(step, (w, optimizer.init(w)), gradients())
    return np.concatenate([START[None], np.asarray(path)])


def _optax_optimizer(optax: Any, case: Case) -> Any:
    options = dict(case.options)
    if callable(lr := options["learning_rate"]):
        options["learning_rate"] = lambda count: lr(count + 1)  # optax counts from 0
    if case.call not in UNNAMED:
        return attrgetter(case.call)(optax)(**options)
    rate = optax.scale_by_learning_rate(options.pop("learning_rate"))
    return optax.chain(UNNAMED[case.call](optax, options), rate)


MAKERS: dict[str, Callable[[Case], np.ndarray]] = {
    "torch": with_torch,
    "optax": with_optax,
}


def made_with(library: str) -> dict[str, str]:
    """The versions and the machine, on which the last bits depend."""
    versions = {package: version(package) for package in PACKAGES[library]}
    return versions | {"python": platform.python_version(), "machine": _machine()}


def _machine() -> str:
    """The system, the C library and the processor with its instruction sets."""
    names = [platform.system(), platform.machine(), *platform.libc_ver()]
    cpus = Path("/proc/cpuinfo")
    if not cpus.exists():
        return ", ".join([*names, platform.processor()])
    facts = [line.partition(":") for line in cpus.read_text().splitlines()]
    first = {key.strip(): value.strip() for key, _, value in reversed(facts)}
    sets = [x for x in first.get("flags", "").split() if x.startswith(("avx", "fma"))]
    return ", ".join([*names, first.get("model name", ""), " ".join(sorted(sets))])


def checksum() -> str:
    """Of the gradients and the start, which are not stored."""
    return hashlib.sha256(gradients().tobytes() + START.tobytes()).hexdigest()


def make(library: str) -> dict[str, np.ndarray]:
    """The weights of each of the library's cases at the stored steps."""
    chosen = [case for case in CASES if case.library == library]
    return {case.name: MAKERS[library](case) for case in chosen}


def write(library: str) -> None:
    """Write the library's file, all of it or nothing."""
    facts = made_with(library) | {"gradients": checksum()}
    content = io.BytesIO()
    np.savez(content, made_with=np.array(json.dumps(facts)), **make(library))
    path = HERE / f"{library}.npz"
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_bytes(content.getvalue())
    os.replace(unfinished, path)
    print(f"{path.name}: {len(content.getvalue()):,} bytes, {json.dumps(facts)}")


if __name__ == "__main__":
    for name in LIBRARIES:
        write(name)
