"""What is recorded, what it cost, and what the paper says beside it."""

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.hessian_free.rows import ROWS, WORDS
from rnncourse.experiments.published import Published, number, seconds, spread, verdict

LAGS = "solved, as are lags of up to 200 (in words, the figure could not be read)"
ESSENTIAL = "memorization beyond 50 blanks needs structural damping (in words)"


def recorded(path=None, seed=None):
    """Return what is recorded, as {row: list of trials in order}.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: of the results that are wanted; of all if None.
    """
    path = path or records.RECORDED / "hessian_free.jsonl"
    found = records.trials_by_row(path, seed)
    return {
        row: sorted(found[row], key=lambda trial: trial["trial"]) for row in ROWS if row in found
    }


def work(row, trial):
    """Return the work of a trial, in gradients of one sequence.

    A product with the curvature counts as 4/3 of a gradient, by its products of a matrix with a
    state, and a look at the cost as nothing.
    """
    batch = (WORDS, WORDS) if row.task == "memorization" else (row.gradient, row.curvature)
    return batch[0] * trial["updates"] + 4 / 3 * batch[1] * trial["cg_steps"]


def solved(trials):
    """Return those of the trials that were solved."""
    return [trial for trial in trials if trial["outcome"] == "solved"]


def _pooled(found, task, end):
    """Return the trials of a task's row and of that with a higher cap, each with its row."""
    names = (f"{task}{end}", f"{task}, cap 150{end}")
    return [(ROWS[name], trial) for name in names for trial in found.get(name, ())]


def comparison(found, task, within=100):
    """Compare the trials of a task without structural damping and with it.

    Args:
        found: what `recorded` returned.
        task: name of the row without it; trials of its row with a higher cap count, too.
        within: number of steps; who is solved later counts as not solved.

    Returns:
        (solved, trials) without it, the same with it, and the two-sided p of Fisher's exact test.
    """
    from scipy.stats import fisher_exact  # slow to import

    counts = []
    for end in ("", ", structural"):
        trials = [trial for _, trial in _pooled(found, task, end)]
        soon = [trial for trial in solved(trials) if trial["updates"] <= within]
        counts.append((len(soon), len(trials)))
    return *counts, float(fisher_exact([(k, n - k) for k, n in counts]).pvalue)


def at_equal_work(found, task):
    """Count the solved trials of a task without structural damping and with it, at equal work.

    Args:
        found: what `recorded` returned.
        task: name of the row without it, of which a trial is not solved; trials of its row with a
            higher cap count, too, as in `comparison`.

    Returns:
        The work at which the last unsolved trial without it was stopped, in gradients of one
        sequence, and the numbers of trials that were solved by then without it and with it.
    """
    without, with_it = (
        [
            (work(row, trial), trial["outcome"] == "solved")
            for row, trial in _pooled(found, task, end)
        ]
        for end in ("", ", structural")
    )
    most = max(spent for spent, is_solved in without if not is_solved)
    by_then = (
        sum(spent <= most for spent, is_solved in trials if is_solved)
        for trials in (without, with_it)
    )
    return most, *by_then


def published(path=None):
    """Return what the sources say of the paper in words, our runs beside it; see `published`.

    Its figure, of the share of failures by task and length, could not be read. A lag counts as
    come out where nine of ten trials are solved; the need of structural damping where at most one
    of ten is solved without it, more are with it, and Fisher's test finds that less than 5 % likely
    by chance.
    """
    found = recorded(path, 1997)
    lines = [
        _lag(name, trials)
        for name, trials in found.items()
        if ROWS[name].optimizer == "Hessian-free" and "input scale 1" not in name
    ]
    for end in (" 50", " 50, float64", " 100", " 100, float64"):
        name = f"memorization{end}"
        if name in found and f"{name}, structural" in found:
            lines.append(_need(name, found))
    return lines


def _lag(name, trials):
    """Return the line of a row: the steps of the solved trials, or the share wrong at the end."""
    steps = [trial["updates"] for trial in solved(trials)]
    wrong = [trial["wrong"] for trial in trials]
    return Published(
        paper="2011",
        result=f"{ROWS[name].task.replace('_', ' ')}, length {ROWS[name].length}: {LAGS}",
        reading=f"50 units: {name.replace('_', ' ')}",
        printed="-",
        ours=f"{spread(steps)} steps" if steps else f"{number(np.mean(wrong))} wrong",
        solved=f"{len(steps)} of {len(trials)}",
        cost=seconds(trials),
        row=name,
        comes_out=verdict(len(steps) >= 0.9 * len(trials), len(trials)),
    )


def _need(name, found):
    """Return the line of the comparison of a row with the same one under structural damping."""
    blanks, *more = name.removeprefix("memorization ").split(", ")
    (few, n), (many, m), p = comparison(found, name)
    return Published(
        paper="2011",
        result=ESSENTIAL,
        reading=", ".join(("50 units", f"{blanks} blanks", *more)),
        printed="-",
        ours=f"{few} of {n} without it, p = {p:.2g}",
        solved=f"{many} of {m}",
        cost=seconds(found[f"{name}, structural"]),
        row=f"{name}, structural",
        comes_out=few / n <= 0.1 and many / m > few / n and p < 0.05,
    )
