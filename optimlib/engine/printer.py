"""Programs in other words: Python on plain floats, what numba compiles, JavaScript.

A language is a table: a form for each of NumPy's functions, with how strongly it binds.
"""

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from optimlib.engine.program import Statement

CHOICE, EITHER, COMPARE, ADD, MULTIPLY, SIGN, ATOM = range(7)  # the weakest first
OPERATORS: dict[type[ast.AST], tuple[str, int]] = {
    ast.Add: ("+", ADD), ast.Sub: ("-", ADD),
    ast.Mult: ("*", MULTIPLY), ast.Div: ("/", MULTIPLY),
    ast.Lt: ("<", COMPARE), ast.Gt: (">", COMPARE),
    ast.LtE: ("<=", COMPARE), ast.GtE: (">=", COMPARE),
}  # fmt: skip


@dataclass(frozen=True)
class Form:
    """How an operation is written.

    Attributes:
        pattern: with {0}, {1} for its parts; what stands twice is given a name first.
        strength: how strongly it binds.
        least: how strongly a part must bind to stand there without brackets.
    """

    pattern: str
    strength: int = ATOM
    least: int = CHOICE


@dataclass(frozen=True)
class Language:
    """How a language writes functions, assignments and numbers.

    Attributes:
        others: what stands before the name of a function that has no form; None where
            no other can be written.
    """

    forms: Mapping[str, Form]
    assignment: str
    number: Callable[[Any], str]
    others: str | None = None


def _javascript(value: Any) -> str:
    return repr(value).removesuffix(".0").replace("inf", "Infinity")


# For float64 these give what NumPy's give on arrays, to the bit. Where the C library's
# functions may differ from NumPy's own, those are called.
PYTHON = Language(
    {
        "sqrt": Form("sqrt({0})"),
        "abs": Form("abs({0})"),
        "sign": Form(
            "1.0 if {0} > 0.0 else -1.0 if {0} < 0.0 else 0.0 if {0} == 0.0 else {0}",
            CHOICE,
        ),
        "maximum": Form("{0} if {0} > {1} or {0} != {0} else {1}", CHOICE),
        "minimum": Form("{0} if {0} < {1} or {0} != {0} else {1}", CHOICE),
        "fmax": Form("{0} if {0} >= {1} or {1} != {1} else {1}", CHOICE),
        "fmin": Form("{0} if {0} <= {1} or {1} != {1} else {1}", CHOICE),
        "where": Form("{1} if {0} else {2}", CHOICE, EITHER),
        "equal": Form("{0} == {1}", COMPARE, ADD),
        "either": Form("{0} or {1}", EITHER, EITHER),
        "square": Form("{0} * {0}", MULTIPLY),
        **{
            name: Form(f"float(np.{name}({{0}}))")
            for name in ("exp", "log", "sin", "cos", "tanh")
        },
        "power": Form("float(np.power({0}, {1}))"),
    },
    "{0} = {1}",
    lambda value: repr(float(value)),
)
# A prelude's numbers are Python's already, and so are its powers.
PRELUDE = replace(
    PYTHON,
    forms={
        **PYTHON.forms,
        "square": Form("{0} ** 2", SIGN, ATOM),
        "power": Form("{0} ** {1}", SIGN, ATOM),
    },
)
# What numba compiles, in the dtype of its numbers: its power would be in float64.
NUMBA = Language(
    {
        "where": Form("{1} if {0} else {2}", CHOICE, EITHER),
        "either": Form("{0} or {1}", EITHER, EITHER),
        "square": Form("{0} * {0}", MULTIPLY),
        "power": Form("{0} ** {1}", SIGN, ATOM),
    },
    "{0} = {1}",
    repr,
    "np.",
)
JAVASCRIPT = Language(
    {
        **{
            name: Form(f"Math.{name}({{0}})")
            for name in ("sqrt", "abs", "sign", "exp", "log", "sin", "cos", "tanh")
        },
        "maximum": Form("Math.max({0}, {1})"),
        "minimum": Form("Math.min({0}, {1})"),
        "fmax": Form("{0} >= {1} || {1} !== {1} ? {0} : {1}", CHOICE),
        "fmin": Form("{0} <= {1} || {1} !== {1} ? {0} : {1}", CHOICE),
        "where": Form("{0} ? {1} : {2}", CHOICE, EITHER),
        "equal": Form("{0} === {1}", COMPARE, ADD),
        "either": Form("{0} || {1}", EITHER, EITHER),
        "square": Form("{0} * {0}", MULTIPLY),
        "power": Form("{0} ** {1}", SIGN, ATOM),
    },
    "const {0} = {1};",
    _javascript,
)


class Printer:
    """Prints assignments into `lines`.

    Args:
        language: one of those above.
        names: other names for some.
    """

    def __init__(self, language: Language, names: Mapping[str, str]) -> None:
        self.language, self.names = language, names
        self.lines: list[str] = []
        self.count = 0

    def assign_all(self, statements: Iterable[Statement]) -> None:
        """A line for each."""
        for name, value in statements:
            self.assign(name, value)

    def assign(self, name: str, value: ast.expr) -> None:
        """A line that gives a value its name."""
        self.line(self.name(name), self.text(value))

    def name(self, name: str) -> str:
        return self.names.get(name, name)

    def line(self, name: str, text: str) -> None:
        self.lines.append(self.language.assignment.format(name, text))

    def text(self, node: ast.expr, least: int = CHOICE) -> str:
        """An expression, in brackets where it binds less strongly than this."""
        text, strength = self.written(node)
        return text if strength >= least else f"({text})"

    def written(self, node: ast.expr) -> tuple[str, int]:
        """An expression, and how strongly it binds."""
        match node:
            case ast.Name(id=name):
                return self.name(name), ATOM
            case ast.Constant(value=int() | float() as value):
                return self.language.number(value), ATOM if value >= 0 else SIGN
            case ast.UnaryOp(ast.USub(), operand):
                return f"-{self.text(operand, ATOM)}", SIGN
            case ast.BinOp(base, ast.Pow(), ast.Constant(value=2)):
                return self.form("square", [base])
            case ast.BinOp(base, ast.Pow(), exponent):
                return self.form("power", [base, exponent])
            case ast.BinOp(left, ast.BitOr(), right):
                return self.form("either", [left, right])
            case ast.BinOp(left, op, right) | ast.Compare(left, [op], [right]):
                sign, strength = OPERATORS[type(op)]
                after = self.text(right, strength + 1)
                return f"{self.text(left, strength)} {sign} {after}", strength
            case ast.Call(ast.Attribute(attr=function), parts):
                return self.form(function, parts)
        raise NotImplementedError(ast.unparse(node))

    def form(self, function: str, parts: Iterable[ast.expr]) -> tuple[str, int]:
        """A function in the language's form."""
        parts, form = list(parts), self.language.forms.get(function)
        if form is None and self.language.others is None:
            raise NotImplementedError(f"np.{function} is in no form here")
        if form is None:
            places = ", ".join(f"{{{i}}}" for i in range(len(parts)))
            form = Form(f"{self.language.others}{function}({places})")
        texts = []
        for i, part in enumerate(parts):
            twice = form.pattern.count(f"{{{i}}}") > 1
            texts.append(self.atom(part) if twice else self.text(part, form.least))
        return form.pattern.format(*texts), form.strength

    def atom(self, node: ast.expr) -> str:
        """A value under a name: it is computed once where it stands twice."""
        text, strength = self.written(node)
        if strength == ATOM and isinstance(node, ast.Name | ast.Constant):
            return text
        self.count += 1
        name = f"r{self.count}"
        self.line(name, text)
        return name
