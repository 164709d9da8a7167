"""The symbolic update is the step: the same numbers when numbers are put in."""

import numpy as np
import pytest
import sympy
from variants import every_method, every_variant

from optimlib import Adam, RMSpropSigma
from optimlib.engine import with_sympy


@every_variant
@pytest.mark.parametrize("t", [1, 2, 7])
def test_the_update_with_numbers_put_in_is_the_numpy_step(method, switches, t):
    rng = np.random.default_rng(t)
    opt = method(**switches)
    w, g = rng.normal(size=4), np.append(rng.normal(size=3), 0.0)
    state = {name: rng.uniform(0.1, 1, 4) for name in method.state_names}
    if state:
        saved = opt.state_dict()
        opt.load_state_dict({**saved, "t": t, "state": state})
    opt.t = t - 1
    new = opt.step(w, g)
    update = with_sympy.update(opt)
    at = {with_sympy.at("w", "t - 1"): w, with_sympy.at("g", "t"): g}
    at |= {with_sympy.at(name, "t - 1"): value for name, value in state.items()}
    at |= {with_sympy.letter(name): getattr(opt, name) for name in opt.hypers}
    at[sympy.Symbol("t", positive=True, integer=True)] = t
    expected = {"w": new, **opt.state}
    assert [str(name) for name in update] == [
        f"{name}_{{t}}" for name in ("w", *method.state_names)
    ]
    for name, expression in update.items():
        assert expression.free_symbols <= set(at)
        numbers = sympy.lambdify(list(at), expression, "numpy")(*at.values())
        np.testing.assert_allclose(
            numbers, expected[str(name).split("_")[0]], rtol=1e-13
        )


@every_method
def test_the_update_has_no_rounded_number_in_it(method):
    for expression in with_sympy.update(method()).values():
        assert not expression.atoms(sympy.Float)


def test_the_switches_of_the_instance_choose_the_update():
    corrected, raw = (with_sympy.update(Adam(bias_correction=b)) for b in (True, False))
    w = with_sympy.at("w", "t")
    t = sympy.Symbol("t", positive=True, integer=True)
    assert t in corrected[w].free_symbols and t not in raw[w].free_symbols


def test_rmsprop_sigma_starts_at_the_size_of_the_first_gradient():
    """At t = 1 the state before does not matter."""
    sigma = with_sympy.update(RMSpropSigma())[with_sympy.at("sigma", "t")]
    first = sigma.subs(sympy.Symbol("t", positive=True, integer=True), 1)
    assert sympy.simplify(first - sympy.Abs(with_sympy.at("g", "t"))) == 0


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("lr", "eta"),
        ("momentum", "mu"),
        ("beta", "beta"),
        ("beta1", "beta_{1}"),
        ("beta2", "beta_{2}"),
        ("eps", "epsilon"),
    ],
)
def test_the_books_letters(name, latex):
    assert with_sympy.letter(name).name == latex


def test_a_gradient_has_either_sign_and_a_rate_has_one():
    assert sympy.sqrt(with_sympy.at("g", "t") ** 2) == sympy.Abs(
        with_sympy.at("g", "t")
    )
    assert sympy.sqrt(with_sympy.letter("lr") ** 2) == with_sympy.letter("lr")
