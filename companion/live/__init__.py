"""Figures that the reader operates: live in Jupyter, and on the static page without a kernel.

A figure is a small Python class, whose traits are its whole state, and a JavaScript file that draws it. `kit.js` and
`kit.css` are what all figures share; kit.js begins with what it offers. `correction` is the smallest example.
"""

import html
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakValueDictionary

import anywidget
import ipywidgets
import matplotlib as mpl
import traitlets
from matplotlib.figure import Figure

from companion import figures
from companion.checks.claims import curly

HERE = Path(__file__).parent
PREFIX = "live-"
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

    # The files that it is made of, in their order: JavaScript and style sheets.
    parts: ClassVar[tuple[str, ...]]
    # What it needs of the page, in CSS pixels: on a wide column, on a narrow one.
    heights: ClassVar[tuple[int, int]]
    # What stands under it, in HTML, and what its still shows, in words.
    caption: ClassVar[str]
    alt: ClassVar[str]
    _shown: ClassVar[WeakValueDictionary[str, "Live"]] = WeakValueDictionary()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Join the figure's files."""
        if "parts" in cls.__dict__:
            cls._esm = text(part for part in cls.parts if part.endswith(".js"))
            cls._css = palette() + text(p for p in cls.parts if p.endswith(".css"))
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
        """The still figure with its caption, as HTML. The page's loader replaces it."""
        wide, narrow = self.heights
        source = html.escape(self._svg().replace("%", "%25").replace("#", "%23"))
        return (
            f'<figure class="live" data-live="{type(self).__name__.lower()}" data-model="{self.model_id}" '
            f'style="--wide: {wide}px; --narrow: {narrow}px"><div class="live-place">'
            f'<img alt="{html.escape(self.alt)}" src="data:image/svg+xml,{source}"></div>'
            f"<figcaption>{curly(self.caption)}</figcaption></figure>"
        )

    def _svg(self) -> str:
        with mpl.rc_context():
            figures.use()
            figure = Figure()
            self.draw(figure)
            return figures.svg(figure)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = super()._repr_mimebundle_(**kwargs)
        assert bundle  # a figure always has a view
        data, metadata = bundle
        return {**data, "text/html": self.still()}, metadata


def text(parts: Iterable[str]) -> str:
    """The texts of some files of this folder, joined."""
    return "\n".join((HERE / part).read_text(encoding="utf-8") for part in parts)


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


def looks(
    methods: Mapping[str, Any] = figures.METHODS,
) -> dict[str, dict[str, str]]:
    """Each method's look, for JavaScript: its title, colour, dashes, marker."""
    return {
        method: {
            "title": figures.NAMES.get(method, method),
            "color": color,
            "dash": _dash(dashes),
            "marker": MARKERS[marker],
        }
        for method, (color, dashes, marker) in methods.items()
    }


def _dash(dashes: str | tuple[int, tuple[int, int]]) -> str:
    if isinstance(dashes, tuple):
        return " ".join(str(2 * length) for length in dashes[1])
    return {"-": "", "--": "7 3", "-.": "7 2 1.5 2", ":": "2 3"}[dashes]
