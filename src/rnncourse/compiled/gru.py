"""The loops of `rnncourse.gru`, compiled: the same arguments, the same results.

Each returns the step from which the NumPy loop has to go on, because a number is not finite there
and NumPy is to say so; -1 if there is none.
"""

import numpy as np

from rnncourse.compiled.elementary import sigmoid, tanh
from rnncourse.compiled.kernels import (
    directions,
    finite,
    kernel,
    panels,
    plain,
    product,
    sums,
    weights,
    wide,
    write,
)


def forward_steps(W_x, W_h, b_x, b_h, x, h, r, u, n, m):
    """Fill the tape."""
    B = x.shape[1]
    to_x, to_h = weights(W_x, b_x), weights(W_h, b_h)
    return _forward(*sums(to_x, B), *sums(to_h, B), plain(x), h, r, u, n, m)


@kernel
def _forward(to_x, rows_x, z_x, to_h, rows_h, z_h, x, h, r, u, n, m):
    T, B, H = r.shape
    one = h.dtype.type(1)
    for t in range(T):
        write(x[t], rows_x, 0)
        write(h[t], rows_h, 0)
        if not (product(rows_x, to_x, z_x) and product(rows_h, to_h, z_h)):
            return t
        for b in range(B):
            for k in range(H):
                r[t, b, k] = sigmoid(z_x[b, k] + z_h[b, k])
            for k in range(H):
                u[t, b, k] = sigmoid(z_x[b, H + k] + z_h[b, H + k])
            for k in range(H):
                m[t, b, k] = z_h[b, 2 * H + k]
            for k in range(H):
                n[t, b, k] = tanh(z_x[b, 2 * H + k] + r[t, b, k] * m[t, b, k])
            for k in range(H):
                h[t + 1, b, k] = (one - u[t, b, k]) * n[t, b, k] + u[t, b, k] * h[t, b, k]
    return -1


def backward_steps(W_h, h_prev, r, u, n, m, e, d_h, d_z_x, d_z_h):
    """Fill d_z_x and d_z_h; d_h changes when all of it is finite."""
    W = panels(W_h)
    error, kept = wide(d_h), np.zeros_like(d_h)
    given = (plain(a) for a in (h_prev, r, u, n, m, e))
    _backward(W, *given, error, kept, d_z_x, d_z_h)
    kept += error[:, : d_h.shape[1]]
    if not finite(kept):
        return 0
    d_h[...] = kept
    return -1


@kernel
def _backward(W, h_prev, r, u, n, m, e, error, kept, d_z_x, d_z_h):
    T, B, H = e.shape
    one = e.dtype.type(1)
    for t in range(T - 1, -1, -1):
        for b in range(B):
            for k in range(H):
                error[b, k] += kept[b, k] + e[t, b, k]
            for k in range(H):
                slope = one - n[t, b, k] * n[t, b, k]
                d_z_x[t, b, 2 * H + k] = error[b, k] * (one - u[t, b, k]) * slope
            for k in range(H):
                d_z_h[t, b, 2 * H + k] = d_z_x[t, b, 2 * H + k] * r[t, b, k]
            for k in range(H):
                slope = r[t, b, k] * (one - r[t, b, k])
                d_z_x[t, b, k] = d_z_x[t, b, 2 * H + k] * m[t, b, k] * slope
            for k in range(H):
                slope = u[t, b, k] * (one - u[t, b, k])
                d_z_x[t, b, H + k] = error[b, k] * (h_prev[t, b, k] - n[t, b, k]) * slope
            for k in range(2 * H):
                d_z_h[t, b, k] = d_z_x[t, b, k]
            for k in range(H):
                kept[b, k] = error[b, k] * u[t, b, k]
        product(d_z_h[t], W, error)


def r_forward_steps(W_x, W_h, V_x, V_h, v_b_x, v_b_h, x, h_prev, r, u, n, m, R_x, R_h):
    """Fill R_h."""
    V_x, x = directions(V_x, W_x, x, R_x)
    to_x, to_h = weights(V_x, v_b_x), weights(V_h, v_b_h, W_h)
    B, tape = x.shape[1], (plain(a) for a in (h_prev, r, u, n, m))
    _r_forward(*sums(to_x, B), *sums(to_h, B), x, *tape, R_h)
    return -1 if finite(R_h[-1]) else 0


@kernel
def _r_forward(to_x, rows_x, R_x, to_h, rows_h, R, x, h_prev, r, u, n, m, R_h):
    T, B, H = r.shape
    one = R_h.dtype.type(1)
    for t in range(T):
        write(x[t], rows_x, 0)
        write(h_prev[t], rows_h, 0)
        write(R_h[t], rows_h, H + 1)
        product(rows_x, to_x, R_x)
        product(rows_h, to_h, R)
        for b in range(B):
            for k in range(2 * H):
                R[b, k] += R_x[b, k]
            for k in range(H):
                R[b, k] *= r[t, b, k] * (one - r[t, b, k])
            for k in range(H):
                R[b, H + k] *= u[t, b, k] * (one - u[t, b, k])
            for k in range(H):
                R[b, 2 * H + k] = r[t, b, k] * R[b, 2 * H + k] + m[t, b, k] * R[b, k]
            for k in range(H):
                slope = one - n[t, b, k] * n[t, b, k]
                R[b, 2 * H + k] = slope * (R_x[b, 2 * H + k] + R[b, 2 * H + k])
            for k in range(H):
                R_h[t + 1, b, k] = u[t, b, k] * R_h[t, b, k] + (one - u[t, b, k]) * R[b, 2 * H + k]
            for k in range(H):
                R_h[t + 1, b, k] += (h_prev[t, b, k] - n[t, b, k]) * R[b, H + k]
