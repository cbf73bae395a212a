"""The memory cell of 1997 forward, and its truncated gradient, for many nets at once.

With f the logistic function, u[t] all that a hidden unit sees (input, cells, gates, one):

    y_in = f(W_in u),  y_out = f(W_out u),  y_k = f(W_k y_c)      (7), (8), and the output units
    s[t] = s[t-1] + y_in g(W_c u)                                 (9)
    y_c  = y_out h(s)                                             (9)
    e_k  = f'(net_k) (target - y_k)                               (19)
    e_out = f'(net_out) sum_v h(s_v) sum_k w_kv e_k               (21)
    e_s  = y_out h'(s) sum_k w_kv e_k                             (23)
    ds/dw_in += g f'(net_in) u,    ds/dw_c += g' y_in u           (25), (27)

Truncated: the cells and gates of step t - 1, as part of u, count as constants. The paper carries
ds/dw forward and multiplies with e_s[t] at each step, (26) and (28). Here the same sum is taken in
the other order: the sum of e_s from t to the end, times what step t adds to ds/dw.

The first axis of every weight, the second of every sequence, is the net: N independent trials.
"""

import itertools
from typing import NamedTuple

import numpy as np

from rnncourse.experiments.lstm1997.cell import Weights, there


class Tape(NamedTuple):
    """What a forward pass leaves for the gradient."""

    x: np.ndarray  # (T, N, D), or (T, N) symbols
    y: np.ndarray  # (T + 1, N, U) cells and gates; y[0] = 0
    a: np.ndarray  # (T, N, U) tanh(net / 2), from which every squashing function follows
    h: np.ndarray  # (T, N, blocks, size) h(s)
    y_k: np.ndarray  # (T, N, K) output units


def from_input(W, x):
    """Return W x for all steps (T, N, rows), with x (T, N, D), or (T, N) symbols looked up."""
    if x.ndim == 2:
        return W.transpose(0, 2, 1)[np.arange(x.shape[1]), x]
    return np.matmul(x.transpose(1, 0, 2), W.transpose(0, 2, 1)).transpose(1, 0, 2)


def outer(e, x, n_in):
    """Return sum_t e[t] x[t]^T (N, rows, D), with e (T, N, rows) and x as in `from_input`."""
    if x.ndim == 3:
        return np.matmul(e.transpose(1, 2, 0), x.transpose(1, 0, 2))
    T, N, rows = e.shape
    place = (np.arange(N) * n_in + x)[..., np.newaxis] * rows + np.arange(rows)
    total = np.bincount(place.ravel(), e.ravel(), minlength=N * n_in * rows)
    return total.reshape(N, n_in, rows).transpose(0, 2, 1)


def forward(net, w, x, on=1.0):
    """Run N nets, each over its own sequence; the states start at zero.

    Args:
        net: a `Net`.
        w: `Weights` of N nets.
        x: (T, N, D) input, or (T, N) integer symbols of a one-hot input.
        on: (N, 1), 0 for nets whose memory cells have not been added yet, else 1.

    Returns:
        The `Tape`; its y_k (T, N, K) is the output.
    """
    T, N = x.shape[:2]
    C, B, S, U = net.n_cells, net.blocks, net.size, net.n_hidden
    # Inside, the nets are the last axis: all that a gate or a cell does is then one run of memory.
    a = np.ascontiguousarray((0.5 * (from_input(w.W_x, x) + w.b)).transpose(0, 2, 1))
    y = np.zeros((T + 1, U, N), a.dtype)
    h = np.empty((T, B, S, N), a.dtype)
    half_s, written = np.zeros((2, B, S, N), a.dtype)
    half_W_h, from_y = 0.5 * w.W_h, np.zeros((U, N), a.dtype)
    from_y_column = from_y.T[..., np.newaxis]  # columns, as matmul wants them
    gates = y[1:, C:]
    scale, middle = (net.g[1] - net.g[0]) / 4, (net.g[1] + net.g[0]) / 4  # of g / 2
    views = (
        y.transpose(0, 2, 1)[:-1, ..., np.newaxis],  # cells and gates of the step before
        a,
        a[:, C:],
        a[:, :C].reshape(T, B, S, N),
        gates,
        gates[:, :B, np.newaxis],
        gates[:, B:, np.newaxis] if net.out_gate else itertools.repeat(1.0),
        h,
        y[1:, :C].reshape(T, B, S, N),
    )
    for y_before, a_t, a_gates, a_c, gates_t, y_in, y_out, h_t, y_c in zip(*views, strict=False):
        if net.recurrent:
            np.matmul(half_W_h, y_before, out=from_y_column)
            a_t += from_y
        np.tanh(a_t, out=a_t)
        np.multiply(a_gates, 0.5, out=gates_t)  # f(net) = (1 + tanh(net / 2)) / 2
        gates_t += 0.5
        if net.g == (-2, 2):  # g(net) / 2 = tanh(net / 2)
            np.multiply(a_c, y_in, out=written)
        else:
            np.multiply(scale * a_c + middle, y_in, out=written)
        half_s += written
        if net.h:
            np.tanh(half_s, out=h_t)  # h(s) = tanh(s / 2)
        else:
            np.multiply(half_s, 2, out=h_t)
        np.multiply(h_t, y_out, out=y_c)
    y, a, h = y.transpose(0, 2, 1), a.transpose(0, 2, 1), h.transpose(0, 3, 1, 2)
    return Tape(x, y, a, h, output(net, w, x, y[1:, :, :C] * on))


def output(net, w, x, y_c):
    """Return the activations of the output units (T, N, K) from input and cells (T, N, C)."""
    z = from_input(w.V_c, y_c) + w.c
    if net.direct:
        z += from_input(w.V_x, x)
    z *= 0.5  # the logistic function in place: in 2a and 2b half of the time goes here
    np.tanh(z, out=z)
    z += 1.0
    z *= 0.5
    return z


def update(net, w, tape, target, mask, on=1.0, full=False):
    """Return the sum over time of the weight changes of each net, for learning rate 1.

    Args:
        net: a `Net`.
        w: `Weights` that `forward` was called with.
        tape: what it returned.
        target: (T, N, K).
        mask: (T, N), the steps with an error signal.
        on: as in `forward`.
        full: take the whole gradient instead, nothing cut off.

    Returns:
        `Weights`: minus half the truncated gradient of sum (target - y_k)^2, as in the paper.
    """
    x, y, a, h, y_k = tape
    T, N = x.shape[:2]
    C, B, S = net.n_cells, net.blocks, net.size
    blocks = (T, N, B, S)
    low, high = net.g
    e_k = y_k * (1 - y_k) * (target - y_k) * mask[..., np.newaxis]  # (19)
    e_y = (from_input(w.V_c.transpose(0, 2, 1), e_k) * on).reshape(blocks)
    gates = y[1:, :, C:, np.newaxis]  # (T, N, gates, 1)
    y_in = gates[:, :, :B]
    y_out = gates[:, :, B:] if net.out_gate else 1.0
    slope_g = ((high - low) / 4 * (1 - a[..., :C] ** 2)).reshape(blocks)
    g = ((high - low) / 2 * a[..., :C] + (high + low) / 2).reshape(blocks)
    slope_f = gates[..., 0] * (1 - gates[..., 0])  # f' of both gates
    to_s = y_out * ((1 - h**2) / 2 if net.h else 1.0)
    e_net = np.empty(a.shape, y.dtype)
    if full:
        to_s = np.broadcast_to(to_s, blocks)
        _through_time(e_net, w.W_h, e_y, to_s, h, g, slope_g * y_in, slope_f)
    else:
        e_s = np.cumsum((to_s * e_y)[::-1], axis=0)[::-1]  # (23), from t to the end
        e_net[..., :C] = (e_s * slope_g * y_in).reshape(T, N, C)  # (27), (28)
        e_net[..., C : C + B] = (e_s * g).sum(axis=-1)  # (25), (26)
        if net.out_gate:
            e_net[..., C + B :] = (h * e_y).sum(axis=-1)  # (21)
        e_net[..., C:] *= slope_f
    here = there(net)
    return Weights(
        W_x=outer(e_net, x, net.n_in),
        W_h=outer(e_net, y[:-1], None) if net.recurrent else np.zeros_like(w.W_h),
        b=e_net.sum(axis=0) * here.b,
        V_x=outer(e_k, x, net.n_in) if net.direct else np.zeros_like(w.V_x),
        V_c=outer(e_k, y[1:, :, :C] * on, None),
        c=e_k.sum(axis=0) * here.c,
    )


def _through_time(e_net, W_h, e_y, to_s, h, g, to_c, slope_f):
    """Write the errors of the full gradient into e_net (T, N, U): those of t + 1 come back by W_h.

    The others are (T, N, blocks, size): error at a cell's output from the output units; slopes of
    that output by s, and of s by the net input of the cell and by its input gate; h(s).
    """
    N, B, S = e_y.shape[1:]
    C, back, e_s = B * S, np.zeros(e_net.shape[1:]), 0.0
    W_back = W_h.transpose(0, 2, 1)
    for e_t, e_y_t, to_s_t, h_t, g_t, to_c_t, slope_t in zip(
        *(a[::-1] for a in (e_net, e_y, to_s, h, g, to_c, slope_f)), strict=True
    ):
        e_y_t = e_y_t + back[:, :C].reshape(N, B, S)
        e_s = e_s + to_s_t * e_y_t
        e_t[:, :C] = (e_s * to_c_t).reshape(N, C)
        e_t[:, C : C + B] = (e_s * g_t).sum(axis=-1) + back[:, C : C + B]
        if e_t.shape[1] > C + B:
            e_t[:, C + B :] = (h_t * e_y_t).sum(axis=-1) + back[:, C + B :]
        e_t[:, C:] *= slope_t
        back = np.matmul(W_back, e_t[..., np.newaxis])[..., 0]
