"""Checks of equations: what is true passes and is shown as it is; what is false fails, with the first case."""

import inspect
import json
from decimal import Decimal
from fractions import Fraction
from unittest import mock

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from companion import averages_to, book, holds, proves
from companion import typeset as as_printed
from companion.checks import numbers
from companion.checks.latex import expression
from companion.checks.numbers import SIGMAS
from companion.checks.proofs import proves_docstring
from companion.results import MIME
from optimlib import (
    SGD,
    Adagrad,
    AdagradSigma,
    Adam,
    Momentum,
    Nesterov,
    RMSprop,
)
from optimlib.engine import with_sympy

# What is printed, evaluated


def test_a_side_is_evaluated_as_it_is_printed(typeset):
    typeset["eq-a"] = (
        r"x = \frac{(1-\beta)(1+\beta^t)}{1-\beta^t}\, \operatorname{Var}[g] + \mathbb{E}[g]^2 - \mathbb{E}[g^2]"
    )
    t = np.array([1, 2, 5])
    expected = 0.1 * (1 + 0.9**t) / (1 - 0.9**t) * 4 + 9 - 13
    assert np.allclose(
        as_printed("eq-a", beta=0.9, t=t, Varg=4, Eg=3, Egsq=13), expected, rtol=1e-12
    )
    typeset["eq-a"] = typeset["eq-a"].replace("1+", "2+")
    assert not np.allclose(
        as_printed("eq-a", beta=0.9, t=t, Varg=4, Eg=3, Egsq=13), expected
    )


def test_each_equation_and_each_side_of_a_display_can_be_asked_for(typeset):
    typeset["eq-a"] = (
        r"a = 2\beta_1 = 3\eta, \qquad \beta_2 < s(1-\mu) \;\longrightarrow\; \lceil s \rceil"
    )
    assert (
        as_printed("eq-a", chain=0, side=1, beta1=0.25) == 0.5
        and as_printed("eq-a", chain=0, lr=0.5) == 1.5
    )
    assert (
        as_printed("eq-a", side=0, beta2=0.1) == 0.1
        and as_printed("eq-a", side=1, s=3, momentum=0.5) == 1.5
    )
    assert as_printed("eq-a", s=1.2) == 2


@pytest.mark.parametrize("values", [{}, {"beta": 0.9, "t": 2}, {"beta1": 0.9}])
def test_a_symbol_without_its_value_and_a_value_without_its_symbol_are_refused(
    typeset, values
):
    typeset["eq-a"] = r"a = 1 - \beta"
    with pytest.raises(ValueError, match="and its values differ in "):
        as_printed("eq-a", **values)


def test_a_check_stores_which_text_it_checked(typeset, shown):
    for text in ("a = b", "a  =  b", "a = c"):
        typeset["eq-a"] = text
        holds("eq-a", [1.0], [1.0])
    first, spaced, other = (result.facts["of"] for result in shown)
    assert (
        first == spaced != other and first is not None and book.digest("eq-z") is None
    )


SIGNS = [
    "<", ">", r"\le", r"\leq", r"\ge", r"\ne", r"\neq", r"\approx", r"\sim", r"\simeq", r"\equiv", r"\propto", ":=", r"\ll", r"\to",
    r"\in", r"\implies",
]  # fmt: skip


@pytest.mark.parametrize("sign", SIGNS)
def test_an_order_or_a_likeness_is_not_compared_as_an_equation(typeset, shown, sign):
    """Its right side is what is said of the left one, not what it equals; one side by itself can be meant."""
    typeset["eq-a"] = (
        rf"x = s \qquad \begin{{aligned}} y &= s \\ &{sign} 2 s \end{{aligned}}"
    )
    draws = np.random.default_rng(0).normal(2, size=200)
    for check, left in ((holds, 2), (averages_to, draws)):
        with pytest.raises(
            ValueError, match="^eq-a has .*; allowed: equations"
        ) as error:
            check("eq-a", left, s=1)
        assert sign in str(error.value)
        check("eq-a", left, 2)
        check("eq-a", left, side=-1, s=1)
        check("eq-a", left, chain=0, s=2)
    assert as_printed("eq-a", s=1) == 2 and as_printed("eq-a", side=1, s=1) == 1
    assert len(shown) == 6


@pytest.mark.parametrize("sign", [*SIGNS, r"\longrightarrow"])
def test_an_order_or_a_limit_is_not_proved_as_an_equation(typeset, shown, sign):
    typeset["eq-a"] = rf"\beta {sign} \beta"
    with pytest.raises(ValueError, match="allowed: equations"):
        proves("eq-a")
    typeset["eq-a"] = rf"w_t {sign} w_{{t-1}} - \eta\, g_t"
    with pytest.raises(ValueError, match="allowed: equations"):
        proves("eq-a", SGD())
    assert shown == []


# By numbers


def test_equal_sides_hold_and_the_result_says_within_what(shown):
    holds(
        "eq-a",
        np.linspace(1, 2, 12).reshape(3, 4),
        np.linspace(1, 2, 12).reshape(3, 4) * (1 + 1e-13),
    )
    (result,) = shown
    assert result.facts == {
        "kind": "check",
        "label": "eq-a",
        "of": None,
        "how": "numbers",
        "cases": 12,
        "bound": "to 1e-12 relative",
        "words": "12 cases agree to 12 digits",
    }
    assert repr(result) == "✓ eq-a: 12 cases agree to 12 digits"
    bundle = result._repr_mimebundle_()
    assert (
        bundle["text/plain"] == repr(result)
        and json.loads(json.dumps(bundle[MIME])) == result.facts
    )
    assert (
        'data-equation="eq-a"' in bundle["text/html"]
        and 'href="#equation-eq-a"' in bundle["text/html"]
    )


@pytest.mark.parametrize("away", [1e-11, -1e-11, 0.1, -5.0])
def test_the_first_case_that_differs_is_named_with_both_sides(shown, away):
    right = np.arange(1.0, 13).reshape(3, 4)
    left = right.copy()
    left[1, 2] += 7 * away
    left[2, 3] += 12 * away
    with pytest.raises(
        AssertionError,
        match=r"^eq-a fails in 2 of 12 cases, first at \(1, 2\): left .*, right .*7\.0",
    ):
        holds("eq-a", left, right)
    assert shown == []


@pytest.mark.parametrize(
    ("rtol", "atol"), [(1e-12, 0), (0, 1e-3), (1e-6, 1e-9), (0.5, 0)]
)
def test_the_tolerance_is_atol_plus_rtol_of_the_right_side_to_the_last_digit(
    shown, rtol, atol
):
    right = np.array([-3.0, 1.0, 200.0])
    allowed = atol + rtol * np.abs(right)
    holds("eq-a", right + 0.99 * allowed, right, rtol=rtol, atol=atol)
    holds("eq-a", right - 0.99 * allowed, right, rtol=rtol, atol=atol)
    for sign in (1, -1):
        with pytest.raises(AssertionError):
            holds("eq-a", right + sign * 1.01 * allowed, right, rtol=rtol, atol=atol)


@settings(deadline=None)
@given(
    scale=st.floats(1e-100, 1e100),
    small=st.floats(0, 1e-3),
    rtol=st.sampled_from([1e-12, 1e-6, 1e-15, 0.0]),
    sign=st.sampled_from([1, -1]),
)
def test_near_zero_up_to_eight_rounding_units_of_the_largest_value_are_allowed(
    scale, small, rtol, sign
):
    """A case is free by that or by rtol, whichever is more; never by more than rtol of the largest."""
    right = scale * np.array([1.0, small])
    room = max(rtol * small, min(rtol, 8 * np.finfo(float).eps)) * scale
    off = np.array([0, sign * room])
    with mock.patch.object(numbers, "show"):
        holds("eq-a", right + 0.9 * off, right, rtol=rtol)
        for further in filter(None, (1e-4 * scale, 1.2 * room)):
            with pytest.raises(AssertionError, match="in 1 of 2 cases"):
                holds("eq-a", right + [0, sign * further], right, rtol=rtol)


@pytest.mark.parametrize(
    ("rtol", "atol", "bound", "words"),
    [
        (1e-12, 0, "to 1e-12 relative", "to 12 digits"), (1e-9, 0, "to 1e-9 relative", "to 9 digits"),
        (0, 1e-6, "to 1e-6 absolute", "within 1e-6"), (1.4e-10, 0, "to 1.4e-10 relative", "to 9 digits"),
        (1e-12, 1e-15, "to 1e-12 relative plus 1e-15 absolute", "to 12 digits or within 1e-15"),
        (0, 0, "exactly", "exactly"), (0.025, 0, "to 0.025 relative", "within 2.5 %"),
    ],
)  # fmt: skip
def test_the_bound_shown_is_the_bound_that_held(shown, rtol, atol, bound, words):
    holds("eq-a", [1.0], [1.0], rtol=rtol, atol=atol)
    assert shown[0].facts["bound"] == bound
    assert shown[0].facts["words"] == f"1 case agrees {words}"
    assert repr(shown[0]) == f"✓ eq-a: 1 case agrees {words}"


# Against the printed side


def test_without_a_right_side_the_printed_one_is_compared(typeset, shown):
    typeset["eq-a"] = r"x = \frac{1 - \beta^t}{1-\beta} \qquad y = 2 s = s + s_1 - N_k"
    t, s = np.arange(1, 9), np.linspace(0, 1, 8)
    holds("eq-a", (1 - 0.9**t) / 0.1, beta=0.9, t=t, chain=0, rtol=1e-11)
    holds("eq-a", 2 * s, side=1, s=s)
    holds("eq-a", 2 * s, s=s, s1=s + 3, N_k=3)
    assert [result.facts["cases"] for result in shown] == [8, 8, 8]
    typeset["eq-a"] = typeset["eq-a"].replace("s +", "2 s +")
    with pytest.raises(AssertionError, match="^eq-a fails in 7 of 8 cases"):
        holds("eq-a", 2 * s, s=s, s1=s + 3, N_k=3)
    draws = np.random.default_rng(0).normal(size=(1000, 8)) + 2 * s
    averages_to("eq-a", draws, side=1, s=s)
    with pytest.raises(AssertionError, match="^eq-a fails: at "):
        averages_to("eq-a", draws + 1, side=1, s=s)


@pytest.mark.parametrize("check", [holds, averages_to])
def test_a_right_side_and_symbols_for_the_printed_one_are_refused(
    typeset, shown, check
):
    typeset["eq-a"] = "x = s"
    draws = np.random.default_rng(0).normal(size=100)
    for extra in ({"s": 1}, {"side": 0}, {"chain": 0}):
        with pytest.raises(
            ValueError,
            match=f"^eq-a: a right side is given, and so are {next(iter(extra))}",
        ):
            check("eq-a", draws, 0.0, **extra)
    assert shown == []


@pytest.mark.parametrize("check", [holds, averages_to, as_printed])
def test_no_symbol_can_be_taken_for_an_option(check):
    """Options are words, which LaTeX reads as a product of letters; a label or a side can't be named."""
    options = [
        p.name
        for p in inspect.signature(check).parameters.values()
        if p.kind is p.KEYWORD_ONLY
    ]
    assert options and not {*options} & {*with_sympy.LETTERS}
    for option in options:
        assert option not in {x.name for x in expression(option).free_symbols}
        with pytest.raises(ValueError, match="can't be read"):
            expression(rf"\mathrm{{{option}}}")


@pytest.mark.parametrize("name", ["t", "s", "label", "left", "right"])
def test_a_symbol_may_have_any_other_name(typeset, shown, name):
    typeset["eq-a"] = rf"x = 1 + \mathit{{{name}}}"
    holds("eq-a", [1.5, 2.5], **{name: [0.5, 1.5]})


# Exactly

fractions = st.fractions() | st.integers(-(10**30), 10**30)


@settings(deadline=None)
@given(st.lists(fractions, min_size=1), fractions.filter(bool))
def test_fractions_and_large_integers_are_compared_without_rounding(values, off):
    with mock.patch.object(numbers, "show") as show:
        holds("eq-a", values, list(values), exact=True)
        assert show.call_args[0][3:] == ("exactly", show.call_args[0][4])
        with pytest.raises(AssertionError, match="^eq-a fails in 1 of"):
            holds(
                "eq-a",
                values,
                [*values[:-1], values[-1] + off * Fraction(1, 10**40)],
                exact=True,
            )


def test_the_printed_side_is_exact_too(typeset, shown):
    typeset["eq-a"] = r"x = (1-\beta) \sum_{i=1}^{t} \beta^{t-i} + \frac{1}{3}"
    t, beta = np.arange(1, 13), Fraction(9, 10)
    left = [1 - beta**n + Fraction(1, 3) for n in range(1, 13)]
    holds("eq-a", left, beta=beta, t=t, exact=True)
    assert shown[0].facts["words"] == "12 cases agree exactly"
    left[3] += Fraction(1, 10**30)
    with pytest.raises(AssertionError, match=r"in 1 of 12 cases, first at \(3,\)"):
        holds("eq-a", left, beta=beta, t=t, exact=True)


@pytest.mark.parametrize(
    ("left", "options", "words"),
    [
        ([1.0], {}, "has 1.0; allowed with exact=True: integers and fractions"),
        ([Decimal("0.1")], {}, "has Decimal"), ([1 + 0j], {}, "allowed with exact=True"), (["1"], {}, "has '1'"),
        ([1], {"rtol": 1e-6}, "has a tolerance"), ([1], {"atol": 1e-6}, "has a tolerance"),
    ],
)  # fmt: skip
def test_nothing_rounded_is_compared_exactly(shown, left, options, words):
    with pytest.raises(ValueError, match=f"^eq-a: .*{words}"):
        holds("eq-a", left, [1], exact=True, **options)
    assert shown == []


LONG = np.longdouble(1) + np.finfo(np.longdouble).eps
# Two numbers each that are not the same and have one float.
ONE_FLOAT = {
    "integers": (2**53 + 1, 2**53),
    "an integer of the lowest": (np.array(-(2**63)), -(2**63) + 1),
    "an array of integers": (np.array([5, 2**53 + 1]), np.array([5, 2**53])),
    "an array without axes": (np.array(2**53 + 1), np.array(2.0**53)),
    "integers without a sign": (np.uint64(2**64 - 1), 2.0**64),
    "integers of both signs, beyond int64": ([2**63 + 1, -1], [2**63, -1]),
    "large integers": (10**30 + 1, 10**30),
    "integers beyond a float": (10**400 + 1, 10**400),
    "a list of integers and floats": ([2**53 + 1, 0.5], [2**53, 0.5]),
    "a fraction and a float": (Fraction(1, 3), 1 / 3),
    "objects": (np.array([Fraction(1, 3), 1], dtype=object), [1 / 3, 1]),
    "a fraction below a float": (Fraction(1, 10**400), 0),
    "decimals": ([Decimal("0.1")], [0.1]),
    "SymPy's fractions": ([sympy.Rational(1, 3)], [1 / 3]),
    "long doubles": (LONG, 1.0),
    "an array of long doubles": (np.array([[LONG, 2]]), np.array([[1, 2.0]])),
}


@pytest.mark.parametrize("case", ONE_FLOAT)
def test_what_one_float_stands_for_is_not_taken_for_equal(shown, case):
    one, other = ONE_FLOAT[case]
    if one is LONG and np.longdouble(float(LONG)) == LONG:
        pytest.skip("a long double is a float here")
    for sides in ((one, other), (other, one)):
        with pytest.raises(AssertionError, match="^eq-a fails in 1 of "):
            holds("eq-a", *sides, rtol=0)
    holds("eq-a", one, one, rtol=0)
    assert [result.facts["bound"] for result in shown] == ["exactly"]
    if case != "a fraction below a float":
        holds("eq-a", one, other)
        assert shown[1].facts["bound"] == "to 1e-12 relative"


def test_arrays_without_axes_in_a_list_are_numbers(shown):
    holds("eq-a", [np.array(2.5), np.array(2**53 + 1)], [2.5, 2**53 + 1], rtol=0)
    holds("eq-a", [[np.array(True)], [np.array(False)]], [[True], [False]], exact=True)
    with pytest.raises(AssertionError):
        holds("eq-a", [np.array(2**53 + 1)], [np.array(2**53)], rtol=0)
    with pytest.raises(ValueError, match="has array.*, a ndarray; allowed: real"):
        holds("eq-a", [np.array([1.0]), 2.0], 1)


def test_a_tolerance_of_fractions_is_kept_to_the_last_digit(shown):
    """A float's rounding of the difference would hide what is beyond the tolerance."""
    right = 10**40
    holds("eq-a", right + 10**20, right, rtol=0, atol=1e20)
    with pytest.raises(AssertionError, match=f"left {right + 10**20 + 1}, right {right}$"):  # fmt: skip
        holds("eq-a", right + 10**20 + 1, right, rtol=0, atol=1e20)
    with pytest.raises(AssertionError, match="left 1/3, right 0$"):
        holds("eq-a", [Fraction(1, 3)], [0])


def test_the_printed_side_of_what_a_float_changes_is_not_compared_without_a_tolerance(
    typeset, shown
):
    typeset["eq-a"] = "x = s"
    with pytest.raises(ValueError, match=r"^eq-a: a float rounds s; allowed .*exact"):
        holds("eq-a", 2**53, s=2**53 + 1, rtol=0)
    holds("eq-a", 2**53, s=2**53, rtol=0)
    holds("eq-a", 2**53, s=2**53 + 1)
    with pytest.raises(AssertionError):
        holds("eq-a", 2**53, s=2**53 + 1, exact=True)


def test_truth_values_are_compared_with_truth_values_alone(shown):
    """A comparison in the place of a side says nothing about a number."""
    for exact in (False, True):
        holds("eq-a", [True, False], np.array([True, False]), exact=exact)
        with pytest.raises(AssertionError, match="in 1 of 2 cases"):
            holds("eq-a", [True, np.True_], [True, False], exact=exact)
        for other in (1, 1.0, [1, True]):
            with pytest.raises(ValueError, match="^eq-a: one side is true or false"):
                holds("eq-a", np.array([True, True]), other, exact=exact)


def test_a_root_is_no_fraction(typeset, shown):
    typeset["eq-a"] = r"x = \sqrt{s}"
    holds("eq-a", [2], s=4, exact=True)
    with pytest.raises(ValueError, match="allowed: a fraction"):
        holds("eq-a", [2], s=2, exact=True)


def test_a_zero_is_met_by_zero_alone_unless_there_is_room(shown):
    with pytest.raises(AssertionError, match="eq-a fails in 1 of 1 case"):
        holds("eq-a", [1e-300], [0.0])
    holds("eq-a", [1e-300], [0.0], atol=1e-299)


NOT_COMPARABLE = {
    "no case": (([], []), {}, "no case"),
    "no case on one side": (([], 1), {}, "no case"),
    "no integers": ((np.array([], int), np.array([], bool)), {}, "no case"),
    "NaN on the left": (([np.nan], [1.0]), {}, "not finite"),
    "one NaN on the left": (([1.0, np.nan], [1.0, 2.0]), {}, "not finite"),
    "one NaN on the right": (([1.0, 2.0], [1.0, np.nan]), {}, "not finite"),
    "NaN on both sides": (([np.nan], [np.nan]), {}, "not finite"),
    "infinity on both sides": (([np.inf], [np.inf]), {}, "not finite"),
    "shapes": (([1.0, 1.0], [1.0, 1.0, 1.0]), {}, r"shapes \(2,\) and \(3,\)"),
    "complex": (([1 + 2j], [1.0]), {}, "complex"),
    "complex, though real": ((np.array([1 + 0j]), [1.0]), {}, "complex"),
    "a complex object": ((np.array([1 + 2j], dtype=object), 1), {}, "complex"),
    "a text": ((["1.0"], [1.0]), {}, "'1.0', a str; allowed: real numbers"),
    "None": (([None], [1.0]), {}, "None, a NoneType"),
    "a generator": (((x for x in [1]), [1.0]), {}, "a generator"),
    "lists of two lengths": (([[1, 2], [3]], [1.0]), {}, r"\[1, 2\], a list"),
    "a date": ((np.array(["2026-01-01"], "M8[D]"), [1.0]), {}, "a date"),
    "infinity of a long double": ((np.longdouble("inf"), 1), {}, "not finite"),
    "NaN of a decimal": (([Decimal("nan")], [1]), {}, "not finite"),
    "rtol of a text": (([1.0], [1.0]), {"rtol": "1e-6"}, "rtol is '1e-6'"),
    "rtol of NaN": (([1.0], [2.0]), {"rtol": np.nan}, "rtol"),
    "rtol of 1": (([0.0], [2.0]), {"rtol": 1}, "rtol"),
    "infinite atol": (([1.0], [2.0]), {"atol": np.inf}, "atol"),
    "rtol below 0": (([1.0], [1.0]), {"rtol": -1}, "rtol"),
}


@pytest.mark.parametrize("case", NOT_COMPARABLE)
def test_what_can_not_be_compared_is_refused_by_label(shown, case):
    sides, tolerances, words = NOT_COMPARABLE[case]
    with pytest.raises(ValueError, match=rf"^eq-a: .*{words}"):
        holds("eq-a", *sides, **tolerances)
    assert shown == []


def test_a_label_is_escaped(shown):
    holds('"><script>', [1.0], [1.0])
    assert "<script>" not in shown[0].html


# On average


def test_draws_with_the_expected_mean_pass(shown):
    draws = np.random.default_rng(0).normal([1, 2, 3], [1, 0.1, 5], size=(4000, 3))
    averages_to("eq-a", draws, [1, 2, 3])
    assert shown[0].facts == {
        "kind": "check", "label": "eq-a", "of": None, "how": "average", "cases": 3,
        "bound": "within 5 standard errors of the mean of 4,000 draws",
        "words": "the mean of 4,000 draws lies within five standard errors (3 cases)",
    }  # fmt: skip


@pytest.mark.parametrize("sign", [1, -1])
def test_an_expectation_six_standard_errors_off_fails_and_four_pass(shown, sign):
    draws = np.random.default_rng(1).normal(size=(1000, 2))
    mean, error = draws.mean(axis=0), draws.std(axis=0, ddof=1) / np.sqrt(1000)
    averages_to("eq-a", draws, mean + sign * 4 * error)
    with pytest.raises(
        AssertionError,
        match=r"^eq-a fails: at \(1,\) the mean .* lies 6\.0 standard errors from",
    ):
        averages_to("eq-a", draws, mean + sign * np.array([4, 6]) * error)
    assert SIGMAS == 5


def test_one_number_is_one_case(shown):
    averages_to("eq-a", np.random.default_rng(2).normal(size=500), 0)
    assert shown[0].facts["cases"] == 1


@pytest.mark.parametrize("constant", [0.0, 0.1, 1 / 3, -7.3, 1e30])
def test_draws_that_never_vary_are_refused_whatever_rounding_makes_of_them(
    shown, constant
):
    """Else a bias of any size would be hidden, or rounding errors taken for a spread."""
    draws = np.random.default_rng(3).normal(size=(1000, 2))
    draws[:, 1] = constant
    for expected in (constant, constant + 1):
        with pytest.raises(ValueError, match=r"^eq-a: a draw never varies"):
            averages_to("eq-a", draws, [0, expected])


@pytest.mark.parametrize(
    ("draws", "expected", "words"),
    [
        (np.arange(99.0), 49, "99 draws; allowed: 100 or more"), (1.0, 1, "no list of draws"), (np.full(100, np.nan), 0, "not finite"),
        (np.ones((100, 0)), [], "no case"), (np.random.default_rng(0).normal(size=(100, 2)), [0, 0, 0], "shapes"),
    ],
)  # fmt: skip
def test_draws_that_show_nothing_are_refused(shown, draws, expected, words):
    with pytest.raises(ValueError, match=rf"^eq-a: .*{words}"):
        averages_to("eq-a", draws, expected)


NORMAL = np.random.default_rng(0).normal(size=200)


@pytest.mark.parametrize(
    "change",
    [
        lambda draws: draws + 1j, lambda draws: draws + 0j, lambda draws: (draws + 1j).astype(object),
        lambda draws: [*draws[1:], 1j], lambda draws: np.array([*draws[1:], np.complex64(1j)], dtype=object),
        lambda draws: draws.astype(str), lambda draws: [*draws[1:], None], lambda draws: [*draws[1:], np.nan],
        lambda draws: [*draws[1:], 2**53 + 1], lambda draws: [*draws[1:], Fraction(1, 3)],
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("error")
def test_draws_that_are_no_real_floats_are_refused(shown, change):
    with pytest.raises(ValueError, match="^eq-a: a.* draw.*; allowed: "):
        averages_to("eq-a", change(NORMAL), 0)
    assert shown == []


@pytest.mark.parametrize(
    "expected", [0j, 1j, np.array(1j), np.array([1j], dtype=object), "0", [None], np.nan]
)  # fmt: skip
@pytest.mark.filterwarnings("error")
def test_what_is_expected_is_a_real_number(shown, expected):
    with pytest.raises(ValueError, match="^eq-a: what is expected .*; allowed: "):
        averages_to("eq-a", NORMAL, expected)
    assert shown == []


def test_draws_and_what_is_expected_may_be_of_any_type_that_a_float_holds(shown):
    averages_to("eq-a", NORMAL.astype(np.float32), Fraction(1, 100))
    averages_to("eq-a", [Fraction(int(x), 8) for x in 99 * NORMAL], Decimal("0.001"))
    averages_to("eq-a", NORMAL > 0, Fraction(1, 2))
    averages_to("eq-a", list(NORMAL.astype(np.longdouble)), 0)
    assert len(shown) == 4
    with pytest.raises(AssertionError):
        averages_to("eq-a", NORMAL > 0, 1)


# Odd arguments


@pytest.mark.parametrize("check", [holds, averages_to, as_printed, proves])
@pytest.mark.parametrize("label", [5, None, ["eq-a"], np.ones(200), b"eq-a"])
def test_a_label_is_a_text(shown, check, label):
    sides = () if check is as_printed else (NORMAL, 0)
    with pytest.raises(TypeError, match="^the label is .*; allowed: a text, as in 'eq"):
        check(label, *sides)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"s": np.nan, "lr": 1}, "^s is not finite"), ({"s": 1, "lr": np.inf}, "^eta is not finite"),
        ({"s": 1j, "lr": 1}, "^s has 1j, a complex"), ({"s": np.array([1j]), "lr": 1}, "^s has .*complex"),
        ({"s": "1", "lr": 1}, "^s has '1', a str"), ({"s": None, "lr": 1}, "^s has None, a NoneType"),
        ({"s": [1, 2], "lr": [1, 2, 3]}, r"shapes \(2,\), \(3,\), which do not"),
        ({"s": 10**400, "lr": 1}, "^s is beyond a float"), ({"s": 1, "lr": 1, "eta": 2}, "two of s, lr, eta are one symbol"),
        ({"s": 1}, "eta has no value$"), ({"s": 1, "lr": 1, "t": 2}, "it has no t$"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("error")
def test_a_symbol_that_has_no_real_number_is_named(typeset, shown, values, words):
    """Even where the side would swallow it, as a maximum may."""
    typeset["eq-a"] = r"x = \max(s, \eta)"
    for check in (as_printed, lambda label, **kw: holds(label, 1, **kw)):
        with pytest.raises(ValueError, match=words):
            check("eq-a", **values)
    assert shown == []


@pytest.mark.parametrize("place", [{"side": 2}, {"side": -3}, {"chain": 1}, {"side": "left"}, {"chain": 0.0}])  # fmt: skip
def test_a_place_that_the_display_does_not_have_is_refused(typeset, place):
    typeset["eq-a"] = "x = s"
    name, value = next(iter(place.items()))
    with pytest.raises(ValueError, match=f"^eq-a: {name} is {value!r}; allowed: 0 to "):
        as_printed("eq-a", **place, s=1)


@pytest.mark.parametrize("exact", [1, "yes", None])
def test_exact_is_true_or_false(shown, exact):
    with pytest.raises(TypeError, match="^eq-a: exact is .*; allowed: True or False"):
        holds("eq-a", 1, 1, exact=exact)


# By symbols: the typeset update against the method's rule

MOMENTS = r"m_t = \beta_1 m_{t-1} + (1-\beta_1)\, g_t, \qquad v_t = \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2"
HATS = r"\hat m_t = \frac{m_t}{1-\beta_1^t}, \qquad \hat v_t = \frac{v_t}{1-\beta_2^t}"
ADAM = (
    MOMENTS
    + r" \\ "
    + HATS
    + r" \\ w_t = w_{t-1} - \eta\, \frac{\hat m_t}{\sqrt{\hat v_t} + \epsilon}"
)
PLAIN = MOMENTS + r" \\ w_t = w_{t-1} - \frac{\eta\, m_t}{\sqrt{v_t} + \epsilon}"
SUM = r"v_t = v_{t-1} + g_t^2"
RIGHT = {
    "descent": (SGD(), r"w_t = w_{t-1} - \eta\, g_t"),
    "momentum": (Momentum(), r"v_t = \mu\, v_{t-1} - \eta\, g_t, \qquad w_t = w_{t-1} + v_t"),
    "momentum as one line": (Momentum(), r"v_t = \mu v_{t-1} - \eta g_t \qquad w_t = w_{t-1} + v_t = w_{t-1} + \mu v_{t-1} - \eta g_t"),
    "nesterov": (Nesterov(), r"v_t = \mu v_{t-1} - \eta g_t \\ w_t = w_{t-1} - \mu\, v_{t-1} + (1 + \mu)\, v_t"),
    "nesterov, other order": (Nesterov(), r"v_t = \mu v_{t-1} - \eta g_t \\ w_t = w_{t-1} + \mu(v_t - v_{t-1}) + v_t"),
    "adagrad": (Adagrad(), SUM + r" \qquad w_t = w_{t-1} - \frac{\eta}{\sqrt{v_t + \epsilon}}\, g_t"),
    "adagrad, eps outside": (Adagrad(eps_in_sqrt=False), SUM + r" \qquad w_t = w_{t-1} - \frac{\eta}{\sqrt{v_t} + \epsilon}\, g_t"),
    "adagrad, no root": (Adagrad(root=False), SUM + r" \qquad w_t = w_{t-1} - \frac{\eta}{v_t + \epsilon}\, g_t"),
    "adagrad's sigma": (
        AdagradSigma(),
        r"\sigma_t = \sqrt{\frac{(t-1)\,\sigma_{t-1}^2 + g_t^2}{t}} \\ w_t = w_{t-1} - \frac{\eta / \sqrt{t}}{\sigma_t + \epsilon}\, g_t",
    ),
    "rmsprop": (RMSprop(), r"v_t = \beta\, v_{t-1} + (1-\beta)\, g_t^2 \qquad w_t = w_{t-1} - \frac{\eta}{\sqrt{v_t + \epsilon}}\, g_t"),
    "adam": (Adam(), ADAM),
    "adam, aligned": (Adam(), r"\begin{aligned} " + ADAM.replace(" = ", " &= ").replace(r"\qquad", r"\\") + r" \end{aligned}"),
    "adam, uncorrected": (Adam(bias_correction=False), PLAIN),
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_update_is_proved(shown, typeset, case):
    opt, typeset["eq-rule"] = RIGHT[case]
    proves("eq-rule", opt)
    assert shown[0].facts["how"] == "symbols" and shown[0].facts["label"] == "eq-rule"
    assert (
        shown[0].facts["bound"]
        == f"the typeset update is the rule of {type(opt).__name__}"
    )


WRONG = {
    "uphill": (SGD(), r"w_t = w_{t-1} + \eta\, g_t"),
    "the gradient of another step": (SGD(), r"w_t = w_{t-1} - \eta\, g_{t-1}"),
    "the weights of another step": (SGD(), r"w_t = w_t - \eta\, g_t"),
    "a wrong side in the middle": (SGD(), r"w_t = w_{t-1} + \eta g_t = w_{t-1} - \eta g_t"),
    "the sign of the velocity": (Momentum(), r"v_t = \mu v_{t-1} + \eta g_t \qquad w_t = w_{t-1} - v_t"),
    "nesterov is not momentum": (Nesterov(), RIGHT["momentum"][1]),
    "momentum is not nesterov": (Momentum(), RIGHT["nesterov"][1]),
    "eps outside the root": (RMSprop(eps_in_sqrt=False), RIGHT["rmsprop"][1]),
    "the square forgotten": (RMSprop(), RIGHT["rmsprop"][1].replace("g_t^2", "g_t")),
    "the betas swapped": (Adam(), ADAM.replace("beta_1", "beta_0").replace("beta_2", "beta_1").replace("beta_0", "beta_2")),
    "one power of t": (Adam(), ADAM.replace(r"1-\beta_2^t", r"1-\beta_2^{t-1}")),
    "no correction where there is one": (Adam(), PLAIN),
    "a correction where there is none": (Adam(bias_correction=False), ADAM),
    "eps forgotten": (Adam(), ADAM.replace(r" + \epsilon", "")),
    "a state alone": (
        Momentum(),
        r"v_t = \mu v_{t-1} - 2 \eta g_t \qquad w_t = w_{t-1} + \mu v_{t-1} - \eta g_t",
    ),
    "the last factor of t": (AdagradSigma(), RIGHT["adagrad's sigma"][1].replace(r"\sqrt{t}", r"\sqrt{t+1}")),
    "a state is not defined": (Momentum(), r"w_t = w_{t-1} + v_t"),
    "the weights are not defined": (Momentum(), r"v_t = \mu v_{t-1} - \eta g_t"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_update_is_not_proved(shown, typeset, case):
    opt, typeset["eq-rule"] = WRONG[case]
    with pytest.raises(
        AssertionError, match=r"^eq-rule (is not proved: .* leaves |does not define )"
    ):
        proves("eq-rule", opt)
    assert shown == []


def test_a_chapter_and_a_docstring_are_compared_alike(shown, typeset):
    """A docstring's proof shows nothing, and its error names the method."""
    text = ".. math:: w_t = w_{t-1} - \\eta\\, g_t"
    proves_docstring(SGD(), text)
    with pytest.raises(AssertionError, match="^SGD is not proved: "):
        proves_docstring(SGD(), text.replace("-", "+"))
    assert shown == []


SWITCHED = r"k_t = \begin{cases} %s & t = 1 \\ 2 & t > 1 \end{cases}"


def test_each_regime_of_a_condition_is_proved(shown, typeset):
    """A false case is found wherever it lies, also where no random number would fall."""
    at_first = r" \\ w_t = w_{t-1} - \eta\, g_t + (k_t - 2)"
    typeset["eq-rule"] = SWITCHED % "2" + at_first
    proves("eq-rule", SGD())
    typeset["eq-rule"] = SWITCHED % "3" + at_first
    with pytest.raises(AssertionError, match=r"leaves 1, as for .*\bt = 1\b.*: "):
        proves("eq-rule", SGD())


@pytest.mark.parametrize(
    ("condition", "negated"),
    [
        ("t < t_0", r"t \ge t_0"), ("t = t_0", r"\text{otherwise}"), ("t > 3", r"t \le 3"),
        (r"\operatorname{sgn}(g_t) > 0", r"\operatorname{sgn}(g_t) \le 0"), ("g_t < a", r"\text{otherwise}"),
        (r"g_t < a \text{ or } b > 2", r"\text{otherwise}"), (r"g_t \ge |a|", r"\text{otherwise}"),
    ],
)  # fmt: skip
def test_cases_of_one_value_are_that_value_and_of_two_are_not(
    shown, typeset, condition, negated
):
    cases = r"b = \begin{cases} b & %s \\ %s & %s \end{cases}"
    typeset["eq-a"] = cases % (condition, "b", negated)
    proves("eq-a")
    typeset["eq-a"] = cases % (condition, "b + 1", negated)
    with pytest.raises(AssertionError):
        proves("eq-a")


def test_a_schedule_of_t_is_known_one_step_ahead_and_a_state_is_not(shown, typeset):
    update = r" \\ w_t = w_{t-1} - \eta\, g_t + k_{t+1} - 3 (t + 1)"
    typeset["eq-rule"] = "k_t = 3 t" + update
    proves("eq-rule", SGD())
    typeset["eq-rule"] = "k_t = 3 t + g_t - g_t" + update.replace("3 (", "4 (")
    with pytest.raises(AssertionError):
        proves("eq-rule", SGD())
    typeset["eq-rule"] = "k_t = 3 t g_t" + update
    with pytest.raises(AssertionError, match=r"k_\{t \+ 1\}"):
        proves("eq-rule", SGD())


def test_a_root_of_what_may_be_negative_stands_in_no_proofs_way(shown, typeset):
    typeset["eq-a"] = (
        r"\max(\sqrt{a}, b) (c + 1) = c \max(b, \sqrt{a}) + \max(\sqrt{a}, b)"
    )
    proves("eq-a")
    typeset["eq-a"] = r"\max(\sqrt{a}, b) = \max(b, \sqrt{a + 1})"
    with pytest.raises(AssertionError):
        proves("eq-a")


def test_a_bound_is_no_clip_the_other_way_round(shown, typeset):
    """The numbers that are tried fall on both sides of 1, as a bound c does."""
    typeset["eq-a"] = r"\min(\max(a, \frac{1}{c}), c) = \min(\max(b, \frac{1}{c}), c)"
    with pytest.raises(AssertionError):
        proves("eq-a")


def test_a_second_or_empty_definition_is_refused(shown, typeset):
    typeset["twice"] = r"w_t = 7 \qquad w_t = w_{t-1} - \eta g_t"
    typeset["none"] = r"w_{t-1} - \eta g_t"
    for label, words in (("twice", "a second definition"), ("none", "no definition")):
        with pytest.raises(ValueError, match=rf"^{label}: .* has {words}"):
            proves(label, SGD())


# By symbols: identities

TRUE = [
    r"(1-\beta) \sum_{i=1}^{3} \beta^{3-i} g_i = \beta^2 (1-\beta) g_1 + \beta (1-\beta) g_2 + (1-\beta) g_3",
    r"(1-\beta) \sum_{i=1}^{t} \beta^{t-i} = 1 - \beta^t",
    r"\sum_{i=0}^{t-1} \beta^i = \frac{1-\beta^t}{1-\beta}",
    r"\sum_{i=1}^{3} g_{i-1} = g_0 + g_1 + g_2",
    r"\sum_{i=0}^{2} \beta^i g_{3-i} = \sum_{i=1}^{3} \beta^{3-i} g_i",
    r"\sqrt{g_t^2} = |g_t|",
    r"\frac{(1-\beta)^2 (1-\beta^{2t})}{1-\beta^2} = \frac{(1-\beta)(1-\beta^{2t})}{1+\beta} = (1-\beta)^2 \sum_{i=1}^{t} \beta^{2(t-i)}",
    r"t(1+t) = t + t^2 \\ g_t(1-\beta) = g_t - \beta g_t",
]
# What SymPy's simplify alone does not see.
TRUE += [
    r"\beta^t = \beta^{t+1} \beta^{-1}",
    r"\beta_1^t = \beta_1^{t+1} / \beta_1",
    r"\frac{\beta^{2t+1} - \beta}{\beta^t - 1} = \beta^{t+1} + \beta",
    r"\frac{1-\beta^{2t}}{1-\beta^t} = 1 + \beta^t",
    r"\sqrt{\beta^{2t}} = \beta^t",
    r"a^{t+1} = a a^t",
    r"\max(g, 0) + \min(g, 0) = g",
    r"\max(g, 0) - \min(g, 0) = |g|",
    r"\max(a, b) + \min(a, b) = a + b",
    r"\max(a, b) \min(a, b) = a b",
    r"\max(a, b) = \frac{a + b + |a - b|}{2}",
    r"\min(\max(a, -c), c) = \max(\min(a, c), -c)",
    r"\operatorname{sgn}(g) \cdot g = |g|",
    r"\frac{g}{|g|} = \operatorname{sgn}(g)",
    r"\operatorname{sgn}(g m) = \operatorname{sgn}(g) \operatorname{sgn}(m)",
    r"\max(\beta, 1) = 1",
]
FALSE = [
    r"(1-\beta) \sum_{i=1}^{3} \beta^{3-i} g_i = \beta^2 (1-\beta) g_1 + \beta (1-\beta) g_3 + (1-\beta) g_2",
    r"(1-\beta) \sum_{i=1}^{t} \beta^{t-i} = 1 - \beta^{t-1}",
    r"(1-\beta) \sum_{i=1}^{t} \beta^i = 1 - \beta^t",
    r"\sum_{i=1}^{3} g_i = 3 g_i",
    r"\sum_{i=1}^{3} g_{i-1} = 3 g_{i-1}",
    r"\sum_{i=1}^{3} g_{i-1} = g_1 + g_2 + g_3",
    r"\sum_{i=1}^{t} \beta^{t-i} g_i = g_t \sum_{i=1}^{t} \beta^{t-i}",
    r"\sqrt{g_t^2} = g_t",
    r"\beta_1 = \beta_2",
    r"1 - \beta^t = 1 - \beta^t \qquad t = 2",
    r"\beta^t = \beta^{t+1}",
    r"\beta_1^t = \beta_1^{t-1} / \beta_1",
    r"\max(g, 0) + \min(g, 1) = g",
    r"|a + b| = |a| + |b|",
    r"\min(\max(a, -b), b) = \max(\min(a, b), -b)",
    r"\operatorname{sgn}(g)^2 = 1",
    r"\max(g, 0) = g + 1",
    r"\beta^t + |t - 1| = \beta^t + t",
]  # fmt: skip


@pytest.mark.parametrize("latex", TRUE)
def test_a_true_identity_is_proved_as_typeset(shown, typeset, latex):
    typeset["eq-a"] = latex
    proves("eq-a")
    assert shown[0].facts["bound"] == "an identity, as typeset"
    assert repr(shown[0]) == "✓ eq-a: proved by computer algebra"


@pytest.mark.parametrize("latex", FALSE)
def test_a_false_identity_is_not_proved(shown, typeset, latex):
    typeset["eq-a"] = latex
    with pytest.raises(
        AssertionError, match=r"^eq-a is not proved: .* leaves .*, as for .* = .*: \S+ and \S+$"
    ):  # fmt: skip
        proves("eq-a")
    assert shown == []


@pytest.mark.parametrize(
    "latex",
    [
        r"\lfloor a \rfloor + \lceil -a \rceil = 0",
        r"\lfloor a \rfloor \beta^t + \lceil -a \rceil \beta^t = 0",
        r"\sqrt{-\beta} = \sqrt{-2\beta}",  # no real number shows it
    ],
)
def test_what_neither_algebra_nor_numbers_decide_is_not_called_wrong(
    shown, typeset, latex
):
    typeset["eq-a"] = latex
    with pytest.raises(
        AssertionError, match=r"^eq-a could not be decided: .* leaves .*; allowed: "
    ):
        proves("eq-a")
    assert shown == []


def test_a_counterexample_holds_for_the_equation_as_it_is_typeset(shown, typeset):
    typeset["eq-a"] = r"\beta^t + a = \beta^{t+1} + a"
    with pytest.raises(AssertionError) as error:
        proves("eq-a")
    at, sides = str(error.value).partition(", as for ")[2].split(": ")
    values = dict(part.split(" = ") for part in at.split(", "))
    numbers = {name: float(Fraction(number)) for name, number in values.items()}
    for side, number in zip((0, 1), sides.split(" and "), strict=True):
        found = as_printed("eq-a", side=side, **numbers)
        assert np.isclose(found, float(number), rtol=1e-5)


def test_equal_arguments_of_an_unknown_function_are_one(shown, typeset):
    typeset["eq-a"] = r"\nabla f(\sqrt{a^2} + 1) = \nabla f(|a| + 1)"
    proves("eq-a")
    typeset["eq-a"] = r"\nabla f((a + 1)^2) = \nabla f(a^2 + 2a + 1)"
    proves("eq-a")
    typeset["eq-a"] = r"\nabla f((a + 1)^2) = \nabla f(a^2 + 2a)"
    with pytest.raises(AssertionError, match=r"gradient\(.*\) = .*: \S+ and \S+$"):
        proves("eq-a")


def test_every_side_of_a_chain_is_proved(shown, typeset):
    typeset["eq-a"] = r"1 - \beta^2 = (1-\beta)(1+\beta) = 1 + \beta \cdot (-\beta)"
    proves("eq-a")
    assert shown[0].facts["cases"] == 2
    typeset["eq-a"] = r"1 - \beta^2 = 7 = 1 - \beta^2"
    with pytest.raises(AssertionError):
        proves("eq-a")


def test_what_is_given_is_put_in_by_name_and_in_order(shown, typeset):
    beta, g1, g2 = (with_sympy.symbol(name) for name in ("beta", "g_{1}", "g_{2}"))
    recursion = {
        "m_{2}": beta * with_sympy.symbol("m_{1}") + (1 - beta) * g2,
        "m_{1}": (1 - beta) * g1,
    }
    typeset["eq-m2"] = r"m_2 = (1-\beta)(\beta g_1 + g_2)"
    proves("eq-m2", given=recursion)
    with pytest.raises(AssertionError, match="eq-m2 is not proved"):
        proves("eq-m2")
    with pytest.raises(AssertionError, match="eq-m2 is not proved"):
        proves("eq-m2", given=dict(reversed(recursion.items())))


def test_two_expressions_are_compared_as_given(shown):
    x = sympy.Symbol("x", positive=True)
    proves("eq-a", (x + 1) ** 2, x**2 + 2 * x + 1)
    with pytest.raises(AssertionError, match=r"leaves 1, as for x = \S+: \S+ and \S+$"):
        proves("eq-a", x + 1, x)
    with pytest.raises(AssertionError, match=r"1 minus 2 leaves -1: 1\.0+ and 2\.0+$"):
        proves("eq-a", 1, 2)
    with pytest.raises(ValueError, match="^eq-a: one side is given"):
        proves("eq-a", x)


def test_a_line_without_an_equation_proves_nothing(shown, typeset):
    typeset["eq-a"] = r"1 - \beta^t"
    with pytest.raises(ValueError, match="^eq-a: there is nothing to prove"):
        proves("eq-a")


def test_an_equation_that_no_chapter_has_is_named(small_book, shown):
    small_book(one=["$$x = 1$$ (eq-x)"])
    for check in (proves, as_printed, lambda label: holds(label, 1)):
        with pytest.raises(
            KeyError, match="labelled 'eq-y'; the nearest is 'eq-x', of one.ipynb"
        ):
            check("eq-y")


def test_a_book_without_equations_has_no_nearest(small_book):
    small_book(one=["Nothing."])
    with pytest.raises(KeyError, match="no chapter has an equation labelled 'eq-y'\"$"):
        proves("eq-y")


@pytest.mark.parametrize(
    "side", ["x + 1", True, np.nan, np.inf, np.ones(2), [1], sympy.Symbol("x") < 1, sympy.Eq(sympy.Symbol("x"), 1), sympy.zoo]
)  # fmt: skip
def test_what_is_no_expression_is_not_proved(typeset, shown, side):
    typeset["eq-a"] = "x = y"
    for arguments in ({"left": side, "right": side}, {"left": 1, "right": side}, {"given": {"x": side}}):  # fmt: skip
        with pytest.raises(TypeError, match=r"(?s)^eq-a: .*; allowed: SymPy's expr"):
            proves("eq-a", **arguments)
    assert shown == []


def test_a_right_side_alone_or_beside_an_optimizer_is_refused(typeset, shown):
    """It would be left out, and what is typeset be proved in its place."""
    typeset["eq-a"] = r"w_t = w_{t-1} - \eta\, g_t"
    for left in (None, SGD()):
        with pytest.raises(ValueError, match="^eq-a: a right side is given without"):
            proves("eq-a", left, sympy.Symbol("x"))
    for replaced in ([("x", 1)], "x", 5):
        with pytest.raises(TypeError, match="^eq-a: given is .*; allowed: a dict"):
            proves("eq-a", SGD(), given=replaced)
    assert shown == []


def test_a_mask_and_draws_beyond_a_float_are_refused(typeset):
    """A masked number would be compared, and an infinite spread lets any mean pass."""
    typeset["eq-a"] = "a = b"
    masked = np.ma.array([1.0, 2.0], mask=[True, False])
    with pytest.raises(ValueError, match="is masked"):
        holds("eq-a", masked, [1.0, 2.0])
    draws = np.random.default_rng(0).normal(size=200)
    with pytest.raises(ValueError, match="is masked"):
        averages_to("eq-a", np.ma.array(draws, mask=draws < 0), 0.0)
    with np.errstate(over="ignore"), pytest.raises(ValueError, match="too large"):
        averages_to("eq-a", 1e200 * draws, 1e250)
