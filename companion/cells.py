"""What a notebook's cell is to a reader: told from what it holds, never from a mark that someone has to set.

The one mark is the tag "solution", which nothing else would give away.
"""

import ast
import re
from typing import Any

from nbformat import NotebookNode

from companion.results import MIME

SOLUTION = "solution"
LIVE = "application/vnd.jupyter.widget-view+json"
OPENING = re.compile(r"\A(?:#[^\n]*(?:\n|\Z))+")


def kind(cell: NotebookNode) -> str:
    """What a code cell is to a reader.

    "solution"; "check", "claim" or "exercise" if all it shows are such results; "live", "figure" or "table" for what
    it shows; "imports" or "assertions" if it shows nothing and does no more; or "code", to be read.
    """
    if SOLUTION in cell.metadata.get("tags", []):
        return SOLUTION
    if not cell.outputs:
        return _silent(cell.source)
    found = {facts["kind"] if facts else "" for facts in map(_facts, cell.outputs)}
    if len(found) == 1 and found != {""}:
        return str(found.pop())
    shown = {name for output in cell.outputs for name in output.get("data", {})}
    if LIVE in shown:
        return "live"
    if any(name.startswith("image/") for name in shown):
        return "figure"
    return "table" if any(map(_is_table, cell.outputs)) else "code"


def results(cell: NotebookNode) -> list[dict[str, Any]]:
    """The facts that checks, claims and exercises have stored in a cell's outputs."""
    return [facts for facts in map(_facts, cell.get("outputs", [])) if facts]


def method(source: str) -> tuple[str, str]:
    """Part the comment with which a check's code opens, as one sentence, from the code below it."""
    opening = OPENING.match(source)
    if not opening:
        return "", source
    words = (line.lstrip("#").strip() for line in opening[0].splitlines())
    return " ".join(words).strip(), source[opening.end() :].lstrip("\n")


def _facts(output: NotebookNode) -> dict[str, Any] | None:
    found: dict[str, Any] | None = output.get("data", {}).get(MIME)
    return found


def _is_table(output: NotebookNode) -> bool:
    data = output.get("data", {})
    return MIME not in data and (
        "text/markdown" in data or "<table" in data.get("text/html", "")
    )


def _silent(source: str) -> str:
    """What a cell is that shows nothing; one that IPython alone can read is code."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return "code"
    imports = (ast.Import, ast.ImportFrom)
    # A setting, such as figures.use(), may follow what was imported.
    if any(isinstance(line, imports) for line in body) and all(
        isinstance(line, (*imports, ast.Expr)) for line in body
    ):
        return "imports"
    if body and all(isinstance(line, (*imports, ast.Assert)) for line in body):
        return "assertions"
    return "code"
