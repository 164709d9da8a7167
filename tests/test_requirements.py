"""What the code imports is what pyproject.toml declares, no less and no more."""

import ast
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

import nbformat
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
OWN = {"optimlib", "companion", "benchmarks", "chapters"}
# Run by name, plugged in (by the Makefile, pytest, Sphinx, mypy), or named in code that is written while it runs.
NEVER_IMPORTED = {
    "antlr4-python3-runtime", "brotli", "dask", "distributed", "editables", "hatchling", "jsonschema", "jupyter-book", "jupyterlab", "mypy", "nbval", "numba",
    "pydata-sphinx-theme", "pytest-xdist", "ruff", "sphinx-book-theme", "sphinx-exercise", "sphinx-proof", "uv",
    "types-docutils", "types-pyyaml", "types-tqdm",
}  # fmt: skip


@cache
def declared():
    """Every distribution that pyproject.toml names, by extra; "" is what is always installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = project["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {
        extra: {Requirement(line).name.lower() for line in lines} - {project["name"]}
        for extra, lines in groups.items()
    }


def imported(source):
    """The top names of the modules that a source imports, wherever it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.partition(".")[0]


def sources():
    """Every source of the project: (where, text)."""
    for folder in ("optimlib", "companion", "benchmarks", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "chapters").glob("*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code":
                lines = cell.source.splitlines()
                code = "\n".join(line for line in lines if not line.startswith("%"))
                yield path.relative_to(ROOT), code


@cache
def foreign():
    """The modules that are imported and are neither Python's nor the project's, each with where it is imported."""
    neighbours = {path.stem for path in (ROOT / "tests").rglob("*.py")}
    here = OWN | neighbours | sys.stdlib_module_names
    found = {}
    for where, source in sources():
        for module in imported(source):
            if module not in here:
                found.setdefault(module, set()).add(where)
    return found


INSTALLED = metadata.packages_distributions()


def distributions(module):
    """The distributions that bring a module; one that is not installed has the module's name."""
    return {name.lower() for name in INSTALLED.get(module, [module])}


def test_what_is_imported_is_declared():
    """A package that is there only because another needs it may be gone with the next version of that one."""
    known = set.union(*declared().values())
    missing = {
        module: sorted(map(str, places))
        for module, places in foreign().items()
        if not distributions(module) & known
    }
    assert missing == {}


def test_what_is_declared_is_used():
    """A requirement that nothing imports, nor runs by name, is not needed."""
    used = set.union(*map(distributions, foreign())) | NEVER_IMPORTED
    assert set.union(*declared().values()) - used == set()
    assert NEVER_IMPORTED <= set.union(*declared().values())
