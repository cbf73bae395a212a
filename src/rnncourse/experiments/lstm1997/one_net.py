"""`passes` for one net over many sequences, as arrays for the compiled loops of `kernels`.

Weights are stored by what a unit sees, so that a row is one run of memory: W (D + U + 1, U) has the
rows of the inputs, of the cells and gates of the step before, and the biases, V (D + C + 1, K)
those of the inputs, of the cells, and the biases. Rows are filled with zeros to a multiple of
eight. A step lists its inputs that are not zero: one for a symbol. Output units are computed only
at the steps that are asked for. All arrays are C-contiguous, so that a loop is compiled once.
"""

import functools

import numpy as np

from rnncourse.experiments.lstm1997 import kernels
from rnncourse.experiments.lstm1997.cell import Weights, there

NONE = np.empty((0, 0), np.int64), np.empty((0, 0, 0))  # no classes, no values


def compact(net, w, n=0):
    """Return net n of `Weights` as W and V."""
    W = np.concatenate([w.W_x[n].T, (w.W_h[n] * there(net).W_h).T, w.b[n][np.newaxis]])
    V = np.concatenate([w.V_x[n].T, w.V_c[n].T, w.c[n][np.newaxis]])
    return tuple(np.ascontiguousarray(_filled(a)) for a in (W, V))


def _filled(a):
    return np.pad(a, [(0, 0)] * (a.ndim - 1) + [(0, -a.shape[-1] % 8)])


def weights(net, W, V):
    """Return the `Weights`, N = 1, of what `compact` returned: views."""
    D, U, C, K = net.n_in, net.n_hidden, net.n_cells, net.n_out
    W, V = W[:, :U], V[:, :K]
    parts = W[:D].T, W[D : D + U].T, W[-1], V[:D].T, V[D : D + C].T, V[-1]
    return Weights(*(a[np.newaxis] for a in parts))


@functools.cache
def described(net):
    """Return what the kernels ask of a net: its sizes, ranges, and which weights are free."""
    here = there(net)
    U = net.n_hidden
    sizes = (net.n_in, U, net.n_cells, net.blocks, net.size, net.n_fed_back, net.n_out)
    ranges = tuple((0.0, 0.0) if r is None else tuple(map(float, r)) for r in net[-3:])
    free = _filled(here.b.astype(float)), bool(net.direct), float(here.c.all())
    return sizes, bool(net.out_gate), ranges, free


def listed(x):
    """Return numbers and values (T, B, n) of the inputs of x, (T, B) symbols or (T, B, D)."""
    if x.ndim == 2:
        return _plain(x[..., np.newaxis], np.int64), np.ones((*x.shape, 1))
    number = np.broadcast_to(np.arange(x.shape[2]), x.shape)
    return _plain(number, np.int64), _plain(x, float)


def _plain(a, dtype):
    return np.ascontiguousarray(a, dtype)


def run(net, compact_w, batch, on):
    """Return the output (T, B, K) of one net at the steps of the mask of a batch, else 0.

    Args:
        net: a `Net`.
        compact_w: what `compact` returned.
        batch: B sequences.
        on: 0 if the memory cells have not been added yet, else 1.
    """
    y_k = np.zeros((*batch.mask.shape, net.n_out))
    mask = _plain(batch.mask, bool)
    kernels.run(described(net), *compact_w, *listed(batch.x), mask, float(on), y_k)
    return y_k


def train(row, compact_w, batch, judged, targets, on):
    """Train on the sequences of a batch in turn, in place.

    Args:
        row: has net, learning_rate, full and each_step.
        compact_w: what `compact` returned; it changes.
        batch: B sequences, its y values (T, B, K) or classes (T, B).
        judged: (T, B), the steps whose errors are returned, within the mask.
        targets: what stands for 0 and 1 of y.
        on: 0 if the memory cells have not been added yet, else 1.

    Returns:
        Of each sequence the worst and the mean absolute error at the judged steps, and the sum of
        squares over all trained steps (3, B).
    """
    y = batch.y
    target = (NONE[0], _plain(y, float)) if y.ndim == 3 else (_plain(y, np.int64), NONE[1])
    found = np.zeros((4, batch.mask.shape[1]))  # the last row is how many were judged
    arguments = (
        described(row.net),
        *compact_w,
        *listed(batch.x),
        (*target, *map(float, targets)),
        _plain(batch.mask, bool),
        _plain(judged, bool),
        float(row.learning_rate),
        float(on),
        found,
    )
    if row.each_step:
        kernels.train_each_step(*arguments)
    else:
        kernels.train(*arguments, row.full)
    found[1] /= found[3]
    return found[:3]
