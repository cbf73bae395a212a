"""How each method gets its settings for each task: the same search for all, by the same clock.

    python -m rnncourse.experiments race_tuning

Sixteen settings are drawn from the ranges of the method (`settings.draws`) and run on the task at
length 50 for 2 s of one core each; the best four are run again, with other random numbers, for 8 s
each. The best is the one that solves its task first; among those that do not, or do it before the
first look at 0.1 s, the one with fewer wrong answers, to a tenth, and then the one with the lower
cost. So each method gets at most 64 s for a task. The random numbers are none of those of the race.

Source:
    Jamieson and Talwalkar, AISTATS 2016: successive halving, here by four.
"""

import zlib
from dataclasses import dataclass

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.four_ways.tasks import TASKS
from rnncourse.experiments.four_ways.train import FIRST_LOOK, train
from rnncourse.experiments.race.settings import DRAWS, METHODS, at_length, draws, on_edge

LENGTH = 50
ROUNDS = ((DRAWS, 2.0), (4, 8.0))  # settings, and seconds for each
BUDGET = sum(n * seconds for n, seconds in ROUNDS)


@dataclass(frozen=True, kw_only=True)
class Row(records.Row):
    """One method on one task."""

    task: str
    method: str
    trials: int = 1


ROWS = {f"{task} {method}": Row(task=task, method=method) for task in TASKS for method in METHODS}


def run_group(name, seed, trials, deadline=np.inf):
    """Search the settings of one method for one task; see `runner`.

    Yields:
        A dictionary a trial: trial, seconds of processor time, `rounds`, which is a list of what
        each run came to ({number, outcome, seconds, wrong, cost}), best first, for each round, and
        the `settings` that won.
    """
    row = ROWS[name]
    tried = draws(row.method)
    for trial in trials:
        left, rounds = range(DRAWS), []
        for n_left, seconds in ROUNDS:
            key = (seed, zlib.crc32(f"tuning {name}".encode()), trial, len(rounds))
            found = [_run(row, tried, number, key, seconds, deadline) for number in left[:n_left]]
            if None in found:
                return
            rounds.append(sorted(found, key=_rank))
            left = [result["number"] for result in rounds[-1]]
        yield {
            "trial": trial,
            "seconds": round(sum(r["seconds"] for found in rounds for r in found), 2),
            "rounds": rounds,
            "settings": tried[left[0]],
        }


def _run(row, tried, number, key, seconds, deadline):
    arguments = at_length(tried[number], LENGTH)
    result = train(row.task, row.method, LENGTH, arguments, key, seconds, deadline)
    if result is None:
        return None
    cost = result["looks"][-1][-1] if result["looks"] else None
    return (
        {"number": number}
        | {k: result[k] for k in ("outcome", "seconds", "wrong")}
        | {"cost": cost}
    )


def _rank(result):
    """Return what sorts the best result first."""
    cost = np.inf if result["cost"] is None else result["cost"]
    seconds = max(result["seconds"], FIRST_LOOK)
    return result["outcome"] != "solved", seconds, round(result["wrong"], 1), cost


def winners(path=None, seed=1997):
    """Return {(task, method): settings} of what won in a file of results.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: the seed of the runs that are counted.
    """
    trials = records.trials_by_row(path or records.RECORDED / "race_tuning.jsonl", seed)
    return {(ROWS[name].task, ROWS[name].method): t[0]["settings"] for name, t in trials.items()}


def edges(path=None, seed=1997):
    """Return {(task, method): names} of those winning settings that are at an end of their range.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: the seed of the runs that are counted.
    """
    found = {key: on_edge(key[1], settings) for key, settings in winners(path, seed).items()}
    return {key: names for key, names in found.items() if names}
