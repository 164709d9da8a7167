"""A rule's body on NumPy arrays, in pieces that fit into the processor's cache.

Each operation of the body becomes one call of a NumPy function that writes into scratch
of a piece's size or, where the old value is no longer needed, into the result itself. So
a step makes nothing of the parameters' size.
"""

import ast
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from optimlib.engine.plan import Plan, pieces

PIECE = 32_768  # numbers; with scratch and arrays it is a core's second cache
FUNCTIONS = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide",
    ast.Pow: "power", ast.BitOr: "logical_or", ast.Lt: "less", ast.Gt: "greater",
    ast.LtE: "less_equal", ast.GtE: "greater_equal", ast.USub: "negative",
}  # fmt: skip


@cache
def body(plan: Plan) -> Callable[..., None]:
    """What runs a plan's body: run(arrays, new_w, table, segments).

    arrays: w, g and the rest in the plan's order, shape (M, N); the state is renewed in
    place, w in `new_w`, which may be w itself.
    """
    text, count = _written(plan)
    scope: dict[str, Any] = {"np": np}
    exec(text, scope)  # noqa: S102 - the text of a rule, written anew
    step = scope["body"]

    def run(
        arrays: list[np.ndarray],
        new_w: np.ndarray,
        table: np.ndarray,
        segments: tuple[tuple[int, int], ...],
    ) -> None:
        if table.shape[:2] == (1, 1):  # no weight's constants differ from another's
            arrays, new_w = [x.reshape(1, -1) for x in arrays], new_w.reshape(1, -1)
            segments = ((0, new_w.size),)
        members = new_w.shape[0]
        scratch = np.empty((count, min(PIECE, new_w.size)), new_w.dtype)
        with np.errstate(all="ignore"):
            for s, m, last, c, stop in pieces(segments, members, PIECE).tolist():
                views = [array[m:last, c:stop] for array in (*arrays, new_w)]
                room = scratch[:, : views[0].size].reshape(count, *views[0].shape)
                step(*views, *room, *_constants(table, s, m, last))

    return run


def _constants(table: np.ndarray, segment: int, first: int, last: int) -> list[Any]:
    """The body's constants: numbers, or columns where the members' differ."""
    if table.shape[1] == 1:
        return list(table[segment, 0])
    if last - first == 1:
        return list(table[segment, first])
    return list(table[segment, first:last].T[:, :, None])


def _written(plan: Plan) -> tuple[str, int]:
    """The source of a piece's step, and how many rows of scratch it takes."""
    writer = _Writer(plan)
    for k in range(len(plan.text.body)):
        writer.assign(k)
    writer.deliver()
    arguments = [
        *plan.arrays,
        "new_w",
        *(f"r{i}" for i in range(writer.count)),
        *(f"k{i}" for i in range(len(plan.text.constants))),
    ]
    lines = "".join(f"    {line}\n" for line in writer.lines)
    return f"def body({', '.join(arguments)}):\n{lines}", writer.count


class _Writer:
    """Writes the calls, and keeps account of which scratch is free."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self.lines: list[str] = []
        self.count = 0  # rows of scratch
        self.free: list[str] = []
        self.places = {name: name for name in plan.arrays}  # where each value stands
        self.last = self._last_uses()

    def _last_uses(self) -> dict[str, int]:
        """The statement in which each name is used last; results are to the end."""
        last: dict[str, int] = {}
        for k, (_, expression) in enumerate(self.plan.text.body):
            last |= dict.fromkeys(_names(expression), k)
        return last | dict.fromkeys(
            self.plan.outputs.values(), len(self.plan.text.body)
        )

    def home(self, name: str) -> str:
        """Where the new value of an array is to stand."""
        return "new_w" if name == "w" else name

    def assign(self, k: int) -> None:
        """The calls of the k-th statement."""
        name, expression = self.plan.text.body[k]
        out = None
        for array, result in self.plan.outputs.items():
            if result == name and self.last.get(array, -1) <= k:
                out = self.home(array)  # its old value is not wanted any more
        self.places[name] = self.value(expression, out)
        for used in _names(expression):
            place = self.places.get(used, "")
            if self.last.get(used) == k and _is_scratch(place):
                self.free.append(place)

    def deliver(self) -> None:
        """Copy to where they are to stand the results that don't stand there yet."""
        late = {
            self.home(name): self.places[result]
            for name, result in self.plan.outputs.items()
            if self.places[result] != self.home(name)
        }
        for home, place in late.items():
            if place in self.plan.outputs:  # an old value, which a copy may replace
                late[home] = self.scratch()
                self.lines.append(f"{late[home]}[...] = {place}")
        self.lines += [f"{home}[...] = {place}" for home, place in late.items()]

    def value(self, node: ast.expr, out: str | None = None) -> str:
        """The calls that compute an expression; where its value then stands."""
        match node:
            case ast.Name(id=name):
                return self.places.get(name, name)
            case ast.BinOp(base, ast.Pow(), ast.Constant(value=2)):
                return self.call("square", [self.value(base)], out)
            case ast.BinOp(left, op, right):
                parts = [self.value(left), self.value(right)]
                return self.call(FUNCTIONS[type(op)], parts, out)
            case ast.UnaryOp(op, operand):
                return self.call(FUNCTIONS[type(op)], [self.value(operand)], out)
            case ast.Compare(left, [op], [right]):
                parts = [self.value(left), self.value(right)]
                return self.call(FUNCTIONS[type(op)], parts, None)
            case ast.Call(ast.Attribute(attr=function), args):
                parts = [self.value(arg) for arg in args]
                return self.call(function, parts, out)
        raise NotImplementedError(ast.unparse(node))

    def call(self, function: str, parts: list[str], out: str | None) -> str:
        mine = {p for p in parts if _is_scratch(p) and p not in self.places.values()}
        if function in TRUTHS or function == "where":  # a small array of their own
            self.free += mine
            self.truths = getattr(self, "truths", 0) + 1
            self.lines.append(f"b{self.truths} = np.{function}({', '.join(parts)})")
            return f"b{self.truths}"
        out = out or (min(mine) if mine else self.scratch())
        self.free += mine - {out}
        self.lines.append(f"np.{function}({', '.join(parts)}, out={out})")
        return out

    def scratch(self) -> str:
        if self.free:
            return self.free.pop()
        self.count += 1
        return f"r{self.count - 1}"


TRUTHS = ("logical_or", "less", "greater", "less_equal", "greater_equal")


def _is_scratch(place: str) -> bool:
    return place[:1] == "r" and place[1:].isdigit()


def _names(expression: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
