"""Figures that follow the page's light or dark theme.

They come out the same, byte for byte, in every run.
"""

import io
import re

import matplotlib as mpl
from cycler import cycler
from matplotlib.figure import Figure

from companion.figures import fonts
from companion.figures.looks import COLORS, SERIES, color


def use() -> None:
    """Take the book's style for every figure of this session.

    Figures are shown as themed SVG.
    """
    ink, paper, muted = color("ink"), color("paper"), color("muted")
    fonts.register()
    mpl.rcParams.update(
        {
            "svg.hashsalt": "companion", "svg.fonttype": "path", "figure.facecolor": paper, "axes.facecolor": paper,
            "savefig.facecolor": paper, "text.color": ink, "axes.labelcolor": ink, "axes.edgecolor": muted,
            "xtick.color": muted, "ytick.color": muted, "xtick.labelcolor": ink, "ytick.labelcolor": ink,
            "font.family": [fonts.FAMILY, "DejaVu Sans"], "mathtext.fontset": "custom", "mathtext.rm": fonts.FAMILY,
            "mathtext.cal": fonts.FAMILY, "mathtext.sf": fonts.FAMILY, "mathtext.it": f"{fonts.FAMILY}:italic", "mathtext.bf": f"{fonts.FAMILY}:bold",
            "mathtext.fallback": "stixsans", "font.size": 10.5,
            "axes.titlesize": 11, "axes.titlelocation": "left", "axes.titleweight": "bold", "legend.labelspacing": 0.3,
            "axes.spines.top": False, "axes.spines.right": False, "grid.color": color("faint"), "legend.frameon": False,
            "axes.prop_cycle": cycler(color=[color(name) for name in SERIES]), "figure.figsize": (4.8, 3.0),
            "figure.constrained_layout.use": True, "figure.constrained_layout.w_pad": 0.08,
            "lines.linewidth": 1.8, "lines.markersize": 5,
        }
    )  # fmt: skip
    _show_as_svg()


def _show_as_svg() -> None:
    from IPython import get_ipython
    from matplotlib_inline.backend_inline import set_matplotlib_formats

    shell = get_ipython()
    if shell is not None:
        set_matplotlib_formats("svg")
        shell.display_formatter.formatters["image/svg+xml"].for_type(Figure, svg)


def svg(figure: Figure) -> str:
    """A figure as SVG text.

    It has no date, ids from a fixed salt, colours that follow the theme, and
    coordinates to 0.01 pt.
    """
    buffer = io.StringIO()
    figure.savefig(
        buffer,
        format="svg",
        metadata={"Date": None, "Creator": None},
        bbox_inches="tight",
        pad_inches=0.05,
    )
    text = buffer.getvalue()
    text = re.sub(r">\s+<", "><", text[text.index("<svg") :])
    text = re.sub(r'(?<= d=")[^"]+', _rounded, text)
    text = re.sub(r'(<use [^>]*?x=")([\d.-]+)(" y=")([\d.-]+)', _rounded_place, text)
    text = re.sub(r"#[0-9a-f]{6}\b", _themed, text)
    return re.sub(
        r"<svg ([^>]*)>",
        rf'<svg class="companion-figure" \1><style>{_theme()}</style>',
        text,
        count=1,
    )


def _rounded(match: re.Match[str]) -> str:
    return re.sub(
        r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", match[0]
    ).replace("\n", " ")


def _rounded_place(match: re.Match[str]) -> str:
    return f"{match[1]}{float(match[2]):.2f}{match[3]}{float(match[4]):.2f}"


def _themed(match: re.Match[str]) -> str:
    for name, (light, _) in COLORS.items():
        if match[0] == light:
            return f"var(--{name}, {light})"
    return match[0]


def _theme() -> str:
    dark = "".join(f"--{name}:{dark};" for name, (_, dark) in COLORS.items())
    return f"@media (prefers-color-scheme: dark) {{ .companion-figure {{ {dark} }} }}"
