"""What a cell lacks: each promise of the contract, tried on random numbers.

    h, tape = forward(params, x, h_0)                  for complex numbers too
    h_0 of the second half = last(tape of the first)   halves of a sequence equal the whole
    backward(params, tape, e, e_last)                  J^T e,  against complex steps
    r_forward(params, tape, v, R_x, R_h_0)             J v,    against complex steps

A cell that keeps them all is a cell like those of the package.
"""

import numpy as np

from rnncourse.checks.derivatives import adjoint, relative_error
from rnncourse.checks.trial import EPS, B, Broken, D, H, T, Trial, arrays_of, call
from rnncourse.inputs import check_rng, kind_of
from rnncourse.network import CONTRACT
from rnncourse.params import ravel

TOLERANCE = 1e-10  # relative


def cell(module, rng=None):
    """Try a cell against the contract, and say what it lacks.

    Tried are: the names; `Params` as a flat NamedTuple, of the shapes that `shapes` gives; `init`
    in both precisions; that h is (T, B, H); that `last` is the state to go on from, so that the
    halves of a sequence equal the whole; that a cell says CAUSAL if it looks only back, and only
    then; that h_0 = None is a state of zeros; that complex numbers pass; that `backward` and
    `r_forward` are derivatives, of all that comes in and of each alone, and each other's transpose;
    that nothing that comes in is changed, and a tape can be used again; that float32 stays float32.

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
    checks = (_causality, _start, _halves, _backward, _r_forward, _transpose, _precision)
    return list(dict.fromkeys(s for check in checks for s in _sentences(check(trial))))


def _weights(module, rng):
    if not (isinstance(module.Params, type) and hasattr(module.Params, "_fields")):
        raise Broken("`Params` is no NamedTuple.")
    shapes = call(module, "shapes", D, H)
    if not isinstance(shapes, module.Params):
        raise Broken(f"`shapes` returns {kind_of(shapes)}, expected `Params`.")
    for name, shape in zip(shapes._fields, shapes, strict=True):
        if not (isinstance(shape, tuple) and all(isinstance(n, int) for n in shape)):
            yield f"`shapes` has {shape} for {name}, expected integers: `Params` is flat."
    for dtype in (np.float64, np.float32):
        params = call(module, "init", rng, D, H, dtype=dtype)
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


def _start(trial):
    """Compare h from no state with h from zeros, also where the parameters alone are complex."""
    step = 1j * EPS * trial.rng.normal(size=trial.at.size)
    for kind, at, x_at in (
        ("float64", trial.at, trial.at),
        ("float32", trial.at.astype(np.float32), trial.at.astype(np.float32)),
        ("complex numbers", trial.at + step, trial.at),
    ):
        (params, _, like), (_, x, _) = trial.parts(at), trial.parts(x_at)
        zeros = trial.state([np.zeros_like(a) for a in arrays_of(like)])
        found, _ = trial.forward(params, x, None, of=f" of {kind} from h_0 = None")
        expected, _ = trial.forward(params, x.astype(at.dtype), zeros)
        if found.dtype != expected.dtype:
            yield f"`forward` of {kind} from h_0 = None returns {found.dtype}."
            continue
        rounding = max(TOLERANCE, np.finfo(found.dtype).eps)
        for part, tolerance in (("real", rounding), ("imag", TOLERANCE)):
            error = relative_error(getattr(found, part), getattr(expected, part))
            if error > tolerance:
                yield f"`forward` of {kind} from h_0 = None differs from zeros by {error:.1e}."


def _halves(trial):
    if _looks_ahead(trial) is not None:
        return  # there is no going on
    params, x, h_0 = trial.parts(trial.at)
    first, tape = trial.forward(params, x[:2], h_0)
    second, tape = trial.forward(params, x[2:], call(trial.module, "last", tape))
    halves = ravel((first, second, *arrays_of(call(trial.module, "last", tape))))
    error = relative_error(halves, trial.outputs(trial.at))
    if error > TOLERANCE:
        yield (
            f"A second half that starts from `last` of the first differs from the whole by "
            f"{error:.1e}: `last` is the state to go on from, h_0 the state to start from."
        )


def _backward(trial):
    _, _, like = trial.parts(trial.at)
    e = trial.rng.normal(size=(T, B, H))
    e_last = [trial.rng.normal(size=a.shape) for a in arrays_of(like)]
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
