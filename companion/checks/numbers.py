"""Checks by numbers: a labelled equation compared over cases, or on average over random draws."""

from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from companion import book
from companion.checks.shown import counted, show

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
    more than rtol of it) are always allowed.

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
        ValueError: where there is no case, a side is not finite or not real, the shapes do not agree, a tolerance would
            let anything pass, `exact` is asked of a rounded number, or both a right side and symbols are given.
    """
    if not (0 <= rtol < 1 and 0 <= atol < np.inf):
        raise ValueError(
            f"{label}: rtol is {rtol!r} and atol {atol!r}; allowed: rtol in [0, 1), atol finite, 0 or more"
        )
    if exact and (rtol, atol) != (RTOL, 0):
        raise ValueError(f"{label}: exact=True has a tolerance; allowed: none")
    right = _right(label, right, chain, side, symbols, exact)
    one, other = _sides(label, left, right, exact)
    words = ""
    if exact:
        wrong, rtol = one != other, 0.0
    else:
        largest = np.abs(other).max()
        close = atol + rtol * np.abs(other)
        wrong = np.abs(one - other) > np.maximum(close, min(rtol, ROUNDING) * largest)
        if (np.abs(one - other) > close).any():
            words = " of the largest"
    if wrong.any():
        first = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise AssertionError(
            f"{label} fails in {wrong.sum()} of {one.size} cases, first at {first}: left {one[first]!r}, "
            f"right {other[first]!r}"
        )
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
    does not vary at all.
    """
    draws = np.asarray(draws, dtype=float)
    if len(draws) < 100:
        raise ValueError(f"{label}: {len(draws)} draws; allowed: 100 or more")
    expected = _right(label, expected, chain, side, symbols)
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

    return evaluate(_printed(label, chain, side), symbols)


def _printed(label: str, chain: int, side: int) -> str:
    from companion.checks.latex import statements

    return statements(book.latex(label))[chain][side]


def _right(
    label: str,
    given: ArrayLike | None,
    chain: int | None,
    side: int | None,
    symbols: dict[str, Any],
    exact: bool = False,
) -> ArrayLike:
    """The side that is given, or else the printed one."""
    if given is None:
        from companion.checks.latex import evaluate, evaluate_exactly

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


def _sides(
    label: str, left: ArrayLike, right: ArrayLike, exact: bool = False
) -> tuple[NDArray[Any], NDArray[Any]]:
    read = _exactly if exact else _rounded
    left, right = read(label, left), read(label, right)
    try:
        left, right = np.broadcast_arrays(left, right)
    except ValueError as error:
        raise ValueError(
            f"{label}: the sides have shapes {left.shape} and {right.shape}, which do not agree"
        ) from error
    if left.size == 0:
        raise ValueError(f"{label}: no case to compare")
    return left, right


def _rounded(label: str, side: ArrayLike) -> NDArray[np.float64]:
    side = np.asarray(side)
    if np.iscomplexobj(side):
        raise ValueError(f"{label}: a side is complex; allowed: real numbers")
    numbers: NDArray[np.float64] = side.astype(float)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{label}: a side is not finite; allowed: finite numbers")
    return numbers


def _exactly(label: str, side: ArrayLike) -> NDArray[Any]:
    """The side as fractions: NumPy would round a fraction, and let a large integer overflow."""
    numbers = np.asarray(side, dtype=object)
    if rounded := [x for x in numbers.flat if not isinstance(x, Rational)]:
        raise ValueError(
            f"{label}: {rounded[0]!r} is rounded; allowed with exact=True: integers and fractions"
        )
    found = np.empty(numbers.shape, dtype=object)
    for place, x in np.ndenumerate(numbers):
        found[place] = Fraction(int(x.numerator), int(x.denominator))
    return found


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
