"""The symbolic update is the step: the same numbers when numbers are put in."""

from functools import cache

import numpy as np
import pytest
import sympy
from variants import every_method, every_variant

from optimlib import Adam, NesterovLookAhead, RMSpropSigma
from optimlib.engine import with_sympy
from optimlib.engine.with_sympy import STEP, symbol


def slope(w):
    """A gradient that is no multiple of w."""
    return np.sin(w) + 0.5


def drawn(method, t, rng):
    """A gradient with a zero in it, a state, and what else a step takes."""
    g = np.append(rng.normal(size=3), 0.0)
    state = {
        name: rng.uniform(0.1, 1, () if name in method.scalars else 4) + (name == "tau")
        for name in method.state_names
    }
    inputs = {
        "loss": np.array(rng.uniform(0.5, 1)),
        "curvature": rng.normal(size=4),
        "norm": np.linalg.norm(g),
    }
    return g, state, {name: x for name, x in inputs.items() if name in method.inputs}


@cache
def functions(method, switches):
    """The names that a variant's update is of, and a function of numbers for each that it renews."""
    opt = method(**dict(switches))
    before = [
        *(with_sympy.at(name, "t - 1") for name in ("w", *opt.state_names)),
        *(with_sympy.at(name, "t") for name in ("g", *opt.inputs)),
        *map(with_sympy.letter, opt.hypers),
        STEP,
    ]
    modules = [{"gradient": slope}, "numpy"]
    update = with_sympy.update(opt)
    assert all(new.free_symbols <= set(before) for new in update.values())
    return before, {
        name: sympy.lambdify(before, new, modules, cse=True)
        for name, new in update.items()
    }


@pytest.mark.parametrize("t", [1, 2, 7])
@every_variant
def test_the_update_with_numbers_put_in_is_the_numpy_step(method, switches, t):
    rng = np.random.default_rng(t)
    # Two steps of warming up put t before, at and after their end.
    opt = method(**switches, **({"warmup": 2} if "warmup" in method.hypers else {}))
    w, (g, state, inputs) = rng.normal(size=4), drawn(method, t, rng)
    if state:
        opt.load_state_dict({**opt.state_dict(), "t": t, "state": state})
    opt.t = t - 1
    given = {name: x for name, x in inputs.items() if name != "norm"}
    if "gradient" in method.inputs:
        new = opt.step(w, gradient=slope)
    else:
        new = opt.step(w, g, **given)
    put_in = {with_sympy.at("w", "t - 1"): w, with_sympy.at("g", "t"): g}
    put_in |= {with_sympy.at(name, "t - 1"): x for name, x in state.items()}
    put_in |= {with_sympy.at(name, "t"): x for name, x in inputs.items()}
    put_in |= {with_sympy.letter(name): getattr(opt, name) for name in opt.hypers}
    put_in[STEP] = t
    before, update = functions(method, tuple(switches.items()))
    expected = {with_sympy.at(name, "t"): x for name, x in opt.state.items()}
    expected[with_sympy.at("w", "t")] = new
    for name in expected.keys() - update.keys():  # a state that is left alone
        np.testing.assert_array_equal(
            expected[name], put_in[symbol(name.name.replace("_{t}", "_{t - 1}"))]
        )
    for name, function in update.items():
        wanted = expected[name]
        numbers = function(*map(put_in.get, before))
        np.testing.assert_allclose(
            np.broadcast_to(numbers, wanted.shape), wanted, rtol=1e-12
        )


@every_method
def test_each_quantity_of_a_method_has_a_letter_of_its_own(method):
    now = [with_sympy.at(name, "t") for name in ("w", "g", *method.inputs)]
    before = [with_sympy.at(name, "t - 1") for name in ("w", *method.state_names)]
    settings = [with_sympy.letter(name) for name in method.hypers]
    names = [*now, *before, *settings, STEP]
    assert len(set(names)) == len(names)


@every_method
def test_the_update_has_no_rounded_number_in_it(method):
    for expression in with_sympy.update(method()).values():
        assert not expression.atoms(sympy.Float)


def test_the_switches_of_the_instance_choose_the_update():
    corrected, raw = (with_sympy.update(Adam(bias_correction=b)) for b in (True, False))
    w = with_sympy.at("w", "t")
    assert STEP in corrected[w].free_symbols and STEP not in raw[w].free_symbols


def test_rmsprop_sigma_starts_at_the_size_of_the_first_gradient():
    """At t = 1 the state before does not matter."""
    sigma = with_sympy.update(RMSpropSigma())[with_sympy.at("sigma", "t")]
    assert sympy.simplify(sigma.subs(STEP, 1) - sympy.Abs(with_sympy.at("g", "t"))) == 0


def test_a_method_that_looks_ahead_has_the_gradient_of_where_it_looks():
    w, v = with_sympy.at("w", "t - 1"), with_sympy.at("v", "t - 1")
    ahead = with_sympy.GRADIENT(w + with_sympy.letter("momentum") * v)
    assert ahead in with_sympy.update(NesterovLookAhead())[
        with_sympy.at("v", "t")
    ].atoms(with_sympy.GRADIENT)


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("lr", "eta"),
        ("momentum", "mu"),
        ("beta", "beta"),
        ("beta1", "beta_{1}"),
        ("beta2", "beta_{2}"),
        ("eps", "epsilon"),
        ("up", "eta^{+}"),
        ("warmup", "t_{0}"),
    ],
)
def test_the_books_letters(name, latex):
    assert with_sympy.letter(name).name == latex


def test_a_gradient_has_either_sign_and_a_rate_has_one():
    for name, index in (("g", "t"), ("w", "t - 1"), ("loss", "t"), ("step", "t")):
        x = with_sympy.at(name, index)
        assert sympy.sqrt(x**2) == sympy.Abs(x)
    for name in ("lr", "up", "momentum_decay", "weight_decay"):
        assert sympy.sqrt(with_sympy.letter(name) ** 2) == with_sympy.letter(name)


def test_a_rounded_number_becomes_the_fraction_it_stands_for():
    assert with_sympy.exact(0.96) == sympy.Rational(24, 25)
    assert with_sympy.exact(0.5 * STEP) == STEP / 2 and with_sympy.exact(1) == 1
