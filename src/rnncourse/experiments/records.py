"""Results of experiments as lines of JSON: appended whole, read back, told where they come from.

A line is one finished group of trials. Its `trials` are dictionaries; what stands beside them says
how to get them again: row, seed, command, date, versions, machine.
"""

import datetime
import json
import os
import platform

import numpy as np

import rnncourse


def append(path, record):
    """Append a record as one line, with a single write that is on disk when this returns.

    What an interrupted run left of a line stays alone on its line, where `read` passes over it.
    """
    line = json.dumps(record) + "\n"
    with open(path, "ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = "\n" + line
        file.write(line.encode())
        file.flush()
        os.fsync(file.fileno())


def read(path):
    """Return the records of a file as a list of dictionaries; no file is an empty list.

    Raises:
        ValueError: if a line is neither a record nor the beginning of one.
    """
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return []
    records = []
    for number, line in enumerate(lines, 1):
        try:
            records.append(json.loads(line))
        except json.JSONDecodeError:
            if not line.startswith("{") and line.strip():
                raise ValueError(
                    f"line {number} of {path} is {line[:40]!r}, expected a record"
                ) from None
    return records


def trials_by_row(path, seed=None):
    """Return the trials that a file holds, as {row: list of dictionaries}.

    Args:
        path: of the file of results.
        seed: of the trials that are wanted; of all if None.
    """
    found = {}
    for record in read(path):
        if seed is None or record["seed"] == seed:
            found.setdefault(record["row"], []).extend(record["trials"])
    return found


def provenance(command):
    """Return where a result comes from: command, date, versions and machine."""
    return {
        "command": command,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "rnncourse": rnncourse.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
    }
