"""What is said of a wrong answer that nobody foresaw: the sentence, and that it is true."""

import copy
import math
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from companion.grading import exercises
from companion.grading.examining import examine
from companion.grading.variants import variants
from optimlib import moments
from tests.companion.grading.claims import checked


def of(name, change):
    """The reference's value, changed by a function of it and of the inputs."""
    exercise = exercises()[name]

    def answer(*inputs):
        value = exercise(*copy.deepcopy(inputs))
        return change(value, **dict(zip(exercise.parameters, inputs, strict=True)))

    return answer


def corrected_in_another_order(t, beta, m):
    return m / (1 - beta**t)


def running_distance(examples, share, lr):
    return lr * np.cumsum(np.arange(1, round(examples * share) + 1) ** -0.5)


def averaged_in_another_order(beta, g):
    return (1 - beta) * np.sum(beta ** np.arange(len(g) - 1, -1, -1) * g)


def root_of_math(w, g, m, v, *_):
    return w - math.sqrt(v), m, v


def with_caret(m, beta, t):
    return m / (1 - beta ^ t)


def one_argument(m):
    return m


def printed(m, beta, t):
    print("result:", m / (1 - beta**t))


def not_summed(w, b, x, y):
    f = 1 / (1 + np.exp(-(x @ w + b)))
    return ((f - y) * f * (1 - f))[:, None] * x


def not_averaged(w, b, x, y):
    return len(y) * not_summed(w, b, x, y)


def one_more_or_less(value, beta, share):
    return value + (1 if share > 0.75 else -1)


CORRECTION, VARIANCE, RATES = "corrected-average", "corrected-variance", "adagrad-rates"
TWO = "sigma-to-sum"
# (the exercise, a wrong answer, what is said of it)
WRONG = [
    (CORRECTION, with_caret, "In Python a power is written **; ^ is another operation."),
    (CORRECTION, one_argument, "Your function is called with m, beta, t."),
    (CORRECTION, printed, "It prints the right value, but does not return it."),
    (CORRECTION, corrected_in_another_order, "Your function names its arguments t, beta, m; it is called with m, beta, t, in this order."),
    (CORRECTION, lambda m, beta, t: "none", ""),
    (CORRECTION, lambda m, beta, t: math.nan, "It is NaN (not a number): is something divided by 0, or the root or the logarithm of a negative number taken?"),
    (CORRECTION, of(CORRECTION, lambda x, **_: round(x, 2)), "It is the right value, rounded to 2 digits after the point. Return it as it is."),
    (CORRECTION, of(CORRECTION, lambda x, **_: round(x)), "It is the right value, rounded to a whole number. Return it as it is."),
    (CORRECTION, of(CORRECTION, lambda x, **_: int(x)), "It is the right value, cut to a whole number by int. Return it as it is."),
    (CORRECTION, of(CORRECTION, lambda x, **_: x * 1.0001), "It agrees to 4 digits in every case: is something rounded, or a small number added?"),
    (CORRECTION, of(CORRECTION, lambda x, **_: 5 * x), "It is 5 times the expected value, in every case."),
    (CORRECTION, of(CORRECTION, lambda x, **_: -2 * x), "It is minus twice the expected value, in every case."),
    (CORRECTION, of(CORRECTION, lambda x, **_: x / 3), "It is the expected value divided by 3, in every case."),
    (CORRECTION, of(CORRECTION, lambda x, **_: x / 3**0.5), "It is the expected value divided by the square root of 3, in every case."),
    (CORRECTION, of(CORRECTION, lambda x, **_: x + 0.5), "It is 0.5 more than expected in every case."),
    (CORRECTION, of(CORRECTION, lambda x, **_: abs(x)), "It behaves as if m were abs(m)."),
    (CORRECTION, of(CORRECTION, lambda x, **_: x**2), "It is the square of the expected value."),
    (CORRECTION, of(CORRECTION, lambda x, **_: 0 * x), "It behaves as if m were 0."),
    (CORRECTION, of(CORRECTION, lambda x, **_: 4.5), "It is 4.5 in every case."),
    (CORRECTION, of(CORRECTION, lambda x, t, **_: t * x), "It is the expected value times t."),
    (CORRECTION, of(CORRECTION, lambda x, beta, **_: x - beta), "It is the expected value minus beta."),
    (CORRECTION, of(CORRECTION, lambda x, beta, **_: beta - x), "It is beta minus the expected value."),
    (CORRECTION, of(CORRECTION, lambda x, t, **_: t / x), "It is t divided by the expected value."),
    (CORRECTION, of(CORRECTION, lambda x, beta, t, **_: x / (t * (1 + beta**t))), "It is the expected value divided by ((1 + beta**t) * t)."),
    (CORRECTION, lambda m, beta, t: m * 0.9**t, "It does not change when beta goes from 0.5 to 0."),
    (CORRECTION, lambda m, beta, t: m * math.exp(beta), "It does not change when t goes from 3 to "),
    (CORRECTION, of(CORRECTION, lambda x, t, **_: x if t > 9 else 0.1), "It is right in "),
    ("epoch-distance", running_distance, "The last entry is right: only the last is asked."),
    ("unrolled-average", averaged_in_another_order, "Your function names its arguments beta, g; it is called with g, beta, in this order."),
    ("adam-step", root_of_math, "What math has takes one number; np.sqrt and so on take an array."),
    (VARIANCE, of(VARIANCE, lambda x, t, beta: x * math.exp(beta / t)), "It is too large in every case, "),
    (VARIANCE, of(VARIANCE, lambda x, **_: x**0.5 / 2), "It is 0.5 times the square root of the expected value."),
    (VARIANCE, of(VARIANCE, lambda x, beta, t: (x**2 + beta) ** 0.5), "It is the root of (the square of the expected value plus beta)."),
    ("steps-to-share", of("steps-to-share", lambda x, beta, **_: x + beta / 2), "The number is right once it is rounded down."),
    ("steps-to-share", of("steps-to-share", one_more_or_less), "It is one too many in some cases and one too few in others."),
    ("unrolled-average", lambda g, beta: moments.average(g, beta), "Only the last is asked."),
    ("unrolled-average", lambda g, beta: g * beta, "It has an entry for every entry of g; only one number is asked."),
    ("unrolled-average", lambda g, beta: g[::-1] * beta ** np.arange(len(g)) * (1 - beta), "Its sum is right: it is not yet summed."),
    ("neuron-gradient", not_summed, "Its mean is right: it is not yet averaged."),
    ("neuron-gradient", not_averaged, "is expected."),
    (RATES, of(RATES, lambda x, **_: np.append(x[:1], 2 * x[1:])), "Only the first entry is right."),
    (RATES, of(RATES, lambda x, **_: np.append(x[:-1], 2 * x[-1:])), "Only the last entry is wrong."),
    (RATES, of(RATES, lambda x, lr, **_: x / lr), "It behaves as if lr were 1."),
    (TWO, of(TWO, lambda x, t, **_: (x[0] / t**2, x[1])), "Only the first value is wrong. The first value is the expected value divided by t**2."),
    (TWO, of(TWO, lambda x, t, **_: (x[0] + t, 2 * x[1])), "The first value is the expected value plus t. The second value is twice the expected value, in every case."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "function", "said"), WRONG, ids=[said[:50] or "-" for *_, said in WRONG]
)
def test_a_wrong_answer_is_told_what_it_is(name, function, said):
    exercise = exercises()[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcome = examine(exercise, function)
        assert outcome.name == "wrong" and outcome.mistake == ""
        assert said.lower() in outcome.diagnosis.lower() and bool(said) == bool(outcome.diagnosis)  # fmt: skip
        if (
            said
            and "arguments" not in said
            and "is called with" not in said
            and "math" not in said
        ):
            checked(outcome.diagnosis, exercise, function)


@pytest.mark.parametrize("name", exercises())
def test_the_reference_on_changed_inputs_is_told_by_them(name):
    exercise = exercises()[name]
    changes = dict(variants(exercise.cases()[0]))
    for words in (variant["words"] for variant in exercise.known["as_if"]):

        def answer(*inputs, change=changes[words]):
            named = dict(zip(exercise.parameters, inputs, strict=True))
            return exercise(*change(named).values())

        outcome = examine(exercise, answer)
        assert outcome.mistake == "" and outcome.diagnosis in (
            f"It behaves as if {words}.",
            "The values are right, but in another order.",
            "The entries are right, but in reverse order.",
        ), words
        checked(outcome.diagnosis, exercise, answer)


def test_a_named_mistake_wins_over_a_diagnosis():
    outcome = examine(exercises()["corrected-average"], lambda m, beta, t: m / beta**t)
    assert outcome.mistake and not outcome.diagnosis


# Wrong answers put together at random: whatever is said of them is true.

CHANGES = {
    "times": lambda x, c, _: x * c,
    "plus": lambda x, c, _: x + c,
    "power": lambda x, c, _: np.sign(x) * np.abs(x) ** c,
    "rounded": lambda x, c, _: np.round(x, int(abs(c)) % 4),
    "input times": lambda x, c, inputs: x * inputs[int(10 * c) % len(inputs)],
    "input plus": lambda x, c, inputs: x + inputs[int(10 * c) % len(inputs)],
    "input alone": lambda x, c, inputs: inputs[int(10 * c) % len(inputs)] * c,
    "absolute": lambda x, c, _: np.abs(x),
    "sine": lambda x, c, _: x + np.sin(x * c),
    "first entry": lambda x, c, _: np.append(np.ravel(x)[:1] * c, np.ravel(x)[1:]),
    "one of them": lambda x, c, _: np.ravel(x)[0],
    "sometimes": lambda x, c, inputs: (
        x if math.sin(100 * float(np.ravel(inputs[0])[0])) < c / 3 else x * 1.5
    ),
}
made = st.lists(
    st.tuples(
        st.sampled_from(sorted(CHANGES)),
        st.sampled_from([0.5, 2.0, 3.0, -1.0, 0.1, 1.7]),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=2,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(sorted(exercises())), st.integers(0, 30), made)
@example("backprop-first", 0, [("one of them", 0.5, 0)])  # of a matrix
def test_nothing_untrue_is_said_of_any_answer(name, number, changes):
    exercise = exercises()[name]
    changed = [("", dict)] + [
        (words, change)
        for words, change in variants(exercise.cases()[0])
        if any(words == one["words"] for one in exercise.known["as_if"])
    ]
    _, start = changed[number % len(changed)]

    def answer(*inputs):
        named = dict(zip(exercise.parameters, copy.deepcopy(inputs), strict=True))
        value = exercise(*start(named).values())
        whole = isinstance(value, tuple)
        parts = list(value) if whole else [value]
        scalars = [v for v in inputs if np.ndim(v) == 0]
        for kind, c, place in changes:
            i = place % len(parts)
            part = CHANGES[kind](parts[i], c, scalars)
            parts[i] = np.reshape(part, np.shape(parts[i])) if np.size(part) == np.size(parts[i]) else part  # fmt: skip
        return tuple(parts) if whole else parts[0]

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        outcome = examine(exercise, answer)
        sometimes = any(kind == "sometimes" for kind, *_ in changes)
        if outcome.diagnosis and not (sometimes and "as if" in outcome.diagnosis):
            checked(outcome.diagnosis, exercise, answer)
