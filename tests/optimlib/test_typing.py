"""What a user's type checker says of calls: it takes the good and finds the bad."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import optimlib

USER = """
from typing import Any
import numpy as np
from optimlib import SGD, Adam, Rprop, minimize
from optimlib.optimizer import Optimizer
from optimlib.schedules import ReduceOnPlateau

def nearest(w: Any) -> Any:
    return np.maximum(w, 0)

good: list[Optimizer] = [
    Adam(),
    Adam(population=3, project=nearest, nonfinite="ignore"),
    Adam(lr=np.array([0.1, 0.2]), population=2, bias_correction=False),
    SGD(lr=lambda t: 0.1 / t),
    SGD(lr=ReduceOnPlateau(0.1)),
    SGD(lr={"w": 0.1, "b": lambda t: 0.2}, project=None),
    Rprop(backtracking=True, population=None),
]
w = good[0].step([1.0], [1.0])
run = minimize(lambda w: w @ w, lambda w: 2 * w, [1.0], good[0], 3)
steps: int = len(run)

# An error that is not found is an ignore that is not used, which is an error.
Adam(0.001)  # type: ignore[call-arg, arg-type]
Adam(learning_rate=0.1)  # type: ignore[call-arg]
Adam(lr="0.1")  # type: ignore[arg-type]
Adam(population="3")  # type: ignore[arg-type]
Adam(project=3)  # type: ignore[arg-type]
Adam(nonfinite=True)  # type: ignore[arg-type]
Rprop(backtracking="yes")  # type: ignore[arg-type]
minimize(lambda w: w, lambda w: w, [1.0], SGD, 3)  # type: ignore[arg-type]
"""


def test_mypy_takes_the_good_calls_and_finds_each_bad_one(tmp_path):
    pytest.importorskip("mypy", reason="mypy is not installed: pip install .[dev]")
    file = tmp_path / "user.py"
    file.write_text(USER)
    options = ["--strict", "--follow-imports=silent", "--config-file="]
    options.append(f"--cache-dir={tmp_path / 'cache'}")
    run = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(file)],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": str(Path(optimlib.__file__).parents[1])},
        timeout=1200,
    )
    assert run.returncode == 0, run.stdout + run.stderr
