"""Two tasks at lengths up to 1000: the nets of week 11, the LSTM, a reservoir, no recurrence.

    python -m rnncourse.experiments long_race

Tasks, judge, looks and clock are those of `four_ways`, as in `race`; but a run has `BUDGET` seconds
of one core, a fifth of what it has there, and a row has three runs. Where all runs of a method
failed at a shorter length, it is not run on longer sequences of the task.

All settings are those that won in the search of `race.tuning` at lengths 50 and 100; those of the
linear recurrent unit and the minimal GRU, which `race` does not run, stand in a file of their own:

    python -m rnncourse.experiments race_tuning --row "adding lru" --out long_race_tuning.jsonl

Half-lives and spans are in units of the length, so that they grow with it; the reservoir's leak is
a number, and does not. (With 50 / n times the leak that won, both tasks are solved at 300 within
about three seconds, tried by hand with three seeds each.)
"""

import zlib
from dataclasses import dataclass

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.race.rows import run
from rnncourse.experiments.race.settings import NAMES as OTHERS
from rnncourse.experiments.race.tuning import LONG_TASKS as TASKS
from rnncourse.experiments.race.tuning import winners

BUDGET = 20.0  # seconds of one core's time
LENGTHS = (100, 300, 1000)
NAMES = {"lru": "LRU", "mingru": "minimal GRU"} | {
    method: OTHERS[method] for method in ("lstm", "esn", "without_recurrence")
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


def tuned():
    """Return {(task, method): settings} of what won in the recorded searches."""
    return winners() | winners(records.RECORDED / "long_race_tuning.jsonl")


def run_group(name, seed, trials, deadline=np.inf):
    """Run the trials of one row until each is solved or has used up its time; see `runner`.

    Yields:
        One dictionary a trial: trial, the arguments of the method, and what `train.train` returns.

    Raises:
        ValueError: if no settings of this task and method are recorded.
    """
    key = seed, zlib.crc32(f"long {name}".encode())
    return run(name, ROWS[name], tuned(), key, trials, BUDGET, deadline)


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
