"""A quadratic of two unknowns as a valley: steepest descent and conjugate gradients in it."""

from itertools import islice

import numpy as np

from rnncourse import plotting
from rnncourse.hessian_free import conjugate_gradient
from rnncourse.live.sliders import LiveFigure, Slider

N_STEPS = 20


def paths(condition, n_steps=N_STEPS):
    """Return the points that both methods visit on their way to the minimum at zero.

        q(d) = 1/2 (d_0^2 + condition d_1^2),   start (1, 1 / condition)

    From this start, both components of the gradient are equal, and steepest descent is slowest.

    Args:
        condition: ratio of the two eigenvalues, at least 1.
        n_steps: number of steps.

    Returns:
        Two arrays (n_steps + 1, 2): steepest descent, and conjugate gradients, which stay where
        they are once the residual is zero.
    """
    A, start = np.diag([1.0, condition]), np.array([1.0, 1 / condition])
    steepest = [start]
    for _ in range(n_steps):
        r = -A @ steepest[-1]
        curvature = r @ A @ r
        steepest.append(steepest[-1] + (r @ r / curvature * r if curvature else 0.0))
    iterates = conjugate_gradient(A.dot, np.zeros(2), start)
    conjugate = [iterate.d for iterate in islice(iterates, n_steps + 1)]
    conjugate += [conjugate[-1]] * (n_steps + 1 - len(conjugate))
    return np.array(steepest), np.array(conjugate)


def heights(d, condition):
    """Return q at the points d (N, 2), over its value at the first of them."""
    q = 0.5 * (d[:, 0] ** 2 + condition * d[:, 1] ** 2)
    return q / q[0]


def paint(axes, condition):
    """Draw both paths in the valley, and the height against the number of steps."""
    valley, fall = axes
    x, y = np.meshgrid(np.linspace(-0.4, 1.2, 161), np.linspace(-0.6, 0.6, 121))
    q = 0.5 * (x**2 + condition * y**2)
    start = 0.5 * (1 + 1 / condition)
    levels = start * 2.0 ** np.arange(-6, 8)
    valley.contour(x, y, q, levels=levels, colors="#BBBBBB", linewidths=0.8)
    names = ("steepest descent", "conjugate gradients")
    styles = plotting.series_styles(2, markers=True)
    for d, name, style in zip(paths(condition), names, styles, strict=True):
        valley.plot(*d.T, markersize=4, linewidth=1.6, **style)
        height = np.maximum(heights(d, condition), 1e-14)
        fall.plot(height, label=name, markersize=4, linewidth=2.2, **style)
    valley.plot(0, 0, "+", markersize=12, color=plotting.PALETTE["weight"])
    valley.set(xlabel="along the valley", ylabel="across", aspect="equal")
    valley.set_title(rf"$\chi$ = {condition:.4g}")
    fall.set(xlabel="step", ylabel="height, start: 1", yscale="log", ylim=(1e-12, 3))
    left = heights(paths(condition)[0], condition)[-1]
    return (
        f"Condition number {condition:.4g}: conjugate gradients are at the lowest point after two "
        f"steps; steepest descent goes in a zigzag and is after {N_STEPS} steps at {left:.1g} of "
        "the height of the start."
    )


VALLEY = LiveFigure(
    paint,
    panels=2,
    sliders=(Slider("condition number", 2.0, 1000.0, 0.05, logarithmic=True),),
    shown=((2.0,), (5.0,), (20.0,), (200.0,)),
    start=(10.0,),
    alt=(
        "Steepest descent and conjugate gradients in valleys of condition number 2, 5, 20 and 200: "
        "above, their paths over the contour lines, below, the height against the number of steps, "
        "on a log axis. Conjugate gradients are at the lowest point after two steps in each. "
        "Steepest descent goes in a zigzag; its height falls in a straight line that is the "
        "flatter the narrower the valley, and at 200 it has hardly moved."
    ),
    still_size=(11, 5.8),
)
