"""Figures that follow the page's light or dark theme, and the looks that they share."""

from companion.figures.looks import (
    COLORS,
    LOOKS,
    METHODS,
    NAMES,
    OTHERS,
    SERIES,
    color,
    line,
    look,
    rank,
)
from companion.figures.style import svg, use

__all__ = [
    "COLORS",
    "LOOKS",
    "METHODS",
    "NAMES",
    "OTHERS",
    "SERIES",
    "color",
    "line",
    "look",
    "rank",
    "svg",
    "use",
]
