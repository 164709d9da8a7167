"""The course's network forward and back, as plain arithmetic, for the figure on backpropagation."""

from typing import Any

from companion.live.generated import HEAD, constant, function
from optimlib.problems import slides_network
from optimlib.problems.neuron import _logistic

TARGET = (1.0, 0.0)
LAYERS = [(part["W"].tolist(), part["b"].tolist()) for part in slides_network()[1]]


def forward(x1: Any, x2: Any) -> list[Any]:
    """The activations of the three layers, two each, as plain arithmetic."""
    a, found = [x1, x2], []
    for W, b in LAYERS:
        a = [
            _logistic(row[0] * a[0] + row[1] * a[1] + bias)
            for row, bias in zip(W, b, strict=True)
        ]
        found += a
    return found


def squared(x1: Any, x2: Any) -> list[Any]:
    """The signals of the three layers for half the squared distance."""
    a = forward(x1, x2)
    return _back(a, [(f - y) * _slope(f) for f, y in zip(a[4:], TARGET, strict=True)])


def entropy(x1: Any, x2: Any) -> list[Any]:
    """The signals of the three layers for the cross-entropy."""
    a = forward(x1, x2)
    return _back(a, [f - y for f, y in zip(a[4:], TARGET, strict=True)])


def _slope(a: Any) -> Any:
    return a * (1 - a)


def _back(a: list[Any], signal: list[Any]) -> list[Any]:
    """The signals of all layers, first layer first, from those of the last."""
    found = signal
    for layer in (2, 1):
        W, _ = LAYERS[layer]
        answers = a[2 * layer - 2 : 2 * layer]
        signal = [
            (W[0][j] * signal[0] + W[1][j] * signal[1]) * _slope(answers[j])
            for j in (0, 1)
        ]
        found = signal + found
    return found


def source() -> str:
    """The text of backward.js."""
    forms = {
        "forward": function(forward),
        "squared": function(squared),
        "entropy": function(entropy),
    }
    head = HEAD.format(about="The activations and signals of the course's network")
    return f"{head}{constant('BACKWARD', forms)}"
