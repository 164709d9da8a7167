"""The agreement table, from the stored files: `python tests/golden/table.py`."""

import sys
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from cases import CASES, LIBRARIES, Case, differences, first_step_ulp, stored


def measured(case: Case) -> tuple[float, float]:
    """The largest difference over the stored steps, and the one after the first, in
    units in the last place.
    """
    path, theirs = case.path, stored(case.library)[1][case.name]
    return float(differences(path, theirs).max()), first_step_ulp(path, theirs)


def row(method: str, library: str, cases: list[Case]) -> str:
    """One line: the largest differences over the settings."""
    apart, ulp = map(max, zip(*map(measured, cases), strict=True))
    return f"| {method} | {library} | {len(cases)} | {apart:.1e} | {ulp:.0f} |"


def table() -> str:
    """Method by library, and below it the stated differences and wider bounds."""

    def key(case: Case) -> tuple:
        return case.method, LIBRARIES.index(case.library), bool(case.reason)

    lines = [
        "| method | library | settings | 1,000 steps, relative | first step, ulp |",
        "|---|---|---:|---:|---:|",
    ]
    for (method, which, wider), cases in groupby(sorted(CASES, key=key), key):
        name = LIBRARIES[which] + (" (wider bound)" if wider else "")
        lines.append(row(method, name, list(cases)))
    lines += ["", "Where the same settings part, and what makes them meet:", ""]
    lines += [
        f"- `{c.name}`: {c.differs or c.reason}" for c in CASES if c.differs or c.reason
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    for library in LIBRARIES:
        print(f"{library}.npz:")
        for fact, value in stored(library)[0].items():
            print(f"    {fact}: {value}")
    print(f"\n{table()}")
