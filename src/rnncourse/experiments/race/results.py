"""What is recorded of the race: its runs, and the share of them solved by a time."""

from operator import itemgetter

import numpy as np
from scipy.stats import binomtest

from rnncourse.experiments import records
from rnncourse.experiments.four_ways.methods import HF_CURVATURE, HIDDEN
from rnncourse.experiments.four_ways.train import FIRST_LOOK
from rnncourse.experiments.race.rows import BUDGET, LENGTHS, ROWS, outcomes

BUDGETS = (0.1, 1, 10, 100)  # seconds, in tables


def runs(path=None, seed=1997):
    """Return {(task, method, n_steps): trials} of what is recorded, in the order of `ROWS`.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: the seed of the runs that are counted.
    """
    trials = records.trials_by_row(path or records.RECORDED / "race.jsonl", seed)
    return {row.key: trials[name] for name, row in ROWS.items() if name in trials}


def skipped(found):
    """Return the rows that are not run because the method failed at a shorter length.

    Args:
        found: what `runs` returns.
    """
    return {
        (task, method, n)
        for (task, method, shorter), trials in found.items()
        for n in LENGTHS
        if n > shorter and outcomes(trials) == {"unsolved"}
    }


def ends(trials, amount=itemgetter("seconds")):
    """Return the sorted times at which trials had solved their task, infinite where they never did.

    Args:
        trials: list of dictionaries of `train.train`.
        amount: function of a trial, what is to be returned in place of its seconds, such as
            `itemgetter("updates")` or, of one method, `multiplications`.
    """
    return np.sort([amount(t) if t["outcome"] == "solved" else np.inf for t in trials])


def standing(trials):
    """Return what is told of the trials of a row, and their rank among others, the best lowest.

    Those of which the median ends before the first look are level.

    Args:
        trials: list of dictionaries of `train.train`.
    """
    times = ends(trials)
    solved, middle = int(np.isfinite(times).sum()), np.median(times)
    told = f", median {float(f'{middle:.1g}'):g} s" if np.isfinite(middle) else ""
    return f"{solved} of {len(times)} solved{told}", (-solved / len(times), max(middle, FIRST_LOOK))


def multiplications(trial, method):
    """Return how many multiplications with recurrent weights a run took, for each time step.

    A gradient of one sequence takes three products of W_hh and a state, and an LSTM has four such
    matrices; a product with the curvature takes four, for each sequence of its part of the batch.
    Looks at the cost alone are not counted, nor is what an optimizer does with a gradient.

    Args:
        trial: dictionary of `train.train`, of a method that learns recurrent weights.
        method: its name.
    """
    gates = 4 if method == "lstm" else 1
    curvature = 4 * trial["products"] * (trial["arguments"]["batch"] // HF_CURVATURE)
    return HIDDEN**2 * (3 * gates * trial["sequences"] + curvature)


def share_solved(trials, times, amount=itemgetter("seconds")):
    """Return how many of the trials had solved their task by each time, and how many there are.

    Args:
        trials: list of dictionaries of `train.train`.
        times: array, in seconds.
        amount: what takes the place of the seconds; see `ends`.
    """
    return np.searchsorted(ends(trials, amount), times, side="right"), len(trials)


def curve(trials, first=0.03, last=BUDGET, amount=itemgetter("seconds")):
    """Return the share solved against time as stairs: (times, share, low, high), arrays.

    Each value holds from its time to the next one; low and high are Wilson's interval of it.

    Args:
        trials: list of dictionaries of `train.train`.
        first: where the stairs begin, in seconds.
        last: where they end.
        amount: what takes the place of the seconds; see `ends`.
    """
    times = np.unique(np.clip([first, *ends(trials, amount), last], first, last))
    solved, runs = share_solved(trials, times, amount)
    return times, solved / runs, *wilson(solved, runs)


def wilson(solved, runs):
    """Return the lower and the upper end of Wilson's 95 % interval of a share.

    Args:
        solved: array of integers.
        runs: integer from 1.
    """
    ends = {
        k: binomtest(k, runs).proportion_ci(0.95, "wilson") for k in set(np.ravel(solved).tolist())
    }
    return np.array([[ends[k][end] for k in np.ravel(solved).tolist()] for end in (0, 1)])
