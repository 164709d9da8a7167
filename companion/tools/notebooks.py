"""Execute chapters again, in place: `python -m companion.tools.notebooks [notebook ...]`.

Without arguments, all of them. A notebook then holds what its source gives and nothing
of the machine that ran it: no timings, paths or versions. Where nothing changed, the
file is the same byte for byte.
"""

import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from companion import book, live
from companion.cells import SOLUTION

SECONDS_A_CELL = 1200
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT_OF_NOTEBOOK = ("myst", "mystnb", "widgets")
KEPT_OF_CELL = ("tags", "mystnb")


def execute(path: Path) -> str:
    """Execute a notebook and write it.

    Return what went wrong, in words, or "" (then, and only then, it was written).
    """
    notebook = clean(nbformat.read(path, as_version=4))
    client = NotebookClient(
        notebook, timeout=SECONDS_A_CELL, kernel_name="python3", record_timing=False, coalesce_streams=True,
        resources={"metadata": {"path": str(path.parent)}},
    )  # fmt: skip
    notebook.metadata.pop("widgets", None)  # the run stores what there is now
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        return f"{path.name} was left as it was: {error}"
    text = nbformat.writes(clean(notebook)) + "\n"
    if text != path.read_text(encoding="utf-8"):
        path.write_text(text, encoding="utf-8", newline="\n")
    return ""


def clean(notebook: NotebookNode) -> NotebookNode:
    """Keep of a notebook's metadata only what the book reads; return the notebook."""
    kept = {
        key: notebook.metadata[key]
        for key in KEPT_OF_NOTEBOOK
        if key in notebook.metadata
    }
    notebook.metadata = nbformat.from_dict({**KERNEL, **kept})
    _keep_live_figures(notebook)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in KEPT_OF_CELL if key in cell.metadata}
        )
        if SOLUTION in cell.metadata.get("tags", []):  # JupyterLab folds it by this
            cell.metadata.jupyter = nbformat.from_dict({"source_hidden": True})
    return notebook


def _keep_live_figures(notebook: NotebookNode) -> None:
    """Keep their state, without their programs, which the package has.

    The state of every other widget goes: a page could show none, and its id changes.
    """
    for stored in notebook.metadata.get("widgets", {}).values():
        for model in list(stored["state"]):
            name = model.removeprefix(live.PREFIX)
            if name == model:
                del stored["state"][model]
            elif name in live.names():
                stored["state"][model]["state"].update(live.stub(name))


def main(names: Sequence[str]) -> int:
    """Execute the named notebooks, or all chapters, two at a time.

    Return the process's exit code.
    """
    os.environ["JUPYTER_PREFER_ENV_PATH"] = (
        "1"  # the kernel of this environment, whatever else is installed
    )
    paths = [Path(name) for name in names] or book.chapters()
    failed = False
    with ProcessPoolExecutor(max_workers=2) as pool:
        for path, error in zip(paths, pool.map(execute, paths), strict=True):
            print(
                error or f"{path.name}: executed",
                file=sys.stderr if error else sys.stdout,
                flush=True,
            )
            failed |= bool(error)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
