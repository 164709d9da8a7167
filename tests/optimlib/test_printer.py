"""An expression printed for plain floats is what NumPy computes, to the bit."""

import ast
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimlib.engine.printer import JAVASCRIPT, PRELUDE, PYTHON, Printer

A, B, C = (ast.Name(name, ast.Load()) for name in "abc")
NUMBERS = [0.0, -0.0, 1.0, -2.5, 1e-310, 1e300, math.inf, -math.inf, math.nan]
number = st.one_of(st.sampled_from(NUMBERS), st.floats(width=64))
TWO = ["maximum", "minimum", "fmax", "fmin"]
ONE = ["abs", "sign", "exp", "log", "sin", "cos", "tanh", "sqrt"]


def printed(source, language=PYTHON, **names):
    """The lines of an expression in another language, the last of them its value."""
    printer = Printer(language, names)
    value = printer.text(ast.parse(source, mode="eval").body)
    return [*printer.lines, value]


def value_of(source, **numbers):
    """What the printed text comes to on plain floats."""
    *lines, value = printed(source)
    scope = {"np": np, "sqrt": math.sqrt, **numbers}
    exec("\n".join(lines), scope)  # noqa: S102 - what the printer wrote
    return eval(value, scope)


def same(one, other):
    """Equal to the bit, but for which NaN it is."""
    one, other = np.float64(one), np.float64(other)
    return one.tobytes() == other.tobytes() or (np.isnan(one) and np.isnan(other))


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(number, number)
def test_functions_on_floats_are_numpys_on_arrays(a, b):
    x, y = np.array([a, a]), np.array([b, b])
    for name in TWO:
        expected = getattr(np, name)(x, y)[0]
        assert same(value_of(f"np.{name}(a, b)", a=a, b=b), expected), name
    for name in ONE:
        if name != "sqrt" or not a < 0:  # there Python raises, and arrays take over
            expected = getattr(np, name)(x)[0]
            assert same(value_of(f"np.{name}(a)", a=a), expected), name
    assert same(value_of("np.power(a, b)", a=a, b=b), np.power(x, y)[0])
    assert same(value_of("a**2", a=a), np.square(x)[0])
    assert same(value_of("np.where(a > b, a, -b)", a=a, b=b), np.where(x > y, x, -y)[0])
    assert value_of("(a < b) | np.equal(a, b)", a=a, b=b) == ((x < y) | (x == y))[0]


OPERATIONS = ["{} + {}", "{} - {}", "{} * {}", "{} / {}", "-{}", "np.abs({})"]
nested = st.recursive(
    st.sampled_from(["a", "b", "c", "2", "0.5", "(-3)"]),
    lambda parts: st.one_of(
        st.builds(
            lambda form, x, y: "(" + form.format(x, y) + ")",
            st.sampled_from([*OPERATIONS, "np.where({} > {}, a, b - 1)", "({})**2"]),
            parts,
            parts,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(nested, st.tuples(*[st.floats(0.5, 2)] * 3))
def test_brackets_stand_where_they_are_needed(source, numbers):
    """Whatever is within what: the text is computed in the order of the expression."""
    given = dict(zip("abc", numbers, strict=True))
    arrays = {"np": np, **{name: np.array([x]) for name, x in given.items()}}
    with np.errstate(all="ignore"):
        expected = np.broadcast_to(eval(source, arrays), 1)[0]
    try:
        found = value_of(source, **given)
    except ZeroDivisionError:
        return
    if "**2" not in source or abs(expected) > 1e100:
        assert same(found, expected) or found == expected
    else:  # the square of a number is a power in Python, a product on arrays
        np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a - (b - c)", ["a - (b - c)"]),
        ("(a - b) - c", ["a - b - c"]),
        ("a * (b * c) / c", ["a * (b * c) / c"]),
        ("-(a + b) * c", ["-(a + b) * c"]),
        ("-a ** 3", ["-(a ** 3)"]),
        ("(-a) ** b ** c", ["(-a) ** (b ** c)"]),
        ("a ** 2", ["a * a"]),
        ("c * (a - b) ** 2", ["const r1 = a - b;", "c * (r1 * r1)"]),
        ("np.where((a < b) | (b > c), a, b)", ["a < b || b > c ? a : b"]),
        ("np.where(a < b, np.where(b < c, 1, 2), 3)", ["a < b ? (b < c ? 1 : 2) : 3"]),
        ("1 + np.where(np.equal(a, 1), 0.5, b)", ["1 + (a === 1 ? 0.5 : b)"]),
        (
            "np.fmax(a / b, c)",
            ["const r1 = a / b;", "r1 >= c || c !== c ? r1 : c"],
        ),
        ("np.maximum(a, -b)", ["Math.max(a, -b)"]),
        ("2.0 * a - 1e-08", ["2 * a - 1e-08"]),
    ],
)
def test_javascript_reads_as_the_rule_does(source, expected):
    assert printed(source, JAVASCRIPT) == expected


def test_a_prelude_has_pythons_powers_and_a_body_numpys():
    assert printed("(1 - a) ** 2 + a ** t", PRELUDE) == ["(1.0 - a) ** 2 + a ** t"]
    assert printed("(1 - a) ** t") == ["float(np.power(1.0 - a, t))"]


def test_names_are_those_that_are_given():
    assert printed("a * b", a="a_x") == ["a_x * b"]


def test_what_has_no_form_is_named():
    with pytest.raises(NotImplementedError, match="^np.arctan is in no form here"):
        printed("np.arctan(a)")
    with pytest.raises(NotImplementedError, match="^a if b else c"):
        printed("a if b else c")
