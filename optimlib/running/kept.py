"""Finished work, kept once: a function of many inputs, whose results one file holds.

Each is written, a transaction of its own, before it counts, so that work that ended,
however it did, goes on where it was. The parent alone writes: workers need no disk in
common. Nothing in the file is pickled.
"""

import copy
import hashlib
import io
import json
import time
import traceback
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from functools import partial
from os import PathLike
from pathlib import Path as File
from typing import Any, NamedTuple

import numpy as np

from optimlib.files import mode_of, packed, unpacked

FORMAT = 1  # of the file
OPENING = (
    "PRAGMA locking_mode = EXCLUSIVE",  # until it is closed
    "PRAGMA synchronous = EXTRA",  # a commit outlives a power cut
    "BEGIN EXCLUSIVE",
)
ALONE = 2  # how often a task is lost with its worker before it is run by itself
RUNS = """CREATE TABLE runs (settings TEXT PRIMARY KEY, value TEXT, arrays BLOB,
    error TEXT, seconds REAL, checksum TEXT)"""
CLOSED = ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_FULL")
DEATHS = {"TerminatedWorkerError": 1, "KilledWorker": ALONE}  # Dask has tried before


class Task(NamedTuple):
    """function(**given), known by its key."""

    key: str
    function: Callable[..., Any]
    given: dict[str, Any]


class Done(NamedTuple):
    """A finished task as the file holds it: the columns of the table `runs`."""

    key: str
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

    def result(self) -> dict[str, Any] | None:
        """What the function returned; None where it failed."""
        if self.value is None:
            return None
        arrays: dict[str, np.ndarray] = {}
        if self.arrays is not None:
            with np.load(io.BytesIO(self.arrays), allow_pickle=False) as archive:
                arrays = dict(archive)
        return {k: unpacked(v, arrays) for k, v in json.loads(self.value).items()}


class Kept:
    """The file, which is made where there is none; no one else has it until it is closed.

    The journal is SQLite's default, not WAL: a file at rest is one file, on any disk.

    Args:
        what: the word for what is kept in it; meant: what tells it from others.

    Raises:
        ValueError: where it is corrupt or another's.
        OSError: where it can't be opened or written.
    """

    def __init__(
        self, file: str | PathLike[str], what: str, meant: Mapping[str, str]
    ) -> None:
        import sqlite3

        self.file, self.what = file, what
        mode_of(File(file))
        with self._explained():
            self.db = sqlite3.connect(File(file), timeout=0.0, isolation_level=None)
        try:
            with self._explained():
                for command in OPENING:
                    self.db.execute(command)
                self._check({"format": FORMAT, **meant})
                self.db.execute("COMMIT")
        except BaseException:
            self.db.close()
            raise

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """An error of SQLite's, as what it means for whoever gave the file."""
        import sqlite3

        try:
            yield
        except sqlite3.DatabaseError as error:
            name, said = getattr(error, "sqlite_errorname", ""), f"{self.file} "
            if name.startswith("SQLITE_BUSY"):
                said += f"is in use by another {self.what} (or another program)"
                raise OSError(said) from error
            if name.startswith(CLOSED):
                raise OSError(f"{said}can't be opened or written: {error}") from error
            said += f"is not a {self.what}'s file, or is corrupt: {error}"
            raise ValueError(said) from error

    def _check(self, meant: Mapping[str, Any]) -> None:
        """Refuse a file of something else; make the tables in one that is empty."""
        if not self.db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            columns = [f"{x} {'INTEGER' if x == 'format' else 'TEXT'}" for x in meant]
            self.db.execute(f"CREATE TABLE {self.what} ({', '.join(columns)})")
            self.db.execute(RUNS)
            marks = ", ".join("?" * len(meant))
            insert = f"INSERT INTO {self.what} VALUES ({marks})"
            self.db.execute(insert, tuple(meant.values()))
        select = f"SELECT {', '.join(meant)} FROM {self.what}"
        saved = self.db.execute(select).fetchone() or [None] * len(meant)
        for key, found in zip(meant, saved, strict=True):
            if found != meant[key]:
                raise ValueError(
                    f"{self.file} is the file of another {self.what}: its {key} is "
                    f"{found!r}; allowed: {meant[key]!r}, or another file"
                )
        (said,) = self.db.execute("PRAGMA integrity_check(1)").fetchone()
        rows = self.db.execute("SELECT * FROM runs")
        if said != "ok" or any(Done(*row).checksum() != check for *row, check in rows):
            raise ValueError(f"{self.file} is corrupt: it is not as it was written")

    def failures(self) -> dict[str, bool]:
        """The tasks in the file, and whether each failed."""
        rows = self.db.execute("SELECT settings, error NOT NULL FROM runs")
        return {key: bool(failed) for key, failed in rows}

    def forget(self, keys: Iterable[str]) -> None:
        """Take these out of the file, all or none."""
        each = [(key,) for key in keys]
        with self._explained():
            self.db.execute("BEGIN")
            self.db.executemany("DELETE FROM runs WHERE settings = ?", each)
            self.db.execute("COMMIT")

    def record(self, done: Done) -> None:
        """Write a finished task: a transaction, on the disk when this returns."""
        row = (*done, done.checksum())
        with self._explained():
            self.db.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)", row)

    def read(self, key: str) -> Done:
        """A task that is in the file."""
        select = "SELECT * FROM runs WHERE settings = ?"
        return Done(*self.db.execute(select, (key,)).fetchone()[:-1])

    def close(self) -> None:
        self.db.close()


def executed(task: Task, what: str) -> Done:
    """One task, to its end, whatever that is."""
    from threadpoolctl import threadpool_limits

    began = time.perf_counter()
    try:
        with threadpool_limits(1):
            given = copy.deepcopy(task.given)  # in this process others have it too
            value = task.function(**given)
        if not isinstance(value, Mapping) or not all(isinstance(k, str) for k in value):
            raise TypeError(f"{what} returned {value!r}; allowed: a dict by name")
        done = Done(task.key, *_packed(value))
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        where = error.__traceback__.tb_next if error.__traceback__ else None
        lines = traceback.format_exception(type(error), error, where)
        said = "".join(lines).encode("utf-8", "backslashreplace").decode()
        done = Done(task.key, error=said)
    return done._replace(seconds=time.perf_counter() - began)


def _packed(value: Mapping[str, Any]) -> tuple[str, bytes | None]:
    """A result as JSON, and its arrays as .npz."""
    arrays: dict[str, Any] = {}
    text = json.dumps({name: packed(child, arrays) for name, child in value.items()})
    if not arrays:
        return text, None
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return text, buffer.getvalue()


def finished(tasks: Iterable[Task], n_jobs: int, what: str) -> Generator[Done]:
    """Run the tasks and yield each as it finishes.

    Where a worker dies, it may be another's task that killed it: locally all workers go
    with it, and Dask suspects the task that was next, too. So those that may have been
    under way have a second go after all others, and a third alone, in which it is known.
    On Dask, which has tried several times, the second is alone.
    """
    left, losses = {task.key: task for task in tasks}, Counter[str]()
    while left:
        least = min(losses[key] for key in left)
        batch = [task for key, task in left.items() if losses[key] == least]
        for key, done in _at_once(batch[: 1 if least == ALONE else None], n_jobs, what):
            if isinstance(done, BaseException):
                losses[key] += DEATHS[type(done).__name__]
                if least < ALONE:
                    continue
                said = "".join(traceback.format_exception_only(done))
                done = Done(key, error=said)
            del left[key]
            yield done


def _at_once(
    tasks: list[Task], n_jobs: int, what: str
) -> Generator[tuple[str, Done | BaseException]]:
    """Run the tasks where they belong: what came of each, or how its worker died.

    After a death those that were not under way are left out.
    """
    from cloudpickle import dumps
    from joblib import effective_n_jobs
    from joblib.externals.loky import get_reusable_executor
    from joblib.parallel import get_active_backend

    client = getattr(get_active_backend()[0], "client", None)  # Dask's
    several = effective_n_jobs(n_jobs)  # it waits for the workers of a cluster
    if client is None and several == 1:
        yield from ((task.key, executed(task, what)) for task in tasks)
        return
    try:
        dumps(tasks[0])
    except Exception as error:
        raise TypeError(f"{what} can't be sent to the workers: {error}") from error
    if client is None:  # each process has one thread for its products
        pool = get_reusable_executor(several, env={"OMP_NUM_THREADS": "1"})
        end = partial(pool.shutdown, kill_workers=True)
        yield from _sent(pool, tasks, 2 * several, what, end)
    else:  # a cluster may grow
        pool = client.get_executor(pure=False)
        yield from _sent(pool, tasks, len(tasks), what, lambda: None)


def _sent(
    executor: Executor,
    tasks: list[Task],
    most: int,
    what: str,
    end: Callable[[], object],
) -> Generator[tuple[str, Done | BaseException]]:
    """Run the tasks by an executor, `most` of them at a time.

    Where it is left before all have finished, `end` ends those that are under way.
    """
    waiting, under_way = list(reversed(tasks)), dict[Future[Done], str]()
    try:
        while under_way or waiting:
            while waiting and len(under_way) < most:
                task = waiting.pop()
                under_way[executor.submit(executed, task, what)] = task.key
            over, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in over:
                error, key = future.exception(), under_way.pop(future)
                if error is not None and type(error).__name__ not in DEATHS:
                    raise error
                if type(error).__name__ == "TerminatedWorkerError":
                    waiting.clear()  # all its processes have gone
                yield key, error or future.result()
    finally:
        if under_way:
            for future in under_way:
                future.cancel()
            end()
