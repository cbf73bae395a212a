"""Nets of week 11 in the race: one cell that is linear in its state between two layers that bend.

lru      linear recurrent unit, its ring in units of the length
mingru   minimal GRU, its gates open for a time in units of the length
"""

from functools import partial

import numpy as np

from rnncourse import linear, lru, mingru, pointwise
from rnncourse.experiments.four_ways.methods import BATCH, MAX_NORM, descend
from rnncourse.network import Network
from rnncourse.optimizers import adam

BELOW, HIDDEN, ABOVE = 32, 64, 32  # units


def learn_lru(task, n_steps, rng, learning_rate, shortest, longest, phase, batch=BATCH):
    """Train a block around the linear recurrent unit with Adam.

    Args:
        task: `tasks.Task`.
        n_steps: length, an argument of the task.
        rng: a `numpy.random.Generator`.
        learning_rate: of Adam.
        shortest: time constant at the inner edge of the ring, in units of n_steps.
        longest: that at the outer edge.
        phase: largest angular frequency, in units of 1 / n_steps.
        batch: sequences.
    """
    radius = tuple(float(np.exp(-1 / (share * n_steps))) for share in (shortest, longest))
    options = {"radius": radius, "phase": phase / n_steps}
    return _learn(task, n_steps, rng, lru, options, learning_rate, batch)


def learn_mingru(task, n_steps, rng, learning_rate, time, batch=BATCH):
    """Train a block around the minimal GRU with Adam; its gates keep for time n_steps at first."""
    options = {"update_bias": float(np.log(time * n_steps))}
    return _learn(task, n_steps, rng, mingru, options, learning_rate, batch)


def _learn(task, n_steps, rng, cell, options, learning_rate, batch):
    cells = (pointwise, cell, pointwise, linear)
    network = Network(cells, (task.n_in, BELOW, HIDDEN, ABOVE, task.n_out))
    params = network.init(rng, np.float32, (None, options, None, None))
    optimizer = partial(adam, learning_rate=learning_rate, max_norm=MAX_NORM)
    yield from descend(network, params, optimizer, task, n_steps, rng, batch)
