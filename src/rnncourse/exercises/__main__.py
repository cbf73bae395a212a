"""Mark submitted notebooks: `python -m rnncourse.exercises NOTEBOOK ... > marks.csv`."""

import argparse
import csv
import io
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from rnncourse.exercises import marks
from rnncourse.exercises.verdict import Verdict, described

parser = argparse.ArgumentParser(
    prog="python -m rnncourse.exercises",
    description="Judge each exercise of submitted notebooks; one line of CSV for each.",
    epilog="What is submitted is run with your rights: use a container or a throw-away account. "
    "The exit status is 0 if every notebook could be read and holds exercises, and 1 if not.",
)
parser.add_argument("notebook", nargs="+", help="a submitted notebook of the course")
parser.add_argument("--seconds", type=float, default=60.0, help="limit for one exercise; 60")
parser.add_argument("--memory", type=float, default=4.0, help="limit for one notebook in GiB; 4")
parser.add_argument("--jobs", type=int, default=1, help="notebooks judged at the same time; 1")


def verdicts(path, options, cancelled):
    """Return the verdicts on a notebook by exercise, and whether it could be judged at all."""
    try:
        found = marks.verdicts(path, options.seconds, options.memory, cancelled)
    except ValueError as error:
        return {"": Verdict(False, str(error))}, False
    except OSError as error:
        return {"": Verdict(False, f"It cannot be read: {error.strerror}.")}, False
    return found or {"": Verdict(False, "It holds no exercise of this course.")}, bool(found)


def field(text):
    """Return a text as a field of the table: one line, and no formula of a spreadsheet."""
    text = described(text)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def main(arguments):
    """Read the arguments, judge, write the table to standard output; return the exit status."""
    options = parser.parse_args(arguments)
    if options.jobs < 1 or not min(options.seconds, options.memory) > 0:
        parser.error("--jobs, --seconds and --memory must be positive")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")
    table = csv.writer(sys.stdout)
    table.writerow(["notebook", "exercise", "passed", "message"])
    status, cancelled = 0, threading.Event()
    with ThreadPoolExecutor(options.jobs) as pool:
        found = pool.map(lambda path: verdicts(path, options, cancelled), options.notebook)
        try:
            for path, (by_exercise, judged) in zip(options.notebook, found, strict=True):
                for name, verdict in by_exercise.items():
                    table.writerow([field(path), name, int(verdict.passed), field(verdict.message)])
                sys.stdout.flush()
                status = status if judged else 1
        except KeyboardInterrupt:
            cancelled.set()
            pool.shutdown(cancel_futures=True)
            sys.stderr.write("interrupted: the notebooks above are marked, the others are not\n")
            return 130
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
