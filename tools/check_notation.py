"""The table of letters, docs/book/notation.md, and the lectures and docstrings held against it.

A letter that stands in a formula and not in the table, in the week of that formula, is a complaint;
so is a letter with two rows that hold in the same week.
"""

import re
from typing import NamedTuple

import course
import read_formulas

FILE = course.ROOT / "docs" / "book" / "notation.md"
# What may count in a subscript: h_i, W_{hh,ij}, z_f. Any other subscript is part of the name.
LABELS = set("ijklntcfgoruL")
SHAPE = re.compile(r"\((?:\d*[A-Z],? ?)+\)")
# `h (T, B, H)`, `h_0: (B, H) state`, `h: states (T, B, H)`, `W_hh: np.ndarray  # (H, H)`
SIZE = r"\d*[A-Z](?: [-+] \d+)?|\d+"
NAMED_SHAPE = re.compile(
    r"(?<![\w.])`{0,2}([A-Za-z]\w*)(?:\[t\])?`{0,2}"
    r"(?:: np\.ndarray +# |: (?:(?!of (?!shape))[a-z]+ ){0,4}| )"
    rf"(\((?:(?:{SIZE}), ?)+(?:{SIZE})?\))"
)


class Row(NamedTuple):
    """A row of the table: its cells, and whether it holds from its week on."""

    text: str
    code: str
    shape: str
    meaning: str
    weeks: list[int]
    onwards: bool = False

    def holds_in(self, week):
        """Returns whether the row holds in a week."""
        return week >= self.weeks[0] if self.onwards else week in self.weeks


def table():
    """Returns the rows of the table."""
    rows, onwards = [], None
    for line in FILE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("|") or line.startswith("|-"):
            continue
        if cells[0] == "text":
            onwards = cells[-1] == "from week"
            continue
        *said, weeks = cells
        rows.append(Row(*said, [int(week) for week in weeks.split(",")], onwards))
    return rows


def is_label(part):
    """Returns whether a part of a subscript counts: `ij`, `l+1`, `0`, `-1`."""
    return all(c in LABELS or c in "0123456789+-" for c in part)


def keys(symbol):
    """Returns under which names a symbol may stand in the table, the most special first.

    What counts is left out of a subscript: `W_{hh,ij}` is `W_{hh}`. A letter that only counts,
    such as `sigma_1`, may have a row of its own or share that of the letter.
    """
    named = [part for part in symbol.subscript]
    while named and is_label(named[-1]):
        named.pop()
    if symbol.subscript and not named:
        return [symbol.name + "_1", symbol.name]
    return ["_".join([symbol.name, *named])]


def defines(row):
    """Returns the names that a row of the table defines: the letters before the first sign =."""
    head = row.text.strip("$").partition("=")[0]
    if not row.text.startswith("$") or head.startswith(r"\partial C"):
        return []  # a name in words; a derivative, whose letters have rows of their own
    if head.startswith(r"\mathcal R"):
        head = r"\mathcal R"  # its argument stands for anything
    symbols = read_formulas.symbols(re.sub(r"\^\{\(t\)\}", "", head))
    return [keys(symbol)[0] for symbol in symbols]


def letters(rows, week):
    """Returns the meaning of each letter in a week, and complaints about those that have two."""
    meaning, found = {}, []
    for row in (row for row in rows if row.holds_in(week)):
        for name in defines(row):
            if name in meaning:
                both = f"{meaning[name]!r} and {row.meaning!r}"
                found.append(f"notation.md: in week {week}, {name} is both {both}")
            meaning[name] = row.meaning
    return meaning, found


def complaints(text, rows):
    """Returns what is wrong with the letters in the formulas of a text, each with its place."""
    meaning, _ = letters(rows, course.week(text))
    found = [
        f"{where}: {what!r} is in no formula of one line"
        for where, what in read_formulas.strays(text)
    ]
    for formula in read_formulas.formulas(text):
        try:
            symbols = read_formulas.symbols(formula.tex)
        except read_formulas.Unknown as error:
            found.append(f"{formula.where}: {error}: {formula.tex}")
            continue
        for symbol in symbols:
            if not any(name in meaning for name in keys(symbol)):
                name = symbol.name + "".join(f"_{{{part}}}" for part in symbol.subscript)
                found.append(f"{formula.where}: {name} is not in the table: {formula.tex}")
    return found


def shapes(rows, module=""):
    """Returns the shapes that the table allows each array of the code: name -> set of shapes."""
    allowed = {}
    for row in rows:
        everywhere, *of_cells = row.shape.split("; ")
        of_cell = dict(one.split(": ") for one in of_cells)
        said, _, instead = of_cell.get(module, everywhere).partition(" or ")
        found = SHAPE.findall(said)
        if not found or SHAPE.sub("", said).strip(", "):
            continue
        names = row.code.strip("`").split(", ")
        each = found if len(found) > 1 else found * len(names)
        for name, shape in zip(names, each, strict=True):
            of_one = {shape, *SHAPE.findall(instead)}
            of_all = {"(T, " + one[1:].replace(",)", ")") for one in of_one}
            steps = name.endswith("[t]")
            allowed.setdefault(name.removesuffix("[t]"), set()).update(
                of_one | of_all if steps else of_one
            )
    return allowed


def agrees(said, shape):
    """Returns whether a shape is one of the table: `(T + 1, 1, 2)` is a `(T, B, D)`."""
    said, shape = (
        re.findall(r"\d*[A-Z]|\d+", re.sub(r" [-+] \d", "", one)) for one in (said, shape)
    )
    return len(said) == len(shape) and all(
        one == letter or one.isdigit() for one, letter in zip(said, shape, strict=True)
    )


def shape_complaints(path, rows):
    """Returns which shapes in a module's docstrings and comments contradict the table."""
    allowed = shapes(rows, path.stem)
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for name, shape in NAMED_SHAPE.findall(line):
            # A derivative, a first and an earlier value have the shape of what they belong to.
            letter = re.sub(r"^(d|R)_|_(0|prev|before)$", "", name)
            said = shape.replace("N", "B")  # N: all sequences of a data set
            if letter in allowed and not any(agrees(said, one) for one in allowed[letter]):
                found.append(
                    f"{course.relative(path)}:{number}: {name} {shape}, "
                    f"but notation.md says {' or '.join(sorted(allowed[letter]))}"
                )
    return found
