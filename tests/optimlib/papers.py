"""The methods once more, in 50-digit arithmetic, as a witness for the tests: written
from the papers' equations with every sum unrolled, so that nothing is shared with the
recursions under test. What feeds back on itself and has no sum (Rprop's step size, the
memory tau of vSGD and AdaSecant) is stepped by hand.

Each takes a start w, the list of gradients g_1 ... g_n, the hyper-parameters and the
switches, and returns [w_0, ..., w_n]. A rate may be a callable of t = 1, 2, ...
What a method needs besides gradients is a list too: losses, curvatures. Some differ:
`nesterov_look_ahead` and the schedule-free ones take the gradient as a function of one
exact number, and `ada_secant` takes arrays, a list of numbers each, as its gradient is
normalised.
"""

from functools import cache
from itertools import pairwise

from mpmath import fdot, fprod, fsum, inf, mp, mpf, sign, sqrt

mp.dps = 50


def sgd(w, g, *, lr):
    """Robbins and Monro (1951), equation 6: w_t = w_0 - sum of lr_i g_i."""
    return path(w, [-rate(lr, t) * g_t for t, g_t in steps(g)])


def sign_sgd(w, g, *, lr):
    """Bernstein et al. (2018), algorithm 1."""
    return path(w, [-rate(lr, t) * sign(g_t) for t, g_t in steps(g)])


def momentum(w, g, *, lr, momentum, averaging=False):
    """Sutskever et al. (2013), equations 1 and 2; averaging: the velocity is the
    exponential average of the gradients and the rate stays outside it.
    """
    if averaging:
        return path(w, [-rate(lr, t) * average(g[:t], momentum) for t, _ in steps(g)])
    return path(w, velocities(g, lr, momentum))


def nesterov(w, g, *, lr, momentum):
    """Sutskever et al. (2013), equations 3 and 4: theta_t = theta_{t-1} + v_t; the
    weights are phi_t = theta_t + mu v_t.
    """
    v = velocities(g, lr, momentum)
    return [
        theta + mpf(momentum) * v_t
        for theta, v_t in zip(path(w, v), [0, *v], strict=True)
    ]


def nesterov_look_ahead(w, gradient, *, count, lr, momentum):
    """Sutskever et al. (2013), equations 3 and 4, with the gradient taken at
    theta_{t-1} + mu v_{t-1}; count is the number of steps.
    """
    theta, g, v = [mpf(w)], [], [mpf(0)]
    for _ in range(count):
        g.append(gradient(theta[-1] + mpf(momentum) * v[-1]))
        v.append(velocities(g, lr, momentum)[-1])
        theta.append(theta[-1] + v[-1])
    return theta


def rprop(w, g, *, lr, up, down, step_min, step_max, backtracking=False):
    """Riedmiller and Braun (1993), section 3: a step size per weight, which a change of
    the gradient's sign shrinks. At such a change they take back the move before
    (backtracking); torch only stays. Either way the next step compares with no sign.
    """
    size, before, moves = mpf(lr), 0, []
    for g_t in g:
        agreement = sign(g_t) * before
        if agreement < 0:
            size = max(size * mpf(down), mpf(step_min))
            moves.append(-moves[-1] if backtracking else mpf(0))
            before = 0
            continue
        if agreement > 0:
            size = min(size * mpf(up), mpf(step_max))
        moves.append(-sign(g_t) * size)
        before = sign(g_t)
    return path(w, moves)


def adagrad(w, g, *, lr, eps, eps_in_sqrt=True, root=True):
    """Duchi, Hazan and Singer (2011), section 1.1."""
    moves = []
    for t, g_t in steps(g):
        total = sum(g_i**2 for g_i in g[:t])
        moves.append(
            -rate(lr, t)
            * g_t
            / (guarded(total, eps, eps_in_sqrt) if root else total + mpf(eps))
        )
    return path(w, moves)


def adagrad_sigma(w, g, *, lr, eps):
    """The slides: eta_t = eta / sqrt(t) over the root of the mean of the squares."""
    moves = []
    for t, g_t in steps(g):
        sigma = sqrt(sum(g_i**2 for g_i in g[:t]) / t)
        moves.append(-rate(lr, t) / sqrt(mpf(t)) * g_t / (sigma + mpf(eps)))
    return path(w, moves)


def rmsprop(w, g, *, lr, beta, eps, eps_in_sqrt=True, centered=False):
    """Tieleman and Hinton (2012), lecture 6e, from v_0 = 0; centered: Graves (2013),
    equations 38 to 45, without momentum.
    """
    moves = []
    for t, g_t in steps(g):
        v = average(squares(g[:t]), beta) - centered * average(g[:t], beta) ** 2
        moves.append(-rate(lr, t) * g_t / guarded(v, eps, eps_in_sqrt))
    return path(w, moves)


def rmsprop_sigma(w, g, *, lr, beta, eps):
    """The slides: the average of squares starts at the first one, which so keeps the
    weight beta^(t-1).
    """
    moves = []
    for t, g_t in steps(g):
        rest = (1 - mpf(beta)) * faded(squares(g[1:t]), beta)
        sigma = sqrt(power(beta, t - 1) * g[0] ** 2 + rest)
        moves.append(-rate(lr, t) * g_t / (sigma + mpf(eps)))
    return path(w, moves)


def adadelta(w, g, *, lr, beta, eps):
    """Zeiler (2012), algorithm 1; lr multiplies the move, not what is averaged."""
    d = []
    for t, g_t in steps(g):
        v, u = average(squares(g[:t]), beta), average(squares(d), beta)
        d.append(sqrt(u + mpf(eps)) / sqrt(v + mpf(eps)) * g_t)
    return path(w, [-rate(lr, t) * d_t for t, d_t in steps(d)])


def adam(w, g, *, lr, beta1, beta2, eps, bias_correction=True, eps_form="outside"):
    """Kingma and Ba (2015), algorithm 1 with the averages as in their equation 1; "hat"
    is the order of computation at the end of their section 2.
    """
    if eps_form == "hat" and bias_correction:
        moves = []
        for t, _ in steps(g):
            m, v = average(g[:t], beta1), average(squares(g[:t]), beta2)
            factor = sqrt(1 - power(beta2, t)) / (1 - power(beta1, t))
            moves.append(-rate(lr, t) * factor * m / (sqrt(v) + mpf(eps)))
        return path(w, moves)
    inside = eps_form == "inside"
    return path(w, adam_moves(g, lr, beta1, beta2, eps, bias_correction, inside))


def amsgrad(w, g, *, lr, beta1, beta2, eps, max_of="v", bias_correction=True):
    """Reddi, Kale and Kumar (2018), algorithm 2, which corrects nothing. Corrected, it
    is the largest v that is (max_of="v"), or each v before the largest is taken.
    """
    v = [average(squares(g[:t]), beta2) for t, _ in steps(g)]
    moves = []
    for t, _ in steps(g):
        m, top = average(g[:t], beta1), max(v[:t])
        if bias_correction:
            m, top = unbiased(m, beta1, t), unbiased(top, beta2, t)
            if max_of == "v_hat":
                top = max(unbiased(v_i, beta2, i) for i, v_i in steps(v[:t]))
        moves.append(-rate(lr, t) * m / (sqrt(top) + mpf(eps)))
    return path(w, moves)


def adamax(w, g, *, lr, beta1, beta2, eps, bias_correction=True):
    """Kingma and Ba (2015), section 7.1: u_t is the largest of beta2^(t-i) |g_i|, with
    torch's eps beside each |g_i|.
    """
    sizes = [abs(g_t) + mpf(eps) for g_t in g]
    moves = []
    for t, _ in steps(g):
        m = average(g[:t], beta1)
        if bias_correction:
            m = unbiased(m, beta1, t)
        u = max(power(beta2, t - i) * size for i, size in steps(sizes[:t]))
        moves.append(-rate(lr, t) * m / u)
    return path(w, moves)


def nadam(w, g, *, lr, beta1, beta2, eps, momentum_decay, momentum_schedule=True):
    """Dozat (2016): Adam whose m_hat looks one step ahead, with the schedule that torch
    took over, mu_t = beta1 (1 - 0.96^(t psi) / 2), or with mu_t = beta1.
    """
    falls = [mpf(0.96) ** (t * mpf(momentum_decay)) / 2 for t in range(len(g) + 2)]
    mu = [mpf(beta1) * (1 - fall * momentum_schedule) for fall in falls]
    moves = []
    for t, g_t in steps(g):
        m, v = average(g[:t], beta1), average(squares(g[:t]), beta2)
        here = (1 - mu[t]) * g_t / (1 - fprod(mu[1 : t + 1]))
        ahead = mu[t + 1] * m / (1 - fprod(mu[1 : t + 2]))
        root = sqrt(unbiased(v, beta2, t)) + mpf(eps)
        moves.append(-rate(lr, t) * (here + ahead) / root)
    return path(w, moves)


def adamw(w, g, *, lr, beta1, beta2, eps, weight_decay, bias_correction=True):
    """Loshchilov and Hutter (2019), algorithm 2, with torch's decay, lr lambda: the
    start and every move have shrunk by all the decays after them.
    """
    moves = adam_moves(g, lr, beta1, beta2, eps, bias_correction)
    return decaying_path(w, moves, lr, weight_decay)


def adabelief(w, g, *, lr, beta1, beta2, eps, eps_root, bias_correction=True):
    """Zhuang et al. (2020), algorithm 2, whose epsilon is eps_root where it is added to
    s_t and eps where it divides.
    """
    off = [(g_t - average(g[:t], beta1)) ** 2 for t, g_t in steps(g)]
    moves = []
    for t, _ in steps(g):
        added = mpf(eps_root) * fsum(power(beta2, i) for i in range(t))
        m, s = average(g[:t], beta1), average(off[:t], beta2) + added
        if bias_correction:
            m, s = unbiased(m, beta1, t), unbiased(s, beta2, t)
        moves.append(-rate(lr, t) * m / (sqrt(s) + mpf(eps)))
    return path(w, moves)


def yogi(w, g, *, lr, beta1, beta2, eps, bias_correction=True):
    """Zaheer et al. (2018), algorithm 2, which corrects nothing, from v_0 = 0."""
    v, moves = mpf(0), []
    for t, g_t in steps(g):
        v += (1 - mpf(beta2)) * (g_t**2 if v < g_t**2 else -(g_t**2) * (v > g_t**2))
        m, top = average(g[:t], beta1), v
        if bias_correction:
            m, top = unbiased(m, beta1, t), unbiased(v, beta2, t)
        moves.append(-rate(lr, t) * m / (sqrt(top) + mpf(eps)))
    return path(w, moves)


def radam(w, g, *, lr, beta1, beta2, eps):
    """Liu et al. (2020), algorithm 2, with torch's threshold, 5 for their 4, and its eps
    beside the root of v_t, of which they have none.
    """
    rho, moves = 2 / (1 - mpf(beta2)) - 1, []
    for t, _ in steps(g):
        m, v = average(g[:t], beta1), average(squares(g[:t]), beta2)
        rho_t = rho - 2 * t * power(beta2, t) / (1 - power(beta2, t))
        move = -rate(lr, t) * unbiased(m, beta1, t)
        if rho_t > 5:
            r = sqrt(
                ((rho_t - 4) * (rho_t - 2) * rho) / ((rho - 4) * (rho - 2) * rho_t)
            )
            move *= r * sqrt(1 - power(beta2, t)) / (sqrt(v) + mpf(eps))
        moves.append(move)
    return path(w, moves)


def lion(w, g, *, lr, beta1, beta2, weight_decay):
    """Chen et al. (2023), algorithm 2."""
    moves = []
    for t, g_t in steps(g):
        m = average(g[: t - 1], beta2)
        moves.append(-rate(lr, t) * sign(mpf(beta1) * m + (1 - mpf(beta1)) * g_t))
    return decaying_path(w, moves, lr, weight_decay)


def schedule_free_sgd(w, gradient, *, count, lr, beta):
    """Defazio et al. (2024), equations 3 to 5; count is the number of steps."""

    def move(g, y):
        return -rate(lr, len(g)) * g[-1]

    return averaged_points(w, gradient, move, count=count, lr=lr, beta=beta)


def schedule_free_adamw(w, gradient, *, count, lr, beta1, beta2, eps, weight_decay):
    """Defazio et al. (2024), algorithm 1, with the authors' correction of v_t."""

    def move(g, y):
        v = unbiased(average(squares(g), beta2), beta2, len(g))
        return -rate(lr, len(g)) * (
            g[-1] / (sqrt(v) + mpf(eps)) + mpf(weight_decay) * y
        )

    return averaged_points(w, gradient, move, count=count, lr=lr, beta=beta1)


def averaged_points(w, gradient, move, *, count, lr, beta):
    """The averages x_0 ... x_n of the points z that such moves lead through, each with the
    square of the largest rate so far as its weight, as in the authors' code; the gradients
    are those at y, between x and z.
    """
    x, z, g, weights = [mpf(w)], [mpf(w)], [], []
    for t in range(1, count + 1):
        y = (1 - mpf(beta)) * z[-1] + mpf(beta) * x[-1]
        g.append(gradient(y))
        z.append(z[-1] + move(g, y))
        weights.append(max(rate(lr, i) for i in range(1, t + 1)) ** 2)
        x.append(fdot(weights, z[1:]) / fsum(weights) if any(weights) else mpf(w))
    return x


def eve(w, g, *, losses, lr, beta1, beta2, beta3, eps, c, f_min):
    """Hayashi, Koushik and Neubig (2018; arXiv 1611.01505, version 3), section 3.2.

    Where they divide by 0: two losses at f_min count as no change, 1/c, one as c.
    """
    clipped = []
    for before, now in pairwise(mpf(f) for f in losses):
        change, gap = abs(now - before), min(now, before) - mpf(f_min)
        if gap > 0:
            clipped.append(min(max(change / gap, 1 / mpf(c)), mpf(c)))
        else:
            clipped.append(mpf(c) if gap == 0 and change > 0 else 1 / mpf(c))
    d = [power(beta3, t - 1) + average(clipped[: t - 1], beta3) for t, _ in steps(g)]
    moves = adam_moves(g, lr, beta1, beta2, eps)
    return path(w, [move / d_t for move, d_t in zip(moves, d, strict=True)])


def vsgd(w, g, *, curvatures, warmup, slow_start, eps):
    """Schaul, Zhang and LeCun (2013; arXiv 1206.1106), algorithm 1, vSGD-l. It starts
    from the means of the first samples, v's overestimated, taken without a move.
    """
    n = int(warmup)
    series = [g, squares(g), [abs(mpf(h)) for h in curvatures]]
    starts = [fsum(x[:n]) / n for x in series]
    starts[1] *= mpf(slow_start)
    tau, shares, moves = mpf(n), [], [mpf(0)] * min(n, len(g))
    for t in range(n + 1, len(g) + 1):
        shares.append(1 / tau)
        g_bar, v_bar, h_bar = (
            blended(start, x[n:t], shares)
            for start, x in zip(starts, series, strict=True)
        )
        part = g_bar**2 / (v_bar + mpf(eps))
        moves.append(-part / (h_bar + mpf(eps)) * g[t - 1])
        tau = (1 - part) * tau + 1
    return path(w, moves)


def ada_secant(w, g, *, gamma_max, eps, rate_max=inf):
    """Gulcehre, Moczulski and Bengio (2014; arXiv 1412.7419), algorithm 1, of arrays: w
    is a list of numbers, g a list of such lists, and so is what is returned.

    From the authors' code: gamma as a ratio of root mean squares, eps beside what is
    under a root or divides, the start (no gradient before g_1, its move g_1), and
    their bound of the rate, if one is asked for.
    """
    limits = mpf(gamma_max), mpf(rate_max), mpf(eps)
    units = []
    for g_t in g:
        norm = sqrt(fsum(squares(g_t)))
        units.append([g_i / (norm + mpf(eps)) for g_i in g_t])
    columns = [
        path(w_i, secant_moves([unit[i] for unit in units], *limits))
        for i, w_i in enumerate(w)
    ]
    return [list(point) for point in zip(*columns, strict=True)]


def secant_moves(g, gamma_max, rate_max, eps):
    """AdaSecant's moves of one weight, from its normalised gradients."""
    before = [mpf(0), *g]
    a = [now - then for then, now in pairwise(before)]
    tau, shares, d, x, y = mpf(2.2), [], [], [], []
    for t, g_t in steps(g):
        if outlying(g[:t], shares, eps) or outlying(a[:t], shares, eps):
            tau = mpf(2.2)
        shares.append(1 / tau)
        g_bar = mean(g[:t], shares)
        x.append((before[t - 1] - g_t) * (before[t - 1] - g_bar))
        y.append((before[t - 1] - g_bar) * (g_t - g_bar))
        gamma = sqrt(mean(squares(x), shares)) / sqrt(mean(squares(y), shares) + eps)
        gamma = min(gamma, gamma_max)
        last = [g[0], *d]
        d_sq = mean(squares(last), shares) + eps
        a_sq = mean(squares(a[:t]), shares) + eps
        ad = mean([0, *(a_i * d_i for a_i, d_i in zip(a[1:t], d, strict=True))], shares)
        tau = (1 - mean(last, shares) ** 2 / d_sq) * tau + 1
        rate = min(sqrt(d_sq) / sqrt(a_sq) - ad / a_sq, rate_max)
        d.append(-rate * (g_t + gamma * g_bar) / (1 + gamma))
    return d


def outlying(values, shares, eps):
    """Whether the last value is two deviations from the mean of those before it."""
    *values, last = values
    m = mean(values, shares)
    variance = mean(squares(values), shares) - m**2
    return abs(last - m) > 2 * sqrt(max(variance, 0) + eps)


def adam_moves(g, lr, beta1, beta2, eps, bias_correction=True, eps_in_sqrt=False):
    """Adam's moves; the decoupled decay and Eve start from them."""
    moves = []
    for t, _ in steps(g):
        m, v = average(g[:t], beta1), average(squares(g[:t]), beta2)
        if bias_correction:
            m, v = unbiased(m, beta1, t), unbiased(v, beta2, t)
        moves.append(-rate(lr, t) * m / guarded(v, eps, eps_in_sqrt))
    return moves


def steps(g):
    """The pairs (t, g_t), t from 1."""
    return list(enumerate(g, 1))


def rate(lr, t):
    """The rate of step t as an exact number."""
    return mpf(lr(t) if callable(lr) else lr)


def path(w, moves):
    """w_0 and the weights after each move."""
    points = [mpf(w)]
    for move in moves:
        points.append(points[-1] + move)
    return points


def decaying_path(w, moves, lr, weight_decay):
    """The same where each step takes the share lr lambda of the weight before its move."""
    decays = [rate(lr, t) * mpf(weight_decay) for t, _ in steps(moves)]
    return [mpf(w)] + [
        fdot(shrinkage(decays[:t]), [mpf(w), *moves[:t]]) for t, _ in steps(moves)
    ]


def average(values, beta):
    """(1 - beta) times the sum of beta^(t-i) x_i: the exponential average from 0."""
    return (1 - mpf(beta)) * faded(values, beta)


def squares(values):
    """The squares of the values."""
    return [x**2 for x in values]


def unbiased(m, beta, t):
    """An exponential average of t values over the weights that it has given them."""
    return m / (1 - power(beta, t))


def shrinkage(shares):
    """For the start and each step, the product of 1 - share over the later steps."""
    rest = [mpf(1)]
    for share in reversed(shares):
        rest.append(rest[-1] * (1 - share))
    return rest[::-1]


def blended(start, values, shares):
    """An average after each value in turn took its share of it."""
    taken = [share * x for share, x in zip(shares, values, strict=True)]
    return fdot(shrinkage(shares), [start, *taken])


def mean(values, shares):
    """The same from 0."""
    return blended(0, values, shares)


def velocities(g, lr, mu):
    """v_1 ... v_n, where v_t = -sum of mu^(t-i) lr_i g_i."""
    pushes = [rate(lr, t) * g_t for t, g_t in steps(g)]
    return [-faded(pushes[:t], mu) for t, _ in steps(g)]


def faded(values, beta):
    """The sum of beta^(t-i) x_i over x_1 ... x_t."""
    return fdot((power(beta, len(values) - i), x) for i, x in steps(values))


@cache
def power(beta, k):
    """beta^k exactly as rounded to 50 digits."""
    return mpf(beta) ** k


def guarded(v, eps, eps_in_sqrt):
    """The root of v with eps inside or outside."""
    return sqrt(v + mpf(eps)) if eps_in_sqrt else sqrt(v) + mpf(eps)
