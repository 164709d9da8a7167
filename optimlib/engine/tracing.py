"""A function of numbers as straight-line text: it is run once on numbers that write down
what is done to them.

Equal operations are written once, and what a constant decides (0 * a, 1 * a, a + 0) is
not written at all.
"""

import ast
import copy
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from numbers import Real
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

BINARY: dict[str, type[ast.operator]] = {
    "add": ast.Add, "subtract": ast.Sub, "multiply": ast.Mult, "divide": ast.Div,
}  # fmt: skip
CALLS = ("power", "sqrt", "exp", "log", "sin", "cos", "tanh", "absolute", "sign")


@dataclass(frozen=True)
class Straight:
    """What a function computes: assignments in order, and its results.

    Only what is used more than once has a name; the rest stands where it is used.
    """

    arguments: tuple[str, ...]
    statements: list[tuple[str, ast.expr]]
    results: list[ast.expr]

    def compiled(self) -> Callable[..., list[Any]]:
        """It as a function of floats or of arrays: the results in a list."""
        lines = [f"{name} = {_source(value)}" for name, value in self.statements]
        lines.append(f"return [{', '.join(map(_source, self.results))}]")
        body = "".join(f"    {line}\n" for line in lines)
        scope: dict[str, Any] = {"np": np}
        exec(f"def text({', '.join(self.arguments)}):\n{body}", scope)  # noqa: S102
        made: Callable[..., list[Any]] = scope["text"]
        return made


def traced(function: Callable[..., Sequence[Any]], names: Sequence[str]) -> Straight:
    """The text of a function of as many numbers as there are names.

    Args:
        function: gives a sequence of numbers: arithmetic, and those of NumPy's
            functions that `derivatives` has.
        names: what its arguments are called in the text.

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
        self.statements: list[tuple[str, ast.expr]] = []
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
    statements: list[tuple[str, ast.expr]],
    results: list[ast.expr],
) -> Straight:
    """The text without what no result needs, and without names that are used once."""
    uses = Counter(chain.from_iterable(map(names_in, results)))
    for name, value in reversed(statements):
        if uses[name]:
            uses.update(names_in(value))
    kept: list[tuple[str, ast.expr]] = []
    known: dict[str, ast.expr] = {}
    for name, value in statements:
        value = substituted(value, known)
        if uses[name] > 1:
            kept.append((name, value))
        else:
            known[name] = value
    return Straight(arguments, kept, [substituted(part, known) for part in results])


def names_in(expression: ast.expr) -> list[str]:
    """Each name in an expression, as often as it stands there."""
    return [node.id for node in ast.walk(expression) if isinstance(node, ast.Name)]


def substituted(expression: ast.expr, known: Mapping[str, ast.expr]) -> ast.expr:
    """The expression with what is known in the place of the names."""
    made: ast.expr = _Substituter(known).visit(copy.deepcopy(expression))
    return made


class _Substituter(ast.NodeTransformer):
    def __init__(self, known: Mapping[str, ast.expr]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.known.get(node.id, node)


def _source(expression: ast.expr) -> str:
    return ast.unparse(ast.fix_missing_locations(expression))
