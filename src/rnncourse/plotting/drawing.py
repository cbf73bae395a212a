"""The parts of a drawing of a net: units, layers, weight matrices, boxes and labels.

    node    input: square, hidden: circle, output: hexagon, neutral: white circle

Positions and sizes are in inches from the lower left corner of the canvas.
"""

from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import patches

from rnncourse.plotting.style import FILLS, PALETTE, STYLE


class Shape(NamedTuple):
    """Something an arrow can start or end at."""

    xy: tuple  # center
    patch: patches.Patch


def canvas(width, height):
    """Return a figure of width x height inches and one empty axes whose unit is the inch."""
    with plt.rc_context({**STYLE, "figure.constrained_layout.use": False}):
        fig = plt.figure(figsize=(width, height))
        ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.axis("off")
    return fig, ax


def label(ax, xy, text, size=18, color="#111111", ha="center", va="center", clear=False):
    """Write text at xy; `clear` puts white behind it, so that a line can pass."""
    with plt.rc_context(STYLE):
        behind = {"facecolor": "white", "edgecolor": "none", "pad": 1.5} if clear else None
        return ax.text(*xy, text, size=size, color=color, ha=ha, va=va, bbox=behind, zorder=5)


def _look(kind, faded):
    if kind not in FILLS:
        raise ValueError(f"kind is {kind!r}, expected one of {', '.join(FILLS)}")
    face = "white" if faded or kind == "neutral" else FILLS[kind]
    edge = "#999999" if faded else PALETTE[kind]
    return {
        "facecolor": face,
        "edgecolor": edge,
        "linewidth": 1.2 if faded else 2.0,
        "zorder": 3,
        "linestyle": (0, (2, 2)) if faded else "-",
    }


def node(ax, xy, text="", kind="hidden", radius=0.4, size=20, faded=False):
    """Draw one unit or one layer as a node.

    Args:
        ax: axes of a canvas.
        xy: center.
        text: label inside.
        kind: input (square), hidden (circle), output (hexagon), neutral or error (circle).
        radius: half of its height.
        size: font size of the label.
        faded: draw it as absent: pale, dashed outline.

    Returns:
        A Shape for `arrow`.
    """
    look = _look(kind, faded)
    if kind == "input":
        corner = (xy[0] - radius, xy[1] - radius)
        patch = patches.Rectangle(corner, 2 * radius, 2 * radius, **look)
    elif kind == "output":
        patch = patches.RegularPolygon(xy, 6, radius=1.12 * radius, orientation=np.pi / 6, **look)
    else:
        patch = patches.Circle(xy, radius, **look)
    ax.add_patch(patch)
    if text:
        label(ax, xy, text, size=size, color="#777777" if faded else "#111111")
    return Shape(xy, patch)


def box(ax, xy, width, height, text="", kind="neutral", size=17, faded=False):
    """Draw a rounded box centered at xy, with text inside; returns a Shape."""
    corner = (xy[0] - width / 2, xy[1] - height / 2)
    style = patches.BoxStyle("Round", pad=0, rounding_size=0.12)
    look = {**_look(kind, faded), "zorder": 1}  # below arrows: a box may frame other parts
    patch = patches.FancyBboxPatch(corner, width, height, style, **look)
    ax.add_patch(patch)
    if text:
        label(ax, xy, text, size=size, color="#777777" if faded else "#111111")
    return Shape(xy, patch)


def valve(ax, xy, size=0.3):
    """Draw a valve, two triangles that meet: it multiplies what flows through it by a gate.

    Returns:
        A Shape, `size` from its center to its left and right edge.
    """
    corners = np.array([(-1, -0.8), (-1, 0.8), (1, -0.8), (1, 0.8)]) * size + np.asarray(xy)
    patch = patches.Polygon(corners, joinstyle="round", **_look("weight", False))
    ax.add_patch(patch)
    return Shape(xy, patch)


def matrix(ax, xy, shape, text="", kind="weight", cell=0.26, size=20, above=True):
    """Draw a matrix as a grid of (rows, columns) cells centered at xy; returns a Shape.

    The label stands above the grid, or below where `above` is False.
    """
    rows, columns = shape
    width, height = columns * cell, rows * cell
    left, bottom = xy[0] - width / 2, xy[1] - height / 2
    patch = patches.Rectangle((left, bottom), width, height, **_look(kind, False))
    ax.add_patch(patch)
    thin = {"color": PALETTE[kind], "linewidth": 0.8, "zorder": 4}
    for i in range(1, rows):
        ax.plot([left, left + width], [bottom + i * cell] * 2, **thin)
    for j in range(1, columns):
        ax.plot([left + j * cell] * 2, [bottom, bottom + height], **thin)
    if text:
        y = bottom + height + 0.12 if above else bottom - 0.12
        label(ax, (xy[0], y), text, size=size, va="bottom" if above else "top")
    return Shape(xy, patch)
