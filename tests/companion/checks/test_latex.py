"""Reading the book's LaTeX: what is printed becomes the expression that it says."""

import pytest
import sympy

from companion.checks.latex import chains, evaluate, expression, statements
from optimlib.engine.with_sympy import GRADIENT, STEP, at, letter, symbol

beta, mu, eta, c = map(symbol, ("beta", "mu", "eta", "c"))
g, m = at("g", "t"), at("m", "t - 1")

READ = {
    r"\beta m_{t-1} + (1-\beta)\cdot g_t": beta * m + (1 - beta) * g,
    r"\frac{g_t^2}{2}": g**2 / 2,
    r"\beta_1^t": symbol("beta_{1}") ** STEP,
    r"\beta_{1}^{t-1}": symbol("beta_{1}") ** (STEP - 1),
    r"\hat m_t": symbol("M_{t}"),
    r"\hat{v}_t": symbol("V_{t}"),
    r"\beta(1-\beta)": beta * (1 - beta),
    r"\beta_2 (1-\mu)": symbol("beta_{2}") * (1 - mu),
    r"t(t+1)": STEP * (STEP + 1),
    r"g_t(1-\beta)": g * (1 - beta),
    r"m_{t-1}(1-\beta)": m * (1 - beta),
    r"\sqrt{(t-1)}": sympy.sqrt(STEP - 1),
    r"|g_t|": sympy.Abs(g),
    r"\eta / \sqrt{t}": eta / sympy.sqrt(STEP),
    r"\operatorname{sgn}(g_t)": sympy.sign(g),
    r"\max(g_t, m_{t-1})": sympy.Max(g, m),
    r"\min(\max(g_t, \frac{1}{c}), c)": sympy.Min(sympy.Max(g, 1 / c), c),
    r"(1-\beta) \min(g_t, 2)": (1 - beta) * sympy.Min(g, 2),
    r"0.96^{\psi t}": sympy.Rational(24, 25) ** (symbol("psi") * STEP),
    r"\nabla f(w_{t-1})": GRADIENT(symbol("w_{t - 1}")),
    r"\eta^{+} \eta": symbol("eta^{+}") * eta,
    r"\min(\Delta_{\max}, f^{*})": sympy.Min(symbol(r"Delta_{\max}"), symbol("f^{*}")),
    r"\bar q_{t-1}^2": at("q_bar", "t - 1") ** 2,
    r"\overline{q^2}_t + \overline{ad}_t": at("q_sq", "t") + at("ad", "t"),
    r"\frac{g_t}{\lVert g_t \rVert}": g / at("norm", "t"),
    r"t - t_0": STEP - letter("warmup"),
}


@pytest.mark.parametrize("latex", READ)
def test_an_expression_is_read_as_printed(latex):
    assert sympy.simplify(expression(latex) - READ[latex]) == 0


def test_the_symbols_carry_the_assumptions_of_the_rules():
    assert expression("g_t").is_positive is None and expression("g_t").is_real
    assert (
        expression(r"\beta").is_positive
        and expression("t").is_integer
        and expression("v_t").is_positive is None
    )


CHAINS = {
    "a = b": ["a=b"],
    r"a = b = c": ["a=b=c"],
    r"a = b, \qquad c = d.": ["a=b", "c=d"],
    r"a = b \\ c = d": ["a=b", "c=d"],
    r"\begin{aligned} a &= b \\ &= c, \\ d &= e. \end{aligned}": ["a=b=c", "d=e"],
    r"\begin{aligned} & a = b \\[1ex] & = c \end{aligned}": None,
    r"a = \sum_{i=1}^{3} b": ["a=3*b"],
    r"a\,=\;\left( b \right)\quad": ["a=b"],
}


@pytest.mark.parametrize("latex", [latex for latex, parts in CHAINS.items() if parts])
def test_a_display_is_taken_apart_into_its_statements(latex):
    assert ["=".join(map(str, chain)) for chain in chains(latex)] == CHAINS[latex]


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{1}{",
        r"\foo{x} +",
        r"a +",
        r"a \text{ if } b",
        r"\operatorname{Var}[m_t]",
        r"\mathbb{E}[g]",
        r"a \approx b",
        r"{a < b}",
        r"\left( a \ge b \right)",
        r"a \pm b",
        r"a_1 + \ldots + a_n",
        r"a \otimes b",
        r"w^\star",
        "",
    ],
)
def test_latex_that_is_no_mathematics_to_it_is_named(latex):
    with pytest.raises(
        ValueError, match="this LaTeX can't be read as mathematics: "
    ) as error:
        expression(latex)
    assert repr(latex) in str(error.value)


CASES = {
    r"0 & g_t < 0 \\ 1 & g_t \ge 0": [(0, g < 0), (1, g >= 0)],
    r"a & t = 1 \\ b & t > 1.": [
        (symbol("a"), sympy.Eq(STEP, 1)),
        (symbol("b"), STEP > 1),
    ],
    r"2 & g_t > c \text{ or } |m_{t-1}| \le c \\ 3 & \text{otherwise}": [
        (2, (g > c) | (sympy.Abs(m) <= c)),
        (3, True),
    ],
}


@pytest.mark.parametrize("latex", CASES)
def test_cases_are_read_with_their_conditions(latex):
    display = rf"\begin{{aligned}} x &= \begin{{cases}} {latex} \end{{cases}} \\ y &= x \end{{aligned}}"
    (x, read), second = chains(display)
    assert read == sympy.Piecewise(*CASES[latex]) and second == [symbol("y"), x]


@pytest.mark.parametrize("line", ["1 & t", "1", r"1 & \text{if it rains}"])
def test_a_case_without_a_condition_is_named(line):
    with pytest.raises(
        ValueError, match="can't be read as mathematics: .*no condition"
    ):
        chains(rf"x = \begin{{cases}} {line} \\ 2 & t = 1 \end{{cases}}")


def test_a_sum_to_a_number_is_written_out_with_its_terms():
    g1, g2 = symbol("g_{1}"), symbol("g_{2}")
    assert expression(r"\sum_{i=1}^{2} \beta^{2-i} g_i") == beta * g1 + g2
    assert expression(r"\sum_{i=1}^{2} g_{3-i}") == g1 + g2
    assert expression(r"\sum_{i=1}^{2} g_{t-i}") == symbol("g_{t - 1}") + symbol(
        "g_{t - 2}"
    )


def test_a_sum_to_t_keeps_its_terms_as_a_sequence():
    total = expression(r"\sum_{i=1}^{t} g_i")
    assert not total.has(symbol("g_{i}")) and total.subs(STEP, 1).doit() != 0
    assert expression(r"\sum_{i=1}^{t} g_t").doit() == STEP * g


@pytest.mark.parametrize(
    ("latex", "value"),
    [
        (r"y &= a \\ &\quad + b (c - a) \\ &\quad + b", 1 + 2 * 2 + 2),
        (r"y &= a (b - c) \\ &\longrightarrow\; -c", -3),
        (r"y &= a \\ &= b + c", 5),
        (r"y &= c \\ &\quad - b", 1),
    ],
)
def test_an_equation_goes_on_in_the_next_line(latex, value):
    """A wide equation is set in lines; its last side is the whole of what follows the last sign."""
    display = rf"\begin{{aligned}} {latex} \end{{aligned}}"
    (sides,) = statements(display)
    names = [name for name in "abc" if name in sides[-1]]
    values = dict(zip("abc", (1, 2, 3), strict=True))
    found = evaluate(sides[-1], {name: values[name] for name in names})
    assert found == value


@pytest.mark.parametrize("line", [r"(a + 1)", r"\frac{a}{2}", "d"])
def test_a_line_of_its_own_that_is_no_equation_is_refused(line):
    """It would be read as part of nothing, and whatever it says would go unchecked."""
    with pytest.raises(ValueError, match="has one side"):
        statements(rf"\begin{{aligned}} y &= a \\ &\quad {line} \end{{aligned}}")
