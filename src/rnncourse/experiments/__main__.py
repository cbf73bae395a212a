"""Run an experiment: `python -m rnncourse.experiments NAME`."""

import argparse
import sys

from rnncourse import experiments
from rnncourse.experiments import names, records

parser = argparse.ArgumentParser(
    prog="python -m rnncourse.experiments",
    description="Run an experiment. Trials that the file of results holds are not run again, so an "
    "interrupted run goes on when the same command is given again.",
)
parser.add_argument("name", choices=names.MODULES, help="which experiment")
parser.add_argument("--row", action="append", help="a row, by its name; may be repeated; all rows")
parser.add_argument("--rows", action="store_true", help="list the names of its rows, run nothing")
parser.add_argument("--trials", type=int, help="trials of each row; as many as in the paper")
parser.add_argument("--jobs", type=int, help="processes; -1 for one a core; one")
parser.add_argument("--backend", help="of joblib: loky, threading, dask, ray ...; joblib's own")
parser.add_argument("--seed", type=int, help="1997; with --table the one that is recorded")
parser.add_argument("--minutes", type=float, help="give up unfinished trials after this time")
parser.add_argument("--out", help="file of results, JSON lines; NAME.jsonl in this folder")
parser.add_argument("--table", action="store_true", help="show the recorded results, run nothing")


def main(arguments):
    """Read the arguments, run, show the table; return the exit status."""
    options = parser.parse_args(arguments)
    try:
        if options.rows:
            sys.stdout.write("".join(f"{name}\n" for name in names.module(options.name).ROWS))
        elif options.table:
            show(options)
        else:
            run(options)
    except (ValueError, ModuleNotFoundError) as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        path = options.out or f"{options.name}.jsonl"
        sys.stderr.write(f"interrupted: finished trials are in {path}, the same command goes on\n")
        return 130
    return 0


def show(options):
    """Write the table of the recorded results, or of those in `options.out`."""
    for name in ("row", "trials", "jobs", "backend", "minutes"):
        if getattr(options, name) is not None:
            raise ValueError(f"--table runs nothing, expected no --{name} beside it")
    rows = experiments.table(options.name, options.out, options.seed)
    sys.stdout.write(experiments.format_table(rows))


def run(options):
    """Run what is missing, and write the table of what is there then."""
    try:
        import joblib

        from rnncourse.experiments import runner
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"to run an experiment needs joblib ({error}): pip install 'rnncourse[experiments]'; "
            f"--table shows what is recorded without it"
        ) from None
    path = options.out or f"{options.name}.jsonl"
    seed = 1997 if options.seed is None else options.seed
    with joblib.parallel_config(options.backend or joblib.parallel.DEFAULT_BACKEND):
        runner.run(
            options.name,
            names.module(options.name),
            path,
            rows=options.row,
            trials=options.trials,
            seed=seed,
            jobs=options.jobs,
            minutes=options.minutes,
        )
    if records.trials_by_row(path, seed):
        sys.stdout.write(experiments.format_table(experiments.table(options.name, path, seed)))
    else:
        sys.stdout.write("no trial was finished in time\n")


if __name__ == "__main__":  # a worker process imports this module again
    sys.exit(main(sys.argv[1:]))
