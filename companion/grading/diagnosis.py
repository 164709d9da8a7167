"""What a wrong answer is, in a sentence that is true of it.

Each question below looks at the answers to all cases and says one thing, or "". They are
asked in order, and the first that says something is heard. The file also runs in
MicroPython (see judging.py).
"""

import math
from collections import namedtuple

from .values import (
    Value,
    all_near,
    filled,
    near,
    numbers,
    same,
    shape_words,
    shapes,
    shown,
    written,
)

# All that is known of an answer: the exercise's data, its cases, the answers as plain data;
# given and expected values; which are right; the first that is not; the tolerance.
Seen = namedtuple(
    "Seen",
    (
        "exercise",
        "cases",
        "answers",
        "given",
        "expected",
        "right",
        "first",
        "rtol",
    ),
)

PLACES = ("first", "second", "third", "fourth", "fifth", "sixth")


def _nth(place):
    return PLACES[place] if place < len(PLACES) else f"{place + 1}th"


def diagnose(seen, parameters=None):
    """A true sentence or two about a wrong answer, or ""."""
    if seen.first >= len(seen.given):
        return ""
    names = other_order_of_names(seen, parameters)
    if seen.given[seen.first] is None:
        return not_a_number(seen) or names or some_right(seen)
    if names:
        return names
    if shapes(seen.given[seen.first]) != shapes(seen.expected[seen.first]):
        return number_of_values(seen) or shape(seen) or some_right(seen)
    if not _comparable(seen):
        return not_finite(seen) or some_right(seen)
    for question in (precision, order, as_if, only_one_entry, relation, whole_number):
        said = question(seen)
        if said:
            return said
    if any(seen.right):
        return some_right(seen)
    return unchanged(seen) or all_off(seen)


def _comparable(seen):
    """Whether every answer is finite and of the expected shape."""
    return len(seen.given) == len(seen.cases) and all(
        g is not None and shapes(g) == shapes(e) and all(map(math.isfinite, numbers(g)))
        for g, e in zip(seen.given, seen.expected)
    )


def matches(answers, seen):
    """Whether these answers are what was given, in every case that they are for."""
    if len(seen.given) < len(answers):
        return False
    for answer, given, expected in zip(answers, seen.given, seen.expected):
        if given is None or not same(given, filled(answer, expected), seen.rtol):
            return False
    return True


# What is no number, or not so many.


def not_a_number(seen):
    """An error, None, a text, ..."""
    answer = seen.answers[seen.first]
    kind = answer["kind"]
    if kind == "error":
        return _error(seen.exercise, answer)
    if kind == "none":
        if _last_numbers_are_right("printed", seen):
            return "It prints the right value, but does not return it."
        return "Is a return missing?"
    if kind == "no number":
        if answer["type"] == "str" and _last_numbers_are_right("text", seen):
            return "The number is right, but it is a text: return the number itself."
        if answer["type"] == "str" and _number(answer["text"]) is not None:
            return "It is a text: return a number itself."
        if answer["type"] in ("set", "frozenset"):
            return "A set has no order: return a tuple or an array."
        if answer["type"] == "dict":
            return "Return the values alone, without names."
        if answer["type"] in ("function", "builtin_function_or_method", "method"):
            return "A function is returned, not what it gives: it must be called."
        return ""
    if kind == "pair":
        return _bad_entry(answer)
    return ""


def _error(exercise, answer):
    code, said = answer.get("code", ""), answer["text"]
    if "math." in code and "can be converted to Python scalars" in said:
        return "What math has takes one number; np.sqrt and so on take an array."
    if "^" in code and "for ^" in said:
        return "In Python a power is written **; ^ is another operation."
    if answer["name"] == "TypeError" and (
        "positional argument" in said or "keyword-only argument" in said
    ):
        names = ", ".join(exercise["parameters"])
        return "" if answer.get("line") else f"Your function is called with {names}."
    return ""


def _bad_entry(answer):
    for place, entry in enumerate(answer["entries"]):
        if entry["kind"] == "none":
            return f"The {_nth(place)} of them is None."
    return ""


def _last_numbers_are_right(key, seen):
    """Whether these texts of all answers end in the expected number, to three digits."""
    for answer, value in zip(seen.answers, seen.expected):
        words = answer.get(key, "").replace(",", " ").split()
        number = _number(words[-1]) if words else None
        expected = numbers(value)
        if number is None or len(expected) != 1 or not near(number, expected[0], 1e-3):
            return False
    return True


def _number(word):
    try:
        return float(word)
    except ValueError:
        return None


def number_of_values(seen):
    """Two values for three, one for a pair, a tuple of one."""
    given, expected = seen.given[seen.first], seen.expected[seen.first]
    if not expected.pair:
        if not given.pair:
            return ""
        if len(given.parts) == 1:
            tail = "Is there a comma at the end of return?"
            return f"It is a tuple of one value, not the value itself. {tail}"
        one = _one_of_them(seen)
        return f"{_count(given)} are returned where one is expected.{one}"
    if not given.pair:
        one = _one_of_them(seen)
        got = shape_words(given.parts[0].shape)
        return f"It is {got}; {_count(expected)} are expected.{one}"
    if len(given.parts) == len(expected.parts):
        return ""
    verb = "is" if len(given.parts) == 1 else "are"
    return f"{_count(given)} {verb} returned where {len(expected.parts)} are expected."


def _count(value):
    count = len(value.parts)
    return f"{count} value" if count == 1 else f"{count} values"


def _one_of_them(seen):
    """Which part of the one pair is the whole of the other."""
    for place, part in _places(seen):
        if all(part(g, e) for g, e in zip(seen.given, seen.expected)):
            return f" The {_nth(place)} of them is right."
    return ""


def _places(seen):
    given, expected = seen.given[seen.first], seen.expected[seen.first]
    more = given if given.pair else expected
    return [(i, _part_is(i, seen)) for i in range(min(len(more.parts), 6))]


def _part_is(i, seen):
    def test(given, expected):
        if given is None or given.pair == expected.pair:
            return False
        many, one = (given, expected) if given.pair else (expected, given)
        if i >= len(many.parts):
            return False
        return same(Value(False, [many.parts[i]]), one, seen.rtol)

    return test


# Shape


def shape(seen):
    """The right numbers in another shape, or more or fewer of them."""
    given, expected = seen.given[seen.first], seen.expected[seen.first]
    for place, (one, other) in enumerate(zip(given.parts, expected.parts)):
        if one.shape == other.shape:
            continue
        which = f"The {_nth(place)} value" if expected.pair else "It"
        got, asked = shape_words(one.shape), shape_words(other.shape)
        why = _why_of_shape(seen, place)
        return f"{which} is {got}; {asked} is expected.{why}"
    return ""


def _why_of_shape(seen, place):
    pairs = []
    for given, expected in zip(seen.given, seen.expected):
        if given is None or len(given.parts) != len(expected.parts):
            return ""
        pairs.append((given.parts[place], expected.parts[place]))
    for words, change in RESHAPED:
        if all(_is(change(one), other, seen.rtol) for one, other in pairs):
            return words
    if all(len(one.values) == 1 != len(other.values) for one, other in pairs):
        return _one_of_the_entries(pairs, seen.rtol)
    return _why_of_history(seen, pairs)


def _one_of_the_entries(pairs, rtol):
    for words, what in (
        (" It is the last of the entries.", lambda a: a[-1]),
        (" It is the first of the entries.", lambda a: a[0]),
        (" It is the sum of the entries.", sum),
        (" It is the mean of the entries.", _mean),
    ):
        if all(near(one.values[0], what(other.values), rtol) for one, other in pairs):
            return words
    return ""


def _is(part, other, rtol):
    return part is not None and all_near(part, other.values, rtol)


def _why_of_history(seen, pairs):
    if any(other.shape or len(one.shape) != 1 for one, other in pairs):
        return ""
    for name in seen.exercise["parameters"]:
        sizes = [case["inputs"][name] for case in seen.cases]
        if not all(isinstance(size, list) for size in sizes):
            continue
        if all(len(s) == one.shape[0] for s, (one, _) in zip(sizes, pairs)):
            return (
                f" It has an entry for every entry of {name}; only one number is asked."
            )
    return ""


def _ravelled(part):
    many = [n for n in part.shape if n != 1]
    return part.values if len(part.shape) > 1 and len(many) <= 1 else None


def _along(axis, what):
    """The sum (or mean, or last, ...) along the first or the last axis."""

    def change(part):
        if not part.values:
            return None
        if not part.shape:
            return [what(part.values)]
        count = part.shape[0] if axis == 0 else part.shape[-1]
        size = len(part.values) // count
        if axis == 0:
            lines = [part.values[i::size] for i in range(size)]
        else:
            lines = [part.values[i * count : (i + 1) * count] for i in range(size)]
        return [what(line) for line in lines]

    return change


def _mean(line):
    return sum(line) / len(line)


RESHAPED = (
    (" The numbers are right: .ravel() makes them one row of values.", _ravelled),
    (" The last entry is right: only the last is asked.", _along(0, lambda a: a[-1])),
    (" The first entry is right: only the first is asked.", _along(0, lambda a: a[0])),
    (" Its sum is right: it is not yet summed.", _along(0, sum)),
    (" Its mean is right: it is not yet averaged.", _along(0, _mean)),
    (" Its sum is right: it is not yet summed over the last axis.", _along(-1, sum)),
    (" Its mean is right: it is not yet averaged over the last axis.", _along(-1, _mean)),
    (" Without its first entry it is right.", lambda part: part.values[1:] if len(part.shape) == 1 else None),
    (" Without its last entry it is right.", lambda part: part.values[:-1] if len(part.shape) == 1 else None),
)  # fmt: skip


# Numbers of the right shape


def not_finite(seen):
    """NaN or infinity."""
    values = numbers(seen.given[seen.first])
    for word, test in (("NaN (not a number)", math.isnan), ("infinite", math.isinf)):
        count = sum(1 for one in values if test(one))
        if count:
            what = "It is" if len(values) == 1 else f"{count} of {len(values)} numbers {'is' if count == 1 else 'are'}"  # fmt: skip
            return f"{what} {word}: is something divided by 0, or the root or the logarithm of a negative number taken?"  # fmt: skip
    return ""


def other_order_of_names(seen, parameters):
    """The arguments are the exercise's in another order."""
    asked = seen.exercise["parameters"]
    if (
        not parameters
        or list(parameters) == asked
        or sorted(parameters) != sorted(asked)
    ):
        return ""
    return (
        f"Your function names its arguments {', '.join(parameters)}; "
        f"it is called with {', '.join(asked)}, in this order."
    )


def precision(seen):
    """The same digits, but fewer of them."""
    given, expected = _all(seen)
    if len(set(given)) < 4:
        return ""
    for places in range(8):
        if all(near(g, round(e, places), 1e-12) for g, e in zip(given, expected)):
            if places == 0:
                return "It is the right value, rounded to a whole number. Return it as it is."
            word = "digit" if places == 1 else "digits"
            return f"It is the right value, rounded to {places} {word} after the point. Return it as it is."
    if all(near(g, float(int(e)), 1e-12) for g, e in zip(given, expected)):
        return (
            "It is the right value, cut to a whole number by int. Return it as it is."
        )
    errors = [abs(g - e) / abs(e) if e else math.inf for g, e in zip(given, expected)]
    worst = max([error for error in errors if error > 0])
    if worst < 1e-3:
        digits = int(-math.log10(worst) + 1e-6)
        return f"It agrees to {digits} digits in every case: is something rounded, or a small number added?"
    return ""


def order(seen):
    """The right values in another order."""
    pairs = [(g, e) for g, e in zip(seen.given, seen.expected)]
    if all(_pair_swapped(g, e, seen.rtol) for g, e in pairs):
        return "The values are right, but in another order."
    if any(e.pair or len(e.parts[0].shape) != 1 for _, e in pairs):
        return ""
    lists = [(g.parts[0].values, e.parts[0].values) for g, e in pairs]
    if all(all_near(g[::-1], e, seen.rtol) for g, e in lists):
        return "The entries are right, but in reverse order."
    if all(all_near(sorted(g), sorted(e), seen.rtol) for g, e in lists):
        return "The entries are right, but in another order."
    return ""


def _pair_swapped(given, expected, rtol):
    """Whether a pair's parts are those expected, in any order."""
    if not expected.pair:
        return False
    left = list(expected.parts)
    for part in given.parts:
        found = [i for i, other in enumerate(left) if _same_part(part, other, rtol)]
        if not found:
            return False
        left.pop(found[0])
    return True


def _same_part(one, other, rtol):
    return one.shape == other.shape and all_near(one.values, other.values, rtol)


def as_if(seen):
    """The reference's answer to changed inputs."""
    for variant in seen.exercise["as_if"]:
        if matches(variant["answers"], seen):
            return f"It behaves as if {variant['words']}."
    return ""


def only_one_entry(seen):
    """Which part of a pair is wrong, and what it is; which entry of an array is right."""
    expected = seen.expected[seen.first]
    if not expected.pair:
        return _entries(seen)
    wrong = set()
    for given, asked in zip(seen.given, seen.expected):
        for i, (one, other) in enumerate(zip(given.parts, asked.parts)):
            if not all_near(one.values, other.values, seen.rtol):
                wrong.add(i)
    if len(wrong) == len(expected.parts):
        return _each_part(seen, wrong)
    which = " and ".join([f"the {_nth(i)}" for i in sorted(wrong)])
    verb = "value is" if len(wrong) == 1 else "values are"
    said = f"Only {which} {verb} wrong."
    more = [_of_part(seen, i) for i in sorted(wrong)]
    return " ".join([said] + [one for one in more if one])


def _each_part(seen, wrong):
    """What is said of the parts, where all are wrong."""
    more = [_of_part(seen, i) for i in sorted(wrong)]
    return " ".join([one for one in more if one])


def _of_part(seen, i):
    subject = f"The {_nth(i)} value"
    given = [Value(False, [g.parts[i]]) for g in seen.given]
    expected = [Value(False, [e.parts[i]]) for e in seen.expected]
    right = [same(g, e, seen.rtol) for g, e in zip(given, expected)]
    part = Seen(seen.exercise, seen.cases, seen.answers, given, expected, right, right.index(False), seen.rtol)  # fmt: skip
    for variant in seen.exercise["as_if"]:
        if _part_matches(variant["answers"], i, seen):
            return f"{subject} behaves as if {variant['words']}."
    said = relation(part)
    if said.startswith("Each entry"):
        return said.replace("Each entry", f"Each entry of the {_nth(i)} value", 1)
    return said.replace("It is", f"{subject} is", 1)


def _part_matches(answers, i, seen):
    different = False
    for answer, given, expected in zip(answers, seen.given, seen.expected):
        value = filled(answer, expected)
        if value.parts[i].shape != given.parts[i].shape:
            return False
        if not all_near(given.parts[i].values, value.parts[i].values, seen.rtol):
            return False
        if not all_near(value.parts[i].values, expected.parts[i].values, seen.rtol):
            different = True
    return different


def _entries(seen):
    """Only the first, the last, or all but one are right, in every case."""
    pairs = [(g.parts[0], e.parts[0]) for g, e in zip(seen.given, seen.expected)]
    if any(len(e.shape) != 1 or e.shape[0] < 2 for _, e in pairs):
        return ""
    right = [
        [near(a, b, seen.rtol) for a, b in zip(g.values, e.values)] for g, e in pairs
    ]
    for words, test in (
        ("Only the first entry is right.", lambda r: r[0] and not any(r[1:])),
        ("Only the last entry is right.", lambda r: r[-1] and not any(r[:-1])),
        ("Only the first entry is wrong.", lambda r: not r[0] and all(r[1:])),
        ("Only the last entry is wrong.", lambda r: not r[-1] and all(r[:-1])),
    ):
        if all(test(one) for one in right):
            return words
    return ""


# How the answer and the expected value hang together


def relation(seen):
    """A factor, a difference, a power, a sign: constant, or made of the inputs."""
    given, expected = _all(seen)
    subject = "It" if len(numbers(seen.expected[seen.first])) == 1 else "Each entry"
    said = _constant(given, expected)
    if said:
        return f"{subject} is {said}."
    terms = _terms(seen)
    rtol = max(seen.rtol, 1e-6)
    for words, made in COMBINED:
        wanted = _made(made, given, expected)
        if wanted is None:
            continue
        name = _term_of(wanted, terms, rtol)
        if not name and words in OF_TWO:
            name = _two_of(wanted, terms, rtol)
            name = f"({name})" if name and "by {}" in words else name
        if name:
            return f"{subject} is {words.replace('{}', name)}."
    return ""


def _term_of(wanted, terms, rtol):
    """The name of the term that gives these numbers, or ""."""
    for name, values in terms:
        if all_near(wanted, values, rtol):
            return _wrapped(name)
    return ""


def _two_of(wanted, terms, rtol):
    """The name of the product or quotient of two terms that gives these numbers, or ""."""
    first = wanted[0]
    for i, (one, tops) in enumerate(terms):
        for j, (other, bottoms) in enumerate(terms):
            top, bottom = tops[0], bottoms[0]  # one number tells most of them apart
            if i < j and near(top * bottom, first, rtol):
                made, sign = [a * b for a, b in zip(tops, bottoms)], "*"
            elif i != j and near(top, first * bottom, rtol) and all(bottoms):
                made, sign = [a / b for a, b in zip(tops, bottoms)], "/"
            else:
                continue
            if all_near(wanted, made, rtol):
                return f"{_wrapped(one)} {sign} {_wrapped(other)}"
    return ""


def _made(made, given, expected):
    try:
        return [made(g, e) for g, e in zip(given, expected)]
    except (ZeroDivisionError, ValueError, OverflowError):
        return None


def _constant(given, expected):
    if any(e == 0 for e in expected) or any(g == 0 for g in given):
        if all(g == 0 for g in given):
            return "0 in every case"
        return ""
    if len(given) < 2:
        return ""
    ratio = given[0] / expected[0]
    if all(near(g, ratio * e, 1e-6) for g, e in zip(given, expected)):
        return _times(ratio)
    if all(near(abs(g), abs(e), 1e-6) for g, e in zip(given, expected)):
        return "right but for the sign, which is wrong in some places"
    difference = given[0] - expected[0]
    if all(abs(g - e - difference) <= 1e-6 * max(abs(difference), 1e-9) for g, e in zip(given, expected)):  # fmt: skip
        more = "more" if difference > 0 else "less"
        return f"{written(abs(difference), 4)} {more} than expected in every case"
    if max(given) - min(given) <= 1e-9 * abs(given[0]):
        return f"{written(given[0])} in every case"
    for words, power in POWERS:
        if power != int(power) and min(expected) <= 0:
            continue
        raised = [e**power for e in expected]
        if all_near(given, raised, 1e-6):
            return words
        if all_near(given, [-one for one in raised], 1e-6):
            return "minus " + words
        factor = given[0] / raised[0]
        if all(near(g, factor * r, 1e-6) for g, r in zip(given, raised)):
            return f"{written(factor)} times {words}"
    return ""


POWERS = (
    ("the square of the expected value", 2),
    ("the square root of the expected value", 0.5),
    ("1 divided by the expected value", -1),
    ("1 divided by the square of the expected value", -2),
    ("1 divided by the square root of the expected value", -0.5),
    ("the cube of the expected value", 3),
    ("the fourth power of the expected value", 4),
)


def _times(ratio):
    size = abs(ratio)
    sign = "minus " if ratio < 0 else ""
    if near(size, 1, 1e-6):
        return "the expected value with the other sign"
    for n in range(2, 1001):
        if near(size, n, 1e-6):
            word = "twice" if n == 2 else f"{n} times"
            return f"{sign}{word} the expected value, in every case"
        if near(size, 1 / n, 1e-6):
            return f"{sign}the expected value divided by {n}, in every case"
    for n in range(2, 101):
        if near(size**2, n, 1e-6):
            return (
                f"{sign}the expected value times the square root of {n}, in every case"
            )
        if near(size**2, 1 / n, 1e-6):
            return f"{sign}the expected value divided by the square root of {n}, in every case"
    return f"{written(ratio, 5)} times the expected value, in every case"


OF_TWO = (
    "the expected value times {}",
    "the expected value divided by {}",
    "{}, whatever the other inputs are",
)
COMBINED = (
    ("the expected value times {}", lambda g, e: g / e),
    ("the expected value divided by {}", lambda g, e: e / g),
    ("minus the expected value times {}", lambda g, e: -g / e),
    ("minus the expected value divided by {}", lambda g, e: -e / g),
    ("the expected value plus {}", lambda g, e: g - e),
    ("the expected value minus {}", lambda g, e: e - g),
    ("{} minus the expected value", lambda g, e: g + e),
    ("{} divided by the expected value", lambda g, e: g * e),
    ("{}, whatever the other inputs are", lambda g, e: g),
    ("the square of the expected value times {}", lambda g, e: g / e**2),
    ("the square of the expected value divided by {}", lambda g, e: e**2 / g),
    ("the root of (the square of the expected value plus {})", lambda g, e: g * g - e * e if g > 0 else 1 / 0),
    ("the root of (the square of the expected value minus {})", lambda g, e: e * e - g * g if g > 0 else 1 / 0),
)  # fmt: skip


def _terms(seen):
    """What an answer may be off by: (name, its values, one for each number of all cases)."""
    terms = [(name, _term(maker, seen)) for name, maker in _simple(seen)]
    return [(name, values) for name, values in terms if values is not None]


def _wrapped(name):
    return f"({name})" if " " in name else name


def _term(maker, seen):
    """A term's value for each number of all cases, or None where it has none."""
    values = []
    for case, expected in zip(seen.cases, seen.expected):
        size = len(numbers(expected))
        try:
            value = maker(case["inputs"])
        except (ValueError, ZeroDivisionError, OverflowError, TypeError):
            return None
        if isinstance(value, list):
            if len(value) != size or any(isinstance(one, list) for one in value):
                return None
            values += value
        else:
            values += [value] * size
    return values


def _simple(seen):
    """(name, a function of a case's inputs), the simplest first."""
    makers = []
    sample = seen.cases[0]["inputs"]
    for name in seen.exercise["parameters"]:
        value = sample[name]
        if isinstance(value, list):
            makers.append((name, lambda c, n=name: c[n]))
            makers.append((f"len({name})", lambda c, n=name: len(c[n])))
            makers.append((f"{name}**2", lambda c, n=name: [x * x for x in c[n]]))
            makers.append((f"abs({name})", lambda c, n=name: [abs(x) for x in c[n]]))
            continue
        makers.append((name, lambda c, n=name: c[n]))
        makers.append((f"{name}**2", lambda c, n=name: c[n] ** 2))
        makers.append((f"sqrt({name})", lambda c, n=name: math.sqrt(c[n])))
        if isinstance(value, float) and 0 < value < 1:
            makers.append((f"1 - {name}", lambda c, n=name: 1 - c[n]))
            makers.append((f"sqrt(1 - {name})", lambda c, n=name: math.sqrt(1 - c[n])))
            makers.append((f"1 + {name}", lambda c, n=name: 1 + c[n]))
            makers += _with_counts(seen, sample, name)
    return makers


def _with_counts(seen, sample, name):
    """beta**t and what is made of it, for a share beta and a count t."""
    makers: list[object] = []
    for count in seen.exercise["parameters"]:
        many = isinstance(sample[count], list)
        if isinstance(sample[count], float) or many and isinstance(sample[count][0], list):  # fmt: skip
            continue
        t = f"len({count})" if many else count
        size = lambda c, k=count, many=many: len(c[k]) if many else c[k]
        power = lambda c, n=name, size=size: c[n] ** size(c)
        makers.append((f"{name}**{t}", power))
        makers.append((f"1 - {name}**{t}", lambda c, power=power: 1 - power(c)))
        makers.append((f"1 + {name}**{t}", lambda c, power=power: 1 + power(c)))
        makers.append((f"sqrt(1 - {name}**{t})", lambda c, power=power: math.sqrt(1 - power(c))))  # fmt: skip
    return makers


def whole_number(seen):
    """Rounded the other way, not rounded, one too many, where whole numbers are asked."""
    given, expected = _all(seen)
    if any(e != int(e) for e in expected):
        return ""
    for words, change in (
        ("The number is right once it is rounded up.", math.ceil),
        ("The number is right once it is rounded down.", math.floor),
        ("The number is right once it is rounded to the nearest whole one.", round),
    ):
        if any(g != int(g) for g in given) and all(change(g) == e for g, e in zip(given, expected)):  # fmt: skip
            return words
    most = max([abs(g - e) for g, e in zip(given, expected)])
    if all(g == int(g) for g in given) and most == 1 and not any(seen.right):
        return "It is one too many in some cases and one too few in others."
    return ""


def unchanged(seen):
    """An input that changes nothing, though it should."""
    found = []
    for name, pairs in seen.exercise["changed"]:
        if all(
            same(seen.given[one], seen.given[other], 1e-12) for one, other in pairs
        ) and not all(
            same(seen.expected[one], seen.expected[other], 1e-3) for one, other in pairs
        ):
            before, after = [seen.cases[i]["inputs"][name] for i in pairs[0]]
            found.append(f"{name} goes from {shown(before)} to {shown(after)}")
    return f"It does not change when {' or when '.join(found)}." if found else ""


def some_right(seen):
    """Right in k of 25 cases, and what those have in common."""
    count = sum(1 for one in seen.right if one)
    if not count or len(seen.right) < len(seen.cases):
        return ""
    said = f"It is right in {count} of {len(seen.cases)} cases"
    split = _split(seen)
    if split:
        return f"{said}: {split}."
    case = seen.cases[seen.right.index(True)]["inputs"]
    named = [(name, case[name]) for name in seen.exercise["parameters"]]
    short = [f"{n} = {written(v)}" for n, v in named if not isinstance(v, list)]
    if len(short) == len(case):
        return f"{said}, for {', '.join(short)} for instance."
    return f"{said}."


def _split(seen):
    """An input that is small in all right cases and large in all wrong ones, or so."""
    for name in seen.exercise["parameters"]:
        values = [case["inputs"][name] for case in seen.cases]
        what = name
        if isinstance(values[0], list):
            values, what = [len(value) for value in values], f"len({name})"
        good = [v for v, right in zip(values, seen.right) if right]
        bad = [v for v, right in zip(values, seen.right) if not right]
        if max(good) < min(bad):
            return f"where {what} is {written(max(good))} or less, not where it is {written(min(bad))} or more"
        if min(good) > max(bad):
            return f"where {what} is {written(min(good))} or more, not where it is {written(max(bad))} or less"
    return ""


def all_off(seen):
    """Too large or too small in every case, and by how much."""
    given, expected = _all(seen)
    if len(given) != len(seen.cases) or any(e <= 0 or g <= 0 for g, e in zip(given, expected)):  # fmt: skip
        return ""
    ratios = [g / e for g, e in zip(given, expected)]
    low, high = min(ratios), max(ratios)
    if low > 1.001:
        return f"It is too large in every case, {written(low, 3)} to {written(high, 3)} times the expected value."
    if high < 0.999:
        return f"It is too small in every case, {written(low, 3)} to {written(high, 3)} times the expected value."
    return ""


def _all(seen):
    """Every given number and every expected one, of all cases."""
    given = [number for value in seen.given for number in numbers(value)]
    expected = [number for value in seen.expected for number in numbers(value)]
    return given, expected
