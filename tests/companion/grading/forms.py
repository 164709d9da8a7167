"""Forms in which people write right numbers: which are accepted, and what the others are told."""

from array import array
from collections import deque, namedtuple
from decimal import Decimal
from fractions import Fraction

import numpy as np

Pair = namedtuple("Pair", ("one", "other"))


def objects(values):
    """An array of Python's own numbers."""
    made = np.empty(len(values), dtype=object)
    made[:] = [Fraction(float(value)) for value in values]
    return made


NUMBER, ARRAY, PAIR, ARRAYS = (
    "corrected-average",
    "adagrad-rates",
    "sigma-to-sum",
    "rmsprop-first-step",
)

# (the exercise, the form, what makes it of the reference's value)
ACCEPTED = [
    (NUMBER, "float", float),
    (NUMBER, "np.float64", np.float64),
    (NUMBER, "np.float32", np.float32),
    (NUMBER, "np.longdouble", np.longdouble),
    (NUMBER, "Fraction", lambda x: Fraction(float(x))),
    (NUMBER, "Decimal", lambda x: Decimal(float(x))),
    (NUMBER, "array without axes", np.array),
    (NUMBER, "array of one", lambda x: np.array([x])),
    (NUMBER, "array of one row and column", lambda x: np.array([[x]])),
    (NUMBER, "list of one", lambda x: [x]),
    (NUMBER, "generator of one", lambda x: (one for one in [x])),
    (ARRAY, "array", np.array),
    (ARRAY, "float32", np.float32),
    (ARRAY, "list", lambda a: a.tolist()),
    (ARRAY, "list of np.float64", list),
    (ARRAY, "list of arrays without axes", lambda a: [np.array(x) for x in a]),
    (ARRAY, "tuple", tuple),
    (ARRAY, "array of objects", objects),
    (ARRAY, "list of Fraction", lambda a: list(objects(a))),
    (ARRAY, "generator", lambda a: (x for x in a)),
    (ARRAY, "map", lambda a: map(float, a)),
    (ARRAY, "deque", deque),
    (ARRAY, "array.array", lambda a: array("d", a)),
    (ARRAY, "masked array", np.ma.array),
    (ARRAY, "values of a dict", lambda a: dict(enumerate(a)).values()),
    (PAIR, "tuple", tuple),
    (PAIR, "list", list),
    (PAIR, "named tuple", lambda pair: Pair(*pair)),
    (PAIR, "array", np.array),
    (PAIR, "generator", lambda pair: (x for x in pair)),
    (PAIR, "a list of one in a tuple", lambda pair: ([pair[0]], pair[1])),
    (ARRAYS, "tuple of arrays", tuple),
    (ARRAYS, "list of arrays", list),
    (ARRAYS, "tuple of lists", lambda pair: tuple(one.tolist() for one in pair)),
    (ARRAYS, "tuple of tuples", lambda pair: tuple(tuple(one) for one in pair)),
    (ARRAYS, "lists in a list", lambda pair: [one.tolist() for one in pair]),
    (ARRAYS, "array of two rows", np.stack),
    (ARRAYS, "named tuple", lambda pair: Pair(*pair)),
]

COMMA = "Is there a comma at the end of return?"
RAVEL = "The numbers are right: .ravel() makes them one row of values."
# (the exercise, the form, what makes it of the reference's value, what the card says)
TOLD = [
    (NUMBER, "tuple of one", lambda x: (x,), f"It is a tuple of one value, not the value itself. {COMMA}"),
    (NUMBER, "two numbers", lambda x: (x, 0.0), "2 values are returned where one is expected. The first of them is right."),
    (NUMBER, "text", lambda x: str(float(x)), "The number is right, but it is a text: return the number itself."),
    (NUMBER, "None", lambda x: None, "Is a return missing?"),
    (NUMBER, "complex", complex, "you gave no number but a complex number"),
    (NUMBER, "True", lambda x: True, "you gave no number but True or False"),
    (NUMBER, "dict", lambda x: {"m": x}, "you gave no number but a dict"),
    (NUMBER, "huge integer", lambda x: 10**400, "you gave a number that is too large for a float"),
    (NUMBER, "float16", np.float16, "It is float16, which holds three digits; use float64."),
    (NUMBER, "masked", lambda x: np.ma.array([x], mask=[True]), "you gave no number but masked entries"),
    (NUMBER, "empty tuple", lambda x: (), "you gave ();"),
    (NUMBER, "a function", lambda x: lambda: x, "A function is returned, not what it gives: it must be called."),
    (NUMBER, "rounded", lambda x: round(float(x), 4), "It is the right value, rounded to 4 digits after the point. Return it as it is."),
    (NUMBER, "too large", lambda x: np.broadcast_to(x, (10**6, 10**6)), "you gave more than 10,000 numbers, an array of shape (1000000, 1000000)"),
    (ARRAY, "column", lambda a: a[:, None], RAVEL),
    (ARRAY, "row", lambda a: a[None], RAVEL),
    (ARRAY, "np.matrix", np.asmatrix, RAVEL),
    (ARRAY, "the last entry", lambda a: a[-1], "It is one number; an array of shape (3,) is expected. It is the last of the entries."),
    (ARRAY, "a zero before it", lambda a: np.append(0.0, a), "Without its first entry it is right."),
    (ARRAY, "one entry more", lambda a: np.append(a, 0.0), "It is an array of shape (4,); an array of shape (3,) is expected. Without its last entry it is right."),
    (ARRAY, "endless generator", lambda a: iter(lambda: 1.0, None), "an array of shape (3,) is expected."),
    (ARRAY, "reversed", lambda a: a[::-1], "The entries are right, but in reverse order."),
    (ARRAY, "sorted", lambda a: np.sort(a), "The entries are right, but in "),
    (ARRAY, "a text in a list", lambda a: [*a[:-1], "x"], "you gave a list that holds something else than numbers"),
    (ARRAY, "None in a list", lambda a: [*a[:-1], None], "The third of them is None."),
    (ARRAY, "bools", lambda a: a > 0, "you gave no number but True or False"),
    (PAIR, "swapped", lambda pair: pair[::-1], "The values are right, but in another order."),
    (PAIR, "the first alone", lambda pair: pair[0], "It is one number; 2 values are expected. The first of them is right."),
    ("adam-step", "the first of three arrays of three", lambda three: three[0], "It is an array of shape (3,); 3 values are expected. The first of them is right."),
    (PAIR, "set", set, "A set has no order: return a tuple or an array."),
    (PAIR, "dict", lambda pair: dict(enumerate(pair)), "Return the values alone, without names."),
    (PAIR, "three values", lambda pair: (*pair, 0.0), "3 values are returned where 2 are expected."),
    (PAIR, "one of two wrong", lambda pair: (pair[0], 3 * pair[1]), "Only the second value is wrong. The second value is 3 times the expected value, in every case."),
    (ARRAYS, "two columns", lambda pair: np.stack(pair, axis=1), "are expected."),
]  # fmt: skip
