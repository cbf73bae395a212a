"""Live figures: drawings with sliders in Jupyter, and the same drawings still everywhere else.

    unit        UNIT       one unit: its response, and its states unfolded in time
    gradients   GRADIENTS  size of an error against the lag, by the spectral radius
    gates       GATES      the LSTM cell, with its three gates held by hand
    edge        EDGE       a reservoir as it passes the edge of chaos
    valley      VALLEY     conjugate gradients and steepest descent in a narrow valley
    sliders     LiveFigure, show, widget

Each module computes in small functions that a lecture can call to check what its figure shows.
Sliders need ipywidgets; without it a live figure is its still picture.
"""

from rnncourse.live.edge import EDGE
from rnncourse.live.gates import GATES
from rnncourse.live.gradients import GRADIENTS
from rnncourse.live.sliders import LiveFigure, Slider, show, widget
from rnncourse.live.unit import UNIT
from rnncourse.live.valley import VALLEY

ALL = {"unit": UNIT, "gradients": GRADIENTS, "gates": GATES, "edge": EDGE, "valley": VALLEY}

__all__ = [
    "ALL",
    "EDGE",
    "GATES",
    "GRADIENTS",
    "UNIT",
    "VALLEY",
    "LiveFigure",
    "Slider",
    "show",
    "widget",
]
