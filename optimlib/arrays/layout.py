"""What w looks like, and its arrays in blocks: small ones side by side in one vector, so
that a step does not cost more for more of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter, is_
from typing import Any

import numpy as np

from optimlib.arrays import checks
from optimlib.arrays.nests import Path, flatten, name_of, outline, rebuild
from optimlib.arrays.rows import Rows

SMALL = 32_768  # numbers; a larger array is stepped by itself, without being copied
PLAIN, NOTHING = {np.ndarray}, np.empty(0)
SHAPE, DTYPE = attrgetter("shape"), attrgetter("dtype")
WRITEABLE = attrgetter("flags.writeable")
Arrays = Sequence[np.ndarray]


@dataclass(eq=False)
class Block:
    """Some arrays of one dtype as one of shape (M, N), for M members of a population.

    Attributes:
        members: M, or 1 where there is no population.
        dtype: of all the arrays.
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
    handed: tuple[np.ndarray | None, Arrays] = (None, ())

    def add(self, index: int, path: Path, array: np.ndarray) -> None:
        width = array.size // self.members
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
        """Its own of all arrays, in order."""
        if len(arrays) == len(self.indices):
            return arrays
        return [arrays[index] for index in self.indices]

    def gathered(self, arrays: Arrays) -> np.ndarray:
        """The arrays as one of shape (M, N): a copy, but for a single one in order, and
        for those that were handed out.
        """
        if len(self.indices) == 1:
            array = np.ascontiguousarray(arrays[self.indices[0]])
            return array.reshape(self.members, self.width)
        matrix, _ = self.handed
        if matrix is not None and self.are_views(arrays):
            return matrix
        return np.concatenate(self.own(arrays), axis=None).reshape(1, self.width)

    def scattered(self, matrix: np.ndarray) -> list[np.ndarray]:
        """The arrays that stand in a matrix of shape (M, N), as views of it."""
        if len(self.indices) == 1:
            return [matrix.reshape(self.shapes[0])]
        flat = matrix.reshape(-1)
        places = zip(self.bounds, self.shapes, strict=True)
        return [flat[a:b].reshape(shape) for (a, b), shape in places]

    def handed_out(self, matrix: np.ndarray) -> list[np.ndarray]:
        """The same, kept in mind: given back as they are, they need no gathering."""
        if len(self.indices) == 1:
            return self.scattered(matrix)
        if matrix is not self.handed[0]:
            self.handed = matrix, self.scattered(matrix)
        return list(self.handed[1])

    def are_views(self, arrays: Arrays) -> bool:
        """Whether its own of these are the views that were handed out."""
        return all(map(is_, self.own(arrays), self.handed[1]))

    def copied(self) -> "Block":
        """The block with a state of its own."""
        state = {name: array.copy() for name, array in self.state.items()}
        return replace(self, state=state, handed=(None, ()))

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
        """What takes a step: all at once, or where some gradient is sparse one by one."""
        weights, places = given["w"], range(len(self.paths))
        if "g" in given and Rows in set(map(type, self.own(given["g"]))):
            return [self._of_one(place, names, given) for place in places]
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
            arrays[name] = np.ascontiguousarray(array).reshape(1, -1)
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
        """Whether the gradient and the curvature are, looked at in pieces."""
        for name in ("g", "curvature"):
            flat = self.arrays.get(name, NOTHING).reshape(-1)
            for k in range(0, flat.size, checks.PIECE):
                if not np.isfinite(flat[k : k + checks.PIECE]).all():
                    return False
        return True

    def room(self, into: Arrays) -> np.ndarray:
        """Where the new w goes: a target itself where that can be."""
        w, block = self.arrays["w"], self.block
        if into and w is block.handed[0] and block.are_views(into):
            return w
        if into and len(self.places) == 1 and self.index is None:
            index = block.indices[self.places[0]]
            target = into[index]
            if target.flags.c_contiguous:
                if target is self.weights[index]:
                    return w
                if not any(
                    np.may_share_memory(target, x) for x in self.arrays.values()
                ):
                    return target.reshape(w.shape)
        return np.empty_like(w)

    def renew(self, scalars: Mapping[str, Sequence[Any]]) -> None:
        """Keep the new states of one number, of each array or one for all."""
        for name, values in scalars.items():
            for k, place in enumerate(self.places):
                self.block.state[name][place] = values[k % len(values)]

    def delivered(self, new_w: np.ndarray, into: Arrays) -> list[np.ndarray]:
        """The new arrays: those of `into`, renewed, or new ones."""
        block = self.block
        if self.index is not None:
            return [self._rows_delivered(new_w, self.index, into)]
        if len(self.places) < len(block.paths):
            new = [new_w.reshape(block.shapes[self.places[0]])]
        elif not into or new_w is block.handed[0]:
            # Where a method looks for a gradient, there are no new weights.
            return (block.handed_out if "g" in self.arrays else block.scattered)(new_w)
        else:
            new = block.scattered(new_w)
        if not into:
            return new
        mine = [into[index] for index in self.indices()]
        for target, array in zip(mine, new, strict=True):
            if not (len(new) == 1 and np.may_share_memory(target, array)):
                target[...] = array
        return mine

    def _rows_delivered(
        self, new_w: np.ndarray, rows: np.ndarray, into: Arrays
    ) -> np.ndarray:
        """Write the rows of w and of the state to where they belong."""
        (place,) = self.places
        index, shape = self.block.indices[place], self.block.shapes[place]
        for name in self.arrays.keys() & self.block.state.keys():
            whole = self.block.at(name, place)
            whole[rows] = self.arrays[name].reshape(-1, *shape[1:])
        weights = self.weights[index]
        new = into[index] if into else weights.copy()
        if new is not weights and into:
            np.copyto(new, weights)
        new[rows] = new_w.reshape(-1, *shape[1:])
        return new


def overwrites(parts: Sequence[Part], into: Arrays) -> bool:
    """Whether the target of one part holds what a later one still reads."""
    for k, part in enumerate(parts if into else ()):
        mine = [into[index] for index in part.indices()]
        for later in parts[k + 1 :]:
            weights = (later.weights[index] for index in later.indices())
            read = [*later.arrays.values(), *weights]
            if any(np.may_share_memory(x, y) for x in mine for y in read):
                return True
    return False


@dataclass(eq=False)
class Layout:
    """What w looks like, and the blocks that its arrays are stepped in.

    Attributes:
        outline: the nest with an empty array for each leaf.
        paths: of the leaves, in the order of all that follows.
        keys: those of w where it is one dict of arrays, else none.
        shapes, dtypes: of the arrays.
        blocks: the small arrays of each dtype together, in reading order. In a
            population each array is a block, since the members' axis comes first.
    """

    outline: Any
    paths: list[Path]
    keys: list[Any]
    shapes: list[tuple[int, ...]]
    dtypes: list[np.dtype]
    blocks: list[Block]

    @classmethod
    def of(
        cls, nest: Any, leaves: Mapping[Path, np.ndarray], population: int | None
    ) -> "Layout":
        """The layout of a nest with these leaves."""
        together: dict[np.dtype, Block] = {}
        blocks = []
        for index, (path, array) in enumerate(leaves.items()):
            small = population is None and array.size <= SMALL
            block = together.get(array.dtype) if small else None
            if block is None:
                block = Block(population or 1, array.dtype)
                blocks.append(block)
                if small:
                    together[array.dtype] = block
            block.add(index, path, array)
        arrays, paths = leaves.values(), list(leaves)
        keys = [path[0] for path in paths] if {*map(len, paths)} == {1} else []
        return cls(
            outline(nest), paths, keys, [*map(SHAPE, arrays)], [*map(DTYPE, arrays)], blocks
        )  # fmt: skip

    def copied(self) -> "Layout":
        """The layout with a state of its own."""
        return replace(self, blocks=[block.copied() for block in self.blocks])

    def leaves(self, nest: Any) -> list[np.ndarray] | None:
        """The nest's leaves where they are arrays like those of w, else None.

        That they are is the usual case, and it is told quickly.
        """
        if type(nest) is np.ndarray:
            if self.paths != [()]:
                return None
            arrays = [nest]
        elif type(nest) is dict and nest and list(nest) == self.keys:
            arrays = list(nest.values())
        else:
            flat = flatten(nest)
            arrays = list(flat.values())
            if list(flat) != self.paths:
                return None
        if (
            set(map(type, arrays)) == PLAIN
            and [*map(SHAPE, arrays)] == self.shapes
            and [*map(DTYPE, arrays)] == self.dtypes
        ):
            return arrays
        return None

    def read(
        self,
        what: str,
        nest: Any,
        weights: Arrays,
        rows: Callable[[str, Any, np.ndarray, str], Any],
    ) -> list[Any]:
        """The leaves of a nest like the weights, checked, in their dtypes.

        `rows` checks those that are sparse, and gives them in this dtype.
        """
        known = self.leaves(nest)
        if known is not None:
            return known
        flat = flatten(nest)
        checks.same_keys(what, flat, self.paths)
        read: list[Any] = []
        for path, leaf in zip(self.paths, weights, strict=True):
            name, root = name_of(what, path), name_of("w", path)
            check = rows if isinstance(flat[path], Rows) else checks.like
            read.append(check(name, flat[path], leaf, root))
        return read

    def refuse_nonfinite(
        self, what: str, cast: Sequence[Any], given: Any, step: int
    ) -> None:
        """Raise FloatingPointError at the first NaN or infinity of what was cast.

        It names the place and the number as it was given.
        """
        originals = flatten(given)
        for path, leaf in zip(self.paths, cast, strict=False):
            if isinstance(leaf, np.ndarray):
                checks.finite(name_of(what, path), leaf, step, originals[path])

    def fitting(self, weights: Mapping[Path, np.ndarray]) -> list[np.ndarray]:
        """The weights in this order. Raises ValueError where the state does not fit."""
        known = zip(self.shapes, self.dtypes, strict=True)
        for path, (shape, dtype) in zip(self.paths, known, strict=True):
            leaf = weights[path]
            if (leaf.shape, leaf.dtype) != (shape, dtype):
                raise ValueError(
                    f"{name_of('w', path)} has shape {leaf.shape} and dtype "
                    f"{leaf.dtype}; this optimizer's state has shape {shape} "
                    f"and dtype {dtype} (reset() starts anew)"
                )
        return [weights[path] for path in self.paths]

    def targets(self, out: Any, weights: Arrays) -> list[np.ndarray]:
        """Where to write: the leaves of out, checked."""
        known = self.leaves(out)
        if known is not None and all(map(WRITEABLE, known)):
            return known
        return checks.targets(self.paths, weights, flatten(out))

    def nest(self, like: Any, arrays: Arrays) -> Any:
        """The arrays as a nest of this structure."""
        if type(like) is np.ndarray:
            return arrays[0]
        if type(like) is dict and like and list(like) == self.keys:
            return dict(zip(like, arrays, strict=True))
        return rebuild(like, dict(zip(self.paths, arrays, strict=True)))

    def parts(
        self, names: Sequence[str], given: Mapping[str, Sequence[Any]]
    ) -> list[Part]:
        """What takes a step, with the arrays of these names.

        Args:
            given: those that are not state, by name, for each leaf.
        """
        parts = []
        for block in self.blocks:
            parts += block.parts(names, given)
        return parts

    def shown(self, show: Callable[[Block, int], np.ndarray]) -> Any:
        """A nest like w of what is shown of each array of each block."""
        arrays = {
            path: show(block, place)
            for block in self.blocks
            for place, path in enumerate(block.paths)
        }
        return rebuild(self.outline, arrays)
