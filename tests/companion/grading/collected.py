"""Wrong answers that people wrote, each with where: what a diagnosis is measured on.

An entry of COLLECTED is (exercise's id, source, said, function). `source` is the address of
the thread, page or file in which the mistake was seen. "Transferred" in `said` marks what
was done in a neighbouring computation; the rest is the same mistake in the same one.
"""

import math

import numpy as np

COLLECTED = []


def wrong(exercise_id, source, said):
    """Decorate a wrong answer to this exercise: it is appended to COLLECTED."""

    def kept(function):
        COLLECTED.append((exercise_id, source, said, function))
        return function

    return kept


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# The gradient of a neuron


@wrong(
    "neuron-gradient",
    "https://github.com/hunkim/DeepLearningZeroToAll/issues/173",
    "the matrix product sums over the samples and nobody divides by their number",
)
def _(w, b, x, y):
    a = sigmoid(np.matmul(x, w) + b)
    d_l = (a - y) * a * (1 - a)
    d_w = np.matmul(np.transpose(x), d_l)
    return d_w


@wrong(
    "neuron-gradient",
    "https://github.com/my0614/ML-DL/blob/f3eec5cb76b5055e77efb024d5f55ff4ec80a364/"
    "tensorflow_test/basic_function/경사하강법.py",
    "error times input, without the sigmoid's slope (theirs: w + x * 0.1 * error, one sample, no bias)",
)
def _(w, b, x, y):
    grad = np.zeros(len(w))
    for i in range(len(x)):
        output = sigmoid(np.dot(x[i], w) + b)
        error = y[i] - output
        grad = grad - x[i] * error
    return grad / len(x)


@wrong(
    "neuron-gradient",
    "https://github.com/rasmusbergpalm/DeepLearnToolbox/issues/165",
    "takes the slope as sigm(a) (1 - sigm(a)) of the activation a: the sigmoid is applied twice",
)
def _(w, b, x, y):
    a = sigmoid(x @ w + b)
    d_act = sigmoid(a) * (1 - sigmoid(a))
    return x.T @ ((a - y) * d_act) / len(y)


@wrong(
    "neuron-gradient",
    "https://github.com/BoltzmannEntropy/interviews.ai/issues/4",
    "the derivative x (1 - x) is fed the value before the sigmoid, not the output",
)
def _(w, b, x, y):
    def sigmoid_derivative(v):
        return v * (1 - v)

    z = np.dot(x, w) + b
    out = sigmoid(z)
    delta = (out - y) * sigmoid_derivative(z)
    return np.dot(x.T, delta) / x.shape[0]


@wrong(
    "neuron-gradient",
    "https://github.com/torch/torch7/issues/232",
    "dS(x) = 1 * (1 - x) with x = S(y): the factor f of f (1 - f) is lost",
)
def _(w, b, x, y):
    f = sigmoid(x @ w + b)
    return np.mean(((f - y) * (1 - f))[:, None] * x, axis=0)


@wrong(
    "neuron-gradient",
    "https://github.com/infostreams/neural-network/issues/1",
    "transferred: the slope of tanh, 1 - value ** 2, is paired with the sigmoid",
)
def _(w, b, x, y):
    n = len(y)
    f = sigmoid(x @ w + b)
    return x.T.dot((f - y) * (1.0 - f**2)) / n


@wrong(
    "neuron-gradient",
    "https://datascience.stackexchange.com/questions/56928/simple-perceptron-on-python",
    "np.dot everywhere instead of *, no transpose: 2*np.dot(X, np.dot(out - y, np.dot(out, 1 - out)))",
)
def _(w, b, x, y):
    out = sigmoid(np.dot(x, w) + b)
    dE = 2 * np.dot(x, np.dot((out - y), np.dot(out, (1 - out))))
    return dE


@wrong(
    "neuron-gradient",
    "https://github.com/Open-Deep-ML/DML-OpenProblem/issues/54",
    "2/n where the cost has the half: the two formulas stood in one problem",
)
def _(w, b, x, y):
    n = len(y)
    preds = sigmoid(x @ w + b)
    errors = preds - y
    return 2 / n * x.T @ (errors * preds * (1 - preds))


@wrong(
    "neuron-gradient",
    "https://github.com/d2l-ai/d2l-en/pull/1000",
    "transferred: the loss is averaged and the step divides by the batch size once more",
)
def _(w, b, x, y):
    batch_size = x.shape[0]
    f = sigmoid(x @ w + b)
    grad = np.mean(((f - y) * f * (1 - f)).reshape(-1, 1) * x, axis=0)
    return grad / batch_size


@wrong(
    "neuron-gradient",
    "https://github.com/ljvmiranda921/pyswarms/pull/145",
    "transferred: the sigmoid without the minus, 1 / (1 + np.exp(x))",
)
def _(w, b, x, y):
    z = np.dot(x, w) + b
    s = 1 / (1 + np.exp(z))
    return np.dot(x.T, (s - y) * s * (1 - s)) / len(y)


@wrong(
    "neuron-gradient",
    "https://github.com/djib2011/python_ml_tutorial/issues/1",
    "transferred from linear regression: divides by sum(x) instead of len(x)",
)
def _(w, b, x, y):
    y_hat = sigmoid(x @ w + b)
    delta = (y - y_hat) * y_hat * (1 - y_hat)
    dw = []
    for j in range(x.shape[1]):
        dw.append(-(1 / sum(x[:, j])) * sum(x[:, j] * delta))
    return np.array(dw)


@wrong(
    "neuron-gradient",
    "https://forum.freecodecamp.org/t/python-broadcast-error-even-with-identical-shapes/453085",
    "np.matmul(o, 1 - o, error) for a product of three: the third argument is where the result goes",
)
def _(w, b, x, y):
    o = sigmoid(np.matmul(x, w) + b)
    error = o - y
    output_error = np.matmul(o, 1 - o, error)
    return np.matmul(x.T, output_error) / len(y)


@wrong(
    "neuron-gradient",
    "https://github.com/karpathy/convnetjs/issues/17",
    "transferred: the gradient is set anew in each backward pass, so the last sample is all that stays",
)
def _(w, b, x, y):
    grad = np.zeros_like(w)
    for xi, yi in zip(x, y, strict=True):
        f = sigmoid(np.dot(w, xi) + b)
        grad = (f - yi) * f * (1 - f) * xi
    return grad / len(y)


@wrong(
    "neuron-gradient",
    "https://kiwix.lema.org/stackoverflow.com_en_all_2023-11/questions/43073582/"
    "multiply-vectors-with-shape-2-and-3-1",
    "transferred: del_err * x[:, None] broadcasts to a table that is never summed over the samples",
)
def _(w, b, x, y):
    output = sigmoid(np.dot(x, w) + b)
    del_err_output = (output - y) * output * (1 - output)
    return del_err_output[:, None] * x / len(y)


# AdaGrad's effective rates


@wrong(
    "adagrad-rates",
    "https://github.com/PyMLVizard/PyMLViz/issues/3",
    "lambda / sqrt(g_n^2 + eps): this step's square alone, nothing is summed",
)
def _(g, lr, eps):
    rates = []
    for gi in g:
        rates.append(lr / np.sqrt(gi**2 + eps))
    return np.array(rates)


@wrong(
    "adagrad-rates",
    "https://github.com/stanfordnlp/GloVe/issues/134",
    "the gradient is multiplied by eta before it is squared, so eta cancels in the rates",
)
def _(g, lr, eps):
    gradsq = 0.0
    out = []
    for grad in g:
        temp = grad * lr
        gradsq += temp * temp
        out.append(lr / np.sqrt(gradsq + eps))
    return np.array(out)


@wrong(
    "adagrad-rates",
    "https://github.com/benbo/adagrad/issues/1",
    "fudge_factor + np.sqrt(gti): eps beside the root",
)
def _(g, lr, eps):
    gti = np.zeros(1)
    rates = []
    for grad in g:
        gti += grad**2
        rates.append((lr / (eps + np.sqrt(gti)))[0])
    return np.array(rates)


@wrong(
    "adagrad-rates",
    "https://github.com/deeplearning4j/deeplearning4j/issues/953",
    "the sum of squares starts at 1, against 0 / 0",
)
def _(g, lr, eps):
    historical = 1.0
    rates = np.zeros(len(g))
    for i in range(len(g)):
        historical += g[i] ** 2
        rates[i] = lr / np.sqrt(historical + eps)
    return rates


@wrong(
    "adagrad-rates",
    "https://github.com/deeplearning4j/deeplearning4j/issues/953",
    "eps is added to the running sum at every step (same thread)",
)
def _(g, lr, eps):
    total = 0.0
    rates = np.zeros(len(g))
    for i in range(len(g)):
        total += g[i] ** 2 + eps
        rates[i] = lr / np.sqrt(total)
    return rates


@wrong(
    "adagrad-rates",
    "https://github.com/oracle/tribuo/pull/401",
    "transferred: multiplies by the root of the accumulator where it should divide",
)
def _(g, lr, eps):
    acc = np.cumsum(np.square(g))
    return lr * np.sqrt(acc + eps)


@wrong(
    "adagrad-rates",
    "https://github.com/henry186/Deep-Learning/blob/484b786370c86704f7d21746bcc8356399a88dd3/"
    "ch06Optimization/AdaGrad.py",
    "lr * (grads / np.sqrt(h) + 1e-7): eps is added to the quotient for want of a parenthesis",
)
def _(g, lr, eps):
    h = 0
    steps = []
    for grad in g:
        h += grad**2
        steps.append(lr * (grad / np.sqrt(h) + eps))
    return np.array(steps) / g


@wrong(
    "adagrad-rates",
    "https://mlverse.github.io/torch/reference/optim_adagrad.html",
    '"dividing the original learning rate value by sum of the squares of the gradients": no root',
)
def _(g, lr, eps):
    s = 0.0
    result = []
    for v in g:
        s = s + v * v
        result.append(lr / (s + eps))
    return result


@wrong(
    "adagrad-rates",
    "https://github.com/lisa-lab/pylearn2/issues/1496",
    "T.maximum(eps, T.sqrt(sum)): eps is a floor, not added",
)
def _(g, lr, eps):
    sum_square_grad = np.cumsum(np.square(g))
    return lr / np.maximum(eps, np.sqrt(sum_square_grad))


@wrong(
    "adagrad-rates",
    "https://github.com/srvk/eesen/pull/106",
    "transferred: the accumulator is reset half-way, as theirs was at every epoch",
)
def _(g, lr, eps):
    half = len(g) // 2
    rates = []
    acc = 0.0
    for i, grad in enumerate(g):
        if i == half:
            acc = 0.0
        acc += grad * grad
        rates.append(lr / np.sqrt(acc + eps))
    return np.array(rates)


# From the sigma form to the sum


@wrong(
    "sigma-to-sum",
    "https://github.com/datawhalechina/leedl-tutorial/issues/132",
    "takes sigma for the root of the sum, not of the mean",
)
def _(sigma, t, lr):
    total = sigma**2
    return total, lr / math.sqrt(total)


@wrong(
    "sigma-to-sum",
    "https://github.com/silx-kit/pyFAI/issues/1300",
    "transferred: sqrt(sum) / count taken for sqrt(sum / count), so that the sum is (t sigma)^2",
)
def _(sigma, t, lr):
    root_of_sum = sigma * t
    s = root_of_sum**2
    return s, lr / np.sqrt(s)


@wrong(
    "sigma-to-sum",
    "https://github.com/YerevaNN/BARTSmiles/issues/2",
    "transferred: the mean square is called RMSE, so sigma is not squared any more",
)
def _(sigma, t, lr):
    mean_square = sigma
    total = mean_square * t
    return total, lr / np.sqrt(total)


@wrong(
    "sigma-to-sum",
    "https://github.com/DataMedSci/pymchelper/issues/162",
    "transferred: /= counter where /= sqrt(counter) was meant, so the rate falls as 1/t",
)
def _(sigma, t, lr):
    total = sigma * sigma * t
    rate = lr / sigma
    rate /= np.float64(t)
    return total, rate


@wrong(
    "sigma-to-sum",
    "https://github.com/lab-v2/pyreason/issues/99",
    "transferred: the two returned values stand in the other order",
)
def _(sigma, t, lr):
    total = t * sigma**2
    rate = lr / math.sqrt(total)
    return rate, total


@wrong(
    "sigma-to-sum",
    "https://pvq.app/questions/34258537/python-typeerror-unsupported-operand-type-s-for-float-and-int",
    "transferred: ^2 for the square, a TypeError with floats",
)
def _(sigma, t, lr):
    total = t * sigma ^ 2
    return total, lr / math.sqrt(total)


@wrong(
    "sigma-to-sum",
    "https://github.com/avantgardefinance/melon-terminal/pull/638",
    "transferred: multiplied by Math.sqrt(length) where nothing of the kind belongs (here: divided)",
)
def _(sigma, t, lr):
    total = sigma**2 * t
    rate = lr / sigma * math.sqrt(t)
    return total, rate


@wrong(
    "sigma-to-sum",
    "https://github.com/stanfordnlp/GloVe/issues/134",
    "transferred: the rate is inside of the squares, too",
)
def _(sigma, t, lr):
    grads = [sigma * lr for _ in range(t)]
    total = sum(v * v for v in grads)
    return total, lr / np.sqrt(total)


@wrong(
    "sigma-to-sum",
    "https://github.com/facebookresearch/sparsh/issues/9",
    "transferred: the root is taken before the mean, so the sum is one of absolute values",
)
def _(sigma, t, lr):
    mean_abs = sigma
    total = mean_abs * t
    return total, lr / total


@wrong(
    "sigma-to-sum",
    "https://github.com/matheusfacure/python-causality-handbook/issues/248",
    "transferred: the sum runs over N + 1 values",
)
def _(sigma, t, lr):
    total = 0.0
    for _ in range(t + 1):
        total += sigma**2
    return total, lr / math.sqrt(total)


# A rare feature's epoch under AdaGrad


@wrong(
    "epoch-distance",
    "https://pvq.app/questions/34258537/python-typeerror-unsupported-operand-type-s-for-float-and-int",
    "transferred: for i in range(1, n) leaves out the last term",
)
def _(examples, share, lr):
    n = round(examples * share)
    total = 0
    for i in range(1, n):
        total = total + lr / math.sqrt(i)
    return total


@wrong(
    "epoch-distance",
    "https://github.com/CUNY-CL/yoyodyne/pull/300",
    "transferred: step ** -0.5 with steps counted from 0, a ZeroDivisionError",
)
def _(examples, share, lr):
    n = round(examples * share)
    return sum(lr * step**-0.5 for step in range(n))


@wrong(
    "epoch-distance",
    "https://stackoverflow.com/questions/43901484/sum-of-the-integers-from-1-to-n/43901691",
    "transferred: the sum is printed, nothing is returned",
)
def _(examples, share, lr):
    my_sum = 0
    i = 1
    while i <= round(examples * share):
        my_sum = my_sum + lr / i**0.5
        i += 1
    print(my_sum, end="")


@wrong(
    "epoch-distance",
    "http://www.devsplanet.com/question/35277561",
    "transferred: return inside of the for ends the sum after its first term",
)
def _(examples, share, lr):
    result = 0.0
    for i in range(1, round(examples * share) + 1):
        result = result + lr / np.sqrt(i)
        return result


@wrong(
    "epoch-distance",
    "https://forum.freecodecamp.org/t/sum-of-the-first-nth-terms-of-series/499630",
    "transferred: every partial sum is rounded to two decimals and the last is returned as text",
)
def _(examples, share, lr):
    lst = ["0.00"]
    for k in range(1, round(examples * share) + 1):
        answer = float(lst[k - 1]) + lr / math.sqrt(k)
        lst.append(str(round(answer, 2)))
    return str(lst[-1])


@wrong(
    "epoch-distance",
    "https://codedump.io/share/qxsBQBC7SCdu/1/"
    "sum-series-with-functions---continously-adding-previous-answers",
    "transferred: the single terms are listed, never added up",
)
def _(examples, share, lr):
    terms = []
    for i in range(1, round(examples * share) + 1):
        terms.append(lr / math.sqrt(i))
    return terms


@wrong(
    "epoch-distance",
    "https://github.com/marian-nmt/marian/issues/397",
    "transferred: the documented n / sqrt(updates) for lr * sqrt(n / updates); the rate is lost",
)
def _(examples, share, lr):
    n = round(examples * share)
    return float(sum(n / math.sqrt(u) for u in range(1, n + 1)))


@wrong(
    "epoch-distance",
    "https://github.com/deeplearning4j/deeplearning4j/issues/953",
    "transferred: the accumulator starts at 1, so the i-th step is lr / sqrt(1 + i)",
)
def _(examples, share, lr):
    acc = 1.0
    distance = 0.0
    for _ in range(round(examples * share)):
        acc += 1.0
        distance += lr / math.sqrt(acc)
    return distance


@wrong(
    "epoch-distance",
    "https://github.com/geoopt/geoopt/issues/164",
    "transferred: step is incremented twice in each update",
)
def _(examples, share, lr):
    step = 0
    total = 0.0
    for _ in range(round(examples * share)):
        step += 1
        step += 1
        total += lr / math.sqrt(step)
    return total


# RMSProp's denominator


@wrong(
    "rmsprop-denominator",
    "https://github.com/keras-team/keras/issues/4356",
    "epsilon outside of sqrt(...)",
)
def _(g, beta, eps):
    a = 0.0
    for grad in g:
        a = beta * a + (1 - beta) * np.square(grad)
    return np.sqrt(a) + eps


@wrong(
    "rmsprop-denominator",
    "https://github.com/BRML/climin/issues/30",
    "moving_mean_squared = 1 at the start",
)
def _(g, beta, eps):
    moving_mean_squared = 1
    for gradient in g:
        moving_mean_squared = beta * moving_mean_squared + (1 - beta) * gradient**2
    return np.sqrt(moving_mean_squared + eps)


@wrong(
    "rmsprop-denominator",
    "https://github.com/zc911/MatrixSlow/issues/28",
    "the first square is taken whole: s = g ** 2 where s is not there yet",
)
def _(g, beta, eps):
    s = None
    for gradient in g:
        if s is None:
            s = np.power(gradient, 2)
        else:
            s = beta * s + (1 - beta) * np.power(gradient, 2)
    return np.sqrt(s + eps)


@wrong(
    "rmsprop-denominator",
    "https://binne.notion.site/Adam-A-Method-For-Stochastic-Optimization-36574891072e4e68b35fc975c78fc1c7",
    "grad_squared += decay * grad_squared + (1 - decay) * dx * dx: += where = belongs (seen five times)",
)
def _(g, beta, eps):
    grad_squared = 0
    for dx in g:
        grad_squared += beta * grad_squared + (1 - beta) * dx * dx
    return np.sqrt(grad_squared + eps)


@wrong(
    "rmsprop-denominator",
    "https://github.com/GeorgOhneH/WerbeSkip/blob/main/Machine_Learning/optimizers/rmsprop.py",
    "np.power(g, 2) * decay + (1 - decay) * cache, and e beside the root (one of the stored versions)",
)
def _(g, beta, eps):
    cache = 0
    for nabla in g:
        cache = np.power(nabla, 2) * beta + (1 - beta) * cache
    return np.sqrt(cache) + eps


@wrong(
    "rmsprop-denominator",
    "https://github.com/msquirogac/nnetworks/blob/39e9a0b74c90a21393829c46496a7de3e65c8401/"
    "optimizers/RMSProp.m",
    "two at once: starts at the first square and adds eps beside the root (from MATLAB)",
)
def _(g, beta, eps):
    hist = np.array([])
    for grads in g:
        if hist.size == 0:
            hist = np.array(grads * grads)
        else:
            hist = beta * hist + (1 - beta) * (grads * grads)
    return float(np.sqrt(hist) + eps)


@wrong(
    "rmsprop-denominator",
    "https://github.com/Ace-Quantum/atlas-machine_learning2/blob/19ee97fce00bbcaad699cf7a5402ca57f8cf6caa/"
    "supervised_learning/optimization/7-RMSProp.py",
    "np is never imported in the file: a NameError (here under the name numpy)",
)
def _(g, beta, eps):
    s = 0
    for grad in g:
        s = beta * s + (1 - beta) * (grad**2)
    return numpy.sqrt(s + eps)  # noqa: F821


@wrong(
    "rmsprop-denominator",
    "https://github.com/hiromis/notes/issues/52",
    "x^2 in the place of the root of x",
)
def _(g, beta, eps):
    v = 0
    for x in g:
        v = beta * v + (1 - beta) * x**2
    return (v + eps) ** 2


@wrong(
    "rmsprop-denominator",
    "https://github.com/LlionJ/blog/issues/1",
    "transferred: the update -g / (sqrt(state) + 1e-5) is returned, with a constant of its own for eps",
)
def _(g, beta, eps):
    state = 0.0
    update = 0.0
    for gradient in g:
        state = beta * state + (1 - beta) * gradient**2
        update = -gradient / (np.sqrt(state) + 1e-5)
    return update


@wrong(
    "rmsprop-denominator",
    "https://github.com/apache/mxnet/pull/5043",
    "transferred: the centered version of Graves, v - m^2, taken for RMSProp",
)
def _(g, beta, eps):
    n = 0.0
    m = 0.0
    for grad in g:
        n = beta * n + (1 - beta) * grad**2
        m = beta * m + (1 - beta) * grad
    return np.sqrt(n - m * m + eps)


@wrong(
    "rmsprop-denominator",
    "https://github.com/LiyuanLucasLiu/RAdam/issues/55",
    "transferred from RAdam's paper: 1/beta times the old average",
)
def _(g, beta, eps):
    v = 0.0
    for gt in g:
        v = 1 / beta * v + (1 - beta) * gt**2
    return np.sqrt(v + eps)


# RMSProp's first step


@wrong(
    "rmsprop-first-step",
    "https://github.com/BRML/climin/issues/30",
    "the average starts at 1 instead of 0",
)
def _(g, lr, beta):
    first = -lr * g / np.sqrt(beta * 1 + (1 - beta) * g**2)
    second = -lr * g / np.sqrt(g**2)
    return first, second


@wrong(
    "rmsprop-first-step",
    "https://github.com/zc911/MatrixSlow/issues/28",
    "both start at the first square",
)
def _(g, lr, beta):
    s = np.power(g, 2)
    step = -lr * g / np.sqrt(s)
    return step, step


@wrong(
    "rmsprop-first-step",
    "https://github.com/oracle/tribuo/pull/401",
    "transferred: multiplies by the root instead of dividing",
)
def _(g, lr, beta):
    zero = (1 - beta) * g**2
    whole = g**2
    return -lr * g * np.sqrt(zero), -lr * g * np.sqrt(whole)


@wrong(
    "rmsprop-first-step",
    "https://github.com/PaddlePaddle/Paddle/issues/4184",
    "transferred from AdaGrad: param += lr * grad / sqrt(...), uphill",
)
def _(g, lr, beta):
    steps = []
    for accum in ((1 - beta) * g * g, g * g):
        param = np.zeros(len(g))
        param += lr * g / np.sqrt(accum)
        steps.append(param)
    return tuple(steps)


@wrong(
    "rmsprop-first-step",
    "https://github.com/hiromis/notes/issues/52",
    "x^2 in the place of the root of x",
)
def _(g, lr, beta):
    s0 = (1 - beta) * g**2
    s1 = g**2
    return -lr * g / s0**2, -lr * g / s1**2


@wrong(
    "rmsprop-first-step",
    "https://github.com/luiyiAntony/neural_network_from_scratch/blob/"
    "084e78554e52450a69549629531425e0d5a6c11d/"
    "models/optimizers/rmsprop.py",
    "cache += decay * cache + (1 - decay) * g ** 2: from g^2 the average becomes twice g^2",
)
def _(g, lr, beta):
    cache0 = np.zeros_like(g)
    cache0 += beta * cache0 + (1 - beta) * g**2
    cache1 = g**2
    cache1 += beta * cache1 + (1 - beta) * g**2
    return -lr * g / np.sqrt(cache0), -lr * g / np.sqrt(cache1)


@wrong(
    "rmsprop-first-step",
    "https://github.com/apache/mxnet/pull/5043",
    "transferred: the centered version, v - m^2, under the root",
)
def _(g, lr, beta):
    n = (1 - beta) * g**2
    m = (1 - beta) * g
    return -lr * g / np.sqrt(n - m**2), -lr * np.sign(g)


@wrong(
    "rmsprop-first-step",
    "https://github.com/PyMLVizard/PyMLViz/issues/3",
    "transferred: the gradient is missing behind the rate",
)
def _(g, lr, beta):
    v = (1 - beta) * g**2
    return -lr / np.sqrt(v), -lr / np.sqrt(g**2)


@wrong(
    "rmsprop-first-step",
    "https://github.com/apcamargo/pycoverm/pull/11",
    "transferred: the pair in the other order",
)
def _(g, lr, beta):
    from_zero = -lr * g / np.sqrt((1 - beta) * g**2)
    from_first = -lr * g / np.abs(g)
    return from_first, from_zero


@wrong(
    "rmsprop-first-step",
    "https://github.com/SlopDotCash/asi/pull/2349",
    "transferred: the factor that is in the step already is multiplied in again by the caller",
)
def _(g, lr, beta):
    a = -lr * g / np.sqrt((1 - beta) * g**2)
    b = -lr * g / np.sqrt(g**2)
    return g * a, g * b


# The average as a sum


@wrong(
    "unrolled-average",
    "https://github.com/hanssmail/quantQ/issues/15",
    "the previous value x_(i-1) in the place of x_i",
)
def _(g, beta):
    ema = 0.0
    for i in range(len(g)):
        if i > 0:
            ema = g[i - 1] * (1 - beta) + ema * beta
    return ema


@wrong(
    "unrolled-average",
    "https://wiki.gubat.org/content/stackoverflow.com_en_all_2023-11/questions/76211421/"
    "explicit-formula-for-ewma-n-in-python",
    "pandas' ewm(adjust=True), its default: the weights are divided by their sum",
)
def _(g, beta):
    weights = (beta) ** np.arange(len(g) - 1, -1, -1)
    return np.sum(weights * g) / np.sum(weights)


@wrong(
    "unrolled-average",
    "https://mapledrawhubb.com/www.stackoverflow.com/questions/76211421/explicit-formula-for-ewman-in-python",
    "pandas' ewm(adjust=False): y[0] = x[0]",
)
def _(g, beta):
    alpha = 1 - beta
    y = [g[0]]
    for t in range(1, len(g)):
        y.append((1 - alpha) * y[t - 1] + alpha * g[t])
    return y[-1]


@wrong(
    "unrolled-average",
    "https://github.com/ostris/ai-toolkit/issues/1034",
    "shadow.add_((shadow - value) * (1 - decay)): the sign flipped, it runs away from the values",
)
def _(g, beta):
    one_minus_decay = 1 - beta
    shadow = 0.0
    for param in g:
        gap = shadow - param
        shadow = shadow + gap * one_minus_decay
    return shadow


@wrong(
    "unrolled-average",
    "https://github.com/Ace-Quantum/atlas-machine_learning2/blob/main/supervised_learning/optimization/"
    "4-moving_average.py",
    "starts at data[0], and the bias correction is a factor (n - 1) / n as for a sample variance",
)
def _(g, beta):
    alpha = 1 - beta
    moving_averages = [g[0]]
    for i in range(1, len(g)):
        moving_average = alpha * g[i] + beta * moving_averages[-1]
        moving_averages.append(moving_average)
    n = len(g)
    bias_correction = (n - 1) / n
    return moving_averages[-1] * bias_correction


@wrong(
    "unrolled-average",
    "https://github.com/SlopDotCash/asi/pull/480",
    "each increment is divided by 1 - d^t before it enters the average, not the average at the end",
)
def _(g, beta):
    m = 0.0
    for age, x in enumerate(g):
        debias = 1.0 - beta ** (age + 1.0)
        m = beta * m + (1 - beta) * (x / max(debias, 1e-3))
    return m


@wrong(
    "unrolled-average",
    "https://techfeed.net/pt/458129/",
    "yesterday's average is the plain mean of the values before: last * k + mean * (1 - k)",
)
def _(g, beta):
    k = 1 - beta
    ema_yesterday = np.mean(g[:-1])
    return g[-1] * k + ema_yesterday * (1 - k)


@wrong(
    "unrolled-average",
    "https://python.19633.com/es/python-tag-2/Pandas-2/1002050296.html",
    "the data come newest first, so the oldest value weighs most",
)
def _(g, beta):
    s = 0.0
    for v in reversed(list(g)):
        s = beta * s + (1 - beta) * v
    return s


@wrong(
    "unrolled-average",
    "https://github.com/JohnCook17/holbertonschool-machine_learning/blob/"
    "165cad3d1622b359fe28c365f7f28ab5a5c7ee0d/supervised_learning/0x03-optimization/4-moving_average.py",
    "no recursion: (1 - beta) * the value before + beta * this value (theirs: the list of them)",
)
def _(g, beta):
    prev = g[0]
    ewma = []
    for i in range(len(g)):
        ewma.append(((1 - beta) * prev) + (beta * g[i]))
        prev = g[i]
    return ewma[-1]


@wrong(
    "unrolled-average",
    "https://github.com/Ace-Quantum/atlas-machine_learning2/blob/"
    "2e2c46e7b9071819a8b99059c62c7848ccdc84c6/supervised_learning/optimization/4-moving_average.py",
    "the loop starts at index 1, so the first value never enters; corrected by 1 - beta ** (i + 1)",
)
def _(g, beta):
    alpha = 1 - beta
    exp_weighted_avg = 0
    moving_averages = []
    for i in range(1, len(g)):
        exp_weighted_avg = beta * exp_weighted_avg + alpha * g[i]
        bias = 1 - beta ** (i + 1)
        moving_averages.append(exp_weighted_avg / bias)
    return moving_averages[-1]


# The correction


@wrong(
    "corrected-average",
    "https://github.com/ufal/npfl114/pull/79",
    "1 - beta^2 on the slide: the index 2 was read as the power",
)
def _(m, beta, t):
    return m / (1 - beta**2)


@wrong(
    "corrected-average",
    "https://github.com/eriklindernoren/ML-From-Scratch/issues/35",
    "m / (1 - b1) at every step: without the power t",
)
def _(m, beta, t):
    m_hat = m / (1 - beta)
    return m_hat


@wrong(
    "corrected-average",
    "https://github.com/karpathy/convnetjs/pull/70",
    "biasCorr = m * (1 - pow(beta, k)): multiplied instead of divided",
)
def _(m, beta, t):
    bias_corr = m * (1 - math.pow(beta, t))
    return bias_corr


@wrong(
    "corrected-average",
    "https://github.com/kozistr/pytorch_optimizer/pull/525",
    "exp_avg.div(beta ** step), not 1 - beta ** step",
)
def _(m, beta, t):
    beta_power = beta**t
    return m / beta_power


@wrong(
    "corrected-average",
    "https://github.com/karpathy/nanochat/pull/818",
    "1 - ema_beta ** (step + 1) after step += 1: one too large",
)
def _(m, beta, t):
    step = t
    debiased = m / (1 - beta ** (step + 1))
    return debiased


@wrong(
    "corrected-average",
    "https://obsidian-digital-garden-kevinchen220.vercel.app/school-notes/cs-484-hku/adam",
    "for t in range(num_steps): time runs from 0, so step t is corrected as step t - 1",
)
def _(m, beta, t):
    m_unbias = m
    for step in range(t):
        if step > 0:
            m_unbias = m / (1 - beta**step)
    return m_unbias


@wrong(
    "corrected-average",
    "https://github.com/frgfm/holocron/issues/1",
    "the correction is made in place at every step and accumulates",
)
def _(m, beta, t):
    exp_avg = m
    for i in range(1, t + 1):
        exp_avg /= 1 - beta**i
    return exp_avg


@wrong(
    "corrected-average",
    "https://github.com/d2l-ai/d2l-en/pull/2277",
    "transferred: the weights are summed from 0 to t instead of to t - 1",
)
def _(m, beta, t):
    weights = 0
    for i in range(t + 1):
        weights += beta**i
    return m / ((1 - beta) * weights)


# One step of Adam


@wrong(
    "adam-step",
    "https://gptteams.ai/developer/algorithm-understand-adam-optimizer-intuitively",
    "m = m / (1 - beta_m**i): the corrected averages overwrite the averages",
)
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * (g**2)
    m = m / (1 - beta1**t)
    v = v / (1 - beta2**t)
    w = w - lr * m / (np.sqrt(v) + eps)
    return w, m, v


@wrong(
    "adam-step",
    "https://github.com/tensorflow/tensorflow/issues/9047",
    "lr * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + eps): eps is scaled along",
)
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    lr_t = lr * np.sqrt(1 - beta2**t) / (1 - beta1**t)
    m_t = beta1 * m + (1 - beta1) * g
    v_t = beta2 * v + (1 - beta2) * g * g
    return w - lr_t * m_t / (np.sqrt(v_t) + eps), m_t, v_t


@wrong(
    "adam-step",
    "https://github.com/phlippe/uvadlc_notebooks/pull/35",
    "the hat on v was forgotten: m_hat / (sqrt(v) + eps)",
)
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


@wrong(
    "adam-step",
    "https://github.com/d2l-ai/d2l-zh/pull/502",
    "eps inside of the root",
)
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return w - lr * m_hat / np.sqrt(v_hat + eps), m, v


@wrong(
    "adam-step",
    "https://github.com/oxiglade/mlx-rs/issues/301",
    "no correction at all",
)
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    new_m = beta1 * m + (1 - beta1) * g
    new_v = beta2 * v + (1 - beta2) * np.square(g)
    return w - lr * (new_m / (np.sqrt(new_v) + eps)), new_m, new_v


@wrong(
    "adam-step",
    "https://github.com/eriklindernoren/ML-From-Scratch/issues/35",
    "both corrections without the power t",
)
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * np.power(g, 2)
    m_hat = m / (1 - beta1)
    v_hat = v / (1 - beta2)
    w_updt = lr * m_hat / (np.sqrt(v_hat) + eps)
    return w - w_updt, m, v


@wrong(
    "adam-step",
    "https://github.com/pytorch/pytorch/pull/23737",
    "v is divided by sqrt(bias_correction2) and the root is taken afterwards once more",
)
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    exp_average = beta1 * m + (1 - beta1) * g
    exp_average_sq = beta2 * v + (1 - beta2) * g * g
    denom = exp_average_sq / math.sqrt(1 - beta2**t)
    denom = np.sqrt(denom) + eps
    step_size = lr / (1 - beta1**t)
    return w - step_size * exp_average / denom, exp_average, exp_average_sq


@wrong(
    "adam-step",
    "https://github.com/Fan-Zhixuan/DL-learning/blob/28c80c64d578b311f98f5ef02e4d8174430b09d1/"
    "optimizer/Adam.py",
    "self.beta_i *= self.beta_i, from 1: the power of beta2 stays 1, the root 0, no step is taken",
)
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    s = m * beta1 + (1 - beta1) * g
    r = v * beta2 + (1 - beta2) * np.square(g)
    alpha_i, beta_i = 1, 1
    for _ in range(t):
        alpha_i *= beta1
        beta_i *= beta_i
    rate = -lr * (1 - beta_i) ** 0.5 / (1 - alpha_i)
    return w + rate * s / np.sqrt(r), s, r


@wrong(
    "adam-step",
    "https://github.com/pytorch/pytorch/issues/11678",
    "param + grad_o: the step is added (caffe2's op wants a negative rate); eps scaled, too",
)
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    corrected_local_rate = (
        lr * np.sqrt(1 - np.power(beta2, t)) / (1 - np.power(beta1, t))
    )
    m1_o = (beta1 * m) + (1 - beta1) * g
    m2_o = (beta2 * v) + (1 - beta2) * np.square(g)
    grad_o = corrected_local_rate * m1_o / (np.sqrt(m2_o) + eps)
    return w + grad_o, m1_o, m2_o


@wrong(
    "adam-step",
    "https://github.com/MurdoNicolai/holbertonschool-machine_learning/blob/"
    "142fd8a17a62b1a23f31e5da37490fa61a65cb63/supervised_learning/optimization/9-Adam.py",
    "t += 1 at the start of the step, though t is this step's number already",
)
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    t += 1  # Increment the time step
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * (g**2)
    m_corrected = m / (1 - beta1**t)
    v_corrected = v / (1 - beta2**t)
    w -= lr * m_corrected / (np.sqrt(v_corrected) + eps)
    return w, m, v


@wrong(
    "adam-step",
    "https://github.com/Jabulani-N/atlas-machine_learning/blob/"
    "113e0dfe2cfb875a23b9ab7588fab17b81f331ae/supervised_learning/optimization/9-Adam.py",
    "returns the corrected averages as the new ones",
)
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    vnew = beta1 * m + (1 - beta1) * g
    snew = beta2 * v + (1 - beta2) * np.square(g)
    vcorrect = vnew / (1 - beta1**t)
    scorrect = snew / (1 - beta2**t)
    varnew = w - lr * (vcorrect / (np.sqrt(scorrect) + eps))
    return varnew, vcorrect, scorrect


@wrong(
    "adam-step",
    "https://github.com/msaroufim/tinyoptimizer/blob/678d69e3ca6724aefe79bc23ec371f225cb87c7e/"
    "cpu_optimizer/pure_torch.py",
    "m_hat and v_hat are lists and used whole where the i-th entry was meant: a TypeError",
)
def _(w, g, m, v, t, lr, beta1, beta2, eps):
    m_hat = [0.0 for _ in w]
    v_hat = [0.0 for _ in w]
    for i, grad in enumerate(g):
        m[i] = beta1 * m[i] + (1 - beta1) * grad
        v[i] = beta2 * v[i] + (1 - beta2) * (grad**2)
        m_hat[i] = m[i] / (1 - beta1**t)
        v_hat[i] = v[i] / (1 - beta2**t)
        w[i] -= lr * m_hat / (v_hat**0.5 + eps)
    return w, m, v


# How long the zero start matters


@wrong(
    "steps-to-share",
    "https://github.com/xdefilab/xhalflife-base/issues/116",
    "log(ratio) for log(1 - ratio)",
)
def _(beta, share):
    return math.ceil(math.log(share) / math.log(beta))


@wrong(
    "steps-to-share",
    "https://oeis.org/A276498/internal",
    "transferred: round(log(..) / log(..)) where the next whole number is asked for",
)
def _(beta, share):
    return round(math.log(1 - share) / math.log(beta))


@wrong(
    "steps-to-share",
    "https://github.com/Foundations-of-Computer-Vision/visionbook/issues/69",
    "transferred from RANSAC: the opposite probability in the denominator, log(1 - beta)",
)
def _(beta, share):
    n = np.log(1 - share) / np.log(1 - beta)
    return int(np.ceil(n))


@wrong(
    "steps-to-share",
    "https://github.com/willGuimont/prosac/issues/1",
    "transferred: ceil(1 / p), the expected number, for the number that reaches a probability",
)
def _(beta, share):
    max_times = int(np.ceil(1 / (1 - beta)))
    return max_times


@wrong(
    "steps-to-share",
    "https://github.com/hyperledger/indy-plenum/blob/100f5dc7bbe53a893681634ca1144d34e7fe940c/"
    "plenum/common/moving_average.py",
    "transferred: halfway_alpha = -log(0.5) / steps, solved for steps: -(1 - beta) stands for log(beta)",
)
def _(beta, share):
    alpha = 1 - beta
    steps = -math.log(1 - share) / alpha
    return math.ceil(steps)


@wrong(
    "steps-to-share",
    "https://github.com/BaseIntelligence/bounty-challenge/issues/11852",
    "transferred: the time constant (1/e) taken for the time to any share",
)
def _(beta, share):
    tau = -1 / math.log(beta)
    return math.ceil(tau)


@wrong(
    "steps-to-share",
    "https://github.com/novacrazy/dual_num/issues/13",
    "transferred: log10 above a natural logarithm",
)
def _(beta, share):
    return math.ceil(np.log10(1 - share) / np.log(beta))


@wrong(
    "steps-to-share",
    "https://github.com/numworks/epsilon/issues/282",
    "transferred: number and base of the logarithm exchanged, log(beta, 1 - share)",
)
def _(beta, share):
    return math.ceil(math.log(beta, 1 - share))


@wrong(
    "steps-to-share",
    "https://github.com/probcomp/b3d/pull/143",
    "transferred: 1 - log(p) for log(1 - p)",
)
def _(beta, share):
    return math.ceil((1 - math.log(share)) / math.log(beta))


@wrong(
    "steps-to-share",
    "https://github.com/VividCortex/ewma/issues/30",
    "transferred: the span N of alpha = 2 / (N + 1), whatever the share",
)
def _(beta, share):
    alpha = 1 - beta
    return round(2 / alpha - 1)


@wrong(
    "steps-to-share",
    "https://newbetuts.com/6569528-python-float-to-int-conversion",
    "transferred: int() cuts off the decimals, which rounds down",
)
def _(beta, share):
    return int(math.log(1 - share) / math.log(beta))


# The variance of the corrected average


@wrong(
    "corrected-variance",
    "https://mdsite.deno.dev/https://github.com/pandas-dev/pandas/issues/7912",
    "the factor (1 + 2 com) / (2 com) of an infinite sample debiases, the number t does not enter",
)
def _(t, beta):
    com = beta / (1 - beta)
    variance = (1 - beta) * (1 - beta ** (2 * t)) / (1 + beta)
    return variance * (1.0 + 2.0 * com) / (2.0 * com)


@wrong(
    "corrected-variance",
    "https://kiwix.lema.org/stackoverflow.com_en_all_2023-11/questions/77017085/"
    "derive-pandas-ewm-std-formula",
    "Var(x) / Var(average): the ratio upside down",
)
def _(t, beta):
    c = np.array([beta ** (t - i) for i in range(1, t + 1)])
    return np.sum(c) ** 2 / np.sum(c**2)


@wrong(
    "corrected-variance",
    "https://github.com/avehtari/ROS-Examples/issues/22",
    "sum(W * se)^2 for sum((W * se)^2): the square stands outside of the sum",
)
def _(t, beta):
    W = [(1 - beta) * beta**i / (1 - beta**t) for i in range(t)]
    se = [1.0] * t
    return sum(a * b for a, b in zip(W, se, strict=True)) ** 2


@wrong(
    "corrected-variance",
    "https://github.com/stan-dev/loo/pull/226",
    "transferred: length(w) for the effective sample size 1 / sum(w^2)",
)
def _(t, beta):
    w = np.array([(1 - beta) * beta**i for i in range(t)])
    w = w / w.sum()
    ess = len(w)
    return 1 / ess


@wrong(
    "corrected-variance",
    "https://github.com/matthijsz/weightedcorr/issues/1",
    "transferred: divided once more by the sum of the weights",
)
def _(t, beta):
    w = (1 - beta) * beta ** np.arange(t)
    return np.sum(w**2) / np.sum(w) ** 2 / np.sum(w)


@wrong(
    "corrected-variance",
    "https://github.com/EducationalTestingService/rsmtool/issues/442",
    "transferred: the weights in the numerator are not squared",
)
def _(t, beta):
    weights = []
    for i in range(t):
        weights.append((1 - beta) * beta**i)
    return sum(weights) / sum(weights) ** 2


@wrong(
    "corrected-variance",
    "https://github.com/TheAlgorithms/Java/pull/7600",
    '"the usual shortcut": the asymptote alpha / (2 - alpha) from the first step on',
)
def _(t, beta):
    alpha = 1 - beta
    return alpha / (2 - alpha)


@wrong(
    "corrected-variance",
    "https://math.techqa.club/variance-of-exponential-moving-average-1817374",
    "V_t = a (x_t - m_t)^2 + (1 - a) V_(t-1)^2, one of the two guesses asked about",
)
def _(t, beta):
    a = 1 - beta
    V = 0.0
    for _ in range(t):
        V = a * 1.0 + (1 - a) * V**2
    return V


@wrong(
    "corrected-variance",
    "https://github.com/d2l-ai/d2l-en/pull/2277",
    "transferred: the sums of the weights run to t instead of to t - 1",
)
def _(t, beta):
    numerator = sum(beta ** (2 * i) for i in range(t + 1))
    denominator = sum(beta**i for i in range(t + 1)) ** 2
    return numerator / denominator


# A step without correction


@wrong(
    "uncorrected-step",
    "https://github.com/kozistr/AdaBound-tensorflow/issues/3",
    "sqrt(1 - bias_correction2), where bias_correction2 is 1 - beta2^t already",
)
def _(t, beta1, beta2):
    bias_correction1 = 1 - beta1**t
    bias_correction2 = 1 - beta2**t
    return bias_correction1 / np.sqrt(1 - bias_correction2)


@wrong(
    "uncorrected-step",
    "https://github.com/PennyLaneAI/pennylane/pull/1929",
    "sqrt(1 - beta2) / (1 - beta1) in the documentation: no power t",
)
def _(t, beta1, beta2):
    return (1 - beta1) / math.sqrt(1 - beta2)


@wrong(
    "uncorrected-step",
    "https://github.com/Fan-Zhixuan/DL-learning/blob/28c80c64d578b311f98f5ef02e4d8174430b09d1/"
    "optimizer/Adam.py",
    "self.beta_i *= self.beta_i from 1: the power of beta2 is never taken, the factor is infinite",
)
def _(t, beta1, beta2):
    alpha_i, beta_i = 1, 1
    for _ in range(t):
        alpha_i *= beta1
        beta_i *= beta_i
    return (1 - alpha_i) / (1 - beta_i) ** 0.5


@wrong(
    "uncorrected-step",
    "https://saikatkumardey.com/ml-wiki/concepts/bias-correction",
    '"both estimates are pulled toward zero, causing the early updates to be too small": a product',
)
def _(t, beta1, beta2):
    m_factor = 1 - beta1**t
    v_factor = math.sqrt(1 - beta2**t)
    return m_factor * v_factor


@wrong(
    "uncorrected-step",
    "https://github.com/pytorch/pytorch/pull/23737",
    "transferred: the root is taken twice",
)
def _(t, beta1, beta2):
    bias_correction2 = math.sqrt(1 - beta2**t)
    return (1 - beta1**t) / math.sqrt(bias_correction2)


@wrong(
    "uncorrected-step",
    "https://github.com/kozistr/pytorch_optimizer/pull/308",
    "the minus-one of the bias correction is done twice: 1 - (1 - beta^t)",
)
def _(t, beta1, beta2):
    bias_correction1 = 1 - (1 - beta1**t)
    bias_correction2 = 1 - (1 - beta2**t)
    return bias_correction1 / math.sqrt(bias_correction2)


@wrong(
    "uncorrected-step",
    "https://github.com/microsoft/CNTK/issues/2421",
    "transferred: beta1 in both places (the variance momentum was documented as beta1)",
)
def _(t, beta1, beta2):
    return (1 - beta1**t) / np.sqrt(1 - beta1**t)


@wrong(
    "uncorrected-step",
    "https://github.com/ufal/npfl114/pull/79",
    "transferred: 1 - beta^2, the index 2 read as the power",
)
def _(t, beta1, beta2):
    return (1 - beta1**2) / np.sqrt(1 - beta2**2)


@wrong(
    "uncorrected-step",
    "https://github.com/geoopt/geoopt/issues/164",
    "transferred: step is incremented twice in each update, so both powers are 2t",
)
def _(t, beta1, beta2):
    step = 0
    for _ in range(t):
        step += 1
        step += 1
    return (1 - beta1**step) / math.sqrt(1 - beta2**step)
