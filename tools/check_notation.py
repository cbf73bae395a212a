"""The table of letters, registers/notation.toml: its page, and the lectures held against it.

A letter that stands in a formula and not in the table, in the week of that formula, is a complaint;
so is a letter with two rows that hold in the same week.
"""

import re
import tomllib

import course
import read_formulas

FILE = course.ROOT / "registers" / "notation.toml"
WEEKS = range(1, 11)
SHAPE = re.compile(r"\((?:\d*[A-Z],? ?)+\)")
# `h (T, B, H)`, `h_0: (B, H) state`, `h: states (T, B, H)`, `W_hh: np.ndarray  # (H, H)`
SIZE = r"\d*[A-Z](?: [-+] \d+)?|\d+"
NAMED_SHAPE = re.compile(
    r"(?<![\w.])`{0,2}([A-Za-z]\w*)(?:\[t\])?`{0,2}"
    r"(?:: np\.ndarray +# |: (?:(?!of (?!shape))[a-z]+ ){0,4}| )"
    rf"(\((?:(?:{SIZE}), ?)+(?:{SIZE})?\))"
)


def table():
    """Returns the rows of the table, and the letters that may count in a subscript."""
    stored = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return stored["symbol"], set(stored["labels"])


def holds_in(row):
    """Returns the weeks in which a row holds."""
    return row["weeks"] if "weeks" in row else range(row["week"], WEEKS.stop)


def is_label(part, labels):
    """Returns whether a part of a subscript counts: `ij`, `l+1`, `0`, `-1`."""
    return all(c in labels or c in "0123456789+-" for c in part)


def keys(symbol, labels):
    """Returns under which names a symbol may stand in the table, the most special first.

    What counts is left out of a subscript: `W_{hh,ij}` is `W_{hh}`. A letter that only counts,
    such as `sigma_1`, may have a row of its own or share that of the letter.
    """
    named = [part for part in symbol.subscript]
    while named and is_label(named[-1], labels):
        named.pop()
    if symbol.subscript and not named:
        return [symbol.name + "_1", symbol.name]
    return ["_".join([symbol.name, *named])]


def defines(row, labels):
    """Returns the names that a row of the table defines: the letters before the first sign =."""
    if "defines" in row:
        return row["defines"]
    head = row["text"].strip("$").partition("=")[0]
    if head.startswith(r"\mathcal R"):
        head = r"\mathcal R"  # its argument stands for anything
    found = []
    for symbol in read_formulas.symbols(re.sub(r"\^\{\(t\)\}", "", head)):
        found.append(keys(symbol, labels)[0])
    return found


def letters(rows, labels, week):
    """Returns the meaning of each letter in a week, and complaints about those that have two."""
    meaning, found = {}, []
    for row in rows:
        if week in holds_in(row):
            for name in defines(row, labels):
                if name in meaning:
                    found.append(
                        f"notation.toml: in week {week}, {name} is both "
                        f"{meaning[name]!r} and {row['meaning']!r}"
                    )
                meaning[name] = row["meaning"]
    return meaning, found


def complaints(text, rows, labels):
    """Returns what is wrong with the letters in the formulas of a text, each with its place."""
    meaning, _ = letters(rows, labels, int(re.search(r"week(\d+)", text.name)[1]))
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
            if not any(name in meaning for name in keys(symbol, labels)):
                name = symbol.name + "".join(f"_{{{part}}}" for part in symbol.subscript)
                found.append(f"{formula.where}: {name} is not in the table: {formula.tex}")
    return found


def shapes(rows, module=""):
    """Returns the shapes that the table allows each array of the code: name -> set of shapes."""
    allowed = {}
    for row in rows:
        text = row.get("shape_in", {}).get(module, row.get("shape", ""))
        found = SHAPE.findall(text)
        names = [name.strip() for name in row.get("code", "").split(",")]
        if found and SHAPE.sub("", text).strip(", ") == "":
            for name, shape in zip(
                names, found if len(found) > 1 else found * len(names), strict=True
            ):
                steps = name.endswith("[t]")
                of_one = {shape, *SHAPE.findall(row.get("also", ""))}
                of_all = {"(T, " + one[1:].replace(",)", ")") for one in of_one}
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
                    f"but notation.toml says {' or '.join(sorted(allowed[letter]))}"
                )
    return found


def markdown(rows, last):
    """Returns rows as a table, whose last column is called `last`."""
    lines = [f"| text | code | shape | meaning | {last} |", "|---|---|---|---|---|"]
    for row in rows:
        code = f"`{row['code']}`" if "code" in row else ""
        weeks = ", ".join(map(str, row["weeks"])) if "weeks" in row else row["week"]
        lines.append(
            f"| {row['text']} | {code} | {row.get('shape', '')} | {row['meaning']} | {weeks} |"
        )
    return "\n".join(lines)


def page(template):
    """Returns the notation page of the book: its text with the two tables in their places."""
    rows, _ = table()
    everywhere = [row for row in rows if "week" in row]
    local = [row for row in rows if "weeks" in row]
    local.sort(key=lambda row: row["weeks"][0])
    return template.replace("LETTERS-OF-THE-COURSE", markdown(everywhere, "from week")).replace(
        "LETTERS-OF-SINGLE-WEEKS", markdown(local, "weeks")
    )
