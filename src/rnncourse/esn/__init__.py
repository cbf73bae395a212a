"""Echo state networks: a fixed recurrent net, the reservoir, of which only the readout is learned.

    z[t] = W_hx x[t] + W_hh h[t-1] + W_hy y[t-1] + b_h     weighted sum               -> run
    h[t] = (1 - a) h[t-1] + a tanh(z[t])                   a is the leak              -> step
    min_W_yh,b_y  sum_t |W_yh h[t] + b_y - y[t]|^2 + nu |W_yh|^2                      -> fit_readout
    y[t] = W_yh h[t] + b_y, fed back                       free run                   -> generate

The readout is a `linear.Params`. W_hh may be an array or a sparse array of SciPy. Several
reservoirs side by side are one reservoir with a W_hh of blocks (`ensemble`).

To keep a net, save the readout (`params.save(path, (readout,))`) and the seed from which `init` has
drawn the reservoir; or pickle both.
"""

import numpy as np

from rnncourse import compiled
from rnncourse.arrays import product
from rnncourse.esn.readout import fit_readout
from rnncourse.esn.reservoir import Reservoir, check_reservoir, ensemble, in_rows, init, radius_of
from rnncourse.inputs import check_finite, check_real, check_rng, check_shape, integer, not_negative

__all__ = [
    "Reservoir",
    "ensemble",
    "fit_readout",
    "generate",
    "generate_steps",
    "harvest_steps",
    "init",
    "radius_of",
    "run",
    "step",
]


def run(reservoir, x=None, y=None, h_0=None, y_0=None, noise=0.0, rng=None):
    """Drive the reservoir, with the true outputs in place of its own: teacher forcing.

        h[t] = (1 - a) h[t-1] + a tanh(W_hx x[t] + W_hh h[t-1] + W_hy y[t-1] + b_h)

    Args:
        reservoir: `Reservoir`.
        x: (T, B, D) inputs; None where the reservoir has none.
        y: (T, B, K) true outputs, of which step t sees y[t-1]; None without feedback.
        h_0: (B, H) state before the first step; zero if None.
        y_0: (B, K) output before the first step; zero if None.
        noise: each weighted sum gets a number from U[-noise, noise] added.
        rng: a `numpy.random.Generator`, where noise is above 0.

    Returns:
        h (T, B, H), of the precision of the reservoir.

    Raises:
        ValueError: if an argument is missing, has another shape or dtype, or is not finite; if the
            states run away.
    """
    H, D, K = check_reservoir(reservoir)
    T, B = _steps_and_batch(reservoir, x, y, D, K)
    h = np.empty((T + 1, B, H), reservoir.b_h.dtype)
    h[0], y_0 = _starts(reservoir, h_0, y_0, B)
    _drives(reservoir, x, h[1:])
    if K:
        h[1:] += product(np.concatenate([y_0[np.newaxis], y[:-1]]), reservoir.W_hy.T)
    if not_negative("noise", noise):
        check_rng(rng)
        h[1:] += rng.uniform(-noise, noise, size=(T, B, H)).astype(h.dtype)
    harvest_steps(in_rows(reservoir), h)
    _check_last(h)
    return h[1:]


@compiled.loop
def harvest_steps(reservoir, h):
    """Fill h (T + 1, B, H) from h[0] on; h[t + 1] comes as the drive of a step."""
    for t in range(len(h) - 1):
        h[t + 1] = step(reservoir, h[t + 1], h[t])


def step(reservoir, z, h):
    """Return h[t] (B, H) of h[t-1] and of the drive z (B, H), the sum without W_hh h[t-1]."""
    a = np.asarray(reservoir.leak, h.dtype)
    z = z + (reservoir.W_hh @ h.T).T
    return (1 - a) * h + a * reservoir.activation(z)


def generate(reservoir, readout, n_steps=None, x=None, h_0=None, y_0=None):
    """Let the net run freely: what the readout says is fed back in place of the truth.

    The readout is to give y[t] from h[t], which has seen y[t-1]: `fit_readout(h, y)` of the h and
    the y of one and the same `run`. Shifted by a step it forecasts wrongly, and no error says so.

    Args:
        reservoir: `Reservoir` with feedback, K at least 1.
        readout: `linear.Params`.
        n_steps: T; None where x says it.
        x: (T, B, D) inputs; None where the reservoir has none.
        h_0: (B, H) state before the first step, usually the last of a `run`.
        y_0: (B, K) output before the first step, usually the last true one.

    Returns:
        y_hat (T, B, K) and h (T, B, H).

    Raises:
        ValueError: if an argument is missing, has another shape or dtype, or is not finite; if the
            states run away.
    """
    H, D, K = check_reservoir(reservoir)
    if K == 0:
        raise ValueError(
            "the reservoir has no feedback, expected one drawn with n_out of 1 or more"
        )
    check_shape("readout.W_yh", readout.W_yh, (K, H))
    check_shape("readout.b_y", readout.b_y, (K,))
    for name, array in zip(readout._fields, readout, strict=True):
        check_real(f"readout.{name}", array, like=reservoir.b_h)
    if h_0 is None or y_0 is None:
        raise ValueError("h_0 or y_0 is None, expected the state and output to go on from")
    T, B = _steps_and_batch(reservoir, x, None, D, 0)
    if D:
        if n_steps is not None and n_steps != T:
            raise ValueError(f"n_steps is {n_steps!r}, expected None: x has {T} steps")
    else:
        T = integer("n_steps", n_steps, 1, besides=": this reservoir has no input")
        check_shape("h_0", h_0, ("B", H))
        B = len(h_0)
    h = np.empty((T + 1, B, H), reservoir.b_h.dtype)
    y = np.empty((T + 1, B, K), reservoir.b_h.dtype)
    h[0], y[0] = _starts(reservoir, h_0, y_0, B)
    _drives(reservoir, x, h[1:])
    generate_steps(in_rows(reservoir), readout, h, y)
    _check_last(h)
    return y[1:], h[1:]


@compiled.loop
def generate_steps(reservoir, readout, h, y):
    """Fill h and y (T + 1, B, K) from h[0], y[0] on; h[t + 1] comes as the drive of a step."""
    for t in range(len(h) - 1):
        h[t + 1] = step(reservoir, h[t + 1] + y[t] @ reservoir.W_hy.T, h[t])
        y[t + 1] = h[t + 1] @ readout.W_yh.T + readout.b_y


def _check_last(states):
    """Say that the states ran away: products with a sparse matrix overflow without a warning."""
    if not np.isfinite(states[-1]).all():
        raise ValueError(
            "the states run away, and the last holds NaN or infinite values; "
            "expected weights that keep them finite"
        )


def _drives(reservoir, x, z):
    """Write into z (T, B, H) what each weighted sum gets from the input and the bias."""
    if x is None:
        z[...] = 0
    else:
        product(x, reservoir.W_hx.T, out=z)
    z += reservoir.b_h


def _starts(reservoir, h_0, y_0, B):
    """Return the state (B, H) and the output (B, K) before the first step."""
    found = []
    for name, start, n in (("h_0", h_0, len(reservoir.b_h)), ("y_0", y_0, reservoir.W_hy.shape[1])):
        if start is None or (n == 0 and np.size(start) == 0):
            start = np.zeros((B, n), reservoir.b_h.dtype)
        else:
            check_shape(name, start, (B, n))
            check_real(name, start, like=reservoir.b_h)
            check_finite(name, start)
        found.append(start)
    return found


def _steps_and_batch(reservoir, x, y, D, K):
    """Check input and teacher, of which those with width 0 must be None; return T and B."""
    shape = ("T", "B")
    for name, array, n in (("x", x, D), ("y", y, K)):
        if n == 0 and array is not None:
            raise ValueError(f"{name} is given, expected None: the reservoir has no weights for it")
        if n:
            if array is None:
                axes = ", ".join(map(str, (*shape, n)))
                raise ValueError(
                    f"{name} is None, expected ({axes}): the reservoir has weights for it"
                )
            check_shape(name, array, (*shape, n))
            check_real(name, array, like=reservoir.b_h)
            check_finite(name, array)
            shape = array.shape[:2]
    return shape
