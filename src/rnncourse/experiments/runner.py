"""Run the trials of an experiment in parallel through joblib, and go on where a run was stopped.

An experiment is a module with `ROWS`, a dictionary whose values have `trials`, and with a function
`run_group(name, seed, trials, deadline=inf)`, which yields or returns one dictionary for each trial
that ended, with its number as `trial`:

    name        key of `ROWS`
    seed        integer; with the row's name and the trial it fixes every random number
    trials      numbers of the trials, from 0
    deadline    `time.time()` after which a trial is given up, and not returned

It may have `skip(name, finished)`, which says from the finished trials, {row: list of
dictionaries}, that a row is not worth running; it is asked when the row's turn comes.
The compiled loops run where Numba is there, and a record says which form ran.
With one process each trial is recorded when it ends, with more each group. The backend is joblib's:
the same call runs on a cluster.

    import joblib, distributed                # or ray.util.joblib.register_ray, and "ray"
    distributed.Client("scheduler:8786")
    with joblib.parallel_config("dask"):
        runner.run("lstm1997", lstm1997, "lstm1997.jsonl")
"""

import math
import time

import joblib
from tqdm import tqdm

from rnncourse import compiled
from rnncourse.experiments import records
from rnncourse.inputs import integer


def run(name, experiment, path, rows=None, trials=None, seed=1997, jobs=None, minutes=None):
    """Run what is not in the file yet, and append each group of trials when it is finished.

    Args:
        name: of the experiment, for the recorded command.
        experiment: a module, see above.
        path: of the file of results.
        rows: names of rows, in the order in which they are run; all if None.
        trials: number of trials of each row; the row's own if None.
        seed: integer that fixes, with row and trial, every random number.
        jobs: number of processes; None takes joblib's configuration, by default one.
        minutes: time after which unfinished trials are given up; no limit if None.

    Returns:
        The number of trials that were run.

    Raises:
        ValueError: if there is no row of a name, an argument is out of range, or the file cannot
            be written.
    """
    rows = list(experiment.ROWS) if rows is None else list(dict.fromkeys(rows))
    unknown = sorted(set(rows) - set(experiment.ROWS))
    if unknown:
        raise ValueError(f"rows has {unknown}, expected some of {list(experiment.ROWS)}")
    integer("seed", seed, 0)
    if trials is not None:
        integer("trials", trials, 1)
    if jobs not in (None, -1):
        integer("jobs", jobs, 1, besides=", or -1 for one a core")
    if minutes is not None and not minutes > 0:
        raise ValueError(f"minutes is {minutes}, expected more than 0")
    records.check_writable(path)
    deadline = math.inf if minutes is None else time.time() + 60 * minutes
    finished = records.trials_by_row(path, seed)
    groups = []
    for row in rows:
        wanted = range(experiment.ROWS[row].trials if trials is None else trials)
        done = {trial["trial"] for trial in finished.get(row, ())}
        left = [trial for trial in wanted if trial not in done]
        size = experiment.ROWS[row].group
        size = max(1, min(size, math.ceil(len(left) / joblib.effective_n_jobs(jobs))))
        groups += [(row, left[k : k + size]) for k in range(0, len(left), size)]
    n_run = 0
    with tqdm(total=sum(len(group) for _, group in groups), unit="trial", desc=name) as bar:

        def in_turn():
            for row, group in groups:
                if hasattr(experiment, "skip") and experiment.skip(row, finished):
                    bar.total -= len(group)
                else:
                    yield row, group

        for row, form, results in _results(experiment, in_turn(), seed, jobs, deadline):
            bar.set_postfix_str(f"row {row}")
            bar.update(len(results))
            n_run += len(results)
            finished.setdefault(row, []).extend(results)
            if results:
                command = f'python -m rnncourse.experiments {name} --row "{row}" --seed {seed}'
                record = {"row": row, "seed": seed, **records.provenance(command), "loops": form}
                records.append(path, record | {"trials": results})
    return n_run


def _results(experiment, groups, seed, jobs, deadline):
    """Yield (row, form, results) as they come, one trial at a time or a group at a time."""
    if joblib.effective_n_jobs(jobs) == 1:
        for row, group in groups:
            with compiled.preferred() as form:
                for result in experiment.run_group(row, seed, tuple(group), deadline):
                    yield row, form, [result]
    else:
        yield from joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")(
            joblib.delayed(_run_group)(experiment.run_group, row, seed, tuple(group), deadline)
            for row, group in groups
        )


def _run_group(function, row, seed, trials, deadline):
    """Return the row, the form of its loops, and its results, which come back in any order."""
    with compiled.preferred() as form:
        return row, form, list(function(row, seed, trials, deadline))
