"""One look for everything that figures show: the colours, and each method's line."""

from typing import Any

# Each name's colour on a light and on a dark page. The first six series are told apart
# by people with any of the three common colour deficiencies, and each method's line has
# a dash pattern and marker of its own besides.
COLORS = {
    "paper": ("#ffffff", "#14181e"),
    "ink": ("#1c2733", "#e4e8ee"),
    "muted": ("#66727f", "#98a4b1"),
    "faint": ("#d5dbe1", "#38414c"),
    "blue": ("#0b62a8", "#6cb4f0"),
    "orange": ("#b85000", "#f59e4c"),
    "green": ("#00795a", "#4fc9a3"),
    "purple": ("#8a3f94", "#d894e0"),
    "red": ("#bb2c3b", "#ff8a92"),
    "gold": ("#806300", "#e0c04d"),
}
SERIES = ("blue", "orange", "green", "purple", "red", "gold")
# One look for each method, in every figure of the book: colour, dash pattern, marker.
METHODS: dict[str, tuple[str, str | tuple[int, tuple[int, int]], str]] = {
    "SGD": ("muted", "-", "o"),
    "Momentum": ("blue", "--", "s"),
    "Nesterov": ("gold", "-.", "D"),
    "Adagrad": ("green", "-", "^"),
    "RMSprop": ("orange", (0, (5, 1)), "v"),
    "Adam": ("purple", "-", "P"),
}
# The others share their family's colour.
OTHERS: dict[str, tuple[str, str | tuple[int, tuple[int, int]], str]] = {
    "NesterovLookAhead": ("gold", ":", "o"),
    "SignSGD": ("red", "-", "s"),
    "Rprop": ("red", "--", "D"),
    "AdagradSigma": ("green", "--", "v"),
    "RMSpropSigma": ("orange", ":", "^"),
    "Adadelta": ("orange", "-.", "D"),
    "AdamW": ("purple", "--", "o"),
    "AMSGrad": ("purple", "-.", "s"),
    "Adamax": ("purple", ":", "^"),
    "NAdam": ("purple", (0, (5, 1)), "v"),
    "Eve": ("blue", ":", "D"),
    "VSGD": ("muted", "--", "P"),
}
# One that has no look yet.
PLAIN = ("ink", "-", "o")
NAMES = {
    "SGD": "gradient descent",
    "Momentum": "momentum",
    "Nesterov": "Nesterov",
    "Adagrad": "AdaGrad",
    "RMSprop": "RMSProp",
    "NesterovLookAhead": "Nesterov, looking ahead",
    "SignSGD": "sign descent",
    "Rprop": "RProp",
    "AdagradSigma": "AdaGrad with σ",
    "RMSpropSigma": "RMSProp with σ",
    "Adadelta": "AdaDelta",
    "Adamax": "AdaMax",
    "VSGD": "vSGD",
}


def color(name: str) -> str:
    """The colour of this name, to draw with: on the page it follows the theme."""
    return COLORS[name][0]


def line(method: str) -> tuple[str, str | tuple[int, tuple[int, int]], str]:
    """The colour, dash pattern and marker of a method."""
    return (METHODS | OTHERS).get(method, PLAIN)


def rank(method: str) -> int:
    """The place of a method in the book's order; those that have no look come last."""
    known = [*METHODS, *OTHERS]
    return known.index(method) if method in known else len(known)


def look(method: str) -> dict[str, Any]:
    """Keyword arguments of `plot` for a method's line.

    They are color, linestyle, marker and label.
    """
    name, dashes, marker = line(method)
    return {
        "color": color(name),
        "linestyle": dashes,
        "marker": marker,
        "label": NAMES.get(method, method),
    }
