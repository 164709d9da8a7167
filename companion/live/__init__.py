"""Figures that the reader operates: live in Jupyter, and on the static page without a kernel.

A figure is a folder: NAME/NAME.py has its class, whose traits are its whole state, NAME/NAME.js draws it, and what else
lies there belongs to it. The first lines of its JavaScript name what it shares with others: `// uses: kit, optimlib`.
`kit/` is what several figures use (kit.js begins with what it offers), `generated/` is written from Python's texts by
`python -m companion.live`. Figures are found by their folders: `from companion.live import Correction`, the smallest one.
"""

import math
import re
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakValueDictionary

import anywidget
import ipywidgets
import matplotlib as mpl
import traitlets
from matplotlib.figure import Figure

from companion import figures
from optimlib.problems import Surface

HERE = Path(__file__).parent
PREFIX = "live-"
# Where the files are that figures share.
SHARED = (HERE / "generated", HERE / "kit")
STUB = 'export default { render: ({ el }) => el.append("Run this cell to bring the figure to life.") };\n'
USES = re.compile(r"^// uses: (.+)$", re.MULTILINE)
# The marker of each method in matplotlib's letters, in the words of kit.js.
MARKERS = {
    "o": "circle", "s": "square", "D": "diamond", "^": "up", "v": "down", "P": "plus",
}  # fmt: skip


class Number(traitlets.Float[float, float]):
    """A finite number between two bounds, both allowed; `whole` wants a whole one."""

    def __init__(
        self, default: float, low: float, high: float, whole: bool = False
    ) -> None:
        super().__init__(default)
        self.low, self.high, self.whole = low, high, whole
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the number, as an int where it is to be whole. Raises TraitError."""
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        fits = number and math.isfinite(value) and self.low <= value <= self.high
        if not fits or (self.whole and value != int(value)):
            kind = "a whole number" if self.whole else "a number"
            raise traitlets.TraitError(
                f"{self.name} is {value!r}; "
                f"allowed: {kind} from {self.low} to {self.high}"
            )
        return int(value) if self.whole else float(value)


class Choice(traitlets.Unicode[str, str | bytes]):
    """One of these words; the first is the default."""

    def __init__(self, *words: str) -> None:
        super().__init__(words[0])
        self.words = words
        self.tag(sync=True)

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the word. Raises TraitError."""
        if value not in self.words:
            raise traitlets.TraitError(
                f"{self.name} is {value!r}; "
                f"allowed: {' or '.join(map(repr, self.words))}"
            )
        return value


class Live(anywidget.AnyWidget):
    """A figure that the reader operates; a subclass is one figure.

    Its traits with `sync=True` are its whole state; they are also its keyword arguments. A wrong one raises TraitError,
    or TypeError if there is no such trait.
    """

    # What it is called, and a sentence or two about it, in Markdown, for the page that has all figures.
    title: ClassVar[str]
    about: ClassVar[str]
    # What it needs of the page, in CSS pixels: on a wide column, on a narrow one.
    heights: ClassVar[tuple[int, int]]
    # What stands under it, in Markdown, and what its still shows, in words.
    caption: ClassVar[str]
    alt: ClassVar[str]
    # Those that its JavaScript finds in SURFACES, besides the other figures'.
    surfaces: ClassVar[Mapping[str, Surface]] = {}
    _constants = traitlets.Dict().tag(sync=True)
    _shown: ClassVar[WeakValueDictionary[str, "Live"]] = WeakValueDictionary()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Join the figure's files."""
        if "title" in cls.__dict__:
            files = parts(cls.__name__.lower())
            cls._esm = text(files, ".js")
            cls._css = palette() + text(files, ".css")
        super().__init_subclass__(**kwargs)

    def __init__(self, **state: Any) -> None:
        name = type(self).__name__
        unknown = state.keys() - self.class_state()
        if unknown:
            raise TypeError(
                f"{name} has no {', '.join(sorted(unknown))}; "
                f"allowed: {', '.join(self.class_state())}"
            )
        model_id = PREFIX + name.lower()
        # The ids are fixed, so that a notebook's outputs stay the same: a figure made again replaces its former self.
        former = Live._shown.get(model_id)
        if former is not None:
            former.close()
        layout = ipywidgets.Layout(model_id=f"{model_id}-layout")
        super().__init__(model_id=model_id, layout=layout, **state)
        Live._shown[model_id] = self

    @classmethod
    def constants(cls) -> dict[str, Any]:
        """What JavaScript is told that is no state and never changes; a list where order counts."""
        return {}

    @classmethod
    def told(cls) -> dict[str, Any]:
        """The constants with the title, as JavaScript gets them."""
        return {"title": cls.title, **cls.constants()}

    @traitlets.default("_constants")
    def _told(self) -> dict[str, Any]:
        return self.told()

    @classmethod
    def class_state(cls) -> list[str]:
        """The names of the traits that are this figure's state."""
        return [
            name
            for name, trait in cls.class_traits(sync=True).items()
            if issubclass(trait.this_class, Live) and not name.startswith("_")
        ]

    def state(self) -> dict[str, Any]:
        """The figure's state: each trait's value by its name."""
        return {name: getattr(self, name) for name in self.class_state()}

    def close(self) -> None:
        """Close the figure and its layout."""
        super().close()
        self.layout.close()

    def __repr__(self) -> str:
        """The call that makes this figure: nothing in it changes from run to run."""
        state = ", ".join(f"{name}={value!r}" for name, value in self.state().items())
        return f"{type(self).__name__}({state})"

    def draw(self, figure: Figure) -> None:
        """Draw the state as it is on a still figure, for readers without JavaScript."""
        raise NotImplementedError(f"{type(self).__name__} has no draw")

    def still(self) -> str:
        """The still figure, as SVG. The page's loader puts the live one in its place."""
        with mpl.rc_context():
            figures.use()
            figure = Figure()
            self.draw(figure)
            return figures.svg(figure)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = super()._repr_mimebundle_(**kwargs)
        assert bundle  # a figure always has a view
        data, metadata = bundle
        return {**data, "image/svg+xml": self.still()}, metadata


def names() -> list[str]:
    """The names of all figures: their folders'."""
    return sorted(
        path.parent.name
        for path in HERE.glob("*/*.py")
        if path.stem == path.parent.name
    )


def figure(name: str) -> type[Live]:
    """The class of a figure, by its folder's name. Raises KeyError where there is none."""
    if name not in names():
        raise KeyError(f"{name} is no live figure; allowed: {', '.join(names())}")
    module = import_module(f"{__name__}.{name}.{name}")
    (found,) = (
        one
        for one in vars(module).values()
        if isinstance(one, type)
        and issubclass(one, Live)
        and one.__name__.lower() == name
    )
    return found


def __getattr__(name: str) -> Any:
    """A figure's class by its name, as in `from companion.live import Race`."""
    if name.lower() in names():
        return getattr(import_module(f"{__name__}.{name.lower()}.{name.lower()}"), name)
    raise AttributeError(f"{__name__} has no {name}")


def parts(name: str) -> list[Path]:
    """The files that a figure is made of: what it uses, each after what that uses, then its own, the main one last."""
    own = [
        path
        for path in sorted((HERE / name).iterdir())
        if path.suffix in (".js", ".css")
    ]
    own.sort(key=lambda path: path.stem == name)
    found: dict[Path, None] = {}
    for path in own:
        _add_used(found, path)
    return [*found, *own]


def _add_used(found: dict[Path, None], path: Path) -> None:
    """Add the shared files that a file uses, in the order in which they must be read."""
    if path.suffix != ".js":
        return
    for used in used_by(path):
        files = [
            file
            for folder in SHARED
            for file in sorted(folder.glob(f"{used}.*"))
            if file.suffix in (".js", ".css")
        ]
        if not files:
            raise FileNotFoundError(
                f"{path.name} uses {used}; allowed: a file's name in {' or '.join(folder.name for folder in SHARED)}"
            )
        for file in files:
            _add_used(found, file)
            found[file] = None


def stub(name: str) -> dict[str, Any]:
    """What a notebook stores in the place of a figure's program and constants."""
    named = [part.relative_to(HERE).as_posix() for part in parts(name)]
    esm, css = (
        [part for part in named if part.endswith(end)] for end in (".js", ".css")
    )
    return {
        "_esm": f"// In companion/live: {', '.join(esm)}.\n{STUB}",
        "_css": f"/* In companion/live: {', '.join(css)}. */\n",
        "_constants": {},
    }


def used_by(path: Path) -> list[str]:
    """The names of the shared files that a JavaScript file says it uses."""
    said = USES.search(path.read_text(encoding="utf-8"))
    return said[1].split(", ") if said else []


def text(files: Iterable[Path], suffix: str) -> str:
    """The texts of those files that have a suffix, joined."""
    return "\n".join(
        file.read_text(encoding="utf-8") for file in files if file.suffix == suffix
    )


def palette() -> str:
    """The book's colours as variables for a figure's style sheet.

    They are the page's where there is one; in Jupyter they follow its theme.
    """
    light, dark = (
        " ".join(
            f"--live-{name}: var(--{name}, {pair[i]});"
            for name, pair in figures.COLORS.items()
        )
        for i in (0, 1)
    )
    return (
        f'.live-root, [data-jp-theme-light="true"] .live-root {{ {light} }}\n'
        f"@media (prefers-color-scheme: dark) {{ .live-root {{ {dark} }} }}\n"
        f'[data-jp-theme-light="false"] .live-root {{ {dark} }}\n'
    )


def looks(methods: Iterable[str]) -> dict[str, dict[str, str]]:
    """Each method's look, for JavaScript: its title, colour, dashes, marker."""
    return {method: _look(method) for method in methods}


def _look(method: str) -> dict[str, str]:
    color, dashes, marker = figures.line(method)
    return {
        "title": figures.NAMES.get(method, method),
        "color": color,
        "dash": _dash(dashes),
        "marker": MARKERS[marker],
    }


def _dash(dashes: str | tuple[int, tuple[int, int]]) -> str:
    if isinstance(dashes, tuple):
        return " ".join(str(2 * length) for length in dashes[1])
    return {"-": "", "--": "7 3", "-.": "7 2 1.5 2", ":": "2 3"}[dashes]
