"""Learning in time: shared weights, truncation, and sensitivities carried forward."""

from rnncourse import plotting as p
from rnncourse.figures.symbols import at, h, x


def shared_weights():
    """Draw the unrolled net with one copy of W_hh for each step, and the sum of their gradients."""
    fig, ax = p.canvas(11.6, 5.3)
    before = p.node(ax, (0.75, 4.0), h(0), "hidden", faded=True)
    p.box(ax, (5.35, 0.75), 8.4, 0.95, "", "error")
    text = r"$\partial C/\partial W_{hh}=\partial C/\partial W_{hh}^{[1]}"
    p.label(
        ax,
        (5.35, 0.75),
        text + r"+\partial C/\partial W_{hh}^{[2]}+\partial C/\partial W_{hh}^{[3]}$",
        size=19,
    )
    for t in (1, 2, 3):
        place = 0.75 + 3.3 * t
        weight = p.matrix(ax, (place - 1.65, 4.0), (3, 3), f"$W_{{hh}}^{{[{t}]}}$", cell=0.3)
        state = p.node(ax, (place, 4.0), h(t), "hidden")
        p.arrow(ax, before, weight, kind="recurrent")
        p.arrow(ax, weight, state, kind="recurrent")
        below = p.node(ax, (place, 2.6), x(t), "input", 0.36)
        p.arrow(ax, below, state)
        p.arrow(ax, weight, (place - 1.65, 1.26), kind="error")
        p.label(
            ax,
            (place - 1.75, 2.3),
            rf"$\delta^{{({t})}}h^{{({t - 1})\mathsf{{T}}}}$",
            size=18,
            ha="right",
        )
        before = state
    p.label(ax, (10.65, 0.75), "constraint:\nall copies equal", size=15)
    return fig, (
        "A net unrolled over three steps in which each step has its own copy of the recurrent "
        "matrix, W_hh[1], W_hh[2] and W_hh[3], drawn as grids between the states. A dashed arrow "
        "leads down from each copy with its gradient delta(t) h(t-1) transposed; because the "
        "copies are constrained to be equal, the gradient of the shared matrix is the sum of the "
        "three."
    )


def truncation_windows():
    """Draw full backpropagation through time above truncation into windows of three steps."""
    fig, ax = p.canvas(11.6, 6)
    for bottom, window, name in ((4.3, 9, "full"), (1.55, 3, "truncated: windows of 3 steps")):
        p.label(ax, (0.5, bottom + 1.2), name, size=18, ha="left")
        for start in range(0, 9, window):
            width = 1.2 * window - 0.14
            p.box(ax, (1.0 + 1.2 * start + 0.6 * (window - 1), bottom), width, 1.75)
        before = None
        for t in range(1, 10):
            state = p.node(ax, (1.0 + 1.2 * (t - 1), bottom + 0.3), h(t), "hidden", 0.34, 17)
            if before:
                p.arrow(ax, before, state, kind="recurrent", head=0.13)
            before = state
        for start in range(0, 9, window):
            right, left = 1.0 + 1.2 * (start + window - 1), 1.0 + 1.2 * start
            p.arrow(ax, (right + 0.25, bottom - 0.5), (left - 0.3, bottom - 0.5), kind="error")
    p.key(
        ax,
        (2.2, 0.3),
        [("recurrent", "state: carried on"), ("error", "error: stops at the frame")],
        step=3.6,
    )
    return fig, (
        "Nine states in a row, twice. Above, full backpropagation through time: one dashed error "
        "arrow runs back from step 9 to step 1. Below, truncation into three windows of three "
        "steps: the state is still carried on from window to window, but each error arrow stops "
        "at the start of its window."
    )


def forward_sensitivities():
    """Draw what backpropagation through time and real-time recurrent learning carry."""
    fig, ax = p.canvas(11.6, 6.8)
    places = [2.5, 4.9, 7.3, 9.7]
    p.label(
        ax,
        (0.3, 6.45),
        "backpropagation through time: errors run back from the end",
        size=18,
        ha="left",
    )
    p.label(
        ax, (0.3, 3.2), "real-time recurrent learning: everything runs forward", size=18, ha="left"
    )
    for bottom, real_time in ((5.5, False), (2.35, True)):
        before = start = None
        for t, place in enumerate(places, 1):
            state = p.node(ax, (place, bottom), h(t), "hidden")
            if real_time:
                below = p.box(ax, (place, bottom - 1.2), 0.95, 0.7, at("S", t), "weight", 20)
                p.arrow(ax, below, (place, bottom - 2.02), kind="error")
                p.arrow(ax, state, below)
            else:
                below = p.node(ax, (place, bottom - 1.3), at(r"\delta", t), "error")
                p.arrow(ax, state, below)
            if before:
                p.arrow(ax, before, state, kind="recurrent")
                if real_time:
                    p.arrow(ax, start, below, kind="recurrent")
                else:
                    p.arrow(ax, below, start, kind="error")
            before, start = state, below
    p.label(ax, (1.0, 5.5), "states, kept", size=15)
    p.label(ax, (1.0, 4.2), "errors", size=15)
    p.label(ax, (1.0, 2.35), "state", size=15)
    p.label(ax, (1.0, 1.15), "sensitivity", size=15)
    p.label(ax, (1.0, 0.33), "gradient,\nevery step", size=15)
    p.label(ax, (10.9, 4.85), "memory\n$T\\times H$", size=17)
    p.label(ax, (10.9, 1.75), "memory\n$H\\times P$", size=17)
    p.label(ax, (6.1, 0.28), r"$S^{(t)}=\partial h^{(t)}/\partial\theta$", size=18, clear=True)
    return fig, (
        "Two rows of four time steps. In backpropagation through time the states run forward and "
        "are kept, memory T times H, then the error derivatives delta run back from the last step "
        "to the first. In real-time recurrent learning nothing runs back: each state carries on a "
        "sensitivity S(t), the derivative of h(t) with respect to all parameters, memory H times "
        "P, and a gradient is ready at every step."
    )
