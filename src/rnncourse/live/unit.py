"""One unit without input, h <- tanh(w h): its response, and its states unfolded in time."""

import numpy as np

from rnncourse import plotting
from rnncourse.live.sliders import LiveFigure, Slider

N_STEPS = 20
STARTS = (0.5, -0.5)


def states(w, start, n_steps=N_STEPS):
    """Return h^(0) = start and the n_steps states h^(t) = tanh(w h^(t-1)) after it."""
    h = [start]
    for _ in range(n_steps):
        h.append(np.tanh(w * h[-1]))
    return np.array(h)


def resting_value(w):
    """Return the largest h with h = tanh(|w| h): 0 for |w| up to 1.

    For w > 1 the unit rests at h and -h; for w < -1 it jumps between the two.
    """
    low, high = 0.0, 1.0
    if abs(w) <= 1:
        return 0.0
    for _ in range(60):  # tanh(|w| h) > h below the solution, < h above it
        middle = (low + high) / 2
        low, high = (middle, high) if np.tanh(abs(w) * middle) > middle else (low, middle)
    return low


def paint(axes, w):
    """Draw the response with a staircase from each start, and the states unfolded in time."""
    response, unfolded = axes
    *starts, curve = plotting.series_styles(3, markers=True)
    h, rest = np.linspace(-1.2, 1.2, 121), resting_value(w)
    thin = {"color": plotting.PALETTE["neutral"], "linewidth": 1, "linestyle": (0, (1, 1))}
    response.plot(h, h, label="diagonal", **thin)
    response.plot(
        h, np.tanh(w * h), label=r"response $\tanh(wh)$", linewidth=2.2, **curve | {"marker": ""}
    )
    for start, style in zip(STARTS, starts, strict=True):
        unfolded.plot(states(w, start), label=f"from $h^{{(0)}}$ = {start}", markersize=4, **style)
        stairs = np.repeat(states(w, start), 2)
        response.plot(stairs[:-2], stairs[1:-1], linewidth=1.4, **style | {"marker": ""})
    black = plotting.PALETTE["weight"]
    points = {"unstable fixed point": [0.0]} if abs(w) > 1 else {"stable fixed point": [0.0]}
    if w > 1:
        points["stable fixed point"] = [-rest, rest]
    for name, values in points.items():
        face = black if name.startswith("stable") else "white"
        response.plot(values, values, "o", label=name, color=black, markerfacecolor=face)
    response.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), title=f"$w$ = {w:.2f}")
    response.set(xlabel=r"$h^{(t-1)}$", ylabel=r"$h^{(t)}$")
    unfolded.set(xlabel="time step $t$", ylabel=r"$h^{(t)}$", ylim=(-1.2, 1.2))
    return f"{_alt(w, rest)} The states of 20 steps from 0.5 and from -0.5 are drawn beside it."


def _alt(w, rest):
    start = f"Recurrent weight {w:.2f}: the response is a curve through zero that"
    if w > 1:
        return f"{start} crosses the diagonal at {rest:.2f} too; each start stays on its own side."
    if w < -1:
        return f"{start} falls, and both starts end in jumps between {rest:.2f} and {-rest:.2f}."
    return f"{start} crosses the diagonal nowhere else; both starts approach zero."


UNIT = LiveFigure(
    paint,
    panels=2,
    sliders=(Slider("recurrent weight w", -2.5, 2.5, 0.05),),
    shown=((-1.5,), (0.5,), (1.0,), (2.0,)),
    start=(1.3,),
    alt=(
        "Four units with recurrent weights -1.5, 0.5, 1 and 2: above, their response with the "
        "diagonal, below, their states over 20 steps from 0.5 and -0.5. At 0.5 both starts fall "
        "to zero at once, at 1 they creep towards it, at 2 each stays on its own side, near "
        "0.96 or -0.96, and at -1.5 both end in jumps between two opposite values."
    ),
    still_size=(11, 6.2),
)
