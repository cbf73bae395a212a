"""The loops of `rnncourse.lstm`, compiled: the same arguments, the same results.

Each loop returns the step from which the NumPy loop has to go on, because a number is not finite
there and NumPy is to say so; -1 if there is none.
"""

import numpy as np

from rnncourse.arrays import sum_outer
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


def forward_steps(W_x, W_h, b, x, h, c, i, f, g, o, tanh_c):
    """Fill the tape."""
    if not finite(c[0]):  # from a finite one it grows by at most 1 a step
        return 0
    W, rows, z = sums(weights(W_x, b, W_h), x.shape[1])
    return _forward(W, rows, z, plain(x), h, c, i, f, g, o, tanh_c)


@kernel
def _forward(W, rows, z, x, h, c, i, f, g, o, tanh_c):
    T, B, H = i.shape
    D = x.shape[2]
    for t in range(T):
        write(x[t], rows, 0)
        write(h[t], rows, D + 1)
        if not product(rows, W, z):
            return t
        for b in range(B):
            for k in range(H):
                i[t, b, k] = sigmoid(z[b, k])
            for k in range(H):
                f[t, b, k] = sigmoid(z[b, H + k])
            for k in range(H):
                g[t, b, k] = tanh(z[b, 2 * H + k])
            for k in range(H):
                o[t, b, k] = sigmoid(z[b, 3 * H + k])
            for k in range(H):
                c[t + 1, b, k] = f[t, b, k] * c[t, b, k] + i[t, b, k] * g[t, b, k]
            for k in range(H):
                tanh_c[t, b, k] = tanh(c[t + 1, b, k])
            for k in range(H):
                h[t + 1, b, k] = o[t, b, k] * tanh_c[t, b, k]
    return -1


def backward_steps(W_h, i, f, g, o, c_prev, tanh_c, e, d_h, d_c, d_z):
    """Fill d_z; d_h and d_c change when all of them is finite."""
    W = panels(W_h)
    error, error_c = wide(d_h), d_c.copy()
    given = (plain(a) for a in (i, f, g, o, c_prev, tanh_c, e))
    if not (_backward(W, *given, error, error_c, d_z) and finite(error_c)):
        return 0
    d_h[...], d_c[...] = error[:, : d_h.shape[1]], error_c
    return -1


@kernel
def _backward(W, i, f, g, o, c_prev, tanh_c, e, error, error_c, d_z):
    T, B, H = e.shape
    one = e.dtype.type(1)
    for t in range(T - 1, -1, -1):
        for b in range(B):
            for k in range(H):
                error[b, k] += e[t, b, k]
            for k in range(H):
                slope = one - tanh_c[t, b, k] * tanh_c[t, b, k]
                error_c[b, k] += error[b, k] * o[t, b, k] * slope
            for k in range(H):
                slope = i[t, b, k] * (one - i[t, b, k])
                d_z[t, b, k] = error_c[b, k] * g[t, b, k] * slope
            for k in range(H):
                slope = f[t, b, k] * (one - f[t, b, k])
                d_z[t, b, H + k] = error_c[b, k] * c_prev[t, b, k] * slope
            for k in range(H):
                slope = one - g[t, b, k] * g[t, b, k]
                d_z[t, b, 2 * H + k] = error_c[b, k] * i[t, b, k] * slope
            for k in range(H):
                slope = o[t, b, k] * (one - o[t, b, k])
                d_z[t, b, 3 * H + k] = error[b, k] * tanh_c[t, b, k] * slope
            for k in range(H):
                error_c[b, k] *= f[t, b, k]
        is_finite = product(d_z[t], W, error)
    return is_finite


def weight_sums(d_z, x, h_prev):
    """Return the three sums from one product with [x, 1, h_prev], which reads d_z once.

    None where one is not finite.
    """
    D, ones = x.shape[2], np.ones((*x.shape[:2], 1), x.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        total = sum_outer(d_z, np.concatenate([x, ones, h_prev], axis=2))
    return None if not finite(total) else (total[:, :D], total[:, D + 1 :], total[:, D])


def r_forward_steps(W_x, W_h, V_x, V_h, v_b, x, h_prev, i, f, g, o, c_prev, tanh_c, R_x, R_h, R_c):
    """Fill R_h; R_c changes when all of it is finite."""
    V_x, x = directions(V_x, W_x, x, R_x)
    W = weights(V_x, v_b, np.concatenate([V_h, W_h], axis=1))
    now = R_c.copy()
    tape = (plain(a) for a in (h_prev, i, f, g, o, c_prev, tanh_c))
    _r_forward(*sums(W, x.shape[1]), x, *tape, R_h, now)
    if not finite(R_h[-1], now):
        return 0
    R_c[...] = now
    return -1


@kernel
def _r_forward(W, rows, R, x, h_prev, i, f, g, o, c_prev, tanh_c, R_h, now):
    T, B, H = i.shape
    D, one = x.shape[2], W.dtype.type(1)
    for t in range(T):
        write(x[t], rows, 0)
        write(h_prev[t], rows, D + 1)
        write(R_h[t], rows, D + 1 + H)
        product(rows, W, R)
        for b in range(B):
            for k in range(H):
                now[b, k] *= f[t, b, k]
            for k in range(H):
                slope = i[t, b, k] * (one - i[t, b, k])
                now[b, k] += g[t, b, k] * slope * R[b, k]
            for k in range(H):
                slope = f[t, b, k] * (one - f[t, b, k])
                now[b, k] += c_prev[t, b, k] * slope * R[b, H + k]
            for k in range(H):
                slope = one - g[t, b, k] * g[t, b, k]
                now[b, k] += i[t, b, k] * slope * R[b, 2 * H + k]
            for k in range(H):
                slope = o[t, b, k] * (one - o[t, b, k])
                R_h[t + 1, b, k] = tanh_c[t, b, k] * slope * R[b, 3 * H + k]
            for k in range(H):
                slope = one - tanh_c[t, b, k] * tanh_c[t, b, k]
                R_h[t + 1, b, k] += o[t, b, k] * slope * now[b, k]
