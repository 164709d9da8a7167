"""sweep: the same results on any workers, each on disk before it counts, none twice."""

import builtins
import contextlib
import gc
import inspect
import os
import re
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import Executor, Future
from functools import partial

import numpy as np
import pytest
from interrupting import places, traced

from optimlib.running import kept, workers
from optimlib.running import sweep as sweeps
from optimlib.running.sweep import sweep

joblib = pytest.importorskip("joblib")
# Workers do not have this module: some packages install a `tests` of their own.
pytest.importorskip("cloudpickle").register_pickle_by_value(sys.modules[__name__])
get_active_backend = pytest.importorskip("joblib.parallel").get_active_backend


def counted(folder, wait=0.0):
    """A function to sweep that leaves a file for each execution: what ran, and where.

    It is made here so that workers, which do not have this module, get it by value. The
    last of forty runs wait while there is a file "linger" beside the folder.
    """

    def train_fn(x, rng):
        (folder / f"{x} {os.getpid()} {secrets.token_hex(4)}").touch()
        time.sleep(wait)
        while x > 30 and (folder.parent / "linger").exists():
            time.sleep(wait)
        a = rng.normal(size=(257, 257))
        b = rng.normal(size=200_001)  # a sum whose rounding depends on BLAS's threads
        return {"x": x, "noise": rng.normal(size=3), "product": a @ a[0], "sum": b @ b}

    return train_fn


def executed(folder):
    """How often each x was run."""
    return Counter(int(mark.name.split()[0]) for mark in folder.iterdir())


def where(folder):
    """The processes that ran something."""
    return {int(mark.name.split()[1]) for mark in folder.iterdir()}


def same(one, other):
    """Whether two nests or lists of runs are the same bit for bit, types included."""
    if isinstance(one, sweeps.Run):
        pairs = [(vars(one) | {"seconds": 0}, vars(other) | {"seconds": 0})]
        return all(same(a, b) for a, b in pairs)
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.tobytes() == other.tobytes()
    return repr(one) == repr(other)


@pytest.fixture
def marks(tmp_path):
    (tmp_path / "marks").mkdir()
    return tmp_path / "marks"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "my.sqlite"


# Results and seeds


def test_results_are_bit_for_bit_the_same_on_one_worker_and_on_two(tmp_path, marks):
    train_fn, grid = counted(marks), {"x": range(6)}
    one = sweep(train_fn, grid, file=tmp_path / "1", n_jobs=1)
    assert where(marks) == {os.getpid()}
    two = sweep(train_fn, grid, file=tmp_path / "2", n_jobs=2)
    assert [run.settings for run in one] == [{"x": x} for x in range(6)]
    assert same(one, two) and not any(run.error for run in one)
    assert executed(marks) == dict.fromkeys(range(6), 2)
    assert os.getpid() in where(marks) and len(where(marks)) > 1


def test_a_runs_result_does_not_depend_on_the_order_or_on_the_other_runs(
    tmp_path, marks
):
    train_fn = counted(marks)
    all_ = sweep(train_fn, {"x": range(5)}, file=tmp_path / "all", n_jobs=1)
    some = [{"x": 3}, {"x": 1}]
    assert same(
        sweep(train_fn, some, file=tmp_path / "some", n_jobs=1), [all_[3], all_[1]]
    )


def test_each_run_has_a_seed_of_its_own_from_which_it_can_be_repeated(tmp_path, marks):
    train_fn, grid = counted(marks), {"x": range(5)}
    runs = sweep(train_fn, grid, file=tmp_path / "0", n_jobs=1)
    others = sweep(train_fn, grid, file=tmp_path / "1", seed=1, n_jobs=1)
    assert len({run.seed for run in runs + others}) == 10
    again = train_fn(3, rng=np.random.default_rng(runs[3].seed))
    np.testing.assert_array_equal(again["noise"], runs[3].value["noise"])


def test_seeds_are_what_they_were_in_earlier_versions():
    """A file that was begun then goes on with the same seeds."""
    assert sweeps._seed('{"x": 3}', 0) == 79736113247389156366118267099142834302


def test_a_grid_is_the_product_of_its_values_in_order(file):
    def train_fn(a, b, rng):
        return {"ab": f"{a}{b}"}

    runs = sweep(train_fn, {"b": ["x", "y"], "a": (1, 2)}, file=file, n_jobs=1)
    assert [run.value["ab"] for run in runs] == ["1x", "2x", "1y", "2y"]
    assert sweep(train_fn, [], file=file, n_jobs=1) == []
    assert sweep(train_fn, {"a": [], "b": [1]}, file=file, n_jobs=1) == []


@pytest.mark.parametrize("name", [":memory:", "file:runs?mode=memory", "a b#%41"])
def test_any_name_is_a_files(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    sweep(lambda x, rng: {"x": x}, {"x": [1]}, file=name, n_jobs=1)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_settings_are_the_same_run_however_they_are_written(file, marks):
    def train_fn(rng, **settings):
        (marks / f"1 1 {secrets.token_hex(4)}").touch()
        return {"kinds": [type(value).__name__ for value in settings.values()]}

    first = {"lr": 0.1, "layers": (3, 2), "on": True, "n": 3, "name": None}
    second = {"n": np.int64(3), "lr": np.float64(0.1), "name": None, "on": np.True_}
    sweep(train_fn, [first], file=file, n_jobs=1)
    again = sweep(train_fn, [second | {"layers": [3, 2]}], file=file, n_jobs=1)
    assert executed(marks) == {1: 1}
    assert again[0].value == {"kinds": ["float", "tuple", "bool", "int", "NoneType"]}


def test_a_run_that_changes_its_settings_changes_no_others(file):
    def train_fn(x, layers, rng):
        layers.append(x)
        return {"layers": layers}

    grid = {"x": [1, 2], "layers": [[5]]}
    runs = sweep(train_fn, grid, file=file, n_jobs=1)
    assert [run.value["layers"] for run in runs] == [[5, 1], [5, 2]]
    assert [run.settings["layers"] for run in runs] == [[5], [5]] == 2 * grid["layers"]


def test_what_comes_back_is_what_was_returned_from_workers_and_from_the_file(file):
    def train_fn(x, rng):
        return {
            "numbers": [
                1,
                0.1,
                1e-320,
                -0.0,
                float("nan"),
                float("-inf"),
                10**40,
                True,
            ],
            "text": "ü\ud800\0\n",
            "nothing": None,
            "nest": {"a": ({"b": [()]},), 3: "three", None: {}},
            "arrays": [np.arange(6.0).reshape(2, 3)[:, ::2], np.zeros((0, 2), "f2")],
            "kinds": {
                k: np.ones(2, k) for k in ("?", "i1", "u8", "f4", "c16", "S3", "U2")
            },
            "number": np.array(2.5, "f4"),
            "array": "array0",
            "": {"array": "array0", "dict": []},
        }

    returned = train_fn(0, None)
    for n_jobs in (2, 1):  # the second time from the file
        (run,) = sweep(train_fn, [{"x": 0}], file=file, n_jobs=n_jobs)
        assert run.error is None and same(run.value, returned)


# On disk before it counts


def on_disk(file, copy):
    """The runs in a copy of the file: what a crash at this moment would leave."""
    for suffix in ("", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copy(f"{file}{suffix}", f"{copy}{suffix}")
    with contextlib.closing(sqlite3.connect(copy)) as db:
        return [text for (text,) in db.execute("SELECT settings FROM runs")]


def test_a_run_is_on_disk_before_the_next_begins(file, tmp_path):
    def train_fn(x, rng):
        return {"before": on_disk(file, tmp_path / f"copy {x}")}

    runs = sweep(train_fn, {"x": range(4)}, file=file, n_jobs=1)
    texts = [f'{{"x": {x}}}' for x in range(4)]
    assert [run.value["before"] for run in runs] == [texts[:k] for k in range(4)]


SCRIPT = """
import os, secrets, sys, time
from pathlib import Path
import numpy as np
from optimlib.running.sweep import sweep

{counted}

folder, file, n_jobs = sys.argv[1:]
train_fn = counted(Path(folder), 0.05)
sweep(train_fn, {{"x": range(40)}}, file=file, n_jobs=int(n_jobs))
"""


@pytest.mark.parametrize(
    ("n_jobs", "how"), [(1, "SIGKILL"), (2, "SIGKILL"), (2, "SIGINT")]
)
def test_a_sweep_that_was_killed_goes_on_and_repeats_nothing(
    n_jobs, how, tmp_path, file, marks
):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(counted=inspect.getsource(counted)))
    arguments = [sys.executable, script, marks, file, n_jobs]
    held = {}  # what was on disk at the end of a process, and how often it had been run
    linger = marks.parent / "linger"  # so that none ends by itself
    linger.touch()
    for _ in range(9):
        goal = executed(marks).total() + 5
        process = subprocess.Popen(
            list(map(str, arguments)), start_new_session=True, stderr=subprocess.DEVNULL
        )
        try:
            while executed(marks).total() < goal:
                assert process.poll() is None
                time.sleep(0.005)
            process.send_signal(getattr(signal, how))
            assert process.wait() != 0
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # its workers
        counts = executed(marks)
        assert {x: counts[x] for x in held} == held
        finished = [int(t[6:-1]) for t in on_disk(file, tmp_path / f"copy {goal}")]
        assert set(held) <= set(finished)
        held = {x: counts[x] for x in finished}
        if len(held) > 5:
            break
    linger.unlink()
    runs = sweep(counted(marks, 0.05), {"x": range(40)}, file=file, n_jobs=1)
    counts = executed(marks)
    assert {x: counts[x] for x in held} == held and 5 < len(held) < 40
    (tmp_path / "clean marks").mkdir()
    clean = counted(tmp_path / "clean marks")
    assert same(runs, sweep(clean, {"x": range(40)}, file=tmp_path / "clean", n_jobs=1))


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_extended_grid_runs_only_what_is_new(n_jobs, file, marks):
    train_fn = counted(marks)
    first = sweep(train_fn, {"x": [1, 3]}, file=file, n_jobs=n_jobs)
    longer = sweep(train_fn, {"x": range(5)}, file=file, n_jobs=n_jobs)
    assert same([longer[1], longer[3]], first)
    assert same(sweep(train_fn, {"x": [3]}, file=file, n_jobs=n_jobs), [longer[3]])
    assert executed(marks) == dict.fromkeys(range(5), 1)


def test_the_users_interrupt_ends_the_sweep_and_leaves_what_was_finished(file, marks):
    steady = counted(marks)

    def counted_(x, rng):
        if x == 2 and executed(marks)[2] < 1:
            (marks / f"2 {os.getpid()} ").touch()
            raise KeyboardInterrupt
        return steady(x, rng)

    with pytest.raises(KeyboardInterrupt):
        sweep(counted_, {"x": range(4)}, file=file, n_jobs=1)
    assert executed(marks) == {0: 1, 1: 1, 2: 1}
    runs = sweep(counted_, {"x": range(4)}, file=file, n_jobs=1)
    assert executed(marks) == {0: 1, 1: 1, 2: 2, 3: 1}
    assert not any(run.error for run in runs)


HERE = (sweeps.__file__, kept.__file__, workers.__file__, __file__)


@pytest.fixture
def young():
    """Garbage does not grow old, so that a look at the young objects finds it."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("young")
def test_a_sweep_interrupted_at_any_line_repeats_no_run_that_the_file_has(
    tmp_path, file, marks
):
    """Of the lines each fifth, the first and last time that it comes there."""

    def train_fn(x, rng):
        (marks / f"{x} {secrets.token_hex(4)}").touch()
        return {"x": x, "noise": rng.normal(size=2)}

    def go(file):
        return sweep(train_fn, {"x": range(2)}, file=file, n_jobs=1)

    whole = go(tmp_path / "whole")
    lines = traced(HERE, partial(go, tmp_path / "traced"))
    for at in places(lines)[::5]:
        for mark in marks.iterdir():
            mark.unlink()
        error = KeyboardInterrupt()
        with pytest.raises(KeyboardInterrupt):
            traced(HERE, partial(go, file), error, at)
        error.__traceback__ = None  # its frames may have the file open
        gc.collect(0)
        before = executed(marks)
        finished = []
        with contextlib.suppress(sqlite3.OperationalError):  # it has no tables yet
            finished = on_disk(file, tmp_path / f"copy {at}")
        assert same(go(file), whole)
        again = executed(marks) - before
        assert again == {x: 1 for x in range(2) if f'{{"x": {x}}}' not in finished}
        file.unlink(missing_ok=True)


def test_what_has_finished_when_a_sweep_is_interrupted_counts(file, marks, monkeypatch):
    """Also where it had not been looked at yet."""

    class Prompt(Executor):
        """It has finished all tasks when it has been given them."""

        def submit(self, function, *given):
            future = Future()
            future.set_result(function(*given))
            return future

        def shutdown(self, kill_workers):
            assert kill_workers

    def interrupted(self, text, run):
        patched.undo()
        raise KeyboardInterrupt

    train_fn = counted(marks)
    with monkeypatch.context() as patched:
        loky = "joblib.externals.loky.get_reusable_executor"
        patched.setattr(loky, lambda *_, **__: Prompt())
        patched.setattr(kept.Kept, "record", interrupted)
        with pytest.raises(KeyboardInterrupt):
            sweep(train_fn, {"x": range(9)}, file=file, n_jobs=2)
    assert executed(marks) == dict.fromkeys(range(4), 1)
    runs = sweep(train_fn, {"x": range(9)}, file=file, n_jobs=1)
    assert executed(marks) == dict.fromkeys(range(9), 1)
    assert [run.value["x"] for run in runs] == [*range(9)]


def test_what_is_committed_outlives_a_power_cut(file):
    meant = {"train_fn": "train_fn", "seed": "0"}
    with contextlib.closing(kept.Kept(file, meant)) as opened:
        assert opened.db.execute("PRAGMA synchronous").fetchone() == (3,)  # EXTRA
        assert opened.db.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_file_at_rest_is_one_file(file, marks):
    sweep(counted(marks), {"x": range(2)}, file=file, n_jobs=1)
    assert {path.name for path in file.parent.iterdir()} == {file.name, "marks"}


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_disk_that_is_full_ends_the_sweep_and_loses_nothing(
    n_jobs, file, marks, monkeypatch
):
    train_fn = counted(marks)
    with monkeypatch.context() as patched:
        room = ("PRAGMA max_page_count = 10", *kept.OPENING)
        patched.setattr(kept, "OPENING", room)
        said = r"my\.sqlite can't be opened or written: database or disk is full"
        with pytest.raises(OSError, match=said):
            sweep(train_fn, {"x": range(40)}, file=file, n_jobs=n_jobs)
    finished = len(on_disk(file, file.with_suffix(".copy")))
    before = executed(marks)
    assert 0 < finished < 40
    runs = sweep(train_fn, {"x": range(40)}, file=file, n_jobs=n_jobs)
    assert not any(run.error for run in runs)
    assert executed(marks).total() == before.total() + 40 - finished


def test_a_file_that_is_read_only_is_refused(file):
    """Also for root, who could write to it."""
    swept(file)
    before = file.read_bytes()
    file.chmod(0o444)
    with pytest.raises(PermissionError, match=r"my\.sqlite is read-only; allowed: a"):
        swept(file, n=5)
    assert file.read_bytes() == before


def test_through_a_link_its_target_is_written(file, tmp_path):
    (tmp_path / "link").symlink_to(file)
    runs = swept(tmp_path / "link")
    assert (tmp_path / "link").is_symlink() and same(swept(file), runs)


# Runs that fail


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_run_that_raises_is_recorded_and_stops_no_other(n_jobs, file, marks):
    steady = counted(marks)
    healthy = marks.parent / "healthy"

    def fragile(x, rng):
        value = steady(x, rng)
        if x == 1 and not healthy.exists():
            raise ZeroDivisionError(f"at {x} \ud800")
        if x == 2 and not healthy.exists():
            sys.exit("gone")
        return value

    def swept(**more):
        return sweep(fragile, {"x": range(4)}, file=file, n_jobs=n_jobs, **more)

    runs = swept()
    assert [run.value is None for run in runs] == [False, True, True, False]
    assert "in fragile" in runs[1].error and "executed" not in runs[1].error
    assert runs[1].error.endswith("ZeroDivisionError: at 1 \\ud800\n")
    assert runs[2].error.endswith("SystemExit: gone\n") and runs[0].error is None
    healthy.touch()
    assert same(swept(), runs) and executed(marks) == dict.fromkeys(range(4), 1)
    again = swept(retry=True)
    assert executed(marks) == {0: 1, 1: 2, 2: 2, 3: 1}
    assert not any(run.error for run in again) and same(again[0], runs[0])
    assert same(swept(retry=True), again) and executed(marks)[1] == 2


RING: list = []
RING.append(RING)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (7, "TypeError: train_fn returned 7; allowed: a dict by name"),
        ({1: 2}, "TypeError: train_fn returned {1: 2}; allowed: a dict by name"),
        ({"a": [{1, 2}]}, r"TypeError: {1, 2} is of type set, which no file holds"),
        ({"a": 1j}, "TypeError: 1j is of type complex, which no file holds"),
        ({"a": np.array([None])}, "TypeError: an array has dtype object"),
        ({"a": RING}, "RecursionError"),
    ],
    ids=["no dict", "no name", "a set", "complex", "objects", "endless"],
)
def test_a_result_that_no_file_holds_fails_its_run_alone(value, said, file):
    def train_fn(x, rng):
        return value if x else {"x": x}

    good, bad = sweep(train_fn, {"x": [0, 1]}, file=file, n_jobs=1)
    assert good.value == {"x": 0} and bad.value is None
    assert re.search(said, bad.error.splitlines()[-1])


def dying(marks, times):
    """One that at x = 1 kills its process, so many times, while x = 0 is under way."""
    steady = counted(marks, 0.05)

    def train_fn(x, rng):
        value = steady(x, rng)
        if x == 0:
            time.sleep(0.3)
        if x == 1 and executed(marks)[x] <= times:
            os.kill(os.getpid(), signal.SIGKILL)
        return value

    return train_fn


@pytest.mark.parametrize("times", [1, 99])
def test_a_local_worker_that_dies_costs_no_run(times, file, marks, recorded):
    """But the one that kills it every time, also alone."""
    runs = sweep(dying(marks, times), {"x": range(6)}, file=file, n_jobs=2)
    failed = [run.settings["x"] for run in runs if run.error]
    assert failed == ([1] if times == 99 else [])
    assert executed(marks)[1] == 2
    assert sorted(recorded) == [f'{{"x": {x}}}' for x in range(6)]
    if failed:
        assert "TerminatedWorkerError: A worker process" in runs[1].error


@pytest.fixture
def recorded(monkeypatch):
    """The settings of each transaction."""
    texts, record = [], kept.Kept.record

    def spy(self, text, run):
        record(self, text, run)
        texts.append(text)

    monkeypatch.setattr(kept.Kept, "record", spy)
    return texts


# A cluster


@contextlib.contextmanager
def client_of(workers):
    """The client of a local cluster, all of whose ports are free ones of this machine."""
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=workers,
            processes=True,
            threads_per_worker=1,
            dashboard_address="127.0.0.1:0",
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def cluster():
    """Two worker processes of Dask, and the client that is the current one."""
    with client_of(2) as client:
        yield client


@pytest.fixture
def dask(cluster):
    """The cluster with both workers alive, to which joblib then sends."""
    cluster.wait_for_workers(2, timeout=1200)
    with joblib.parallel_config("dask", wait_for_workers_timeout=1200):
        yield cluster


def test_on_a_cluster_a_worker_that_is_killed_costs_nothing(
    dask, tmp_path, file, marks, recorded
):
    def kill():
        while len(executed(marks)) < 5:
            time.sleep(0.005)
        os.kill(next(iter(where(marks))), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    runs = sweep(counted(marks, 0.1), {"x": range(16)}, file=file)
    killer.join()
    counts = executed(marks)
    assert not any(run.error for run in runs) and set(counts) == set(range(16))
    assert sorted(recorded) == sorted(f'{{"x": {x}}}' for x in range(16))
    assert len(where(marks)) > 1 and os.getpid() not in where(marks)
    before = marks.rename(tmp_path / "before")
    marks.mkdir()
    again = sweep(counted(marks, 0.1), {"x": range(16)}, file=file)
    here = sweep(counted(marks), {"x": range(16)}, file=tmp_path / "1", n_jobs=1)
    assert same(runs, again) and same(runs, here)
    assert executed(marks) == dict.fromkeys(range(16), 1) and executed(before) == counts


def test_on_a_cluster_a_run_that_kills_every_worker_is_recorded(dask, file, marks):
    """Which joblib's own Dask backend waits for, for ever."""
    dask.cluster.scheduler.allowed_failures, usual = 0, 3
    try:
        runs = sweep(dying(marks, 99), {"x": range(5)}, file=file)
    finally:
        dask.cluster.scheduler.allowed_failures = usual
    assert [bool(run.error) for run in runs] == [False, True, False, False, False]
    assert "KilledWorker: Attempted to run task" in runs[1].error


def test_a_run_that_raises_on_a_cluster_is_recorded(dask, file, marks):
    def fragile(x, rng):
        return {"y": 1 / x}

    runs = sweep(fragile, {"x": range(3)}, file=file)
    assert [run.value for run in runs] == [None, {"y": 1.0}, {"y": 0.5}]
    assert runs[0].error.endswith("ZeroDivisionError: division by zero\n")
    assert "submit" not in vars(get_active_backend()[0])  # all is as it was


def test_a_cluster_of_one_worker_is_used_too_and_given_all_runs_at_once(file, marks):
    """Where joblib would run the sweep in this process; and a cluster may grow."""
    with (
        client_of(1) as client,
        joblib.parallel_config("dask", wait_for_workers_timeout=1200),
    ):
        pid = set(client.run(os.getpid).values())
        known = client.cluster.scheduler.tasks
        at_once, over = [], threading.Event()

        def look():
            while not over.wait(0.002):
                at_once.append(len(known))

        looker = threading.Thread(target=look)
        looker.start()
        sweep(counted(marks, 0.05), {"x": range(12)}, file=file)
        over.set()
        looker.join()
    assert where(marks) == pid and max(at_once) >= 10


class Unsendable:
    """What no process can be sent."""

    def __init__(self):
        self.lock = threading.Lock()

    def __call__(self, x, rng):
        return {}


def test_a_function_that_can_not_be_sent_is_refused(tmp_path, dask):
    grid = {"x": range(4)}
    with pytest.raises(TypeError, match="train_fn can't be sent to the workers"):
        sweep(Unsendable(), grid, file=tmp_path / "dask")
    with (
        joblib.parallel_config("loky"),
        pytest.raises(TypeError, match="train_fn can't be sent to the workers"),
    ):
        sweep(Unsendable(), grid, file=tmp_path / "loky", n_jobs=2)


# What is refused


def plain(x, rng):
    return {"x": x, "noise": rng.normal(size=2)}


def other(x, rng):
    return plain(x, rng)


def swept(file, train_fn=plain, n=3, **more):
    return sweep(train_fn, {"x": range(n)}, file=file, n_jobs=1, **more)


@pytest.mark.parametrize(
    ("train_fn", "seed", "format_", "said"),
    [
        (plain, 1, 2, "its seed is '0'; allowed: '1', or another file"),
        (other, 0, 2, "its train_fn is 'plain'; allowed: 'other', or another file"),
        (plain, 0, 3, "its format is 2; allowed: 3, or another file"),
    ],
    ids=["seed", "name", "format"],
)
def test_the_file_of_another_sweep_is_refused(
    train_fn, seed, format_, said, file, monkeypatch
):
    swept(file)
    before = file.read_bytes()
    monkeypatch.setattr(kept, "FORMAT", format_)
    with pytest.raises(ValueError, match=f"is the file of another sweep: {said}"):
        swept(file, train_fn, seed=seed, n=5, retry=True)
    assert file.read_bytes() == before


def negated(x, rng):
    return {"x": -x}


def given(x, rng, by=1):
    return {"x": x * by}


def decorated(function):
    """Without `wraps`."""

    def inner(**settings):
        return function(**settings)

    return inner


class Model:
    def __init__(self, by):
        self.by = by

    def run(self, x, rng):
        return {"x": x * self.by}

    def __call__(self, x, rng):
        return self.run(x, rng)


@pytest.mark.parametrize(
    "pair",
    [
        lambda: (partial(given), partial(negated)),
        lambda: (partial(given, by=1), partial(given, by=50)),
        lambda: (partial(given, by=np.ones(2)), partial(given, by=np.zeros(2))),
        lambda: (lambda x, rng: {"x": 1}, lambda x, rng: {"x": 2}),
        lambda: (Model(1).run, Model(2).run),
        lambda: (Model(1), Model(2)),
        lambda: (decorated(given), decorated(negated)),
    ],
    ids=["partials", "bound", "arrays", "lambdas", "methods", "objects", "decorated"],
)
def test_the_file_of_another_function_of_that_name_is_refused(pair, file):
    (one, two), (same_one, _) = pair(), pair()
    first = swept(file, one)
    with pytest.raises(ValueError, match="its train_fn is '.* with .*'; allowed: '"):
        swept(file, two)
    assert same(swept(file, same_one), first)


def test_what_is_no_sweeps_file_is_refused_and_left_alone(tmp_path, file):
    with contextlib.closing(sqlite3.connect(tmp_path / "shop.sqlite")) as db:
        db.execute("CREATE TABLE customers (name TEXT)")
        db.commit()
    (tmp_path / "notes.txt").write_text("Dear diary, " * 100)
    swept(file)
    (tmp_path / "half.sqlite").write_bytes(file.read_bytes()[:6000])
    for path in sorted(set(tmp_path.iterdir()) - {file}):
        before = path.read_bytes()
        with pytest.raises(ValueError, match="is not a sweep's file, or is corrupt"):
            swept(path)
        assert path.read_bytes() == before
    with pytest.raises(OSError, match="can't be opened or written"):
        swept(tmp_path / "nowhere" / "my.sqlite")
    with pytest.raises(OSError, match="is no regular file; allowed: one, or a new nam"):
        swept(tmp_path)
    (tmp_path / "empty").touch()
    assert len(swept(tmp_path / "empty")) == 3


def test_whatever_byte_is_changed_a_wrong_result_is_never_given(file):
    """The file is refused, or the byte was of no account."""
    runs = swept(file)
    content = file.read_bytes()
    with contextlib.closing(sqlite3.connect(file)) as db:
        (run,) = db.execute("SELECT run FROM runs").fetchone()
    start = content.index(run)
    places = [*range(0, len(content), 61), *range(start, start + len(run), 5)]
    refused = 0
    for place in places:
        changed = bytearray(content)
        changed[place] ^= 1
        file.write_bytes(changed)
        try:
            again = swept(file)
        except (ValueError, OSError):
            refused += 1
            assert file.read_bytes() == changed
        else:
            assert same(again, runs)
            assert [r.seconds for r in again] == [r.seconds for r in runs]
    assert refused >= len(run) // 5


def test_a_file_in_use_by_another_sweep_is_refused(file):
    def train_fn(x, rng):
        return {"x": x} if x else {"inner": swept(file, train_fn)}

    runs = swept(file, train_fn)
    assert "my.sqlite is in use by another sweep" in runs[0].error
    assert [run.value for run in runs[1:]] == [{"x": 1}, {"x": 2}]


@pytest.mark.parametrize(
    ("grid", "error", "said"),
    [
        ({"x": 3}, TypeError, "the grid's x is 3; allowed: a list of values"),
        ({"x": "abc"}, TypeError, "the grid's x is 'abc'; allowed: a list of values"),
        ({"x": [1, 1]}, ValueError, 'the grid has {"x": 1} twice; allowed: each once'),
        ([{"x": 1}, 5], TypeError, "the grid holds 5; allowed: dicts of settings"),
        (
            {"rng": [1]},
            ValueError,
            "a setting's name is 'rng'; allowed: text but 'rng'",
        ),
        ({1: [1]}, ValueError, "a setting's name is 1; allowed: text but 'rng'"),
        ({"x": [max]}, TypeError, "hold what no file does.*; allowed: numbers, text"),
        ({"x": [np.ones(2)]}, TypeError, "hold what no file does.*is of type ndarray"),
    ],
)
def test_a_grid_that_is_none_is_refused_before_anything_has_changed(
    grid, error, said, file
):
    with pytest.raises(error, match=said):
        sweep(plain, grid, file=file, n_jobs=1)
    assert not file.exists()


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        ({"n_jobs": 0}, ValueError, "n_jobs is 0; allowed: 1, 2, ..., or -1"),
        ({"n_jobs": True}, ValueError, "n_jobs is True; allowed: 1, 2, ..., or -1"),
        ({"n_jobs": 1.5}, ValueError, "n_jobs is 1.5; allowed: 1, 2, ..., or -1"),
        ({"seed": -1}, ValueError, "seed is -1; allowed: a whole number, 0 or more"),
        ({"train_fn": 5}, TypeError, "train_fn is 5; allowed: a callable"),
    ],
)
def test_settings_out_of_range_are_refused(more, error, said, file):
    settings = {"train_fn": plain, "grid": {"x": [1]}, "n_jobs": 1, "file": file}
    with pytest.raises(error, match=said):
        sweep(**settings | more)
    assert not file.exists()


@pytest.mark.parametrize("kind", [np.int64, np.uint8, np.float64, np.array])
def test_every_kind_of_whole_number_counts_processes_and_seeds(kind, file):
    runs = sweep(plain, {"x": [1]}, file=file, n_jobs=kind(1), seed=kind(2))
    assert same(sweep(plain, {"x": [1]}, file=file, n_jobs=1, seed=2), runs)


@pytest.mark.parametrize("missing", ["joblib", "threadpoolctl"])
def test_without_joblib_a_sweep_is_a_clear_error(missing, file, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == missing:
            raise ModuleNotFoundError(name=name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ModuleNotFoundError, match=f"sweep needs .* no {missing}: pip"):
        swept(file)
    assert not file.exists()


# Progress


def test_a_bar_counts_the_runs_that_are_left(file, capsys):
    def train_fn(x, rng):
        return {"y": 1 / x}

    swept(file, train_fn, n=2, progress=True)
    assert "2/2" in (shown := capsys.readouterr().err) and "failed=1" in shown
    swept(file, train_fn, n=5, progress=True)
    shown = capsys.readouterr().err
    assert "5/5" in shown and "failed=1" in shown and "0/5" not in shown
    swept(file, train_fn, n=6)  # no terminal here
    swept(file, train_fn, n=7, progress=False)
    assert not capsys.readouterr().err
