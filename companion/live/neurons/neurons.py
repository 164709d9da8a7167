"""A network of eighteen numbers, operated: what it answers, what it can answer, and other numbers for the same function."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
import traitlets
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from companion import figures
from companion.lab import diagram
from companion.live import Choice, Live, Number
from optimlib.problems import Network, slides_network
from optimlib.problems.neuron import _logistic

Floats = NDArray[np.floating]
LARGEST, REACH = 50.0, 5.0  # of a parameter; of an input
# Each hidden neuron: its layer and its place in it, from 0.
HIDDEN = {"1u": (0, 0), "1l": (0, 1), "2u": (1, 0), "2l": (1, 1)}
LAYERS, SIZE, WIDTH = 3, 6, 2  # a layer has W row by row, then b
COUNT = LAYERS * SIZE


def packed(w: Sequence[Any]) -> list[float]:
    """The parameters of a network of three layers of two, as one list."""
    return [
        float(x) for layer in w for x in (*np.ravel(layer["W"]), *np.ravel(layer["b"]))
    ]


def unpacked(numbers: Sequence[float]) -> list[dict[str, Floats]]:
    """The same parameters as a list with {"W": (2, 2), "b": (2,)} for each layer."""
    layers = np.reshape(np.array(numbers, dtype=float), (LAYERS, SIZE))
    return [{"W": layer[:4].reshape(2, 2), "b": layer[4:]} for layer in layers]


# What JavaScript computes with: functions of the eighteen numbers, as plain arithmetic.


def neuron(row: Sequence[Any], bias: Any, inputs: Sequence[Any]) -> Any:
    """A neuron's sum."""
    return row[0] * inputs[0] + row[1] * inputs[1] + bias


def sigmoid(z: Any) -> Any:
    """What a neuron answers."""
    return _logistic(z)


def sums(w: Sequence[Any], inputs: Sequence[Any]) -> list[Any]:
    """The six sums, layer by layer, of these numbers' layers; inputs of the first of them."""
    found: list[Any] = []
    for start in range(0, len(w), SIZE):
        rows, biases = w[start : start + 4], w[start + 4 : start + 6]
        z = [neuron(rows[2 * k : 2 * k + 2], biases[k], inputs) for k in range(WIDTH)]
        found += z
        inputs = [sigmoid(one) for one in z]
    return found


def flip(w: Sequence[Any], layer: int, place: int) -> list[Any]:
    """A hidden neuron answers 1 - a in the place of a, and the next layer makes up for it."""
    turned, own, after = list(w), layer * SIZE, (layer + 1) * SIZE
    for i in (own + 2 * place, own + 2 * place + 1, own + 4 + place):
        turned[i] = -turned[i]
    for k in range(WIDTH):
        i = after + 2 * k + place
        turned[after + 4 + k] = turned[after + 4 + k] + turned[i]
        turned[i] = -turned[i]
    return turned


def swap(w: Sequence[Any], layer: int) -> list[Any]:
    """The two neurons of a hidden layer change places."""
    own, after = layer * SIZE, (layer + 1) * SIZE
    pairs = [(own, own + 2), (own + 1, own + 3), (own + 4, own + 5)]
    pairs += [(after, after + 1), (after + 2, after + 3)]
    turned = list(w)
    for i, j in pairs:
        turned[i], turned[j] = turned[j], turned[i]
    return turned


def formulas() -> dict[str, Callable[..., Any]]:
    """By name, what the figure computes, as functions of single numbers."""
    names = [f"w{i}" for i in range(COUNT)]
    late = names[SIZE:]

    def of(arguments: list[str], formula: Callable[..., Any]) -> Callable[..., Any]:
        def called(*numbers: Any) -> Any:
            return formula(numbers)

        called.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD)
                for name in arguments
            ]
        )
        return called

    return {
        "sigmoid": sigmoid,
        # By the sigmoid of the difference, which two sums' softmax is.
        "shares": lambda z1, z2: [sigmoid(z1 - z2), sigmoid(z2 - z1)],
        "sums": of([*names, "x1", "x2"], lambda n: sums(n[:COUNT], n[COUNT:])),
        # From the first layer's activations on.
        "late": of([*late, "u", "v"], lambda n: sums(n[:-2], n[-2:])),
        **{
            f"flip{name}": of(names, lambda n, at=at: flip(n, *at))
            for name, at in HIDDEN.items()
        },
        **{f"swap{i + 1}": of(names, lambda n, i=i: swap(n, i)) for i in range(2)},
    }


class Numbers(traitlets.List[Any]):
    """The eighteen parameters, layer by layer: the weights row by row, then the biases."""

    def validate(self, obj: Any, value: Any) -> Any:
        """Return them as floats. Raises TraitError."""
        try:
            numbers = np.asarray(value, dtype=float)
        except (TypeError, ValueError):
            numbers = np.empty(0)
        if numbers.shape != (COUNT,) or not (np.abs(numbers) <= LARGEST).all():
            raise traitlets.TraitError(
                f"{self.name} is {value!r}; allowed: {COUNT} numbers from "
                f"{-LARGEST:g} to {LARGEST:g}"
            )
        return numbers.tolist()


DECK = packed(slides_network()[1])


class Neurons(Live):
    """Two inputs, three layers of two neurons, eighteen parameters.

    Traits: w, the parameters, layer by layer (the weights row by row, then the biases), in [-50, 50]; x1 and x2, the
    input, in [-5, 5]; last, the bend of the last layer, "sigmoid", "softmax" or "linear"; shown, whose output the map
    has, "first" or "second"; chosen, the number that the slider moves, "0" to "17"; hidden, the neuron that the buttons
    mean, "1u", "1l", "2u" or "2l" (layer, upper or lower).

    >>> Neurons(x1=0.0, x2=0.0).answer().round(2)
    array([0.51, 0.85])
    """

    title = "A network of eighteen numbers"
    about = (
        "Move the input and see every neuron answer; move a weight and see the function change. Flip or swap neurons, "
        "and the numbers change while the function stays."
    )
    heights: ClassVar[tuple[int, int]] = (837, 1357)
    caption = (
        "The input moves the answer about within the shaded patch; the weights move the patch. On the left the network, "
        "then one output over the plane of all inputs, and the answers, with the patch of all that it can say."
    )
    alt = (
        "Three panels. The network, with a weight on each line, a bias at each circle and what it answers within. The "
        "first output over the plane of inputs, light where it is small. The square of answers, in which a small patch "
        "near the top is all that the network can say."
    )
    w = Numbers(DECK).tag(sync=True)
    x1 = Number(1, -REACH, REACH)
    x2 = Number(-1, -REACH, REACH)
    last = Choice("sigmoid", "softmax", "linear")
    shown = Choice("first", "second")
    chosen = Choice(*map(str, range(COUNT)))
    hidden = Choice(*HIDDEN)

    @classmethod
    def constants(cls) -> dict[str, Any]:
        """The numbers that the figure starts from, and how far inputs and numbers go."""
        return {"deck": DECK, "largest": LARGEST, "reach": REACH}

    def network(self) -> Network:
        """The network with the chosen last layer."""
        return Network([2, 2, 2, 2], output=self.last)

    def answer(self, x: Any = None) -> Floats:
        """What it answers to the input, shape (2,), or to the rows of x, shape (n, 2)."""
        rows = [[self.x1, self.x2]] if x is None else x
        answers = self.network().output(unpacked(self.w), rows)
        return answers[0] if x is None else answers

    def reached(self) -> Floats:
        """The answers along the edge of the square of first activations, shape (2, n)."""
        t, one = np.linspace(0, 1, 41), np.ones(41)
        u = np.concatenate([t, one, t[::-1], 0 * t])
        v = np.concatenate([0 * t, t, one, t[::-1]])
        late = Network([2, 2, 2], output=self.last)
        return late.output(unpacked(self.w)[1:], np.column_stack([u, v])).T

    def draw(self, figure: Figure) -> None:
        """Draw the network, one output over the inputs, and the answers."""
        figure.set_size_inches(4.8, 6.6)
        net, plane, square = figure.subplots(3, 1, height_ratios=[3, 5, 5])
        diagram.draw(net, unpacked(self.w), (self.x1, self.x2))
        self._draw_plane(plane)
        edge = self.reached()
        square.fill(*edge, color=figures.color("blue"), alpha=0.3)
        square.plot(*self.answer(), "o", color=figures.color("orange"))
        square.set(title="All answers", xlabel="$y_1$", ylabel="$y_2$")
        square.plot(0.9, 0.1, "x", color=figures.color("red"))
        if self.last != "linear":
            square.set(xlim=(0, 1), ylim=(0, 1))

    def _draw_plane(self, ax: Axes) -> None:
        side = np.linspace(-REACH, REACH, 61)
        plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        values = self.answer(plane)[:, int(self.shown == "second")].reshape(61, 61)
        if np.ptp(values) > 1e-12:
            lines = ax.contour(side, side, values, 5, colors=figures.color("blue"))
            ax.clabel(lines, fontsize=9)
        ax.plot(self.x1, self.x2, "o", color=figures.color("orange"))
        ax.set(
            title=f"The {self.shown} output over all inputs",
            xlabel="$x_1$",
            ylabel="$x_2$",
        )
