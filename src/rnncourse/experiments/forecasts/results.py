"""What is recorded of the experiment `four_ways_forecast`, and which settings won."""

from rnncourse.experiments import records
from rnncourse.experiments.forecasts.runs import LONGER, ROWS
from rnncourse.experiments.forecasts.scores import overall
from rnncourse.experiments.forecasts.settings import GRIDS
from rnncourse.experiments.four_ways.methods import METHODS


def trials(path=None, seed=1997):
    """Return {(system, method): {number: {trial: scores}}} of the runs of `BUDGET`.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: the seed of the runs that are counted.
    """
    found = {}
    for row, runs in _recorded(path, seed):
        if row.times == 1:
            of_method = found.setdefault((row.system, row.method), {})
            of_method[row.number] = {run["trial"]: run for run in runs}
    return found


def longer(path=None, seed=1997):
    """Return {method: scores} of the longer runs on polar motion. Arguments as in `trials`."""
    return {row.method: runs[0] for row, runs in _recorded(path, seed) if row.times == LONGER}


def _recorded(path, seed):
    path = path or records.RECORDED / "four_ways_forecast.jsonl"
    found = records.trials_by_row(path, seed, ROWS)
    return [(ROWS[name], runs) for name, runs in found.items()]


def winners(path=None, seed=1997):
    """Return {(system, method): number} of the settings that are best in validation.

    A method whose settings have not all been tried is left out. Arguments as in `trials`.
    """
    return {
        key: min(runs, key=lambda n: overall(runs[n][0]["validation"]))
        for key, runs in trials(path, seed).items()
        if all(0 in runs.get(number, ()) for number in range(len(GRIDS[key[1]])))
    }


def results(system, path=None, seed=1997):
    """Return {method: list of the scores of its chosen setting, one dictionary a trial}.

    Args:
        system: key of `SYSTEMS`.
        path: as in `trials`.
        seed: as in `trials`.
    """
    found, chosen = trials(path, seed), winners(path, seed)
    return {
        method: [scores for _, scores in sorted(found[system, method][number].items())]
        for method in METHODS
        if (number := chosen.get((system, method))) is not None
    }
