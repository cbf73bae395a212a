"""Marks of submitted notebooks: each exercise is run alone, in a process of its own, and judged.

An exercise is a call `exercises.NAME(attempt)`. Of the notebook, what an attempt may lean on is run
first: the imports, functions and classes of all its cells, and from the heading "Exercises" on the
assignments too. The training runs of the lecture are left out. Then the course's own checker judges
the attempt, so that a notebook which brings another one gains nothing.

A process of its own and a limit of time keep a crash and an endless loop from the other exercises,
and from those who mark. They are no protection against malice: what is submitted runs with the
rights of whoever marks it. Give those away first, in a container or a throw-away account.
"""

import ast
import json
import multiprocessing
import os
import re
import sys
from pathlib import Path

from rnncourse import exercises
from rnncourse.exercises.verdict import Verdict

DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)
MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
CALL = re.compile(r"\bexercises\.(\w+)\s*\(")


def code_cells(path):
    """Return the code cells of a notebook file: (source, whether it stands in the exercises).

    Raises:
        ValueError: if the file is no notebook.
    """
    try:
        cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
        found, reached = [], False
        for cell in cells:
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                reached = reached or re.search(r"^#+ Exercises\b", source, re.MULTILINE) is not None
            elif cell["cell_type"] == "code":
                found.append((MAGIC.sub(r"\1pass", source), reached))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no notebook: {error!r}, expected one of format 4") from None
    return found


def expected(path):
    """Return the names of the exercises that a notebook should hold, in the order of the lecture.

    They are all those of each week of which it calls a checker: a deleted cell is still expected.
    """
    called = {name for source, _ in code_cells(path) for name in CALL.findall(source)}
    weeks = {getattr(exercises, n).__module__ for n in called & set(exercises.__all__)}
    return [
        name
        for week in sorted(weeks - {Verdict.__module__})
        for name, found in vars(sys.modules[week]).items()
        if name in exercises.__all__ and found.__module__ == week
    ]


def attempt_of(path, name):
    """Return what a notebook hands to the checker `name`; only what it leans on is run.

    Raises:
        LookupError: if nothing is handed to it.
        SyntaxError: if the cell of the exercise is no Python.
        Exception: whatever the handed expression raises.
    """
    scope, handed = {"__name__": "__main__"}, None
    for source, in_exercises in code_cells(path):
        try:
            body = ast.parse(source).body
        except SyntaxError:
            if name in CALL.findall(source):
                raise
            continue
        for node in body:
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == f"exercises.{name}":
                    handed = call.args[0] if call.args else None
            run = (*DEFINITIONS, *(ASSIGNMENTS if in_exercises else ()))
            if isinstance(node, run):
                try:
                    exec(compile(ast.Module([node], []), path, "exec"), scope)
                except Exception:  # what needs it says so when the attempt is run
                    continue
    if handed is None:
        raise LookupError(f"exercises.{name} is called with nothing to check")
    return eval(compile(ast.Expression(handed), path, "eval"), scope)


def _judge(path, name, answer):
    """Send the verdict on one exercise through a pipe; runs in a process of its own."""
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    os.chdir(Path(path).parent)
    try:
        verdict = getattr(exercises, name)(attempt_of(path, name))
    except LookupError:
        verdict = Verdict(False, "Missing: its cell was not found.")
    except SyntaxError as error:
        verdict = Verdict(False, f"It is no valid Python: {error.msg} in line {error.lineno}.")
    except Exception as error:
        verdict = Verdict(False, f"It stops with {type(error).__name__}: {error}")
    answer.send(tuple(verdict))


def judge(path, name, seconds=60.0):
    """Return the verdict on one exercise of a submitted notebook.

    Args:
        path: of the notebook.
        name: of the checker.
        seconds: limit of time, the start of its process included.

    Returns:
        A `Verdict`; of a process that ended or took too long, too.

    Raises:
        ValueError: if there is no such checker, no such notebook, or no time.
    """
    if name not in exercises.__all__ or name == "Verdict":
        raise ValueError(f"there is no exercise {name!r}, expected one of exercises.__all__")
    if not seconds > 0:
        raise ValueError(f"seconds is {seconds}, expected a positive number")
    spawn = multiprocessing.get_context("spawn")
    receiver, sender = spawn.Pipe(duplex=False)
    process = spawn.Process(target=_judge, args=(str(Path(path).resolve()), name, sender))
    process.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            return Verdict(False, f"It was stopped after {seconds:g} s.")
        return Verdict(*receiver.recv())
    except EOFError:
        process.join()
        return Verdict(False, f"It ended Python itself, with status {process.exitcode}.")
    finally:
        process.kill()
        process.join()
        receiver.close()
