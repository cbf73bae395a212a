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
    found = attempt(lambda theta: A @ np.sin(A @ theta), theta, v)
    expected = A @ (np.cos(A @ theta) * (A @ v))
    hint = "Nothing may be lost to rounding or to the size of a step."
    expect_close("the product", found, expected, hint, tolerance=1e-11)


@checker
def leaky_r_forward(attempt):
    """Check `attempt(params, leak, x, v)`, the directional derivative of leaky states."""
    rng = np.random.default_rng(22)
    params = rnn.init(rng, 2, 3)._replace(b_h=rng.normal(size=3))
    theta, direction, x = ravel(params), rng.normal(size=18), rng.normal(size=(5, 2, 2))
    v = unravel(direction, params)
    for leak in (1.0, 0.3):
        W_hx, W_hh, b_h = unravel(theta + 1e-30j * direction, params)
        h, expected = np.zeros((2, 3)), []
        for x_t in x:
            h = (1 - leak) * h + leak * np.tanh(x_t @ W_hx.T + h @ W_hh.T + b_h)
            expected.append(h.imag / 1e-30)
        hint = (
            "Without a leak it must be the function of the lecture."
            if leak == 1
            else "Apply the operator to both terms of the equation."
        )
        found = attempt(params, leak, x, v)
        expect_close(f"for leak {leak} your R_h", found, np.array(expected), hint)


def _after(n_steps, iterates):
    """Return the iterate after a number of steps; the first one is the start."""
    return next(itertools.islice(iterates, n_steps, None))


@checker
def preconditioned_gradient(attempt):
    """Check `attempt(product, b, diagonal, n_steps)`, conjugate gradients with a preconditioner."""
    rng = np.random.default_rng(23)
    Q, _ = np.linalg.qr(rng.normal(size=(8, 8)))
    A, b = (Q * np.arange(1, 9)) @ Q.T, rng.normal(size=8)
    for n_steps in (1, 3):
        expected = _after(n_steps, conjugate_gradient(A.dot, b))
        hint = "With a diagonal of ones it must be the method of the lecture."
        found = attempt(A.dot, b, np.ones(8), n_steps)
        expect_close(f"after {n_steps} steps d", found, expected.d, hint)
    diagonal = np.geomspace(0.1, 10, 8)
    scale = diagonal**-0.5
    for n_steps in (1, 3):
        iterates = conjugate_gradient(lambda v: scale * (A @ (scale * v)), scale * b)
        expected = _after(n_steps, iterates)
        hint = "Which products of two vectors change when the unknown is replaced by S^(-1/2) u?"
        found = attempt(A.dot, b, diagonal, n_steps)
        expect_close(
            f"with a preconditioner, after {n_steps} steps d", found, scale * expected.d, hint
        )


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
