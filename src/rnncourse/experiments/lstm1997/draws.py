"""The tasks of the 1997 paper, with symbols in place of one-hot vectors, and variants of them."""

import numpy as np

from rnncourse import tasks
from rnncourse.sequences import many_to_one
from rnncourse.tasks import Batch


def as_symbols(batch):
    """Return a batch whose x (T, B) are the symbols of one-hot vectors."""
    return batch._replace(x=batch.x.argmax(axis=2))


def two_sequences(rng, p, n, random_middle):
    """Draw `tasks.two_sequences`, experiments 2a and 2b."""
    symbols = tasks.two_sequences_symbols(rng, p, n, random_middle)
    return Batch(symbols[:-1], symbols[1:], np.ones((p, n), bool))


def long_lag(rng, q, p, n):
    """Draw `tasks.long_lag`, experiment 2c."""
    return _asked_at_end(*tasks.long_lag_symbols(rng, q, p, n))


def temporal_order(rng, n):
    """Draw `tasks.temporal_order`, experiment 6a."""
    return _asked_at_end(*tasks.temporal_order_symbols(rng, 100, n))


def temporal_order_3(rng, n):
    """Draw `tasks.temporal_order_3`, experiment 6b."""
    return as_symbols(tasks.temporal_order_3(rng, 100, n))


def _asked_at_end(symbols, lengths, classes):
    mask = many_to_one(lengths, len(symbols))
    return Batch(symbols, classes * mask, mask)


def noise_on_signal(rng, n_steps, n, n_signal):
    """Draw experiment 3b: `tasks.noise_and_signal` with the same noise on the signal as well."""
    batch = tasks.noise_and_signal(rng, n_steps, n, n_signal)
    batch.x[:n_signal] += rng.normal(0, np.sqrt(0.2), size=batch.x[:n_signal].shape)
    return batch


def noise_on_target(rng, n_steps, n, n_signal, noise=True):
    """Draw experiment 3c: as 3a, with targets 0.2 (class 1), 0.8, and noise of variance 0.1."""
    batch = tasks.noise_and_signal(rng, n_steps, n, n_signal)
    y = 0.8 - 0.6 * batch.y
    if noise:
        y = y + rng.normal(0, np.sqrt(0.1), size=y.shape)
    return batch._replace(y=y * batch.mask[..., np.newaxis])


def last(mask):
    """Return the mask (T, B) of the last step of each sequence that a mask has."""
    return many_to_one(len(mask) - mask[::-1].argmax(axis=0), len(mask))


def at_end(batch):
    """Return a batch that is asked for its last step only."""
    return batch._replace(mask=last(batch.mask))
