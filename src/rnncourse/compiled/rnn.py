"""The loops of `rnncourse.rnn`, compiled: the same arguments, the same results.

Each returns the step from which the NumPy loop has to go on, because a number is not finite there
and NumPy is to say so; -1 if there is none.
"""

import numpy as np

from rnncourse.compiled.elementary import tanh
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


def forward_steps(W_hx, W_hh, b_h, x, h):
    """Fill h."""
    return _forward(*sums(weights(W_hx, b_h, W_hh), x.shape[1]), plain(x), h)


@kernel
def _forward(W, rows, z, x, h):
    T, B, D = x.shape
    H = h.shape[2]
    for t in range(T):
        write(x[t], rows, 0)
        write(h[t], rows, D + 1)
        if not product(rows, W, z):
            return t
        for b in range(B):
            for k in range(H):
                h[t + 1, b, k] = tanh(z[b, k])
    return -1


def backward_steps(W_hh, h, e, d_h, d_z):
    """Fill d_z; d_h changes when all of it is finite."""
    W = panels(W_hh)
    error = wide(d_h)
    if not _backward(W, plain(h), plain(e), error, d_z):
        return 0
    d_h[...] = error[:, : d_h.shape[1]]
    return -1


@kernel
def _backward(W, h, e, error, d_z):
    T, B, H = h.shape
    one = e.dtype.type(1)
    for t in range(T - 1, -1, -1):
        for b in range(B):
            for k in range(H):
                slope = one - h[t, b, k] * h[t, b, k]
                d_z[t, b, k] = (error[b, k] + e[t, b, k]) * slope
        is_finite = product(d_z[t], W, error)
    return is_finite


def r_forward_steps(W_hx, W_hh, V_hx, V_hh, v_b, x, h_prev, h, R_x, R_h):
    """Fill R_h."""
    V_hx, x = directions(V_hx, W_hx, x, R_x)
    W = weights(V_hx, v_b, np.concatenate([V_hh, W_hh], axis=1))
    _r_forward(*sums(W, x.shape[1]), x, plain(h_prev), plain(h), R_h)
    return -1 if finite(R_h[-1]) else 0


@kernel
def _r_forward(W, rows, R, x, h_prev, h, R_h):
    T, B, H = h.shape
    D, one = x.shape[2], W.dtype.type(1)
    for t in range(T):
        write(x[t], rows, 0)
        write(h_prev[t], rows, D + 1)
        write(R_h[t], rows, D + 1 + H)
        product(rows, W, R)
        for b in range(B):
            for k in range(H):
                R_h[t + 1, b, k] = (one - h[t, b, k] * h[t, b, k]) * R[b, k]
