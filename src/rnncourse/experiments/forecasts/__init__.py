"""The four ways on forecasts in physics.

    systems     what is forecast: the Lorenz system, a driven oscillator, the Earth's pole
    baselines   forecasts without a net: no change, mean, known periods, fits by least squares
    scores      errors at each horizon, and what a physicist asks of a free run
    runs        the experiment
    results     what is recorded, and which settings won

On the command line, and in the name of its records, this is `four_ways_forecast`.
"""

from rnncourse.experiments.forecasts import baselines, results, scores, systems
from rnncourse.experiments.forecasts.runs import (
    BUDGET,
    CHOSEN,
    LONGER,
    ROWS,
    WINDOW,
    Forecast,
    model,
    run_group,
)
from rnncourse.experiments.forecasts.systems import SYSTEMS

__all__ = [
    "BUDGET",
    "CHOSEN",
    "LONGER",
    "ROWS",
    "SYSTEMS",
    "WINDOW",
    "Forecast",
    "baselines",
    "model",
    "results",
    "run_group",
    "scores",
    "systems",
]
