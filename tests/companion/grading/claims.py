"""What the sentences of a diagnosis claim, each looked into by other means, on fresh cases."""

import copy
import re
from itertools import permutations

import numpy as np

from companion.grading.variants import variants

PLACES = {"first": 0, "second": 1, "third": 2, "fourth": 3}
FRESH = 7


def cases(exercise):
    """Some of the exercise's own cases and others."""
    return exercise.cases()[:5] + exercise.cases(FRESH)[:12]


def values(function, exercise, inputs):
    """What a function gives, as a list of arrays."""
    with np.errstate(all="ignore"):
        value = function(*copy.deepcopy(inputs).values())
    return parts(value, has_pairs(exercise))


def has_pairs(exercise):
    """Whether it asks for several values."""
    return isinstance(exercise.known["cases"][0]["expected"], dict)


def parts(value, pair):
    """A value as a list of arrays: one, or one an entry."""
    return [np.asarray(v, dtype=float) for v in (value if pair else [value])]


def pairs(exercise, answer, drawn=None):
    """(inputs, what is given, what is expected) of each case."""
    drawn = cases(exercise) if drawn is None else drawn
    return [
        (c, values(answer, exercise, c), values(exercise.reference, exercise, c))
        for c in drawn
    ]


def same(ones, others, rtol=2e-6):
    """Whether two lists of arrays are the same."""
    return len(ones) == len(others) and all(
        one.shape == other.shape and np.allclose(one, other, rtol=rtol, atol=1e-13)
        for one, other in zip(ones, others, strict=True)
    )


def as_if(words, part, exercise, answer):
    """The reference gives the same for inputs changed as the words say."""
    change = dict(variants(exercise.cases()[0]))[words]
    for inputs, given, _ in pairs(exercise, answer):
        asked = values(exercise.reference, exercise, change(copy.deepcopy(inputs)))
        assert same(given[part], asked[part])


def mistaken(words, exercise, answer):
    """The known mistake gives the same."""
    for inputs, given, _ in pairs(exercise, answer):
        assert same(given, values(exercise.mistakes[words], exercise, inputs))


def related(words, part, exercise, answer):
    """The given value is what the words make of the expected one and the inputs."""
    for inputs, given, expected in pairs(exercise, answer):
        for g, e in zip(given[part], expected[part], strict=True):
            assert same([g], [np.broadcast_to(evaluated(words, e, inputs, g), g.shape)])


POWERS = (
    ("1 divided by the square root of the expected value", "1 / e**0.5"),
    ("1 divided by the square of the expected value", "1 / e**2"),
    ("1 divided by the expected value", "1 / e"),
    ("the square root of the expected value", "e**0.5"),
    ("the square of the expected value", "e**2"),
    ("the cube of the expected value", "e**3"),
    ("the fourth power of the expected value", "e**4"),
    ("the expected value", "e"),
)


def evaluated(words, e, inputs, g):
    """The formula that stands in words."""
    text = re.sub(r", (in every case|whatever the other inputs are)$", "", words)
    if found := re.fullmatch(r"(-?[\d.e-]+) in every case", words):
        return float(found[1])
    if text == "the expected value with the other sign":
        return -e
    if text.startswith("right but for the sign"):
        return np.abs(e) * np.sign(g)
    if found := re.fullmatch(r"(\S+) (more|less) than expected in every case", words):
        more = float(found[1]) if found[2] == "more" else -float(found[1])
        return np.where(np.abs(g - e - more) < 1e-3 * abs(more), g, np.nan)
    for name, formula in POWERS:
        text = text.replace(name, f"({formula})")
    text = re.sub(r"the root of \((.*)\)$", r"sqrt(\1)", text)
    text = re.sub(r"^minus twice ", "-2 * ", text)
    text = re.sub(r"^minus ", "- ", text)
    text = re.sub(r"^twice ", "2 * ", text)
    text = re.sub(r"the square root of (\d+)", r"sqrt(\1)", text)
    for word, sign in (("times", "*"), ("divided by", "/"), ("plus", "+"), ("minus", "-")):  # fmt: skip
        text = text.replace(f" {word} ", f" {sign} ")
    names = {**inputs, "e": e, "sqrt": np.sqrt, "len": len, "abs": np.abs}
    found = eval(text, {"__builtins__": {}}, names)
    factor = re.match(r"-? ?(\d+\.\d+) \*", text)  # it is written with few digits
    return np.where(np.abs(found - g) <= 1e-4 * np.abs(g), g, found) if factor else found  # fmt: skip


def checked(sentence, exercise, answer):
    """Hold each claim of a diagnosis against the answer; raise for a sentence that is not known."""
    if found := re.fullmatch(r"It behaves as if (.*)\.", sentence):
        return as_if(found[1], slice(None), exercise, answer)
    if found := re.match(r"Only (the .*?) values? (?:is|are) wrong\. ?", sentence):
        wrong = {
            PLACES[word] for word in re.findall("first|second|third|fourth", found[1])
        }
        for _, given, expected in pairs(exercise, answer):
            for i, (g, e) in enumerate(zip(given, expected, strict=True)):
                assert i in wrong or same([g], [e])
        return parts_checked(sentence[found.end() :], exercise, answer)
    if re.match(r"(The (first|second|third|fourth) value|Each entry of the)", sentence):
        return parts_checked(sentence, exercise, answer)
    for pattern, test in CLAIMS:
        if found := re.fullmatch(pattern, sentence):
            return test(exercise, answer, *found.groups())
    if found := re.fullmatch(r"(?:It|Each entry) is (.*)\.", sentence):
        return related(found[1], slice(None), exercise, answer)
    raise AssertionError(f"a sentence that nothing checks: {sentence}")


def parts_checked(text, exercise, answer):
    """Sentences about one value of a pair."""
    said = re.split(r"(?<=\.) (?=The |Each )", text) if text else []
    for one in said:
        found = re.fullmatch(
            r"(?:Each entry of the|The) (first|second|third|fourth) value (.*)\.", one
        )
        assert found, one
        place = slice(PLACES[found[1]], PLACES[found[1]] + 1)
        if shapes := re.fullmatch(
            r"is (.*); (.*) is expected(?:\. It is the (.*) of the entries)?", found[2]
        ):
            inputs = exercise.cases()[0]
            given = answer(*copy.deepcopy(inputs).values())[place][0]
            asked = exercise(*inputs.values())[place][0]
            assert shape_of(np.asarray(given)) == shapes[1]
            assert shape_of(np.asarray(asked)) == shapes[2]
            if shapes[3]:
                assert np.isclose(given, ENTRIES[shapes[3]](asked), rtol=2e-6)
        elif words := re.fullmatch("behaves as if (.*)", found[2]):
            as_if(words[1], place, exercise, answer)
        else:
            related(found[2].removeprefix("is "), place, exercise, answer)


# Each test is a function of the exercise, the answer and what the pattern found.


def rounded(exercise, answer, places):
    """Every number is the expected one, rounded."""
    for _, given, expected in pairs(exercise, answer, exercise.cases()):
        for g, e in zip(given, expected, strict=True):
            assert np.allclose(g, np.round(e, int(places)), atol=1e-12)


def cut(exercise, answer):
    """The expected numbers without their digits after the point."""
    for _, given, expected in pairs(exercise, answer, exercise.cases()):
        assert same(given, [np.trunc(e) for e in expected])


def digits(exercise, answer, count):
    """It agrees to so many digits."""
    for _, given, expected in pairs(exercise, answer, exercise.cases()):
        assert same(given, expected, rtol=10.0 ** -int(count))


def constant(exercise, answer, said):
    """It stays the same when one of these inputs changes, in both pairs of cases."""
    own = exercise.cases()
    for name in re.findall(r"(\w+) goes from", said):
        pairs = dict(exercise.known["changed"])[name]
        for one, other in pairs:
            assert repr(own[one][name]) != repr(own[other][name])
            left, right = (values(answer, exercise, own[i]) for i in (one, other))
            assert same(left, right)


def always(exercise, answer, number):
    """One number in all cases."""
    for _, given, _ in pairs(exercise, answer, exercise.cases()):
        assert all(np.allclose(g, float(number), rtol=1e-5) for g in given)


def count_right(exercise, answer, count, rest):
    """It is right in so many of the cases."""
    right = []
    for inputs in exercise.cases():
        asked = values(exercise.reference, exercise, inputs)
        try:
            right.append(same(values(answer, exercise, inputs), asked))
        except Exception:  # noqa: BLE001 - the answer fails in some cases
            right.append(False)
    assert sum(right) == int(count)
    if found := re.match(r": where (.*?) is (\S+) or (less|more), not where it is (\S+) or", rest):  # fmt: skip
        for inputs, one in zip(exercise.cases(), right, strict=True):
            value = evaluated(found[1], 0, inputs, 0)
            limit, other = float(found[2]), float(found[4])
            small = value <= limit + 1e-9 if found[3] == "less" else value >= limit
            large = value >= other if found[3] == "less" else value <= other
            assert small if one else large


def off(exercise, answer, word, low, high):
    """Between so and so many times the expected value."""
    for _, given, expected in pairs(exercise, answer, exercise.cases()):
        for g, e in zip(given, expected, strict=True):
            assert (g > e).all() if word == "large" else (g < e).all()
            assert ((g / e > 0.99 * float(low)) & (g / e < 1.01 * float(high))).all()


def reshaped(exercise, answer, got, asked, why):
    """The shapes, and what makes them one."""
    inputs = exercise.cases()[0]
    with np.errstate(all="ignore"):
        value = np.asarray(answer(*copy.deepcopy(inputs).values()))
    assert shape_of(value) == got
    assert shape_of(np.asarray(exercise(*inputs.values()))) == asked
    for inputs in cases(exercise):
        value = np.asarray(answer(*copy.deepcopy(inputs).values()))
        asked = exercise(*inputs.values())
        if not why:
            continue
        if found := re.search(r"entry for every entry of (\w+)", why):
            assert len(value) == len(inputs[found[1]])
        elif found := re.search(r"It is the (.*) of the entries", why):
            assert np.isclose(value, ENTRIES[found[1]](asked), rtol=2e-6)
        elif value.shape == ():  # of one entry, which is right as it is
            assert np.allclose(value, asked, rtol=2e-6)
        else:
            assert np.allclose(CHANGES[why.strip()](value), asked, rtol=2e-6)


def shape_of(array):
    """A shape as the sentence has it."""
    return "one number" if array.shape == () else f"an array of shape {array.shape}"


ENTRIES = {
    "last": lambda a: np.ravel(a)[-1],
    "first": lambda a: np.ravel(a)[0],
    "sum": np.sum,
    "mean": np.mean,
}
CHANGES = {
    "The numbers are right: .ravel() makes them one row of values.": np.ravel,
    "The last entry is right: only the last is asked.": lambda a: a[-1],
    "The first entry is right: only the first is asked.": lambda a: a[0],
    "Without its first entry it is right.": lambda a: a[1:],
    "Without its last entry it is right.": lambda a: a[:-1],
    "Its sum is right: it is not yet summed.": lambda a: a.sum(axis=0),
    "Its mean is right: it is not yet averaged.": lambda a: a.mean(axis=0),
    "Its sum is right: it is not yet summed over the last axis.": lambda a: a.sum(axis=-1),
    "Its mean is right: it is not yet averaged over the last axis.": lambda a: a.mean(axis=-1),
}  # fmt: skip


def reordered(exercise, answer, what, how):
    """The same numbers in another order."""
    for _, given, expected in pairs(exercise, answer):
        if what == "values":
            assert any(same(given, list(e)) for e in permuted(expected))
        elif how == "reverse":
            assert same(given, [e[::-1] for e in expected])
        else:
            assert same(list(map(np.sort, given)), list(map(np.sort, expected)))


def permuted(values):
    """Every order."""
    return permutations(values)


def entry(exercise, answer, place, state):
    """Only this entry is right, or wrong."""
    i = 0 if place == "first" else -1
    for _, given, expected in pairs(exercise, answer):
        right = np.isclose(given[0], expected[0], rtol=2e-6)
        alone = right if state == "right" else ~right
        assert alone[i] and np.delete(alone, i).sum() == 0


def whole(exercise, answer, how):
    """It is right once it is rounded so."""
    change = {"up": np.ceil, "down": np.floor}.get(how, np.round)
    for _, given, expected in pairs(exercise, answer):
        assert same([change(g) for g in given], expected)


def one_off(exercise, answer):
    """One too many or too few."""
    for _, given, expected in pairs(exercise, answer, exercise.cases()):
        assert abs(given[0] - expected[0]) == 1


def strange(exercise, answer, *_):
    """NaN or infinity in some case."""
    assert any(
        not np.isfinite(one).all()
        for _, given, _ in pairs(exercise, answer, exercise.cases())
        for one in given
    )


def printed(exercise, answer):
    """Nothing is returned, and the expected number is printed."""
    import contextlib
    import io

    for inputs in cases(exercise):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            assert answer(*inputs.values()) is None
        assert np.isclose(float(out.getvalue().split()[-1]), exercise(*inputs.values()))


def text(exercise, answer):
    """It is a text."""
    assert isinstance(answer(*exercise.cases()[0].values()), str)


def caret(exercise, answer):
    """The operator ^ fails."""
    try:
        answer(*exercise.cases()[0].values())
    except TypeError as error:
        assert "for ^" in str(error)
    else:
        raise AssertionError("no error")


CLAIMS = (
    (r"It is the right value, rounded to (\d) digits? after the point\. Return it as it is\.", rounded),
    (r"It is the right value, rounded to a whole number\. Return it as it is\.", lambda e, a: rounded(e, a, 0)),
    (r"It is the right value, cut to a whole number by int\. Return it as it is\.", cut),
    (r"It agrees to (\d+) digits in every case: .*", digits),
    (r"It does not change when (.*)\.", constant),
    (r"(?:It|Each entry) is (-?[\d.e-]+) in every case\.", always),
    (r"It is right in (\d+) of 25 cases(.*)\.", count_right),
    (r"It is too (large|small) in every case, (\S+) to (\S+) times the expected value\.", off),
    (r"It is (an array of shape \(.*?\)|one number); (an array of shape \(.*?\)|one number) is expected\.(.*)", reshaped),
    (r"The (values|entries) are right, but in (another|reverse) order\.", reordered),
    (r"Only the (first|last) entry is (right|wrong)\.", entry),
    (r"The number is right once it is rounded (up|down|to the nearest whole one)\.", whole),
    (r"It is one too many in some cases and one too few in others\.", one_off),
    (r"(.*)(NaN \(not a number\)|infinite): .*", strange),
    (r"It prints the right value, but does not return it\.", printed),
    (r"It is a text: return a number itself\.", text),
    (r"In Python a power is written \*\*; \^ is another operation\.", caret),
)  # fmt: skip
