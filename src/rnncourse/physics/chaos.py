"""Systems that are forecast or imitated: chaotic ones, and one with ten steps of memory.

    (x, y, z)' = lorenz_slope                                    lorenz
    y' = 0.2 y(t - delay) / (1 + y(t - delay)^10) - 0.1 y        mackey_glass
    y[t] from y[t-1] ... y[t-10] and u[t], u[t-9]                narma10 (a discrete system)

Time is the first axis, and a batch of series is the second.
"""

import numpy as np

from rnncourse.inputs import check_plain, check_rng, integer, positive
from rnncourse.physics.solvers import integrate, rk4_step


def lorenz_slope(t, y, sigma=10.0, rho=28.0, beta=8 / 3) -> np.ndarray:
    """Return the slope of the Lorenz equations, y = (x, y, z) along the first axis.

    x' = sigma (y - x),    y' = x (rho - z) - y,    z' = x y - beta z

    Args:
        t: time; the equations do not depend on it.
        y: (3, ...) state.
        sigma: Prandtl number.
        rho: Rayleigh number over its critical value.
        beta: geometric factor.

    Returns:
        y': of the shape of y.

    Source:
        Lorenz, Journal of the Atmospheric Sciences 20 (1963) 130, equations (25) to (27).
    """
    check_plain("y", y)
    X, Y, Z = y
    return np.stack((sigma * (Y - X), X * (rho - Z) - Y, X * Y - beta * Z))


def lorenz(rng, n_steps, n_series, dt=0.02, substeps=10, discard=500) -> np.ndarray:
    """Return trajectories on the Lorenz attractor (sigma = 10, rho = 28, beta = 8/3), by rk4.

    Args:
        rng: numpy.random.Generator; draws the starting points.
        n_steps: T, number of samples kept.
        n_series: B, number of independent trajectories.
        dt: time between two samples, above 0.
        substeps: Runge-Kutta steps between two samples.
        discard: samples left out first, in which a trajectory falls onto the attractor.

    Returns:
        (T, B, 3): x, y and z.

    Raises:
        ValueError: a count below 1 (discard below 0), dt not positive or so long that rk4 diverges,
            rng no generator.
    """
    check_rng(rng)
    n_steps, n_series = integer("n_steps", n_steps, 1), integer("n_series", n_series, 1)
    discard, dt = integer("discard", discard, 0), positive("dt", dt)
    start = np.array([0.0, 0.0, 25.0]) + rng.uniform(-5, 5, size=(n_series, 3))
    with np.errstate(over="ignore", invalid="ignore"):  # a runaway is reported below
        times = dt * np.arange(discard + n_steps)
        y = integrate(rk4_step, lorenz_slope, start.T, times, substeps)[discard:]
    if not np.isfinite(y[-1]).all():
        raise ValueError(f"dt is {dt:g} with {substeps} substeps, expected shorter steps")
    return np.moveaxis(y, 1, 2).copy()


def mackey_glass(rng, n_steps, n_series, delay=17, substeps=10, discard=1000) -> np.ndarray:
    """Return series of the Mackey-Glass equation, one sample a unit of time, by Euler's method.

    y'(t) = 0.2 y(t - delay) / (1 + y(t - delay)^10) - 0.1 y(t)

    Chaotic from delay 17 on. Euler's steps of 0.1 are those of Jaeger (2001); what they give is a
    discrete system near the equation, and it is this system that a net is to forecast. Near means,
    at delay 17: 1e-2 to 2e-2 apart within 100 units of time from the same history, up to 1e-1
    within 400 (a tenth of that with 100 substeps), and a Lyapunov exponent of 0.0061 where steps of
    0.01 give 0.0052. Compare with other programs at the same steps only.

    Args:
        rng: numpy.random.Generator; draws the values before the start from U[0.5, 1.5].
        n_steps: T, number of samples kept.
        n_series: B, number of independent series.
        delay: in units of time, an integer.
        substeps: steps of Euler's method a unit of time.
        discard: samples left out first.

    Returns:
        y: (T, B).

    Raises:
        ValueError: a count or delay below 1 (discard below 0), rng no generator.

    Source:
        Mackey, Glass, Science 197 (1977) 287; Jaeger, GMD Report 148 (2001).
    """
    check_rng(rng)
    n_steps, n_series = integer("n_steps", n_steps, 1), integer("n_series", n_series, 1)
    delay, substeps = integer("delay", delay, 1), integer("substeps", substeps, 1)
    discard = integer("discard", discard, 0)
    lag, h = delay * substeps, 1 / substeps
    y = np.empty((lag + (discard + n_steps) * substeps, n_series))
    y[: lag + 1] = rng.uniform(0.5, 1.5, size=n_series)
    for t in range(lag, len(y) - 1):
        past = y[t - lag]
        square = past * past  # products, not a power: the same bits on every processor
        fourth = square * square
        y[t + 1] = y[t] + h * (0.2 * past / (1 + fourth * fourth * square) - 0.1 * y[t])
    return y[lag + discard * substeps :: substeps].copy()


def narma10(rng, n_steps, n_series, discard=100):
    """Return input and response of NARMA10, a nonlinear system with ten steps of memory.

    y[t] = 0.3 y[t-1] + 0.05 y[t-1] sum_{i=1..10} y[t-i] + 1.5 u[t-9] u[t] + 0.1,  u ~ U[0, 0.5]

    So y[t] depends on u[:t + 1]. For some inputs the system runs away; such a series is drawn anew.

    Args:
        rng: numpy.random.Generator.
        n_steps: T, number of samples kept.
        n_series: B, number of independent series.
        discard: samples left out first, at least 10.

    Returns:
        u and y, each (T, B).

    Raises:
        ValueError: a count below 1, discard below 10, rng no generator.

    Source:
        Atiya, Parlos, IEEE Transactions on Neural Networks 11 (2000) 697, written so that the
        response stands at the step of its last input.
    """
    check_rng(rng)
    n_steps, n_series = integer("n_steps", n_steps, 1), integer("n_series", n_series, 1)
    discard = integer("discard", discard, 10)
    u = rng.uniform(0, 0.5, size=(discard + n_steps, n_series))
    y = np.zeros_like(u)
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(10, len(u)):
            total = y[t - 10 : t].sum(axis=0)
            y[t] = 0.3 * y[t - 1] + 0.05 * y[t - 1] * total + 1.5 * u[t - 9] * u[t] + 0.1
    away = ~(np.abs(y) < 1.5).all(axis=0)  # NaN counts as away
    if away.any():
        u[discard:, away], y[discard:, away] = narma10(rng, n_steps, int(away.sum()), discard)
    return u[discard:], y[discard:]
