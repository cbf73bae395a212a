"""Checkers of week 1: counting, masks, leaky units, oscillators, effective samples."""

import numpy as np

from rnncourse import rnn
from rnncourse.exercises.verdict import Wrong, checker, expect_close, expect_shape
from rnncourse.params import ravel


@checker
def count_parameters(attempt):
    """Check `attempt(D, H, K)`, the number of parameters of one recurrent layer and a readout."""
    for D, H, K in ((1, 1, 1), (2, 5, 3), (12, 32, 9)):
        layer = rnn.init(np.random.default_rng(0), D, H)
        found, expected = attempt(D, H, K), len(ravel(layer)) + K * H + K
        expect_shape("your count", found, ())
        if found != expected:
            kind = "few" if found < expected else "many"
            raise Wrong(
                f"for D = {D}, H = {H}, K = {K} you count {found}: too {kind}. "
                "Go through equations (1.1) and (1.2) letter by letter."
            )


@checker
def forecast_mask(attempt):
    """Check `attempt()`, the mask of 24 hours of input and 12 hours of forecast."""
    mask = np.asarray(attempt())
    expect_shape("the mask", mask, (36,))
    if mask.dtype != bool:
        raise Wrong(f"the mask has dtype {mask.dtype}, expected booleans.")
    if mask.sum() != 12:
        raise Wrong(f"it scores {mask.sum()} steps. How many forecasts are there?")
    if mask[:24].any():
        raise Wrong("it scores a step at which measurements still come in.")


@checker
def leaky_forward(attempt):
    """Check `attempt(params, x, a)`, the states (T, B, H) of leaky units."""
    rng = np.random.default_rng(1)
    params = rnn.init(rng, 2, 4)._replace(b_h=rng.normal(size=4))
    x = rng.normal(size=(6, 3, 2))
    expect_close(
        "for a = 1 your h",
        attempt(params, x, 1.0),
        rnn.forward(params, x)[0],
        "With a = 1 it must be the net of equation (1.1).",
    )
    W_hx, W_hh, b_h = params
    for a in (0.1, 0.5):
        h = np.zeros((7, 3, 4))
        for t in range(6):
            h[t + 1] = h[t] + a * (np.tanh(x[t] @ W_hx.T + h[t] @ W_hh.T + b_h) - h[t])
        expect_close(
            f"for a = {a} your h",
            attempt(params, x, a),
            h[1:],
            "Which two terms does equation (1.7) add, and which share does each get?",
        )


@checker
def oscillator_weights(attempt):
    """Check `attempt(omega, zeta, dt)`, the (2, 2) recurrent matrix of a damped oscillator."""
    rng = np.random.default_rng(2)
    for _ in range(5):
        omega, zeta, dt = rng.uniform(0.5, 3), rng.uniform(0.01, 0.9), rng.uniform(0.01, 1)
        A = np.array([[0.0, 1.0], [-(omega**2), -2 * zeta * omega]])
        eigenvalues, V = np.linalg.eig(A)
        expected = (V @ np.diag(np.exp(eigenvalues * dt)) @ np.linalg.inv(V)).real
        expect_close(
            "W_hh",
            attempt(omega, zeta, dt),
            expected,
            "It must be exact for any dt, not just for a small one; and row 1 belongs to q.",
        )


@checker
def effective_samples(attempt):
    """Check `attempt(rho, N)`, the number of independent samples that count as much."""
    independent = np.zeros(50)
    independent[0] = 1
    expect_close(
        "for independent samples N_eff",
        attempt(independent, 300),
        300.0,
        "Samples without correlation must count in full.",
    )
    for r in (0.8, -0.5):  # a geometric series
        expect_close(
            f"for rho(k) = ({r})^k your N_eff",
            attempt(r ** np.arange(400), 1000),
            1000 / (1 + 2 * r / (1 - r)),
            "Compare with (1.5): the factor, the sign of each term, and where the sum starts.",
        )
