"""The loops of `rnncourse.rnn`, compiled: the same arguments, the same results.

Each returns the step from which the NumPy loop has to go on, because a number is not finite there
and NumPy is to say so; -1 if there is none.
"""

import numpy as np

from rnncourse.compiled.elementary import tanh
from rnncourse.compiled.kernels import (
    add,
    aligned,
    copy,
    directions,
    finite,
    kernel,
    plain,
    product,
    rows_for,
    weights,
    write,
)


def forward_steps(W_hx, W_hh, b_h, x, h):
    """Fill h."""
    return _forward(weights(W_hx, b_h, W_hh), plain(x), h)


@kernel
def _forward(W, x, h):
    T, B, D = x.shape
    H = h.shape[2]
    rows, z = rows_for(W, B), np.empty_like(h[0])
    for t in range(T):
        write(x[t], rows, 0)
        write(h[t], rows, D + 1)
        product(rows, W, z)
        if not finite(z):
            return t
        for b in range(B):
            for k in range(H):
                h[t + 1, b, k] = tanh(z[b, k])
    return -1


def backward_steps(W_hh, h, e, d_h, d_z):
    """Fill d_z; d_h changes when all of it is finite."""
    return _backward(aligned(W_hh), plain(h), plain(e), d_h, d_z)


@kernel
def _backward(W_hh, h, e, d_h, d_z):
    T, B, H = h.shape
    error, one = np.empty_like(e[0]), e.dtype.type(1)
    copy(d_h, error)
    for t in range(T - 1, -1, -1):
        add(e[t], error)
        for b in range(B):
            for k in range(H):
                d_z[t, b, k] = error[b, k] * (one - h[t, b, k] * h[t, b, k])
        product(d_z[t], W_hh, error)
    if not finite(error):
        return 0
    copy(error, d_h)
    return -1


def r_forward_steps(W_hx, W_hh, V_hx, V_hh, v_b, x, h_prev, h, R_x, R_h):
    """Fill R_h."""
    W, x = directions(W_hx, W_hh, V_hx, V_hh, v_b, x, R_x)
    return _r_forward(W, x, plain(h_prev), plain(h), R_h)


@kernel
def _r_forward(W, x, h_prev, h, R_h):
    T, B, H = h.shape
    D = x.shape[2]
    rows, R, one = rows_for(W, B), np.empty_like(R_h[0]), W.dtype.type(1)
    for t in range(T):
        write(x[t], rows, 0)
        write(h_prev[t], rows, D + 1)
        write(R_h[t], rows, D + 1 + H)
        product(rows, W, R)
        for b in range(B):
            for k in range(H):
                R_h[t + 1, b, k] = (one - h[t, b, k] * h[t, b, k]) * R[b, k]
    return -1 if finite(R_h[T]) else 0
