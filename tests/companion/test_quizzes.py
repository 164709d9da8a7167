"""The answers of the chapters' quizzes, each computed here anew: the right ones and the mistakes that are named."""

import copy
import re
from itertools import combinations

import numpy as np
import pytest

from companion import book
from companion.lab import digits
from optimlib import SGD, Adagrad, Adam, Momentum, RMSprop, minimize, moments, walk
from optimlib.problems import (
    Network,
    SigmoidNeuron,
    films,
    sigmoid,
    slides_network,
    softmax,
)

QUIZ = re.compile(r":::\{quiz\} (\S+)\n(.*?)\n:::", re.DOTALL)
NUMBER = re.compile(r"^- (\S+) ± (\S+): (Right|Wrong)\.", re.MULTILINE)
CHOICE = re.compile(r"^\d\. (Right|Wrong)\.", re.MULTILINE)


def quizzes():
    """The source of every quiz, by its name."""
    return {
        name: text
        for path in book.chapters()
        for cell in book.cells(path)
        if cell.cell_type == "markdown"
        for name, text in QUIZ.findall(cell.source)
    }


def right(name):
    """The right choices of a quiz, counted from 0."""
    verdicts = CHOICE.findall(quizzes()[name])
    return [i for i, verdict in enumerate(verdicts) if verdict == "Right"]


def films_copied():
    """Among the ten-fold, a tenth, the same and the root of ten: how the actor's step changes."""
    data = films(0)
    more = SigmoidNeuron(np.tile(data.x, (10, 1)), np.tile(data.y, 10))
    step, longer = (SGD(lr=10.0).step(np.zeros(3), d.gradient(np.zeros(3)))[0] for d in (data, more))  # fmt: skip
    return np.flatnonzero(np.isclose([10, 0.1, 1, 10**0.5], longer / step))


def hundredfold_cost():
    """The methods whose path is that of gradients 100 times as small."""
    g = np.random.default_rng(0).normal(size=(50, 3))
    bare = {"eps": 0.0}
    methods = [
        SGD(), Momentum(), Adagrad(**bare), Adagrad(root=False, **bare), RMSprop(**bare), Adam(**bare),
    ]  # fmt: skip
    paths = [
        [walk(copy.copy(opt), np.zeros(3), a * g) for a in (1, 100)] for opt in methods
    ]
    return [i for i, pair in enumerate(paths) if np.allclose(*pair, rtol=1e-9)]


def which_unbiased():
    """The gradients whose corrected average has the last one's mean: the weights need the means alone."""
    means = [[3] * 5, [3] * 5, [5, 4, 3, 2, 1], [3] * 5]
    weights = moments.weights(5, 0.9) / moments.weight_sum(5, 0.9)
    assert round(weights @ means[2], 2) == 2.79  # as its explanation says
    return [i for i, mean in enumerate(means) if np.isclose(weights @ mean, mean[-1])]


def first_step():
    """Among a tenth, one, 3.16 and ten times the rate: the first step without correction."""
    opt = Adam(lr=1.0, beta2=0.99, eps=0.0, bias_correction=False)
    steps = np.abs(np.diff(walk(opt, 0.0, np.full(2, 7.0))))
    assert round(steps[1], 2) == 1.35  # as its explanation says
    return np.flatnonzero(np.isclose([0.1, 1, 3.16, 10], steps[0]))


def twins():
    """Among five changes of the slides' network, those that leave its answers."""
    network, layers = slides_network()
    points = np.random.default_rng(0).normal(0, 2, (50, 2))

    def changed(change):
        made = copy.deepcopy(layers)
        change(*made)
        return network.output(made, points)

    def swap(one, *following):
        one["W"], one["b"] = one["W"][::-1], one["b"][::-1]
        for after in following:
            after["W"] = after["W"][:, ::-1]

    def scale(one, after, by, back):
        one["W"][0] *= by
        one["b"][0] *= by
        after["W"][:, 0] *= back

    def flip(one, after, last):
        outgoing = after["W"][:, 0].copy()
        scale(one, after, -1, -1)
        after["b"] += outgoing

    changes = [
        lambda one, two, last: swap(one, two),
        lambda one, two, last: swap(last),
        lambda one, two, last: scale(one, two, -1, 1),
        flip,
        lambda one, two, last: scale(one, two, 2, 0.5),
    ]
    answers = network.output(layers, points)
    return [i for i, one in enumerate(changes) if np.allclose(changed(one), answers)]


def softmax_bias():
    """Among four, that of equal shares after the same number is added to every sum."""
    z = np.random.default_rng(0).normal(0, 3, (50, 4))
    before, after = softmax(z), softmax(z + 5)
    largest = before.max(axis=1) < after.max(axis=1) - 1e-9
    order = (before.argsort(axis=1) != after.argsort(axis=1)).any()
    seen = [(after > before + 1e-9).all(), largest.any(), order]
    return np.flatnonzero([*seen, not any(seen)])


def order_of_updates():
    """Among no matter, signal first, step first: what gives the first layer its gradient."""
    rng = np.random.default_rng(0)
    x, W1, W2 = rng.normal(size=2), rng.normal(size=(3, 2)), rng.normal(size=(2, 3))
    network = Network([2, 3, 2])
    layers = [{"W": W1, "b": np.zeros(3)}, {"W": W2, "b": np.zeros(2)}]
    _, slopes = network.loss_and_gradient(layers, x[None], np.array([[1.0, 0.0]]))
    a = sigmoid(W1 @ x)
    signal = slopes[1]["b"]
    firsts = [
        np.outer((through.T @ signal) * a * (1 - a), x)
        for through in (W2, W2 - 0.5 * slopes[1]["W"])
    ]
    right = [np.allclose(one, slopes[0]["W"]) for one in firsts]
    return np.flatnonzero([all(right), *right]) if not all(right) else [0]


def step_too_small():
    """Among four, that a right gradient is far off by the smaller step, and near by the other."""
    w, slope = 0.7, np.cos(0.7)
    off = [abs((np.sin(w + s) - np.sin(w - s)) / (2 * s) / slope - 1) for s in (1e-12, 1e-5)]  # fmt: skip
    return [2] if off[0] > 1e-5 and off[1] < 1e-9 else []


def cost_rose():
    """Among four, what follows where the cost of the digits rises at the rate 5."""
    W = np.zeros((65, 10))
    fast, slow = (
        minimize(digits.loss, digits.gradient, W, SGD(lr=lr), 60).f for lr in (5.0, 1.7)
    )
    assert (np.diff(fast) > 0).any() and (np.diff(slow) <= 0).all()
    v, at = np.ones(W.shape), minimize(digits.loss, digits.gradient, W, SGD(lr=5.0), 5).w[-1]  # fmt: skip
    for _ in range(20):
        v = v / np.linalg.norm(v)
        v = (digits.gradient(at + 1e-4 * v) - digits.gradient(at - 1e-4 * v)) / 2e-4
    assert np.linalg.norm(v) > 2 / 5  # the curvature along v, by the power method
    diverging, smaller_is_better = fast[-1] > fast[0], slow[-1] < fast[-1]
    # The digits' cost is convex: that there is another valley does not follow.
    return np.flatnonzero([True, diverging, smaller_is_better, False])


def halve_the_floor():
    """Among half the rate, twice the batch, twice of both, and more steps: what halves the spread of long runs."""
    places = np.array([-3.0, -1.0, 1.0, 3.0])

    def spread(lr, batch, steps=2000):
        rng, w, last = np.random.default_rng(0), np.zeros(1000), []
        for t in range(steps):
            w = w - lr * (w - rng.choice(places, (1000, batch)).mean(axis=1))
            if t >= steps // 2:
                last.append((w**2).mean())
        return np.mean(last)

    before = spread(0.04, 2)
    after = [spread(0.02, 2), spread(0.04, 4), spread(0.08, 4), spread(0.04, 2, 4000)]
    return np.flatnonzero(np.divide(after, before) < 0.6)


def one_pass():
    """Among none, 1,000, 3,700 and 5,000: how many of 10,000 are left out."""
    drawn = np.random.default_rng(0).integers(10_000, size=10_000)
    missed = 10_000 - len(np.unique(drawn))
    half = 10_000 - len(np.unique(drawn[:6900]))
    assert abs(half - 5000) < 100  # as its explanation says
    return np.flatnonzero(np.abs(np.subtract([0, 1000, 3700, 5000], missed)) < 200)


CHOICES = {
    "quiz-cost-rose": cost_rose,
    "quiz-halve-the-floor": halve_the_floor,
    "quiz-one-pass": one_pass,
    "quiz-twins": twins,
    "quiz-softmax-bias": softmax_bias,
    "quiz-order-of-updates": order_of_updates,
    "quiz-step-too-small": step_too_small,
    "quiz-films-copied": films_copied,
    "quiz-hundredfold-cost": hundredfold_cost,
    "quiz-which-unbiased": which_unbiased,
    "quiz-first-step": first_step,
}


def third_step():
    """AdaGrad's third step after 3, 4, 12, then the numbers that a mistake leads to."""
    g, rate = np.array([3.0, 4.0, 12.0]), 0.1
    steps = -np.diff(walk(Adagrad(lr=rate, eps=0.0), 0.0, g))
    squares = g @ g
    return [
        steps[2],
        steps[0],  # as the first one
        rate / squares**0.5,  # the rate
        rate * g[2] / squares,  # no root
        rate * g[2] / (g[:2] @ g[:2]) ** 0.5,  # divided before adding
        rate * g[2] / g.sum(),
        rate * g[2] / (squares / 3) ** 0.5,  # the mean
        steps.sum(),
        rate * g[2],  # gradient descent
    ]


def corrected_by_hand():
    """The corrected average of 10, 0, 0, then the numbers that a mistake leads to."""
    g, beta = np.array([10.0, 0.0, 0.0]), 0.8
    m = moments.average(g, beta)
    right = moments.corrected(m, beta)[2]
    return [
        right,
        m[2],
        g.mean(),
        m[2] / (1 - beta),
        m[2] / (1 - beta**2),
        m[2] / beta**3,
        m[2] * (1 - beta**3),
        g[0],
        g[2],
    ]


def softmax_share():
    """The third share of the sums 1, 2, 4, then the numbers that a mistake leads to."""
    z = np.array([1.0, 2.0, 4.0])
    right = softmax(z)[2]
    return [
        right,
        round(right, 1),
        z[2] / z.sum(),  # no exponential
        sigmoid(z[2]),
        softmax(z[1:])[1],  # the first output left out
        1 / 3,
        1 - right,  # the two others
        np.exp(z[2]),
    ]


def three_factors():
    """A derivative by complex step, then the numbers that a mistake leads to."""
    w = np.log(0.8 / 0.2) / 3  # the neuron answers 0.8 to the input 3
    cost = 0.5 * (1 / (1 + np.exp(-3 * (w + 1e-30j)))) ** 2
    right = cost.imag / 1e-30
    return [
        right,
        round(right, 2),
        0.8 * 3,  # no slope
        right / 3,  # with respect to z
        2 * right,  # no half
        0.8 * 0.8 * 3,  # the answer for the slope
        -right,
    ]


def descent_by_hand():
    """Where three steps lead on 4 w^2 at the rate 0.2, then the numbers that a mistake leads to."""
    path = walk(SGD(lr=0.2), 1.0, lambda w: 8 * w, 3)
    return [
        path[3],
        round(path[3], 2),
        abs(path[3]),
        walk(SGD(lr=0.2), 1.0, lambda w: w, 3)[3],  # no curvature
        (-0.2 * 8) ** 3,  # from 0, not from where one is
        path[1],
        path[2],
        walk(SGD(lr=0.2), 1.0, np.full(3, 8.0))[3],  # the first slope for all
    ]


def steps_needed():
    """The steps to a thousandth with the condition number 200, then the numbers that a mistake leads to."""

    def steps(left, share=1e-3):
        """By multiplying."""
        t, now = 0, 1.0
        while now > share:
            t, now = t + 1, now * left
        return t

    best = steps(199 / 201)
    root = 200**0.5
    return [
        best,
        steps(1 - 1 / 200),  # at the rate 1/L
        best * 3 / np.log(1000),  # the logarithm to the base 10
        steps((199 / 201) ** 2),  # of the cost
        steps((root - 1) / (root + 1)),
    ]


def batch_variance():
    """The variance of four of ten by all choices of four, then the numbers that a mistake leads to."""
    g = np.arange(10.0)
    g *= np.sqrt(6 / g.var())
    right = np.var([np.mean(four) for four in combinations(g, 4)])
    return [
        right,
        6 / 4,  # with replacement
        6 / 4 * (1 - 4 / 10),
        right / 4,
        right / (6 / 4),  # the factor alone
        4 * right,
        6 / 10,
    ]


NUMBERS = {
    "quiz-descent-by-hand": descent_by_hand,
    "quiz-steps-needed": steps_needed,
    "quiz-batch-variance": batch_variance,
    "quiz-third-step": third_step,
    "quiz-corrected-by-hand": corrected_by_hand,
    "quiz-softmax-share": softmax_share,
    "quiz-three-factors": three_factors,
}


def test_every_quiz_is_computed_here():
    """No quiz goes unheld; each chapter has three."""
    assert quizzes().keys() == CHOICES.keys() | NUMBERS.keys()
    for path in book.chapters():
        text = "".join(c.source for c in book.cells(path) if c.cell_type == "markdown")
        if path in book.course():
            assert len(QUIZ.findall(text)) == 3


@pytest.mark.parametrize("name", CHOICES)
def test_the_right_choices_are_right(name):
    """And no other is."""
    assert right(name) == list(CHOICES[name]())


@pytest.mark.parametrize("name", NUMBERS)
def test_the_numbers_are_right_and_the_mistakes_lead_to_theirs(name):
    """The first is the right one; each stands well inside its range."""
    found = NUMBER.findall(quizzes()[name])
    assert [verdict for *_, verdict in found] == ["Right"] + ["Wrong"] * (
        len(found) - 1
    )
    computed = NUMBERS[name]()
    assert len(found) == len(computed)
    for (value, tolerance, _), number in zip(found, computed):
        assert abs(number - float(value)) <= float(tolerance) / 2
