"""The loops of `plain`, compiled by Numba; a step is the symbol that the input units show."""

import numpy as np

from rnncourse.compiled.elementary import tanh
from rnncourse.compiled.kernels import kernel
from rnncourse.experiments.lstm1997.kernels import inlined


@inlined
def _weighted(W, D, symbol, inputs, h, t, i):
    """Return the weighted sum of unit i: of the input if `inputs`, and of h[t]."""
    z = W[symbol, i] if inputs else 0.0
    for j in range(h.shape[1]):
        z += W[D + j, i] * h[t, j]
    return z


@inlined
def _step(W, V, symbol, above, direct, h, t, y_k):
    """Write h[t + 1] from h[t] and a symbol, and the outputs y_k[t]."""
    U, K = W.shape[1], V.shape[1]
    D = W.shape[0] - U
    for i in range(U):
        h[t + 1, i] = 0.5 + 0.5 * tanh(0.5 * _weighted(W, D, symbol, True, h, t, i))
    for k in range(K):
        if above:
            y_k[t, k] = 0.5 + 0.5 * tanh(0.5 * _weighted(V, D, symbol, direct, h, t + 1, k))
        else:
            y_k[t, k] = h[t + 1, U - K + k]


@kernel
def run(W, V, x, mask, above, direct, outputs):
    """Write the outputs (T, B, K) at the steps of the mask."""
    T, B, K = outputs.shape
    h, y_k = np.zeros((T + 1, W.shape[1])), np.zeros((T, K))
    for b in range(B):
        for t in range(T):
            _step(W, V, x[t, b], above, direct, h, t, y_k)
            if mask[t, b]:
                for k in range(K):
                    outputs[t, b, k] = y_k[t, k]


@kernel
def train(W, V, x, y, mask, judged, above, direct, full, rate, found):
    """Train on the sequences in turn; W and V change, and the errors are added to `found`."""
    (T, B), U, K = mask.shape, W.shape[1], V.shape[1]
    D = W.shape[0] - U
    h, y_k = np.zeros((T + 1, U)), np.zeros((T, K))
    e, e_k = np.zeros((T + 1, U)), np.zeros((T, K))
    for b in range(B):
        length = T
        while length > 0 and not mask[length - 1, b]:
            length -= 1
        for t in range(length):
            _step(W, V, x[t, b], above, direct, h, t, y_k)
            worst = 0.0
            for k in range(K):
                error = ((1.0 if y[t, b] == k else 0.0) - y_k[t, k]) * mask[t, b]
                e_k[t, k] = error * (y_k[t, k] * (1 - y_k[t, k]) if above else 1.0)
                found[2, b] += error * error
                found[1, b] += abs(error) * judged[t, b]
                worst = max(worst, abs(error))
            found[0, b] = max(found[0, b], worst * judged[t, b])
        e[length] = 0.0
        for t in range(length - 1, -1, -1):
            for i in range(U):
                total = 0.0
                if full:
                    for j in range(U):
                        total += W[D + i, j] * e[t + 1, j]
                if above:
                    for k in range(K):
                        total += V[D + i, k] * e_k[t, k]
                elif i >= U - K:
                    total += e_k[t, i - U + K]
                e[t, i] = total * h[t + 1, i] * (1 - h[t + 1, i])
        for t in range(length):
            for i in range(U):
                W[x[t, b], i] += rate * e[t, i]
                for j in range(U):
                    W[D + j, i] += rate * h[t, j] * e[t, i]
            if above:
                for k in range(K):
                    if direct:
                        V[x[t, b], k] += rate * e_k[t, k]
                    for j in range(U):
                        V[D + j, k] += rate * h[t + 1, j] * e_k[t, k]
