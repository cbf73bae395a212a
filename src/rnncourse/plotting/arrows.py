"""Arrows of a drawing; each kind has its own color, dash and head.

forward: solid, filled head          error: short dashes, open head
recurrent: dash-dot, filled head     immediate: dots, open head
time: thin, open head                neutral: thin, no head
"""

from itertools import pairwise

import numpy as np

from rnncourse.plotting.drawing import Shape, label
from rnncourse.plotting.style import PALETTE

# Color, dash (in units of the line width), filled head, line width in points.
ARROWS = {
    "forward": ("#222222", "-", True, 1.8),
    "recurrent": (PALETTE["hidden"], (0, (5, 1.5, 1.2, 1.5)), True, 2.4),
    "error": (PALETTE["error"], (0, (3, 1.5)), False, 2.4),
    "immediate": (PALETTE["input"], (0, (1, 1.1)), False, 2.8),
    "time": (PALETTE["neutral"], "-", False, 1.2),
    "neutral": (PALETTE["neutral"], "-", None, 1.0),
}


def _stroke(ax, points, kind, head, scale=None, faded=False):
    """Draw a line through (N, 2) points in the dash of its kind, with a head at the last point."""
    if kind not in ARROWS:
        raise ValueError(f"kind is {kind!r}, expected one of {', '.join(ARROWS)}")
    color, dash, filled, width = ARROWS[kind]
    if scale is not None:  # dashes keep their length; a wide shaft would blunt an open head
        filled = None if filled is None else True
        dash = dash if dash == "-" else (0, tuple(length / scale for length in dash[1]))
        width *= scale
    color, width = ("#AAAAAA", 1.2) if faded else (color, width)
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


def arrow(
    ax,
    start,
    end,
    text="",
    kind="forward",
    bend=0.0,
    at=None,
    size=18,
    head=0.17,
    via=(),
    scale=None,
    faded=False,
):
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
        via: corners that the arrow passes, instead of a bend.
        scale: factor of the line width; the head is then filled, to fit any width.
        faded: draw it thin and pale.
    """
    ends = np.array([s.xy if isinstance(s, Shape) else s for s in (start, end)], float)
    if len(via):
        corners = np.vstack([ends[:1], via, ends[1:]])
        curve = np.concatenate([np.linspace(*leg, 501) for leg in pairwise(corners)])
    else:
        along = ends[1] - ends[0]
        control = ends.mean(axis=0) + 2 * bend * np.array([along[1], -along[0]])
        s = np.linspace(0, 1, 1001)[:, None]
        curve = (1 - s) ** 2 * ends[0] + 2 * s * (1 - s) * control + s**2 * ends[1]
    curve = _outside(curve, (start, end))
    if len(via):
        curve = np.vstack([curve[:1], via, curve[-1:]])
    else:
        keep = np.unique(np.linspace(0, len(curve) - 1, 2 if bend == 0 else 40).astype(int))
        curve = curve[keep]
    _stroke(ax, curve, kind, head, scale, faded)
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
