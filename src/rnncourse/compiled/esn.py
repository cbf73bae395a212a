"""The loop of `rnncourse.esn`, compiled: the same arguments, the same results.

It returns the step from which the NumPy loop has to go on: the first with a sum that is not finite,
and step 0 for another activation than tanh; -1 if there is none.
"""

import numpy as np
from scipy import sparse

from rnncourse.compiled.elementary import tanh
from rnncourse.compiled.kernels import add, finite, helper, kernel, plain


def harvest_steps(reservoir, h):
    """Fill h; h[t + 1] comes as the drive of a step."""
    if reservoir.activation is not np.tanh:
        return 0
    W, H = reservoir.W_hh, h.shape[2]
    leak = np.broadcast_to(np.asarray(reservoir.leak, h.dtype), H).copy()
    if sparse.issparse(W):
        indices = W.indices.astype(np.uint32)  # none counts from the end
        return _sparse(plain(W.data), indices, plain(W.indptr), leak, h)
    return _dense(plain(W), leak, h)


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
def _sparse(data, indices, indptr, leak, h):
    T, B, _ = h.shape
    from_h = np.empty_like(h[0])
    for t in range(T - 1):
        for b in range(B):
            _times(data, indices, indptr, h[t, b], from_h[b])
        if not _update(from_h, leak, h[t], h[t + 1]):
            return t
    return -1


@helper
def _times(data, indices, indptr, x, out):
    """Write W x into out (H,), W in rows of what is not zero; a row is four sums at a time."""
    zero = x.dtype.type(0)
    for i in range(len(out)):
        j, end = indptr[i], indptr[i + 1]
        a = b = c = d = zero
        while j + 4 <= end:
            a += data[j] * x[indices[j]]
            b += data[j + 1] * x[indices[j + 1]]
            c += data[j + 2] * x[indices[j + 2]]
            d += data[j + 3] * x[indices[j + 3]]
            j += 4
        while j < end:
            a += data[j] * x[indices[j]]
            j += 1
        out[i] = (a + b) + (c + d)


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
