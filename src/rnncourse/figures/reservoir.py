"""An echo state network: what is fixed and what is learned."""

import numpy as np

from rnncourse import plotting as p
from rnncourse.figures.symbols import W_HH, W_HX, W_YH, h, x, y_hat


def echo_state_network():
    """Draw a reservoir with its fixed weights, and the readout, which alone is learned."""
    fig, ax = p.canvas(11.6, 6)
    rng = np.random.default_rng(12)
    center = np.array([5.3, 3.45])
    p.box(ax, center, 4.5, 3.7, "")
    turn = 2 * np.pi * (np.arange(12) + 0.5) / 12
    ring = center + np.stack([1.75 * np.cos(turn), 1.3 * np.sin(turn)], axis=1)
    inner = center + np.array([(-0.75, 0.2), (0.1, -0.35), (0.85, 0.3)])
    units = [p.node(ax, tuple(xy), kind="hidden", radius=0.19) for xy in (*ring, *inner)]
    inputs = [p.node(ax, (1.0, y), kind="input", radius=0.26) for y in (4.1, 2.8)]
    outputs = [p.node(ax, (9.9, y), kind="output", radius=0.28) for y in (4.1, 2.8)]
    for i, unit in enumerate(units):
        near = np.argsort([np.hypot(*np.subtract(unit.xy, other.xy)) for other in units])[1:7]
        for j in rng.choice(near, 2, replace=False):
            p.arrow(ax, units[j], unit, kind="recurrent", head=0.11, bend=0.12, scale=0.6)
        if 3 <= i < 9:
            p.arrow(ax, inputs[int(unit.xy[1] < center[1])], unit, kind="time", head=0.11)
        elif i < 12:
            for output in outputs:
                p.arrow(ax, unit, output, head=0.13, scale=1.3)
    corners = [(9.9, 0.95), (center[0], 0.95)]
    p.arrow(ax, outputs[1], (center[0], 1.58), kind="time", via=corners, head=0.14)
    p.label(ax, (1.0, 4.85), x(), 22)
    p.label(ax, (center[0], 5.62), "reservoir " + h(), 20)
    p.label(ax, (9.9, 4.85), y_hat(), 22)
    p.label(ax, (2.2, 4.55), W_HX, 20)
    p.label(ax, (center[0], 4.35), W_HH, 20, clear=True)
    p.label(ax, (8.55, 4.7), W_YH, 20)
    p.label(ax, (7.6, 1.22), r"$W_{hy}$, feedback (if any)", 16)
    p.key(
        ax,
        (0.5, 0.35),
        (
            ("time", "drawn once: in"),
            ("recurrent", "drawn once: recurrent"),
            ("forward", "learned"),
        ),
        step=3.6,
        size=16,
    )
    return fig, (
        "An echo state network. Two inputs at the left lead into some units of the reservoir, a "
        "cloud of hidden units with a few recurrent arrows between neighbors; two outputs at the "
        "right receive thick arrows from the units, and may be fed back into the reservoir. Input, "
        "recurrent and feedback weights are drawn once and stay fixed; only the thick arrows, "
        "W_yh, are learned."
    )
