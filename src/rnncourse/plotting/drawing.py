"""One small set of parts for drawings of nets, and their accessible SVG.

    node    input: square, hidden: circle, output: hexagon, neutral: white circle
    arrow   forward: solid, filled head      recurrent: dash-dot, filled head
            error: short dashes, open head   immediate: dots, open head

Positions and sizes are in inches from the lower left corner of the canvas.
"""

import io
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import matplotlib.pyplot as plt
import numpy as np
from matplotlib import patches

from rnncourse.plotting.style import FILLS, PALETTE, STYLE, _check_alt

# Color, dash (in units of the line width), filled head, line width in points.
ARROWS = {
    "forward": ("#222222", "-", True, 1.8),
    "recurrent": (PALETTE["hidden"], (0, (5, 1.5, 1.2, 1.5)), True, 2.4),
    "error": (PALETTE["error"], (0, (3, 1.5)), False, 2.4),
    "immediate": (PALETTE["input"], (0, (1, 1.1)), False, 2.8),
    "time": (PALETTE["neutral"], "-", False, 1.2),
    "neutral": (PALETTE["neutral"], "-", None, 1.0),
}


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


def box(ax, xy, width, height, text="", kind="neutral", size=17):
    """Draw a rounded box centered at xy, with text inside; returns a Shape."""
    corner = (xy[0] - width / 2, xy[1] - height / 2)
    style = patches.BoxStyle("Round", pad=0, rounding_size=0.12)
    look = {**_look(kind, False), "zorder": 1}  # below arrows: a box may frame other parts
    patch = patches.FancyBboxPatch(corner, width, height, style, **look)
    ax.add_patch(patch)
    if text:
        label(ax, xy, text, size=size)
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


def _stroke(ax, points, kind, head):
    """Draw a line through (N, 2) points in the dash of its kind, with a head at the last point."""
    if kind not in ARROWS:
        raise ValueError(f"kind is {kind!r}, expected one of {', '.join(ARROWS)}")
    color, dash, filled, width = ARROWS[kind]
    tip = points[-1]
    if filled is not None:
        away = np.linalg.norm(points - tip, axis=1)
        base = points[max(np.flatnonzero(away >= min(head, away.max())))]
        back = head * (base - tip) / np.linalg.norm(base - tip)
        across = 0.38 * np.array([-back[1], back[0]])
        corners = np.array([tip + back + across, tip, tip + back - across])
        look = {"color": color, "linewidth": width, "zorder": 2.1, "solid_joinstyle": "miter"}
        if filled:
            ax.fill(*corners.T, color=color, linewidth=0, zorder=2.1)
            points = np.vstack([points[away > head * 0.8], tip + 0.8 * back])
        else:
            ax.plot(*corners.T, **look)
    ax.plot(
        *points.T,
        color=color,
        linestyle=dash,
        linewidth=width,
        zorder=2,
        solid_capstyle="butt",
        dash_capstyle="butt",
    )


def _outside(points, shapes):
    """Return the part of the curve between the shapes at its two ends, with a small gap."""
    inside = []
    for shape in shapes:
        if isinstance(shape, Shape):
            outline = shape.patch.get_path().transformed(shape.patch.get_patch_transform())
            inside.append(np.flatnonzero(outline.contains_points(points)))
        else:
            inside.append(np.array([], int))
    first = inside[0].max() + 1 if inside[0].size else 0
    last = inside[1].min() if inside[1].size else len(points)
    kept = points[first:last]
    if inside[1].size:
        kept = kept[np.linalg.norm(kept - kept[-1], axis=1) >= 0.03]
    return kept


def arrow(ax, start, end, text="", kind="forward", bend=0.0, at=None, size=18, head=0.17):
    """Draw an arrow between two Shapes or points.

    Args:
        ax: axes of a canvas.
        start: a Shape (the arrow starts at its edge) or a point.
        end: the same.
        text: label of the arrow.
        kind: forward, recurrent, error, immediate, time or neutral (a line without head).
        bend: how far the arrow bows out to its right, as a fraction of its length.
        at: where the label stands; the middle of the straight line unless given.
        size: font size of the label.
        head: length of the head.
    """
    ends = np.array([s.xy if isinstance(s, Shape) else s for s in (start, end)], float)
    along = ends[1] - ends[0]
    control = ends.mean(axis=0) + 2 * bend * np.array([along[1], -along[0]])
    s = np.linspace(0, 1, 1001)[:, None]
    curve = (1 - s) ** 2 * ends[0] + 2 * s * (1 - s) * control + s**2 * ends[1]
    curve = _outside(curve, (start, end))
    keep = np.unique(np.linspace(0, len(curve) - 1, 2 if bend == 0 else 40).astype(int))
    _stroke(ax, curve[keep], kind, head)
    if text:
        label(ax, ends.mean(axis=0) if at is None else at, text, size=size, clear=True)


def loop(ax, shape, xy, radius, text="", at=None, kind="recurrent", size=20, head=0.17):
    """Draw an arrow around a circle that leaves a Shape and enters it again.

    Args:
        ax: axes of a canvas.
        shape: where the arrow starts and ends.
        xy: center of the circle, near the edge of the shape.
        radius: of the circle.
        text: label of the arrow.
        at: where the label stands.
        kind: of the arrow.
        size: font size of the label.
        head: length of the head.
    """
    toward = np.arctan2(*(np.subtract(shape.xy, xy)[::-1]))
    turn = toward + np.linspace(0, 2 * np.pi, 361)
    circle = np.asarray(xy) + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    outline = shape.patch.get_path().transformed(shape.patch.get_patch_transform())
    _stroke(ax, circle[~outline.contains_points(circle)][:-3:4], kind, head)
    if text:
        label(ax, at, text, size=size)


def key(ax, xy, entries, step=2.6, size=14):
    """Draw the key of the arrows: entries of (kind, text) in a row that starts at xy."""
    for i, (kind, text) in enumerate(entries):
        x = xy[0] + i * step
        arrow(ax, (x, xy[1]), (x + 0.7, xy[1]), kind=kind)
        label(ax, (x + 0.82, xy[1]), text, size=size, ha="left")


def save_svg(fig, path, alt):
    """Write a figure as SVG that is the same on every run and speaks to a screen reader.

    The name of the file becomes the title of the drawing and the alt text its description.

    Args:
        fig: the figure; it is left open.
        path: where to write, ending in .svg.
        alt: one to three sentences that replace the picture.

    Raises:
        ValueError: path does not end in .svg, or alt is not a sentence.
    """
    path = Path(path)
    if path.suffix != ".svg":
        raise ValueError(f"path is {str(path)!r}, expected a name that ends in .svg")
    _check_alt(alt)
    name = path.stem
    text = io.StringIO()
    with plt.rc_context({"svg.hashsalt": name, "svg.fonttype": "path"}):
        fig.savefig(text, format="svg", metadata={"Date": None})
    start, body = text.getvalue().split("<svg ", 1)
    attributes, rest = body.split(">", 1)
    title = escape(name.replace("_", " "))
    path.write_text(
        f'{start}<svg role="img" aria-labelledby="{name}-title {name}-desc" {attributes}>\n'
        f' <title id="{name}-title">{title}</title>\n'
        f' <desc id="{name}-desc">{escape(alt)}</desc>{rest}',
        encoding="utf-8",
    )
