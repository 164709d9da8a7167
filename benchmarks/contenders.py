"""Who takes part: for each, how it takes one step of a method, and what it needs."""

import importlib.util
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

#: The settings that all use, by optimlib's names.
SETTINGS: dict[str, dict[str, Any]] = {
    "Adam": {"lr": 1e-3},
    "AdamW": {"lr": 1e-3, "weight_decay": 0.01},
    "Momentum": {"lr": 1e-3, "momentum": 0.9},
    "Adagrad": {"lr": 1e-3, "eps": 1e-10, "eps_in_sqrt": False},
}
METHODS = tuple(SETTINGS)
#: Arrays of state. A step reads w, g and the state, and writes w and the state.
STATES = {"Adam": 2, "AdamW": 2, "Momentum": 1, "Adagrad": 1}


@dataclass(frozen=True)
class Step:
    """A step that is ready to be taken again and again.

    Attributes:
        take: takes one step, and returns when it is done.
        weights: the weights now, as a list of arrays.
    """

    take: Callable[[], Any]
    weights: Callable[[], list[np.ndarray]]


@dataclass(frozen=True)
class Contender:
    """One way to take a step.

    Attributes:
        label: its name in tables.
        needs: the packages that it cannot do without.
        make: make(method, w, g) gives a Step; w and g are a float array or a dict of
            them, and stay as they are.
        arrays: what it holds at a time, in arrays of the size of w, roughly.
    """

    label: str
    needs: tuple[str, ...]
    make: Callable[[str, Any, Any], Step]
    arrays: int

    def missing(self) -> list[str]:
        """Those of its packages that are not installed."""
        return [x for x in self.needs if importlib.util.find_spec(x) is None]


def traffic(method: str, numbers: int, itemsize: int) -> int:
    """The bytes that a step has to move, reading and writing."""
    return (3 + 2 * STATES[method]) * numbers * itemsize


def leaves(w: Any) -> list[Any]:
    """The arrays of a dict, or the one array."""
    return list(w.values()) if isinstance(w, dict) else [w]


def mapped(function: Callable[[Any], Any], w: Any) -> Any:
    """The same dict, or the one array, with the function of each array."""
    if isinstance(w, dict):
        return {name: function(array) for name, array in w.items()}
    return function(w)


def optimizer(method: str, engine: str, nonfinite: str, **more: Any) -> Any:
    """optimlib's optimizer, set as all are, but for what is given here."""
    import optimlib

    cls = getattr(optimlib, method)
    return cls(engine=engine, nonfinite=nonfinite, **SETTINGS[method] | more)


def ours(engine: str, nonfinite: str) -> Callable[[str, Any, Any], Step]:
    """A step of optimlib in place."""

    def make(method: str, w: Any, g: Any) -> Step:
        opt, own = optimizer(method, engine, nonfinite), mapped(np.copy, w)
        return Step(lambda: opt.step(own, g, out=own), lambda: leaves(own))

    return make


def ours_anew(engine: str, nonfinite: str) -> Callable[[str, Any, Any], Step]:
    """A step of optimlib that gives new arrays, as `train` takes it."""

    def make(method: str, w: Any, g: Any) -> Step:
        opt, held = optimizer(method, engine, nonfinite), [w]

        def take() -> None:
            held[0] = opt.step(held[0], g)

        return Step(take, lambda: leaves(held[0]))

    return make


def additions(method: str, w: Any, g: Any) -> Step:
    """A step that moves what the method's moves, and adds: the memory's own time."""
    from .additions import OF_STATES

    opt = OF_STATES[STATES[method]](engine="numba", nonfinite="ignore")
    own = mapped(np.copy, w)
    return Step(lambda: opt.step(own, g, out=own), list)


def torch_optimizer(method: str, parameters: list[Any], **how: Any) -> Any:
    """torch's optimizer, set as all are."""
    import torch

    settings = {k: v for k, v in SETTINGS[method].items() if k != "eps_in_sqrt"}
    names = {"Momentum": "SGD"}
    cls = getattr(torch.optim, names.get(method, method))
    return cls(parameters, **settings, **how)


def of_torch(**how: Any) -> Callable[[str, Any, Any], Step]:
    """A step of torch, in place as always."""

    def make(method: str, w: Any, g: Any) -> Step:
        import torch

        parameters = [torch.nn.Parameter(torch.tensor(x)) for x in leaves(w)]
        for parameter, slope in zip(parameters, leaves(g), strict=True):
            parameter.grad = torch.tensor(slope)
        step = torch_optimizer(method, parameters, **how).step
        return Step(step, lambda: [x.detach().numpy() for x in parameters])

    return make


def optax_transform(method: str) -> Any:
    """optax's transformation, set as all are."""
    import optax

    given = SETTINGS[method]
    return {
        "Adam": lambda: optax.adam(given["lr"]),
        "AdamW": lambda: optax.adamw(
            given["lr"], weight_decay=SETTINGS["AdamW"]["weight_decay"]
        ),
        "Momentum": lambda: optax.sgd(given["lr"], SETTINGS["Momentum"]["momentum"]),
        "Adagrad": lambda: optax.adagrad(given["lr"], 0.0, SETTINGS["Adagrad"]["eps"]),
    }[method]()


def of_optax(method: str, w: Any, g: Any) -> Step:
    """A step of optax, compiled by jit, which may write over its weights and state."""
    import jax
    import optax

    if leaves(w)[0].dtype == np.float64:
        jax.config.update("jax_enable_x64", True)
    transform = optax_transform(method)

    def update(w: Any, state: Any, g: Any) -> Any:
        updates, state = transform.update(g, state, w)
        return optax.apply_updates(w, updates), state

    compiled = jax.jit(update, donate_argnums=(0, 1))
    slope = mapped(jax.numpy.array, g)
    held = [mapped(jax.numpy.array, w)]
    held.append(transform.init(held[0]))

    def take() -> None:
        held[:] = compiled(*held, slope)
        jax.block_until_ready(held)

    def weights() -> list[np.ndarray]:
        now = held[0]  # jit returns a dict sorted by its keys
        return [
            np.asarray(x)
            for x in ([now[k] for k in w] if isinstance(w, dict) else [now])
        ]

    return Step(take, weights)


def copy(threads: int) -> Callable[[str, Any, Any], Step]:
    """A copy of as many bytes as the step moves: it reads one half, writes the other."""

    def make(method: str, w: Any, g: Any) -> Step:
        half = sum(traffic(method, x.size, x.itemsize) for x in leaves(w)) // 2
        source, target = np.ones(half, np.uint8), np.ones(half, np.uint8)
        if threads == 1:
            return Step(lambda: np.copyto(target, source), list)
        pool = ThreadPoolExecutor(threads)
        parts = [np.array_split(x, threads) for x in (target, source)]
        return Step(lambda: list(pool.map(np.copyto, *parts)), list)

    return make


def contenders(threads: int) -> dict[str, Contender]:
    """All who take part, by the key that the rows of results carry.

    torch's default on a processor is its loop over the parameters, neither `foreach`
    nor `fused`.
    """
    fast, torch, jax = ("numba",), ("torch",), ("jax", "optax")
    return {
        "numba": Contender("optimlib, numba", fast, ours("numba", "ignore"), 3),
        "numba-new": Contender(
            "optimlib, numba, new arrays", fast, ours_anew("numba", "ignore"), 4
        ),
        "numba-scan": Contender(
            "optimlib, numba, looking for NaN", fast, ours("numba", "raise"), 3
        ),
        "numpy": Contender("optimlib, NumPy", (), ours("numpy", "ignore"), 3),
        "numpy-scan": Contender(
            "optimlib, NumPy, looking for NaN", (), ours("numpy", "raise"), 3
        ),
        "torch-fused": Contender("torch, fused", torch, of_torch(fused=True), 4),
        "torch": Contender("torch, default", torch, of_torch(), 6),
        "optax": Contender("optax, jit", jax, of_optax, 5),
        "additions": Contender("additions alone, numba", fast, additions, 3),
        "copy": Contender("a plain copy", (), copy(threads), 7),
    }


def ready(
    keys: tuple[str, ...], threads: int, method: str, w: Any, g: Any
) -> dict[str, Step]:
    """The steps of those that are installed and for whose arrays there is room.

    Raises:
        AssertionError: where their weights after three steps are not the same.
    """
    known, room = contenders(threads), memory()
    size = sum(x.nbytes for x in leaves(w))
    steps: dict[str, Step] = {}
    for key in keys:
        room -= known[key].arrays * size
        if room < 0:
            break
        if not known[key].missing():
            steps[key] = known[key].make(method, w, g)
    check_equal(steps)
    return steps


def check_equal(steps: dict[str, Step]) -> None:
    """Take three steps with each; raise AssertionError where the weights differ."""
    expected: list[np.ndarray] = []
    for key, step in steps.items():
        for _ in range(3):
            step.take()
        some = [x.ravel()[:1_000].copy() for x in step.weights()]
        expected = expected or some
        for x, y in zip(some, expected, strict=False):  # a copy has no weights
            tolerance = 1e-5 if x.dtype == np.float32 else 1e-9
            np.testing.assert_allclose(x, y, tolerance, tolerance / 10, err_msg=key)


def memory() -> float:
    """The bytes that are free, less a fifth; without end where that is not known."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            said = dict(line.split(":") for line in file)
    except OSError:
        return float("inf")
    return 0.8 * 1024 * int(said["MemAvailable"].split()[0])


def parameters(shape: Any, dtype: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Weights and a gradient that is nowhere near 0, where a guard's place would show."""
    rng: Any = np.random.default_rng(seed)
    w = rng.standard_normal(shape, dtype)
    g = rng.standard_normal(shape, dtype)
    g += np.copysign(np.asarray(0.5, dtype), g)
    return w, g
