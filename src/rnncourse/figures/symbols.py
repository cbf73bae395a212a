"""The letters of the course as mathtext, so that every drawing spells them alike.

Superscript (t) is time. Where a net has several layers, the subscript is the layer: h_2^{(t)} is
the state of the second layer, W_{hx,2} and W_{hh,2} its weights; its input is h_1^{(t)}.
"""


def at(letter, time):
    """Return a letter with its time as superscript, in parentheses."""
    return rf"${letter}^{{({time})}}$"


def x(time="t"):
    """Return the input at a time."""
    return at("x", time)


def h(time="t", layer=None):
    """Return the hidden state at a time, of a layer."""
    return at("h" if layer is None else f"h_{{{layer}}}", time)


def c(time="t"):
    """Return the memory cell at a time."""
    return at("c", time)


def z(time="t", layer=None):
    """Return the weighted sum at a time, of a layer."""
    return at("z" if layer is None else f"z_{{{layer}}}", time)


def y(time="t"):
    """Return the target at a time."""
    return at("y", time)


def y_hat(time="t"):
    """Return the output at a time."""
    return at(r"\hat{y}", time)


W_HX, W_HH, W_YH = "$W_{hx}$", "$W_{hh}$", "$W_{yh}$"
B_H, B_Y = "$b_h$", "$b_y$"
