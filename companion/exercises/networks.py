"""Exercises of the chapter "Networks as functions"."""

import math
from itertools import pairwise

import numpy as np

from companion.grading.exercise import exercise
from companion.lab import twins
from optimlib.problems import Network, sigmoid, softmax


@exercise(
    "Count the parameters",
    hints=(
        "A layer of n neurons with m inputs each has n * m weights and n biases; add this up over the layers.",
    ),
)
def count_parameters(sizes):
    """How many weights and biases a network of these sizes has."""
    start = Network(sizes).initial(np.random.default_rng(0))
    return sum(array.size for layer in start for array in layer.values())


@count_parameters.inputs
def _(rng):
    # As many outputs as inputs would let a bias for each input pass.
    while True:
        sizes = rng.integers(2, 7, rng.integers(3, 6)).tolist()
        if sizes[0] != sizes[-1]:
            return {"sizes": sizes}


count_parameters.smallest(sizes=[2, 3, 1])


@count_parameters.mistake("neurons had no biases")
def _(sizes):
    return sum(m * n for m, n in pairwise(sizes))


@count_parameters.mistake("the inputs had biases and the outputs had none")
def _(sizes):
    return sum((m * n) + m for m, n in pairwise(sizes))


@count_parameters.mistake("each layer had a single bias")
def _(sizes):
    return sum(m * n + 1 for m, n in pairwise(sizes))


@count_parameters.mistake("the inputs were parameters too")
def _(sizes):
    return count_parameters(sizes) + sizes[0]


@count_parameters.mistake("it were the number of neurons")
def _(sizes):
    return sum(sizes[1:])


@exercise(
    "A layer",
    hints=(
        "With an example in each row, x times the transpose of W has a row for each example and a column for each neuron.",
    ),
)
def layer_output(W, b, x):
    """What a layer of sigmoids answers, a row for each example."""
    return Network([W.shape[1], W.shape[0]]).output([{"W": W, "b": b}], x)


@layer_output.inputs
def _(rng):
    # A square matrix is drawn, too: it fits on either side of x.
    out = int(rng.choice([3, 4]))
    sign = rng.choice([-1, 1], out)
    return {
        "W": rng.normal(0, 1, (out, 4)).round(2),
        "b": (sign * rng.uniform(0.5, 2, out)).round(2),
        "x": rng.normal(0, 1, (2, 4)).round(2),
    }


layer_output.smallest(W=[[1, 2], [-1, 1]], b=[1, -0.5], x=[[1, 0], [2, -1], [0, 1]])


@layer_output.mistake("there were no biases")
def _(W, b, x):
    return sigmoid(x @ W.T)


@layer_output.mistake("the biases were added after the sigmoid")
def _(W, b, x):
    return sigmoid(x @ W.T) + b


@layer_output.mistake("there were no sigmoid")
def _(W, b, x):
    return x @ W.T + b


@layer_output.mistake("the sign in the exponent was wrong")
def _(W, b, x):
    return sigmoid(-(x @ W.T + b))


@layer_output.mistake("the bend were tanh")
def _(W, b, x):
    return np.tanh(x @ W.T + b)


@layer_output.mistake("the examples stood in columns")
def _(W, b, x):
    return layer_output(W, b, x).T


@exercise(
    "Two straight layers are one",
    hints=("Multiply out W2 (W1 x + b1) + b2.",),
)
def collapsed(W1, b1, W2, b2):
    """The matrix and the vector of the layer that does what both do."""
    inputs, outputs = W1.shape[1], W2.shape[0]
    both = Network([inputs, W1.shape[0], outputs], hidden="linear", output="linear")
    layers = [{"W": W1, "b": b1}, {"W": W2, "b": b2}]
    b = both.output(layers, np.zeros((1, inputs)))[0]
    return (both.output(layers, np.eye(inputs)) - b).T, b


@collapsed.inputs
def _(rng):
    shapes = {"W1": (3, 2), "b1": 3, "W2": (2, 3), "b2": 2}
    while True:
        drawn = {
            name: rng.integers(-5, 6, shape).astype(float)
            for name, shape in shapes.items()
        }
        through = drawn["W2"] @ drawn["b1"]
        other = drawn["W1"].T @ drawn["b1"]
        if np.all(drawn["b2"]) and np.all(through) and np.all(through != other):
            return drawn


collapsed.smallest(W1=[[1, 2], [0, 1]], b1=[1, -1], W2=[[2, 0], [1, 3]], b2=[1, 2])


@collapsed.mistake("the first vector was lost")
def _(W1, b1, W2, b2):
    return W2 @ W1, b2


@collapsed.mistake("the second vector was lost")
def _(W1, b1, W2, b2):
    return W2 @ W1, W2 @ b1


@collapsed.mistake("the first vector went through the first matrix")
def _(W1, b1, W2, b2):
    return W2 @ W1, W1.T @ b1 + b2


@exercise(
    "How many twins",
    hints=(
        "A layer of n neurons can be put in n! orders, and each of its neurons flipped or not; layers multiply.",
    ),
)
def count_twins(hidden):
    """How many settings flips and swaps make out of one."""
    return math.prod(math.factorial(n) * 2**n for n in hidden)


@count_twins.inputs
def _(rng):
    return {"hidden": rng.integers(2, 6, rng.integers(2, 4)).tolist()}


count_twins.smallest(hidden=[2, 3])


@count_twins.mistake("neurons could change places only")
def _(hidden):
    return math.prod(map(math.factorial, hidden))


@count_twins.mistake("neurons could be flipped only")
def _(hidden):
    return 2 ** sum(hidden)


@count_twins.mistake("neurons could move to another layer")
def _(hidden):
    return math.factorial(sum(hidden)) * 2 ** sum(hidden)


@count_twins.mistake("the layers' numbers were added")
def _(hidden):
    return sum(math.factorial(n) * 2**n for n in hidden)


@count_twins.mistake("all neurons of a layer had to be flipped together")
def _(hidden):
    return math.prod(math.factorial(n) * 2 for n in hidden)


@exercise(
    "Softmax of many rows",
    hints=(
        "Take maximum and total along each row, and keep the axis: z.max(axis=1, keepdims=True).",
        "Subtract the largest sum of a row from all of that row before the exponential.",
    ),
)
def softmax_rows(z):
    """The shares of each row."""
    return softmax(z)


@softmax_rows.inputs
def _(rng):
    # A third of the draws has sums that are too large for a plain exponential.
    large = rng.uniform() < 1 / 3
    level = rng.uniform(800, 900, (4, 1)) if large else rng.normal(0, 3, (4, 1))
    return {"z": (rng.normal(0, 1.5, (4, 3)) + level).round(2)}


softmax_rows.smallest(z=[[1, 2], [3, 1], [0, 4]])


@softmax_rows.mistake("all entries together made one total")
def _(z):
    return softmax(z.ravel()).reshape(z.shape)


@softmax_rows.mistake("the totals were taken along the columns")
def _(z):
    return softmax(z.T).T


@softmax_rows.mistake("there were no exponentials")
def _(z):
    return z / z.sum(axis=1, keepdims=True)


@softmax_rows.mistake("each sum were bent by itself")
def _(z):
    return sigmoid(z)


@softmax_rows.mistake("the exponentials were not divided by their total")
def _(z):
    return np.exp(z - z.max(axis=1, keepdims=True))


@exercise(
    "Flip a neuron",
    hints=(
        "The next layer takes neuron k by column k of V; it used to get V[:, k] * a, and now a is 1 - a.",
    ),
)
def flip_neuron(W, b, V, c, k):
    """The parameters of both layers with neuron k flipped."""
    first, second = twins.flipped([{"W": W, "b": b}, {"W": V, "b": c}], 0, k)
    return first["W"], first["b"], second["W"], second["b"]


@flip_neuron.inputs
def _(rng):
    # As many outputs as hidden neurons, so that a row of V fits in the place of a column.
    return {
        "W": rng.normal(0, 1, (3, 2)).round(2),
        "b": rng.normal(0, 1, 3).round(2),
        "V": rng.normal(0, 1, (3, 3)).round(2),
        "c": rng.normal(0, 1, 3).round(2),
        "k": int(rng.integers(3)),
    }


flip_neuron.smallest(
    W=[[1, 2], [-1, 1], [0, 1]],
    b=[1, -2, 0.5],
    V=[[2, 1, 0], [1, 3, -1], [-2, 1, 1]],
    c=[1, -1, 2],
    k=0,
)


@flip_neuron.mistake("the next biases had not changed")
def _(W, b, V, c, k):
    return *flip_neuron(W, b, V, c, k)[:3], c


@flip_neuron.mistake("the outgoing weights had not changed")
def _(W, b, V, c, k):
    W, b, _, c = flip_neuron(W, b, V, c, k)
    return W, b, V, c


@flip_neuron.mistake("the neuron's own bias had kept its sign")
def _(W, b, V, c, k):
    W, _, V, c = flip_neuron(W, b, V, c, k)
    return W, b, V, c


@flip_neuron.mistake("the outgoing weights were subtracted from the next biases")
def _(W, b, V, c, k):
    return *flip_neuron(W, b, V, c, k)[:3], c - V[:, k]


@flip_neuron.mistake("the outgoing weights stood in row k of V")
def _(W, b, V, c, k):
    W, b, turned, c = flip_neuron(W, b, V.T, c, k)
    return W, b, turned.T, c


@flip_neuron.mistake("all neurons of the layer were flipped")
def _(W, b, V, c, k):
    return -W, -b, -V, c + V.sum(axis=1)


@exercise(
    "On paper: back from a share",
    hints=(
        "The first share is the sigmoid of the difference.",
        "Solve y = 1 / (1 + exp(-d)) for d.",
    ),
)
def lead_of_share(y):
    """By how much the first of two sums is larger than the second, where softmax gives it the share y."""
    return math.log(y / (1 - y))


@lead_of_share.inputs
def _(rng):
    return {"y": round(rng.choice([rng.uniform(0.05, 0.4), rng.uniform(0.6, 0.95)]), 3)}


lead_of_share.smallest(y=0.8)


@lead_of_share.mistake("it were the lead of the second sum")
def _(y):
    return math.log((1 - y) / y)


@lead_of_share.mistake("the second share were left out: it were the logarithm of y")
def _(y):
    return math.log(y)


@lead_of_share.mistake("it were the difference of the two shares")
def _(y):
    return 2 * y - 1


@lead_of_share.mistake("it were the ratio of the two shares, without a logarithm")
def _(y):
    return y / (1 - y)


@lead_of_share.mistake("the logarithm had the base 10")
def _(y):
    return math.log10(y / (1 - y))
