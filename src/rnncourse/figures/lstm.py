"""The LSTM cell, gate by gate and as a whole.

Every drawing has the same parts at the same places. Each part belongs to some of the steps F
(forget gate), I (input gate and candidate), C (cell update) and O (output gate); a drawing of one
step fades the others.
"""

from rnncourse import plotting as p
from rnncourse.figures.symbols import c, h, x

ALL_STEPS = "FICO"
CELL, PRODUCT, GATE, SUM, RAIL, NAME = 4.95, 3.95, 3.0, 2.1, 1.35, 0.6  # heights
COLUMNS = {"f": 3.3, "i": 5.05, "g": 6.8, "o": 8.55}
WRITE, READ, STATE = 5.925, 9.95, 11.4  # places across
NAMES = {
    "f": "forget gate\n(keep)",
    "i": "input gate\n(write)",
    "g": "candidate\n(new value)",
    "o": "output gate\n(read)",
}
STEPS = {"f": "F", "i": "I", "g": "I", "o": "O"}
INPUT = (1.95, 0.55)
PLACES = {  # name: place, text, steps
    "keep": ((COLUMNS["f"], CELL), r"$\cdot$", "FC"),
    "plus": ((WRITE, CELL), "$+$", "C"),
    "write": ((WRITE, PRODUCT), r"$\cdot$", "IC"),
    "read": ((READ, GATE), r"$\cdot$", "O"),
}
SIZES = {r"$\cdot$": 44, "$+$": 26}
F_SUM = r"$z_f=W_{x,f}\,x^{(t)}+W_{h,f}\,h^{(t-1)}+b_f$"
C_UPDATE = r"$c^{(t)}=f\odot c^{(t-1)}+i\odot g$"
H_OUTPUT = r"$h^{(t)}=o\odot\tanh c^{(t)}$"


def place_parts(ax, lit=ALL_STEPS):
    """Draw the nodes of the cell without the arrows; returns their Shapes under their names."""
    lights = set(lit)

    def faded(steps):
        return lights.isdisjoint(steps)

    parts = {
        "c_prev": p.node(ax, (0.8, CELL), c("t-1"), "hidden", 0.5, faded=faded("FC")),
        "c": p.node(ax, (STATE, CELL), c(), "hidden", 0.5, faded=faded("CO")),
        "h_prev": p.node(ax, (0.8, RAIL), h("t-1"), "hidden", 0.5, faded=faded("FIO")),
        "h": p.node(ax, (STATE, GATE), h(), "hidden", 0.5, faded=faded("O")),
        "x": p.node(ax, INPUT, x(), "input", 0.38, faded=faded("FIO")),
        "tanh": p.box(ax, (READ, PRODUCT), 0.9, 0.5, r"$\tanh$", faded=faded("O")),
    }
    parts["joint"] = p.node(ax, (INPUT[0], RAIL), "", "neutral", 0.09, faded=faded("FIO"))
    for name, (place, text, steps) in PLACES.items():
        parts[name] = p.node(ax, place, text, "neutral", 0.27, SIZES[text], faded(steps))
    for gate, place in COLUMNS.items():
        off = faded(STEPS[gate])
        squash = r"$\tanh$" if gate == "g" else r"$\sigma$"
        parts[f"z_{gate}"] = p.box(ax, (place, SUM), 0.8, 0.56, f"$z_{gate}$", "weight", 20, off)
        parts[gate] = p.box(ax, (place, GATE), 0.9, 0.5, squash, faded=off)
        p.label(ax, (place, NAME), NAMES[gate], 15, "#777777" if off else "#111111")
    return parts


def _cell(lit, *equations):
    """Return a figure of the cell with the steps in `lit` shown, the others faded."""
    fig, ax = p.canvas(12.2, 6.3)
    parts = place_parts(ax, lit)
    lights = set(lit)

    def arrow(start, end, steps, kind="forward", text="", at=None, **options):
        off = lights.isdisjoint(steps)
        start, end = (parts.get(s, s) if isinstance(s, str) else s for s in (start, end))
        p.arrow(ax, start, end, kind=kind, faded=off, **options)
        if text:
            p.label(ax, at, text, 20, "#777777" if off else "#111111")

    arrow("c_prev", "keep", "FC", "recurrent")
    arrow("keep", "plus", "C", "recurrent")
    arrow("plus", "c", "CO", "recurrent")
    arrow("x", "joint", "FIO")
    arrow("h_prev", "joint", "FIO", "recurrent")
    before, needed = "joint", ["FIO", "IO", "IO", "O"]
    for (gate, place), steps in zip(COLUMNS.items(), needed, strict=True):
        corner = (place, RAIL)
        arrow(before, corner, steps, "neutral", scale=1.8)
        arrow(corner, f"z_{gate}", STEPS[gate])
        arrow(f"z_{gate}", gate, STEPS[gate])
        before = corner
    arrow("f", "keep", "FC", text="$f$", at=(COLUMNS["f"] - 0.22, PRODUCT))
    for gate, side in (("i", -0.2), ("g", 0.22)):
        place = COLUMNS[gate]
        spot = (place + side, PRODUCT - 0.3)
        arrow(gate, "write", "IC", text=f"${gate}$", at=spot, via=[(place, PRODUCT)])
    arrow("write", "plus", "C")
    arrow("o", "read", "O", text="$o$", at=(9.33, GATE + 0.25))
    arrow((READ, CELL), "tanh", "O")
    arrow("tanh", "read", "O")
    arrow("read", "h", "O")
    for equation, place in zip(
        equations, (3.6, 8.6) if len(equations) == 2 else (6.0,), strict=True
    ):
        p.label(ax, (place, 5.9), equation, size=21)
    return fig


def lstm_forget_gate():
    """Draw the cell with its forget gate shown."""
    fig = _cell("F", r"$f=\sigma(z_f)$", F_SUM)
    return fig, (
        "The forget gate in the drawing of the cell, the rest faded. The input x(t) and the state "
        "before, h(t-1), join in one line that feeds the weighted sum z_f; the logistic function "
        "makes it the gate f. On the cell line, f multiplies c(t-1) entry by entry."
    )


def lstm_input_and_candidate():
    """Draw the cell with its input gate and its candidate shown."""
    fig = _cell("I", r"$i=\sigma(z_i)$", r"$g=\tanh z_g$")
    return fig, (
        "The input gate and the candidate in the drawing of the cell, the rest faded. From x(t) "
        "and h(t-1) come two weighted sums: z_i passes a logistic function and becomes the gate "
        "i, z_g passes tanh and becomes the candidate g. Their product by entries is what will be "
        "written."
    )


def lstm_cell_update():
    """Draw the cell with the update of its memory shown."""
    fig = _cell("C", C_UPDATE)
    return fig, (
        "The update of the memory in the drawing of the cell, the rest faded. A straight line "
        "leads from c(t-1) to c(t): on it the old value is multiplied by the forget gate f, then "
        "the product of the input gate i and the candidate g is added."
    )


def lstm_output_gate():
    """Draw the cell with its output gate shown."""
    fig = _cell("O", r"$o=\sigma(z_o)$", H_OUTPUT)
    return fig, (
        "The output gate in the drawing of the cell, the rest faded. The weighted sum z_o of x(t) "
        "and h(t-1) passes a logistic function and becomes the gate o. From the cell line c(t) "
        "goes down through tanh, and its product with o is the hidden state h(t)."
    )


def lstm_cell():
    """Draw the whole cell."""
    fig = _cell(ALL_STEPS, C_UPDATE, H_OUTPUT)
    return fig, (
        "The whole LSTM cell of one step. The cell line runs straight from c(t-1) to c(t), "
        "through a product with the forget gate f and a sum with i times g. Below, x(t) and "
        "h(t-1) join and feed four weighted sums z_f, z_i, z_g and z_o; logistic functions make "
        "the gates f, i and o, and tanh makes the candidate g. The state h(t) is o times tanh of "
        "c(t)."
    )
