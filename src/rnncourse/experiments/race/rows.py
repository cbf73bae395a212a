"""The rows of the race: each task, method and length, five or ten runs of up to 100 seconds.

Ten are run where the first five neither all solve the task nor all fail. Where all runs of a method
failed at a shorter length, it is not run on longer sequences of the task.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.four_ways.train import train
from rnncourse.experiments.race.settings import CROSSED, METHODS, at_length
from rnncourse.experiments.race.tuning import LONG_TASKS, winners

BUDGET = 100.0  # seconds of one core's time
LENGTHS = (20, 50, 100, 200)
AT_LEAST = 5  # runs
TASKS = (  # in the order in which a reader wants them
    "adding",
    "temporal_order",
    "memorization_5",
    "xor",
    "multiplication",
    "temporal_order_3",
    "memorization_20",
    "random_permutation",
)
FIRST = ("without_recurrence", "esn", "lstm")  # of the methods


@dataclass(frozen=True, kw_only=True)
class Row(records.Row):
    """One method on one task at one length."""

    task: str
    method: str
    n_steps: int

    @property
    def key(self):
        """What names the row in `results`: (task, method, n_steps)."""
        return self.task, self.method, self.n_steps


ROWS = {
    f"{task} {method} {n_steps}": Row(task=task, method=method, n_steps=n_steps)
    for task in TASKS
    for method in dict.fromkeys((*FIRST, *METHODS, *(CROSSED if task in LONG_TASKS else ())))
    for n_steps in LENGTHS
}


def run_group(name, seed, trials, deadline=np.inf):
    """Run the trials of one row until each is solved or has used up its time; see `runner`.

    Yields:
        One dictionary a trial: trial, the arguments of the method, and what `train.train` returns.

    Raises:
        ValueError: if no settings of this task and method are recorded.
    """
    key = seed, zlib.crc32(name.encode())
    return run(name, ROWS[name], winners(), key, trials, BUDGET, deadline)


def run(name, row, tuned, key, trials, budget, deadline):
    """Run the trials of a row, of this race or another; see `run_group`.

    Args:
        name: of the row.
        row: with its task, method and n_steps.
        tuned: {(task, method): settings}.
        key: integers that fix every random number, with that of the trial.
        trials: numbers of the trials.
        budget: seconds of one core's time.
        deadline: `time.time()` after which a trial is given up.
    """
    if (row.task, row.method) not in tuned:
        raise ValueError(
            f"row is {name!r}, and the recorded tuning has {sorted(tuned)}: run race_tuning first"
        )
    arguments = at_length(tuned[row.task, row.method], row.n_steps)
    for trial in trials:
        at = (*key, trial)
        result = train(row.task, row.method, row.n_steps, arguments, at, budget, deadline)
        if result is None:
            return
        yield {"trial": trial, "arguments": arguments, **result}


def skip(name, trials):
    """Say whether a row need not be run, or run on.

    Args:
        name: key of `ROWS`.
        trials: dictionary of lists, the trials of each row that are finished.
    """
    row = ROWS[name]
    shorter = (f"{row.task} {row.method} {n}" for n in LENGTHS if n < row.n_steps)
    decided = outcomes(trials.get(name, ())) in ({"solved"}, {"unsolved"})
    return decided or any(outcomes(trials.get(n, ())) == {"unsolved"} for n in shorter)


def outcomes(trials):
    """Return the set of outcomes of the trials of a row; empty while there are too few."""
    return {trial["outcome"] for trial in trials} if len(trials) >= AT_LEAST else set()
