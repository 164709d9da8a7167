"""The height that a section of a page takes before it is laid out, estimated from what stands in it.

Sections far away wait for the reader. Were their places too low, the page would grow under the reader's hand, and
the bar beside it would say that the page is shorter than it is.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from companion import live

SECTION = re.compile(r"<section\b([^>]*)>|</section>")
FOLD = re.compile(r"<details\b[^>]*>(?:(?!<details).)*?</details>", re.DOTALL)
FOLDED = "\0"
LIVE = re.compile(
    rf'<figure class="[^"]*\blive {live.PREFIX}(\w+).*?<figcaption', re.DOTALL
)
IMAGE = re.compile(r'<img width="(\d+)" height="(\d+)"')
NO_WORDS = re.compile(
    r'<pre.*?</pre>|<svg.*?</svg>|<span class="katex-display">.*?</span></div>'
    r'|<span class="katex-mathml">.*?</span>(?=<span class="katex-html")|<[^>]*>',
    re.DOTALL,
)
# In px on a screen 390 px wide, fitted to the chapters and rounded upwards.
LETTER, BLOCK, LINE, QUIZ, CLOSED = 0.8, 15, 29, 130, 27
FORMULA, EM = 45, 19  # around a displayed formula, and to each em of its height
IMAGE_AND_CAPTION, WIDTH, AROUND = 1.9, 380, 300  # AROUND a live figure


def reserved(page: str, folder: Path) -> str:
    """Give each section of a page the height that its contents will take, in `--room`."""
    parts, end = [], 0
    for start, stop in sections(page):
        tag = page.index(">", start)
        room = round(height(page[tag:stop]), -1)
        parts += [page[end:tag], f' style="--room: {room:.0f}px"']
        end = tag
    return "".join([*parts, page[end:]])


def sections(page: str) -> Iterator[tuple[int, int]]:
    """Yield where each section below the page's own begins and ends."""
    depth = start = 0
    for tag in SECTION.finditer(page):
        if tag[0].startswith("</"):
            depth -= 1
            if depth == 1:
                yield start, tag.end()
        else:
            depth += 1
            if depth == 2:
                start = tag.start()


def height(section: str) -> float:
    """Return about how high a section is on a narrow screen, in px."""
    while FOLD.search(section):
        section = FOLD.sub(FOLDED, section)
    figures = [live.figure(found[1]).heights for found in LIVE.finditer(section)]
    section = LIVE.sub("", section)
    images = [map(int, size) for size in IMAGE.findall(section)]
    lines = sum(map(int, re.findall(r"--lines: (\d+)", section)))
    formulas = [float(ems) for ems in re.findall(r"--height: ([\d.]+)", section)]
    return (
        sum(AROUND + narrow for _, narrow in figures)
        + IMAGE_AND_CAPTION * sum(high * min(1, WIDTH / wide) for wide, high in images)
        + LINE * lines
        + sum(FORMULA + EM * ems for ems in formulas)
        + BLOCK * len(re.findall(r"<(?:p|h2|h3|h4|figcaption|dt)\b", section))
        + QUIZ * section.count("<fieldset")
        + CLOSED * section.count(FOLDED)
        + LETTER * len(re.sub(r"\s+", " ", NO_WORDS.sub("", section)))
    )
