"""The recipes of CONTRIBUTING.md, followed: what is written into which file of a copy of the project."""

import nbformat
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

METHOD = '''

class Shrinking(Optimizer):
    r"""Sign descent whose weights shrink by half before each step.

    .. math::

        w_t = \\frac{1}{2} w_{t-1} - \\eta \\operatorname{sgn}(g_t)

    Args:
        lr: learning rate :math:`\\eta`.

    Example:
        >>> Shrinking(lr=0.5).step([4.0], [3.0])
        array([1.5])

    Source:
        The slides "Optimization for Deep Learning".

    Elsewhere:
        torch and optax have none.
    """

    sparse = True
    lr: Value = rate(0.01)

    @staticmethod
    def rule(w, g, t, lr):
        return (0.5 * w - lr * np.sign(g),)
'''
WITNESS = '''

def shrinking(w, g, *, lr):
    """The weights are halved before each step."""
    points = [mpf(w)]
    for t, g_t in steps(g):
        points.append(points[-1] / 2 - rate(lr, t) * sign(g_t))
    return points
'''
FIRST_EXERCISE = '''"""Exercises of the chapter "A short one"."""

from companion.grading.exercise import exercise


@exercise("Twice a number", hints=("Add it to itself.",))
def twice_a_number(x):
    """Twice the number."""
    return 2 * x


@twice_a_number.inputs
def _(rng):
    return {"x": rng.uniform(1, 2)}


twice_a_number.smallest(x=3.0)


@twice_a_number.mistake("the number were squared")
def _(x):
    return x * x
'''
SECOND_EXERCISE = '''

@exercise("Half of a number", hints=("Divide by two.",))
def half_of_a_number(x):
    """Half of the number."""
    return x / 2


@half_of_a_number.inputs
def _(rng):
    return {"x": rng.uniform(1, 2)}


half_of_a_number.smallest(x=3.0)


@half_of_a_number.mistake("the number were doubled")
def _(x):
    return 2 * x
'''
FIGURE = '''"""A ramp, operated."""

from typing import Any, ClassVar

from matplotlib.figure import Figure

from companion.live import Live, Number


class Ramp(Live):
    """A line from (0, 0) to (1, slope).

    >>> Ramp(slope=2)
    Ramp(slope=2.0)
    """

    title = "A ramp"
    about = "The larger the slope, the steeper the line."
    heights: ClassVar[tuple[int, int]] = (300, 330)
    caption = "A line whose slope you set."
    alt = "A line that rises from the lower left to the upper right."
    slope = Number(1, 0.1, 10)

    @classmethod
    def constants(cls) -> dict[str, Any]:
        """The highest point."""
        return {"highest": 10}

    def draw(self, figure: Figure) -> None:
        """Draw the line."""
        figure.set_size_inches(4.8, 2)
        figure.subplots().plot([0, 1], [0, self.slope])
'''
PROGRAM = """// uses: kit
// A ramp: a line whose slope the reader sets.

const render = ({ model, el }) => {
  const fig = figure(model, el, { keys: ["slope"] });
  fig.slider("slope", { label: "Slope", min: 0.1, max: 10, step: 0.1 });
  const panel = fig.panel(fig.row(), { height: 200 });
  const { highest } = fig.constants;
  return fig.start(() => panel.draw(
    { title: "A ramp", label: `A line of slope ${fig.get("slope")}`, x: [0, 1], y: [0, highest] },
    (X, Y) => [mark("path", { class: "line", d: path([[X(0), Y(0)], [X(1), Y(fig.get("slope"))]]) })],
  ));
};

export default { render };
"""
TITLE = "# A short one\n\n:::{opening}\n:time: 5 minutes\n:needs: Nothing\n\n- double a number\n- halve it\n- see a line\n:::"
STARTER = "def {0}(x):\n    return ...\n\n\ncheck({0})"
SOLUTION = "def {0}(x):\n    return {1}\n\n\ncheck({0})"
ABOUT = {"html_meta": {"description lang=en": "A chapter of a few lines."}}


def method(root):
    """Add a method to a family."""
    append(root / "optimlib/optimizers/rprop.py", METHOD)
    replace(
        root / "optimlib/optimizers/rprop.py",
        '["SignSGD", ',
        '["SignSGD", "Shrinking", ',
    )
    append(root / "tests/optimlib/papers.py", WITNESS)


def chapter(root):
    """Add a chapter of one equation and one exercise."""
    cells = [
        new_markdown_cell(
            f"{TITLE}\n\n## The question\n\n$$y = 2 x$$ (eq-short-twice)"
        ),
        new_code_cell("from companion import check, holds"),
        new_code_cell('# A sum is taken.\nholds("eq-short-twice", 3.0 + 3.0, x=3.0)'),
        new_markdown_cell("## Exercises"),
    ]
    notebook = new_notebook(cells=cells, metadata={"myst": ABOUT})
    write(root, notebook)
    add_exercise(root, "twice_a_number", "2 * x")
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    contents["parts"][0]["chapters"].append({"file": "chapters/short"})
    (root / "_toc.yml").write_text(yaml.safe_dump(contents), encoding="utf-8")
    append(root / "companion/exercises/short.py", FIRST_EXERCISE)


def exercise(root):
    """Add an exercise to a chapter."""
    add_exercise(root, "half_of_a_number", "x / 2")
    append(root / "companion/exercises/short.py", SECOND_EXERCISE)


def live_figure(root):
    """Add a live figure, and show it in a chapter."""
    folder = root / "companion/live/ramp"
    folder.mkdir()
    append(folder / "ramp.py", FIGURE)
    append(folder / "ramp.js", PROGRAM)
    append(folder / "ramp.css", ".ramp .line { stroke-width: 3px; }\n")
    notebook = read(root)
    figure = {"figure": {"name": "fig-ramp"}}
    source = "from companion.live import Ramp\n\nRamp()"
    notebook.cells.insert(3, new_code_cell(source, metadata={"mystnb": figure}))
    write(root, notebook)


RECIPES = {each.__name__: each for each in (method, chapter, exercise, live_figure)}


def add_exercise(root, name, answer):
    """Add the cells of an exercise to the notebook."""
    notebook = read(root)
    title = name.replace("_", " ")
    notebook.cells += [
        new_markdown_cell(f"```{{exercise}} {title}\nDo it.\n```"),
        new_code_cell(STARTER.format(name)),
        new_code_cell(SOLUTION.format(name, answer), metadata={"tags": ["solution"]}),
    ]
    write(root, notebook)


def read(root):
    """The short chapter."""
    return nbformat.read(root / "chapters/short.ipynb", as_version=4)


def write(root, notebook):
    """Write the short chapter, its cells named by their places."""
    for place, cell in enumerate(notebook.cells):
        cell.id = f"short-{place:03}"
    text = nbformat.writes(notebook) + "\n"
    (root / "chapters/short.ipynb").write_text(text, encoding="utf-8", newline="\n")


def append(path, text):
    """Write at the end of a file, which may be new."""
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(text)


def replace(path, old, new):
    """Change a text that stands once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, (
        f"{old!r} stands {text.count(old)} times in {path.name}"
    )
    path.write_text(text.replace(old, new), encoding="utf-8", newline="\n")
