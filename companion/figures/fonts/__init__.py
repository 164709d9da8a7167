"""The book's typeface for matplotlib, which reads neither the site's compressed fonts nor variable ones.

``python -m companion.figures.fonts`` cuts these from the site's (``companion/site/vendor/source-sans``). They go by a name of
their own, since Source Sans's licence keeps its name for the unchanged fonts.
"""

from pathlib import Path

from matplotlib import font_manager

FAMILY = "Companion Sans"
FOLDER = Path(__file__).parent


def register() -> None:
    """Make the fonts known to matplotlib by `FAMILY`."""
    for path in sorted(FOLDER.glob("*.ttf")):
        font_manager.fontManager.addfont(path)
