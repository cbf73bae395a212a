"""A layer with a tanh that acts on every step by itself: the cell `rnn` without its memory.

    z[t] = W_hx x[t] + b_h,  h[t] = tanh(z[t])                         -> forward
    d_z[t] = e[t] (1 - h[t]^2),  dC/dW_hx = sum_t d_z[t] x[t]^T        -> backward
    R_h[t] = (1 - h[t]^2) (V_hx x[t] + v_b + W_hx R_x[t])              -> r_forward

Between linear recurrences it is what bends. It obeys the contract of a cell and has no state.
"""

from typing import NamedTuple

import numpy as np

from rnncourse import initializers
from rnncourse.arrays import product, sum_outer
from rnncourse.inputs import (
    check_dtype,
    check_rng,
    check_signal,
    check_stateless,
    check_tape,
    check_weights,
    weights,
)

CAUSAL = True  # h[t] depends on x[t] alone


class Params(NamedTuple):
    """Weights of the layer; also the type of a gradient and of a direction."""

    W_hx: np.ndarray  # (H, D)  to h from x
    b_h: np.ndarray  # (H,)    bias


class Tape(NamedTuple):
    """What `backward` and `r_forward` need of the forward pass.

    x is the array that came in, h the one that `forward` returned, neither of them a copy: leave
    them alone until the backward pass is done.
    """

    x: np.ndarray  # (T, B, D)
    h: np.ndarray  # (T, B, H)


def shapes(n_in, n_hidden):
    """Return the shapes of the parameters, named."""
    return Params(W_hx=(n_hidden, n_in), b_h=(n_hidden,))


def init(rng, n_in, n_hidden, init_hx=initializers.gaussian, dtype=np.float64):
    """Draw W_hx by a function of `initializers`; the bias starts at zero.

    Args:
        rng: a `numpy.random.Generator`.
        n_in: number of inputs D.
        n_hidden: number of units H.
        init_hx: function of (rng, n_hidden, n_in) that draws W_hx.
        dtype: float32 or float64.

    Raises:
        ValueError: if dtype is another, or rng no generator.
    """
    check_rng(rng)
    check_dtype(dtype)
    return Params(init_hx(rng, n_hidden, n_in).astype(dtype), np.zeros(n_hidden, dtype))


def forward(params, x, h_0=None):
    """Return h[t] = tanh(W_hx x[t] + b_h) for all steps (T, B, H), and the tape.

    Args:
        params: `Params`.
        x: (T, B, D) inputs, of the precision of the parameters.
        h_0: must be None: the layer has no state.

    Raises:
        ValueError: if an argument has another shape or dtype, or if h_0 is given.
    """
    W_hx, b_h = weights(params, Params)
    check_weights(params, shapes(np.shape(W_hx)[-1], len(W_hx)))
    check_signal("x", x, ("T", "B", W_hx.shape[1]), W_hx)
    check_stateless("h_0", h_0, "a pointwise")
    h = np.tanh(np.matmul(x, W_hx.T) + b_h)  # step by step, see `linear`
    return h, Tape(x, h)


def last(tape):
    """Return None: there is no state to go on from."""
    return None


def backward(params, tape, e, e_last=None):
    """Return the gradient as `Params`, what the layer sends down, d_z W_hx, and None.

    Args:
        params: `Params` that `forward` was called with.
        tape: `Tape` that `forward` returned.
        e: (T, B, H) derivatives of C with respect to h.
        e_last: must be None: the layer has no state.

    Raises:
        ValueError: if e does not have the shape and dtype of h, or if e_last is given.
    """
    W_hx, b_h = weights(params, Params)
    check_tape(tape, W_hx, x=W_hx.shape[1], h=len(b_h))
    check_signal("e", e, tape.h.shape, W_hx)
    check_stateless("e_last", e_last, "a pointwise")
    d_z = e * (1 - tape.h**2)
    gradient = Params(W_hx=sum_outer(d_z, tape.x), b_h=d_z.sum(axis=(0, 1)))
    return gradient, product(d_z, W_hx), None


def r_forward(params, tape, v, R_x=None, R_h_0=None):
    """Return the derivative of h along v, (T, B, H).

    Args:
        params: `Params` that `forward` was called with.
        tape: `Tape` that `forward` returned.
        v: direction of type `Params`.
        R_x: (T, B, D) directional derivative of the input; zero if None.
        R_h_0: must be None: the layer has no state.

    Raises:
        ValueError: if v or R_x has another shape or dtype than the parameters or x, or if R_h_0 is
            given.
    """
    check_stateless("R_h_0", R_h_0, "a pointwise")
    W_hx, b_h = weights(params, Params)
    check_weights(v, shapes(*W_hx.shape[::-1]), "v.", like=W_hx)
    check_tape(tape, W_hx, x=W_hx.shape[1], h=len(b_h))
    V_hx, v_b = v
    R_z = product(tape.x, V_hx.T) + v_b
    if R_x is not None:
        check_signal("R_x", R_x, tape.x.shape, W_hx)
        R_z = R_z + product(R_x, W_hx.T)
    return (1 - tape.h**2) * R_z
