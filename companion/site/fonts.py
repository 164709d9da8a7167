"""Fonts cut down to the characters that the book has; the first ones that a page needs are there before it is drawn.

A font that arrives later moves the text. A script can carry fonts and hand them to the browser at once, from a server
or from the disk; a reader without JavaScript gets the same ones from a style sheet.
"""

import base64
import html
import io
import json
import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

logging.getLogger(subset.__name__).setLevel(logging.WARNING)

SCRIPT, SHEET = "fonts.js", "fonts.css"
FACE = re.compile(r"@font-face\s*\{[^}]*\}")
SOURCE = re.compile(r'src:[^;}]*?url\("([^"]+\.woff2)"\)[^;}]*')
DESCRIPTOR = re.compile(r"([\w-]+)\s*:\s*([^;}]+)")
STRING = re.compile(r'content:\s*"([^"]*)"|--[\w-]+:\s*"([^"]*)"')
ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
# (Not the icons: Chromium does not take a family whose name has a 6 in it from a script.)
CARRIED = re.compile(r"(latin|greek)-|KaTeX_(Main-Regular|Math-Italic|Size)")
TAG = re.compile(r"<[^>]*>")
# Each formula is on the page twice: as MathML, drawn in no font of ours, and as spans that KaTeX has set.
MATHML = re.compile(r'<span class="katex-mathml">.*?</math>', re.DOTALL)
SET = re.compile(r'<span class="(?:m[a-z]+|delimsizing|op-symbol)\b[^>]*>([^<]+)')
LOAD = """// The fonts that every page needs, there before it is drawn.
for (const [family, data, descriptors] of {faces}) {{
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  document.fonts.add(new FontFace(family, bytes, descriptors));
}}
"""


@dataclass
class Characters:
    """The characters that pages show: in their text, and in their formulas."""

    text: set[str]
    math: set[str]


def characters(pages: Iterable[str]) -> Characters:
    """Return what the pages show. Plain ASCII counts as text in any case: a reader's script may write it."""
    text = {chr(code) for code in range(32, 127)}
    math: set[str] = set()
    for page in pages:
        shown = MATHML.sub("", page)
        math.update(html.unescape("".join(SET.findall(shown))))
        text.update(html.unescape(TAG.sub("", SET.sub("", shown))))
    return Characters(text, math | {one for one in text if not one.isascii()})


def shrink(css: str, shown: Characters, home: Path) -> str:
    """Return a style sheet without its ``@font-face`` rules of fonts that nobody needs or that the script carries.

    `home` is the folder that the style sheet's addresses are relative to. It gets the script, the style sheet with
    the same fonts, and the others in its folder ``fonts``. A font that no rule names, or that has none of the
    characters shown, is left out.
    """
    text, rules = shown.text | written(css), FACE.sub("", css)
    carried: list[tuple[str, str, dict[str, str]]] = []
    sheet: list[str] = []
    (home / "fonts").mkdir(exist_ok=True)

    def face(match: re.Match[str]) -> str:
        source = SOURCE.search(match[0])
        given = dict(DESCRIPTOR.findall(match[0]))
        family = given.pop("font-family", "").strip("\"' ")
        if not source or family not in rules:
            return ""
        path = (home / source[1]).resolve()
        data = cut(path, shown.math if family.startswith("KaTeX") else text)
        if not data:
            return ""
        (home / "fonts" / path.name).write_bytes(data)
        src = f'src:url("fonts/{path.name}") format("woff2")'
        rule = match[0].replace(source[0], src)
        if not CARRIED.match(path.name):
            return rule
        sheet.append(rule)
        carried.append((family, base64.b64encode(data).decode(), descriptors(given)))
        return ""

    slim = FACE.sub(face, css)
    (home / SHEET).write_text("\n".join(sheet), encoding="utf-8")
    faces = json.dumps(carried)
    (home / SCRIPT).write_text(LOAD.format(faces=faces), encoding="utf-8")
    return slim


def descriptors(given: dict[str, str]) -> dict[str, str]:
    """Return a rule's descriptors in the names of JavaScript's FontFace."""
    names = {
        "font-style": "style",
        "font-weight": "weight",
        "unicode-range": "unicodeRange",
    }
    return {
        names[name]: value.strip() for name, value in given.items() if name in names
    }


def written(css: str) -> set[str]:
    """Return the characters that a style sheet's own strings put on the page: icons, signs."""
    strings = ("".join(found) for found in STRING.findall(css))
    return {
        character
        for text in strings
        for character in ESCAPE.sub(lambda code: chr(int(code[1], 16)), text)
    }


def cut(path: Path, characters: set[str]) -> bytes:
    """Return a font (WOFF2) with the glyphs of these characters alone, or nothing if it has none of them."""
    font = TTFont(path)
    wanted = set(font.getBestCmap()) & {ord(character) for character in characters}
    if not wanted - {0x20, 0xA0}:
        return b""
    options = subset.Options(hinting=False, notdef_outline=True)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    font.flavor = "woff2"
    data = io.BytesIO()
    font.save(data)
    return data.getvalue()
