"""JavaScript that is written from Python's texts, by `python -m companion.live`: NAME.py gives what stands in NAME.js."""

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from optimlib.engine.printer import JAVASCRIPT, Printer
from optimlib.engine.tracing import traced

HERE = Path(__file__).parent
HEAD = "// {about}. Generated from Python's texts by `python -m companion.live`: not to be edited.\n"


def files() -> dict[Path, str]:
    """Each generated file, with what is to stand in it."""
    sources = (path for path in sorted(HERE.glob("*.py")) if path.stem != "__init__")
    return {
        path.with_suffix(".js"): import_module(f"{__name__}.{path.stem}").source()
        for path in sources
    }


def constant(name: str, members: Mapping[str, str]) -> str:
    """`const NAME = {...};`, an object of these members."""
    lines = "".join(f"  {key}: {value},\n" for key, value in members.items())
    return f"const {name} = {{\n{lines}}};\n"


def function(formula: Callable[..., Any]) -> str:
    """A function of numbers; its result is a number, or an array where the formula gives a list."""
    lists = []

    def results(*numbers: Any) -> list[Any]:
        result = formula(*numbers)
        lists.append(isinstance(result, list))
        return result if lists[-1] else [result]

    text = traced(results, list(inspect.signature(formula).parameters))
    printer = Printer(JAVASCRIPT, {})
    for statement in text.statements:
        printer.assign(*statement)
    values = ", ".join(map(printer.text, text.results))
    value = f"[{values}]" if lists[-1] else values
    head = f"({', '.join(text.arguments)}) =>"
    if not printer.lines:
        return f"{head} {value}"
    body = "".join(f"    {line}\n" for line in [*printer.lines, f"return {value};"])
    return f"{head} {{\n{body}  }}"
