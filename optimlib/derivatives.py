r"""First and second derivatives of a function written as plain NumPy text.

Truncated Taylor arithmetic of order 2, forward along one coordinate: each number
carries :math:`(f, f', f'')`, and each operation combines these by the product, quotient
and chain rules. There is no step size, so the derivatives are exact to rounding.

Source: Griewank and Walther, Evaluating Derivatives (2nd ed., 2008), chapter 13.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import ArrayLike, NDArray


def gradient(f: Callable[..., Any], point: ArrayLike) -> NDArray[np.floating]:
    r"""The first derivatives :math:`\partial f / \partial w_k`.

    Args:
        f: a function of K coordinates, `f(w_1, ..., w_K)`, each given as an array of
            shape (...): arithmetic (`+ - * /`, `**` by a number) and NumPy's sqrt, exp,
            log, sin, cos, tanh and abs. The derivative of abs at 0 is taken as 0. The
            arrays are read-only.
        point: where, shape (..., K): the coordinates on the last axis.

    Returns:
        Shape (..., K), of the point's dtype (of float64 for whole numbers).

    Raises:
        TypeError: for an operation in f that is not one of these, naming it, and for a
            point or a value of f that is not real.
        ValueError: for a point without an axis.

    Example:
        >>> gradient(lambda x, y: x**2 * y, [3.0, 4.0])
        array([24.,  9.])
    """
    return _along_each(f, point, lambda result: result.first)


def curvature(f: Callable[..., Any], point: ArrayLike) -> NDArray[np.floating]:
    r"""The second derivatives :math:`\partial^2 f / \partial w_k^2`.

    They are the diagonal of the Hessian. Arguments, shapes and errors are those of
    :func:`gradient`.

    Example:
        >>> curvature(lambda x, y: x**2 * y, [3.0, 4.0])
        array([8., 0.])
    """
    return _along_each(f, point, lambda result: result.second)


def _along_each(
    f: Callable[..., Any], point: ArrayLike, part: Callable[[Taylor], Any]
) -> NDArray[np.floating]:
    """One part of f's Taylor numbers along each coordinate in turn."""
    w = _real(point).view()
    w.flags.writeable = False  # f would change the point for the coordinates after
    derivatives = np.empty_like(w)
    results = taylor(f, [w[..., i] for i in range(w.shape[-1])])
    for k, result in enumerate(results):
        derivatives[..., k] = part(result)
    return derivatives


def taylor(f: Callable[..., Any], coordinates: Sequence[Any]) -> list[Taylor]:
    """f's Taylor number along each coordinate in turn.

    The coordinates are arrays, or anything with NumPy's arithmetic and a dtype.
    """
    results = []
    for k, x in enumerate(coordinates):
        results.append(f(*coordinates[:k], Taylor(x, 1.0, 0.0), *coordinates[k + 1 :]))
    return [_result(result) for result in results]


def _result(result: Any) -> Taylor:
    if isinstance(result, Taylor):
        return result
    dtype = result.dtype if hasattr(result, "dtype") else np.asarray(result).dtype
    if dtype.kind not in "iuf":
        kind = type(result).__name__
        raise TypeError(f"the function gave a {kind}; allowed: real numbers")
    return _lift(result)


def _real(point: ArrayLike) -> NDArray[np.floating]:
    w = np.asarray(point)
    if w.dtype.kind not in "iuf":
        raise TypeError(f"the point has dtype {w.dtype}; allowed: real numbers")
    if w.ndim == 0:
        raise ValueError(
            "the point has shape (); allowed: (..., K), coordinates on the last axis"
        )
    return w if w.dtype.kind == "f" else w.astype(float)


@dataclass(frozen=True, eq=False)
class Taylor(NDArrayOperatorsMixin):
    """A value and its first and second derivative along one line."""

    value: Any
    first: Any
    second: Any

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any
    ) -> Taylor:
        name = ufunc.__name__
        if method != "__call__" or options:
            how = f".{method}" if method != "__call__" else f"({', '.join(options)}=)"
            raise TypeError(f"np.{name}{how} has no derivative here; {_ALLOWED}")
        if name not in _RULES:
            raise TypeError(f"np.{name} has no derivative here; {_ALLOWED}")
        return _RULES[name](*inputs)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any
    ) -> Any:
        raise TypeError(f"np.{function.__name__} has no derivative here; {_ALLOWED}")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError(f"np.asarray would lose the derivatives; {_ALLOWED}")


def _lift(x: Any) -> Taylor:
    """A constant as a Taylor number; a Taylor number as it is."""
    return x if isinstance(x, Taylor) else Taylor(x, 0.0, 0.0)


def _plus(a: Any, b: Any) -> Taylor:
    a, b = _lift(a), _lift(b)
    return Taylor(a.value + b.value, a.first + b.first, a.second + b.second)


def _minus(a: Any, b: Any) -> Taylor:
    a, b = _lift(a), _lift(b)
    return Taylor(a.value - b.value, a.first - b.first, a.second - b.second)


def _times(a: Any, b: Any) -> Taylor:
    a, b = _lift(a), _lift(b)
    return Taylor(
        a.value * b.value,
        a.first * b.value + a.value * b.first,
        a.second * b.value + 2.0 * a.first * b.first + a.value * b.second,
    )


def _over(a: Any, b: Any) -> Taylor:
    """From a = q b, differentiated once and twice and solved for q' and q''."""
    a, b = _lift(a), _lift(b)
    value = a.value / b.value
    first = (a.first - value * b.first) / b.value
    second = (a.second - 2.0 * first * b.first - value * b.second) / b.value
    return Taylor(value, first, second)


def _chain(a: Taylor, value: Any, slope: Any, bend: Any) -> Taylor:
    """h(a), of which the value, h'(a) and h''(a) are given."""
    return Taylor(value, slope * a.first, bend * a.first**2 + slope * a.second)


def _power(a: Any, n: Any) -> Taylor:
    if isinstance(n, bool) or not isinstance(n, Real):
        kind = type(n).__name__
        raise TypeError(f"the exponent of ** is of type {kind}; allowed: a number")
    # A factor of zero ends the polynomial: at 0, 0 * 0**-1 would be NaN.
    slope = n * a.value ** (n - 1) if n != 0 else 0.0
    bend = n * (n - 1) * a.value ** (n - 2) if n not in (0, 1) else 0.0
    return _chain(a, a.value**n, slope, bend)


def _sqrt(a: Taylor) -> Taylor:
    root = np.sqrt(a.value)
    return _chain(a, root, 0.5 / root, -0.25 / (root * a.value))


def _exp(a: Taylor) -> Taylor:
    value = np.exp(a.value)
    return _chain(a, value, value, value)


def _log(a: Taylor) -> Taylor:
    return _chain(a, np.log(a.value), 1.0 / a.value, -1.0 / a.value**2)


def _sin(a: Taylor) -> Taylor:
    sine, cosine = np.sin(a.value), np.cos(a.value)
    return _chain(a, sine, cosine, -sine)


def _cos(a: Taylor) -> Taylor:
    sine, cosine = np.sin(a.value), np.cos(a.value)
    return _chain(a, cosine, -sine, -cosine)


def _tanh(a: Taylor) -> Taylor:
    value = np.tanh(a.value)
    # 1 - tanh^2 would lose its digits where tanh is near 1.
    fallen = np.exp(-2.0 * np.abs(a.value))
    slope = 4.0 * fallen / (1.0 + fallen) ** 2
    return _chain(a, value, slope, -2.0 * value * slope)


def _absolute(a: Taylor) -> Taylor:
    return _chain(a, np.abs(a.value), np.sign(a.value), 0.0)


_RULES: dict[str, Callable[..., Taylor]] = {
    "add": _plus,
    "subtract": _minus,
    "multiply": _times,
    "divide": _over,
    "power": _power,
    "negative": lambda a: Taylor(-a.value, -a.first, -a.second),
    "positive": lambda a: a,
    "sqrt": _sqrt,
    "exp": _exp,
    "log": _log,
    "sin": _sin,
    "cos": _cos,
    "tanh": _tanh,
    "absolute": _absolute,
}
_ALLOWED = (
    "allowed: + - * /, ** by a number, "
    "np.sqrt, np.exp, np.log, np.sin, np.cos, np.tanh, np.abs"
)
