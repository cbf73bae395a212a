"""What came out: curves along the training, and the printed row beside ours."""

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.momentum2013.rows import COLUMNS, PAPER, ROWS
from rnncourse.experiments.momentum2013.trials import EVERY, share
from rnncourse.experiments.published import Published

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
    after = {"wrong": 1.0, "cost": np.inf}[what]
    path = path or records.RECORDED / "momentum2013.jsonl"
    trials, found = records.trials_by_row(path, seed), {}
    for name, row in ROWS.items():
        if name in trials and all(what in trial for trial in trials[name]):
            checks = row.dimensions[2] // EVERY
            seen = [trial[what] for trial in sorted(trials[name], key=_number)]
            found[name] = np.array([c + [after] * (checks - len(c)) for c in seen])
    return found


def _number(trial):
    return trial.get("trial", 0)


def published(path=None):
    """Return the printed row of the adding problem at T = 80 beside ours; see `published`.

    Args:
        path: file of results; the one that comes with the package if None.
    """
    path = path or records.RECORDED / "momentum2013.jsonl"
    trials, ends = records.trials_by_row(path, 1997), curves(path)
    return [
        _published(name, ends[name][:, -1], [trial["seconds"] for trial in trials[name]])
        for column in COLUMNS
        for name in ends
        if ROWS[name].length == 80 and ROWS[name].column == column
    ]


def _published(name, ends, seconds):
    row, printed = ROWS[name], PAPER[ROWS[name].column]
    low, high = ends.min(), ends.max()
    spread = f" ({low:.3f} to {high:.3f})" if len(ends) > 1 else ""
    bar = min(FACTOR * printed, LEFT)
    reached = int(np.sum(ends <= bar))
    return Published(
        paper="2013",
        result=f"table 5, adding at T = 80, column {row.column}: share of wrong answers",
        reading=_reading(row),
        printed=f"{printed:g}",
        ours=f"{ends.mean():.3f}{spread}",
        solved=f"{reached} of {len(ends)}",
        cost=f"{np.mean(seconds):.0f} s",
        row=name,
        comes_out=bool(reached >= 0.9 * len(ends) and ends.mean() <= bar),
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
