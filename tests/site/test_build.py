"""Small books, built with the book's own settings: faults fail the build, and what a setting switches on shows."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml

from companion.site import fingerprint
from companion.tools import notebooks

BAD = {
    "latex": "# Latex\n\nA formula that KaTeX refuses: $\\frac{1}$.\n",
    "command": "# Command\n\n$$\\nosuchcommand + 1$$ (eq-no)\n",
    "name": "# Name\n\n```{eval-rst}\nLike `NoSuchMethod`, not like `no_such_argument`.\n```\n",
    "link": "# Link\n\nTo [nowhere](nowhere.md), to {eq}`eq-nowhere`, to {term}`nothing of the kind`.\n",
}
QUIZ = """:::{quiz} quiz-%s

A question?
%s
<details><summary>Answers</summary>

%s

</details>

:::
"""
TWO, OTHER = "\n1. One\n2. Two\n", "\n- otherwise: Wrong. A hint."
# What is wrong with a quiz: its choices, its answers, what is said of it.
QUIZZES = {
    "bare": (TWO, "1. Right. So.\n2. No.", "an answer is 'No.'; allowed: to begin with"),
    "silent": (TWO, "1. Right. So.\n2. Wrong.", "the answer 'Wrong.' has no explanation"),
    "hopeless": (TWO, "1. Wrong. So.\n2. Wrong. So.", "no answer is right"),
    "easy": (TWO, "1. Right. So.\n2. Right. So.", "no choice is wrong"),
    "short": (TWO, "1. Right. So.", "choices: 2, answers: 1"),
    "long": (TWO + "\n   More.\n", "1. Wrong. So.\n2. Right. So.", "a choice is not one paragraph"),
    "mute": (TWO + "3. $x$\n", "1. Wrong. So.\n2. Right. So.\n3. Wrong. So.", "a choice is a formula without words"),
    "unlisted": (TWO, "Right. So.", "allowed: a question, then <details><summary>Answers</summary>, a numbered list"),
    "pointless": ("", f"- 1: Right. So.{OTHER}", "an answer is '1: Right. So.'; allowed"),
    "worded": ("", f"- one ± 0: Right. So.{OTHER}", "one ± 0 is not two numbers"),
    "negative": ("", f"- 1 ± -1: Right. So.{OTHER}", "the tolerance is -1; allowed: 0 or more"),
    "narrow": ("", f"- 2.62 ± 0.001: Right. So.{OTHER}", "the tolerance of 2.62 is 0.001; allowed: 0, or at least 0.005"),
    "powered": ("", f"- 1e-3 ± 0: Right. So.{OTHER}", "the right number is 1e-3; allowed: at most 5 decimals"),
    "double": ("", f"- 1 ± 0.1: Right. So.\n- 1.2 ± 0.1: Wrong. So.{OTHER}", "two answers hold for 1.1"),
    "open": ("", "- 1 ± 0: Right. So.", "the last answer, and no other, begins with 'otherwise:'"),
    "any": ("", "- 1 ± 0: Right. So.\n- otherwise: Right. So.", "'otherwise' is right"),
}  # fmt: skip
BAD["quizzes"] = "# Quizzes\n\n" + "\n".join(
    QUIZ % (name, choices, answers) for name, (choices, answers, _) in QUIZZES.items()
)


def quiz_faults():
    """What the build says of each bad quiz, with the line at which it begins."""
    lines = BAD["quizzes"].splitlines()
    for name, (*_, said) in QUIZZES.items():
        line = lines.index(f":::{{quiz}} quiz-{name}") + 1
        yield f"quizzes.md:{line}: ERROR: the quiz 'quiz-{name}': {said}"


PATIENCE = 3600  # s; only what hangs takes so long
CHECK = '<p class="companion-check" data-equation="{0}">✓ <a href="#equation-{0}">{0}</a> holds</p>'


def chapter(latex, checks):
    """A notebook with labelled equations and the stored outputs of checks."""
    outputs = [
        nbformat.v4.new_output(
            "display_data", data={"text/plain": "✓", "text/html": CHECK.format(label)}
        )
        for label in checks
    ]
    cells = [
        nbformat.v4.new_markdown_cell(f"# Chapter\n\n{latex}", id="text"),
        nbformat.v4.new_code_cell(
            "holds(...)", outputs=outputs, execution_count=1, id="code"
        ),
    ]
    return nbformat.writes(
        nbformat.v4.new_notebook(cells=cells, metadata=dict(notebooks.KERNEL))
    )


def book(root, folder, files, url="", address="", full=False):
    """Write a small book with the real book's settings; a full one must have a place for each correction of the HTML."""
    settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    settings["repository"]["url"], settings["bibtex_bibfiles"] = url, ["none.bib"]
    settings.pop("logo")
    settings["html"].pop("favicon")
    settings["html"]["baseurl"] = address
    settings["sphinx"]["config"]["companion_full_book"] = full
    contents = {
        "format": "jb-book",
        "root": "index",
        "chapters": [{"file": name.split(".")[0]} for name in files],
    }
    (folder / "_config.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    (folder / "_toc.yml").write_text(yaml.safe_dump(contents), encoding="utf-8")
    for name, text in {
        "index.md": "# Home\n\nA page.\n",
        "none.bib": "",
        **files,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")


def build(folder):
    """Start building a small book, in the way of the Makefile."""
    command = [
        Path(sys.executable).with_name("jupyter-book"),
        "build",
        ".",
        "-W",
        "-n",
        "--keep-going",
    ]
    streams = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.STDOUT,
        "text": True,
        "encoding": "utf-8",
    }
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1"},
        **streams,
    )


@pytest.fixture(scope="module")
def built(root, tmp_path_factory):
    """A book full of faults and a sound one with a repository: (exit code, what was said, folder) of each."""
    bad, good = tmp_path_factory.mktemp("bad"), tmp_path_factory.mktemp("good")
    quiz = QUIZ % ("notebook", TWO, QUIZZES["easy"][1])
    unchecked = chapter(
        f"$$a = b$$ (eq-a)\n\n$$c = d$$ (eq-c)\n\n{quiz}", ["eq-a", "eq-other"]
    )
    book(
        root,
        bad,
        {f"{name}.md": text for name, text in BAD.items()}
        | {"unchecked.ipynb": unchecked},
        full=True,
    )
    sound = chapter("$$a = b$$ (eq-a)", ["eq-a", "eq-a"])
    book(
        root,
        good,
        {"sound.ipynb": sound},
        url="https://github.com/someone/somebook",
        address="https://someone.example/somebook",
    )
    running = {"bad": (build(bad), bad), "good": (build(good), good)}
    said = {
        name: process.communicate(timeout=PATIENCE)[0]
        for name, (process, _) in running.items()
    }
    return {
        name: (process.returncode, said[name], folder)
        for name, (process, folder) in running.items()
    }


@pytest.mark.parametrize(
    "fault",
    [
        "latex.md:3: WARNING: bad LaTeX: KaTeX parse error: Unexpected end of input",
        "Undefined control sequence: \\nosuchcommand",
        "reference target not found: NoSuchMethod",
        "nowhere",
        "eq-nowhere",
        "nothing of the kind",
        "the equation 'eq-c' has no check on its page",
        "a check names 'eq-other', which is no labelled equation",
        *quiz_faults(),
        "Extension error:",
        "corrections of the HTML find nothing on any page",
        ' role="doc-biblioentry"',
        "unchecked.ipynb:10008: ERROR: the quiz 'quiz-notebook': no choice is wrong",
    ],
)
def test_a_fault_fails_the_build(built, fault):
    """Each fault is named, and any of them makes the exit code 1."""
    code, said, _ = built["bad"]
    assert code != 0
    assert fault in said.replace("\\\\", "\\")


def test_buttons_follow_the_repository_address(built):
    """With an address, a chapter offers Colab, Binder, the repository, its source and an issue."""
    code, said, folder = built["good"]
    assert code == 0, said
    html = (folder / "_build/html/sound.html").read_text(encoding="utf-8")
    for address in (
        "https://colab.research.google.com/github/someone/somebook/blob/main/sound.ipynb",
        "https://mybinder.org/v2/gh/someone/somebook/main",
        'href="https://github.com/someone/somebook"',
        "https://github.com/someone/somebook/edit/main/sound.ipynb",
    ):
        assert address in html


def test_sitemap_and_cards_follow_the_sites_address(built):
    """With an address the sitemap lists each page, and cards and 404.html name whole addresses."""
    _, _, folder = built["good"]
    html = folder / "_build/html"
    listed = (html / "sitemap.xml").read_text(encoding="utf-8")
    for name in ("index.html", "sound.html"):
        assert f"<loc>https://someone.example/somebook/{name}</loc>" in listed
    page = (html / "sound.html").read_text(encoding="utf-8")
    assert 'content="https://someone.example/somebook/_static/cards/sound.png"' in page
    assert 'rel="canonical" href="https://someone.example/somebook/sound.html"' in page
    assert '<base href="/somebook/">' in (html / "404.html").read_text(encoding="utf-8")


def test_an_edited_output_shows_at_the_next_build(built):
    """The second check of an equation has an id of its own, a changed notebook is not served stale, and no page is corrected twice."""
    _, _, folder = built["good"]
    page = folder / "_build/html/sound.html"
    assert 'id="check-eq-a-2"' in page.read_text(encoding="utf-8")
    notebook = folder / "sound.ipynb"
    stored = json.loads(notebook.read_text(encoding="utf-8"))
    stored["cells"][1]["outputs"].pop()
    notebook.write_text(json.dumps(stored), encoding="utf-8")
    again = build(folder)
    said, _ = again.communicate(timeout=PATIENCE)
    assert again.returncode == 0, said
    assert 'id="check-eq-a-2"' not in page.read_text(encoding="utf-8")
    for name in ("sound", "index", "search"):
        html = page.with_stem(name).read_text(encoding="utf-8")
        assert html.count('role="complementary" aria-label="Book"') == 1
        assert html.count("_static/site.css?") == 1


def test_a_change_of_the_machinery_makes_every_page_stale(root, tmp_path, monkeypatch):
    """The claims' text, the extension and the contents all count."""
    package = tmp_path / "companion"
    (package / "site").mkdir(parents=True)
    files = [
        package / "claims.yaml",
        package / "site" / "checks.py",
        tmp_path / "_toc.yml",
    ]
    for file in files:
        file.write_text("before", encoding="utf-8")
    monkeypatch.setattr(fingerprint, "PACKAGE", package)
    seen = {fingerprint.fingerprint(tmp_path)}
    for file in files:
        file.write_text("after", encoding="utf-8")
        seen.add(fingerprint.fingerprint(tmp_path))
    assert len(seen) == 4
