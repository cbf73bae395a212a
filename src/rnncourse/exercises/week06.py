"""Checkers of week 6: a leak, a perfect memory, many ridges at once, the free run."""

from collections import Counter
from contextlib import ExitStack
from unittest import mock

import numpy as np
import scipy

from rnncourse import esn, linear
from rnncourse.exercises.verdict import Wrong, checker, expect_close, expect_shape
from rnncourse.inputs import kind_of

SOLVERS = {"svd", "qr", "solve", "lstsq", "inv", "pinv", "eig", "eigh", "cholesky", "cho_factor"}


@checker
def leaky_modes(attempt):
    """Check `attempt(eigenvalues, a)`: spectral radius and longest period with a leak."""
    rng = np.random.default_rng(61)
    for a in (1.0, 0.3):
        W = rng.normal(size=(12, 12)) / 4
        W[0, :] = W[:, 0] = 0.0
        W[0, 0] = -1.3  # far from the others, and inside the circle once there is a leak
        eigenvalues = np.linalg.eigvals(W)
        found = attempt(eigenvalues, a)
        if np.shape(found) != (2,):
            raise Wrong(f"it returns {found!r}, expected two numbers: a radius and a period.")
        mixed = np.linalg.eigvals((1 - a) * np.eye(12) + a * W)
        hint = "Which eigenvalues has a mixture of a matrix and the unit matrix?"
        expect_close(f"the radius for a = {a}", found[0], np.abs(mixed).max(), hint)
        turning = np.angle(mixed[mixed.imag > 1e-9])
        hint = "A mode turns by the angle of its eigenvalue at each step; the leak moves that too."
        expect_close(f"the period for a = {a}", found[1], 2 * np.pi / turning.min(), hint)


@checker
def perfect_memory(attempt):
    """Check `attempt(W_hx)`, the W_hh with which linear units recall the last H inputs."""
    for H in (1, 7, 20):
        rng = np.random.default_rng(62)
        W_hx, u = rng.normal(size=(H, 1)), rng.uniform(-1, 1, size=(6 * H + 50, 1, 1))
        W_hx[[0, -1]] *= H == 1  # the chain of the lecture, either way round, does not do
        W_hh = attempt(W_hx)
        W_hh = W_hh.toarray() if hasattr(W_hh, "toarray") else W_hh
        expect_shape(f"for {H} input weights W_hh", W_hh, (H, H))
        if not np.isfinite(W_hh).all():
            raise Wrong("W_hh holds entries that are not finite.")
        reservoir = esn.Reservoir(
            W_hx, np.asarray(W_hh), np.zeros((H, 0)), np.zeros(H), activation=np.positive
        )
        h = esn.run(reservoir, u)[H:]
        past = np.concatenate([np.roll(u, k, axis=0)[H:] for k in range(H)], axis=-1)
        readout = esn.fit_readout(h, past, ridge=0.0)
        error = np.abs(linear.forward(readout, h)[0] - past).max(axis=(0, 1))
        if not error.max() <= 1e-6:
            raise Wrong(
                f"with H = {H} the input of {int(np.argmax(~(error <= 1e-6)))} steps ago cannot be "
                f"read out (off by {error.max():.2g}). If the columns of W_hx, W_hh W_hx, "
                "W_hh W_hh W_hx, ... were the axes, where would each number go at the next step?"
            )


@checker
def ridge_path(attempt):
    """Check `attempt(X, Y, ridges)`, the weights of ridge regression for each ridge."""
    rng = np.random.default_rng(63)
    U = np.linalg.qr(np.column_stack([np.ones(40), rng.normal(size=(40, 6))]))[0][:, 1:]
    V = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    s, A = np.logspace(0, -8, 6), rng.normal(size=(6, 2))  # the columns of U have mean zero
    X, Y = U * s @ V.T, U @ A
    ridges = np.array([1e-18, 1e-12, 1e-3, 1.0])
    expected = np.stack([V @ ((s / (s**2 + nu))[:, np.newaxis] * A) for nu in ridges])
    found, calls = _counted(attempt.given(X, Y, ridges))
    expect_shape("the array of weights", found, expected.shape)
    for nu, W, right in zip(ridges, found, expected, strict=True):
        hint = (
            "In the basis of V, (6.8) is diagonal. What stands there for each singular value? "
            "Did you form X^T X, whose condition number is 10^16 here?"
        )
        scale = np.abs(right).max()
        what = f"W for a ridge of {nu:g}, over its largest entry,"
        expect_close(what, W / scale, right / scale, hint, 1e-6)
    for_one = _counted(attempt.given(X, Y, ridges[:1]))[1]
    for name in calls:
        if calls[name] > for_one[name]:
            raise Wrong(
                f"for {len(ridges)} ridges it calls {name} {calls[name]} times. What costs so much "
                "need be done only once."
            )


def _counted(call):
    """Return what `call()` returns, and how often it used each solver of NumPy and SciPy."""
    calls = Counter()

    def counting(name, function):
        def called(*args, **kwargs):
            calls[name] += 1
            return function(*args, **kwargs)

        return called

    with ExitStack() as stack:
        for module in (np.linalg, scipy.linalg):
            for name in SOLVERS & set(dir(module)):
                function = counting(name, getattr(module, name))
                stack.enter_context(mock.patch.object(module, name, function))
        return call(), calls


@checker
def free_run(attempt):
    """Check `attempt(reservoir, readout, h, y, seen)`, a run whose first output is measured."""
    rng = np.random.default_rng(64)
    for leak, T, B, K, activation in ((1.0, 5, 3, 2, np.tanh), (0.4, 8, 1, 3, np.arctan)):
        reservoir = esn.init(
            rng, 0, 30, K, connections=4, bias_scale=0.3, leak=leak, activation=activation
        )
        readout = linear.Params(0.3 * rng.normal(size=(K, 30)), rng.normal(size=K))
        h, y, seen = rng.normal(size=(B, 30)), rng.normal(size=(B, K)), rng.normal(size=(T, B))
        state, fed, expected = h, y, np.empty((T, B, K))
        for t in range(T):
            expected[t : t + 1], run = esn.generate(reservoir, readout, 1, h_0=state, y_0=fed)
            state, fed = run[-1], np.column_stack([seen[t], expected[t, :, 1:]])
        found = attempt(reservoir, readout, h, y, seen)
        expect_shape(f"for a leak of {leak} the array of outputs", found, expected.shape)
        hint = "The first step is fed the y that came in, and nothing is measured before it."
        expect_close(f"for a leak of {leak} the first output", found[0], expected[0], hint)
        hint = "Fed back is what was measured; returned is what the readout said."
        expect_close(f"for a leak of {leak} what follows", found, expected, hint)
