"""Exercises of the chapter "Cost and gradient"."""

import numpy as np

from companion.grading.exercise import exercise
from companion.lab import quotients
from optimlib.problems import Network, SigmoidNeuron, sigmoid, softmax


@exercise(
    "The gradient of a neuron",
    hints=(
        "Write the mean over the points of (f - y) f (1 - f) times the feature; x.T @ something does all features at once.",
    ),
)
def neuron_gradient(w, b, x, y):
    """The gradient of the mean squared error, half of it, with respect to w."""
    return SigmoidNeuron(x, y).gradient(np.append(w, b))[:-1]


@neuron_gradient.inputs
def _(rng):
    points, features = int(rng.integers(3, 7)), int(rng.integers(2, 5))
    return {
        "w": rng.normal(size=features), "b": float(rng.normal()),
        "x": rng.normal(size=(points, features)), "y": rng.uniform(size=points),
    }  # fmt: skip


neuron_gradient.smallest(w=[1, -1], b=0.5, x=[[1, 2], [0, 1], [2, -1]], y=[0, 1, 0.5])


@neuron_gradient.mistake("the gradients were summed over the points, not averaged")
def _(w, b, x, y):
    return len(y) * neuron_gradient(w, b, x, y)


@neuron_gradient.mistake(
    "the sigmoid's slope f (1 - f) were missing: this is the gradient of the cross-entropy"
)
def _(w, b, x, y):
    return (sigmoid(x @ w + b) - y) @ x / len(y)


@neuron_gradient.mistake("the error were y - f")
def _(w, b, x, y):
    return -neuron_gradient(w, b, x, y)


@neuron_gradient.mistake("the half in the cost were forgotten")
def _(w, b, x, y):
    return 2 * neuron_gradient(w, b, x, y)


@neuron_gradient.mistake("the bias b were left out")
def _(w, b, x, y):
    return neuron_gradient(w, 0.0, x, y)


def _with_slope(slope, w, b, x, y):
    """The mean over the points of the error, another slope and the feature."""
    z = x @ w + b
    return (sigmoid(z) - y) * slope(z) @ x / len(y)


@neuron_gradient.mistake("the slope were that of tanh, 1 - f**2")
def _(*inputs):
    return _with_slope(lambda z: 1 - sigmoid(z) ** 2, *inputs)


@neuron_gradient.mistake("f stood for the slope f (1 - f)")
def _(*inputs):
    return _with_slope(sigmoid, *inputs)


@neuron_gradient.mistake("1 - f stood for the slope f (1 - f)")
def _(*inputs):
    return _with_slope(lambda z: 1 - sigmoid(z), *inputs)


@neuron_gradient.mistake("the slope were z (1 - z), of the value before the sigmoid")
def _(*inputs):
    return _with_slope(lambda z: z * (1 - z), *inputs)


@neuron_gradient.mistake("the slope were taken at f: the sigmoid is applied twice")
def _(*inputs):
    def slope(z):
        twice = sigmoid(sigmoid(z))
        return twice * (1 - twice)

    return _with_slope(slope, *inputs)


@neuron_gradient.mistake("the sigmoid were 1 / (1 + exp(z)), without the minus")
def _(w, b, x, y):
    f = sigmoid(-(x @ w + b))
    return (f - y) * f * (1 - f) @ x / len(y)


@neuron_gradient.mistake("the mean over the points were taken twice")
def _(w, b, x, y):
    return neuron_gradient(w, b, x, y) / len(y)


@neuron_gradient.mistake("it were divided by the number of features, not of points")
def _(w, b, x, y):
    return neuron_gradient(w, b, x, y) * len(y) / len(w)


@neuron_gradient.mistake(
    "the sums of the features were the divisor, not the number of points"
)
def _(w, b, x, y):
    return neuron_gradient(w, b, x, y) * len(y) / np.sum(x, axis=0)


@neuron_gradient.mistake("only the last point counted")
def _(w, b, x, y):
    return neuron_gradient(w, b, x[-1:], y[-1:])


@neuron_gradient.mistake("only the last point counted, divided by the number of points")
def _(w, b, x, y):
    return neuron_gradient(w, b, x[-1:], y[-1:]) / len(y)


@neuron_gradient.mistake("there were no sigmoid: f were z")
def _(w, b, x, y):
    return (x @ w + b - y) @ x / len(y)


@exercise(
    "The cross-entropy of a batch",
    hints=(
        "First turn each row of z into shares that add up to 1. Only the share of the right class counts.",
        "For large z, subtract the largest entry of each row before you take the exponential.",
    ),
)
def cross_entropy(z, y):
    """The mean cross-entropy after softmax, of rows z with one-hot targets y."""
    return float(-np.log(np.sum(y * softmax(z), axis=1)).mean())


@cross_entropy.inputs
def _(rng):
    classes = rng.integers(4, size=5)
    return {"z": rng.normal(0, 2, (5, 4)).round(1), "y": np.eye(4)[classes]}


cross_entropy.smallest(z=[[1, 2, 0], [3, 1, 1]], y=[[0, 1, 0], [1, 0, 0]])


@cross_entropy.mistake("the costs were summed over the examples, not averaged")
def _(z, y):
    return len(z) * cross_entropy(z, y)


@cross_entropy.mistake("the mean ran over all entries, also over the classes")
def _(z, y):
    return cross_entropy(z, y) / z.shape[1]


@cross_entropy.mistake("the logarithm had the base 2")
def _(z, y):
    return cross_entropy(z, y) / np.log(2)


@cross_entropy.mistake("the minus sign were missing")
def _(z, y):
    return -cross_entropy(z, y)


@cross_entropy.mistake(
    "each class had a cost of its own, as after a sigmoid: the term (1 - y) ln(1 - f) is not part of it"
)
def _(z, y):
    f = softmax(z)
    return -(y * np.log(f) + (1 - y) * np.log(1 - f)).sum(axis=1).mean()


@cross_entropy.mistake("the softmax had been taken twice")
def _(z, y):
    return cross_entropy(softmax(z), y)


@cross_entropy.mistake("the shares added up to 1 over the whole batch, not in each row")
def _(z, y):
    odds = np.exp(z)
    return -np.log(np.sum(y * odds / odds.sum(), axis=1)).mean()


@exercise(
    "Backpropagation to the first layer",
    hints=(
        "Begin at the end: the signal of the last layer is (f - y) f (1 - f). Its way back leads through the transpose of W2.",
        "The gradient of W1 is np.outer of the first layer's signal and the input.",
    ),
)
def backprop_first(W1, b1, W2, b2, x, y):
    """The gradient of half the squared distance with respect to W1."""
    network = Network([len(x), len(b1), len(b2)])
    layers = [{"W": W1, "b": b1}, {"W": W2, "b": b2}]
    return network.loss_and_gradient(layers, x[None], y[None])[1][0]["W"]


@backprop_first.inputs
def _(rng):
    return {
        "W1": rng.normal(size=(3, 2)).round(1), "b1": rng.normal(size=3).round(1),
        "W2": rng.normal(size=(2, 3)).round(1), "b2": rng.normal(size=2).round(1),
        "x": rng.uniform(0.5, 2, 2).round(1) * [1, -1], "y": rng.uniform(0.1, 0.9, 2).round(1),
    }  # fmt: skip


backprop_first.smallest(
    W1=[[1, -1], [0.5, 1]],
    b1=[0.5, 0],
    W2=[[1, 2], [-1, 1]],
    b2=[0, 1],
    x=[1, -0.5],
    y=[1, 0.5],
)


def _back(inputs, last=None, hidden=None, given=None):
    """Backpropagation with other slopes, or other weights on the way back, than the right ones."""
    W1, b1, W2, b2, x, y = inputs
    a = sigmoid(W1 @ x + b1)
    f = sigmoid(W2 @ a + b2)
    signal = (f - y) * (f * (1 - f) if last is None else last)
    if given is not None:
        W2 = given(W2, signal, a)
    z = W1 @ x + b1
    return np.outer((W2.T @ signal) * (hidden or _slope)(a, z), x)


def _slope(a, z):
    return a * (1 - a)


@backprop_first.mistake("the slope of the last layer were missing")
def _(*inputs):
    return _back(inputs, last=1.0)


@backprop_first.mistake("the slope of the hidden layer were missing")
def _(*inputs):
    return _back(inputs, hidden=lambda a, z: 1.0)


@backprop_first.mistake("the slope were z (1 - z), not a (1 - a)")
def _(*inputs):
    return _back(inputs, hidden=lambda a, z: z * (1 - z))


@backprop_first.mistake("the sigmoid had been taken of the activations once more")
def _(*inputs):
    return _back(inputs, hidden=lambda a, z: _slope(sigmoid(a), z))


@backprop_first.mistake(
    "W2 had been updated (at the rate 1) before the signal went back"
)
def _(*inputs):
    return _back(inputs, given=lambda W2, signal, a: W2 - np.outer(signal, a))


@backprop_first.mistake("the signal went back without the weights W2")
def _(*inputs):
    return _back(inputs, given=lambda W2, signal, a: np.ones_like(W2))


@backprop_first.mistake("the error were y - f")
def _(*inputs):
    return -backprop_first(*inputs)


@backprop_first.mistake("the half in the cost were forgotten")
def _(*inputs):
    return 2 * backprop_first(*inputs)


def cost(w):
    """The cost that the exercise on central differences gives its reader."""
    return w[0] * w[1] ** 2 * np.exp(w[2])


@exercise(
    "The central difference",
    hints=(
        "For each coordinate in turn: copy w, move that one entry up and down by the step, and divide by the whole distance.",
    ),
)
def central_difference(w, step):
    """The three central differences of the cost at w."""
    return quotients.central(cost, w, step)


@central_difference.inputs
def _(rng):
    return {"w": rng.uniform(0.5, 2, 3).round(1), "step": float(rng.choice([0.2, 0.5]))}


central_difference.smallest(w=[1, 0.5, 2], step=0.5)


@central_difference.mistake("the difference were one-sided")
def _(w, step):
    return quotients.one_sided(cost, w, step)


@central_difference.mistake("the distance were one step, not two")
def _(w, step):
    return 2 * central_difference(w, step)


@central_difference.mistake("all coordinates had moved together")
def _(w, step):
    return np.full(3, (cost(w + step) - cost(w - step)) / (2 * step))


@central_difference.mistake("a coordinate had not been put back before the next moved")
def _(w, step):
    moved, slopes = w.copy(), []
    for k in range(3):
        moved[k] += step
        up = cost(moved)
        moved[k] -= 2 * step
        slopes.append((up - cost(moved)) / (2 * step))
    return np.array(slopes)


@central_difference.mistake("the step had been halved")
def _(w, step):
    return quotients.central(cost, w, step / 2)


@central_difference.mistake("it were the derivative itself")
def _(w, step):
    return quotients.complex_step(cost, w)


@exercise(
    "The best step",
    hints=(
        "Differentiate the bound M s^2 / 6 + u C / s for s, and set the derivative to zero.",
    ),
)
def best_step(value, third, u):
    """The step at which the bound on the central difference's error is smallest."""
    return float(np.cbrt(3 * u * value / third))


@best_step.inputs
def _(rng):
    value, third = rng.uniform(0.2, 20, 2).round(1)
    return {"value": value, "third": third, "u": 2.0 ** -int(rng.integers(20, 61))}


best_step.smallest(value=2.0, third=3.0, u=1e-6)


@best_step.mistake("the root were a square root, as for a one-sided difference")
def _(value, third, u):
    return (3 * u * value / third) ** 0.5


@best_step.mistake("the factor 3 were forgotten")
def _(value, third, u):
    return (u * value / third) ** (1 / 3)


@best_step.mistake("the cost and the third derivative had changed places")
def _(value, third, u):
    return best_step(third, value, u)


@best_step.mistake("the factor were 6: the derivative of s squared has a 2")
def _(value, third, u):
    return best_step(2 * value, third, u)


@best_step.mistake("no root had been taken")
def _(value, third, u):
    return 3 * u * value / third


@exercise(
    "How far apart two gradients are",
    hints=("Divide the length of the difference by the larger of the two lengths.",),
)
def relative_error(g, n):
    """The length of the difference, as a share of the longer gradient."""
    longer = max(np.linalg.norm(g), np.linalg.norm(n))
    return float(np.linalg.norm(g - n) / longer)


@relative_error.inputs
def _(rng):
    g = rng.normal(0, 3, 4).round(1)
    return {"g": g, "n": (g * rng.uniform(0.5, 1.5, 4) + 0.1).round(1)}


relative_error.smallest(g=[3, -4], n=[3.5, -4])


@relative_error.mistake("the error were absolute")
def _(g, n):
    return np.linalg.norm(g - n)


@relative_error.mistake("the divisor were the sum of both lengths")
def _(g, n):
    return np.linalg.norm(g - n) / (np.linalg.norm(g) + np.linalg.norm(n))


@relative_error.mistake("the lengths were subtracted, not the gradients")
def _(g, n):
    one, other = np.linalg.norm(g), np.linalg.norm(n)
    return abs(one - other) / max(one, other)


@relative_error.mistake("the lengths were squared")
def _(g, n):
    return relative_error(g, n) ** 2


@relative_error.mistake("the divisor were the shorter length")
def _(g, n):
    return np.linalg.norm(g - n) / min(np.linalg.norm(g), np.linalg.norm(n))


@exercise(
    "On paper: a weighted cross-entropy",
    hints=(
        "The derivative of ln f with respect to z is 1 - f, that of ln(1 - f) is -f.",
        "The weight a stays with the first of the two terms.",
    ),
)
def weighted_slope(a, f, y):
    """The derivative of -a y ln f - (1 - y) ln(1 - f) with respect to z, where f is the sigmoid of z."""
    return (1 - y) * f - a * y * (1 - f)


@weighted_slope.inputs
def _(rng):
    f, y = round(rng.uniform(0.1, 0.9), 2), round(rng.uniform(0.2, 0.8), 2)
    return {"a": round(rng.uniform(2, 9), 1), "f": f, "y": y}


weighted_slope.smallest(a=3.0, f=0.2, y=0.5)


@weighted_slope.mistake("both terms had the weight 1")
def _(a, f, y):
    return f - y


@weighted_slope.mistake("both terms had the weight a")
def _(a, f, y):
    return a * (f - y)


@weighted_slope.mistake("it were the derivative with respect to f, not to z")
def _(a, f, y):
    return (1 - y) / (1 - f) - a * y / f


@weighted_slope.mistake("the slope f (1 - f) of the sigmoid came in twice")
def _(a, f, y):
    return weighted_slope(a, f, y) * f * (1 - f)


@weighted_slope.mistake("the sign were that of the step, not of the slope")
def _(a, f, y):
    return -weighted_slope(a, f, y)


@weighted_slope.mistake("the second term, of 1 - f, were left out")
def _(a, f, y):
    return -a * y * (1 - f)
