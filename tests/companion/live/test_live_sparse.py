"""Sparse features in Python: effective rates read off the rules, JavaScript from optimlib's texts, the still figure."""

import re

import numpy as np
import pytest
from traitlets import TraitError

from companion import figures
from companion.lab import rates
from companion.lab.toymap import METHODS
from companion.live.generated import toy
from companion.live.sparse.sparse import LEARNING_RATES, ORDER, STARTS, TOY, Sparse
from optimlib import SGD, Adagrad, Rprop
from optimlib.derivatives import gradient
from optimlib.problems import SigmoidNeuron


@pytest.mark.parametrize("name", METHODS)
def test_the_effective_rate_is_what_the_chapter_says(name):
    opt, w = METHODS[name](lr=0.3), np.array([1.0, -2.0, 3.0])
    for g in ([0.5, -2.0, 0.0], [0.1, 3.0, 0.0], [0.0, 0.0, 0.0]):
        w = opt.step(w, np.array(g))
    v = opt.state.get("v")
    expected = {
        "Adagrad": lambda: 0.3 / np.sqrt(v + 1e-8),
        "RMSprop": lambda: 0.3 / np.sqrt(v + 1e-8),
        "Adam": lambda: 0.3 / (np.sqrt(v / (1 - 0.999**3)) + 1e-8),
    }.get(name, lambda: 0.3)()
    np.testing.assert_allclose(rates.effective(opt), expected, rtol=1e-14)


@pytest.mark.parametrize("name", ["SGD", "Adagrad", "RMSprop"])
def test_without_velocity_the_step_is_the_effective_rate_times_the_gradient(name):
    opt, g = METHODS[name](lr=0.1), np.array([0.5, -2.0])
    step = opt.step(np.zeros(2), g)
    np.testing.assert_allclose(-step / g, rates.effective(opt), rtol=1e-12)


def test_the_switches_count_and_a_rule_without_a_rate_is_refused():
    opt = Adagrad(lr=1.0, eps=0.5, eps_in_sqrt=False)
    opt.step([0.0], [2.0])
    assert rates.effective(opt) == pytest.approx(1 / 2.5)
    with pytest.raises(NotImplementedError, match="Rprop subtracts no lr"):
        rates.text(Rprop())


def test_the_examples_costs_make_up_the_neurons_cost():
    theta, rows = np.array([0.3, -0.7]), slice(0, 40)
    x, y = TOY.x[rows, 0], TOY.y[rows]
    costs = [toy.cost(*theta, *example) for example in zip(x, y)]
    assert np.mean(costs) == pytest.approx(TOY.of(rows).loss(theta), rel=1e-12)
    one = SigmoidNeuron([[x[3]]], [y[3]])
    slopes = gradient(lambda w, b: toy.cost(w, b, x[3], y[3]), theta)
    np.testing.assert_allclose(slopes, one.gradient(theta), rtol=1e-12)


def test_the_figure_has_the_whole_toy_set_and_the_order_of_its_examples():
    data = Sparse.constants()
    points = np.array(data["points"])
    assert points[:, 2].sum() == 1000 and points[points[:, 0] == 0, 2] == [800]
    shown = points[data["order"], :2]
    np.testing.assert_array_equal(shown, np.column_stack([TOY.x, TOY.y])[ORDER])
    assert len(set(ORDER)) == 400


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"t": 401}, "t is 401; allowed: a whole number from 0 to 400"),
        ({"factor": 0}, "factor is 0; allowed: a number from 0.1 to 5"),
        ({"start": 0}, "start is 0; allowed: a whole number from 1 to 12"),
        ({"method": "adam"}, "method is 'adam'; allowed: 'Adagrad' or 'SGD'"),
    ],
)
def test_a_wrong_state_is_refused_by_name(state, message):
    with pytest.raises(TraitError, match=f"^{re.escape(message)}"):
        Sparse(**state)


def test_a_run_is_optimlibs():
    path, rate = Sparse(t=3, factor=2, start=1).run("SGD")
    w, opt = STARTS[0], SGD(lr=2 * LEARNING_RATES["SGD"])
    for i in ORDER[:3]:
        w = opt.step(w, TOY.of(i).gradient(w))
    np.testing.assert_array_equal(path[-1], w)
    assert path.shape == (4, 2) and rate.tolist() == [20, 20]
    assert np.isnan(Sparse(t=0).run("Adam")[1]).all()


def test_the_still_shows_the_weights_and_the_rates(monkeypatch):
    drawn = []
    monkeypatch.setattr(figures, "svg", lambda figure: drawn.append(figure) or "<svg/>")
    figure = Sparse(t=40)
    figure.still()
    plane, scale = drawn[0].axes
    ends = [line.get_xydata()[0] for line in plane.lines if len(line.get_xdata()) == 1]
    for end, name in zip(ends, LEARNING_RATES):
        np.testing.assert_allclose(end, figure.run(name)[0][-1])
    shown = {line.get_xdata()[0] for line in scale.lines if len(line.get_xdata()) == 1}
    assert shown == {rate for name in LEARNING_RATES for rate in figure.run(name)[1]}
