"""The four ways side by side: who solves which task at which length, in equal time.

    python -m rnncourse.experiments four_ways --jobs 2

A row is a task, a method and a length, as "adding lstm 50"; ten runs of it differ in their random
numbers. Each run has `BUDGET` seconds of one core's time, and ends early when its task is solved:
when fewer than 1 % of 10,000 fresh sequences are wrong.

Rows are run from short to long. Where none of its runs solved a task, a method is not run on longer
sequences of it (`skip`): such a row counts as unsolved, and is told apart from one that was run.
All 240 rows would take under 7 hours of one core (`hours`); solved runs end early, and many rows
are skipped. The seed of a run comes from the row's name and the number of the run, so the order
does not matter. What a run does repeats exactly; when the clock ends it, and when it is looked at,
depends on the machine. The recorded runs were looked at after every 50 updates.
"""

import zlib
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.four_ways.methods import METHODS
from rnncourse.experiments.four_ways.tasks import LENGTHS, TASKS
from rnncourse.experiments.four_ways.train import train
from rnncourse.experiments.four_ways.tuning import settings_of

BUDGET = 10.0


@dataclass(frozen=True)
class Row(records.Row):
    """One method on one task at one length."""

    task: str
    method: str
    n_steps: int

    @property
    def key(self):
        """What names the row in `results`: (task, method, n_steps)."""
        return self.task, self.method, self.n_steps


class Result(NamedTuple):
    """What the runs of a row came to."""

    runs: int
    solved: int
    seconds: float  # median of one core's time until solved; infinite if half of them or less are


ROWS = {
    f"{task} {method} {n_steps}": Row(task, method, n_steps)
    for n_steps in LENGTHS
    for task in TASKS
    for method in METHODS
}


def run_group(name, seed, trials, deadline=np.inf):
    """Run the trials of one row until each is solved or has used up its time; see `runner`.

    Returns:
        One dictionary a trial: trial, and what `train.train` returns.
    """
    row, found = ROWS[name], []
    settings = settings_of(row.task, row.method)
    for trial in trials:
        key = (seed, zlib.crc32(name.encode()), trial)
        result = train(row.task, row.method, row.n_steps, settings, key, BUDGET, deadline)
        if result is not None:
            found.append({"trial": trial, **result})
    return found


def skip(name, trials):
    """Say whether a row need not be run: all runs of its method failed at a shorter length.

    Args:
        name: key of `ROWS`.
        trials: dictionary of lists, the trials of each row that are finished.
    """
    row = ROWS[name]
    shorter = (f"{row.task} {row.method} {n}" for n in LENGTHS if n < row.n_steps)
    return any(
        len(trials.get(other, ())) >= ROWS[other].trials
        and all(trial["outcome"] == "unsolved" for trial in trials[other])
        for other in shorter
    )


def hours(rows=None):
    """Return how many hours of one core the rows take at most, without the tests; all if None."""
    return sum(ROWS[name].trials * BUDGET for name in ROWS if rows is None or name in rows) / 3600


def results(path=None, seed=1997):
    """Return what is recorded, as {(task, method, n_steps): Result}, in the order of `ROWS`.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: the seed of the runs that are counted.
    """
    trials, found = _recorded(path, seed), {}
    for name, row in ROWS.items():
        if name in trials:
            times = [t["seconds"] if t["outcome"] == "solved" else np.inf for t in trials[name]]
            solved = int(np.isfinite(times).sum())
            found[row.key] = Result(len(times), solved, float(np.sort(times)[len(times) // 2]))
    return found


def skipped(path=None, seed=1997):
    """Return the set of (task, method, n_steps) that need not be run, or run on; see `skip`.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: the seed of the runs that are counted.
    """
    trials = _recorded(path, seed)
    return {row.key for name, row in ROWS.items() if skip(name, trials)}


def _recorded(path, seed):
    return records.trials_by_row(path or records.RECORDED / "four_ways.jsonl", seed)
