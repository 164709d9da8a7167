"""A rule's text as the engines need it: its switches folded, and cut in two.

What is free of w, g and the arrays of state, such as 1 - beta1**t, is the prelude,
computed once a step. The rest is the body: what happens to each number of an array.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from optimlib.engine.program import Program, Statement

ARRAY, NUMBER = "array", "number"
Part = tuple[str, ast.expr]  # what it is, ARRAY or NUMBER, and its expression


def sliced(
    rule: Callable[..., Any], arrays: Sequence[str], switches: Mapping[str, Any]
) -> Program:
    """A rule as a program, cut in two.

    Args:
        rule: a method's rule: assignments, `if` on switches, and a return.
        arrays: those of its arguments that hold a number for each weight.
        switches: what its switches are.

    Raises:
        NotImplementedError: for a statement or expression that no rule has.
        OSError: where the rule has no text to read.
    """
    (function,) = ast.parse(source(rule)).body
    assert isinstance(function, ast.FunctionDef)
    cutter = _Cutter(arrays, switches)
    cutter.run(function.body)
    names = [argument.arg for argument in function.args.args]
    return cutter.program(tuple(name for name in names if name not in switches))


def source(rule: Callable[..., Any]) -> str:
    """A rule as it is written. Raises OSError where that can't be read."""
    try:
        return textwrap.dedent(inspect.getsource(rule))
    except OSError as error:
        raise OSError(
            f"the text of {rule.__qualname__} can't be read, and the text is what runs; "
            "allowed: a rule in a file or in a notebook's cell"
        ) from error


def chosen(test: ast.expr, switches: Mapping[str, Any]) -> Any:
    """What a condition on switches comes to."""
    return eval(compile(ast.Expression(test), "<rule>", "eval"), dict(switches))


class _Cutter:
    """Walks through a rule and sorts what it says."""

    def __init__(self, arrays: Sequence[str], switches: Mapping[str, Any]):
        self.prelude: list[Statement] = []
        self.constants: list[ast.expr] = []  # what the body takes as k0, k1, ...
        self.body: list[Statement] = []
        self.results: list[ast.expr] = []
        self.names: dict[str, Part] = {name: _name(ARRAY, name) for name in arrays}
        self.switches = dict(switches)
        self.counts: dict[str, int] = {}

    def program(self, arguments: tuple[str, ...]) -> Program:
        """What was found."""
        named = [(f"k{i}", value) for i, value in enumerate(self.constants)]
        prelude = self.prelude + named
        return Program(arguments, prelude + self.body, self.results, len(prelude))

    def run(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            match statement:
                case ast.If(test, body, orelse):
                    self.run(body if chosen(test, self.switches) else orelse)
                case ast.Assign(targets, value):
                    for name, part in list(self.pairs(targets, value)):
                        self.names[name] = self.assigned(name, part)
                case ast.Return(ast.Tuple(parts)):
                    self.results = [self.result(part) for part in parts]
                case ast.Return(ast.expr() as part):
                    self.results = [self.result(part)]
                case _:
                    raise NotImplementedError(ast.unparse(statement))

    def pairs(
        self, targets: list[ast.expr], value: ast.expr
    ) -> Iterator[tuple[str, Part]]:
        """The names that a statement assigns, with what they are to be."""
        match targets, value:
            case [ast.Tuple(targets)], ast.Tuple(values):
                pass
            case _:
                values = [value] * len(targets)
        for target, part in zip(targets, [self.part(v) for v in values], strict=True):
            if not isinstance(target, ast.Name):
                raise NotImplementedError(ast.unparse(target))
            yield target.id, part

    def assigned(self, name: str, part: Part) -> Part:
        """The part under a new name of its own."""
        kind, expression = part
        if isinstance(expression, ast.Name):
            return part
        self.counts[name] = self.counts.get(name, 0) + 1
        fresh = f"{name}_{self.counts[name]}"
        statements = self.body if kind == ARRAY else self.prelude
        statements.append((fresh, expression))
        return _name(kind, fresh)

    def result(self, value: ast.expr) -> ast.expr:
        return self.assigned("result", self.part(value))[1]

    def part(self, node: ast.expr) -> Part:
        """An expression in the names of the body and the prelude."""
        match node:
            case ast.Name(id=name):
                return self.names.get(name, (NUMBER, node))
            case ast.Constant():
                return NUMBER, node
            case ast.IfExp(test, body, orelse):
                return self.part(body if chosen(test, self.switches) else orelse)
            case ast.BinOp(left, ast.Pow(), ast.Constant(value=2) as power):
                kind, base = self.part(left)
                return kind, ast.BinOp(base, ast.Pow(), power)
            case ast.BinOp(left, how, right):
                return self.joined([left, right], lambda a, b: ast.BinOp(a, how, b))
            case ast.UnaryOp(sign, operand):
                return self.joined([operand], lambda a: ast.UnaryOp(sign, a))
            case ast.Compare(left, [op], [right]):
                return self.joined(
                    [left, right], lambda a, b: ast.Compare(a, [op], [b])
                )
            case ast.Call(func, args, []):
                return self.joined(args, lambda *parts: ast.Call(func, list(parts), []))
        raise NotImplementedError(ast.unparse(node))

    def joined(self, nodes: Sequence[ast.expr], make: Callable[..., ast.expr]) -> Part:
        parts = [self.part(node) for node in nodes]
        if all(kind == NUMBER for kind, _ in parts):
            return NUMBER, make(*(expression for _, expression in parts))
        return ARRAY, make(*(self.in_body(part) for part in parts))

    def in_body(self, part: Part) -> ast.expr:
        """The expression as the body has it: a number is one of its constants."""
        kind, expression = part
        if kind == ARRAY:
            return expression
        known = [ast.unparse(constant) for constant in self.constants]
        text = ast.unparse(expression)
        if text not in known:
            known.append(text)
            self.constants.append(expression)
        return ast.Name(f"k{known.index(text)}", ast.Load())


def _name(kind: str, name: str) -> Part:
    return kind, ast.Name(name, ast.Load())
