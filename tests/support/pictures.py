"""How far two pictures are apart, whatever fonts and version of Matplotlib drew them."""

import base64
import io
import os

import matplotlib
import numpy as np
from PIL import Image

GRID = (48, 32)  # columns and rows of patches; letters and line widths blur within a patch
# Farther apart than this, in units of the stored picture's ink, is another picture: two of this
# course are at least 0.39 apart, and 99 of 100 pairs more than 0.9. Another version of Matplotlib
# lays out text, and so the axes, a little differently: 3.8 and 3.11 draw some figures 0.7 apart.
DRAWN_WITH = "3.11"  # of the stored pictures
SAME = matplotlib.__version__.startswith(DRAWN_WITH + ".")
FAR = float(os.environ.get("NOTEBOOK_FAR", 0.1 if SAME else 0.75))

# Pictures of what amplifies the last digits: notebook, a line of the cell, and why. On another
# processor or number of threads they are a little different, and only another picture is noticed.
LOOSE = 0.5
AMPLIFIED = [
    ("week01_basics", '"dense net, last 100", "linear, last 100"]', "nets trained at a large rate"),
    ("week01_basics", "plotting.lines(ax, time[n_watch:]", "nets trained at a large rate"),
    ("week03_bptt", '"one-sided difference", "central difference"', "rounding errors are drawn"),
    ("week03_bptt", 'plotting.band(ax, updates, curves, "rec', "a long training at a large rate"),
    ("week03_bptt", "plotting.band(ax, lengths[:-1], b", "a long training at a large rate"),
    ("week03_bptt", "plotting.band(ax, np.arange(100), sizes", "a long training at a large rate"),
    ("week04_gradients", "[size[:101] / np.log(10) for size in measured]", "a chaotic net"),
    ("week05_lstm", "plotting.lines(ax, np.arange(40), list(c", "a training until it is solved"),
    ("week05_lstm", "plotting.lines(ax, (100, 200, 500), li", "trainings at a large rate"),
    ("week05_lstm", "found[T] = {part: by_lag(", "a training until it solves its task"),
    ("week06_echo_state", "axes[0].plot(part[:, 0, 0]", "late states of a chaotic system"),
    ("week06_echo_state", 'ax.plot(now, then, "o"', "late states of a chaotic system"),
    ("week07_momentum", 'ylabel="lowest cost so far" if n == 0', "descents that are unstable"),
    ("week07_momentum", "list(live.values()), list(live)", "a long training at a large rate"),
    ("week08_hessian_free", "np.arange(n), runs", "solutions short of convergence"),
    ("week08_hessian_free", "after[:30, 0, unit]", "steps on which a solve was cut short"),
    (
        "week09_four_ways",
        "[x[:, np.argsort(times)[10]] for x in runs.values()]",
        "free runs of a chaotic system",
    ),
    (
        "week10_frameworks",
        "plotting.lines(right, updates, list(distance.values()), list(distance),",
        "rounding errors are drawn",
    ),
    ("week11_state_space", "in zip(axes, errors.items()):", "nets trained on a chaotic system"),
]


def amplified(name, source):
    """Returns why the pictures of a notebook's cell are compared loosely, "" if closely."""
    return next((why for stem, line, why in AMPLIFIED if stem == name and line in source), "")


def farthest(name, source):
    """Returns how far apart the pictures of a notebook's cell may be."""
    return max(FAR, LOOSE) if amplified(name, source) else FAR


def coarse(data):
    """Returns a picture as mean colors of patches, (32, 48, 3), 0 black to 1 white.

    Args:
        data: a PNG, as base64 text.
    """
    picture = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    flat = Image.alpha_composite(white, picture).convert("RGB")
    return np.asarray(flat.resize(GRID, Image.Resampling.BOX), dtype=float) / 255


def distance(found, stored):
    """Returns how far a picture is from the stored one: their difference over the stored one's ink.

    Ink is what is not white; both are root mean squares. A blank page is 1 away from any picture.
    """
    found, stored = coarse(found), coarse(stored)
    ink = np.sqrt(np.mean((1 - stored) ** 2))
    return float(np.sqrt(np.mean((found - stored) ** 2)) / max(ink, 1e-3))


def pngs(outputs):
    """Returns the pictures among the outputs of a cell, as base64 text."""
    return [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]


def complaints(found, stored, far):
    """Returns what is different between the pictures of two lists of outputs, in words."""
    found, stored = pngs(found), pngs(stored)
    if len(found) != len(stored):
        return [f"{len(found)} pictures, {len(stored)} are stored"]
    apart = [distance(*pair) for pair in zip(found, stored, strict=True)]
    return [
        f"picture {n} is {d:.3f} away from the stored one, more than {far}"
        for n, d in enumerate(apart, 1)
        if d > far
    ]
