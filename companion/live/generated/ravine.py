"""A ravine of two curvatures, 1 and 1 / condition, turned by an angle, and what gradient descent leaves of its distance."""

from typing import Any

import numpy as np

from companion.live.generated import HEAD, constant, function
from optimlib.derivatives import taylor


def along(x: Any, y: Any, angle: Any) -> list[Any]:
    """The point's parts along the flat and along the steep direction, which the angle (in radians) turns."""
    c, s = np.cos(angle), np.sin(angle)
    return [c * x + s * y, c * y - s * x]


def cost(x: Any, y: Any, condition: Any, angle: Any) -> Any:
    """Half the sum of each curvature times the squared part along its direction."""
    flat, steep = along(x, y, angle)
    return 0.5 * (flat**2 / condition + steep**2)


def gradient(x: Any, y: Any, condition: Any, angle: Any) -> list[Any]:
    """The derivatives of the cost along x and y."""
    found = taylor(lambda x, y: cost(x, y, condition, angle), (x, y))
    return [number.first for number in found]


def line(level: Any, turn: Any, condition: Any, angle: Any) -> list[Any]:
    """A point of the ellipse on which the cost has this level, where the turn goes from 0 to two pi."""
    size = np.sqrt(2 * level)
    flat, steep = size * np.sqrt(condition) * np.cos(turn), size * np.sin(turn)
    return along(flat, steep, -angle)


def factor(rate: Any, curvature: Any) -> Any:
    """What a step leaves of the distance along a direction of this curvature."""
    return 1 - rate * curvature


def steps(share: Any, left: Any) -> Any:
    """How many steps, each of which leaves `left` of the distance, bring it to the share."""
    return np.log(share) / np.log(left)


def source() -> str:
    """The text of ravine.js."""
    forms = {
        formula.__name__: function(formula)
        for formula in (along, cost, gradient, line, factor, steps)
    }
    head = HEAD.format(about="A ravine of two curvatures, and descent on it")
    return f"{head}{constant('RAVINE', forms)}"
