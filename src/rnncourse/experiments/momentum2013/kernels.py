"""Cost and gradient of a plain net that is scored at the last step, compiled; see `last_step`.

A strip of sequences goes through all steps, forward and back, while its states are in the cache.
A row [x[t], 1, h[t]] times W, the weights as one matrix, gives z[t]; what a row brought about, its
transpose times d_z[t] is the derivative of W.
"""

import numpy as np

from rnncourse.compiled.elementary import inlined, tanh
from rnncourse.compiled.kernels import columns, kernel, product

TOGETHER = 2  # steps whose share of the gradient is one product


@kernel
def cost_and_gradient(x, y, last, W, W_hh, w, c, h_0, strip, memory, d_W, d_w, d_h_0):
    """Return the cost and its derivative by c; fill d_W, d_w and d_h_0, which come as zeros.

    Shapes: x (T, B, D), y (B,), last (B,) in rising order, d_W (D + 1 + H, H); w and h_0 are
    vectors of H numbers, W and W_hh the panels of matrices (D + 1 + H, H) and (H, H). A strip has
    `strip` sequences, and memory room for its states.
    """
    B, H, M = x.shape[1], len(w), len(d_W)
    value, d_c = 0.0, 0.0
    for first in range(0, B, strip):
        here = slice(first, min(first + strip, B))
        n, T = here.stop - first, last[here.stop - 1] + 1
        rows = memory[: (T + 1) * n * M].reshape(T + 1, n, M)
        _forward(x[:, here], W, h_0, rows)
        e = np.empty((n, H), w.dtype)
        for b in range(n):
            h = rows[last[first + b] + 1, b, -H:]
            error = c - y[first + b]
            for k in range(H):
                error += w[k] * h[k]
            value += 0.5 * error * error / B
            error /= B
            d_c += error
            for k in range(H):
                d_w[k] += error * h[k]
                e[b, k] = error * w[k]
        _backward(rows, W_hh, e, last[here], d_W, d_h_0)
    return value, d_c


@inlined
def _forward(x, W, h_0, rows):
    n, H = rows.shape[1], len(h_0)
    D = x.shape[2]
    z = np.empty((n, columns(W)), W.dtype)
    for b in range(n):
        for k in range(H):
            rows[0, b, D + 1 + k] = h_0[k]
    for t in range(len(rows) - 1):
        for b in range(n):
            for k in range(D):
                rows[t, b, k] = x[t, b, k]
            rows[t, b, D] = 1
        product(rows[t], W, z)
        for b in range(n):
            for k in range(H):
                rows[t + 1, b, D + 1 + k] = tanh(z[b, k])


@inlined
def _backward(rows, W_hh, e, last, d_W, d_h_0):
    n, M = rows.shape[1:]
    H = len(d_h_0)
    one, first = W_hh.dtype.type(1), M - H
    d_h, part = np.zeros((n, columns(W_hh)), e.dtype), np.empty_like(d_W)
    d_z = np.empty((TOGETHER * n, H), W_hh.dtype)
    for end in range(len(rows) - 1, 0, -TOGETHER):
        begin = max(end - TOGETHER, 0)
        for t in range(end - 1, begin - 1, -1):
            here = d_z[(t - begin) * n : (t - begin + 1) * n]
            for b in range(n):
                if last[b] == t:
                    for k in range(H):
                        d_h[b, k] = e[b, k]
                for k in range(H):
                    h = rows[t + 1, b, first + k]
                    here[b, k] = d_h[b, k] * (one - h * h)
            product(here, W_hh, d_h)
        m = (end - begin) * n
        np.dot(rows[begin:end].reshape(m, M).T, d_z[:m], part)
        d_W += part
    for b in range(n):
        for k in range(H):
            d_h_0[k] += d_h[b, k]
