"""A reservoir as it passes the edge of chaos: two states that began close together."""

from functools import cache

import numpy as np

from rnncourse import initializers, plotting
from rnncourse.live.sliders import LiveFigure, Slider

H, N_STEPS, WASHOUT = 200, 300, 100
APART = 1e-6  # distance of the two states at the start
RADII = np.linspace(0.5, 2.0, 31)


@cache
def _drawn():
    """Return W_hh of radius 1, the input as it enters each unit (T, H), a state and a direction."""
    rng = np.random.default_rng(1)
    W_hh = initializers.echo_state(rng, H, H, connections=20, spectral_radius=1.0)
    W_hx, u = rng.uniform(-1, 1, size=H), rng.uniform(-1, 1, size=WASHOUT + N_STEPS)
    direction = rng.normal(size=H)
    start = 0.1 * rng.normal(size=H)
    return W_hh, u[:, np.newaxis] * W_hx, start, direction / np.linalg.norm(direction)


def distance(radius, input_scale):
    """Return the distance of two states under the same input, (N_STEPS + 1,), APART at first.

    The first of them has run for WASHOUT steps before.
    """
    W_hh, u, h, direction = _drawn()
    for u_t in u[:WASHOUT]:
        h = np.tanh(radius * (W_hh @ h) + input_scale * u_t)
    pair = np.stack([h, h + APART * direction])
    apart = [APART]
    for u_t in u[WASHOUT:]:
        pair = np.tanh(radius * (pair @ W_hh.T) + input_scale * u_t)
        apart.append(np.linalg.norm(pair[1] - pair[0]))
    return np.array(apart)


@cache
def exponents(input_scale):
    """Return the largest Lyapunov exponent for each of RADII, per step, (31,).

    A small deviation a is followed along the trajectory and rescaled at each step:
    a <- diag(1 - h^2) W_hh a, as in (4.4).
    """
    W_hh, u, start, direction = _drawn()
    radius = RADII[:, np.newaxis]
    h, a = np.tile(start, (RADII.size, 1)), np.tile(direction, (RADII.size, 1))
    total = np.zeros(radius.shape)
    for t, u_t in enumerate(u):
        h = np.tanh(radius * (h @ W_hh.T) + input_scale * u_t)
        a = radius * (a @ W_hh.T) * (1 - h**2)
        growth = np.linalg.norm(a, axis=1, keepdims=True)
        a, total = a / growth, total + np.log(growth) * (t >= WASHOUT)
    return total[:, 0] / N_STEPS


def paint(axes, radius, input_scale):
    """Draw the distance over time, and the exponent against the radius with a mark on it."""
    separation, edge = axes
    first, second, third = plotting.series_styles(3)
    t, apart = np.arange(N_STEPS + 1), distance(radius, input_scale)
    found = exponents(float(input_scale))
    exponent = float(np.interp(radius, RADII, found))
    guide = {"color": plotting.PALETTE["neutral"], "linewidth": 1.2, "linestyle": (0, (1, 1))}
    separation.plot(t, np.maximum(apart, 1e-16), label="distance", linewidth=2.2, **first)
    with np.errstate(over="ignore"):
        law = APART * np.exp(exponent * t)
    separation.plot(t, law, label=r"$10^{-6} e^{\lambda t}$", **guide)
    separation.set(
        yscale="log", ylim=(1e-16, 1e3), xlabel="time step $t$", ylabel="distance of two states"
    )
    separation.set_title(rf"$\varrho$ = {radius:.2f}, input {input_scale:.1f}")
    edge.axhline(0.0, color=plotting.PALETTE["neutral"], linewidth=1)
    edge.plot(RADII, found, label=r"$\lambda$", linewidth=2.2, **third)
    edge.plot(radius, exponent, "s", markersize=9, color=second["color"], label="this reservoir")
    edge.set(xlabel=r"spectral radius $\varrho$", ylabel=r"$\lambda$ (1/step)", ylim=(-0.8, 0.4))
    return (
        f"Spectral radius {radius:.2f}, input scale {input_scale:.1f}: the Lyapunov exponent is "
        f"{exponent:+.2f} per step, and two states that begin {APART:g} apart are {apart[-1]:.0e} "
        f"apart after {N_STEPS} steps."
    )


EDGE = LiveFigure(
    paint,
    panels=2,
    sliders=(Slider("spectral radius", 0.5, 2.0, 0.05), Slider("input scale", 0.0, 1.5, 0.1)),
    shown=((0.9, 0.0), (1.5, 0.0), (1.5, 1.5), (2.0, 1.5)),
    start=(1.2, 0.5),
    alt=(
        "Four reservoirs: spectral radius 0.9 and 1.5 without input, 1.5 and 2 with strong input. "
        "Above, on a log axis, the distance of two states that begin a millionth apart: it falls "
        "at 0.9, grows at 1.5, falls at 1.5 with input, and grows at 2. Below, the Lyapunov "
        "exponent against the spectral radius, with a mark on each: it crosses zero above "
        "radius 1 without input, and at a larger radius with input."
    ),
    still_size=(11, 6.2),
)
