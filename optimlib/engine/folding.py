"""A rule's text with some of its switches set: of each `if` on them the lines that run.

They stay as they are written, with their brackets and comments.
"""

import ast
import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from optimlib.engine.text import chosen


def folded(text: str, switches: Mapping[str, Any]) -> str:
    """The text of a function with each `if` on these switches folded to its branch.

    A switch that then stands nowhere is no argument any more.
    """
    while node := _decided(text, switches):
        taken = chosen(node.test, switches)
        if isinstance(node, ast.If):
            lines = text.splitlines(keepends=True)
            lines[node.lineno - 1 : node.end_lineno] = _branch(lines, node, taken)
            text = "".join(lines)
        else:
            branch = ast.get_source_segment(text, node.body if taken else node.orelse)
            assert branch is not None
            text = text[: _start(text, node)] + branch + text[_end(text, node) :]
    return _without_idle(text, switches)


def _decided(text: str, switches: Mapping[str, Any]) -> ast.If | ast.IfExp | None:
    """The first `if` that stands on these switches alone; an `elif` waits for its `if`."""
    waiting = set()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.If | ast.IfExp):
            continue
        if isinstance(node, ast.If) and _has_elif(node):
            waiting.add(node.orelse[0])
        if node not in waiting and _names(node.test) <= switches.keys():
            return node
    return None


def _has_elif(node: ast.If) -> bool:
    return bool(node.orelse) and node.orelse[0].col_offset == node.col_offset


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _branch(lines: list[str], node: ast.If, taken: bool) -> list[str]:
    """The lines of one branch, as far to the left as its `if`."""
    branch = node.body if taken else node.orelse
    if not branch:
        return []
    between, end = _else_line(lines, node), node.end_lineno or 0
    if not taken and _has_elif(node):
        return [lines[between - 1].replace("elif", "if", 1), *lines[between:end]]
    above, last = (node.test.end_lineno, between - 1) if taken else (between, end)
    first, column = branch[0].lineno, branch[0].col_offset
    if first == above:  # it stands behind its colon
        block = [" " * column + lines[first - 1][column:], *lines[first:last]]
    else:
        block = lines[above:last]
    shift = " " * (column - node.col_offset)
    return [line.removeprefix(shift) for line in block]


def _else_line(lines: list[str], node: ast.If) -> int:
    """The number of the line with `else` or `elif`, or of the line after the `if`."""
    if not node.orelse or _has_elif(node):
        return node.orelse[0].lineno if node.orelse else (node.end_lineno or 0) + 1
    number = node.orelse[0].lineno
    while not re.match(r"\s*else\s*:", lines[number - 1]):
        number -= 1
    return number


def _without_idle(text: str, switches: Mapping[str, Any]) -> str:
    """The function without those of these arguments that it does not name, and without
    a state that it only hands back.
    """
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    *body, end = function.body
    used = set().union(*map(_names, body))
    tuples = [node for node in ast.walk(end) if isinstance(node, ast.Tuple)]
    returned = tuples[0].elts if tuples else []
    kept = {part.id for part in returned if isinstance(part, ast.Name)} - used
    text = _without(text, returned, kept)
    return _without(
        text, function.args.args, kept | (switches.keys() - used - _names(end))
    )


def _without(text: str, parts: Sequence[Any], names: Collection[str]) -> str:
    """The text without those of these parts, between commas, that are one of the names."""
    for before, part in reversed(list(pairwise(parts))):
        if ast.unparse(part) in names:
            text = text[: _end(text, before)] + text[_end(text, part) :]
    return text


def _start(text: str, node: ast.expr) -> int:
    return _place(text, node.lineno, node.col_offset)


def _end(text: str, node: ast.expr | ast.arg) -> int:
    return _place(text, node.end_lineno or 0, node.end_col_offset or 0)


def _place(text: str, line: int, column: int) -> int:
    """Where a line's byte stands in the text."""
    lines = text.splitlines(keepends=True)
    within = lines[line - 1].encode()[:column].decode()
    return sum(map(len, lines[: line - 1])) + len(within)
