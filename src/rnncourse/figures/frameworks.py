"""Where the weights of one layer stand in the arrays of this course, of PyTorch and of Keras."""

from rnncourse import plotting as p

CELL = 0.34
D, H = 3, 2
KINDS = {"r": "weight", "u": "input", "n": "hidden"}


def _blocks(ax, corner, gates, shape, upright, text):
    """Draw a block for each gate, below each other or side by side, from the upper left."""
    height, width = shape[0] * CELL, shape[1] * CELL
    left, top = corner
    for k, gate in enumerate(gates):
        x = left + width / 2 + (0 if upright else k * width)
        y = top - height / 2 - (k * height if upright else 0)
        p.matrix(ax, (x, y), shape, kind=KINDS[gate], cell=CELL)
        p.label(ax, (x, y), f"${gate}$", size=20, clear=True)
    middle = left + (width if upright else width * len(gates)) / 2
    p.label(ax, (middle, top + 0.24), text, size=15)


def gru_layouts():
    """Draw the arrays of a GRU with D = 3 inputs and H = 2 units, one block for each gate."""
    fig, ax = p.canvas(13, 4.9)
    p.label(ax, (3.3, 4.5), "here and PyTorch: a unit is a row", size=18)
    top = 3.6
    for left, shape, ours, torchs in (
        (0.6, (H, D), "$W_x$", "weight_ih"),
        (2.4, (H, H), "$W_h$", "weight_hh"),
        (4.0, (H, 1), "$b_x$", "bias_ih"),
        (5.2, (H, 1), "$b_h$", "bias_hh"),
    ):
        _blocks(ax, (left, top), "run", shape, True, ours)
        p.label(ax, (left + shape[1] * CELL / 2, 1.22), torchs, size=14)
    p.label(ax, (9.9, 4.5), "Keras: a unit is a column", size=18)
    for left, y, shape, text in (
        (7.2, top, (D, H), "kernel"),
        (10.5, top, (H, H), "recurrent_kernel"),
    ):
        _blocks(ax, (left, y), "urn", shape, False, text)
    _blocks(ax, (8.85, 1.75), "urn", (2, H), False, "bias")
    p.label(ax, (6.5, 0.35), "gates: $r$ reset, $u$ update, $n$ candidate", size=16)
    return fig, (
        "The arrays of a GRU with three inputs and two units as grids, one block for each gate. "
        "Here and in PyTorch the gates r, u, n stand below each other, one unit a row, in W_x "
        "(weight_ih), W_h (weight_hh) and two biases. In Keras the gates u, r, n stand side by "
        "side, one unit a column, in kernel and recurrent_kernel; one array bias holds both "
        "biases as its two rows."
    )
