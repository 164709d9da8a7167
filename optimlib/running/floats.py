"""A run on a surface as one loop on plain floats: which runs there are, and their steps.

The loop is the texts of the formula and of the rule, one after another, so that a step
costs what its arithmetic does. It leaves off before whatever is out of the ordinary.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, cast

import numpy as np

from optimlib.clipping import global_norm
from optimlib.engine import formulas
from optimlib.engine.kernels import Kernel, Switches, kernel
from optimlib.engine.printer import PRELUDE, PYTHON, Printer
from optimlib.engine.program import names_in
from optimlib.optimizer import Optimizer
from optimlib.problems.surfaces import Surface

AXES = ("x", "y")
Point = tuple[float, float, float, float]  # x, y, the value and the gradient's norm
Loop = Callable[..., tuple[float, list[float]]]
# Where the squares neither overflow nor lose digits, this is `global_norm` to the bit.
NORM = [
    "squares = g_x * g_x + g_y * g_y",
    "norm = sqrt(squares) if 1e-270 < squares < 1e300 else far(g_x, g_y)",
]


def compiled(
    f: Any,
    grad: Callable[[Any], Any],
    curvature: Callable[[Any], Any] | None,
    opt: Optimizer,
    w: Any,
) -> Loop | None:
    """The loop of a run; None where only arrays will do."""
    if type(f) is not Surface or grad != f.gradient:
        return None
    if "curvature" in opt.inputs and curvature != f.curvature:
        return None
    if not isinstance(w, np.ndarray) or w.shape != (2,) or w.dtype != np.float64:
        return None
    if not _is_plain(opt):
        return None
    return _loop(type(opt), opt.choices(), f.formula)


def _is_plain(opt: Optimizer) -> bool:
    """Whether nothing but its rule and numbers decides on a step."""
    settings = (getattr(opt, name) for name in opt.hypers)
    return (
        opt.population is None
        and opt.project is None
        and "norm" not in opt.inputs
        and getattr(opt.step, "__func__", None) is Optimizer.step
        and all(type(setting) in (int, float) for setting in settings)
    )


def taken(
    steps: Loop, opt: Optimizer, w: Any, most: int, limit: float
) -> tuple[Any, list[Point]]:
    """Take steps as long as nothing is out of the ordinary.

    The optimizer has taken one already, with such weights.

    Returns:
        The new w, and the points from which the steps were taken.
    """
    (block,) = opt.blocks
    state = [block.state[name].reshape(-1) for name in opt.state_names]
    settings = [float(getattr(opt, name)) for name in opt.hypers]
    points: list[Point] = []
    t, numbers = steps(
        points.append, most, limit, opt.t + 1.0,
        *w.tolist(), *np.concatenate([[], *state]).tolist(), *settings,
    )  # fmt: skip
    opt.t = int(t) - 1
    new = iter(numbers)
    new_w = np.array([next(new), next(new)])
    for part in state:
        part[:] = [next(new) for _ in part]
    return new_w, points


def _made(method: Any, choices: Switches, formula: Callable[..., Any]) -> Loop | None:
    """A method's loop on a formula; None where one of them has no such text.

    `loop(record, steps, limit, t, x, y, *state, *hypers)` takes up to so many steps,
    the first of which is step t. Before each it calls `record` with (x, y, value, norm
    of the gradient). It gives the next t, and [x, y, *state]; a state is a number for
    each axis, or one for both where it is among the method's `scalars`. It leaves off
    before a step where a number is not finite, an operation fails or the norm is within
    the limit.
    """
    try:
        source = text(method, choices, formula)
    except (NotImplementedError, *formulas.NO_PROGRAM):
        return None
    scope: dict[str, Any] = {"np": np, "sqrt": math.sqrt, "far": _far}
    exec(source, scope)  # noqa: S102 - the texts of a rule and of a formula
    return scope["loop"]


_loop = cast(
    Callable[[Any, Switches, Callable[..., Any]], Loop | None],
    lru_cache(maxsize=256)(_made),
)


def text(method: Any, choices: Switches, formula: Callable[..., Any]) -> str:
    """The loop's source."""
    curved = "curvature" in method.inputs
    parts = ["value", "gradient", *["curvature"] * curved]
    ends = ["loss", *_each("g"), *_each("curvature") * curved]
    cut = kernel(method, "rule", choices)
    before, step, names = _moved(cut, method)
    if curved:
        step = [_leave_unless_finite(*_each("curvature")), *step]
    if "gradient" in method.inputs:
        start, ahead, at = _moved(kernel(method, "ahead", choices), method, "ahead_")
        slope = _evaluated(formula, ["gradient"], at, _each("g"))
        before += start
        step = [*ahead, *slope, _leave_unless_finite(*_each("g")), *step]
    state = ", ".join(_flat(method))
    arguments = ", ".join([*_flat(method), *method.hypers])
    lines = [
        *_evaluated(formula, parts, _each("w"), ends),
        *NORM,
        _leave_unless_finite("loss", "norm", *_each("w")),
        "if norm <= limit: break",
        *step,
        "record((w_x, w_y, loss, norm))",
        f"t, {state} = t + 1.0, {', '.join(names)}",
    ]
    return "\n".join(
        [
            f"def loop(record, steps, limit, t, {arguments}):",
            "    try:",
            *(f"        {line}" for line in before),
            "        for _ in range(steps):",
            *(f"            {line}" for line in lines),
            "    except (ArithmeticError, ValueError, RuntimeWarning):",
            "        pass  # of this step nothing has been kept",
            f"    return t, [{state}]",
        ]
    )


def _each(name: str) -> list[str]:
    return [f"{name}_{axis}" for axis in AXES]


def _flat(method: Any) -> list[str]:
    """The weights and the state, a name for each number."""
    flat = _each("w")
    for name in method.state_names:
        flat += [name] if name in method.scalars else _each(name)
    return flat


def _evaluated(
    formula: Callable[..., Any],
    parts: Sequence[str],
    at: Sequence[str],
    names: Sequence[str],
) -> list[str]:
    """Lines that give parts of the formula their names."""
    program = formulas.program(formula, *parts)
    printer = Printer(PYTHON, dict(zip(program.arguments, at, strict=True)))
    printer.assign_all(program.statements)
    for name, result in zip(names, program.results, strict=True):
        printer.assign(name, result)
    return printer.lines


def _moved(
    cut: Kernel, method: Any, prefix: str = ""
) -> tuple[list[str], list[str], list[str]]:
    """A rule's lines: those before the loop, and those within; its results' names."""
    rule = cut.program.inlined()
    own = {name: f"{prefix}{name}" for name, _ in rule.prelude}
    before, within = Printer(PRELUDE, own), Printer(PRELUDE, own)
    varying = {"t", "loss", *method.scalars}
    for name, value in rule.prelude:
        if varying.isdisjoint(names_in(value)):
            before.assign(name, value)
        else:
            within.assign(name, value)
            varying.add(name)
    lines, results = within.lines, []
    for axis in AXES:
        whole = {*cut.arrays, *method.state_names} - {*method.scalars}
        here = {name: f"{name}_{axis}" for name in whole}
        here |= {name: f"{prefix}{name}_{axis}" for name, _ in rule.body}
        body = Printer(PYTHON, own | here)
        body.assign_all(rule.body)
        lines += body.lines
        results.append([body.text(result) for result in rule.results])
    names = []
    for part, *pair in zip(("w", *method.state_names), *results, strict=False):
        names += pair[:1] if part in method.scalars else pair
    return before.lines, lines, names


def _leave_unless_finite(*names: str) -> str:
    return f"if ({' + '.join(names)}) * 0.0 != 0.0: break"


def _far(x: float, y: float) -> float:
    """The norm of any two numbers."""
    return float(global_norm(np.array([x, y]))) if x or y else 0.0
