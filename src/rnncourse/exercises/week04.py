"""Checkers of week 4: a counterexample, a guarantee, another clipping, all exponents."""

import numpy as np

from rnncourse import rnn
from rnncourse.exercises.verdict import Wrong, checker, expect_close, expect_shape, expect_two


@checker
def stretching_matrix(attempt):
    """Check `attempt()`, a (2, 2) matrix whose powers grow for some steps and then vanish."""
    W = attempt()
    expect_shape("the matrix", W, (2, 2))
    if not np.isfinite(W).all():
        raise Wrong("the matrix holds something that is no finite number.")
    radius = np.abs(np.linalg.eigvals(W)).max()
    if not radius <= 0.95 + 1e-6:  # of a double eigenvalue half of the digits are known
        raise Wrong(f"its spectral radius is {radius:.2f}, expected at most 0.95.")
    stretch = [np.linalg.norm(np.linalg.matrix_power(W, k), 2) for k in range(1, 101)]
    k = 1 + int(np.argmax(stretch))
    if k < 5:
        raise Wrong(f"its powers stretch most at k = {k}. Which eigenvalues let them go on longer?")
    if not max(stretch) > 20:
        raise Wrong(f"its powers stretch by {max(stretch):.1f} at most, expected more than 20.")


@checker
def guaranteed_vanishing(attempt):
    """Check `attempt(W)`, the gain below which logistic units must forget."""
    rng = np.random.default_rng(10)
    for H in (2, 5):
        W = rng.normal(size=(H, H))
        expected = 4 / np.sqrt(np.linalg.eigvalsh(W.T @ W).max())
        hint = "Which slope is the largest of the logistic function, and which norm is in (4.3)?"
        expect_close("g", attempt(W), expected, hint)


@checker
def clip_components(attempt):
    """Check `attempt(gradient, c)`: components clipped to [-c, c], and the cosine."""
    rng = np.random.default_rng(11)
    for c, P in ((0.3, 6), (0.5, 9), (100.0, 6)):
        gradient = rng.normal(size=P)
        gradient[2] = 0.0
        found = attempt(gradient, c)
        expect_two("the clipped gradient, and the cosine", found)
        if not np.array_equal(attempt.handed[0], gradient):
            raise Wrong("the gradient that came in was changed: work on a copy.")
        expected = np.where(np.abs(gradient) > c, c * np.sign(gradient), gradient)
        expect_close("the gradient", found[0], expected, "A component keeps its sign.")
        angle = gradient @ expected / np.linalg.norm(gradient) / np.linalg.norm(expected)
        expect_close("the cosine", found[1], angle, "Divide by both lengths.")


def _spectrum(W_hh, h):
    """Return all exponents by the process of Gram and Schmidt: R_ii is the length that is left."""
    total, Q = np.zeros(len(W_hh)), np.eye(len(W_hh))
    for h_t in h:
        frame = np.diag(1 - h_t**2) @ W_hh @ Q
        for i in range(len(W_hh)):
            for j in range(i):
                frame[:, i] -= (frame[:, i] @ frame[:, j]) * frame[:, j]
            length = np.linalg.norm(frame[:, i])
            total[i] += np.log(length)
            frame[:, i] /= length
        Q = frame
    return total / len(h)


@checker
def lyapunov_spectrum(attempt):
    """Check `attempt(W_hh, h)`, all H Lyapunov exponents of one sequence of states."""
    rng = np.random.default_rng(12)
    for T, H, first in (
        (50, 4, 1),
        (2, 3, 0.05),
    ):  # after two steps the first is not yet the largest
        params = rnn.init(rng, 2, H)
        params.W_hh[:, 0] *= first
        h = rnn.forward(params, rng.normal(size=(T, 1, 2)))[0][:, 0]
        found, expected = attempt(params.W_hh, h), _spectrum(params.W_hh, h)
        expect_shape("the spectrum", found, (H,))
        if not abs(np.sum(found) - expected.sum()) <= 1e-6:
            raise Wrong(
                f"the exponents add up to {np.sum(found):.3f}, which is not the mean of "
                "ln |det J|. Is the Jacobian that of (4.1), and is the logarithm averaged over "
                "all steps?"
            )
        hint = "The sum is right, the single ones are not: follow the frame, column by column."
        expect_close(f"for {T} steps the spectrum", found, expected, hint, 1e-6)
