"""The recipes of CONTRIBUTING.md, followed in a copy of the project whose book has one short chapter: each new thing
stands on its page, in its lists and under the tests that guard its kind.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import recipes
import yaml

ROOT = Path(__file__).parents[2]
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
BOOK = Path(sys.executable).with_name("jupyter-book")
COPIED = (
    "companion",
    "optimlib",
    "tests",
    "pyproject.toml",
    "README.md",
    "_config.yml",
)
KEPT = ("__pycache__", ".ipynb_checkpoints", ".pytest_cache")
HOME = "# Home\n\nA page.\n\n```{chapter-cards}\n```\n"
# The live figures of which others speak; to draw all would take a fifth of the book's time.
FIGURES = ("correction", "neurons", "race")
# Pages that list what is found.
PAGES = ("api.md", "equations.md", "claims.md", "live.ipynb", "references.bib")


def files(root):
    """What each file of a folder holds, by its path there."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).digest()
        for path in root.rglob("*")
        if path.is_file() and not set(KEPT) & set(path.parts)
    }


def run(root, *command):
    """Run a command in the copy, on the copy's packages."""
    path = os.pathsep.join([str(root), str(root / "tests")])
    env = {**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "PYTHONUTF8": "1"}
    return subprocess.run(
        command,
        cwd=root, env=env, check=False, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, encoding="utf-8",
    )  # fmt: skip


def done(root, *command):
    """The same, which must go well; what it said."""
    ran = run(root, *command)
    assert ran.returncode == 0, ran.stdout[-4000:]
    return ran.stdout


def small_copy(root):
    """Copy the project without its chapters and most of its live figures."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns(*KEPT))
        else:
            shutil.copy(source, root / name)
    (root / "chapters").mkdir()
    for name in PAGES:
        shutil.copy(ROOT / "chapters" / name, root / "chapters" / name)
    (root / "chapters/index.md").write_text(HOME, encoding="utf-8")
    for path in (root / "companion/exercises").glob("[a-z]*.py"):
        path.unlink()
    for path in (root / "companion/live").glob("*/*.py"):
        if path.stem == path.parent.name not in FIGURES:
            shutil.rmtree(path.parent)
    pages = [{"file": f"chapters/{Path(n).stem}"} for n in PAGES if n[-3:] != "bib"]
    contents = {
        "format": "jb-book",
        "root": "chapters/index",
        "parts": [
            {"caption": "Chapters", "numbered": 1, "chapters": []},
            {"caption": "Reference", "chapters": pages},
        ],
    }
    (root / "_toc.yml").write_text(yaml.safe_dump(contents), encoding="utf-8")
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    # Not every correction of the theme's HTML has something to correct in so small a book.
    settings["sphinx"]["config"]["companion_full_book"] = False
    (root / "_config.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The copy with all recipes followed, and the files that each of them touched."""
    root = tmp_path_factory.mktemp("copy")
    small_copy(root)
    touched, before = {}, files(root)
    for name, recipe in recipes.RECIPES.items():
        recipe(root)
        if name == "method":
            done(root, sys.executable, "-m", "companion.live")
        after = files(root)
        touched[name] = {path for path in after if before.get(path) != after[path]}
        before = after
    done(
        root, sys.executable, "-m", "companion.tools.notebooks", "chapters/short.ipynb"
    )
    return root, touched


@pytest.mark.parametrize("recipe", recipes.RECIPES)
def test_a_recipe_touches_at_most_four_files(followed, recipe):
    _, touched = followed
    assert 0 < len(touched[recipe]) <= 4, touched[recipe]


# The pages


@pytest.fixture(scope="module")
def site(followed):
    """The copy's site, built once."""
    root, _ = followed
    done(root, BOOK, "build", ".", "-q", "--keep-going")
    return root / "_build/html"


def page(site, name):
    """A page's text."""
    return (site / name).read_text(encoding="utf-8")


def test_the_method_is_on_the_api_page_and_in_the_race(site):
    assert 'id="optimlib.Shrinking"' in page(site, "chapters/api.html")
    scripts = (site / "_static/live").glob("*.js")
    assert any("Shrinking: {" in path.read_text(encoding="utf-8") for path in scripts)


def test_the_chapter_has_its_card_its_page_and_its_equation_on_the_list(site):
    cards = page(site, "chapters/index.html")
    assert 'href="short.html"' in cards and "5 minutes" in cards
    assert "How we checked" in page(site, "chapters/short.html")
    assert "short.html#equation-eq-short-twice" in page(site, "chapters/equations.html")


def test_the_exercises_are_on_the_chapters_page(site):
    shown = page(site, "chapters/short.html")
    for name in ("twice-a-number", "half-of-a-number"):
        assert re.findall(rf'data-exercise="{name}" data-outcome="([a-z ]+)"', shown) == [
            "not attempted", "right",
        ]  # fmt: skip


def test_the_live_figure_is_in_the_chapter_and_on_the_page_of_figures(site):
    for name in ("chapters/short.html", "chapters/live.html"):
        assert 'data-live="ramp"' in page(site, name), name


# The packages' lists

LISTS = """
import json
import optimlib
from companion import book, figures, live
from companion.grading import exercises
from companion.live.race import race
print(json.dumps([
    ["Shrinking" in found for found in (optimlib.__all__, figures.LOOKS, race.METHODS)],
    [path.stem for path in book.course()],
    list(exercises()),
    live.Ramp.__name__,
]))
"""


def test_the_packages_have_each_of_them_in_their_lists(followed):
    root, _ = followed
    assert json.loads(done(root, sys.executable, "-c", LISTS).splitlines()[-1]) == [
        [True, True, True], ["short"], ["twice-a-number", "half-of-a-number"], "Ramp",
    ]  # fmt: skip


# The tests that guard them

GUARDS = {
    "method": (
        ["tests/optimlib/test_docstrings.py", "tests/optimlib/test_optimizers.py"],
        "Shrinking and (docstring or args or first_step or arguments)",
        ("optimlib/optimizers/rprop.py", r"\frac{1}{2} w_{t-1}", r"\frac{1}{3} w_{t-1}"),
        "Shrinking is not proved",
    ),
    "chapter": (
        ["tests/companion/checks/test_coverage.py"],
        "short and checked",
        ("chapters/short.ipynb", "$$y = 2 x$$", "$$y = 2 x$$ (eq-unchecked)\\n\\n$$y = 2 x$$"),
        "eq-unchecked",
    ),
    "exercise": (
        ["tests/companion/grading/test_exercises.py"],
        "twice-a-number",
        ("companion/exercises/short.py", "return x * x", "return x + x"),
        "the number were squared",
    ),
    "live_figure": (
        ["tests/companion/live/test_live.py"],
        "ramp",
        ("companion/live/ramp/ramp.py", "(4.8, 2)", "(7.2, 2)"),
        "test_a_still_is_narrow_enough",
    ),
}  # fmt: skip


def guarded(root):
    """Run the guards' tests of what was added, in the copy: (exit code, what was said)."""
    paths = [path for paths, *_ in GUARDS.values() for path in paths]
    chosen = " or ".join(f"({one})" for _, one, *_ in GUARDS.values())
    ran = run(root, *PYTEST, *paths, "-k", chosen)
    return ran.returncode, ran.stdout


@pytest.fixture(scope="module")
def verdicts(followed):
    """What the guards say of the copy as it is, and with something wrong in each new thing."""
    root, _ = followed
    right = guarded(root)
    faults = [fault for _, _, fault, _ in GUARDS.values()]
    for file, old, new in faults:
        recipes.replace(root / file, old, new)
    wrong = guarded(root)
    for file, old, new in faults:
        recipes.replace(root / file, new, old)
    return right, wrong


def test_the_guards_find_all_of_it_right(verdicts):
    code, said = verdicts[0]
    assert code == 0, said[-4000:]


@pytest.mark.parametrize("kind", GUARDS)
def test_the_guard_of_its_kind_finds_what_is_wrong(verdicts, kind):
    code, said = verdicts[1]
    assert code == 1 and GUARDS[kind][-1] in said
