"""Checkers of week 2: slopes, costs, shared weights, initial states, another wiring."""

import numpy as np

from rnncourse.checks import complex_step_gradient
from rnncourse.exercises.verdict import checker, expect_close


@checker
def logistic_slope(attempt):
    """Check `attempt(h)`, the slope of the logistic function where its value is h."""
    z = np.linspace(-4, 4, 17)
    h = 1 / (1 + np.exp(-z))
    step = 1e-30j
    expect_close(
        "the slope",
        attempt(h),
        (1 / (1 + np.exp(-(z + step)))).imag / 1e-30,
        "It must be small where h is near 0 or 1, and 1/4 at h = 1/2. Is your argument h or z?",
    )


@checker
def poisson_grad(attempt):
    """Check `attempt(y_hat, y)`, the gradient of the mean of exp(y_hat) - y y_hat."""
    rng = np.random.default_rng(3)
    y_hat, y = rng.normal(size=(4, 3, 2)), rng.poisson(2.0, size=(4, 3, 2)).astype(float)

    def cost(flat):
        output = flat.reshape(y.shape)
        return (np.exp(output) - y * output).sum() / (4 * 3)

    expected = complex_step_gradient(cost, y_hat.ravel()).reshape(y.shape)
    expect_close(
        "the gradient",
        attempt(y_hat, y),
        expected,
        "Differentiate each term by y_hat; C is a mean over T B steps and a sum over K outputs.",
    )


@checker
def shortcut_gradient(attempt):
    """Check `attempt(d_y_hat, x)`, the gradient (K, D) of a weight from input to output."""
    rng = np.random.default_rng(4)
    d_y_hat, x = rng.normal(size=(5, 3, 2)), rng.normal(size=(5, 3, 4))
    expected = np.zeros((2, 4))
    for t in range(5):
        for b in range(3):
            expected += np.outer(d_y_hat[t, b], x[t, b])
    expect_close(
        "the gradient of W_yx",
        attempt(d_y_hat, x),
        expected,
        "The weight acts at every step and on every sequence of the batch.",
    )


@checker
def initial_state_gradient(attempt):
    """Check `attempt(d_z, W_hh)`, the gradient (B, H) with respect to the initial state."""
    rng = np.random.default_rng(5)
    d_z, W_hh = rng.normal(size=(5, 3, 4)), rng.normal(size=(4, 4))
    expected = np.array([[sum(d * W_hh[:, i]) for i in range(4)] for d in d_z[0]])
    expect_close(
        "the gradient of h_0",
        attempt(d_z, W_hh),
        expected,
        "In which z does h_0 appear, and does unit i collect over a row or over a column?",
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
