"""Arrays that are stepped as one: small ones side by side in one vector, so that a step
does not cost more for more of them."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from optimlib.arrays.nests import Path

SMALL = 32_768  # numbers; a larger array is stepped by itself, without being copied
Arrays = Sequence[np.ndarray]


@dataclass(eq=False)
class Bundle:
    """Some arrays of one dtype as one of shape (M, N), for M members of a population.

    Attributes:
        members: M, or 1 where there is no population.
        dtype: of all the arrays.
        indices: which of all arrays these are; paths: their paths in the nest.
        shapes: their shapes, with the members' axis if any.
        bounds: where each stands among the N columns.
        state: by name, shape (M, N), or (arrays, M) for a state of one number.
        matrix: the last new weights, where their views were handed out, and those.
    """

    members: int
    dtype: np.dtype
    indices: list[int] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    bounds: list[tuple[int, int]] = field(default_factory=list)
    state: dict[str, np.ndarray] = field(default_factory=dict)
    matrix: np.ndarray | None = None
    views: list[np.ndarray] = field(default_factory=list)

    @property
    def width(self) -> int:
        """N."""
        return self.bounds[-1][1] if self.bounds else 0

    def add(self, index: int, path: Path, array: np.ndarray) -> None:
        width = array.size // self.members
        self.indices.append(index)
        self.paths.append(path)
        self.shapes.append(array.shape)
        self.bounds.append((self.width, self.width + width))

    def own(self, arrays: Arrays) -> Arrays:
        """Its own of all arrays, in order."""
        if len(arrays) == len(self.indices):
            return arrays
        return [arrays[index] for index in self.indices]

    def gathered(self, arrays: Arrays) -> np.ndarray:
        """The arrays as one of shape (M, N): a copy, but for a single one in order, and
        for those that were handed out.
        """
        own = self.own(arrays)
        if len(own) == 1:
            return np.ascontiguousarray(own[0]).reshape(self.members, self.width)
        if self.matrix is not None and self.are_views(arrays):
            return self.matrix
        return np.concatenate(own, axis=None).reshape(1, self.width)

    def scattered(self, matrix: np.ndarray) -> list[np.ndarray]:
        """The arrays that stand in a matrix of shape (M, N), as views of it."""
        flat = matrix.reshape(-1)
        if len(self.indices) == 1:
            return [flat.reshape(self.shapes[0])]
        places = zip(self.bounds, self.shapes, strict=True)
        return [flat[a:b].reshape(shape) for (a, b), shape in places]

    def handed_out(self, matrix: np.ndarray) -> list[np.ndarray]:
        """The same, kept in mind: given back as they are, they need no gathering."""
        if len(self.indices) == 1:
            return self.scattered(matrix)
        if matrix is not self.matrix:
            self.matrix, self.views = matrix, self.scattered(matrix)
        return self.views.copy()

    def are_views(self, arrays: Arrays) -> bool:
        """Whether its own of these are the views that were handed out."""
        return all(map(operator.is_, self.own(arrays), self.views))

    def at(self, name: str, place: int) -> np.ndarray:
        """The state of one of the arrays, shaped like it: a view."""
        a, b = (bound * self.members for bound in self.bounds[place])
        return self.state[name].reshape(-1)[a:b].reshape(self.shapes[place])

    def number_at(self, name: str, place: int) -> np.ndarray:
        """A state of one number of one of the arrays: shape (M,), a view."""
        row: np.ndarray = self.state[name][place]
        return row


def bundled(
    paths: Sequence[Path], weights: Arrays, population: int | None
) -> list[Bundle]:
    """The arrays in bundles: the small ones of each dtype together, in reading order.

    In a population each is a bundle, since the members' axis comes first in all.
    """
    together: dict[np.dtype, Bundle] = {}
    bundles = []
    for index, (path, array) in enumerate(zip(paths, weights, strict=True)):
        small = population is None and array.size <= SMALL
        bundle = together.get(array.dtype) if small else None
        if bundle is None:
            bundle = Bundle(population or 1, array.dtype)
            bundles.append(bundle)
            if small:
                together[array.dtype] = bundle
        bundle.add(index, path, array)
    return bundles
