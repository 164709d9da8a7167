"""The runs of a sweep, in this process, in others, or on a cluster."""

import copy
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np

from optimlib.files import dumped

DEATHS = ("TerminatedWorkerError", "KilledWorker")  # of a local worker, and of Dask's
Keep = Callable[[str, bytes], None]


class Task(NamedTuple):
    """A run: train_fn(**settings, rng=default_rng(seed)), known by its settings' text."""

    text: str
    train_fn: Callable[..., Any]
    settings: dict[str, Any]
    seed: int


def executed(task: Task) -> bytes:
    """A run to its end, whatever that is, as a file holds it."""
    from threadpoolctl import threadpool_limits

    began = time.perf_counter()
    try:
        with threadpool_limits(1):
            settings = copy.deepcopy(task.settings)  # here others have them too
            value = task.train_fn(**settings, rng=np.random.default_rng(task.seed))
        if not isinstance(value, Mapping) or not all(isinstance(k, str) for k in value):
            raise TypeError(f"train_fn returned {value!r}; allowed: a dict by name")
        return _ended(task, time.perf_counter() - began, value=value)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - such as SystemExit
        return _ended(task, time.perf_counter() - began, error=error)


def _ended(
    task: Task, seconds: float, value: Any = None, error: BaseException | None = None
) -> bytes:
    said = None
    if error is not None:
        where = error.__traceback__ and error.__traceback__.tb_next
        lines = traceback.format_exception(type(error), error, where)
        said = "".join(lines).encode("utf-8", "backslashreplace").decode()
    return dumped({"value": value, "error": said, "seconds": seconds})


def work(tasks: Iterable[Task], n_jobs: int, keep: Keep) -> None:
    """Run the tasks, and keep each as it ends: `keep(text, run)`.

    Where a worker dies, all that were under way may have killed it: they run again, each
    alone. One whose worker dies then, too, has failed.
    """
    waiting, lost = list(tasks), list[Task]()
    while waiting:
        lost += [task for task, _ in _tried(waiting, n_jobs, keep)]
    for task in lost:
        for _, death in _tried([task], n_jobs, keep):
            keep(task.text, _ended(task, 0.0, error=death))


Lost = list[tuple[Task, BaseException]]


def _tried(tasks: list[Task], n_jobs: int, keep: Keep) -> Lost:
    """Run the tasks, which are taken from the list, up to the death of a worker."""
    from cloudpickle import dumps
    from joblib import effective_n_jobs
    from joblib.externals.loky import get_reusable_executor
    from joblib.parallel import get_active_backend

    client = getattr(get_active_backend()[0], "client", None)  # Dask's
    several = effective_n_jobs(n_jobs)  # it waits for the workers of a cluster
    if client is None and several == 1:
        while tasks:
            keep(tasks[0].text, executed(tasks[0]))
            del tasks[0]
        return []
    try:
        dumps(tasks[0])
    except Exception as error:
        raise TypeError(f"train_fn can't be sent to the workers: {error}") from error
    if client is not None:  # a cluster may grow
        pool, most = client.get_executor(pure=False), len(tasks)
    else:  # each process has one thread for its products
        pool = get_reusable_executor(several, env={"OMP_NUM_THREADS": "1"})
        most = 2 * several
    under_way: dict[Future[bytes], Task] = {}
    try:
        return _sent(pool, tasks, most, keep, under_way)
    except BaseException:
        with suppress(OSError):  # what has finished in the meantime counts
            for future, task in under_way.items():
                if future.done() and not future.cancelled() and not future.exception():
                    keep(task.text, future.result())
        for future in under_way:
            future.cancel()
        if client is None:
            pool.shutdown(kill_workers=True)
        raise


def _sent(
    pool: Executor,
    tasks: list[Task],
    most: int,
    keep: Keep,
    under_way: dict[Future[bytes], Task],
) -> Lost:
    """Run the tasks, so many at a time: those whose worker died."""
    lost: Lost = []
    while under_way or (tasks and not lost):
        while tasks and not lost and len(under_way) < most:
            future = pool.submit(executed, tasks[0])
            under_way[future] = tasks.pop(0)
        for future in wait(under_way, return_when=FIRST_COMPLETED).done:
            error, task = future.exception(), under_way[future]
            if error is None:
                keep(task.text, future.result())
            elif type(error).__name__ in DEATHS:
                lost.append((task, error))
            else:
                raise error
            del under_way[future]
    return lost
