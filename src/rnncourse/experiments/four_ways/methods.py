"""The four ways to learn, and two baselines, behind one interface.

    lstm          LSTM, Adam
    hessian_free  tanh net with a sparse start, Hessian-free with structural damping or without
    esn           echo state network: a leaky tanh reservoir is drawn, its readout is a ridge
    momentum      tanh net that starts as an echo state network, Nesterov's momentum
    sgd, adam     tanh net with the orthogonal start of weeks 1 to 4, SGD or Adam

A method is a generator function of (task, n_steps, rng, **settings). It draws its own training
sequences, works, and yields `predict` (x -> y_hat) after each piece of work. It does not look at
the clock, so what it does depends on the seed alone; the caller stops it. It ends by itself only
where a net runs away.
"""

import itertools
from functools import partial

import numpy as np

from rnncourse import esn, hessian_free, initializers, linear, losses, lstm, rnn
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.optimizers import adam, nesterov, sgd
from rnncourse.params import ravel, unravel

HIDDEN = 50  # units of a net whose weights are all learned
BATCH = 50
PIECE = 50  # updates between two looks
MAX_NORM = 1.0  # of a gradient
HF_GRADIENT, HF_CURVATURE = 1000, 250  # sequences for the gradient and for the curvature
HF_CG_STEPS, DAMPING = 50, 0.1
MU = 0.98
ESN_SMALLEST = 100
ESN_BATCH, ESN_STATES = 500, 200_000  # sequences at once, fewer where units times these are more
ESN_SEQUENCES = 4  # to learn from, for each unit of the reservoir
RIDGE = 1e-8  # beside the mean over the scored steps


def _learn(cell, init, optimizer, task, n_steps, rng, batch=BATCH):
    """Descend with `optimizer(objectives, theta)` on fresh batches."""
    network = Network((cell, linear), (task.n_in, HIDDEN, task.n_out))
    theta = ravel((init(rng, task.n_in, HIDDEN, dtype=np.float32), _readout(rng, task)))
    objectives = (
        Objective(network, task.loss, *task.batch(rng, n_steps, batch)) for _ in itertools.count()
    )
    for n, step in enumerate(optimizer(objectives, theta), 1):
        if not np.isfinite(step.theta).all():  # the net has run away
            return
        if n % PIECE == 0:
            yield _predictor(network, step.theta)


def _readout(rng, task):
    return linear.init(rng, HIDDEN, task.n_out, dtype=np.float32)


def _predictor(network, theta):
    params = unravel(theta, network.zeros())
    return lambda x: network.forward(params, x)[0]


def learn_lstm(task, n_steps, rng, learning_rate, forget_bias, batch=BATCH):
    """Train an LSTM with Adam."""
    start = partial(lstm.init, forget_bias=forget_bias)
    optimizer = partial(adam, learning_rate=learning_rate, max_norm=MAX_NORM)
    return _learn(lstm, start, optimizer, task, n_steps, rng, batch)


def learn_adam(task, n_steps, rng, learning_rate):
    """Train a plain net with Adam."""
    optimizer = partial(adam, learning_rate=learning_rate, max_norm=MAX_NORM)
    return _learn(rnn, rnn.init, optimizer, task, n_steps, rng)


def learn_sgd(task, n_steps, rng, learning_rate):
    """Train a plain net with stochastic gradient descent."""
    optimizer = partial(sgd, learning_rate=learning_rate, max_norm=MAX_NORM)
    return _learn(rnn, rnn.init, optimizer, task, n_steps, rng)


def learn_momentum(task, n_steps, rng, learning_rate, input_scale):
    """Train all weights from an echo-state start, with Nesterov's momentum."""
    start = partial(
        rnn.init,
        init_hx=partial(initializers.gaussian, scale=input_scale),
        init_hh=initializers.echo_state,
    )
    optimizer = partial(nesterov, learning_rate=learning_rate, mu=MU, max_norm=MAX_NORM)
    return _learn(rnn, start, optimizer, task, n_steps, rng)


def learn_hessian_free(task, n_steps, rng, structural, input_scale):
    """Train a net by Hessian-free steps, from a sparse start; a look after each of them."""
    network = Network((rnn, linear), (task.n_in, HIDDEN, task.n_out))
    start = rnn.init(
        rng,
        task.n_in,
        HIDDEN,
        init_hx=partial(initializers.gaussian, scale=input_scale),
        init_hh=partial(initializers.sparse, scale=15**-0.5),
        dtype=np.float32,
    )
    theta = ravel((start, _readout(rng, task)))

    def pairs():
        while True:
            x, y, mask = task.batch(rng, n_steps, HF_GRADIENT)
            few = np.s_[:, :HF_CURVATURE]
            yield (
                Objective(network, task.loss, x, y, mask),
                Objective(network, task.loss, x[few], y[few], mask[few]),
            )

    steps = hessian_free.hessian_free(
        pairs(), theta, DAMPING, structural=structural, max_cg_steps=HF_CG_STEPS
    )
    for step in steps:
        yield _predictor(network, step.theta)


def learn_esn(task, n_steps, rng, spectral_radius, input_scale, leak, bias_scale):
    """Draw reservoirs, each twice as large as the last, and fit the readout of each."""
    H = ESN_SMALLEST
    while True:
        reservoir = esn.init(
            rng,
            task.n_in,
            H,
            spectral_radius=spectral_radius,
            input_scale=input_scale,
            bias_scale=bias_scale,
            leak=leak,
            dtype=np.float32,
        )
        left, right, n = np.zeros((H + 1, H + 1)), np.zeros((H + 1, task.n_out)), 0
        size = min(ESN_BATCH, ESN_STATES // H)
        for _ in range(0, ESN_SEQUENCES * H, size):
            x, y, mask = task.batch(rng, n_steps, size)
            h = _with_one(esn.run(reservoir, x)[mask])
            left += h.T @ h
            right += h.T @ _numbers(task, y[mask])
            n += len(h)
            yield None  # nothing to look at yet, but the clock
        left[np.diag_indices(H)] += RIDGE * n  # the bias is not held back
        weights = np.linalg.solve(left, right).astype(np.float32)
        readout = linear.Params(np.ascontiguousarray(weights[:-1].T), weights[-1])
        yield partial(_read, reservoir, readout)
        H *= 2


def _read(reservoir, readout, x):
    return linear.forward(readout, esn.run(reservoir, x))[0]


def _with_one(h):
    """Return states (N, H) as float64 (N, H + 1), the last column one."""
    return np.concatenate([h, np.ones((len(h), 1))], axis=1)


def _numbers(task, y):
    """Return targets (N, ...) as what a ridge regression takes: classes one-hot, bits -1 or 1."""
    if task.loss is losses.sigmoid_cross_entropy:
        return 2 * y - 1
    return np.eye(task.n_out)[y] if y.ndim == 1 else y


NAMES = {  # in tables and figures
    "lstm": "LSTM",
    "hessian_free": "Hessian-free",
    "esn": "echo state",
    "momentum": "init + mom.",
    "sgd": "plain, SGD",
    "adam": "plain, Adam",
}
METHODS = {
    "lstm": learn_lstm,
    "hessian_free": learn_hessian_free,
    "esn": learn_esn,
    "momentum": learn_momentum,
    "sgd": learn_sgd,
    "adam": learn_adam,
}
