"""Live figures' programs and stills as files of the site, which its pages share, instead of a copy in every page.

A notebook's state has each figure's whole program, since Jupyter needs it there. On the page its parts are named, and
classic scripts (a module may not be fetched from the disk) bring their texts: one with what several figures have in
common, and one for each figure. The still is loaded only where it is seen.
"""

import hashlib
import html
import json
import os
import re
from collections import Counter
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from sphinx.application import Sphinx

from companion import live

FOLDER = "live"
COMMON = "common"
PALETTE = "palette.css"
STATE = re.compile(
    r'(<script type="application/vnd\.jupyter\.widget-state\+json">)(.*?)(</script>)',
    re.DOTALL,
)
STILL = re.compile(
    r'(data-live="([a-z]+)".*?)<img alt="([^"]*)" src="data:image/svg\+xml,([^"]*)">',
    re.DOTALL,
)


def setup(app: Sphinx) -> None:
    """Write the scripts before the pages name them; mend the pages when all of them are written."""
    app.connect("builder-inited", write_scripts)
    app.connect("build-finished", share, priority=400)


@cache
def figures() -> dict[str, tuple[str, ...]]:
    """Return the parts of each figure that the package has, by the figure's name."""
    for module in iter_modules(live.__path__):
        if not module.name.startswith("_"):
            import_module(f"companion.live.{module.name}")
    return {cls.__name__.lower(): cls.parts for cls in live.Live.__subclasses__()}


@cache
def texts() -> dict[str, str]:
    """Return the text of each part by its name."""
    named = {part for parts in figures().values() for part in parts}
    return {PALETTE: live.palette(), **{part: live.text([part]) for part in named}}


@cache
def scripts() -> dict[str, list[str]]:
    """Return the parts that each script brings, by the script's name: a figure's own, or those of several."""
    counts = Counter(part for parts in figures().values() for part in parts)
    own = {
        name: [part for part in parts if counts[part] == 1]
        for name, parts in figures().items()
    }
    shared = sorted(part for part, count in counts.items() if count > 1)
    return {COMMON: [PALETTE, *shared], **own}


def write_scripts(app: Sphinx) -> None:
    """Write each script into the site."""
    if app.builder.name != "html":
        return
    folder = Path(app.outdir) / "_static" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, parts in scripts().items():
        brought = json.dumps(
            {part: texts()[part] for part in parts}, ensure_ascii=False
        )
        line = f"window.liveParts = {{ ...window.liveParts, ...{brought} }};\n"
        (folder / f"{name}.js").write_text(line, encoding="utf-8")


def share(app: Sphinx, exception: Exception | None) -> None:
    """Have the pages name what the scripts bring, and put their stills into files."""
    if exception or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static" / FOLDER
    for path in Path(app.outdir).rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        mended = STATE.sub(lambda state: state[1] + named(state[2]) + state[3], page)
        mended = STILL.sub(partial(filed, static, path.parent), mended)
        if mended != page:
            path.write_text(mended, encoding="utf-8")


def named(state: str) -> str:
    """Return a page's widget state with the names of parts for their texts."""
    data: dict[str, Any] = json.loads(state)
    for model in data["state"].values():
        for key in ("_esm", "_css"):
            program = model["state"].get(key)
            if isinstance(program, str):
                model["state"][key] = parts_of(program)
    return json.dumps(data, ensure_ascii=False).replace("</", r"<\/")


def parts_of(program: str) -> str | list[str]:
    """Return the names of the parts that a text is joined of, or the text where it is of others."""
    names, rest = [], program
    while rest:
        found = [name for name, text in texts().items() if rest.startswith(text)]
        if not found:
            return program
        name = max(found, key=lambda one: len(texts()[one]))
        names.append(name)
        rest = rest.removeprefix(texts()[name]).removeprefix("\n")
    return names


def filed(static: Path, folder: Path, still: re.Match[str]) -> str:
    """Return a still that is loaded from a file when it is seen: without JavaScript, or on paper."""
    drawing = html.unescape(still[4]).replace("%23", "#").replace("%25", "%")
    digest = hashlib.sha256(drawing.encode()).hexdigest()[:8]
    file = static / f"{still[2]}-{digest}.svg"
    file.write_text(drawing, encoding="utf-8")
    address = os.path.relpath(file, folder).replace("\\", "/")
    return f'{still[1]}<img class="live-still" loading="lazy" alt="{still[3]}" src="{address}">'
