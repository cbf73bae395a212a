"""The four ways to learn a recurrent net: what each of them learns, and what makes it work."""

from rnncourse import plotting as p
from rnncourse.figures.symbols import h, x, y_hat

# name, what makes it work (two lines), are the weights into the hidden units learned?
WAYS = (
    ("LSTM", "a cell that keeps,", "behind gates", True),
    ("Hessian-free", "a step that divides", "by the curvature", True),
    ("echo state", "many units, drawn", "well, never changed", False),
    ("init + momentum", "the same start,", "then all are learned", True),
)


def four_ways():
    """Draw a net for each of the four ways, learned weights thick, weights drawn once thin."""
    fig, ax = p.canvas(13, 5.6)
    for k, (name, what, more, learned) in enumerate(WAYS):
        middle = 1.7 + 3.2 * k
        inputs = p.node(ax, (middle, 1.85), x(), kind="input", radius=0.4)
        hidden = p.node(ax, (middle, 3.15), h(), kind="hidden", radius=0.42)
        output = p.node(ax, (middle, 4.45), y_hat(), kind="output", radius=0.4)
        p.arrow(ax, inputs, hidden, kind="forward" if learned else "time")
        p.arrow(ax, hidden, output)
        kind = "recurrent" if learned else "time"
        p.loop(ax, hidden, (middle + 0.62, 3.15), 0.42, kind=kind)
        p.label(ax, (middle, 5.2), name, 20)
        p.label(ax, (middle, 1.18), what, 15)
        p.label(ax, (middle, 0.86), more, 15)
    entries = (("forward", "learned"), ("recurrent", "learned, recurrent"), ("time", "drawn once"))
    p.key(ax, (1.6, 0.28), entries, step=3.5, size=16)
    return fig, (
        "Four nets side by side, each with an input, a hidden layer with a loop, and an output. "
        "LSTM, Hessian-free, and initialization with momentum learn all three connections; in the "
        "echo state network input and loop are thin, drawn once, and only the output is learned."
    )
