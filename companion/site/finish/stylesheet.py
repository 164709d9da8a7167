"""One style sheet for the whole site: the rules and the letters that its pages use, and no others.

The theme and the extensions bring thirteen style sheets and 500 KiB of fonts, most of it for pages that this book does
not have. A rule is left out when it asks for a class or an id that occurs in no page and no script.
"""

import os
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tinycss2
from sphinx.application import Sphinx

from companion.site.finish import fonts, modules
from companion.site.finish.texts import Pages

NAME = "site.css"
LINK = re.compile(r'[ \t]*<link\b[^>]*\brel="stylesheet"[^>]*>\n?')
OURS = re.compile(
    rf'    <script src="[^"]*{fonts.SCRIPT}[^"]*"></script>\n    <noscript>.*?</noscript>\n'
)
SHEET = re.compile(r'<link\b(?=[^>]*\brel="stylesheet")[^>]*\bhref="([^"]+)"')
SCRIPT = re.compile(r'<script\b[^>]*\bsrc="([^"]+)"')
IMPORT = re.compile(r'@import\s+(?:url\()?["\']?([^"\');]+)["\']?\)?\s*;')
URL = re.compile(r'url\(\s*(["\']?)(?!data:|#)([^)"\']+)\1\s*\)')
VARIABLE = re.compile(r"--[\w-]+")
USED = re.compile(r"var\(\s*(--[\w-]+)")
TEXT = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
GROUP = rf"\((?:{TEXT}|\([^()]*\)|[^()\"'])*\)"
SET = re.compile(rf"(?<![\w-])(--[\w-]+)\s*:(?:{TEXT}|{GROUP}|[^;{{}}\"'()])*;?\s*")
NAMES = re.compile(r'\b(?:class|id)="([^"]*)"|<script\b[^>]*>(.*?)</script>', re.DOTALL)


def has(page: str) -> bool:
    """Whether a page loads the style sheet, as all do that an earlier build has finished."""
    return bool(OURS.search(page))


def pack(app: Sphinx, pages: Pages) -> None:
    """Write the style sheet and have every page load it; pages that did so before are no reason to write it anew."""
    sheets = named(pages, SHEET)
    if not sheets:
        return
    target = Path(app.outdir) / "_static" / NAME
    names = {name for page in pages.values() for name in names_of(page)}
    figures = sorted((target.parent / modules.FOLDER).glob("*.js"))
    scripts = [
        script.read_text(encoding="utf-8")
        for script in (*named(pages, SCRIPT), *figures)
    ]
    for script in scripts:
        names.update(words(script))
    css = "\n".join(slim(sheet, names, target.parent) for sheet in sheets)
    css = referred(css, VARIABLE.findall("".join((*pages.values(), *scripts))))
    shown = fonts.Characters(pages.values(), scripts)
    css = fonts.shrink(css, shown, target.parent)
    target.write_text(css, encoding="utf-8")
    for path, page in pages.items():
        pages[path] = relink(page, links(target.parent, path.parent))


def links(static: Path, folder: Path) -> str:
    """Return the tags by which a page in `folder` loads the style sheet and its fonts."""

    def address(name: str) -> str:
        return modules.address(static / name, folder)

    return f"""    <link rel="stylesheet" href="{address(NAME)}">
    <script src="{address(fonts.SCRIPT)}"></script>
    <noscript><link rel="stylesheet" href="{address(fonts.SHEET)}"></noscript>
"""


def named(pages: Pages, tag: re.Pattern[str]) -> list[Path]:
    """Return the files that the pages' tags name, in their order, but for those made here."""
    files: dict[Path, None] = {}
    for path, page in pages.items():
        for address in tag.findall(page):
            file = (path.parent / urlsplit(address).path).resolve()
            if file.name not in {NAME, fonts.SCRIPT, fonts.SHEET}:
                files[file] = None
    return list(files)


def relink(page: str, tags: str) -> str:
    """Return a page with `tags` in place of its first link to a style sheet, and without the others."""
    page = OURS.sub("", page)
    return LINK.sub("", LINK.sub("\0", page, count=1)).replace("\0", tags)


def words(text: str) -> list[str]:
    """Return what could be a class or an id."""
    return re.findall(r"[\w-]+", text)


def names_of(page: str) -> Iterator[str]:
    """Yield the classes and ids of a page, and every word of the scripts in it."""
    for attribute, script in NAMES.findall(page):
        yield from attribute.split() if attribute else words(script)


def slim(sheet: Path, names: set[str], home: Path) -> str:
    """Return a style sheet's useful rules, its addresses relative to the folder `home`."""
    text = IMPORT.sub(
        lambda found: (sheet.parent / found[1]).read_text(encoding="utf-8"),
        sheet.read_text(encoding="utf-8"),
    )
    parsed = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)

    def moved(match: re.Match[str]) -> str:
        parts = urlsplit(match[2])
        there = os.path.relpath(sheet.parent / parts.path, home).replace("\\", "/")
        return f'url("{there}")'

    return URL.sub(moved, "\n".join(useful(parsed, names)))


def useful(rules: Iterable[Any], names: set[str]) -> Iterator[str]:
    """Yield the text of each rule that some page can meet."""
    for rule in rules:
        if rule.type == "qualified-rule":
            kept = [one for one in selectors(rule.prelude) if asks(one) <= names]
            if kept:
                head = ",".join(tinycss2.serialize(one).strip() for one in kept)
                yield f"{head}{{{tinycss2.serialize(rule.content).strip()}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in {"media", "supports"}:
            inner = tinycss2.parse_rule_list(
                rule.content, skip_comments=True, skip_whitespace=True
            )
            body = "\n".join(useful(inner, names))
            if body:
                head = tinycss2.serialize(rule.prelude).strip()
                yield f"@{rule.lower_at_keyword} {head}{{{body}}}"
        elif rule.type == "at-rule" and rule.lower_at_keyword != "charset":
            yield tinycss2.serialize([rule])


def referred(css: str, elsewhere: Iterable[str]) -> str:
    """Return a style sheet without the variables that nothing refers to: no rule of it, nor what uses those named."""
    used = {*USED.findall(css), *elsewhere}

    def kept(given: re.Match[str]) -> str:
        return given[0] if given[1] in used else ""

    slimmer = SET.sub(kept, css)
    return css if slimmer == css else referred(slimmer, elsewhere)


def selectors(prelude: list[Any]) -> list[list[Any]]:
    """Split a rule's selectors at the commas."""
    found: list[list[Any]] = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def asks(selector: list[Any]) -> set[str]:
    """Return the classes and ids without which a selector meets nothing; those in `:not()`, `:is()` don't count."""
    needed = {token.value for token in selector if token.type == "hash"}
    for before, token in pairwise(selector):
        if before == "." and token.type == "ident":
            needed.add(token.value)
    return needed
