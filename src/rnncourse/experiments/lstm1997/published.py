"""The rows of 1997 for the page "The classics, reproduced": as printed, and as they come out."""

import numpy as np

from rnncourse.experiments import records
from rnncourse.experiments.lstm1997.printed import PRINTED
from rnncourse.experiments.lstm1997.rows import REPRODUCING, ROWS, named
from rnncourse.experiments.published import NOT_RUN, Published, seconds, spread, verdict

TABLES = {"1": 1, "2a": 2, "2b": None, "2c": 3, "3a": 4, "3b": 5, "3c": 6, "4": 7, "5": 8, "6": 9}
FACTOR = 1.5  # ours and the printed mean differ by no more; who is not solved counts with the cap
SHARE = 0.9  # of the printed share of trials are solved


def published(path=None):
    """Return every printed mean number of sequences, with ours, as a list of `Published`.

    Args:
        path: of a file of results; the recorded one if None.
    """
    trials = records.trials_by_row(path or records.RECORDED / "lstm1997.jsonl")
    return [
        _published(name, details, trials.get(named(name, details), []))
        for name in PRINTED
        for details in dict.fromkeys([(), REPRODUCING.get(name, ())])
    ]


def _published(name, details, trials):
    row = ROWS[named(name, details)]
    paper, solved = row.paper, [t["sequences"] for t in trials if t["outcome"] == "solved"]
    table = TABLES.get(name.split()[0], TABLES.get(name[0]))
    where = f"table {table}" if table else "section 5.2"
    ours = "not solved" if trials else NOT_RUN
    if solved:
        ours = spread(solved)
    if trials and len(solved) < len(trials):
        ours += f"; others not by {row.cap:,}" if solved else f" by {row.cap:,}"
    return Published(
        paper="1997",
        result=f"{where}: {row.task}; sequences until solved",
        reading=", ".join(details) or "as printed",
        printed=printed(paper),
        ours=ours,
        solved=f"{len(solved)} of {len(trials)}" if trials else "-",
        cost=seconds(trials) if trials else "-",
        row=named(name, details),
        comes_out=verdict(_comes_out(paper, solved, len(trials), row.cap), len(trials)),
    )


def printed(paper):
    """Return the printed results of a row as text."""
    success, of = paper["success"], f" of {paper['trials']}" if "trials" in paper else ""
    between = "{:,} to {:,}; ".format(*paper["range"]) if "range" in paper else ""
    share = success if isinstance(success, str) else f"{success} %"
    return f"{'' if success else 'more than '}{paper['sequences']:,} ({between}{share}{of})"


def _comes_out(paper, solved, n_trials, cap):
    success = paper["success"]
    if not success or not solved:
        return not success and not solved and n_trials > 0
    share = 0 if isinstance(success, str) else SHARE * success / 100
    missed = n_trials - len(solved) if success == 100 else 0  # the printed mean is that of all
    mean = np.mean(solved + missed * [cap])
    within = 1 / FACTOR <= mean / paper["sequences"] <= FACTOR
    return bool(len(solved) >= share * n_trials and within)
