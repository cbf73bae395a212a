"""Reservoirs: drawn, put side by side, and looked at before they run."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy  # loads scipy.linalg and scipy.sparse when they are first asked for

from rnncourse import initializers
from rnncourse.inputs import (
    check_dtype,
    check_plain,
    check_real,
    check_rng,
    check_shape,
    integer,
    kind_of,
    not_negative,
    positive,
)


class Reservoir(NamedTuple):
    """The fixed part of an echo state network; nothing in this module changes it."""

    W_hx: np.ndarray  # (H, D)  to h from x; D = 0 without input
    W_hh: np.ndarray  # (H, H)  to h from the previous h; an array, or a sparse array of SciPy
    W_hy: np.ndarray  # (H, K)  to h from the previous output; K = 0 without feedback
    b_h: np.ndarray  # (H,)    bias
    leak: float = 1.0  # a in (0, 1], a number or (H,); 1 forgets the old state
    activation: Callable = np.tanh  # a ufunc; np.positive makes a linear reservoir


def init(
    rng,
    n_in,
    n_hidden,
    n_out=0,
    connections=10,
    spectral_radius=0.9,
    input_scale=1.0,
    feedback_scale=1.0,
    bias_scale=0.0,
    leak=1.0,
    activation=np.tanh,
    dtype=np.float64,
):
    """Draw a reservoir: W_hh sparse and scaled to its spectral radius, the rest uniform.

    Args:
        rng: a `numpy.random.Generator`.
        n_in: number of inputs D, 0 for a net that is driven by its output alone.
        n_hidden: number of units H.
        n_out: number of outputs K that are fed back, 0 for none.
        connections: normal weights into each unit from so many, itself perhaps among them, the rest
            zeros. W_hh is a sparse array, or a dense one where a fifth of it or more is filled.
        spectral_radius: largest absolute value of an eigenvalue of W_hh as it is returned, before
            the leak (see `radius_of`).
        input_scale: W_hx is drawn from U[-input_scale, input_scale].
        feedback_scale: the same for W_hy.
        bias_scale: the same for b_h.
        leak: a, 0 < a <= 1; a number or (H,).
        activation: a ufunc.
        dtype: float32 or float64.

    Raises:
        ValueError: if a size, a scale or the dtype makes no sense, or rng is no generator.
    """
    check_rng(rng)
    check_dtype(dtype)
    for name, n, least in (("n_in", n_in, 0), ("n_hidden", n_hidden, 1), ("n_out", n_out, 0)):
        integer(name, n, least)
    if n_in + n_out == 0:
        raise ValueError("n_in and n_out are 0, expected an input or an output that is fed back")
    scales = {"input": input_scale, "feedback": feedback_scale, "bias": bias_scale}
    for name, scale in scales.items():
        not_negative(f"{name}_scale", scale)
    positive("spectral_radius", spectral_radius)
    W_hh = scipy.sparse.csr_array(initializers.sparse(rng, n_hidden, n_hidden, connections))
    radius = radius_of(W_hh)
    if radius < 1e-6:  # of a nilpotent matrix rounding leaves a little
        raise ValueError(
            f"connections is {connections} of n_hidden = {n_hidden}: the drawn W_hh has no loop, "
            "and no scale gives it a spectral radius; expected more connections"
        )
    W_hh = (W_hh * (spectral_radius / radius)).astype(dtype)
    if 5 * connections >= n_hidden:
        W_hh = W_hh.toarray()

    def uniform(scale, *shape):
        return rng.uniform(-scale, scale, size=shape).astype(dtype)

    reservoir = Reservoir(
        W_hx=uniform(input_scale, n_hidden, n_in),
        W_hh=W_hh,
        W_hy=uniform(feedback_scale, n_hidden, n_out),
        b_h=uniform(bias_scale, n_hidden),
        leak=leak,
        activation=activation,
    )
    check_reservoir(reservoir)
    return reservoir


def radius_of(W) -> float:
    """Return the spectral radius of a square matrix, dense or sparse: its largest |eigenvalue|."""
    if scipy.sparse.issparse(W):
        if W.shape[0] > 500:
            arpack, ones = scipy.sparse.linalg, np.ones(W.shape[0])
            try:  # six, because close neighbors may come out in the wrong order
                found = arpack.eigs(W, k=6, v0=ones, return_eigenvectors=False)
                return float(np.abs(found).max())
            except arpack.ArpackError:  # no convergence, or a start that W takes to zero
                pass
        W = W.toarray()
    check_plain("W", W)
    return float(np.abs(np.linalg.eigvals(W)).max())


def ensemble(reservoirs):
    """Return one reservoir that holds several side by side, unconnected: W_hh has blocks.

    All see the same input; each has feedback columns of its own, so that y of `run` is the targets
    of all members in a row, (T, B, S K). States come out as (T, B, S H): split the last axis.

    Args:
        reservoirs: S reservoirs of the same size, precision and activation.

    Raises:
        ValueError: if there is none, or if they differ.
    """
    reservoirs = list(reservoirs)
    if not reservoirs:
        raise ValueError("reservoirs is empty, expected at least one")
    kinds = [
        (r.W_hx.shape, r.W_hh.shape, r.W_hy.shape, r.b_h.dtype, r.activation) for r in reservoirs
    ]
    for s, kind in enumerate(kinds):
        check_reservoir(reservoirs[s])
        if kind != kinds[0]:
            raise ValueError(f"reservoirs[{s}] is of {kind}, expected that of 0, {kinds[0]}")
    H = reservoirs[0].W_hh.shape[0]
    leak = np.concatenate([np.broadcast_to(r.leak, H) for r in reservoirs])
    W_hh = scipy.sparse.block_diag([r.W_hh for r in reservoirs], format="csr")
    return Reservoir(
        W_hx=np.concatenate([r.W_hx for r in reservoirs]),
        W_hh=scipy.sparse.csr_array(W_hh),
        W_hy=scipy.linalg.block_diag(*(r.W_hy for r in reservoirs)),
        b_h=np.concatenate([r.b_h for r in reservoirs]),
        leak=float(leak[0]) if np.all(leak == leak[0]) else leak,
        activation=reservoirs[0].activation,
    )


def in_rows(reservoir):
    """Return the reservoir with a sparse W_hh row by row, as its product with a vector wants it."""
    W_hh = reservoir.W_hh
    return reservoir._replace(W_hh=W_hh.tocsr()) if scipy.sparse.issparse(W_hh) else reservoir


def check_reservoir(reservoir):
    """Check shapes and precision; return H, D and K."""
    W_hx, W_hh, W_hy, b_h, leak, activation = reservoir
    if not callable(activation):
        raise ValueError(f"activation is {kind_of(activation)}, expected a ufunc such as np.tanh")
    check_shape("b_h", b_h, ("H",))
    check_real("b_h", b_h)
    H = len(b_h)
    for name, W, width in (("W_hx", W_hx, None), ("W_hh", W_hh, H), ("W_hy", W_hy, None)):
        shape = np.shape(W)
        if len(shape) != 2 or shape[0] != H or shape[1] != (width or shape[1]):
            raise ValueError(f"{name} has shape {shape}, expected ({H}, {width or 'any width'})")
        if not scipy.sparse.issparse(W):
            check_real(name, W, like=b_h)
        elif name != "W_hh" or W.dtype != b_h.dtype:
            raise ValueError(f"{name} is sparse, of {W.dtype}, expected only W_hh, of {b_h.dtype}")
    check_plain("leak", leak)
    a = np.asarray(leak, float)
    if a.shape not in ((), (H,)) or not np.all((a > 0) & (a <= 1)):
        raise ValueError(f"leak is {leak}, expected a number above 0 and at most 1, or {H} of them")
    return H, W_hx.shape[1], W_hy.shape[1]
