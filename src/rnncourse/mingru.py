"""The minimal GRU: its gate and its candidate see the input alone; the state enters linearly.

    u[t] = sigmoid(W_u x[t] + b_u)             update gate: 1 keeps                -> forward
    n[t] = W_n x[t] + b_n                      candidate                           -> forward
    h[t] = u[t] h[t-1] + (1 - u[t]) n[t]       hidden state                        -> forward
    d_h = e[t] + u[t+1] d_h[t+1]               total derivative                    -> backward
    d_n = d_h (1 - u),  d_u = d_h (h[t-1] - n)                                     -> backward
    R_h[t] = u R_h[t-1] + (h[t-1] - n) R_u + (1 - u) R_n                           -> r_forward

It is the cell `gru` without a reset gate, without weights from h, and without the tanh. The paper
calls 1 - u the gate z. The rows of W_x are those of u, then those of n.
"""

from typing import NamedTuple

import numpy as np

from rnncourse import initializers
from rnncourse.arrays import product, sigmoid, sum_outer
from rnncourse.inputs import (
    check_dtype,
    check_rng,
    check_signal,
    check_tape,
    check_weights,
    number,
    state,
    weights,
)

CAUSAL = True  # h[t] depends on x[: t + 1] alone


class Params(NamedTuple):
    """Weights of the cell, in the order u, n; also the type of a gradient and of a direction."""

    W_x: np.ndarray  # (2H, D)  to gate and candidate from x
    b: np.ndarray  # (2H,)    biases


class Tape(NamedTuple):
    """The stack of activities that `forward` builds and `backward` peels off.

    x is the array that came in, h the one that `forward` returned, the state of `last` a part of
    it, none of them a copy: leave them alone until the backward pass is done.
    """

    x: np.ndarray  # (T, B, D)
    h_prev: np.ndarray  # (T, B, H)  h_prev[t] is h[t-1]; shares its memory with h
    h: np.ndarray  # (T, B, H)
    u: np.ndarray  # (T, B, H)  update gate
    n: np.ndarray  # (T, B, H)  candidate


def shapes(n_in, n_hidden):
    """Return the shapes of the parameters, named."""
    return Params(W_x=(2 * n_hidden, n_in), b=(2 * n_hidden,))


def init(rng, n_in, n_hidden, init_x=initializers.gaussian, update_bias=0.0, dtype=np.float64):
    """Draw starting values: the weights of gate and candidate, and the gate's bias.

    Args:
        rng: a `numpy.random.Generator`.
        n_in: number of inputs D.
        n_hidden: number of hidden units H.
        init_x: function of (rng, n_out, n_in) that draws the weights of one of both.
        update_bias: of all units; a state is kept for about exp(update_bias) steps.
        dtype: float32 or float64.

    Raises:
        ValueError: if dtype is another, update_bias not finite, or rng no generator.

    Source:
        Feng, Tung, Ahmed, Bengio, Hajimirsadeghi, "Were RNNs all we needed?", arXiv:2410.01201
        (2024).
    """
    check_rng(rng)
    check_dtype(dtype)
    update_bias = number("update_bias", update_bias, np.isfinite, "a finite number")
    W_x = np.concatenate([init_x(rng, n_hidden, n_in) for _ in range(2)])
    b = np.repeat([update_bias, 0.0], n_hidden)
    return Params(W_x.astype(dtype), b.astype(dtype))


def forward(params, x, h_0=None):
    """Run the cell over a batch of sequences.

        h[t] = u[t] h[t-1] + (1 - u[t]) n[t]

    Arguments, return values and errors are those of `rnn.forward`.
    """
    W_x, b = weights(params, Params)
    D, H = np.shape(W_x)[-1], len(b) // 2
    check_weights(params, shapes(D, H))
    check_signal("x", x, ("T", "B", D), W_x)
    T, B, _ = x.shape
    h_0 = state("h_0", h_0, (B, H), W_x)
    z = product(x, W_x.T) + b
    u, n = sigmoid(z[..., :H]), z[..., H:]
    enters = (1 - u) * n
    h = np.empty((T + 1, B, H), np.result_type(z, h_0))
    h[0] = h_0
    for t in range(T):
        h[t + 1] = u[t] * h[t] + enters[t]
    tape = Tape(x, h[:-1], h[1:], u, n)
    return tape.h, tape


def last(tape):
    """Return the state (B, H) after the last step: h_0 of a call that goes on from there."""
    return tape.h[-1]


def backward(params, tape, e, e_last=None):
    """Peel the tape off from the last step to the first; linear in e and e_last: this is J^T e.

        d_h = e[t] + u[t+1] d_h[t+1],    d_n = d_h (1 - u),    d_u = d_h (h[t-1] - n)

    Arguments, return values and errors are those of `rnn.backward`.
    """
    W_x, b = weights(params, Params)
    x, h_prev, h, u, n = tape
    check_tape(tape, W_x, x=W_x.shape[1], h=len(b) // 2)
    check_signal("e", e, h.shape, W_x)
    e_last = state("e_last", e_last, h.shape[1:], W_x)
    d_h = np.empty(e.shape, np.result_type(e, e_last, h))
    d_h_0 = e_last
    for t in reversed(range(len(e))):
        d_h[t] = e[t] + d_h_0
        d_h_0 = u[t] * d_h[t]
    d_u, d_n = d_h * (h_prev - n), d_h * (1 - u)
    d_z = np.concatenate([d_u * u * (1 - u), d_n], axis=-1)
    gradient = Params(W_x=sum_outer(d_z, x), b=d_z.sum(axis=(0, 1)))
    return gradient, product(d_z, W_x), d_h_0


def r_forward(params, tape, v, R_x=None, R_h_0=None):
    """Differentiate the forward pass along v; linear in v: this is J v.

        R_h[t] = u R_h[t-1] + (h[t-1] - n) R_u + (1 - u) R_n

    Arguments, return value, errors and source are those of `rnn.r_forward`.
    """
    W_x, b = weights(params, Params)
    x, h_prev, h, u, n = tape
    check_weights(v, shapes(W_x.shape[1], len(b) // 2), "v.", like=W_x)
    check_tape(tape, W_x, x=W_x.shape[1], h=len(b) // 2)
    if R_x is not None:
        check_signal("R_x", R_x, x.shape, W_x)
    T, B, H = h.shape
    R_h_0 = state("R_h_0", R_h_0, (B, H), W_x)
    R_z = product(x, v.W_x.T) + v.b
    if R_x is not None:
        R_z = R_z + product(R_x, W_x.T)
    R_enters = (h_prev - n) * u * (1 - u) * R_z[..., :H] + (1 - u) * R_z[..., H:]
    R_h = np.empty((T + 1, B, H), np.result_type(h, R_enters, R_h_0))
    R_h[0] = R_h_0
    for t in range(T):
        R_h[t + 1] = u[t] * R_h[t] + R_enters[t]
    return R_h[1:]
