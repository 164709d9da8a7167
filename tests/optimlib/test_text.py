"""How a rule's text is cut in two for the engines, and folded for readers."""

import ast
import re

import numpy as np
import pytest
from variants import every_variant

from optimlib import SGD, Adam, RMSprop
from optimlib.engine.folding import folded
from optimlib.engine.kernels import kernel
from optimlib.engine.text import sliced
from optimlib.optimizer import Optimizer


def cut(rule, arrays=("w", "g", "v"), **switches):
    """What a rule is cut into, as text: prelude, constants, body and results."""
    found = sliced(rule, arrays, switches)
    prelude, constants, body = (
        {name: ast.unparse(value) for name, value in part}
        for part in (*divided(found), found.body)
    )
    assert list(constants) == [f"k{i}" for i in range(len(constants))]
    results = [ast.unparse(value) for value in found.results]
    return prelude, list(constants.values()), body, results


def divided(program):
    """The statements of the prelude, and those of them that the body takes."""
    taken = [s for s in program.prelude if re.fullmatch(r"k\d+", s[0])]
    return [s for s in program.prelude if s not in taken], taken


def test_what_is_free_of_arrays_goes_before_the_body():
    def rule(w, g, v, t, lr, beta):
        v = beta * v + (1 - beta) * g**2
        rate = lr / (1 - beta**t)
        w = w - rate * 2 * v
        return w, v

    assert cut(rule) == (
        {"rate_1": "lr / (1 - beta ** t)"},
        ["beta", "1 - beta", "rate_1 * 2"],
        {"v_1": "k0 * v + k1 * g ** 2", "w_1": "w - k2 * v_1"},
        ["w_1", "v_1"],
    )


def test_a_constant_that_stands_twice_is_taken_once():
    def rule(w, g, v, t, lr):
        w = (1 - lr) * w + (1 - lr) * g + lr * v
        return (w,)

    _, constants, body, _ = cut(rule)
    assert constants == ["1 - lr", "lr"]
    assert body == {"w_1": "k0 * w + k0 * g + k1 * v"}


@pytest.mark.parametrize(
    ("kind", "expected"), [("a", "w + g"), ("b", "w - g"), ("c", "w * g")]
)
def test_conditions_on_switches_are_decided(kind, expected):
    def rule(w, g, v, t, kind, twice):
        if kind == "a":
            w = w + g
        elif not twice and kind == "b":
            w = w - g
        else:
            w = w * g
        w = w * w if twice else w
        return w, v

    for twice in (False,) if kind == "b" else (False, True):
        _, _, body, results = cut(rule, kind=kind, twice=twice)
        assert list(body.values()) == [expected] + ["w_1 * w_1"] * twice
        assert results == [f"w_{1 + twice}", "v"]


def test_names_assigned_together_are_what_they_were_before():
    def rule(w, g, v, t):
        w, v = v, w
        a = b = w
        v, w = v + a, b
        return w, v

    assert cut(rule) == ({}, [], {"v_1": "w + v"}, ["v", "v_1"])


def test_a_name_that_is_assigned_again_has_a_name_for_each_value():
    def rule(w, g, v, t, lr):
        lr = lr / t
        g_prev, g = g, g * lr
        lr = lr * 2
        w = w - lr * g - g_prev
        return w, g

    assert cut(rule) == (
        {"lr_1": "lr / t", "lr_2": "lr_1 * 2"},
        ["lr_1", "lr_2"],
        {"g_1": "g * k0", "w_1": "w - k1 * g_1 - g"},
        ["w_1", "g_1"],
    )


def test_a_state_of_one_number_is_found_in_the_prelude():
    def rule(w, g, product, t, loss, lr):
        product = lr * product
        return w - product * g, product, loss

    found = cut(rule, ("w", "g"))
    assert found[0] == {"product_1": "lr * product"}
    assert found[3] == ["result_1", "product_1", "loss"]


def test_every_expression_that_a_rule_may_have_is_taken():
    def rule(w, g, v, t, lr):
        far = (np.abs(w) > lr) | (g <= v)
        w = np.where(far, -w, np.sqrt(np.fmax(v, 0)) ** 3)
        return (w,)

    assert cut(rule)[1:3] == (
        ["lr", "0", "3"],
        {
            "far_1": "(np.abs(w) > k0) | (g <= v)",
            "w_1": "np.where(far_1, -w, np.sqrt(np.fmax(v, k1)) ** k2)",
        },
    )


def _added(w, g):
    w += g
    return (w,)


def _looped(w, g):
    for _ in range(3):
        w = w - g
    return (w,)


def _unpacked(w, g):
    w, v = g
    return w, v


def _chained(w, g):
    (a, b) = c = w, g
    return a, b, c


def _indexed(w, g):
    w[0] = g
    return (w,)


def _between(w, g):
    w = np.where(0 < w < 1, w, g)
    return (w,)


def _named(w, g):
    w = np.maximum(w, g, out=w)
    return (w,)


def _either(w, g):
    w = w or g
    return (w,)


def _attribute(w, g):
    w = w * np.pi
    return (w,)


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        (_added, "w += g"),
        (_looped, "for _ in range(3):"),
        (_unpacked, "(w, v)"),
        (_chained, "(w, g)"),
        (_indexed, "w[0]"),
        (_between, "0 < w < 1"),
        (_named, "np.maximum(w, g, out=w)"),
        (_either, "w or g"),
        (_attribute, "np.pi"),
    ],
)
def test_what_no_rule_has_is_named(rule, named):
    with pytest.raises(NotImplementedError) as error:
        sliced(rule, ("w", "g"), {})
    assert named in str(error.value)


@every_variant
def test_every_name_of_a_body_is_assigned_once_and_before_it_is_used(method, switches):
    found = kernel(method, "rule", tuple(switches.items()))
    known = {"np", *found.arrays, *found.constants}
    assert found.constants == tuple(name for name, _ in divided(found.program)[1])
    for name, expression in found.program.body:
        used = {x.id for x in ast.walk(expression) if isinstance(x, ast.Name)}
        assert used <= known
        assert name not in known
        known.add(name)
    assert set(found.outputs.values()) <= known


def test_a_rule_without_a_text_to_read_is_refused_in_these_words():
    scope = {"Optimizer": Optimizer}
    exec(  # noqa: S102 - as one types it where there is no file
        "class Halving(Optimizer):\n"
        "    @staticmethod\n"
        "    def rule(w, g, t):\n"
        "        return (w / 2,)\n",
        scope,
    )
    for ask in (lambda opt: opt.step(np.ones(2), np.ones(2)), lambda opt: opt.text()):
        with pytest.raises(
            OSError, match="^the text of Halving.rule can't be read, an"
        ):
            ask(scope["Halving"]())


RULE = """\
def rule(w, g, t, kind, twice, β):
    if kind == "a":  # the first
        # So that
        w = ((w) +
            g)
        if twice: w = w * 2

        # and that
    elif kind == "b":
        w = w - g
    else:
        # or this
        w = w * (1 if twice else β) * (β if twice and kind == "c" else 2)
    return (w, )
"""


def lines(*inside, arguments=""):
    """A rule of these lines."""
    head = f"def rule(w, g, t{arguments}, β):\n"
    return head + "".join(f"    {x}".rstrip() + "\n" for x in [*inside, "return (w, )"])


@pytest.mark.parametrize(
    ("switches", "expected"),
    [
        ({}, RULE),
        (
            {"kind": "a", "twice": True},
            lines("# So that", "w = ((w) +", "    g)", "w = w * 2", "", "# and that"),
        ),
        (
            {"kind": "a", "twice": False},
            lines("# So that", "w = ((w) +", "    g)", "", "# and that"),
        ),
        ({"kind": "b"}, lines("w = w - g", arguments=", twice")),
        (
            {"kind": "c", "twice": False},
            lines("# or this", "w = w * (β) * (2)"),
        ),
        (
            {"twice": True},
            RULE.replace("if twice: ", "").replace("1 if twice else β", "1"),
        ),
    ],
    ids=lambda part: str(part) if isinstance(part, dict) else "",
)
def test_the_lines_of_the_branch_that_runs_stay_as_they_are_written(switches, expected):
    assert folded(RULE, switches) == expected


def test_a_state_that_is_only_handed_back_is_left_out_of_a_folded_text():
    plain = RMSprop.text(centered=False)
    assert plain.startswith("def rule(w, g, v, t, lr, beta, eps, eps_in_sqrt):\n")
    assert plain.endswith("    return w, v") and "m" not in plain
    assert RMSprop.text(centered=True).endswith("    return w, v, m")


@pytest.mark.parametrize(
    ("method", "switches", "words"),
    [
        (
            Adam,
            {"bias": True},
            "the switch is 'bias'; allowed: bias_correction, eps_form",
        ),
        (Adam, {"lr": 0.1}, "the switch is 'lr'; allowed: bias_correction, eps_form"),
        (SGD, {"averaging": True}, "the switch is 'averaging'; allowed: none"),
        (Adam, {"bias_correction": 1}, "bias_correction is 1; allowed: True or False"),
    ],
)
def test_the_text_is_not_folded_by_what_is_no_switch(method, switches, words):
    with pytest.raises(ValueError) as error:
        method.text(**switches)
    assert str(error.value) == words
