"""How long does a small network train on the digits: `train` beside torch's loop?"""

from collections.abc import Callable
from typing import Any

import numpy as np

from . import contenders, timing
from .reports import Row, bar, beside, ratio, spreads, table, threads, value, values
from .sizes import Sizes

TITLE = "Training a network on the digits"
LABELS = {
    "numba": "optimlib's train, numba",
    "numpy": "optimlib's train, NumPy",
    "torch": "a loop of torch, default",
    "torch-fused": "a loop of torch, fused",
}
NETWORK, BATCH = (64, 32, 10), 32


def cases(sizes: Sizes) -> list[dict[str, Any]]:
    """One thread: the arrays are too small for more."""
    return [
        {
            "threads": 1,
            "epochs": max(1, sizes.steps // 500),
            "rounds": sizes.rounds,
            "least": sizes.least,
        }
    ]


def measure(case: dict[str, Any]) -> list[Row]:
    """A row for each contender: the same network, first weights, data and method."""
    known = contenders.contenders(case["threads"])
    made = {"numba": _ours("numba"), "numpy": _ours("numpy")}
    made |= {"torch": _torch(), "torch-fused": _torch(fused=True)}
    runs = {k: run for k, run in made.items() if not known[k].missing()}
    for run in runs.values():
        assert run(10) < 0.5  # they learn, each in an order of its own
    calls = {k: _bound(run, case["epochs"]) for k, run in runs.items()}
    took = timing.interleaved(calls, case["rounds"], case["least"])
    where = {"threads": case["threads"], "epochs": case["epochs"]}
    return [{**where, "contender": key, **one} for key, one in took.items()]


def _bound(run: Callable[[int], Any], epochs: int) -> Callable[[], Any]:
    return lambda: run(epochs)


def _start() -> tuple[Any, Any, Any, Any]:
    """The network, its first weights, and the digits: (N, 64) and one-hot (N, 10)."""
    from companion.lab import digits
    from optimlib.problems import Network

    network = Network(NETWORK, hidden="relu", output="softmax", cost="cross-entropy")
    w = network.initial(np.random.default_rng(0), np.float32)
    (x, y), _ = digits.split(0)
    return network, w, x.astype(np.float32), y.astype(np.float32)


def _ours(engine: str) -> Callable[[int], float]:
    network, w, x, y = _start()

    def run(epochs: int) -> float:
        from optimlib import train

        opt = contenders.optimizer("Adam", engine, "raise")
        rng = np.random.default_rng(0)
        done = train(
            network.loss_and_gradient, w, opt, (x, y),
            epochs=epochs, batch_size=BATCH, rng=rng, progress=False,
        )  # fmt: skip
        return float(done.loss[-1])

    return run


def _torch(**how: Any) -> Callable[[int], float]:
    """What one writes in torch: the epoch's loss is recorded, as train does."""
    _, first, x, y = _start()

    def run(epochs: int) -> float:
        import torch

        into, within, out = NETWORK
        linear = torch.nn.Linear
        model: Any = torch.nn.Sequential(
            linear(into, within), torch.nn.ReLU(), linear(within, out)
        )
        with torch.no_grad():
            for layer, values in zip((model[0], model[2]), first, strict=True):
                layer.weight.copy_(torch.tensor(values["W"]))
                layer.bias.copy_(torch.tensor(values["b"]))
        opt = contenders.torch_optimizer("Adam", list(model.parameters()), **how)
        inputs: Any = torch.tensor(x)
        labels = torch.tensor(y.argmax(axis=1))
        generator = torch.Generator().manual_seed(0)
        mean = 0.0
        for _ in range(epochs):
            total = 0.0
            order: Any = torch.randperm(len(inputs), generator=generator)
            for rows in order.split(BATCH):
                opt.zero_grad()
                loss: Any = torch.nn.functional.cross_entropy(
                    model(inputs[rows]), labels[rows]
                )
                loss.backward()
                opt.step()
                total += loss.item() * len(rows)
            mean = total / len(inputs)
        return mean

    return run


def tables(rows: list[Row]) -> list[dict[str, Any]]:
    """Contenders down, with the time of an epoch."""
    counts = values(rows, "threads")
    lines = []
    for key in values(rows, "contender"):
        times = [(value(rows, key, threads=n), n) for n in counts]
        cells = [beside(time, value(rows, "numpy", threads=n)) for time, n in times]
        lines.append([LABELS[key], *cells])
    sizes = "-".join(map(str, NETWORK))
    title = (
        f"{rows[0]['epochs']} epochs of Adam: a {sizes} network, float32, "
        f"batches of {BATCH}"
    )
    return [table(title, ["contender", *map(threads, counts)], lines, spreads(rows))]


def bars(rows: list[Row]) -> list[dict[str, Any]]:
    """Five times faster than torch's loop, with either engine."""
    asked = []
    for count in values(rows, "threads"):
        torch = value(rows, "torch", threads=count)
        for key, engine in (("numpy", "NumPy"), ("numba", "numba")):
            reached = ratio(torch, value(rows, key, threads=count))
            title = f"training: torch's loop / train, {engine}"
            asked += bar(title, threads(count), reached, least=5.0)
    return asked
