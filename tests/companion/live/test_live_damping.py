"""Momentum's damping in Python: what its formulas say is what optimlib's Momentum does."""

import re

import numpy as np
import poles as witness
import pytest
from traitlets import TraitError

from companion import figures
from companion.live.damping.damping import STEPS, Damping
from optimlib import Momentum

PLACES = (0.01, 0.2, 0.75, 1.0, 1.3, 1.8, 2.3, 3.1, 3.9, 4.3)
MOMENTA = (0.0, 0.04, 0.3, 0.62, 0.9, 0.97)


def runs(mu, steps):
    """Momentum's weights from 1 along directions of curvature PLACES, at learning rate 1."""
    opt = Momentum(lr=1.0, momentum=mu, nonfinite="ignore")
    w = [np.ones(len(PLACES))]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            w.append(opt.step(w[-1], np.array(PLACES) * w[-1]))
    return zip(PLACES, np.stack(w, axis=1), strict=True)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"momentum": 1.0}, "momentum is 1.0; allowed: a number from 0 to 0.99"),
        ({"lr": 0}, "lr is 0; allowed: a number from 0.0001 to 500"),
        ({"h1": -1}, "h1 is -1; allowed: a number from 0.01 to 100"),
        ({"h2": float("inf")}, "h2 is inf; allowed: a number from 0.01 to 100"),
    ],
)
def test_a_wrong_value_is_refused_by_name(state, message):
    with pytest.raises(TraitError, match=f"^{re.escape(message)}"):
        Damping(**state)


@pytest.mark.parametrize("mu", MOMENTA)
def test_momentum_runs_as_its_poles_say(mu):
    """The weights obey the recursion whose roots the poles are; the first pole is the farther one."""
    for x, w in runs(mu, 40):
        far, near = witness.poles(x, mu)
        assert abs(far) >= abs(near) * (1 - 1e-12) and far.imag >= 0
        assert witness.rate(x, mu) == pytest.approx(abs(far))
        expected = (far + near) * w[1:-1] - far * near * w[:-2]
        np.testing.assert_allclose(w[2:], expected.real, atol=1e-9 * np.abs(w).max())


@pytest.mark.parametrize("mu", MOMENTA)
def test_a_regime_is_what_the_weights_do(mu):
    seen = set()
    for x, w in runs(mu, 2000):
        word = witness.regime(x, mu)
        seen.add(word)
        grows = not np.abs(w[-10:]).max() < 1e-6
        assert (word == "diverges") == grows == (witness.rate(x, mu) >= 1)
        turns = np.signbit(w[1:60]) != np.signbit(w[:59])
        if word == "monotone":
            assert not turns.any()
        elif word == "alternates":
            assert turns[:20].all()
        elif word == "oscillates":
            assert witness.rate(x, mu) == pytest.approx(np.sqrt(mu))
            assert turns.any() and not turns.all()
    assert {"diverges"} < seen


def test_each_border_of_the_regions_has_its_two_sides():
    for mu in (0.1, 0.5, 0.9):
        root, tiny = np.sqrt(mu), 1e-6
        borders = ((1 - root) ** 2, (1 + root) ** 2, 2 * (1 + mu))
        words = ("monotone", "oscillates", "alternates", "diverges")
        for i, border in enumerate(borders):
            assert witness.regime(border - tiny, mu) == words[i]
            assert witness.regime(border + tiny, mu) == words[i + 1]


def test_the_best_momentum_is_the_best():
    momenta = np.linspace(0, 0.999, 4000)
    for x in (0.02, 0.3, 1.0, 1.8, 3.3):
        best = witness.best_momentum(x)
        rates = witness.rate(x, momenta)
        assert momenta[rates.argmin()] == pytest.approx(best, abs=3e-4)
        assert witness.rate(x, best) == pytest.approx(abs(1 - np.sqrt(x)), abs=1e-7)


def test_the_best_pair_is_the_best_for_both_curvatures():
    for h1, h2 in ((1.0, 0.1), (0.02, 3.0), (50.0, 1.0)):
        lr, mu = witness.best_pair(h1, h2)

        def slower(lr, mu, h1=h1, h2=h2):
            return np.maximum(witness.rate(lr * h1, mu), witness.rate(lr * h2, mu))

        assert slower(lr, mu) == pytest.approx(np.sqrt(mu), abs=1e-6)
        rates = lr * np.linspace(0.3, 1.6, 261)[:, None]
        momenta = np.linspace(0, 0.99, 199)
        assert slower(rates, momenta).min() >= np.sqrt(mu) - 1e-9
        plain = slower(np.linspace(0.01, 3, 6001) / max(h1, h2), 0.0).min()
        assert plain == pytest.approx(abs(h1 - h2) / (h1 + h2), abs=1e-3)


def test_equal_curvatures_need_one_step():
    lr, mu = witness.best_pair(0.5, 0.5)
    assert lr == pytest.approx(2) and mu == 0
    assert witness.rate(lr * 0.5, mu) == pytest.approx(0, abs=1e-12)


def test_the_still_shows_the_state(monkeypatch):
    drawn = []
    monkeypatch.setattr(figures, "svg", lambda figure: drawn.append(figure) or "<svg/>")
    figure = Damping(lr=0.5, momentum=0.62, h1=2, h2=0.4)
    figure.still()
    plane, weights = drawn[0].axes
    points = [line.get_xydata()[0] for line in plane.lines[3:]]
    np.testing.assert_allclose(points, [[1.0, 0.62], [0.2, 0.62]])
    expected = dict(runs(0.62, STEPS))
    for line, x in zip(weights.lines[:2], (1.0, 0.2), strict=True):
        np.testing.assert_allclose(line.get_ydata(), expected[x], rtol=1e-9)
