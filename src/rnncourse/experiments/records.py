"""Results of experiments as lines of JSON: appended whole, read back, told where they come from.

A line is one finished group of trials. Its `trials` are dictionaries; what stands beside them says
how to get them again: row, seed, command, date, versions, machine, and the form of the time loops
("numpy" where none is named, from before there was another).
"""

import datetime
import json
import os
import platform
import zlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np

import rnncourse
from rnncourse.inputs import integer

RECORDED = files("rnncourse") / "experiments" / "recorded"  # those that come with the course


@dataclass(frozen=True, kw_only=True)
class Row:
    """How often a row of an experiment is run; what is run, its subclass says."""

    trials: int = 10
    group: int = 1  # trials that one call of `run_group` runs


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


def check_writable(path):
    """Raise ValueError unless records can be appended to a file; it is there afterwards."""
    try:
        open(path, "ab").close()
    except OSError as error:
        raise ValueError(
            f"{path} cannot be written: {error.strerror}, expected a file in a folder that is there"
        ) from None


def read(path):
    """Return the records of a file as a list of dictionaries; no file is an empty list.

    Half a record, as an interrupted run leaves it, is passed over, and the whole ones before and
    after it on its line are read.

    Raises:
        ValueError: if a line is neither records nor the beginning of one.
    """
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            lines = file.read().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}, expected a file") from None
    records = []
    for number, line in enumerate(lines, 1):
        line = line.strip().strip("\0")
        if line and not line.startswith("{"):
            raise ValueError(f"line {number} of {path} is {line[:40]!r}, expected a record")
        for record in _records_of(line):
            trials = record.get("trials")
            is_list = isinstance(trials, list) and all(isinstance(t, dict) for t in trials)
            if not is_list or "row" not in record:
                raise ValueError(
                    f"line {number} of {path} is {line[:40]!r}, expected a record with row, trials"
                )
            for trial in trials:
                integer(f"line {number} of {path}: trial", trial.get("trial", 0), 0)
            records.append(record)
    return records


def _records_of(line):
    """Yield the records of a line: one, none of half a one, two where two lines became one."""
    start = 0 if line else -1
    while start != -1:
        try:
            record, end = json.JSONDecoder().raw_decode(line, start)
            yield record
            start = line.find("{", end)
        except json.JSONDecodeError:
            start = line.find('{"row"', start + 1)


def once(path, seed=None):
    """Return the records of a file with each trial of a row and a seed once, where it comes first.

    A trial stands twice in a file when two runs wrote to it, or two files were joined.

    Args:
        path: of the file of results.
        seed: of the records that are wanted; of all if None.
    """
    seen, found = set(), []
    for record in read(path):
        if seed is not None and record.get("seed") != seed:
            continue
        trials = []
        for trial in record["trials"]:
            key = record["row"], record.get("seed"), trial.get("trial", object())
            if key not in seen:
                seen.add(key)
                trials.append(trial)
        if trials:
            found.append(record | {"trials": trials})
    return found


def trials_by_row(path, seed=None, rows=None):
    """Return the trials that a file holds, each once, as {row: list of dictionaries}.

    Args:
        path: of the file of results.
        seed: of the trials that are wanted; of all if None.
        rows: names of the rows that are wanted, since a file may hold several experiments; all if
            None.
    """
    found = {}
    for record in once(path, seed):
        if rows is None or record["row"] in rows:
            found.setdefault(record["row"], []).extend(record["trials"])
    return found


def key(name, keyed_by_place):
    """Return the part of a row's seed that hangs on its name.

    Args:
        name: of the row.
        keyed_by_place: the names of the rows that were run when a row's place was its key, in their
            order then; it stays theirs.
    """
    if name in keyed_by_place:
        return keyed_by_place.index(name)
    return zlib.crc32(name.encode())


def provenance(command):
    """Return where a result comes from: command, date, versions and machine."""
    return {
        "command": command,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "rnncourse": rnncourse.__version__,
        "machine": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
    }


def _processor():
    """Return the model of the processor, as Linux names it; elsewhere what Python knows of it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()
