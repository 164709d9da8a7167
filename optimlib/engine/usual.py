"""The usual step, made ready once: dense gradients, small arrays in one block, no other
input. The operands are copied into the same buffers at every step, so that little is
allocated."""

from collections.abc import Sequence
from itertools import repeat
from types import ModuleType
from typing import Any

import numpy as np

from optimlib.arrays import checks
from optimlib.arrays.blocks import Arrays, Change, write
from optimlib.arrays.layout import Layout
from optimlib.engine.kernels import Constants, Kernel


class Usual:
    """A step of one kind on one layout, ready to be taken again and again.

    Attributes:
        engine: what runs it.
        numbers: the hyper-parameters, where they are the same in each step.
        w, g: the operands, shape (1, N); w is renewed, and so are copies of the state.
        parts: the new weights, shaped like the arrays.
        copies: those of the state, by name.
    """

    def __init__(
        self,
        engine: ModuleType,
        kernel: Kernel,
        layout: Layout,
        numbers: Sequence[float] | None,
    ) -> None:
        (block,) = layout.blocks
        self.engine, self.numbers = engine, numbers
        self.layout, self.block, self.prelude = layout, block, kernel.prelude
        shape = (1, block.width)
        arrays = {name: np.empty(shape, block.dtype) for name in kernel.arrays}
        self.w, self.g = arrays["w"], arrays["g"]
        self.parts = block.scattered(self.w)
        table = np.empty((1, 1, len(kernel.constants)), block.dtype)
        self.constants = table[0, 0]
        its = Constants(table, ((0, block.width),), {})
        self.run = engine.ready(kernel, [*arrays.values()], self.w, its)
        self.copies = [(name, arrays[name]) for name in kernel.kept]

    def take(
        self, own: dict[str, Any], numbers: Sequence[float], w: Any, g: Any, out: Any
    ) -> Any:
        """The new w, or None where this step is not of the usual kind: then nothing has
        changed.

        Args:
            own: the optimizer's attributes, of which "t" is renewed.
            numbers: the hyper-parameters.
            w, g, out: as given to the step.
        """
        weights, slopes = self.layout.leaves(w), self.layout.leaves(g)
        if weights is None or slopes is None:
            return None
        if out is not None and not (out is w and self.layout.may_write(weights)):
            return None
        self._fill(self.w, weights)
        self._fill(self.g, slopes)
        t, state = own["t"] + 1, self.block.state
        with np.errstate(all="ignore"):
            if own["nonfinite"] == "raise" and not checks.all_finite(self.g):
                return None
            for name, copy in self.copies:
                copy[...] = state[name]
            self.constants[...] = self.prelude(t, *numbers)
            self.run()
        changes: list[Change] = [(state[name], ..., copy) for name, copy in self.copies]
        changes.append((own, "t", t))
        if out is None:
            new = self._handed_out(changes)
            out = self.layout.nest(w, new)
        elif self.block.are_handed(weights):
            changes.append((self.block.handed[0], ..., self.w))
        else:
            changes += zip(weights, repeat(...), self.parts)
        write(changes)
        return out

    def _fill(self, matrix: np.ndarray, arrays: Arrays) -> None:
        """Copy the arrays side by side."""
        if len(arrays) == 1:
            matrix.reshape(arrays[0].shape)[...] = arrays[0]
        elif self.block.are_handed(arrays):
            matrix[...] = self.block.handed[0]
        else:
            np.concatenate(arrays, axis=None, out=matrix[0])

    def _handed_out(self, changes: list[Change]) -> list[np.ndarray]:
        """The new weights in memory of their own. If they come back as the next w,
        nothing has to be gathered."""
        matrix = np.empty_like(self.w)
        matrix[...] = self.w
        new = self.block.scattered(matrix)
        if len(new) > 1:
            changes.append((vars(self.block), "handed", (matrix, new.copy())))
        return new


def is_usual(kernel: Kernel, layout: Layout) -> bool:
    """Whether a step of this kernel on dense gradients can be of the usual kind."""
    plain = len(layout.blocks) == 1 and layout.blocks[0].is_plain
    return plain and not kernel.scalars
