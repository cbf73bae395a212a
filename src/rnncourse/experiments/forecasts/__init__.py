"""The four ways on forecasts in physics; `runs` has the experiment, `results` what came out."""

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
