"""Other parameters for the same function: what a network of sigmoids allows its hidden neurons.

The parameters are a list with {"W": (out, in), "b": (out,)} for each layer.
"""

from collections.abc import Mapping, Sequence
from itertools import permutations, product

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.floating]
Layers = Sequence[Mapping[str, ArrayLike]]


def flipped(w: Layers, layer: int, neuron: int) -> list[dict[str, Floats]]:
    """One hidden neuron answers 1 - a in the place of a, and the next layer makes up for it.

    Args:
        w: the parameters, which are left as they are.
        layer: which hidden layer, from 0 on.
        neuron: which of its neurons.

    Raises:
        IndexError: for a layer that is not hidden.
    """
    twin = _copied(w, layer)
    twin[layer]["W"][neuron] *= -1
    twin[layer]["b"][neuron] *= -1
    outgoing = twin[layer + 1]["W"][:, neuron].copy()
    twin[layer + 1]["b"] += outgoing
    twin[layer + 1]["W"][:, neuron] = -outgoing
    return twin


def reordered(w: Layers, layer: int, order: Sequence[int]) -> list[dict[str, Floats]]:
    """The neurons of a hidden layer stand in another order.

    Args:
        w: the parameters, which are left as they are.
        layer: which hidden layer, from 0 on.
        order: the number of the neuron that comes to each place.

    Raises:
        IndexError: for a layer that is not hidden.
    """
    twin, order = _copied(w, layer), list(order)
    twin[layer] = {name: array[order] for name, array in twin[layer].items()}
    twin[layer + 1]["W"] = twin[layer + 1]["W"][:, order]
    return twin


def every(w: Layers) -> list[list[dict[str, Floats]]]:
    """All orders of all hidden layers, with all flips in each: the product of n! 2^n settings, w among them."""
    made = [_copied(w)]
    for layer in range(len(w) - 1):
        count = len(made[0][layer]["b"])
        orders = [
            reordered(one, layer, order)
            for one in made
            for order in permutations(range(count))
        ]
        made = []
        for one in orders:
            for flips in product((False, True), repeat=count):
                twin = one
                for neuron in np.flatnonzero(flips):
                    twin = flipped(twin, layer, int(neuron))
                made.append(twin)
    return made


def different(settings: Sequence[Layers]) -> int:
    """How many of these settings differ from one another by more than rounding."""
    rows = [
        np.concatenate([np.ravel(array) for layer in one for array in layer.values()])
        for one in settings
    ]
    # 0.0 makes a zero of a zero with a sign.
    return len(np.unique(np.array(rows).round(9) + 0.0, axis=0))


def _copied(w: Layers, hidden: int | None = None) -> list[dict[str, Floats]]:
    if hidden is not None and not 0 <= hidden < len(w) - 1:
        raise IndexError(f"layer is {hidden!r}; allowed: 0 to {len(w) - 2}")
    return [
        {name: np.array(layer[name], dtype=float) for name in ("W", "b")} for layer in w
    ]
