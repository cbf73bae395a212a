"""Checkers of week 5: a counter, time constants, another reset gate, a peephole, wrong gates."""

import numpy as np

from rnncourse import lstm
from rnncourse.arrays import sigmoid
from rnncourse.checks import complex_step_gradient
from rnncourse.exercises.verdict import Wrong, checker, expect_close, expect_shape
from rnncourse.inputs import kind_of
from rnncourse.params import ravel, unravel


@checker
def counter_weights(attempt):
    """Check `attempt()`, weights of one cell that counts the ones in a sequence."""
    params = attempt()
    if not isinstance(params, lstm.Params):
        raise Wrong(f"it returns {kind_of(params)}, expected lstm.Params.")
    for name, array, shape in zip(params._fields, params, ((4, 1), (4, 1), (4,)), strict=True):
        expect_shape(name, array, shape)
    rng = np.random.default_rng(13)
    ones = rng.integers(0, 2, size=(200, 5, 1)).astype(float)
    ones[:, 0], ones[:, 1] = 1, 0
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
    rng = np.random.default_rng(17)
    for H, T in ((5, 50), (12, 300)):
        tau = rng.uniform(2, T, H)  # in no order, and not evenly spaced
        biases = attempt(tau)
        expect_shape("the array of biases", biases, (H,))
        hint = "Which share does the forget gate keep, and which bias gives it that share?"
        expect_close("the array of biases", biases, np.log(tau - 1), hint)


@checker
def reset_gate_delta(attempt):
    """Check `attempt(d_n, r, h_prev, W_hn)`, dC/dz_r of the GRU of 2014."""
    rng = np.random.default_rng(14)
    for B, H in ((3, 4), (2, 5)):
        d_n, z_r, h_prev = rng.normal(size=(3, B, H))
        W_hn, expected = rng.normal(size=(H, H)), np.empty((B, H))
        for k in range(H):  # one complex step for each unit's gate
            z = z_r.astype(complex)
            z[:, k] += 1e-30j
            expected[:, k] = (d_n * ((sigmoid(z) * h_prev) @ W_hn.T).imag / 1e-30).sum(axis=1)
        hint = "One gate acts on all candidates, through a column of the matrix."
        expect_close("the derivative", attempt(d_n, sigmoid(z_r), h_prev, W_hn), expected, hint)


def _with_peephole(params, p, x):
    """Return the states (T, B, H) of an LSTM whose forget gate sees the cell, also for complex."""
    h = c = np.zeros((x.shape[1], len(p)))
    states = []
    for x_t in x:
        z_i, z_f, z_g, z_o = np.split(x_t @ params.W_x.T + h @ params.W_h.T + params.b, 4, axis=-1)
        c = sigmoid(z_f + p * c) * c + sigmoid(z_i) * np.tanh(z_g)
        h = sigmoid(z_o) * np.tanh(c)
        states.append(h)
    return np.stack(states)


def _random_lstm(rng, D, H):
    return lstm.init(rng, D, H)._replace(b=rng.normal(size=4 * H))


@checker
def peephole_forward(attempt):
    """Check `attempt(params, p, x)`, the states of cells whose forget gate sees the cell."""
    rng = np.random.default_rng(15)
    params, x = _random_lstm(rng, 2, 3), rng.normal(size=(6, 2, 2))
    expect_close(
        "for p = 0 your h",
        attempt(params, np.zeros(3), x),
        lstm.forward(params, x)[0],
        "Without peepholes it must be the LSTM of the lecture.",
    )
    for T, B, D, H in ((6, 2, 2, 3), (4, 3, 1, 2)):
        params, p, x = _random_lstm(rng, D, H), rng.normal(size=H), rng.normal(size=(T, B, D))
        hint = "Which gate looks at the cell, and at which step's cell?"
        found, expected = attempt(params, p, x), _with_peephole(params, p, x)
        expect_close("with peepholes your h", found, expected, hint)


@checker
def wrong_gates(attempt):
    """Check `attempt(forward, params, x, e, gradient)`, the gates whose rows are wrong.

    The cell has peepholes of which the attempt knows nothing, so that no backward pass of the
    package has its gradient.
    """
    rng = np.random.default_rng(16)
    for wrong, array, factor, H in (
        ("", 0, 1.0, 3),
        ("o", 0, 0.9, 3),
        ("fg", 2, 1.001, 2),
        ("i", 1, 0.0, 3),
        ("ifgo", 1, 1 + 1e-6, 2),
    ):
        params, p, x = _random_lstm(rng, 2, H), rng.normal(size=H), rng.normal(size=(6, 2, 2))
        e = rng.normal(size=(6, 2, H))

        def forward(params, x, p=p):
            return _with_peephole(params, p, x)

        def cost(theta, x=x, e=e, forward=forward, like=params):
            return (e * forward(unravel(theta, like), x)).sum()

        exact = complex_step_gradient(cost, ravel(params))
        rounded = exact * (1 + 1e-15 * rng.normal(size=exact.size))  # as by another program
        gradient = unravel(rounded, params)
        rows = np.repeat([gate in wrong for gate in "ifgo"], H)
        gradient[array][rows] *= factor
        found = attempt(forward, params, x, e, gradient)
        if not isinstance(found, str):
            raise Wrong(f"it returns {kind_of(found)}, expected a string of letters.")
        if set(found) != set(wrong):
            size = f"of {len(wrong)} gates is wrong in a part, by {abs(factor - 1):.0e} of its size"
            raise Wrong(
                f"it names {found!r} where the gradient {size if wrong else 'is right'}. Compare "
                "with the complex step of (e h).sum(), array by array, in the order i, f, g, o."
            )
