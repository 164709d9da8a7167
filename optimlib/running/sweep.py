"""Sweeps: one function run with many settings, on all cores or on a cluster."""

import copy
import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

from optimlib.files import loaded
from optimlib.running.identity import of_function
from optimlib.running.kept import Kept
from optimlib.running.progress import bar as progress_bar
from optimlib.running.workers import Task, work
from optimlib.settings import check_whole, whole


@dataclass(frozen=True)
class Run:
    """One run of a sweep.

    Attributes:
        settings: the entry of the grid.
        seed: what its generator was made of: `np.random.default_rng(seed)`.
        value: the dict that train_fn returned; None where it failed.
        error: the traceback where it failed; None else.
        seconds: how long it took.
    """

    settings: dict[str, Any]
    seed: int
    value: dict[str, Any] | None
    error: str | None
    seconds: float


def sweep(
    train_fn: Callable[..., Mapping[str, Any]],
    grid: Mapping[str, Iterable[Any]] | Iterable[Mapping[str, Any]],
    *,
    file: str | PathLike[str] = "sweep.sqlite",
    seed: int = 0,
    n_jobs: int = -1,
    retry: bool = False,
    progress: bool | None = None,
) -> list[Run]:
    r"""Run a function with every setting of a grid, in parallel, and keep each result.

    Each run is written to the file, and is on the disk, before it counts. A sweep that
    ended, however it did, goes on where it was: the same call again repeats no run that
    the file has. So does a grid that was extended. What identifies a run is its
    settings, as JSON: 1 and 1.0 are two settings, (1, 2) and [1, 2] are one. What
    identifies the function is its name and what it holds when the sweep begins: a
    partial's arguments, defaults, the variables of a function around it, the attributes
    of its object. A lambda's code counts; of a function with a name it does not: **a
    function that was changed needs another file.**

    A run's results depend on its settings and on `seed`; not on the number of workers,
    the order, or the other runs, if `train_fn` takes all its randomness from `rng`. Its
    matrix products run on one thread, since their rounding depends on the number.

    The runs go to local processes. Within `joblib.parallel_config("dask")` they go to
    the workers of the current `dask.distributed.Client`, which need optimlib too, and no
    disk in common.

    A run that raises is recorded with its traceback, and so is one whose result no file
    holds. Where a worker dies, the runs that were under way start again; one that kills
    its worker each time, in the end when it is run alone, is recorded as failed, too.
    None stops the others.

    Args:
        train_fn: train_fn(\*\*settings, rng=Generator) is a dict by name of numbers,
            text, None, arrays, or dicts and lists of them.
        grid: for each setting's name a list of values, of which all combinations are
            run; or a list of dicts, each the settings of a run. A setting may be a
            number, text, None, or lists and dicts of them. To repeat runs with other
            seeds, add a setting such as `"repeat": range(5)`.
        file: an SQLite file, made where there is none. It holds one sweep, and no one
            else can open it meanwhile.
        seed: a whole number, 0 or more, from which each run's own is derived.
        n_jobs: how many processes; -1 is one for each core, 1 this one. Dask uses all
            the cluster has.
        retry: whether runs recorded as failed are run again.
        progress: True shows a bar (needs tqdm); None shows one where tqdm is installed
            and the output is a terminal.

    Returns:
        A `Run` for each entry of the grid, in its order: of a dict's combinations, the
        last name's values change fastest.

    Raises:
        ModuleNotFoundError: without joblib and threadpoolctl (the extra `sweep`), and
            for progress=True without tqdm.
        TypeError: for a train_fn that can't be called or sent to the workers, and
            settings that no file holds.
        ValueError: for numbers that are not allowed, settings that are there twice, and
            a file that is corrupt or not of this sweep: another seed, function or format.
            It stays as it was.
        OSError: where the file can't be opened or written, as where the disk is full
            (what was finished before is in it), or another sweep is using it.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> def train_fn(lr, steps, rng):
        ...     w = rng.normal(size=2)
        ...     for _ in range(steps):
        ...         w = w - lr * w
        ...     return {"loss": w @ w / 2, "w": w}
        >>> grid = {"lr": [0.5, 1.0], "steps": [3]}
        >>> with TemporaryDirectory() as folder:
        ...     runs = sweep(train_fn, grid, file=f"{folder}/my.sqlite", n_jobs=1)
        >>> [run.settings for run in runs if run.value["loss"] == 0]
        [{'lr': 1.0, 'steps': 3}]
    """
    _check(train_fn, n_jobs)
    seed = check_whole("seed", seed)
    entries = _entries(grid)
    meant = {"train_fn": of_function(train_fn), "seed": str(seed)}
    seeds = {text: _seed(text, seed) for text in entries}
    with closing(Kept(file, meant)) as kept:
        done = {text: run for text in entries if (run := kept.read(text)) is not None}
        if retry:
            done = {text: run for text, run in done.items() if run["error"] is None}
        tasks = [
            Task(text, train_fn, settings, seeds[text])
            for text, settings in entries.items()
            if text not in done
        ]
        with progress_bar(progress, len(entries), len(done), "run") as bar:

            def keep(text: str, run: bytes) -> None:
                kept.record(text, run)
                done[text] = loaded(run, text)
                if bar is not None:
                    failed = sum(run["error"] is not None for run in done.values())
                    bar.set_postfix(failed=failed, refresh=False)
                    bar.update(len(done) - bar.n)

            work(tasks, int(n_jobs), keep)
    return [Run(entries[text], seeds[text], **done[text]) for text in entries]


def _check(train_fn: Any, n_jobs: Any) -> None:
    """Refuse what can't be run, before anything has changed."""
    try:
        import joblib  # noqa: F401
        import threadpoolctl  # noqa: F401
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"sweep needs joblib and threadpoolctl, and there is no {error.name}: "
            "pip install 'optimization-companion[sweep]'"
        ) from error
    if not callable(train_fn):
        raise TypeError(f"train_fn is {train_fn!r}; allowed: a callable")
    if not whole(n_jobs):
        raise ValueError(
            f"n_jobs is {n_jobs!r}; allowed: 1, 2, ..., or -1 for all cores"
        )


def _entries(grid: Any) -> dict[str, dict[str, Any]]:
    """The settings of each run, by their canonical text."""
    entries: dict[str, dict[str, Any]] = {}
    for settings in _product(grid) if isinstance(grid, Mapping) else grid:
        text = _text(settings)
        if text in entries:
            raise ValueError(f"the grid has {text} twice; allowed: each once")
        entries[text] = copy.deepcopy(dict(settings))
    return entries


def _product(grid: Mapping[str, Iterable[Any]]) -> Iterator[dict[str, Any]]:
    for name, values in grid.items():
        if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
            raise TypeError(
                f"the grid's {name} is {values!r}; allowed: a list of values"
            )
    for values in itertools.product(*grid.values()):
        yield dict(zip(grid, values, strict=True))


def _text(settings: Any) -> str:
    """The settings' canonical text, which is what identifies a run."""
    if not isinstance(settings, Mapping):
        raise TypeError(f"the grid holds {settings!r}; allowed: dicts of settings")
    for name in settings:
        if not isinstance(name, str) or name == "rng":
            raise ValueError(f"a setting's name is {name!r}; allowed: text but 'rng'")
    try:
        return json.dumps(dict(settings), sort_keys=True, default=_plain)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"the settings {settings!r} hold what no file does ({error}); allowed: "
            "numbers, text, None, and lists and dicts of them"
        ) from error


def _plain(value: Any) -> Any:
    """A NumPy number as Python's."""
    if isinstance(value, np.bool | np.integer | np.floating):
        return value.item()
    raise TypeError(f"{value!r} is of type {type(value).__name__}")


def _seed(text: str, seed: int) -> int:
    """The seed of a run: 128 bits of the sweep's seed and of the run's settings."""
    digest = hashlib.sha256(text.encode()).digest()
    words = tuple(np.frombuffer(digest, "<u4").tolist())
    state = np.random.SeedSequence(seed, spawn_key=words).generate_state(4)
    return int.from_bytes(state.astype("<u4").tobytes(), "little")
