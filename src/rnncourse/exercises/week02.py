"""Checkers of week 2: another unit, a cost, a shortcut in time, a learned start, another wiring."""

import numpy as np

from rnncourse import gru, linear, losses, rnn
from rnncourse.checks import complex_step_gradient
from rnncourse.exercises.verdict import Wrong, checker, expect_close
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
    for T in (1, 5):
        drive, e, W_hh = rng.normal(size=(T, 3, 4)), rng.normal(size=(T, 3, 4)), _matrix(rng, 4)

        def run(added, drive=drive, W_hh=W_hh):
            h = [np.zeros((3, 4))]
            for drive_t, added_t in zip(drive, added, strict=True):
                z = drive_t + h[-1] @ W_hh.T + added_t
                h.append(z / (1 + np.where(z.real < 0, -z, z)))  # |z|, and analytic
            return np.stack(h[1:])

        h = run(np.zeros((T, 3, 4)))
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
    for T in (1, 2, 6):
        drive, e = rng.normal(size=(2, T, 3, 4))
        W_hh, W_far = _matrix(rng, 4), _matrix(rng, 4)

        def run(added, far=W_far, drive=drive, W_hh=W_hh):
            h = [np.zeros((3, 4)), np.zeros((3, 4))]
            for drive_t, added_t in zip(drive, added, strict=True):
                h.append(np.tanh(drive_t + h[-1] @ W_hh.T + h[-2] @ far.T + added_t))
            return np.stack(h[2:])

        h = run(np.zeros((T, 3, 4)))
        found = attempt(h, e, W_hh, W_far)
        if not isinstance(found, tuple | list) or len(found) != 2:
            raise Wrong("it must return two arrays: d_z, and the gradient of W_far.")
        expect_close(
            f"for T = {T} your d_z",
            found[0],
            _derivative_by_z(run, e),
            "List every z in which h[t] appears; at the end of the sequence some are missing.",
        )

        def cost(flat, run=run, e=e, T=T):
            return (e * run(np.zeros((T, 3, 4)), flat.reshape(4, 4))).sum()

        expect_close(
            f"for T = {T} the gradient of W_far",
            found[1],
            complex_step_gradient(cost, W_far.ravel()).reshape(4, 4),
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
        if not isinstance(found, tuple | list) or len(found) != 2:
            raise Wrong("it must return two things: the cost, and its derivative by the start.")
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


@checker
def output_feedback_backward(attempt):
    """Check `attempt(h, W_hy, W_yh, d_y_hat)`, d_z of a net that feeds its output back."""
    rng = np.random.default_rng(6)
    T, B, H, K = 5, 2, 4, 3
    W_hy, W_yh = rng.normal(size=(H, K)), rng.normal(size=(K, H))
    drive, target = rng.normal(size=(T, B, H)), rng.normal(size=(T, B, K))

    def run(added):
        """Run the net with `added` put on top of every z; its derivative is d_z."""
        y_before, h, y_hat = np.zeros((B, K)), [], []
        for t in range(T):
            h.append(np.tanh(drive[t] + y_before @ W_hy.T + added[t]))
            y_before = h[-1] @ W_yh.T
            y_hat.append(y_before)
        return np.stack(h), np.stack(y_hat)

    def cost(flat):
        return 0.5 * ((run(flat.reshape(T, B, H))[1] - target) ** 2).sum()

    h, y_hat = run(np.zeros((T, B, H)))
    expected = complex_step_gradient(cost, np.zeros(T * B * H)).reshape(T, B, H)
    expect_close(
        "d_z",
        attempt(h, W_hy, W_yh, y_hat - target),
        expected,
        "List every place where y_hat[t] appears, first; then go from y_hat to h to z.",
    )
