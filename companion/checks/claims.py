"""The claims of the four sources, and the answers that the chapters give them."""

import difflib
import re
import reprlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from companion.checks.reals import is_truth
from companion.results import Result

# In code, and at the head of the answer that a reader sees.
VERDICTS = {
    "holds": "True.",
    "holds if": "True, if",
    "misleading": "Misleading.",
    "wrong": "False.",
    "to come": "To come.",
}
# (After a letter or _ or ^, a brace is LaTeX's.)
PLACE = re.compile(r"(?<![A-Za-z_^}])\{(\w{2,})(?::([^{}]*))?\}")
MATHEMATICS = re.compile(r"\$[^$]*\$")


@dataclass(frozen=True)
class Claim:
    """One line of claims.yaml: what a source says, in our words, as Markdown, and where in the source."""

    id: str
    source: str
    place: str
    statement: str


@lru_cache
def _sources() -> list[dict[str, Any]]:
    """The file's sources, each with its title, its places and its claims."""
    file = Path(__file__).with_name("claims.yaml")
    sources: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return sources


@lru_cache
def claims() -> dict[str, Claim]:
    """All claims by id, in the order of the file."""
    found = {}
    for source in _sources():
        places = {name: at for at, names in source["places"].items() for name in names}
        for name, statement in source["claims"].items():
            found[name] = Claim(name, source["title"], places[name], statement)
    return found


def places() -> dict[str, dict[str, list[str]]]:
    """The claims' ids by source and by place in it, in the order of the source."""
    return {source["title"]: source["places"] for source in _sources()}


def claim(
    name: str,
    verdict: str,
    answer: str,
    /,
    *,
    shown: bool | None = None,
    aside: bool = False,
    **numbers: Any,
) -> None:
    """Answer a claim with a measurement, as a card.

    Args:
        name: the claim's id, such as "P5".
        verdict: "holds", "holds if", "misleading", "wrong" or "to come".
        answer: why, in Markdown with $mathematics$. After "holds if" it goes on from the words "True, if". {share} or
            {share:.0%} is the place of a number; any other brace is LaTeX's.
        shown: the condition that the computation must meet for this answer to stand.
        aside: whether the answer is shown on the page of all claims alone.
        **numbers: what was measured, by name, each with its place in the answer.

    Raises:
        KeyError: for an unknown id.
        ValueError: for an unknown verdict, a measured answer without number or condition, a number without a place or
            that is not finite, and a formatted place without a number.
        TypeError: for a condition that is neither true nor false, and an id or an answer that is no text.
        AssertionError: where the condition is not met.
    """
    known = claims()
    if not isinstance(name, str):
        raise TypeError(f"the claim is {reprlib.repr(name)}; allowed: its id, a text")
    if name not in known:
        near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0)[0]
        raise KeyError(
            f"no claim {name!r}; the nearest is {near!r}; there are: {', '.join(known)}"
        )
    if not isinstance(answer, str):
        raise TypeError(
            f"{name}: the answer is {reprlib.repr(answer)}; allowed: a text"
        )
    if verdict not in VERDICTS:
        raise ValueError(f"verdict is {verdict!r}; allowed: {', '.join(VERDICTS)}")
    if not isinstance(aside, bool):
        raise TypeError(f"{name}: aside is {aside!r}; allowed: True or False")
    if not (shown is None or _is_condition(shown)):
        raise TypeError(
            f"{name}: shown is {reprlib.repr(shown)}; allowed: True or False"
        )
    answer = _with_numbers(name, answer, numbers)
    if verdict != "to come":
        _must_be_shown(name, verdict, answer, shown, numbers)
    card = markdown(known[name], verdict, answer)
    facts = {"kind": "claim", "id": name, "verdict": verdict, "answer": answer}
    Result(
        facts | {"aside": aside},
        f"{name}: {VERDICTS[verdict]} {answer}",
        markdown=card,
    ).show()


def _is_condition(shown: object) -> bool:
    """Whether this is a truth value, or NumPy's array of a single one."""
    array = type(shown) is np.ndarray and shown.shape == () and shown.dtype == bool
    return array or is_truth(shown)


def markdown(stated: Claim, verdict: str, answer: str) -> str:
    """A claim's card: what one may hear, the verdict and why, the source; a paragraph each."""
    return (
        f"**You may hear:** “{stated.statement}”\n\n"
        f"**{VERDICTS[verdict]}** {answer}\n\n"
        f"*{stated.source}, {stated.id}*"
    )


def _with_numbers(name: str, answer: str, numbers: dict[str, Any]) -> str:
    """The answer with each number in its place."""
    places = {match[1] for match in PLACE.finditer(answer)}
    if lost := [number for number in numbers if number not in places]:
        raise ValueError(
            f"{name}: {lost[0]} has no place in the answer; allowed: names of two letters or more that stand in it "
            f"as {{{lost[0]}}} or {{{lost[0]}:format}}"
        )

    def put(match: re.Match[str]) -> str:
        if match[1] not in numbers:
            if match[2]:
                raise ValueError(f"{name}: the answer's {match[0]} has no number")
            return match[0]
        number = _formatted(name, match[0], numbers[match[1]], match[2] or "")
        within = answer.count("$", 0, match.start()) % 2
        return number.replace("%", r"\,\%" if within else "\N{NO-BREAK SPACE}%")

    filled = PLACE.sub(put, answer)
    if brace := re.search(r"\{[^}]*\}?|\}", MATHEMATICS.sub("", filled)):
        raise ValueError(
            f"{name}: the answer has {brace[0]!r}; allowed: {', '.join(numbers)}, as {{name}} or {{name:format}}"
        )
    return filled


def _formatted(name: str, place: str, number: Any, format_: str) -> str:
    """A number as its place in the answer asks for it."""
    if isinstance(number, float | np.floating) and not np.isfinite(number):
        raise ValueError(
            f"{name}: the number of {place} is {number}; allowed: finite numbers"
        )
    try:
        return format(number, format_)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: {place} can't show {number!r}: {error}") from error


def _must_be_shown(
    name: str, verdict: str, answer: str, shown: object, numbers: dict[str, Any]
) -> None:
    """Raise an error where an answer is not what the computation has shown."""
    if not numbers or shown is None:
        raise ValueError(
            f"{name}: an answer needs a number and the condition that it has shown"
        )
    if not shown:
        raise AssertionError(
            f"{name}: the computation does not show that the claim {verdict!r}; measured: {answer}"
        )
