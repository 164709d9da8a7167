"""Effective learning rates, read off the rules: what a rule multiplies a gradient, or its average of gradients, by.

They are there as functions of Python and, for the live figures, as JavaScript.
"""

import ast
from typing import Any

from optimlib.engine.kernels import kernel
from optimlib.engine.printer import JAVASCRIPT, Printer
from optimlib.engine.program import Program, substituted
from optimlib.optimizer import Optimizer


def text(opt: Optimizer) -> Program:
    """The effective rate, lr / D where the rule subtracts lr * X / D, after a step.

    It is a text of the hyper-parameters, t, and the state after step t, by their names.

    Raises:
        NotImplementedError: for a rule that subtracts nothing of this form.
    """
    cut = kernel(type(opt), "rule", opt.choices())
    rule = cut.program.inlined()
    moved = [rate for _, value in rule.body if (rate := _rate(value))]
    if not moved:
        raise NotImplementedError(
            f"{type(opt).__name__} subtracts no lr * X or lr * X / D; it has no effective rate"
        )
    known: dict[str, ast.expr] = {
        new: ast.Name(name) for name, new in cut.outputs.items() if name != "w"
    }
    for name, value in rule.statements:
        known.setdefault(name, substituted(value, known))
    arguments = (*opt.hypers, "t", *opt.state_names)
    return Program(arguments, [], [substituted(moved[0], known)])


def _rate(value: ast.expr) -> ast.expr | None:
    """The factor of X in `a - lr * X` or `a - lr * X / D`."""
    match value:
        case ast.BinOp(_, ast.Sub(), ast.BinOp(ast.Name("lr") as lr, ast.Mult(), _)):
            return lr
        case ast.BinOp(
            _,
            ast.Sub(),
            ast.BinOp(
                ast.BinOp(ast.Name("lr") as lr, ast.Mult(), _), ast.Div() as by, D
            ),
        ):
            return ast.BinOp(lr, by, D)
    return None


def effective(opt: Optimizer) -> Any:
    """The effective rates of the step that an optimizer has just taken.

    They are shaped like its weights; a single number where all weights have the same.
    """
    hypers = {name: getattr(opt, name) for name in opt.hypers}
    return text(opt).compiled()(**hypers, t=opt.t, **opt.state)[0]


def javascript(opt: Optimizer) -> str:
    """The same for one weight: `(h, t, state) => rate`, of objects with numbers by name."""
    rate = text(opt).results[0]
    used = {node.id for node in ast.walk(rate) if isinstance(node, ast.Name)}
    hypers = ", ".join(name for name in opt.hypers if name in used)
    state = ", ".join(name for name in opt.state_names if name in used)
    return f"({{{hypers}}}, t, {{{state}}}) => {Printer(JAVASCRIPT, {}).text(rate)}"
