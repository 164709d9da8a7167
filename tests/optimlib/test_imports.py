"""optimlib needs NumPy alone, and holds each update once."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import optimlib
from optimlib import optimizers

PACKAGE = Path(optimlib.__file__).parent
ALONE = """
import importlib.abc, sys

class Only(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in ("numpy", "optimlib"):
            raise ModuleNotFoundError(f"{name} is not NumPy", name=name)

sys.meta_path.insert(0, Only())
import pkgutil, optimlib
for module in pkgutil.walk_packages(optimlib.__path__, "optimlib."):
    if module.name != "optimlib.engine.with_sympy":
        __import__(module.name)
import optimlib.problems
w = optimlib.Adam().step({"w": [1.0]}, {"w": [1.0]})
assert optimlib.minimize(lambda w: w @ w, lambda w: 2 * w, [1.0], optimlib.SGD(), 3).f.shape == (4,)
optimlib.problems.sparse_toy(0).gradient([0.0, 0.0])
try:
    import sympy
except ModuleNotFoundError:
    print("alone", "companion" in sys.modules)
"""


def test_numpy_is_all_that_optimlib_imports():
    run = subprocess.run(
        [sys.executable, "-c", ALONE],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(PACKAGE.parent)},
        timeout=1200,
    )
    assert run.stdout.split() == ["alone", "False"], run.stderr


def rules_in(path):
    """The functions named `rule` that a file's source defines, outside of strings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "rule"
    ]


def imported():
    """The modules of the package that each of them imports."""
    paths = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts): path
        for path in PACKAGE.rglob("*.py")
    }
    modules = {name.removesuffix(".__init__"): path for name, path in paths.items()}
    found = {name: set() for name in modules}
    for name, path in modules.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                whole = [f"{node.module}.{part.name}" for part in node.names]
                parts = [x if x in modules else node.module for x in whole]
            elif isinstance(node, ast.Import):
                parts = [part.name for part in node.names]
            else:
                continue
            found[name] |= {x for x in parts if x in modules and x != name}
    return found


def test_no_module_imports_itself_by_way_of_others():
    left = imported()
    while lowest := {name for name, others in left.items() if not others & left.keys()}:
        left = {name: others for name, others in left.items() if name not in lowest}
    assert not left


@pytest.mark.parametrize(
    ("room", "known"),
    [
        ("arrays", ["arrays"]),
        ("engine", ["arrays", "derivatives", "engine"]),
        ("settings", ["arrays"]),
        ("running.kept", ["files"]),
        ("files", []),
    ],
)
def test_a_room_knows_only_what_it_stands_on(room, known):
    here = f"optimlib.{room}"
    for name, others in imported().items():
        if name == here or name.startswith(f"{here}."):
            for other in others:
                allowed = (f"optimlib.{x}" for x in known)
                assert any(other == x or other.startswith(f"{x}.") for x in allowed)


def test_each_method_has_one_rule_of_its_own_and_inherits_none():
    defined = [
        rule
        for path in sorted((PACKAGE / "optimizers").glob("*.py"))
        for rule in rules_in(path)
    ]
    assert len(defined) == len(optimizers.__all__)
    for name in optimizers.METHODS:
        method = getattr(optimizers, name)
        assert "rule" in vars(method) and not any(
            "rule" in vars(base)
            for base in method.__mro__[1:-1]
            if base.__module__ != "optimlib.optimizer"
        )


def test_every_method_is_reached_from_the_package_itself():
    assert set(optimizers.__all__) < set(optimlib.__all__)
    assert all(hasattr(optimlib, name) for name in optimlib.__all__)
