"""Checks by numbers: a labelled equation compared over cases, or on average over random draws."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from companion import book
from companion.checks.shown import show

SIGMAS = (
    5  # of a mean's standard error: a true equation fails one comparison in 1.7 million
)


def holds(
    label: str,
    left: ArrayLike,
    right: ArrayLike,
    *,
    rtol: float = 1e-12,
    atol: float = 0.0,
) -> None:
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
    show(label, "numbers", left.size, _tolerance(rtol, atol))


def averages_to(label: str, draws: ArrayLike, expected: ArrayLike) -> None:
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
    show(
        label,
        "average",
        mean.size,
        f"within {SIGMAS} standard errors of the mean of {len(draws):,} draws",
    )


def typeset(
    label: str, *, chain: int = -1, side: int = -1, **values: Any
) -> NDArray[Any]:
    """One side of an equation as the chapter prints it, evaluated: the right side of a check that a misprint turns red.

    chain, side : which equation of the display, and which of its sides; the last ones by default. values : number or
    array for each symbol, named as in code (beta1, lr, ...); Eg, Egsq and Varg are E[g], E[g^2] and Var[g]. Returns an
    array. Raises ValueError for a side that can't be read, a symbol without a value and a value without a symbol.
    """
    from companion.checks.latex import evaluate, statements

    return evaluate(statements(book.latex(label))[chain][side], values)


def _sides(
    label: str, left: ArrayLike, right: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
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


def _tolerance(rtol: float, atol: float) -> str:
    parts = [
        f"{_digits(size)} {kind}"
        for size, kind in ((rtol, "relative"), (atol, "absolute"))
        if size > 0
    ]
    return "to " + " plus ".join(parts).replace("e-0", "e-") if parts else "exactly"


def _digits(size: float) -> str:
    """A tolerance in as many digits as it has: 1e-12, 2.5e-9."""
    return f"{size:.0e}" if float(f"{size:.0e}") == size else f"{size:g}"
