"""Rows of numbers as tables, and what is asked of them as bars."""

from collections.abc import Iterable, Sequence
from typing import Any

Row = dict[str, Any]


def pick(rows: Iterable[Row], **where: Any) -> list[Row]:
    """The rows that have these values."""
    return [row for row in rows if all(row.get(k) == v for k, v in where.items())]


def value(
    rows: Iterable[Row], contender: str, key: str = "seconds", **where: Any
) -> float | None:
    """One contender's number, None where it was not measured."""
    found = pick(rows, contender=contender, **where)
    return float(found[0][key]) if found else None


def values(rows: Iterable[Row], key: str) -> list[Any]:
    """The different values of a key, in the order in which they come."""
    return list(dict.fromkeys(row[key] for row in rows))


def threads(count: int) -> str:
    """The thread count in words."""
    return "1 thread" if count == 1 else f"{count} threads"


def duration(seconds: float) -> str:
    """Seconds to three digits, in a unit that fits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:#.3g}".rstrip(".") + f" {unit}"
    return f"{seconds / 1e-9:#.3g}".rstrip(".") + " ns"


def beside(seconds: float | None, base: float | None) -> str:
    """A time, and how many times the base's it is."""
    if seconds is None:
        return "–"
    ratio = "" if base is None else f" ({seconds / base:.2f}x)"
    return duration(seconds) + ratio


def table(
    title: str, columns: Sequence[str], rows: list[list[str]], note: str = ""
) -> dict[str, Any]:
    """A table of texts, as it is printed here and shown in the book."""
    return {"title": title, "columns": list(columns), "rows": rows, "note": note}


def spreads(rows: Iterable[Row]) -> str:
    """How far repetitions of one thing lie apart, in a sentence."""
    widths = [(row["high"] - row["low"]) / row["seconds"] for row in rows]
    return (
        "The middle half of the repetitions spans "
        f"{sorted(widths)[len(widths) // 2]:.0%} of the median, at most "
        f"{max(widths):.0%}."
    )


def text(table: dict[str, Any]) -> str:
    """A table for the terminal."""
    lines = [table["columns"], *table["rows"]]
    widths = [max(len(line[k]) for line in lines) for k in range(len(lines[0]))]
    shown = [
        "  ".join(
            cell.rjust(width) if k else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    rule = "  ".join("-" * width for width in widths)
    note = [table["note"]] if table["note"] else []
    return "\n".join([table["title"], "", shown[0], rule, *shown[1:], *note])


def bar(
    asked: str,
    where: str,
    reached: float | None,
    *,
    least: float | None = None,
    most: float | None = None,
    limit: float | None = None,
) -> list[dict[str, Any]]:
    """What is asked of one number: at least `least`, or at most `most`.

    limit: what the number would be for a step whose arithmetic takes no time.

    Returns:
        A list of one dict, whose "missed_by" is the share of the bar that is lacking or
        too much, 0 where it is met; an empty list for a number that was not measured.
    """
    if reached is None:
        return []
    wanted = least if least is not None else most
    assert wanted is not None
    over = 1 - reached / wanted if least is not None else reached / wanted - 1
    return [
        {
            "asked": asked,
            "where": where,
            "wanted": wanted,
            "way": "at least" if least is not None else "at most",
            "reached": reached,
            "limit": limit,
            "met": over <= 0,
            "missed_by": max(0.0, over),
        }
    ]


def ratio(over: float | None, under: float | None) -> float | None:
    """How many times the second the first is, None where one is not known."""
    return None if over is None or under is None else over / under


def of_bars(bars: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """All bars: one line for each kind, with the case that comes worst off."""
    lines = []
    for asked in values(bars, "asked"):
        same = pick(bars, asked=asked)
        met = [one for one in same if one["met"]]
        worst = max(same, key=_lack)
        missed = "met" if worst["met"] else f"missed by {worst['missed_by']:.1%}"
        lines.append(
            [
                asked,
                f"{worst['way']} {_plain(same)}",
                f"{len(met)} of {len(same)}",
                f"{worst['reached']:.3g} ({worst['where']})",
                missed,
            ]
        )
    return table(
        "The bars", ["asked", "wanted", "met", "the worst case", "verdict"], lines
    )


def missed(bars: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The bars that are not met, one by one."""
    lines = [
        [
            one["asked"],
            one["where"],
            f"{one['way']} {one['wanted']:g}",
            f"{one['reached']:.3g}",
            f"{one['missed_by']:.1%}",
            "–" if one["limit"] is None else f"{one['limit']:.3g}",
        ]
        for one in bars
        if not one["met"]
    ]
    return table(
        "Bars that are not met",
        ["asked", "where", "wanted", "reached", "missed by", "at the memory's speed"],
        lines,
    )


def _lack(one: dict[str, Any]) -> float:
    """How much a bar lacks; below 0, how much there is to spare."""
    share: float = one["reached"] / one["wanted"]
    return -share if one["way"] == "at least" else share


def _plain(same: list[dict[str, Any]]) -> str:
    return " or ".join(f"{wanted:g}" for wanted in sorted(set(values(same, "wanted"))))
