"""Numbers as the judge sees them: read from plain data, compared, written.

The file also runs in MicroPython, so it uses no more than Python's simplest part.
"""

import math
from collections import namedtuple

# A number has the shape (), and an array's values stand in one list, row by row.
Part = namedtuple("Part", ("shape", "values"))
# What is returned: one part, or several where `pair` is true.
Value = namedtuple("Value", ("pair", "parts"))

DIGITS = 6
DIGITS_OF_A_FLOAT = 14
LONG = 12


def from_data(data):
    """A value as an exercise's data hold it: a number, nested lists, {"pair": [...]}."""
    if isinstance(data, dict):
        return Value(True, [_part(entry) for entry in data["pair"]])
    return Value(False, [_part(data)])


def _part(data):
    shape, values = [], data
    while isinstance(values, list):
        shape.append(len(values))
        values = values[0] if values else None
    return Part(tuple(shape), [float(one) for one in flat(data)])


def flat(data):
    """Every number of nested lists, in order."""
    if not isinstance(data, list):
        return [data]
    return [number for entry in data for number in flat(entry)]


def numbers(value):
    """Every number of a value, in order."""
    return [number for part in value.parts for number in part.values]


def shapes(value):
    """What two values that can be compared have in common."""
    return value.pair, [part.shape for part in value.parts]


def split(part):
    """An array's entries along its first axis, as parts."""
    count = part.shape[0]
    size = len(part.values) // count if count else 0
    return [
        Part(part.shape[1:], part.values[i * size : (i + 1) * size])
        for i in range(count)
    ]


def stack(parts):
    """The array of parts of one shape."""
    values = [number for part in parts for number in part.values]
    return Part((len(parts),) + parts[0].shape, values)


def near(one, other, rtol):
    """Whether a finite number is another one, within rtol of the other."""
    return math.isfinite(one) and abs(one - other) <= rtol * abs(other) + 1e-14


def all_near(ones, others, rtol):
    """Whether two lists hold the same numbers."""
    return len(ones) == len(others) and all(
        near(one, other, rtol) for one, other in zip(ones, others)
    )


def same(one, other, rtol):
    """Whether two values have the same shapes and numbers."""
    return shapes(one) == shapes(other) and all_near(numbers(one), numbers(other), rtol)


def written(number, digits=DIGITS):
    """A number in words that can be typed: at most so many digits."""
    if digits < DIGITS_OF_A_FLOAT:
        number *= (
            1 + 1e-15
        )  # a half is rounded away from 0: CPython's way is not everyone's
    text = ("%." + str(digits) + "g") % number
    return "0" if text == "-0" else text


def shown(value):
    """An input as it is read: nested lists or a number."""
    if isinstance(value, list):
        return "[" + ", ".join([shown(entry) for entry in value]) + "]"
    return written(value)


def digits_to_differ(given, expected, rtol):
    """As many digits as it takes to see that the first two differing numbers differ."""
    for one, other in zip(given, expected):
        if near(one, other, rtol) or not math.isfinite(one):
            continue
        for digits in range(DIGITS, 16):
            if written(one, digits) != written(other, digits):
                return digits
        return 16
    return DIGITS


def pieces(value, digits=DIGITS, marks=()):
    """A value's text in pieces: (text, whether it is marked). Long arrays are cut.

    Args:
        value: the value.
        digits: how many digits a number has.
        marks: places among all numbers.
    """
    made, place = [], 0
    for i, part in enumerate(value.parts):
        made.append((", " if i else "(" if value.pair else "", False))
        made += _pieces(part, digits, [m - place for m in marks])
        place += len(part.values)
    if value.pair:
        made.append(({0: "()", 1: ",)"}.get(len(value.parts), ")"), False))
    return made


def _pieces(part, digits, marks):
    if not part.shape:
        return [(written(part.values[0], digits), 0 in marks)]
    seen = _seen(len(part.values), [m for m in marks if 0 <= m < len(part.values)])
    depth, last = len(part.shape), -1
    made = [] if part.values else [("[" * depth, False)]
    for i in seen:
        blocks = [1 for axis in range(depth) if i % _product(part.shape[axis:]) == 0]
        brackets = len(blocks)
        before = "[" * brackets
        if i:
            before = "]" * brackets + ", " + before
        made.append((", ..., " if i - last > 1 else before, False))
        made.append((written(part.values[i], digits), i in marks))
        last = i
    if last < len(part.values) - 1:
        made.append((", ...", False))
    made.append(("]" * depth, False))
    return made


def _seen(count, marks):
    """Which places of an array are shown: all of a short one, else its ends and the first mark."""
    if count <= LONG:
        return list(range(count))
    mark = marks[0] if marks else 0
    around = [i for i in range(mark - 1, mark + 2) if 0 <= i < count]
    return sorted(set([0, 1, 2, count - 2, count - 1] + around))


def _product(shape):
    product = 1
    for size in shape:
        product *= size
    return max(product, 1)


def text(value, digits=DIGITS):
    """A value as a reader reads it."""
    return "".join([piece for piece, _ in pieces(value, digits)])


def differing(given, expected, rtol):
    """The places of the numbers that differ, if the shapes are the same."""
    if shapes(given) != shapes(expected):
        return []
    pairs = zip(numbers(given), numbers(expected))
    return [i for i, (one, other) in enumerate(pairs) if not near(one, other, rtol)]


def filled(answer, expected):
    """A mistake's answer, from an exercise's data; nothing stands for what is expected."""
    if answer is None:
        return expected
    if not isinstance(answer, dict):
        return from_data(answer)
    parts = []
    for entry, part in zip(answer["pair"], expected.parts):
        parts.append(part if entry is None else _part(entry))
    return Value(True, parts)


def shape_words(shape):
    """A shape in words."""
    if shape == ():
        return "one number"
    return "an array of shape (" + ", ".join([str(n) for n in shape]) + ("," if len(shape) == 1 else "") + ")"  # fmt: skip
