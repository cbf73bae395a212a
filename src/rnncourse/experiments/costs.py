"""What the recorded tables cost: core-hours from the records, memory from a run that measures it.

python -m rnncourse.experiments.costs              # the table
python -m rnncourse.experiments.costs --measure    # run each for a moment, record its memory
"""

import argparse
import os
import subprocess
import sys
import time

import numpy as np

from rnncourse.experiments import names, records

WEEKS = {
    "lags": "4, 5",
    "lstm1997": "5",
    "echo_state": "6",
    "momentum2013": "7",
    "hessian_free": "8",
    "four_ways_forecast": "9",
    "race_tuning": "9",
    "race": "9",
    "lru_choices": "11",
    "long_race": "11",
}
MOMENT = 20.0  # s; longer than it takes until the largest arrays are there


def cost(name, folder=records.RECORDED):
    """Return what the table of an experiment took, and what all of it takes.

    Args:
        name: of the experiment, a key of `names.MODULES`.
        folder: where NAME.jsonl and costs.jsonl are; the recorded ones if not given.

    Returns:
        A dictionary: trials (recorded), of (trials in the whole table), hours (of one core, for
        those that are recorded), full (hours of one core for the whole table, if the trials that
        are missing take the mean of their row, or of all where their row has none; NaN with nothing
        recorded) and megabytes (the largest memory of one process, None if it was not measured).

    Raises:
        ValueError: if there is no experiment of this name.
    """
    rows = names.module(name).ROWS
    seconds = {}
    for record in records.once(folder / f"{name}.jsonl"):
        if record["row"] in rows:
            seconds.setdefault(record["row"], []).extend(t["seconds"] for t in record["trials"])
    found = [s for trials in seconds.values() for s in trials]
    full = sum(row.trials * np.mean(seconds.get(key, found)) for key, row in rows.items() if found)
    measured = records.trials_by_row(folder / "costs.jsonl").get(name, [])
    return {
        "trials": len(found),
        "of": sum(row.trials for row in rows.values()),
        "hours": sum(found) / 3600,
        "full": float(full) / 3600 if found else float("nan"),
        "megabytes": max((trial["megabytes"] for trial in measured), default=None),
    }


def markdown():
    """Return the costs of all experiments as a table in Markdown."""
    lines = [
        "| week | experiment | trials recorded | core-hours recorded | core-hours of all "
        "| memory of a process |",
        "|---|---|---|---|---|---|",
    ]
    for name, week in WEEKS.items():
        c = cost(name)
        memory = "-" if c["megabytes"] is None else f"{c['megabytes']:.0f} MB"
        full = f"{c['full']:.1f}" if c["trials"] else "-"
        trials = f"{c['trials']} of {c['of']}"
        lines.append(f"| {week} | `{name}` | {trials} | {c['hours']:.1f} | {full} | {memory} |")
    return "\n".join(lines) + "\n"


def peak(name, moment=MOMENT):
    """Run a trial of the last row of an experiment for a moment; return its memory in megabytes."""
    import resource  # not there on Windows

    experiment = names.module(name)
    row = list(experiment.ROWS)[-1]
    group = tuple(range(min(experiment.ROWS[row].group, experiment.ROWS[row].trials)))
    list(experiment.run_group(row, 1997, group, time.time() + moment))
    unit = 1 if sys.platform == "darwin" else 1024  # bytes; kilobytes on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def measure(path):
    """Run each experiment for a moment in a process of its own; append its memory to a file."""
    command = "python -m rnncourse.experiments.costs --measure"
    program = "from rnncourse.experiments import costs; import sys; sys.stdout.write(str({}))"
    for name in WEEKS:
        one = [sys.executable, "-c", program.format(f"costs.peak({name!r})")]
        environment = {**os.environ, "TQDM_DISABLE": "1"}
        done = subprocess.run(one, env=environment, check=True, capture_output=True, text=True)
        trials = [{"megabytes": round(float(done.stdout))}]
        records.append(path, {"row": name, **records.provenance(command), "trials": trials})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--measure", action="store_true", help="measure the memory, too")
    if parser.parse_args().measure:
        measure("costs.jsonl")
    sys.stdout.write(markdown())
