"""One look for everything that figures show: the colours, and each method's line."""

from itertools import product
from typing import Any

from optimlib import optimizers

Look = tuple[str, str | tuple[int, tuple[int, int]], str]

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
# What a line can have besides its colour, told apart on paper too.
DASHES: tuple[str | tuple[int, tuple[int, int]], ...] = (
    "-", "--", "-.", ":", (0, (5, 1)),
)  # fmt: skip
MARKERS = ("o", "s", "D", "^", "v", "P")
# One look for each method, in every figure of the book: colour, dash pattern, marker.
METHODS: dict[str, Look] = {
    "SGD": ("muted", "-", "o"),
    "Momentum": ("blue", "--", "s"),
    "Nesterov": ("gold", "-.", "D"),
    "Adagrad": ("green", "-", "^"),
    "RMSprop": ("orange", (0, (5, 1)), "v"),
    "Adam": ("purple", "-", "P"),
}
# The others share their family's colour.
OTHERS: dict[str, Look] = {
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
    "AdaBelief": ("blue", "-", "P"),
    "Yogi": ("blue", "-.", "^"),
    "RAdam": ("blue", (0, (5, 1)), "v"),
    "Lion": ("red", "-.", "^"),
    "ScheduleFreeSGD": ("gold", "-", "s"),
    "ScheduleFreeAdamW": ("gold", "--", "P"),
    "Eve": ("blue", ":", "D"),
    "VSGD": ("muted", "--", "P"),
}
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
    "ScheduleFreeSGD": "schedule-free SGD",
    "ScheduleFreeAdamW": "schedule-free AdamW",
}


def color(name: str) -> str:
    """The colour of this name, to draw with: on the page it follows the theme."""
    return COLORS[name][0]


def _completed(chosen: dict[str, Look]) -> dict[str, Look]:
    """The looks, with one of its own for each method that was given none."""
    looks = dict(chosen)
    for name in optimizers.METHODS:
        if name not in looks:
            hue = _family_color(name, looks)
            taken = {look[1:] for look in looks.values() if look[0] == hue}
            free = (pair for pair in product(DASHES, MARKERS) if pair not in taken)
            looks[name] = (hue, *next(free))
    return {name: looks[name] for name in [*METHODS, *optimizers.METHODS]}


def _family_color(method: str, looks: dict[str, Look]) -> str:
    """That of the last method of its file that has a look; a new file gets the next in turn."""
    files = [each.__module__ for each in optimizers.METHODS.values()]
    file = optimizers.METHODS[method].__module__
    family = [
        name for name, each in optimizers.METHODS.items() if each.__module__ == file
    ]
    known = [looks[name][0] for name in family if name in looks]
    return (
        known[-1]
        if known
        else SERIES[list(dict.fromkeys(files)).index(file) % len(SERIES)]
    )


# Those of all methods, in the order in which figures list them: the book's six, then
# family by family.
LOOKS = _completed(METHODS | OTHERS)


def line(method: str) -> Look:
    """The colour, dash pattern and marker of a method."""
    return LOOKS[method]


def rank(method: str) -> int:
    """The place of a method in the book's order."""
    return list(LOOKS).index(method)


def look(method: str) -> dict[str, Any]:
    """Keyword arguments of `plot` for a method's line.

    They are color, linestyle, marker and label.
    """
    name, dashes, marker = LOOKS[method]
    return {
        "color": color(name),
        "linestyle": dashes,
        "marker": marker,
        "label": NAMES.get(method, method),
    }
