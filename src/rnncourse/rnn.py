"""The recurrent cell: forward in time, backward in time, and its directional derivative.

    z[t] = W_hx x[t] + W_hh h[t-1] + b_h       weighted sum                       -> forward_steps
    h[t] = tanh(z[t])                          hidden state                       -> forward_steps
    d_h  = e[t] + W_hh^T d_z[t+1]              total derivative dC/dh[t]          -> backward_steps
    d_z[t] = d_h * (1 - h[t]^2)                error derivative dC/dz[t]          -> backward_steps
    dC/dW_hh = sum_t d_z[t] h[t-1]^T           weights are shared: a sum          -> backward
    dC/dh[0] = W_hh^T d_z[1]                   what reaches the initial state     -> backward
    R_h[t] = (1 - h[t]^2) R_z[t]               derivative along a direction v     -> r_forward_steps

Here e[t] is the derivative of C with respect to h[t] with the later states of this layer held
fixed: what the layer above sends down at step t. Code holds one example in a row, so the text's
W x is `x @ W.T`, here `dot(x, W.T)`.
"""

from typing import NamedTuple

import numpy as np

from rnncourse import compiled, initializers
from rnncourse.arrays import dot, product, sum_outer
from rnncourse.inputs import (
    check_dtype,
    check_rng,
    check_signal,
    check_tape,
    check_weights,
    state,
    weights,
)

CAUSAL = True  # h[t] depends on x[: t + 1] alone


class Params(NamedTuple):
    """Weights of the cell; also the type of a gradient and of a direction."""

    W_hx: np.ndarray  # (H, D)  to h from x
    W_hh: np.ndarray  # (H, H)  to h from the previous h
    b_h: np.ndarray  # (H,)    bias


class Tape(NamedTuple):
    """The stack of activities that `forward` builds and `backward` peels off.

    x is the array that came in, h the one that `forward` returned, the state of `last` a part of
    it, none of them a copy: leave them alone until the backward pass is done.
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
    W_hx, W_hh, b_h = weights(params, Params)
    H, D = len(W_hx), np.shape(W_hx)[-1]
    check_weights(params, shapes(D, H))
    check_signal("x", x, ("T", "B", D), W_hh)
    T, B, _ = x.shape
    h_0 = state("h_0", h_0, (B, H), W_hh)
    h = np.empty((T + 1, B, H), np.result_type(x, h_0, *params))
    h[0] = h_0
    forward_steps(W_hx, W_hh, b_h, x, h)
    tape = Tape(x, h[:-1], h[1:])
    return tape.h, tape


@compiled.loop
def forward_steps(W_hx, W_hh, b_h, x, h):
    """Fill h (T + 1, B, H) from h[0] on: h[t] is the state before step t, h[t + 1] after it."""
    for t in range(len(x)):
        z_t = dot(x[t], W_hx.T) + dot(h[t], W_hh.T) + b_h
        h[t + 1] = np.tanh(z_t)


def last(tape):
    """Return the state (B, H) after the last step: h_0 of a call that goes on from there."""
    return tape.h[-1]


def backward(params, tape, e, e_last=None):
    """Peel the tape off from the last step to the first; linear in e and e_last: this is J^T e.

        d_h = e[t] + W_hh^T d_z[t+1],    d_z[t] = d_h * (1 - h[t]^2)

    Args:
        params: `Params` that `forward` was called with.
        tape: `Tape` that `forward` returned.
        e: (T, B, H) derivatives of C with respect to h[t], later states of this layer held fixed.
        e_last: (B, H) derivative of C with respect to `last(tape)` by way of what comes after this
            sequence: d_h_0 of a call that went on from there. Nothing comes after if None.

    Returns:
        The gradient as `Params`, dC/dx (T, B, D), and dC/dh_0 (B, H).

    Raises:
        ValueError: if e or e_last has another shape or dtype than h.
    """
    W_hx, W_hh, _ = weights(params, Params)
    check_tape(tape, W_hh, x=W_hx.shape[1], h=len(W_hh))
    check_signal("e", e, tape.h.shape, W_hh)
    e_last = state("e_last", e_last, tape.h.shape[1:], W_hh)
    d_z = np.empty(e.shape, np.result_type(e, e_last, tape.h, W_hh))
    d_h = e_last.astype(d_z.dtype, order="C")
    backward_steps(W_hh, tape.h, e, d_h, d_z)
    gradient = Params(
        W_hx=sum_outer(d_z, tape.x), W_hh=sum_outer(d_z, tape.h_prev), b_h=d_z.sum(axis=(0, 1))
    )
    return gradient, product(d_z, W_hx), d_h


@compiled.loop
def backward_steps(W_hh, h, e, d_h, d_z):
    """Fill d_z (T, B, H); d_h (B, H) comes in from after the last step and ends at h_0."""
    for t in reversed(range(len(e))):
        d_h += e[t]
        d_z[t] = d_h * (1 - h[t] ** 2)  # tanh'(z) = 1 - tanh(z)^2
        d_h[...] = dot(d_z[t], W_hh)


def r_forward(params, tape, v, R_x=None, R_h_0=None):
    """Differentiate the forward pass along v; linear in v: this is J v.

        R_z[t] = V_hx x[t] + V_hh h[t-1] + v_b + W_hx R_x[t] + W_hh R_h[t-1]
        R_h[t] = (1 - h[t]^2) R_z[t]

    Args:
        params: `Params` that `forward` was called with.
        tape: `Tape` that `forward` returned.
        v: direction of type `Params`.
        R_x: (T, B, D) directional derivative of the input, zero if None (the data do not move).
        R_h_0: (B, H) directional derivative of the initial state, zero if None.

    Returns:
        R_h (T, B, H).

    Raises:
        ValueError: if v, R_x or R_h_0 has another shape or dtype than the parameters, x or h_0, or
            if the tape is of another net.

    Source:
        Pearlmutter, Neural Computation 6 (1994) 147.
    """
    W_hx, W_hh, _ = weights(params, Params)
    check_weights(v, shapes(*W_hx.shape[::-1]), "v.", like=W_hh)
    check_tape(tape, W_hh, x=W_hx.shape[1], h=len(W_hh))
    if R_x is not None:
        check_signal("R_x", R_x, tape.x.shape, W_hh)
    T, B, H = tape.h.shape
    R_h_0 = state("R_h_0", R_h_0, (B, H), W_hh)
    moved = tape.x if R_x is None else R_x
    R_h = np.empty((T + 1, B, H), np.result_type(tape.h, *v, moved, R_h_0, *params))
    R_h[0] = R_h_0
    r_forward_steps(W_hx, W_hh, *v, tape.x, tape.h_prev, tape.h, R_x, R_h)
    return R_h[1:]


@compiled.loop
def r_forward_steps(W_hx, W_hh, V_hx, V_hh, v_b, x, h_prev, h, R_x, R_h):
    """Fill R_h (T + 1, B, H) from R_h[0] on; R_x may be None."""
    R_z = product(x, V_hx.T) + product(h_prev, V_hh.T) + v_b
    if R_x is not None:
        R_z = R_z + product(R_x, W_hx.T)
    for t in range(len(x)):
        R_h[t + 1] = (1 - h[t] ** 2) * (R_z[t] + dot(R_h[t], W_hh.T))
