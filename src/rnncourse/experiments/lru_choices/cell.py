"""The linear recurrent unit with plain eigenvalues: learned are Re p and Im p themselves.

    m[t] = p m[t-1] + gain W_hx x[t],    p = unit (real + i imag)

All else is as in `lru`. Nothing keeps |p| below 1. With a small `unit` a step of the optimizer,
which is as long in each parameter, is a small one in p.
"""

from typing import NamedTuple

import numpy as np

from rnncourse import lru
from rnncourse.arrays import product, sum_outer
from rnncourse.inputs import check_signal, check_weights, positive, state
from rnncourse.pairs import numbers


class Params(NamedTuple):
    """Weights of the cell."""

    real: np.ndarray  # (N,)  of p, in units of `unit`
    imag: np.ndarray  # (N,)
    log_gain: np.ndarray  # (N,)
    W_hx: np.ndarray  # (H, D)


def _rows(real, imag):
    return np.stack([real, imag], axis=-1).reshape(-1)


class Plain:
    """The cell, for a unit of p."""

    CAUSAL, Params, last = True, Params, staticmethod(lru.last)

    def __init__(self, unit=1.0):
        """Take the unit, a positive number."""
        self.unit = positive("unit", unit)

    def shapes(self, n_in, n_hidden):
        """Return the shapes of the parameters, named."""
        return Params(*lru.shapes(n_in, n_hidden))

    def init(self, rng, n_in, n_hidden, dtype=np.float64, **options):
        """Draw what `lru.init` draws."""
        start = lru.init(rng, n_in, n_hidden, dtype=dtype, **options)
        p = lru.eigenvalues(start) / self.unit
        return Params(p.real.astype(dtype), p.imag.astype(dtype), start.log_gain, start.W_hx)

    def _parts(self, params):
        p = numbers(_rows(self.unit * params.real, self.unit * params.imag).astype(params[0].dtype))
        return p, np.repeat(np.exp(params.log_gain), 2)

    def forward(self, params, x, h_0=None):
        """Run the cell; see `lru.forward`."""
        W_hx = params.W_hx
        check_weights(params, self.shapes(*W_hx.shape[::-1]))
        check_signal("x", x, ("T", "B", W_hx.shape[1]), W_hx)
        T, B, _ = x.shape
        h_0 = state("h_0", h_0, (B, len(W_hx)), W_hx)
        p, gain = self._parts(params)
        drive = product(x, W_hx.T) * gain
        h = np.empty((T + 1, *drive.shape[1:]), np.result_type(drive, h_0, *params))
        h[0] = h_0
        lru.forward_steps(p, numbers(drive.astype(h.dtype, copy=False)), numbers(h))
        return h[1:], lru.Tape(x, h[:-1], h[1:], drive)

    def backward(self, params, tape, e, e_last=None):
        """Go back from the last step; see `lru.backward`."""
        check_signal("e", e, tape.h.shape, params.W_hx)
        e_last = state("e_last", e_last, tape.h.shape[1:], params.W_hx)
        p, gain = self._parts(params)
        dtype = np.result_type(e, e_last, tape.h)
        d_h, d_h_0 = e.astype(dtype, order="C"), e_last.astype(dtype, order="C")
        d_m = numbers(d_h)
        lru.backward_steps(p, d_m, numbers(d_h_0))
        d_p = (d_m * numbers(tape.h_prev).conj()).sum(axis=(0, 1))
        d_z = d_h * gain
        gradient = Params(
            real=self.unit * d_p.real,
            imag=self.unit * d_p.imag,
            log_gain=(d_h * tape.drive).sum(axis=(0, 1)).reshape(-1, 2).sum(axis=-1),
            W_hx=sum_outer(d_z, tape.x),
        )
        return gradient, product(d_z, params.W_hx), d_h_0

    def r_forward(self, params, tape, v, R_x=None, R_h_0=None):
        """Differentiate along v; see `lru.r_forward`."""
        check_weights(v, self.shapes(*params.W_hx.shape[::-1]), "v.")
        R_z = product(tape.x, v.W_hx.T)
        if R_x is not None:
            check_signal("R_x", R_x, tape.x.shape, params.W_hx)
            R_z = R_z + product(R_x, params.W_hx.T)
        p, gain = self._parts(params)
        R_drive = R_z * gain + tape.drive * np.repeat(v.log_gain, 2)
        R_h_0 = state("R_h_0", R_h_0, tape.h.shape[1:], params.W_hx)
        R_h = np.empty((len(tape.h) + 1, *R_h_0.shape), np.result_type(tape.h, R_drive, *v, R_h_0))
        R_h[0] = R_h_0
        R_p = numbers(_rows(self.unit * v.real, self.unit * v.imag).astype(R_h.dtype))
        lru.r_forward_steps(p, R_p, numbers(tape.h_prev), numbers(R_drive), numbers(R_h))
        return R_h[1:]
