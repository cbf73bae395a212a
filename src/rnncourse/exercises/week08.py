"""Checkers of week 8: products with the Hessian, a leaky R-operator, preconditioning, damping."""

import itertools

import numpy as np

from rnncourse import rnn
from rnncourse.exercises.verdict import Wrong, checker, expect_close
from rnncourse.hessian_free import conjugate_gradient
from rnncourse.params import ravel, unravel


@checker
def hessian_product(attempt):
    """Check `attempt(gradient, theta, v)`, the Hessian times v from the gradient alone."""
    rng = np.random.default_rng(21)
    A, theta, v = rng.normal(size=(6, 6)), rng.normal(size=6), rng.normal(size=6)
    A = A + A.T
    found = attempt(lambda theta: A @ theta, theta, v)
    hint = "The gradient here is A theta, so the answer is A v."
    expect_close("for a quadratic the product", found, A @ v, hint)
    called = []

    def gradient(theta):
        called.append(theta)
        return A @ np.sin(A @ theta)

    found = attempt(gradient, theta, v)
    expected = A @ (np.cos(A @ theta) * (A @ v))
    hint = "Nothing may be lost to rounding or to the size of a step."
    expect_close("the product", found, expected, hint, tolerance=1e-11)
    if len(called) != 1:
        raise Wrong(f"the gradient was asked for {len(called)} times: one call is enough.")


@checker
def leaky_r_forward(attempt):
    """Check `attempt(params, leak, x, v)`, the directional derivative of leaky states."""
    rng = np.random.default_rng(22)
    for leak, (T, B, D, H) in ((1.0, (5, 2, 2, 3)), (0.3, (4, 3, 1, 2))):
        params = rnn.init(rng, D, H)._replace(b_h=rng.normal(size=H))
        theta, x = ravel(params), rng.normal(size=(T, B, D))
        direction = rng.normal(size=theta.size)
        W_hx, W_hh, b_h = unravel(theta + 1e-30j * direction, params)
        h, expected = np.zeros((B, H)), []
        for x_t in x:
            h = (1 - leak) * h + leak * np.tanh(x_t @ W_hx.T + h @ W_hh.T + b_h)
            expected.append(h.imag / 1e-30)
        hint = (
            "Without a leak it must be the function of the lecture."
            if leak == 1
            else "Apply the operator to both terms of the equation."
        )
        found = attempt(params, leak, x, unravel(direction, params))
        expect_close(f"for leak {leak} your R_h", found, np.array(expected), hint)


def _preconditioned(A, b, diagonal, n_steps):
    """Return d after a number of steps of conjugate gradients in the unknown S^(1/2) d."""
    scale = diagonal**-0.5
    iterates = conjugate_gradient(lambda v: scale * (A @ (scale * v)), scale * b)
    return scale * next(itertools.islice(iterates, n_steps, None)).d  # the first is the start


@checker
def preconditioned_gradient(attempt):
    """Check `attempt(product, b, diagonal, n_steps)`, conjugate gradients with a preconditioner."""
    rng = np.random.default_rng(23)
    for P, n_steps, preconditioned in ((8, 1, False), (8, 3, False), (8, 1, True), (5, 3, True)):
        Q, _ = np.linalg.qr(rng.normal(size=(P, P)))
        A, b = (Q * np.arange(1, P + 1)) @ Q.T, rng.normal(size=P)
        diagonal = np.geomspace(0.1, 10, P) if preconditioned else np.ones(P)
        called = []

        def product(v, A=A, called=called):
            called.append(v)
            return A @ v

        found = attempt(product, b, diagonal, n_steps)
        expected = _preconditioned(A, b, diagonal, n_steps)
        hint = (
            "Which products of two vectors change when the unknown is replaced by S^(-1/2) u?"
            if preconditioned
            else "With a diagonal of ones it must be the method of the lecture."
        )
        name = "with a preconditioner, " if preconditioned else ""
        expect_close(f"{name}after {n_steps} steps d", found, expected, hint)
        if len(called) > n_steps + 1:  # one more for the residual at the start
            raise Wrong(f"it took {len(called)} products with A for {n_steps} steps.")


@checker
def new_damping(attempt):
    """Check `attempt(nu, change, d, G_d)`, the rule of Levenberg and Marquardt, g not given."""
    rng = np.random.default_rng(24)
    J, g = rng.normal(size=(4, 6)), rng.normal(size=6)
    G = J.T @ J  # fewer outputs than weights: there are directions without curvature
    for nu in (0.3, 2.0):
        d = -np.linalg.solve(G + nu * np.eye(6), g)
        promised = g @ d + d @ G @ d / 2
        for part, factor in (
            (1.0, 2 / 3),
            (0.76, 2 / 3),
            (0.74, 1),
            (0.26, 1),
            (0.24, 1.5),
            (-1, 1.5),
        ):
            found = attempt(nu, part * promised, d, G @ d)
            hint = f"The undamped model promised {promised:.3g}; the cost changed by {part} of it."
            expect_close("the new damping", found, nu * factor, hint)
