"""The register of equations, registers/equations.toml, held against lectures, package and tests.

A numbered equation of a lecture stands in the register with the functions that compute it and the
tests that would fail if they did not, or with the lecture's own code, or with why it has none.
The entries of a week that a fork leaves out stay and are passed over, and so are references to it.
"""

import ast
import re
import tomllib
from functools import cache

import course
import read_formulas

FILE = course.ROOT / "registers" / "equations.toml"
PACKAGE = course.ROOT / "src" / "rnncourse"
TAG = re.compile(r"\\tag\{(\d+\.\d+)\}")
LABEL = re.compile(r"\((\d\d?\.\d\d?)\)")
KINDS = ({"code", "tests"}, {"cell"}, {"step"})


def register():
    """Returns the register: label -> entry."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def labels(texts):
    """Returns where each numbered equation stands: label -> text; and complaints about doubles."""
    where, found = {}, []
    for text in texts:
        for label in TAG.findall(text.read_text(encoding="utf-8")):
            if label in where:
                found.append(f"{course.relative(text)}: the number ({label}) is used twice")
            if week_of(label) != course.week(text):
                found.append(f"{course.relative(text)}: ({label}) is a number of another week")
            where[label] = text
    return where, found


@cache
def is_defined(dotted):
    """Returns whether the package defines a name: `rnn.forward`, `network.Network.backward`."""
    *parts, name = dotted.split(".")
    for n in range(len(parts), 0, -1):
        for path in (
            PACKAGE.joinpath(*parts[:n]).with_suffix(".py"),
            PACKAGE.joinpath(*parts[:n], "__init__.py"),
        ):
            if path.is_file():
                return _in_module(path, [*parts[n:], name])
    return False


def _in_module(path, names):
    """Returns whether a module defines names[0], and that names[1] as a method or a field."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for name in names:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
                body = node.body
                break
            if isinstance(node, ast.AnnAssign) and node.target.id == name:
                return True
            if isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == name for target in node.targets
            ):
                call = ast.unparse(node.value.func) if isinstance(node.value, ast.Call) else ""
                return len(names) == 1 or _in_module(path, [call, *names[names.index(name) + 1 :]])
        else:
            return False
    return True


@cache
def tests_in(path):
    """Returns the names of the tests that a file defines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def cell_complaint(text, code):
    """Returns what is wrong with a piece of a lecture's own code, or None."""
    sources = [cell.source for cell in read_formulas.cells(text) if cell.cell_type == "code"]
    at = next((n for n, source in enumerate(sources) if code in source), None)
    if at is None:
        return f"no cell of {course.relative(text)} has the code {code!r}"
    if not any("assert" in source for source in sources[at : at + 4]):
        return f"no assert in the cell of {course.relative(text)} with {code!r}, nor soon after it"
    return None


def week_of(label):
    """Returns the week of an equation: "5.4" -> 5."""
    return int(label.partition(".")[0])


def complaints(entries, texts):
    """Returns what is wrong with the register."""
    where, found = labels(texts)
    here = {course.week(text) for text in texts}
    found += [f"equations.toml: ({label}) is missing" for label in where if label not in entries]
    for label, entry in entries.items():
        at = f"equations.toml: ({label})"
        if label not in where:
            found += [f"{at} is in no lecture"] if week_of(label) in here else []
            continue
        if set(entry) not in KINDS:
            found.append(f"{at} has {sorted(entry)}, expected code and tests, or cell, or step")
            continue
        if "cell" in entry:
            complaint = cell_complaint(where[label], entry["cell"])
            found += [f"{at}: {complaint}"] if complaint else []
        for kind in ("code", "tests"):
            if kind in entry and not entry[kind]:
                found.append(f"{at}: its list of {kind} is empty")
        found += [f"{at}: no {name}" for name in entry.get("code", []) if not is_defined(name)]
        for test in entry.get("tests", []):
            file, _, name = test.partition("::")
            if name not in tests_in(course.ROOT / course.path_of_test(file)):
                found.append(f"{at}: no test {test}")
    return found


def references(text, where):
    """Returns the numbers of equations that a lecture's prose refers to and no lecture has.

    An equation of a week that was left out is still known from the register.
    """
    found, here = [], {course.week(text) for text in where.values()}
    left_out = {label for label in register() if week_of(label) not in here}
    for number, line, source in read_formulas.prose_cells(text):
        prose = read_formulas.FORMULA.sub(" ", read_formulas.without_code(source))
        for label in LABEL.findall(prose):
            if label not in where and label not in left_out:
                found.append(
                    f"{course.relative(text)}:{line} (cell {number}): no equation ({label})"
                )
    return found
