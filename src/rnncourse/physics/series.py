"""Random series, and how long a series remembers.

    F' = -F / correlation_time + white noise     ornstein_uhlenbeck (exact update)
    mean of (x[t] - m) (x[t + k] - m)            autocorrelation

Time is the first axis, and a batch of series is the second.
"""

import numpy as np

from rnncourse.inputs import check_rng, floats, integer, not_negative, positive, samples


def ornstein_uhlenbeck(rng, n_steps, n_series, dt, correlation_time, std=1.0) -> np.ndarray:
    """Draw a stationary random force with a memory: the Ornstein-Uhlenbeck process.

    F[0] ~ N(0, std^2),    F[t + 1] = a F[t] + std sqrt(1 - a^2) n[t],    a = exp(-dt / tau)

    The update is exact for every dt: variance std^2 and autocorrelation exp(-k dt / tau) at lag k.

    Args:
        rng: numpy.random.Generator.
        n_steps: T, number of samples.
        n_series: B, number of independent series.
        dt: time between two samples, above 0.
        correlation_time: tau, in the unit of dt, above 0.
        std: standard deviation of the stationary process, 0 or more.

    Returns:
        F: (T, B).

    Raises:
        ValueError: a count below 1, dt or correlation_time not positive, std negative, rng no
            generator.

    Source:
        Gillespie, Physical Review E 54, 2084 (1996): the exact update.
    """
    check_rng(rng)
    n_steps, n_series = integer("n_steps", n_steps, 1), integer("n_series", n_series, 1)
    ratio = positive("dt", dt) / positive("correlation_time", correlation_time)
    std = not_negative("std", std)
    F = std * rng.standard_normal((n_steps, n_series))
    a, variance = np.exp(-ratio), -np.expm1(-2 * ratio)  # 1 - a^2, which would lose digits
    F[1:] *= np.sqrt(variance)
    for t in range(1, n_steps):
        F[t] += a * F[t - 1]
    return F


def autocorrelation(x, max_lag: int, mean=None) -> np.ndarray:
    """Estimate the autocorrelation of each series, 1 at lag 0.

    r[k] = sum_t (x[t] - m) (x[t + k] - m) / sum_t (x[t] - m)^2,    m the mean of the series

    This is the biased estimator: the sum over T - k products is divided as if there were T, which
    pulls long lags towards 0 and keeps their noise small.

    Args:
        x: (T,) or (T, B).
        max_lag: longest lag in steps, 0 <= max_lag < T.
        mean: m where it is known, say 0 by symmetry; a number or (B,). If None, the mean of each
            series, which makes r of a short series too small.

    Returns:
        r: (max_lag + 1,) or (max_lag + 1, B).

    Raises:
        ValueError: x of another rank, not finite or constant; max_lag outside its range; mean of
            another shape.
    """
    x = samples("x", x)
    T = len(x)
    integer("max_lag", max_lag, 0, T - 1, ", less than the length of the series")
    if np.any(x.max(axis=0) == x.min(axis=0)):
        raise ValueError("x holds a constant series, expected series that vary")
    mean = x.mean(axis=0) if mean is None else floats("mean", mean)
    if mean.shape not in ((), x.shape[1:]):
        raise ValueError(f"mean has shape {mean.shape}, expected a number or {x.shape[1:]}")
    d = x - mean
    power = np.frexp(np.abs(d).max(axis=0))[1]
    d = np.ldexp(d, -power)  # exact, and no product leaves the range of the numbers
    r = np.stack([np.sum(d[: T - k] * d[k:], axis=0) for k in range(max_lag + 1)])
    return r / r[0]
