"""The loop of `rnncourse.esn`, compiled: the same arguments, the same results.

It returns the step from which the NumPy loop has to go on: the first with a sum that is not finite,
and step 0 for another activation than tanh; -1 if there is none.
"""

import numpy as np
from scipy import sparse

from rnncourse.compiled.elementary import tanh
from rnncourse.compiled.kernels import add, finite, helper, kernel, plain

ONE, TWO, THREE, FOUR = (np.uint64(n) for n in (1, 2, 3, 4))


def harvest_steps(reservoir, h):
    """Fill h; h[t + 1] comes as the drive of a step."""
    if reservoir.activation is not np.tanh:
        return 0
    W, H = reservoir.W_hh, h.shape[2]
    leak = np.broadcast_to(np.asarray(reservoir.leak, h.dtype), H).copy()
    if sparse.issparse(W):
        return _sparse(*_fours(W), leak, h)
    return _dense(plain(W), leak, h)


def _fours(W):
    """Return data, indices and starts of the rows of W, with zeros so that each row has fours."""
    lengths = np.diff(W.indptr)
    starts = np.concatenate([[0], np.cumsum(-(-lengths // 4) * 4)])
    place = np.arange(len(W.data)) + np.repeat(starts[:-1] - W.indptr[:-1], lengths)
    data, indices = np.zeros(starts[-1], W.dtype), np.zeros(starts[-1], np.uint32)
    data[place], indices[place] = W.data, W.indices
    return data, indices, starts.astype(np.uint64)  # no unsigned number counts from the end


@kernel
def _dense(W, leak, h):
    T, B, _ = h.shape
    to_h, from_h = W if B == 1 else np.ascontiguousarray(W.T), np.empty_like(h[0])
    for t in range(T - 1):
        if B == 1:
            np.dot(W, h[t, 0], from_h[0])
        else:
            np.dot(h[t], to_h, from_h)
        if not _update(from_h, leak, h[t], h[t + 1]):
            return t
    return -1


@kernel
def _sparse(data, indices, starts, leak, h):
    T, B, _ = h.shape
    from_h = np.empty_like(h[0])
    for t in range(T - 1):
        for b in range(B):
            _times(data, indices, starts, h[t, b], from_h[b])
        if not _update(from_h, leak, h[t], h[t + 1]):
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
def _update(z, leak, h_prev, h):
    """Turn the drive h (B, H) into the state, z being W h[t-1]; return whether all is finite."""
    add(h, z)
    if not finite(z):
        return False
    one = h.dtype.type(1)
    for b in range(h.shape[0]):
        for k in range(h.shape[1]):
            h[b, k] = tanh(z[b, k])
        for k in range(h.shape[1]):
            h[b, k] = (one - leak[k]) * h_prev[b, k] + leak[k] * h[b, k]
    return True
