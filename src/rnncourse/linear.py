"""The readout: a linear layer that acts on every step by itself.

    y_hat[t] = W_yh h[t] + b_y                                          -> forward
    dC/dW_yh = sum_t d_y_hat[t] h[t]^T,   d_h[t] = W_yh^T d_y_hat[t]    -> backward
    R_y_hat[t] = V_yh h[t] + v_b + W_yh R_h[t]                          -> r_forward

It obeys the contract of a recurrent cell and has no state.
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

CAUSAL = True  # y_hat[t] depends on h[t] alone


class Params(NamedTuple):
    """Weights of the readout; also the type of a gradient and of a direction."""

    W_yh: np.ndarray  # (K, H)  to y from h
    b_y: np.ndarray  # (K,)    bias


class Tape(NamedTuple):
    """What `backward` and `r_forward` need of the forward pass.

    h is the array that came in, not a copy: leave it alone until the backward pass is done.
    """

    h: np.ndarray  # (T, B, H)


def shapes(n_in, n_out):
    """Return the shapes of the parameters, named."""
    return Params(W_yh=(n_out, n_in), b_y=(n_out,))


def init(rng, n_in, n_out, init_yh=initializers.gaussian, dtype=np.float64):
    """Draw W_yh by a function of `initializers`; the bias starts at zero.

    Args:
        rng: a `numpy.random.Generator`.
        n_in: number of inputs H of the layer.
        n_out: number of outputs K.
        init_yh: function of (rng, n_out, n_in) that draws W_yh.
        dtype: float32 or float64.

    Raises:
        ValueError: if dtype is another, or rng no generator.
    """
    check_rng(rng)
    check_dtype(dtype)
    return Params(init_yh(rng, n_out, n_in).astype(dtype), np.zeros(n_out, dtype))


def forward(params, h, h_0=None):
    """Return y_hat[t] = W_yh h[t] + b_y for all steps, and the tape.

    Args:
        params: `Params`.
        h: (T, B, H) states of the layer below, of the precision of the parameters.
        h_0: must be None: a linear layer has no state.

    Raises:
        ValueError: if an argument has another shape or dtype, or if h_0 is given.
    """
    W_yh, b_y = weights(params, Params)
    check_weights(params, shapes(np.shape(W_yh)[-1], len(W_yh)))
    check_signal("h", h, ("T", "B", W_yh.shape[1]), W_yh)
    check_stateless("h_0", h_0, "a linear")
    # step by step, not `product`: two halves of a sequence are then the whole to the last bit
    return np.matmul(h, W_yh.T) + b_y, Tape(h)


def last(tape):
    """Return None: there is no state to go on from."""
    return None


def backward(params, tape, d_y_hat, e_last=None):
    """Return the gradient as `Params`, what the layer sends down, d_y_hat W_yh, and None.

    Args:
        params: `Params` that `forward` was called with.
        tape: `Tape` that `forward` returned.
        d_y_hat: (T, B, K) derivatives of C with respect to y_hat.
        e_last: must be None: a linear layer has no state.

    Raises:
        ValueError: if d_y_hat does not have the shape and dtype of y_hat, or if e_last is given.
    """
    W_yh, b_y = weights(params, Params)
    check_tape(tape, W_yh, h=W_yh.shape[1])
    check_signal("d_y_hat", d_y_hat, (*tape.h.shape[:2], len(b_y)), W_yh)
    check_stateless("e_last", e_last, "a linear")
    gradient = Params(W_yh=sum_outer(d_y_hat, tape.h), b_y=d_y_hat.sum(axis=(0, 1)))
    return gradient, product(d_y_hat, W_yh), None


def r_forward(params, tape, v, R_h=None, R_h_0=None):
    """Return the derivative of y_hat along v, (T, B, K).

    Args:
        params: `Params` that `forward` was called with.
        tape: `Tape` that `forward` returned.
        v: direction of type `Params`.
        R_h: (T, B, H) directional derivative of the layer's input; zero if None.
        R_h_0: must be None: a linear layer has no state.

    Raises:
        ValueError: if v or R_h has another shape or dtype than the parameters or h, or if R_h_0 is
            given.
    """
    check_stateless("R_h_0", R_h_0, "a linear")
    W_yh, _ = weights(params, Params)
    check_weights(v, shapes(*W_yh.shape[::-1]), "v.", like=W_yh)
    check_tape(tape, W_yh, h=W_yh.shape[1])
    V_yh, v_b = v
    R_y_hat = product(tape.h, V_yh.T) + v_b
    if R_h is not None:
        check_signal("R_h", R_h, tape.h.shape, W_yh)
        R_y_hat = R_y_hat + product(R_h, W_yh.T)
    return R_y_hat
