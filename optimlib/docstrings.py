"""Docstrings in which what several classes share is written once."""

import inspect
import re

ARGS = re.compile(r"^Args:\n((?: {4,}.*\n)+)\n?", re.MULTILINE)
ENTRY = re.compile(r"^ {4}(\w+): .*\n(?: {8,}.*\n)*", re.MULTILINE)


def complete_args(cls: type, names: list[str]) -> None:
    """Give a class's docstring an entry of Args for each name, before its Example.

    An entry that the docstring leaves out is that of the nearest base which has it.
    """
    if not cls.__doc__:
        return  # as under python -OO
    entries: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        entries |= _entries(vars(base).get("__doc__"))
    args = "".join(entries[name] for name in names if name in entries)
    text = ARGS.sub("", inspect.cleandoc(cls.__doc__) + "\n")
    above, example, below = text.partition("\nExample:\n")
    cls.__doc__ = f"{above.rstrip()}\n\nArgs:\n{args}{example}{below}".rstrip()


def _entries(doc: str | None) -> dict[str, str]:
    """The entries of Args by the argument's name."""
    args = ARGS.search(inspect.cleandoc(doc or "") + "\n")
    return {x[1]: x[0] for x in ENTRY.finditer(args[1])} if args else {}
