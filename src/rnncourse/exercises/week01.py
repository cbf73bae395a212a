"""Checkers of week 1: counting, masks, leaky units, oscillators, the error of a mean."""

import numpy as np
import scipy

from rnncourse import rnn
from rnncourse.exercises.verdict import Wrong, checker, expect_close, expect_shape, expect_two
from rnncourse.params import ravel


@checker
def count_parameters(attempt):
    """Check `attempt(D, H, K)`, the number of parameters of one recurrent layer and a readout."""
    for D, H, K in ((1, 1, 1), (2, 5, 3), (12, 32, 9)):
        layer = rnn.init(np.random.default_rng(0), D, H)
        found, expected = attempt(D, H, K), len(ravel(layer)) + K * H + K
        expect_shape("your count", found, ())
        if found != expected:
            kind = "few" if found < expected else "many"
            raise Wrong(
                f"for D = {D}, H = {H}, K = {K} you count {found}: too {kind}. "
                "Go through equations (1.1) and (1.2) letter by letter."
            )


@checker
def forecast_mask(attempt):
    """Check `attempt(n_measured, n_forecast, n_steps)`, the mask of every third forecast."""
    for n_measured, n_forecast, n_steps in (([24], [12], 36), ([24, 10, 3], [12, 3, 7], 40)):
        mask = np.asarray(attempt(np.array(n_measured), np.array(n_forecast), n_steps))
        expect_shape("the mask", mask, (n_steps, len(n_measured)))
        if mask.dtype != bool:
            raise Wrong(f"the mask has dtype {mask.dtype}, expected booleans.")
        for b, (start, length) in enumerate(zip(n_measured, n_forecast, strict=True)):
            station = f"for {start} measurements and {length} forecasts"
            if mask[:start, b].any():
                raise Wrong(f"{station} it scores a step at which measurements still come in.")
            if mask[start + length :, b].any():
                raise Wrong(f"{station} it scores the padding.")
            if mask[:, b].sum() != length // 3:
                raise Wrong(f"{station} it scores {mask[:, b].sum()} steps, not every third.")
            if not mask[start + 2, b]:
                raise Wrong(f"{station} the first step that is scored is not 3 hours ahead.")
            if not mask[start + 2 : start + length : 3, b].all():
                raise Wrong(f"{station} the scored steps are not 3 hours apart.")


@checker
def leaky_forward(attempt):
    """Check `attempt(params, x, tau, dt, n)`, the states (T, B, H) of units with their own tau."""
    rng = np.random.default_rng(1)
    params = rnn.init(rng, 3, 2)._replace(b_h=rng.normal(size=2))
    x = rng.normal(size=(5, 4, 3))
    expect_close(
        "for tau = dt and n = 1 your h",
        attempt(params, x, np.full(2, 0.5), 0.5, 1),
        rnn.forward(params, x)[0],
        "One Euler step of length tau must be a step of the net of equation (1.1).",
    )
    params = rnn.init(rng, 2, 4)._replace(b_h=rng.normal(size=4))
    W_hx, W_hh, b_h = params
    x = rng.normal(size=(6, 3, 2))
    tau = rng.uniform(1, 3, 4)
    for n, hint in (
        (1, "Equation (1.7) has two terms: which share does each get, unit by unit?"),
        (5, "One step is right. How long is one of n, what stays the same in all of them?"),
    ):
        h, states = np.zeros((3, 4)), []
        for x_t in x:
            for _ in range(n):
                h = h + 0.7 / n * (np.tanh(x_t @ W_hx.T + h @ W_hh.T + b_h) - h) / tau
            states.append(h)
        found = attempt(params, x, tau, 0.7, n)
        expect_close(f"for a tau of each unit and n = {n} your h", found, np.stack(states), hint)


@checker
def oscillator_weights(attempt):
    """Check `attempt(omega, zeta, dt)`: W_hh (2, 2) and W_hx (2, 1) of a driven oscillator."""
    rng = np.random.default_rng(2)
    for zeta in (*rng.uniform(0.01, 0.9, 3), -0.2, 0.0, 1.0, 1.7):
        omega, dt = rng.uniform(0.5, 3), rng.uniform(0.01, 1)
        found = attempt(omega, zeta, dt)
        expect_two("W_hh and W_hx", found)
        # the input as a third component that stays: d(q, v, x)/ds = (v, -w^2 q - 2 z w v + x, 0)
        joint = np.array([[0, 1, 0], [-(omega**2), -2 * zeta * omega, 1], [0, 0, 0]])
        exact = scipy.linalg.expm(dt * joint)
        expect_close(
            f"for zeta = {zeta:.2g} W_hh",
            found[0],
            exact[:2, :2],
            "It must be exact for any dt and any damping; and row 1 belongs to q.",
        )
        expect_close(
            f"for zeta = {zeta:.2g} W_hx",
            found[1],
            exact[:2, 2:],
            "Solve dh/ds = A h + (0, 1) x for constant x over one step, from h = 0 and x = 1.",
        )


@checker
def error_of_mean(attempt):
    """Check `attempt(series, max_lag)`, the standard error of the mean of one series (N,)."""
    rng = np.random.default_rng(3)
    # neighbors that do not know, resemble and oppose each other
    for r, N, max_lag in ((0.0, 400, 12), (0.8, 400, 25), (-0.6, 250, 8)):
        noise = rng.normal(size=N)
        series = [noise[0]]
        for n in noise[1:]:
            series.append(r * series[-1] + n)
        series = 5 + 2 * np.array(series)
        centered = series - series.mean()
        rho = [(centered[k:] * centered[: len(centered) - k]).sum() for k in range(max_lag + 1)]
        rho = np.array(rho) / rho[0]
        expect_close(
            f"for a series with rho(1) near {r} the error",
            attempt(series, max_lag),
            np.sqrt(np.mean(centered**2) / N * (1 + 2 * rho[1:].sum())),
            "Compare with (1.10): mean subtracted, divisor N, no further terms for the ends; "
            "each lag counted twice, lag 0 once; a root.",
        )
