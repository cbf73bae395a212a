"""Checkers of week 10: arrays of Keras, two biases, the other reset gate, packed sequences."""

import numpy as np

from rnncourse import frameworks, gru
from rnncourse.arrays import kind_of, sigmoid
from rnncourse.exercises.verdict import Wrong, checker, expect_close


def _drawn(seed, D=3, H=4):
    rng = np.random.default_rng(seed)
    return gru.Params(*(rng.normal(size=shape) for shape in gru.shapes(D, H))), rng


@checker
def gru_from_keras(attempt):
    """Check `attempt(kernel, recurrent_kernel, bias)`: the `gru.Params` of the same layer."""
    params, _ = _drawn(18)
    found = attempt(*frameworks.keras_arrays(params))
    if not isinstance(found, gru.Params):
        raise Wrong(f"it returns {kind_of(found)}, expected gru.Params.")
    hints = dict.fromkeys(params._fields, "Transpose, then look at the order of the gates.")
    for name in ("b_x", "b_h"):
        hints[name] = "Look at the order of the gates, and at which row goes with the input."
    for name, array, expected in zip(params._fields, found, params, strict=True):
        expect_close(name, array, expected, hints[name])


@checker
def rate_of_two_biases(attempt):
    """Check `attempt(eta)`: the rate of each of two biases, so that their sum moves as one."""
    for eta in (0.1, 1.0):
        hint = "Each of the two gets the whole derivative with respect to the sum."
        expect_close(f"for rate {eta} it", attempt(eta), eta / 2, hint)


@checker
def reset_before(attempt):
    """Check `attempt(params, x)`: states of a GRU with the reset gate before the product."""
    params, rng = _drawn(19)
    x = rng.normal(size=(6, 2, 3))
    W_x, W_h, b_x, b_h = params
    h, expected = np.zeros((2, 4)), []
    for x_t in x:
        z = x_t @ W_x.T + b_x
        r, u = np.split(sigmoid(z[:, :8] + h @ W_h[:8].T + b_h[:8]), 2, axis=1)
        n = np.tanh(z[:, 8:] + (r * h) @ W_h[8:].T + b_h[8:])
        h = (1 - u) * n + u * h
        expected.append(h)
    hint = "The gate multiplies h[t-1] before W_h does; the bias is outside."
    expect_close("the states", attempt(params, x), np.array(expected), hint)


@checker
def packed(attempt):
    """Check `attempt(x, lengths)`: `data` and `batch_sizes` of a padded batch, longest first."""
    rng = np.random.default_rng(20)
    for lengths in ([5, 3, 3, 1], [4], [2, 2]):
        lengths = np.array(lengths)
        x = rng.normal(size=(lengths[0], len(lengths), 2))
        there = np.arange(lengths[0])[:, np.newaxis] < lengths
        data, batch_sizes = attempt(x, lengths)
        hint = "Step by step, the sequences that have not ended."
        expect_close("batch_sizes", batch_sizes, there.sum(axis=1), hint)
        expect_close("data", data, x[there], hint)
