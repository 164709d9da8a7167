"""Live figures' programs, states and stills as files of the site, which a page asks for when a reader comes near.

A notebook's state has each figure's whole program, since Jupyter needs it there. On the page the figure names classic
scripts (a module may not be fetched from the disk): one has what several figures have in common, one what is the
figure's own, one the state that it begins in. The still is loaded only where it is seen.
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
STILL = re.compile(
    r'<figure class="live" data-live="([a-z]+)" data-model="([\w-]+)"(.*?)<img alt="([^"]*)" src="data:image/svg\+xml,([^"]*)">',
    re.DOTALL,
)


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


def write_scripts(folder: Path) -> None:
    """Write each script into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, parts in scripts().items():
        brought = {part: texts()[part] for part in parts}
        write(folder / f"{name}.js", "liveParts", brought)


def write(script: Path, table: str, entries: dict[str, Any]) -> None:
    """Write a script that adds entries to one of the page's tables."""
    added = json.dumps(entries, ensure_ascii=False)
    line = f"window.{table} = {{ ...window.{table}, ...{added} }};\n"
    script.write_text(line, encoding="utf-8")


def share(app: Sphinx, pages: Pages) -> None:
    """Move what the figures of all pages need into files."""
    folder = Path(app.outdir) / "_static" / FOLDER
    write_scripts(folder)
    for path, page in pages.items():
        pages[path] = moved(page, path, folder)


def moved(page: str, path: Path, folder: Path) -> str:
    """Return a page, written to `path`, whose figures name their scripts and stills; writes its own ones to `folder`."""
    states: dict[str, Any] = {}
    for state in STATE.findall(page):
        states.update(json.loads(state)["state"])
    return STILL.sub(partial(figure, states, path, folder), STATE.sub("", page))


def figure(
    states: dict[str, Any], path: Path, folder: Path, still: re.Match[str]
) -> str:
    """Return a figure that names its scripts, and its still, which is seen without JavaScript or on paper."""
    name, model, rest, alt, drawing = still.groups()
    if model not in states:
        raise ExtensionError(
            f"{path.stem}: the state of {model} is not stored; execute its notebook again"
        )
    own = f"{path.stem}-{name}"
    write(folder / f"{own}.js", "liveStates", {model: named(states[model]["state"])})
    image = folder / f"{own}.svg"
    drawing = html.unescape(drawing).replace("%23", "#").replace("%25", "%")
    image.write_text(drawing, encoding="utf-8")
    files = [folder / f"{script}.js" for script in (COMMON, name, own)]
    scripts = " ".join(address(file, path.parent) for file in files)
    return (
        f'<figure class="live" data-live="{name}" data-model="{model}" data-scripts="{scripts}"{rest}'
        f'<img class="live-still" loading="lazy" alt="{alt}" src="{address(image, path.parent)}">'
    )


def address(file: Path, folder: Path) -> str:
    """Return a file's address for the pages in a folder; it changes with the file, so that no browser keeps an old one."""
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    return f"{os.path.relpath(file, folder)}?v={digest}".replace("\\", "/")


def named(state: dict[str, Any]) -> dict[str, Any]:
    """Return a figure's state with the names of parts for their texts."""
    programs = {key: parts_of(state[key]) for key in ("_esm", "_css")}
    return {**state, **programs}


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
