"""A local server that compresses, as a host on the web does, and the browser to look at it with."""

import functools
import gzip
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Chromium as a machine runs it: without a sandbox, which a container does not allow, and asking nobody for updates.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip
COMPRESSED = {".css", ".html", ".ipynb", ".js", ".json", ".svg", ".txt", ".xml"}


def chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder while the block runs; gives the address."""
    handler = functools.partial(Compressing, directory=str(folder))
    with Server(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Server(ThreadingHTTPServer):
    """A server that browsers may leave in the middle of an answer."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what went wrong, unless it is the browser that has gone."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@functools.lru_cache(maxsize=256)
def compressed(path: Path, changed: int) -> bytes:
    """Return a file's content, compressed; `changed` is its time of modification."""
    return gzip.compress(path.read_bytes(), 6, mtime=0)


class Compressing(SimpleHTTPRequestHandler):
    """A file server that compresses text, shows 404.html for what is not there, and keeps its log to itself."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send a file, compressed if it is text and the client takes that."""
        path = Path(self.translate_path(self.path))
        takes = "gzip" in self.headers.get("Accept-Encoding", "")
        if takes and path.suffix in COMPRESSED and path.is_file():
            self.answer(HTTPStatus.OK, path)
        elif not path.exists() and Path(self.directory, "404.html").exists():
            self.answer(HTTPStatus.NOT_FOUND, Path(self.directory, "404.html"))
        else:
            super().do_GET()

    def answer(self, status: HTTPStatus, path: Path) -> None:
        """Send a file, compressed."""
        body = compressed(path, path.stat().st_mtime_ns)
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
