"""From the book's LaTeX to SymPy: what an equation says as it is printed."""

import re

import numpy as np
import sympy
from sympy.parsing.latex import parse_latex

from optimlib.engine.with_sympy import letter, symbol

SPACING = re.compile(
    r"\\(?:,|;|!|quad|left|right|bigl?|bigr?|Bigl?|Bigr?|displaystyle)(?![a-zA-Z])|&"
)
HAT = re.compile(r"\\hat\s*\{?\s*([a-z])\s*\}?")
# A letter before a parenthesis is a factor; only f and C are functions in this book.
FACTOR = re.compile(
    r"((?:\\(?:beta|mu|eta|sigma|epsilon)|(?<![\\a-zA-Z])[a-eg-zABD-Z])(?:_\{[^{}]*\}|_\w)?)\s*\("
)
WORDS = re.compile(
    r"\\(?:text|mathrm|operatorname|mathbb)\b"
)  # read letter by letter they would be a product
MOMENT = re.compile(r"\\(?:mathbb|operatorname)\{(E|Var)\}\[(\w)(?:\^(2))?\]")
RELATION = re.compile(r"<|\\le(?:q)?(?![a-z])|\\longrightarrow")
STEP = sympy.Symbol("t", positive=True, integer=True)


def chains(latex):
    """The equations of a display, each as the list of its sides: `a = b = c` is [a, b, c].

    A line of an `aligned` block that begins with = goes on with the chain before it. Statements on one line are
    separated by \\qquad; a letter with a hat becomes its capital, which the book does not use otherwise. Raises
    ValueError for an order or a limit: that is nothing to prove as an equation.
    """
    if relation := RELATION.search(latex):
        raise ValueError(f"{latex!r} has {relation[0]}; allowed: equations")
    return [[expression(side) for side in statement] for statement in statements(latex)]


def evaluate(latex, values):
    """One side of an equation as numbers. values : number or array for each symbol, by the names of `named`.

    E[g], E[g^2] and Var[g] of a letter g are the symbols Eg, Egsq and Varg. Raises ValueError for a symbol without its
    value and a value without its symbol.
    """
    side = expression(
        MOMENT.sub(lambda m: rf"\mathit{{{m[1]}{m[2]}{'sq' if m[3] else ''}}}", latex)
    ).doit()
    given = {
        named(name): np.asarray(value, dtype=float) for name, value in values.items()
    }
    if unlike := {symbol.name for symbol in side.free_symbols} ^ set(given):
        raise ValueError(
            f"{latex!r} and its values differ in {', '.join(sorted(unlike))}"
        )
    symbols = sorted(side.free_symbols, key=str)
    return np.asarray(
        sympy.lambdify(symbols, side, "numpy")(
            *(given[symbol.name] for symbol in symbols)
        )
    )


def named(name):
    """The LaTeX name of a symbol that a keyword argument stands for: beta1 is beta_{1}, lr is eta."""
    return letter(name).name


def statements(latex):
    """The text of a display's equations, each as the list of its sides."""
    body = re.sub(r"\\(?:begin|end)\{aligned\}", "", latex)
    found = []
    for line in re.split(r"\\\\|\\qquad", body):
        text = SPACING.sub(" ", line).strip().rstrip(",.").strip()
        if text.startswith("=") and found:
            found[-1] += " " + text
        elif text:
            found.append(text)
    return [_sides(statement) for statement in found]


def _sides(statement):
    """The text between the signs of equality, order or limit that stand outside of braces."""
    sides, depth = [""], 0
    for char in RELATION.sub("=", statement):
        depth += (char == "{") - (char == "}")
        if char == "=" and depth == 0:
            sides.append("")
        else:
            sides[-1] += char
    return sides


def expression(latex):
    """One side of an equation as a SymPy expression in the book's symbols. Raises ValueError if it can't be read."""
    if words := WORDS.search(latex):
        raise ValueError(
            f"this LaTeX can't be read as mathematics: {latex!r} ({words[0]})"
        )
    text = FACTOR.sub(r"\1 \\cdot (", HAT.sub(lambda hat: hat[1].upper(), latex))
    try:
        parsed = parse_latex(text, strict=True)
    except Exception as error:
        raise ValueError(
            f"this LaTeX can't be read as mathematics: {latex!r} ({error})"
        ) from error
    parsed = parsed.replace(sympy.Sum, _spelled_out)
    known = {"t": STEP, "pi": sympy.pi}
    return parsed.xreplace(
        {old: known.get(old.name) or symbol(old.name) for old in parsed.free_symbols}
    )


def _spelled_out(body, limits):
    """A sum whose terms carry the index: g_{i}, or g_{t - i}, is a term of a sequence, not a constant."""
    index, low, high = limits
    carried = {}
    for term in body.free_symbols:
        letter, _, place = term.name.partition("_")
        if re.search(rf"\b{index}\b", place):
            carried[term] = (
                letter,
                sympy.sympify(place.strip("{}"), locals={index.name: index}),
            )
    if low.is_Integer and high.is_Integer:
        return sympy.Add(
            *(_term(body, carried, index, k) for k in range(int(low), int(high) + 1))
        )
    sequences = {
        term: sympy.Function(letter, real=True)(place)
        for term, (letter, place) in carried.items()
    }
    return sympy.Sum(body.xreplace(sequences), limits)


def _term(body, carried, index, k):
    """The term of a sum at index k, with g_{k} written out."""
    named = {
        term: sympy.Symbol(f"{letter}_{{{place.subs(index, k)}}}")
        for term, (letter, place) in carried.items()
    }
    return body.xreplace({**named, index: sympy.Integer(k)})
