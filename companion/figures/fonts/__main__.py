"""Cut the fonts anew: ``python -m companion.figures.fonts``."""

import io

from fontTools import subset
from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from companion.figures.fonts import FAMILY, FOLDER

SOURCE = FOLDER.parents[1] / "site" / "vendor" / "source-sans"
STYLES = {
    "Regular": ("normal", 400), "Italic": ("italic", 400), "Bold": ("normal", 650),
}  # fmt: skip


def main() -> None:
    """Write a font for each style."""
    for style, (slope, weight) in STYLES.items():
        (FOLDER / f"{style.lower()}.ttf").write_bytes(made(style, slope, weight))


def made(style: str, slope: str, weight: float) -> bytes:
    """Return one style's font file: its Latin and Greek letters at one weight."""
    parts = [static(script, slope, weight) for script in ("latin", "greek")]
    font = Merger().merge(parts)
    font["head"].created = font["head"].modified = 0
    font["OS/2"].usWeightClass = 700 if style == "Bold" else 400
    full = f"{FAMILY} {style}"
    names = {1: FAMILY, 2: style, 4: full, 6: full.replace(" ", "")}
    for number, name in names.items():
        font["name"].setName(name, number, 3, 1, 0x409)
    return written(font)


def static(script: str, slope: str, weight: float) -> io.BytesIO:
    """Return one script's letters at one weight, without hints and layout rules, which matplotlib does not read."""
    font = TTFont(SOURCE / f"{script}-{slope}.woff2", recalcTimestamp=False)
    font = instantiateVariableFont(font, {"wght": weight})
    options = subset.Options(hinting=False, layout_features=[], name_IDs=[0, 13, 14])
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "BASE", "STAT", "MVAR"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=font.getBestCmap())
    cutter.subset(font)
    font.flavor = None
    return io.BytesIO(written(font))


def written(font: TTFont) -> bytes:
    """Return a font's file."""
    data = io.BytesIO()
    font.recalcTimestamp = False
    font.save(data)
    return data.getvalue()


if __name__ == "__main__":
    main()
