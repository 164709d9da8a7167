"""The project's promises about itself: pins, commands, vendored files, the wheel that the site serves."""

import re
import subprocess
import tomllib
import zipfile

import pytest
from packaging.requirements import Requirement
from sphinxcontrib.katex import katex_version


@pytest.fixture(scope="module")
def pins(root):
    """Each pinned version by name."""
    lines = (root / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [
        Requirement(line)
        for line in lines
        if line and not line.lstrip().startswith("#")
    ]
    return {one.name.lower(): one for one in wanted}


def test_every_requirement_is_pinned_exactly(root, pins):
    """One version each, and no address of a package index."""
    assert all(re.fullmatch(r"==[^,*]+", str(one.specifier)) for one in pins.values())
    assert not re.search(
        r"https?://|--(extra-)?index|--find-links",
        (root / "requirements.txt").read_text(encoding="utf-8"),
    )


def test_pins_agree_with_pyproject(root, pins):
    """Each dependency of each extra is pinned, at a version that pyproject.toml allows."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    extras = project["optional-dependencies"]
    assert all("==" in line for line in extras.pop("parity"))  # pinned there, for size
    groups = [project["dependencies"], *extras.values()]
    for wanted in (Requirement(line) for group in groups for line in group):
        if wanted.name == project["name"]:
            continue
        assert wanted.name.lower() in pins, (
            f"{wanted.name} is not in requirements.txt: run `make requirements`"
        )
        version = str(pins[wanted.name.lower()].specifier).removeprefix("==")
        assert wanted.specifier.contains(version, prereleases=True), (
            f"{wanted} is pinned at {version}"
        )


def test_workflow_and_readme_name_the_same_two_commands(root):
    """What CI runs is what the README says."""
    workflow = (root / ".github/workflows/book.yml").read_text(encoding="utf-8")
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert "run: make book" in workflow and "run: .ci/run" in workflow
    assert "make test" in (root / ".ci/run").read_text(encoding="utf-8")
    assert all(
        command in readme
        for command in (
            "make book",
            "make test",
            ".ci/run",
            "companion.tools.notebooks",
        )
    )
    assert (
        subprocess.run(["bash", "-n", str(root / ".ci/run")], check=False).returncode
        == 0
    )


def test_vendored_style_sheet_fits_the_renderer(root):
    """KaTeX's style sheet and the renderer must be of one version, and every font that it names be there."""
    vendor = root / "companion/site/vendor/katex"
    css = (vendor / "katex.min.css").read_text(encoding="utf-8")
    assert f'content:"{katex_version}"' in css
    assert not [
        font
        for font in re.findall(r"url\(([^)]+)\)", css)
        if not (vendor / font).exists()
    ]


def test_site_serves_the_wheel_that_the_home_page_names(site):
    """The wheel holds both packages and the chapters."""
    (wheel,) = (site / "dist").glob("*.whl")
    assert wheel.name in (site / "chapters/index.html").read_text(encoding="utf-8")
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "optimlib/__init__.py",
        "companion/checks/claims.yaml",
        "companion/site/assets/companion.css",
    ):
        assert wanted in names
    assert [
        name for name in names if re.fullmatch(r"companion/chapters/\w+\.ipynb", name)
    ]
    assert not [name for name in names if "__pycache__" in name]
