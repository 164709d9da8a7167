"""What a method's docstring promises: its equations are the rule, and its sections are
all there."""

import inspect
import re

import pytest
import sympy
from variants import every_method, every_variant, settings_of

from companion.checks.latex import expression
from companion.checks.proofs import displays, documented, proves_docstring
from optimlib import optimizers
from optimlib.engine import with_sympy
from optimlib.optimizer import Optimizer

SECTIONS = ["Args", "Example", "Source", "Elsewhere"]


def sections(method):
    """The docstring's sections by title, what stands before them under ""."""
    text = inspect.cleandoc(method.__doc__)
    parts = re.split(r"^([A-Z]\w+):$", text, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


# Equations


@every_variant
def test_the_equation_in_the_docstring_is_the_rule_whatever_the_switches(
    method, switches
):
    proves_docstring(method(**switches))


@every_method
def test_the_first_equation_is_that_of_the_defaults_and_no_other_is_of_nothing(method):
    first, *others = displays(method.__doc__)
    assert first[0] == {}
    made = {documented(method(**s), method.__doc__) for s in settings_of(method)}
    assert made == {first[1], *(latex for _, latex in others)}
    assert documented(method(), method.__doc__) == first[1]
    for switches, _ in others:
        for name, value in switches.items():
            assert value in map(str, method.switches[name].options)


@every_method
def test_where_a_state_starts_is_said_unless_it_is_zero(method):
    said = re.findall(r":math:`([^`]*?)_0 = ([^`]*)`", method.__doc__)
    stated = {expression(f"{left}_0"): expression(right) for left, right in said}
    for name, value in method.starts:
        if value == "loss":
            # The loss before the first: the first step is a case of its own.
            continue
        wanted = with_sympy.letter(value) if isinstance(value, str) else value
        text = str(value)
        at_zero = with_sympy.at(name, "0")
        if at_zero in stated:
            assert sympy.simplify(stated.pop(at_zero) - with_sympy.exact(wanted)) == 0
        else:
            assert "t = 1" in method.__doc__, f"{name} starts at {text}, unsaid"
    assert not stated, "said of what starts at 0"


# What a reader could overlook, in some of them.
MISPRINTS = {
    "SGD": [(r"- \eta", r"+ \eta"), ("g_t", "g_t^2")],
    "Momentum": [(r"- \eta", r"+ \eta")],
    "NesterovLookAhead": [(r"+ \mu\, v_{t-1})", r"- \mu\, v_{t-1})")],
    "Nesterov": [(r"(1 + \mu)", r"(1 - \mu)")],
    "SignSGD": [(r"- \eta", r"+ \eta"), (r"\operatorname{sgn}(g_t)", "g_t")],
    "Rprop": [
        (r"\eta^{+} & s_t > 0", r"\eta^{-} & s_t > 0"),
        ("1 & s_t = 0", "2 & s_t = 0"),
        (r"0 & s_t < 0 \\ g_t", r"g_t & s_t < 0 \\ g_t"),
        (r"\Delta_{\min}", r"\Delta_{\max}"),
        (r"w_{t-1} - ", "w_{t-1} + "),
    ],
    "Adagrad": [("g_t^2", "g_t^3")],
    "AdagradSigma": [("(t-1)", "t")],
    "RMSprop": [(r"(1-\beta)", r"(1+\beta)")],
    "RMSpropSigma": [("|g_t|", "g_t"), ("t = 1", "t = 2")],
    "Adadelta": [("u_{t-1} + ", "u_{t-1} - ")],
    "Adam": [(r"\beta_2^t", r"\beta_1^t"), (r"\sqrt{\hat v_t}", r"\hat v_t")],
    "AdamW": [(r"(1 - \eta \lambda)", r"(1 - \lambda)")],
    "AMSGrad": [(r"\max(z_{t-1}, v_t)", r"\min(z_{t-1}, v_t)")],
    "Adamax": [("|g_t|", "g_t"), (r"\beta_2 u", "u")],
    "NAdam": [
        (r"\mu_{t+1}}{", r"\mu_t}{"),
        ("0.96", "0.95"),
        (r"\frac{1}{2}", r"\frac{1}{3}"),
    ],
    "Eve": [
        (r"1 & t = 1", r"2 & t = 1"),
        (r"\frac{1}{c}", "0"),
        (r"\min(f_t, f_{t-1})", r"\max(f_t, f_{t-1})"),
    ],
    "VSGD": [
        (r"|\kappa_t|", r"\kappa_t"),
        (r"\gamma & t = t_0", r"1 & t = t_0"),
        (r"0 & t \le t_0", r"0 & t < t_0"),
        ("(1 - r_t)", "(1 + r_t)"),
    ],
    "AdaSecant": [
        (r"2.2 & |q", r"2.3 & |q"),
        (r"\frac{1}{n_t} e_t", r"\frac{1}{n_t} q_t"),
    ],
}


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [(name, *pair) for name, pairs in MISPRINTS.items() for pair in pairs],
)
def test_a_misprint_in_a_docstring_is_found(name, right, wrong):
    method = getattr(optimizers, name)
    text = method.__doc__
    assert right in text
    with pytest.raises(AssertionError, match=rf"^{name} is not proved: .* leaves "):
        proves_docstring(method(), text.replace(right, wrong, 1))


@every_method
def test_a_docstring_that_moves_the_weights_by_one_more_is_found(method):
    text = method.__doc__
    left = re.search(r"\bw_t &?=", text)[0]
    with pytest.raises(AssertionError, match=f"^{method.__name__} is not proved: "):
        proves_docstring(method(), text.replace(left, f"{left} 1 +", 1))


def test_a_display_without_an_announcement_goes_on_with_the_one_before():
    text = (
        "A method.\n\n.. math:: a = b\n\nand\n\n.. math::\n\n    c = d\n\n"
        'With ``x=False`` and ``y="z"``:\n\n.. math:: e = f\n\n    then\n\nEnd.\n'
    )
    assert displays(text) == [
        ({}, r"a = b \\ c = d"),
        ({"x": "False", "y": "z"}, "e = f\n    then"),
    ]
    with pytest.raises(ValueError, match="docstring of SGD has no equation for SGD"):
        documented(optimizers.SGD(), "Nothing.")


# Sections


@every_method
def test_a_docstring_has_a_summary_and_its_sections_in_order(method):
    found = sections(method)
    assert [name for name in found if name] == SECTIONS
    summary = found[""].split("\n\n")[0]
    assert summary.endswith(".") and len(summary) < 200


@every_method
def test_args_are_the_constructors_own_in_its_order_each_with_words(method):
    text = inspect.cleandoc(sections(method)["Args"])
    named = re.findall(r"^(\w+): (.+)$", text, flags=re.MULTILINE)
    assert [name for name, _ in named] == [*method.hypers, *method.switches]
    defaults = [*method.hypers.values(), *method.switches.values()]
    for (name, words), declared in zip(named, defaults, strict=True):
        assert f"default {declared.default}" not in words, f"{name}: said twice"


def written(cls):
    """The lines of a class's text that begin an entry of Args, by the argument's name."""
    text = inspect.getsource(cls).split("Example:")[0]
    return {x[1]: x[0] for x in re.finditer(r"^ {8}(\w+): .*", text, re.MULTILINE)}


@every_method
def test_what_a_method_says_of_an_argument_its_family_does_not_say_already(method):
    bases = [x for x in method.__mro__[1:] if issubclass(x, Optimizer)]
    shared = dict(item for x in reversed(bases) for item in written(x).items())
    assert not {k for k, line in written(method).items() if shared.get(k) == line}
    for name in shared.keys() & method.hypers.keys():
        assert f"\n    {name}: " in inspect.cleandoc(method.__doc__)


@every_method
def test_each_letter_of_an_argument_stands_beside_it(method):
    """Whoever reads an equation finds its letters in the list of arguments."""
    text = sections(method)["Args"]
    for name in method.hypers:
        entry = re.search(rf"^ *{name}: (.*(?:\n {{8,}}.*)*)", text, re.MULTILINE)[1]
        letters = [expression(latex) for latex in re.findall(r":math:`(.+?)`", entry)]
        assert with_sympy.letter(name) in letters, f"{name} has no letter"


@every_method
def test_the_example_shows_what_it_gives(method):
    lines = sections(method)["Example"].strip().splitlines()
    assert lines[0].startswith(">>> ") and not lines[-1].lstrip().startswith(">>>")
    assert method.__name__ in lines[0]


@every_method
def test_the_source_has_a_year_or_is_the_courses(method):
    source = sections(method)["Source"]
    assert re.search(r"\(\d{4}\)|The slides \"", source)


@every_method
def test_elsewhere_says_how_torch_and_optax_have_it(method):
    words = sections(method)["Elsewhere"]
    assert "torch" in words and "optax" in words
