"""Checkers of week 3: a repaired backward pass, a constraint, a step, checkpoints, suspects."""

import tracemalloc

import numpy as np

from rnncourse import rnn
from rnncourse.checks import complex_step_gradient
from rnncourse.exercises.suspects import check_wrong_lines
from rnncourse.exercises.verdict import Wrong, checker, expect_close, expect_shape
from rnncourse.inputs import kind_of
from rnncourse.params import ravel


def _random_layer(rng, D, H):
    return rnn.init(rng, D, H)._replace(b_h=rng.normal(size=H))


@checker
def repaired_backward(attempt):
    """Check `attempt(W_hh, h, e, a)`, d_z (T, B, H) of leaky units that start from zero."""
    rng = np.random.default_rng(7)
    hint = "What does h[t] know of z[t] when a part of it is old? The slope is that of tanh(z[t])."
    later = "One step is right. In how many places does h[t] appear at step t + 1?"
    for T, B, H, a in ((1, 3, 4, 1.0), (1, 2, 3, 0.4), (2, 3, 4, 0.4), (6, 3, 4, 0.7)):
        drive, e = rng.normal(size=(2, T, B, H))
        W_hh = rng.normal(size=(H, H)) / 2

        def run(added, drive=drive, W_hh=W_hh, a=a):
            h = [np.zeros_like(drive[0])]
            for drive_t, added_t in zip(drive, added, strict=True):
                h.append((1 - a) * h[-1] + a * np.tanh(drive_t + h[-1] @ W_hh.T + added_t))
            return np.stack(h[1:])

        def cost(flat, run=run, e=e):
            return (e * run(flat.reshape(e.shape))).sum()

        expected = complex_step_gradient(cost, np.zeros(e.size)).reshape(e.shape)
        found = attempt(W_hh, run(np.zeros(e.shape)), e, a)
        expect_close(f"for T = {T} and a = {a} your d_z", found, expected, later if T > 1 else hint)


@checker
def symmetric_gradient(attempt):
    """Check `attempt(dW_hh)`, the gradient with respect to A of W_hh = (A + A^T) / 2."""
    rng = np.random.default_rng(8)
    for H in (4, 3):
        dW_hh = rng.normal(size=(H, H))

        def cost(flat, dW_hh=dW_hh):
            A = flat.reshape(dW_hh.shape)
            return (dW_hh * 0.5 * (A + A.T)).sum()

        expect_close(
            "the gradient of A",
            attempt(dW_hh),
            complex_step_gradient(cost, np.zeros(H * H)).reshape(H, H),
            "Through which two entries of W_hh does A_ij act, and with which factor?",
        )


@checker
def best_step(attempt):
    """Check `attempt(C, C_second, r)`: the best step of a one-sided difference, and its error."""
    for C, C_second, r in ((1.0, 1.0, 1e-16), (3.0, -0.2, 1e-7), (-2.0, 5.0, 1e-16)):
        found = np.asarray(attempt(C, C_second, r), float)
        expect_shape("the pair (step, error)", found, (2,))
        steps = np.exp(np.linspace(np.log(1e-12), np.log(1e2), 200_001))
        errors = steps / 2 * abs(C_second) + 2 * r * abs(C) / steps
        if not found[0] > 0:
            raise Wrong(f"the step is {found[0]:.2g}: a length must be positive, also for C < 0.")
        best = steps[errors.argmin()]
        for what, ratio in (("step", found[0] / best), ("error", found[1] / errors.min())):
            if not abs(ratio - 1) < 1e-3:
                raise Wrong(
                    f"your {what} is {ratio:.3g} times the best one. Set the derivative of the "
                    "sum of both errors with respect to the step to zero."
                )


def _peak_memory(call):
    """Return the result, and how many bytes were in use at most, beside those before the call."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        result = call()
        return result, tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@checker
def checkpointed_gradient(attempt):
    """Check `attempt(params, x, e, k)`: the full gradient in little memory, by windows of k."""
    rng = np.random.default_rng(9)
    params = _random_layer(rng, 2, 16)
    for T, k, B in ((6, 6, 3), (6, 2, 3), (7, 3, 3), (2500, 50, 1)):  # one: no way out by batches
        x, e = rng.normal(size=(T, B, 2)), rng.normal(size=(T, B, 16))
        expected = ravel(rnn.backward(params, rnn.forward(params, x)[1], e)[0])
        found, peak = _peak_memory(attempt.given(params, x, e, k))
        if not isinstance(found, rnn.Params):
            raise Wrong(f"it returns {kind_of(found)}, expected rnn.Params.")
        expect_close(
            f"for T = {T} and k = {k} the gradient",
            ravel(found),
            expected,
            "An error must cross each cut. In which z does the last state of a window appear?",
        )
        _, x_left, e_left, _ = attempt.handed
        if not (np.array_equal(x_left, x) and np.array_equal(e_left, e)):
            raise Wrong("the gradient is right, but x or e were changed on the way: copy first.")
    if peak > 0.5 * e.nbytes:  # of the states of all steps
        raise Wrong(
            f"the gradient is right, but for T = {T} and k = {k} it takes {peak / e.nbytes:.1f} "
            "times the memory of all the states, expected less than half: keep one state a window, "
            "as a copy, and one window's stack."
        )


@checker
def plain_suspects(attempt):
    """Check `attempt()`, the wrong line of each suspect of the plain net."""
    check_wrong_lines(attempt, rnn)
