"""The book's typeface in figures: cut from the site's fonts, and drawn with."""

import io

import pytest
from fontTools.ttLib import TTFont
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont

from companion import figures
from companion.figures import fonts
from companion.figures.fonts import __main__ as cutting


@pytest.mark.parametrize("style", cutting.STYLES)
def test_a_font_is_what_the_script_makes(style):
    """Its outlines, characters and widths: how they are packed is fontTools' affair."""
    kept = TTFont(fonts.FOLDER / f"{style.lower()}.ttf")
    made = TTFont(io.BytesIO(cutting.made(style, *cutting.STYLES[style])))
    assert kept.getBestCmap() == made.getBestCmap()
    assert kept["hmtx"].metrics == made["hmtx"].metrics
    assert kept["glyf"].glyphs.keys() == made["glyf"].glyphs.keys()
    assert all(kept["glyf"][name] == made["glyf"][name] for name in made["glyf"].glyphs)


def test_it_has_the_letters_of_the_book():
    letters = TTFont(fonts.FOLDER / "italic.ttf").getBestCmap()
    assert {ord(letter) for letter in "azAZ09βηθμσε−×·…’é"} <= letters.keys()


def test_figures_are_written_in_it():
    fonts.register()
    for style, weight, file in (("normal", 400, "regular"), ("italic", 400, "italic"), ("normal", "bold", "bold")):  # fmt: skip
        found = findfont(f"{fonts.FAMILY}:style={style}:weight={weight}")
        assert found == str(fonts.FOLDER / f"{file}.ttf")
    figures.use()
    figure = Figure()
    figure.subplots().set(title="A title with $m_t$", xlabel="step $t$", ylabel="loss")
    assert "DejaVu" not in figures.svg(figure)
