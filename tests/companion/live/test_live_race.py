"""The race in Python: its state, its runs, its still."""

import numpy as np
import pytest
import traitlets
from matplotlib.figure import Figure

import optimlib
from companion import figures
from companion.live.race import race as race_module
from companion.live.race.race import FAR, METHODS, SURFACES, TOY, Race, rate
from optimlib import minimize
from optimlib.problems import sparse_toy


def test_it_starts_where_the_surface_does_unless_it_is_told():
    assert (Race().x, Race().y) == SURFACES["beale"].start
    assert (Race(surface="toy").x, Race(surface="toy").y) == TOY.start
    assert (Race(surface="toy", y=0.5).x, Race(surface="toy", y=0.5).y) == (-1, 0.5)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"surface": "moon"}, "surface is 'moon'; allowed: 'beale' or 'rosenbrock'"),
        (
            {"methods": ["Adam", "Adem"]},
            r"methods is \['Adam', 'Adem'\]; allowed: some",
        ),
        ({"methods": ["Adam", "Adam"]}, "each once"),
        ({"methods": 5}, "methods is 5; allowed: some of 'SGD'"),
        ({"t": 501}, "t is 501; allowed: a whole number from 0 to 500"),
        ({"scale": 0}, "scale is 0; allowed: a number from 0.01 to 100"),
    ],
)
def test_a_wrong_state_is_refused_by_name(state, message):
    with pytest.raises(traitlets.TraitError, match=message):
        Race(**state)


def test_the_paths_are_a_result_and_no_state():
    with pytest.raises(TypeError, match="Race has no paths"):
        Race(paths={})
    assert "paths" not in repr(Race())


def test_the_readers_paths_arrive_in_python():
    race, seen = Race(), []
    race.observe(lambda change: seen.append(change.new), "paths")
    state = {"x": 2.0, "y": 0.5, "paths": {"SGD": [[2.0, 0.5], [2.1, 0.5]]}}
    content = {"data": {"method": "update", "state": state}}
    race.comm.handle_msg({"content": content, "buffers": []})
    assert (race.x, race.y) == (2, 0.5)
    assert seen == [{"SGD": [[2.0, 0.5], [2.1, 0.5]]}]


def test_a_method_runs_with_the_figures_settings():
    race = Race(surface="ravine", scale=0.5, beta2=0.9, momentum=0.5, eps=1e-4)
    assert repr(race.optimizer("Adam")) == repr(
        optimlib.Adam(lr=0.1, beta2=0.9, eps=1e-4)
    )
    assert race.optimizer("Nesterov").momentum == 0.5
    assert "lr" not in type(race.optimizer("VSGD")).hypers


@pytest.mark.parametrize("surface", SURFACES)
def test_the_books_six_stay_finite_at_the_rates_that_suit_them(surface):
    """And all but one come far down within 200 steps."""
    race, lower = Race(surface=surface), 0
    for method in figures.METHODS:
        run, ending = race.run(method), race.ending(method)
        assert ending is None or ending[1] == "left the map"
        lower += run.f[-1] < run.f[0] / 10
    assert lower >= 5


def test_every_method_has_a_rate_but_the_one_that_needs_none():
    for method in METHODS:
        if method != "VSGD":
            assert rate("ravine", method) > 0


def test_a_method_that_nobody_named_races_at_its_own_rate(monkeypatch):
    """As one does that has just been added to optimlib, where it has a look by itself."""
    monkeypatch.setitem(figures.LOOKS, "Newest", ("purple", ":", "P"))
    monkeypatch.setattr(optimlib, "Newest", optimlib.Adam, raising=False)
    monkeypatch.setattr(race_module, "METHODS", [*METHODS, "Newest"])
    constants = Race.constants()
    assert constants["methods"][-1] == "Newest"
    assert constants["rates"]["toy"]["Newest"] == 0.001 == rate("beale", "Newest")
    look = constants["looks"]["Newest"]
    assert look["title"] == "Newest" and look["color"] == "purple"


def test_a_run_ends_where_it_stays_far_away_or_is_not_finite():
    race = Race(surface="ravine", scale=2.0)
    step, how = race.ending("SGD")
    w = race.run("SGD").w
    middle, width = np.array([-1.0, 0.0]), np.array([10.0, 4.0])
    away = (np.abs(w - middle) > FAR * width).any(axis=1)
    assert how == "diverged" and away[step] and not away[step - 1]
    assert away[step:].all()
    assert Race(surface="ravine").ending("SGD") is None
    back = Race(surface="ravine", scale=100.0)
    assert (np.abs(back.run("Adagrad").w[1]) > 70).any()
    assert back.ending("Adagrad") is None
    assert Race(surface="saddle").ending("Momentum")[1] == "left the map"


def test_the_toy_surface_is_the_neurons_cost():
    neuron = sparse_toy(0, n=50)
    theta = np.random.default_rng(0).normal(size=(40, 2)) * 3
    np.testing.assert_allclose(TOY(theta), neuron.loss(theta), rtol=1e-12)
    np.testing.assert_allclose(
        TOY.gradient(theta), neuron.gradient(theta), rtol=1e-9, atol=1e-16
    )
    np.testing.assert_allclose(
        TOY.curvature(theta[0]), np.diag(neuron.hessian(theta[0])), rtol=1e-9
    )
    np.testing.assert_allclose(TOY.minima[0], neuron.minimum(), atol=1e-9)
    assert (neuron.x == 0).mean() == 0.8


def test_the_still_shows_optimlibs_runs(monkeypatch):
    drawn = []
    monkeypatch.setattr(
        figures, "svg", lambda figure: drawn.append(figure) or "<svg></svg>"
    )
    race = Race(surface="ravine", methods=["Adam", "SGD"], t=12)
    race.still()
    paths, losses = drawn[0].axes
    lines = {line.get_label(): line.get_xydata() for line in paths.lines}
    surface = SURFACES["ravine"]
    for method, label in (("Adam", "Adam"), ("SGD", "gradient descent")):
        opt = race.optimizer(method)
        run = minimize(surface, surface.gradient, [-5.0, 1.0], opt, 12)
        np.testing.assert_allclose(lines[label], run.w)
    assert losses.get_yscale() == "log" and len(losses.lines) == 2


@pytest.mark.parametrize("state", [{"steps": 10, "t": 500}, {"methods": []}])
def test_every_state_has_a_still(state):
    figure = Figure()
    Race(**state).draw(figure)
    lines = figure.axes[1].lines
    assert all(len(line.get_xdata()) == 11 for line in lines)
    assert len(lines) == (0 if "methods" in state else 6)


def test_the_still_is_the_same_from_run_to_run_and_every_surface_has_one():
    assert Race().still() == Race().still()
    for surface in SURFACES:
        figure = Figure()
        Race(surface=surface, scale=5).draw(figure)
        assert len(figure.axes) == 2
