"""A figure as SVG: the same bytes on every run, a title and a description for screen readers."""

import io
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib.pyplot as plt

from rnncourse.plotting.style import STYLE, check_alt


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
    check_alt(alt)
    name = path.stem
    text = io.StringIO()
    with plt.rc_context({**STYLE, "svg.hashsalt": name, "svg.fonttype": "path"}):
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
