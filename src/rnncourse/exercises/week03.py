"""Checkers of week 3: a repaired backward pass, a constraint, a step, checkpoints, suspects."""

import contextlib

import numpy as np

from rnncourse import rnn
from rnncourse.checks import complex_step_gradient
from rnncourse.exercises.suspects import check_wrong_lines
from rnncourse.exercises.verdict import Wrong, checker, expect_close, expect_shape
from rnncourse.params import ravel


def _random_layer(rng, D, H):
    return rnn.init(rng, D, H)._replace(b_h=rng.normal(size=H))


@checker
def repaired_backward(attempt):
    """Check `attempt(params, tape, e)`, the error derivatives d_z (T, B, H)."""
    rng = np.random.default_rng(7)
    for T in (1, 2, 6):
        params = _random_layer(rng, 2, 4)
        x, e = rng.normal(size=(T, 3, 2)), rng.normal(size=(T, 3, 4))
        tape = rnn.forward(params, x)[1]

        def cost(added, params=params, x=x, e=e):
            # something added to every z is an input that enters with weight one
            wide = params._replace(W_hx=np.hstack([params.W_hx, np.eye(4)]))
            return (e * rnn.forward(wide, np.dstack([x, added.reshape(e.shape)]))[0]).sum()

        expected = complex_step_gradient(cost, np.zeros(e.size)).reshape(e.shape)
        hint = "Is the slope that of tanh, as a function of h?"
        if T > 1:
            hint = "Look at what comes from the future: does unit i collect over a row or a column?"
        expect_close(f"for T = {T} your d_z", attempt(params, tape, e), expected, hint)


@checker
def symmetric_gradient(attempt):
    """Check `attempt(dW_hh)`, the gradient with respect to A of W_hh = (A + A^T) / 2."""
    rng = np.random.default_rng(8)
    dW_hh = rng.normal(size=(4, 4))

    def cost(flat):
        A = flat.reshape(4, 4)
        return (dW_hh * 0.5 * (A + A.T)).sum()

    expect_close(
        "the gradient of A",
        attempt(dW_hh),
        complex_step_gradient(cost, np.zeros(16)).reshape(4, 4),
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


@contextlib.contextmanager
def _noting_lengths():
    """Note over how many steps `rnn.forward` is run, while the context lasts."""
    lengths, forward = [], rnn.forward

    def noting(params, x, h_0=None):
        lengths.append(len(x))
        return forward(params, x, h_0)

    rnn.forward = noting
    try:
        yield lengths
    finally:
        rnn.forward = forward


@checker
def checkpointed_gradient(attempt):
    """Check `attempt(params, x, e, k)`: the full gradient from windows of k steps."""
    rng = np.random.default_rng(9)
    params = _random_layer(rng, 2, 4)
    for T, k in ((6, 6), (6, 2), (7, 3)):
        x, e = rng.normal(size=(T, 3, 2)), rng.normal(size=(T, 3, 4))
        x_before, e_before = x.copy(), e.copy()
        expected = ravel(rnn.backward(params, rnn.forward(params, x)[1], e)[0])
        with _noting_lengths() as lengths:
            found = attempt(params, x, e, k)
        if any(length > k for length in lengths):
            raise Wrong(
                f"it runs rnn.forward over {max(lengths)} steps at once, expected up to {k}."
            )
        if not isinstance(found, rnn.Params):
            raise Wrong(f"it returns a {type(found).__name__}, expected rnn.Params.")
        expect_close(
            f"for T = {T} and k = {k} the gradient",
            ravel(found),
            expected,
            "An error must cross each cut. In which z does the last state of a window appear?",
        )
        if not (np.array_equal(x, x_before) and np.array_equal(e, e_before)):
            raise Wrong("the gradient is right, but x or e were changed on the way: copy first.")


@checker
def plain_suspects(attempt):
    """Check `attempt()`, the wrong line of each suspect of the plain net."""
    check_wrong_lines(attempt, rnn)
