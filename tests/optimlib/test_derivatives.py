"""Derivatives by Taylor arithmetic: exact to rounding, by SymPy's in 50 digits."""

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from optimlib.derivatives import Taylor, curvature, gradient

mp.dps = 50
X, Y, Z = sympy.symbols("x y z", real=True)


def exact(expression, symbols, point, order):
    """The derivatives of this order along each symbol, at a point, to 50 digits."""
    values = {s: sympy.Float(p, 50) for s, p in zip(symbols, point, strict=True)}
    return [sympy.diff(expression, s, order).evalf(50, subs=values) for s in symbols]


def agree(got, expression, symbols, point, order, tolerance):
    """Whether the derivatives are these, in units of the larger of 1 and their size."""
    for value, right in zip(got, exact(expression, symbols, point, order), strict=True):
        assert abs(mpf(float(value)) - mpf(right)) <= tolerance * max(1, abs(right))


# One operation at a time: numbers from -6 to 6 where it is defined.

ONE = {
    "+": (lambda x: x + 1.5, X + 1.5),
    "reflected +": (lambda x: 2 + x, X + 2),
    "-": (lambda x: x**3 - 3 * x**2, X**3 - 3 * X**2),
    "reflected -": (lambda x: 3 - x, 3 - X),
    "*": (lambda x: x * x * 2.5, 2.5 * X**2),
    "/": (lambda x: (x + 1) / (x * x + 2), (X + 1) / (X**2 + 2)),
    "reflected /": (lambda x: 3 / (x * x + 1), 3 / (X**2 + 1)),
    "negative": (lambda x: -(x**3), -(X**3)),
    "positive": (lambda x: +(x**3), X**3),
    "**0": (lambda x: x**0, X**0),
    "**1": (lambda x: x**1, X),
    "**2": (lambda x: x**2, X**2),
    "**5": (lambda x: x**5, X**5),
    "**-2": (lambda x: (x * x + 1) ** -2, (X**2 + 1) ** -2),
    "**1.5": (lambda x: (x * x + 1) ** 1.5, (X**2 + 1) ** sympy.Rational(3, 2)),
    "sqrt": (lambda x: np.sqrt(x * x + 1), sympy.sqrt(X**2 + 1)),
    "exp": (np.exp, sympy.exp(X)),
    "log": (lambda x: np.log(x * x + 1), sympy.log(X**2 + 1)),
    "sin": (np.sin, sympy.sin(X)),
    "cos": (np.cos, sympy.cos(X)),
    "tanh": (np.tanh, sympy.tanh(X)),
    "abs": (lambda x: np.abs(x) * x, sympy.Abs(X) * X),
    "built-in abs": (lambda x: abs(x) * x, sympy.Abs(X) * X),
}


@pytest.mark.parametrize("name", ONE)
def test_each_operation_has_its_first_and_second_derivative(name):
    f, expression = ONE[name]
    for x in (-6.0, -1.3, -0.01, 0.7, 2.0, 5.9):
        agree(gradient(f, [x]), expression, [X], [x], 1, 2e-15)
        agree(curvature(f, [x]), expression, [X], [x], 2, 4e-15)


@pytest.mark.parametrize("x", [-300.0, -20.0, 9.0, 18.0, 40.0])
def test_the_slope_of_tanh_keeps_its_digits_where_tanh_is_all_but_1(x):
    slope = 1 / mp.cosh(mpf(x)) ** 2
    assert gradient(np.tanh, [x])[0] == pytest.approx(float(slope), rel=1e-14, abs=0)
    bend = -2 * mp.tanh(mpf(x)) * slope
    assert curvature(np.tanh, [x])[0] == pytest.approx(float(bend), rel=1e-14, abs=0)


@pytest.mark.parametrize("power", [0, 1, 2, 3])
def test_a_polynomial_has_derivatives_at_0(power):
    with np.errstate(all="raise"):
        assert gradient(lambda x: x**power, [0.0]) == [1 if power == 1 else 0]
        assert curvature(lambda x: x**power, [0.0]) == [2 if power == 2 else 0]


def test_the_slope_of_abs_at_0_is_taken_as_0():
    assert gradient(np.abs, [0.0]) == [0]


# Functions of several coordinates


def mixed(x, y, z, np=np):
    r = np.sqrt(x * x + y**2 + 1)
    return np.exp(-r / 3) * np.cos(2 * y + z) + np.tanh(x * z) / (2 + np.sin(x - y)) - z


MIXED = {
    order: [
        sympy.lambdify(
            (X, Y, Z), sympy.diff(mixed(X, Y, Z, np=sympy), s, order), "mpmath"
        )
        for s in (X, Y, Z)
    ]
    for order in (1, 2)
}


@given(st.tuples(*[st.floats(-3, 3)] * 3))
def test_functions_of_many_operations_are_differentiated_exactly(point):
    for derivatives, rights, tolerance in (
        (gradient(mixed, point), MIXED[1], 1e-14),
        (curvature(mixed, point), MIXED[2], 2e-14),
    ):
        for got, f in zip(derivatives, rights, strict=True):
            right = f(*map(mpf, point))
            assert abs(mpf(float(got)) - right) <= tolerance * max(1, abs(right))


def test_many_points_at_once_are_each_what_they_are_alone():
    points = np.random.default_rng(0).normal(size=(4, 5, 3))
    slopes, bends = gradient(mixed, points), curvature(mixed, points)
    assert slopes.shape == bends.shape == (4, 5, 3)
    for i in range(4):
        for j in range(5):
            np.testing.assert_allclose(
                slopes[i, j], gradient(mixed, points[i, j]), rtol=1e-13, atol=1e-15
            )
            np.testing.assert_allclose(
                bends[i, j], curvature(mixed, points[i, j]), rtol=1e-13, atol=1e-15
            )


def test_an_array_of_constants_goes_with_the_points():
    scale = np.array([1.0, 2.0, 3.0])
    points = np.array([[1.0], [2.0], [3.0]])
    slopes = gradient(lambda x: (scale * x) ** 2 + scale, points)
    np.testing.assert_array_equal(slopes[:, 0], 2 * scale**2 * points[:, 0])


def test_a_function_without_a_coordinate_has_the_slope_0_along_it():
    np.testing.assert_array_equal(gradient(lambda x, y: y**2, [3.0, 5.0]), [0, 10])
    np.testing.assert_array_equal(gradient(lambda x: 7, np.ones((2, 1))), [[0], [0]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_the_derivatives_are_of_the_points_dtype(dtype):
    point = np.array([[0.3, 0.4, 0.5]], dtype)
    seen = []

    def watched(*coordinates):
        seen.append(mixed(*coordinates))
        return seen[-1]

    assert gradient(watched, point).dtype == dtype
    for number in seen:
        parts = (number.value, number.first, number.second)
        assert {part.dtype for part in parts} == {np.dtype(dtype)}


def test_whole_numbers_are_points_and_the_point_stays_as_it_was():
    point = np.array([3, 4])
    np.testing.assert_array_equal(gradient(lambda x, y: x / y, point), [0.25, -3 / 16])
    np.testing.assert_array_equal(point, [3, 4])


# What it does not know


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (lambda x: np.maximum(x, 0), "np.maximum"),
        (lambda x: np.arctan(x), "np.arctan"),
        (lambda x: np.add.reduce(x), "np.add.reduce"),
        (lambda x: np.add(x, 1, out=np.zeros(1)), r"np.add\(out=\)"),
        (lambda x: np.where(True, x, 0), "np.where"),
        (lambda x: np.asarray(x) * 2, "np.asarray"),
        (lambda x: x < 1, "np.less"),
        (lambda x: x % 1, "np.remainder"),
    ],
)
def test_an_operation_it_does_not_know_is_named(f, name):
    with pytest.raises(TypeError, match=rf"^{name} .*; allowed: \+ - \* /, \*\* by a"):
        gradient(f, [3.0])


@pytest.mark.parametrize(
    ("f", "kind"), [(lambda x: 2**x, "Taylor"), (lambda x: x ** np.ones(1), "ndarray")]
)
def test_an_exponent_that_is_no_number_is_refused(f, kind):
    with pytest.raises(TypeError, match=rf"^the exponent of \*\* is of type {kind};"):
        gradient(f, [3.0])


def test_a_function_that_returns_nothing_is_refused():
    with pytest.raises(TypeError, match="^the function gave a NoneType; allowed: real"):
        gradient(lambda x: None, [3.0])


@pytest.mark.parametrize(
    ("point", "error", "message"),
    [
        (3.0, ValueError, r"^the point has shape \(\); allowed: \(\.\.\., K\)"),
        ([1j], TypeError, "^the point has dtype complex128; allowed: real numbers"),
        (["a"], TypeError, "^the point has dtype <U1; allowed: real numbers"),
    ],
)
def test_points_that_are_none_are_refused(point, error, message):
    with pytest.raises(error, match=message):
        curvature(np.sin, point)


def test_a_taylor_number_leaves_its_operands_as_they_are():
    x = Taylor(np.array([2.0]), 1.0, 0.0)
    y = x
    y = y + 1
    assert x.value[0] == 2 and y.value[0] == 3
