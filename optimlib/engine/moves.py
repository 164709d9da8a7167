"""A step made ready: all room for it is made, and nothing has changed yet."""

from collections.abc import Callable, Sequence
from types import ModuleType

import numpy as np

from optimlib.arrays.blocks import Arrays, Change, Part, write
from optimlib.engine.interrupts import deferred
from optimlib.engine.kernels import Constants, Kernel

Run = Callable[[], object]


class Moves:
    """The moves of some parts, and what is written when they are made.

    Small arrays are renewed in memory of their own and then written; large ones where
    they stand, which may destroy what the small ones read: so they come last.

    Attributes:
        new: which of the weights each part has, and its new arrays.
        small, large: what makes the new numbers.
        filled: what then fills new arrays that are nobody's yet.
        changes: what is written in the end.
    """

    def __init__(self) -> None:
        self.new: list[tuple[Sequence[int], list[np.ndarray]]] = []
        self.small: list[Run] = []
        self.large: list[Run] = []
        self.filled: list[Change] = []
        self.changes: list[Change] = []

    def arrays(self) -> list[np.ndarray]:
        """The new arrays in the order of the weights."""
        if len(self.new) == 1:
            return self.new[0][1]
        new = {k: array for part in self.new for k, array in zip(*part, strict=True)}
        return [new[index] for index in range(len(new))]

    def add_small(
        self,
        engine: ModuleType,
        kernel: Kernel,
        part: Part,
        its: Constants,
        into: Arrays,
    ) -> None:
        """Add a part that is renewed in memory of its own."""
        state = {name: part.own(name) for name in kernel.kept}
        new_w = part.arrays["w"].copy()
        arrays = list((part.arrays | state | {"w": new_w}).values())
        self.small.append(_run(engine, kernel, arrays, new_w, its))
        part.keep(state, its.scalars, self.changes)
        self._deliver(part, new_w, into)

    def add_large(
        self,
        engine: ModuleType,
        kernel: Kernel,
        part: Part,
        its: Constants,
        into: Arrays,
        later: Arrays,
    ) -> None:
        """Add a part whose state, and w where that can be, are renewed where they stand.

        later: what is read after it.
        """
        new_w, arrays = part.within(into, later), list(part.arrays.values())
        if new_w is None:
            new_w = np.empty_like(arrays[0])
            self._deliver(part, new_w, into)
        else:
            self.new.append((part.indices(), [into[k] for k in part.indices()]))
        self.large.append(_run(engine, kernel, arrays, new_w, its))
        part.keep({}, its.scalars, self.changes)

    def _deliver(self, part: Part, new_w: np.ndarray, into: Arrays) -> None:
        """Add the new arrays of a part."""
        new = part.deliver(new_w, into, self.changes if into else self.filled)
        self.new.append((part.indices(), new))
        if not into and len(new) > 1 and "g" in part.arrays and not part.block.narrow:
            # Given back they need no gathering. (Where a method looks ahead, they
            # won't be.)
            self.changes.append((vars(part.block), "handed", (new_w, new.copy())))

    def add_still(self, weights: Arrays, into: Arrays) -> None:
        """Add the weights that no part has: they stay as they are."""
        if len(self.new) == 1 and len(self.new[0][0]) == len(weights):
            return
        moved = {index for indices, _ in self.new for index in indices}
        for index in {*range(len(weights))} - moved:
            new = weights[index].copy()
            if into:
                self.changes.append((into[index], ..., new))
                new = into[index]
            self.new.append(([index], [new]))

    def make(self) -> None:
        """Make the new numbers."""
        with np.errstate(all="ignore"):
            self._make()

    def write(self) -> None:
        """Write what is made, all or none."""
        with np.errstate(all="ignore"):
            write(self.changes)

    def take(self) -> None:
        """Make the new numbers and write them: all or, after an error, none."""
        if self.large:
            with deferred():
                self._take()
        else:
            self._take()

    def _take(self) -> None:
        with np.errstate(all="ignore"):
            self._make()
            write(self.changes)

    def _make(self) -> None:
        for run in self.small:
            run()
        for run in self.large:
            run()
        if self.filled:
            write(self.filled)


def _run(
    engine: ModuleType,
    kernel: Kernel,
    arrays: list[np.ndarray],
    new_w: np.ndarray,
    its: Constants,
) -> Run:
    """What runs the kernel's body on these arrays."""
    if len(new_w) > 1 and its.table.shape[:2] == (1, 1):
        # No member's constants differ from another's: one row for all of them.
        flat = [array.reshape(1, -1) for array in arrays]
        new_w = flat[0] if new_w is arrays[0] else new_w.reshape(1, -1)
        arrays, its = flat, its._replace(segments=((0, new_w.size),))
    return engine.ready(kernel, arrays, new_w, its)
