"""Mark submitted notebooks: `python -m rnncourse.exercises NOTEBOOK ... > marks.csv`."""

import argparse
import csv
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rnncourse.exercises import marks

parser = argparse.ArgumentParser(
    prog="python -m rnncourse.exercises",
    description="Judge each exercise of submitted notebooks; one line of CSV for each.",
    epilog="What is submitted is run with your rights: use a container or a throw-away account.",
)
parser.add_argument("notebook", nargs="+", help="a submitted notebook of the course")
parser.add_argument("--seconds", type=float, default=60.0, help="limit for one exercise; 60")
parser.add_argument("--jobs", type=int, default=1, help="exercises judged at the same time; 1")


def main(arguments):
    """Read the arguments, judge, write the table to standard output; return the exit status."""
    options = parser.parse_args(arguments)
    if options.jobs < 1 or not options.seconds > 0:
        parser.error("--jobs and --seconds must be positive")
    table = csv.writer(sys.stdout)
    table.writerow(["notebook", "exercise", "passed", "message"])
    status, tasks = 0, []
    for path in options.notebook:
        try:
            names = marks.expected(Path(path))
        except (ValueError, OSError) as error:
            sys.stderr.write(f"{error}\n")
            names, status = [], 1
        else:
            if not names:
                sys.stderr.write(f"{path} holds no exercise of this course\n")
                status = 1
        tasks += [(path, name) for name in names]
    with ThreadPoolExecutor(options.jobs) as pool:
        verdicts = pool.map(lambda task: marks.judge(*task, options.seconds), tasks)
        for (path, name), verdict in zip(tasks, verdicts, strict=True):
            table.writerow([path, name, int(verdict.passed), verdict.message])
            sys.stdout.flush()
    return status


if __name__ == "__main__":  # a process for one exercise imports this module again
    sys.exit(main(sys.argv[1:]))
