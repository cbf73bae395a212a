"""Checkers of week 5: a counter, time constants, another reset gate, a peephole, wrong gates."""

import numpy as np

from rnncourse import lstm
from rnncourse.arrays import sigmoid
from rnncourse.exercises.verdict import Wrong, checker, expect_close, expect_shape
from rnncourse.inputs import kind_of


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
def chrono_biases(attempt):
    """Check `attempt(tau)`, the forget biases of cells with these time constants."""
    for H, T in ((5, 50), (12, 300)):
        tau = np.linspace(2, T, H)
        biases = attempt(tau.copy())
        expect_shape("the array of biases", biases, (H,))
        hint = "Which share does the forget gate keep, and which bias gives it that share?"
        expect_close("the array of biases", biases, np.log(tau - 1), hint)


@checker
def reset_gate_delta(attempt):
    """Check `attempt(d_n, r, h_prev, W_hn)`, dC/dz_r of the GRU of 2014."""
    rng = np.random.default_rng(14)
    d_n, z_r, h_prev = rng.normal(size=(3, 3, 4))
    W_hn, expected = rng.normal(size=(4, 4)), np.empty((3, 4))
    for k in range(4):  # one complex step for each unit's gate
        z = z_r.astype(complex)
        z[:, k] += 1e-30j
        expected[:, k] = (d_n * ((sigmoid(z) * h_prev) @ W_hn.T).imag / 1e-30).sum(axis=1)
    hint = "One gate acts on all candidates, through a column of the matrix."
    expect_close("the derivative", attempt(d_n, sigmoid(z_r), h_prev, W_hn), expected, hint)


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
def wrong_gates(attempt):
    """Check `attempt(params, x, e, gradient)`, the gates whose rows of a gradient are wrong."""
    rng = np.random.default_rng(16)
    for wrong, array, factor in (
        ("", 0, 1.0),
        ("o", 0, 0.9),
        ("fg", 2, 1.001),
        ("i", 1, 0.0),
        ("ifgo", 1, 1 + 1e-6),
    ):
        params = lstm.init(rng, 2, 3)._replace(b=rng.normal(size=12))
        x, e = rng.normal(size=(6, 2, 2)), rng.normal(size=(6, 2, 3))
        gradient = lstm.backward(params, lstm.forward(params, x)[1], e)[0]
        rows = np.repeat([gate in wrong for gate in "ifgo"], 3)
        gradient[array][rows] *= factor
        found = attempt(params, x, e, gradient)
        if not isinstance(found, str):
            raise Wrong(f"it returns {kind_of(found)}, expected a string of letters.")
        if set(found) != set(wrong):
            raise Wrong(
                f"it names {found!r} where a part of the gradient of "
                f"{len(wrong)} gates was made wrong by {abs(factor - 1):.0e} of its size. Compare "
                "with the complex step of (e h).sum(), array by array, in the order i, f, g, o."
            )
