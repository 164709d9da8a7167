"""Live figures' programs and states as files of the site, which a page asks for when a reader comes near.

A notebook has no figure's program: the package has it. On the page a figure names classic scripts (a module may not be
fetched from the disk): one has what several figures have in common, one what is the figure's own, one the state that it
begins in.
"""

import hashlib
import json
import os
import re
from collections import Counter
from functools import cache, partial
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from companion import live
from companion.site.finish.texts import Pages

FOLDER = "live"
COMMON = "common"
PALETTE = "palette.css"
STATE = re.compile(
    r'<script type="application/vnd\.jupyter\.widget-state\+json">(.*?)</script>\s*',
    re.DOTALL,
)
FIGURE = re.compile(
    rf'<figure class="([^"]*\blive {live.PREFIX}(\w+)[^"]*)"([^>]*)>\s*(<img [^>]*>)'
)


@cache
def figures() -> dict[str, list[str]]:
    """Return the names of each figure's parts, by the figure's name."""
    return {
        name: [
            PALETTE,
            *(part.relative_to(live.HERE).as_posix() for part in live.parts(name)),
        ]
        for name in live.names()
    }


@cache
def texts() -> dict[str, str]:
    """Return the text of each part by its name."""
    named = {part for parts in figures().values() for part in parts} - {PALETTE}
    read = {part: (live.HERE / part).read_text(encoding="utf-8") for part in named}
    return {PALETTE: live.palette(), **read}


@cache
def scripts() -> dict[str, list[str]]:
    """Return the parts that each script brings, by the script's name: a figure's own, or those of several."""
    counts = Counter(part for parts in figures().values() for part in parts)
    own = {
        name: [part for part in parts if counts[part] == 1]
        for name, parts in figures().items()
    }
    shared = sorted(part for part, count in counts.items() if count > 1)
    return {COMMON: shared, **own}


def write_scripts(folder: Path) -> None:
    """Write each script into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, parts in scripts().items():
        tables: dict[str, dict[str, Any]] = {
            "liveParts": {part: texts()[part] for part in parts}
        }
        if name != COMMON:
            tables["liveFigures"] = {name: program(name)}
        write(folder / f"{name}.js", tables)


def program(name: str) -> dict[str, Any]:
    """Return a figure's program as the names of its parts, and its constants."""
    parts = figures()[name]
    return {
        "_esm": [part for part in parts if part.endswith(".js")],
        "_css": [part for part in parts if part.endswith(".css")],
        "_constants": live.figure(name).told(),
    }


def write(script: Path, tables: dict[str, dict[str, Any]]) -> None:
    """Write a script that adds entries to some of the page's tables."""
    lines = (
        f"window.{table} = {{ ...window.{table}, ...{json.dumps(entries, ensure_ascii=False)} }};\n"
        for table, entries in tables.items()
    )
    script.write_text("".join(lines), encoding="utf-8")


def share(app: Sphinx, pages: Pages) -> None:
    """Move what the figures of all pages need into files."""
    folder = Path(app.outdir) / "_static" / FOLDER
    write_scripts(folder)
    for path, page in pages.items():
        pages[path] = moved(page, path, folder)


def moved(page: str, path: Path, folder: Path) -> str:
    """Return a page, written to `path`, whose figures name their scripts; writes its own ones to `folder`."""
    states: dict[str, Any] = {}
    for state in STATE.findall(page):
        states.update(json.loads(state)["state"])
    return FIGURE.sub(partial(figure, states, path, folder), STATE.sub("", page))


def figure(
    states: dict[str, Any], path: Path, folder: Path, still: re.Match[str]
) -> str:
    """Return a figure that names its scripts, and keeps its place; its still is seen without JavaScript or on paper."""
    classes, name, rest, image = still.groups()
    model = live.PREFIX + name
    kind = live.figure(name)
    stored = states.get(model, {}).get("state", {})
    missing = set(kind.class_state()) - stored.keys()
    if missing:
        raise ExtensionError(
            f"{path.stem}: the state of {model} is not stored; execute its notebook again"
        )
    own = folder / f"{path.stem}-{name}.js"
    write(
        own, {"liveStates": {model: {key: stored[key] for key in kind.class_state()}}}
    )
    files = [folder / f"{COMMON}.js", folder / f"{name}.js", own]
    scripts = " ".join(address(file, path.parent) for file in files)
    wide, narrow = kind.heights
    return (
        f'<figure class="{classes}" data-live="{name}" data-model="{model}" data-scripts="{scripts}" '
        f'style="--wide: {wide}px; --narrow: {narrow}px"{rest}><div class="live-place">{image}</div>'
    )


def address(file: Path, folder: Path) -> str:
    """Return a file's address for the pages in a folder; it changes with the file, so that no browser keeps an old one."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    return f"{os.path.relpath(file, folder)}?v={digest}".replace("\\", "/")
