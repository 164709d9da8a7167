"""Arrays that are stepped as one: small ones side by side in one vector, so that a step
does not cost more for more of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from optimlib.tree import Path

SMALL = 32_768  # numbers; a larger array is stepped by itself, without being copied


@dataclass(eq=False)
class Bundle:
    """Some arrays of one dtype as one of shape (M, N), for M members of a population.

    Attributes:
        members: M, or 1 where there is no population.
        dtype: of all the arrays.
        paths: the arrays' paths; shapes: their shapes, with the members' axis if any.
        bounds: where each stands among the N columns.
        state: by name, shape (M, N), or (arrays, M) for a state of one number.
    """

    members: int
    dtype: np.dtype
    paths: list[Path] = field(default_factory=list)
    shapes: list[tuple[int, ...]] = field(default_factory=list)
    bounds: list[tuple[int, int]] = field(default_factory=list)
    state: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """N."""
        return self.bounds[-1][1] if self.bounds else 0

    def add(self, path: Path, array: np.ndarray) -> None:
        width = array.size // self.members
        self.paths.append(path)
        self.shapes.append(array.shape)
        self.bounds.append((self.width, self.width + width))

    def gathered(self, arrays: Mapping[Path, np.ndarray]) -> np.ndarray:
        """The arrays as one of shape (M, N): a copy, but for a single one in order."""
        if len(self.paths) == 1:
            array = np.ascontiguousarray(arrays[self.paths[0]])
            return array.reshape(self.members, self.width)
        parts = [arrays[path].reshape(-1) for path in self.paths]
        return np.concatenate(parts).reshape(1, self.width)

    def scattered(self, matrix: np.ndarray) -> dict[Path, np.ndarray]:
        """The arrays that stand in a matrix of shape (M, N), as views of it."""
        flat = matrix.reshape(-1)
        if len(self.paths) == 1:
            return {self.paths[0]: flat.reshape(self.shapes[0])}
        places = zip(self.paths, self.shapes, self.bounds, strict=True)
        return {path: flat[a:b].reshape(shape) for path, shape, (a, b) in places}

    def at(self, name: str, place: int) -> np.ndarray:
        """The state of one of the arrays, shaped like it: a view."""
        a, b = (bound * self.members for bound in self.bounds[place])
        return self.state[name].reshape(-1)[a:b].reshape(self.shapes[place])

    def number_at(self, name: str, place: int) -> np.ndarray:
        """A state of one number of one of the arrays: shape (M,), a view."""
        row: np.ndarray = self.state[name][place]
        return row


def bundled(weights: Mapping[Path, np.ndarray], population: int | None) -> list[Bundle]:
    """The arrays in bundles: the small ones of each dtype together, in reading order.

    In a population each is a bundle, since the members' axis comes first in all.
    """
    together: dict[np.dtype, Bundle] = {}
    bundles = []
    for path, array in weights.items():
        small = population is None and array.size <= SMALL
        bundle = together.get(array.dtype) if small else None
        if bundle is None:
            bundle = Bundle(population or 1, array.dtype)
            bundles.append(bundle)
            if small:
                together[array.dtype] = bundle
        bundle.add(path, array)
    return bundles
