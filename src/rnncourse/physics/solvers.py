"""Solvers of y' = f(t, y): two orders of accuracy, and how fast neighbors part.

    euler                order 1
    rk4                  order 4
    lyapunov_exponent    log |distance of neighbors| per unit of time

A slope is called f(t, y) and returns y', of the shape of y.
"""

from collections.abc import Callable

import numpy as np

from rnncourse.inputs import check_plain, floats, instants, integer, positive, samples

Slope = Callable[[float, np.ndarray], np.ndarray]  # f(t, y) -> y', both of the shape of y


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
    return _solved(integrate(_euler_step, f, y_0, times, substeps), times)


def rk4(f: Slope, y_0, times, substeps: int = 1) -> np.ndarray:
    """Solve y' = f(t, y) by the classical Runge-Kutta method, of order 4: the error falls as h^4.

    k1 = f(t, y)               k2 = f(t + h/2, y + h/2 k1)
    k3 = f(t + h/2, y + h/2 k2)    k4 = f(t + h, y + h k3)
    y(t + h) = y(t) + h/6 (k1 + 2 k2 + 2 k3 + k4)

    The order holds where f has four continuous derivatives: put a kink of f on one of the times,
    and integrate from jump to jump by separate calls, each with its own f.

    Arguments, return value and errors are those of `euler`.

    Source:
        Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I (Springer, 1993), II.1.
    """
    return _solved(integrate(rk4_step, f, y_0, times, substeps), times)


def _euler_step(f, t, y, h):
    return y + h * f(t, y)


def rk4_step(f, t, y, h):
    """Return the state one step h later; see `rk4`."""
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def integrate(step, f, y_0, times, substeps):
    """Repeat `step` from y_0 through all `times`, `substeps` times between two of them."""
    times, substeps = instants(times), integer("substeps", substeps, 1)
    y_0 = floats("y_0", y_0, complex_too=True)
    first = f(times[0], y_0)
    check_plain("f(t, y)", first)
    first = np.asarray(first)
    if first.shape != y_0.shape:
        raise ValueError(f"f(t, y) has shape {first.shape}, expected that of y_0, {y_0.shape}")
    if first.dtype.kind == "c" and y_0.dtype.kind != "c":
        raise ValueError("f(t, y) is complex, expected a complex y_0, too")

    def slope(t, y):
        return np.array(f(t, y))  # a copy: f may write all its slopes into one array

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
    y = samples("y_0", y_0)
    dt, distance = positive("dt", dt), positive("distance", distance)
    n_steps = integer("n_steps", n_steps, 10)
    d = np.full(y.shape, distance / np.sqrt(len(y)))
    first, total = n_steps // 10, 0.0
    for k in range(n_steps):
        y, neighbor = integrate(
            rk4_step,
            lambda t, pair: np.stack([np.array(f(t, a)) for a in pair]),
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
