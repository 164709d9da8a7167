"""The book as data.

Its chapters in reading order, their labelled equations, and the results stored in their
outputs.
"""

import difflib
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode

from companion.results import MIME

DISPLAY = re.compile(
    r"^\$\$(?P<latex>[^$]+)\$\$(?:[ \t]*\((?P<label>[^)\s]+)\))?", re.MULTILINE
)

TIME = re.compile(
    r"^:::+\{opening\}\n(?::\w+:.*\n)*?:time:[ \t]*(?P<time>.+)$", re.MULTILINE
)


@dataclass(frozen=True)
class Equation:
    """A labelled display equation; `cell` is the index of its Markdown cell."""

    label: str
    latex: str
    cell: int


def root() -> Path:
    """The folder that holds chapters/: the repository, or the installed package."""
    package = Path(__file__).parent
    return package.parent if (package.parent / "chapters").is_dir() else package


def chapters() -> list[Path]:
    """The notebooks in the order of _toc.yml.

    By name where there is none (in an installed package).
    """
    contents = root() / "_toc.yml"
    if not contents.exists():
        return sorted((root() / "chapters").glob("*.ipynb"))
    files = (
        root() / f"{name}.ipynb"
        for name in _files(yaml.safe_load(contents.read_text(encoding="utf-8")))
    )
    return [file for file in files if file.exists()]


def course() -> list[Path]:
    """The chapters of the course: the notebooks of _toc.yml's numbered part."""
    contents = yaml.safe_load((root() / "_toc.yml").read_text(encoding="utf-8"))
    numbered = {
        name
        for part in contents.get("parts", [])
        if part.get("numbered")
        for name in _files(part)
    }
    return [
        path
        for path in chapters()
        if path.relative_to(root()).with_suffix("").as_posix() in numbered
    ]


def _files(node: Any) -> list[str]:
    if isinstance(node, list):
        return [name for child in node for name in _files(child)]
    if isinstance(node, dict):
        own = [node["file"]] if "file" in node else []
        return own + [
            name
            for value in node.values()
            if isinstance(value, list)
            for name in _files(value)
        ]
    return []


def cells(path: Path) -> list[NotebookNode]:
    """The cells of a notebook."""
    found: list[NotebookNode] = _read(path, path.stat().st_mtime_ns).cells
    return found


@lru_cache(maxsize=32)
def _read(path: Path, changed: int) -> NotebookNode:
    notebook: NotebookNode = nbformat.read(path, as_version=4)
    return notebook


def equations(path: Path) -> list[Equation]:
    """The labelled equations of a notebook, in order."""
    return [
        Equation(match["label"], match["latex"].strip(), index)
        for index, cell in enumerate(cells(path))
        if cell.cell_type == "markdown"
        for match in DISPLAY.finditer(cell.source)
        if match["label"]
    ]


def time(path: Path) -> str:
    """How long a chapter takes, as its opening says ("50 minutes"); "" if it has none."""
    for cell in cells(path):
        found = TIME.search(cell.source) if cell.cell_type == "markdown" else None
        if found:
            return found["time"].strip()
    return ""


def latex(label: str) -> str:
    """The typeset text of the equation with this label.

    Raises KeyError naming the label, and the nearest that there is, if no chapter has it.
    """
    known = {}
    for path in chapters():
        for equation in equations(path):
            if equation.label == label:
                return equation.latex
            known[equation.label] = path
    near = difflib.get_close_matches(label, known, n=1, cutoff=0)
    nearest = f"; the nearest is {near[0]!r}, of {known[near[0]].name}" if near else ""
    raise KeyError(f"no chapter has an equation labelled {label!r}{nearest}")


def digest(label: str) -> str | None:
    """A short fingerprint of an equation as it is printed, spacing aside.

    None if no chapter has this label. A check stores it, so that an equation changed
    after it was checked is found.
    """
    try:
        text = "".join(latex(label).split())
    except KeyError:
        return None
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def results(path: Path) -> list[dict[str, Any]]:
    """The facts stored by checks, claims and exercises in a notebook's outputs.

    Each has its "cell" index.
    """
    return [
        {**output.data[MIME], "cell": index}
        for index, cell in enumerate(cells(path))
        if cell.cell_type == "code"
        for output in cell.outputs
        if MIME in output.get("data", {})
    ]
