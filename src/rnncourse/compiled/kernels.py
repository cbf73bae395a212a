"""What the compiled loops share: how they are compiled, their products, and what may come in.

A product goes to the BLAS of SciPy, which Numba calls. What follows it is written as one statement
in each loop over a row: only then LLVM can prove that the arrays lie apart, and makes vectors.
"""

import numpy as np
from numba import njit

from rnncourse.compiled.elementary import OPTIONS


def kernel(function):
    """Compile a function at its first call and keep the code on disk.

    Numba keeps it in `__pycache__` beside the module, or else in a folder of the user. Where it
    finds no folder to write to, every process compiles anew.
    """
    try:
        return njit(cache=True, **OPTIONS)(function)
    except RuntimeError:
        return njit(**OPTIONS)(function)


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
    """Return whether all of a (B, n) is finite."""
    every = True
    for b in range(a.shape[0]):
        for k in range(a.shape[1]):
            every &= np.isfinite(a[b, k])
    return every


def plain(a):
    """Return an array that may be compiled for: its own memory in rows, or a copy."""
    return a if a.flags.carray else a.copy()


def weights(W_x, b, W_h):
    """Return one matrix (D + 1 + H, n), so that z = [x, 1, h] W is one product a step."""
    return np.ascontiguousarray(np.concatenate([W_x, b[:, np.newaxis], W_h], axis=1).T)


@helper
def rows_for(W, B):
    """Return rows (B, D + 1 + H) of ones for a matrix of `weights`; x and h are written later."""
    return np.ones((B, len(W)), W.dtype)


@helper
def write(x, h, rows):
    """Write x (B, D) and h (B, H) into the rows [x, 1, h]."""
    D = x.shape[1] + 1
    for b in range(h.shape[0]):
        for k in range(D - 1):
            rows[b, k] = x[b, k]
        for k in range(h.shape[1]):
            rows[b, D + k] = h[b, k]
