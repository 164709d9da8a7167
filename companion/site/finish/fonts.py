"""Fonts cut down to the characters that the book has; the first ones that a page needs are there before it is drawn.

A font that arrives later moves the text. A script can carry fonts and hand them to the browser at once, from a server
or from the disk; a reader without JavaScript gets the same ones from a style sheet.
"""

import base64
import io
import json
import logging
import re
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

logging.getLogger("fontTools").setLevel(logging.WARNING)

SCRIPT, SHEET = "fonts.js", "fonts.css"
FACE = re.compile(r"@font-face\s*\{[^}]*\}")
SOURCE = re.compile(r'src:[^;}]*?url\("([^"]+\.woff2)"\)[^;}]*')
DESCRIPTOR = re.compile(r"([\w-]+)\s*:\s*([^;}]+)")
STRING = re.compile(r'content:\s*"([^"]*)"|--[\w-]+:\s*"([^"]*)"')
ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
# (Not the icons: Chromium does not take a family whose name has a 6 in it from a script.)
CARRIED = re.compile(r"(latin|greek)-|KaTeX_(AMS|Main-Regular|Math-Italic|Size)")
WEIGHT = re.compile(r"font-weight:[^;}]*")
# Elements that HTML does not close.
VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}
LOAD = """// The fonts that every page needs, there before it is drawn.
for (const [family, data, descriptors] of {faces}) {{
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  document.fonts.add(new FontFace(family, bytes, descriptors));
}}
"""


class Characters(HTMLParser):
    """The characters that pages show: in their text, as letters of formulas, and elsewhere in formulas.

    Each formula is on a page twice: as MathML, drawn in no font of ours, and as spans that KaTeX has set. Plain ASCII
    counts as text in any case: a reader's script may write it.
    """

    def __init__(self, pages: Iterable[str], scripts: Iterable[str] = ()) -> None:
        super().__init__()
        self.text = {chr(code) for code in range(32, 127)}.union(*scripts)
        self.letters: set[str] = set()
        self.signs: set[str] = set()
        self._open = [self.text]
        for page in pages:
            self.feed(page)
            self.close()
            self.reset()
            del self._open[1:]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Find the set that an element's characters belong to: that of the element around it, or another."""
        if tag in VOID:
            return
        inside = self._open[-1]
        classes = (dict(attrs).get("class") or "").split()
        if "katex-mathml" in classes:
            inside = set()
        elif "katex-html" in classes:
            inside = self.signs
        elif inside is self.signs and {"mathnormal", "boldsymbol"} & {*classes}:
            inside = self.letters
        self._open.append(inside)

    def handle_endtag(self, tag: str) -> None:
        """Go back to the element around it."""
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Note the characters."""
        self._open[-1].update(data)

    def of(self, family: str) -> set[str]:
        """Return the characters that a font of this family may have to show."""
        if family == "KaTeX_Math":
            return self.letters
        return self.signs if family.startswith("KaTeX") else self.text


def shrink(css: str, shown: Characters, home: Path) -> str:
    """Return a style sheet without its ``@font-face`` rules of fonts that nobody needs or that the script carries.

    `home` is the folder that the style sheet's addresses are relative to. It gets the script, the style sheet with
    the same fonts, and the others in its folder ``fonts``. A font that no rule names, or that has none of the
    characters shown, is left out.
    """
    shown.text |= written(css)
    rules = FACE.sub("", css)
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
        font = cut(path, shown.of(family))
        if not font:
            return ""
        src = f'src:url("fonts/{path.name}") format("woff2")'
        rule = match[0].replace(source[0], src)
        if given.get("font-style", "").strip() == "italic" and "fvar" in font:
            # The book has nothing in bold italics, so this font need not vary.
            font = instantiateVariableFont(font, {"wght": 400})
            given["font-weight"], rule = "400", WEIGHT.sub("font-weight: 400", rule)
        data = packed(font)
        (home / "fonts" / path.name).write_bytes(data)
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


def cut(path: Path, characters: set[str]) -> TTFont | None:
    """Return a font with the glyphs of these characters alone, or None if it has none of them."""
    font = TTFont(path, recalcTimestamp=False)  # the same bytes from every build
    wanted = set(font.getBestCmap()) & {ord(character) for character in characters}
    if not wanted - {0x20, 0xA0}:
        return None
    options = subset.Options(
        hinting=False, notdef_outline=True, layout_features=["kern", "liga"]
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    return font


def packed(font: TTFont) -> bytes:
    """Return a font's file, in WOFF2."""
    font.flavor = "woff2"
    data = io.BytesIO()
    font.save(data)
    return data.getvalue()
