"""The four ways to learn, and two baselines, behind one interface.

    lstm          LSTM, Adam
    hessian_free  tanh net with a sparse start, Hessian-free with structural damping or without
    esn           echo state network: a leaky tanh reservoir is drawn, its readout is a ridge
    momentum      tanh net that starts as an echo state network, Nesterov's momentum
    sgd, adam     tanh net with the orthogonal start of weeks 1 to 4, SGD or Adam

Two more exchange start and optimizer, so that one can tell which of both counts:

    adam_sparse              Adam, from the sparse start
    hessian_free_orthogonal  Hessian-free, from the orthogonal start

A method is a generator function of (task, n_steps, rng, **settings). It draws its own training
sequences, works, and yields a `Piece` after each update. It does not look at the clock, so what it
does depends on the seed alone; the caller stops it. It ends by itself only where a net runs away.
"""

import contextlib
import itertools
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from rnncourse import esn, hessian_free, initializers, linear, lstm, rnn
from rnncourse.experiments.four_ways.readouts import fit_larger_and_larger
from rnncourse.experiments.four_ways.scored import Scored
from rnncourse.network import Network
from rnncourse.objective import Objective
from rnncourse.optimizers import adam, nesterov, sgd
from rnncourse.params import ravel, unravel
from rnncourse.tasks.batch import Batch

HIDDEN = 50  # units of a net whose weights are all learned
BATCH = 50
MAX_NORM = 1.0  # of a gradient
HF_GRADIENT, HF_CURVATURE = 1000, 4  # sequences for the gradient; a part of them for the curvature
HF_CG_STEPS, DAMPING = 50, 0.1
MU = 0.98


class Piece(NamedTuple):
    """What a method can do after a piece of its work, and how much work there was up to now."""

    predict: Callable | None  # x (T, B, D) -> y_hat (T, B, K); None if nothing new can be looked at
    updates: int  # steps of an optimizer, or readouts that were solved for
    products: int  # of the curvature matrix with a vector
    sequences: int  # that were drawn to learn from


def predictors(learner):
    """Return an iterator of what `predict` of the pieces holds, where it holds something."""
    return (piece.predict for piece in learner if piece.predict is not None)


def predictor(learner, n):
    """Return the nth of `predictors`, from 1: of a reservoir that doubles, that of 100 2^(n-1)."""
    return next(itertools.islice(predictors(learner), n - 1, None))


def _learn(cell, init, optimizer, task, n_steps, rng, batch):
    network = Network((cell, linear), (task.n_in, HIDDEN, task.n_out))
    params = init(rng, task.n_in, HIDDEN, dtype=np.float32), _readout(rng, task)
    yield from descend(network, params, optimizer, task, n_steps, rng, batch)


def descend(network, params, optimizer, task, n_steps, rng, batch):
    """Yield a `Piece` for each update of `optimizer(objectives, theta)`, each on a fresh batch.

    Args:
        network: `Network` with a `linear` readout.
        params: its parameters at the start.
        optimizer: function of an iterable of objectives and a vector theta.
        task: `tasks.Task`.
        n_steps: length, an argument of the task.
        rng: a `numpy.random.Generator`.
        batch: sequences of an update.
    """
    theta, like = ravel(params), network.zeros(np.float32)
    objectives = (
        Scored(network, like, task.loss, Batch(*task.batch(rng, n_steps, batch)))
        for _ in itertools.count()
    )
    for step in optimizer(objectives, theta):
        if not np.isfinite(step.theta).all():  # the net has run away
            return
        yield Piece(partial(_answers, network, step.theta), step.updates, 0, step.updates * batch)


def _readout(rng, task):
    return linear.init(rng, HIDDEN, task.n_out, dtype=np.float32)


def _answers(network, theta, x):
    return network.forward(unravel(theta, network.zeros()), x)[0]


def learn_lstm(task, n_steps, rng, learning_rate, forget_bias, batch=BATCH):
    """Train an LSTM with Adam."""
    start = partial(lstm.init, forget_bias=forget_bias)
    optimizer = partial(adam, learning_rate=learning_rate, max_norm=MAX_NORM)
    return _learn(lstm, start, optimizer, task, n_steps, rng, batch)


def learn_adam(task, n_steps, rng, learning_rate, batch=BATCH, init=rnn.init):
    """Train a plain net with Adam, from the orthogonal start or from another."""
    optimizer = partial(adam, learning_rate=learning_rate, max_norm=MAX_NORM)
    return _learn(rnn, init, optimizer, task, n_steps, rng, batch)


def learn_adam_sparse(task, n_steps, rng, learning_rate, input_scale, batch=BATCH):
    """Train a plain net with Adam, from the start of `learn_hessian_free`."""
    return learn_adam(task, n_steps, rng, learning_rate, batch, _sparse(input_scale))


def learn_sgd(task, n_steps, rng, learning_rate, batch=BATCH):
    """Train a plain net with stochastic gradient descent."""
    optimizer = partial(sgd, learning_rate=learning_rate, max_norm=MAX_NORM)
    return _learn(rnn, rnn.init, optimizer, task, n_steps, rng, batch)


def learn_momentum(task, n_steps, rng, learning_rate, input_scale, mu=MU, batch=BATCH):
    """Train all weights from an echo-state start, with Nesterov's momentum."""
    start = partial(
        rnn.init,
        init_hx=partial(initializers.gaussian, scale=input_scale),
        init_hh=initializers.echo_state,
    )
    optimizer = partial(nesterov, learning_rate=learning_rate, mu=mu, max_norm=MAX_NORM)
    return _learn(rnn, start, optimizer, task, n_steps, rng, batch)


def learn_hessian_free(
    task, n_steps, rng, structural, input_scale, damping=DAMPING, batch=HF_GRADIENT
):
    """Train a net by Hessian-free steps, from a sparse start."""
    return _by_curvature(
        _sparse(input_scale), task, n_steps, rng, structural, damping=damping, batch=batch
    )


def learn_hessian_free_orthogonal(
    task, n_steps, rng, structural, damping=DAMPING, batch=HF_GRADIENT
):
    """Train a net by Hessian-free steps, from the start of `learn_adam`."""
    return _by_curvature(rnn.init, task, n_steps, rng, structural, damping=damping, batch=batch)


def _sparse(input_scale):
    return partial(
        rnn.init,
        init_hx=partial(initializers.gaussian, scale=input_scale),
        init_hh=partial(initializers.sparse, scale=15**-0.5),
    )


def _by_curvature(init, task, n_steps, rng, structural, *, damping, batch):
    network = Network((rnn, linear), (task.n_in, HIDDEN, task.n_out))
    start = init(rng, task.n_in, HIDDEN, dtype=np.float32)
    theta = ravel((start, _readout(rng, task)))

    def pairs():
        while True:
            x, y, mask = task.batch(rng, n_steps, batch)
            few = np.s_[:, : batch // HF_CURVATURE]
            yield (
                Objective(network, task.loss, x, y, mask),
                Objective(network, task.loss, x[few], y[few], mask[few]),
            )

    steps = hessian_free.hessian_free(
        pairs(), theta, damping, structural=structural, max_cg_steps=HF_CG_STEPS
    )
    products = 0
    with contextlib.suppress(hessian_free.OutOfRange):  # the net has run away
        for n, step in enumerate(steps, 1):
            products += step.cg_steps
            yield Piece(partial(_answers, network, step.theta), n, products, n * batch)


def learn_esn(task, n_steps, rng, spectral_radius, input_scale, leak, bias_scale):
    """Draw reservoirs, each twice as large as the last, and fit the readout of each."""

    def reservoir(units):
        drawn = esn.init(
            rng,
            task.n_in,
            units,
            spectral_radius=spectral_radius,
            input_scale=input_scale,
            bias_scale=bias_scale,
            leak=leak,
            dtype=np.float32,
        )
        return lambda x, scored: esn.run(drawn, x)[scored]

    for fitted in fit_larger_and_larger(task, n_steps, rng, reservoir):
        yield Piece(fitted.predict, fitted.readouts, 0, fitted.sequences)


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
CROSSED = {
    "adam_sparse": learn_adam_sparse,
    "hessian_free_orthogonal": learn_hessian_free_orthogonal,
}
CROSSED_NAMES = {
    "adam_sparse": "Adam, sparse start",
    "hessian_free_orthogonal": "Hessian-free, orthogonal start",
}
