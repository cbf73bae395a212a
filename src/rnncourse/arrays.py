"""Elementwise functions, and sums of outer products.

Everything here is analytic in its first argument, so that the complex-step check can pass through.

    sigmoid(z)      1 / (1 + exp(-z))
    softplus(z)     log(1 + exp(z))
    softmax(z)      exp(z_k) / sum_j exp(z_j)
    product(a, M)   a[t] M for all t at once
    sum_outer(a, b) sum over t and examples of a[t]^T b[t]
    dot(A, B)       A B, the product of two matrices
    norm(a)         |a|, whatever the range of its entries
"""

import math

import numpy as np

# Before NumPy 2.3 its dot says nothing when a sum leaves the range of the numbers. Its matmul does,
# and is slower on small matrices.
dot = np.dot if np.lib.NumpyVersion(np.__version__) >= "2.3.0" else np.matmul


def sigmoid(z):
    """Return the logistic function 1 / (1 + exp(-z)), right to its last digits however small it is.

    The other side, 1 - sigmoid(z), is sigmoid(-z): the difference would lose them.
    """
    if np.iscomplexobj(z):  # where exp(-z) is infinite, its quotient would be NaN
        positive = z.real > 0
        e = np.exp(np.where(positive, -z, z))
        return np.where(positive, 1, e) / (1 + e)
    with np.errstate(over="ignore"):  # where exp(-z) is infinite, the function is 0
        return 1 / (1 + np.exp(-z))


def softplus(z):
    """Return log(1 + exp(z)) without overflow: max(z, 0) + log(1 + exp(-|z|))."""
    positive = z.real > 0
    return np.where(positive, z, 0) + np.log1p(np.exp(np.where(positive, -z, z)))


def log_softmax(z):
    """Return log softmax along the last axis, right to its last digits where p is near 1."""
    shifted, _, others = _exponentials(z)
    return shifted - np.log1p(others)


def softmax(z):
    """Return exp(z_k) / sum_j exp(z_j) along the last axis."""
    _, e, others = _exponentials(z)
    return e / (1 + others)


def _exponentials(z):
    """Return z less its largest entry, the exponentials, and their sum without that entry's 1."""
    largest = z.real.argmax(axis=-1)[..., np.newaxis]
    shifted = z - np.take_along_axis(z, largest, axis=-1)
    e = np.exp(shifted)
    others = np.where(np.arange(z.shape[-1]) == largest, 0, e)
    return shifted, e, others.sum(axis=-1, keepdims=True)


def product(a, matrix, out=None):
    """Return a[t] @ matrix for all t, as one matrix product instead of T small ones.

    Args:
        a: (T, B, M) array.
        matrix: (M, N) array.
        out: (T, B, N) array in rows to write it into; a new one if None.
    """
    rows = a.reshape(-1, a.shape[-1])
    if out is not None:
        out = out.reshape(len(rows), -1)
    return dot(rows, matrix, out=out).reshape(*a.shape[:-1], matrix.shape[1])


def sum_outer(a, b):
    """Return the (M, N) matrix sum_t a[t]^T b[t] as one matrix product; rows are examples.

    Args:
        a: (T, B, M) array.
        b: (T, B, N) array.
    """
    # as (b^T a)^T, which BLAS does up to twice as fast where N is small
    return dot(b.reshape(-1, b.shape[-1]).T, a.reshape(-1, a.shape[-1])).T


def power_of_two(a):
    """Return the power of two up to the largest entry: to divide by it is exact; 1 for zeros."""
    largest = float(np.abs(a).max())
    if not 0 < largest < np.inf:
        return largest or 1.0  # NaN and infinity remain what they are
    return 2.0 ** (math.frexp(largest)[1] - 1)


def norm(a):
    """Return |a|, also where the squares of its entries leave the range of the numbers."""
    with np.errstate(over="ignore"):
        plain = np.linalg.norm(a)
    if 1e-15 < plain < 1e15 or not np.size(a):  # in float32 too the squares were in range
        return plain
    unit = power_of_two(a)
    return unit * np.linalg.norm(a / unit) if unit < np.inf else plain
