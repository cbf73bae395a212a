"""Checkers of week 2: another unit, a cost, a shortcut in time, a learned start, another wiring."""

import numpy as np

from rnncourse import gru, linear, losses, rnn
from rnncourse.checks import complex_step_gradient
from rnncourse.exercises.verdict import Wrong, checker, expect_close, expect_two
from rnncourse.network import Network
from rnncourse.params import ravel, unravel


def _matrix(rng, H):
    return rng.normal(size=(H, H)) / np.sqrt(H)


def _derivative_by_z(run, e):
    """Return the derivative of sum(e h), h = run(added), by what is added to each z."""
    return complex_step_gradient(
        lambda flat: (e * run(flat.reshape(e.shape))).sum(), np.zeros(e.size)
    ).reshape(e.shape)


@checker
def softsign_backward(attempt):
    """Check `attempt(h, e, W_hh)`, d_z (T, B, H) of a layer of softsign units."""
    rng = np.random.default_rng(3)
    for T, B, H in ((1, 2, 3), (5, 3, 4)):
        drive, e, W_hh = rng.normal(size=(T, B, H)), rng.normal(size=(T, B, H)), _matrix(rng, H)

        def run(added, drive=drive, W_hh=W_hh):
            h = [np.zeros_like(drive[0])]
            for drive_t, added_t in zip(drive, added, strict=True):
                z = drive_t + h[-1] @ W_hh.T + added_t
                h.append(z / (1 + np.where(z.real < 0, -z, z)))  # |z|, and analytic
            return np.stack(h[1:])

        h = run(np.zeros((T, B, H)))
        hint = (
            "For one step d_z is e times the slope: is it 1 at h = 0 and small where |h| is near 1?"
        )
        if T > 1:
            hint = "The slope is right for one step. What comes from the future?"
        expect_close(f"for T = {T} your d_z", attempt(h, e, W_hh), _derivative_by_z(run, e), hint)


@checker
def poisson_grad(attempt):
    """Check `attempt(y_hat, y)`, the gradient of the mean of exp(y_hat) - y y_hat."""
    rng = np.random.default_rng(3)
    for T, B, K in ((4, 3, 2), (5, 2, 3)):
        y_hat, y = rng.normal(size=(T, B, K)), rng.poisson(2.0, size=(T, B, K)).astype(float)

        def cost(flat, y=y, n_steps=T * B):
            output = flat.reshape(y.shape)
            return (np.exp(output) - y * output).sum() / n_steps

        expected = complex_step_gradient(cost, y_hat.ravel()).reshape(y.shape)
        expect_close(
            f"for (T, B, K) = {(T, B, K)} the gradient",
            attempt(y_hat, y),
            expected,
            "Differentiate each term; C is a mean over T B steps and a sum over K outputs.",
        )


@checker
def shortcut_backward(attempt):
    """Check `attempt(h, e, W_hh, W_far)`: d_z and the gradient of W_far, which looks back twice."""
    rng = np.random.default_rng(4)
    for T, B, H in ((1, 2, 3), (2, 3, 4), (6, 3, 4)):
        drive, e = rng.normal(size=(2, T, B, H))
        W_hh, W_far = _matrix(rng, H), _matrix(rng, H)

        def run(added, far=W_far, drive=drive, W_hh=W_hh):
            h = [np.zeros_like(drive[0])] * 2
            for drive_t, added_t in zip(drive, added, strict=True):
                h.append(np.tanh(drive_t + h[-1] @ W_hh.T + h[-2] @ far.T + added_t))
            return np.stack(h[2:])

        h = run(np.zeros(e.shape))
        found = attempt(h, e, W_hh, W_far)
        expect_two("d_z, and the gradient of W_far", found)
        expect_close(
            f"for T = {T} your d_z",
            found[0],
            _derivative_by_z(run, e),
            "List every z in which h[t] appears; at the end of the sequence some are missing.",
        )

        def cost(flat, run=run, e=e, shape=W_far.shape):
            return (e * run(np.zeros(e.shape), flat.reshape(shape))).sum()

        expect_close(
            f"for T = {T} the gradient of W_far",
            found[1],
            complex_step_gradient(cost, W_far.ravel()).reshape(W_far.shape),
            "Which state enters z[t] through W_far, and in which steps is it zero?",
        )


@checker
def learned_start(attempt):
    """Check `attempt(network, params, start, x, y)`, C and its gradient (H,) of a shared start."""
    rng = np.random.default_rng(5)
    for cell, B, H in ((rnn, 3, 4), (gru, 5, 2)):
        network = Network((cell, linear), (2, H, 1))
        params = unravel(rng.normal(size=ravel(network.zeros()).size), network.zeros())
        x, y, start = rng.normal(size=(6, B, 2)), rng.normal(size=(6, B, 1)), rng.normal(size=H)

        def cost(start, network=network, params=params, x=x, y=y, B=B):
            h_0 = np.tile(start, (B, 1))
            return losses.squared_error.value(network.forward(params, x, (h_0, None))[0], y)

        found = attempt(network, params, start, x, y)
        expect_two("the cost, and its derivative by the start", found)
        hint = "Every sequence starts from `start`: a row of h_0 each."
        expect_close("the cost", found[0], cost(start), hint)
        if np.shape(found[1]) == (B, H):
            raise Wrong("the derivative has one row for each sequence. But all share the start.")
        expect_close(
            "the derivative by the start",
            found[1],
            complex_step_gradient(cost, start),
            "The same numbers stand in every row of h_0: what does a shared parameter get?",
            tolerance=1e-12,  # a difference of two costs is not the derivative
        )


def _fed_back(drive, W_hy, W_yh):
    """Return the states (T, B, H) and outputs (T, B, K) of a net that hears its own output."""
    h, y_hat = [], [np.zeros((drive.shape[1], len(W_yh)))]
    for drive_t in drive:
        h.append(np.tanh(drive_t + y_hat[-1] @ W_hy.T))
        y_hat.append(h[-1] @ W_yh.T)
    return np.stack(h), np.stack(y_hat[1:])


@checker
def output_feedback_backward(attempt):
    """Check `attempt(h, W_hy, W_yh, d_y_hat)`, d_z of a net that feeds its output back."""
    rng = np.random.default_rng(6)
    for T, B, H, K in ((1, 3, 2, 2), (5, 2, 4, 3)):
        W_hy, W_yh = rng.normal(size=(H, K)), rng.normal(size=(K, H))
        drive, d_y_hat = rng.normal(size=(T, B, H)), rng.normal(size=(T, B, K))

        def cost(flat, drive=drive, d_y_hat=d_y_hat, W_hy=W_hy, W_yh=W_yh):
            z_shifted = drive + flat.reshape(drive.shape)
            return (d_y_hat * _fed_back(z_shifted, W_hy, W_yh)[1]).sum()

        expect_close(
            f"for T = {T} your d_z",
            attempt(_fed_back(drive, W_hy, W_yh)[0], W_hy, W_yh, d_y_hat),
            complex_step_gradient(cost, np.zeros(drive.size)).reshape(drive.shape),
            "List every place where y_hat[t] appears, first; then go from y_hat to h to z.",
        )
