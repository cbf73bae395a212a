"""The papers that are run again: every printed number that we show, and ours beside it.

python -m rnncourse.experiments.classics            # the tables of the page
python -m rnncourse.experiments.classics --check    # run a small part of each paper again
"""

import argparse
import math
import sys

import numpy as np

from rnncourse import compiled
from rnncourse.experiments import names, records
from rnncourse.experiments.published import NOT_RUN

PAPERS = {  # experiment: heading
    "lstm1997": "1997: long short-term memory",
    "echo_state": "2001: echo state networks",
    "hessian_free": "2011: Hessian-free",
    "momentum2013": "2013: initialization and momentum",
}
HEADS = ("result", "reading", "paper", "ours", "reached by", "a trial takes", "row", "comes out")
# What is run again: experiment, row, number of trials, what is compared of a trial.
PARTS = (
    ("lstm1997", "1 3x2 0.5 + shortcuts + output biases + soft targets", 5, "sequences"),
    ("lstm1997", "2b + usual ranges + errors at the end + output biases", 6, "sequences"),
    ("echo_state", "mackey-glass 17, N = 400, 3000 steps", 3, "nrmse84"),
    ("hessian_free", "adding 30", 2, "updates"),
    ("momentum2013", "20 echo state 0.995N, rate 1.0", 2, "wrong"),
)
SPREAD = 1.5  # how far beyond the recorded trials one that is run again may end, as a factor
ERRORS = 3  # how far the mean logarithms may lie apart, in standard errors, with MANY recorded
MANY = 10


def published():
    """Return the rows of all papers, as {experiment: list of `Published`}."""
    return {name: names.module(name).published() for name in PAPERS}


def markdown():
    """Return the rows of all papers as tables in Markdown, below a count of what comes out."""
    parts = []
    for name, rows in published().items():
        ran = [row for row in rows if row.ours != NOT_RUN]
        run = {row.result for row in ran}
        judged = {row.result for row in ran if row.comes_out is not None}
        shown = [row for row in rows if row.result in run]
        out = {row.result for row in rows if row.comes_out}
        left = dict.fromkeys(f"{r.result} ({r.printed})" for r in rows if r.result not in run)
        parts += [
            f"## {PAPERS[name]}",
            f"Of {len(judged)} results {len(out)} come out under at least one reading. "
            f"{_origin(name, {row.row for row in shown})} The command is "
            f'`python -m rnncourse.experiments {name} --row "ROW"`.',
            _table(shown),
        ]
        if left:
            parts.append(f"Not run, with the printed number: {'; '.join(left)}.")
    return "\n\n".join(parts) + "\n"


def _origin(name, rows):
    """Return a sentence on when and with what the trials of some rows were run."""
    found = [r for r in records.read(records.RECORDED / f"{name}.jsonl") if r["row"] in rows]
    dates = sorted({record["date"] for record in found})
    machines = ", ".join(sorted({record.get("processor", record["machine"]) for record in found}))
    numpy = ", ".join(sorted({record["numpy"] for record in found}))
    days = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    return f"Run {days} on {machines} with NumPy {numpy}."


def _table(rows):
    """Return a table; what a line has in common with the one above stands only there."""
    lines, above = [HEADS, ["---"] * len(HEADS)], ()
    for row in rows:
        out = {True: "yes", False: "no", None: "-"}[None if row.ours == NOT_RUN else row.comes_out]
        head = (row.result, row.printed)
        result, printed = ("", "") if head == above else head
        cells = [result, row.reading, printed, row.ours, row.solved, row.cost, f"`{row.row}`", out]
        lines.append(cells)
        above = head
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def check(parts=PARTS):
    """Run a small part of each paper again, beside what is recorded; return whether all agree.

    A trial with the recorded seed ends as a recorded one, but trainings amplify the last digits, in
    which processors differ. It agrees if its outcome is one that is recorded of the row, and its
    number not beyond those by more than a factor `SPREAD`. The mean logarithm of the numbers must
    lie within `ERRORS` standard errors of that of the recorded ones, where these are `MANY`.
    """
    all_agree = True
    for name, row, n_trials, key in parts:
        before = records.trials_by_row(records.RECORDED / f"{name}.jsonl")[row]
        outcomes, numbers = {t.get("outcome") for t in before}, [_number(t[key]) for t in before]
        with compiled.preferred():
            again = list(names.module(name).run_group(row, 1997, tuple(range(n_trials))))
        for trial in again:
            number = _number(trial[key])
            same = next((_number(t[key]) for t in before if t["trial"] == trial["trial"]), math.nan)
            within = min(numbers) / SPREAD <= number <= max(numbers) * SPREAD
            agrees = within and trial.get("outcome") in outcomes
            all_agree &= agrees
            sys.stdout.write(
                f"{name}, {row}, trial {trial['trial']}: {key} {number:g}, recorded {same:g}, "
                f"of all {min(numbers):g} to {max(numbers):g}: {_verdict(agrees)}\n"
            )
        if len(numbers) >= MANY and min(numbers) > 0:
            factor, bound = compared([_number(trial[key]) for trial in again], numbers)
            agrees = 1 / bound <= factor <= bound
            all_agree &= agrees
            sys.stdout.write(
                f"{name}, {row}: {key} is {factor:.2f} of the recorded ones in the geometric mean, "
                f"bound {bound:.2f}: {_verdict(agrees)}\n"
            )
    return all_agree


def compared(numbers, recorded):
    """Return the ratio of two geometric means, and how far it may lie from 1, as a factor.

    The bound has the spread of the recorded numbers, as if the others were as many fresh trials.
    """
    logs = np.log(recorded)
    error = logs.std(ddof=1) * math.sqrt(1 / len(numbers) + 1 / len(recorded))
    return math.exp(np.mean(np.log(numbers)) - logs.mean()), math.exp(ERRORS * error)


def _verdict(agrees):
    return "agrees" if agrees else "DIFFERS"


def _number(value):
    """Return a number, or the last one of a list."""
    return value[-1] if isinstance(value, list) else value


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="run a small part of each again")
    if parser.parse_args().check:
        sys.exit(0 if check() else 1)
    sys.stdout.write(markdown())
