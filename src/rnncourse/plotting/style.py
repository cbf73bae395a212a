"""The house style: colors under the names of their meaning, and how a notebook shows a figure.

Strokes are the Okabe-Ito colors with a contrast of at least 3 on white; the paler ones of that set
serve as fills only, always inside a dark outline.

Source: M. Okabe and K. Ito, "Color universal design" (2008).
"""

import base64
import io

import matplotlib.pyplot as plt
from PIL import Image

PALETTE = {
    "input": "#0072B2",
    "hidden": "#009E73",
    "output": "#CC79A7",
    "error": "#D55E00",
    "weight": "#000000",
    "neutral": "#555555",
}

FILLS = {
    "input": "#CFE6F5",
    "hidden": "#C9EBDD",
    "output": "#F5DDEA",
    "error": "#FBDCC6",
    "weight": "#FAE7B8",
    "neutral": "#EFEFEF",
}

# One dash for each color, in the order in which series take them.
DASHES = {
    "input": "-",
    "error": (0, (5, 2)),
    "hidden": (0, (6, 2, 1.5, 2)),
    "output": (0, (1.5, 1.5)),
    "weight": (0, (10, 3)),
    "neutral": (0, (4, 1.5, 1, 1.5, 1, 1.5)),
}
MARKERS = {"input": "o", "error": "s", "hidden": "^", "output": "D", "weight": "v", "neutral": "X"}

STYLE = {
    "font.size": 14,
    "axes.labelsize": 15,
    "axes.titlesize": 15,
    "xtick.labelsize": 13,
    "ytick.labelsize": 13,
    "legend.fontsize": 13,
    "legend.frameon": False,
    "legend.handlelength": 3.2,
    "lines.linewidth": 2.2,
    "lines.markersize": 6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "mathtext.fontset": "cm",
    "figure.constrained_layout.use": True,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
}

PNG_DPI = 100  # an 8 x 4 inch figure becomes 800 x 400 pixels, about 15 to 60 kB


def series_styles(n, markers=False):
    """Return n dictionaries for `ax.plot`; no two agree in color or in dash.

    Args:
        n: number of series, 1 to 6. More than six lines cannot be told apart: use a heatmap.
        markers: also give each series a marker, for series of few points.

    Raises:
        ValueError: n is outside 1 to 6.
    """
    if not 1 <= n <= len(DASHES):
        raise ValueError(f"n is {n!r}, expected 1 to {len(DASHES)} series")
    return [
        {"color": PALETTE[name], "linestyle": dash, "marker": MARKERS[name] if markers else ""}
        for name, dash in list(DASHES.items())[:n]
    ]


def subplots(rows=1, columns=1, size=(8, 4), **options):
    """Return a figure and its axes in the house style.

    Args:
        rows: number of rows of axes.
        columns: number of columns of axes.
        size: width and height in inches.
        **options: passed on to `matplotlib.pyplot.subplots`.
    """
    with plt.rc_context(STYLE):
        return plt.subplots(rows, columns, figsize=size, **options)


def show(fig, alt):
    """Display a figure with its alt text and close it: the last line of a figure cell.

    The alt text is stored in the metadata of the output, under image/png and alt, the place that
    IPython's `Image(alt=...)` uses too, and it stands in for the picture where only text is shown.

    Args:
        fig: the figure. Every visible axis must have a label.
        alt: one to three sentences that replace the picture for someone who cannot see it.

    Raises:
        ValueError: alt is not a sentence, or an axis has no label.
    """
    check_alt(alt)
    _check_labels(fig)
    shell = _ipython_shell()
    if shell is None:
        plt.show()
    else:
        from IPython.display import display

        data = {"image/png": base64.b64encode(png(fig)).decode(), "text/plain": alt}
        display(data, raw=True, metadata={"image/png": {"alt": alt}})
    plt.close(fig)


def close(fig):
    """Forget a figure, so that nothing shows it again."""
    plt.close(fig)


def png(fig):
    """Return the figure as PNG with a palette of 256 of its own colors, which halves it."""
    raw, small = io.BytesIO(), io.BytesIO()
    fig.savefig(raw, format="png", dpi=PNG_DPI)
    picture = Image.open(raw).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(
        small, format="png", dpi=(PNG_DPI, PNG_DPI), optimize=True
    )
    return small.getvalue()


def _ipython_shell():
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def check_alt(alt):
    """Raise ValueError unless alt is a sentence."""
    if not isinstance(alt, str) or len(alt.split()) < 4 or alt.strip()[-1] not in ".!?":
        raise ValueError(
            f"alt is {alt!r}, expected a sentence of at least 4 words with a full stop"
        )


def _check_labels(fig):
    for i, ax in enumerate(fig.axes):
        if not ax.axison:
            continue
        if ax.get_label() == "<colorbar>":
            missing = [] if ax.get_xlabel() or ax.get_ylabel() else ["colorbar"]
        else:
            # Axes that share an axis with a labelled neighbor need no label of their own.
            x_labels = [a.get_xlabel() for a in ax.get_shared_x_axes().get_siblings(ax)]
            y_labels = [a.get_ylabel() for a in ax.get_shared_y_axes().get_siblings(ax)]
            x_labels.append(fig.get_supxlabel())
            y_labels.append(fig.get_supylabel())
            missing = [n for n, t in (("x", x_labels), ("y", y_labels)) if not any(t)]
        if missing:
            raise ValueError(f"axes {i} of fig has no label on {' and '.join(missing)}")
