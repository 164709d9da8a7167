"""Quizzes: the directive `quiz`, a question of choice or of number that the page itself checks.

In a chapter it is Markdown that reads well in a notebook, too, where the answers are folded away::

    :::{quiz} quiz-name

    A question?

    1. A choice
    2. Another choice

    <details><summary>Answers</summary>

    1. Wrong. Why.
    2. Right. Why.

    </details>

    :::

Every choice has its answer, in the same order. One right choice makes radio buttons, more make boxes to tick.
Without choices it is a question of number, and its answers are a list of the numbers to expect::

    - 0.25 ± 0.01: Right. Why.
    - 0.5 ± 0.01: Wrong. What went wrong on the way to this number.
    - otherwise: Wrong. A hint.

The first one that fits counts. The digits of the right number say how precise an answer is to be, and the page says it
beside the field; what is rounded further is told so, unless the list has it. Once an answer is given, the fold opens. `quiz.js` checks; without JavaScript the answers can be unfolded.
A quiz that breaks these rules is an error that names the page and the line.
"""

import re
from html import escape
from itertools import pairwise
from typing import Any, NoReturn

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

VERDICT = r"(?P<verdict>Right|Wrong)\.(?:\s+|$)"
OF_CHOICE = re.compile(VERDICT)
OF_NUMBER = re.compile(
    rf"(?P<key>otherwise|(?P<value>\S+) ± (?P<tolerance>\S+)):\s+{VERDICT}"
)
FOLD, END = "<details>", "</details>"
# What stands in every quiz; the script finds the rest by it.
CHECK = '<button type="submit">Check</button>'
# A phone's keyboard of digits may lack the minus and the slash.
FIELD = (
    "<label>Your answer, {} "
    '<input type="text" inputmode="text" size="12" spellcheck="false"></label>'
)
WORDS = (
    "one decimal",
    "two decimals",
    "three decimals",
    "four decimals",
    "five decimals",
)
RESULT = '<div class="quiz-result" role="status"></div>'


class quiz(nodes.General, nodes.Element):
    """A quiz; Sphinx numbers it, and `{numref}` leads to it by its name."""


def setup(app: Sphinx) -> None:
    """Register the directive and its node, and load what they need."""
    app.add_directive("quiz", Quiz)
    app.add_enumerable_node(quiz, "quiz", lambda node: "Quiz", html=(enter, leave))
    app.connect("config-inited", name_numbers)
    app.connect("html-page-context", add_script)
    app.add_css_file("quiz.css", priority=900)


def name_numbers(app: Sphinx, config: Any) -> None:
    """Have a reference to a quiz read "Quiz 1.2"."""
    config.numfig_format = {"quiz": "Quiz %s", **config.numfig_format}


def add_script(app: Sphinx, name: str, template: str, context: Any, tree: Any) -> None:
    """Load the script on a page that has a quiz, and on no other."""
    if tree and any(tree.findall(quiz)):
        app.add_js_file("quiz.js", loading_method="defer", priority=900)


def enter(translator: Any, node: quiz) -> None:
    """Open the form. Its method does nothing outside a dialog: without JavaScript nothing is sent."""
    docname, figure = translator.builder.current_docname, node["ids"][0]
    numbers = translator.builder.env.toc_fignumbers[docname]["quiz"][figure]
    said = {"data-precision": node["precision"]} if "precision" in node else {}
    translator.body.append(
        translator.starttag(
            node, "form", CLASS="quiz", method="dialog", autocomplete="off", **said
        )
        + f'<fieldset aria-describedby="{figure}-question">'
        + f"<legend>Quiz {'.'.join(map(str, numbers))}"
    )
    translator.add_permalink_ref(node, "Link to this quiz")
    translator.body.append("</legend>")


def leave(translator: Any, node: quiz) -> None:
    """Close the form."""
    translator.body.append("</fieldset></form>\n")


class Quiz(SphinxDirective):
    """One quiz."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the quiz: the question, what to answer with, a place for the result, the folded answers."""
        question, choices, folded = self.split(self.parse_content_to_nodes())
        fold, answers, end = folded
        facts = [self.fact(item, choices) for item in answers]
        if not any(fact["verdict"] == "right" for fact in facts):
            self.fail("no answer is right")
        box = quiz("", names=[self.arguments[0]])
        if choices:
            self.check_choices(choices, facts)
            controls = [
                offer(choices, facts),
                raw(f'<p class="quiz-check">{CHECK}</p>'),
            ]
        else:
            self.check_numbers(facts)
            box["precision"] = precision = self.precision(facts)
            field = FIELD.format(precision)
            controls = [raw(f'<p class="quiz-check">{field} {CHECK}</p>')]
        self.set_source_info(box)
        self.state.document.note_explicit_target(box, box)
        named = {"ids": [f"{box['ids'][0]}-question"], "classes": ["quiz-question"]}
        answers["classes"].append("quiz-answers")
        box += nodes.container("", *question, **named)
        box += [*controls, raw(RESULT), fold, answers, end]
        return [box]

    def fail(self, fault: str) -> NoReturn:
        """Raise the error that fails the build."""
        raise self.error(f"the quiz {self.arguments[0]!r}: {fault}")

    def split(self, blocks: list[Any]) -> tuple[list[Any], Any, list[Any]]:
        """Return the question's blocks; its choices, or None; the fold's tag, the list of answers, the closing tag."""
        question, folded = blocks[:-3], blocks[-3:]
        of_choice = question and isinstance(question[-1], nodes.enumerated_list)
        choices = question.pop() if of_choice else None
        kind = nodes.enumerated_list if of_choice else nodes.bullet_list
        whole = question and isinstance(folded[1], kind)
        if not (whole and FOLD in folded[0].astext() and END in folded[2].astext()):
            numbers = "numbered" if of_choice else "bulleted"
            self.fail(
                f"allowed: a question, then {FOLD}<summary>Answers</summary>, "
                f"a {numbers} list, and {END}, with empty lines between"
            )
        return question, choices, folded

    def fact(self, item: Any, choices: Any) -> dict[str, str]:
        """Mark up how an answer begins; return its verdict and, where it is of number, its value and tolerance."""
        begun, text = item.next_node(nodes.Text), item.astext()
        match = (OF_CHOICE if choices else OF_NUMBER).match(text)
        if not match or match.end() > len(begun):
            begins = "'Right.' or 'Wrong.'" if choices else "'0.25 ± 0.01: Right.'"
            self.fail(f"an answer is {text[:40]!r}; allowed: to begin with {begins}")
        if not text[match.end() :].strip():
            self.fail(f"the answer {text!r} has no explanation")
        fact = {k: v for k, v in match.groupdict().items() if v}
        key, verdict = fact.pop("key", None), fact["verdict"]
        fact["verdict"] = verdict.lower()
        data = "".join(f' data-{k}="{escape(v)}"' for k, v in fact.items())
        marked = f'<span class="quiz-key">{escape(key)}: </span>' if key else ""
        marked += f'<strong class="quiz-verdict"{data}>{verdict}.</strong> '
        begun.parent.replace(begun, [raw(marked), nodes.Text(begun[match.end() :])])
        return fact

    def check_choices(self, choices: Any, facts: list[dict[str, str]]) -> None:
        """Fail unless each choice is one paragraph and has its answer, and one is wrong."""
        if len(choices) != len(facts):
            self.fail(f"choices: {len(choices)}, answers: {len(facts)}")
        if all(fact["verdict"] == "right" for fact in facts):
            self.fail("no choice is wrong")
        if any(len(choice) != 1 for choice in choices):
            self.fail("a choice is not one paragraph")
        if any(all(isinstance(w, nodes.math) for w in choice[0]) for choice in choices):
            self.fail("a choice is a formula without words, which may not be read out")

    def check_numbers(self, facts: list[dict[str, str]]) -> None:
        """Fail unless all are numbers, no two answers hold for one, and the last is that for all others."""
        *expected, other = facts
        if "value" in other or not all("value" in fact for fact in expected):
            self.fail("the last answer, and no other, begins with 'otherwise:'")
        if other["verdict"] == "right":
            self.fail("'otherwise' is right")
        spans = sorted(self.span(**fact) for fact in expected)
        for (_, high), (low, _) in pairwise(spans):
            if low <= high:
                self.fail(f"two answers hold for {low:g}")

    def precision(self, facts: list[dict[str, str]]) -> str:
        """Return how precise an answer is to be, in words; fail where one so rounded is not accepted."""
        value, tolerance = next(
            (fact["value"], float(fact["tolerance"]))
            for fact in facts
            if fact["verdict"] == "right"
        )
        count = len(value.partition(".")[2])
        if count > len(WORDS) or not value.lstrip("-").replace(".", "", 1).isdigit():
            self.fail(
                f"the right number is {value}; allowed: at most {len(WORDS)} decimals"
            )
        if 0 < tolerance < 0.5 * 10**-count:
            self.fail(
                f"the tolerance of {value} is {tolerance:g}; "
                f"allowed: 0, or at least {0.5 * 10**-count:g}, half of its last digit"
            )
        return f"to {WORDS[count - 1]}" if count else "a whole number"

    def span(self, value: str, tolerance: str, verdict: str) -> tuple[float, float]:
        """Return the least and the greatest number for which an answer holds."""
        try:
            middle, half = float(value), float(tolerance)
        except ValueError:
            self.fail(f"{value} ± {tolerance} is not two numbers")
        if not half >= 0:
            self.fail(f"the tolerance is {tolerance}; allowed: 0 or more")
        return middle - half, middle + half


def raw(html: str) -> nodes.raw:
    """Return a piece of HTML."""
    return nodes.raw("", html, format="html")


def offer(choices: Any, facts: list[dict[str, str]]) -> Any:
    """Put a button to choose, or a box to tick, before each choice; return the list."""
    one = sum(fact["verdict"] == "right" for fact in facts) == 1
    field = f'<input type="{"radio" if one else "checkbox"}" name="answer">'
    choices["classes"].append("quiz-choices")
    for choice in choices:
        words = choice[0].children
        choice.children = []
        choice += [raw(f"<label>{field}<span>"), *words, raw("</span></label>")]
    return choices
