"""How each method gets its settings for each task: the same search for all, by the same clock.

    python -m rnncourse.experiments race_tuning

Sixteen settings are drawn from the ranges of the method (`settings.draws`) and run on the task at
length 50 for 2 s of one core each; the best four are run again, with other random numbers, for 8 s
each; the best two of these three times more for 16 s each, at length 100. The best is the one that
solves its task more often, then the one with the lower median time; among those that do not solve
it, or do it before the first look at 0.1 s, the one with fewer wrong answers, to a tenth, and then
the one with the lower cost. So each method gets at most 160 s for a task. The random numbers are
none of those of the race.

Source:
    Jamieson and Talwalkar, AISTATS 2016: successive halving, here by four.
"""

import zlib
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.four_ways.tasks import TASKS
from rnncourse.experiments.four_ways.train import FIRST_LOOK, train
from rnncourse.experiments.race.settings import (
    BLOCKS,
    CROSSED,
    DRAWS,
    METHODS,
    at_length,
    draws,
    on_edge,
)


class Round(NamedTuple):
    """Some settings, each run a few times."""

    settings: int
    runs: int  # of each
    seconds: float  # of each run
    length: int


ROUNDS = (Round(DRAWS, 1, 2.0, 50), Round(4, 1, 8.0, 50), Round(2, 3, 16.0, 100))
BUDGET = sum(r.settings * r.runs * r.seconds for r in ROUNDS)


@dataclass(frozen=True, kw_only=True)
class Row(records.Row):
    """One method on one task."""

    task: str
    method: str
    trials: int = 1


LONG_TASKS = ("adding", "temporal_order")  # tasks of `long_race`, and of `CROSSED`
ROWS = {
    f"{task} {method}": Row(task=task, method=method)
    for task in TASKS
    for method in (*METHODS, *((*BLOCKS, *CROSSED) if task in LONG_TASKS else ()))
}


def run_group(name, seed, trials, deadline=np.inf):
    """Search the settings of one method for one task; see `runner`.

    Yields:
        A dictionary a trial: trial, seconds of processor time, `rounds`, which is a list of what
        each setting came to ({number, runs}, best first; a run is {outcome, seconds, wrong, cost})
        for each round, and the `settings` that won.
    """
    row = ROWS[name]
    tried = draws(row.method)
    for trial in trials:
        left, rounds = range(DRAWS), []
        for of in ROUNDS:
            key = (seed, zlib.crc32(f"tuning {name}".encode()), trial, len(rounds))
            found = []
            for number in left[: of.settings]:
                runs = [_run(row, tried[number], (*key, k), of, deadline) for k in range(of.runs)]
                if None in runs:
                    return
                found.append({"number": number, "runs": runs})
            rounds.append(sorted(found, key=rank))
            left = [result["number"] for result in rounds[-1]]
        spent = [run["seconds"] for found in rounds for result in found for run in result["runs"]]
        yield {
            "trial": trial,
            "seconds": round(sum(spent), 2),
            "rounds": rounds,
            "settings": tried[left[0]],
        }


def _run(row, settings, key, of, deadline):
    arguments = at_length(settings, of.length)
    result = train(row.task, row.method, of.length, arguments, key, of.seconds, deadline)
    if result is None:
        return None
    cost = result["looks"][-1][-1] if result["looks"] else None
    return {k: result[k] for k in ("outcome", "seconds", "wrong")} | {"cost": cost}


def rank(result):
    """Return what sorts the best settings first: (runs unsolved, seconds, share wrong, cost).

    Args:
        result: {number, runs}, one of a round; the last three are medians over its runs.
    """
    runs = result["runs"]
    return (
        sum(run["outcome"] != "solved" for run in runs),
        max(np.median([run["seconds"] for run in runs]), FIRST_LOOK),
        round(np.median([run["wrong"] for run in runs]), 1),
        np.median([np.inf if run["cost"] is None else run["cost"] for run in runs]),
    )


def winners(path=None, seed=1997):
    """Return {(task, method): settings} of what won in a file of results.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: the seed of the runs that are counted.
    """
    trials = records.trials_by_row(path or records.RECORDED / "race_tuning.jsonl", seed, ROWS)
    return {(ROWS[name].task, ROWS[name].method): t[0]["settings"] for name, t in trials.items()}


def edges(path=None, seed=1997):
    """Return {(task, method): names} of those winning settings that are at an end of their range.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: the seed of the runs that are counted.
    """
    found = {key: on_edge(key[1], settings) for key, settings in winners(path, seed).items()}
    return {key: names for key, names in found.items() if names}
