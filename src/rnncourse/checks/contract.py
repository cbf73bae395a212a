"""What a cell lacks: each promise of the contract, tried on random numbers.

    h, tape = forward(params, x, h_0)                  for complex numbers too
    h_0 of the second half = last(tape of the first)   halves of a sequence equal the whole
    backward(params, tape, e, e_last)                  J^T e,  against complex steps
    r_forward(params, tape, v, R_x, R_h_0)             J v,    against complex steps

A cell's inputs are one list here: the arrays of its parameters, x, and those of its state. A state
is an array, a tuple of arrays, or None.
"""

import warnings

import numpy as np

from rnncourse.checks.derivatives import adjoint, relative_error
from rnncourse.inputs import check_rng, kind_of
from rnncourse.network import CONTRACT
from rnncourse.params import ravel, unravel

T, B, D, H = 5, 3, 2, 4  # all different, so that no axis passes for another
EPS = 1e-30  # of the complex step
TOLERANCE = 1e-10  # relative
ARGUMENTS = {
    "forward": ("params", "x", "h_0"),
    "backward": ("params", "tape", "e", "e_last"),
    "r_forward": ("params", "tape", "v", "R_x", "R_h_0"),
}


class Broken(Exception):
    """A promise that is not kept, so that what builds on it cannot be tried."""


def cell(module, rng=None):
    """Try a cell against the contract, and say what it lacks.

    Tried are: the names; `Params` as a flat NamedTuple, of the shapes that `shapes` gives; `init`
    in both precisions; that h is (T, B, H); that `last` is the state to go on from, so that the
    halves of a sequence equal the whole; that a cell says CAUSAL if it looks only back, and only
    then; that complex numbers pass; that `backward` and `r_forward` are derivatives, of all that
    comes in and of each alone, and each other's transpose; that nothing that comes in is changed;
    that float32 stays float32.

    Args:
        module: the cell: a module, or another object with the names of the contract.
        rng: a `numpy.random.Generator` that draws the numbers; the same ones each time if None.

    Returns:
        A list of sentences, one for each fault; empty if there is none. What builds on a broken
        promise is not tried before that is mended.

    Raises:
        ValueError: if rng is no generator.
    """
    rng = np.random.default_rng(0) if rng is None else rng
    check_rng(rng)
    found = [f"It has no `{name}`." for name in CONTRACT if not hasattr(module, name)]
    found = found or _sentences(_weights(module, rng))
    if found:
        return found
    try:
        trial = Trial(module, rng)
    except Broken as fault:
        return [str(fault)]
    checks = (_causality, _halves, _backward, _r_forward, _transpose, _precision)
    return list(dict.fromkeys(s for check in checks for s in _sentences(check(trial))))


class Trial:
    """A cell and random numbers for it: all its inputs as one vector, `at`."""

    def __init__(self, module, rng):
        """Draw parameters, x and h_0; of what form a state is, `last` tells."""
        self.module, self.rng = module, rng
        params = module.Params(*(0.5 * rng.normal(size=s) for s in module.shapes(D, H)))
        x = rng.normal(size=(T, B, D))
        h, tape = self.forward(params, x, None)
        if np.shape(h) != (T, B, H):
            raise Broken(
                f"`forward` returns h of shape {np.shape(h)}, expected (T, B, H): {T, B, H}."
            )
        if not np.isfinite(h).all():
            raise Broken("`forward` returns NaN or an infinity for weights and inputs near 1.")
        state = _call(module, "last", tape)
        arrays = _arrays(state)
        self.one = isinstance(state, np.ndarray)
        if not (self.one or state is None or (type(state) is tuple and len(arrays) == len(state))):
            raise Broken(f"`last` returns {kind_of(state)}, expected an array, several, or None.")
        self.like = (*params, x, *arrays)
        of_state = ["h_0"] if self.one else [f"h_0[{i}]" for i in range(len(arrays))]
        self.names = (*params._fields, "x", *of_state)
        self.at = ravel((*params, x, *(rng.normal(size=a.shape) for a in arrays)))

    def forward(self, params, x, h_0, of=""):
        """Return h and the tape."""
        result = _call(self.module, "forward", params, x, h_0, of=of)
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
        return ravel((h, *_arrays(_call(self.module, "last", tape))))

    def backward(self, vector, e, e_last):
        """Return J^T e as one vector like the inputs."""
        params, *_ = self.parts(vector)
        _, tape = self.forward(*self.parts(vector))
        result = _call(self.module, "backward", params, tape, e, e_last)
        if not (isinstance(result, tuple) and len(result) == 3):
            raise Broken("`backward` does not return three: the gradient, d_x and d_h_0.")
        if not isinstance(result[0], self.module.Params):
            raise Broken(f"`backward` returns {kind_of(result[0])} for the gradient, not `Params`.")
        arrays = _arrays(result)
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
        R_h_0 = R_h_0 if whole or any(a.any() for a in _arrays(R_h_0)) else None
        R_h = _call(self.module, "r_forward", params, tape, direction, R_x, R_h_0)
        if np.shape(R_h) != (T, B, H):
            raise Broken(
                f"`r_forward` returns shape {np.shape(R_h)}, expected that of h: {T, B, H}."
            )
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


def _weights(module, rng):
    if not (isinstance(module.Params, type) and hasattr(module.Params, "_fields")):
        raise Broken("`Params` is no NamedTuple.")
    shapes = _call(module, "shapes", D, H)
    if not isinstance(shapes, module.Params):
        raise Broken(f"`shapes` returns {kind_of(shapes)}, expected `Params`.")
    for name, shape in zip(shapes._fields, shapes, strict=True):
        if not (isinstance(shape, tuple) and all(isinstance(n, int) for n in shape)):
            yield f"`shapes` has {shape} for {name}, expected integers: `Params` is flat."
    for dtype in (np.float64, np.float32):
        params = _call(module, "init", rng, D, H, dtype=dtype)
        if not isinstance(params, module.Params):
            raise Broken(f"`init` returns {kind_of(params)}, expected `Params`.")
        for name, array, shape in zip(shapes._fields, params, shapes, strict=True):
            came = np.shape(array), getattr(array, "dtype", type(array))
            if came != (shape, np.dtype(dtype)):
                yield (
                    f"`init` returns {name} of shape {came[0]} and dtype {came[1]}, expected "
                    f"{shape} and {np.dtype(dtype)}."
                )


def _looks_ahead(trial):
    """Return the first step whose h depends on a later x, or None."""
    params, x, h_0 = trial.parts(trial.at)
    h, _ = trial.forward(params, x, h_0)
    for t in range(1, T):
        later = np.arange(T)[:, np.newaxis, np.newaxis] >= t
        changed, _ = trial.forward(params, np.where(later, -x, x), h_0)
        if relative_error(changed[:t], h[:t]) > TOLERANCE:
            return t
    return None


def _causality(trial):
    says, t = getattr(trial.module, "CAUSAL", False), _looks_ahead(trial)
    if says and t is not None:
        yield f"CAUSAL is {says}, but h before step {t} depends on x from step {t} on."
    if t is None and not says:
        yield "It looks only back, but does not say so: CAUSAL = True."


def _halves(trial):
    if _looks_ahead(trial) is not None:
        return  # there is no going on
    params, x, h_0 = trial.parts(trial.at)
    first, tape = trial.forward(params, x[:2], h_0)
    second, tape = trial.forward(params, x[2:], _call(trial.module, "last", tape))
    halves = ravel((first, second, *_arrays(_call(trial.module, "last", tape))))
    error = relative_error(halves, trial.outputs(trial.at))
    if error > TOLERANCE:
        yield (
            f"A second half that starts from `last` of the first differs from the whole by "
            f"{error:.1e}: `last` is the state to go on from, h_0 the state to start from."
        )


def _backward(trial):
    _, _, like = trial.parts(trial.at)
    e = trial.rng.normal(size=(T, B, H))
    e_last = [trial.rng.normal(size=a.shape) for a in _arrays(like)]
    nothing = [np.zeros_like(a) for a in e_last]
    for word, e_h, e_state, u in (
        ("e", e, None, (e, *nothing)),
        ("e_last", 0 * e, trial.state(e_last), (0 * e, *e_last)),
    ):
        gradient = trial.backward(trial.at, e_h, e_state)
        for name, d, change in trial.moves():
            expected = ravel(u) @ change
            error = abs(gradient @ d - expected)
            if not error <= TOLERANCE * np.linalg.norm(ravel(u)) * np.linalg.norm(change):
                yield (
                    f"`backward` of {word} is wrong with respect to {name}: {gradient @ d:.6g} "
                    f"along a random direction, {expected:.6g} by a complex step."
                )


def _r_forward(trial):
    for name, d, change in trial.moves():
        error = relative_error(trial.r_forward(trial.at, d).ravel(), change[: T * B * H])
        if error > TOLERANCE:
            yield f"`r_forward` along {name} differs from a complex step by {error:.1e}."


def _transpose(trial):
    v, u = trial.rng.normal(size=trial.at.size), trial.rng.normal(size=(T, B, H))
    error = adjoint(
        lambda v: trial.r_forward(trial.at, v, whole=True),
        lambda u: trial.backward(trial.at, u, None),
        v,
        u,
    )
    if error > TOLERANCE:
        yield f"`backward` and `r_forward` are not each other's transpose: off by {error:.1e}."


def _precision(trial):
    at = trial.at.astype(np.float32)
    for name, result in (
        ("forward", trial.outputs(at)),
        ("backward", trial.backward(at, np.ones((T, B, H), np.float32), None)),
        ("r_forward", trial.r_forward(at, at)),
    ):
        if result.dtype != np.float32:
            yield f"`{name}` of float32 returns {result.dtype}."


def _sentences(check):
    """Return what a check yields, up to a broken promise and with it."""
    found = []
    try:
        for sentence in check:
            found.append(sentence)
    except Broken as fault:
        found.append(str(fault))
    return found


def _call(module, name, *arguments, of="", **options):
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


def _arrays(value):
    """Return the arrays in nested tuples; what is anything else is left out."""
    if isinstance(value, tuple):
        return [array for part in value for array in _arrays(part)]
    return [value] if isinstance(value, np.ndarray) else []


def _bytes(value):
    return [array.tobytes() for array in _arrays(value)]
