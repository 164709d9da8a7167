"""Changed inputs: the reference's answers to them are mistakes that nobody had to write down."""

from collections.abc import Callable, Iterator
from itertools import combinations, permutations
from typing import Any

import numpy as np

Inputs = dict[str, Any]
Change = Callable[[Inputs], Inputs]

COUNT: dict[str, Callable[[Any], Any]] = {
    "{} were one too small": lambda n: n - 1,
    "{} were one too large": lambda n: n + 1,
    "{} were 1": lambda n: 1,
    "{} were 2": lambda n: 2,
    "{} were doubled": lambda n: 2 * n,
}
NUMBER: dict[str, Callable[[Any], Any]] = {
    "{0} were 1 - {0}": lambda x: 1 - x,
    "{} were 0": lambda x: 0.0,
    "{} were 1": lambda x: 1.0,
    "{0} were -{0}": lambda x: -x,
    "{0} were {0}**2": lambda x: x**2,
    "{0} were abs({0})": abs,
}
ARRAY: dict[str, Callable[[Any], Any]] = {
    "{} were in reverse order": lambda a: a[::-1],
    "the first entry of {} were left out": lambda a: a[1:],
    "the last entry of {} were left out": lambda a: a[:-1],
    "{} had its last entry alone": lambda a: a[-1:],
    "{} had its first entry alone": lambda a: a[:1],
    "a 0 stood before the entries of {}": lambda a: np.append(0.0, a),
    "a 0 stood behind the entries of {}": lambda a: np.append(a, 0.0),
    "the last entry of {} came twice": lambda a: np.append(a, a[-1]),
    "the signs of {} were dropped": np.abs,
    "{0} were -{0}": np.negative,
    "{0} were {0}**2": np.square,
    "{} were all 0": np.zeros_like,
}


def variants(sample: Inputs) -> Iterator[tuple[str, Change]]:
    """What may be changed about inputs like these, in words, and the change; the likeliest first."""
    for name, value in sample.items():
        for words, change in (COUNT if isinstance(value, int) else {}).items():
            yield words.format(name), _one(name, change)
        for words, change in (NUMBER if isinstance(value, float) else {}).items():
            yield words.format(name), _one(name, change)
    for one, other in combinations(sample, 2):
        if _alike(one, other, sample):
            yield f"{one} and {other} were swapped", _swapped(one, other)
    for one, other in permutations(sample, 2):
        if _alike(one, other, sample):
            yield f"{one} stood in the place of {other}", _replaced(one, other)
    for words, change in ARRAY.items():
        for name, value in sample.items():
            if np.ndim(value) == 1:
                yield words.format(name), _one(name, change)


def _alike(one: str, other: str, sample: Inputs) -> bool:
    """Whether two inputs may be mistaken for each other: beta1 and beta2, m and v."""
    numbered = one.rstrip("0123456789") == other.rstrip("0123456789")
    return (numbered or np.ndim(sample[one]) > 0) and (
        np.shape(sample[one]) == np.shape(sample[other])
    )


def _one(name: str, change: Callable[[Any], Any]) -> Change:
    return lambda inputs: {**inputs, name: change(inputs[name])}


def _swapped(one: str, other: str) -> Change:
    return lambda inputs: {**inputs, one: inputs[other], other: inputs[one]}


def _replaced(one: str, other: str) -> Change:
    return lambda inputs: {**inputs, other: inputs[one]}
