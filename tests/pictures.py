"""How far two pictures are apart, whatever fonts and version of Matplotlib drew them."""

import base64
import io
import os

import matplotlib
import numpy as np
from PIL import Image

GRID = (48, 32)  # columns and rows of patches; letters and line widths blur within a patch
# Farther apart than this, of the whole scale, is another picture. Another version of Matplotlib
# lays out text, and so the axes, a little differently: 3.8 and 3.11 draw some figures of this
# course 0.06 apart, and there only a wholly other picture is noticed. One machine keeps 0.002.
DRAWN_WITH = "3.11"  # of the stored pictures
SAME = matplotlib.__version__.startswith(DRAWN_WITH + ".")
FAR = float(os.environ.get("NOTEBOOK_FAR", 0.03 if SAME else 0.1))

# Pictures that are different in every run: notebook, a line of the cell, and why.
MEASURED = [
    ("week03_bptt", '["forward in time (RTRL)", "backward', "its picture shows measured times"),
    ("week09_four_ways", "ax.barh([names[method] for method in spent]", "its picture shows times"),
]

# Pictures of what amplifies the last digits: notebook, a line of the cell, and why. On another
# processor or number of threads they are a little different, and only another picture is noticed.
LOOSE = 0.1
AMPLIFIED = [
    ("week01_basics", "q[:, 500], y_hat[:, 0], by_linear_map", "a net trained at a large rate"),
    ("week05_lstm", "plotting.heatmap(axes[0], tape.i", "a training until it solves its task"),
    ("week06_echo_state", "axes[0].plot(part[500:, 0, 0]", "late states of a chaotic system"),
    ("week07_momentum", "[runs[seed] for runs in values.values()]", "descents that are unstable"),
    ("week07_momentum", "list(live.values()), list(live)", "a long training at a large rate"),
    ("week08_hessian_free", "np.arange(n), costs", "solutions short of convergence"),
]


def _listed(entries, name, source):
    return next((why for stem, line, why in entries if stem == name and line in source), "")


def measured(name, source):
    """Returns why the pictures of a notebook's cell are not compared, "" if they are."""
    return _listed(MEASURED, name, source)


def farthest(name, source):
    """Returns how far apart the pictures of a notebook's cell may be."""
    return max(FAR, LOOSE) if _listed(AMPLIFIED, name, source) else FAR


def coarse(data):
    """Returns a picture as mean colors of patches, (32, 48, 3), 0 black to 1 white.

    Args:
        data: a PNG, as base64 text.
    """
    picture = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    flat = Image.alpha_composite(white, picture).convert("RGB")
    return np.asarray(flat.resize(GRID, Image.Resampling.BOX), dtype=float) / 255


def distance(one, two):
    """Returns the root mean square difference of two pictures, from 0 (same) to 1."""
    return float(np.sqrt(np.mean((coarse(one) - coarse(two)) ** 2)))


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
