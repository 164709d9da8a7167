"""The API page: every public name once, with its docstring, its rule and its links."""

import html
import inspect
import re

import pytest

import optimlib
from companion.site.pages import api
from optimlib import clipping, derivatives, moments, optimizers, problems, schedules
from optimlib.declaring import COMMON
from optimlib.optimizer import Optimizer

PAGE = "chapters/api.html"
METHODS = list(optimizers.METHODS.values())


def public(module):
    """The names of a module that are its own and have no underscore."""
    return [
        name
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(thing) or inspect.isfunction(thing))
        and thing.__module__ == module.__name__
    ]


NAMES = {f"optimlib.{name}": getattr(optimlib, name) for name in optimlib.__all__}
NAMES |= {
    f"optimlib.problems.{name}": getattr(problems, name) for name in problems.__all__
}
for module in (schedules, clipping, derivatives, moments):
    NAMES |= {
        f"{module.__name__}.{name}": getattr(module, name) for name in public(module)
    }


@pytest.fixture(scope="module")
def text(site):
    """The page's HTML."""
    return (site / PAGE).read_text(encoding="utf-8")


def words(markup):
    """What is read on a page, without its mathematics, as words."""
    prose = re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", markup, flags=re.DOTALL)
    return " ".join(re.findall(r"\w+", html.unescape(prose)))


def test_every_public_name_stands_there_once(pages):
    assert len(NAMES) > 60
    assert {name: pages[PAGE].ids.count(name) for name in NAMES} == dict.fromkeys(
        NAMES, 1
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_name_stands_with_the_first_line_of_its_docstring(text, name):
    if not isinstance(NAMES[name], dict):
        first = inspect.getdoc(NAMES[name]).split("\n")[0]
        beginning = words(re.split(r"[`:*|]", first)[0])
        assert len(beginning) >= 3
        found = text[text.index(f'id="{name}"') :][:20_000]
        assert beginning in words(found)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.__name__)
def test_a_method_has_its_own_arguments_alone_and_its_rule(text, method):
    start = text.index(f'id="optimlib.{method.__name__}"')
    found = text[start : text.index("</details>", start)]
    signature = re.sub(r"<[^>]+>", "", found[: found.index("</dt>")])
    for name, default in method.arguments().items():
        assert (f"{name}={default!r}" in html.unescape(signature)) == (
            name not in COMMON
        )
    rule = words(found[found.index("The rule as it runs") :])
    assert words(html.escape(method.text())) in rule
    assert found.count('class="katex-display"') >= 1


def test_methods_stand_with_their_family_the_simplest_first(text):
    places = []
    for module, methods in api.families().items():
        heading = html.escape(module.__doc__.partition(": ")[0], quote=False)
        places.append(text.index(f'>{heading}<a class="headerlink"'))
        places += [text.index(f'id="optimlib.{one.__name__}"') for one in methods]
    assert places == sorted(places)
    found = [method for methods in api.families().values() for method in methods]
    assert found[0] is optimlib.SGD and {*found} == {*METHODS}


def test_docstrings_name_each_other_by_links(pages):
    links = pages[PAGE].links
    for name in (
        "optimlib.NesterovLookAhead",
        "optimlib.Rows",
        "optimlib.VSGD",
        "optimlib.optimizer.Optimizer.step",
        "optimlib.clipping.global_norm",
    ):
        assert f"#{name}" in links


def test_no_markup_of_a_docstring_is_left_on_the_page(text):
    prose = re.sub(
        r"<annotation.*?</annotation>|<pre.*?</pre>", "", text, flags=re.DOTALL
    )
    assert not re.search(
        r":math:|``|\$\$|\.\. math|Args:|Elsewhere:", words_with(prose)
    )


def words_with(markup):
    """What is read on a page, signs and all."""
    return html.unescape(re.sub(r"<[^>]+>", " ", markup))


def test_a_colon_in_a_docstring_is_a_colon():
    """Without types in the sections, what stands before a colon is no type."""
    lines = ["Give.", "", "Returns:", "    The loss, and its gradient: alike.", ""]
    api.read(None, "function", "give", None, None, lines)
    assert ":returns: The loss, and its gradient: alike." in lines
    state = ["A copy: each entry."]
    api.read(None, "property", "state", None, None, state)
    assert state[0] == "A copy: each entry."


def test_stars_and_values_are_code_and_examples_stay():
    lines = ['f(w, *batch) is "raise", max_of="v_hat".', '>>> f(*x) == "raise"']
    api.read(None, "function", "f", None, None, lines)
    assert lines[0] == r'f(w, \*batch) is ``"raise"``, max_of="v_hat".'
    assert lines[1] == '>>> f(*x) == "raise"'


def test_the_base_class_shows_what_all_methods_take():
    signature, _ = api.sign(None, "class", "Optimizer", Optimizer)
    assert signature == (
        "(population=None, project=None, nonfinite='raise', engine=None)"
    )
    assert api.sign(None, "class", "Rows", optimlib.Rows) is None
