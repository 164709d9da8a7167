"""Sweeps: one function run with many settings, on all cores or on a cluster.

The parent alone writes the file, a transaction for each run as it arrives, so that
workers need no disk in common. Nothing in the file is pickled.
"""

import copy
import hashlib
import io
import itertools
import json
import time
import traceback
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from os import PathLike
from pathlib import Path as File
from pickle import PicklingError
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from optimlib import files
from optimlib.running.progress import bar as progress_bar
from optimlib.settings import check_whole

if TYPE_CHECKING:
    import sqlite3  # not every Python has it: imported where it is needed

FORMAT = 1  # of the file
ALONE = 2  # how often a run is lost with its worker before it is run by itself
TABLES = (
    "CREATE TABLE sweep (format INTEGER, train_fn TEXT, seed TEXT)",
    """CREATE TABLE runs (settings TEXT PRIMARY KEY, value TEXT, arrays BLOB,
    error TEXT, seconds REAL, checksum TEXT)""",
)


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


class _Row(NamedTuple):
    """A finished run as the file holds it: the columns of the table `runs`."""

    settings: str
    value: str | None = None
    arrays: bytes | None = None
    error: str | None = None
    seconds: float = 0.0

    def checksum(self) -> str:
        digest = hashlib.sha256()
        for field in self:
            digest.update(field if isinstance(field, bytes) else repr(field).encode())
            digest.update(b"\0")
        return digest.hexdigest()


class _Killed(NamedTuple):
    """A run that Dask gave up, since its workers died."""

    settings: str
    error: BaseException


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
    settings, as JSON: 1 and 1.0 are two settings, (1, 2) and [1, 2] are one. **A
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
            a file that is corrupt or not of this sweep: another seed, function name or
            format. It stays as it was.
        OSError: where the file can't be opened, or another sweep is using it.

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
    with closing(_opened(file, _name(train_fn), seed)) as db:
        if retry:
            _forget_failed(db, entries)
        done = _recorded(db)
        tasks = {
            text: (train_fn, settings, text, _seed(text, seed))
            for text, settings in entries.items()
            if text not in done
        }
        begun = len(entries) - len(tasks)
        failed = sum(done.get(text, False) for text in entries)
        with (
            progress_bar(progress, len(entries), begun, "run") as bar,
            closing(_finished(tasks, n_jobs)) as rows,
        ):
            for row in rows:
                _record(db, row)
                failed += row.error is not None
                if bar is not None:
                    bar.set_postfix(failed=failed, refresh=False)
                    bar.update()
        return [
            _result(_read(db, text), settings, _seed(text, seed))
            for text, settings in entries.items()
        ]


# What is asked for


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
    if not isinstance(n_jobs, int) or n_jobs == 0:
        raise ValueError(
            f"n_jobs is {n_jobs!r}; allowed: 1, 2, ..., or -1 for all cores"
        )


def _name(train_fn: Any) -> str:
    """The function's name, without its module: a script may become one."""
    return str(getattr(train_fn, "__qualname__", type(train_fn).__qualname__))


def _entries(grid: Any) -> dict[str, dict[str, Any]]:
    """The settings of each run, by their canonical text."""
    entries: dict[str, dict[str, Any]] = {}
    for settings in _product(grid) if isinstance(grid, Mapping) else grid:
        text = _text(settings)
        if text in entries:
            raise ValueError(f"the grid has {text} twice; allowed: each once")
        entries[text] = dict(settings)
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


# Running: where the workers are


def _executed(
    train_fn: Callable[..., Any], settings: dict[str, Any], text: str, seed: int
) -> _Row:
    """One run, to its end, whatever that is."""
    from threadpoolctl import threadpool_limits

    began = time.perf_counter()
    try:
        with threadpool_limits(1):
            own = copy.deepcopy(settings)  # workers in this process share it
            value = train_fn(**own, rng=np.random.default_rng(seed))
        row = _Row(text, *_packed(value))
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        where = error.__traceback__.tb_next if error.__traceback__ else None
        lines = traceback.format_exception(type(error), error, where)
        said = "".join(lines).encode("utf-8", "backslashreplace").decode()
        row = _Row(text, error=said)
    return row._replace(seconds=time.perf_counter() - began)


def _packed(value: Any) -> tuple[str, bytes | None]:
    """What train_fn returned as JSON, and its arrays as .npz."""
    if not isinstance(value, Mapping) or not all(isinstance(k, str) for k in value):
        raise TypeError(f"train_fn returned {value!r}; allowed: a dict by name")
    arrays: dict[str, np.ndarray] = {}
    text = json.dumps({k: files.packed(v, arrays) for k, v in value.items()})
    if not arrays:
        return text, None
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return text, buffer.getvalue()


def _finished(tasks: dict[str, tuple[Any, ...]], n_jobs: int) -> Generator[_Row]:
    """Run the tasks and yield each as it finishes.

    Where a worker dies, it may be another's run that killed it: locally all workers go
    with it, and Dask suspects the run that was next, too. So those that may have been
    under way have a second go after all others, and a third alone, in which it is known.
    On Dask, which has tried several times, the second is alone.
    """
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    left, losses = dict(tasks), Counter[str]()
    while left:
        least = min(losses[text] for text in left)
        texts = [text for text in left if losses[text] == least]
        batch = texts if least < ALONE else texts[:1]
        under_way: set[str] = set()
        lost: dict[str, BaseException] = {}
        try:
            with closing(
                _parallel([tasks[t] for t in batch], n_jobs, under_way)
            ) as runs:
                for run in runs:
                    if isinstance(run, _Killed):
                        lost[run.settings] = run.error
                        losses[run.settings] = ALONE
                    else:
                        del left[run.settings]
                        yield run
        except TerminatedWorkerError as error:
            lost = dict.fromkeys(under_way & set(left), error)
            losses.update(lost.keys())
        except PicklingError as error:
            raise _unsendable(error) from error
        if least == ALONE:
            for text, death in lost.items():
                del left[text]
                said = "".join(traceback.format_exception_only(death))
                yield _Row(text, error=said)


def _parallel(
    tasks: list[tuple[Any, ...]], n_jobs: int, under_way: set[str]
) -> Generator["_Row | _Killed"]:
    """Run the tasks through joblib; `under_way` takes the text of each that begins."""
    from joblib import Parallel, delayed
    from joblib.parallel import get_active_backend

    backend, _ = get_active_backend()
    is_dask = type(backend).__name__ == "DaskDistributedBackend"

    def begun() -> Iterator[Any]:
        for task in tasks:
            under_way.add(task[2])
            yield delayed(_executed)(*task)

    parallel = Parallel(
        n_jobs=n_jobs,
        backend=backend,
        return_as="generator_unordered",
        batch_size=1,  # in a larger one, a finished run waits for others before it counts
        pre_dispatch="all" if is_dask else "2 * n_jobs",  # a cluster may grow
    )
    with (
        _mended(backend, tasks[0]) if is_dask else nullcontext(),
        closing(parallel(begun())) as outcomes,
    ):
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
            yield outcome


@contextmanager
def _mended(backend: Any, task: tuple[Any, ...]) -> Iterator[None]:
    """Make up for what joblib (1.6) does wrong on Dask.

    It waits for ever for a run that Dask gave up, since it is told only of those that
    returned, and for one that can't be sent. It runs here what is meant for a cluster
    that has one thread at the moment.
    """
    from cloudpickle import dumps

    try:
        dumps(task)
    except Exception as error:
        raise _unsendable(error) from error
    submit, effective_n_jobs = backend.submit, backend.effective_n_jobs

    def telling(batch: Any, callback: Callable[[list[Any]], None]) -> Any:
        def told(future: Any) -> None:
            error = future.exception()
            if type(error).__name__ == "KilledWorker":
                callback([_Killed(args[2], error) for _, args, _ in batch.items])
            elif error is not None:
                callback([error])

        future = submit(batch, callback)
        future.add_done_callback(told)
        return future

    backend.submit = telling
    backend.effective_n_jobs = lambda n_jobs: max(2, effective_n_jobs(n_jobs))
    try:
        yield
    finally:  # the class has its own
        del backend.submit, backend.effective_n_jobs


def _unsendable(error: BaseException) -> TypeError:
    return TypeError(f"train_fn can't be sent to the workers: {error}")


# The file


def _opened(file: str | PathLike[str], name: str, seed: int) -> "sqlite3.Connection":
    """A connection to the file, which is made where there is none; no one else has it.

    The journal is SQLite's default, not WAL: a file at rest is one file, on any disk.

    Raises:
        ValueError: where it is corrupt or not of this sweep.
        OSError: where it can't be opened.
    """
    import sqlite3

    db = None
    try:
        db = sqlite3.connect(File(file), timeout=0.0, isolation_level=None)
        db.execute("PRAGMA locking_mode = EXCLUSIVE")  # until it is closed
        db.execute("PRAGMA synchronous = EXTRA")  # a commit outlives a power cut
        db.execute("BEGIN EXCLUSIVE")
        _check_file(db, file, name, seed)
        db.execute("COMMIT")
    except BaseException as error:
        if db is not None:
            db.close()
        if isinstance(error, sqlite3.DatabaseError):
            raise _meant(error, file) from error
        raise
    return db


def _meant(error: "sqlite3.DatabaseError", file: str | PathLike[str]) -> Exception:
    """What an error of SQLite's means for whoever gave the file."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith("SQLITE_BUSY"):
        return OSError(f"{file} is in use by another sweep (or another program)")
    if name.startswith(
        ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_FULL")
    ):
        return OSError(f"{file} can't be opened or written: {error}")
    return ValueError(f"{file} is not a sweep's file, or is corrupt: {error}")


def _check_file(
    db: "sqlite3.Connection", file: str | PathLike[str], name: str, seed: int
) -> None:
    """Refuse a file of something else; make the tables in one that is empty."""
    meant = {"format": FORMAT, "train_fn": name, "seed": str(seed)}
    if not db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        for table in TABLES:
            db.execute(table)
        db.execute("INSERT INTO sweep VALUES (?, ?, ?)", tuple(meant.values()))
    saved = db.execute("SELECT format, train_fn, seed FROM sweep").fetchone()
    for key, found in zip(meant, saved or [None] * 3, strict=True):
        if found != meant[key]:
            raise ValueError(
                f"{file} is the file of another sweep: its {key} is {found!r}; allowed: "
                f"{meant[key]!r}, or another file"
            )
    (said,) = db.execute("PRAGMA integrity_check(1)").fetchone()
    rows = db.execute("SELECT * FROM runs")
    if said != "ok" or any(_Row(*row).checksum() != check for *row, check in rows):
        raise ValueError(f"{file} is corrupt: it is not as it was written")


def _recorded(db: "sqlite3.Connection") -> dict[str, bool]:
    """The runs in the file, and whether each failed."""
    rows = db.execute("SELECT settings, error NOT NULL FROM runs")
    return {settings: bool(failed) for settings, failed in rows}


def _forget_failed(db: "sqlite3.Connection", texts: Iterable[str]) -> None:
    db.execute("BEGIN")
    for text in texts:
        db.execute("DELETE FROM runs WHERE settings = ? AND error NOT NULL", (text,))
    db.execute("COMMIT")


def _record(db: "sqlite3.Connection", row: _Row) -> None:
    """Write a finished run: a transaction, on the disk when this returns."""
    db.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)", (*row, row.checksum()))


def _read(db: "sqlite3.Connection", text: str) -> _Row:
    found = db.execute("SELECT * FROM runs WHERE settings = ?", (text,)).fetchone()
    return _Row(*found[:-1])


def _result(row: _Row, settings: dict[str, Any], seed: int) -> Run:
    """The run that a row holds."""
    if row.value is None:
        return Run(settings, seed, None, row.error, row.seconds)
    arrays: dict[str, np.ndarray] = {}
    if row.arrays is not None:
        with np.load(io.BytesIO(row.arrays), allow_pickle=False) as archive:
            arrays = dict(archive)
    packed = json.loads(row.value)
    value = {name: files.unpacked(child, arrays) for name, child in packed.items()}
    return Run(settings, seed, value, None, row.seconds)
