"""A function's program gives what the function gives."""

import ast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimlib import derivatives
from optimlib.engine import formulas
from optimlib.engine.tracing import traced
from optimlib.problems import SURFACES


def text(function, names=("x", "y")):
    """The assignments and results of a function's text, as they read."""
    found = traced(function, names)
    lines = [f"{name} = {ast.unparse(value)}" for name, value in found.statements]
    return [*lines, *map(ast.unparse, found.results)]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x, y: [0 * x + y, 0.0 / x], ["y", "0.0"]),
        (lambda x, y: [1 * x, y * 1.0, x / 1, +y], ["x", "y", "x", "y"]),
        (lambda x, y: [x + 0, 0.0 + y, x - 0, 0 - y], ["x", "y", "x", "-y"]),
        (lambda x, y: [x * 0 * y + 2, x * -1.0], ["2.0", "-x"]),
        (lambda x, y: [x**0, x**1, x**2], ["1.0", "x", "x * x"]),
        (lambda x, y: [y**3, 2 * x**4], ["y * y * y", "2 * np.power(x, 4)"]),
        (lambda x, y: [np.cos(x) - np.abs(y)], ["np.cos(x) - np.abs(y)"]),
        (lambda x, y: [x - (y - 1) / 2], ["x - (y - 1) / 2"]),
        (lambda x, y: [np.float64(0.5) * x, 7], ["0.5 * x", "7"]),
    ],
)
def test_what_constants_decide_is_not_written(function, expected):
    assert text(function) == expected


def test_an_operation_that_is_used_twice_has_a_name_and_one_that_is_not_has_none():
    def function(x, y):
        unused = np.exp(x) * np.exp(x)
        assert unused is not None
        far = np.sqrt(x * x + y) + y
        return [(x * x + y) * far, np.sqrt(x**2 + y)]

    assert text(function) == [
        "s4 = x * x + y",
        "s5 = np.sqrt(s4)",
        "s4 * (s5 + y)",
        "s5",
    ]


def mixed(x, y):
    r = np.sqrt(x * x + y**2 + 1)
    far = np.exp(-r / 3) * np.cos(2 * y) + np.tanh(x * y) / (2 + np.sin(x - y))
    return far - np.log(r) * y**3 + np.abs(x - y) * r**2.5 + r**-2


@given(st.tuples(*[st.floats(-3, 3)] * 2))
def test_the_texts_of_a_formula_are_its_value_and_its_derivatives(point):
    value, gradient, curvature = (
        formulas.compiled(mixed, part)(*point)
        for part in ("value", "gradient", "curvature")
    )
    np.testing.assert_allclose(value, [mixed(*point)], rtol=1e-14, atol=1e-14)
    right = derivatives.gradient(mixed, point)
    np.testing.assert_allclose(gradient, right, rtol=1e-13, atol=1e-13)
    right = derivatives.curvature(mixed, point)
    np.testing.assert_allclose(curvature, right, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("part", formulas.PARTS)
def test_a_text_gives_for_many_points_what_it_gives_for_each(part):
    """To the bit: the operations are the same."""
    points = np.random.default_rng(0).normal(scale=2, size=(2, 50))
    for surface in SURFACES.values():
        found = formulas.compiled(surface.formula, part)
        together = np.broadcast_arrays(*found(*points), points[0])[:-1]
        for k in range(50):
            alone = found(*points[:, k].tolist())
            assert [float(x) for x in alone] == [float(x[k]) for x in together]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x: [np.hypot(x, x)], "^np.hypot is not among the operations"),
        (lambda x: [np.add.reduce(x)], "^np.add.reduce is no operation on numbers"),
        (lambda x: [np.add(x, 1, out=np.ones(1))], r"^np.add\.__call__ is no"),
        (lambda x: [1 if x > 0 else 2], "^np.greater is not among the operations"),
        (lambda x: [1 if x else 2], "^a condition is no operation"),
        (lambda x: [np.asarray(x)], "^np.asarray would lose"),
        (lambda x: [x * np.ones(2)], "."),
        (lambda x: [float(x)], "."),
        (lambda x: [None], "^None is no finite number"),
        (lambda x: [x + np.inf], "^inf is no finite number"),
        (lambda x: [x + True], "^True is no finite number"),
    ],
)
def test_what_is_no_arithmetic_of_numbers_has_no_text(function, said):
    with pytest.raises(TypeError, match=said):
        traced(function, ["x"])


@pytest.mark.parametrize(
    "formula",
    [
        lambda x, y: np.maximum(x, y),
        lambda x, y: x.astype(float) + y,
        lambda x, y: np.where(x > y, x, y),
        lambda x, y: 1 / (0 * x) + y,
    ],
)
def test_a_formula_without_a_text_has_none_compiled(formula):
    assert formulas.compiled(formula, "value") is None
