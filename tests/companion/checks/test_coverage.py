"""The whole book as it is stored: no equation without its check, no claim or exercise without its answer.

That the notebooks are executed, clean and short, and their figures described, is held by tests/site/test_chapters.py;
that a fresh run gives the stored outputs, by nbval.
"""

import ast
import re
from collections import Counter

import pytest

from companion import book
from companion.checks.claims import PLACE, claims
from companion.grading import tasks
from companion.grading.exercise import id_of
from tests.companion.checks.test_claims import odd_in

CHAPTERS = [path.stem for path in book.course()]
HOW = {"holds": "numbers", "averages_to": "average", "proves": "symbols"}
KIND = {**dict.fromkeys(HOW, "check"), "claim": "claim", "check": "exercise"}
HEADING = re.compile(r"^#{1,6} ", re.MULTILINE)
LABEL = re.compile(r"\$\$[ \t]*\(eq[^)\s]*\)|:label:\s*eq|\\label\{|\\tag\{")
every_chapter = pytest.mark.parametrize("name", CHAPTERS)


def path_of(name):
    """A chapter's notebook, which must be there."""
    path = book.root() / "chapters" / f"{name}.ipynb"
    assert path in book.chapters(), f"{path.name} is not written or not in _toc.yml"
    return path


def stored(kind):
    """Every result of a kind in the book, with its chapter's name."""
    return [
        {**result, "chapter": name}
        for name in CHAPTERS
        for result in book.results(path_of(name))
        if result["kind"] == kind
    ]


def prose(cell):
    """A Markdown cell without its fenced blocks; nothing for code."""
    return (
        re.sub(r"^(`{3,}|:{3,}).*?^\1", "", cell.source, flags=re.DOTALL | re.MULTILINE)
        if cell.cell_type == "markdown"
        else ""
    )


# Equations


@every_chapter
def test_every_labelled_equation_is_checked_before_the_next_heading(name):
    path = path_of(name)
    cells, results = book.cells(path), book.results(path)
    assert book.equations(path)
    unchecked = []
    for equation in book.equations(path):
        rest = cells[equation.cell].source.partition(f"({equation.label})")[2]
        heading = next(
            (
                i
                for i, cell in enumerate(cells)
                if i > equation.cell and HEADING.search(prose(cell))
            ),
            len(cells),
        )
        place = range(
            equation.cell + 1, equation.cell + 1 if HEADING.search(rest) else heading
        )
        if not any(
            r["kind"] == "check" and r["label"] == equation.label and r["cell"] in place
            for r in results
        ):
            unchecked.append(equation.label)
    assert unchecked == []


@every_chapter
def test_no_label_escapes_the_list_of_equations(name):
    """Written in another form, or indented, a label would be on the page but not among the checked."""
    path = path_of(name)
    written = sum(
        len(LABEL.findall(cell.source))
        for cell in book.cells(path)
        if cell.cell_type == "markdown"
    )
    assert written == len(book.equations(path))
    assert all(
        re.fullmatch(r"eq-[a-z0-9]+(-[a-z0-9]+)*", equation.label)
        for equation in book.equations(path)
    )


def test_no_two_equations_have_one_label():
    labels = Counter(
        equation.label
        for name in CHAPTERS
        for equation in book.equations(path_of(name))
    )
    assert [label for label, count in labels.items() if count > 1] == []


@every_chapter
def test_no_check_is_of_an_equation_that_its_chapter_does_not_have(name):
    path = path_of(name)
    known = {equation.label for equation in book.equations(path)}
    assert [
        r["label"]
        for r in book.results(path)
        if r["kind"] == "check" and r["label"] not in known
    ] == []


@every_chapter
def test_every_check_is_of_its_equation_as_it_is_printed_now(name):
    """A check stores a fingerprint of the equation that it checked; `make run` checks a changed one anew."""
    checks = [r for r in book.results(path_of(name)) if r["kind"] == "check"]
    assert [r["label"] for r in checks if r.get("of") != book.digest(r["label"])] == []


# What is stored is what the source says


def calls(source):
    """The calls of holds, proves, averages_to, claim and check in a cell: (function, what it names, call), in order."""
    tree = ast.parse(
        "\n".join(
            "" if line.startswith(("%", "!")) else line for line in source.splitlines()
        )
    )
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in KIND
    ]
    ordered = sorted(found, key=lambda call: (call.lineno, call.col_offset))
    return [(call.func.id, named(call), call) for call in ordered]


def named(call):
    """The label or id that a call names, an exercise by its function; None if that takes running."""
    first = call.args[0]
    if isinstance(first, ast.Name) and call.func.id == "check":
        return id_of(first.id)
    return first.value if isinstance(first, ast.Constant) else None


def loops(source):
    """Whether one of those calls may run more than once, or not at all."""
    blocks = (
        ast.For,
        ast.While,
        ast.If,
        ast.FunctionDef,
        ast.ListComp,
        ast.GeneratorExp,
    )
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KIND
        for block in ast.walk(ast.parse(source)) if isinstance(block, blocks) for node in ast.walk(block)
    )  # fmt: skip


def texts(source):
    """The strings in a cell's source."""
    return {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def name_in(result):
    """The label or id of a stored result."""
    return result.get("label") or result["id"]


@every_chapter
def test_each_cells_calls_and_its_stored_results_are_the_same_ones(name):
    """In order where every call names its own; a call in a loop stands for one or more of the names in its cell."""
    path = path_of(name)
    for index, cell in enumerate(book.cells(path)):
        results = [result for result in book.results(path) if result["cell"] == index]
        made = calls(cell.source) if cell.cell_type == "code" else []
        where = f"cell {index}: {cell.source[:60]!r}"
        known = [(KIND[function], first) for function, first, _ in made if first]
        if len(known) == len(made) and not loops(cell.source if made else ""):
            assert known == [(r["kind"], name_in(r)) for r in results], where
        else:
            assert set(known) <= {(r["kind"], name_in(r)) for r in results}, where
            assert {KIND[function] for function, _, _ in made} == {
                r["kind"] for r in results
            }, where
            assert {name_in(r) for r in results} <= texts(cell.source), where
        ways = {HOW[function] for function, _, _ in made if function in HOW}
        assert {r["how"] for r in results if r["kind"] == "check"} == ways, where


@every_chapter
def test_each_stored_claim_has_the_verdict_and_words_of_its_source(name):
    """Numbers aside: those are the computation's, and nbval compares them."""
    path = path_of(name)
    for result in book.results(path):
        if result["kind"] != "claim":
            continue
        (call,) = [
            c
            for f, first, c in calls(book.cells(path)[result["cell"]].source)
            if f == "claim" and first == result["id"]
        ]
        _, verdict, answer = (ast.literal_eval(argument) for argument in call.args)
        aside = {k.arg: ast.unparse(k.value) for k in call.keywords}.get("aside")
        assert (verdict, aside or "False") == (
            result["verdict"],
            str(result["aside"]),
        ), result["id"]
        for words in PLACE.split(answer)[::3]:
            assert words in result["answer"], result["id"]


# Claims

ONE_OF_BOTH = {
    *(f"A{n}" for n in range(1, 14)),
    "S14",
    *(f"S{n}" for n in range(26, 32)),
}
OF_BIAS_CORRECTION = {
    *(f"B{n}" for n in range(1, 6)), *(f"P{n}" for n in range(1, 16)), *(f"S{n}" for n in range(33, 38)), "A12",
}  # fmt: skip


def test_no_claim_is_answered_twice_or_unknown():
    answered = Counter(result["id"] for result in stored("claim"))
    assert [name for name, count in answered.items() if count > 1] == []
    assert answered.keys() <= claims().keys()


def test_the_claims_of_the_two_chapters_are_answered():
    where = {result["id"]: result["chapter"] for result in stored("claim")}
    assert sorted((ONE_OF_BOTH | OF_BIAS_CORRECTION) - where.keys()) == []
    assert (
        sorted(name for name in OF_BIAS_CORRECTION if where[name] != "bias_correction")
        == []
    )


def test_figure_4_of_the_adam_paper_and_nothing_else_is_to_come():
    assert [
        result["id"] for result in stored("claim") if result["verdict"] == "to come"
    ] == ["P12"]


def test_every_answer_has_words_and_a_number():
    for result in stored("claim"):
        assert len(result["answer"]) > 20 and result["answer"].endswith((".", ")"))
        assert re.search(r"\d", result["answer"]) or result["verdict"] == "to come", (
            result["id"]
        )


def test_no_answer_has_html_or_a_formula_in_unicode_letters():
    assert not [
        (result["id"], odd)
        for result in stored("claim")
        if (odd := odd_in(result["answer"]))
    ]


def test_an_answer_under_a_condition_goes_on_from_the_words_true_if():
    for result in stored("claim"):
        if result["verdict"] == "holds if":
            assert not re.match(r"(It|This|If|That|Yes)\b", result["answer"]), result[
                "id"
            ]


# Exercises


@every_chapter
def test_every_exercise_stands_once_as_a_starter_and_once_solved_behind_a_fold(name):
    path = path_of(name)
    cells, found = (
        book.cells(path),
        [r for r in book.results(path) if r["kind"] == "exercise"],
    )
    assert len(of(name)) >= 4, f"companion/exercises/{name}.py has too few exercises"
    for exercise in of(name):
        outcomes = [
            (r["outcome"], cells[r["cell"]]) for r in found if r["id"] == exercise.id
        ]
        assert [outcome for outcome, _ in outcomes] == ["not attempted", "right"], (
            exercise.id
        )
        (_, starter), (_, solution) = outcomes
        assert "..." in starter.source and not starter.metadata.get("tags")
        assert "..." not in solution.source and solution.metadata.tags == ["solution"]
    assert {r["id"] for r in found} == {exercise.id for exercise in of(name)}


@every_chapter
def test_a_starter_and_its_solution_take_the_inputs_that_the_exercise_gives(name):
    parameters = {exercise.id: list(exercise.parameters) for exercise in of(name)}
    for cell in book.cells(path_of(name)):
        for function, first, call in (
            calls(cell.source) if cell.cell_type == "code" else []
        ):
            if function == "check" and isinstance(call.args[-1], ast.Name):
                answer = ast.unparse(call.args[-1])
                (defined,) = [
                    n
                    for n in ast.walk(ast.parse(cell.source))
                    if isinstance(n, ast.FunctionDef) and n.name == answer
                ]
                taken = [argument.arg for argument in defined.args.args]
                assert taken == parameters[first], first


def test_every_file_of_exercises_is_a_chapters():
    assert {task.chapter for task in tasks().values()} <= set(CHAPTERS)


def of(name):
    """A chapter's exercises."""
    return [each for each in tasks().values() if each.chapter == name]
