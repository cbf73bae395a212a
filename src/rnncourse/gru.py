"""The GRU cell: forward in time, backward in time, and its directional derivative.

    r, u = sigmoid(W_x x[t] + b_x + W_h h[t-1] + b_h)    reset and update gate    -> forward
    m = W_h h[t-1] + b_h                       what the reset gate lets through   -> forward
    n = tanh(W_x x[t] + b_x + r m)             candidate                          -> forward
    h[t] = (1 - u) n + u h[t-1]                hidden state                       -> forward
    d_h = e[t] + W_h^T d_z_h[t+1] + d_h[t+1] u[t+1]      total derivative dC/dh   -> backward
    d_z = d_h dh/dz                            error derivatives                  -> backward
    R_h[t] = sum of dh/dz R_z over the weighted sums, + u R_h[t-1]                -> r_forward

Each line uses the rows of its own gate. A step has two stacks of weighted sums, from x and from h;
they are added but for the candidate, where the second is multiplied by r first, after the product.
That is why there are two biases: b_h of the candidate stands inside r m. This is PyTorch's form,
and its weights fit unchanged, stacked in the order r, u, n. PyTorch calls the update gate z; here z
is a weighted sum. The cell of Cho et al. (EMNLP 2014) differs: it resets h before the product.

All three loops need the same five local derivatives of a step, -> _slopes. Inside, examples are
columns, W x as in the text: a gate of one step is then one contiguous (H, B) block. Arrays that
come in and go out are (T, B, ...) as everywhere.
"""

from typing import NamedTuple

import numpy as np

from rnncourse import initializers
from rnncourse.arrays import (
    can_overflow,
    check_dtype,
    check_floating,
    check_rng,
    check_shape,
    check_weights,
    columns,
    dot,
    product,
    steps_in_cache,
    sum_outer,
)

CAUSAL = True  # h[t] depends on x[: t + 1] alone


class Params(NamedTuple):
    """Weights of the cell, gates in the order r, u, n; also a gradient and a direction."""

    W_x: np.ndarray  # (3H, D)  to the gates from x
    W_h: np.ndarray  # (3H, H)  to the gates from the previous h
    b_x: np.ndarray  # (3H,)    bias beside W_x
    b_h: np.ndarray  # (3H,)    bias beside W_h: that of n is multiplied by r


class Tape(NamedTuple):
    """The stack of activities that `forward` builds and `backward` peels off.

    x is the array that came in, not a copy: leave it alone until the backward pass is done.
    """

    x: np.ndarray  # (T, B, D)
    h_prev: np.ndarray  # (T, B, H)  h_prev[t] is h[t-1]
    h: np.ndarray  # (T, B, H)
    r: np.ndarray  # (T, B, H)  reset gate
    u: np.ndarray  # (T, B, H)  update gate: 1 keeps the state
    n: np.ndarray  # (T, B, H)  candidate
    m: np.ndarray  # (T, B, H)  what the reset gate lets through


def shapes(n_in, n_hidden):
    """Return the shapes of the parameters, named."""
    H = n_hidden
    return Params(W_x=(3 * H, n_in), W_h=(3 * H, H), b_x=(3 * H,), b_h=(3 * H,))


def init(
    rng,
    n_in,
    n_hidden,
    init_x=initializers.gaussian,
    init_h=initializers.orthogonal,
    dtype=np.float64,
):
    """Draw starting values, the weights of one gate after the other; biases are zero.

    Args:
        rng: a `numpy.random.Generator`.
        n_in: number of inputs D.
        n_hidden: number of hidden units H.
        init_x: function of (rng, n_out, n_in) that draws the W_x of one gate.
        init_h: function of (rng, n_out, n_in) that draws the W_h of one gate.
        dtype: float32 or float64.

    Raises:
        ValueError: if dtype is another, or rng no generator.
    """
    check_rng(rng)
    check_dtype(dtype)
    W_x = np.concatenate([init_x(rng, n_hidden, n_in) for _ in range(3)])
    W_h = np.concatenate([init_h(rng, n_hidden, n_hidden) for _ in range(3)])
    b_x, b_h = np.zeros((2, 3 * n_hidden), dtype)
    return Params(W_x.astype(dtype), W_h.astype(dtype), b_x, b_h)


def forward(params, x, h_0=None):
    """Run the cell over a batch of sequences.

        h[t] = (1 - u) n + u h[t-1]

    Args:
        params: `Params`.
        x: (T, B, D) inputs, of the precision of the parameters.
        h_0: (B, H) state before the first step; zero if None.

    Returns:
        h (T, B, H), and the tape for `backward` and `r_forward`.

    Raises:
        ValueError: if an argument has another shape or dtype.
    """
    W_x, W_h, b_x, b_h = params
    D, H = np.shape(W_x)[-1], np.shape(W_h)[-1]
    check_weights(params, shapes(D, H))
    check_shape("x", x, ("T", "B", D))
    check_floating("x", x, like=W_h)
    T, B, _ = x.shape
    h_0 = np.zeros((B, H), W_h.dtype) if h_0 is None else h_0
    check_shape("h_0", h_0, (B, H))
    check_floating("h_0", h_0, like=W_h)

    # One block for each step: 1, h[t-1]; then r, u, n, m. One array for the whole tape, because
    # fresh memory costs as much time as the arithmetic.
    a = np.empty((T + 1, 1 + 5 * H, B), np.result_type(x, W_h, h_0))
    s, z_x, runm = a[:-1, : 1 + H], a[:-1, 1 + H : 1 + 4 * H], a[:-1, 1 + H :].reshape(T, 4, H, B)
    h_prev, h = s[:, 1:], a[1:, 1 : 1 + H]
    s[:, 0], h_prev[0] = 1, h_0.T

    minus = np.repeat(np.array([-1, -1, 1], W_h.dtype), H)[:, np.newaxis]
    W_x, W_h = minus * W_x, minus * np.column_stack([b_h, W_h])  # a gate is 1 / (1 + exp(-z))
    W_h = np.asfortranarray(W_h)  # a matrix times a vector, B = 1, is quicker so
    np.matmul(W_x, columns(x), out=z_x)  # input of all steps at once
    z_x += minus * b_x[:, np.newaxis]
    from_h, one = np.empty((3, H, B), a.dtype), np.ones((), a.dtype)
    z_h = from_h.reshape(3 * H, B)
    steps = zip(
        s, runm[:, :2], runm[:, 0], runm[:, 1], runm[:, 2], runm[:, 3], h_prev, h, strict=True
    )
    # where exp(-z) is infinite, the gate is 0; where z may be, NumPy is to say so
    over = None if can_overflow(W_h, h_0) else "ignore"
    with np.errstate(over=over):
        for s_t, gates, r, u, n, m, h_before, h_t in steps:
            dot(W_h, s_t, out=z_h)
            np.add(gates, from_h[:2], out=gates)
            np.exp(gates, out=gates)
            np.add(gates, one, out=gates)
            np.reciprocal(gates, out=gates)
            np.copyto(m, from_h[2])
            np.multiply(r, m, out=h_t)
            np.add(n, h_t, out=n)
            np.tanh(n, out=n)
            np.subtract(h_before, n, out=h_t)  # h = n + u (h[t-1] - n)
            np.multiply(h_t, u, out=h_t)
            np.add(h_t, n, out=h_t)
    r, u, n, m = (columns(runm[:, k]) for k in range(4))
    h = np.ascontiguousarray(columns(h))
    return h, Tape(x, columns(h_prev), h, r, u, n, m)


def backward(params, tape, e):
    """Peel the tape off from the last step to the first; linear in e: this is J^T e.

        d_h = e[t] + W_h^T d_z_h[t+1] + d_h[t+1] u[t+1],    d_z = d_h dh/dz

    Args:
        params: `Params` that `forward` was called with.
        tape: `Tape` that `forward` returned.
        e: (T, B, H) derivatives of C with respect to h[t], later states of this layer held fixed.

    Returns:
        The gradient as `Params`, and dC/dx (T, B, D).

    Raises:
        ValueError: if e does not have the shape of h.
    """
    W_x, W_h, _, _ = params
    check_shape("e", e, tape.h.shape)
    check_floating("e", e, like=W_h)
    T, B, H = e.shape
    to_h = np.ascontiguousarray(W_h.T)
    d_z_x, d_z_h = np.empty((2, T, B, 3 * H), e.dtype)
    d_h = np.empty((H, B), e.dtype)
    n = steps_in_cache(H, B)
    slopes = np.zeros((n + 1, 5, H, B), e.dtype)
    d_z = slopes.reshape(n + 1, 5 * H, B)
    for stop in range(T, 0, -n):
        k = min(n, stop)
        now = slice(stop - k, stop)
        slopes[k] = slopes[0]  # the step after these; zero after the last one
        _slopes(tape, now, slopes[:k])
        # in place, each slope is multiplied by the derivative that arrives there
        e_now = np.ascontiguousarray(columns(e[now]))
        later = slopes[1 : k + 1, 4], d_z[1 : k + 1, H : 4 * H]
        for e_t, slope, kept, d_z_next in reversed(list(zip(e_now, slopes, *later, strict=False))):
            dot(to_h, d_z_next, out=d_h)
            np.add(d_h, kept, out=d_h)
            np.add(d_h, e_t, out=d_h)
            np.multiply(slope, d_h, out=slope)
        d_n, d_ru, d_m = np.split(columns(d_z[:k, : 4 * H]), [H, 3 * H], axis=2)
        d_z_x[now, :, : 2 * H], d_z_x[now, :, 2 * H :] = d_ru, d_n
        d_z_h[now, :, : 2 * H], d_z_h[now, :, 2 * H :] = d_ru, d_m
    gradient = Params(
        W_x=sum_outer(d_z_x, tape.x),
        W_h=sum_outer(d_z_h, tape.h_prev),
        b_x=d_z_x.sum(axis=(0, 1)),
        b_h=d_z_h.sum(axis=(0, 1)),
    )
    return gradient, product(d_z_x, W_x)


def r_forward(params, tape, v, R_x=None):
    """Differentiate the forward pass along v; linear in v: this is J v.

        R_z_x[t] = V_x x[t] + v_b_x + W_x R_x[t],    R_z_h[t] = V_h h[t-1] + v_b_h + W_h R_h[t-1]
        R_h[t] = sum of dh/dz R_z, + u R_h[t-1]

    Args:
        params: `Params` that `forward` was called with.
        tape: `Tape` that `forward` returned.
        v: direction of type `Params`.
        R_x: (T, B, D) directional derivative of the input, zero if None (the data do not move).

    Returns:
        R_h (T, B, H). The initial state is no parameter, so its derivative is zero.

    Raises:
        ValueError: if v or R_x has another shape or dtype than the parameters or x.

    Source:
        Pearlmutter, Neural Computation 6 (1994) 147.
    """
    check_weights(v, shapes(params.W_x.shape[1], params.W_h.shape[1]), "v.")
    V_x, V_h, v_b_x, v_b_h = v
    T, B, H = tape.h.shape
    # all but the recurrent part, for all steps at once
    R_z_x = np.matmul(V_x, columns(tape.x)) + v_b_x[:, np.newaxis]
    if R_x is not None:
        check_shape("R_x", R_x, tape.x.shape)
        check_floating("R_x", R_x, like=params.W_h)
        R_z_x += np.matmul(params.W_x, columns(R_x))
    R = np.zeros((T + 1, 5 * H, B), R_z_x.dtype)  # of n, r, u, m; then R_h[t-1]
    R_rum, R_h = R[:, H : 4 * H], R[:, 4 * H :]
    R_rum[:-1] = np.matmul(V_h, columns(tape.h_prev)) + v_b_h[:, np.newaxis]
    R_rum[:-1, : 2 * H] += R_z_x[:, : 2 * H]
    R[:-1, :H] = R_z_x[:, 2 * H :]
    from_h, parts = np.empty_like(R_rum[0]), np.empty((5, H, B), R.dtype)
    n = steps_in_cache(H, B)
    slopes = np.empty((n, 5, H, B), R.dtype)
    for start in range(0, T, n):
        now = slice(start, min(start + n, T))
        _slopes(tape, now, slopes[: now.stop - start])
        for t in range(start, now.stop):
            dot(params.W_h, R_h[t], out=from_h)
            R_rum[t] += from_h
            np.multiply(R[t].reshape(5, H, B), slopes[t - start], out=parts)
            np.add.reduce(parts, axis=0, out=R_h[t + 1])
    return columns(R_h[1:])


def _slopes(tape, now, out):
    """Write the local derivatives of the steps `now` (a slice of k steps) to out (k, 5, H, B).

    1 - gate is as exact as 1 itself: the slope of a gate that is almost open has an absolute error
    of 1e-16, in float32 6e-8 (1 % of it at z = 12, all of it from z = 17 on), as in the frameworks.

    In this order: dh/dn's sum, dh/dr's, dh/du's, dh/dm, dh/dh[t-1].
    """
    h_prev, r, u, n, m = (columns(a[now]) for a in (tape.h_prev, *tape[3:]))
    h_n, h_r, h_u, h_m, h_h = out.swapaxes(0, 1)
    np.multiply(n, n, out=h_n)
    np.subtract(1, h_n, out=h_n)  # tanh'(z) = 1 - tanh(z)^2
    np.subtract(1, u, out=h_u)
    h_n *= h_u
    h_u *= u  # sigmoid'(z) = gate (1 - gate)
    np.subtract(h_prev, n, out=h_r)
    h_u *= h_r
    np.multiply(h_n, r, out=h_m)
    np.subtract(1, r, out=h_r)
    h_r *= h_m
    h_r *= m
    h_h[...] = u
