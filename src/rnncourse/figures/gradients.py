"""An error on its way back through many steps: it vanishes or it explodes."""

from rnncourse import plotting as p
from rnncourse.figures.symbols import at, h

STEPS, LEFT, GAP = 5, 1.9, 2.1
WIDEST = 4.6  # line width of the widest arrow, as a factor; widths are proportional to the error


def _chain(ax, height, name, factor, factor_text, sizes):
    """Draw the states, and the error that each Jacobian multiplies by a factor in size."""
    places = [LEFT + GAP * k for k in range(STEPS)]
    states = [p.node(ax, (place, height), h(k + 1)) for k, place in enumerate(places)]
    ends = [*states, (places[-1] + 1.4, height)]
    for back in range(STEPS):
        t = STEPS - back
        scale = WIDEST * factor**back / max(1, factor ** (STEPS - 1))
        head = 0.14 + 0.06 * scale
        p.arrow(ax, ends[t], ends[t - 1], kind="error", scale=scale, head=head)
        p.label(ax, (places[t - 1], height - 0.78), sizes[back], 20)
        if t < STEPS:
            middle = places[t - 1] + GAP / 2
            p.label(ax, (middle, height + 0.45), rf"$J^{{({t + 1})\mathsf{{T}}}}$", 19)
            p.label(ax, (middle, height - 0.42), factor_text, 18)
    p.label(ax, (places[-1] + 1.7, height), at("e", STEPS), 20)
    p.label(ax, (0.35, height + 1.02), name, 18, ha="left")
    p.label(ax, (0.75, height - 0.78), "size of\nthe error", 15)


def error_through_time():
    """Draw an error that goes back through five states and shrinks, or grows, at every step."""
    fig, ax = p.canvas(12.6, 6.3)
    names = (
        "vanishing: every Jacobian halves the error",
        "exploding: every Jacobian doubles the error",
    )
    _chain(ax, 4.9, names[0], 0.5, r"$\times\,1/2$", ["$1$", "$1/2$", "$1/4$", "$1/8$", "$1/16$"])
    _chain(ax, 1.95, names[1], 2.0, r"$\times\,2$", ["$1$", "$2$", "$4$", "$8$", "$16$"])
    rule = r"$\partial C/\partial h^{(t-1)}=J^{(t)\mathsf{T}}\,\partial C/\partial h^{(t)}$"
    p.label(ax, (6.1, 0.4), rule + "  when only the last step is scored", 18)
    return fig, (
        "Two rows of five states h(1) to h(5); an error e(5) enters at the right and goes back to "
        "the left, through one transposed Jacobian J(t) at every step. In the upper row each "
        "Jacobian halves the error: its size falls from 1 to 1/16 and the arrows get thinner. In "
        "the lower row each doubles it: the size grows from 1 to 16 and the arrows get thicker."
    )
