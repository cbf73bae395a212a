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
    T, B, H = h.shape
    rows, z = rows_for(W, B), np.empty_like(h[0])
    for t in range(T - 1):
        write(x[t], h[t], rows)
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


def r_forward_steps(W_hh, h, R_z, R_h):
    """Fill R_h; R_z stays as it came."""
    return _r_forward(aligned(W_hh.T), plain(h), plain(R_z), R_h)


@kernel
def _r_forward(to_h, h, R_z, R_h):
    T, B, H = h.shape
    R, one = np.empty_like(R_z[0]), R_z.dtype.type(1)
    for t in range(T):
        product(R_h[t], to_h, R)
        add(R_z[t], R)
        for b in range(B):
            for k in range(H):
                R_h[t + 1, b, k] = (one - h[t, b, k] * h[t, b, k]) * R[b, k]
    return -1 if finite(R_h[T]) else 0
