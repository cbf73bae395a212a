"""The cell of 1997 with weights that change at every time step, inside a sequence.

`lstm1997_passes.update` sums the changes of all time steps and makes them after the sequence, as
the appendix of the paper says. Where there is an error at every step, a program that learns online
may as well make each change at once. The derivatives ds/dw are then carried forward, equations (25)
and (27), and belong to weights that have changed a little since, as in real-time recurrent
learning.
"""

import numpy as np

from rnncourse.arrays import sigmoid


def train(net, w, x, target, mask, learning_rate, on=1.0):
    """Run N nets over one sequence each, and change their weights in place at every step.

    Args:
        net: a `lstm1997_cell.Net`.
        w: `lstm1997_cell.Weights` of N nets; changed.
        x: (T, N) integer symbols of a one-hot input.
        target: (T, N, K).
        mask: (T, N), the steps with an error signal.
        learning_rate: factor of each change.
        on: (N, 1), 0 for nets whose memory cells have not been added yet, else 1.

    Returns:
        The outputs y_k (T, N, K), each before the change of its own step.
    """
    (T, N), n = x.shape, np.arange(x.shape[1])
    C, B, S, U = net.n_cells, net.blocks, net.size, net.n_hidden
    low, high = net.g
    y, s = np.zeros((N, U)), np.zeros((N, C))
    block = np.repeat(np.arange(B), S)  # block of each cell
    # ds/dw for the weights into the input gate and into the cell, by what the weight comes from
    ds_x, ds_h, ds_b = np.zeros((N, 2, C, net.n_in)), np.zeros((N, 2, C, U)), np.zeros((N, 2, C))
    y_k = np.empty((T, N, net.n_out))
    gates_biased, cells_biased = net.biased != "none", net.biased in ("all", "hidden")
    for t in range(T):
        z = w.W_x[n, :, x[t]] + w.b
        if net.recurrent:
            z += np.matmul(w.W_h, y[..., np.newaxis])[..., 0]
        f = sigmoid(z)
        g, slope_g = low + (high - low) * f[:, :C], (high - low) * f[:, :C] * (1 - f[:, :C])
        y_in = f[:, C + block]
        y_out = f[:, C + B + block] if net.out_gate else 1.0
        s += y_in * g
        h = np.tanh(s / 2) if net.h else s
        y_c = y_out * h
        into = np.stack([g * y_in * (1 - y_in), slope_g * y_in], axis=1)  # (25), (27)
        ds_x[n, :, :, x[t]] += into
        if net.recurrent:
            ds_h += into[..., np.newaxis] * y[:, np.newaxis, np.newaxis]
        ds_b += into

        seen = y_c * on
        z_k = np.matmul(w.V_c, seen[..., np.newaxis])[..., 0] + w.c
        if net.direct:
            z_k += w.V_x[n, :, x[t]]
        y_k[t] = sigmoid(z_k)
        e_k = y_k[t] * (1 - y_k[t]) * (target[t] - y_k[t]) * mask[t, :, np.newaxis]  # (19)
        e_y = np.matmul(e_k[:, np.newaxis], w.V_c)[:, 0] * on
        e_s = e_y * y_out * ((1 - h * h) / 2 if net.h else 1.0)  # (23)
        step = learning_rate * e_k
        w.V_c[...] += step[..., np.newaxis] * seen[:, np.newaxis]
        if net.direct:
            w.V_x[n, :, x[t]] += step
        if net.biased == "all":
            w.c[...] += step

        e_s = (learning_rate * e_s)[:, np.newaxis]
        for weights, ds in ((w.W_x, ds_x), (w.W_h, ds_h)):
            if ds is ds_h and not net.recurrent:
                continue
            change = e_s[..., np.newaxis] * ds  # (26), (28)
            weights[:, :C] += change[:, 1]
            weights[:, C : C + B] += change[:, 0].reshape(N, B, S, -1).sum(axis=2)
        change = e_s * ds_b
        if cells_biased:
            w.b[:, :C] += change[:, 1]
        if gates_biased:
            w.b[:, C : C + B] += change[:, 0].reshape(N, B, S).sum(axis=2)
        if net.out_gate:  # (21), (22)
            out = f[:, C + B :]
            e_out = learning_rate * out * (1 - out) * (h * e_y).reshape(N, B, S).sum(axis=2)
            w.W_x[n, C + B :, x[t]] += e_out
            if net.recurrent:
                w.W_h[:, C + B :] += e_out[..., np.newaxis] * y[:, np.newaxis]
            if gates_biased:
                w.b[:, C + B :] += e_out
        y = np.concatenate([y_c, f[:, C:]], axis=1)
    return y_k
