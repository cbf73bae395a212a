"""The four ways side by side: who solves which task at which length, in equal time; see `race`."""

from rnncourse.experiments.four_ways import bias, tuning
from rnncourse.experiments.four_ways.methods import METHODS, NAMES
from rnncourse.experiments.four_ways.race import (
    BUDGET,
    ROWS,
    Result,
    Row,
    hours,
    results,
    run_group,
    skip,
    skipped,
)
from rnncourse.experiments.four_ways.tasks import LENGTHS, TASKS

__all__ = [
    "BUDGET",
    "LENGTHS",
    "METHODS",
    "NAMES",
    "ROWS",
    "TASKS",
    "Result",
    "Row",
    "bias",
    "hours",
    "results",
    "run_group",
    "skip",
    "skipped",
    "tuning",
]
