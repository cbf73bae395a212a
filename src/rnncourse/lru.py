"""The linear recurrent unit: damped oscillators side by side, and nothing between them.

    p = exp(-1/tau + i omega)                  eigenvalue of a mode               -> eigenvalues
    b[t] = gain W_hx x[t]                      what drives a mode                 -> forward
    m[t] = p m[t-1] + b[t]                     its complex amplitude              -> forward_steps
    h[t] = (Re m[t], Im m[t])                  hidden state                       -> forward
    d_m = e[t] + conj(p) d_m[t+1]              total derivative                   -> backward_steps
    d_p = sum_t d_m conj(m[t-1])               derivative with respect to p       -> backward
    R_m[t] = p R_m[t-1] + R_p m[t-1] + R_b[t]  derivative along a direction v     -> r_forward_steps

Of a complex number q the derivative d_q is dC/d(Re q) + i dC/d(Im q). The N = H / 2 modes stand in
a row of H real numbers: the real part of the first, its imaginary part, those of the second;
`pairs` reads them as N complex ones. There is no bias and no activation; layers that act on each
step alone stand below and above, see `pointwise`.

Learned are the logarithms of 1/tau, omega and gain: no mode can grow, whatever they are.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.arrays import product, sum_outer
from rnncourse.inputs import (
    check_dtype,
    check_rng,
    check_signal,
    check_tape,
    check_weights,
    integer,
    number,
    state,
    weights,
)
from rnncourse.pairs import numbers

CAUSAL = True  # h[t] depends on x[: t + 1] alone


class Params(NamedTuple):
    """Weights of the cell; also the type of a gradient and of a direction."""

    log_rate: np.ndarray  # (N,)   of 1/tau, in 1/step: the rate at which a mode decays
    log_omega: np.ndarray  # (N,)  of its angular frequency, in 1/step
    log_gain: np.ndarray  # (N,)   of the factor in front of what drives it
    W_hx: np.ndarray  # (H, D)     to the two parts of each mode from x


class Tape(NamedTuple):
    """The stack of activities that `forward` builds and `backward` peels off.

    x is the array that came in, h the one that `forward` returned, the state of `last` a part of
    it, none of them a copy: leave them alone until the backward pass is done.
    """

    x: np.ndarray  # (T, B, D)
    h_prev: np.ndarray  # (T, B, H)  h_prev[t] is h[t-1]; shares its memory with h
    h: np.ndarray  # (T, B, H)
    drive: np.ndarray  # (T, B, H)  what drives the modes, b[t] of the equations


def shapes(n_in, n_hidden):
    """Return the shapes of the parameters, named.

    Raises:
        ValueError: if n_hidden is odd: a mode has two parts.
    """
    if n_hidden % 2:
        raise ValueError(f"n_hidden is {n_hidden}, expected an even number: a mode has two parts")
    N = n_hidden // 2
    return Params(log_rate=(N,), log_omega=(N,), log_gain=(N,), W_hx=(2 * N, n_in))


def init(rng, n_in, n_hidden, radius=(0.9, 0.999), phase=np.pi, dtype=np.float64):
    """Draw eigenvalues uniformly in a ring, and gains by which white noise gives modes of size one.

        gain = sqrt(1 - |p|^2)

    Driven by independent numbers of mean 0 and variance 1, a mode has E|m|^2 = |w|^2 in the end,
    with w its two rows of W_hx; that is 1 in the mean of the draws.

    Args:
        rng: a `numpy.random.Generator`.
        n_in: number of inputs D.
        n_hidden: number of hidden units H, even: two for each mode.
        radius: smallest and largest |p|, 0 <= smallest < largest < 1.
        phase: largest angular frequency, in 1/step.
        dtype: float32 or float64.

    Raises:
        ValueError: if n_in is no integer from 1, n_hidden no even one, radius or phase out of
            range, dtype another, or rng no generator.

    Source:
        Orvieto, Smith, Gu, Fernando, Gulcehre, Pascanu, De, "Resurrecting recurrent neural networks
        for long sequences", ICML (2023).
    """
    check_rng(rng)
    check_dtype(dtype)
    integer("n_in", n_in, 1)
    integer("n_hidden", n_hidden, 2)
    (N,) = shapes(n_in, n_hidden).log_rate
    if np.shape(radius) != (2,):
        raise ValueError(f"radius is {radius!r}, expected two numbers: the smallest, the largest")
    largest = number("radius[1]", radius[1], lambda r: 0 < r < 1, "a number between 0 and 1")
    expected = f"a number from 0 on and below {largest}"
    smallest = number("radius[0]", radius[0], lambda r: 0 <= r < largest, expected)
    phase = number("phase", phase, lambda w: 0 < w < np.inf, "a positive finite number")
    r = np.sqrt(rng.uniform(smallest**2, largest**2, N))
    omega = phase * (1 - rng.uniform(size=N))  # never 0
    W_hx = rng.normal(size=(2 * N, n_in)) / np.sqrt(2 * n_in)
    params = Params(np.log(-np.log(r)), np.log(omega), 0.5 * np.log(1 - r**2), W_hx)
    return Params(*(a.astype(dtype) for a in params))


def eigenvalues(params):
    """Return the eigenvalues p = exp(-1/tau + i omega) of the modes, N complex numbers."""
    radius, omega = np.exp(-np.exp(params.log_rate)), np.exp(params.log_omega)
    return numbers(_rows(radius * np.cos(omega), radius * np.sin(omega)))


def _gain(params):
    """Return the gain of each mode, once for each of its parts (2N,)."""
    return np.repeat(np.exp(params.log_gain), 2)


def _rows(real, imag):
    """Return real and imaginary parts (N,) as one row (2N,)."""
    return np.stack([real, imag], axis=-1).reshape(-1)


def forward(params, x, h_0=None):
    """Run the cell over a batch of sequences.

        m[t] = p m[t-1] + gain W_hx x[t],    h[t] = (Re m[t], Im m[t])

    Arguments, return values and errors are those of `rnn.forward`; H is even.
    """
    *_, W_hx = weights(params, Params)
    H, D = len(W_hx), np.shape(W_hx)[-1]
    check_weights(params, shapes(D, H))
    check_signal("x", x, ("T", "B", D), W_hx)
    T, B, _ = x.shape
    h_0 = state("h_0", h_0, (B, H), W_hx)
    drive = product(x, W_hx.T) * _gain(params)
    h = np.empty((T + 1, B, H), np.result_type(drive, h_0, *params))
    h[0] = h_0
    p, m, b = eigenvalues(params), numbers(h), numbers(drive.astype(h.dtype, copy=False))
    forward_steps(p, b, m)
    tape = Tape(x, h[:-1], h[1:], drive)
    return tape.h, tape


def forward_steps(p, b, m):
    """Fill m, the modes before and after each step, from m[0] on; all are of `pairs.numbers`."""
    for t in range(len(m) - 1):
        m[t + 1] = p * m[t] + b[t]


def last(tape):
    """Return the state (B, H) after the last step: h_0 of a call that goes on from there."""
    return tape.h[-1]


def backward(params, tape, e, e_last=None):
    """Peel the tape off from the last step to the first; linear in e and e_last: this is J^T e.

        d_m = e[t] + conj(p) d_m[t+1],    d_p = sum_t d_m conj(m[t-1])

    This is the recurrence of `forward` once more, from the last step to the first, with conj(p),
    and driven by e. Arguments, return values and errors are those of `rnn.backward`.
    """
    *_, W_hx = weights(params, Params)
    check_tape(tape, W_hx, x=W_hx.shape[1], h=len(W_hx))
    check_signal("e", e, tape.h.shape, W_hx)
    e_last = state("e_last", e_last, tape.h.shape[1:], W_hx)
    dtype = np.result_type(e, e_last, tape.h)
    d_h, d_h_0 = e.astype(dtype, order="C"), e_last.astype(dtype, order="C")
    p, d_m, d_m_0 = eigenvalues(params), numbers(d_h), numbers(d_h_0)
    backward_steps(p, d_m, d_m_0)
    d_p = (d_m * numbers(tape.h_prev).conj()).sum(axis=(0, 1))
    turned = d_p.conj() * p  # dC = Re(conj(d_p) dp) with dp = p (-d(1/tau) + i d(omega))
    d_z = d_h * _gain(params)
    gradient = Params(
        log_rate=-np.exp(params.log_rate) * turned.real,
        log_omega=-np.exp(params.log_omega) * turned.imag,
        log_gain=(d_h * tape.drive).sum(axis=(0, 1)).reshape(-1, 2).sum(axis=-1),
        W_hx=sum_outer(d_z, tape.x),
    )
    return gradient, product(d_z, W_hx), d_h_0


def backward_steps(p, d_m, d_m_0):
    """Turn d_m from e into the total derivative; d_m_0 ends at the state before the first step."""
    p_conj = p.conj()
    for t in reversed(range(len(d_m))):
        d_m[t] = d_m[t] + d_m_0
        d_m_0[...] = p_conj * d_m[t]


def r_forward(params, tape, v, R_x=None, R_h_0=None):
    """Differentiate the forward pass along v; linear in v: this is J v.

        R_m[t] = p R_m[t-1] + R_p m[t-1] + R_b[t],    R_p = p (-R_rate + i R_omega)

    Arguments, return value, errors and source are those of `rnn.r_forward`.
    """
    *_, W_hx = weights(params, Params)
    check_weights(v, shapes(*W_hx.shape[::-1]), "v.", like=W_hx)
    check_tape(tape, W_hx, x=W_hx.shape[1], h=len(W_hx))
    if R_x is not None:
        check_signal("R_x", R_x, tape.x.shape, W_hx)
    T, B, H = tape.h.shape
    R_h_0 = state("R_h_0", R_h_0, (B, H), W_hx)
    R_z = product(tape.x, v.W_hx.T)
    if R_x is not None:
        R_z = R_z + product(R_x, W_hx.T)
    R_drive = R_z * _gain(params) + tape.drive * np.repeat(v.log_gain, 2)
    R_h = np.empty((T + 1, B, H), np.result_type(tape.h, R_drive, *v, R_h_0))
    R_h[0] = R_h_0
    R_rate, R_omega = np.exp(params.log_rate) * v.log_rate, np.exp(params.log_omega) * v.log_omega
    p, m_prev = eigenvalues(params), numbers(tape.h_prev)
    R_p = p * numbers(_rows(-R_rate, R_omega))
    r_forward_steps(p, R_p, m_prev, numbers(R_drive), numbers(R_h))
    return R_h[1:]


def r_forward_steps(p, R_p, m_prev, R_b, R_m):
    """Fill R_m, the change of the modes before and after each step, from R_m[0] on."""
    for t in range(len(m_prev)):
        R_m[t + 1] = p * R_m[t] + R_p * m_prev[t] + R_b[t]
