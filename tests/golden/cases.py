"""What is compared with torch and optax: the gradients, the settings on both sides, the
stated differences and their reasons. Used by the script that makes the files, by the
test and by the table.

A path is the weights before and after each of the 1,000 steps, shape (1001, 10, 3).
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

import optimlib

HERE = Path(__file__).parent
LIBRARIES = ("torch", "optax")
STEPS = 1000
STORED = (1, 2, 3, 10, 30, 100, 300, 1000)

# The gradients' rows: size (None: another one at every step), share of the steps in
# which the row is not zero, and the step from which on it may be.
ROWS = (
    (1e-8, 1.0, 1),
    (1e-4, 1.0, 1),
    (1e-2, 1.0, 1),
    (1.0, 1.0, 1),
    (1e4, 1.0, 1),
    (1e8, 1.0, 1),
    (None, 1.0, 1),
    (1e-6, 0.02, 1),
    (1e3, 0.02, 1),
    (1.0, 1.0, 101),
)
SIZES = np.array([1e-8, 1e-6, 1e-4, 1e-2, 1.0, 1e2, 1e4, 1e6, 1e8])
START = np.array([[0.0, 0.5, -3.0]] * len(ROWS))


@cache
def gradients() -> np.ndarray:
    """The gradients of all steps, shape (1000, 10, 3), each 0 with probability 0.3.

    From the generator's raw integers by exact arithmetic and one rounding, so that they
    are the same under every version of NumPy and on every machine.
    """
    shape = (STEPS, len(ROWS), 3)
    raw = np.random.PCG64(20240).random_raw(3 * STEPS * len(ROWS) * 3)
    value, zero, extra = (raw >> np.uint64(11)).astype("<f8").reshape(3, *shape) / 2**53
    g = (2 * value - 0.75) * (zero >= 0.3)
    for row, (size, share, first) in enumerate(ROWS):
        drawn = extra[:, row, :]
        g[:, row] *= SIZES[(drawn * len(SIZES)).astype(int)] if size is None else size
        g[:, row] *= drawn[:, :1] < share
        g[: first - 1, row] = 0.0
    g.flags.writeable = False
    return g


def falling(t: Any) -> Any:
    """A learning rate that falls from 0.01 to 0.01/11: a schedule, t from 1."""
    return 0.01 / (1 + 0.01 * (t - 1))


@dataclass(frozen=True, eq=False)
class Case:
    """One method with one setting on both sides.

    Args:
        method: the name of ours.
        settings: ours.
        library: "torch" or "optax".
        call: the name of theirs.
        options: theirs. A learning rate may be a callable of t, from 1.
        differs: why the same settings give another path; empty where they do not.
        plainly: with `differs`, the settings that one would have expected to agree,
            where they are not `settings`.
        relation: with `differs`, what turns our path into theirs.
        bound: the largest difference allowed, relative to the largest weight so far.
        ulp: the largest difference allowed after the first step, in units in the last
            place.
        reason: why the bounds are not 1e-12 and 4.
        scalars: torch's default dtype, in which it keeps NAdam's product of momenta.
    """

    method: str
    settings: dict[str, Any]
    library: str
    call: str
    options: dict[str, Any]
    differs: str = ""
    plainly: dict[str, Any] = field(default_factory=dict)
    relation: Callable[[np.ndarray], np.ndarray] = lambda path: path
    bound: float = 1e-12
    ulp: float = 4
    reason: str = ""
    scalars: str = "float64"

    @property
    def name(self) -> str:
        """Their call as one would write it: the case's name in the file."""
        options = ", ".join(f"{k}={_written(v)}" for k, v in self.options.items())
        where = "torch.optim" if self.library == "torch" else self.library
        note = "" if self.scalars == "float64" else f" [{self.scalars}]"
        return f"{where}.{self.call}({options}){note}"

    @cached_property
    def path(self) -> np.ndarray:
        """Theirs as it should be: our path, by way of the relation."""
        return self.relation(run(self.method, self.settings))

    def plain_path(self) -> np.ndarray:
        """What one would have expected of the settings that look the same."""
        return run(self.method, self.settings | self.plainly)


def _written(value: Any) -> str:
    return value.__name__ if callable(value) else repr(value)


def run(method: str, settings: dict[str, Any]) -> np.ndarray:
    """Our path; the gradients are those of the steps, wherever a method looks."""
    opt = getattr(optimlib, method)(**settings)
    if "gradient" not in opt.inputs:
        return optimlib.walk(opt, START, gradients())
    in_turn = iter(gradients())
    return optimlib.walk(opt, START, lambda _: next(in_turn), STEPS)


def differences(path: np.ndarray, stored: np.ndarray) -> np.ndarray:
    """How far the stored weights are from the path's, relative to the largest size that
    the weight has had so far; one number for each stored step.
    """
    largest = np.maximum.accumulate(np.abs(path))
    apart = np.abs(path[[*STORED]] - stored)
    relative = apart / np.maximum(largest[[*STORED]], np.finfo(float).tiny)
    return relative.max(axis=(1, 2))


def first_step_ulp(path: np.ndarray, stored: np.ndarray) -> float:
    """How far the weights are apart after one step, in units in the last place of the
    larger of the weight before and after it.
    """
    unit = np.spacing(np.abs(path[:2]).max(axis=0))
    return float((np.abs(path[1] - stored[0]) / unit).max())


@cache
def stored(library: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What made the library's file, and its weights at the stored steps by case."""
    with np.load(HERE / f"{library}.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files}
    return json.loads(str(arrays.pop("made_with"))), arrays


# The stated differences


def dampened(lr: float, momentum: float) -> Callable[[np.ndarray], np.ndarray]:
    r"""torch's buffer starts at :math:`g_1`, ours at :math:`(1-\mu) g_1`.

    Both then follow :math:`b_t = \mu b_{t-1} + (1-\mu) g_t`, so that they are
    :math:`\mu^t g_1` apart, and the weights :math:`\eta g_1` times the sum of
    :math:`\mu^i` over :math:`i = 1 \dots t`, which is :math:`\mu(1-\mu^t)/(1-\mu)`.
    """

    def relation(path: np.ndarray) -> np.ndarray:
        t = np.arange(STEPS + 1)[:, None, None]
        lead = momentum * (1 - momentum**t) / (1 - momentum)
        return path - lr * gradients()[0] * lead

    return relation


def one_step_late(path: np.ndarray) -> np.ndarray:
    r"""optax's Rprop hands out the move of the step before, or none where the sign
    flips now.

    With :math:`p_t` the move of step t (0 where the sign flips), it stands at
    :math:`w_0 - \sum_{i<t} p_i + \sum_{\text{flips } i \le t} p_{i-1}`; Rprop with
    backtracking stands at the same less :math:`p_t`. So optax is Rprop with
    backtracking, one step late where the sign does not flip.
    """
    late, g_prev = path.copy(), np.zeros_like(path[0])
    for t, g in enumerate(gradients(), 1):
        flip = g * g_prev < 0
        late[t] = np.where(flip, path[t], path[t - 1])
        g_prev = np.where(flip, 0, g)
    return late


def looked_at(beta: float) -> Callable[[np.ndarray], np.ndarray]:
    r"""The points y at which a schedule-free method takes the next gradient.

    At a constant rate :math:`x_t = x_{t-1} + (z_t - x_{t-1})/t`, and y is
    :math:`(1-\beta) z + \beta x`.
    """

    def relation(path: np.ndarray) -> np.ndarray:
        t = np.arange(1, STEPS + 1)[:, None, None]
        z = path[:-1] + t * np.diff(path, axis=0)
        return np.concatenate([path[:1], (1 - beta) * z + beta * path[1:]])

    return relation


RATE_OUTSIDE = (
    "torch and optax keep the rate outside the velocity: b = mu b + g, w -= lr_t b. "
    "With v_t = -lr_t b_t this is v_t = mu lr_t/lr_(t-1) v_(t-1) - lr_t g_t: ours with "
    "that momentum"
)
BUFFER_STARTS_FULL = (
    "torch's first buffer is g_1, not (1 - dampening) g_1: it leads by "
    "lr g_1 mu (1 - mu^t)/(1 - mu)"
)
SUM_STARTS_AT = (
    "optax's sum starts at 0.1; since eps stands beside it under the root, this is "
    "eps = 0.1 + 1e-7"
)
AVERAGE_STARTS_AT = (
    "optax's average starts at initial_scale, of which beta^t is left at step t: under "
    "the root this is eps + initial_scale beta^t"
)
ONE_STEP_LATE = (
    "optax hands out the move of the step before, or none where the sign flips: "
    "backtracking, one step late"
)
HANDS_OUT_Y = (
    "optax hands out the point y at which the next gradient is taken, ours the average "
    "x: y = (1 - beta) z + beta x"
)
EPS_BESIDE_CORRECTED = (
    "optax has eps beside the root of the corrected average, torch and ours beside that "
    "of v_t: it is eps sqrt(1 - beta2^t) here"
)
FLOAT32_PRODUCT = (
    "torch keeps NAdam's product p_t of momenta in its default dtype, float32: 2t - 1 "
    "roundings of 2^-24 by step t. Each part of the move has a factor 1/(1 - p), and "
    "so is off by at most (2t - 1) p_t/(1 - p_t) 2^-24: in step 1, where p_1 = 0.45, "
    "by 0.82 2^-24, below 2^29 units in the last place. By Cauchy's inequality the "
    "parts are at most 1.12 sqrt(t) lr together; summed over t this is 4.8 2^-24 lr, "
    "with the first move about lr: below 2^-21 of the path"
)


def following_rate(t: int) -> float:
    """The momentum with which ours is torch's and optax's under the rate `falling`."""
    return 0.9 * falling(t) / falling(t - 1) if t > 1 else 0.9


def fading_start(t: int) -> float:
    """The eps with which RMSprop's average starts at 0.5, for beta = 0.9."""
    return 1e-8 + 0.5 * 0.9**t


def beside_the_corrected(eps: float, beta2: float) -> Callable[[int], float]:
    """The eps with which RAdam's stands beside the root of the corrected average."""
    return lambda t: eps * (1 - beta2**t) ** 0.5


def _with_torch() -> Iterator[Case]:
    def case(method: str, settings: dict, call: str, options: dict, **more: Any):
        return Case(method, settings, "torch", call, options, **more)

    yield case("SGD", {"lr": 0.001}, "SGD", {})
    yield case("SGD", {"lr": 0.3}, "SGD", {"lr": 0.3})
    yield case("SGD", {"lr": falling}, "SGD", {"lr": falling})

    for mu, lr in ((0.9, 0.01), (0.5, 1.0), (0.99, 0.001)):
        ours, theirs = {"lr": lr, "momentum": mu}, {"lr": lr, "momentum": mu}
        yield case("Momentum", ours, "SGD", theirs)
        yield case("Nesterov", ours, "SGD", theirs | {"nesterov": True})
        yield case(
            "Momentum",
            ours | {"averaging": True},
            "SGD",
            theirs | {"dampening": mu},
            differs=BUFFER_STARTS_FULL,
            relation=dampened(lr, mu),
        )
    yield case(
        "Momentum",
        {"lr": falling, "momentum": following_rate},
        "SGD",
        {"lr": falling, "momentum": 0.9},
        differs=RATE_OUTSIDE,
        plainly={"momentum": 0.9},
    )

    yield case("Rprop", {}, "Rprop", {})
    yield case(
        "Rprop",
        {"lr": 0.1, "up": 1.5, "down": 0.3, "step_min": 1e-3, "step_max": 1.0},
        "Rprop",
        {"lr": 0.1, "etas": (0.3, 1.5), "step_sizes": (1e-3, 1.0)},
    )
    yield case(
        "Rprop",
        {"lr": 1e-4, "up": 1.1, "down": 0.9, "step_min": 0.0},
        "Rprop",
        {"lr": 1e-4, "etas": (0.9, 1.1), "step_sizes": (0.0, 50.0)},
    )

    outside = {"eps_in_sqrt": False}
    yield case("Adagrad", {"eps": 1e-10} | outside, "Adagrad", {})
    yield case(
        "Adagrad",
        {"lr": 0.5, "eps": 1e-4} | outside,
        "Adagrad",
        {"lr": 0.5, "eps": 1e-4},
    )
    yield case(
        "Adagrad",
        {"lr": falling, "eps": 1e-10} | outside,
        "Adagrad",
        {"lr_decay": 0.01},
    )

    yield case("RMSprop", {"beta": 0.99} | outside, "RMSprop", {})
    yield case(
        "RMSprop",
        {"lr": 0.1, "beta": 0.5, "eps": 1e-3} | outside,
        "RMSprop",
        {"lr": 0.1, "alpha": 0.5, "eps": 1e-3},
    )
    yield case(
        "RMSprop",
        {"lr": falling, "beta": 0.9} | outside,
        "RMSprop",
        {"lr": falling, "alpha": 0.9},
    )

    for ours, theirs in (
        ({"beta": 0.99}, {}),
        ({"lr": 0.1, "beta": 0.5, "eps": 1e-3}, {"lr": 0.1, "alpha": 0.5, "eps": 1e-3}),
    ):
        centered = {"centered": True}
        yield case("RMSprop", ours | outside | centered, "RMSprop", theirs | centered)

    yield case("Adadelta", {}, "Adadelta", {})
    yield case(
        "Adadelta",
        {"lr": 0.5, "beta": 0.95, "eps": 1e-8},
        "Adadelta",
        {"lr": 0.5, "rho": 0.95, "eps": 1e-8},
    )

    ours, theirs = {"lr": 0.01, "beta1": 0.5}, {"lr": 0.01, "betas": (0.5, 0.9)}
    for settings, options in (
        ({}, {}),
        (ours | {"beta2": 0.9, "eps": 1e-4}, theirs | {"eps": 1e-4}),
        ({"beta1": 0.95, "beta2": 0.9999}, {"betas": (0.95, 0.9999)}),
        ({"lr": falling}, {"lr": falling}),
    ):
        yield case("Adam", settings, "Adam", options)
        yield case("AMSGrad", settings, "Adam", options | {"amsgrad": True})
        yield case("AdamW", settings, "AdamW", options)
        yield case(
            "AdamW",
            settings | {"weight_decay": 0.5},
            "AdamW",
            options | {"weight_decay": 0.5},
        )
        yield case("Adamax", settings, "Adamax", options)
        yield case("NAdam", settings, "NAdam", options)
        yield case("RAdam", settings, "RAdam", options)
    yield case("NAdam", {"momentum_decay": 0.1}, "NAdam", {"momentum_decay": 0.1})
    yield case(
        "NAdam",
        {},
        "NAdam",
        {},
        scalars="float32",
        bound=2**-21,
        ulp=2**29,
        reason=FLOAT32_PRODUCT,
    )


def _with_optax() -> Iterator[Case]:
    def case(method: str, settings: dict, call: str, options: dict, **more: Any):
        return Case(method, settings, "optax", call, options, **more)

    for lr in (0.01, 0.3, falling):
        ours, theirs = {"lr": lr}, {"learning_rate": lr}
        yield case("SGD", ours, "sgd", theirs)
        yield case("SignSGD", ours, "sign_sgd", theirs)

    for mu, lr in ((0.9, 0.01), (0.5, 1.0), (0.99, 0.001)):
        ours, theirs = (
            {"lr": lr, "momentum": mu},
            {"learning_rate": lr, "momentum": mu},
        )
        yield case("Momentum", ours, "sgd", theirs)
        yield case("Nesterov", ours, "sgd", theirs | {"nesterov": True})
        yield case("Momentum", ours | {"averaging": True}, "ema_then_scale", theirs)
    yield case(
        "Momentum",
        {"lr": falling, "momentum": following_rate},
        "sgd",
        {"learning_rate": falling, "momentum": 0.9},
        differs=RATE_OUTSIDE,
        plainly={"momentum": 0.9},
    )

    late = {
        "differs": ONE_STEP_LATE,
        "plainly": {"backtracking": False},
        "relation": one_step_late,
    }
    yield case(
        "Rprop", {"backtracking": True}, "rprop", {"learning_rate": 0.01}, **late
    )
    yield case(
        "Rprop",
        {"lr": 0.1, "up": 1.5, "down": 0.3, "step_max": 1.0, "backtracking": True},
        "rprop",
        {"learning_rate": 0.1, "eta_minus": 0.3, "eta_plus": 1.5, "max_step_size": 1.0},
        **late,
    )

    zero = {"initial_accumulator_value": 0.0}
    yield case("Adagrad", {"eps": 1e-7}, "adagrad", {"learning_rate": 0.01} | zero)
    yield case(
        "Adagrad",
        {"lr": 0.5, "eps": 1e-3},
        "adagrad",
        {"learning_rate": 0.5, "eps": 1e-3} | zero,
    )
    yield case(
        "Adagrad",
        {"eps": 0.1 + 1e-7},
        "adagrad",
        {"learning_rate": 0.01},
        differs=SUM_STARTS_AT,
        plainly={"eps": 1e-7},
    )

    for lr, inside in ((0.01, True), (0.01, False), (falling, True)):
        yield case(
            "RMSprop",
            {"lr": lr, "eps_in_sqrt": inside},
            "rmsprop",
            {"learning_rate": lr, "eps_in_sqrt": inside},
        )
    yield case(
        "RMSprop",
        {"lr": 0.1, "beta": 0.5, "eps": 1e-3},
        "rmsprop",
        {"learning_rate": 0.1, "decay": 0.5, "eps": 1e-3},
    )
    for inside in (True, False):
        centered = {"centered": True, "eps_in_sqrt": inside}
        yield case("RMSprop", centered, "rmsprop", {"learning_rate": 0.01} | centered)
    yield case(
        "RMSprop",
        {"eps": fading_start},
        "rmsprop",
        {"learning_rate": 0.01, "initial_scale": 0.5},
        differs=AVERAGE_STARTS_AT,
        plainly={"eps": 1e-8},
    )
    yield case(
        "Adam",
        {"beta1": 0.0, "beta2": 0.9},
        "rmsprop",
        {"learning_rate": 0.001, "eps_in_sqrt": False, "bias_correction": True},
    )

    yield case("Adadelta", {}, "adadelta", {"learning_rate": 1.0})
    yield case(
        "Adadelta",
        {"lr": 0.5, "beta": 0.95, "eps": 1e-8},
        "adadelta",
        {"learning_rate": 0.5, "rho": 0.95, "eps": 1e-8},
    )

    for settings, options in (
        ({"lr": 0.001}, {"learning_rate": 0.001}),
        (
            {"lr": 0.01, "beta1": 0.5, "beta2": 0.9, "eps": 1e-4},
            {"learning_rate": 0.01, "b1": 0.5, "b2": 0.9, "eps": 1e-4},
        ),
        (
            {"lr": 0.001, "beta1": 0.95, "beta2": 0.9999},
            {"learning_rate": 0.001, "b1": 0.95, "b2": 0.9999},
        ),
        ({"lr": falling}, {"learning_rate": falling}),
    ):
        yield case("Adam", settings, "adam", options)
        inside = {"eps": 1e-3, "eps_form": "inside"}
        yield case(
            "Adam", settings | inside, "adam", options | {"eps": 0.0, "eps_root": 1e-3}
        )
        yield case("AMSGrad", settings | {"max_of": "v_hat"}, "amsgrad", options)
        yield case("Adamax", settings, "adamax", options)
        yield case("NAdam", settings | {"momentum_schedule": False}, "nadam", options)
        # optax subtracts lr weight_decay w, ours (as torch) multiplies by the factor
        # 1 - lr weight_decay, whose one rounding, up to 2^-54, is the same at each
        # step: 1000 of them are 5.6e-14.
        yield case("AdamW", settings | {"weight_decay": 1e-4}, "adamw", options)
        yield case(
            "AdamW",
            settings | {"weight_decay": 0.5},
            "adamw",
            options | {"weight_decay": 0.5},
        )
        for eps in (1e-8, 1e-3):
            yield case(
                "AdaBelief",
                settings | {"eps_root": eps},
                "adabelief",
                options | {"eps_root": eps},
            )
        yield case("Yogi", settings, "yogi_from_zero", options)
        guard, beta2 = settings.get("eps", 1e-8), settings.get("beta2", 0.999)
        yield case(
            "RAdam",
            settings | {"eps": beside_the_corrected(guard, beta2)},
            "radam",
            options,
            differs=EPS_BESIDE_CORRECTED,
            plainly={"eps": guard},
        )
    for settings, options in (
        ({}, {"learning_rate": 1e-4, "weight_decay": 0.0}),
        (
            {"lr": 0.01, "beta1": 0.5, "beta2": 0.9, "weight_decay": 0.5},
            {"learning_rate": 0.01, "b1": 0.5, "b2": 0.9, "weight_decay": 0.5},
        ),
        (
            {"lr": falling, "weight_decay": 1e-3},
            {"learning_rate": falling, "weight_decay": 1e-3},
        ),
    ):
        yield case("Lion", settings, "lion", options)
    for beta, lr, more in ((0.9, 0.01, {}), (0.5, 0.1, {"weight_decay": 0.1})):
        ours, theirs = {"lr": lr}, {"learning_rate": lr, "b1": beta}
        both = {"differs": HANDS_OUT_Y, "relation": looked_at(beta)}
        plain = ours | {"beta": beta}
        if not more:
            yield case(
                "ScheduleFreeSGD", plain, "contrib.schedule_free_sgd", theirs, **both
            )
        yield case(
            "ScheduleFreeAdamW",
            ours | {"beta1": beta} | more,
            "contrib.schedule_free_adamw",
            theirs | more,
            **both,
        )
    raw = {"bias_correction_mu": False, "bias_correction_nu": False}
    yield case(
        "AMSGrad",
        {"bias_correction": False},
        "amsgrad",
        {"learning_rate": 0.001} | raw,
    )


CASES = [*_with_torch(), *_with_optax()]
