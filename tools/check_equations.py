"""Every numbered equation of the lectures has code and a test, or a cell, or a reason why not.

Above a test stands `@pytest.mark.equation("5.6", code="lstm.forward")`: the test fails if that
function does not compute (5.6). registers/equations.toml has the equations without such a function.
What belongs to the weeks that a fork leaves out stays and is passed over, and so are references.
"""

import ast
import pkgutil
import re
import tomllib
from functools import cache

import course
import read_formulas

FILE = course.ROOT / "registers" / "equations.toml"
TAG = re.compile(r"\\tag\{(\d+\.\d+)\}")
LABEL = re.compile(r"\((\d\d?\.\d\d?)\)")


def markers(path):
    """Yields the test, the equations and the functions of each marker `equation` of a file."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        for call in getattr(node, "decorator_list", ()):
            if ast.unparse(call).startswith("pytest.mark.equation"):
                (code,) = (ast.literal_eval(keyword.value) for keyword in call.keywords)
                codes = [code] if isinstance(code, str) else code
                yield f"{path.name}::{node.name}", map(ast.literal_eval, call.args), codes


@cache
def linked():
    """Returns what the markers say: label -> function -> its tests."""
    links = {}
    for path in sorted((course.ROOT / "tests").rglob("test_*.py")):
        for test, equations, codes in markers(path):
            for label in equations:
                for code in codes:
                    links.setdefault(label, {}).setdefault(code, []).append(test)
    return links


def unlinked():
    """Returns the register of equations without code: label -> cell or step."""
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
    try:
        return bool(pkgutil.resolve_name(f"rnncourse.{dotted}"))
    except (ImportError, AttributeError):
        return False


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


def complaints(links, register, texts):
    """Returns what is wrong with the links of equations to code, and with the register."""
    where, found = labels(texts)
    here = {course.week(text) for text in texts}
    for label in dict.fromkeys([*where, *links, *register]):
        kinds = [list(entries[label]) for entries in (links, register) if label in entries]
        if label not in where:
            found += [f"({label}) is in no lecture"] if week_of(label) in here else []
        elif len(kinds) != 1:
            found.append(f"({label}) has {kinds}, expected code with a test, or a cell or step")
        elif label in links:
            found += [f"({label}): no {code}" for code in links[label] if not is_defined(code)]
        elif "cell" in register[label]:
            complaint = cell_complaint(where[label], register[label]["cell"])
            found += [f"({label}): {complaint}"] if complaint else []
    return found


def references(text, where):
    """Returns the numbers of equations that a lecture's prose refers to and no lecture has.

    An equation of a week that was left out is still known.
    """
    found, here = [], {course.week(text) for text in where.values()}
    left_out = {label for label in {**linked(), **unlinked()} if week_of(label) not in here}
    for number, line, source in read_formulas.prose_cells(text):
        prose = read_formulas.FORMULA.sub(" ", read_formulas.without_code(source))
        for label in LABEL.findall(prose):
            if label not in where and label not in left_out:
                found.append(
                    f"{course.relative(text)}:{line} (cell {number}): no equation ({label})"
                )
    return found
