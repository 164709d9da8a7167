"""The rule on SymPy symbols: the same text gives the update as an expression, for proofs.

Needs SymPy, the extra `symbolic`.
"""

import types
from types import SimpleNamespace

import sympy

FUNCTIONS = SimpleNamespace(
    sqrt=sympy.sqrt,
    abs=sympy.Abs,
    sign=sympy.sign,
    maximum=sympy.Max,
    minimum=sympy.Min,
)
# The book's letter for an argument's name, where it is not the name itself.
LETTERS = {
    "lr": "eta", "momentum": "mu", "beta": "beta", "beta1": "beta_{1}", "beta2": "beta_{2}", "eps": "epsilon",
}  # fmt: skip
POSITIVE = {
    "eta",
    "mu",
    "beta",
    "epsilon",
}  # the hyper-parameters; a weight, gradient or state may be of either sign


def letter(name):
    """The SymPy symbol that stands for a rule's argument of this name, without a step index."""
    return symbol(LETTERS.get(name, name))


def symbol(text):
    """A symbol by its LaTeX name, with the assumption that its letter carries."""
    if text.split("_")[0] in POSITIVE:
        return sympy.Symbol(text, positive=True)
    return sympy.Symbol(text, real=True)


def at(name, index):
    """The symbol of a quantity at a step: at("m", "t - 1") is m_{t - 1}, as SymPy's LaTeX reader names it."""
    return symbol(f"{name}_{{{index}}}")


def update(optimizer):
    """What one step computes, symbolically.

    optimizer : a method's instance, which fixes the switches; its hyper-parameters stay symbols.
    Returns a dict from w_t and each state's symbol at t to its expression in w_{t-1}, the states at t-1, g_t, t and the
    hyper-parameters.
    """
    rule = types.FunctionType(type(optimizer).rule.__code__, {"np": FUNCTIONS})
    names = ("w", *optimizer.state_names)
    before = [at(name, "t - 1") for name in names]
    step = sympy.Symbol("t", positive=True, integer=True)
    settings = [letter(name) for name in optimizer.hypers]
    switches = [getattr(optimizer, name) for name in optimizer.switches]
    after = rule(before[0], at("g", "t"), *before[1:], step, *settings, *switches)
    exact = [
        sympy.nsimplify(expression, rational=True) for expression in after
    ]  # 0.5 is one half
    return dict(zip([at(name, "t") for name in names], exact, strict=True))
