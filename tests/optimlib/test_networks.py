"""The fully connected network: its gradient by complex steps through the bare formulas
and by torch, its cost without overflow, and the course's example."""

import itertools
import tracemalloc

import numpy as np
import pytest
from mpmath import mp, mpf

from optimlib import Adam
from optimlib.problems import Network, sigmoid, slides_network, softmax

mp.dps = 50
HIDDEN = ("sigmoid", "relu", "linear")
OUTPUT_AND_COST = (
    ("sigmoid", "squared"), ("softmax", "squared"), ("linear", "squared"),
    ("sigmoid", "cross-entropy"), ("softmax", "cross-entropy"),
)  # fmt: skip
KINDS = [
    {"hidden": hidden, "output": output, "cost": cost, "reduction": reduction}
    for hidden, (output, cost), reduction in itertools.product(
        HIDDEN, OUTPUT_AND_COST, ("mean", "sum")
    )
]
each_kind = pytest.mark.parametrize(
    "kind", KINDS, ids=["-".join(kind.values()) for kind in KINDS]
)
SIZES = [3, 4, 5, 3]


def example(kind, rows=6, seed=0):
    """A network, weights with biases that are not 0, and a batch that fits them."""
    rng = np.random.default_rng(seed)
    network = Network(SIZES, **kind)
    w = network.initial(rng)
    for layer in w:
        layer["b"] += rng.normal(size=layer["b"].shape)
    return network, w, rng.normal(size=(rows, 3)), targets(kind, rows, rng)


def targets(kind, rows, rng):
    if kind["output"] == "softmax":
        return np.eye(3)[rng.integers(3, size=rows)]
    if kind["cost"] == "cross-entropy":
        return rng.integers(2, size=(rows, 3)).astype(float)
    return rng.normal(size=(rows, 3))


# The witness: the formulas as printed, example by example, in complex numbers.

BARE = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "relu": lambda z: z * (z.real > 0),
    "linear": lambda z: z,
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(),
}


def bare_output(kind, w, point):
    a = point
    for i, layer in enumerate(w):
        z = layer["W"] @ a + layer["b"]
        a = BARE[kind["output"] if i == len(w) - 1 else kind["hidden"]](z)
    return a


def bare_loss(kind, w, x, y):
    costs = []
    for point, target in zip(x, y, strict=True):
        a = bare_output(kind, w, point)
        if kind["cost"] == "squared":
            costs.append(((a - target) ** 2).sum() / 2)
        elif kind["output"] == "softmax":
            costs.append(-(target * np.log(a)).sum())
        else:
            costs.append(-(target * np.log(a) + (1 - target) * np.log(1 - a)).sum())
    return sum(costs) / (len(costs) if kind["reduction"] == "mean" else 1)


def moved(w, i, key, place):
    """The weights as complex numbers, one of them with a tiny imaginary part."""
    new = [{k: array.astype(complex) for k, array in layer.items()} for layer in w]
    new[i][key][place] += 1e-30j
    return new


@each_kind
def test_the_output_and_the_loss_are_the_formulas(kind):
    network, w, x, y = example(kind)
    right = [bare_output(kind, w, point) for point in x]
    np.testing.assert_allclose(network.output(w, x), right, rtol=1e-13)
    loss = bare_loss(kind, w, x, y)
    assert network.loss(w, x, y) == pytest.approx(loss, rel=1e-13)
    assert network.loss_and_gradient(w, x, y)[0] == network.loss(w, x, y)


@each_kind
def test_the_gradient_is_the_losss_by_complex_steps(kind):
    network, w, x, y = example(kind)
    gradient = network.loss_and_gradient(w, x, y)[1]
    for i, layer in enumerate(w):
        assert set(gradient[i]) == {"W", "b"}
        for key, array in layer.items():
            assert gradient[i][key].shape == array.shape
            for place in np.ndindex(array.shape):
                slope = bare_loss(kind, moved(w, i, key, place), x, y).imag / 1e-30
                assert gradient[i][key][place] == pytest.approx(
                    slope, rel=1e-11, abs=1e-14
                )


def test_the_gradient_goes_through_layers_of_one_neuron():
    kind = KINDS[0]
    network, rng = Network([2, 1, 3, 1], **kind), np.random.default_rng(0)
    w, x, y = network.initial(rng), rng.normal(size=(5, 2)), rng.normal(size=(5, 1))
    for i, layer in enumerate(network.loss_and_gradient(w, x, y)[1]):
        for key, array in layer.items():
            for place in np.ndindex(array.shape):
                slope = bare_loss(kind, moved(w, i, key, place), x, y).imag / 1e-30
                assert array[place] == pytest.approx(slope, rel=1e-11, abs=1e-14)


@each_kind
def test_the_gradient_is_torchs(kind):
    torch = pytest.importorskip("torch")
    activations = {
        "sigmoid": torch.sigmoid,
        "relu": torch.relu,
        "linear": lambda z: z,
        "softmax": lambda z: torch.softmax(z, -1),
    }
    network, w, x, y = example(kind)
    tensors = [
        {key: torch.tensor(array, requires_grad=True) for key, array in layer.items()}
        for layer in w
    ]
    a, target = torch.tensor(x), torch.tensor(y)
    for layer in tensors[:-1]:
        a = activations[kind["hidden"]](a @ layer["W"].T + layer["b"])
    z = a @ tensors[-1]["W"].T + tensors[-1]["b"]
    if kind["cost"] == "squared":
        loss = ((activations[kind["output"]](z) - target) ** 2).sum() / 2
    elif kind["output"] == "softmax":
        loss = torch.nn.functional.cross_entropy(z, target, reduction="sum")
    else:
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            z, target, reduction="sum"
        )
    if kind["reduction"] == "mean":
        loss = loss / len(x)
    loss.backward()
    got, gradient = network.loss_and_gradient(w, x, y)
    assert got == pytest.approx(loss.item(), rel=1e-13)
    for ours, theirs in zip(gradient, tensors, strict=True):
        for key in ("W", "b"):
            np.testing.assert_allclose(
                ours[key], theirs[key].grad.numpy(), rtol=1e-11, atol=1e-14
            )


# Populations and dtypes


def stacked(members):
    """The weights of several networks, with a leading axis of them."""
    return [
        {key: np.stack([w[i][key] for w in members]) for key in ("W", "b")}
        for i in range(len(members[0]))
    ]


@each_kind
@pytest.mark.parametrize("together", [1, 3, 100])
def test_networks_of_a_population_are_each_what_they_are_alone(
    kind, together, monkeypatch
):
    network, _, x, y = example(kind)
    numbers = together * len(x) * max(SIZES)
    monkeypatch.setattr("optimlib.problems.network.TOGETHER", numbers)
    members = [example(kind, seed=seed)[1] for seed in (1, 2, 3, 4)]
    w = stacked(members)
    loss, gradient = network.loss_and_gradient(w, x, y)
    assert loss.shape == (4,) and network.output(w, x).shape == (4, 6, 3)
    for p, member in enumerate(members):
        alone, slope = network.loss_and_gradient(member, x, y)
        assert loss[p] == pytest.approx(alone, rel=1e-13)
        assert network.loss(w, x, y)[p] == loss[p]
        np.testing.assert_allclose(
            network.output(w, x)[p], network.output(member, x), rtol=1e-12
        )
        for i, layer in enumerate(slope):
            for key, array in layer.items():
                np.testing.assert_allclose(
                    gradient[i][key][p], array, rtol=1e-10, atol=1e-14
                )


def test_a_population_is_trained_at_once_at_several_rates():
    network, w, x, y = example(KINDS[0])
    rates = np.array([0.001, 0.01, 0.1])
    together, opt = stacked([w] * 3), Adam(lr=rates, population=3)
    alone = [(w, Adam(lr=float(rate))) for rate in rates]
    for _ in range(20):
        together = opt.step(together, network.loss_and_gradient(together, x, y)[1])
        alone = [
            (single.step(w, network.loss_and_gradient(w, x, y)[1]), single)
            for w, single in alone
        ]
    for p, (w, _) in enumerate(alone):
        for ours, theirs in zip(together, w, strict=True):
            np.testing.assert_allclose(ours["W"][p], theirs["W"], rtol=1e-9)


def test_a_population_needs_no_memory_for_all_of_its_activations_at_once():
    network = Network([2, 8, 1], cost="cross-entropy")
    w = stacked([network.initial(np.random.default_rng(0))] * 1_000)
    x = np.random.default_rng(1).normal(size=(64, 2))
    tracemalloc.start()
    try:
        network.loss_and_gradient(w, x, x[:, :1] > 0)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000 * 64 * 8 * 8 / 2  # half of one layer's


def test_a_population_of_one_keeps_its_axis():
    network, w, x, y = example(KINDS[0])
    loss, gradient = network.loss_and_gradient(stacked([w]), x, y)
    assert loss.shape == (1,) and gradient[0]["W"].shape == (1, 4, 3)


@each_kind
@pytest.mark.parametrize("dtype", [np.float32, np.longdouble])
def test_the_dtype_of_the_weights_is_kept_whatever_the_batchs(kind, dtype):
    network, _, x, y = example(kind)
    w = network.initial(np.random.default_rng(0), dtype)
    loss, gradient = network.loss_and_gradient(w, x, y)
    assert loss.dtype == network.output(w, x).dtype == dtype
    assert {array.dtype for layer in gradient for array in layer.values()} == {
        np.dtype(dtype)
    }
    wide = [{key: array.astype(float) for key, array in layer.items()} for layer in w]
    right = network.loss_and_gradient(wide, x, y)[1]
    for ours, theirs in zip(gradient, right, strict=True):
        np.testing.assert_allclose(ours["W"], theirs["W"], rtol=1e-3, atol=1e-5)


def test_the_weights_and_the_batch_stay_as_they_were():
    network, w, x, y = example({"output": "softmax", "cost": "squared"})
    before = (
        [array.copy() for layer in w for array in layer.values()],
        x.copy(),
        y.copy(),
    )
    network.loss_and_gradient(w, x, y)
    after = [array for layer in w for array in layer.values()]
    for old, new in zip(before[0], after, strict=True):
        np.testing.assert_array_equal(old, new)
    np.testing.assert_array_equal(before[1], x)
    np.testing.assert_array_equal(before[2], y)


# Far out


@pytest.mark.parametrize("output", ["softmax", "sigmoid"])
@pytest.mark.parametrize("size", [1e3, 1e30])
def test_cross_entropy_of_what_is_all_but_certain_is_finite(output, size):
    """One layer whose z are of this size: a right answer costs 0, a wrong one z."""
    network = Network([1, 2], output=output, cost="cross-entropy")
    w = [{"W": np.array([[size], [-size]]), "b": np.zeros(2)}]
    with np.errstate(all="raise", under="ignore"):
        right, slope = network.loss_and_gradient(w, [[1.0]], [[1, 0]])
        wrong, other = network.loss_and_gradient(w, [[1.0]], [[0, 1]])
    assert right == 0 and (slope[0]["b"] == 0).all()
    assert wrong == 2 * size and other[0]["b"].tolist() == [1, -1]


@pytest.mark.parametrize("z", [-30.0, -3.0, 0.0, 0.7, 40.0])
def test_cross_entropy_after_a_sigmoid_is_right_in_50_digits(z):
    network = Network([1, 1], cost="cross-entropy")
    w = [{"W": np.array([[z]]), "b": np.zeros(1)}]
    for y in (0, 1, 0.25):
        p = 1 / (1 + mp.exp(-mpf(z)))
        right = -(mpf(y) * mp.log(p) + (1 - mpf(y)) * mp.log(1 - p))
        got = network.loss(w, [[1.0]], [[y]])
        assert got == pytest.approx(float(right), rel=1e-14, abs=0)


def test_softmax_gives_shares_for_any_size_of_z():
    z = np.random.default_rng(0).normal(size=(4, 5, 6))
    for scale in (0.0, 1.0, 1e300):
        with np.errstate(all="raise", under="ignore"):
            shares = softmax(z * scale)
        assert (shares >= 0).all()
        np.testing.assert_allclose(shares.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(softmax(z), softmax(z + 100), rtol=1e-12)
    assert softmax(np.log([1.0, 2.0, 5.0])) == pytest.approx([1 / 8, 1 / 4, 5 / 8])


def test_the_slope_of_a_relu_at_0_is_taken_as_0():
    network = Network([1, 1, 1], hidden="relu", output="linear")
    w = [{"W": np.ones((1, 1)), "b": np.zeros(1)} for _ in range(2)]
    gradient = network.loss_and_gradient(w, [[0.0]], [[1.0]])[1]
    assert gradient[0]["W"] == 0 and gradient[0]["b"] == 0 and gradient[1]["b"] == -1


# Initial weights


@pytest.mark.parametrize(
    ("hidden", "variance"),
    [("sigmoid", 2 / 700), ("linear", 2 / 700), ("relu", 2 / 300)],
)
def test_the_initial_weights_have_the_variance_of_their_source(hidden, variance):
    w = Network([300, 400, 10], hidden=hidden).initial(np.random.default_rng(0))
    W = w[0]["W"]
    assert W.shape == (400, 300) and abs(W.mean()) < 5 * np.sqrt(variance / W.size)
    assert W.var() == pytest.approx(variance, rel=0.02)
    bound = np.sqrt(3 * variance)
    assert (np.abs(W).max() > bound) == (hidden == "relu")
    assert w[1]["W"].var() == pytest.approx(2 / 410, rel=0.1)  # the last is no relu
    assert np.abs(w[1]["W"]).max() <= np.sqrt(6 / 410)
    assert all((layer["b"] == 0).all() for layer in w)


def test_a_seed_gives_one_start_and_another_seed_another():
    network = Network([3, 2])
    one, same, other = (
        network.initial(np.random.default_rng(seed))[0]["W"] for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same) and not np.array_equal(one, other)


def test_training_on_the_gradient_learns():
    network = Network([2, 8, 1], cost="cross-entropy")
    w, opt = network.initial(np.random.default_rng(0)), Adam(lr=0.05)
    x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
    for _ in range(500):
        w = opt.step(w, network.loss_and_gradient(w, x, y)[1])
    assert network.output(w, x).round().tolist() == y


# The course's example


def test_the_courses_network_gives_what_its_slides_print():
    network, w = slides_network()
    printed = [[0.62, 0.83], [0.51, 0.85]]
    assert network.output(w, [[1, -1], [0, 0]]).round(2).tolist() == printed
    first = sigmoid(w[0]["W"] @ [1, -1] + w[0]["b"])
    assert first.round(2).tolist() == [0.98, 0.12]
    assert network.reduction == "sum" and network.sizes == (2, 2, 2, 2)


def test_the_courses_network_is_the_nesting_of_its_layers():
    network, w = slides_network()
    x = np.random.default_rng(0).normal(size=(5, 2))
    for point, got in zip(x, network.output(w, x), strict=True):
        a = point
        for layer in w:
            a = 1 / (1 + np.exp(-(layer["W"] @ a + layer["b"])))
        np.testing.assert_allclose(got, a, rtol=1e-14)


# What is refused


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sizes": [3]}, r"^sizes is \[3\]; allowed: two or more"),
        ({"sizes": [3, 0]}, "^a size is 0; allowed: a whole number, 1 or more"),
        ({"sizes": [3, 1.5]}, "^a size is 1.5; allowed: a whole number, 1 or more"),
        ({"hidden": "tanh"}, "^hidden is 'tanh'; allowed: 'sigmoid' or 'relu' or"),
        ({"hidden": "softmax"}, "^hidden is 'softmax'; allowed: 'sigmoid' or 'relu'"),
        ({"output": "relu"}, "^output is 'relu'; allowed: 'sigmoid' or 'softmax' or"),
        ({"cost": "hinge"}, "^cost is 'hinge'; allowed: 'squared' or 'cross-entropy'"),
        ({"reduction": None}, "^reduction is None; allowed: 'mean' or 'sum'"),
        (
            {"output": "linear", "cost": "cross-entropy"},
            "^output is 'linear' with cost='cross-entropy'; allowed: 'softmax' or",
        ),
    ],
)
def test_networks_that_are_none_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Network(**({"sizes": [3, 2]} | given))


def with_leaf(w, i, key, value):
    new = [dict(layer) for layer in w]
    new[i][key] = value
    return new


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda w: w[:1], ValueError, "^w has 1 layers; allowed: 2, as in sizes"),
        (
            lambda w: [w[0], {"W": w[1]["W"]}],
            ValueError,
            r"^w\[1\] has the keys \['W'\]; allowed: 'W' and 'b'",
        ),
        (
            lambda w: with_leaf(w, 0, "W", w[0]["W"].T),
            ValueError,
            r"^w\[0\]\['W'\] has shape \(3, 4\); allowed: \(4, 3\), or that after one",
        ),
        (
            lambda w: with_leaf(w, 1, "b", np.zeros((2, 5, 2))),
            ValueError,
            r"^w\[1\]\['b'\] has shape \(2, 5, 2\); allowed: \(2,\), or that after one",
        ),
        (
            lambda w: with_leaf(w, 1, "b", np.zeros((5, 2))),
            ValueError,
            r"^w\[1\] has the leading axes \(5,\); allowed: \(\), those of the first",
        ),
        (
            lambda w: with_leaf(w, 0, "b", np.zeros(4, int)),
            TypeError,
            r"^w\[0\]\['b'\] has dtype int64; allowed: a floating-point dtype",
        ),
    ],
)
def test_weights_that_do_not_fit_are_refused(change, error, message):
    network = Network([3, 4, 2])
    w = change(network.initial(np.random.default_rng(0)))
    x, y = np.ones((5, 3)), np.ones((5, 2))
    for run in (network.loss, network.loss_and_gradient):
        with pytest.raises(error, match=message):
            run(w, x, y)
    with pytest.raises(error, match=message):
        network.output(w, x)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.ones(3), np.ones((1, 2)), r"^x has shape \(3,\); allowed: \(N, 3\)"),
        (np.ones((5, 2)), np.ones((5, 2)), r"^x has shape \(5, 2\); allowed: \(N, 3\)"),
        (np.ones((0, 3)), np.ones((0, 2)), r"^x has shape \(0, 3\); allowed: \(N, 3\)"),
        (np.ones((5, 3)), np.ones(5), r"^y has shape \(5,\); allowed: \(N, 2\)"),
        (np.ones((5, 3)), np.ones((4, 2)), "^x has 5 rows and y 4; allowed: equally"),
    ],
)
def test_batches_that_do_not_fit_are_refused(x, y, message):
    network = Network([3, 2])
    w = network.initial(np.random.default_rng(0))
    for run in (network.loss, network.loss_and_gradient):
        with pytest.raises(ValueError, match=message):
            run(w, x, y)


@pytest.mark.parametrize(
    ("output", "y", "message"),
    [
        (
            "sigmoid",
            [[1, 0], [1, -1]],
            r"^y\[1, 1\] is -1.0; allowed for cross-entropy",
        ),
        ("sigmoid", [[1, 0], [2, 0]], r"^y\[1, 0\] is 2.0; allowed for cross-entropy"),
        ("softmax", [[np.nan, 0], [1, 0]], r"^y\[0, 0\] is nan; allowed for cross-"),
        ("softmax", [[1, 0], [1, 1]], r"^y\[1\] adds up to 2.0; allowed after softmax"),
        ("softmax", [[0, 0], [1, 0]], r"^y\[0\] adds up to 0.0; allowed after softmax"),
    ],
)
def test_targets_without_a_cross_entropy_are_refused(output, y, message):
    network = Network([3, 2], output=output, cost="cross-entropy")
    w = network.initial(np.random.default_rng(0))
    for run in (network.loss, network.loss_and_gradient):
        with pytest.raises(ValueError, match=message):
            run(w, np.ones((2, 3)), y)
    Network([3, 2], output=output).loss(w, np.ones((2, 3)), np.nan_to_num(y))
