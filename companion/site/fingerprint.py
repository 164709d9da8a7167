"""When must every page be read again? Whenever what makes the pages has changed, not only their own source.

Sphinx compares an extension's ``env_version`` with the one of the last build and starts afresh when they differ.
"""

import hashlib
from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def sources(confdir: str | Path) -> list[Path]:
    """Return the files that every page depends on: the course's machinery and the contents."""
    machinery = [
        path
        for path in sorted(PACKAGE.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]
    return [*machinery, Path(confdir) / "_toc.yml"]


def fingerprint(confdir: str | Path) -> str:
    """Return a digest that changes with any of `sources`."""
    digest = hashlib.sha256()
    for path in sources(confdir):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
