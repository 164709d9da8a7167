"""Training on data: epochs over shuffled mini-batches, which can be resumed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path as File
from typing import Any

import numpy as np

from optimlib import files
from optimlib.arrays import checks
from optimlib.arrays.nests import flatten, name_of, rebuild
from optimlib.optimizer import Optimizer
from optimlib.running import steps
from optimlib.running.identity import of_array, of_function
from optimlib.running.progress import bar as progress_bar
from optimlib.settings import check_whole

SAID = "what validate returns"
KEPT = {  # in a checkpoint: what each part is
    "w": object, "loss": np.ndarray, "validation": np.ndarray, "optimizer": dict,
    "rng": dict, "meant": dict,
}  # fmt: skip


@dataclass
class Training:
    """What `train` leaves: the weights and the history, one entry for each epoch.

    Attributes:
        w: the weights at the end, like w0.
        loss: shape (epochs,), or (epochs, P) in a population: the mean loss of an
            epoch's examples, those of each batch taken before its step.
        validation: shape (epochs, ...): what `validate` said after each epoch; empty
            without it.
        stopped: "epochs", or "diverged" where a loss, a gradient, or w at the end of
            an epoch left the finite numbers (in a population: every member's). The
            epoch in which that happens is not in the history; w, the optimizer and rng
            are those of the end of the one before.
    """

    w: Any
    loss: np.ndarray
    validation: np.ndarray
    stopped: str


@dataclass
class _Run:
    """A training as it goes on: what a checkpoint holds, and what takes it further."""

    cost: Callable[..., tuple[Any, Any]]
    opt: Optimizer
    rng: np.random.Generator
    validate: Callable[[Any], Any] | None
    curvature: Callable[..., Any] | None
    w: Any
    loss: list[np.ndarray] = field(default_factory=list)
    validation: list[np.ndarray] = field(default_factory=list)

    def result(self, stopped: str) -> Training:
        loss, validation = np.array(self.loss), np.array(self.validation)
        return Training(self.w, loss, validation, stopped)

    def meant(self, batch_size: int, data: list[np.ndarray]) -> dict[str, Any]:
        """What a checkpoint must agree in: what else decides on the run."""
        arrays: dict[str, Any] = {
            f"data[{k}]": of_array(array) for k, array in enumerate(data)
        }
        meant = {"batch_size": batch_size} | arrays
        for name in ("cost", "validate", "curvature"):
            function = getattr(self, name)
            meant[name] = None if function is None else of_function(function)
        return meant

    def content(self) -> dict[str, Any]:
        return {
            "w": self.w,
            "loss": np.array(self.loss),
            "validation": np.array(self.validation),
            "optimizer": self.opt.state_dict(),
            "rng": self.rng.bit_generator.state,
        }

    def resume(self, saved: dict[str, Any]) -> None:
        """Go where a checkpoint left it."""
        w = _like(self.w, saved["w"])
        bits = saved["rng"].get("bit_generator")
        mine = type(self.rng.bit_generator).__name__
        if bits != mine:
            raise ValueError(f"the checkpoint's rng is {bits}; allowed: {mine}")
        self.go_to((saved["optimizer"], saved["rng"]))
        self.w, self.loss = w, list(saved["loss"])
        self.validation = list(saved["validation"])

    def place(self) -> tuple[dict[str, Any], Any]:
        """Where the optimizer and rng are."""
        return self.opt.state_dict(), self.rng.bit_generator.state

    def go_to(self, place: tuple[dict[str, Any], Any]) -> None:
        self.opt.load_state_dict(place[0])
        try:
            self.rng.bit_generator.state = place[1]
        except (TypeError, LookupError, ArithmeticError, AttributeError) as error:
            raise ValueError(f"the state of rng is {place[1]!r}: {error!r}") from error

    def advance(self, batches: Iterator[list[np.ndarray]], bar: Any) -> bool:
        """Take an epoch, or where it diverges none: whether it was taken."""
        before = self.place()
        w, loss = self.epoch(batches, bar)
        if loss is None:
            self.go_to(before)
            return False
        self.w = w
        self.loss.append(loss)
        if self.validate is not None:
            self.validation.append(self.validated(self.validate))
        self.tell()
        return True

    def validated(self, validate: Callable[[Any], Any]) -> np.ndarray:
        """What `validate` says of w."""
        array = np.array(checks.as_array(SAID, validate(steps.read_only(self.w))))
        if array.dtype.hasobject:
            raise TypeError(f"{SAID} has dtype {array.dtype}; allowed: numbers")
        if self.validation and array.shape != self.validation[0].shape:
            raise ValueError(
                f"{SAID} has shape {array.shape}; allowed: {self.validation[0].shape}, "
                "that of the epoch before"
            )
        return array

    def epoch(
        self, batches: Iterator[list[np.ndarray]], bar: Any
    ) -> tuple[Any, np.ndarray | None]:
        """A step for each batch: w and the examples' mean loss, None if it diverged."""
        w, losses, sizes, population = self.w, [], [], self.opt.population
        for batch in batches:
            loss, g = _pair(self.cost(steps.read_only(w), *batch))
            losses.append(_loss(loss, population))
            sizes.append(len(batch[0]))
            if not np.isfinite(losses[-1]).any():
                return w, None
            w = self.step(w, loss, g, batch)
            if w is None:
                return w, None
            if bar is not None:
                bar.set_postfix(loss=f"{np.mean(loss):.4g}", refresh=False)
                bar.update()
        if not steps.finite(flatten(w).values(), population).any():
            return w, None
        return w, np.average(losses, axis=0, weights=sizes)

    def step(self, w: Any, loss: Any, g: Any, batch: list[np.ndarray]) -> Any:
        """The weights after a step on a batch, None if it diverged."""
        curvature = self.curvature

        def slope(at: Any) -> Any:
            return self.cost(at, *batch)[1]

        def bend(at: Any) -> Any:
            return None if curvature is None else curvature(at, *batch)

        return steps.step(
            self.opt, w, loss, g, slope, None if curvature is None else bend
        )

    def tell(self) -> None:
        """Tell the schedules that listen how the epoch went."""
        said = self.validation[-1] if self.validation else self.loss[-1]
        each = {id(schedule): schedule for schedule in _listening(self.opt).values()}
        for schedule in each.values():  # once, wherever it stands
            schedule.update(float(said))


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

    A schedule that listens to a loss (`ReduceOnPlateau`) is told the validation after
    each epoch, or the mean loss where there is no validation. It takes one number: in a
    population there has to be a `validate` that gives one. With such a schedule
    `validate` is also asked once at w0, to see what it gives.

    The arrays that cost, validate and curvature are given are read-only: NumPy raises a
    ValueError where one of them writes to w or to the batch.

    A run that ends with an error or is interrupted leaves opt, its schedules and rng as
    they were before the call, and in the checkpoint the last whole epoch: the same call
    with resume=True goes on from there.

    Args:
        cost: cost(w, *batch) is the loss and the gradient, for example
            `Network.loss_and_gradient`. The loss is one number, the mean over the
            examples; in a population it has shape (P,).
        w0: float array or nest of them: where to start; left as it is.
        opt: the optimizer; it goes on from the state it has. In a population a member
            that diverges is let go on if the optimizer has nonfinite="ignore".
        data: arrays with one entry for each example on their first axis: (x, y).
        epochs: how many, those of a resumed run included.
        batch_size: examples to a step.
        rng: what shuffles; the same seed gives the same run.
        validate: validate(w) is a number or an array, recorded after each epoch.
        curvature: curvature(w, *batch) for a method that needs it (`VSGD`).
        checkpoint: a file to which all that the run needs is written before the first
            step and after each epoch, atomically.
        resume: whether to go on from that file if it is there; the run is then, bit for
            bit, the one that was not interrupted. The numbers saved there take the
            place of opt's, as in `Optimizer.load`; opt's schedules and projection stay.
            The data are held to those of the file by a digest; cost, validate and
            curvature by their names and what they hold, as in `sweep`.
        progress: True shows a bar (needs tqdm); None shows one where tqdm is installed
            and the output is a terminal.

    Raises:
        ValueError: for numbers that are not allowed, data of different lengths, a loss
            of another shape, a schedule that listens to more than one number, and a
            checkpoint of another run: of other data, functions or batch size, weights
            of other names, shapes or dtypes, or of more epochs.
        TypeError: for an rng that is no Generator, an opt that is no optimizer, data
            that are no list or tuple, and weights whose keys no file holds.
        OSError: where the checkpoint can't be read or written.
        FloatingPointError: where a schedule listens to a validation that is not finite,
            and where a member of a population leaves the finite numbers and the
            optimizer does not have nonfinite="ignore".
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
    steps.check_optimizer(opt)
    arrays = _arrays(data)
    examples = _examples(arrays)
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng is {rng!r}; allowed: a numpy.random.Generator")
    start = {path: x.copy() for path, x in checks.as_arrays("w0", w0).items()}
    w0 = rebuild(w0, start)
    _check_listening(opt, validate, w0)
    run = _Run(cost, opt, rng, validate, curvature, w0)
    meant = {} if checkpoint is None else run.meant(batch_size, arrays)
    saved = _saved(checkpoint, resume)
    for content in saved:
        _check_saved(content, meant, epochs)
    before = run.place()
    try:
        for content in saved:
            run.resume(content)
        each = -(-examples // batch_size)
        done = each * len(run.loss)
        with progress_bar(progress, each * epochs, done, "step") as bar:
            while True:  # the first time before a step, to see what the file can't hold
                if checkpoint is not None:
                    files.write(checkpoint, run.content() | {"meant": meant})
                if len(run.loss) == epochs:
                    return run.result("epochs")
                if not run.advance(_batches(arrays, batch_size, rng), bar):
                    return run.result("diverged")
    except BaseException:
        run.go_to(before)
        raise


def _arrays(data: Any) -> list[np.ndarray]:
    """The data as arrays."""
    if not isinstance(data, list | tuple):
        shape = f" of shape {data.shape}" if isinstance(data, np.ndarray) else ""
        raise TypeError(
            f"data is of type {type(data).__name__}{shape}; allowed: a list or tuple of "
            "arrays, as in [x] or (x, y)"
        )
    arrays = [checks.as_array(f"data[{k}]", given) for k, given in enumerate(data)]
    for k, array in enumerate(arrays):
        if not array.ndim:
            raise ValueError(
                f"data[{k}] has shape (); allowed: a first axis of examples"
            )
    return arrays


def _check_listening(
    opt: Optimizer, validate: Callable[[Any], Any] | None, w0: Any
) -> None:
    """Refuse a schedule that listens where it would not be told one number."""
    shape: tuple[Any, ...] = () if opt.population is None else (opt.population,)
    if not _listening(opt):
        return
    said = "the loss"
    if validate is not None:
        said, shape = SAID, np.shape(validate(steps.read_only(w0)))
    if shape:
        names = ", ".join(_listening(opt))
        raise ValueError(
            f"{names} listens to {said}, of shape {shape}; allowed: a validate that "
            "returns one number"
        )


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
        batch = [array[order[k : k + size]] for array in data]
        for array in batch:
            array.flags.writeable = False
        yield batch


def _pair(answer: Any) -> tuple[Any, Any]:
    """The loss and the gradient."""
    if not isinstance(answer, tuple | list) or len(answer) != 2:
        raise TypeError(
            f"cost returns {answer!r}; allowed: a pair, the loss and the gradient"
        )
    loss, gradient = answer
    return loss, gradient


def _loss(loss: Any, population: int | None) -> np.ndarray:
    array = checks.real("the loss that cost returns", loss).copy()  # it may be reused
    shape = () if population is None else (population,)
    if array.shape != shape:
        raise ValueError(
            f"the loss that cost returns has shape {array.shape}; allowed: {shape}, the "
            "mean over the examples"
        )
    return array


def _listening(opt: Optimizer) -> dict[str, Any]:
    """The schedules that listen, by the name of where they stand."""
    return {name: s for name, s in opt.schedules().items() if hasattr(s, "update")}


def _saved(checkpoint: str | PathLike[str] | None, resume: bool) -> list[Any]:
    """What the checkpoint holds, if there is one already."""
    if checkpoint is None or not File(checkpoint).exists():
        return []
    if not resume:
        raise FileExistsError(
            f"the checkpoint {checkpoint} is there already; allowed: resume=True, or "
            "another file"
        )
    return [files.read(checkpoint)]


def _check_saved(saved: Any, meant: dict[str, Any], epochs: int) -> None:
    """Refuse a checkpoint that this run could not go on with."""
    if not isinstance(saved, dict) or not all(
        key in saved and isinstance(saved[key], kind) for key, kind in KEPT.items()
    ):
        raise ValueError("the checkpoint is no training; allowed: a file of train's")
    found = saved["meant"]
    for key in meant | found:
        if found.get(key) != meant.get(key):
            raise ValueError(
                f"the checkpoint's {key} is {found.get(key)!r}; allowed: "
                f"{meant.get(key)!r}, that of this run"
            )
    done = saved["loss"].shape[0] if saved["loss"].ndim else None
    said = saved["validation"].shape[:1]
    if done is None or said != (0 if found["validate"] is None else done,):
        raise ValueError(
            f"the checkpoint has losses of shape {saved['loss'].shape} and validations "
            f"of shape {saved['validation'].shape}; allowed: one for each epoch"
        )
    if epochs < done:
        raise ValueError(
            f"epochs is {epochs}; allowed: {done} or more, since the checkpoint has "
            f"{done}"
        )


def _like(w0: Any, saved: Any) -> Any:
    """Saved weights, refused where their structure, shape or dtype is another."""
    mine, flat = flatten(w0), checks.as_arrays("the checkpoint's w", saved)
    checks.same_keys("the checkpoint's w", flat, mine)
    for path, leaf in mine.items():
        if (flat[path].shape, flat[path].dtype) != (leaf.shape, leaf.dtype):
            raise ValueError(
                f"the checkpoint's {name_of('w', path)} has shape {flat[path].shape} "
                f"and dtype {flat[path].dtype}; allowed: {leaf.shape} and {leaf.dtype}"
            )
    return rebuild(w0, flat)
