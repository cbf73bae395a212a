"""One run of a submitted notebook, in a process of its own: `python -m ...session PLAN RECORD`.

The cells are run as a notebook runs them, by IPython where it is installed; where it is not, plain
Python runs them, and its commands are left out. Each call of a checker, however it is spelled, is
judged by the course's, and its verdict is recorded at once, one line of JSON for each event.

PLAN is a file of JSON: path, memory_gib, and two lists of what ended an earlier run: cells, and
[cell, checker, message].
"""

import ast
import builtins
import contextlib
import functools
import json
import os
import re
import signal
import sys
import threading
import time
import types
from pathlib import Path

from rnncourse import exercises
from rnncourse.exercises import submission
from rnncourse.exercises.verdict import Verdict, described

MAGIC = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)
COURSE = "__of_the_course__"  # builtin name of what replaces a checker that is not the course's


class Record:
    """Writes down what happens: the cell that is run, the checkers that are called, what stops."""

    def __init__(self, path, answered):
        """Take the file to append to, and {(cell, checker): message} that is known already."""
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.answered, self.cell = answered, None

    def note(self, *event):
        """Append one event."""
        os.write(self.file, (json.dumps(event) + "\n").encode())

    def enter(self, cell, own):
        """Begin a cell; `own` says whether it is the student's own."""
        self.cell = cell
        self.note("cell", cell, own)

    def of(self, name, check):
        """Return a checker that records each of its verdicts."""

        @functools.wraps(check)
        def recorded(*args, **kwargs):
            if (self.cell, name) in self.answered:
                return Verdict(False, self.answered[self.cell, name])
            self.note("begin", name)
            verdict = check(*args, **kwargs)
            self.note("verdict", name, verdict.passed, described(verdict.message))
            return verdict

        return recorded


class Checkers(ast.NodeTransformer):
    """Replaces the checker in each `exercises.NAME(...)` by the course's, whoever wrote it."""

    def visit_Call(self, node):  # noqa: D102
        self.generic_visit(node)
        match node.func:
            case ast.Attribute(ast.Name("exercises"), name) if name in submission.CHECKERS:
                asked = ast.Call(ast.Name(COURSE, ast.Load()), [ast.Constant(name), node.func], [])
                node.func = ast.fix_missing_locations(ast.copy_location(asked, node.func))
        return node


class Plain:
    """Runs cells without IPython: its commands are left out where a line begins with one."""

    def __init__(self):
        """Make an empty notebook."""
        self.main = sys.modules["__main__"] = types.ModuleType("__main__")

    def parse(self, source):
        """Return the tree of a cell; raises SyntaxError."""
        try:
            return ast.parse(source)
        except SyntaxError:
            return ast.parse(MAGIC.sub(r"\1pass", source))

    def run(self, source):
        """Run a cell, and return the exception that stopped it, or None."""
        try:
            code = compile(Checkers().visit(self.parse(source)), "<cell>", "exec")
            exec(code, vars(self.main))
        except BaseException as error:
            return error


def interactive():
    """Return what runs cells as a notebook does; raises ImportError without IPython."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        """IPython's shell without a screen; it keeps the exception that stopped a cell."""

        stopped_by = None

        def parse(self, source):
            return ast.parse(self.transform_cell(source))

        def run(self, source):
            self.stopped_by = None
            result = self.run_cell(source, store_history=True)
            return result.error_before_exec or result.error_in_exec or self.stopped_by

        def showtraceback(self, exc_tuple=None, *args, **kwargs):
            self.stopped_by = exc_tuple[1] if exc_tuple else sys.exc_info()[1]

        def showsyntaxerror(self, *args, **kwargs):
            self.stopped_by = sys.exc_info()[1]

        def enable_gui(self, gui=None):
            pass

        def ask_exit(self):
            pass

    shell = Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.ast_transformers.append(Checkers())
    return shell


def course_checkers(record):
    """Put checkers that record into the course, and return them by their names."""
    ours = {name: record.of(name, getattr(exercises, name)) for name in submission.CHECKERS}
    for name, check in ours.items():
        setattr(sys.modules[check.__module__], name, check)

    for checks in exercises.CHECKERS.values():
        checks[:] = [ours[check.__name__] for check in checks]

    def of_the_course(name, found):
        return ours[name]

    setattr(builtins, COURSE, of_the_course)
    return ours


def run(plan, record_path):
    """Run the notebook of a plan, and record what happens."""
    answered = {(cell, name): message for cell, name, message in plan["answered"]}
    record = Record(record_path, answered)
    ours = course_checkers(record)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's & may have it ignored
    os.chdir(Path(plan["path"]).parent)
    sys.path[:] = [p for p in sys.path if p] + [os.getcwd()]
    try:
        notebook = interactive()
    except ImportError:
        notebook = Plain()
    sources = submission.code_cells(plan["path"])
    chosen = submission.to_run(sources, notebook.parse) - set(plan["skipped"])
    for number in sorted(chosen):
        vars(exercises).update(ours)
        record.enter(number, sources[number] not in submission.lecture_cells())
        if error := notebook.run(sources[number]):
            record.note("error", number, _told(error))
        close_figures()
    record.note("end")


def _told(error):
    """Say in one sentence how a cell stopped."""
    if isinstance(error, SyntaxError):
        return f"It is no valid Python: {error.msg} in line {error.lineno}."
    return f"It stops with {described(error)}"


def close_figures():
    """Close all figures, as a notebook does at the end of a cell."""
    if "matplotlib.pyplot" in sys.modules:
        with contextlib.suppress(Exception):
            sys.modules["matplotlib.pyplot"].close("all")


def confine(memory_gib):
    """Read and write nothing, limit memory and files, and end with the process that started us."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        for kind, gib in ((resource.RLIMIT_DATA, memory_gib), (resource.RLIMIT_FSIZE, 1)):
            resource.setrlimit(kind, (int(gib * 2**30),) * 2)
    if hasattr(os, "killpg"):
        threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()


def _follow(parent):
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    record_path = sys.argv[2]
    sys.argv[1:] = []
    confine(plan["memory_gib"])
    run(plan, record_path)
    os._exit(0)  # threads of the student do not hold it up
