"""Everything that touches matplotlib: the house style, plots of data, and drawings.

    style     PALETTE, series_styles, subplots, show     colors, line styles, alt text, png
    charts    lines, band, stairs, heatmap, slope_guide  plots of data
    drawing   canvas, node, box, valve, matrix, label    parts of a drawing of a net
    arrows    arrow, loop, key                           what flows between them
    svg       save_svg                                   accessible, reproducible SVG

A figure never leans on color alone: series differ by dash too, nodes by shape, arrows by dash and
head. No other module imports matplotlib, and nothing is set globally at import.
"""

from rnncourse.plotting.arrows import arrow, key, loop
from rnncourse.plotting.charts import band, heatmap, legend, lines, slope_guide, stairs
from rnncourse.plotting.drawing import box, canvas, label, matrix, node, valve
from rnncourse.plotting.style import (
    FILLS,
    PALETTE,
    STYLE,
    close,
    png,
    series_styles,
    show,
    subplots,
)
from rnncourse.plotting.svg import save_svg

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
    "png",
    "save_svg",
    "series_styles",
    "show",
    "slope_guide",
    "stairs",
    "subplots",
    "valve",
]
