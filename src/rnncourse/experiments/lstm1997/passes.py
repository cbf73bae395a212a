"""The memory cell of 1997 forward, and its truncated gradient, for many nets at once.

With f the logistic function, u[t] all that a hidden unit sees (input, cells, gates, one):

    y_in = f(W_in u),  y_out = f(W_out u),  y_k = f_k(W_k y_c)    (7), (8), and the output units
    s[t] = s[t-1] + y_in g(W_c u)                                 (9)
    y_c  = y_out h(s)                                             (9)
    e_k  = f_k'(net_k) (target - y_k)                             (19)
    e_out = f'(net_out) sum_v h(s_v) sum_k w_kv e_k               (21)
    e_s  = y_out h'(s) sum_k w_kv e_k                             (23)
    ds/dw_in += g f'(net_in) u,    ds/dw_c += g' y_in u           (25), (27)

Truncated: the cells and gates of step t - 1, as part of u, count as constants. The paper carries
ds/dw forward and multiplies with e_s[t] at each step, (26) and (28). Here the same sum is taken in
the other order: the sum of e_s from t to the end, times what step t adds to ds/dw. The paper's
order is needed where the weights change at every step, and is in `each_step`.

The first axis of every weight, the second of every sequence, is the net: N independent trials.
`one_net` has the same for one net, for Numba.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.experiments.lstm1997.cell import Weights, slope, squash, there

LOGISTIC = (0.0, 1.0)  # the gates


class Tape(NamedTuple):
    """What a forward pass leaves for the gradient."""

    x: np.ndarray  # (T, N, D), or (T, N) symbols
    y: np.ndarray  # (T + 1, N, U) cells and gates; y[0] = 0
    g: np.ndarray  # (T, N, C) g(net_c)
    h: np.ndarray  # (T, N, C) h(s)
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
    C, U, fed = net.n_cells, net.n_hidden, net.n_fed_back
    z = from_input(w.W_x, x) + w.b
    y, g, h = np.zeros((T + 1, N, U)), np.empty((T, N, C)), np.empty((T, N, C))
    s, W_back = np.zeros((N, C)), w.W_h[..., :fed]
    for t in range(T):
        if fed:
            z[t] += np.matmul(W_back, y[t, :, :fed, np.newaxis])[..., 0]
        g[t] = squash(z[t, :, :C], net.g)
        y[t + 1, :, C:] = squash(z[t, :, C:], LOGISTIC)
        y_in, y_out = gates_of_cells(net, y[t + 1])
        s += y_in * g[t]
        h[t] = squash(s, net.h)
        y[t + 1, :, :C] = y_out * h[t]
    return Tape(x, y, g, h, output(net, w, x, y[1:, :, :C] * on))


def gates_of_cells(net, y):
    """Return the input and output gates that act on each cell (..., C); y has cells and gates."""
    C, B = net.n_cells, net.blocks
    y_in = np.repeat(y[..., C : C + B], net.size, axis=-1)
    return y_in, np.repeat(y[..., C + B :], net.size, axis=-1) if net.out_gate else 1.0


def output(net, w, x, y_c):
    """Return the activations of the output units (T, N, K) from input and cells (T, N, C)."""
    z = from_input(w.V_c, y_c) + w.c
    if net.direct:
        z += from_input(w.V_x, x)
    return squash(z, net.output)


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
    x, y, g, h, y_k = tape
    C = net.n_cells
    e_k = slope(y_k, net.output) * (target - y_k) * mask[..., np.newaxis]  # (19)
    e_y = from_input(w.V_c.transpose(0, 2, 1), e_k) * on
    y_in, y_out = gates_of_cells(net, y[1:])
    slope_f = slope(y[1:, :, C:], LOGISTIC)  # of both gates
    to_s, to_c = y_out * slope(h, net.h), y_in * slope(g, net.g)
    if full:
        e_net = _through_time(net, w.W_h, e_y, to_s, to_c, g, h, slope_f)
    else:
        e_s = np.cumsum((to_s * e_y)[::-1], axis=0)[::-1]  # (23), from t to the end
        e_net = _to_units(net, e_s * to_c, e_s * g, h * e_y)
        e_net[..., C:] *= slope_f
    here = there(net)
    return Weights(
        W_x=outer(e_net, x, net.n_in),
        W_h=outer(e_net, y[:-1], None) * here.W_h,
        b=e_net.sum(axis=0) * here.b,
        V_x=outer(e_k, x, net.n_in) if net.direct else np.zeros_like(w.V_x),
        V_c=outer(e_k, y[1:, :, :C] * on, None),
        c=e_k.sum(axis=0) * here.c,
    )


def _to_units(net, to_cells, to_in, to_out):
    """Return errors (..., U) of cells (28) and gates (26), (21), summed over a block's cells."""
    blocks = (*to_in.shape[:-1], net.blocks, net.size)
    parts = [to_cells, to_in.reshape(blocks).sum(axis=-1)]
    if net.out_gate:
        parts.append(to_out.reshape(blocks).sum(axis=-1))
    return np.concatenate(parts, axis=-1)


def _through_time(net, W_h, e_y, to_s, to_c, g, h, slope_f):
    """Return the errors of the full gradient (T, N, U): those of t + 1 come back by W_h.

    The others are (T, N, C): error at a cell's output from the output units; slopes of that output
    by s, and of s by the net input of the cell; g and h. slope_f is (T, N, gates).
    """
    T, N, C = e_y.shape
    W_back = (W_h * there(net).W_h).transpose(0, 2, 1)
    e_net, e_s, back = np.empty((T, N, net.n_hidden)), 0.0, np.zeros((N, net.n_hidden))
    for t in range(T - 1, -1, -1):
        e_c = e_y[t] + back[:, :C]
        e_s = e_s + to_s[t] * e_c
        e_net[t] = _to_units(net, e_s * to_c[t], e_s * g[t], h[t] * e_c)
        e_net[t, :, C:] = (e_net[t, :, C:] + back[:, C:]) * slope_f[t]
        back = np.matmul(W_back, e_net[t, ..., np.newaxis])[..., 0]
    return e_net


def each_step(net, w, x, target, mask, rate, on=1.0):
    """Go through a sequence and change the weights, in place, at every step with an error signal.

    Equations (19) to (28) in the paper's order: ds/dw is carried forward.

    Args:
        net: a `Net`.
        w: `Weights` of N nets; they change.
        x: as in `forward`.
        target: (T, N, K).
        mask: (T, N), the steps with an error signal.
        rate: the learning rate.
        on: as in `forward`.

    Returns:
        The output (T, N, K), each step before its own change of the weights.
    """
    T, N = x.shape[:2]
    C, B, D, U = net.n_cells, net.blocks, net.n_in, net.n_hidden
    here, on = there(net), np.broadcast_to(on, (N, 1))
    x = np.eye(D)[x] if x.ndim == 2 else x
    y, s, y_k = np.zeros((N, U)), np.zeros((N, C)), np.empty((T, N, net.n_out))
    ds_c, ds_in = np.zeros((2, N, C, D + U + 1))
    for t in range(T):
        u = np.concatenate([x[t], y, np.ones((N, 1))], axis=1)[:, np.newaxis]
        W = np.concatenate([w.W_x, w.W_h * here.W_h, w.b[..., np.newaxis]], axis=2)
        z = W @ u.swapaxes(1, 2)
        g, y[:, C:] = squash(z[:, :C, 0], net.g), squash(z[:, C:, 0], LOGISTIC)
        y_in, y_out = gates_of_cells(net, y)
        s += y_in * g
        h = squash(s, net.h)
        y[:, :C] = y_out * h
        y_k[t] = output(net, w, x[t : t + 1], (y[:, :C] * on)[np.newaxis])[0]
        ds_in += (g * slope(y_in, LOGISTIC))[..., np.newaxis] * u  # (25)
        ds_c += (slope(g, net.g) * y_in)[..., np.newaxis] * u  # (27)
        e_k = slope(y_k[t], net.output) * (target[t] - y_k[t]) * mask[t][:, np.newaxis]  # (19)
        e_y = (e_k[:, np.newaxis] @ w.V_c)[:, 0] * on
        e_s = (y_out * slope(h, net.h) * e_y)[..., np.newaxis]  # (23)
        parts = [e_s * ds_c, (e_s * ds_in).reshape(N, B, -1, D + U + 1).sum(axis=2)]  # (28), (26)
        if net.out_gate:
            e_out = slope(y[:, C + B :], LOGISTIC) * (h * e_y).reshape(N, B, -1).sum(axis=-1)
            parts.append(e_out[..., np.newaxis] * u)  # (21), (22)
        change = np.concatenate(parts, axis=1)
        w.W_x[:] += rate * change[..., :D]
        w.W_h[:] += rate * change[..., D:-1] * here.W_h
        w.b[:] += rate * change[..., -1] * here.b
        w.V_x[:] += rate * e_k[..., np.newaxis] * x[t][:, np.newaxis] * here.V_x
        w.V_c[:] += rate * e_k[..., np.newaxis] * (y[:, :C] * on)[:, np.newaxis]
        w.c[:] += rate * e_k * here.c
    return y_k
