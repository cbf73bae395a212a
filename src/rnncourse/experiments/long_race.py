"""Two tasks at lengths up to 1000: the nets of week 11, the LSTM, a reservoir, no recurrence.

    python -m rnncourse.experiments long_race

Tasks, judge, looks and clock are those of `four_ways`, as in `race`; but a run has `BUDGET` seconds
of one core, a fifth of what it has there, and a row has three runs. Where all runs of a method
failed at a shorter length, it is not run on longer sequences of the task.

The LSTM, the reservoir and the rival without recurrence have the settings that won in the search of
`race.tuning`, at lengths 50 and 100. Those of the linear recurrent unit and the minimal GRU,
`SETTINGS`, are from less of a search: five of the one and three of the other were tried on each
task at length 100 (two of the other on adding), for 5 s each, from one seed. All times are in units
of the length, so that they grow with it.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.race.rows import run
from rnncourse.experiments.race.settings import NAMES as OTHERS
from rnncourse.experiments.race.tuning import winners

BUDGET = 20.0  # seconds of one core's time
TASKS, LENGTHS = ("adding", "temporal_order"), (100, 300, 1000)
NAMES = {"lru": "LRU", "mingru": "minimal GRU"} | {
    method: OTHERS[method] for method in ("lstm", "esn", "without_recurrence")
}
RING = {"shortest": 0.3, "longest": 10}
SETTINGS = {
    ("adding", "lru"): {"learning_rate": 3e-3, **RING, "phase": 3.0, "batch": 20},
    ("temporal_order", "lru"): {"learning_rate": 1e-2, **RING, "phase": 30.0, "batch": 20},
    ("adding", "mingru"): {"learning_rate": 3e-3, "time": 10, "batch": 20},
    ("temporal_order", "mingru"): {"learning_rate": 1e-2, "time": 1, "batch": 20},
}


@dataclass(frozen=True, kw_only=True)
class Row(records.Row):
    """One method on one task at one length."""

    task: str
    method: str
    n_steps: int
    trials: int = 3


ROWS = {
    f"{task} {method} {n_steps}": Row(task=task, method=method, n_steps=n_steps)
    for task in TASKS
    for n_steps in LENGTHS
    for method in NAMES
}


def run_group(name, seed, trials, deadline=np.inf):
    """Run the trials of one row until each is solved or has used up its time; see `runner`.

    Yields:
        One dictionary a trial: trial, the arguments of the method, and what `train.train` returns.

    Raises:
        ValueError: if no settings of this task and method are recorded.
    """
    key = seed, zlib.crc32(f"long {name}".encode())
    return run(name, ROWS[name], winners() | SETTINGS, key, trials, BUDGET, deadline)


def skip(name, trials):
    """Say whether a row need not be run: all runs of its method failed at a shorter length.

    Args:
        name: key of `ROWS`.
        trials: dictionary of lists, the trials of each row that are finished.
    """
    row = ROWS[name]
    shorter = (f"{row.task} {row.method} {n}" for n in LENGTHS if n < row.n_steps)
    outcomes = ([trial["outcome"] for trial in trials.get(other, ())] for other in shorter)
    return any(len(found) >= row.trials and "solved" not in found for found in outcomes)
