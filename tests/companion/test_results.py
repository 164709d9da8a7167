"""A result as a notebook stores it."""

from companion.results import MIME, Result


def test_it_is_one_line_of_text_its_html_and_its_facts():
    result = Result({"kind": "check"}, "one line", "<p>one line</p>")
    assert repr(result) == "one line"
    assert result._repr_mimebundle_(include=None, exclude=None) == {
        "text/plain": "one line", "text/html": "<p>one line</p>", MIME: {"kind": "check"},
    }  # fmt: skip


def test_it_is_displayed_wherever_the_call_stands(shown):
    result = Result({}, "a", "b")
    assert result.show() is None and shown == [result]
