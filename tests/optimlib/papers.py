"""The methods once more, in 50-digit arithmetic, as a witness for the tests: written from the papers' equations with every
sum unrolled, so that nothing is shared with the recursions under test.

Each takes a start w, the list of gradients g_1 ... g_n, the hyper-parameters and the switches, and returns [w_0, ..., w_n].
A rate may be a callable of t = 1, 2, ...
"""

from functools import cache

from mpmath import fdot, mp, mpf, sqrt

mp.dps = 50


def sgd(w, g, *, lr):
    """Robbins and Monro (1951), equation 6: w_t = w_0 - sum of lr_i g_i."""
    return path(w, [-rate(lr, t) * g_t for t, g_t in steps(g)])


def momentum(w, g, *, lr, momentum):
    """Sutskever et al. (2013), equations 1 and 2."""
    return path(w, velocities(g, lr, momentum))


def nesterov(w, g, *, lr, momentum):
    """Sutskever et al. (2013), equations 3 and 4: theta_t = theta_{t-1} + v_t; the weights are phi_t = theta_t + mu v_t."""
    v = velocities(g, lr, momentum)
    return [
        theta + mpf(momentum) * v_t
        for theta, v_t in zip(path(w, v), [0, *v], strict=True)
    ]


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


def rmsprop(w, g, *, lr, beta, eps, eps_in_sqrt=True):
    """Tieleman and Hinton (2012), lecture 6e, from v_0 = 0."""
    moves = [
        -rate(lr, t)
        * g_t
        / guarded(average([g_i**2 for g_i in g[:t]], beta), eps, eps_in_sqrt)
        for t, g_t in steps(g)
    ]
    return path(w, moves)


def rmsprop_sigma(w, g, *, lr, beta, eps):
    """The slides: the average of squares starts at the first one, which so keeps the weight beta^(t-1)."""
    moves = []
    for t, g_t in steps(g):
        rest = (1 - mpf(beta)) * faded([g_i**2 for g_i in g[1:t]], beta)
        sigma = sqrt(power(beta, t - 1) * g[0] ** 2 + rest)
        moves.append(-rate(lr, t) * g_t / (sigma + mpf(eps)))
    return path(w, moves)


def adam(w, g, *, lr, beta1, beta2, eps, bias_correction=True):
    """Kingma and Ba (2015), algorithm 1 with the averages as in their equation 1."""
    moves = []
    for t, _ in steps(g):
        m, v = average(g[:t], beta1), average([g_i**2 for g_i in g[:t]], beta2)
        if bias_correction:
            m, v = m / (1 - mpf(beta1) ** t), v / (1 - mpf(beta2) ** t)
        moves.append(-rate(lr, t) * m / (sqrt(v) + mpf(eps)))
    return path(w, moves)


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


def average(values, beta):
    """(1 - beta) times the sum of beta^(t-i) x_i: the exponential average that starts at 0."""
    return (1 - mpf(beta)) * faded(values, beta)


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
