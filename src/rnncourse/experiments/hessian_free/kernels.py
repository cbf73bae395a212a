"""The curvature of all hidden states times a direction, compiled; see `few`."""

import numpy as np

from rnncourse.compiled.elementary import inlined
from rnncourse.compiled.kernels import columns, kernel, product


@kernel
def hidden_curvature(rows, last, W, W_hh, weight, d_W):
    """Add weight sum_t J_h[t]^T J_h[t] v to d_W (D + 1 + H, H), over t up to each `last`.

    rows (strips, T + 1, n, D + 1 + H) are [x[t], 1, h[t-1]], last (strips * n,), W and W_hh the
    panels of two matrices, and R_z = [x, 1, h[t-1], R_h[t-1]] W.
    """
    _, T, n, M = rows.shape
    H = d_W.shape[1]
    R, part = np.empty((T - 1, n, H), W.dtype), np.empty_like(d_W)
    for s in range(len(rows)):
        ends = last[s * n : (s + 1) * n]
        end = ends.max() + 1
        _forward(rows[s], W, R[:end])
        _backward(rows[s], W_hh, ends, weight, R[:end])
        np.dot(rows[s, :end].reshape(end * n, M).T, R[:end].reshape(end * n, H), part)
        d_W += part


@inlined
def _forward(rows, W, R):
    """Fill R (T, n, H) with R_h."""
    T, n, H = R.shape
    M = rows.shape[2]
    line, one = np.zeros((n, M + H), W.dtype), W.dtype.type(1)
    z = np.empty((n, columns(W)), W.dtype)
    for t in range(T):
        for b in range(n):
            for k in range(M):
                line[b, k] = rows[t, b, k]
        product(line, W, z)
        for b in range(n):
            for k in range(H):
                h = rows[t + 1, b, M - H + k]
                r = (one - h * h) * z[b, k]
                R[t, b, k] = r
                line[b, M + k] = r


@inlined
def _backward(rows, W_hh, last, weight, R):
    """Put d_z in the place of R_h."""
    T, n, H = R.shape
    first = rows.shape[2] - H
    d_h, one = np.zeros((n, columns(W_hh)), R.dtype), R.dtype.type(1)
    for t in range(T - 1, -1, -1):
        for b in range(n):
            scale = weight if t <= last[b] else weight - weight
            for k in range(H):
                h = rows[t + 1, b, first + k]
                R[t, b, k] = (d_h[b, k] + scale * R[t, b, k]) * (one - h * h)
        product(R[t], W_hh, d_h)
