"""An LSTM cell whose three gates the reader holds: what it keeps, and the error that comes back."""

import numpy as np

from rnncourse import plotting
from rnncourse.live.sliders import LiveFigure, Slider

N_STEPS = 50
CANDIDATES = {5: 0.9, 25: -0.6}  # g at the steps at which there is something to write


def cell(i, f, o):
    """Run the cell from c = 0 with the same gates at every step.

        c[t] = f c[t-1] + i g[t],    h[t] = o tanh(c[t])

    Args:
        i: input gate, which writes.
        f: forget gate, which keeps.
        o: output gate, which reads.

    Returns:
        g, c, h, each (N_STEPS,).
    """
    g, c = np.zeros(N_STEPS), np.zeros(N_STEPS)
    g[list(CANDIDATES)] = list(CANDIDATES.values())
    for t in range(N_STEPS):
        c[t] = f * (c[t - 1] if t else 0.0) + i * g[t]
    return g, c, o * np.tanh(c)


def error_back(i, f, o):
    """Return dh[T]/dg[t] for all t, (N_STEPS,): how an error at the end reaches the candidates.

    dh[T]/dg[t] = o (1 - tanh(c[T])^2) f^(T-t) i
    """
    _, c, _ = cell(i, f, o)
    lag = np.arange(N_STEPS)[::-1]
    return o * (1 - np.tanh(c[-1]) ** 2) * float(f) ** lag * i


def paint(axes, i, f, o):
    """Draw candidate, cell and output over time, and the error on its way back."""
    forward, backward = axes
    t, (_, c, h), error = np.arange(N_STEPS), cell(i, f, o), error_back(i, f, o)
    first, second = plotting.series_styles(2)
    color = plotting.PALETTE["neutral"]
    forward.vlines(list(CANDIDATES), 0, list(CANDIDATES.values()), color=color, linewidth=5)
    forward.plot([], [], color=color, linewidth=5, label="candidate $g$")
    forward.plot(t, c, label="cell $c$", linewidth=2.2, **first)
    forward.plot(t, h, label="output $h$", linewidth=2.2, **second)
    third = plotting.series_styles(3)[2]
    backward.plot(
        t, np.where(error > 0, error, np.nan), label="error at $g$", linewidth=2.2, **third
    )
    forward.set(xlabel="time step $t$", ylabel="value", ylim=(-0.8, 1.1))
    forward.set_title(f"$i$ = {i:.2f}, $f$ = {f:.2f}, $o$ = {o:.2f}")
    backward.set(xlabel="time step $t$", ylabel="error at $g$", yscale="log")
    backward.set(xlim=forward.get_xlim(), ylim=(1e-4, 2))
    reaches = f"{error[5]:.1g} of an error at the end reaches" if error[5] else "no error reaches"
    return (
        f"Gates i = {i:.2f}, f = {f:.2f}, o = {o:.2f}: the cell ends at {c[-1]:.2f} and the output "
        f"at {h[-1]:.2f}; {reaches} the candidate of step 5."
    )


GATES = LiveFigure(
    paint,
    panels=2,
    sliders=(
        Slider("write: input gate i", 0.0, 1.0, 0.01),
        Slider("keep: forget gate f", 0.0, 1.0, 0.01),
        Slider("read: output gate o", 0.0, 1.0, 0.01),
    ),
    shown=((1.0, 1.0, 1.0), (0.3, 1.0, 1.0), (1.0, 0.9, 1.0), (1.0, 1.0, 0.2)),
    start=(1.0, 0.95, 0.8),
    alt=(
        "Four cells with their gates held still: above, the candidates 0.9 at step 5 and -0.6 at "
        "step 25, the cell and the output; below, the error that comes back from the last step, "
        "on a log axis. All gates open: the cell keeps what is written, and the error is level. "
        "Input gate 0.3: a third is written. Forget gate 0.9: the cell decays, and the error falls "
        "in a straight line. Output gate 0.2: output and error are a fifth, the cell is as before."
    ),
    still_size=(11, 6),
)
