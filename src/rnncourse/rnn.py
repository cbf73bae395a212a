"""The recurrent cell: forward in time, backward in time, and its directional derivative.

    z[t] = W_hx x[t] + W_hh h[t-1] + b_h       weighted sum                       -> forward
    h[t] = tanh(z[t])                          hidden state                       -> forward
    d_h  = e[t] + W_hh^T d_z[t+1]              total derivative dC/dh[t]          -> backward
    d_z[t] = d_h * (1 - h[t]^2)                error derivative dC/dz[t]          -> backward
    dC/dW_hh = sum_t d_z[t] h[t-1]^T           weights are shared: a sum          -> backward
    R_h[t] = (1 - h[t]^2) R_z[t]               derivative along a direction v     -> r_forward

Here e[t] is the derivative of C with respect to h[t] with the later states of this layer held
fixed: what the layer above sends down at step t. Code holds one example in a row, so the text's
W x is `x @ W.T`.
"""

from typing import NamedTuple

import numpy as np

from rnncourse import initializers
from rnncourse.arrays import (
    check_dtype,
    check_floating,
    check_rng,
    check_shape,
    check_weights,
    dot,
    product,
    sum_outer,
)

CAUSAL = True  # h[t] depends on x[: t + 1] alone


class Params(NamedTuple):
    """Weights of the cell; also the type of a gradient and of a direction."""

    W_hx: np.ndarray  # (H, D)  to h from x
    W_hh: np.ndarray  # (H, H)  to h from the previous h
    b_h: np.ndarray  # (H,)    bias


class Tape(NamedTuple):
    """The stack of activities that `forward` builds and `backward` peels off.

    x is the array that came in, not a copy: leave it alone until the backward pass is done.
    """

    x: np.ndarray  # (T, B, D)
    h_prev: np.ndarray  # (T, B, H)  h_prev[t] is h[t-1]; shares its memory with h
    h: np.ndarray  # (T, B, H)


def shapes(n_in, n_hidden):
    """Return the shapes of the parameters, named."""
    return Params(W_hx=(n_hidden, n_in), W_hh=(n_hidden, n_hidden), b_h=(n_hidden,))


def init(
    rng,
    n_in,
    n_hidden,
    init_hx=initializers.gaussian,
    init_hh=initializers.orthogonal,
    dtype=np.float64,
):
    """Draw starting values: weights by two functions of `initializers`, biases zero.

    Args:
        rng: a `numpy.random.Generator`.
        n_in: number of inputs D.
        n_hidden: number of hidden units H.
        init_hx: function of (rng, n_hidden, n_in) that draws W_hx.
        init_hh: function of (rng, n_hidden, n_hidden) that draws W_hh.
        dtype: float32 or float64.

    Raises:
        ValueError: if dtype is another, or rng no generator.
    """
    check_rng(rng)
    check_dtype(dtype)
    W_hx = init_hx(rng, n_hidden, n_in).astype(dtype)
    W_hh = init_hh(rng, n_hidden, n_hidden).astype(dtype)
    return Params(W_hx, W_hh, np.zeros(n_hidden, dtype))


def forward(params, x, h_0=None):
    """Run the cell over a batch of sequences.

        h[t] = tanh(W_hx x[t] + W_hh h[t-1] + b_h)

    Args:
        params: `Params`.
        x: (T, B, D) inputs, of the precision of the parameters.
        h_0: (B, H) state before the first step; zero if None.

    Returns:
        h (T, B, H), and the tape for `backward` and `r_forward`.

    Raises:
        ValueError: if an argument has another shape or dtype.
    """
    W_hx, W_hh, b_h = params
    H, D = len(W_hx), np.shape(W_hx)[-1]
    check_weights(params, shapes(D, H))
    check_shape("x", x, ("T", "B", D))
    check_floating("x", x, like=W_hh)
    T, B, _ = x.shape
    if h_0 is None:
        h_0 = np.zeros((B, H), W_hh.dtype)
    check_shape("h_0", h_0, (B, H))
    check_floating("h_0", h_0, like=W_hh)
    states = np.empty((T + 1, B, H), np.result_type(x, W_hh, h_0))
    states[0] = h_0
    h_prev, h = states[:-1], states[1:]

    x_rows = x.reshape(T * B, D).astype(h.dtype, copy=False)
    dot(x_rows, W_hx.T, out=h.reshape(T * B, H))  # input of all steps at once
    h += b_h
    to_h = np.ascontiguousarray(W_hh.T)
    from_h = np.empty_like(states[0])
    for h_before, h_t in zip(h_prev, h, strict=True):
        dot(h_before, to_h, out=from_h)
        h_t += from_h  # now z[t]
        np.tanh(h_t, out=h_t)
    return h, Tape(x, h_prev, h)


def backward(params, tape, e):
    """Peel the tape off from the last step to the first; linear in e: this is J^T e.

        d_h = e[t] + W_hh^T d_z[t+1],    d_z[t] = d_h * (1 - h[t]^2)

    Args:
        params: `Params` that `forward` was called with.
        tape: `Tape` that `forward` returned.
        e: (T, B, H) derivatives of C with respect to h[t], later states of this layer held fixed.

    Returns:
        The gradient as `Params`, and dC/dx (T, B, D).

    Raises:
        ValueError: if e does not have the shape of h.
    """
    W_hx, W_hh, _ = params
    x, h_prev, h = tape
    check_shape("e", e, h.shape)
    check_floating("e", e, like=W_hh)
    d_z = np.multiply(h, h)
    np.subtract(1, d_z, out=d_z)  # starts as the slope tanh'(z) = 1 - tanh(z)^2
    d_z[-1] *= e[-1]
    d_h = np.empty_like(h[0])
    for t in range(len(h) - 2, -1, -1):
        dot(d_z[t + 1], W_hh, out=d_h)
        d_h += e[t]
        d_z[t] *= d_h
    gradient = Params(W_hx=sum_outer(d_z, x), W_hh=sum_outer(d_z, h_prev), b_h=d_z.sum(axis=(0, 1)))
    return gradient, product(d_z, W_hx)


def r_forward(params, tape, v, R_x=None):
    """Differentiate the forward pass along v; linear in v: this is J v.

        R_z[t] = V_hx x[t] + V_hh h[t-1] + v_b + W_hx R_x[t] + W_hh R_h[t-1]
        R_h[t] = (1 - h[t]^2) R_z[t]

    Args:
        params: `Params` that `forward` was called with.
        tape: `Tape` that `forward` returned.
        v: direction of type `Params`.
        R_x: (T, B, D) directional derivative of the input, zero if None (the data do not move).

    Returns:
        R_h (T, B, H). The initial state is no parameter, so its derivative is zero.

    Raises:
        ValueError: if v or R_x has another shape or dtype than the parameters or x.

    Source:
        Pearlmutter, Neural Computation 6 (1994) 147.
    """
    W_hx, W_hh, _ = params
    check_weights(v, shapes(*W_hx.shape[::-1]), "v.")
    V_hx, V_hh, v_b = v
    x, h_prev, h = tape
    # all but the recurrent part, for all steps at once
    R_z = product(x, V_hx.T) + product(h_prev, V_hh.T) + v_b
    if R_x is not None:
        check_shape("R_x", R_x, x.shape)
        check_floating("R_x", R_x, like=W_hh)
        R_z += product(R_x, W_hx.T)
    slope = 1 - h * h
    R_h = np.multiply(R_z, slope, out=R_z)
    to_h = np.ascontiguousarray(W_hh.T)
    from_h = np.empty_like(R_h[0])
    for t in range(1, len(R_h)):
        dot(R_h[t - 1], to_h, out=from_h)
        from_h *= slope[t]
        R_h[t] += from_h
    return R_h
