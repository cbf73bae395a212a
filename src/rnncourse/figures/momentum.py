"""One step with momentum, the gradient taken where one stands or where the velocity leads."""

import numpy as np

from rnncourse import plotting as p

HERE = np.array([1.0, 1.3])
VELOCITY = np.array([3.2, 1.0])  # mu v
CENTER = np.array([5.0, -1.0])  # the minimum of the bowl, below the panel


def _downhill(point):
    """Return -eta dC/dtheta of a bowl around CENTER."""
    return 0.33 * (CENTER - point) * (0.42, 1.0)


def _panel(ax, left, name, look_ahead):
    """Draw where the gradient is taken, and the step that follows."""
    shift = np.array([left, 0.15])
    here, led = HERE + shift, HERE + VELOCITY + shift
    taken = HERE + VELOCITY if look_ahead else HERE
    step = _downhill(taken)
    end = led + step
    points = ((here, "input"), (end, "hidden"))
    marks = [p.node(ax, point, "", kind, 0.11) for point, kind in points]
    p.arrow(ax, marks[0], led, kind="forward")
    p.arrow(ax, led, marks[1], kind="error")
    p.arrow(ax, marks[0], marks[1], kind="recurrent")
    p.label(ax, here + (-0.3, -0.35), r"$\theta$", 20)
    p.label(ax, (here + led) / 2 + (-0.5, 0.3), r"$\mu v$", 20)
    p.label(ax, end + (0.15, -0.42), r"new $\theta$", 18)
    p.label(ax, here + 0.55 * (end - here) + (0.1, -0.5), r"new $v$", 18)
    point = r"\theta+\mu v" if look_ahead else r"\theta"
    p.label(ax, led + (0.85, 0.42), rf"$-\eta\,\nabla C({point})$", 19)
    if not look_ahead:
        p.arrow(ax, marks[0], here + step, kind="error", faded=True)
        p.label(ax, here + step + (0.1, -0.32), "slope is\ntaken here", 14)
    else:
        p.node(ax, led, "", "neutral", 0.11)
        p.label(ax, led + (1.05, -0.6), "slope is\ntaken here", 14)
    p.label(ax, (left + 2.9, 3.65), name, 19)


def momentum_and_nesterov():
    """Draw one step of momentum and one of Nesterov's form, from the same point and velocity."""
    fig, ax = p.canvas(13.2, 4.0)
    _panel(ax, 0.0, "momentum", look_ahead=False)
    _panel(ax, 6.7, "Nesterov", look_ahead=True)
    return fig, (
        "Two drawings of one step, from the same point theta and with the same velocity. Left, "
        "momentum: an arrow mu v leads from theta to a second point; at its end an arrow minus eta "
        "times the slope of C is added, with the slope taken at theta. Right, Nesterov: the same, "
        "but the slope is taken at theta plus mu v, where it is steeper, and the new theta lies "
        "lower. In both the new velocity leads from theta to the new theta."
    )
