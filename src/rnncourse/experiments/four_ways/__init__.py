"""The four ways and their rivals on eight tasks, under one clock.

    tasks     the tasks, and when an answer is wrong
    methods   the four ways and the two baselines
    scored    the cost of a net that is scored at some steps
    readouts  ridge regressions of ever more units
    blocks    the linear recurrent unit and the minimal GRU, of week 11
    rivals    a memory without recurrence, and a readout of it
    train     one run under the clock

The race, in which each method is tuned for its task and runs for up to 100 seconds, is in `race`;
the forecasts in physics, with the same methods, are in `forecasts`.
"""

from rnncourse.experiments.four_ways.methods import METHODS, NAMES
from rnncourse.experiments.four_ways.tasks import TASKS

__all__ = ["METHODS", "NAMES", "TASKS"]
