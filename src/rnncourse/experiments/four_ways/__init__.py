"""The four ways side by side: who solves which task at which length, in equal time.

    tasks     the tasks, and when an answer is wrong
    methods   the four ways and the two baselines
    scored    the cost of a net that is scored at some steps
    readouts  ridge regressions of ever more units
    blocks    the linear recurrent unit and the minimal GRU, of week 11
    rivals    a memory without recurrence, and a readout of it
    train     one run under the clock
    tuning    how each method got its settings, by the same search; an experiment of its own
    race      the experiment, and what came out
    bias      the LSTM once more, with a forget bias for the length; an experiment of its own

The forecasts in physics, with the same methods, are in `forecasts`; the longer race, in which each
method is tuned for its task and runs for up to 100 seconds, is in `race`.
"""

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
