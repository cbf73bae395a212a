"""What a submitted notebook holds: its cells, which of them are run, and which exercises it is of.

All cells are run from top to bottom, but for one kind: a cell of a lecture that is still as it was
handed out is run only if a cell that is run leans on it. So the long trainings are left out. Which
cells were handed out is read from the folder of the lectures; where there is none, all are run.
"""

import ast
import dis
import functools
import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

from rnncourse import exercises
from rnncourse.exercises.verdict import Verdict

CHECKERS = tuple(name for name in exercises.__all__ if name != Verdict.__name__)
CALL = re.compile(r"\bexercises\.(\w+)\s*\(")
STUB = re.compile(r"\bdef (\w+)\s*\(")
TITLE = re.compile(r"^# Week (\d+)\b", re.MULTILINE)
HEADING = re.compile(r"^#+ Exercises\b", re.MULTILINE)
LECTURES = Path(__file__).parents[3] / "notebooks"  # of the repository that holds this package
BY_NAME = {
    "eval",
    "exec",
    "globals",
    "locals",
    "vars",
    "query",
    "get_ipython",
}  # take names as text
LOADS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}


def cells(path):
    """Return the cells of a notebook file as pairs: its type and its source.

    Raises:
        ValueError: if the file is no notebook.
        OSError: if it cannot be read.
    """
    raw = Path(path).read_bytes()
    try:
        notebook = json.loads(raw.decode("utf-8-sig"))
        if notebook.get("nbformat", 4) < 4:
            notebook = _renewed(notebook)
        return [
            (cell["cell_type"], "".join(cell["source"]).replace("\r\n", "\n"))
            for cell in notebook["cells"]
        ]
    except UnicodeDecodeError:
        why = "it is not written in UTF-8"
    except RecursionError:
        why = "it is nested too deeply"
    except ValueError as error:  # JSON's message names the place
        why = str(error) if raw.strip() else "it is empty"
    except (AttributeError, KeyError, TypeError):
        why = "it has no list of cells"
    raise ValueError(f"It is no notebook: {why}.")


def _renewed(notebook):
    """Return a notebook of an old format in format 4."""
    try:
        import nbformat
    except ImportError:
        raise ValueError("it has an old format, and nbformat is not installed here") from None
    return nbformat.convert(nbformat.from_dict(notebook), 4)


def code_cells(path):
    """Return the sources of the code cells of a notebook file; raises as `cells` does."""
    return [source for kind, source in cells(path) if kind == "code"]


def mentioned(source):
    """Return the checkers that a cell is for, as far as its text says so."""
    return [name for name in CHECKERS if name in {*CALL.findall(source), *STUB.findall(source)}]


def expected(path, called=()):
    """Return the names of the exercises that a notebook should hold, in the order of the lecture.

    They are all those of each week of which it names or calls a checker: a deleted cell is still
    expected. Where no checker is left, the title says which week it is.

    Args:
        path: of the notebook.
        called: the checkers that were called when it was run.

    Raises:
        ValueError: if the file is no notebook.
        OSError: if it cannot be read.
    """
    found = cells(path)
    own = [source for kind, source in found if kind == "code" and source not in lecture_cells()]
    names = {*called, *(name for source in own for name in mentioned(source))}
    weeks = {getattr(exercises, name).__module__ for name in names}
    if not weeks:
        text = "\n".join(source for kind, source in found if kind == "markdown")
        weeks = {f"{__package__}.week{int(number):02}" for number in TITLE.findall(text)[:1]}
    return [
        name
        for week in sorted(weeks)
        for name, function in vars(sys.modules.get(week)).items()
        if name in CHECKERS and function.__module__ == week
    ]


@functools.cache
def lecture_cells(folder=LECTURES):
    """Return the code cells of the lectures that stand above their exercises, as handed out."""
    handed_out = set()
    for path in sorted(Path(folder).glob("week*.ipynb")):
        for kind, source in cells(path):
            if kind == "markdown" and HEADING.search(source):
                break
            if kind == "code":
                handed_out.add(source)
    return handed_out


class Names(NamedTuple):
    """The names of a cell: used from outside, set, set other than by import, def and class."""

    used: set
    given: set
    variables: set


def names(tree):
    """Return the `Names` of a parsed cell; what a function uses counts as used."""
    used, given, variables = set(), set(), set()
    for node in tree.body:
        loads, stores = _loads_and_stores(compile(ast.Module([node], []), "", "exec"))
        used |= loads - given
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)):
            given |= stores
        else:
            variables |= stores
            if isinstance(node, (ast.Assign, ast.AnnAssign)):  # others may not get that far
                given |= stores
    if used & BY_NAME or BY_NAME & {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)}:
        used |= _in_texts(tree)
    return Names(used, given | variables, variables)


def _loads_and_stores(code):
    """Return the global names that compiled code loads before it stores them, and stores."""
    loads, stores = set(), set()
    for step in dis.get_instructions(code):
        if step.opname in LOADS and step.argval not in stores:
            loads.add(step.argval)
        elif step.opname in ("STORE_NAME", "STORE_GLOBAL"):
            stores.add(step.argval)
        elif hasattr(step.argval, "co_code"):  # a function, or the body of a class
            loads |= _loads_and_stores(step.argval)[0] - stores
    return loads, stores


def _in_texts(tree):
    """Return the words in the strings of a cell: `eval("theta")`, `%timeit f(theta)`."""
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {word for text in texts for word in re.findall(r"\w+", str(text))}


def to_run(sources, parse):
    """Return the numbers of the cells that are run.

    A cell of a lecture is run if one that is run uses a name that it sets. Of a variable that is
    needed, all cells that use it are run, because each may change it.

    Args:
        sources: the code cells of a notebook.
        parse: function that turns a source into a tree, or raises SyntaxError.
    """
    found = []
    for source in sources:
        try:
            found.append(names(parse(source)))
        except (SyntaxError, ValueError, RecursionError):
            found.append(Names(set(), set(), set()))
    left_out = {i for i, source in enumerate(sources) if source in lecture_cells()}
    run = set(range(len(sources))) - left_out
    lecture_variables = set().union(*(found[i].variables for i in left_out))
    while True:
        needed = set().union(*(found[i].used for i in run))
        changed = needed & lecture_variables
        leaned_on = {
            i for i in left_out - run if found[i].given & needed or found[i].used & changed
        }
        if not leaned_on:
            return run
        run |= leaned_on
