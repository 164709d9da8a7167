"""Tables of a few columns, with mathematics in their headers, on the page and in a notebook."""

from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
from IPython.display import display

NOTHING = "–"


def table(
    columns: Mapping[str, Iterable[Any]], *, digits: int | Mapping[str, int] = 3
) -> None:
    r"""Show columns of numbers and words as a table.

    Args:
        columns: The values of each column by its header; both may hold Markdown, such as ``r"$\beta^t$"``. Whole
            numbers are shown whole, and None as a dash.
        digits: How many digits follow the point of a number, in every column or by its header.

    Raises:
        ValueError: There is no column or no row, the columns differ in length, or digits are none.
    """
    texts = _texts(columns, digits)
    numeric = [all(isinstance(v, Real) or v is None for v in c) for c in texts.values()]
    written = {
        name: [_written(value, _digits_of(name, digits)) for value in values]
        for name, values in texts.items()
    }
    bundle = {"text/markdown": _markdown(written, numeric)}
    bundle["text/plain"] = _plain(written, numeric)
    display(bundle, raw=True)


def _texts(
    columns: Mapping[str, Iterable[Any]], digits: int | Mapping[str, int]
) -> dict[str, list[Any]]:
    """The columns as lists, of one length."""
    lists = {name: list(values) for name, values in columns.items()}
    lengths = {name: len(values) for name, values in lists.items()}
    if len(set(lengths.values())) != 1 or 0 in lengths.values():
        raise ValueError(
            f"the columns' lengths are {lengths}; allowed: columns of one length, 1 or more"
        )
    if isinstance(digits, Mapping) and digits.keys() - lists.keys():
        unknown = sorted(digits.keys() - lists.keys())
        raise ValueError(f"digits are for {unknown}; allowed: {list(lists)}")
    return lists


def _digits_of(name: str, digits: int | Mapping[str, int]) -> int:
    found = digits.get(name, 3) if isinstance(digits, Mapping) else digits
    if not isinstance(found, Integral) or found < 0:
        raise ValueError(f"digits is {found!r}; allowed: whole numbers, 0 or more")
    return int(found)


def _written(value: Any, digits: int) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, Integral):
        return f"{int(value):,}".replace("-", "−")
    if isinstance(value, Real):
        return f"{float(value):,.{digits}f}".replace("-", "−")
    return str(value)


def _markdown(written: Mapping[str, list[str]], numeric: list[bool]) -> str:
    """The table as Markdown; a bar within a cell would end it."""
    rows = [list(written), ["---:" if n else ":---" for n in numeric]]
    rows += [[text.replace("|", r"\|") for text in row] for row in _rows(written)]
    rows[0] = [name.replace("|", r"\|") for name in rows[0]]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _plain(written: Mapping[str, list[str]], numeric: list[bool]) -> str:
    """The table as text, its columns aligned."""
    widths = [max(map(len, [name, *values])) for name, values in written.items()]
    lines = []
    for row in [list(written), *_rows(written)]:
        aligned = (
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(row, widths, numeric, strict=True)
        )
        lines.append("  ".join(aligned).rstrip())
    return "\n".join(lines)


def _rows(written: Mapping[str, list[str]]) -> list[list[str]]:
    return [list(row) for row in zip(*written.values(), strict=True)]
