"""Ask the questions: `python -m benchmarks [--quick] [question ...]`."""

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from . import machine, reports
from .child import limits
from .contenders import contenders
from .sizes import Sizes, cores, full, quick

QUESTIONS = (
    "step", "network", "surface", "training", "growth", "population", "memory",
    "first_call", "redraw",
)  # fmt: skip
RESULTS = Path(__file__).with_name("results.json")
FORMAT = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the tables and the bars, write the file; 0 whatever the bars."""
    given = _arguments(arguments)
    counts = [n for n in (1, 2) if n <= cores()]
    sizes = (quick if given.quick else full)(tuple(counts))
    results: dict[str, Any] = {
        "format": FORMAT,
        "quick": given.quick,
        "began": _now(),
        "machine": machine.description(),
        "versions": machine.versions(),
        "left out": _left_out(),
        "labels": {key: one.label for key, one in contenders(1).items()},
        "questions": {},
    }
    print(described(results), flush=True)
    with tempfile.TemporaryDirectory() as cache:
        for name in given.question or QUESTIONS:
            results["questions"][name] = asked(name, sizes, Path(cache))
            for one in results["questions"][name]["tables"]:
                print(f"\n{reports.text(one)}", flush=True)
    results["ended"] = _now()
    bars = [one for q in results["questions"].values() for one in q["bars"]]
    results["bars"] = [reports.of_bars(bars), reports.missed(bars)] if bars else []
    for one in results["bars"]:
        print(f"\n{reports.text(one)}" if one["rows"] else "\nEvery bar is met.")
    given.out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"\nWritten to {given.out}")
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("question", nargs="*", choices=[*QUESTIONS, []], help="all")
    parser.add_argument("--quick", action="store_true", help="small, to see it run")
    parser.add_argument("--out", type=Path, default=RESULTS, help="%(default)s")
    return parser.parse_args(arguments)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _left_out() -> dict[str, list[str]]:
    """Who doesn't take part, and the packages that are not installed."""
    return {c.label: c.missing() for c in contenders(1).values() if c.missing()}


def described(results: dict[str, Any]) -> str:
    """The machine, the versions and who is left out, in lines."""
    lines = [f"{k}: {v}" for k, v in results["machine"].items()]
    lines.append(", ".join(f"{k} {v}" for k, v in results["versions"].items()))
    for label, packages in results["left out"].items():
        lines.append(f"left out: {label} (not installed: {', '.join(packages)})")
    return "\n".join(lines)


def asked(name: str, sizes: Sizes, cache: Path) -> dict[str, Any]:
    """One question's rows, tables and bars.

    cache: where code is that was compiled; a case that is about this has a part of its own.
    """
    question = import_module(f".{name}", __package__)
    rows: list[dict[str, Any]] = []
    for case in question.cases(sizes):
        rows += run(name, case, cache / name if "cache" in case else cache)
    return {
        "title": question.TITLE,
        "rows": rows,
        "tables": question.tables(rows),
        "bars": question.bars(rows),
    }


def run(name: str, case: dict[str, Any], cache: Path) -> list[dict[str, Any]]:
    """The rows of one case, measured in a process of its own.

    Raises:
        RuntimeError: where that process failed, with what it said.
    """
    environment = {**os.environ, **limits(case["threads"])}
    environment["OPTIMLIB_CACHE"] = str(cache)
    command = [sys.executable, "-m", f"{__package__}.child", name, json.dumps(case)]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{name} {case} failed:\n{done.stderr}")
    rows: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return rows


if __name__ == "__main__":
    sys.exit(main())
