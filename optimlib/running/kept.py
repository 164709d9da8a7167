"""The file of a sweep: what is in it is finished, each run a transaction of its own.

The journal is SQLite's default, not WAL: a file at rest is one file, on any disk.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path as File
from typing import Any

from optimlib.files import loaded, mode_of

FORMAT = 2  # of the file
OPENING = (
    "PRAGMA locking_mode = EXCLUSIVE",  # until it is closed
    "PRAGMA synchronous = EXTRA",  # a commit outlives a power cut
    "BEGIN EXCLUSIVE",
)
CLOSED = ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_FULL")


class Kept:
    """The file, made where there is none; no one else has it until it is closed.

    Args:
        meant: what tells the sweep from others, by name.

    Raises:
        ValueError: where it is corrupt or another's.
        OSError: where it can't be opened or written.
    """

    def __init__(self, file: str | PathLike[str], meant: Mapping[str, str]) -> None:
        import sqlite3

        self.file = file
        self.db: Any = None
        mode_of(File(file))
        try:
            with self._explained():
                path = File(file).absolute()  # ":memory:" and "file:x" are names too
                self.db = sqlite3.connect(path, timeout=0.0, isolation_level=None)
                for command in OPENING:
                    self.db.execute(command)
                self._check({"format": FORMAT, **meant})
                self.db.execute("COMMIT")
        except BaseException:
            self.close()
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
                said += "is in use by another sweep (or another program)"
                raise OSError(said) from error
            if name.startswith(CLOSED):
                raise OSError(f"{said}can't be opened or written: {error}") from error
            said += f"is not a sweep's file, or is corrupt: {error}"
            raise ValueError(said) from error

    def _check(self, meant: Mapping[str, Any]) -> None:
        """Refuse a file of something else; make the tables in one that is empty."""
        names = ", ".join(meant)
        if not self.db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            self.db.execute(f"CREATE TABLE sweep ({names})")
            self.db.execute("CREATE TABLE runs (settings TEXT PRIMARY KEY, run BLOB)")
            marks = ", ".join("?" * len(meant))
            self.db.execute(f"INSERT INTO sweep VALUES ({marks})", (*meant.values(),))
        saved = self.db.execute(f"SELECT {names} FROM sweep").fetchone()
        for key, found in zip(meant, saved or [None] * len(meant), strict=True):
            if found != meant[key]:
                raise ValueError(
                    f"{self.file} is the file of another sweep: its {key} is "
                    f"{found!r}; allowed: {meant[key]!r}, or another file"
                )
        (said,) = self.db.execute("PRAGMA integrity_check(1)").fetchone()
        if said != "ok":
            raise ValueError(f"{self.file} is corrupt: {said}")

    def read(self, settings: str) -> Any:
        """The run of these settings as it was recorded, None where it was not."""
        with self._explained():
            select = "SELECT run FROM runs WHERE settings = ?"
            found = self.db.execute(select, (settings,)).fetchone()
        return None if found is None else loaded(found[0], f"a run in {self.file}")

    def record(self, settings: str, run: bytes) -> None:
        """Write a finished run: a transaction, on the disk when this returns."""
        with self._explained():
            insert = "INSERT OR REPLACE INTO runs VALUES (?, ?)"
            self.db.execute(insert, (settings, run))

    def close(self) -> None:
        if self.db is not None:
            self.db.close()
