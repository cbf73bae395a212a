"""The arrays of a net with D = 3 inputs, H = 4 hidden units and K = 2 outputs, as grids."""

from rnncourse import plotting as p
from rnncourse.figures.symbols import B_H, B_Y, W_HH, W_HX, W_YH, h, x, y, y_hat, z

D, H, K = 3, 4, 2
CELL = 0.3


def _column(ax, place, height, n, text, kind):
    return p.matrix(ax, (place, height), (n, 1), text, kind, CELL)


def _hidden_from(ax, right_of_input, height=1.5, top=3.9):
    """Draw x through W_hx, and h(t-1) through W_hh; returns the two grids of weights."""
    start = right_of_input
    inputs = _column(ax, start, height, D, x(), "input")
    w_hx = p.matrix(ax, (start + 1.9, height), (H, D), W_HX, cell=CELL)
    before = _column(ax, start, top, H, h("t-1"), "hidden")
    w_hh = p.matrix(ax, (start + 1.9, top), (H, H), W_HH, cell=CELL)
    p.arrow(ax, inputs, w_hx)
    p.arrow(ax, before, w_hh, kind="recurrent")
    p.label(ax, (start, height - 0.85), "$D$", size=16)
    p.label(ax, (start + 1.9, height - 0.85), r"$H\times D$", size=16)
    p.label(ax, (start, top - 0.85), "$H$", size=16)
    p.label(ax, (start + 1.9, top - 0.85), r"$H\times H$", size=16)
    return w_hx, w_hh


def weight_matrices():
    """Draw the three weight matrices of a single-layer net with what they multiply."""
    fig, ax = p.canvas(9.6, 5.3)
    w_hx, w_hh = _hidden_from(ax, 0.9)
    state = _column(ax, 5.0, 2.7, H, h(), "hidden")
    w_yh = p.matrix(ax, (6.8, 2.7), (K, H), W_YH, cell=CELL)
    output = _column(ax, 8.5, 2.7, K, y_hat(), "output")
    p.arrow(ax, w_hx, state)
    p.arrow(ax, w_hh, state, kind="recurrent")
    p.arrow(ax, state, w_yh)
    p.arrow(ax, w_yh, output)
    p.label(ax, (5.0, 1.85), "$H$", size=16)
    p.label(ax, (6.8, 2.1), r"$K\times H$", size=16)
    p.label(ax, (8.5, 2.1), "$K$", size=16)
    return fig, (
        "The weight matrices of a net with one hidden layer as grids: W_hx of shape H by D takes "
        "the input x(t) to the state h(t), W_hh of shape H by H takes the state before, h(t-1), "
        "to h(t), and W_yh of shape K by H takes h(t) to the output y-hat(t)."
    )


def _net_input(ax):
    w_hx, w_hh = _hidden_from(ax, 0.9)
    plus = p.node(ax, (4.5, 2.7), "$+$", "neutral", 0.26, 22)
    bias = _column(ax, 4.5, 4.12, H, B_H, "weight")
    net = _column(ax, 5.7, 2.7, H, z(), "neutral")
    state = _column(ax, 7.7, 2.7, H, h(), "hidden")
    p.arrow(ax, w_hx, plus)
    p.arrow(ax, w_hh, plus, kind="recurrent")
    p.arrow(ax, bias, plus)
    p.arrow(ax, plus, net)
    p.arrow(ax, net, state)
    p.label(ax, (6.7, 2.95), r"$\tanh$", size=19)
    return state


def weight_matrices_net_input():
    """Draw how z(t) is summed and h(t) is its tanh."""
    fig, ax = p.canvas(9.2, 5.3)
    _net_input(ax)
    p.label(ax, (6.9, 1.2), r"$z^{(t)}=W_{hx}x^{(t)}+W_{hh}h^{(t-1)}+b_h$", size=19)
    p.label(ax, (6.9, 0.55), r"$h^{(t)}=\tanh z^{(t)}$", size=19)
    return fig, (
        "Three columns meet in a plus sign: W_hx times the input x(t), W_hh times the state "
        "before, h(t-1), and the bias b_h. Their sum is the net input z(t), a column of H "
        "entries, and tanh of each entry gives the state h(t)."
    )


def weight_matrices_output():
    """Draw the whole step: net input, state, output, and the loss of output and target."""
    fig, ax = p.canvas(13.2, 5.3)
    state = _net_input(ax)
    w_yh = p.matrix(ax, (9.2, 2.7), (K, H), W_YH, cell=CELL)
    plus = p.node(ax, (10.5, 2.7), "$+$", "neutral", 0.26, 22)
    bias = _column(ax, 10.5, 4.0, K, B_Y, "weight")
    output = _column(ax, 11.5, 2.7, K, y_hat(), "output")
    loss = p.box(ax, (12.6, 2.7), 0.7, 0.7, "$C$", "error", 20)
    target = _column(ax, 12.6, 4.0, K, y(), "output")
    p.arrow(ax, state, w_yh)
    p.arrow(ax, w_yh, plus)
    p.arrow(ax, bias, plus)
    p.arrow(ax, plus, output)
    p.arrow(ax, output, loss)
    p.arrow(ax, target, loss)
    p.label(ax, (9.2, 2.1), r"$K\times H$", size=16)
    p.label(ax, (6.9, 1.2), r"$z^{(t)}=W_{hx}x^{(t)}+W_{hh}h^{(t-1)}+b_h$", size=19)
    p.label(ax, (6.9, 0.55), r"$h^{(t)}=\tanh z^{(t)}$", size=19)
    p.label(ax, (11.2, 1.2), r"$\hat{y}^{(t)}=W_{yh}h^{(t)}+b_y$", size=19)
    return fig, (
        "One whole step of a net with one hidden layer. W_hx x(t), W_hh h(t-1) and b_h add up to "
        "z(t); tanh gives h(t); W_yh h(t) and b_y add up to the output y-hat(t), which the loss C "
        "compares with the target y(t)."
    )
