"""Everything that touches matplotlib: the house style, plots of data, and drawings.

    style     PALETTE, series_styles, subplots, show     colors, line styles, alt text
    charts    lines, band, heatmap, slope_guide, legend  plots of data
    drawing   canvas, node, box, arrow, loop, matrix ... drawings of nets, save_svg

A figure never leans on color alone: series differ by dash too, nodes by shape, arrows by dash and
head. No other module imports matplotlib, and nothing is set globally at import.
"""

from rnncourse.plotting.charts import band, heatmap, legend, lines, slope_guide
from rnncourse.plotting.drawing import (
    arrow,
    box,
    canvas,
    key,
    label,
    loop,
    matrix,
    node,
    save_svg,
)
from rnncourse.plotting.style import FILLS, PALETTE, STYLE, close, series_styles, show, subplots

__all__ = [
    "FILLS",
    "PALETTE",
    "STYLE",
    "arrow",
    "band",
    "box",
    "canvas",
    "close",
    "heatmap",
    "key",
    "label",
    "legend",
    "lines",
    "loop",
    "matrix",
    "node",
    "save_svg",
    "series_styles",
    "show",
    "slope_guide",
    "subplots",
]
