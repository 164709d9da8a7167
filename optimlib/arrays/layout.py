"""What w looks like, and the blocks that its arrays are stepped in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter, is_
from typing import Any, NoReturn

import numpy as np

from optimlib.arrays import checks
from optimlib.arrays.blocks import PLAIN, SMALL, Arrays, Block, Part
from optimlib.arrays.dtypes import computed_in
from optimlib.arrays.nests import Path, flatten, leaves_like, name_of, outline, rebuild
from optimlib.arrays.rows import Rows

SHAPE, DTYPE = attrgetter("shape"), attrgetter("dtype")
WRITEABLE = attrgetter("flags.writeable")


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
        written: the targets that were found last to have no memory in common.
    """

    outline: Any
    paths: list[Path]
    keys: list[Any]
    shapes: list[tuple[int, ...]]
    dtypes: list[np.dtype]
    blocks: list[Block]
    written: Arrays = field(default=(), repr=False)

    @classmethod
    def of(
        cls, nest: Any, leaves: Mapping[Path, np.ndarray], population: int | None
    ) -> "Layout":
        """The layout of a nest with these leaves."""
        together: dict[np.dtype, Block] = {}
        blocks = []
        for index, (path, array) in enumerate(leaves.items()):
            small = population is None and array.size <= SMALL
            dtype = computed_in(array.dtype)
            block = together.get(dtype) if small else None
            if block is None:
                block = Block(population or 1, dtype)
                blocks.append(block)
                if small:
                    together[dtype] = block
            block.add(index, path, array)
        arrays, paths = leaves.values(), list(leaves)
        keys = [path[0] for path in paths] if {*map(len, paths)} == {1} else []
        return cls(
            outline(nest), paths, keys, [*map(SHAPE, arrays)], [*map(DTYPE, arrays)], blocks
        )  # fmt: skip

    def copied(self) -> "Layout":
        """The layout with a state of its own."""
        return replace(self, blocks=[x.copied() for x in self.blocks], written=())

    def leaves(self, nest: Any) -> list[np.ndarray] | None:
        """The nest's leaves where they are arrays like those of w, else None.

        That they are is the usual case, and it is told quickly.
        """
        if type(nest) is np.ndarray and self.paths == [()]:
            alike = nest.shape == self.shapes[0] and nest.dtype == self.dtypes[0]
            return [nest] if alike else None
        arrays: list[Any] | None
        if type(nest) is dict and self.keys and list(nest) == self.keys:
            arrays = list(nest.values())
        else:
            arrays = leaves_like(self.outline, nest)
        if arrays is None:
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
        frozen: bool = False,
    ) -> list[Any]:
        """The leaves of a nest like the weights, checked, in their dtypes or in those
        that they are computed in.

        `rows` checks those that are sparse, and gives them likewise. Where some may be
        frozen, None is a leaf of a nest too.
        """
        known = self.leaves(nest)
        if known is not None:
            return known
        flat = flatten(nest)
        checks.same_keys(what, flat, self.paths)
        read: list[Any] = []
        for path, leaf in zip(self.paths, weights, strict=True):
            if frozen and path and flat[path] is None:
                read.append(None)
                continue
            name, root = name_of(what, path), name_of("w", path)
            check = rows if isinstance(flat[path], Rows) else checks.like
            read.append(check(name, flat[path], leaf, root))
        return read

    def check_frozen(self, g: Sequence[Any], curvature: Sequence[Any]) -> None:
        """Refuse a curvature that is None where g is not, or the other way round."""
        for path, one, other in zip(self.paths, g, curvature, strict=True):
            if (one is None) != (other is None):
                kinds = [name_of("g", path), name_of("curvature", path)]
                none, given = kinds if one is None else kinds[::-1]
                raise ValueError(f"{none} is None; allowed: an array, as {given} is")

    def refuse_nonfinite(
        self, given: Mapping[str, Any], cast: Mapping[str, Sequence[Any]], step: int
    ) -> NoReturn:
        """Raise FloatingPointError at the first NaN or infinity of what was cast.

        It names the place and the number as it was given; of rows that were named twice
        the sum.
        """
        for what, nest in given.items():
            originals = flatten(nest)
            for path, leaf in zip(self.paths, cast.get(what, ()), strict=False):
                name = name_of(what, path)
                if isinstance(leaf, Rows):
                    values = leaf.values
                    checks.finite(f"{name}.summed().values", values, step, values)
                elif leaf is not None:
                    checks.finite(name, leaf, step, originals[path])
        names = " or ".join(given)
        raise checks.NotFinite(f"{names} is not finite at step {step}; allowed: finite")

    def fitting(
        self, weights: Mapping[Path, np.ndarray]
    ) -> tuple["Layout", list[np.ndarray]]:
        """The layout and the weights in its order.

        Weights of a narrower dtype than before fit if they are computed in the same.
        Raises ValueError where the state does not fit.
        """
        arrays = [weights[path] for path in self.paths]
        known = zip(self.paths, self.shapes, self.dtypes, strict=True)
        for leaf, (path, shape, old) in zip(arrays, known, strict=True):
            dtype = computed_in(old)
            if (leaf.shape, computed_in(leaf.dtype)) != (shape, dtype):
                raise ValueError(
                    f"{name_of('w', path)} has shape {leaf.shape} and dtype "
                    f"{leaf.dtype}; this optimizer's state has shape {shape} "
                    f"and dtype {dtype} (reset() starts anew)"
                )
        blocks = [block.retyped(block.own(arrays)) for block in self.blocks]
        return replace(self, dtypes=[*map(DTYPE, arrays)], blocks=blocks), arrays

    def targets(self, out: Any, weights: Arrays) -> list[np.ndarray]:
        """Where to write: the leaves of out, checked."""
        into = self.leaves(out)
        if into is None or not all(map(WRITEABLE, into)):
            into = checks.targets(self.paths, weights, flatten(out))
        if not self._was_written(into):
            checks.apart(self.paths, into)
            self.written = into
        return into

    def may_write(self, into: Arrays) -> bool:
        """Whether these can be written to and were found to have no memory in common."""
        return self._was_written(into) and all(map(WRITEABLE, into))

    def _was_written(self, into: Arrays) -> bool:
        return len(into) == len(self.written) and all(map(is_, into, self.written))

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
