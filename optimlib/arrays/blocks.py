"""Arrays in blocks: small ones side by side in one vector, so that a step does not cost
more for more of them."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat, starmap
from operator import is_, setitem
from typing import Any

import numpy as np

from optimlib.arrays import checks
from optimlib.arrays.nests import Path
from optimlib.arrays.rows import Rows

SMALL = 32_768  # numbers; a larger array is stepped by itself, without being copied
PLAIN, NOTHING = {np.ndarray}, np.empty(0)
Arrays = Sequence[np.ndarray]
Change = tuple[Any, Any, Any]  # place[key] = value


def write(changes: list[Change]) -> None:
    """Do what was noted. No line of Python runs in between, so that no signal's handler
    (that of Ctrl-C, say) finds it half done."""
    deque(starmap(setitem, changes), maxlen=0)


@dataclass(eq=False)
class Block:
    """Some arrays of one dtype as one of shape (M, N), for M members of a population.

    Attributes:
        members: M, or 1 where there is no population.
        dtype: in which all the arrays are computed.
        narrow: whether some of them are of a narrower one.
        indices: which of all arrays these are; paths: their paths in the nest.
        shapes: their shapes, with the members' axis if any.
        bounds: where each stands among the N columns.
        state: by name, shape (M, N), or (arrays, M) for a state of one number.
        handed: the last new weights as a matrix, and the views of it that were handed
            out: none in a copy, whose weights are arrays of their own.
    """

    members: int
    dtype: np.dtype
    indices: list[int] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    bounds: list[tuple[int, int]] = field(default_factory=list)
    state: dict[str, np.ndarray] = field(default_factory=dict)
    width: int = 0  # N
    narrow: bool = False
    handed: tuple[np.ndarray, Arrays] = (NOTHING, ())

    def add(self, index: int, path: Path, array: np.ndarray) -> None:
        width = array.size // self.members
        self.narrow = self.narrow or array.dtype != self.dtype
        self.indices.append(index)
        self.paths.append(path)
        self.shapes.append(array.shape)
        self.bounds.append((self.width, self.width + width))
        self.width += width

    def start(self, name: str, firsts: Sequence[Any], scalar: bool) -> None:
        """Give a state its value before the first step: a number for each array."""
        shape = (len(self.paths), self.members)
        state = np.zeros(shape if scalar else (self.members, self.width), self.dtype)
        for place, first in enumerate(firsts):
            if scalar:
                state[place] = first
            else:
                a, b = self.bounds[place]
                state[:, a:b] = np.reshape(first, (-1, 1))
        self.state[name] = state

    def keep(self, name: str, arrays: Arrays, scalar: bool) -> None:
        """Give a state its value: a copy of what one of all the arrays each have."""
        if scalar:
            self.state[name] = np.array([np.reshape(x, -1) for x in self.own(arrays)])
        else:
            self.state[name] = self.gathered(arrays).copy()

    def own(self, arrays: Sequence[Any]) -> Sequence[Any]:
        """Those that belong to this block's arrays, in order."""
        if len(arrays) == len(self.indices):
            return arrays
        return [arrays[index] for index in self.indices]

    def gathered(self, arrays: Arrays) -> np.ndarray:
        """The arrays as one of shape (M, N): a copy, but for a single one in order, and
        for those that were handed out.
        """
        if len(self.indices) == 1:
            array = np.ascontiguousarray(arrays[self.indices[0]], self.dtype)
            return array.reshape(self.members, self.width)
        if self.are_handed(arrays):
            return self.handed[0]
        own = self.own(arrays)
        return np.concatenate(own, axis=None, dtype=self.dtype).reshape(1, self.width)

    def scattered(self, matrix: np.ndarray) -> list[np.ndarray]:
        """The arrays that stand in a matrix of shape (M, N), as views of it."""
        if len(self.indices) == 1:
            return [matrix.reshape(self.shapes[0])]
        flat = matrix.reshape(-1)
        places = zip(self.bounds, self.shapes, strict=True)
        return [flat[a:b].reshape(shape) for (a, b), shape in places]

    def are_handed(self, arrays: Arrays) -> bool:
        """Whether its own of these are the views that were handed out."""
        _, views = self.handed
        return len(views) > 0 and all(map(is_, self.own(arrays), views))

    @property
    def is_plain(self) -> bool:
        """Whether it is of one run, in the arrays' own dtype, and no larger than can be
        copied in each step."""
        return self.members == 1 and not self.narrow and self.width <= SMALL

    def retyped(self, arrays: Sequence[np.ndarray]) -> "Block":
        """The block, with this state, of arrays that may be narrower than before."""
        return replace(self, narrow=any(x.dtype != self.dtype for x in arrays))

    def copied(self) -> "Block":
        """The block with a state of its own."""
        state = {name: array.copy() for name, array in self.state.items()}
        return replace(self, state=state, handed=(NOTHING, ()))

    def at(self, name: str, place: int) -> np.ndarray:
        """The state of one of the arrays, shaped like it: a view."""
        a, b = (bound * self.members for bound in self.bounds[place])
        return self.state[name].reshape(-1)[a:b].reshape(self.shapes[place])

    def scalar_at(self, name: str, place: int) -> np.ndarray:
        """A state of one number of one of the arrays: shape (M,), a view."""
        return self.state[name][place]

    def has_one(self, names: Sequence[str]) -> bool:
        """Whether these states of one number are the same for all arrays."""
        for name in names:
            state = self.state[name]
            if (state != state[0]).any():
                return False
        return True

    def parts(
        self, names: Sequence[str], given: Mapping[str, Sequence[Any]]
    ) -> list["Part"]:
        """What takes a step: all at once, or where some gradient is sparse or None one
        by one."""
        weights, places = given["w"], range(len(self.paths))
        if "g" in given and set(map(type, self.own(given["g"]))) != PLAIN:
            having = (k for k in places if given["g"][self.indices[k]] is not None)
            return [self._of_one(place, names, given) for place in having]
        arrays = {
            name: self.state[name] if name in self.state else self.gathered(given[name])
            for name in names
        }
        return [Part(self, places, arrays, weights)]

    def _of_one(
        self, place: int, names: Sequence[str], given: Mapping[str, Sequence[Any]]
    ) -> "Part":
        """One array, or those of its rows that have a gradient."""
        of_all, index, arrays = self.indices[place], None, {}
        if isinstance(given["g"][of_all], Rows):
            index = given["g"][of_all].index
        for name in names:
            if name in self.state:
                array = self.at(name, place)
            else:
                array = given[name][of_all]
            if isinstance(array, Rows):
                array = array.values
            elif index is not None:
                array = np.ascontiguousarray(array)[index]
            arrays[name] = np.ascontiguousarray(array, self.dtype).reshape(1, -1)
        return Part(self, range(place, place + 1), arrays, given["w"], index)


@dataclass(eq=False)
class Part:
    """Arrays of a block that take a step together. Until it is run nothing changes.

    Attributes:
        places: which of the block's arrays they are.
        arrays: what its kernel takes, by name and in order, shape (M, n); w first.
        weights: all of w, not only these.
        index: the rows that take the step where the gradient is sparse, else None.
    """

    block: Block
    places: range
    arrays: dict[str, np.ndarray]
    weights: Arrays
    index: np.ndarray | None = None

    def indices(self) -> list[int]:
        """Which of all arrays they are."""
        return self.block.indices[self.places.start : self.places.stop]

    def segments(self, count: int) -> tuple[tuple[int, int], ...]:
        """The columns of each array where there are so many, else all in one."""
        if count == 1:
            return ((0, self.arrays["w"].shape[1]),)
        return tuple(self.block.bounds)

    def is_finite(self) -> bool:
        """Whether the gradient and the curvature are."""
        given = (self.arrays.get(name, NOTHING) for name in ("g", "curvature"))
        with np.errstate(all="ignore"):
            return all(map(checks.all_finite, given))

    @property
    def is_large(self) -> bool:
        """Whether copies of its arrays would cost more than the step itself."""
        return self.index is None and self.arrays["w"].size > SMALL

    @property
    def reads_its_state(self) -> bool:
        """Whether w, the gradient or the curvature is memory of the state."""
        state = [
            self.block.state[name] for name in self.arrays.keys() & self.block.state
        ]
        given = self.given()
        return any(np.may_share_memory(x, y) for x in given for y in state)

    @property
    def is_whole(self) -> bool:
        """Whether it is all of its block."""
        return self.index is None and len(self.places) == len(self.block.paths)

    def given(self) -> list[np.ndarray]:
        """Those of its arrays that are not state, w first."""
        state = self.block.state
        return [array for name, array in self.arrays.items() if name not in state]

    def own(self, name: str) -> np.ndarray:
        """One of its states in memory of its own."""
        array = self.arrays[name]
        return array.copy() if self.index is None else array

    def within(self, into: Arrays, later: Arrays) -> np.ndarray | None:
        """The memory of its targets where w can be renewed in it: w's own, or memory in
        which nothing stands that is read in this part or later.
        """
        w, *others = self.given()
        if not into or self.block.narrow:
            return None
        if self._are_handed(into):
            target = w
        elif len(self.places) > 1 or not self._target(into).flags.c_contiguous:
            return None
        elif self._target(into) is self._weights():
            target = w
        else:
            target, others = self._target(into).reshape(w.shape), [w, *others]
        shared = any(np.may_share_memory(target, x) for x in (*others, *later))
        return None if shared else target

    def _are_handed(self, into: Arrays) -> bool:
        """Whether w is what was handed out last and goes back there."""
        return self.arrays["w"] is self.block.handed[0] and self.block.are_handed(into)

    def _target(self, into: Arrays) -> np.ndarray:
        return into[self.block.indices[self.places[0]]]

    def _weights(self) -> np.ndarray:
        return self.weights[self.block.indices[self.places[0]]]

    def keep(
        self,
        state: Mapping[str, np.ndarray],
        scalars: Mapping[str, Sequence[Any]],
        changes: list[Change],
    ) -> None:
        """Note the new states: of all its numbers, or of one number of each array or
        one for all."""
        block, place = self.block, self.places[0]
        for name, array in state.items():
            if self.is_whole:
                changes.append((block.state, name, array))
            else:
                old = block.at(name, place)
                changes.append(self._placed(old, array))
        for name, values in scalars.items():
            for k, place in enumerate(self.places):
                changes.append((block.state[name], place, values[k % len(values)]))

    def deliver(
        self, new_w: np.ndarray, into: Arrays, changes: list[Change]
    ) -> list[np.ndarray]:
        """The new arrays, those of `into` or others; what is to be written is noted."""
        if self.index is not None:
            return [self._deliver_rows(new_w, into, changes)]
        mine = [into[index] for index in self.indices()] if into else []
        if into and self._are_handed(into):
            changes.append((self.arrays["w"], ..., new_w))
            return mine
        if self.is_whole:
            new = self.block.scattered(new_w)
        else:
            new = [new_w.reshape(self.block.shapes[self.places[0]])]
        if not into and self.block.narrow:
            dtypes = (self.weights[index].dtype for index in self.indices())
            mine = list(map(np.empty, map(np.shape, new), dtypes))
        elif not into:
            return new
        changes += zip(mine, repeat(...), new)
        return mine

    def _deliver_rows(
        self, new_w: np.ndarray, into: Arrays, changes: list[Change]
    ) -> np.ndarray:
        """The new array, where only these rows are new."""
        weights = self._weights()
        new = self._target(into) if into else weights.copy()
        if into and new is not weights:
            changes.append((new, ..., weights.copy()))
        changes.append(self._placed(new, new_w))
        return new

    def _placed(self, whole: np.ndarray, array: np.ndarray) -> Change:
        """That the array goes to where it belongs in the whole: its rows, or all."""
        if self.index is None:
            return whole, ..., array.reshape(whole.shape)
        return whole, self.index, array.reshape(len(self.index), *whole.shape[1:])
