"""Size of an error on its way back through a net whose spectral radius is moved."""

from functools import cache

import numpy as np

from rnncourse import initializers, plotting, rnn
from rnncourse.live.sliders import LiveFigure, Slider

N_LAGS = 101
H, B = 100, 20
WASHOUT = 50


@cache
def _drawn():
    """Return a net of spectral radius 1, weak white input (T, B, 1), and errors (B, H)."""
    rng = np.random.default_rng(4)
    W_hh = initializers.echo_state(rng, H, H, connections=15, spectral_radius=1.0)
    params = rnn.Params(0.1 * rng.normal(size=(H, 1)), W_hh, np.zeros(H))
    return params, rng.normal(size=(WASHOUT + N_LAGS, B, 1)), rng.normal(size=(B, H))


def sizes(radius):
    """Return the size of dC/dh[t] against the lag, for a cost that looks at the last state only.

        dC/dh[t-1] = W_hh^T diag(1 - h[t]^2) dC/dh[t]

    Args:
        radius: spectral radius of W_hh.

    Returns:
        Two arrays (N_LAGS,), 1 at lag 0: for linear units, whose slope 1 - h^2 is replaced by 1,
        and for tanh units in the states that weak white input leads them to.
    """
    params, x, e_last = _drawn()
    params = params._replace(W_hh=radius * params.W_hh)
    h, _ = rnn.forward(params, x)
    found = []
    for slopes in (np.ones((N_LAGS, 1, 1)), 1 - h[WASHOUT:] ** 2):
        d_h, size = e_last, [1.0]
        for slope in slopes[:0:-1]:
            d_h = (d_h * slope) @ params.W_hh
            size.append(np.linalg.norm(d_h) / np.linalg.norm(e_last))
        found.append(np.array(size))
    return found


def paint(axes, radius):
    """Draw the sizes for linear and for tanh units, and the power law of the radius."""
    (ax,) = axes
    lags = np.arange(N_LAGS)
    linear, tanh = sizes(radius)
    for size, style, text in zip(
        (tanh, linear), plotting.series_styles(2), ("tanh units", "linear units"), strict=True
    ):
        ax.plot(lags, size, label=text, linewidth=2.2, **style)
    guide = {"color": plotting.PALETTE["neutral"], "linewidth": 1.2, "linestyle": (0, (1, 1))}
    ax.plot(lags, float(radius) ** lags, label=r"$\varrho^k$", **guide)
    ax.set(yscale="log", ylim=(1e-12, 1e16), title=rf"$\varrho$ = {radius:.2f}")
    ax.set(xlabel="lag $k$ (steps)", ylabel="size of the error, lag 0: 1")
    return (
        f"Spectral radius {radius:.2f}: over 100 steps back an error changes by "
        f"{np.log10(linear[-1]):.0f} decades through linear units and by "
        f"{np.log10(tanh[-1]):.0f} through tanh units."
    )


GRADIENTS = LiveFigure(
    paint,
    panels=1,
    sliders=(Slider("spectral radius", 0.5, 4.0, 0.05),),
    shown=((0.8,), (1.2,), (1.6,), (3.0,)),
    start=(1.1,),
    alt=(
        "Size of an error against the lag, on a log axis, for spectral radii 0.8, 1.2, 1.6 and 3. "
        "For linear units it is nearly a straight line, parallel to the dotted power of the "
        "radius: falling at 0.8, rising at 1.2, steeply at 1.6, out of the frame at 3. For tanh "
        "units it falls at 0.8, and slowly at 1.2, wanders about its first size at 1.6 and rises "
        "by ten decades at 3."
    ),
    still_size=(11, 4),
)
