"""Checkers of week 10: arrays of Keras, biases, a reset gate, packing, a layer."""

import numpy as np

from rnncourse import frameworks, gru
from rnncourse.arrays import sigmoid
from rnncourse.exercises.verdict import Wrong, checker, expect_close
from rnncourse.inputs import kind_of


def _drawn(seed, D, H):
    rng = np.random.default_rng(seed)
    return gru.Params(*(rng.normal(size=shape) for shape in gru.shapes(D, H))), rng


@checker
def gru_from_keras(attempt):
    """Check `attempt(kernel, recurrent_kernel, bias)`: the `gru.Params` of the same layer."""
    for D, H in ((3, 4), (5, 2)):
        _check_gru_from_keras(attempt, _drawn(18, D, H)[0])


def _check_gru_from_keras(attempt, params):
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
    for B, D, H in ((2, 3, 4), (3, 2, 5)):
        params, rng = _drawn(19, D, H)
        x = rng.normal(size=(6, B, D))
        W_x, W_h, b_x, b_h = params
        h, expected = np.zeros((B, H)), []
        for x_t in x:
            z_r, z_u, z_n = np.split(x_t @ W_x.T + b_x, 3, axis=1)
            r = sigmoid(z_r + h @ W_h[:H].T + b_h[:H])
            u = sigmoid(z_u + h @ W_h[H : 2 * H].T + b_h[H : 2 * H])
            n = np.tanh(z_n + (r * h) @ W_h[2 * H :].T + b_h[2 * H :])
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


@checker
def leaky_layer(attempt):
    """Check `attempt(D, H)`: a `torch.nn.Module`, the leaky layer with a leak that is learned."""
    for B, D, H in ((4, 2, 3), (2, 3, 5)):
        _check_leaky_layer(attempt(D, H), B, D, H)


def _check_leaky_layer(layer, B, D, H):
    rng = np.random.default_rng(21)
    shapes = {"W_hx": (H, D), "W_hh": (H, H), "b_h": (H,), "logit": ()}
    values = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    x, e = rng.normal(size=(6, B, D)), rng.normal(size=(6, B, H))
    try:
        h, gradient = frameworks.torch_module(layer, values, x, e)
    except (ImportError, ValueError) as error:
        raise Wrong(f"{error}.") from None
    hint = (
        "Begin at zero; the leak is the logistic function of logit, and 1 - a belongs to the past."
    )
    expect_close("the states", h, _leaky(values, x), hint)
    for name, found in gradient.items():
        v = rng.normal(size=shapes[name])
        moved = _leaky(values | {name: values[name] + 1e-30j * v}, x)
        expected = np.sum(e * moved.imag) / 1e-30
        hint = "Do not detach the states, nor make numbers or arrays of them."
        expect_close(f"the derivative along {name}", np.sum(found * v), expected, hint)


def _leaky(values, x):
    """Return the states (T, B, H) of the leaky layer; the numbers may be complex."""
    a, states = 1 / (1 + np.exp(-values["logit"])), []
    h = np.zeros((x.shape[1], len(values["b_h"])))
    for x_t in x:
        z = x_t @ values["W_hx"].T + h @ values["W_hh"].T + values["b_h"]
        h = (1 - a) * h + a * np.tanh(z)
        states.append(h)
    return np.array(states)
