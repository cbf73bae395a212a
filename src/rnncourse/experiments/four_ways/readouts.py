"""Readouts of states that are not learned: ridge regressions of ever more units.

A memory is a function (x, scored) -> h[scored]: it reads the inputs x (T, B, D) and gives those of
its states h (T, B, H) that a mask (T, B) or a slice of the steps picks.
"""

import itertools
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from rnncourse import losses
from rnncourse.experiments.four_ways.scored import span

SMALLEST = 100  # units
MOST_SEQUENCES, MOST_STATES = 500, 200_000  # sequences at once, fewer where units times these are
SEQUENCES = 4  # to learn from, for each unit
RIDGE = 1e-8  # beside the mean over the scored steps


class Fitted(NamedTuple):
    """What there is after a batch was read, or a readout solved for."""

    predict: Callable | None  # x (T, B, D) -> y_hat (T, B, K), None if the readout is not new
    readouts: int
    sequences: int  # drawn up to now


def fit_larger_and_larger(task, n_steps, rng, draw):
    """Draw memories, each with twice as many units as the last, and fit the readout of each.

    Args:
        task: `tasks.Task`.
        n_steps: length, an argument of the task.
        rng: a `numpy.random.Generator`.
        draw: function units -> memory.

    Returns:
        An iterator of `Fitted` without end.
    """
    sequences, units = 0, SMALLEST
    for n in itertools.count():
        memory, left, right, n_scored, firsts = draw(units), 0.0, 0.0, 0, []
        size = min(MOST_SEQUENCES, MOST_STATES // units)
        for _ in range(0, SEQUENCES * units, size):
            x, y, mask = task.batch(rng, n_steps, size)
            h = _with_one(memory(x, mask))
            left, right = left + h.T @ h, right + h.T @ _numbers(task, y[mask])
            n_scored += len(h)
            firsts.append(span(mask).start)
            sequences += size
            yield Fitted(None, n, sequences)
        left[np.diag_indices(len(left) - 1)] += RIDGE * n_scored  # the bias is not held back
        weights = np.linalg.solve(left, right).astype(np.float32)
        yield Fitted(partial(_read, memory, weights, min(firsts)), n + 1, sequences)
        units *= 2


def _read(memory, weights, first, x):
    """Return y_hat (T, B, K), NaN before the first step that is ever scored."""
    y_hat = np.full((*x.shape[:2], weights.shape[1]), np.nan, np.float32)
    y_hat[first:] = memory(x, np.s_[first:]) @ weights[:-1] + weights[-1]
    return y_hat


def _with_one(h):
    """Return states (N, H) as float64 (N, H + 1), the last column one."""
    return np.concatenate([h, np.ones((len(h), 1))], axis=1)


def _numbers(task, y):
    """Return targets (N, ...) as what a ridge regression takes: classes one-hot, bits -1 or 1."""
    if task.loss is losses.sigmoid_cross_entropy:
        return 2 * y - 1
    return np.eye(task.n_out)[y] if y.ndim == 1 else y
