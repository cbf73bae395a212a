"""The GRU cell: forward in time, backward in time, and its directional derivative.

    r, u = sigmoid(W_x x[t] + b_x + W_h h[t-1] + b_h)    reset, update gate    -> forward_steps
    m = W_h h[t-1] + b_h                       what the reset gate scales      -> forward_steps
    n = tanh(W_x x[t] + b_x + r m)             candidate                       -> forward_steps
    h[t] = (1 - u) n + u h[t-1]                hidden state                    -> forward_steps
    d_h = e[t] + W_h^T d_z_h[t+1] + d_h[t+1] u[t+1]      total derivative      -> backward_steps
    d_z = d_h dh/dz                            error derivatives               -> backward_steps
    R_h[t] = (1 - u) R_n + u R_h[t-1] + (h[t-1] - n) R_u                       -> r_forward_steps

Each line uses the rows of its own gate. A step has two stacks of weighted sums, z_x from x and z_h
from h; they are added but for the candidate, where the second is multiplied by r first, after the
product. That is why there are two biases: b_h of the candidate stands inside r m. This is PyTorch's
form, and its weights fit unchanged, stacked in the order r, u, n. PyTorch calls the update gate z;
here z is a weighted sum. The cell of Cho et al. (EMNLP 2014) differs: it resets h before the
product. 1 - gate is as exact as 1 itself, see `lstm`.
"""

from typing import NamedTuple

import numpy as np

from rnncourse import compiled, initializers
from rnncourse.arrays import dot, product, sigmoid, sum_outer
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
    """Weights of the cell, gates in the order r, u, n; also a gradient and a direction."""

    W_x: np.ndarray  # (3H, D)  to the gates from x
    W_h: np.ndarray  # (3H, H)  to the gates from the previous h
    b_x: np.ndarray  # (3H,)    bias beside W_x
    b_h: np.ndarray  # (3H,)    bias beside W_h: that of n is multiplied by r


class Tape(NamedTuple):
    """The stack of activities that `forward` builds and `backward` peels off.

    x is the array that came in, h the one that `forward` returned, the state of `last` a part of
    it, none of them a copy: leave them alone until the backward pass is done.
    """

    x: np.ndarray  # (T, B, D)
    h_prev: np.ndarray  # (T, B, H)  h_prev[t] is h[t-1]; shares its memory with h
    h: np.ndarray  # (T, B, H)
    r: np.ndarray  # (T, B, H)  reset gate
    u: np.ndarray  # (T, B, H)  update gate: 1 keeps the state
    n: np.ndarray  # (T, B, H)  candidate
    m: np.ndarray  # (T, B, H)  what the reset gate scales


def shapes(n_in, n_hidden):
    """Return the shapes of the parameters, named."""
    H = n_hidden
    return Params(W_x=(3 * H, n_in), W_h=(3 * H, H), b_x=(3 * H,), b_h=(3 * H,))


def init(
    rng,
    n_in,
    n_hidden,
    init_x=initializers.gaussian,
    init_h=initializers.orthogonal,
    dtype=np.float64,
):
    """Draw starting values, the weights of one gate after the other; biases are zero.

    Args:
        rng: a `numpy.random.Generator`.
        n_in: number of inputs D.
        n_hidden: number of hidden units H.
        init_x: function of (rng, n_out, n_in) that draws the W_x of one gate.
        init_h: function of (rng, n_out, n_in) that draws the W_h of one gate.
        dtype: float32 or float64.

    Raises:
        ValueError: if dtype is another, or rng no generator.
    """
    check_rng(rng)
    check_dtype(dtype)
    W_x = np.concatenate([init_x(rng, n_hidden, n_in) for _ in range(3)])
    W_h = np.concatenate([init_h(rng, n_hidden, n_hidden) for _ in range(3)])
    b_x, b_h = np.zeros((2, 3 * n_hidden), dtype)
    return Params(W_x.astype(dtype), W_h.astype(dtype), b_x, b_h)


def forward(params, x, h_0=None):
    """Run the cell over a batch of sequences.

        h[t] = (1 - u) n + u h[t-1]

    Arguments, return values and errors are those of `rnn.forward`.
    """
    W_x, W_h, b_x, b_h = weights(params, Params)
    D, H = np.shape(W_x)[-1], np.shape(W_h)[-1]
    check_weights(params, shapes(D, H))
    check_signal("x", x, ("T", "B", D), W_h)
    T, B, _ = x.shape
    h_0 = state("h_0", h_0, (B, H), W_h)
    h = np.empty((T + 1, B, H), np.result_type(x, h_0, *params))
    h[0] = h_0
    r, u, n, m = np.empty((4, T, B, H), h.dtype)
    forward_steps(W_x, W_h, b_x, b_h, x, h, r, u, n, m)
    tape = Tape(x, h[:-1], h[1:], r, u, n, m)
    return tape.h, tape


@compiled.loop
def forward_steps(W_x, W_h, b_x, b_h, x, h, r, u, n, m):
    """Fill the tape; h (T + 1, B, H) holds the state before step t at t, after it at t + 1."""
    H = W_h.shape[1]
    for t in range(len(x)):
        z_x = dot(x[t], W_x.T) + b_x
        z_h = dot(h[t], W_h.T) + b_h
        r[t] = sigmoid(z_x[:, :H] + z_h[:, :H])
        u[t] = sigmoid(z_x[:, H : 2 * H] + z_h[:, H : 2 * H])
        m[t] = z_h[:, 2 * H :]
        n[t] = np.tanh(z_x[:, 2 * H :] + r[t] * m[t])
        h[t + 1] = (1 - u[t]) * n[t] + u[t] * h[t]


def last(tape):
    """Return the state (B, H) after the last step: h_0 of a call that goes on from there."""
    return tape.h[-1]


def backward(params, tape, e, e_last=None):
    """Peel the tape off from the last step to the first; linear in e and e_last: this is J^T e.

        d_h = e[t] + W_h^T d_z_h[t+1] + d_h[t+1] u[t+1],    d_z = d_h dh/dz

    Arguments, return values and errors are those of `rnn.backward`.
    """
    W_x, W_h, _, _ = weights(params, Params)
    check_tape(tape, W_h, x=W_x.shape[1], h=W_h.shape[1])
    check_signal("e", e, tape.h.shape, W_h)
    T, B, H = e.shape
    e_last = state("e_last", e_last, (B, H), W_h)
    dtype = np.result_type(e, e_last, tape.h, W_h)
    d_z_x, d_z_h = np.empty((T, B, 3 * H), dtype), np.empty((T, B, 3 * H), dtype)
    d_h = e_last.astype(d_z_x.dtype, order="C")
    backward_steps(W_h, tape.h_prev, tape.r, tape.u, tape.n, tape.m, e, d_h, d_z_x, d_z_h)
    gradient = Params(
        W_x=sum_outer(d_z_x, tape.x),
        W_h=sum_outer(d_z_h, tape.h_prev),
        b_x=d_z_x.sum(axis=(0, 1)),
        b_h=d_z_h.sum(axis=(0, 1)),
    )
    return gradient, product(d_z_x, W_x), d_h


@compiled.loop
def backward_steps(W_h, h_prev, r, u, n, m, e, d_h, d_z_x, d_z_h):
    """Fill d_z_x and d_z_h; d_h (B, H) comes in from after the last step and ends at h_0."""
    H = W_h.shape[1]
    for t in reversed(range(len(e))):
        d_h += e[t]
        d_n = d_h * (1 - u[t]) * (1 - n[t] ** 2)
        d_z_x[t, :, :H] = d_n * m[t] * r[t] * (1 - r[t])
        d_z_x[t, :, H : 2 * H] = d_h * (h_prev[t] - n[t]) * u[t] * (1 - u[t])
        d_z_x[t, :, 2 * H :] = d_n
        d_z_h[t, :, : 2 * H] = d_z_x[t, :, : 2 * H]
        d_z_h[t, :, 2 * H :] = d_n * r[t]
        d_h[...] = dot(d_z_h[t], W_h) + d_h * u[t]


def r_forward(params, tape, v, R_x=None, R_h_0=None):
    """Differentiate the forward pass along v; linear in v: this is J v.

        R_z_x[t] = V_x x[t] + v_b_x + W_x R_x[t],    R_z_h[t] = V_h h[t-1] + v_b_h + W_h R_h[t-1]
        R_h[t] = (1 - u) R_n + u R_h[t-1] + (h[t-1] - n) R_u

    Arguments, return value, errors and source are those of `rnn.r_forward`.
    """
    W_x, W_h, _, _ = weights(params, Params)
    check_weights(v, shapes(W_x.shape[1], W_h.shape[1]), "v.", like=W_h)
    check_tape(tape, W_h, x=W_x.shape[1], h=W_h.shape[1])
    if R_x is not None:
        check_signal("R_x", R_x, tape.x.shape, W_h)
    T, B, H = tape.h.shape
    R_h_0 = state("R_h_0", R_h_0, (B, H), W_h)
    moved = tape.x if R_x is None else R_x
    R_h = np.empty((T + 1, B, H), np.result_type(tape.h, *v, moved, R_h_0, *params))
    R_h[0] = R_h_0
    x, h_prev, _, *gates = tape
    r_forward_steps(W_x, W_h, *v, x, h_prev, *gates, R_x, R_h)
    return R_h[1:]


@compiled.loop
def r_forward_steps(W_x, W_h, V_x, V_h, v_b_x, v_b_h, x, h_prev, r, u, n, m, R_x, R_h):
    """Fill R_h (T + 1, B, H) from R_h[0] on; R_x may be None."""
    H = W_h.shape[1]
    R_z_x = product(x, V_x.T) + v_b_x
    R_z_h = product(h_prev, V_h.T) + v_b_h
    if R_x is not None:
        R_z_x = R_z_x + product(R_x, W_x.T)
    for t in range(len(x)):
        R_z, R_m = R_z_x[t], R_z_h[t] + dot(R_h[t], W_h.T)
        R_r = r[t] * (1 - r[t]) * (R_z[:, :H] + R_m[:, :H])
        R_u = u[t] * (1 - u[t]) * (R_z[:, H : 2 * H] + R_m[:, H : 2 * H])
        R_n = (1 - n[t] ** 2) * (R_z[:, 2 * H :] + r[t] * R_m[:, 2 * H :] + m[t] * R_r)
        R_h[t + 1] = (1 - u[t]) * R_n + u[t] * R_h[t] + (h_prev[t] - n[t]) * R_u
