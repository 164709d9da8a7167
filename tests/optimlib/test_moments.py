"""Exponential averages: each closed form against the recursion or an explicit sum, in exact fractions."""

from decimal import MAX_EMAX, MIN_EMIN, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from optimlib import Adam, moments

betas = st.one_of(
    st.just(0.0), st.sampled_from([0.5, 0.9, 0.99, 0.999]), st.floats(0.01, 0.9999)
)
times = st.integers(1, 60)
series = st.lists(st.floats(-100, 100), min_size=1, max_size=30)


def exact_weights(t, beta):
    """What the recursion m = beta m + (1 - beta) g makes of each g_i: found by running it on unit impulses."""
    beta, found = Fraction(beta), []
    for hit in range(t):
        m = Fraction(0)
        for i in range(t):
            m = beta * m + (1 - beta) * (i == hit)
        found.append(m)
    return found


def close(value, exact, rtol=1e-12):
    """Whether a float is an exact fraction up to rounding."""
    return abs(Fraction(float(value)) - exact) <= Fraction(rtol) * abs(
        exact
    ) + Fraction(1, 10**300)


@given(st.integers(1, 25), betas)
def test_the_weights_are_those_of_the_recursion(t, beta):
    got = moments.weights(t, beta)
    assert got.shape == (t,)
    assert all(
        close(w, exact) for w, exact in zip(got, exact_weights(t, beta), strict=True)
    )


@given(series, betas, st.floats(-10, 10))
def test_the_average_is_the_recursion_and_the_weighted_sum(g, beta, start):
    m, t = Fraction(start), len(g)
    got = moments.average(np.array(g), beta, start)
    for value, one in zip(g, got, strict=True):
        m = Fraction(beta) * m + (1 - Fraction(beta)) * Fraction(value)
        assert abs(Fraction(float(one)) - m) <= Fraction(1e-12) * 101
    unrolled = beta**t * start + moments.weights(t, beta) @ np.array(g)
    assert got[-1] == pytest.approx(unrolled, rel=1e-12, abs=1e-11)


@given(times, betas)
def test_the_sum_of_the_weights(t, beta):
    exact = 1 - Fraction(beta) ** t
    assert close(moments.weight_sum(t, beta), exact)
    assert close(moments.weights(t, beta).sum(), exact)


@given(times, betas)
def test_the_variances_are_sums_of_squared_weights(t, beta):
    squares = sum(((1 - Fraction(beta)) * Fraction(beta) ** k) ** 2 for k in range(t))
    assert close(moments.variance(t, beta), squares, 1e-11)
    assert close(
        moments.corrected_variance(t, beta),
        squares / (1 - Fraction(beta) ** t) ** 2,
        1e-11,
    )


@given(times, betas)
def test_the_variance_of_an_average_that_starts_at_its_first_value(t, beta):
    """That value keeps the weight beta^(t-1), the others have (1 - beta) beta^(t-i)."""
    weights = [Fraction(beta) ** (t - 1)] + [
        (1 - Fraction(beta)) * Fraction(beta) ** (t - i) for i in range(2, t + 1)
    ]
    assert sum(weights) == 1
    assert close(
        moments.first_value_variance(t, beta),
        sum(weight**2 for weight in weights),
        1e-11,
    )


@given(times, st.floats(0, 0.999), st.floats(0, 0.9999), st.floats(0.1, 10))
def test_the_excess_is_the_quotient_of_two_steps_of_adam(t, beta1, beta2, g):
    """The last of t steps along a constant gradient, without correction over with it."""
    moved = []
    for correction in (False, True):
        opt, w = (
            Adam(lr=1, beta1=beta1, beta2=beta2, eps=0, bias_correction=correction),
            np.zeros(1),
        )
        for _ in range(t):
            last, w = w, opt.step(w, [g])
        moved.append((w - last)[0])
    assert moments.excess(t, beta1, beta2) == pytest.approx(
        moved[0] / moved[1], rel=1e-8
    )


def test_a_corrected_average_of_one_value_has_that_values_variance():
    for beta in (0, 0.5, 0.9, 0.999):
        assert moments.corrected_variance(1, beta) == pytest.approx(1, rel=1e-12)


@given(series, betas)
def test_the_correction_makes_weights_that_add_up_to_one(g, beta):
    g = np.array(g)
    got = moments.corrected(moments.average(g, beta), beta)
    for t in range(1, len(g) + 1):
        shares = moments.weights(t, beta) / moments.weights(t, beta).sum()
        assert got[t - 1] == pytest.approx(shares @ g[:t], rel=1e-11, abs=1e-10)


@given(st.floats(1e-6, 1e6), betas, times)
def test_the_corrected_average_of_a_constant_is_that_constant(constant, beta, t):
    corrected = moments.corrected(moments.average(np.full(t, constant), beta), beta)
    np.testing.assert_allclose(corrected, constant, rtol=1e-11)


@given(series, betas)
def test_the_drift_is_what_an_average_of_the_means_misses(means, beta):
    got = moments.drift(np.array(means), beta)
    for t in range(1, len(means) + 1):
        weights = (
            exact_weights(t, beta)
            if t < 12
            else [Fraction(float(w)) for w in moments.weights(t, beta)]
        )
        exact = sum(
            w * (Fraction(m) - Fraction(means[t - 1]))
            for w, m in zip(weights, means[:t], strict=True)
        )
        assert abs(Fraction(float(got[t - 1])) - exact) <= Fraction(1e-10)


@given(series, betas)
def test_the_drift_is_the_exact_sum_of_the_changes_of_the_means(e, beta):
    """zeta_t = sum over k of beta^k (e_{t-k} - e_{t-k+1}) + beta^t (e_t - e_1)."""
    e, beta_, got = (
        [Fraction(x) for x in e],
        Fraction(beta),
        moments.drift(np.array(e, float), beta),
    )
    for t in range(1, len(e) + 1):
        changes = sum(beta_**k * (e[t - k - 1] - e[t - k]) for k in range(1, t))
        assert abs(
            Fraction(float(got[t - 1])) - (changes + beta_**t * (e[t - 1] - e[0]))
        ) <= Fraction(1e-10)


def test_means_that_do_not_change_leave_no_drift():
    np.testing.assert_allclose(
        moments.drift(np.full((40, 2), [3.0, -7.0]), 0.9), 0, atol=1e-14
    )


def test_arrays_of_any_shape_are_averaged_entry_by_entry():
    g = np.random.default_rng(0).normal(size=(12, 2, 3))
    for whole in (
        moments.average(g, 0.9),
        moments.corrected(moments.average(g, 0.9), 0.9),
        moments.drift(g, 0.9),
    ):
        assert whole.shape == g.shape
    for i in range(2):
        for j in range(3):
            alone = g[:, i, j]
            assert np.array_equal(
                moments.average(g, 0.9)[:, i, j], moments.average(alone, 0.9)
            )
            np.testing.assert_allclose(
                moments.drift(g, 0.9)[:, i, j], moments.drift(alone, 0.9), rtol=1e-12
            )


def test_times_and_betas_broadcast():
    t, beta = np.arange(1, 6)[:, None], np.array([0.5, 0.9, 0.999])
    for formula in (
        moments.weight_sum,
        moments.variance,
        moments.corrected_variance,
        moments.first_value_variance,
        lambda t, beta: moments.excess(t, 0.9, beta),
    ):
        table = formula(t, beta)
        assert table.shape == (5, 3)
        assert all(
            table[i, j] == pytest.approx(formula(i + 1, b))
            for i in range(5)
            for j, b in enumerate(beta)
        )


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [(np.float32, np.float32), (np.float64, np.float64), (int, np.float64)],
)
def test_whole_numbers_are_averaged_as_fractions_and_floats_keep_their_dtype(
    dtype, expected
):
    got = moments.average(np.array([1, 2, 4], dtype), 0.5)
    assert got.dtype == expected and got.tolist() == [0.5, 1.25, 2.625]


def test_the_input_is_left_alone():
    g = np.array([1.0, 2.0])
    moments.average(g, 0.9), moments.corrected(g, 0.9), moments.drift(g, 0.9)
    assert g.tolist() == [1, 2]


@given(
    st.one_of(st.sampled_from([0.1, 0.5, 0.65, 0.95, 0.99]), st.floats(1e-4, 0.9999)),
    betas,
)
def test_steps_until_is_the_first_step_that_holds_the_share(fraction, beta):
    t, exact, share = (
        moments.steps_until(fraction, beta),
        Fraction(beta),
        Fraction(fraction),
    )
    # Where 1 - beta^t meets the share to the last digits of a float, either side of it is right.
    assume(all(abs(1 - exact**k - share) > Fraction(1, 10**14) for k in (t - 1, t)))
    assert isinstance(t, int) and t >= 1
    assert 1 - exact**t >= share
    assert t == 1 or 1 - exact ** (t - 1) < share


@pytest.mark.parametrize(
    ("fraction", "beta", "t"),
    [
        (0.99, 0.9, 44),
        (0.99, 0.999, 4603),
        (0.5, 0.9, 7),
        (0.65, 0.9, 10),
        (0.3, 0, 1),
        (0.5, 0.5, 1),
        (0.36, 0.8, 2),
        (0.271, 0.9, 3),
        (0.271001, 0.9, 4),
        (0.999, 0.1, 3),
        (0.75, 0.5, 2),
        (1 - 2**-50, 0.5, 50),
        (1 - 1e-12, 0.9999, 276297),
        (1 - 1e-14, 0.99, 3208),
        (1 - 1e-12, 0.9999999, 276310419),
        (1e-300, 5e-324, 1),
    ],
)
def test_steps_until_known_counts(fraction, beta, t):
    assert moments.steps_until(fraction, beta) == t


@given(
    st.one_of(
        st.floats(0, 1, exclude_min=True, exclude_max=True),
        st.floats(-16, 0, exclude_min=True, exclude_max=True).map(lambda x: 1 - 10**x),
    ).filter(lambda x: 0 < x < 1),
    st.one_of(
        st.floats(0, 1, exclude_min=True, exclude_max=True),
        st.floats(-15, 0, exclude_min=True, exclude_max=True).map(lambda x: 1 - 10**x),
    ).filter(lambda x: 0 < x < 1),
)
def test_steps_until_is_exact_for_the_floats_however_near_1_they_are(fraction, beta):
    t = moments.steps_until(fraction, beta)
    with localcontext(prec=50) as context:
        context.Emin, context.Emax = MIN_EMIN, MAX_EMAX
        exact, left = Decimal(beta), 1 - Decimal(fraction)
        # Decimals count as they are written where they meet.
        written = 1 - Decimal(repr(fraction)) == Decimal(repr(beta)) ** t
        assert exact**t <= left or written
        assert t == 1 or exact ** (t - 1) > left


WRONG_BETAS = [1, 1.5, -0.1, np.nan, np.inf]


@pytest.mark.parametrize("beta", WRONG_BETAS)
def test_a_beta_outside_its_range_is_refused_everywhere(beta):
    g = np.ones(3)
    for call in (
        lambda b: moments.average(g, b),
        lambda b: moments.weights(3, b),
        lambda b: moments.weight_sum(3, b),
        lambda b: moments.corrected(g, b),
        lambda b: moments.drift(g, b),
        lambda b: moments.variance(3, b),
        lambda b: moments.corrected_variance(3, b),
        lambda b: moments.steps_until(0.5, b),
    ):
        with pytest.raises(
            ValueError, match=r"^beta is .*; allowed: a number in \[0, 1\)"
        ):
            call(beta)
    with pytest.raises(ValueError, match=r"^beta is "):
        moments.weight_sum(3, np.array([0.9, beta]))


@pytest.mark.parametrize(
    "betas", [[0.5, 0.9], np.array([0.5, 0.9, 0.99]), np.array([0.9])], ids=repr
)
def test_where_one_beta_is_asked_for_several_are_refused_and_not_paired_with_the_steps(
    betas,
):
    g = np.ones(len(betas))
    for call in (
        lambda: moments.average(g, betas),
        lambda: moments.corrected(g, betas),
        lambda: moments.drift(g, betas),
        lambda: moments.weights(len(betas), betas),
        lambda: moments.steps_until(0.5, betas),
    ):
        with pytest.raises(
            TypeError, match=r"^beta is .*; allowed: a number in \[0, 1\)"
        ):
            call()
    with pytest.raises(ValueError, match="^t is .*; allowed: one whole number"):
        moments.weights(np.array([2, 3]), 0.9)


@pytest.mark.parametrize("t", [0, -1, 1.5, 2.0, np.array([1, 0])], ids=repr)
def test_a_time_that_is_no_count_from_1_is_refused_everywhere(t):
    for call in (
        moments.weight_sum,
        moments.variance,
        moments.corrected_variance,
        moments.first_value_variance,
        lambda t, beta: moments.excess(t, beta, beta),
    ):
        with pytest.raises(
            ValueError, match=r"^t is .*; allowed: whole numbers, 1 or more"
        ):
            call(t, 0.9)
    with pytest.raises(ValueError, match=r"^t is .*; allowed: .*1 or more"):
        moments.weights(t, 0.9)


@pytest.mark.parametrize("fraction", [0, 1, -0.5, 2, float("nan")])
def test_a_share_that_is_never_or_always_held_is_refused(fraction):
    with pytest.raises(
        ValueError, match=r"^fraction is .*; allowed: a number between 0 and 1"
    ):
        moments.steps_until(fraction, 0.9)


DTYPES = ["?", *np.typecodes["AllInteger"], "f2", ">f4", "f4", "f8", "g", list]


def typed(dtype, values):
    """The values in that dtype, or as nested lists."""
    return np.array(values).tolist() if dtype is list else np.array(values, dtype)


@given(
    st.sampled_from(DTYPES),
    st.lists(st.integers(0, 120), min_size=1, max_size=9),
    st.sampled_from([(-1,), (-1, 1)]),
    st.sampled_from(DTYPES),
    betas,
)
def test_values_of_every_type_have_the_moments_of_float64(
    dtype, values, shape, start_dtype, beta
):
    g = typed(dtype, np.reshape(values, shape))
    start = typed(start_dtype, np.full(shape[1:], 100.0))
    wide, wide_start = np.array(g, float), np.array(start, float)
    for got, expected in [
        (moments.average(g, beta, start), moments.average(wide, beta, wide_start)),
        (moments.corrected(g, beta), moments.corrected(wide, beta)),
        (moments.drift(g, beta), moments.drift(wide, beta)),
    ]:
        assert got.dtype.kind == "f" and got.dtype.itemsize >= 4
        assert got.dtype == float or np.asarray(g).dtype.kind == "f"
        rtol = 1e-6 if got.dtype.itemsize < 8 else 1e-15
        np.testing.assert_allclose(got, expected, rtol=rtol, atol=1e-30)


@given(
    st.sampled_from([*np.typecodes["AllInteger"], list]),
    st.lists(st.integers(1, 127), min_size=1, max_size=5),
    st.booleans(),
    betas,
)
def test_times_of_every_type_have_the_moments_of_int64(dtype, times, one, beta):
    times = times[0] if one else times
    t, wide = typed(dtype, times), np.array(times, np.int64)
    for closed in (
        moments.weight_sum,
        moments.variance,
        moments.corrected_variance,
        moments.first_value_variance,
        lambda t, beta: moments.excess(t, beta, 0.5),
    ):
        got, expected = closed(t, beta), closed(wide, beta)
        assert got.dtype == np.float64 and np.array_equal(got, expected)
        assert (np.asarray(got) >= 0).all()


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: moments.average(1.0, 0.9), ValueError, r"^g has shape \(\); allowed"),
        (lambda: moments.corrected(1.0, 0.9), ValueError, r"^m has shape \(\)"),
        (lambda: moments.drift(1.0, 0.9), ValueError, r"^means has shape \(\)"),
        (lambda: moments.average(["a"], 0.9), TypeError, "^g has dtype <U1"),
        (lambda: moments.average([1j], 0.9), TypeError, "^g has dtype complex"),
        (lambda: moments.average([None], 0.9), TypeError, "^g has dtype object"),
        (lambda: moments.average([[1], [1, 2]], 0.9), ValueError, "^g makes no array"),
        (lambda: moments.average([1.0], 0.9, "a"), TypeError, "^start has dtype <U1"),
        (lambda: moments.average([1.0], 0.9, [1, 2]), ValueError, "^start has shape"),
        (
            lambda: moments.average(np.ones((3, 2)), 0.9, [1, 2, 3]),
            ValueError,
            "^start",
        ),
        (lambda: moments.corrected([1j], 0.9), TypeError, "^m has dtype complex"),
        (lambda: moments.drift([1j], 0.9), TypeError, "^means has dtype complex"),
        (
            lambda: moments.variance(10**400, 0.9),
            ValueError,
            "(?s)^t is .*; allowed: who",
        ),
        (lambda: moments.variance(2**63, 0.9), ValueError, "^t is .*; allowed: whole"),
        (lambda: moments.variance(2**62, 0.9), ValueError, "^t is .*; allowed: whole"),
        (lambda: moments.weights("3", 0.9), ValueError, "^t is .*; allowed: whole"),
        (lambda: moments.steps_until("a", 0.9), TypeError, "^fraction is 'a', of type"),
        (lambda: moments.steps_until(0.5, "a"), TypeError, "^beta is 'a', of type"),
    ],
)
def test_what_has_no_moments_is_refused_by_name(call, error, said):
    with pytest.raises(error, match=said):
        call()
