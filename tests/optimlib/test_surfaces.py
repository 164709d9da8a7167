"""The surfaces: their text, values and derivatives by SymPy, what is said of them."""

import ast
import inspect
import textwrap
import types

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from optimlib import SGD, Adam, derivatives, minimize
from optimlib.problems import SURFACES, Quadratic, Surface
from optimlib.problems import surfaces as module

mp.dps = 50
X, Y = sympy.symbols("x y", real=True)
each_surface = pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)


def symbolic(surface):
    """The formula's own text on symbols, its numbers as the fractions they are."""
    code, defaults = surface.formula.__code__, surface.formula.__defaults__
    text = types.FunctionType(code, {"np": sympy}, argdefs=defaults)
    return sympy.nsimplify(text(X, Y), rational=True)


def points_of(surface, count=40):
    low, high = np.array(surface.window).T
    return np.random.default_rng(1).uniform(low, high, (count, 2))


# The text

ALLOWED = (
    ast.Return, ast.Assign, ast.BinOp, ast.UnaryOp, ast.Constant, ast.Name, ast.Call,
    ast.Attribute, ast.operator, ast.unaryop, ast.expr_context,
)  # fmt: skip


@each_surface
def test_the_formula_is_straight_arithmetic_on_its_arguments(surface):
    source = textwrap.dedent(inspect.getsource(surface.formula))
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef) and not function.decorator_list
    assert ast.get_docstring(function)
    arguments = [argument.arg for argument in function.args.args]
    assert arguments[:2] == ["x", "y"]
    assert len(function.args.defaults) == len(arguments) - 2
    known = {"np", *arguments}
    for statement in function.body[1:]:
        for node in ast.walk(statement):
            assert isinstance(node, ALLOWED), ast.dump(node)
            if isinstance(node, ast.Name):
                if isinstance(node.ctx, ast.Store):
                    known.add(node.id)
                assert node.id in known
    assert isinstance(function.body[-1], ast.Return)
    assert surface.formula.__closure__ is None


@each_surface
def test_the_docstring_has_the_formula_and_its_source(surface):
    text = inspect.getdoc(surface.formula)
    assert ".. math::" in text and "Source: " in text


def test_the_surfaces_are_listed_by_their_names():
    assert list(SURFACES) == ["ravine", "saddle", "rosenbrock", "beale", "rastrigin"]
    for name, surface in SURFACES.items():
        assert surface.name == name == surface.formula.__name__


# Values and derivatives

PRINTED = {
    "ravine": (X**2 + 50 * Y**2) / 2,
    "saddle": X**2 - Y**2,
    "rosenbrock": (1 - X) ** 2 + 100 * (Y - X**2) ** 2,
    "beale": sum(
        (sympy.Rational(*c) - X + X * Y**k) ** 2
        for k, c in ((1, (3, 2)), (2, (9, 4)), (3, (21, 8)))
    ),
    "rastrigin": 20
    + X**2
    - 10 * sympy.cos(2 * sympy.pi * X)
    + Y**2
    - 10 * sympy.cos(2 * sympy.pi * Y),
}


@each_surface
def test_the_values_are_those_of_the_formula_in_print(surface):
    for x, y in points_of(surface):
        right = PRINTED[surface.name].evalf(50, subs={X: x, Y: y})
        assert surface([x, y]) == pytest.approx(float(right), rel=1e-12, abs=1e-12)


@each_surface
@pytest.mark.parametrize("order", [1, 2])
def test_the_derivatives_are_those_of_the_text_in_50_digits(surface, order):
    expression = symbolic(surface)
    functions = [
        sympy.lambdify((X, Y), sympy.diff(expression, s, order), "mpmath")
        for s in (X, Y)
    ]
    points = points_of(surface)
    got = (surface.gradient if order == 1 else surface.curvature)(points)
    for point, derivative in zip(points, got, strict=True):
        for f, value in zip(functions, derivative, strict=True):
            right = f(*(mpf(float(c)) for c in point))
            # Terms cancel where the surface is flat: Beale's reach 1e5 in the window.
            assert abs(mpf(float(value)) - right) <= 1e-14 * max(1e3, abs(right))


@each_surface
def test_a_map_of_points_is_evaluated_as_each_alone(surface):
    points = points_of(surface, 12).reshape(3, 4, 2)
    for f in (surface, surface.gradient, surface.curvature):
        together = f(points)
        assert together.shape[:2] == (3, 4)
        for i in range(3):
            for j in range(4):
                np.testing.assert_allclose(
                    together[i, j], f(points[i, j]), rtol=1e-12, atol=1e-12
                )


@each_surface
def test_float32_stays_float32_and_whole_numbers_are_points(surface):
    w = np.array([[0.3, 0.4]], np.float32)
    for f in (surface, surface.gradient, surface.curvature):
        assert f(w).dtype == np.float32
        np.testing.assert_array_equal(f([1, 2]), f([1.0, 2.0]))


@each_surface
def test_points_that_are_not_in_the_plane_are_refused(surface):
    for f in (surface, surface.gradient, surface.curvature):
        for wrong in (3.0, [1.0], [1.0, 2.0, 3.0]):
            with pytest.raises(ValueError, match=r"^w has shape .*; allowed: \(\.\.\."):
                f(wrong)
        with pytest.raises(TypeError, match="^w has dtype complex128; allowed: real"):
            f([1j, 0])


# What is said of them


@each_surface
def test_the_stated_minima_are_the_least_values(surface):
    points = points_of(surface, 20_000)
    for minimum in surface.minima:
        assert surface(minimum) == 0
        np.testing.assert_allclose(surface.gradient(minimum), 0, atol=1e-13)
        assert (surface.curvature(minimum) > 0).all()
        assert (surface(points) > 0).all()
        near = minimum + np.random.default_rng(2).normal(size=(500, 2)) * 1e-3
        assert (surface(near) > 0).all()


@each_surface
def test_the_start_and_the_minima_lie_in_the_window(surface):
    for point in (surface.start, *surface.minima):
        for coordinate, (low, high) in zip(point, surface.window, strict=True):
            assert low < coordinate < high
    assert np.abs(surface.gradient(surface.start)).max() > 0


def hessian(name, point):
    return np.array(
        sympy.hessian(symbolic(SURFACES[name]), (X, Y)).subs(
            dict(zip((X, Y), point, strict=True))
        ),
        dtype=float,
    )


@pytest.mark.parametrize(("name", "point"), [("saddle", (0, 0)), ("beale", (0, 1))])
def test_the_stated_saddle_points_are_saddle_points(name, point):
    np.testing.assert_allclose(SURFACES[name].gradient(point), 0, atol=1e-14)
    low, high = np.linalg.eigvalsh(hessian(name, point))
    assert low < 0 < high


def test_the_saddle_has_no_minimum_and_says_so():
    saddle = SURFACES["saddle"]
    assert saddle.minima == () and saddle([0, 1e6]) < -1e11


def test_the_ravine_throws_gradient_descent_from_its_stated_rate_on():
    ravine = SURFACES["ravine"]
    assert hessian("ravine", (0, 0)).tolist() == [[1, 0], [0, 50]]
    below, above = (
        minimize(ravine, ravine.gradient, ravine.start, SGD(lr=lr), 400).f[-1]
        for lr in (0.99 * 2 / 50, 1.01 * 2 / 50)
    )
    assert below < 1e-2 and above > 1e3


def test_rastrigins_other_minima_lie_near_the_whole_numbers():
    surface = SURFACES["rastrigin"]
    for start in ((1.0, 0.0), (-2.0, 3.0), (4.0, -4.0)):
        run = minimize(surface, surface.gradient, start, SGD(lr=2e-3), 200)
        assert run.grad_norm[-1] < 1e-9 and run.f[-1] > 0.9
        assert np.abs(run.w[-1] - start).max() < 0.05


@each_surface
def test_a_whole_map_of_starts_is_descended_at_once(surface):
    starts = points_of(surface, 6).reshape(2, 3, 2)
    run = minimize(surface, surface.gradient, starts, Adam(lr=0.01), 50)
    assert run.w.shape == (51, 2, 3, 2) and run.f.shape == (51, 2, 3)
    assert (run.f[-1] < run.f[0]).all()
    alone = minimize(surface, surface.gradient, starts[1, 2], Adam(lr=0.01), 50)
    np.testing.assert_allclose(run.w[:, 1, 2], alone.w, rtol=1e-9, atol=1e-12)


def test_a_surface_of_ones_own_has_its_derivatives():
    def tilt(x, y):
        return x * y + 2 * x

    surface = Surface("tilt", tilt, (), (1.0, 1.0), ((-1.0, 1.0), (-1.0, 1.0)))
    np.testing.assert_array_equal(surface.gradient([3.0, 5.0]), [7, 3])


# Quadratics


def symmetric(seed, size):
    half = np.random.default_rng(seed).normal(size=(size, size))
    return half + half.T


@given(st.integers(1, 6), st.integers(0, 1000))
def test_a_quadratics_values_and_derivatives_are_those_of_its_double_sum(size, seed):
    A, b = symmetric(seed, size), np.random.default_rng(seed + 1).normal(size=size)
    f = Quadratic(A, linear=b)
    w = np.random.default_rng(seed + 2).normal(size=(3, size))

    def double_sum(*w):
        k = range(len(w))
        return sum(w[i] * A[i, j] * w[j] for i in k for j in k) / 2 - sum(
            b[i] * w[i] for i in k
        )

    np.testing.assert_allclose(f(w), double_sum(*w.T), rtol=1e-11, atol=1e-12)
    for got, right in (
        (f.gradient(w), derivatives.gradient(double_sum, w)),
        (f.curvature(w), derivatives.curvature(double_sum, w)),
    ):
        assert got.shape == (3, size)
        np.testing.assert_allclose(got, right, rtol=1e-11, atol=1e-12)


def test_a_quadratics_minimum_is_where_nothing_lies_lower():
    half = np.random.default_rng(3).normal(size=(4, 4))
    f = Quadratic(half @ half.T + np.eye(4), linear=[1.0, -2.0, 3.0, 0.5])
    minimum = f.minimum()
    np.testing.assert_allclose(f.gradient(minimum), 0, atol=1e-13)
    others = minimum + np.random.default_rng(4).normal(size=(100, 4))
    assert (f(others) > f(minimum)).all()


def test_without_a_linear_part_the_minimum_is_0():
    np.testing.assert_array_equal(Quadratic([[2.0]]).minimum(), [0])


@pytest.mark.parametrize("last", [0.0, -1.0])
def test_a_quadratic_that_is_not_positive_definite_has_no_minimum(last):
    with pytest.raises(
        ValueError, match="^matrix has the eigenvalue .*; allowed for a"
    ):
        Quadratic([[1.0, 0.0], [0.0, last]]).minimum()


def test_a_quadratic_keeps_float32_and_its_own_matrix():
    A = np.eye(2)
    f = Quadratic(A)
    A[0, 0] = 7
    w = np.ones(2, np.float32)
    assert f(w) == 1 and f(w).dtype == np.float32
    assert f.gradient(w).dtype == f.curvature(w).dtype == np.float32
    f.curvature(w)[:] = 3
    assert f.curvature(w).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("matrix", "linear", "message"),
    [
        ([1.0], None, r"^matrix has shape \(1,\); allowed: \(K, K\)"),
        (np.ones((2, 3)), None, r"^matrix has shape \(2, 3\); allowed: \(K, K\)"),
        (np.ones((0, 0)), None, r"^matrix has shape \(0, 0\); allowed: \(K, K\)"),
        (np.eye(2), [1.0], r"^linear has shape \(1,\); allowed: \(2,\)"),
        (np.diag([1, np.nan]), None, "^matrix is .*nan.*; allowed: finite numbers"),
        (np.eye(2), [1, np.inf], "^linear is .*inf.*; allowed: finite numbers"),
        (
            [[1.0, 2.0], [3.0, 4.0]],
            None,
            r"^matrix\[0, 1\] is 2.0 and matrix\[1, 0\] is 3.0; allowed: a symmetric",
        ),
    ],
)
def test_a_quadratic_that_is_none_is_refused(matrix, linear, message):
    with pytest.raises(ValueError, match=message):
        Quadratic(matrix, linear)


def test_points_that_do_not_fit_a_quadratic_are_refused():
    f = Quadratic(np.eye(3))
    for wrong in (1.0, [1.0, 2.0], np.ones((3, 2))):
        for method in (f, f.gradient, f.curvature):
            with pytest.raises(
                ValueError, match=r"^w has shape .*; allowed: \(\.\.\., 3"
            ):
                method(wrong)


def test_the_module_has_no_other_surface_than_those_listed():
    own = [
        f
        for name, f in vars(module).items()
        if inspect.isfunction(f)
        and f.__module__ == module.__name__
        and not name.startswith("_")
    ]
    assert own == [surface.formula for surface in SURFACES.values()]
