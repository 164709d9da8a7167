"""The card that a shared link shows: the page's title, and a path that descends to a minimum, as in the logo."""

import io
import math
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

from companion.figures import COLORS

SIZE = (1200, 630)
FONT = Path(__file__).parents[1] / "vendor" / "source-sans" / "latin-normal.woff2"
LEVELS = [(34, 34, 28, 20), (36, 36, 19, 12.5), (38, 38, 10, 6)]  # as in logo.svg
PATH = [(9, 9), (19, 27), (26, 21), (31, 34), (36, 31), (38, 38)]
ORANGE = "#d9480f"
FINE = 2  # drawn so many times larger, for smooth edges


def draw(title: str, book: str, path: Path) -> None:
    """Draw a page's card and write it as a PNG."""
    image = Image.new("RGB", (SIZE[0] * FINE, SIZE[1] * FINE), COLORS["paper"][0])
    canvas = ImageDraw.Draw(image)
    landscape(canvas)
    canvas.rectangle((0, 0, 16 * FINE, SIZE[1] * FINE), fill=COLORS["blue"][0])
    size, lines = fit(title, 640 * FINE)
    top = (SIZE[1] * FINE - len(lines) * 1.15 * size) / 2
    for i, line in enumerate(lines):
        where = (80 * FINE, top + i * 1.15 * size)
        canvas.text(where, line, font=font(size, 700), fill=COLORS["ink"][0])
    if title != book:
        where = (80 * FINE, (SIZE[1] - 100) * FINE)
        canvas.text(where, book, font=font(34 * FINE, 400), fill=COLORS["muted"][0])
    path.parent.mkdir(parents=True, exist_ok=True)
    small = image.resize(SIZE, Image.Resampling.LANCZOS)
    small.quantize(64).save(path, optimize=True)


def landscape(canvas: ImageDraw.ImageDraw) -> None:
    """Draw level lines and a path to the minimum at the right."""

    def place(x: float, y: float) -> tuple[float, float]:
        return (700 + 8.2 * x) * FINE, (50 + 8.2 * y) * FINE

    turn = math.radians(-24)
    for x, y, a, b in LEVELS:
        around = [2 * math.pi * i / 180 for i in range(181)]
        line = [
            place(
                x + a * math.cos(u) * math.cos(turn) - b * math.sin(u) * math.sin(turn),
                y + a * math.cos(u) * math.sin(turn) + b * math.sin(u) * math.cos(turn),
            )
            for u in around
        ]
        canvas.line(line, fill=COLORS["faint"][0], width=12 * FINE, joint="curve")
    way = [place(x, y) for x, y in PATH]
    canvas.line(way, fill=ORANGE, width=22 * FINE, joint="curve")
    for (u, v), radius in ((way[0], 11), (way[-1], 26)):
        box = (
            u - radius * FINE,
            v - radius * FINE,
            u + radius * FINE,
            v + radius * FINE,
        )
        canvas.ellipse(box, fill=ORANGE)


def fit(title: str, width: int) -> tuple[int, list[str]]:
    """Return the largest size at which a title takes at most four lines of this width, and the lines."""
    for size in range(84 * FINE, 40 * FINE, -4 * FINE):
        lines = [""]
        for word in title.split():
            longer = f"{lines[-1]} {word}".strip()
            if font(size, 700).getlength(longer) <= width or not lines[-1]:
                lines[-1] = longer
            else:
                lines.append(word)
        if len(lines) <= 4 and all(
            font(size, 700).getlength(x) <= width for x in lines
        ):
            break
    return size, lines


@cache
def typeface() -> bytes:
    """Return the book's typeface in the form that Pillow reads."""
    face = TTFont(FONT)
    face.flavor = None
    data = io.BytesIO()
    face.save(data)
    return data.getvalue()


@cache
def font(size: int, weight: int) -> ImageFont.FreeTypeFont:
    """Return the typeface at a size in px and a weight."""
    face = ImageFont.truetype(io.BytesIO(typeface()), size)
    face.set_variation_by_axes([weight])
    return face
