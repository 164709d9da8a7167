"""The claims as listed, and what answering one needs."""

import json
import re
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion import claim
from companion.checks import claims as module
from companion.checks.claims import VERDICTS, claims, places
from companion.results import MIME

COUNTS = {"S": 38, "A": 17, "B": 5, "P": 15}
MEASURED = [verdict for verdict in VERDICTS if verdict != "to come"]
# HTML tags and entities; Greek, super- and subscripts, accents that combine, letterlike symbols, arrows, operators.
ODD = re.compile(
    r"</?[a-zA-Z]|&#?\w+;|[²³¹·×÷\u0370-\u03ff\u1d00-\u1dbf\u0300-\u036f\u2070-\u209f\u2100-\u22ff\u27f0-\u27ff]"
)


def odd_in(text):
    """What a text has of HTML, of formulas in Unicode letters, and of LaTeX outside of mathematics."""
    words = re.sub(r"\$[^$]+\$", "", text)
    found = ODD.search(text) or re.search(r"[\\^=<>{}$]|\w_\w", words)
    return found and found[0]


def test_every_claim_of_the_four_sources_is_listed_once_in_order():
    assert list(claims()) == [
        f"{key}{n}" for key, count in COUNTS.items() for n in range(1, count + 1)
    ]
    assert len({stated.source for stated in claims().values()}) == 4
    for key in COUNTS:
        of_key = {s.source for name, s in claims().items() if name.startswith(key)}
        assert len(of_key) == 1


def test_every_claim_stands_at_one_place_of_its_source():
    for source, of_source in places().items():
        named = [name for names in of_source.values() for name in names]
        stated = [claim.id for claim in claims().values() if claim.source == source]
        assert sorted(named) == sorted(stated)


@pytest.mark.parametrize("name", claims())
def test_a_statement_is_one_plain_sentence(name):
    """Short, with its formulas between dollars, and without the verdict or a doubt of ours."""
    statement = claims()[name].statement
    assert 20 <= len(statement) <= 180
    assert not odd_in(statement) and "?)" not in statement
    assert statement[0].isupper()
    assert statement.endswith((".", "?", "$"))
    assert list(claims().values()).count(claims()[name]) == 1


@pytest.mark.parametrize(
    "text",
    ["βᵗ", "x²", "√2", "2·3", "a → b", "1 − 2", "m̂", "E[g²]", "ℝ", "&eta;", "<em>if</em>", "x_1", "a = b", r"\beta"],
)  # fmt: skip
def test_html_and_formulas_in_other_letters_are_found(text):
    assert odd_in(f"It is {text} here.") and not odd_in("It’s “5 %” — $x_1 = 2$ …")


def test_an_answer_is_a_card_of_statement_verdict_answer_and_source(shown):
    claim(
        "P5",
        "holds if",
        r"$\beta = 0.9$: then {steps:,} steps.",
        steps=2995,
        shown=True,
    )
    (result,) = shown
    answer = r"$\beta = 0.9$: then 2,995 steps."
    assert result.facts == {
        "kind": "claim", "id": "P5", "verdict": "holds if", "answer": answer, "aside": False,
    }  # fmt: skip
    assert json.loads(json.dumps(result.facts)) == result.facts
    assert repr(result) == f"P5: True, if {answer}"
    heard, why, source = result.markdown.split("\n\n")
    assert heard == f"**You may hear:** “{claims()['P5'].statement}”"
    assert why == f"**True, if** {answer}"
    assert source == "*Page 11: Bias Correction, P5*"
    assert set(result._repr_mimebundle_()) == {"text/plain", "text/markdown", MIME}


def test_an_answer_set_aside_is_as_much_an_answer(shown):
    claim("P5", "wrong", "It is {steps}.", steps=29, shown=True, aside=True)
    assert shown[0].facts["aside"] is True and shown[0].facts["verdict"] == "wrong"
    with pytest.raises(AssertionError):
        claim("P5", "wrong", "It is {steps}.", steps=29, shown=False, aside=True)


def test_a_claim_to_come_needs_no_number(shown):
    claim("P12", "to come", "It needs the paper's figure 4.")
    assert shown[0].facts["verdict"] == "to come"
    assert repr(shown[0]) == "P12: To come. It needs the paper's figure 4."


@given(
    st.dictionaries(
        st.text(string.ascii_lowercase, min_size=2, max_size=5),
        st.integers(-(10**6), 10**6),
        min_size=1,
        max_size=4,
    ).filter(lambda numbers: not {"shown", "aside", "frac"} & numbers.keys())
)
def test_numbers_take_their_places_and_every_other_brace_is_left(numbers):
    latex = r"$\frac{a}{10{,}000}^{t}_{frac}{}$"
    places = " ".join(f"{{{name}}} {{{name}:,}}" for name in numbers)
    given = " ".join(f"{n} {n:,}" for n in numbers.values())
    found = module._with_numbers("P5", f"{latex} {places}", numbers)
    assert found == f"{latex} {given}"


@pytest.mark.parametrize(
    ("answer", "numbers", "lost"),
    [("It is 5.", {"five": 5}, "five"), ("It is {n}.", {"n": 5}, "n"), ("{one}", {"one": 1, "two": 2}, "two")],
)  # fmt: skip
def test_a_number_without_a_place_is_refused(shown, answer, numbers, lost):
    with pytest.raises(ValueError, match=f"^P5: {lost} has no place in the answer; "):
        claim("P5", "wrong", answer, **numbers, shown=True)
    assert shown == []


def test_a_place_with_a_format_and_no_number_is_refused(shown):
    with pytest.raises(
        ValueError, match=r"^P5: the answer's \{two:\.0%\} has no number"
    ):
        claim("P5", "wrong", "{one} and {two:.0%}.", one=1, shown=True)
    assert shown == []


def test_a_share_stands_as_in_the_books_text(shown):
    claim("P5", "wrong", "Only {share:.0%}.", share=np.float64(0.126), shown=True)
    assert shown[0].facts["answer"] == "Only 13\N{NO-BREAK SPACE}%."


@pytest.mark.parametrize("name", ["P99", "p1", "", "C1"])
def test_an_unknown_claim_is_named(shown, name):
    with pytest.raises(
        KeyError, match=rf"no claim '{name}'; the nearest is '\w+'; there are: S1, "
    ):
        claim(name, "holds", "It is {one}.", one=1, shown=True)
    assert shown == []


@pytest.mark.parametrize("verdict", ["true", "Holds", "", None])
def test_an_unknown_verdict_is_refused_with_those_there_are(shown, verdict):
    with pytest.raises(
        ValueError, match=rf"verdict is {verdict!r}; allowed: {', '.join(VERDICTS)}"
    ):
        claim("P1", verdict, "It is {one}.", one=1, shown=True)


@pytest.mark.parametrize("verdict", MEASURED)
def test_an_answer_without_a_number_or_its_condition_is_refused(shown, verdict):
    for answer, missing in (
        ("{one}", {"one": 1}),
        ("Yes.", {"shown": True}),
        ("Yes.", {}),
    ):
        with pytest.raises(
            ValueError, match="^P1: an answer needs a number and the condition"
        ):
            claim("P1", verdict, answer, **missing)
    assert shown == []


CONDITIONS = [
    0, 1, "yes", "False", [], [False], [True], (True, "why"), (), np.nan, 1.0, lambda: False, (x for x in ()), np.array([True]),
    np.array(1), np.array(True, dtype=object), np.int64(1), np.ma.masked, np.ma.array(True, mask=True),
]  # fmt: skip


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_condition_is_true_or_false(shown, condition):
    with pytest.raises(TypeError, match="^P1: shown is .*; allowed: True or False"):
        claim("P1", "holds", "{one}", one=1, shown=condition)
    with pytest.raises(TypeError, match="^P1: shown is .*; allowed: True or False"):
        claim("P1", "to come", "Later.", shown=condition)
    assert shown == []


@pytest.mark.parametrize("kind", [bool, np.bool, np.array])
def test_a_condition_may_be_pythons_or_numpys(shown, kind):
    claim("P1", "holds", "{one}", one=1, shown=kind(True))
    assert len(shown) == 1
    with pytest.raises(AssertionError, match="does not show"):
        claim("P1", "holds", "{one}", one=1, shown=kind(False))


@pytest.mark.parametrize("verdict", MEASURED)
def test_an_answer_that_the_computation_does_not_show_fails(shown, verdict):
    for condition in (False, np.bool(False)):
        with pytest.raises(
            AssertionError,
            match=rf"^P1: the computation does not show .*'{verdict}'; measured: It is 3\.1",
        ):
            claim("P1", verdict, "It is {it:.1f}.", it=3.14, shown=condition)
    assert shown == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("{share} and {tpyo}", "tpyo"),
        ("{share} and {share!r}", "share!r"),
        (r"$\mathrm{share}$", "no place"),
        ("$w_{share}$", "no place"),
    ],
)
def test_a_brace_that_holds_no_number_is_named(answer, said):
    """A misspelt name would be printed, and LaTeX's own braces are no place."""
    with pytest.raises(ValueError, match=said):
        claim("P5", "holds", answer, share=0.5, shown=True)


def test_a_share_in_mathematics_keeps_its_sign(shown):
    """A bare % begins a comment in LaTeX."""
    claim("P5", "holds", "so $p = {share:.0%}$", share=0.5, shown=True)
    assert r"$p = 50\,\%$" in shown[0].facts["answer"]


@pytest.mark.parametrize(("name", "near"), [("p1", "P1"), ("P155", "P15"), ("s 12", "S12")])  # fmt: skip
def test_the_nearest_claim_is_named(name, near):
    with pytest.raises(KeyError, match=f"; the nearest is '{near}'; "):
        claim(name, "holds", "It is {one}.", one=1, shown=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((5, "holds", "{one}"), "the claim is 5"), ((["P1"], "holds", "{one}"), "the claim is"), (("P1", "holds", None), "P1: the answer is None")],
)  # fmt: skip
def test_an_id_and_an_answer_are_texts(shown, arguments, words):
    with pytest.raises(TypeError, match=f"^{words}.*; allowed: "):
        claim(*arguments, one=1, shown=True)
    assert shown == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (np.nan, r"^P1: the number of \{one:\.1f\} is nan; allowed: finite"), (np.float32("inf"), "is inf; allowed: finite"),
        ("5", r"^P1: \{one:\.1f\} can't show '5'"), (None, r"^P1: \{one:\.1f\} can't show None"),
    ],
)  # fmt: skip
def test_a_number_that_can_not_be_shown_is_named_with_its_place(shown, number, words):
    with pytest.raises((TypeError, ValueError), match=words):
        claim("P1", "holds", "{one:.1f}", one=number, shown=True)
    assert shown == []
