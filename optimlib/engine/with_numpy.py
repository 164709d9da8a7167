"""A rule's body on NumPy arrays, in pieces that fit into the processor's cache.

Each operation of the body becomes one call of a NumPy function that writes into scratch
of a piece's size or, where the old value is no longer needed, into the result itself. So
a step makes nothing of the parameters' size. NumPy's functions let go of the
interpreter's lock, so that several threads share the pieces of large arrays.
"""

import ast
import os
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np

from optimlib.engine.kernels import Constants, Kernel, pieces
from optimlib.engine.program import defined, names_in

PIECE = 2**18  # bytes of an array; a few such are in a core's second cache
ROOM = 3 * 2**19  # bytes of scratch, at most, of all threads together
THREADED = 2**21  # bytes of an array from which on threads save more than they cost
THREADS = 8  # at most: more would wait for the interpreter's lock
FUNCTIONS = {
    ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide",
    ast.Pow: "power", ast.BitOr: "logical_or", ast.Lt: "less", ast.Gt: "greater",
    ast.LtE: "less_equal", ast.GtE: "greater_equal", ast.USub: "negative",
}  # fmt: skip


def check_dtype(dtype: np.dtype) -> None:
    """Every dtype will do."""


def ready(
    kernel: Kernel, arrays: Sequence[np.ndarray], new_w: np.ndarray, its: Constants
) -> Callable[[], None]:
    """What runs a kernel's body, its scratch made.

    arrays: w, g and the rest in the kernel's order, shape (M, N); the state is renewed
    in place, w in `new_w`, which may be w itself.
    """
    step, count, flags = _compiled(kernel)
    several = threads() if new_w.nbytes >= THREADED else 1
    size = _size(new_w.itemsize, (count + flags) * several)
    if new_w.size <= size and its.table.shape[:2] == (1, 1):
        room = _scratch(count, flags, new_w.shape, new_w.dtype)
        return partial(step, *arrays, new_w, *room, *its.table[0, 0])
    todo = deque(pieces(its.segments, new_w.shape[0], size).tolist())
    shape = (min(size, new_w.size),)
    rooms = [_scratch(count, flags, shape, new_w.dtype) for _ in range(several)]

    def work() -> None:
        scratch = rooms.pop()
        with np.errstate(all="ignore"):
            for s, m, last, c, stop in _taken(todo):
                views = [array[m:last, c:stop] for array in (*arrays, new_w)]
                room = [x[: views[0].size].reshape(views[0].shape) for x in scratch]
                step(*views, *room, *_constants(its.table, s, m, last))

    return work if several == 1 else partial(_shared, work, todo, several)


def _scratch(
    count: int, flags: int, shape: tuple[int, ...], dtype: np.dtype
) -> list[np.ndarray]:
    """So many arrays for numbers, and for truths."""
    room = [*np.empty((count, *shape), dtype)]
    return room + [*np.empty((flags, *shape), bool)] if flags else room


def threads() -> int:
    """How many threads step large arrays: $OMP_NUM_THREADS, which holds for torch and
    numba too and which joblib sets for its workers, or one for each core."""
    given = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    if given.isdecimal() and int(given) > 0:
        return min(int(given), THREADS)
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), THREADS)
    return min(os.cpu_count() or 1, THREADS)


def _size(itemsize: int, rooms: int) -> int:
    """The numbers of a piece, of which so many are made at a time."""
    pages = min(PIECE, ROOM // max(1, rooms)) // 4096
    return max(1, pages) * 4096 // itemsize


def _taken(todo: deque[Any]) -> Iterator[Any]:
    """What is to be done, each thing for one of the threads that ask."""
    while True:
        try:
            yield todo.popleft()
        except IndexError:
            return


def _shared(work: Callable[[], None], todo: deque[Any], several: int) -> None:
    """Work in this thread and, with others, in some more, until all is done."""
    helpers: list[Future[None]] = []
    try:
        for _ in range(several - 1):
            helpers.append(_pool(os.getpid()).submit(work))
    except (RuntimeError, MemoryError):  # no more threads here, or Python is ending
        pass
    try:
        work()
    finally:
        todo.clear()  # after an error nobody goes on
        wait(helpers)
    for helper in helpers:
        helper.result()


@lru_cache(maxsize=1)
def _pool(process: int) -> ThreadPoolExecutor:
    """The threads of this process: a fork's child has none of its parent's."""
    return ThreadPoolExecutor(THREADS - 1, "optimlib")


def _constants(table: np.ndarray, segment: int, first: int, last: int) -> list[Any]:
    """The body's constants: numbers, or columns where the members' differ."""
    if table.shape[1] == 1:
        return list(table[segment, 0])
    rows = table[segment, first:last]
    alike = (rows == rows[0]).all(axis=0)
    return [
        row[0] if same else row[:, None]
        for row, same in zip(rows.T, alike.tolist(), strict=True)
    ]


@cache
def _compiled(kernel: Kernel) -> tuple[Callable[..., None], int, int]:
    """A piece's step, and how many rows of scratch it takes for numbers and truths."""
    writer = _Writer(kernel)
    for k in range(len(writer.body)):
        writer.assign(k)
    writer.deliver()
    rows = [f"r{i}" for i in range(writer.count)]
    rows += [f"b{i}" for i in range(writer.flags)]
    arguments = (*kernel.arrays, "new_w", *rows, *kernel.constants)
    step = defined("body", arguments, writer.lines)
    return step, writer.count, writer.flags


class _Writer:
    """Writes the calls, and keeps account of which scratch is free."""

    def __init__(self, kernel: Kernel):
        self.body, self.outputs = kernel.program.body, kernel.outputs
        self.lines: list[str] = []
        self.count = 0  # rows of scratch
        self.flags = 0  # rows for truths
        self.free: list[str] = []
        self.lent: set[str] = set()  # homes that serve a statement as scratch
        self.uses: Counter[str] = Counter()  # to come in the statement, of each name
        self.places = {name: name for name in kernel.arrays}  # where each value stands
        self.last = self._last_uses()

    def _last_uses(self) -> dict[str, int]:
        """The statement in which each name is used last; results are to the end."""
        last: dict[str, int] = {}
        for k, (_, expression) in enumerate(self.body):
            last |= dict.fromkeys(names_in(expression), k)
        return last | dict.fromkeys(self.outputs.values(), len(self.body))

    def home(self, name: str) -> str:
        """Where the new value of an array is to stand."""
        return "new_w" if name == "w" else name

    def assign(self, k: int) -> None:
        """The calls of the k-th statement."""
        name, expression = self.body[k]
        out = None
        for array, result in self.outputs.items():
            if result == name and self.last.get(array, -1) <= k:
                out = self.home(array)  # its old value is not wanted any more
        self.uses = Counter(x for x in names_in(expression) if self.last[x] == k)
        self.lent = set()
        self.places[name] = self.value(expression, out, named=True)

    def deliver(self) -> None:
        """Copy to where they are to stand the results that don't stand there yet."""
        late = {
            self.home(name): self.places[result]
            for name, result in self.outputs.items()
            if self.places[result] != self.home(name)
        }
        for home, place in late.items():
            if place in self.outputs:  # an old value, which a copy may replace
                late[home] = self.scratch()
                self.lines.append(f"{late[home]}[...] = {place}")
        self.lines += [f"{home}[...] = {place}" for home, place in late.items()]

    def value(self, node: ast.expr, out: str | None = None, named: bool = False) -> str:
        """The calls that compute an expression; where its value then stands.

        named: whether it is a statement's, and needs a place that lasts.
        """
        match node:
            case ast.Name(id=name):
                return self.places.get(name, name)
            case ast.BinOp(base, ast.Pow(), ast.Constant(value=2)):
                return self.call("square", [base], out, named)
            case ast.BinOp(left, op, right):
                return self.call(FUNCTIONS[type(op)], [left, right], out, named)
            case ast.UnaryOp(op, operand):
                return self.call(FUNCTIONS[type(op)], [operand], out, named)
            case ast.Compare(left, [op], [right]):
                return self.call(FUNCTIONS[type(op)], [left, right], None, named)
            case ast.Call(ast.Attribute(attr=function), args):
                return self.call(function, args, out, named)
        raise NotImplementedError(ast.unparse(node))

    def call(
        self, function: str, nodes: list[ast.expr], out: str | None, named: bool
    ) -> str:
        parts = [self.value(node) for node in nodes]
        homes = self.left(nodes) | self.lent & {*parts}
        mine = {p for p in parts if _is_row(p, "r") and p not in self.places.values()}
        if function == "where":
            out = self.scratch()  # no part's, which are read in turn
            truth, yes, no = parts
            self.choose(truth, yes, no, out)
        elif function in TRUTHS:
            out = self.truth(function, *parts)
        else:
            choice = min(mine if named else mine | homes, default="")
            out = out or choice or self.scratch()
            self.lines.append(f"np.{function}({', '.join(parts)}, out={out})")
        self.lent = self.lent - {*parts} | homes & {out}
        self.free += mine - {out}
        return out

    def truth(self, function: str, *parts: str) -> str:
        """Where a truth then stands."""
        self.flags += 1
        out = f"b{self.flags - 1}"
        self.lines.append(f"np.{function}({', '.join(parts)}, out={out})")
        return out

    def choose(self, truth: str, yes: str, no: str, out: str) -> None:
        """What `np.where` makes, in `out`."""
        if not _is_row(truth, "b"):  # a constant
            truth = self.truth("not_equal", truth, "0")
        self.lines.append(f"np.copyto({out}, {no})")
        self.lines.append(f"np.copyto({out}, {yes}, where={truth})")

    def left(self, nodes: list[ast.expr]) -> set[str]:
        """The homes of the values that are wanted for the last time here, which may
        then serve the statement as scratch."""
        names = [node.id for node in nodes if isinstance(node, ast.Name)]
        self.uses.subtract(names)
        gone = {name for name in names if self.uses[name] == 0}
        for name in gone:
            self.places.pop(name, None)
        return {self.home(name) for name in gone & self.outputs.keys()}

    def scratch(self) -> str:
        if self.free:
            return self.free.pop()
        self.count += 1
        return f"r{self.count - 1}"


TRUTHS = ("logical_or", "less", "greater", "less_equal", "greater_equal")


def _is_row(place: str, kind: str) -> bool:
    """Whether it is scratch: for numbers, "r", or truths, "b"."""
    return place[:1] == kind and place[1:].isdigit()
