"""From the book's LaTeX to SymPy: what an equation says as it is printed."""

import re
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy.core.alphabets import greeks
from sympy.parsing.latex import parse_latex

from companion.checks.reals import exactly, rounded
from optimlib.engine.with_sympy import (
    GRADIENT,
    LETTERS,
    STEP,
    exact,
    letter,
    symbol,
)

SPACING = re.compile(
    r"\\(?:,|;|!|quad|left|right|bigl?|bigr?|Bigl?|Bigr?|displaystyle)(?![a-zA-Z])|&"
)
BAR = re.compile(r"\\(?:bar\s*([a-z])|overline\{([a-z ]+)(\^2)?\})")
HAT = re.compile(r"\\hat\s*\{?\s*([a-z])\s*\}?")
# A letter before a parenthesis is a factor; only f and C are functions in this book.
FACTOR = re.compile(
    r"((?:\\(?:beta|mu|eta|sigma|epsilon|lambda|gamma|psi|tau|kappa|rho|Delta)"
    r"|(?<![\\a-zA-Z])[a-eg-zABD-Z])(?:_\{[^{}]*\}|_\w)?)\s*\("
)
WORDS = re.compile(
    r"\\(?:text|mathrm|operatorname|mathbb)\b"
)  # read letter by letter they would be a product
MOMENT = re.compile(r"\\(?:mathbb|operatorname)\{(E|Var)\}\[(\w)(?:\^(2))?\]")
# Orders, likeness, limits and membership: what is no equation.
RELATION = re.compile(
    r"<|>|:=|\\(?:lt|gt|leq?|leqslant|geq?|geqslant|ll|gg|lesssim|gtrsim|neq?|not|approx|sim|simeq|cong|equiv|propto|doteq"
    r"|asymp|triangleq|coloneqq|to|rightarrow|longrightarrow|mapsto|Rightarrow|implies|iff|Leftrightarrow|in|notin"
    r"|subset|subseteq|prec|succ|mid)(?![a-zA-Z])"
)
SIGN = re.compile(rf"[{{}}=]|{RELATION.pattern}")
LIMIT = r"\longrightarrow"
GREEK = {*greeks, "epsilon", "lambda", "ell"}
INDEXED = re.compile(r"^([a-zA-Z]+)(?:_(?=\w)|(?=\d))(\w+)$")
# Functions that SymPy's reader does not know, and those that it reads as functions without a meaning.
SPELLED = {
    r"\operatorname{sgn}": r"\sgn",
    r"\nabla f": r"\gradient",
    r"\lVert g_t \rVert": "N_t",
}
FUNCTIONS = {
    "sgn": sympy.sign,
    "max": sympy.Max,
    "min": sympy.Min,
    "gradient": GRADIENT,
}
CASES = re.compile(r"\\begin\{cases\}(.*?)\\end\{cases\}", re.DOTALL)
CONDITION = re.compile(r"(.+?)(<|>|=|\\le(?![a-z])|\\ge(?![a-z]))(.+)", re.DOTALL)
# A condition is read as a function of its two sides, of this name.
RELATIONS = {
    "<": ("below", sympy.Lt),
    ">": ("above", sympy.Gt),
    "=": ("equals", sympy.Eq),
    r"\le": ("atmost", sympy.Le),
    r"\ge": ("atleast", sympy.Ge),
}
# A letter with a sign above it or a word below, \eta^{+}, and the word that SymPy's reader takes in its place.
WORDED = {
    re.sub(r"^([A-Za-z]{2,})", r"\\\1", text): "".join(filter(str.isalpha, name))
    for name, text in LETTERS.items()
    if "^" in text or "\\" in text
}


def chains(latex: str) -> list[list[Any]]:
    """The equations of a display, each as the list of its sides: `a = b = c` is [a, b, c].

    A line of an `aligned` block that begins with = goes on with the chain before it. Statements on one line are
    separated by \\qquad; a letter with a hat becomes its capital, which the book does not use otherwise. Raises
    ValueError for an order or a limit: that is nothing to prove as an equation.
    """
    if relations := [x for signs in signs_of(latex) for x in signs if x != "="]:
        raise ValueError(f"{latex!r} has {relations[0]}; allowed: equations")
    return [[expression(side) for side in statement] for statement in statements(latex)]


def evaluate(latex: str, values: dict[str, Any]) -> NDArray[Any]:
    """One side of an equation as numbers. values : number or array for each symbol, by the names of `named`.

    E[g], E[g^2] and Var[g] of a letter g are the symbols Eg, Egsq and Varg. Raises ValueError for a symbol without its
    value and a value without its symbol.
    """
    side, given = _side_and_values(latex, values)
    side = side.doit()
    symbols = sorted(side.free_symbols, key=str)
    numbers = {name: rounded(name, value) for name, value in given.items()}
    _agree(latex, numbers.values())
    function = sympy.lambdify(symbols, side, "numpy")
    return np.asarray(function(*(numbers[symbol.name] for symbol in symbols)))


def evaluate_exactly(latex: str, values: dict[str, Any]) -> NDArray[Any]:
    """One side of an equation as fractions, without any rounding; `values` are integers and fractions.

    Raises ValueError as `evaluate` does, and where a case is no fraction.
    """
    side, given = _side_and_values(latex, values)
    arguments = [exactly(name, value) for name, value in given.items()]
    _agree(latex, arguments)
    arrays = np.broadcast_arrays(*arguments)
    symbols = {symbol.name: symbol for symbol in side.free_symbols}
    found = np.empty(arrays[0].shape if arrays else (), dtype=object)
    for place in np.ndindex(found.shape):
        case = {
            symbols[name]: sympy.sympify(array[place])
            for name, array in zip(given, arrays, strict=True)
        }
        number = side.subs(case).doit()
        if not number.is_Rational:
            raise ValueError(f"{latex!r} is {number} at {case}; allowed: a fraction")
        found[place] = Fraction(int(number.p), int(number.q))
    return found


def _agree(latex: str, arguments: Iterable[NDArray[Any]]) -> None:
    """Raise ValueError where the values of a side's symbols have shapes that do not agree."""
    shapes = [argument.shape for argument in arguments]
    try:
        np.broadcast_shapes(*shapes)
    except ValueError as error:
        raise ValueError(
            f"{latex!r}: its values have shapes {', '.join(map(str, shapes))}, which do not agree"
        ) from error


def _side_and_values(latex: str, values: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """A side as an expression, and the value of each of its symbols by the symbol's LaTeX name."""
    side = expression(
        MOMENT.sub(lambda m: rf"\mathit{{{m[1]}{m[2]}{'sq' if m[3] else ''}}}", latex)
    )
    given = {named(name): value for name, value in values.items()}
    if len(given) < len(values):
        raise ValueError(
            f"{latex!r}: two of {', '.join(values)} are one symbol; allowed: one value each"
        )
    if unlike := {symbol.name for symbol in side.free_symbols} ^ set(given):
        missing = {symbol.name for symbol in side.free_symbols} - set(given)
        said = [
            f"{x} has no value" if x in missing else f"it has no {x}"
            for x in sorted(unlike)
        ]
        raise ValueError(f"{latex!r} and its values differ in this: {', '.join(said)}")
    return side, given


def named(name: str) -> str:
    """The LaTeX name of a symbol that a keyword argument stands for: beta1 is beta_{1}, lr is eta, N_k is N_{k}."""
    if name not in LETTERS:
        name = INDEXED.sub(r"\1_{\2}", name)
    return str(letter(name).name)


# A line that begins so goes on with the equation of the line before.
GOES_ON = re.compile(
    rf"=|\+|{RELATION.pattern}|(?:-|\\cdot\b|\\times\b)(?!.*(?:=|{RELATION.pattern}))"
)


def statements(latex: str) -> list[list[str]]:
    """The text of a display's equations, each as the list of its sides."""
    return [_taken_apart(statement)[0] for statement in _statements(latex)]


def signs_of(latex: str) -> list[list[str]]:
    """The signs between the sides of each of a display's equations: =, or that of an order or a limit."""
    return [_taken_apart(statement)[1] for statement in _statements(latex)]


def _statements(latex: str) -> list[str]:
    body = re.sub(r"\\(?:begin|end)\{aligned\}", "", CASES.sub(_as_function, latex))
    found: list[str] = []
    for line in re.split(r"\\\\|\\qquad", body):
        text = SPACING.sub(" ", line).strip().rstrip(",.").strip()
        if found and GOES_ON.match(text):
            found[-1] += " " + text
        elif text:
            found.append(text)
    for statement in found:
        if len(found) > 1 and not _taken_apart(statement)[1]:
            raise ValueError(
                f"{statement!r} has one side; allowed in a display: equations, and lines that go on with one and begin "
                "with =, + or -"
            )
    return found


def _as_function(match: re.Match[str]) -> str:
    """Cases, of which each line is `value & condition`, as \\cases(value, condition, value, condition, ...)."""
    arguments = []
    for line in filter(str.strip, match[1].split("\\\\")):
        value, _, condition = line.partition("&")
        arguments += [value, _condition(condition.strip().rstrip(",. "), line)]
    return rf"\cases({', '.join(arguments)})"


def _condition(text: str, line: str) -> str:
    """A condition as a function: \\below(a, b), \\either of two, or \\otherwise(0)."""
    if text == r"\text{otherwise}":
        return r"\otherwise(0)"
    one, _, other = text.partition(r"\text{ or }")
    if other:
        return rf"\either({_condition(one, line)}, {_condition(other, line)})"
    if not (parts := CONDITION.fullmatch(text)):
        raise ValueError(
            f"this LaTeX can't be read as mathematics: {line!r} (no condition)"
        )
    left, sign, right = parts.groups()
    return rf"\{RELATIONS[sign][0]}({left}, {right})"


def _taken_apart(statement: str) -> tuple[list[str], list[str]]:
    """The sides of a statement, and the signs between them, which stand outside of braces."""
    sides, signs, depth, end = [], [], 0, 0
    for sign in SIGN.finditer(statement):
        depth += (sign[0] == "{") - (sign[0] == "}")
        if sign[0] not in "{}" and depth == 0:
            sides.append(statement[end : sign.start()])
            signs.append(sign[0])
            end = sign.end()
    return [*sides, statement[end:]], signs


@cache
def expression(latex: str) -> Any:
    """One side of an equation as a SymPy expression in the book's symbols. Raises ValueError if it can't be read."""
    text = _readable(latex)
    if words := WORDS.search(text) or RELATION.search(text):
        raise ValueError(
            f"this LaTeX can't be read as mathematics: {latex!r} ({words[0]})"
        )
    text = FACTOR.sub(r"\1 \\cdot (", HAT.sub(lambda hat: hat[1].upper(), text))
    try:
        parsed = parse_latex(text, strict=True)
    except Exception as error:
        raise ValueError(
            f"this LaTeX can't be read as mathematics: {latex!r} ({error})"
        ) from error
    if unread := sorted(x.name for x in parsed.free_symbols if not _is_letter(x.name, text)):  # fmt: skip
        raise ValueError(
            f"this LaTeX can't be read as mathematics: {latex!r} ({unread[0]} is no letter)"
        )
    parsed = parsed.replace(sympy.Sum, _spelled_out)
    known = {"t": STEP, "pi": sympy.pi}
    known |= {word: symbol(text.lstrip("\\")) for text, word in WORDED.items()}
    parsed = parsed.xreplace(
        {old: known.get(old.name) or symbol(old.name) for old in parsed.free_symbols}
    )
    return exact(_with_functions(parsed))


def _is_letter(name: str, text: str) -> bool:
    """Whether a symbol is none of LaTeX's other commands: SymPy's reader takes any that it does not know for a letter."""
    word = re.split("[_^]", name)[0]
    return (
        len(word) == 1
        or rf"\{word}" not in text
        or word.removeprefix("var").lower() in GREEK
        or word.endswith("bar")
        or word in WORDED.values()
    )


def _readable(latex: str) -> str:
    """The LaTeX in the words of SymPy's reader."""
    for written, name in SPELLED.items():
        latex = latex.replace(written, name)
    for written, word in WORDED.items():
        latex = latex.replace(written, rf"\{word}")
    return BAR.sub(_averaged, latex)


def _averaged(bar: re.Match[str]) -> str:
    """An average's letter: \\bar q is \\qbar, \\overline{q^2} is \\qsqbar."""
    letter, product, square = bar.groups()
    return rf"\{(letter or product).replace(' ', '')}{'sq' if square else ''}bar"


def _with_functions(parsed: Any) -> Any:
    """The expression with the functions' meanings."""
    for name, meaning in FUNCTIONS.items():
        parsed = parsed.replace(sympy.Function(name), meaning)
    return parsed.replace(
        sympy.Function("cases"),
        lambda *args: sympy.Piecewise(
            *zip(args[::2], map(_relation, args[1::2]), strict=True)
        ),
    )


def _relation(condition: Any) -> Any:
    name = condition.func.__name__
    if name == "otherwise":
        return sympy.true
    if name == "either":
        return sympy.Or(*map(_relation, condition.args))
    return dict(RELATIONS.values())[name](*condition.args)


def _spelled_out(body: Any, limits: Any) -> Any:
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


def _term(body: Any, carried: dict[Any, tuple[str, Any]], index: Any, k: int) -> Any:
    """The term of a sum at index k, with g_{k} written out."""
    named = {
        term: sympy.Symbol(f"{letter}_{{{place.subs(index, k)}}}")
        for term, (letter, place) in carried.items()
    }
    return body.xreplace({**named, index: sympy.Integer(k)})
