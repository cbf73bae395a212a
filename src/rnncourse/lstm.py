"""The LSTM cell: forward in time, backward in time, and its directional derivative.

    z[t] = W_x x[t] + W_h h[t-1] + b           four weighted sums, stacked        -> forward
    i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o)   write, keep, read gate   -> forward
    g = tanh(z_g)                              candidate                          -> forward
    c[t] = i g + f c[t-1]                      memory cell                        -> forward
    h[t] = o tanh(c[t])                        hidden state                       -> forward
    d_h = e[t] + W_h^T d_z[t+1]                total derivative dC/dh[t]          -> backward
    d_c = d_h dh/dc + d_c[t+1] f[t+1]          total derivative dC/dc[t]          -> backward
    d_z = d_c dc/dz,  for the read gate d_h dh/dz        error derivatives        -> backward
    R_c[t] = dc/dz R_z + f R_c[t-1],  R_h[t] = dh/dz_o R_z_o + dh/dc R_c[t]       -> r_forward

All three loops need the same six local derivatives of a step, -> _slopes. The gates are stacked in
the order i, f, g, o, as in PyTorch, whose weights fit unchanged with b = b_ih + b_hh.

Inside, examples are columns, W x as in the text: a gate of one step is then one contiguous (H, B)
block, and the read gate comes first, so that what a step treats alike lies side by side. Arrays
that come in and go out are (T, B, ...) as everywhere.
"""

from typing import NamedTuple

import numpy as np

from rnncourse import initializers
from rnncourse.arrays import (
    can_overflow,
    check_dtype,
    check_floating,
    check_rng,
    check_shape,
    check_weights,
    columns,
    dot,
    kind_of,
    number,
    product,
    steps_in_cache,
    sum_outer,
)

CAUSAL = True  # h[t] depends on x[: t + 1] alone


class Params(NamedTuple):
    """Weights of the cell, gates in the order i, f, g, o; also a gradient and a direction."""

    W_x: np.ndarray  # (4H, D)  to the gates from x
    W_h: np.ndarray  # (4H, H)  to the gates from the previous h
    b: np.ndarray  # (4H,)    bias


class Tape(NamedTuple):
    """The stack of activities that `forward` builds and `backward` peels off.

    x is the array that came in, not a copy: leave it alone until the backward pass is done.
    """

    x: np.ndarray  # (T, B, D)
    h_prev: np.ndarray  # (T, B, H)  h_prev[t] is h[t-1]
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
    forget_bias = number("forget_bias", forget_bias, np.isfinite, "a finite number")
    W_x = np.concatenate([init_x(rng, n_hidden, n_in) for _ in range(4)])
    W_h = np.concatenate([init_h(rng, n_hidden, n_hidden) for _ in range(4)])
    b = np.repeat([0.0, forget_bias, 0.0, 0.0], n_hidden)
    return Params(W_x.astype(dtype), W_h.astype(dtype), b.astype(dtype))


def forward(params, x, h_0=None):
    """Run the cell over a batch of sequences.

        c[t] = i g + f c[t-1],    h[t] = o tanh(c[t])

    Args:
        params: `Params`.
        x: (T, B, D) inputs, of the precision of the parameters.
        h_0: pair (h_0, c_0) of (B, H) states before the first step; zero if None.

    Returns:
        h (T, B, H), and the tape for `backward` and `r_forward`.

    Raises:
        ValueError: if an argument has another shape or dtype, or if h_0 is not a pair.
    """
    W_x, W_h, b = params
    D, H = np.shape(W_x)[-1], np.shape(W_h)[-1]
    check_weights(params, shapes(D, H))
    check_shape("x", x, ("T", "B", D))
    check_floating("x", x, like=W_h)
    T, B, _ = x.shape
    h_0 = (np.zeros((B, H), W_h.dtype),) * 2 if h_0 is None else h_0
    if not isinstance(h_0, tuple | list) or len(h_0) != 2:
        count = f" of {len(h_0)}" if isinstance(h_0, tuple | list) else ""
        raise ValueError(
            f"h_0 is {kind_of(h_0)}{count}, expected a pair (h_0, c_0); of a network, h_0 has one "
            "entry for each cell, and a pair as that of an lstm"
        )
    for name, state in zip(("h_0", "c_0"), h_0, strict=True):
        check_shape(name, state, (B, H))
        check_floating(name, state, like=W_h)

    P = D + 1 + H
    # One block for each step: x[t], 1, h[t-1]; then o, i, f, g, c[t-1]; then tanh(c[t]). One array
    # for the whole tape, because fresh memory costs as much time as the arithmetic.
    a = np.empty((T + 1, P + 6 * H, B), np.result_type(x, W_h, *h_0))
    s, z, tanh_c = a[:, :P], a[:, P : P + 4 * H], a[:-1, P + 5 * H :]
    oifgc = a[:, P : P + 5 * H].reshape(T + 1, 5, H, B)
    h_prev, h, c = s[:-1, D + 1 :], s[1:, D + 1 :], oifgc[1:, 4]
    s[:-1, :D], s[:, D], h_prev[0], oifgc[0, 4] = columns(x), 1, h_0[0].T, h_0[1].T

    W = _o_first(np.concatenate([W_x, b[:, np.newaxis], W_h], axis=1))
    W = np.asfortranarray(W)  # a matrix times a vector, B = 1, is quicker so
    W[: 3 * H] *= -1  # a gate is 1 / (1 + exp(-z))
    gates, o, i_and_f, g, g_and_c = (oifgc[:-1, k] for k in np.s_[:3, 0, 1:3, 3, 3:])
    parts, one = np.empty((2, H, B), a.dtype), np.ones((), a.dtype)
    steps = zip(s[:-1], z[:-1], gates, o, i_and_f, g, g_and_c, c, tanh_c, h, strict=True)
    # where exp(-z) is infinite, the gate is 0; where z may be, NumPy is to say so
    over = None if can_overflow(W, x, h_0[0]) else "ignore"
    with np.errstate(over=over):
        for s_t, z_t, gates_t, o_t, i_and_f_t, g_t, g_and_c_t, c_t, tanh_c_t, h_t in steps:
            dot(W, s_t, out=z_t)
            np.exp(gates_t, out=gates_t)
            np.add(gates_t, one, out=gates_t)
            np.reciprocal(gates_t, out=gates_t)
            np.tanh(g_t, out=g_t)
            np.multiply(i_and_f_t, g_and_c_t, out=parts)  # i g and f c[t-1]
            np.add(parts[0], parts[1], out=c_t)
            np.tanh(c_t, out=tanh_c_t)
            np.multiply(o_t, tanh_c_t, out=h_t)
    o, i, f, g, c_prev = (columns(oifgc[:-1, k]) for k in range(5))
    h = np.ascontiguousarray(columns(h))
    return h, Tape(x, columns(h_prev), h, i, f, g, o, c_prev, columns(c), columns(tanh_c))


def backward(params, tape, e):
    """Peel the tape off from the last step to the first; linear in e: this is J^T e.

        d_h = e[t] + W_h^T d_z[t+1],    d_c = d_h dh/dc + d_c[t+1] f[t+1]

    Args:
        params: `Params` that `forward` was called with.
        tape: `Tape` that `forward` returned.
        e: (T, B, H) derivatives of C with respect to h[t], later states of this layer held fixed.

    Returns:
        The gradient as `Params`, and dC/dx (T, B, D).

    Raises:
        ValueError: if e does not have the shape of h.
    """
    W_x, W_h, _ = params
    check_shape("e", e, tape.h.shape)
    check_floating("e", e, like=W_h)
    T, B, H = e.shape
    to_h = np.ascontiguousarray(_o_first(W_h).T)
    d_z = np.empty((T, B, 4 * H), e.dtype)
    d_h, d_c = np.empty((2, H, B), e.dtype)
    n = steps_in_cache(H, B)
    slopes = np.zeros((n + 1, 6, H, B), e.dtype)
    z_slopes = slopes.reshape(n + 1, 6 * H, B)[:, H : 5 * H]  # of o, i, f, g
    for stop in range(T, 0, -n):
        k = min(n, stop)
        now = slice(stop - k, stop)
        slopes[k] = slopes[0]  # the step after these; zero after the last one
        _slopes(tape, now, slopes[:k])
        # in place, each slope is multiplied by the derivative that arrives there
        e_now = np.ascontiguousarray(columns(e[now]))
        of_h, to_c, of_c = slopes[:k, :2], slopes[:k, 0], slopes[:k, 2:]
        d_z_next, d_c_next = z_slopes[1 : k + 1], slopes[1 : k + 1, 5]
        steps = zip(e_now, of_h, to_c, of_c, d_z_next, d_c_next, strict=True)
        for e_t, of_h_t, to_c_t, of_c_t, d_z_next_t, d_c_next_t in reversed(list(steps)):
            dot(to_h, d_z_next_t, out=d_h)
            np.add(d_h, e_t, out=d_h)
            np.multiply(of_h_t, d_h, out=of_h_t)  # to c; d_z of o
            np.add(to_c_t, d_c_next_t, out=d_c)
            np.multiply(of_c_t, d_c, out=of_c_t)  # d_z of i, f, g; to c[t-1]
        d_z[now, :, : 3 * H] = columns(z_slopes[:k, H:])
        d_z[now, :, 3 * H :] = columns(z_slopes[:k, :H])
    gradient = Params(sum_outer(d_z, tape.x), sum_outer(d_z, tape.h_prev), d_z.sum(axis=(0, 1)))
    return gradient, product(d_z, W_x)


def r_forward(params, tape, v, R_x=None):
    """Differentiate the forward pass along v; linear in v: this is J v.

        R_z[t] = V_x x[t] + V_h h[t-1] + v_b + W_x R_x[t] + W_h R_h[t-1]
        R_c[t] = dc/dz R_z[t] + f R_c[t-1],    R_h[t] = dh/dz R_z[t] + dh/dc R_c[t]

    Args:
        params: `Params` that `forward` was called with.
        tape: `Tape` that `forward` returned.
        v: direction of type `Params`.
        R_x: (T, B, D) directional derivative of the input, zero if None (the data do not move).

    Returns:
        R_h (T, B, H). The initial states are no parameters, so their derivatives are zero.

    Raises:
        ValueError: if v or R_x has another shape or dtype than the parameters or x.

    Source:
        Pearlmutter, Neural Computation 6 (1994) 147.
    """
    check_weights(v, shapes(params.W_x.shape[1], params.W_h.shape[1]), "v.")
    V_x, V_h, v_b = (_o_first(a) for a in v)
    W_x, W_h = _o_first(params.W_x), _o_first(params.W_h)
    T, B, H = tape.h.shape
    # all but the recurrent part, for all steps at once
    R_z = np.matmul(V_x, columns(tape.x)) + np.matmul(V_h, columns(tape.h_prev))
    R_z += v_b[:, np.newaxis]
    if R_x is not None:
        check_shape("R_x", R_x, tape.x.shape)
        check_floating("R_x", R_x, like=params.W_h)
        R_z += np.matmul(W_x, columns(R_x))
    R_h, R_c = np.zeros((2, T + 1, H, B), R_z.dtype)
    from_h, parts = np.empty_like(R_z[0]), np.empty((5, H, B), R_z.dtype)
    of_z = parts.reshape(5 * H, B)[: 4 * H]
    n = steps_in_cache(H, B)
    slopes = np.empty((n, 6, H, B), R_z.dtype)
    for start in range(0, T, n):
        now = slice(start, min(start + n, T))
        _slopes(tape, now, slopes[: now.stop - start])
        for t in range(start, now.stop):
            slope = slopes[t - start]
            dot(W_h, R_h[t], out=from_h)
            np.add(R_z[t], from_h, out=of_z)
            parts[4] = R_c[t]
            parts *= slope[1:]
            np.add.reduce(parts[1:], axis=0, out=R_c[t + 1])
            np.multiply(slope[0], R_c[t + 1], out=R_h[t + 1])
            R_h[t + 1] += parts[0]
    return columns(R_h[1:])


def _slopes(tape, now, out):
    """Write the local derivatives of the steps `now` (a slice of k steps) to out (k, 6, H, B).

    1 - gate is as exact as 1 itself: the slope of a gate that is almost open has an absolute error
    of 1e-16, in float32 6e-8 (1 % of it at z = 12, all of it from z = 17 on), as in the frameworks.

    In this order: dh/dc, dh/dz_o, dc/dz_i, dc/dz_f, dc/dz_g, dc/dc[t-1].
    """
    i, f, g, o, c_prev, tanh_c = (
        columns(a[now]) for a in (tape.i, tape.f, tape.g, tape.o, tape.c_prev, tape.tanh_c)
    )
    h_c, h_o, c_i, c_f, c_g, c_c = out.swapaxes(0, 1)
    for gate, times, slope in ((o, tanh_c, h_o), (i, g, c_i), (f, c_prev, c_f)):
        np.subtract(1, gate, out=slope)  # sigmoid'(z) = gate (1 - gate)
        slope *= gate
        slope *= times
    for tanh, times, slope in ((tanh_c, o, h_c), (g, i, c_g)):
        np.multiply(tanh, tanh, out=slope)  # tanh'(z) = 1 - tanh(z)^2
        np.subtract(1, slope, out=slope)
        slope *= times
    c_c[...] = f


def _o_first(stacked):
    """Return the rows of the gates in the order o, i, f, g."""
    return np.roll(stacked, len(stacked) // 4, axis=0)
