"""Oscillators with one degree of freedom: free, and under a sampled force.

    x'' + 2 zeta omega x' + omega^2 x = 0                          damped_oscillator (closed form)
    x'' + 2 zeta omega x' + omega^2 x = F(t)                       driven_oscillator
    x'' + damping x' + stiffness x + cubic x^3 = F(t)              duffing

Between two samples a force is the straight line that joins them. So the motion at sample t depends
on `force[:t + 1]` and on nothing later.
"""

from typing import NamedTuple

import numpy as np

from rnncourse.inputs import (
    floats,
    instants,
    integer,
    of_one_shape,
    positive,
    positive_floats,
    samples,
)
from rnncourse.physics.solvers import rk4_step


class Motion(NamedTuple):
    """Position and velocity of a batch of oscillators, time first."""

    x: np.ndarray  # (T, B), or (T,) for one series
    v: np.ndarray  # same shape


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
    times = instants(times)
    omega, zeta = positive_floats("omega", omega), floats("zeta", zeta)
    if np.any((zeta < 0) | (zeta >= 1)):
        raise ValueError(f"zeta is {zeta}, expected 0 <= zeta < 1 (an underdamped oscillator)")
    x_0, v_0 = floats("x_0", x_0), floats("v_0", v_0)
    omega, zeta, x_0, v_0 = of_one_shape(omega=omega, zeta=zeta, x_0=x_0, v_0=v_0)
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
    omega, zeta = positive_floats("omega", omega), floats("zeta", zeta)
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

    Force, steps and start are those of `driven_oscillator`, and so is what is returned.

    Args:
        force: (T, B), or (T,) for one series.
        dt: time between two samples, above 0.
        damping: coefficient of the velocity; a number or (B,).
        stiffness: coefficient of the position, negative for two wells; a number or (B,).
        cubic: coefficient of the position cubed, 0 for a linear oscillator; a number or (B,).
        x_0: position at t = 0; a number or (B,).
        v_0: velocity at t = 0; a number or (B,).
        substeps: Runge-Kutta steps between two samples.

    Raises:
        ValueError: force of another rank or not finite, dt not positive, substeps below 1, or a
            motion that runs away (steps too long, or a cubic below 0, which does not bind).

    Source:
        Kovacic, Brennan (eds.), The Duffing Equation (Wiley, 2011), chapter 1.
    """
    damping = floats("damping", damping)
    stiffness, cubic = floats("stiffness", stiffness), floats("cubic", cubic)

    def acceleration(x, v, F):
        return F - damping * v - (stiffness + cubic * x**2) * x

    parameters = {"damping": damping, "stiffness": stiffness, "cubic": cubic}
    return _respond(acceleration, force, dt, x_0, v_0, substeps, **parameters)


def _respond(acceleration, force, dt, x_0, v_0, substeps, **parameters):
    """Solve x'' = acceleration(x, x', F) by rk4, one sample interval after the other."""
    force, dt, substeps = (
        samples("force", force),
        positive("dt", dt),
        integer("substeps", substeps, 1),
    )
    for name, value in {
        **parameters,
        "x_0": floats("x_0", x_0),
        "v_0": floats("v_0", v_0),
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
                now = rk4_step(lambda t, y, a=F_left, b=F_rate: slope(t, y, a, b), j * h, now, h)
            y[k + 1] = now
    if not np.isfinite(y[-1]).all():
        raise ValueError(
            f"the motion runs away: dt is {dt:g} with {substeps} substeps, expected shorter steps "
            "or a restoring force that binds"
        )
    return Motion(y[:, 0], y[:, 1])
