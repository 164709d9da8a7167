"""The pages as text, between being read once and being written once."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sphinx.application import Sphinx

Pages = dict[Path, str]
Work = Callable[[str, Path], str]  # a page's text and folder to its new text


def read(app: Sphinx) -> Pages:
    """Return the text of each page that Sphinx writes, by its file."""
    names = sorted({*app.env.found_docs, "genindex", "search"})
    files = [Path(app.outdir) / f"{name}.html" for name in names]
    return {file: file.read_text(encoding="utf-8") for file in files if file.exists()}


def mend(pages: Pages, works: Sequence[Work]) -> tuple[Pages, list[Work]]:
    """Return the pages after each work in turn, and the works that changed none of them."""
    idle = []
    for work in works:
        mended = {file: work(page, file.parent) for file, page in pages.items()}
        if mended == pages:
            idle.append(work)
        pages = mended
    return pages, idle


def write(pages: Pages, before: Pages) -> None:
    """Write the pages that are no more what they were before."""
    for file, page in pages.items():
        if page != before[file]:
            file.write_text(page, encoding="utf-8")


def forget(app: Sphinx, pages: Pages) -> None:
    """Remove the pages of chapters that the book has no more."""
    outdir = Path(app.outdir)
    kept = {*pages, outdir / "index.html", outdir / "404.html"}
    for file in outdir.rglob("*.html"):
        if file not in kept and not file.relative_to(outdir).parts[0].startswith("_"):
            file.unlink()
