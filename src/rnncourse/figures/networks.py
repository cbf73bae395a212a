"""What a recurrent net is: beside a feed-forward net, unfolded in time, and unit by unit."""

import numpy as np

from rnncourse import plotting as p
from rnncourse.figures.symbols import W_HH, W_HX, W_YH, h, x, y_hat


def _layer(ax, center, n, kind, gap=0.95, radius=0.27):
    places = center[0] + gap * (np.arange(n) - (n - 1) / 2)
    return [p.node(ax, (place, center[1]), kind=kind, radius=radius) for place in places]


def _connect(ax, lower, upper):
    for a in lower:
        for b in upper:
            p.arrow(ax, a, b, head=0.12)


def feedforward_beside_recurrent():
    """Draw a fully connected net, and the same net with a recurrent hidden layer."""
    fig, ax = p.canvas(11, 5)
    for center, recurrent in ((2.6, False), (7.6, True)):
        inputs = _layer(ax, (center, 1.0), 3, "input")
        outputs = _layer(ax, (center, 4.0), 2, "output")
        if recurrent:
            layer = p.box(ax, (center, 2.5), 4.1, 0.86)
        hidden = _layer(ax, (center, 2.5), 4, "hidden")
        _connect(ax, inputs, hidden)
        _connect(ax, hidden, outputs)
    p.loop(ax, layer, (9.85, 2.5), 0.36, W_HH, at=(10.15, 3.1))
    p.label(ax, (10.2, 1.8), "one step\nlater", size=15)
    p.label(ax, (2.6, 4.72), "feed-forward net", size=18)
    p.label(ax, (7.6, 4.72), "recurrent net", size=18)
    for center, below, middle, above in (
        (2.6, "$x$", "$h$", r"$\hat{y}$"),
        (7.6, x(), h(), y_hat()),
    ):
        p.label(ax, (center - 1.75, 1.0), below, ha="right")
        p.label(ax, (center - 2.15, 2.5), middle, ha="right")
        p.label(ax, (center - 1.75, 4.0), above, ha="right")
    p.label(ax, (2.6, 0.36), "one input, one output", size=15)
    p.label(ax, (7.6, 0.36), "one input and one output at every step $t$", size=15)
    return fig, (
        "Two nets side by side, each with three inputs below, four hidden units in the middle and "
        "two outputs above, every layer fully connected to the next. In the feed-forward net all "
        "arrows point up; in the recurrent net the hidden layer also feeds itself one step later, "
        "through the weights W_hh."
    )


def _step(ax, place, time, layers=1, bottom=0.8, rise=1.3, weights=False, radius=0.4):
    """Draw input, hidden layers and output of one time step; returns the hidden nodes."""
    below = p.node(ax, (place, bottom), x(time), "input", radius)
    hidden = []
    for layer in range(1, layers + 1):
        text = h(time, layer if layers > 1 else None)
        node = p.node(ax, (place, bottom + layer * rise), text, "hidden", radius)
        p.arrow(ax, below, node)
        below = node
        hidden.append(node)
    output = p.node(ax, (place, bottom + (layers + 1) * rise), y_hat(time), "output", radius)
    p.arrow(ax, below, output)
    if weights:
        p.label(ax, (place + 0.12, bottom + rise / 2), W_HX, ha="left")
        p.label(ax, (place + 0.12, bottom + 1.5 * rise), W_YH, ha="left")
    return hidden


def _time_axis(ax, left, right, height):
    p.arrow(ax, (left, height), (right, height), kind="time")
    p.label(ax, ((left + right) / 2, height - 0.02), "time", size=14, clear=True)


def unfolded_single_layer():
    """Draw a single-layer net with its loop, and the same net unfolded in time."""
    fig, ax = p.canvas(11.6, 4.6)
    hidden = _step(ax, 1.3, "t", weights=True, bottom=1.0)[0]
    p.loop(ax, hidden, (0.78, 2.3), 0.32, W_HH, at=(0.6, 2.86))
    p.label(ax, (2.85, 2.3), "=", size=30)
    start = p.node(ax, (4.1, 2.3), h(0), "hidden", 0.4, faded=True)
    steps = [(5.8, "1"), (7.5, "2"), (9.2, "3")]
    before = start
    for place, time in steps:
        now = _step(ax, place, time, weights=True, bottom=1.0)[0]
        p.arrow(ax, before, now, kind="recurrent")
        p.label(ax, (place - 0.85, 2.58), W_HH)
        before = now
    p.arrow(ax, before, (10.45, 2.3), kind="recurrent")
    p.label(ax, (10.85, 2.3), r"$\cdots$", size=24)
    _time_axis(ax, 5.3, 10.9, 0.25)
    return fig, (
        "Left, a recurrent net with one hidden layer: input x(t) enters h(t) through W_hx, h(t) "
        "feeds itself through W_hh and gives the output y-hat(t) through W_yh. Right, the same "
        "net unfolded from left to right for times 1, 2, 3 and on, starting from the state h(0): "
        "every step has its own input, state and output, and every step uses the same three "
        "weight matrices."
    )


def unfolded_layers():
    """Draw a net of one hidden layer beside a net of two, both unfolded in time."""
    fig, ax = p.canvas(11.6, 5.6)
    for left, layers in ((0.9, 1), (6.6, 2)):
        before = None
        for i, time in enumerate(("1", "2", "3", "4")):
            hidden = _step(ax, left + 1.36 * i, time, layers, bottom=0.95, rise=1.22)
            if before:
                for a, b in zip(before, hidden, strict=True):
                    p.arrow(ax, a, b, kind="recurrent")
            before = hidden
        _time_axis(ax, left - 0.4, left + 4.5, 0.25)
    p.label(ax, (2.94, 5.3), "one hidden layer", size=18)
    p.label(ax, (8.64, 5.3), "two hidden layers", size=18)
    return fig, (
        "Two nets unfolded over four time steps, time running to the right. With one hidden "
        "layer, each state h(t) receives the input x(t) from below and the state before from the "
        "left, and gives the output above. With two, the states of the first layer are the input "
        "of the second layer at the same step, and each layer has its own arrows from step to "
        "step."
    )


def two_inputs_of_a_hidden_unit():
    """Draw what one hidden unit receives: this step's input and the states of the step before."""
    fig, ax = p.canvas(11, 5.2)
    heights = (4.2, 3.1, 2.0)
    before = [p.node(ax, (1.0, y), kind="hidden", radius=0.34) for y in heights]
    now = [
        p.node(ax, (4.2, y), "$i$" if y == 3.1 else "", "hidden", 0.34, faded=y != 3.1)
        for y in heights
    ]
    inputs = [p.node(ax, (place, 0.55), kind="input", radius=0.3) for place in (3.4, 5.0)]
    for node in before:
        p.arrow(ax, node, now[1], kind="recurrent")
    for node, bend in zip(inputs, (-0.16, 0.16), strict=True):
        p.arrow(ax, node, now[1], bend=bend)
    p.label(ax, (1.0, 4.85), h("t-1"), size=20)
    p.label(ax, (4.2, 4.85), h(), size=20)
    p.label(ax, (5.5, 0.55), x(), ha="left", size=20)
    p.label(ax, (2.6, 4.15), "row $i$ of " + W_HH)
    p.label(ax, (5.25, 1.6), "row $i$ of " + W_HX, ha="left")
    total = r"$z_i^{(t)}=\sum_j W_{hx,ij}\,x_j^{(t)}+\sum_j W_{hh,ij}\,h_j^{(t-1)}+b_{h,i}$"
    p.label(ax, (5.25, 4.0), total, ha="left", size=19)
    p.label(ax, (5.25, 2.9), r"$h_i^{(t)}=\tanh\left(z_i^{(t)}\right)$", ha="left", size=19)
    return fig, (
        "One hidden unit i of h(t) in the middle receives two sets of arrows: from every unit of "
        "the input x(t) of this step, through row i of W_hx, and from every hidden unit of the "
        "step before, h(t-1), through row i of W_hh. Their sum and the bias pass through tanh."
    )
