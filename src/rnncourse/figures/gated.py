"""Gates on a memory: the analog memory cell, and the gated recurrent unit (GRU)."""

from rnncourse import plotting as p
from rnncourse.figures.symbols import c, h, x


def memory_cell():
    """Draw a linear unit with a self-link of weight 1 and its three gates as valves."""
    fig, ax = p.canvas(12, 6.4)
    line = 2.75
    new = p.box(ax, (1.2, line), 1.3, 0.8, "new\nvalue $g$")
    cell = p.node(ax, (5.8, line), c(), "hidden", 0.62, 26)
    out = p.box(ax, (10.8, line), 1.3, 0.8, "value\nread")
    p.loop(ax, cell, (5.8, line + 1.25), 0.9)
    write = p.valve(ax, (3.3, line))
    keep = p.valve(ax, (5.8, line + 2.15))
    read = p.valve(ax, (8.4, line))
    p.arrow(ax, new, write)
    p.arrow(ax, write, cell)
    p.arrow(ax, cell, read)
    p.arrow(ax, read, out)
    for valve, place, letter in (
        (write, (3.3, 1.4), "i"),
        (keep, (5.8, 5.9), "f"),
        (read, (8.4, 1.4), "o"),
    ):
        gate = p.node(ax, place, f"${letter}$", "neutral", 0.36, 22)
        p.arrow(ax, gate, valve, kind="neutral", scale=2)
    for place, text in (
        ((3.3, 0.6), "write\n(input gate)"),
        ((6.35, 5.9), "keep\n(forget gate)"),
        ((8.4, 0.6), "read\n(output gate)"),
    ):
        p.label(ax, place, text, 16, ha="left" if "keep" in text else "center")
    p.label(ax, (4.75, line + 1.25), "self-link\nof weight 1", 16, ha="right")
    p.label(ax, (5.8, line - 0.9), "linear unit", 16)
    p.label(ax, (5.8, 0.6), r"$c^{(t)}=f\odot c^{(t-1)}+i\odot g$", 21)
    p.label(ax, (0.5, 5.75), "a valve multiplies by its gate:\n0 closed, 1 open", 16, ha="left")
    return fig, (
        "An analog memory: a linear unit c(t) that feeds itself through a link of weight 1. "
        "Three valves sit on its links, and a line leads to each from its gate: the write "
        "or input gate i on the way of the new value g into the unit, the keep or forget gate f "
        "on the self-link, and the read or output gate o on the way out. A valve multiplies what "
        "passes by its gate, 0 closed and 1 open."
    )


LINE, MIX, ROW, SUM, H_RAIL, X_RAIL, NAME = 5.05, 4.1, 3.1, 2.2, 1.5, 0.95, 0.4  # heights
U, R, M, X_PART, N = 2.7, 4.4, 5.9, 7.75, 9.5  # places across


def _feed(ax, box, rail, shift):
    """Draw the way from a rail up into a box, with a dot where it leaves the rail."""
    place = box.xy[0] + shift
    if rail == H_RAIL:
        p.node(ax, (place, rail), kind="hidden", radius=0.045)
    else:
        p.node(ax, (place, rail), kind="input", radius=0.045)
    p.arrow(ax, (place, rail), (place, SUM - 0.31))


def gru_cell():
    """Draw the gated recurrent unit, in the form that resets after the product by W_h."""
    fig, ax = p.canvas(12, 6.9)
    before = p.node(ax, (0.8, LINE), h("t-1"), "hidden", 0.5)
    after = p.node(ax, (11.2, LINE), h(), "hidden", 0.5)
    source = p.node(ax, (0.8, X_RAIL), x(), "input", 0.38)
    rail = {"kind": "neutral", "scale": 1.8}
    p.arrow(ax, before, (M, H_RAIL), via=[(0.8, H_RAIL)], **rail)
    p.arrow(ax, source, (X_PART, X_RAIL), **rail)

    sums = {
        U: p.box(ax, (U, SUM), 0.9, 0.56, "$z_u$", "weight", 20),
        R: p.box(ax, (R, SUM), 0.9, 0.56, "$z_r$", "weight", 20),
        M: p.box(ax, (M, SUM), 0.9, 0.56, "$m$", "weight", 20),
        X_PART: p.box(ax, (X_PART, SUM), 2.0, 0.56, "$W_{x,n}x^{(t)}+b_{x,n}$", "weight", 16),
    }
    for place in (U, R):
        _feed(ax, sums[place], H_RAIL, -0.18)
        _feed(ax, sums[place], X_RAIL, 0.18)
    _feed(ax, sums[M], H_RAIL, 0)
    _feed(ax, sums[X_PART], X_RAIL, 0)

    update = p.box(ax, (U, ROW), 0.9, 0.5, r"$\sigma$")
    reset = p.box(ax, (R, ROW), 0.9, 0.5, r"$\sigma$")
    squash = p.box(ax, (N, ROW), 0.9, 0.5, r"$\tanh$")
    product = {"text": r"$\cdot$", "kind": "neutral", "radius": 0.27, "size": 44}
    keep, through, take = (p.node(ax, xy, **product) for xy in ((U, LINE), (M, ROW), (N, MIX)))
    add = p.node(ax, (X_PART, ROW), "$+$", "neutral", 0.27, 26)
    join = p.node(ax, (N, LINE), "$+$", "neutral", 0.27, 26)
    rest = p.node(ax, (R, MIX), "$1-$", "neutral", 0.3, 18)
    for way in ((before, keep), (keep, join), (join, after)):
        p.arrow(ax, *way, kind="recurrent")
    for way in (
        (sums[U], update),
        (update, keep),
        ((U, MIX), rest),
        (rest, take),
        (sums[R], reset),
        (reset, through),
        (sums[M], through),
        (through, add),
        (sums[X_PART], add),
        (add, squash),
        (squash, take),
        (take, join),
    ):
        p.arrow(ax, *way)
    for place, text in (
        ((U - 0.25, MIX), "$u$"),
        ((M + 0.9, MIX + 0.25), "$1-u$"),
        ((M - 0.65, ROW + 0.25), "$r$"),
        ((X_PART + 0.8, ROW + 0.27), "$z_n$"),
        ((N + 0.27, ROW + 0.5), "$n$"),
    ):
        p.label(ax, place, text, 20)
    p.label(ax, (U, NAME), "update gate $u$\n(often called $z$)", 15)
    p.label(ax, (R, NAME), "reset gate $r$", 15)
    p.label(ax, ((M + X_PART) / 2, NAME), "candidate $n$", 15)
    update_rule = r"$h^{(t)}=(1-u)\odot n+u\odot h^{(t-1)}$"
    p.label(ax, (2.7, 6.45), update_rule, 20)
    p.label(ax, (6.2, 6.45), r"$n=\tanh(W_{x,n}x^{(t)}+b_{x,n}+r\odot m)$", 20, ha="left")
    p.label(ax, (6.2, 5.95), r"$m=W_{h,n}h^{(t-1)}+b_{h,n}$", 20, ha="left")
    return fig, (
        "The gated recurrent unit. A straight line leads from h(t-1) to h(t): the old state is "
        "multiplied by the update gate u, then 1 minus u times the candidate n is added. The "
        "gates u and r are logistic functions of the weighted sums z_u and z_r of x(t) and "
        "h(t-1). The reset gate r multiplies m, the part of the candidate that comes from h(t-1) "
        "through W_h; the part from x(t) is added, and tanh makes the candidate n."
    )
