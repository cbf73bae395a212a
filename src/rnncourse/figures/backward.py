"""The backward pass: through the output layer, through any node, as a stack that is peeled."""

from rnncourse import plotting as p
from rnncourse.figures.symbols import W_YH, h, y, y_hat, z

D_YHAT = r"$\partial C/\partial\hat{y}^{(t)}$"


def backward_output_layer():
    """Draw the error derivative on its way from the loss through the output layer."""
    fig, ax = p.canvas(11, 4.9)
    state = p.node(ax, (1.5, 2.9), h(), "hidden", 0.48, 22)
    output = p.node(ax, (5.5, 2.9), y_hat(), "output", 0.48, 22)
    loss = p.box(ax, (9.5, 2.9), 0.95, 0.9, "$C$", "error", 22)
    target = p.node(ax, (9.5, 4.35), y(), "output", 0.4)
    p.arrow(ax, state, output, bend=-0.12)
    p.arrow(ax, output, loss, bend=-0.12)
    p.arrow(ax, target, loss)
    p.arrow(ax, output, state, kind="error", bend=-0.12)
    p.arrow(ax, loss, output, kind="error", bend=-0.12)
    p.label(ax, (3.5, 3.75), W_YH, size=20)
    p.label(ax, (3.5, 1.95), r"$W_{yh}^{\mathsf{T}}$", size=20)
    p.label(ax, (7.5, 1.95), D_YHAT, size=20)
    e = r"$e^{(t)}=W_{yh}^{\mathsf{T}}\,\partial C/\partial\hat{y}^{(t)}$"
    p.label(ax, (1.6, 1.15), e, size=20)
    gradient = (
        r"$\dfrac{\partial C}{\partial W_{yh}}"
        r"=\sum_t\dfrac{\partial C}{\partial\hat{y}^{(t)}}\,h^{(t)\mathsf{T}}$"
    )
    p.label(ax, (5.9, 1.0), gradient, size=22)
    p.key(ax, (3.9, 0.28), [("forward", "forward"), ("error", "backward")], step=2.4)
    return fig, (
        "Solid arrows lead forward from the state h(t) through W_yh to the output y-hat(t) and "
        "the loss C, which also takes the target y(t). Dashed arrows lead back: C sends its "
        "derivative to y-hat(t), and W_yh transposed turns it into e(t), what reaches h(t). The "
        "gradient of W_yh is the sum over time of that derivative times h(t) transposed."
    )


def backward_arbitrary_node():
    """Draw the three ways by which error reaches h(t), and what is made of their sum."""
    fig, ax = p.canvas(11.6, 6.2)
    node = p.node(ax, (4.6, 2.9), h("t", "l"), "hidden", 0.52, 22)
    output = p.node(ax, (2.2, 5.1), y_hat(), "output", 0.46)
    above = p.node(ax, (4.6, 5.1), z("t", "l+1"), "neutral", 0.52)
    later = p.node(ax, (8.6, 2.9), z("t+1", "l"), "neutral", 0.52)
    net = p.node(ax, (4.6, 0.95), z("t", "l"), "neutral", 0.46)
    p.arrow(ax, output, node, kind="immediate")
    p.arrow(ax, above, node, kind="immediate")
    p.arrow(ax, later, node, kind="error")
    p.arrow(ax, node, net, kind="error")
    p.label(ax, (1.95, 3.95), r"$W_{yh}^{\mathsf{T}}$", size=20)
    p.label(ax, (5.3, 4.05), r"$W_{hx,l+1}^{\mathsf{T}}$", size=20)
    p.label(ax, (6.7, 3.3), r"$W_{hh,l}^{\mathsf{T}}$", size=20)
    p.label(ax, (8.6, 3.72), r"$\delta_l^{(t+1)}$", size=20)
    p.label(ax, (5.5, 5.3), r"$\delta_{l+1}^{(t)}$", size=20)
    p.label(ax, (0.95, 5.3), D_YHAT, size=18)
    p.label(ax, (6.0, 5.3), "from the layer above,\nif there is one", size=16, ha="left")
    p.label(ax, (2.4, 5.85), "from its own output, in the last layer", size=16)
    p.label(ax, (8.6, 2.15), "from the next step", size=16)
    total = r"$\partial C/\partial h_l^{(t)}=e_l^{(t)}+W_{hh,l}^{\mathsf{T}}\,\delta_l^{(t+1)}$"
    p.label(ax, (5.4, 1.6), total, size=20, ha="left")
    own = r"$\delta_l^{(t)}=\left(1-h_l^{(t)\,2}\right)\,\partial C/\partial h_l^{(t)}$"
    p.label(ax, (5.4, 0.95), own, size=20, ha="left")
    p.label(ax, (2.2, 2.4), "$e_l^{(t)}$: sum of the\ndotted arrows", size=16)
    p.key(
        ax,
        (0.9, 0.25),
        [
            ("immediate", "immediate: later states of layer $l$ fixed"),
            ("error", "total: all of the future"),
        ],
        step=5.6,
    )
    return fig, (
        "Error reaches the state h_l(t) by three ways: from its own output through W_yh "
        "transposed and from the layer above through W_hx transposed, both drawn dotted because "
        "they are the immediate part e_l(t) at fixed later states, and from step t+1 through W_hh "
        "transposed, drawn dashed. The sum of all is the total derivative, which the slope of "
        "tanh turns into delta_l(t) at z_l(t)."
    )


def _stack(ax, place, bottom, times):
    """Draw a stack with one record for each time; returns the height of its top."""
    for i, t in enumerate(times):
        text = f"$x^{{({t})}},\\,h^{{({t - 1})}},\\,h^{{({t})}}$"
        p.box(ax, (place, bottom + 0.52 * i), 1.8, 0.46, text, "hidden", 15)
    return bottom + 0.52 * i + 0.23


def stack_and_peel():
    """Draw the stack of activities that the forward pass builds and the backward pass peels."""
    fig, ax = p.canvas(12.3, 5.6)
    p.label(ax, (2.95, 5.2), "forward pushes", size=18)
    p.label(ax, (8.2, 5.2), "backward pops, and adds", size=18)
    before = p.node(ax, (6.0, 3.4), "$0$", "neutral", 0.26)
    for i in range(3):
        place = 1.05 + 1.9 * i
        top = _stack(ax, place, 1.0, range(1, i + 2))
        p.arrow(ax, (place, 3.1), (place, top + 0.04))
        p.label(ax, (place, 3.35), "push", size=16)
        p.label(ax, (place, 0.4), f"$t={i + 1}$", size=18)
        place = 7.2 + 1.9 * i
        top = _stack(ax, place, 1.0, range(1, 4 - i))
        term = p.node(ax, (place, 3.4), "$+$", "neutral", 0.26, 22)
        p.arrow(ax, (place, top + 0.04), term, kind="error")
        text = rf"$\delta^{{({3 - i})}}\,h^{{({2 - i})\mathsf{{T}}}}$"
        p.label(ax, (place + 0.1, 2.72), text, size=17, ha="left")
        p.label(ax, (place, 0.4), f"$t={3 - i}$", size=18)
        p.arrow(ax, before, term, kind="error")
        before = term
    p.arrow(ax, before, (place, 4.1), kind="error")
    gradient = r"$\dfrac{\partial C}{\partial W_{hh}}=\sum_t\delta^{(t)}h^{(t-1)\mathsf{T}}$"
    p.label(ax, (10.3, 4.55), gradient, size=19)
    return fig, (
        "Left, the forward pass pushes the activities x(t), h(t-1), h(t) of times 1, 2 and 3 on a "
        "stack that grows to three records. Right, the backward pass pops them in the order 3, 2, "
        "1; each time adds its term delta(t) h(t-1) transposed to a running sum that starts from "
        "zero and ends as the gradient of W_hh."
    )
