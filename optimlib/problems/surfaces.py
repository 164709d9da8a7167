r"""Surfaces to descend: quadratics of any size and the classics of two variables.

Each two-variable surface is one formula `f(x, y)`, straight-line arithmetic and nothing
else: from this text come its values, its derivatives, and whatever else is made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from optimlib import derivatives
from optimlib.engine import formulas

Point = tuple[float, float]


class Quadratic:
    r"""A quadratic function of K coordinates.

    .. math:: f(w) = \tfrac{1}{2} w^\top A w - b^\top w

    Args:
        matrix: A, shape (K, K), symmetric: the Hessian.
        linear: b, shape (K,); 0 by default.

    Raises:
        ValueError: for a matrix that is not square, finite and symmetric, and for a
            linear part that does not fit it.

    Example:
        >>> bowl = Quadratic([[2.0, 0.0], [0.0, 8.0]], linear=[2.0, 8.0])
        >>> bowl.minimum()
        array([1., 1.])
    """

    def __init__(self, matrix: ArrayLike, linear: ArrayLike | None = None) -> None:
        A = np.asarray(matrix, dtype=float)
        if A.ndim != 2 or A.shape[0] != A.shape[1] or not A.size:
            raise ValueError(
                f"matrix has shape {A.shape}; allowed: (K, K), K at least 1"
            )
        b = np.zeros(len(A)) if linear is None else np.asarray(linear, dtype=float)
        if b.shape != A.shape[:1]:
            raise ValueError(f"linear has shape {b.shape}; allowed: {A.shape[:1]}")
        for name, array in (("matrix", A), ("linear", b)):
            if not np.isfinite(array).all():
                raise ValueError(f"{name} is {array.tolist()}; allowed: finite numbers")
        if not np.array_equal(A, A.T):
            i, j = (int(k) for k in np.argwhere(A != A.T)[0])
            raise ValueError(
                f"matrix[{i}, {j}] is {A[i, j]} and matrix[{j}, {i}] is {A[j, i]}; "
                "allowed: a symmetric matrix"
            )
        self.matrix, self.linear = A.copy(), b.copy()

    def __call__(self, w: ArrayLike) -> Any:
        """f at w of shape (..., K), shape (...)."""
        w = self._point(w)
        A, b = self._like(w)
        return 0.5 * ((w @ A) * w).sum(axis=-1) - w @ b

    def gradient(self, w: ArrayLike) -> NDArray[np.floating]:
        r""":math:`A w - b`, shape (..., K)."""
        w = self._point(w)
        A, b = self._like(w)
        return np.asarray(w @ A - b)

    def curvature(self, w: ArrayLike) -> NDArray[np.floating]:
        """The diagonal of the Hessian, shaped like w: the same everywhere."""
        w = self._point(w)
        return np.broadcast_to(np.diag(self._like(w)[0]), w.shape).copy()

    def minimum(self) -> NDArray[np.floating]:
        r"""The only minimum, :math:`A^{-1} b`, shape (K,).

        Raises:
            ValueError: where A is not positive definite, so that there is none or more
                than one.
        """
        least = float(np.linalg.eigvalsh(self.matrix)[0])
        if least <= 0:
            raise ValueError(
                f"matrix has the eigenvalue {least}; allowed for a minimum: a positive "
                "definite matrix"
            )
        return np.linalg.solve(self.matrix, self.linear)

    def _point(self, w: ArrayLike) -> NDArray[np.floating]:
        return _coordinates(w, len(self.matrix))

    def _like(
        self, w: NDArray[np.floating]
    ) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """A and b in the dtype of w, which keeps float32 float32."""
        return (
            self.matrix.astype(w.dtype, copy=False),
            self.linear.astype(w.dtype, copy=False),
        )


def _coordinates(w: ArrayLike, count: int) -> NDArray[np.floating]:
    """The points as floats, refused where they are not real or not of so many."""
    point = np.asarray(w)
    if point.dtype.kind not in "iuf":
        raise TypeError(f"w has dtype {point.dtype}; allowed: real numbers")
    if point.ndim == 0 or point.shape[-1] != count:
        raise ValueError(f"w has shape {point.shape}; allowed: (..., {count})")
    return point if point.dtype.kind == "f" else point.astype(float)


@dataclass(frozen=True)
class Surface:
    """A function of two variables, with what a picture and a run of it need.

    A surface is called with points of shape (..., 2) and gives its values, shape (...):
    one point or a whole map of them.

    Args:
        name: what it is called in :data:`SURFACES`.
        formula: its value `f(x, y)`, as plain arithmetic. It is read once: a number
            that it has from elsewhere stays what it was then.
        minima: every point at which it takes its least value; none where it has none.
        start: where a run customarily begins.
        window: ((low, high) of x, (low, high) of y) for a contour plot.

    Example:
        >>> from optimlib import SGD, minimize
        >>> surface = SURFACES["ravine"]
        >>> run = minimize(surface, surface.gradient, surface.start, SGD(lr=0.03), 200)
        >>> bool(run.f[-1] < 1e-4)
        True
    """

    name: str
    formula: Callable[..., Any]
    minima: tuple[Point, ...]
    start: Point
    window: tuple[Point, Point]

    def __call__(self, w: ArrayLike) -> Any:
        """The values at w of shape (..., 2), shape (...)."""
        w = _coordinates(w, 2)
        text = formulas.compiled(self.formula, "value")
        if text is None:
            return self.formula(w[..., 0], w[..., 1])
        return text(w[..., 0][()], w[..., 1][()])[0]  # numbers are faster than arrays

    def gradient(self, w: ArrayLike) -> NDArray[np.floating]:
        """The first derivatives of the formula at w, shape (..., 2)."""
        w = _coordinates(w, 2)
        text = formulas.compiled(self.formula, "gradient")
        return derivatives.gradient(self.formula, w) if text is None else _at(text, w)

    def curvature(self, w: ArrayLike) -> NDArray[np.floating]:
        """The second derivatives along x and along y, shape (..., 2)."""
        w = _coordinates(w, 2)
        text = formulas.compiled(self.formula, "curvature")
        return derivatives.curvature(self.formula, w) if text is None else _at(text, w)


def _at(text: Callable[..., list[Any]], w: NDArray[np.floating]) -> NDArray[Any]:
    """The numbers of a text at each point, along a last axis."""
    found = np.empty_like(w)
    found[..., 0], found[..., 1] = text(w[..., 0][()], w[..., 1][()])
    return found


def ravine(x: Any, y: Any, condition: float = 50.0) -> Any:
    r"""A long valley along x with steep walls: an ill-conditioned quadratic.

    .. math:: f(x, y) = \tfrac{1}{2} (x^2 + \kappa y^2)

    Gradient descent diverges from a learning rate of :math:`2 / \kappa` on. The minimum
    is 0, at (0, 0).

    Source: Sutton, Two problems with backpropagation and other steepest-descent
    learning procedures for networks (1986), on ravines.
    """
    return 0.5 * (x**2 + condition * y**2)


def saddle(x: Any, y: Any) -> Any:
    r"""A minimum along x and a maximum along y: unbounded below.

    .. math:: f(x, y) = x^2 - y^2

    The saddle point is (0, 0).

    Source: Dauphin et al., Identifying and attacking the saddle point problem in
    high-dimensional non-convex optimization (2014).
    """
    return x**2 - y**2


def rosenbrock(x: Any, y: Any) -> Any:
    r"""A curved valley whose floor falls slowly.

    .. math:: f(x, y) = (1 - x)^2 + 100 (y - x^2)^2

    The minimum is 0, at (1, 1).

    Source: Rosenbrock, An automatic method for finding the greatest or least value of a
    function (1960), with the start (-1.2, 1).
    """
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def beale(x: Any, y: Any) -> Any:
    r"""Plateaus with steep corners about a flat valley.

    .. math::

        f(x, y) = (1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2

    The minimum is 0, at (3, 0.5); (0, 1) is a saddle point.

    Source: Beale, On an iterative method for finding a local minimum of a function of
    more than one variable (1958); the start is that of Moré, Garbow and Hillstrom,
    Testing unconstrained optimization software (1981), problem 5.
    """
    return (
        (1.5 - x + x * y) ** 2
        + (2.25 - x + x * y**2) ** 2
        + (2.625 - x + x * y**3) ** 2
    )


def rastrigin(
    x: Any, y: Any, amplitude: float = 10.0, frequency: float = 6.283185307179586
) -> Any:
    r"""A bowl covered with a lattice of local minima.

    .. math:: f(x, y) = 2a + x^2 - a \cos 2 \pi x + y^2 - a \cos 2 \pi y,\quad a = 10

    The least value is 0, at (0, 0); the other minima lie near the whole numbers.

    Source: Rastrigin, Systems of extremal control (1974, in Russian).
    """
    return (
        2 * amplitude
        + (x**2 - amplitude * np.cos(frequency * x))
        + (y**2 - amplitude * np.cos(frequency * y))
    )


SURFACES: dict[str, Surface] = {
    surface.name: surface
    for surface in (
        Surface(
            "ravine", ravine, ((0.0, 0.0),), (-5.0, 1.0), ((-6.0, 6.0), (-2.0, 2.0))
        ),
        Surface("saddle", saddle, (), (-1.5, 0.001), ((-2.0, 2.0), (-2.0, 2.0))),
        Surface(
            "rosenbrock",
            rosenbrock,
            ((1.0, 1.0),),
            (-1.2, 1.0),
            ((-2.0, 2.0), (-1.0, 3.0)),
        ),
        Surface("beale", beale, ((3.0, 0.5),), (1.0, 1.0), ((-4.5, 4.5), (-4.5, 4.5))),
        Surface(
            "rastrigin",
            rastrigin,
            ((0.0, 0.0),),
            (-3.2, 2.6),
            ((-5.12, 5.12), (-5.12, 5.12)),
        ),
    )
}
