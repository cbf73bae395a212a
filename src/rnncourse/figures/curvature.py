"""The product with the Gauss-Newton matrix: forward along a direction, through the loss, back."""

from rnncourse import plotting as p
from rnncourse.figures.symbols import h, y_hat


def gauss_newton_product():
    """Draw J v forward through an unfolded net, l'' at its output, and J^T back."""
    fig, ax = p.canvas(12, 5.2)
    states = [
        p.node(ax, (1.6 + 2.2 * i, 2.4), h(t), "hidden", 0.48, 20)
        for i, t in enumerate(("1", "2", "3"))
    ]
    for i, state in enumerate(states):
        v = p.box(ax, (1.6 + 2.2 * i, 0.75), 0.62, 0.56, "$v$", "neutral", 20)
        p.arrow(ax, v, state, bend=-0.14)
        p.arrow(ax, state, v, kind="error", bend=-0.14)
    for before, after in zip(states, states[1:], strict=False):
        p.arrow(ax, before, after, bend=-0.16)
        p.arrow(ax, after, before, kind="error", bend=-0.16)
    output = p.node(ax, (8.6, 2.4), y_hat("3"), "output", 0.48, 20)
    v = p.box(ax, (8.6, 0.75), 0.62, 0.56, "$v$", "neutral", 20)
    p.arrow(ax, v, output, bend=-0.14)
    p.arrow(ax, output, v, kind="error", bend=-0.14)
    loss = p.box(ax, (10.9, 2.4), 0.9, 0.9, r"$\ell''$", "error", 22)
    p.arrow(ax, states[-1], output, bend=-0.16)
    p.arrow(ax, output, states[-1], kind="error", bend=-0.16)
    p.arrow(ax, output, loss, bend=-0.16)
    p.arrow(ax, loss, output, kind="error", bend=-0.16)
    p.label(ax, (4.9, 3.45), r"1. forward: $J v$, how the output moves along $v$", size=18)
    p.label(ax, (10.3, 3.95), "2. times the curvature\nof the loss: $\\ell'' J v$", size=18)
    p.label(ax, (10.45, 0.95), r"3. back: $G v = J^{\mathsf{T}} \ell'' J v$", size=17)
    p.key(ax, (3.0, 4.75), [("forward", "directional derivative"), ("error", "error")], step=4.2)
    return fig, (
        "A net unfolded over three steps. Solid arrows lead from the direction v into every state "
        "and into the output, and from each state on to the next and to the output: this is J v. A "
        "box at the output multiplies by l'', the curvature of the loss. Dashed arrows lead back "
        "the same ways and collect G v = J-transposed l'' J v."
    )
