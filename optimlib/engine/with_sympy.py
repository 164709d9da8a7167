"""The rule on SymPy symbols: the same text gives the update as an expression, for
proofs.

Needs SymPy, the extra `symbolic`.
"""

import re
import types
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import sympy

from optimlib.engine.kernels import Configured


def _where(condition: Any, yes: Any, no: Any) -> Any:
    return sympy.Piecewise((yes, condition), (no, True))


# What a rule may call, on real numbers: none is NaN, so fmax is the maximum.
FUNCTIONS = SimpleNamespace(
    sqrt=sympy.sqrt,
    abs=sympy.Abs,
    sign=sympy.sign,
    maximum=sympy.Max,
    minimum=sympy.Min,
    fmax=sympy.Max,
    fmin=sympy.Min,
    where=_where,
    equal=sympy.Eq,
)
STEP = sympy.Symbol("t", positive=True, integer=True)
#: The gradient as a function of the weights, for a method that takes `gradient`.
GRADIENT = sympy.Function("gradient", real=True)
# The book's letter for an argument's or a state's name, where it is not the name.
LETTERS = {
    "lr": "eta", "momentum": "mu", "beta1": "beta_{1}", "beta2": "beta_{2}",
    "beta3": "beta_{3}", "eps": "epsilon", "eps_root": "epsilon_{r}",
    "weight_decay": "lambda",
    "momentum_decay": "psi", "up": "eta^{+}", "down": "eta^{-}",
    "step_min": r"Delta_{\min}", "step_max": r"Delta_{\max}", "f_min": "f^{*}",
    "warmup": "t_{0}", "slow_start": "gamma", "loss": "f", "curvature": "kappa",
    "f_prev": "f", "mu_product": "P", "step": "Delta", "v_max": "z", "norm": "N",
    "gamma_max": r"gamma_{\max}", "rate_max": r"rho_{\max}", "q_bar": "qbar",
    "q_sq": "qsqbar", "a_bar": "abar", "a_sq": "asqbar", "d_bar": "dbar",
    "d_sq": "dsqbar", "ad": "adbar", "x_sq": "xsqbar", "y_sq": "ysqbar",
}  # fmt: skip
# Those that are above 0; a weight, a gradient or a state may be of either sign.
POSITIVE = {"beta", "c", "epsilon", "eta", "gamma", "lambda", "mu", "psi", "rho"}


def letter(name: str) -> Any:
    """The symbol that stands for a rule's argument of this name, without an index."""
    return symbol(LETTERS.get(name, name))


def symbol(text: str) -> Any:
    """A symbol by its LaTeX name, with the assumptions that its letter carries."""
    if text == LETTERS["warmup"]:
        return sympy.Symbol(text, positive=True, integer=True)
    if re.split("[_^]", text)[0] in POSITIVE:
        return sympy.Symbol(text, positive=True)
    return sympy.Symbol(text, real=True)


def at(name: str, index: str) -> Any:
    """The symbol of a quantity at a step: at("m", "t - 1") is m_{t - 1}.

    That is how SymPy's LaTeX reader names it.
    """
    return symbol(f"{LETTERS.get(name, name)}_{{{index}}}")


def exact(expression: Any) -> Any:
    """The expression with each rounded number as the fraction that it stands for."""
    expression = sympy.sympify(expression)
    return expression.xreplace(
        {x: sympy.nsimplify(x, rational=True) for x in expression.atoms(sympy.Float)}
    )


def update(optimizer: Configured) -> dict[Any, Any]:
    """What one step computes, symbolically.

    Args:
        optimizer: a method's instance, which fixes the switches; its hyper-parameters
            stay symbols.

    Returns:
        A dict from w_t and the symbol at t of each state that changes to its expression
        in w_{t-1}, the states at t-1, g_t, the inputs at t, t and the hyper-parameters.
        For a method that takes `gradient`, g_t is `GRADIENT` of the point that it looks
        at.
    """
    names = ("w", *optimizer.state_names)
    before = [at(name, "t - 1") for name in names]
    settings = [
        *(letter(name) for name in optimizer.hypers),
        *(getattr(optimizer, name) for name in optimizer.switches),
    ]
    given = [at(name, "t") for name in optimizer.inputs if name != "gradient"]
    g = at("g", "t")
    if "gradient" in optimizer.inputs:
        g = GRADIENT(_traced(optimizer.ahead)(*before, STEP, *settings))
    rule = _traced(optimizer.rule)
    after = rule(before[0], g, *before[1:], STEP, *given, *settings)
    return {
        at(name, "t"): exact(new)
        for name, old, new in zip(names, before, after, strict=True)
        if new is not old  # as a state that these switches leave alone
    }


def _traced(text: Callable[..., Any]) -> Callable[..., Any]:
    """The same text, with SymPy's functions for NumPy's."""
    return types.FunctionType(getattr(text, "__code__"), {"np": FUNCTIONS})  # noqa: B009
