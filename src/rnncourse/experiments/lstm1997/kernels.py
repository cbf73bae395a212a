"""`passes` one number at a time, compiled by Numba: one net, many sequences in turn.

Arrays are those of `one_net`, the equations those of `passes`, in its order. A row of weights or of
units has room for a multiple of eight, so that a loop over it is whole vectors.
"""

import numpy as np
from numba import njit

from rnncourse.compiled.elementary import OPTIONS, tanh
from rnncourse.compiled.kernels import alone

# A call would hand over a hundred numbers, nine for each array, and take longer than the work.
inlined = njit(forceinline=True, no_cpython_wrapper=True, **OPTIONS)


@inlined
def _length(mask, b):
    """Return the number of steps of sequence b up to the last one that is asked for."""
    length = mask.shape[0]
    while length > 0 and not mask[length - 1, b]:
        length -= 1
    return length


@inlined
def _add_rows(a, i, n, A, first, to, row):
    """Add sum_m a[i, m] A[first + m], of n rows, to a row of `to`; four at a time."""
    for m in range(0, n - 3, 4):
        p, q, r, s = a[i, m], a[i, m + 1], a[i, m + 2], a[i, m + 3]
        j = first + m
        for k in range(A.shape[1]):
            to[row, k] += (p * A[j, k] + q * A[j + 1, k]) + (r * A[j + 2, k] + s * A[j + 3, k])
    for m in range(n - n % 4, n):
        v = a[i, m]
        for k in range(A.shape[1]):
            to[row, k] += v * A[first + m, k]


@inlined
def _weighted(W, inputs, number, value, t, b, first, n, y, i, z):
    """Write z[0] = W u: biases, inputs, and n units y[i] that have rows from `first` on."""
    last = W.shape[0] - 1
    for k in range(W.shape[1]):
        z[0, k] = W[last, k]
    if inputs:
        for j in range(number.shape[2]):
            d, v = number[t, b, j], value[t, b, j]
            for k in range(W.shape[1]):
                z[0, k] += v * W[d, k]
    _add_rows(y, i, n, W, first, z, 0)


@inlined
def _add_inputs(W, rate, number, value, t, b, e, i):
    """Add rate e[i] times the inputs of step t to their rows of W."""
    for j in range(number.shape[2]):
        d, v = number[t, b, j], rate * value[t, b, j]
        for k in range(W.shape[1]):
            W[d, k] += v * e[i, k]


@inlined
def _add_to_outputs(net, V, rate, number, value, t, b, on, y, here, e_k, i):
    """Change the weights to the output units by what step t adds, with the errors e_k[i]."""
    (D, _, C, _, _, _, _), _, _, (_, direct, free_c) = net
    if direct:
        _add_inputs(V, rate, number, value, t, b, e_k, i)
    for c in range(C):
        v = rate * on * y[here, c]
        for k in range(V.shape[1]):
            V[D + c, k] += v * e_k[i, k]
    for k in range(V.shape[1]):
        V[D + C, k] += rate * free_c * e_k[i, k]


@inlined
def _squash(z, row, limits):
    """Apply a squashing function to a row of z in place."""
    low, high = limits
    if low != high:
        half, middle = (high - low) / 2, (high + low) / 2
        for k in range(z.shape[1]):
            z[row, k] = half * tanh(0.5 * z[row, k]) + middle


@inlined
def _slope(y, limits):
    low, high = limits
    return 1.0 if low == high else (y - low) * (high - y) / (high - low)


@inlined
def _hidden(net, W, number, value, t, b, before, here, s, z, g, h, y):
    """Write g[before], h[before] and y[here] from y[before] and the inputs of step t; s changes."""
    (D, _, C, B, S, fed, _), out_gate, (range_g, range_h, _), _ = net
    _weighted(W, True, number, value, t, b, D, fed, y, before, z)
    for k in range(g.shape[1]):
        g[before, k] = z[0, k]
    _squash(g, before, range_g)
    _squash(z, 0, (0.0, 1.0))
    for k in range(z.shape[1]):
        y[here, k] = z[0, k]
    for j in range(B):
        for c in range(j * S, j * S + S):
            s[c] += y[here, C + j] * g[before, c]
            h[before, c] = s[c]
    _squash(h, before, range_h)
    for j in range(B):
        y_out = y[here, C + B + j] if out_gate else 1.0
        for c in range(j * S, j * S + S):
            y[here, c] = y_out * h[before, c]


@inlined
def _outputs(net, V, number, value, t, b, on, y, here, y_k):
    """Write the output units y_k[0] of step t from the cells y[here]."""
    (D, _, C, _, _, _, _), _, (_, _, limits), (_, direct, _) = net
    _weighted(V, direct, number, value, t, b, D, C if on else 0, y, here, y_k)
    _squash(y_k, 0, limits)


@inlined
def _error(net, target, t, b, y_k, judged, found, e_k, i):
    """Write e_k (19) into e_k[i], and add to the errors of sequence b."""
    labels, values, low, high = target
    limits, K = net[2][2], net[0][6]
    worst, total, squared = 0.0, 0.0, 0.0
    for k in range(K):
        if values.shape[0]:
            wanted = values[t, b, k]
        else:
            wanted = 1.0 if labels[t, b] == k else 0.0
        error = low + (high - low) * wanted - y_k[0, k]
        e_k[i, k] = _slope(y_k[0, k], limits) * error
        worst = max(worst, abs(error))
        total += abs(error)
        squared += error * error
    found[2, b] += squared
    if judged[t, b]:
        found[0, b] = max(found[0, b], worst)
        found[1, b] += total
        found[3, b] += K


@alone
def run(net, W, V, number, value, mask, on, outputs):
    """Write the outputs (T, B, K) at the steps of the mask."""
    width, C = W.shape[1], net[0][2]
    room = C + -C % 8
    y, z, s, y_k = (
        np.zeros((2, width)),
        np.empty((1, width)),
        np.empty(C),
        np.empty((1, V.shape[1])),
    )
    g, h = np.zeros((2, room)), np.zeros((2, room))
    for b in range(mask.shape[1]):
        y[:] = 0.0
        s[:] = 0.0
        for t in range(_length(mask, b)):
            here = (t + 1) % 2
            _hidden(net, W, number, value, t, b, t % 2, here, s, z, g, h, y)
            if mask[t, b]:
                _outputs(net, V, number, value, t, b, on, y, here, y_k)
                for k in range(outputs.shape[2]):
                    outputs[t, b, k] = y_k[0, k]


@alone
def train(net, W, V, number, value, target, mask, judged, rate, on, found, full):
    """Train on the sequences in turn; W and V change, and the errors are added to `found`."""
    (D, U, C, B, S, fed, K), out_gate, (range_g, range_h, _), (free_b, direct, free_c) = net
    T, width, room = mask.shape[0], W.shape[1], C + -C % 8
    y, g, h = np.zeros((T + 1, width)), np.zeros((T, room)), np.zeros((T, room))
    z, s, y_k, a = np.empty((1, width)), np.empty(C), np.empty((1, V.shape[1])), np.empty((1, T))
    e, e_k, e_s, e_y = np.zeros((T, width)), np.zeros((T, V.shape[1])), np.empty(C), np.empty(C)
    back = np.zeros(U)
    for b in range(mask.shape[1]):
        length = _length(mask, b)
        s[:] = 0.0
        for t in range(length):
            _hidden(net, W, number, value, t, b, t, t + 1, s, z, g, h, y)
            if mask[t, b]:
                _outputs(net, V, number, value, t, b, on, y, t + 1, y_k)
                _error(net, target, t, b, y_k, judged, found, e_k, t)

        e_s[:] = 0.0
        back[:] = 0.0
        for t in range(length - 1, -1, -1):
            for c in range(C):
                total = 0.0
                if mask[t, b]:
                    for k in range(K):
                        total += V[D + c, k] * e_k[t, k]
                e_y[c] = on * total + back[c]
            for j in range(B):
                y_in, e_in = y[t + 1, C + j], back[C + j]
                y_out, e_out = (y[t + 1, C + B + j], back[C + B + j]) if out_gate else (1.0, 0.0)
                for c in range(j * S, j * S + S):
                    e_s[c] += y_out * _slope(h[t, c], range_h) * e_y[c]  # (23), from t to the end
                    e[t, c] = e_s[c] * _slope(g[t, c], range_g) * y_in  # (27), (28)
                    e_in += e_s[c] * g[t, c]  # (25), (26)
                    e_out += h[t, c] * e_y[c]  # (21)
                e[t, C + j] = e_in * y_in * (1 - y_in)
                if out_gate:
                    e[t, C + B + j] = e_out * y_out * (1 - y_out)
            if full:
                for m in range(fed):
                    total = 0.0
                    for k in range(U):
                        total += W[D + m, k] * e[t, k]
                    back[m] = total

        for m in range(fed):
            for t in range(length):
                a[0, t] = rate * y[t, m]
            _add_rows(a, 0, length, e, 0, W, D + m)
        for t in range(length):
            _add_inputs(W, rate, number, value, t, b, e, t)
            for k in range(width):
                W[D + U, k] += rate * free_b[k] * e[t, k]
            if mask[t, b]:
                _add_to_outputs(net, V, rate, number, value, t, b, on, y, t + 1, e_k, t)


@alone
def train_each_step(net, W, V, number, value, target, mask, judged, rate, on, found):
    """As `train`, but the weights change at every step with an error: ds/dw is carried forward."""
    (D, U, C, B, S, fed, K), out_gate, (range_g, range_h, _), (free_b, _, _) = net
    (rows, width), room = W.shape, C + -C % 8
    y, g, h = np.zeros((2, width)), np.zeros((2, room)), np.zeros((2, room))
    z, s, y_k = np.empty((1, width)), np.empty(C), np.empty((1, V.shape[1]))
    e_k, ds_c, ds_in = np.zeros((1, V.shape[1])), np.empty((rows, C)), np.empty((rows, C))
    u, change = np.zeros(rows), np.zeros((rows, width))
    u[-1] = 1.0
    for b in range(mask.shape[1]):
        s[:] = 0.0
        y[:] = 0.0
        ds_c[:] = 0.0
        ds_in[:] = 0.0
        for t in range(_length(mask, b)):
            i, here = t % 2, (t + 1) % 2
            _hidden(net, W, number, value, t, b, i, here, s, z, g, h, y)
            for j in range(number.shape[2]):
                u[number[t, b, j]] = value[t, b, j]
            for m in range(fed):
                u[D + m] = y[i, m]
            for c in range(C):
                y_in = y[here, C + c // S]
                to_c, to_in = _slope(g[i, c], range_g) * y_in, g[i, c] * y_in * (1 - y_in)
                for r in range(rows):
                    ds_c[r, c] += to_c * u[r]  # (27)
                    ds_in[r, c] += to_in * u[r]  # (25)
            if mask[t, b]:
                _outputs(net, V, number, value, t, b, on, y, here, y_k)
                _error(net, target, t, b, y_k, judged, found, e_k, 0)
                change[:] = 0.0
                for c in range(C):
                    e_y = 0.0
                    for k in range(K):
                        e_y += on * V[D + c, k] * e_k[0, k]
                    y_out = y[here, C + B + c // S] if out_gate else 1.0
                    e_s = y_out * _slope(h[i, c], range_h) * e_y  # (23)
                    e_out = y_out * (1 - y_out) * h[i, c] * e_y  # (21)
                    for r in range(rows):
                        change[r, c] = e_s * ds_c[r, c]  # (28)
                        change[r, C + c // S] += e_s * ds_in[r, c]  # (26)
                        if out_gate:
                            change[r, C + B + c // S] += e_out * u[r]  # (22)
                for r in range(rows):
                    if r < D + fed or r == D + U:
                        for k in range(U):
                            W[r, k] += rate * change[r, k] * (free_b[k] if r == D + U else 1.0)
                _add_to_outputs(net, V, rate, number, value, t, b, on, y, here, e_k, 0)
            for j in range(number.shape[2]):
                u[number[t, b, j]] = 0.0
