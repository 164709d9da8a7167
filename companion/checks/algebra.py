"""Whether two expressions are the same: numbers that refute it, or algebra that leaves nothing of their difference."""

import random
from itertools import islice
from typing import Any

import sympy
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.core.function import AppliedUndef

FEW, MANY = 5, 100  # cases in which both sides are real numbers
DIGITS = 50
RELATIVE, ABSOLUTE = 1e-30, 1e-45  # what is further apart is not the same number
SPLITS = 4  # quantities whose signs are told apart

# By numbers


def counterexample(
    one: Any, other: Any, regime: dict[Any, Any], thorough: bool = False
) -> str:
    """A case in which the sides differ, in words that go on after the difference; "" if none was found.

    The numbers are seeded. `regime` says what some symbols are, in terms of others. A few cases are tried, or if it is
    `thorough` many, some of them with a 0 and with the first step.
    """
    cases = _cases(one, other, regime, thorough)
    for case, left, right in islice(cases, MANY if thorough else FEW):
        apart = abs(left - right)
        if apart is sympy.nan or apart > max(
            ABSOLUTE, RELATIVE * max(abs(left), abs(right))
        ):
            at = ", ".join(f"{x} = {number}" for x, number in case.items())
            sides = f"{sympy.N(left, 6)} and {sympy.N(right, 6)}"
            return f", as for {at}: {sides}" if at else f": {sides}"
    return ""


def _cases(one: Any, other: Any, regime: dict[Any, Any], edges: bool) -> Any:
    """Cases, each with the real numbers that the sides are in it; NaN for one that has no case there, edges aside."""
    rng, both = random.Random(0), sympy.Tuple(one, other)
    told = {old: new for old, new in regime.items() if old.is_Symbol}
    free = both.free_symbols.union(*(new.free_symbols for new in told.values()))
    for _ in range(3 * (MANY if edges else FEW)):
        drawn = {x: _number(rng, x, edges) for x in sorted(free, key=str)}
        drawn |= {old: new.xreplace(drawn) for old, new in told.items()}
        case = {x: drawn[x] for x in sorted(both.free_symbols, key=str)}
        try:
            decimal = {x: _decimal(number) for x, number in case.items()}
            put = _put(both, decimal).doit()
            terms = _terms(put, rng)
            left, right = (sympy.N(side, DIGITS) for side in put.xreplace(terms))
        except (ValueError, TypeError, ZeroDivisionError):
            continue  # the maximum of a root of a negative number, for one
        real = [x.is_number and x.is_real and x.is_finite for x in (left, right)]
        gap = sympy.nan in (left, right) and any(real) and not edges
        if all(real) or gap:
            yield case | terms, left, right


def _put(expression: Any, found: dict[Any, Any]) -> Any:
    """The expression with its symbols' numbers; what stands in it many times is computed once, and kept in `found`."""
    if expression not in found:
        if expression.args and not isinstance(expression, ExprWithLimits):
            parts = [_put(part, found) for part in expression.args]
            found[expression] = expression.func(*parts)
        else:
            found[expression] = expression.xreplace(found)
    return found[expression]


def _decimal(number: Any) -> Any:
    """A fraction with twice the digits that count: nested roots of fractions cost SymPy seconds."""
    return number if number.is_Integer else sympy.Float(number, 2 * DIGITS)


def _terms(put: Any, rng: random.Random) -> dict[Any, Any]:
    """A number for each unknown function of numbers, the same where these are the same."""
    chosen: dict[Any, Any] = {}
    return {
        term: chosen.setdefault(
            (term.func, *(str(sympy.N(x, 15)) for x in term.args)), _number(rng, term)
        )
        for term in sorted(put.atoms(AppliedUndef), key=str)
    }


def _number(rng: random.Random, symbol: Any, edges: bool = False) -> Any:
    """A number that the symbol may stand for: a step, a decay rate below 1, a number of either sign if it may have one."""
    if symbol.is_integer:
        return sympy.Integer(rng.randint(1 if edges else 2, 6))
    signs = (-1, 0, 1) if edges else (-1, 1)
    sign = 1 if symbol.is_positive else rng.choice(signs)
    below_one = sympy.Rational(rng.randint(1, 97), 98)
    is_decay = getattr(symbol, "name", "").startswith(("beta", "mu"))
    return sign * below_one * (1 if is_decay else rng.randint(1, 9))


# By algebra


def simplified(rest: Any) -> Any:
    """What algebra leaves of a difference: 0 where it is proved to be none."""
    if _is_none(rest) or _is_none_by_signs(rest, SPLITS):
        return sympy.S.Zero
    return sympy.expand(rest)


def _is_none(rest: Any) -> bool:
    return bool(
        sympy.expand(rest.doit()) == 0
        or _with_decays(rest) == 0
        or _with_powers_as_letters(rest) == 0
    )


def _with_decays(rest: Any) -> Any:
    """The rest, simplified, with 1 / (1 + q), q > 0, for each decay rate: that says, in SymPy's way, that it is below 1."""
    rest = rest.subs(
        {decay: 1 / (1 + sympy.Dummy(positive=True)) for decay in _decays(rest)}
    ).doit()
    return sympy.S.Zero if rest == 0 else sympy.simplify(sympy.expand(rest))


def _with_powers_as_letters(rest: Any) -> Any:
    """The numerator of the rest, with b B^2 for b^{2 t + 1}: what is 0 for every B is 0 for b^t."""
    letters: dict[Any, Any] = {}

    def lettered(base: Any, exponent: Any) -> Any:
        factors = []
        for part in sympy.Add.make_args(sympy.expand(exponent)):
            count, steps = part.as_coeff_Mul()
            if steps.is_number or not (count.is_integer or base.is_positive):
                factors.append(base**part)
                continue
            new = sympy.Dummy(positive=base.is_positive)
            factors.append(letters.setdefault((base, steps), new) ** count)
        return sympy.Mul(*factors)

    rest = rest.doit().replace(
        lambda x: x.is_Pow and x.exp.free_symbols, lambda x: lettered(*x.args)
    )
    return sympy.expand(sympy.fraction(sympy.together(sympy.expand(rest)))[0])


def _is_none_by_signs(rest: Any, splits: int) -> bool:
    """Whether nothing is left in each case of a quantity below, at and above 0, on whose sign the rest depends."""
    quantity = _turning(rest)
    if not splits or quantity is None:
        return False
    size = sympy.Dummy(positive=True)
    for value in (-size, sympy.S.Zero, size):
        symbol, new = _solved(quantity, value)
        if not _may_be(symbol, new):
            continue
        case = rest.xreplace({symbol: new}).doit()
        if case.has(sympy.nan, sympy.zoo):  # a side says nothing there
            continue
        if not (_is_none(case) or _is_none_by_signs(case, splits - 1)):
            return False
    return True


def _turning(rest: Any) -> Any:
    """The simplest quantity, linear in a symbol, whose sign decides a maximum, a minimum, a modulus or a sign."""
    quantities = [x.args[0] for x in rest.atoms(sympy.Abs, sympy.sign)]
    for x in rest.atoms(sympy.Max, sympy.Min):
        one, other = sorted(x.args, key=lambda y: (sympy.count_ops(y), str(y)))[:2]
        quantities.append(one - other)
    factors = {f for q in quantities for f in sympy.Mul.make_args(sympy.factor(q))}
    linear = filter(_slopes, factors)
    return min(linear, key=lambda x: (sympy.count_ops(x), str(x)), default=None)


def _slopes(quantity: Any) -> dict[Any, Any]:
    """The symbols in which a quantity is linear, with its slopes."""
    slopes = {
        x: sympy.diff(quantity, x) for x in sorted(quantity.free_symbols, key=str)
    }
    return {x: k for x, k in slopes.items() if k.is_number and k.is_real and k != 0}


def _solved(quantity: Any, value: Any) -> tuple[Any, Any]:
    """A symbol, and what it is where a quantity has this value: one that stays above 0 if it has to, if there is one."""
    found = [
        (x, sympy.expand((value - quantity) / slope + x))
        for x, slope in _slopes(quantity).items()
    ]
    return min(found, key=lambda pair: bool(pair[0].is_positive and not pair[1].is_positive))  # fmt: skip


def _may_be(symbol: Any, new: Any) -> bool:
    """Whether the symbol may be this: not below 0 if it is above it, nor above 1 if it is a decay rate."""
    if symbol.is_positive and new.is_positive is False:
        return False
    return not (_decays(symbol) and (new - 1).is_nonnegative)


def _decays(expression: Any) -> list[Any]:
    """The decay rates, which lie in (0, 1)."""
    return [
        symbol
        for symbol in expression.free_symbols
        if symbol.name.split("_")[0] == "beta"
    ]
