"""What the compiled loops share: how they are compiled, their products, and what may come in.

A product goes to the BLAS of SciPy, which Numba calls. What follows it is written as one statement
in each loop over a row: only then LLVM can prove that the arrays lie apart, and makes vectors.
"""

from hashlib import sha256
from pathlib import Path

import numpy as np
from llvmlite.binding import get_host_cpu_features
from numba import njit

from rnncourse.compiled.elementary import OPTIONS

_files = [Path(__file__).with_name(name).read_bytes() for name in ("elementary.py", "kernels.py")]
CALLED = sha256(b"".join(_files)).hexdigest()[:12]  # of what the kernels call


def kernel(function):
    """Compile a function at its first call and keep the code on disk.

    Numba keeps it in `__pycache__` beside the module, or else in a folder of the user. Where it
    finds no folder to write to, every process compiles anew. It looks whether the file of the
    function has changed; that the files of what it calls have not is said by the name of its own.
    """
    function.__qualname__ += f"-{CALLED}"
    try:
        return njit(cache=True, **OPTIONS)(function)
    except RuntimeError:
        return njit(**OPTIONS)(function)


LINE = 64  # bytes of a line of the cache
# OpenBLAS multiplies A W without a copy of W in its own order while A.size * N is at most 10^6, if
# the processor has AVX-512. W is the same at all steps, and the copy took a third of the time.
SMALL = 10**6
STRIP = 8 if get_host_cpu_features().get("avx512f") else 2**30

helper = njit(no_cpython_wrapper=True, **OPTIONS)  # called from a kernel


@helper
def copy(a, to):
    """Write a into `to`, both (B, n)."""
    for b in range(a.shape[0]):
        for k in range(a.shape[1]):
            to[b, k] = a[b, k]


@helper
def add(a, to):
    """Add a to `to`, both (B, n)."""
    for b in range(a.shape[0]):
        for k in range(a.shape[1]):
            to[b, k] += a[b, k]


@helper
def finite(a):
    """Return whether all of a (B, n) is finite: infinity less itself is NaN, not 0."""
    every = True
    for b in range(a.shape[0]):
        for k in range(a.shape[1]):
            every &= a[b, k] - a[b, k] == 0  # np.isfinite takes Numba twice as long to compile
    return every


def plain(a):
    """Return an array that may be compiled for: its own memory in rows, or a copy."""
    return a if a.flags.carray else a.copy()


def lines(M, N, dtype):
    """Return an array (M, N) that begins with a line of the cache, so that a vector fills one."""
    room = np.empty(M * N + LINE // dtype.itemsize, dtype)
    first = -room.ctypes.data % LINE // dtype.itemsize
    return room[first : first + M * N].reshape(M, N)


def aligned(W):
    """Return a copy of W in an array of `lines`."""
    to = lines(*W.shape, W.dtype)
    to[...] = W
    return to


def weights(W_x, b, W_h):
    """Return one matrix (D + 1 + H, n), so that z = [x, 1, h] W is one product a step."""
    D, H = W_x.shape[1], W_h.shape[1]
    W = lines(D + 1 + H, len(b), b.dtype)
    W[:D], W[D], W[D + 1 :] = W_x.T, b, W_h.T
    return W


def directions(W_x, W_h, V_x, V_h, v_b, x, R_x):
    """Return `weights` and inputs: R_z = [x, 1, h[t-1], R_h[t-1]] W, R_x beside x unless None."""
    if R_x is not None:
        x, V_x = np.concatenate([x, R_x], axis=2), np.concatenate([V_x, W_x], axis=1)
    return weights(V_x, v_b, np.concatenate([V_h, W_h], axis=1)), plain(x)


@helper
def product(A, W, out):
    """Write A W into out (B, N): in strips of A that BLAS multiplies without packing W anew."""
    B = A.shape[0]
    if B == 1:
        row_times(A[0], W, out[0])
    else:
        n = STRIP if STRIP * W.size <= SMALL < B * W.size else B
        for b in range(0, B, n):
            np.dot(A[b : b + n], W, out[b : b + n])


@helper
def row_times(a, W, out):
    """Write a W into out (N,), four rows of W at a time."""
    M, N = W.shape
    for k in range(N):
        out[k] = 0
    for j in range(0, M - 3, 4):
        p, q, r, s = a[j], a[j + 1], a[j + 2], a[j + 3]
        for k in range(N):
            out[k] += (p * W[j, k] + q * W[j + 1, k]) + (r * W[j + 2, k] + s * W[j + 3, k])
    for j in range(M - M % 4, M):
        for k in range(N):
            out[k] += a[j] * W[j, k]


@helper
def rows_for(W, B):
    """Return rows (B, D + 1 + H) of ones for a matrix of `weights`; the rest is written later."""
    rows = np.empty((B, len(W)), W.dtype)
    rows[...] = 1
    return rows


@helper
def write(a, rows, start):
    """Write a (B, n) into n columns of the rows."""
    for b in range(a.shape[0]):
        for k in range(a.shape[1]):
            rows[b, start + k] = a[b, k]
