"""Plots of data: lines, the spread over seeds, matrices, and orders of accuracy."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from rnncourse.plotting.style import STYLE, series_styles


def legend(ax, **options):
    """Add a legend in the house style; returns it."""
    with plt.rc_context(STYLE):
        return ax.legend(**options)


def lines(ax, x, ys, labels, xlabel, ylabel, markers=False):
    """Draw series over a common x, told apart by color and dash, with a legend.

    Args:
        ax: axes to draw on.
        x: (N,) array.
        ys: sequence of up to six (N,) arrays.
        labels: one label for each series.
        xlabel: label of the x axis, with its unit.
        ylabel: label of the y axis, with its unit.
        markers: mark each point; for series of few points.

    Returns:
        The list of the lines.

    Raises:
        ValueError: labels and series differ in number, or a series differs from x in length.
    """
    if len(labels) != len(ys):
        raise ValueError(f"labels has {len(labels)} entries, expected one for each of {len(ys)} ys")
    x = np.asarray(x)
    drawn = []
    for style, y, text in zip(series_styles(len(ys), markers), ys, labels, strict=True):
        if np.shape(y) != x.shape:
            raise ValueError(f"ys {text!r} has shape {np.shape(y)}, expected that of x, {x.shape}")
        drawn += ax.plot(x, y, label=text, linewidth=STYLE["lines.linewidth"], **style)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if len(ys) > 1:
        legend(ax)
    return drawn


def band(ax, x, runs, label, style):
    """Draw the median of several runs as a line, and their range as a band.

    Args:
        ax: axes to draw on.
        x: (N,) array.
        runs: (S, N) array, one row a run (a seed).
        label: label of the line in the legend.
        style: one entry of `series_styles`.

    Returns:
        The line of the median.

    Raises:
        ValueError: runs is not (S, N).
    """
    runs = np.asarray(runs)
    if runs.ndim != 2 or runs.shape[1] != len(x) or not len(runs):
        raise ValueError(f"runs has shape {runs.shape}, expected (S, {len(x)}) with S at least 1")
    median = np.median(runs, axis=0)
    ax.fill_between(
        x, runs.min(axis=0), runs.max(axis=0), color=style["color"], alpha=0.2, linewidth=0
    )
    width = STYLE["lines.linewidth"]
    return ax.plot(x, median, label=f"{label} (median of {len(runs)})", linewidth=width, **style)[0]


def stairs(ax, x, share, low, high, label, style):
    """Draw a share that holds until it jumps; where it is neither 0 nor 1, its interval as a band.

    At 0 and 1 the bands of several lines would cover each other: say in words how wide they are.

    Args:
        ax: axes to draw on.
        x: (N,) array, where each value begins to hold; the last one is where the line ends.
        share: (N,) array.
        low: (N,) array, the lower end of the interval.
        high: (N,) array, the upper end.
        label: label of the line in the legend.
        style: one entry of `series_styles`, or other options of a line.

    Returns:
        The line.

    Raises:
        ValueError: if the arrays differ in length.
    """
    for name, values in (("share", share), ("low", low), ("high", high)):
        if np.shape(values) != np.shape(x):
            raise ValueError(
                f"{name} has shape {np.shape(values)}, expected that of x, {np.shape(x)}"
            )
    inside = (np.asarray(share) > 0) & (np.asarray(share) < 1)
    inside[1:] |= inside[:-1]  # a band ends where the next value begins
    band = {"color": style["color"], "alpha": 0.15, "linewidth": 0}
    ax.fill_between(x, low, high, inside, step="post", **band)
    options = {"linewidth": STYLE["lines.linewidth"], **style}
    return ax.step(x, share, where="post", label=label, **options)[0]


def heatmap(ax, matrix, xlabel, ylabel, label, symmetric=False):
    """Draw a matrix in a perceptually uniform map that also reads in gray, with a color bar.

    Args:
        ax: axes to draw on.
        matrix: (M, N) array; row 0 is drawn at the top, as the matrix is written.
        xlabel: what the columns are.
        ylabel: what the rows are.
        label: what the entries are, with their unit.
        symmetric: center the color range on zero.

    Returns:
        The image.

    Raises:
        ValueError: matrix does not have two axes.
    """
    matrix = np.asarray(matrix)
    if matrix.ndim != 2:
        raise ValueError(f"matrix has shape {matrix.shape}, expected (M, N)")
    with plt.rc_context(STYLE):
        image = ax.imshow(matrix, cmap="cividis", aspect="auto", interpolation="nearest")
        if symmetric:
            limit = np.abs(matrix).max() or 1.0
            image.set_clim(-limit, limit)
        for axis in (ax.xaxis, ax.yaxis):  # units are counted, not measured
            axis.set_major_locator(MaxNLocator(6, integer=True))
        ax.set(xlabel=xlabel, ylabel=ylabel)
        ax.figure.colorbar(image, ax=ax, label=label)
    return image


def slope_guide(ax, x, y, order, label=None):
    """Draw a thin line of the given order on log-log axes: y (x / x[0])^order.

    Args:
        ax: axes to draw on; both of its scales are set to log.
        x: (2,) first and last x of the line, positive.
        y: value at x[0], positive.
        order: the slope.
        label: text at the far end; "order 2" for order 2 unless given.

    Returns:
        The line.

    Raises:
        ValueError: x or y is not positive.
    """
    if len(x) != 2 or min(x) <= 0 or y <= 0:
        raise ValueError(f"x is {x!r} and y is {y!r}, expected two positive x and a positive y")
    ax.set(xscale="log", yscale="log")
    ends = np.array([y, y * (x[1] / x[0]) ** order])
    text = f"order {order:g}" if label is None else label
    ax.annotate(
        text, (x[1], ends[1]), (4, 0), textcoords="offset points", va="center", color="#555555"
    ).set_fontsize(STYLE["legend.fontsize"])
    return ax.plot(x, ends, color="#555555", linewidth=1.2, linestyle=(0, (1, 1)))[0]
