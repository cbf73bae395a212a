"""The backward pass of the LSTM cell, on the drawing of its forward pass."""

from rnncourse import plotting as p
from rnncourse.figures.lstm import (
    CELL,
    COLUMNS,
    GATE,
    INPUT,
    PRODUCT,
    RAIL,
    READ,
    STATE,
    place_parts,
)


def lstm_backward():
    """Draw the errors on their way back through the cell, each arrow with its factor."""
    fig, ax = p.canvas(14, 6.5)
    parts = place_parts(ax)
    total = p.node(ax, (READ, CELL), "$+$", "error", 0.24, 22)
    right = STATE + 1.85
    for start, end in (
        ((right, CELL), "c"),
        ("c", total),
        (total, "plus"),
        ("plus", "keep"),
        ("keep", "c_prev"),
        ("keep", "f"),
        ("plus", "write"),
        ((right, GATE), "h"),
        ("h", "read"),
        ("read", "tanh"),
        ("tanh", total),
        ("read", "o"),
        ("joint", "h_prev"),
        ("joint", "x"),
    ):
        start, end = (parts[s] if isinstance(s, str) else s for s in (start, end))
        p.arrow(ax, start, end, kind="error")
    p.arrow(ax, (STATE, GATE - 1.3), parts["h"], kind="immediate")
    for gate in "ig":
        p.arrow(ax, parts["write"], parts[gate], kind="error", via=[(COLUMNS[gate], PRODUCT)])
    before = parts["joint"]
    for gate, place in COLUMNS.items():
        p.arrow(ax, parts[gate], parts[f"z_{gate}"], kind="error")
        slope = "(1-g^2)" if gate == "g" else rf"{gate}\,(1-{gate})"
        p.label(ax, (place + 0.14, 2.565), rf"$\odot\,{slope}$", 16, ha="left")
        p.label(ax, (place + 0.14, 1.6), rf"$\delta_{gate}^{{(t)}}$", 18, ha="left")
        p.arrow(ax, parts[f"z_{gate}"], (place, RAIL), kind="error")
        p.arrow(ax, (place, RAIL), before, kind="neutral", scale=1.8)
        before = (place, RAIL)
    for place, text in (
        ((right - 0.1, CELL + 0.4), r"$\partial C/\partial c^{(t+1)}$"),
        ((STATE + 1.15, CELL - 0.35), r"$\odot\,f^{(t+1)}$"),
        ((7.9, CELL + 0.35), r"$\partial C/\partial c^{(t)}$"),
        ((2.2, CELL + 0.3), r"$\odot\,f$"),
        ((COLUMNS["f"] - 0.65, PRODUCT), r"$\odot\,c^{(t-1)}$"),
        ((COLUMNS["i"] - 0.35, PRODUCT - 0.3), r"$\odot\,g$"),
        ((COLUMNS["g"] + 0.35, PRODUCT - 0.3), r"$\odot\,i$"),
        ((READ - 1.15, PRODUCT + 0.52), r"$\odot\,(1-\tanh^2c^{(t)})$"),
        ((READ + 0.35, PRODUCT - 0.45), r"$\odot\,o$"),
        ((8.75, PRODUCT - 0.42), r"$\odot\,\tanh c^{(t)}$"),
        ((READ + 0.55, GATE - 0.5), r"$\partial C/\partial h^{(t)}$"),
        ((right - 0.1, GATE + 0.38), r"$\delta^{(t+1)}$"),
        ((STATE + 1.2, GATE - 0.35), r"$W_h^{\mathsf{T}}$"),
        ((STATE + 0.35, GATE - 1.1), "$e^{(t)}$"),
        ((1.62, RAIL + 0.28), r"$W_h^{\mathsf{T}}$"),
        ((INPUT[0] + 0.55, 1.1), r"$W_x^{\mathsf{T}}$"),
    ):
        p.label(ax, place, text, 18)
    at_h = r"$\partial C/\partial h^{(t)}=e^{(t)}+W_h^{\mathsf{T}}\,\delta^{(t+1)}$"
    at_c = (
        r"$\partial C/\partial c^{(t)}=\partial C/\partial h^{(t)}\odot o\odot(1-\tanh^2c^{(t)})"
        r"+\partial C/\partial c^{(t+1)}\odot f^{(t+1)}$"
    )
    p.label(ax, (0.4, 6.1), at_h, 19, ha="left")
    p.label(ax, (5.6, 6.1), at_c, 19, ha="left")
    p.label(ax, (11.5, 1.0), "a factor multiplies the error on its arrow", 15)
    p.key(ax, (9.65, 0.5), [("immediate", "immediate"), ("error", "error")], step=2.3)
    return fig, (
        "The cell with all arrows reversed, each with its factor. The total derivative at h(t) is "
        "the immediate e(t) plus W_h transposed times delta(t+1); the total at c(t) is that "
        "times o times 1 minus tanh squared of c(t), plus the derivative at c(t+1) times f(t+1). "
        "From c(t) error goes straight back to c(t-1) with the single factor f, and to the gates: "
        "to f times c(t-1), to i times g, to g times i; to o it goes from h(t), times tanh c(t). "
        "The local derivatives f(1-f), i(1-i), 1-g squared and o(1-o) then give the delta of each "
        "weighted sum, which W_h and W_x transposed take to h(t-1) and x(t)."
    )
