"""What makes a drawing live: its sliders in Jupyter, and its still picture.

One function paints both. The still picture shows it side by side for a few positions of the
sliders; in a front end of Jupyter a slider that moves paints it anew.
"""

import base64
import html
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from rnncourse import plotting

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"

PLACE_OF_SLIDERS = "For sliders, run this cell in Jupyter with ipywidgets installed."


class Slider(NamedTuple):
    """One number that the reader moves."""

    description: str  # what is read beside the slider
    low: float
    high: float
    step: float  # for a logarithmic slider, of the decimal logarithm
    logarithmic: bool = False


class LiveFigure(NamedTuple):
    """A drawing that depends on a few numbers.

    `paint(axes, *values)` draws on `panels` axes and returns the alt text of what it has drawn. Its
    values are those of `sliders`, in their order.
    """

    paint: Callable
    panels: int
    sliders: tuple  # of Slider
    shown: tuple  # of tuples: the values of each drawing in the still picture
    start: tuple  # the values at which the sliders stand first
    alt: str  # of the still picture
    still_size: tuple  # inches

    def draw(self, *values):
        """Return the figure and its alt text for one position of the sliders.

        Raises:
            ValueError: if there are more or fewer values than sliders, or one is out of range.
        """
        names = ", ".join(slider.description for slider in self.sliders)
        if len(values) != len(self.sliders):
            raise ValueError(f"values has {len(values)} entries, expected one for each of: {names}")
        for value, slider in zip(values, self.sliders, strict=True):
            if not slider.low <= value <= slider.high:
                raise ValueError(
                    f"{slider.description} is {value}, expected from {slider.low} to {slider.high}"
                )
        # Fixed margins: to find them anew would take longer than the drawing.
        margins = {"left": 0.1, "right": 0.98, "top": 0.9, "bottom": 0.33, "wspace": 0.3}
        fig, axes = plotting.subplots(
            1, self.panels, size=(9, 4.6), squeeze=False, layout="none", gridspec_kw=margins
        )
        alt = self.paint(axes[0], *values)
        _common_legend(fig, axes[0], "lower center")
        return fig, alt

    def still(self):
        """Return the figure with a column for each entry of `shown`, and its alt text."""
        fig, axes = plotting.subplots(
            self.panels, len(self.shown), size=self.still_size, sharey="row", squeeze=False
        )
        for column, values in zip(axes.T, self.shown, strict=True):
            self.paint(column, *values)
        for ax in axes[:, 1:].flat:
            ax.set_ylabel("")
        _common_legend(fig, axes.flat, "outside lower center")
        return fig, self.alt


def _common_legend(fig, axes, place):
    """Name each line once, below the axes."""
    entries = {}
    for ax in axes:
        for line, text in zip(*ax.get_legend_handles_labels(), strict=True):
            entries.setdefault(text, line)
    names, lines = list(entries), list(entries.values())
    plotting.legend(
        fig, handles=lines, labels=names, loc=place, ncols=len(names) if len(names) < 5 else 3
    )


def show(live):
    """Show a live figure: its still picture, and below it the sliders where they can be moved.

    Between them stands a line that says to run the cell: for whatever shows no widgets, such as a
    page, a slide or a kernel without ipywidgets, and for the next day, when the kernel is gone and
    a front end shows an error in place of the sliders.

    Args:
        live: a `LiveFigure`.
    """
    plotting.show(*live.still())
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        return
    if get_ipython() is None:
        return
    display({"text/plain": PLACE_OF_SLIDERS}, raw=True)
    try:
        box = widget(live)
    except ImportError:
        return
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    display({WIDGET_VIEW: view}, raw=True)


def widget(live):
    """Return the sliders of a live figure above its drawing, as a widget.

    Args:
        live: a `LiveFigure`.

    Returns:
        An `ipywidgets.VBox` whose children are the sliders and, last, the picture with its alt
        text, as an `ipywidgets.HTML`.

    Raises:
        ImportError: if ipywidgets is not installed.
    """
    import ipywidgets

    wide = {"layout": {"width": "44em"}, "style": {"description_width": "12em"}}
    moved = []
    for slider, start in zip(live.sliders, live.start, strict=True):
        options = {"description": slider.description, "step": slider.step, **wide}
        if slider.logarithmic:
            ends = {"min": np.log10(slider.low), "max": np.log10(slider.high)}
            made = ipywidgets.FloatLogSlider(value=start, readout_format=".3g", **ends, **options)
        else:
            ends = {"min": slider.low, "max": slider.high}
            made = ipywidgets.FloatSlider(value=start, readout_format=".2f", **ends, **options)
        moved.append(made)
    picture = ipywidgets.HTML()

    def redraw(change=None):
        # A logarithmic slider may round its end to just beyond it.
        values = [
            min(max(made.value, s.low), s.high) for made, s in zip(moved, live.sliders, strict=True)
        ]
        fig, alt = live.draw(*values)
        data = base64.b64encode(plotting.png(fig)).decode()
        plotting.close(fig)
        picture.value = (
            f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{data}" '
            'style="max-width: 100%; height: auto">'
        )

    for made in moved:
        made.observe(redraw, names="value")
    redraw()
    return ipywidgets.VBox([*moved, picture])
