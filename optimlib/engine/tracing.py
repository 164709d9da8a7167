"""A function of numbers as a program: it is run once on numbers that write down what is
done to them.

Equal operations are written once, and what a constant decides (0 * a, 1 * a, a + 0) is
not written at all.
"""

import ast
import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from numbers import Real
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from optimlib.engine.program import Program, Statement, names_in, substituted

BINARY: dict[str, type[ast.operator]] = {
    "add": ast.Add, "subtract": ast.Sub, "multiply": ast.Mult, "divide": ast.Div,
}  # fmt: skip
CALLS = ("power", "sqrt", "exp", "log", "sin", "cos", "tanh", "absolute", "sign")


def traced(function: Callable[..., Sequence[Any]], names: Sequence[str]) -> Program:
    """The program of a function of as many numbers as there are names.

    Args:
        function: gives a sequence of numbers: arithmetic, and those of NumPy's
            functions that `derivatives` has.
        names: what its arguments are called in the program.

    Raises:
        TypeError: for another operation, and for a result that is no number.
    """
    tape = _Tape()
    results = function(*(Traced(tape, ast.Name(name, ast.Load())) for name in names))
    return _inlined(tuple(names), tape.statements, [_node(part) for part in results])


class Traced(NDArrayOperatorsMixin):
    """A number that writes down what is done to it."""

    dtype = np.dtype(float)

    def __init__(self, tape: "_Tape", node: ast.expr) -> None:
        self.tape, self.node = tape, node

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any
    ) -> Any:
        if method != "__call__" or options:
            raise TypeError(f"np.{ufunc.__name__}.{method} is no operation on numbers")
        if not all(isinstance(x, Traced | Real) for x in inputs):
            return NotImplemented
        return self.tape.written(ufunc.__name__, [_node(x) for x in inputs])

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("np.asarray would lose what was written")

    def __bool__(self) -> bool:
        raise TypeError("a condition is no operation on numbers")


class _Tape:
    """The operations so far, each under a name."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.known: dict[str, str] = {}

    def written(self, function: str, parts: list[ast.expr]) -> "Traced | float":
        """The result of an operation: the tape's, or a number that is known."""
        node = self.simplest(function, *parts)
        match node:
            case ast.Constant(value=int() | float() as constant):
                return constant
            case ast.Name():
                return Traced(self, node)
        text = ast.unparse(node)
        if text not in self.known:
            self.known[text] = f"s{len(self.statements) + 1}"
            self.statements.append((self.known[text], node))
        return Traced(self, ast.Name(self.known[text], ast.Load()))

    def simplest(self, function: str, *parts: ast.expr) -> ast.expr:
        """An operation as an expression, where its constants decide it a simpler one."""
        match function, parts:
            case ("add", (ast.Constant(value=0), a)):
                return a
            case ("add" | "subtract", (a, ast.Constant(value=0))):
                return a
            case ("positive", (a,)):
                return a
            case ("multiply", (ast.Constant(value=1), a)):
                return a
            case ("multiply" | "divide" | "power", (a, ast.Constant(value=1))):
                return a
            case ("multiply" | "divide", (ast.Constant(value=0), _)):
                return ast.Constant(0.0)
            case ("multiply", (_, ast.Constant(value=0))):
                return ast.Constant(0.0)
            case ("power", (_, ast.Constant(value=0))):
                return ast.Constant(1.0)
            case ("power", (a, ast.Constant(value=2))):
                return ast.BinOp(a, ast.Mult(), a)
            case ("power", (a, ast.Constant(value=3))):
                square = _node(self.written("multiply", [a, a]))
                return ast.BinOp(square, ast.Mult(), a)
            case ("multiply", (a, ast.Constant(value=-1))):
                return ast.UnaryOp(ast.USub(), a)
            case ("subtract", (ast.Constant(value=0), a)) | ("negative", (a,)):
                return ast.UnaryOp(ast.USub(), a)
        return _operation(function, parts)


def _operation(function: str, parts: Sequence[ast.expr]) -> ast.expr:
    if function in BINARY:
        left, right = parts
        return ast.BinOp(left, BINARY[function](), right)
    if function in CALLS:
        called = "abs" if function == "absolute" else function
        numpy = ast.Name("np", ast.Load())
        return ast.Call(ast.Attribute(numpy, called, ast.Load()), list(parts), [])
    raise TypeError(f"np.{function} is not among the operations of a text")


def _node(part: Any) -> ast.expr:
    """A number as it stands in the text."""
    if isinstance(part, Traced):
        return part.node
    if isinstance(part, bool) or not isinstance(part, Real) or not math.isfinite(part):
        raise TypeError(f"{part!r} is no finite number")
    return ast.Constant(part if isinstance(part, int) else float(part))


def _inlined(
    arguments: tuple[str, ...],
    statements: list[Statement],
    results: list[ast.expr],
) -> Program:
    """The program without what no result needs, and without names that are used once."""
    uses = Counter(chain.from_iterable(map(names_in, results)))
    for name, value in reversed(statements):
        if uses[name]:
            uses.update(names_in(value))
    kept: list[Statement] = []
    known: dict[str, ast.expr] = {}
    for name, value in statements:
        value = substituted(value, known)
        if uses[name] > 1:
            kept.append((name, value))
        else:
            known[name] = value
    return Program(arguments, kept, [substituted(part, known) for part in results])
