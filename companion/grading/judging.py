"""How answers are judged: against an exercise's data, without running anything.

`judge` is a pure function of plain data. With `diagnosis.py` and `values.py` it also runs
in MicroPython and wherever the three files are put into one folder: it imports nothing of
the package, and uses no more than Python's simplest part.
"""

from collections import namedtuple

from .diagnosis import Seen, diagnose, matches
from .values import Part, Value, from_data, same, split, stack

RTOL = 1e-6
RTOL_SINGLE = 1e-4  # float32 has seven digits, and loses some in a sum

# name: "right", "wrong" or "not attempted". The rest is of the first case that failed:
# its place, the answer as plain data and as a value (None where it is none), the expected
# value; `mistake` and `diagnosis` are words, or "". `single` tells of float32.
Outcome = namedtuple(
    "Outcome",
    (
        "name",
        "case",
        "mistake",
        "diagnosis",
        "answer",
        "given",
        "expected",
        "cases",
        "single",
    ),
)


def judge(exercise, cases, answers, parameters=None):
    """The outcome of an answer.

    Args:
        exercise: an exercise's data, as `Exercise.data()` makes them.
        cases: its cases; the first ones are those that it has its mistakes' answers for.
        answers: what was returned for each case, as `answers.plain` makes it. Fewer than
            cases, where the answer had to be stopped.
        parameters: the names of the answer's parameters, if they are known.
    """
    if any(unfinished(answer) for answer in answers):
        return Outcome("not attempted", 0, "", "", answers[0], None, None, 0, False)
    single = any(_single(answer) for answer in answers)
    rtol = RTOL_SINGLE if single else RTOL
    expected = [from_data(case["expected"]) for case in cases]
    given = [read(a, e) for a, e in zip(answers, expected)]
    right = [g is not None and same(g, e, rtol) for g, e in zip(given, expected)]
    if len(right) == len(cases) and all(right):
        return Outcome("right", 0, "", "", answers[0], given[0], expected[0], len(cases), single)  # fmt: skip
    first = right.index(False)
    seen = Seen(exercise, cases, answers, given, expected, right, first, rtol)
    mistake = recognised(exercise["mistakes"], seen)
    diagnosis = "" if mistake else diagnose(seen, parameters)
    return Outcome("wrong", first, mistake, diagnosis, answers[first], given[first], expected[first], len(cases), single)  # fmt: skip


def unfinished(answer):
    """Whether there are still dots in an answer."""
    if answer["kind"] == "pair":
        return any(unfinished(entry) for entry in answer["entries"])
    return answer["kind"] == "dots"


def _single(answer):
    if answer["kind"] == "pair":
        return any(_single(entry) for entry in answer["entries"])
    return "float32" in answer.get("dtype", "")


def read(answer, expected):
    """An answer as a value, in the form in which one is expected where it has that form.

    None for what is no number.
    """
    value = _as_it_is(answer)
    if value is None:
        return None
    if expected.pair:
        return _as_pair(value, answer, expected)
    if value.pair:
        alike = all(part.shape == value.parts[0].shape for part in value.parts)
        if expected.parts[0].shape == () or not value.parts or not alike:
            return value
        return Value(False, [stack(value.parts)])
    one = value.parts[0]
    if expected.parts[0].shape == () and len(one.values) == 1:
        return Value(False, [Part((), one.values)])
    return value


def _as_pair(value, answer, expected):
    if not value.pair:
        one = value.parts[0]
        rows = len(one.shape) > 1 or all(part.shape == () for part in expected.parts)
        if not one.shape or one.shape[0] != len(expected.parts) or not rows:
            return value
        value = Value(True, split(one))
    if len(value.parts) != len(expected.parts):
        return value
    parts = []
    for part, asked in zip(value.parts, expected.parts):
        alone = asked.shape == () and len(part.values) == 1
        parts.append(Part((), part.values) if alone else part)
    return Value(True, parts)


def _as_it_is(answer):
    """A number, an array or a pair of them; a tuple in a pair is an array."""
    if answer["kind"] in ("number", "array"):
        return Value(False, [_part(answer)])
    if answer["kind"] != "pair":
        return None
    parts = []
    for entry in answer["entries"]:
        value = _as_it_is(entry)
        if value is None:
            return None
        if value.pair:
            if not value.parts or any(
                part.shape != value.parts[0].shape for part in value.parts
            ):
                return None
            value = Value(False, [stack(value.parts)])
        parts.append(value.parts[0])
    return Value(True, parts)


def _part(answer):
    return Part(tuple(answer["shape"]), [float(one) for one in answer["values"]])


def recognised(mistakes, seen):
    """The words of the first known mistake that gives what was given, or ""."""
    for mistake in mistakes:
        if matches(mistake["answers"], seen):
            return mistake["words"]
    return ""
