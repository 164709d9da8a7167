"""The step of one bundle of arrays: made ready first, then taken."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from optimlib import engine
from optimlib.arrays.checks import PIECE
from optimlib.arrays.layout import Bundle
from optimlib.arrays.nests import is_container
from optimlib.arrays.rows import Rows
from optimlib.engine.kernel import SCALARS, Plan, number, plan

if TYPE_CHECKING:
    from optimlib.optimizer import Optimizer

Arrays = Sequence[Any]  # one for each path


@dataclass(eq=False)
class Move:
    """A step that is checked and computed as far as plain numbers go.

    Nothing has changed yet. Taking it renews the bundle's state in place.

    Attributes:
        bundle: whose step it is; places: which of its arrays take it.
        index: the rows that take it where the gradient is sparse, else None.
        arrays: w, g, the state and the curvature, in the plan's order, shape (M, n).
        table, segments: the constants of the rule's body, and where each row holds.
        numbers: the new states of one number, by name, for each of the places.
    """

    bundle: Bundle
    places: range
    plan: Plan
    arrays: list[np.ndarray]
    table: np.ndarray
    segments: tuple[tuple[int, int], ...]
    numbers: dict[str, list[np.ndarray]]
    index: np.ndarray | None = None

    def is_finite(self) -> bool:
        """Whether the gradient and the curvature are."""
        count = 2 + sum(name in self.bundle.state for name in self.plan.arrays)
        return all(
            _all_finite(array) for array in (self.arrays[1], *self.arrays[count:])
        )

    def take(
        self, run: Callable[..., None], targets: Arrays, weights: Arrays
    ) -> list[np.ndarray]:
        """The new arrays of its places: those of `targets`, renewed, or new ones."""
        new_w = self._room(targets, weights)
        _run(run, self.arrays, new_w, self.table, self.segments)
        for name, values in self.numbers.items():
            state = self.bundle.state[name]
            for place, value in zip(self.places, values, strict=True):
                state[place] = value
        if self.index is None:
            return self._delivered(new_w, targets)
        return [self._rows_delivered(new_w, targets, weights)]

    def indices(self) -> list[int]:
        """Which of all arrays take it."""
        return self.bundle.indices[self.places.start : self.places.stop]

    def _room(self, targets: Arrays, weights: Arrays) -> np.ndarray:
        """Where the new w goes: a target itself where that can be."""
        w, bundle = self.arrays[0], self.bundle
        if targets and w is bundle.matrix and bundle.are_views(targets):
            return w
        if len(self.places) == 1 and self.index is None and targets:
            index = bundle.indices[self.places[0]]
            target: np.ndarray = targets[index]
            if target.flags.c_contiguous:
                if target is weights[index]:
                    return w
                if not any(np.may_share_memory(target, x) for x in self.arrays):
                    return target.reshape(w.shape)
        return np.empty_like(w)

    def _delivered(self, new_w: np.ndarray, targets: Arrays) -> list[np.ndarray]:
        bundle = self.bundle
        if len(self.places) == len(bundle.paths):
            if not targets or new_w is bundle.matrix:
                return bundle.handed_out(new_w)
            new = bundle.scattered(new_w)
        else:
            (place,) = self.places
            new = [new_w.reshape(bundle.shapes[place])]
        if not targets:
            return new
        mine = [targets[index] for index in self.indices()]
        for target, array in zip(mine, new, strict=True):
            if not (len(new) == 1 and np.may_share_memory(target, array)):
                target[...] = array
        return mine

    def _rows_delivered(
        self, new_w: np.ndarray, targets: Arrays, weights: Arrays
    ) -> np.ndarray:
        """Write the rows of w and of the state to where they belong."""
        (place,) = self.places
        index, shape = self.bundle.indices[place], self.bundle.shapes[place]
        for name, array in zip(self.plan.arrays[2:], self.arrays[2:], strict=True):
            whole = self.bundle.at(name, place)
            whole[self.index] = array.reshape(-1, *shape[1:])
        new: np.ndarray = targets[index] if targets else weights[index].copy()
        if new is not weights[index] and targets:
            np.copyto(new, weights[index])
        new[self.index] = new_w.reshape(-1, *shape[1:])
        return new


def taken(
    ready: Sequence[Move], chosen: str | None, targets: Arrays, weights: Arrays
) -> list[np.ndarray]:
    """The new arrays of all moves, one for each of the weights.

    Raises TypeError, before any is taken, where the engine has not their dtype.
    """
    runs = [engine.body(chosen, move.plan, move.bundle.dtype) for move in ready]
    if len(ready) == 1:
        return ready[0].take(runs[0], targets, weights)
    if _overwrites(ready, targets, weights):
        for target, array in zip(
            targets, taken(ready, chosen, (), weights), strict=True
        ):
            np.copyto(target, array)
        return list(targets)
    new: dict[int, np.ndarray] = {}
    for move, run in zip(ready, runs, strict=True):
        new |= zip(move.indices(), move.take(run, targets, weights), strict=True)
    return [new[index] for index in range(len(weights))]


def _run(
    run: Callable[..., None],
    arrays: list[np.ndarray],
    new_w: np.ndarray,
    table: np.ndarray,
    segments: tuple[tuple[int, int], ...],
) -> None:
    """Run a body, on one row where no member's constants differ from another's."""
    if len(new_w) > 1 and table.shape[:2] == (1, 1):
        within = new_w is arrays[0]
        arrays = [array.reshape(1, -1) for array in arrays]
        new_w = arrays[0] if within else new_w.reshape(1, -1)
        segments = ((0, new_w.size),)
    run(arrays, new_w, table, segments)


def _overwrites(ready: Sequence[Move], targets: Arrays, weights: Arrays) -> bool:
    """Whether the target of one move holds what a later one still reads."""
    for k, move in enumerate(ready if targets else ()):
        mine = [targets[index] for index in move.indices()]
        for later in ready[k + 1 :]:
            read = [*later.arrays, *(weights[index] for index in later.indices())]
            if any(np.may_share_memory(x, y) for x in mine for y in read):
                return True
    return False


def _all_finite(matrix: np.ndarray) -> bool:
    """Whether all numbers are finite, looked at in pieces."""
    flat = matrix.reshape(-1)
    pieces = range(0, flat.size, PIECE)
    return all(np.isfinite(flat[k : k + PIECE]).all() for k in pieces)


def started(
    opt: "Optimizer", bundles: Sequence[Bundle], inputs: Mapping[str, Arrays]
) -> None:
    """Give the bundles the state before the first step."""
    starts = dict(opt.starts)
    for bundle in bundles:
        for name in opt.state_names:
            is_number = name in opt.numbers
            shape = (len(bundle.paths), bundle.members)
            state = bundle.state[name] = np.zeros(
                shape if is_number else (bundle.members, bundle.width), bundle.dtype
            )
            for place in range(len(bundle.paths)):
                first = starts.get(name, 0.0)
                if isinstance(first, str):
                    first = _first(opt, first, place, bundle, inputs)
                a, b = bundle.bounds[place]
                if is_number:
                    state[place] = first
                else:
                    state[:, a:b] = np.reshape(first, (-1, 1))


def _first(
    opt: "Optimizer",
    name: str,
    place: int,
    bundle: Bundle,
    inputs: Mapping[str, Arrays],
) -> Any:
    """What an input or a hyper-parameter is in the first step."""
    if name in inputs:
        return inputs[name][bundle.indices[place]]
    return opt.number_at(name, bundle.paths[place], bundle.dtype)


def points_ahead(opt: "Optimizer", bundle: Bundle, weights: Arrays) -> list[np.ndarray]:
    """Where a method that looks ahead wants the gradient."""
    method: Any = type(opt)
    cut = plan(method, "ahead", opt.choices())
    arrays = [bundle.gathered(weights), *(bundle.state[n] for n in cut.arrays[1:])]
    table, segments, _ = constants(opt, cut, bundle, range(len(bundle.paths)), {})
    points = np.empty_like(arrays[0])
    run = engine.body(opt.engine, cut, bundle.dtype)
    _run(run, arrays, points, table, segments)
    return bundle.scattered(points)


def moves(
    opt: "Optimizer",
    bundle: Bundle,
    weights: Arrays,
    slopes: Arrays,
    inputs: Mapping[str, Arrays],
) -> list[Move]:
    """The moves of a bundle: one, or where some gradient is sparse one for each array."""
    method: Any = type(opt)
    cut = plan(method, "rule", opt.choices())
    count = len(bundle.paths)
    if Rows not in set(map(type, bundle.own(slopes))):
        whole = range(count)
        arrays = [bundle.gathered(weights), bundle.gathered(slopes)]
        arrays += [
            bundle.state[name] for name in cut.arrays[2:] if name in bundle.state
        ]
        if "curvature" in inputs:
            arrays.append(bundle.gathered(inputs["curvature"]))
        return [
            Move(
                bundle, whole, cut, arrays, *constants(opt, cut, bundle, whole, inputs)
            )
        ]
    return [
        _of_one(opt, cut, bundle, place, weights, slopes, inputs)
        for place in range(count)
    ]


def _of_one(
    opt: "Optimizer",
    cut: Plan,
    bundle: Bundle,
    place: int,
    weights: Arrays,
    slopes: Arrays,
    inputs: Mapping[str, Arrays],
) -> Move:
    """The move of one array, or of those of its rows that have a gradient."""
    of_all = bundle.indices[place]
    g, w = slopes[of_all], np.ascontiguousarray(weights[of_all])
    state = [bundle.at(name, place) for name in cut.arrays[2:]]
    index = None
    if isinstance(g, Rows):
        index, g = g.index, g.values
        w, *state = (array[index] for array in (w, *state))
    arrays = [array.reshape(1, -1) for array in (w, np.ascontiguousarray(g), *state)]
    one = range(place, place + 1)
    table, _, numbers = constants(opt, cut, bundle, one, inputs)
    return Move(bundle, one, cut, arrays, table, ((0, w.size),), numbers, index)


def constants(
    opt: "Optimizer",
    cut: Plan,
    bundle: Bundle,
    places: range,
    inputs: Mapping[str, Arrays],
) -> tuple[np.ndarray, tuple[tuple[int, int], ...], dict[str, list[np.ndarray]]]:
    """What the body takes of the prelude: the table, its segments and the new numbers.

    The prelude is computed once, or once for each array where the arrays differ.
    """
    each = places if _differ(opt, bundle, inputs) else places[:1]
    rows = []
    for place in each:
        path, of_all = bundle.paths[place], bundle.indices[place]
        row = [_setting(inputs[name][of_all]) for name in SCALARS if name in inputs]
        row += [_setting(bundle.number_at(name, place)) for name in cut.numbers]
        row += [_setting(value) for value in opt.numbers_at(path, bundle.dtype)]
        rows.append(row)
    with np.errstate(all="ignore"):  # 0/0 is a number that a rule may rule out
        computed = [cut.prelude(opt.t + 1, *row) for row in rows]
        table = _table([row for row, _ in computed], bundle)
    first, last = bundle.bounds[places[0]][0], bundle.bounds[places[-1]][1]
    segments = (
        tuple((a - first, b - first) for a, b in (bundle.bounds[k] for k in places))
        if len(each) == len(places)
        else ((0, last - first),)
    )
    renewed = {
        name: [new[k] for _, new in computed] * (len(places) // len(each))
        for k, name in enumerate(cut.numbers)
    }
    return table, segments, renewed


def _table(rows: list[tuple[Any, ...]], bundle: Bundle) -> np.ndarray:
    """The constants in the arrays' dtype: shape (segments, 1 or M, constants)."""
    if bundle.members == 1 or not any(np.ndim(x) for row in rows for x in row):
        return np.array(rows, bundle.dtype)[:, None, :]
    spread = [[np.broadcast_to(x, bundle.members) for x in row] for row in rows]
    return np.array(spread, bundle.dtype).swapaxes(1, 2)


def _differ(opt: "Optimizer", bundle: Bundle, inputs: Mapping[str, Arrays]) -> bool:
    """Whether the constants of one array may differ from those of another."""
    if "norm" in inputs:
        return True
    settings = [getattr(opt, name) for name in opt.hypers]
    if set(map(type, settings)) != {float} and any(map(is_container, settings)):
        return True
    numbers = (bundle.state[name] for name in opt.numbers)
    return any((array != array[0]).any() for array in numbers)


def _setting(value: Any) -> Any:
    """A number as the prelude takes it: a float as it is, else see `number`."""
    if isinstance(value, float):
        return value
    return number(value if value.size > 1 else value.item())
