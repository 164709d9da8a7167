"""A text as a program: a name for each expression, one after another."""

import ast
import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Statement = tuple[str, ast.expr]  # a name, and what it stands for


@dataclass(frozen=True, eq=False)
class Program:
    """What every language prints.

    Attributes:
        arguments: the names that it starts from.
        statements: in order; each name is assigned once.
        results: in the names of the arguments and statements.
        mark: how many of the statements are the prelude, on plain numbers, computed
            once a step; the others are the body, for each number of an array. The body
            has no numbers of its own: what it takes of the prelude is k0, k1, ...
    """

    arguments: tuple[str, ...]
    statements: list[Statement]
    results: list[ast.expr]
    mark: int = 0

    @property
    def prelude(self) -> list[Statement]:
        return self.statements[: self.mark]

    @property
    def body(self) -> list[Statement]:
        return self.statements[self.mark :]

    def inlined(self) -> "Program":
        """The same, with what needs no computing, a name or a number, where it is used."""
        taken = {name for _, value in self.body for name in names_in(value)}
        plain = {
            name: value
            for name, value in self.prelude
            if name in taken and isinstance(value, ast.Name | ast.Constant)
        }
        prelude = [statement for statement in self.prelude if statement[0] not in plain]
        body = [(name, substituted(value, plain)) for name, value in self.body]
        return Program(self.arguments, prelude + body, self.results, len(prelude))

    def compiled(self) -> Callable[..., list[Any]]:
        """It as a function of Python: the results in a list."""
        return compiled(self.arguments, self.statements, self.results)


def compiled(
    arguments: tuple[str, ...], statements: list[Statement], results: list[ast.expr]
) -> Callable[..., list[Any]]:
    """Statements as a function of Python: the results in a list."""
    lines = [f"{name} = {written(value)}" for name, value in statements]
    lines.append(f"return [{', '.join(map(written, results))}]")
    return defined("program", arguments, lines)


def defined(
    name: str, arguments: tuple[str, ...], lines: list[str]
) -> Callable[..., Any]:
    """A function of these lines, which know NumPy."""
    body = "".join(f"    {line}\n" for line in lines)
    scope: dict[str, Any] = {"np": np}
    exec(f"def {name}({', '.join(arguments)}):\n{body}", scope)  # noqa: S102
    return scope[name]


def written(expression: ast.expr) -> str:
    """An expression as Python."""
    return ast.unparse(ast.fix_missing_locations(expression))


def names_in(expression: ast.expr) -> list[str]:
    """Each name in an expression, as often as it stands there."""
    return [node.id for node in ast.walk(expression) if isinstance(node, ast.Name)]


def substituted(expression: ast.expr, known: Mapping[str, ast.expr]) -> ast.expr:
    """The expression with what is known in the place of the names."""
    return _Substituter(known).visit(copy.deepcopy(expression))


class _Substituter(ast.NodeTransformer):
    def __init__(self, known: Mapping[str, ast.expr]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.known.get(node.id, node)
