"""From the book's LaTeX to SymPy: what an equation says as it is printed."""

import re

import sympy
from sympy.parsing.latex import parse_latex

from optimlib.engine.with_sympy import symbol

SPACING = re.compile(r"\\(?:,|;|!|quad|left|right|bigl?|bigr?|Bigl?|Bigr?|displaystyle)(?![a-zA-Z])|&")
HAT = re.compile(r"\\hat\s*\{?\s*([a-z])\s*\}?")
# A letter of the book before a parenthesis is a factor, not a function.
FACTOR = re.compile(r"((?:\\(?:beta|mu|eta|sigma|epsilon)|(?<![\\a-zA-Z])[gmtvwMV])(?:_\{[^{}]*\}|_\w)?)\s*\(")
WORDS = re.compile(r"\\(?:text|mathrm|operatorname|mathbb)\b")  # read letter by letter they would be a product
STEP = sympy.Symbol("t", positive=True, integer=True)


def chains(latex):
    """The equations of a display, each as the list of its sides: `a = b = c` is [a, b, c].

    A line of an `aligned` block that begins with = goes on with the chain before it. Statements on one line are
    separated by \\qquad; a letter with a hat becomes its capital, which the book does not use otherwise.
    """
    body = re.sub(r"\\(?:begin|end)\{aligned\}", "", latex)
    statements = []
    for line in re.split(r"\\\\|\\qquad", body):
        text = SPACING.sub(" ", line).strip().rstrip(",.").strip()
        if text.startswith("=") and statements:
            statements[-1] += " " + text
        elif text:
            statements.append(text)
    return [[expression(side) for side in _sides(statement)] for statement in statements]


def _sides(statement):
    """The text between the = signs that stand outside of braces."""
    sides, depth = [""], 0
    for char in statement:
        depth += (char == "{") - (char == "}")
        if char == "=" and depth == 0:
            sides.append("")
        else:
            sides[-1] += char
    return sides


def expression(latex):
    """One side of an equation as a SymPy expression in the book's symbols. Raises ValueError if it can't be read."""
    if words := WORDS.search(latex):
        raise ValueError(f"this LaTeX can't be read as mathematics: {latex!r} ({words[0]})")
    text = FACTOR.sub(r"\1 \\cdot (", HAT.sub(lambda hat: hat[1].upper(), latex))
    try:
        parsed = parse_latex(text, strict=True)
    except Exception as error:
        raise ValueError(f"this LaTeX can't be read as mathematics: {latex!r} ({error})") from error
    parsed = parsed.replace(sympy.Sum, _spelled_out)
    return parsed.xreplace({old: STEP if old.name == "t" else symbol(old.name) for old in parsed.free_symbols})


def _spelled_out(body, limits):
    """A sum whose terms carry the index: g_{i}, or g_{t - i}, is a term of a sequence, not a constant."""
    index, low, high = limits
    carried = {}
    for term in body.free_symbols:
        letter, _, place = term.name.partition("_")
        if re.search(rf"\b{index}\b", place):
            carried[term] = letter, sympy.sympify(place.strip("{}"), locals={index.name: index})
    if low.is_Integer and high.is_Integer:
        return sympy.Add(*(_term(body, carried, index, k) for k in range(int(low), int(high) + 1)))
    sequences = {term: sympy.Function(letter, real=True)(place) for term, (letter, place) in carried.items()}
    return sympy.Sum(body.xreplace(sequences), limits)


def _term(body, carried, index, k):
    """The term of a sum at index k, with g_{k} written out."""
    named = {term: sympy.Symbol(f"{letter}_{{{place.subs(index, k)}}}") for term, (letter, place) in carried.items()}
    return body.xreplace({**named, index: sympy.Integer(k)})
