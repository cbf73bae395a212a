"""Echo state networks: a fixed recurrent net, the reservoir, of which only the readout is learned.

    z[t] = W_hx x[t] + W_hh h[t-1] + W_hy y[t-1] + b_h     weighted sum               -> run
    h[t] = (1 - a) h[t-1] + a tanh(z[t])                   a is the leak              -> step
    min_W_yh,b_y  sum_t |W_yh h[t] + b_y - y[t]|^2 + nu |W_yh|^2                      -> fit_readout
    y[t] = W_yh h[t] + b_y, fed back                       free run                   -> generate

The readout is a `linear.Params`. W_hh may be an array or a sparse array of SciPy. Several
reservoirs side by side are one reservoir with a W_hh of blocks (`ensemble`).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.linalg import ArpackNoConvergence, eigs

from rnncourse import compiled, initializers, linear
from rnncourse.arrays import product
from rnncourse.inputs import (
    check_dtype,
    check_finite,
    check_plain,
    check_real,
    check_rng,
    check_shape,
    number,
)
from rnncourse.ridge import ridge_regression


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
        connections: normal weights into each unit from others, the rest zeros. W_hh is a sparse
            array, or a dense one where a fifth of it or more is filled.
        spectral_radius: largest absolute value of an eigenvalue of W_hh.
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
        if not isinstance(n, int | np.integer) or n < least:
            raise ValueError(f"{name} is {n!r}, expected an integer of at least {least}")
    if n_in + n_out == 0:
        raise ValueError("n_in and n_out are 0, expected an input or an output that is fed back")
    scales = {"input": input_scale, "feedback": feedback_scale, "bias": bias_scale}
    for name, scale in scales.items():
        _from_0(f"{name}_scale", scale)
    expected = "a positive finite number"
    number("spectral_radius", spectral_radius, lambda r: 0 < r < np.inf, expected)
    W_hh = sparse.csr_array(initializers.sparse(rng, n_hidden, n_hidden, connections))
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
    _check_reservoir(reservoir)
    return reservoir


def radius_of(W) -> float:
    """Return the spectral radius of a square matrix, dense or sparse: its largest |eigenvalue|."""
    if sparse.issparse(W):
        if W.shape[0] > 500:
            try:  # six, because close neighbors may come out in the wrong order
                found = eigs(W, k=6, v0=np.ones(W.shape[0]), return_eigenvectors=False)
                return float(np.abs(found).max())
            except ArpackNoConvergence:
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
        _check_reservoir(reservoirs[s])
        if kind != kinds[0]:
            raise ValueError(f"reservoirs[{s}] is of {kind}, expected that of 0, {kinds[0]}")
    H = reservoirs[0].W_hh.shape[0]
    leak = np.concatenate([np.broadcast_to(r.leak, H) for r in reservoirs])
    return Reservoir(
        W_hx=np.concatenate([r.W_hx for r in reservoirs]),
        W_hh=sparse.csr_array(sparse.block_diag([r.W_hh for r in reservoirs], format="csr")),
        W_hy=linalg.block_diag(*(r.W_hy for r in reservoirs)),
        b_h=np.concatenate([r.b_h for r in reservoirs]),
        leak=float(leak[0]) if np.all(leak == leak[0]) else leak,
        activation=reservoirs[0].activation,
    )


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
    H, D, K = _check_reservoir(reservoir)
    T, B = _steps_and_batch(reservoir, x, y, D, K)
    h = np.empty((T + 1, B, H), reservoir.b_h.dtype)
    h[0], y_0 = _starts(reservoir, h_0, y_0, B)
    _drives(reservoir, x, h[1:])
    if K:
        h[1:] += product(np.concatenate([y_0[np.newaxis], y[:-1]]), reservoir.W_hy.T)
    if _from_0("noise", noise):
        check_rng(rng)
        h[1:] += rng.uniform(-noise, noise, size=(T, B, H)).astype(h.dtype)
    harvest_steps(_in_rows(reservoir), h)
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
    H, D, K = _check_reservoir(reservoir)
    check_shape("readout.W_yh", readout.W_yh, (K, H))
    check_shape("readout.b_y", readout.b_y, (K,))
    for name, array in zip(readout._fields, readout, strict=True):
        check_real(f"readout.{name}", array, like=reservoir.b_h)
    if h_0 is None or y_0 is None:
        raise ValueError("h_0 or y_0 is None, expected the state and output to go on from")
    B = len(np.atleast_1d(h_0))
    if D:
        n_steps, B = _steps_and_batch(reservoir, x, None, D, 0)
    elif x is not None or not isinstance(n_steps, int | np.integer) or n_steps < 1:
        raise ValueError(
            f"n_steps is {n_steps!r}, x {'None' if x is None else 'given'}, expected n_steps of at "
            "least 1 and x None: this reservoir has no input"
        )
    h = np.empty((n_steps + 1, B, H), reservoir.b_h.dtype)
    y = np.empty((n_steps + 1, B, K), reservoir.b_h.dtype)
    h[0], y[0] = _starts(reservoir, h_0, y_0, B)
    _drives(reservoir, x, h[1:])
    reservoir = _in_rows(reservoir)
    for t in range(n_steps):
        h[t + 1] = step(reservoir, h[t + 1] + y[t] @ reservoir.W_hy.T, h[t])
        y[t + 1] = h[t + 1] @ readout.W_yh.T + readout.b_y
    _check_last(h)
    return y[1:], h[1:]


def fit_readout(states, y, ridge=1e-8, washout=0, mask=None):
    """Learn the readout by ridge regression; b_y is not held back.

        min_W_yh,b_y  sum_t |W_yh h[t] + b_y - y[t]|^2 + nu |W_yh|^2

    Args:
        states: (T, B, H) states, or other features, float32 or float64; solved in float64.
        y: (T, B, K) targets.
        ridge: nu, 0 or more (many books write lambda), beside the sum over all steps; see
            `ridge.ridge_regression` for the solver.
        washout: steps at the beginning that are left out, because they remember h_0.
        mask: (T, B) of bool, further steps to be left out where False; none if None.

    Returns:
        `linear.Params` of the precision of the states.

    Raises:
        ValueError: if shapes or dtypes do not fit, if the mask holds weights or leaves no step, if
            states or y hold NaN or an infinity, or if ridge is negative.
    """
    check_shape("states", states, ("T", "B", "H"))
    check_real("states", states)
    T, B, H = states.shape
    check_shape("y", y, (T, B, "K"))
    check_real("y", y, like=states)
    _from_0("ridge", ridge)
    if not isinstance(washout, int | np.integer) or not 0 <= washout < T:
        raise ValueError(f"washout is {washout!r}, expected an integer, 0 <= washout < T = {T}")
    if mask is None:
        X, Y = (a[washout:].reshape(-1, a.shape[-1]) for a in (states, y))
    else:
        check_plain("mask", mask)
        check_shape("mask", mask, (T, B))
        if not np.isin(mask, (0, 1)).all():  # every weight would count as 1
            raise ValueError("mask holds other numbers than 0 and 1, expected booleans")
        chosen = np.asarray(mask, bool)[washout:]
        if not chosen.any():
            raise ValueError("mask leaves no step after the washout, expected at least one")
        X, Y = states[washout:][chosen], y[washout:][chosen]
    check_finite("y", Y)
    try:
        W, b_y = ridge_regression(X.astype(np.float64, copy=False), Y.astype(np.float64), ridge)
    except ValueError:
        check_finite("states", states[washout:])  # the same fault, by the name that it has here
        raise
    return linear.Params(W.T.astype(states.dtype), b_y.astype(states.dtype))


def _from_0(name, value):
    return number(name, value, lambda value: 0 <= value < np.inf, "a finite number from 0")


def _check_last(states):
    """Say that the states ran away: products with a sparse matrix overflow without a warning."""
    if not np.isfinite(states[-1]).all():
        raise ValueError(
            "the states run away, and the last holds NaN or infinite values; "
            "expected weights that keep them finite"
        )


def _drives(reservoir, x, z):
    """Write into z (T, B, H) what each weighted sum gets from the input and the bias."""
    z[...] = reservoir.b_h if x is None else product(x, reservoir.W_hx.T) + reservoir.b_h


def _in_rows(reservoir):
    """Return the reservoir with a sparse W_hh row by row, as its product with a vector wants it."""
    W_hh = reservoir.W_hh
    return reservoir._replace(W_hh=W_hh.tocsr()) if sparse.issparse(W_hh) else reservoir


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
            check_shape(name, array, (*shape, n))
            check_real(name, array, like=reservoir.b_h)
            check_finite(name, array)
            shape = array.shape[:2]
    return shape


def _check_reservoir(reservoir):
    """Check shapes and precision; return H, D and K."""
    W_hx, W_hh, W_hy, b_h, leak, _ = reservoir
    check_shape("b_h", b_h, ("H",))
    check_real("b_h", b_h)
    H = len(b_h)
    for name, W, width in (("W_hx", W_hx, None), ("W_hh", W_hh, H), ("W_hy", W_hy, None)):
        shape = np.shape(W)
        if len(shape) != 2 or shape[0] != H or shape[1] != (width or shape[1]):
            raise ValueError(f"{name} has shape {shape}, expected ({H}, {width or 'any width'})")
        if not sparse.issparse(W):
            check_real(name, W, like=b_h)
        elif name != "W_hh" or W.dtype != b_h.dtype:
            raise ValueError(f"{name} is sparse, of {W.dtype}, expected only W_hh, of {b_h.dtype}")
    check_plain("leak", leak)
    a = np.asarray(leak, float)
    if a.shape not in ((), (H,)) or not np.all((a > 0) & (a <= 1)):
        raise ValueError(f"leak is {leak}, expected a number above 0 and at most 1, or {H} of them")
    return H, W_hx.shape[1], W_hy.shape[1]
