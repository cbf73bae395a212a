"""What came out: curves along the training, and the printed row beside ours."""

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.momentum2013.rows import COLUMNS, PAPER, ROWS, share
from rnncourse.experiments.momentum2013.trials import EVERY
from rnncourse.experiments.published import Published, seconds, spread, verdict

FACTOR = 1.5  # an error that is at most so many times the printed one has come out,
LEFT = 0.8  # if it is below that of a constant answer, 0.846, by more than its test set's chance


def curves(path=None, seed=1997, what="wrong"):
    """Return the share of wrong answers as {row: (trials, checks) array}, recorded rows only.

    A trial that diverged counts as all wrong from then on.

    Args:
        path: file of results; the one that comes with the package if None.
        seed: the seed of the results that are shown.
        what: "wrong", or "cost" for the mean cost between checks, which older rows do not have and
            which is infinite after a trial has diverged.
    """
    return {
        name: _curves(name, trials, what)
        for name, trials in _recorded(path, seed).items()
        if all(what in trial for trial in trials)
    }


def _recorded(path, seed):
    """Return {row: list of trials in order}, in the order of ROWS."""
    found = records.trials_by_row(path or records.RECORDED / "momentum2013.jsonl", seed)
    return {
        row: sorted(found[row], key=lambda trial: trial.get("trial", 0))
        for row in ROWS
        if row in found
    }


def _curves(name, trials, what="wrong"):
    checks, after = ROWS[name].dimensions[2] // EVERY, {"wrong": 1.0, "cost": np.inf}[what]
    return np.array([t[what] + [after] * (checks - len(t[what])) for t in trials])


def published(path=None):
    """Return the printed row of the adding problem at T = 80 beside ours; see `published`.

    Args:
        path: file of results; the one that comes with the package if None.
    """
    found = _recorded(path, 1997)
    return [
        _published(name, found[name])
        for column in COLUMNS
        for name in found
        if ROWS[name].length == 80 and ROWS[name].column == column
    ]


def _published(name, trials):
    row, ends = ROWS[name], _curves(name, trials)[:, -1]
    printed = PAPER[row.column]
    bar = min(FACTOR * printed, LEFT)
    reached = int(np.sum(ends <= bar))
    return Published(
        paper="2013",
        result=f"table 5, adding at T = 80, column {row.column}: share of wrong answers",
        reading=_reading(row),
        printed=f"{printed:g}",
        ours=spread(ends),
        solved=f"{reached} of {len(ends)}",
        cost=seconds(trials),
        row=name,
        comes_out=verdict(ends.mean() <= bar, len(ends)),
    )


def _reading(row):
    """Return how the row goes about it, in words; `Row` has the names."""
    _, B, n_updates = row.dimensions
    said = [f"{n_updates:,} updates of {B}", f"eta {row.rate * (1 - share(row.column)):.2g}"]
    said.append(f"input scale {row.input_scale:g}")
    said.append("one length" if row.fixed else "lengths 80 to 88")
    if row.marks:
        said.append("end marks")
    if np.isfinite(row.max_norm):
        said.append(f"gradients clipped at {row.max_norm:g}")
    if row.first_state:
        said.append("first state learned")
    return ", ".join(said)
