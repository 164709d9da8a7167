"""The claims as listed, and what answering one needs."""

import json
import re

import pytest

from companion import claim
from companion.checks.claims import VERDICTS, claims

COUNTS = {"S": 38, "A": 17, "B": 5, "P": 15}


def test_every_claim_of_the_four_sources_is_listed_once_in_order():
    assert list(claims()) == [
        f"{key}{n}" for key, count in COUNTS.items() for n in range(1, count + 1)
    ]
    assert len({stated.source for stated in claims().values()}) == 4
    for key in COUNTS:
        assert (
            len(
                {
                    stated.source
                    for name, stated in claims().items()
                    if name.startswith(key)
                }
            )
            == 1
        )


@pytest.mark.parametrize("name", claims())
def test_a_statement_is_one_plain_sentence(name):
    """Short, without LaTeX or HTML, and without the verdict or a doubt of ours."""
    statement = claims()[name].statement
    assert 20 <= len(statement) <= 220
    assert not re.search(r"[$\\<>_{}]|\?\)", statement)
    assert statement[0].isupper() or statement[0].isdigit() or statement[0] in "m"
    assert statement.endswith((".", "?", "…"))
    assert list(claims().values()).count(claims()[name]) == 1


def test_an_answer_shows_verdict_statement_source_and_number(shown):
    claim(
        "P1",
        "holds if",
        "Yes, <em>if</em> g is constant.",
        number="0.50 < 5",
        shown=True,
    )
    (result,) = shown
    assert result.facts == {
        "kind": "claim", "id": "P1", "verdict": "holds if", "number": "0.50 < 5", "answer": "Yes, <em>if</em> g is constant.",
    }  # fmt: skip
    assert json.loads(json.dumps(result.facts)) == result.facts
    assert repr(result) == "P1 holds if: 0.50 < 5"
    for part in (
        'data-claim="P1"',
        'data-verdict="holds if"',
        "0.50 &lt; 5",
        "<em>if</em>",
        "Page 11: Bias Correction",
        "ten times too low",
    ):
        assert part in result.html


def test_a_claim_to_come_needs_no_number(shown):
    claim("P12", "to come", "It needs the paper's figure 4.")
    assert (
        shown[0].facts["verdict"] == "to come"
        and repr(shown[0]) == "P12 to come: It needs the paper’s figure 4."
    )


@pytest.mark.parametrize("name", ["P99", "p1", "", "C1"])
def test_an_unknown_claim_is_named(shown, name):
    with pytest.raises(KeyError, match=rf"no claim '{name}'; there are: S1, "):
        claim(name, "holds", "Yes.", number="1", shown=True)
    assert shown == []


@pytest.mark.parametrize("verdict", ["true", "Holds", "", None])
def test_an_unknown_verdict_is_refused_with_those_there_are(shown, verdict):
    with pytest.raises(
        ValueError, match=rf"verdict is {verdict!r}; allowed: {', '.join(VERDICTS)}"
    ):
        claim("P1", verdict, "Yes.", number="1", shown=True)


@pytest.mark.parametrize("verdict", ["holds", "holds if", "wrong"])
def test_an_answer_without_its_number_or_its_condition_is_refused(shown, verdict):
    for missing in (
        {"number": "1"},
        {"shown": True},
        {},
        {"number": "", "shown": True},
    ):
        with pytest.raises(
            ValueError, match="^P1: an answer needs its number and the condition"
        ):
            claim("P1", verdict, "Yes.", **missing)
    assert shown == []


@pytest.mark.parametrize("verdict", ["holds", "holds if", "wrong"])
def test_an_answer_that_the_computation_does_not_show_fails(shown, verdict):
    for condition in (False, 0):
        with pytest.raises(
            AssertionError,
            match=rf"^P1: the computation does not show .*'{verdict}'; measured: 3\.1",
        ):
            claim("P1", verdict, "Yes.", number="3.1", shown=condition)
    assert shown == []
