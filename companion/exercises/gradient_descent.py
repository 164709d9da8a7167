"""Exercises of the chapter "Gradient descent"."""

import math

import numpy as np

from companion.grading.exercise import exercise
from companion.grading.kinds import explore, predict
from companion.live.generated.ravine import factor
from optimlib import SGD, walk


@exercise(
    "Descend a quadratic",
    hints=(
        "The gradient at w is A @ w - b; take it anew before each step.",
        "A step changes all coordinates at once, by the gradient at the point before.",
    ),
)
def descend(A, b, w, lr, steps):
    """The point after so many steps of gradient descent on w'Aw/2 - b'w."""
    return walk(SGD(lr=lr), w, lambda at: A @ at - b, steps)[-1]


@descend.inputs
def _(rng):
    size = int(rng.integers(2, 4))
    turned = np.linalg.qr(rng.normal(size=(size, size)))[0]
    A = (turned * rng.uniform(0.5, 4, size)) @ turned.T
    A = ((A + A.T) / 2).round(2)
    lr = round(rng.uniform(0.2, 0.9) / np.linalg.eigvalsh(A)[-1], 3)
    return {
        "A": A, "b": rng.normal(0, 2, size).round(1), "w": rng.normal(0, 2, size).round(1),
        "lr": lr, "steps": int(rng.integers(3, 7)),
    }  # fmt: skip


@descend.requires
def _(A, b, w, lr, steps):
    return np.array_equal(A, A.T) and lr * np.linalg.eigvalsh(A)[-1] < 1.5


descend.smallest(A=[[2, 1], [1, 4]], b=[1, -1], w=[1, 2], lr=0.2, steps=3)


@descend.mistake("it went uphill, along the gradient")
def _(A, b, w, lr, steps):
    return descend(-A, -b, w, lr, steps)


@descend.mistake("only one step had been taken")
def _(A, b, w, lr, steps):
    return descend(A, b, w, lr, 1)


@descend.mistake("one step too many had been taken")
def _(A, b, w, lr, steps):
    return descend(A, b, w, lr, steps + 1)


@descend.mistake("the coordinates had stepped one after the other, each from the last")
def _(A, b, w, lr, steps):
    w = np.array(w, dtype=float)
    for _ in range(steps):
        for k in range(len(w)):
            w[k] -= lr * (A[k] @ w - b[k])
    return w


@descend.mistake("the gradient at the start had been used for every step")
def _(A, b, w, lr, steps):
    return w - steps * lr * (A @ w - b)


@descend.mistake("the linear part b were left out")
def _(A, b, w, lr, steps):
    return descend(A, 0 * b, w, lr, steps)


@descend.mistake("b were added to the gradient, not subtracted")
def _(A, b, w, lr, steps):
    return descend(A, -b, w, lr, steps)


@exercise(
    "On paper: the factor at the best rate",
    hints=(
        "At the best rate, the factors of the flattest and of the steepest direction have the same size and opposite signs.",
    ),
)
def best_factor(low, high):
    """What a step at the best rate leaves of the distance, for curvatures from low to high."""
    rate = 2 / (low + high)
    return abs(1 - rate * low)


@best_factor.inputs
def _(rng):
    low = round(rng.uniform(0.2, 3), 2)
    return {"low": low, "high": round(low * rng.uniform(1.5, 30), 2)}


@best_factor.requires
def _(low, high):
    return low < high


best_factor.smallest(low=1.0, high=4.0)


@best_factor.mistake("it were the best rate")
def _(low, high):
    return 2 / (low + high)


@best_factor.mistake("the rate were 1/high, which is safe but not the best")
def _(low, high):
    return 1 - low / high


@best_factor.mistake("the rate were 2/high, at the edge")
def _(low, high):
    return abs(1 - 2 * low / high)


@best_factor.mistake("the rate were 1/(low + high)")
def _(low, high):
    return high / (low + high)


@best_factor.mistake("it were the factor of the cost, the square")
def _(low, high):
    return best_factor(low, high) ** 2


@best_factor.mistake("roots had been taken of the curvatures, as with momentum")
def _(low, high):
    return best_factor(low**0.5, high**0.5)


@exercise(
    "How many steps",
    hints=(
        "After t steps at the best rate, ((K - 1) / (K + 1))**t of the distance is left, where K is the condition number.",
        "Solve for t with logarithms, and round up: math.ceil.",
    ),
)
def steps_to(condition, share):
    """After how many steps at the best rate at most this share of the distance is left."""
    left = (condition - 1) / (condition + 1)
    return math.ceil(math.log(share) / math.log(left))


@steps_to.inputs
def _(rng):
    condition, power = round(rng.uniform(5, 60), 1), rng.uniform(1, 5)
    return {"condition": condition, "share": float(f"{10**-power:.2g}")}


@steps_to.requires
def _(condition, share):
    # Where the exact number of steps is nearly whole, rounding could decide.
    exact = math.log(share) / math.log((condition - 1) / (condition + 1))
    return 0.05 < exact % 1 < 0.95


steps_to.smallest(condition=9.0, share=0.1)


@steps_to.mistake("the number of steps had been rounded down")
def _(condition, share):
    return steps_to(condition, share) - 1


@steps_to.mistake("the share were one of the cost, which falls by the square")
def _(condition, share):
    return steps_to(condition, math.sqrt(share))


@steps_to.mistake("the rate were 1/L, not the best one")
def _(condition, share):
    return math.ceil(math.log(share) / math.log(1 - 1 / condition))


@steps_to.mistake("one of the logarithms had the base 10 and the other the base e")
def _(condition, share):
    left = (condition - 1) / (condition + 1)
    return math.ceil(math.log10(share) / math.log(left))


@steps_to.mistake("the root of the condition number counted, as with momentum")
def _(condition, share):
    return steps_to(math.sqrt(condition), share)


@exercise(
    "Leaving a saddle",
    hints=(
        "Along the falling direction each step multiplies the distance by 1 + lr * abs(curvature).",
        "Solve start * factor**t >= radius for t, and round up.",
    ),
)
def escape_steps(start, curvature, lr, radius):
    """The first step at which the distance along the falling direction reaches the radius."""
    growth = 1 + lr * abs(curvature)
    return math.ceil(math.log(radius / start) / math.log(growth))


@escape_steps.inputs
def _(rng):
    curvature = -round(rng.uniform(0.5, 5), 1)
    lr = float(f"{rng.uniform(0.1, 0.3) / -curvature:.2g}")
    start = float(f"{10 ** rng.uniform(-12, -2):.1g}")
    radius = round(rng.uniform(1.5, 3), 1)
    return {"start": start, "curvature": curvature, "lr": lr, "radius": radius}


@escape_steps.requires
def _(start, curvature, lr, radius):
    exact = math.log(radius / start) / math.log(1 - lr * curvature)
    return 0.05 < exact % 1 < 0.95


escape_steps.smallest(start=0.01, curvature=-2.0, lr=0.1, radius=2.0)


@escape_steps.mistake("time ran continuously: the growth were exp(lr * |curvature|)")
def _(start, curvature, lr, radius):
    return math.ceil(math.log(radius / start) / (lr * abs(curvature)))


@escape_steps.mistake("the radius were 1")
def _(start, curvature, lr, radius):
    return escape_steps(start, curvature, lr, 1.0)


@escape_steps.mistake("the number of steps had been rounded down")
def _(start, curvature, lr, radius):
    return escape_steps(start, curvature, lr, radius) - 1


@escape_steps.mistake("the distance grew by the same length at each step")
def _(start, curvature, lr, radius):
    return math.ceil((radius - start) / (start * lr * abs(curvature)))


@exercise(
    "Minimum, maximum or saddle",
    hints=(
        "The signs of the eigenvalues decide: np.linalg.eigvalsh takes a whole stack of symmetric matrices.",
        "All positive: 1. All negative: -1. Both signs: 0.",
    ),
)
def classify(matrices):
    """1 for a minimum, -1 for a maximum, 0 for a saddle, of each matrix."""
    signs = np.sign(np.linalg.eigvalsh(np.asarray(matrices, dtype=float)))
    return np.where(signs[:, 0] == signs[:, 1], signs[:, 0], 0)


@classify.inputs
def _(rng):
    # Saddles turned by about 45 degrees have a diagonal of one sign, the last one has not.
    found, eighth = [], np.pi / 4
    kinds = [(1, 3, 0.0), (1, 3, 1.0), (-1, -3, 0.0), (-1, -3, 1.0)]
    kinds += [(3, -1, eighth), (-3, 1, eighth), (3, -1, 0.0)]
    for one, other, turn in rng.permutation(kinds):
        pair = rng.uniform(0.5, 2) * np.array([one, other])
        turn += rng.uniform(-0.1, 0.1)
        c, s = np.cos(turn), np.sin(turn)
        turned = np.array([[c, -s], [s, c]])
        matrix = (turned * pair) @ turned.T
        found.append(((matrix + matrix.T) / 2).round(2))
    return {"matrices": np.array(found)}


classify.smallest(matrices=[[[1, 2], [2, 1]], [[2, 1], [1, 2]]])


@classify.mistake("the signs on the diagonal decided, not those of the eigenvalues")
def _(matrices):
    signs = np.sign(np.diagonal(matrices, axis1=1, axis2=2))
    return np.where(signs[:, 0] == signs[:, 1], signs[:, 0], 0)


@classify.mistake("a positive determinant made a minimum, whatever the trace")
def _(matrices):
    return np.where(np.linalg.det(matrices) > 0, 1, 0)


@classify.mistake("the trace decided: a saddle has one, too")
def _(matrices):
    return np.sign(np.trace(matrices, axis1=1, axis2=2))


@classify.mistake("only the largest eigenvalue counted")
def _(matrices):
    return np.sign(np.linalg.eigvalsh(np.asarray(matrices, dtype=float))[:, -1])


@classify.mistake("minima and maxima had changed places")
def _(matrices):
    return -classify(matrices)


def _ends(rate):
    """The shares of 401 starts from -2 to 2 that end at the deeper valley of w^4/4 - w^2/2 + w/10, and at the other."""
    w = np.linspace(-2, 2, 401)
    minima = np.sort(np.roots([1, 0, -1, 0.1]).real)[[0, 2]]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(2000):
            w = w - rate * (w**3 - w + 0.1)
    return [float(np.mean(np.abs(w - at) < 1e-6)) for at in minima]


def _in_words(share):
    return "none" if share < 0.01 else "about half" if share < 0.7 else "nearly all"


@predict(
    "The deeper valley",
    choices=("none", "about half", "nearly all"),
    hints=("Compare the rate with 2 over the curvature at the deeper minimum.",),
)
def deeper_valley():
    """How many starts end at the deeper minimum at the rate 0.9."""
    return _in_words(_ends(0.9)[0])


@deeper_valley.mistake("the rate did not matter: at the rate 0.1 it is about half")
def _():
    return _in_words(_ends(0.1)[0])


@deeper_valley.mistake("a larger rate always found the deeper valley")
def _():
    return "nearly all"


@explore(
    "The best rate on a longer ravine",
    goal=(0.9, 0.91),
    given={"condition": 20},
    hints=(
        "Both factors should have the same size: bring the two dots to one height.",
    ),
)
def rate_for_twenty(condition, rate):
    """The larger of the two factors' sizes; at best it is 19/21, 0.905."""
    return max(abs(factor(rate, 1)), abs(factor(rate, 1 / condition)))
