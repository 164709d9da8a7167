"""What a card says of an outcome, in pieces of text: (text, whether it is marked).

The file also runs in MicroPython (see judging.py).
"""

from .values import (
    differing,
    digits_to_differ,
    flat,
    near,
    numbers,
    pieces,
    shapes,
    shown,
    written,
)

NEAR = 1e-6
DOTS = "Replace the dots with your answer and run the cell again."
LONGEST = 300  # characters of a call that is written out


def sentences(exercise, outcome, name=""):
    """The lines below the title of a card: what came of it, and why.

    Args:
        exercise: the exercise's data.
        outcome: of the answer.
        name: what the reader calls the function, for a line that runs the case again.
    """
    if outcome.name == "right":
        return [[(_right(outcome), False)]]
    if outcome.name == "not attempted":
        line = outcome.answer.get("line")
        where = f" Line {line} needs what they stand for." if line else ""
        return [[(DOTS + where, False)]]
    inputs = exercise["cases"][outcome.case]["inputs"]
    # By the parameters' names: MicroPython's dicts are in no order.
    inputs = [(each, inputs[each]) for each in exercise["parameters"]]
    lines = [[(f"For {_listed(inputs)} ", False)] + _gave(outcome)]
    if outcome.mistake:
        lines.append([(f"It behaves as if {outcome.mistake}.", False)])
    elif outcome.diagnosis:
        lines.append([(outcome.diagnosis, False)])
    if outcome.single:
        said = "It is float32, which holds seven digits; four are compared."
        lines.append([(said, False)])
    if "float16" in outcome.answer.get("dtype", ""):
        said = "It is float16, which holds three digits; use float64."
        lines.append([(said, False)])
    call = f"{name}({', '.join([typed(value) for _, value in inputs])})"
    if name and len(call) <= LONGEST:
        lines.append([(f"To see it again: {call}", False)])
    return lines


def _right(outcome):
    said = f"Your function agrees with the reference on all {outcome.cases} inputs."
    if outcome.single:
        said += (
            " It returns float32, which holds seven digits, so that four were compared."
        )
    return said


def _listed(inputs):
    """The inputs of a case, each with its name."""
    return ", ".join([f"{name} = {shown(value)}" for name, value in inputs])


def typed(value):
    """An input as it is typed into a call: arrays of floats, numbers as they are shown."""
    if not isinstance(value, list):
        return shown(value)
    text = shown(value)
    whole = "." not in text and isinstance(flat(value)[0], float)
    if whole:
        text = text.replace("]", ".0]", 1)
    return f"np.array({text})"


def _gave(outcome):
    """What was given, what was expected, and by how much the one number misses the other."""
    given, expected, answer = outcome.given, outcome.expected, outcome.answer
    if given is None:
        tail = [("; expected ", False)] + pieces(expected) + [(".", False)]
        return [(_other(answer), False)] + tail
    marks, digits = (), 6
    if shapes(given) == shapes(expected):
        rtol = 1e-4 if outcome.single else NEAR
        digits = digits_to_differ(numbers(given), numbers(expected), rtol)
        marks = differing(given, expected, rtol) if len(numbers(given)) > 1 else ()
    said = [("you gave ", False)] + pieces(given, digits, marks)
    said += [("; expected ", False)] + pieces(expected, digits)
    return said + [(_ratio(given, expected) + ".", False)]


def _ratio(given, expected):
    """How many times the expected number it is, if that is a whole number, or one part of so many."""
    if len(numbers(given)) != 1 or shapes(given) != shapes(expected):
        return ""
    one, other = numbers(given)[0], numbers(expected)[0]
    if not one or not other or not near(one, one, NEAR):
        return ""
    for n in range(2, 101):
        if near(one, n * other, NEAR):
            return f" ({n} times)"
        if near(n * one, other, NEAR):
            return f" (1/{n} of it)"
    return ""


def _other(answer):
    """What was given that is no number, after "For ...": you gave None, it stopped, ..."""
    kind = answer["kind"]
    if kind == "error":
        said = f": {answer['text']}" if answer["text"] else ""
        return f"there is an error{_line(answer)}, {answer['name']}{said}"
    if kind == "stopped" and answer["seconds"] is None:
        return f"your function was stopped{_line(answer)}"
    if kind == "stopped":
        return f"your function did not come to an end: it was stopped after {written(answer['seconds'])} seconds{_line(answer)}"
    if kind == "none":
        return "you gave None"
    if kind == "too large":
        return f"you gave more than 10,000 numbers{_shape(answer['shape'])}"
    if kind == "pair":
        return f"you gave a {answer['type']} that holds something else than numbers"
    if answer["type"] in ("int", "Fraction"):  # any other of them is a number
        return "you gave a number that is too large for a float"
    text = f": {_quoted(answer['text'])}" if answer["text"] else ""
    return f"you gave no number but {_kind(answer['type'])}{text}"


def _line(answer):
    if "line" not in answer:
        return ""
    code = f" ({answer['code']})" if answer.get("code") else ""
    return f" in line {answer['line']}{code}"


def _shape(shape):
    return f", an array of shape ({', '.join([str(n) for n in shape])})" if len(shape) > 1 else ""  # fmt: skip


def _kind(name):
    return KINDS.get(name, f"a value of type {name}")


KINDS = {
    "str": "a text",
    "bool": "True or False",
    "complex": "a complex number",
    "complex128": "complex numbers",
    "dict": "a dict",
    "masked": "masked entries",
    "set": "a set",
}


def _quoted(text):
    return text if len(text) < 60 else text[:57] + "..."
