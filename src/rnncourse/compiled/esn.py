"""The loops of `rnncourse.esn`, compiled: the same arguments, the same results.

They return the step from which the NumPy loop has to go on: the first with a sum that is not
finite, and step 0 for another activation than tanh; -1 if there is none.
"""

import numpy as np
from scipy import sparse

from rnncourse.compiled.elementary import tanh
from rnncourse.compiled.kernels import (
    add,
    aligned,
    copy,
    finite,
    helper,
    kernel,
    plain,
    product,
    row_times,
)

ONE, TWO, THREE, FOUR = (np.uint64(n) for n in (1, 2, 3, 4))


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
    W, H = reservoir.W_hh, h.shape[2]
    leak = np.broadcast_to(np.asarray(reservoir.leak, h.dtype), H).copy()
    back = aligned(W_hy.T), aligned(W_yh.T), plain(b_y)
    if sparse.issparse(W):
        return _sparse(*_fours(W), leak, back, h, y)
    return _dense(aligned(W.T), leak, back, h, y)


def _fours(W):
    """Return data, indices and starts of the rows of W, with zeros so that each row has fours."""
    lengths = np.diff(W.indptr)
    starts = np.concatenate([[0], np.cumsum(-(-lengths // 4) * 4)])
    place = np.arange(len(W.data)) + np.repeat(starts[:-1] - W.indptr[:-1], lengths)
    data, indices = np.zeros(starts[-1], W.dtype), np.zeros(starts[-1], np.uint32)
    data[place], indices[place] = W.data, W.indices
    return data, indices, starts.astype(np.uint64)  # no unsigned number counts from the end


@kernel
def _dense(to_h, leak, back, h, y):
    T, B, H = h.shape
    from_h = np.empty((B, H), h.dtype)
    for t in range(T - 1):
        product(h[t], to_h, from_h)
        if not _update(from_h, leak, back, h[t], h[t + 1], y[t], y[t + 1]):
            return t
    return -1


@kernel
def _sparse(data, indices, starts, leak, back, h, y):
    T, B, H = h.shape
    from_h = np.empty((B, H), h.dtype)
    for t in range(T - 1):
        for b in range(B):
            _times(data, indices, starts, h[t, b], from_h[b])
        if not _update(from_h, leak, back, h[t], h[t + 1], y[t], y[t + 1]):
            return t
    return -1


@helper
def _times(data, indices, starts, x, out):
    """Write W x into out (H,), W in rows of fours."""
    for i in range(len(out)):
        p = q = r = s = x.dtype.type(0)
        for j in range(starts[i], starts[i + 1], FOUR):
            p += data[j] * x[indices[j]]
            q += data[j + ONE] * x[indices[j + ONE]]
            r += data[j + TWO] * x[indices[j + TWO]]
            s += data[j + THREE] * x[indices[j + THREE]]
        out[i] = (p + q) + (r + s)


@helper
def _update(z, leak, back, h_prev, h, y_prev, y):
    """Turn the drive h (B, H) into the state, z being W h[t-1], and say y; h stays if not finite.

    Return whether all is finite.
    """
    to_h, to_y, b_y = back
    add(h, z)
    for b in range(h.shape[0]):
        for j in range(y.shape[1]):
            for k in range(h.shape[1]):
                z[b, k] += y_prev[b, j] * to_h[j, k]
    if not finite(z):
        return False
    one = h.dtype.type(1)
    for b in range(h.shape[0]):
        for k in range(h.shape[1]):
            z[b, k] = tanh(z[b, k])
        for k in range(h.shape[1]):
            z[b, k] = (one - leak[k]) * h_prev[b, k] + leak[k] * z[b, k]
        if len(b_y):
            row_times(z[b], to_y, y[b])
        for k in range(y.shape[1]):
            y[b, k] += b_y[k]
    if not finite(y):
        return False
    copy(z, h)
    return True
