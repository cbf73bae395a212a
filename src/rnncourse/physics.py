"""Physical systems that make the sequences of the course, and the solvers behind them.

Time is always the first axis, and a batch of series is the second: `x[t]` is every series at
sample t. All quantities are dimensionless: pick a unit of time and of length, and `omega`, `dt`
and `correlation_time` are in that unit of time.

    x'' + 2 zeta omega x' + omega^2 x = 0        damped_oscillator (closed form)
    x'' + 2 zeta omega x' + omega^2 x = F(t)     driven_oscillator
    x'' + damping x' + stiffness x + cubic x^3 = F(t)              duffing
    y' = f(t, y)                                 euler (order 1), rk4 (order 4)
    F' = -F / correlation_time + white noise     ornstein_uhlenbeck (exact update)
    (x, y, z)' = lorenz_slope                    lorenz
    y' = 0.2 y(t - delay) / (1 + y(t - delay)^10) - 0.1 y        mackey_glass
    y[t] from y[t-1] ... y[t-10] and u[t], u[t-9]                narma10 (a discrete system)
    log |distance of neighbors| per unit of time                 lyapunov_exponent

Between two samples a force is the straight line that joins them. So the motion at sample t depends
on `force[:t + 1]` and on nothing later.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from rnncourse.arrays import check_plain, check_rng

Slope = Callable[[float, np.ndarray], np.ndarray]  # f(t, y) -> y', both of the shape of y


class Motion(NamedTuple):
    """Position and velocity of a batch of oscillators, time first."""

    x: np.ndarray  # (T, B), or (T,) for one series
    v: np.ndarray  # same shape


def euler(f: Slope, y_0, times, substeps: int = 1) -> np.ndarray:
    """Solve y' = f(t, y) by Euler's method, of order 1: the error at a fixed time falls as h.

    y(t + h) = y(t) + h f(t, y(t))

    Args:
        f: slope, called f(t, y) with y of the shape of y_0; returns an array of that shape.
        y_0: state at times[0], any shape, real or complex.
        times: (T,) increasing instants at which the state is wanted.
        substeps: number of equal steps h between two instants.

    Returns:
        y: (T, *shape of y_0); y[0] is y_0.

    Raises:
        ValueError: times not increasing, an input or the solution not finite, substeps below 1, f
            of another shape.

    Source:
        Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I (Springer, 1993), I.7.
    """
    return _solved(_integrate(_euler_step, f, y_0, times, substeps), times)


def rk4(f: Slope, y_0, times, substeps: int = 1) -> np.ndarray:
    """Solve y' = f(t, y) by the classical Runge-Kutta method, of order 4: the error falls as h^4.

    k1 = f(t, y)               k2 = f(t + h/2, y + h/2 k1)
    k3 = f(t + h/2, y + h/2 k2)    k4 = f(t + h, y + h k3)
    y(t + h) = y(t) + h/6 (k1 + 2 k2 + 2 k3 + k4)

    The order holds where f has four continuous derivatives: put a kink of f on one of the times,
    and integrate from jump to jump by separate calls, each with its own f.

    Args:
        f: slope, called f(t, y) with y of the shape of y_0; returns an array of that shape.
        y_0: state at times[0], any shape, real or complex.
        times: (T,) increasing instants at which the state is wanted.
        substeps: number of equal steps h between two instants.

    Returns:
        y: (T, *shape of y_0); y[0] is y_0.

    Raises:
        ValueError: times not increasing, an input or the solution not finite, substeps below 1, f
            of another shape.

    Source:
        Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I (Springer, 1993), II.1.
    """
    return _solved(_integrate(_rk4_step, f, y_0, times, substeps), times)


def damped_oscillator(times, omega, zeta, x_0, v_0) -> Motion:
    """Return the free motion of an underdamped oscillator from its closed form, exact at any time.

    x'' + 2 zeta omega x' + omega^2 x = 0
    s = sqrt(1 - zeta^2),    omega_d = omega s,    d(t) = exp(-zeta omega t)
    x(t) = d(t) (x_0 cos omega_d t + (v_0 / omega + zeta x_0) / s sin omega_d t)
    v(t) = d(t) (v_0 cos omega_d t - (zeta v_0 + omega x_0) / s sin omega_d t)

    Args:
        times: (T,) increasing instants; t = 0 is the instant of x_0 and v_0.
        omega: angular frequency without damping, above 0; a number or (B,).
        zeta: damping ratio, 0 <= zeta < 1; a number or (B,).
        x_0: position at t = 0; a number or (B,).
        v_0: velocity at t = 0; a number or (B,).

    Returns:
        Motion(x, v): each (T, B), or (T,) when all four parameters are numbers.

    Raises:
        ValueError: omega not positive, zeta outside [0, 1), times not increasing, input not finite.

    Source:
        Landau, Lifshitz, Mechanics (Butterworth-Heinemann, 1976), section 25.
    """
    times = _times(times)
    omega, zeta = _positive("omega", omega), _finite("zeta", zeta)
    if np.any((zeta < 0) | (zeta >= 1)):
        raise ValueError(f"zeta is {zeta}, expected 0 <= zeta < 1 (an underdamped oscillator)")
    x_0, v_0 = _finite("x_0", x_0), _finite("v_0", v_0)
    omega, zeta, x_0, v_0 = _series(omega=omega, zeta=zeta, x_0=x_0, v_0=v_0)
    t = times.reshape(-1, *(1,) * x_0.ndim)  # (T, 1) beside (B,)
    s = np.sqrt(1 - zeta**2)  # of omega, what is left with damping; no product with it vanishes
    omega_d = omega * s
    decay, cos, sin = np.exp(-zeta * omega * t), np.cos(omega_d * t), np.sin(omega_d * t)
    x = decay * (x_0 * cos + (v_0 / omega + zeta * x_0) / s * sin)
    v = decay * (v_0 * cos - (zeta * v_0 + omega * x_0) / s * sin)
    return Motion(x, v)


def driven_oscillator(force, dt, omega=1.0, zeta=0.1, x_0=0.0, v_0=0.0, substeps=4) -> Motion:
    """Return the motion of a linear oscillator under a sampled force.

    x'' + 2 zeta omega x' + omega^2 x = F(t)

    F is the straight line between its samples, so x[t] and v[t] depend on force[:t + 1] only (x[0]
    on none of it). Solved by rk4: the error falls as (dt / substeps)^4 for a given F(t).

    Args:
        force: (T, B), or (T,) for one series; force per mass at the times 0, dt, 2 dt, ...
        dt: time between two samples, above 0.
        omega: angular frequency without damping, above 0; a number or (B,).
        zeta: damping ratio, 0 or more (1 and above do not oscillate); a number or (B,).
        x_0: position at t = 0; a number or (B,).
        v_0: velocity at t = 0; a number or (B,).
        substeps: Runge-Kutta steps between two samples.

    Returns:
        Motion(x, v): each of the shape of force.

    Raises:
        ValueError: force of another rank or not finite, dt or omega not positive, zeta negative,
            substeps below 1, or a motion that runs away because the steps are too long.
    """
    omega, zeta = _positive("omega", omega), _finite("zeta", zeta)
    if np.any(zeta < 0):
        raise ValueError(f"zeta is {zeta}, expected 0 or more")

    def acceleration(x, v, F):
        return F - 2 * zeta * omega * v - omega**2 * x

    return _respond(acceleration, force, dt, x_0, v_0, substeps, omega=omega, zeta=zeta)


def duffing(
    force, dt, damping=0.2, stiffness=1.0, cubic=0.5, x_0=0.0, v_0=0.0, substeps=4
) -> Motion:
    """Return the motion of a Duffing oscillator under a sampled force, from rest by default.

    x'' + damping x' + stiffness x + cubic x^3 = F(t)

    F is the straight line between its samples, so x[t] and v[t] depend on force[:t + 1] only (x[0]
    on none of it). Solved by rk4: the error falls as (dt / substeps)^4 for a given F(t).

    Args:
        force: (T, B), or (T,) for one series; force per mass at the times 0, dt, 2 dt, ...
        dt: time between two samples, above 0.
        damping: coefficient of the velocity; a number or (B,).
        stiffness: coefficient of the position, negative for two wells; a number or (B,).
        cubic: coefficient of the position cubed, 0 for a linear oscillator; a number or (B,).
        x_0: position at t = 0; a number or (B,).
        v_0: velocity at t = 0; a number or (B,).
        substeps: Runge-Kutta steps between two samples.

    Returns:
        Motion(x, v): each of the shape of force.

    Raises:
        ValueError: force of another rank or not finite, dt not positive, substeps below 1, or a
            motion that runs away (steps too long, or a cubic below 0, which does not bind).

    Source:
        Kovacic, Brennan (eds.), The Duffing Equation (Wiley, 2011), chapter 1.
    """
    damping = _finite("damping", damping)
    stiffness, cubic = _finite("stiffness", stiffness), _finite("cubic", cubic)

    def acceleration(x, v, F):
        return F - damping * v - (stiffness + cubic * x**2) * x

    parameters = {"damping": damping, "stiffness": stiffness, "cubic": cubic}
    return _respond(acceleration, force, dt, x_0, v_0, substeps, **parameters)


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
    n_steps, n_series = _count("n_steps", n_steps), _count("n_series", n_series)
    ratio = _scalar("dt", dt) / _scalar("correlation_time", correlation_time)
    std = _finite("std", std)
    if std.ndim or std < 0:
        raise ValueError(f"std is {std}, expected one number, 0 or more")
    F = std * rng.standard_normal((n_steps, n_series))
    a, variance = np.exp(-ratio), -np.expm1(-2 * ratio)  # 1 - a^2, which would lose digits
    F[1:] *= np.sqrt(variance)
    for t in range(1, n_steps):
        F[t] += a * F[t - 1]
    return F


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
    n_steps, n_series = _count("n_steps", n_steps), _count("n_series", n_series)
    discard, dt = _count("discard", discard, least=0), _scalar("dt", dt)
    start = np.array([0.0, 0.0, 25.0]) + rng.uniform(-5, 5, size=(n_series, 3))
    with np.errstate(over="ignore", invalid="ignore"):  # a runaway is reported below
        times = dt * np.arange(discard + n_steps)
        y = _integrate(_rk4_step, lorenz_slope, start.T, times, substeps)[discard:]
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
    n_steps, n_series = _count("n_steps", n_steps), _count("n_series", n_series)
    delay, substeps = _count("delay", delay), _count("substeps", substeps)
    discard = _count("discard", discard, least=0)
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
    n_steps, n_series = _count("n_steps", n_steps), _count("n_series", n_series)
    discard = _count("discard", discard, least=10)
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


def lyapunov_exponent(f: Slope, y_0, dt, n_steps, substeps=10, distance=1e-8) -> np.ndarray:
    """Estimate the largest Lyapunov exponent: the rate at which neighbors part.

    Two trajectories start `distance` apart. After every dt the growth of their distance is noted,
    and the neighbor is moved back along the line between them.

    lambda = 1 / (n_steps dt) sum_k log(|d_k| / distance)

    The first tenth of the steps is left out: there the difference turns into its own direction.

    Args:
        f: slope, called f(t, y), the same at all times.
        y_0: (N, B) starting points on the attractor, or (N,) for one; the norm is over N.
        dt: time between two corrections, in which neighbors stay neighbors.
        n_steps: number of corrections, at least 10.
        substeps: Runge-Kutta steps in dt.
        distance: between the neighbors, above 0.

    Returns:
        lambda: (B,) or a number, in 1 / unit of time.

    Raises:
        ValueError: y_0 of another rank or not finite, dt or distance not positive, n_steps
            below 10, neighbors that coincide.

    Source:
        Benettin, Galgani, Strelcyn, Physical Review A 14 (1976) 2338.
    """
    y = _samples("y_0", y_0)
    dt, distance = _scalar("dt", dt), _scalar("distance", distance)
    n_steps = _count("n_steps", n_steps, least=10)
    d = np.full(y.shape, distance / np.sqrt(len(y)))
    first, total = n_steps // 10, 0.0
    for k in range(n_steps):
        y, neighbor = _integrate(
            _rk4_step,
            lambda t, pair: np.stack([f(t, a) for a in pair]),
            np.stack([y, y + d]),
            [0.0, dt],
            substeps,
        )[-1]
        d = neighbor - y
        growth = np.sqrt(np.sum(d * d, axis=0)) / distance
        if not np.all((growth > 0) & (growth < np.inf)):
            raise ValueError(
                f"distance is {distance:g}: after {k + 1} corrections neighbors coincide or ran "
                "away, expected a start on an attractor and a distance above the rounding of y"
            )
        d = d / growth
        if k >= first:
            total = total + np.log(growth)
    return total / ((n_steps - first) * dt)


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
    x = _samples("x", x)
    T = len(x)
    if not isinstance(max_lag, int | np.integer) or not 0 <= max_lag < T:
        raise ValueError(f"max_lag is {max_lag}, expected an integer, 0 <= max_lag < T = {T}")
    if np.any(x.max(axis=0) == x.min(axis=0)):
        raise ValueError("x holds a constant series, expected series that vary")
    mean = x.mean(axis=0) if mean is None else _finite("mean", mean)
    if mean.shape not in ((), x.shape[1:]):
        raise ValueError(f"mean has shape {mean.shape}, expected a number or {x.shape[1:]}")
    d = x - mean
    power = np.frexp(np.abs(d).max(axis=0))[1]
    d = np.ldexp(d, -power)  # exact, and no product leaves the range of the numbers
    r = np.stack([np.sum(d[: T - k] * d[k:], axis=0) for k in range(max_lag + 1)])
    return r / r[0]


def _euler_step(f, t, y, h):
    return y + h * f(t, y)


def _rk4_step(f, t, y, h):
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def _integrate(step, f, y_0, times, substeps):
    """Repeat `step` from y_0 through all `times`, `substeps` times between two of them."""
    times, substeps = _times(times), _count("substeps", substeps)
    y_0 = _finite("y_0", y_0, complex_too=True)
    first = f(times[0], y_0)
    check_plain("f(t, y)", first)
    first = np.asarray(first)
    if first.shape != y_0.shape:
        raise ValueError(f"f(t, y) has shape {first.shape}, expected that of y_0, {y_0.shape}")
    if first.dtype.kind == "c" and y_0.dtype.kind != "c":
        raise ValueError("f(t, y) is complex, expected a complex y_0, too")

    def slope(t, y):
        return np.asarray(f(t, y))

    y = np.empty((len(times), *y_0.shape), dtype=y_0.dtype)
    y[0] = now = y_0
    for k, h in enumerate(np.diff(times) / substeps):
        for j in range(substeps):
            now = step(slope, times[k] + j * h, now, h)
        y[k + 1] = now
    return y


def _solved(y, times):
    """Return the solution y, or say from which instant on it is not finite."""
    away = ~np.isfinite(y).all(axis=tuple(range(1, y.ndim)))
    if away.any():
        k = int(away.argmax())
        raise ValueError(
            f"the solution at times[{k}] = {times[k]:g} is not finite, expected a slope f that is, "
            "or shorter steps"
        )
    return y


def _respond(acceleration, force, dt, x_0, v_0, substeps, **parameters):
    """Solve x'' = acceleration(x, x', F) by rk4, one sample interval after the other."""
    force, dt, substeps = _samples("force", force), _scalar("dt", dt), _count("substeps", substeps)
    for name, value in {
        **parameters,
        "x_0": _finite("x_0", x_0),
        "v_0": _finite("v_0", v_0),
    }.items():
        if value.shape not in ((), force.shape[1:]):
            expected = f"a number or {force.shape[1:]}, one for each series of force"
            raise ValueError(f"{name} has shape {value.shape}, expected {expected}")

    def slope(t, y, F_left, F_rate):  # t from the left end of the interval, y = (x, v)
        return np.stack((y[1], acceleration(y[0], y[1], F_left + F_rate * t)))

    y = np.empty((len(force), 2, *force.shape[1:]))
    y[0, 0], y[0, 1] = x_0, v_0
    h = dt / substeps
    with np.errstate(over="ignore", invalid="ignore"):  # a runaway is reported below
        for k, F_rate in enumerate(np.diff(force, axis=0) / dt):
            now, F_left = y[k], force[k]
            for j in range(substeps):
                now = _rk4_step(lambda t, y, a=F_left, b=F_rate: slope(t, y, a, b), j * h, now, h)
            y[k + 1] = now
    if not np.isfinite(y[-1]).all():
        raise ValueError(
            f"the motion runs away: dt is {dt:g} with {substeps} substeps, expected shorter steps "
            "or a restoring force that binds"
        )
    return Motion(y[:, 0], y[:, 1])


def _finite(name, value, complex_too=False):
    """Return `value` as an array of float64 (or complex128), or say what is wrong with it."""
    check_plain(name, value)
    try:
        value = np.asarray(value)
        strings = value.dtype.kind == "O" and any(isinstance(v, str) for v in value.flat)
        if value.dtype.kind not in "biufcO" or strings:
            raise TypeError("astype would make numbers of dates and strings")
        value = value.astype(np.complex128 if value.dtype.kind == "c" else np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} is {value!r}, expected numbers") from error
    if value.dtype.kind == "c" and not complex_too:
        raise ValueError(f"{name} holds complex numbers, expected real ones")
    if not np.isfinite(value).all():
        raise ValueError(f"{name} holds NaN or infinite values, expected finite numbers")
    return value


def _positive(name, value):
    value = _finite(name, value)
    if np.any(value <= 0):
        raise ValueError(f"{name} is {value}, expected above 0")
    return value


def _scalar(name, value):
    value = _positive(name, value)
    if value.ndim:
        raise ValueError(f"{name} has shape {value.shape}, expected one number")
    return float(value)


def _count(name, value, least=1):
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ValueError(f"{name} is {value!r}, expected an integer, {least} or more")
    return int(value)


def _times(times):
    times = _finite("times", times)
    if times.ndim != 1 or len(times) == 0:
        raise ValueError(f"times has shape {times.shape}, expected (T,) with T >= 1")
    if np.any(np.diff(times) <= 0):
        raise ValueError("times is not ordered, expected instants that increase strictly")
    return times


def _samples(name, value):
    value = _finite(name, value)
    if value.ndim not in (1, 2) or value.size == 0:
        raise ValueError(f"{name} has shape {value.shape}, expected (T, B) or (T,), not empty")
    return value


def _series(**parameters):
    """Broadcast parameters, each a number or (B,), to one shape, () or (B,)."""
    shapes = {name: value.shape for name, value in parameters.items()}
    try:
        arrays = np.broadcast_arrays(*parameters.values())
    except ValueError as error:
        raise ValueError(
            f"the parameters have shapes {shapes}, expected numbers or (B,)"
        ) from error
    if arrays[0].ndim > 1:
        raise ValueError(f"the parameters have shapes {shapes}, expected numbers or (B,)")
    return arrays
