"""The LSTM of the four ways with a forget bias that fits the length, and more time: does it solve?

    python -m rnncourse.experiments four_ways_bias

The race of `four_ways` sets the forget bias once for each family of tasks, at length 20 or 30. Here
it is set for the length that is run, by the rule of week 5: a half-life about as long as the
sequence, b = log(n_steps / log 2). At length 100 the batches are smaller, for more updates in the
same time. All else is as in the race: rate, clipping, judge, and the clock of `train`.
A run ends when its task is solved, so that its `seconds` tell what any shorter budget would give.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.four_ways.train import train

BUDGET = 30.0  # seconds of one core's time


@dataclass(frozen=True)
class Row(records.Row):
    """One task at one length."""

    task: str
    n_steps: int
    batch: int

    @property
    def settings(self):
        """Return the arguments of the LSTM."""
        bias = round(float(np.log(self.n_steps / np.log(2))), 1)
        return {"learning_rate": 0.01, "forget_bias": bias, "batch": self.batch}


ROWS = {
    "adding 50": Row("adding", 50, 50, trials=4),
    "adding 100": Row("adding", 100, 20, trials=4),
    "temporal_order 100": Row("temporal_order", 100, 20, trials=4),
}


def run_group(name, seed, trials, deadline=np.inf):
    """Run the trials of one row; the result is as in `race`."""
    row = ROWS[name]
    results = (
        (trial, train(row.task, "lstm", row.n_steps, row.settings, key, BUDGET, deadline))
        for trial in trials
        for key in [(seed, zlib.crc32(name.encode()), trial)]
    )
    return [{"trial": trial, **result} for trial, result in results if result is not None]


def seconds_until_solved(path=None, seed=1997):
    """Return {row: sorted seconds of its runs}, infinite for a run that is not solved.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: the seed of the runs that are counted.
    """
    path = path or records.RECORDED / "four_ways_bias.jsonl"
    return {
        name: np.sort([t["seconds"] if t["outcome"] == "solved" else np.inf for t in trials])
        for name, trials in records.trials_by_row(path, seed).items()
    }
