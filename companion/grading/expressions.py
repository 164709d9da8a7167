"""An answer on paper: an expression in the letters of an exercise, as text."""

import ast
import inspect
import math
import operator
import re
import unicodedata
import warnings
from collections.abc import Callable, Sequence

OPERATIONS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
FUNCTIONS: dict[str, Callable[..., float]] = {
    "abs": abs,
    "ceil": math.ceil,
    "exp": math.exp,
    "floor": math.floor,
    "ln": math.log,
    "log": math.log,
    "max": max,
    "min": min,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
}
CONSTANTS = {"pi": math.pi, "e": math.e}
# As people write them, by hand and on phones.
SIGNS = str.maketrans({"−": "-", "–": "-", "·": "*", "×": "*", "÷": "/", "[": "(", "]": ")", "√": "sqrt", "²": "**2", "³": "**3"})  # fmt: skip
GREEK = re.compile(r"[α-ω]")
# In "a(b)" and "2 a" Python misses a sign.
TOGETHER = re.compile(r"\)\s*[\w(]|(?<![\w.])[\d.]+\s*(?!e[-+\d])[^\W\d]")
LONGEST = 500  # characters


class Expression:
    """A function of the letters. It has no code of the reader's that could be shown."""

    def __init__(self, tree: ast.AST, letters: Sequence[str]) -> None:
        self.tree, self.letters = tree, tuple(letters)
        self.__signature__ = inspect.Signature(
            [
                inspect.Parameter(one, inspect.Parameter.POSITIONAL_ONLY)
                for one in letters
            ]
        )

    def __call__(self, *values: float) -> float:
        known = dict(zip(self.letters, map(float, values), strict=True))
        return _value(self.tree, known)


def function_of(text: str, letters: Sequence[str]) -> Callable[..., float]:
    """The function of these letters that an expression stands for.

    Args:
        text: numbers, the letters, + - * / and ** or ^, parentheses, and sqrt, exp, ln
            and so on. Nothing else is run.
        letters: the function's parameters, in order.

    Raises:
        ValueError: for a text that is no such expression; it names what is not.
    """
    allowed = f"numbers, {', '.join(letters)}, + - * / **, parentheses, {', '.join(FUNCTIONS)}"
    written = text if len(text) <= LONGEST else ""
    written = written.translate(SIGNS).replace("^", "**").strip()
    written = re.sub(r"\b(?:np|numpy|math)\.", "", GREEK.sub(_name, written))
    written = re.sub(r"([^\W\d_])_(\d)", r"\1\2", written)  # beta_1
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(written, mode="eval").body
        strange = _strange(tree, letters)
    except (SyntaxError, RecursionError, ValueError):  # a surrogate is a ValueError
        why = _why(written, letters)
        raise ValueError(
            f"{text!r} is no expression{why}; allowed: {allowed}"
        ) from None
    if strange:
        why = _why(written, letters)
        raise ValueError(f"{strange} in {text!r} is not known{why}; allowed: {allowed}")
    return Expression(tree, letters)


def _name(letter: re.Match[str]) -> str:
    """A Greek letter's name: beta."""
    return unicodedata.name(letter[0]).rpartition(" ")[2].lower()


def _why(written: str, letters: Sequence[str]) -> str:
    """What is likely amiss in a text that is no expression."""
    if "=" in written:
        return "; write what stands behind the = alone"
    if written.count("(") != written.count(")"):
        return "; a parenthesis is missing"
    return "; is a * missing?" if TOGETHER.search(written) else ""


def _strange(node: ast.AST, letters: Sequence[str]) -> str:
    """What an expression may not have, or ''."""
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return ""
        case ast.Name(id=name) if name in letters or name in CONSTANTS:
            return ""
        case ast.BinOp(left, op, right) if type(op) in OPERATIONS:
            return _strange(left, letters) or _strange(right, letters)
        case ast.UnaryOp(op, operand) if type(op) in OPERATIONS:
            return _strange(operand, letters)
        case ast.Call(ast.Name(id=name), args, []) if name in FUNCTIONS and _takes(
            name, len(args)
        ):
            return next(filter(None, (_strange(one, letters) for one in args)), "")
    return repr(ast.unparse(node))


def _takes(name: str, count: int) -> bool:
    """Whether a function is of so many numbers."""
    return count > 1 if name in ("max", "min") else count == 1


def _value(node: ast.AST, known: dict[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return known[name] if name in known else CONSTANTS[name]
        case ast.BinOp(left, op, right):
            return OPERATIONS[type(op)](_value(left, known), _value(right, known))
        case ast.UnaryOp(op, operand):
            return OPERATIONS[type(op)](_value(operand, known))
        case ast.Call(ast.Name(id=name), args):
            return FUNCTIONS[name](*(_value(one, known) for one in args))
    raise AssertionError(ast.dump(node))
