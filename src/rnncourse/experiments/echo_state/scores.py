"""How good a forecast is, and how much a reservoir remembers."""

import numpy as np

from rnncourse import esn

LYAPUNOV = 0.906  # of the Lorenz system, per unit of time
DT = 0.02  # between two samples of it


def nrmse(y_hat, y):
    """Return the root of the mean squared error over the variance of y: 1 for the mean of y."""
    return float(np.sqrt(np.mean((y_hat - y) ** 2) / np.var(y)))


def memory_capacity(h, u, max_delay, n_train, ridge=1e-12, washout=200):
    """Return how well the state recalls each of the inputs of the past, (max_delay,).

    m[k - 1] is the squared correlation of u[t - k] with the best linear readout of h[t], learned
    before n_train and tested after. The sum over all delays is the memory capacity, at most H.

    Args:
        h: (T, 1, H) states.
        u: (T, 1, 1) independent inputs that drove them.
        max_delay: the longest delay k in steps, at most washout.
        n_train: step at which training ends and the test begins.
        ridge: of the readout.
        washout: first steps, left out.

    Source:
        Jaeger, GMD Report 152 (2002).
    """
    y = np.concatenate([np.roll(u, k, axis=0) for k in range(1, max_delay + 1)], axis=-1)
    readout = esn.fit_readout(h[:n_train], y[:n_train], ridge=ridge, washout=washout)
    y_hat = h[n_train:, 0] @ readout.W_yh.T + readout.b_y
    y = y[n_train:, 0]
    d_hat, d = y_hat - y_hat.mean(axis=0), y - y.mean(axis=0)
    overlap = np.sum(d_hat * d, axis=0) ** 2
    return overlap / (np.sum(d_hat**2, axis=0) * np.sum(d**2, axis=0))


def valid_time(y_hat, y, dt=DT, lyapunov=LYAPUNOV, threshold=0.4):
    """Return for how many Lyapunov times each forecast is good, (B,).

    A forecast is good until |y_hat - y| is above `threshold` times the root of the variance of y,
    or no number.

    Args:
        y_hat: (T, B, K) forecasts.
        y: (T, B, K) truth.
        dt: time between two steps.
        lyapunov: largest Lyapunov exponent.
        threshold: see above.
    """
    scale = np.sqrt(np.sum(y.var(axis=(0, 1))))
    bad = ~(np.linalg.norm(y_hat - y, axis=-1) <= threshold * scale)
    return np.where(bad.any(axis=0), bad.argmax(axis=0), len(y)) * dt * lyapunov
