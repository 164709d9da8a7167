"""The claims of the four sources, and the answers that the chapters give them."""

import html
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from companion.results import Result

VERDICTS = ("holds", "holds if", "wrong", "to come")


@dataclass(frozen=True)
class Claim:
    """One line of claims.yaml: what a source says, in our words."""

    id: str
    source: str
    statement: str


@lru_cache
def claims() -> dict[str, Claim]:
    """All claims by id, in the order of the file."""
    data = yaml.safe_load(
        Path(__file__).with_name("claims.yaml").read_text(encoding="utf-8")
    )
    return {
        name: Claim(name, curly(source["title"]), curly(statement))
        for source in data
        for name, statement in source["claims"].items()
    }


def curly(text: str) -> str:
    """A text with the apostrophe that the page's prose has."""
    return text.replace("'", "’")


def claim(
    name: str,
    verdict: str,
    answer: str,
    *,
    number: str | None = None,
    shown: object = None,
) -> None:
    """Answer a claim with a measurement.

    name : its id, such as "P5". verdict : "holds", "holds if" (under the condition that
    the answer states), "wrong", or "to come". answer : one or two sentences, HTML
    allowed. number : the measured figure, as text, rounded. shown : a condition that
    the computation must meet for this answer to stand.

    Shows a box. Raises KeyError for an unknown id, ValueError for an unknown verdict or
    a measured answer without its number and condition, AssertionError where the
    condition is not met.
    """
    known = claims()
    if name not in known:
        raise KeyError(f"no claim {name!r}; there are: {', '.join(known)}")
    if verdict not in VERDICTS:
        raise ValueError(f"verdict is {verdict!r}; allowed: {', '.join(VERDICTS)}")
    if verdict != "to come":
        if not number or shown is None:
            raise ValueError(
                f"{name}: an answer needs its number and the condition that it has shown"
            )
        if not bool(shown):
            raise AssertionError(
                f"{name}: the computation does not show that the claim {verdict!r}; measured: {number}"
            )
    _show(known[name], verdict, curly(answer), number and curly(number))


def _show(stated: Claim, verdict: str, answer: str, number: str | None) -> None:
    measured = (
        f'<span class="companion-number">{html.escape(number)}.</span>'
        if number
        else ""
    )
    Result(
        {
            "kind": "claim",
            "id": stated.id,
            "verdict": verdict,
            "number": number,
            "answer": answer,
        },
        f"{stated.id} {verdict}: {number or answer}",
        f'<div class="companion-claim" data-claim="{stated.id}" data-verdict="{verdict}">'
        f'<p><span class="companion-verdict">{verdict}</span> <strong>{stated.id}</strong> '
        f"<q>{html.escape(stated.statement)}</q> <cite>{html.escape(stated.source)}</cite></p>"
        f"<p>{measured} {answer}</p></div>",
    ).show()
