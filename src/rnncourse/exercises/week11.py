"""Checkers of week 11: two stretches, two logarithms, a held input, parity."""

import numpy as np

from rnncourse.exercises.verdict import Wrong, checker, expect_close, expect_shape, expect_two


@checker
def composed(attempt):
    """Check `attempt(first, second)`: the affine map that is one pair (A, b) after the other."""
    rng = np.random.default_rng(30)
    for H in (1, 2, 5):
        first, second = [(rng.normal(size=(H, H)), rng.normal(size=H)) for _ in range(2)]
        found = attempt(first, second)
        expect_two("the matrix, and the vector", found)
        expect_shape("the matrix", found[0], (H, H))
        expect_shape("the vector", found[1], (H,))
        for h in rng.normal(size=(3, H)):
            expected = second[0] @ (first[0] @ h + first[1]) + second[1]
            hint = "What does the second stretch do to what the first has left?"
            expect_close("the state after both", found[0] @ h + found[1], expected, hint)


@checker
def log_derivatives(attempt):
    """Check `attempt(log_rate, log_omega, d_p)`: derivatives by ln(1/tau) and ln(omega)."""
    rng = np.random.default_rng(31)
    for N in (1, 4):
        log_rate, log_omega, re, im = rng.normal(size=(4, N))
        found = attempt(log_rate, log_omega, re + 1j * im)
        expect_two("both derivatives", found)
        for name, array in zip(("ln(1/tau)", "ln(omega)"), found, strict=True):
            expect_shape(f"the derivative by {name}", array, (N,))
            if np.iscomplexobj(array):
                raise Wrong(f"the derivative by {name} is complex, expected a real array.")

        def cost(log_rate, log_omega, re=re, im=im):
            radius, omega = np.exp(-np.exp(log_rate)), np.exp(log_omega)
            return re * radius * np.cos(omega) + im * radius * np.sin(omega)

        step = 1e-30j
        for name, array, moved in (
            ("ln(1/tau)", found[0], cost(log_rate + step, log_omega)),
            ("ln(omega)", found[1], cost(log_rate, log_omega + step)),
        ):
            hint = "Write dp by the two changes, and dC by (11.11)."
            expect_close(f"the derivative by {name}", array, moved.imag / 1e-30, hint)


@checker
def held(attempt):
    """Check `attempt(q, step)`: the eigenvalue and the factor of an input that is held."""
    slow_modes = -1e-2, -1e-3, -1e-4 + 1e-4j, -1e-5, -1e-6 + 1e-7j, -1e-8 + 3e-8j, -1e-12, 0
    q = np.array([-0.1 + 2j, -3, 1j, *slow_modes, -40 + 5j], complex)
    for step in (0.2, 1.0):
        found = attempt(q.copy(), step)
        expect_two("the eigenvalue, and the factor", found)
        for name, array in zip(("the eigenvalue", "the factor"), found, strict=True):
            expect_shape(name, array, q.shape)
        z = q * step
        expect_close("the eigenvalue", found[0], np.exp(z), "It is that of (11.6).", 1e-10)
        factor = step * np.where(z == 0, 1, np.expm1(z) / np.where(z == 0, 1, z))
        for value, expected, slow in zip(found[1], factor, np.abs(z) < 0.02, strict=True):
            hint = (
                "A slow mode: the difference of two numbers near one has few digits."
                if slow
                else "It is that of (11.6), the step included."
            )
            expect_close("the factor", value, expected, hint, 1e-10)


@checker
def parity_step(attempt):
    """Check `attempt(bit)`: factor and input of a recurrence that holds the parity."""
    rng = np.random.default_rng(32)
    for T in (1, 2, 9, 400):
        h, ones = 1.0, 0
        for bit in rng.integers(0, 2, T):
            found = attempt(int(bit))
            expect_two("the factor, and the input", found)
            h, ones = found[0] * h + found[1], ones + bit
            expected = 1.0 if ones % 2 == 0 else -1.0
            hint = f"It was off after {ones} ones; what has a one to do to the state?"
            expect_close("the state", h, expected, hint)
