"""Checks by numbers: a labelled equation compared over cases, or on average over random draws."""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from companion import book
from companion.checks.reals import are_truths, exactly, is_truth, real, rounded
from companion.checks.shown import counted, labelled, show

RTOL = 1e-12
# Rounding units of the largest right side that any case may be off: a sum that comes out near zero is no better known.
ROUNDING = 8 * np.finfo(float).eps
SIGMAS = (
    5  # of a mean's standard error: a true equation fails one comparison in 1.7 million
)


def holds(
    label: str,
    left: ArrayLike,
    right: ArrayLike | None = None,
    /,
    *,
    rtol: float = RTOL,
    atol: float = 0.0,
    exact: bool = False,
    chain: int | None = None,
    side: int | None = None,
    **symbols: Any,
) -> None:
    """Check an equation by numbers, in every case. Shows one line.

    Two sides agree where |left - right| <= atol + rtol |right|; up to 8 rounding units of the largest right side (but no
    more than rtol of it) are always allowed. Numbers are compared as they are, also integers, fractions, decimals and
    long doubles that no float holds; truth values with truth values.

    Args:
        label: the equation's label.
        left: one side over the cases, computed in its own way.
        right: the other side, of a shape that broadcasts with the first; by default the side as the chapter prints it.
        rtol, atol: the relative and the absolute tolerance; rtol=0 asks for equality.
        exact: whether to compare integers and fractions as they are, without rounding.
        chain, side: which side of the display is meant, as for `typeset`.
        **symbols: number or array for each symbol of the printed side, as for `typeset`.

    Raises:
        AssertionError: names the first case that fails.
        ValueError: where there is no case, a side or a symbol's value is not finite or not real, the shapes do not agree, a
            tolerance would let anything pass, `exact` is asked of a rounded number, both a right side and symbols are
            given, what is printed is no equation and no side is chosen, or it is asked to be equal for values that a
            float changes.
        TypeError: for a label that is no text, and an `exact` that is neither true nor false.
    """
    labelled(label)
    _check_tolerance(label, rtol, atol, exact)
    right = _right(label, right, chain, side, symbols, (rtol, atol) == (0, 0), exact)
    one, other = _sides(label, left, right, exact)
    if exact:
        rtol = 0
    wrong, of_largest = _apart(one.ravel(), other.ravel(), rtol, atol)
    if wrong.any():
        first = tuple(int(i) for i in np.unravel_index(np.argmax(wrong), one.shape))
        raise AssertionError(
            f"{label} fails in {wrong.sum()} of {one.size} cases, first at {first}: left {_shown(one[first])}, "
            f"right {_shown(other[first])}"
        )
    words = " of the largest" if of_largest else ""
    agree = f"{counted(one.size)} agree{'s' if one.size == 1 else ''}"
    show(
        label,
        "numbers",
        one.size,
        _tolerance(rtol, atol),
        f"{agree} {_agreement(rtol, atol)}{words}",
    )


def averages_to(
    label: str,
    draws: ArrayLike,
    expected: ArrayLike | None = None,
    /,
    *,
    chain: int | None = None,
    side: int | None = None,
    **symbols: Any,
) -> None:
    """Check an expectation by Monte Carlo: the mean of independent draws lies within five standard errors.

    Args:
        label: the equation's label.
        draws: shape (n, ...), n independent draws of the left side, n at least 100.
        expected: the right side, shape (...); by default the side as the chapter prints it.
        chain, side: which side of the display is meant, as for `typeset`.
        **symbols: number or array for each symbol of the printed side, as for `typeset`.

    Shows one line. Raises AssertionError naming the first case that fails; ValueError as `holds` does, and where a draw
    does not vary at all or a float would change it.
    """
    labelled(label)
    draws = real(f"{label}: a draw", draws)
    if draws.dtype == object:
        raise ValueError(
            f"{label}: a float would change a draw; allowed: draws that floats hold"
        )
    if draws.ndim == 0 or len(draws) < 100:
        count = len(draws) if draws.ndim else "no list of"
        raise ValueError(f"{label}: {count} draws; allowed: 100 or more")
    expected = _right(label, expected, chain, side, symbols)
    expected = rounded(f"{label}: what is expected", expected)
    mean, expected = _sides(label, draws.mean(axis=0), expected)
    error = draws.std(axis=0, ddof=1) / np.sqrt(len(draws))
    if not (np.ptp(draws, axis=0) > 0).all():
        raise ValueError(f"{label}: a draw never varies; check it with holds")
    if not np.isfinite(error).all():  # a spread that lets any mean pass
        raise ValueError(f"{label}: the draws are too large to tell their spread")
    away = np.abs(mean - expected) / error
    if (away > SIGMAS).any():
        first = tuple(int(i) for i in np.argwhere(away > SIGMAS)[0])
        raise AssertionError(
            f"{label} fails: at {first} the mean {mean[first]:.6g} lies {away[first]:.1f} standard errors from "
            f"{expected[first]:.6g}"
        )
    show(
        label,
        "average",
        mean.size,
        f"within {SIGMAS} standard errors of the mean of {len(draws):,} draws",
        f"the mean of {len(draws):,} draws lies within five standard errors ({counted(mean.size)})",
    )


def typeset(
    label: str, /, *, chain: int = -1, side: int = -1, **symbols: Any
) -> NDArray[Any]:
    """One side of an equation as the chapter prints it, evaluated: the right side of a check that a misprint turns red.

    Args:
        label: the equation's label.
        chain, side: which equation of the display, and which of its sides; the last ones by default.
        **symbols: number or array for each symbol, named as in code: beta, beta1, lr, t, N_k. Eg, Egsq and Varg are
            E[g], E[g^2] and Var[g]. A name that Python does not allow goes in as **{"g_{t - 1}": ...}.

    Returns:
        The value, an array over the cases.

    Raises:
        ValueError: for a side that can't be read, a symbol without a value and a value without a symbol.
    """
    from companion.checks.latex import evaluate

    labelled(label)
    return evaluate(_printed(label, chain, side), symbols)


def _printed(label: str, chain: int, side: int) -> str:
    from companion.checks.latex import statements

    found = statements(book.latex(label))
    text: str = _one_of(label, "side", _one_of(label, "chain", found, chain), side)
    return text


def _must_be_equation(label: str, chain: int) -> None:
    """Raise ValueError for an order or a likeness: its last side is not what its first one equals. A limit is met."""
    from companion.checks.latex import LIMIT, signs_of

    signs = _one_of(label, "chain", signs_of(book.latex(label)), chain)
    if unequal := [sign for sign in signs if sign not in ("=", LIMIT)]:
        raise ValueError(
            f"{label} has {unequal[0]}; allowed: equations, a right side, or side= for one side by itself"
        )


def _one_of(label: str, name: str, found: list[Any], place: int) -> Any:
    """What stands at a place of the list, or an error that says which places there are."""
    last = len(found) - 1
    if not isinstance(place, int | np.integer) or not -last - 1 <= place <= last:
        raise ValueError(f"{label}: {name} is {place!r}; allowed: 0 to {last}, or -1")
    return found[place]


def _right(
    label: str,
    given: ArrayLike | None,
    chain: int | None,
    side: int | None,
    symbols: dict[str, Any],
    equal: bool = False,
    exact: bool = False,
) -> ArrayLike:
    """The side that is given, or else the printed one; without a tolerance, of values that a float holds."""
    if given is None:
        from companion.checks.latex import evaluate, evaluate_exactly

        if side is None:
            _must_be_equation(label, -1 if chain is None else chain)
        if equal and (lost := [x for x in symbols if _loses(symbols[x])]):
            raise ValueError(
                f"{label}: a float rounds {lost[0]}; allowed without a tolerance: values that it holds, or exact=True"
            )
        latex = _printed(
            label, -1 if chain is None else chain, -1 if side is None else side
        )
        return (evaluate_exactly if exact else evaluate)(latex, symbols)
    chosen = {"chain": chain, "side": side}
    extra = [name for name, value in chosen.items() if value is not None]
    if extra := [*extra, *symbols]:
        raise ValueError(
            f"{label}: a right side is given, and so are {', '.join(extra)}; allowed: one or the other"
        )
    return given


def _loses(value: ArrayLike) -> bool:
    """Whether a float would change one of the numbers."""
    return real("a value", value).dtype == object


def _sides(
    label: str, left: ArrayLike, right: ArrayLike, exact: bool = False
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Both sides in one shape: as floats if these hold every number, else as fractions."""
    if are_truths(left) != are_truths(right):
        raise ValueError(
            f"{label}: one side is true or false, the other a number; allowed: numbers, or truth values on both sides"
        )
    read = exactly if exact else real
    one, other = (read(f"{label}: a side", side) for side in (left, right))
    if one.dtype != other.dtype:
        one, other = (_as_fractions(side) for side in (one, other))
    try:
        one, other = np.broadcast_arrays(one, other)
    except ValueError as error:
        raise ValueError(
            f"{label}: the sides have shapes {one.shape} and {other.shape}, which do not agree"
        ) from error
    if one.size == 0:
        raise ValueError(f"{label}: no case to compare")
    return one, other


def _as_fractions(side: NDArray[Any]) -> NDArray[Any]:
    found = np.empty(side.shape, dtype=object)
    for place, x in np.ndenumerate(side):
        found[place] = Fraction(x)
    return found


def _apart(
    one: NDArray[Any], other: NDArray[Any], rtol: float, atol: float
) -> tuple[NDArray[np.bool], bool]:
    """Which cases differ by more than is allowed, and whether one agrees only for the largest's sake."""
    allowed: tuple[Any, ...] = (rtol, atol, min(rtol, ROUNDING))
    if one.dtype == object:
        allowed = tuple(map(Fraction, allowed))
    relative, absolute, few = allowed
    apart, size = np.abs(one - other), np.abs(other)
    close = absolute + relative * size
    wrong = apart > np.maximum(close, few * size.max())
    return wrong, bool((apart > close).any())


def _check_tolerance(label: str, rtol: float, atol: float, exact: bool) -> None:
    sizes = [isinstance(x, float | int | np.floating) for x in (rtol, atol)]
    if not (all(sizes) and 0 <= rtol < 1 and 0 <= atol < np.inf):
        raise ValueError(
            f"{label}: rtol is {rtol!r} and atol {atol!r}; allowed: rtol in [0, 1), atol finite, 0 or more"
        )
    if not is_truth(exact):
        raise TypeError(f"{label}: exact is {exact!r}; allowed: True or False")
    if exact and (rtol, atol) != (RTOL, 0):
        raise ValueError(f"{label}: exact=True has a tolerance; allowed: none")


def _shown(x: Any) -> str:
    """A number in full: a fraction as 1/3."""
    return str(x) if isinstance(x, Fraction) else repr(float(x))


def _tolerance(rtol: float, atol: float) -> str:
    parts = [
        f"{_digits(size)} {kind}"
        for size, kind in ((rtol, "relative"), (atol, "absolute"))
        if size > 0
    ]
    return "to " + " plus ".join(parts).replace("e-0", "e-") if parts else "exactly"


def _agreement(rtol: float, atol: float) -> str:
    """A tolerance in a reader's words: to 12 digits."""
    parts = []
    if rtol > 0.01:
        parts.append(f"within {100 * rtol:.2g} %")
    elif rtol > 0:
        parts.append(f"to {int(-np.log10(rtol) + 1e-9)} digits")
    if atol > 0:
        parts.append(f"within {_digits(atol).replace('e-0', 'e-')}")
    return " or ".join(parts) or "exactly"


def _digits(size: float) -> str:
    """A tolerance in as many digits as it has: 1e-12, 2.5e-9."""
    return f"{size:.0e}" if float(f"{size:.0e}") == size else f"{size:g}"
