"""What the two listing pages share: sections by chapter, links into chapters, and being read again with them."""

from collections.abc import Iterable
from pathlib import Path

from docutils import nodes
from sphinx.environment import BuildEnvironment

from companion import book


def docname(env: BuildEnvironment, path: str | Path) -> str:
    """Return the name by which Sphinx knows a chapter's file."""
    return str(env.path2doc(str(Path(path).resolve())))


def depend_on(env: BuildEnvironment, paths: Iterable[Path]) -> None:
    """Have the page that is being read be read again when one of these files changes."""
    for path in paths:
        env.note_dependency(str(Path(path).resolve()))


def link_to(
    env: BuildEnvironment, path: Path, anchor: str, text: str
) -> nodes.reference:
    """Return a link from the page that is being read to an anchor in a chapter."""
    uri = env.app.builder.get_relative_uri(env.docname, docname(env, path))
    return nodes.reference(
        "", text, refuri=f"{uri}#{anchor}" if anchor else uri, internal=True
    )


def chapter_section(env: BuildEnvironment, path: Path) -> nodes.section:
    """Return an empty section under a chapter's title, which links to the chapter."""
    link = link_to(env, path, "", title(path))
    name = Path(path).stem.replace("_", "-")
    return nodes.section("", nodes.title("", "", link), ids=[f"in-{name}"], names=[])


def title(path: Path) -> str:
    """Return a notebook's title: its first heading."""
    for cell in book.cells(path):
        for line in cell.source.splitlines():
            if cell.cell_type == "markdown" and line.startswith("# "):
                return str(line[2:].strip())
    return Path(path).stem
