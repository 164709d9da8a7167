"""Checks by computer algebra: a labelled equation, or a docstring's, proved with SymPy."""

import inspect
import re
import reprlib
from itertools import pairwise, product
from typing import Any

import sympy
from sympy.core.relational import Relational

from companion import book
from companion.checks.algebra import counterexample, simplified
from companion.checks.shown import labelled, show
from optimlib.engine.with_sympy import STEP, symbol, update
from optimlib.optimizer import Optimizer

# A displayed equation in a docstring, and the line before it that says for which switches it is.
DISPLAY = re.compile(
    r"^\.\. math::(?P<line>.*)\n(?P<block>(?:\n| +.*\n)*)", re.MULTILINE
)
ANNOUNCED = re.compile(r"With\s+``\w+=[^`]+``(?:\s+and\s+``\w+=[^`]+``)*")
SWITCH = re.compile(r"``(\w+)=\"?([^`\"]+)")


def proves(
    label: str,
    left: Any = None,
    right: Any = None,
    *,
    given: dict[Any, Any] | None = None,
) -> None:
    """Prove an equation with SymPy.

    proves(label, optimizer): the update as typeset in the chapter equals the method's own rule, every state and w.
    proves(label, left, right): the expressions are equal.
    proves(label): the equation as typeset is an identity: all sides of each chain are equal.
    given : a dict of substitutions (SymPy symbol, or its LaTeX name as SymPy prints it, to expression), made in order.

    Shows one line. Raises AssertionError with the difference that is left, and with numbers for which it is not 0; where
    algebra leaves a difference and no numbers refute it, the error says that this could not be decided.
    """
    labelled(label)
    if (left is None or isinstance(left, Optimizer)) and right is not None:
        raise ValueError(
            f"{label}: a right side is given without a left one; allowed: an optimizer, two sides, or none for what is "
            "typeset"
        )
    if not isinstance(given, dict | None):
        raise TypeError(f"{label}: given is {reprlib.repr(given)}; allowed: a dict")
    if isinstance(left, Optimizer):
        pairs = _code_and_book(label, book.latex(label), left)
        bound = f"the typeset update is the rule of {type(left).__name__}"
    elif left is None:
        pairs = [(a, b) for chain in _typeset(label) for a, b in pairwise(chain)]
        bound = "an identity, as typeset"
    elif right is None:
        raise ValueError(
            f"{label}: one side is given; allowed: an optimizer, two sides, or none for what is typeset"
        )
    else:
        pairs = [(_expression(label, left), _expression(label, right))]
        bound = "an identity"
    if not pairs:
        raise ValueError(
            f"{label}: there is nothing to prove; an equation has two sides"
        )
    given = {old: _expression(label, new) for old, new in (given or {}).items()}
    _prove(label, pairs, given)
    show(label, "symbols", len(pairs), bound, "proved by computer algebra")


def _expression(label: str, given: Any) -> Any:
    """What is given, as SymPy has it. Raises TypeError for a text, an order, an array, and what is not finite."""
    found = None if isinstance(given, str) else sympy.sympify(given)
    if not isinstance(found, sympy.Expr) or found.has(sympy.nan, sympy.oo, sympy.zoo):
        raise TypeError(
            f"{label}: {reprlib.repr(given)} is no finite expression; allowed: SymPy's expressions, and numbers"
        )
    return found


def proves_docstring(optimizer: Optimizer, text: str | None = None) -> None:
    """Prove that the equation in a method's docstring is its rule, every state and w.

    optimizer : an instance, whose switches say which of the docstring's equations. text : a docstring in place of the
    method's own. Raises AssertionError with the difference that is left.
    """
    name = type(optimizer).__name__
    latex = documented(optimizer, text or type(optimizer).__doc__ or "")
    _prove(name, _code_and_book(name, latex, optimizer), {})


def documented(optimizer: Optimizer, text: str) -> str:
    """The equation in a docstring that is for the switches of this optimizer: the last one that is announced for them.

    An announcement is a line such as "With ``root=False``" before the equation; the first equation has none.
    """
    fitting = None
    for switches, latex in displays(text):
        if all(
            str(getattr(optimizer, name)) == value for name, value in switches.items()
        ):
            fitting = latex
    if fitting is None:
        raise ValueError(
            f"the docstring of {type(optimizer).__name__} has no equation for {optimizer!r}"
        )
    return fitting


def displays(text: str) -> list[tuple[dict[str, str], str]]:
    """The displayed equations of a docstring, each with the switches (name to value, as text) it is announced for.

    A further display that is not announced goes on with the one before it.
    """
    found: list[tuple[dict[str, str], str]] = []
    end, text = 0, inspect.cleandoc(text) + "\n"
    for match in DISPLAY.finditer(text):
        before = text[end : match.start()].strip().split("\n\n")[-1]
        end = match.end()
        announced = ANNOUNCED.search(before)
        latex = (match["line"] + match["block"]).strip()
        if announced or not found:
            switches = dict(SWITCH.findall(announced[0])) if announced else {}
            found.append((switches, latex))
        else:
            found[-1] = (found[-1][0], found[-1][1] + r" \\ " + latex)
    return found


def _typeset(label: str) -> list[list[Any]]:
    from companion.checks.latex import (
        chains,  # the LaTeX reader costs a second that only proofs need
    )

    return chains(book.latex(label))


def _code_and_book(
    label: str, latex: str, optimizer: Optimizer
) -> list[tuple[Any, Any]]:
    """Pairs (typeset, coded) for w and every state, and the sides of one chain with each other.

    Definitions higher up in the display are put into those below.
    """
    from companion.checks.latex import chains

    meaning: dict[Any, Any] = {}
    within: list[tuple[Any, Any]] = []
    for target, *sides in chains(latex):
        if not sides or target in meaning:
            raise ValueError(
                f"{label}: {target} has {'no' if not sides else 'a second'} definition; allowed: one"
            )
        sides = [side.xreplace(meaning) for side in sides]
        within += pairwise(sides)
        meaning |= {target: sides[-1], **_next(target, sides[-1])}
    coded = update(optimizer)
    # A state may be kept input, such as the loss of the step before.
    coded = {name: value for name, value in coded.items() if value != name}
    if missing := [str(name) for name in coded if name not in meaning]:
        raise AssertionError(
            f"{label} does not define {', '.join(missing)}; it defines {', '.join(map(str, meaning))}"
        )
    return [
        *within,
        *((meaning[name], expression) for name, expression in coded.items()),
    ]


def _next(target: Any, meaning: Any) -> dict[Any, Any]:
    """What a schedule of t alone, such as mu_{t}, is at the step after: mu_{t + 1}."""
    carried = {target, *meaning.free_symbols} - {STEP}
    if [x for x in carried if "_{t" in x.name] != [target]:
        return {}
    return {
        symbol(target.name.replace("_{t}", "_{t + 1}")): meaning.subs(STEP, STEP + 1)
    }


def _prove(label: str, pairs: list[tuple[Any, Any]], given: dict[Any, Any]) -> None:
    """Raise AssertionError where the two of a pair are not the same, or nothing decides whether they are."""
    cases = [
        (pair, one, other, regime)
        for pair in pairs
        for one, other in [_with(pair, given)]
        for regime in _regimes(one - other)
    ]
    for pair, one, other, regime in cases:  # numbers refute sooner than algebra proves
        if found := counterexample(one, other, regime):
            left = (one - other).xreplace(regime)
            raise AssertionError(f"{label} is not proved: {_left(pair, left)}{found}")
    for pair, one, other, regime in cases:
        left = simplified((one - other).xreplace(regime))
        if left == 0:
            continue
        if found := counterexample(one, other, regime, thorough=True):
            raise AssertionError(f"{label} is not proved: {_left(pair, left)}{found}")
        raise AssertionError(
            f"{label} could not be decided: {_left(pair, left)}, which no number that was tried refutes; allowed: a "
            "further step between the two, or holds"
        )


def _left(pair: tuple[Any, Any], rest: Any) -> str:
    return f"{pair[0]} minus {pair[1]} leaves {sympy.expand(rest)}"


def _with(pair: tuple[Any, Any], given: dict[Any, Any]) -> tuple[Any, Any]:
    """The two sides with what is given put in."""
    both = sympy.Tuple(*map(sympy.sympify, pair))
    for name, value in given.items():
        old = _symbols(both).get(name, name) if isinstance(name, str) else name
        both = both.subs(old, value)
    return both[0], both[1]


def _regimes(rest: Any) -> list[dict[Any, Any]]:
    """Substitutions that together cover all cases of an expression with cases, and decide each of its conditions.

    The step t is put before, at and after every step with which it is compared; what stands in a sign is put below,
    at and above 0; any other relation is taken to hold, and not to hold.
    """
    conditions = [
        condition
        for piecewise in rest.atoms(sympy.Piecewise)
        for _, condition in piecewise.args
    ]
    relations = {relation for c in conditions for relation in c.atoms(Relational)}
    timed = {relation for relation in relations if STEP in relation.args}
    signed = {relation for relation in relations if relation.has(sympy.sign)}
    compared = {x for relation in timed for x in relation.args} - {STEP}
    numbers = sorted(x for x in compared if x.is_Integer)
    signs = {
        x for relation in signed for s in relation.atoms(sympy.sign) for x in s.args
    }
    choices = [
        *([_steps_to(numbers[-1])] if numbers else []),
        *map(_around, sorted(compared - {*numbers}, key=str)),
        *map(_either_sign, sorted(signs, key=str)),
        *map(_true_or_not, sorted(relations - timed - signed, key=str)),
    ]
    return [
        {old: new for choice in chosen for old, new in choice.items()}
        for chosen in product(*choices)
    ]


def _steps_to(last: Any) -> list[dict[Any, Any]]:
    """Each step up to this one, and those after it."""
    after = last + sympy.Dummy("k", positive=True, integer=True)
    return [{STEP: sympy.sympify(x)} for x in (*range(1, last + 1), after)]


def _around(place: Any) -> list[dict[Any, Any]]:
    """The steps before, at and after a place."""
    further = sympy.Dummy("k", positive=True, integer=True)
    return [{place: STEP + further}, {place: STEP}, {STEP: place + further}]


def _either_sign(x: Any) -> list[dict[Any, Any]]:
    size = sympy.Dummy(x.name, positive=True)
    return [{x: -size}, {x: sympy.S.Zero}, {x: size}]


def _true_or_not(relation: Any) -> list[dict[Any, Any]]:
    return [{relation: sympy.true}, {relation: sympy.false}]


def _symbols(expression: Any) -> dict[str, Any]:
    return {symbol.name: symbol for symbol in expression.free_symbols}
