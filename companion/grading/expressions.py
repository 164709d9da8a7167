"""An answer on paper: an expression in the letters of an exercise, as text."""

import ast
import math
import operator
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
    "exp": math.exp,
    "ln": math.log,
    "log": math.log,
    "max": max,
    "min": min,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
}
CONSTANTS = {"pi": math.pi, "e": math.e}
# As people write them, by hand and on phones.
SIGNS = str.maketrans({"−": "-", "–": "-", "·": "*", "×": "*", "÷": "/", "[": "(", "]": ")"})  # fmt: skip
LONGEST = 500  # characters


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
    written = text.translate(SIGNS).replace("^", "**").strip()
    try:
        tree = ast.parse(written if len(text) <= LONGEST else "", mode="eval").body
    except (SyntaxError, RecursionError):
        raise ValueError(f"{text!r} is no expression; allowed: {allowed}") from None
    if strange := _strange(tree, letters):
        raise ValueError(f"{strange} in {text!r} is not known; allowed: {allowed}")

    def expression(*values: float) -> float:
        return _value(tree, dict(zip(letters, map(float, values), strict=True)))

    return expression


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
        case ast.Call(ast.Name(id=name), args, []) if name in FUNCTIONS:
            return next(filter(None, (_strange(one, letters) for one in args)), "")
    return repr(ast.unparse(node))


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
