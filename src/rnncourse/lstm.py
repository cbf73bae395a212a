"""The LSTM cell: forward in time, backward in time, and its directional derivative.

    z[t] = W_x x[t] + W_h h[t-1] + b           four weighted sums, stacked     -> forward_steps
    i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o)   write, keep, read gate-> forward_steps
    g = tanh(z_g)                              candidate                       -> forward_steps
    c[t] = f c[t-1] + i g                      memory cell                     -> forward_steps
    h[t] = o tanh(c[t])                        hidden state                    -> forward_steps
    d_h = e[t] + W_h^T d_z[t+1]                total derivative dC/dh[t]       -> backward_steps
    d_c = d_h dh/dc + d_c[t+1] f[t+1]          total derivative dC/dc[t]       -> backward_steps
    d_z = d_c dc/dz,  for the read gate d_h dh/dz        error derivatives     -> backward_steps
    R_c[t] = f R_c[t-1] + dc/dz R_z,  R_h[t] = dh/dc R_c[t] + dh/dz_o R_z_o    -> r_forward_steps

The gates are stacked in the order i, f, g, o, as in PyTorch, whose weights fit unchanged with
b = b_ih + b_hh. 1 - gate is as exact as 1 itself: the slope of a gate that is almost open has an
absolute error of 1e-16, in float32 6e-8 (1 % of it at z = 12, all of it from z = 17 on), as in the
frameworks.
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
    finite,
    kind_of,
    weights,
)

CAUSAL = True  # h[t] depends on x[: t + 1] alone


class Params(NamedTuple):
    """Weights of the cell, gates in the order i, f, g, o; also a gradient and a direction."""

    W_x: np.ndarray  # (4H, D)  to the gates from x
    W_h: np.ndarray  # (4H, H)  to the gates from the previous h
    b: np.ndarray  # (4H,)    bias


class Tape(NamedTuple):
    """The stack of activities that `forward` builds and `backward` peels off.

    x is the array that came in, h the one that `forward` returned, the states of `last` are parts
    of h and c, none of them a copy: leave them alone until the backward pass is done.
    """

    x: np.ndarray  # (T, B, D)
    h_prev: np.ndarray  # (T, B, H)  h_prev[t] is h[t-1]; shares its memory with h
    h: np.ndarray  # (T, B, H)
    i: np.ndarray  # (T, B, H)  input (write) gate
    f: np.ndarray  # (T, B, H)  forget (keep) gate
    g: np.ndarray  # (T, B, H)  candidate
    o: np.ndarray  # (T, B, H)  output (read) gate
    c_prev: np.ndarray  # (T, B, H)  c_prev[t] is c[t-1]; shares its memory with c
    c: np.ndarray  # (T, B, H)  memory cell
    tanh_c: np.ndarray  # (T, B, H)


def shapes(n_in, n_hidden):
    """Return the shapes of the parameters, named."""
    return Params(W_x=(4 * n_hidden, n_in), W_h=(4 * n_hidden, n_hidden), b=(4 * n_hidden,))


def init(
    rng,
    n_in,
    n_hidden,
    init_x=initializers.gaussian,
    init_h=initializers.orthogonal,
    forget_bias=1.0,
    dtype=np.float64,
):
    """Draw starting values; biases are zero but for the forget gate's, which first keeps the cell.

    Args:
        rng: a `numpy.random.Generator`.
        n_in: number of inputs D.
        n_hidden: number of hidden units H.
        init_x: function of (rng, n_out, n_in) that draws the W_x of one gate.
        init_h: function of (rng, n_out, n_in) that draws the W_h of one gate.
        forget_bias: bias of the forget gate.
        dtype: float32 or float64.

    Raises:
        ValueError: if dtype is another, rng no generator, or forget_bias no finite number.

    Source:
        Forget bias 1: Jozefowicz, Zaremba and Sutskever, ICML 2015, section 4.
    """
    check_rng(rng)
    check_dtype(dtype)
    forget_bias = finite("forget_bias", forget_bias)
    W_x = np.concatenate([init_x(rng, n_hidden, n_in) for _ in range(4)])
    W_h = np.concatenate([init_h(rng, n_hidden, n_hidden) for _ in range(4)])
    b = np.repeat([0.0, forget_bias, 0.0, 0.0], n_hidden)
    return Params(W_x.astype(dtype), W_h.astype(dtype), b.astype(dtype))


def forward(params, x, h_0=None):
    """Run the cell over a batch of sequences.

        c[t] = f c[t-1] + i g,    h[t] = o tanh(c[t])

    Arguments, return values and errors are those of `rnn.forward`, but for h_0: a pair (h_0, c_0)
    of (B, H) states before the first step, zero if None; another number of states is a ValueError.
    """
    W_x, W_h, b = weights(params, Params)
    D, H = np.shape(W_x)[-1], np.shape(W_h)[-1]
    check_weights(params, shapes(D, H))
    check_signal("x", x, ("T", "B", D), W_h)
    T, B, _ = x.shape
    h_0, c_0 = _pair("h_0", h_0, ("h_0", "c_0"), (B, H), W_h)
    dtype = np.result_type(x, h_0, c_0, *params)
    h, c = np.empty((2, T + 1, B, H), dtype)
    h[0], c[0] = h_0, c_0
    i, f, g, o, tanh_c = np.empty((5, T, B, H), dtype)
    forward_steps(W_x, W_h, b, x, h, c, i, f, g, o, tanh_c)
    tape = Tape(x, h[:-1], h[1:], i, f, g, o, c[:-1], c[1:], tanh_c)
    return tape.h, tape


@compiled.loop
def forward_steps(W_x, W_h, b, x, h, c, i, f, g, o, tanh_c):
    """Fill the tape; h and c (T + 1, B, H) hold the state before step t at t, after it at t + 1."""
    H = W_h.shape[1]
    for t in range(len(x)):
        z = dot(x[t], W_x.T) + dot(h[t], W_h.T) + b
        i[t] = sigmoid(z[:, :H])
        f[t] = sigmoid(z[:, H : 2 * H])
        g[t] = np.tanh(z[:, 2 * H : 3 * H])
        o[t] = sigmoid(z[:, 3 * H :])
        c[t + 1] = f[t] * c[t] + i[t] * g[t]
        tanh_c[t] = np.tanh(c[t + 1])
        h[t + 1] = o[t] * tanh_c[t]


def last(tape):
    """Return the states after the last step, a pair: h_0 of a call that goes on from there."""
    return tape.h[-1], tape.c[-1]


def backward(params, tape, e, e_last=None):
    """Peel the tape off from the last step to the first; linear in e and e_last: this is J^T e.

        d_h = e[t] + W_h^T d_z[t+1],    d_c = d_h dh/dc + d_c[t+1] f[t+1]

    Arguments, return values and errors are those of `rnn.backward`, but for two pairs of (B, H),
    one entry for h and one for c: e_last, and (dC/dh_0, dC/dc_0) in the place of dC/dh_0.
    """
    W_x, W_h, _ = weights(params, Params)
    check_tape(tape, W_h, x=W_x.shape[1], h=W_h.shape[1])
    check_signal("e", e, tape.h.shape, W_h)
    T, B, H = e.shape
    e_last = _pair("e_last", e_last, ("e_h_last", "e_c_last"), (B, H), W_h)
    d_z = np.empty((T, B, 4 * H), np.result_type(e, *e_last, tape.h, W_h))
    d_h, d_c = (a.astype(d_z.dtype, order="C") for a in e_last)
    backward_steps(W_h, tape.i, tape.f, tape.g, tape.o, tape.c_prev, tape.tanh_c, e, d_h, d_c, d_z)
    return Params(*weight_sums(d_z, tape.x, tape.h_prev)), product(d_z, W_x), (d_h, d_c)


@compiled.loop
def backward_steps(W_h, i, f, g, o, c_prev, tanh_c, e, d_h, d_c, d_z):
    """Fill d_z, gate by gate; d_h and d_c (B, H) come in from after the last step, end at h_0."""
    H = W_h.shape[1]
    for t in reversed(range(len(e))):
        d_h += e[t]
        d_c += d_h * o[t] * (1 - tanh_c[t] ** 2)
        d_z[t, :, :H] = d_c * g[t] * i[t] * (1 - i[t])
        d_z[t, :, H : 2 * H] = d_c * c_prev[t] * f[t] * (1 - f[t])
        d_z[t, :, 2 * H : 3 * H] = d_c * i[t] * (1 - g[t] ** 2)
        d_z[t, :, 3 * H :] = d_h * tanh_c[t] * o[t] * (1 - o[t])
        d_h[...] = dot(d_z[t], W_h)
        d_c *= f[t]


@compiled.function
def weight_sums(d_z, x, h_prev):
    """Return dC/dW_x, dC/dW_h and dC/db, the sums of what each step and example adds to them."""
    return sum_outer(d_z, x), sum_outer(d_z, h_prev), d_z.sum(axis=(0, 1))


def r_forward(params, tape, v, R_x=None, R_h_0=None):
    """Differentiate the forward pass along v; linear in v: this is J v.

        R_z[t] = V_x x[t] + V_h h[t-1] + v_b + W_x R_x[t] + W_h R_h[t-1]
        R_c[t] = f R_c[t-1] + dc/dz R_z[t],    R_h[t] = dh/dc R_c[t] + dh/dz R_z[t]

    Arguments, return value, errors and source are those of `rnn.r_forward`, but for R_h_0: a pair
    (R_h_0, R_c_0) of (B, H) directional derivatives, zero if None.
    """
    W_x, W_h, _ = weights(params, Params)
    check_weights(v, shapes(W_x.shape[1], W_h.shape[1]), "v.", like=W_h)
    check_tape(tape, W_h, x=W_x.shape[1], h=W_h.shape[1])
    if R_x is not None:
        check_signal("R_x", R_x, tape.x.shape, W_h)
    T, B, H = tape.h.shape
    R_h_0, R_c_0 = _pair("R_h_0", R_h_0, ("R_h_0", "R_c_0"), (B, H), W_h)
    moved = tape.x if R_x is None else R_x
    R_h = np.empty((T + 1, B, H), np.result_type(tape.h, *v, moved, R_h_0, R_c_0, *params))
    R_h[0] = R_h_0
    R_c = R_c_0.astype(R_h.dtype, order="C")
    x, h_prev, _, *gates, c_prev, _, tanh_c = tape
    r_forward_steps(W_x, W_h, *v, x, h_prev, *gates, c_prev, tanh_c, R_x, R_h, R_c)
    return R_h[1:]


@compiled.loop
def r_forward_steps(W_x, W_h, V_x, V_h, v_b, x, h_prev, i, f, g, o, c_prev, tanh_c, R_x, R_h, R_c):
    """Fill R_h (T + 1, B, H) from R_h[0] on; R_c (B, H) comes in from c_0; R_x may be None."""
    H = W_h.shape[1]
    R_z = product(x, V_x.T) + product(h_prev, V_h.T) + v_b
    if R_x is not None:
        R_z = R_z + product(R_x, W_x.T)
    for t in range(len(x)):
        R = R_z[t] + dot(R_h[t], W_h.T)
        R_i = i[t] * (1 - i[t]) * R[:, :H]
        R_f = f[t] * (1 - f[t]) * R[:, H : 2 * H]
        R_g = (1 - g[t] ** 2) * R[:, 2 * H : 3 * H]
        R_o = o[t] * (1 - o[t]) * R[:, 3 * H :]
        R_c[...] = f[t] * R_c + c_prev[t] * R_f + i[t] * R_g + g[t] * R_i
        R_h[t + 1] = tanh_c[t] * R_o + o[t] * (1 - tanh_c[t] ** 2) * R_c


def _pair(name, pair, names, shape, like):
    """Return the two states that came in, once they are checked; zeros if None."""
    if pair is None:
        return (np.zeros(shape, like.dtype),) * 2
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        count = f" of {len(pair)}" if isinstance(pair, tuple | list) else ""
        raise ValueError(
            f"{name} is {kind_of(pair)}{count}, expected a pair ({', '.join(names)}); of a "
            f"network, {name} has one entry for each cell, and a pair as that of an lstm"
        )
    for part, array in zip(names, pair, strict=True):
        check_signal(part, array, shape, like)
    return pair
