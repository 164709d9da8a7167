"""The form of a chapter, as rules: each takes a notebook and yields what is wrong with it, in words."""

import ast
import re
import symtable
from itertools import pairwise

from companion.cells import kind, method, results

COLUMNS, LINES, SHOWN = 72, 10, 12
WIDEST = 4.8 * 72  # points
SECTIONS = ["The question", "The idea", "What the sources say", "Exercises", "Further reading"]  # fmt: skip
BOX = re.compile(
    r"^:::+\{(opening|predict|recap)\}\n((?:(?!:::).*\n)*):::+$", re.MULTILINE
)
FENCE = re.compile(r"^```(\{)?.*?^```$", re.MULTILINE | re.DOTALL)
RULE = re.compile(r"print\(\w+\.text\((\w+=[\w\"]+(, )?)*\)\)")
CAPTION = re.compile(r"\*\*[^*]+[.?!]\*\* \S")


def code(notebook):
    """The code cells, with what each is to a reader."""
    return [(c, kind(c)) for c in notebook.cells if c.cell_type == "code"]


def prose(notebook):
    """All Markdown, without what stands in fences of code."""
    text = "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    return FENCE.sub(lambda fence: fence[0] if fence[1] else "", text)


def first(cell):
    """What a cell is called in a message: its first line."""
    return repr(cell.source.split("\n")[0])


def checks_show_nothing_else(notebook):
    """A check's cell shows checks alone, and opens with how it is done, in one sentence."""
    for cell, what in code(notebook):
        if any(r["kind"] == "check" for r in results(cell)) and what != "check":
            yield f"{first(cell)} shows checks and something else"
        if what == "check" and not re.fullmatch(r"[A-Z].*\.", method(cell.source)[0]):
            yield f"{first(cell)} does not open with a sentence on the method"


def checks_define_nothing_that_is_read(notebook):
    """What a reader sees works without the checks: the last to define what a cell uses is no check."""
    definers = {}
    for cell, what in code(notebook):
        defined, used = names(cell.source)
        if what not in ("check", "claim"):
            for name in sorted(used):
                if definers.get(name) == "check":
                    yield f"{first(cell)} uses {name!r} of a check"
        definers |= dict.fromkeys(defined, what)


def names(source):
    """The global names that a cell defines, and those that it uses before it has defined them itself."""
    defined, used = set(), set()
    for statement in ast.parse(source).body:
        tables = [symtable.symtable(ast.unparse(statement), "cell", "exec")]
        bound = {
            s.get_name()
            for s in tables[0].get_symbols()
            if s.is_assigned() or s.is_imported()
        }
        loaded = set()
        for table in tables:  # grows while it is read
            tables += table.get_children()
            loaded |= {
                s.get_name()
                for s in table.get_symbols()
                if s.is_referenced() and (table is tables[0] or s.is_global())
            }
        # A loop's own variables are bound before its body uses them; an assignment's are not.
        simple = isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign))
        used |= loaded - defined - (set() if simple else bound)
        defined |= bound
    return defined, used


def nothing_is_printed(notebook):
    """Results come as tables and figures; a method's own text is code, and may be printed."""
    for cell, what in code(notebook):
        printed = any(o.output_type == "stream" for o in cell.outputs)
        if printed and what != "solution" and not RULE.fullmatch(cell.source):
            yield f"{first(cell)} prints"


def code_is_short(notebook):
    """No line is cut at 1280 px; a cell to be read is short, and there are few. Starters of exercises are not counted."""
    for cell, what in code(notebook):
        # The page has neither a claim's code nor, among a check's, the sentence on its method.
        source = "" if what == "claim" else cell.source
        for line in (method(source)[1] if what == "check" else source).splitlines():
            if len(line) > COLUMNS:
                yield f"{line!r} has {len(line)} columns; allowed: {COLUMNS}"
    shown = [cell for cell, what in code(notebook) if what == "code"]
    if len(shown) > SHOWN:
        yield f"{len(shown)} cells are shown; allowed: {SHOWN}"
    for cell in shown:
        count = len(cell.source.splitlines())
        if count > LINES:
            yield f"{first(cell)} has {count} lines; allowed: {LINES}"


def figures_speak(notebook):
    """A figure has a caption that says what is found and how to read it, a name, words for who can't see it; it is narrow."""
    for cell, what in code(notebook):
        if what not in ("figure", "live"):
            continue
        shown = cell.metadata.get("mystnb", {})
        figure = shown.get("figure", {})
        if not figure.get("name", "").startswith("fig-"):
            yield f"{first(cell)} has no name that begins with fig-"
        if what == "live":  # its caption and its words are its own
            continue
        if not CAPTION.match(figure.get("caption", "")):
            yield f"{first(cell)} has no caption '**What is found.** How to read it.'"
        if len(shown.get("image", {}).get("alt", "")) <= 20:
            yield f"{first(cell)} has no alt text"
        for output in cell.outputs:
            svg = output.get("data", {}).get("image/svg+xml", "")
            for width in re.findall(r'<svg [^>]*\bwidth="([\d.]+)pt"', svg):
                if float(width) > WIDEST:
                    yield f"{first(cell)} is {float(width) / 72:.1f} inches wide; allowed: 4.8"


def it_opens_and_closes(notebook):
    """The opening stands below the title, with three to five aims; one box has it all in short, before the exercises."""
    text = prose(notebook)
    boxes = [(m[1], m.start(), m[2]) for m in BOX.finditer(text)]
    openings = [box for box in boxes if box[0] == "opening"]
    if len(openings) != 1 or not re.fullmatch(
        r"# .+\n\s*", text[: openings[0][1]].lstrip()
    ):
        yield "the opening is not what follows the title"
    for _, _, body in openings:
        aims = len(re.findall(r"^- ", body, re.MULTILINE))
        if not 3 <= aims <= 5:
            yield f"the opening has {aims} aims; allowed: 3 to 5"
    recaps = [start for name, start, _ in boxes if name == "recap"]
    if len(recaps) != 1 or recaps[0] > text.find("## Exercises") > -1:
        yield f"{len(recaps)} boxes say it in short; allowed: one, before the exercises"


def headings_lead(notebook):
    """One title; no level is left out, none is deeper than the third; the parts that every chapter has, in order."""
    found = re.findall(r"^(#+) (.+)$", prose(notebook), re.MULTILINE)
    levels = [len(signs) for signs, _ in found]
    if levels[:1] != [1] or levels.count(1) != 1 or max(levels) > 3:
        yield f"the headings' levels are {levels}; allowed: one title, then 2 and 3"
    for above, level in pairwise(levels):
        if level > above + 1:
            yield f"a heading of level {level} follows one of level {above}"
    sections = [words for signs, words in found if signs == "##"]
    told = [name for s in sections for name in SECTIONS if s.startswith(name)]
    if told != SECTIONS:
        yield f"the sections are {sections}; allowed: with {SECTIONS} in this order"


def enough_and_no_more(notebook):
    """Four to six claims that change a belief, or all where the chapter answers fewer; six to eight exercises."""
    answered = [
        r for cell, _ in code(notebook) for r in results(cell) if r["kind"] == "claim"
    ]
    shown, least = sum(not r.get("aside") for r in answered), min(4, len(answered))
    if not max(1, least) <= shown <= 6:
        allowed = f"{least} to 6" if least else "1 to 6"
        yield f"{shown} claims are shown; allowed: {allowed}"
    exercises = len(
        re.findall(r"^(?:```|:::)\{exercise\}", prose(notebook), re.MULTILINE)
    )
    if not 6 <= exercises <= 8:
        yield f"it has {exercises} exercises; allowed: 6 to 8"


RULES = (
    checks_show_nothing_else,
    checks_define_nothing_that_is_read,
    nothing_is_printed,
    code_is_short,
    figures_speak,
    it_opens_and_closes,
    headings_lead,
    enough_and_no_more,
)
