"""Checks that stand after a labelled equation: by numbers, by symbols, on average over random draws."""

import html
import random
from itertools import pairwise

import numpy as np
import sympy
from sympy.core.function import AppliedUndef

from companion import book
from companion.results import Result
from optimlib.optimizer import Optimizer

SIGMAS = (
    5  # of a mean's standard error: a true equation fails one comparison in 1.7 million
)


def holds(label, left, right, *, rtol=1e-12, atol=0.0):
    """Check an equation by numbers: |left - right| <= atol + rtol |right|, in every case.

    label : the equation's label. left, right : its two sides over the cases, arrays that broadcast to one shape, each
    computed in its own way. Shows one line. Raises AssertionError naming the first case that fails; ValueError where
    there is no case, a side is not finite or not real, the shapes do not agree, or a tolerance would let anything pass.
    """
    if not (0 <= rtol < 1 and 0 <= atol < np.inf):
        raise ValueError(
            f"{label}: rtol is {rtol!r} and atol {atol!r}; allowed: rtol in [0, 1), atol finite, 0 or more"
        )
    left, right = _sides(label, left, right)
    wrong = np.abs(left - right) > atol + rtol * np.abs(right)
    if wrong.any():
        first = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise AssertionError(
            f"{label} fails in {wrong.sum()} of {left.size} cases, first at {first}: left {left[first]!r}, "
            f"right {right[first]!r}"
        )
    _show(label, "numbers", left.size, _tolerance(rtol, atol))


def averages_to(label, draws, expected):
    """Check an expectation by Monte Carlo: the mean of independent draws lies within five standard errors.

    label : the equation's label. draws : shape (n, ...), n independent draws of the left side (n at least 100);
    expected : the right side, shape (...). Shows one line. Raises AssertionError naming the first case that fails;
    ValueError as `holds` does, and where a draw does not vary at all.
    """
    draws = np.asarray(draws, dtype=float)
    if len(draws) < 100:
        raise ValueError(f"{label}: {len(draws)} draws; allowed: 100 or more")
    mean, expected = _sides(label, draws.mean(axis=0), expected)
    error = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    if not (np.ptp(draws, axis=0) > 0).all():
        raise ValueError(f"{label}: a draw never varies; check it with holds")
    away = np.abs(mean - expected) / error
    if (away > SIGMAS).any():
        first = tuple(int(i) for i in np.argwhere(away > SIGMAS)[0])
        raise AssertionError(
            f"{label} fails: at {first} the mean {mean[first]:.6g} lies {away[first]:.1f} standard errors from "
            f"{expected[first]:.6g}"
        )
    _show(
        label,
        "average",
        mean.size,
        f"within {SIGMAS} standard errors of the mean of {len(draws):,} draws",
    )


def proves(label, left=None, right=None, *, given=None):
    """Prove an equation with SymPy.

    proves(label, optimizer): the update as typeset in the chapter equals the method's own rule, every state and w.
    proves(label, left, right): the expressions are equal.
    proves(label): the equation as typeset is an identity: all sides of each chain are equal.
    given : a dict of substitutions (SymPy symbol, or its LaTeX name as SymPy prints it, to expression), made in order.

    Shows one line. Raises AssertionError with the difference that is left.
    """
    if isinstance(left, Optimizer):
        pairs = _code_and_book(label, left)
        bound = f"the typeset update is the rule of {type(left).__name__}"
    elif left is None:
        pairs = [(a, b) for chain in _typeset(label) for a, b in pairwise(chain)]
        bound = "an identity, as typeset"
    elif right is None:
        raise ValueError(
            f"{label}: one side is given; allowed: an optimizer, two sides, or none for what is typeset"
        )
    else:
        pairs, bound = [(left, right)], "an identity"
    if not pairs:
        raise ValueError(
            f"{label}: there is nothing to prove; an equation has two sides"
        )
    for one, other in pairs:
        rest = _difference(one, other, given or {})
        if rest != 0:
            raise AssertionError(
                f"{label} is not proved: {one} minus {other} leaves {rest}"
            )
    _show(label, "symbols", len(pairs), bound)


def typeset(label, *, chain=-1, side=-1, **values):
    """One side of an equation as the chapter prints it, evaluated: the right side of a check that a misprint turns red.

    chain, side : which equation of the display, and which of its sides; the last ones by default. values : number or
    array for each symbol, named as in code (beta1, lr, ...); Eg, Egsq and Varg are E[g], E[g^2] and Var[g]. Returns an
    array. Raises ValueError for a side that can't be read, a symbol without a value and a value without a symbol.
    """
    from companion.latex import evaluate, statements

    return evaluate(statements(book.latex(label))[chain][side], values)


def _sides(label, left, right):
    left, right = np.asarray(left), np.asarray(right)
    if np.iscomplexobj(left) or np.iscomplexobj(right):
        raise ValueError(f"{label}: a side is complex; allowed: real numbers")
    try:
        left, right = np.broadcast_arrays(left.astype(float), right.astype(float))
    except ValueError as error:
        raise ValueError(
            f"{label}: the sides have shapes {left.shape} and {right.shape}, which do not agree"
        ) from error
    if left.size == 0:
        raise ValueError(f"{label}: no case to compare")
    if not (np.isfinite(left).all() and np.isfinite(right).all()):
        raise ValueError(f"{label}: a side is not finite; allowed: finite numbers")
    return left, right


def _tolerance(rtol, atol):
    parts = [
        f"{_digits(size)} {kind}"
        for size, kind in ((rtol, "relative"), (atol, "absolute"))
        if size > 0
    ]
    return "to " + " plus ".join(parts).replace("e-0", "e-") if parts else "exactly"


def _digits(size):
    """A tolerance in as many digits as it has: 1e-12, 2.5e-9."""
    return f"{size:.0e}" if float(f"{size:.0e}") == size else f"{size:g}"


def _typeset(label):
    from companion.latex import (
        chains,  # the LaTeX reader costs a second that only proofs need
    )

    return chains(book.latex(label))


def _code_and_book(label, optimizer):
    """Pairs (typeset, coded) for w and every state, and the sides of one chain with each other.

    Definitions higher up in the display are put into those below.
    """
    from optimlib.engine.with_sympy import update

    meaning, within = {}, []
    for target, *sides in _typeset(label):
        if not sides or target in meaning:
            raise ValueError(
                f"{label}: {target} has {'no' if not sides else 'a second'} definition; allowed: one"
            )
        sides = [side.subs(meaning) for side in sides]
        within += pairwise(sides)
        meaning[target] = sides[-1]
    coded = update(optimizer)
    if missing := [str(name) for name in coded if name not in meaning]:
        raise AssertionError(
            f"{label} does not define {', '.join(missing)}; it defines {', '.join(map(str, meaning))}"
        )
    return [
        *within,
        *((meaning[name], expression) for name, expression in coded.items()),
    ]


def _difference(one, other, given):
    rest = sympy.sympify(one) - sympy.sympify(other)
    for name, value in given.items():
        rest = rest.subs(
            _symbols(rest).get(name, name) if isinstance(name, str) else name, value
        )
    if _refuted(rest):
        return sympy.expand(rest)
    rest = rest.subs(
        {decay: 1 / (1 + sympy.Dummy(positive=True)) for decay in _decays(rest)}
    ).doit()
    return 0 if rest == 0 else sympy.simplify(sympy.expand(rest))


def _refuted(rest):
    """Whether seeded numbers for its symbols give something other than 0: what is wrong then fails in no time."""
    rng = random.Random(0)
    for _ in range(3):
        value = rest.subs(
            {
                symbol: _number(rng, symbol)
                for symbol in sorted(rest.free_symbols, key=str)
            }
        ).doit()
        value = value.subs(
            {
                term: _number(rng, term)
                for term in sorted(value.atoms(AppliedUndef), key=str)
            }
        )
        size = abs(sympy.N(value, 50))
        if size.is_number and size.is_finite and size > 1e-20:
            return True
    return False


def _number(rng, symbol):
    """A number that the symbol may stand for: a step, a decay rate below 1, a number of either sign if it may have one."""
    if symbol.is_integer:
        return sympy.Integer(rng.randint(2, 6))
    sign = 1 if symbol.is_positive else rng.choice((-1, 1))
    return sign * sympy.Rational(rng.randint(1, 97), 98)


def _symbols(expression):
    return {symbol.name: symbol for symbol in expression.free_symbols}


def _decays(expression):
    """The decay rates, which lie in (0, 1): said by writing 1 / (1 + q), q > 0, as SymPy knows no other way."""
    return [
        symbol
        for name, symbol in _symbols(expression).items()
        if name.split("_")[0] == "beta"
    ]


def _show(label, how, cases, bound):
    counted = f"{cases:,} case{'s' if cases > 1 else ''}"
    words = f"is proved: {bound}" if how == "symbols" else f"holds {bound}, {counted}"
    link = f'<a href="#equation-{html.escape(label)}">{html.escape(label)}</a>'
    Result(
        {
            "kind": "check",
            "label": label,
            "of": book.digest(label),
            "how": how,
            "cases": int(cases),
            "bound": bound,
        },
        f"✓ {label} {words}",
        f'<p class="companion-check" data-equation="{html.escape(label)}">✓ {link} {html.escape(words)}</p>',
    ).show()
