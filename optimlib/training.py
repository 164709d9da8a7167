"""Training on data: epochs over shuffled mini-batches, which can be resumed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path as File
from typing import Any

import numpy as np

from optimlib import leaves, runs, saving
from optimlib.hyper import check_whole
from optimlib.optimizer import Optimizer
from optimlib.tree import flatten, name_of, rebuild


@dataclass
class Training:
    """What `train` leaves: the weights and the history, one entry for each epoch.

    Attributes:
        w: the weights at the end, like w0.
        loss: shape (epochs,), or (epochs, P) in a population: the mean of the losses of
            an epoch's batches, each taken before its step.
        validation: shape (epochs, ...): what `validate` said after each epoch; empty
            without it.
        stopped: "epochs", or "diverged" where a loss or gradient left the finite
            numbers (in a population: every member's). The epoch in which that happens
            is not in the history, and w is that of the end of the one before.
    """

    w: Any
    loss: np.ndarray
    validation: np.ndarray
    stopped: str


@dataclass
class _Run:
    """A training as it goes on: what a checkpoint holds."""

    w: Any
    loss: list[np.ndarray] = field(default_factory=list)
    validation: list[np.ndarray] = field(default_factory=list)

    def result(self, stopped: str) -> Training:
        loss, validation = np.array(self.loss), np.array(self.validation)
        return Training(self.w, loss, validation, stopped)

    def content(self, opt: Optimizer, rng: np.random.Generator) -> dict[str, Any]:
        return {
            "w": self.w,
            "loss": np.array(self.loss),
            "validation": np.array(self.validation),
            "optimizer": opt.state_dict(),
            "rng": rng.bit_generator.state,
        }


def train(
    cost: Callable[..., tuple[Any, Any]],
    w0: Any,
    opt: Optimizer,
    data: Sequence[np.ndarray],
    *,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    validate: Callable[[Any], Any] | None = None,
    curvature: Callable[..., Any] | None = None,
    checkpoint: str | PathLike[str] | None = None,
    resume: bool = False,
    progress: bool | None = None,
) -> Training:
    """Train for a number of epochs: each shuffles the data anew and goes through all of
    it, a mini-batch a step (the last one may be smaller).

    A schedule that listens to a loss (`ReduceOnPlateau`) is told the validation after each
    epoch, or the mean loss where there is no validation.

    Args:
        cost: cost(w, *batch) is the loss and the gradient, for example
            `Network.loss_and_gradient`. In a population the loss has shape (P,).
        w0: float array or nest of them: where to start; left as it is.
        opt: the optimizer; it goes on from the state it has.
        data: arrays with one entry for each example on their first axis: (x, y).
        epochs: how many, those of a resumed run included.
        batch_size: examples to a step.
        rng: what shuffles; the same seed gives the same run.
        validate: validate(w) is a number or an array, recorded after each epoch.
        curvature: curvature(w, *batch) for a method that needs it (`VSGD`).
        checkpoint: a file to which all that the run needs is written after each epoch,
            atomically.
        resume: whether to go on from that file if it is there; the run is then, bit for
            bit, the one that was not interrupted.
        progress: True shows a bar (needs tqdm); None shows one where tqdm is installed
            and the output is a terminal.

    Raises:
        ValueError: for numbers that are not allowed, data of different lengths, and a
            checkpoint of another run.
        TypeError: for an rng that is no Generator.
        FloatingPointError: where a schedule listens to a validation that is not finite.
        FileExistsError: where the checkpoint is there and resume is False.
        ModuleNotFoundError: for progress=True without tqdm.

    Example:
        >>> from optimlib import SGD
        >>> x = np.array([1.0, 2.0, 3.0])
        >>> def cost(w, x):
        ...     return ((w - x) ** 2).mean() / 2, (w - x).mean(keepdims=True)
        >>> rng = np.random.default_rng(0)
        >>> run = train(cost, [0.0], SGD(lr=0.5), [x], epochs=20, batch_size=3, rng=rng)
        >>> run.w.round(4), run.loss[-1].round(4)
        (array([2.]), np.float64(0.3333))
    """
    epochs, batch_size = (
        check_whole("epochs", epochs),
        check_whole("batch_size", batch_size, 1),
    )
    examples = _examples(data)
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng is {rng!r}; allowed: a numpy.random.Generator")
    meant = {"examples": examples, "batch_size": batch_size}
    run = _started(w0, opt, rng, meant, checkpoint, resume)
    steps = -(-examples // batch_size)
    with _bar(progress, steps * epochs, steps * len(run.loss)) as bar:
        while len(run.loss) < epochs:
            batches = _batches(data, batch_size, rng)
            w, loss = _epoch(run.w, cost, opt, batches, curvature, bar)
            if loss is None:
                return run.result("diverged")
            run.w = w
            run.loss.append(loss)
            if validate is not None:
                run.validation.append(np.asarray(validate(w)))
            _tell(opt, run)
            if checkpoint is not None:
                saving.write(checkpoint, run.content(opt, rng) | meant)
    return run.result("epochs")


def _examples(data: Sequence[np.ndarray]) -> int:
    """How many examples the arrays hold."""
    lengths = [len(array) for array in data]
    if not lengths or len(set(lengths)) > 1 or not lengths[0]:
        raise ValueError(
            f"data has arrays of lengths {lengths}; allowed: one length, 1 or more"
        )
    return lengths[0]


def _batches(
    data: Sequence[np.ndarray], size: int, rng: np.random.Generator
) -> Iterator[list[np.ndarray]]:
    order = rng.permutation(len(data[0]))
    for k in range(0, len(order), size):
        yield [array[order[k : k + size]] for array in data]


def _epoch(
    w: Any,
    cost: Callable[..., tuple[Any, Any]],
    opt: Optimizer,
    batches: Iterator[list[np.ndarray]],
    curvature: Callable[..., Any] | None,
    bar: Any,
) -> tuple[Any, np.ndarray | None]:
    """Take a step for each batch: the weights and the mean loss, None if it diverged."""
    losses = []
    for batch in batches:
        loss, g = cost(w, *batch)
        losses.append(np.asarray(loss))
        if not np.isfinite(losses[-1]).any():
            return w, None
        try:
            w = _step(w, loss, g, cost, opt, batch, curvature)
        except FloatingPointError:  # what the optimizer says of a gradient
            return w, None
        if bar is not None:
            bar.set_postfix(loss=f"{np.mean(loss):.4g}", refresh=False)
            bar.update()
    return w, np.mean(losses, axis=0)


def _step(
    w: Any,
    loss: Any,
    g: Any,
    cost: Callable[..., tuple[Any, Any]],
    opt: Optimizer,
    batch: list[np.ndarray],
    curvature: Callable[..., Any] | None,
) -> Any:
    def slope(at: Any) -> Any:
        return cost(at, *batch)[1]

    def bend(at: Any) -> Any:
        assert curvature is not None
        return curvature(at, *batch)

    return runs.step(opt, w, loss, g, slope, None if curvature is None else bend)


def _tell(opt: Optimizer, run: _Run) -> None:
    """Tell the schedules that listen how the epoch went."""
    said = run.validation[-1] if run.validation else run.loss[-1]
    listening = {id(s): s for s in opt.schedules().values() if hasattr(s, "update")}
    for schedule in listening.values():  # each once, wherever it stands
        schedule.update(said)


def _started(
    w0: Any,
    opt: Optimizer,
    rng: np.random.Generator,
    meant: dict[str, int],
    checkpoint: str | PathLike[str] | None,
    resume: bool,
) -> _Run:
    """A training before its first epoch, or where its checkpoint left it."""
    w0 = rebuild(w0, {path: np.array(leaf) for path, leaf in flatten(w0).items()})
    if checkpoint is None or not File(checkpoint).exists():
        return _Run(w0)
    if not resume:
        raise FileExistsError(
            f"the checkpoint {checkpoint} is there already; allowed: resume=True, or "
            "another file"
        )
    saved = saving.read(checkpoint)
    for key, value in meant.items():
        if saved.get(key) != value:
            raise ValueError(
                f"the checkpoint's {key} is {saved.get(key)!r}; allowed: {value}, that "
                "of this run"
            )
    _check_like(w0, saved["w"])
    bits, mine = saved["rng"]["bit_generator"], type(rng.bit_generator).__name__
    if bits != mine:
        raise ValueError(f"the checkpoint's rng is {bits}; allowed: {mine}")
    opt.load_state_dict(saved["optimizer"])
    rng.bit_generator.state = saved["rng"]
    return _Run(saved["w"], list(saved["loss"]), list(saved["validation"]))


def _check_like(w0: Any, saved: Any) -> None:
    """Refuse saved weights of another structure, shape or dtype."""
    mine, flat = flatten(w0), flatten(saved)
    leaves.same_keys("the checkpoint's w", flat, mine)
    for path, leaf in mine.items():
        if (flat[path].shape, flat[path].dtype) != (leaf.shape, leaf.dtype):
            raise ValueError(
                f"the checkpoint's {name_of('w', path)} has shape {flat[path].shape} "
                f"and dtype {flat[path].dtype}; allowed: {leaf.shape} and {leaf.dtype}"
            )


def _bar(progress: bool | None, total: int, done: int) -> Any:
    """A progress bar, or a context of None where there is none to show."""
    if progress is False:
        return nullcontext()
    try:
        from tqdm import tqdm
    except ModuleNotFoundError as error:
        if progress is None:
            return nullcontext()
        raise ModuleNotFoundError(
            "progress=True needs tqdm; allowed without it: None or False"
        ) from error
    disable = False if progress else None  # None: only where the output is a terminal
    return tqdm(total=total, initial=done, disable=disable, unit="step")
