"""A cell on trial: random numbers for it, its functions called with care, all inputs as one vector.

A cell's inputs are one list here: the arrays of its parameters, x, and those of its state. A state
is an array, a tuple of arrays, or None.
"""

import warnings

import numpy as np

from rnncourse.inputs import kind_of
from rnncourse.params import ravel, unravel

T, B, D, H = 5, 3, 2, 4  # all different, so that no axis passes for another
EPS = 1e-30  # of the complex step
ARGUMENTS = {
    "forward": ("params", "x", "h_0"),
    "backward": ("params", "tape", "e", "e_last"),
    "r_forward": ("params", "tape", "v", "R_x", "R_h_0"),
}


class Broken(Exception):
    """A promise that is not kept, so that what builds on it cannot be tried."""


class Trial:
    """A cell and random numbers for it: all its inputs as one vector, `at`."""

    def __init__(self, module, rng):
        """Draw parameters, x and h_0; of what form a state is, `last` tells."""
        self.module, self.rng = module, rng
        params = module.Params(*(0.5 * rng.normal(size=s) for s in module.shapes(D, H)))
        x = rng.normal(size=(T, B, D))
        h, tape = self.forward(params, x, None)
        _expect(h, "`forward` returns h", "(T, B, H)")
        if not np.isfinite(h).all():
            raise Broken("`forward` returns NaN or an infinity for weights and inputs near 1.")
        state = call(module, "last", tape)
        arrays = arrays_of(state)
        self.one, self.form = isinstance(state, np.ndarray), kind_of(state)
        if not (self.one or state is None or (type(state) is tuple and len(arrays) == len(state))):
            raise Broken(f"`last` returns {kind_of(state)}, expected an array, several, or None.")
        self.like = (*params, x, *arrays)
        of_state = ["h_0"] if self.one else [f"h_0[{i}]" for i in range(len(arrays))]
        self.names = (*params._fields, "x", *of_state)
        self.at = ravel((*params, x, *(rng.normal(size=a.shape) for a in arrays)))

    def forward(self, params, x, h_0, of=""):
        """Return h and the tape."""
        result = call(self.module, "forward", params, x, h_0, of=of)
        if not (isinstance(result, tuple) and len(result) == 2):
            raise Broken(f"`forward` returns {kind_of(result)}, expected a pair: h and the tape.")
        return result

    def parts(self, vector):
        """Return parameters, x and a state as the cell takes them."""
        arrays = unravel(vector, self.like)
        n = len(self.module.Params._fields)
        return self.module.Params(*arrays[:n]), arrays[n], self.state(arrays[n + 1 :])

    def state(self, arrays):
        """Return arrays in the form of a state."""
        return None if not arrays else arrays[0] if self.one else tuple(arrays)

    def outputs(self, vector, of=""):
        """Return h and the state after the last step, as one vector."""
        h, tape = self.forward(*self.parts(vector), of=of)
        return ravel((h, *arrays_of(call(self.module, "last", tape))))

    def backward(self, vector, e, e_last):
        """Return J^T e as one vector like the inputs."""
        params, *_ = self.parts(vector)
        _, tape = self.forward(*self.parts(vector))
        result = call(self.module, "backward", params, tape, e, e_last)
        again = call(self.module, "backward", params, tape, e, e_last, of=" of the same tape again")
        if not (isinstance(result, tuple) and len(result) == 3):
            raise Broken("`backward` does not return three: the gradient, d_x and d_h_0.")
        if not isinstance(result[0], self.module.Params):
            raise Broken(f"`backward` returns {kind_of(result[0])} for the gradient, not `Params`.")
        if kind_of(result[2]) != self.form:
            raise Broken(
                f"`backward` returns {kind_of(result[2])} for d_h_0, expected {self.form}, "
                "the form of h_0."
            )
        if _bytes(again) != _bytes(result):
            raise Broken("`backward` of the same tape again returns something else.")
        arrays = arrays_of(result)
        if [a.shape for a in arrays] != [a.shape for a in self.like]:
            found = ", ".join(str(a.shape) for a in arrays)
            raise Broken(
                f"`backward` returns derivatives of the shapes {found}, expected those of "
                f"{', '.join(self.names)}: {', '.join(str(a.shape) for a in self.like)}."
            )
        return ravel(tuple(arrays))

    def r_forward(self, vector, v, whole=False):
        """Return J v; where a part of v is zero it is left out, unless the whole is given."""
        direction, R_x, R_h_0 = self.parts(v)
        params, *_ = self.parts(vector)
        _, tape = self.forward(*self.parts(vector))
        R_x = R_x if whole or R_x.any() else None
        R_h_0 = R_h_0 if whole or any(a.any() for a in arrays_of(R_h_0)) else None
        R_h = call(self.module, "r_forward", params, tape, direction, R_x, R_h_0)
        _expect(R_h, "`r_forward` returns R_h", "that of h")
        return R_h

    def moves(self):
        """Yield for each input its name, a random direction that moves it alone, and J times it."""
        for place, name in enumerate(self.names):
            d = np.zeros(self.at.size)
            part = unravel(d, self.like)[place]
            part[...] = self.rng.normal(size=part.shape)
            moved = self.outputs(self.at + 1j * EPS * d, of=" of complex numbers")
            if not np.iscomplexobj(moved):
                raise Broken("`forward` of complex numbers returns real ones.")
            yield name, d, moved.imag / EPS


def call(module, name, *arguments, of="", **options):
    """Return what a function of the cell returns; say so if it raises, or changes an argument."""
    before = [_bytes(argument) for argument in arguments]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            result = getattr(module, name)(*arguments, **options)
    except Exception as fault:
        raise Broken(f"`{name}`{of} raises {type(fault).__name__}: {fault}.") from fault
    for i, argument in enumerate(arguments):
        if _bytes(argument) != before[i]:
            raise Broken(f"`{name}` changes {ARGUMENTS[name][i]}, which is the caller's.")
    return result


def _expect(h, what, named):
    """Say so unless h is an array (T, B, H)."""
    if not isinstance(h, np.ndarray):
        raise Broken(f"{what} as {kind_of(h)}, expected an array.")
    if h.shape != (T, B, H):
        raise Broken(f"{what} of shape {h.shape}, expected {named}: {T, B, H}.")


def arrays_of(value):
    """Return the arrays in nested tuples; what is anything else is left out."""
    if isinstance(value, tuple):
        return [array for part in value for array in arrays_of(part)]
    return [value] if isinstance(value, np.ndarray) else []


def _bytes(value):
    return [array.tobytes() for array in arrays_of(value)]
