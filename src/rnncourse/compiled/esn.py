"""The loops of `rnncourse.esn`, compiled: the same arguments, the same results.

They return the step from which the NumPy loop has to go on: the first with a sum that is not
finite, and step 0 for another activation than tanh; -1 if there is none.
"""

import numpy as np
from scipy import sparse

from rnncourse.compiled.elementary import tanh
from rnncourse.compiled.kernels import kernel, panels, plain, product, room
from rnncourse.compiled.sparse import fours, times


def harvest_steps(reservoir, h):
    """Fill h; h[t + 1] comes as the drive of a step."""
    nothing = np.empty((h.shape[2], 0), h.dtype)  # without readout
    return _steps(
        reservoir, nothing, nothing.T, nothing[0], h, np.empty((*h.shape[:2], 0), h.dtype)
    )


def generate_steps(reservoir, readout, h, y):
    """Fill h and y; h[t + 1] comes as the drive of a step."""
    return _steps(reservoir, reservoir.W_hy, *readout, h, y)


def _steps(reservoir, W_hy, W_yh, b_y, h, y):
    if reservoir.activation is not np.tanh:
        return 0
    W, (_, B, H), K = reservoir.W_hh, h.shape, y.shape[2]
    leak = np.broadcast_to(np.asarray(reservoir.leak, h.dtype), H).copy()
    dense, listed = np.empty((0, H), h.dtype), sparse.csr_array((0, H), dtype=h.dtype)
    if sparse.issparse(W):
        listed = W
    else:
        dense = W
    readout = panels(W_hy.T), panels(W_yh.T), plain(b_y)
    rooms = (room(B, N, h.dtype) for N in (H, H, K))
    return _run(panels(dense.T), *fours(listed), leak, *readout, *rooms, h, y)


@kernel
def _run(W, weights, columns, starts, leak, from_y, to_y, b_y, z, fed, said, h, y):
    """Turn the drives in h into states, and say y; h[t + 1] stays where a sum is not finite."""
    T, B, H = h.shape
    K, one, finite = y.shape[2], h.dtype.type(1), True
    for t in range(T - 1):
        if len(W):
            product(h[t], W, z)
        else:
            for b in range(B):
                times(weights, columns, starts, h[t, b], z[b, :H])
        if K:
            product(y[t], from_y, fed)
        for b in range(B):
            for k in range(H):
                z[b, k] += h[t + 1, b, k] + fed[b, k]
            for k in range(H):
                finite &= z[b, k] - z[b, k] == 0
        if not finite:
            return t
        for b in range(B):
            for k in range(H):
                z[b, k] = tanh(z[b, k])
            for k in range(H):
                z[b, k] = (one - leak[k]) * h[t, b, k] + leak[k] * z[b, k]
        if K:
            product(z, to_y, said)
        for b in range(B):
            for k in range(K):
                y[t + 1, b, k] = said[b, k] + b_y[k]
                finite &= y[t + 1, b, k] - y[t + 1, b, k] == 0
        if not finite:
            return t
        for b in range(B):
            for k in range(H):
                h[t + 1, b, k] = z[b, k]
    return -1
