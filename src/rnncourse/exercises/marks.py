"""Marks of submitted notebooks: each is run from top to bottom, and its checkers are listened to.

An exercise is judged where its checker is called, with the names as they are then: the verdict is
the one that the student saw. The last call counts. A cell that takes too long is interrupted, as
its student did. A run that ends before its last cell (an endless exercise, `os._exit`) is repeated
without what ended it, so that no exercise loses by another one.

A process of its own and limits of time and memory keep each notebook from the others, and from
those who mark. They are no protection against malice: what is submitted runs with the rights of
whoever marks it. Give those away first, in a container or a throw-away account.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import CancelledError
from pathlib import Path

from rnncourse.exercises.submission import CALL, CHECKERS, code_cells, expected, mentioned
from rnncourse.exercises.verdict import Verdict

__all__ = ["CALL", "expected", "judge", "verdicts"]

TO_START = 120.0  # seconds until the first cell, on a busy machine
TO_STOP = 3.0  # seconds for a cell to come to its end when it is interrupted
LECTURE = 300.0  # seconds for a cell of the lecture, whatever the limit for an exercise is
MARK = "RNNCOURSE_SUBMISSION"  # environment variable by which children of a run are recognized
MISSING = "Missing: its checker was not called."
ENVIRONMENT = {
    "MPLBACKEND": "agg",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PIP_DRY_RUN": "1",  # a student's `%pip install` must not change the packages of the others
    "PIP_NO_INDEX": "1",
}


def verdicts(path, seconds=60.0, memory_gib=4.0, cancelled=None):
    """Run a submitted notebook, and return the verdicts on its exercises, by their names.

    Args:
        path: of the notebook.
        seconds: limit of time for a cell, and again for each exercise in it.
        memory_gib: limit of memory, where the operating system has one.
        cancelled: `threading.Event` that gives up, when another thread sets it; then
            `concurrent.futures.CancelledError` is raised.

    Raises:
        ValueError: if the file is no notebook, or a limit is not positive.
        OSError: if it cannot be read.
    """
    cancelled = cancelled or threading.Event()
    for what, limit in (("seconds", seconds), ("memory_gib", memory_gib)):
        if not limit > 0:
            raise ValueError(f"{what} is {limit}, expected a positive number")
    path = Path(path).resolve()
    sources, found = code_cells(path), _Found()
    while ending := _run(path, found, seconds, memory_gib, cancelled):
        if found.lose(ending, sources):
            break
    names = expected(path, found.verdicts)
    return {name: found.verdict(name, sources) for name in names}


def judge(path, name, seconds=60.0):
    """Return the verdict on one exercise of a submitted notebook; see `verdicts`.

    Raises:
        ValueError: if there is no such checker, no such notebook, or no time.
        OSError: if the notebook cannot be read.
    """
    if name not in CHECKERS:
        raise ValueError(f"there is no exercise {name!r}, expected one of exercises.__all__")
    return verdicts(path, seconds).get(name, Verdict(False, MISSING))


class _Found:
    """What the runs of one notebook have shown so far."""

    def __init__(self):
        self.verdicts, self.errors = {}, {}  # by checker, with the cell; by cell
        self.cell = self.asked = None  # the cell that is run, the checker that is at work
        self.skipped, self.answered = [], []  # what ended a run

    def start(self):
        """Begin a run."""
        self.cell = self.asked = None

    def take(self, kind, *what):
        """Take one event of the record."""
        match kind:
            case "cell":
                self.cell, self.asked = what[0], None
            case "begin":
                self.asked = what[0]
            case "verdict":
                self.judged(what[0], *what[1:])
                self.asked = None
            case "error":
                self.errors.setdefault(*what)
                if self.asked:  # its checker did not come to an end
                    self.judged(self.asked, False, what[1])

    def judged(self, name, passed, message):
        """Take a verdict; the last one counts."""
        self.verdicts[name] = self.cell, Verdict(passed, message)

    def lose(self, ending, sources):
        """Take note of what ended a run; return whether another run would end like it."""
        if self.cell is None:
            for name in (name for source in sources for name in mentioned(source)):
                self.judged(name, False, ending)
            return True
        if self.asked:
            self.judged(self.asked, False, ending)
            self.answered.append((self.cell, self.asked, ending))
        else:
            self.errors[self.cell] = ending
            self.skipped.append(self.cell)
        return False

    def verdict(self, name, sources):
        """Return the verdict on one exercise; one that failed names the first cell that stopped."""
        own = [i for i, source in enumerate(sources) if name in mentioned(source)]
        stopped = [self.errors[i] for i in own if i in self.errors]
        cell, verdict = self.verdicts.get(
            name, (len(sources), Verdict(False, stopped[-1] if stopped else MISSING))
        )
        first = min(self.errors, default=cell)
        if verdict.passed or first >= min([cell, *own]) or verdict.message.startswith("Not done"):
            return verdict
        line = next(filter(None, map(str.strip, sources[first].splitlines())), "")
        return Verdict(
            False,
            f"{verdict.message[:150].removesuffix('.')}. Above it, the cell that begins "
            f'"{line[:50]}" had stopped: {self.errors[first]}',
        )


def _run(path, found, seconds, memory_gib, cancelled):
    """Run a notebook once, and return what ended it too early, or ""."""
    found.start()
    token = uuid.uuid4().hex
    with tempfile.TemporaryDirectory() as folder:
        plan, record = Path(folder, "plan.json"), Path(folder, "record")
        limits = {"path": str(path), "memory_gib": memory_gib}
        plan.write_text(
            json.dumps(limits | {"skipped": found.skipped, "answered": found.answered}),
            encoding="utf-8",
        )
        record.touch()
        process = subprocess.Popen(
            [sys.executable, "-m", "rnncourse.exercises.session", str(plan), str(record)],
            env=os.environ | ENVIRONMENT | {MARK: token, "IPYTHONDIR": folder},
            start_new_session=True,
        )
        try:
            return _watch(process, record, found, seconds, cancelled)
        finally:
            _stop(process, token)


def _watch(process, record, found, seconds, cancelled):
    """Take the events of a run as they come, until it has ended or has taken too long."""
    limit, begun, interrupted = TO_START, set(), set()
    deadline = time.monotonic() + limit
    with record.open(encoding="utf-8") as lines:
        while True:
            ended = process.poll() is not None
            for event in map(json.loads, lines.read().splitlines()):
                found.take(*event)
                if event == ["end"]:
                    return ""
                step = found.cell, found.asked
                if step not in begun:  # each cell, and each exercise in it, has the limit once
                    begun.add(step)
                    if event[0] == "cell":
                        limit = seconds if event[2] else max(seconds, LECTURE)
                    deadline = time.monotonic() + limit
            if ended:
                return f"It ended Python itself, with status {process.returncode}."
            if time.monotonic() > deadline:
                late = f"It was stopped after {limit:g} s."
                if found.cell is None or found.asked or found.cell in interrupted:
                    return late
                if not hasattr(os, "killpg"):
                    return late
                interrupted.add(found.cell)
                found.errors[found.cell] = late
                deadline += TO_STOP
                process.send_signal(signal.SIGINT)
            if cancelled.wait(0.05):
                raise CancelledError


def _stop(process, token):
    """End a run and every process that it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    with contextlib.suppress(ImportError):  # those who left the group
        import psutil

        for other in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if other.environ().get(MARK) == token:
                    other.kill()
