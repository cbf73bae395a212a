"""Checkers of week 5: a counter, a half-life, a gate of the GRU, a peephole, suspects."""

import numpy as np

from rnncourse import lstm
from rnncourse.arrays import kind_of, sigmoid
from rnncourse.exercises.suspects import check_wrong_lines
from rnncourse.exercises.verdict import Wrong, checker, expect_close


@checker
def counter_weights(attempt):
    """Check `attempt()`, weights of one cell that counts the ones in a sequence."""
    params = attempt()
    if not isinstance(params, lstm.Params):
        raise Wrong(f"it returns {kind_of(params)}, expected lstm.Params.")
    rng = np.random.default_rng(13)
    ones = rng.integers(0, 2, size=(200, 5, 1)).astype(float)
    c = lstm.forward(params, ones)[1].c
    expected = np.cumsum(ones, axis=0)
    error = np.abs(c - expected).max(axis=(1, 2))
    if not error[0] <= 1e-3:
        raise Wrong(f"after the first step the cell is off by {error[0]:.2g}. Look at i and g.")
    if not error.max() <= 1e-3:
        t = int(np.argmax(~(error <= 1e-3)))
        raise Wrong(
            f"after {t + 1} steps the cell is off by {error[t]:.2g}. Which gate decides what "
            "is kept, and does anything come in at a zero?"
        )


@checker
def half_life(attempt):
    """Check `attempt(forget_bias)`: steps after which an error along the cell is halved."""
    for forget_bias in (0.0, 1.0, 4.0):
        keep = 1 / (1 + np.exp(-forget_bias))
        expected = np.log(0.5) / np.log(keep)
        hint = "By which factor is the error multiplied at each step?"
        expect_close(f"for b_f = {forget_bias} it", attempt(forget_bias), expected, hint)


@checker
def update_gate_delta(attempt):
    """Check `attempt(d_h, n, u, h_prev)`, the derivative with respect to z_u of a GRU."""
    rng = np.random.default_rng(14)
    d_h, n, z_u, h_prev = rng.normal(size=(4, 3, 5))
    z = z_u + 1e-30j
    gate = sigmoid(z)
    expected = d_h * ((1 - gate) * n + gate * h_prev).imag / 1e-30
    hint = "u appears twice in (5.10), with opposite signs; then from u to its weighted sum."
    expect_close("the derivative", attempt(d_h, n, sigmoid(z_u), h_prev), expected, hint)


@checker
def peephole_forward(attempt):
    """Check `attempt(params, p, x)`, the states of cells whose forget gate sees the cell."""
    rng = np.random.default_rng(15)
    params = lstm.init(rng, 2, 3)._replace(b=rng.normal(size=12))
    x = rng.normal(size=(6, 2, 2))
    expect_close(
        "for p = 0 your h",
        attempt(params, np.zeros(3), x),
        lstm.forward(params, x)[0],
        "Without peepholes it must be the LSTM of the lecture.",
    )
    p, h, c, expected = rng.normal(size=3), np.zeros((2, 3)), np.zeros((2, 3)), []
    for x_t in x:
        z = (x_t @ params.W_x.T + h @ params.W_h.T + params.b).reshape(2, 4, 3)
        keep = sigmoid(z[:, 1] + p * c)
        c = keep * c + sigmoid(z[:, 0]) * np.tanh(z[:, 2])
        h = sigmoid(z[:, 3]) * np.tanh(c)
        expected.append(h)
    hint = "Which gate looks at the cell, and at which step's cell?"
    expect_close("with peepholes your h", attempt(params, p, x), np.array(expected), hint)


@checker
def gated_suspects(attempt):
    """Check `attempt()`, the wrong line of each suspect of the LSTM."""
    check_wrong_lines(attempt, lstm)
