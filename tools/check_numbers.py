"""Finds results that were typed into the prose: numbers that no cell printed and no paper has.

A percentage, a time, a factor ("13 times", "a factor of ten") and an error are taken for results.
Such a number must, rounded as it is written, be in a stored output or in an assert of a cell near
by; in the summary, of any cell of the lecture. A bound ("below 0.4") and a decimal may also be a
setting in the code near by. A sentence that names a publication may have numbers from there. What
is left stands in registers/typed_numbers.toml with what holds it.
"""

import ast
import json
import math
import re
import tomllib
from functools import cache

import course
import read_formulas

FILE = course.ROOT / "registers" / "typed_numbers.toml"
SUMMARY = "## What you have seen"
ALT = re.compile(r'alt=(?:\s*f?"[^"]*")+')
DISPLAYED = re.compile(r"\$\$.+?\$\$", re.DOTALL)
NEAR = 5  # cells before and after a paragraph whose code may hold its numbers
WORDS = {
    **{"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9},
    **{"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15},
    **{"sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20},
    **{"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80},
    **{"ninety": 90, "hundred": 100, "thousand": 1000, "million": 1e6},
}
NAMES = "|".join(WORDS)
N = rf"(?P<n>\d+(?:,\d{{3}})*(?:\.\d+)?|\b(?i:{NAMES})(?: (?:hundred|thousand|million))?\b)"
UNIT = r"(?:[mµμn]s|s|seconds?|min|minutes?|(?:core-)?hours?|days?|[kKMGT]i?B|bytes?)\b(?!')"
IS = "(?:is|are|was|were|of|by|at|to|reach|reache[sd]|falls?|fell|below|under|above|over|about) "
RESULTS = [
    re.compile(pattern)
    for pattern in (
        rf"{N} ?(?:%|percent\b|per cent\b)",
        rf"{N} ?{UNIT}",
        rf"{N} ?(?:x|×|\\times)(?!\w| ?[\d\\]| [A-Za-z] )",
        r"\b(?P<n>twice) (?:as|the|faster|better|worse|smaller|larger)\b",
        r"(?<![\d.,])(?P<n>\d+) (?:out )?of (?:the |all )?\d+\b",
        rf"{N} (?:times (?!a\b|an\b|in\b|with\b)|times(?=[.,;:)]))",
        rf"\bfactors? (?:of )?(?:about |almost |nearly |over |under |a )?{N}",
        rf"\b(?:errors?|RMS|NRMSE|accurac(?:y|ies)|loss(?:es)?|scores?) (?:{IS})+{N}(?! ?[-/])",
        rf"\b(?:better|worse|smaller|larger|faster|slower) than (?:a )?{N}(?! ?[-a-z])",
        rf"{N} orders? of magnitude",
    )
]
# A bound may also be a setting, and then stands in the code near by.
BOUNDS = [
    re.compile(
        r"\b(?:about|nearly|almost|over|under|above|below|at most|at least|(?:fewer|less|more) than"
        rf"|between) {N}(?! ?[-/^]| ?\()"
    ),
    re.compile(rf"{N}-fold"),
    re.compile(r"(?P<n>(?:\d(?:\.\d+)? ?\\cdot ?)?10\^\{?-?\d+\}?)"),
    re.compile(r"(?<!xercise )(?<![\d.])(?P<n>\d+\.\d+)(?!\d|\.\d|\))"),
]
PUBLICATION = re.compile(r"[A-Z][a-z]+[^.]*?\b(?:19|20)\d\d\b|\(\d{4}\)|(?<![Oo]n )\bpapers?\b")
SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])")
QUOTED = re.compile(rf"`({N} ?(?:%|x|×|times|{UNIT}))`")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")


def value(word):
    """Returns a number as it is written: `3`, `3.5`, `10^{-6}`, `ten`; and its last place."""
    word = word.lower()
    if word == "twice":
        return 2.0, 0.5
    if word.split()[0] in WORDS:
        units = [float(WORDS[one]) for one in word.split()]
        return math.prod(units), 0.5 * math.prod(units[1:])
    power = re.fullmatch(r"(?:([\d.]+) ?\\cdot ?)?10\^\{?(-?\d+)\}?", word)
    if power:
        unit = 10.0 ** int(power[2])
        return float(power[1] or 1) * unit, 0.5 * unit
    plain = word.replace(",", "")
    return float(plain), 0.5 * 10.0 ** -len(plain.partition(".")[2])


def numbers(text):
    """Returns all numbers of a text, the names of numbers too, and of a percentage its share."""
    found = set()
    for word in NUMBER.findall(re.sub(r"10\*\*(-?\d+)", r"1e\1", text)):
        try:
            found.add(float(word.replace(",", "")))
        except ValueError:
            continue
    found |= {float(share) / 100 for share in re.findall(r"(\d+(?:\.\d+)?) ?%", text)}
    return found | {float(WORDS[w]) for w in re.findall(r"[a-z]+", text) if w in WORDS}


@cache
def checked(source):
    """Returns the numbers in the asserts of a cell."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a line of IPython
        return frozenset()
    asserts = (node for node in ast.walk(tree) if isinstance(node, ast.Assert))
    return frozenset().union(*(numbers(ast.unparse(node)) for node in asserts))


@cache
def printed(notebook):
    """Returns the numbers in the stored outputs of a notebook, for each of its cells."""
    if not notebook.exists():
        return ()
    found = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        texts = [
            "".join(output.get("text", output.get("data", {}).get("text/plain", "")))
            for output in cell.get("outputs", [])
        ]
        found.append(numbers("\n".join(texts)))
    return tuple(found)


def is_backed(word, percent, known):
    """Returns whether a number, rounded as it is written, is among the known ones."""
    wanted, half = value(word)
    scale = 100 if percent else 1
    tolerance = half * (1 + 1e-9) + 1e-9 * abs(wanted)
    return any(abs(scale * one - wanted) <= tolerance for one in known)


def paragraphs(source):
    """Yields line and text of paragraphs, items, headings and rows of tables, without code."""
    text = read_formulas.without_code(QUOTED.sub(r"\1", source))
    text = re.sub(r"\$\$.+?\$\$", lambda m: "\n" * m[0].count("\n"), text, flags=re.DOTALL)
    line = 0
    for part in re.split(r"(\n\s*\n|\n(?=- |\d+\. |\|))", text):
        if part.strip():
            yield line, part
        line += part.count("\n")


def complaints_in(part, results, settings):
    """Returns the numbers of a paragraph that nothing backs.

    Args:
        part: the paragraph.
        results: numbers that cells have printed or asserted.
        settings: numbers in the code near by.
    """
    part = re.sub(r"\s+", " ", re.sub(r"\*\*|\$", "", part))
    said = " ".join(one for one in SENTENCE.split(part) if not PUBLICATION.search(one))
    found = []
    for patterns, known in ((RESULTS, results), (BOUNDS, results | settings)):
        for match in (match for pattern in patterns for match in pattern.finditer(said)):
            if not is_backed(match["n"], re.search("%|percent|per cent", match[0]), known):
                found.append((match["n"], match[0].strip()))
    return found


def entries(text):
    """Returns what registers/typed_numbers.toml says of a text."""
    inside = course.TEXT if text.is_relative_to(course.TEXT) else course.ROOT
    name = text.relative_to(inside).with_suffix("").as_posix()
    return tomllib.loads(FILE.read_text(encoding="utf-8")).get(name, [])


def is_held(entry):
    """Returns whether what an entry names holds its number."""
    if "calculation" in entry:
        known = {float(eval(entry["calculation"], {"__builtins__": {}}, vars(math)))}
    elif "source" in entry:
        known = numbers((course.ROOT / entry["source"]).read_text(encoding="utf-8"))
    else:
        return bool(entry["reason"])
    return is_backed(entry["number"], False, known)


@cache
def typed(text):
    """Returns the typed results of a lecture or of solutions: each number, and its place."""
    cells = read_formulas.cells(text)
    outputs = printed(course.notebook_of(text))
    found, headings = [], []
    for number, first, source in read_formulas.prose_cells(text):
        headings = re.findall(r"^##? .*$", source, re.MULTILINE) or headings
        source = source.partition("## Further reading")[0]
        near = range(max(0, number - 1 - NEAR), min(len(cells), number + NEAR))
        code = [cells[n].source for n in near if cells[n].cell_type == "code"]
        of_all = SUMMARY in headings or number < NEAR  # they speak of the whole lecture
        results = set().union(
            *(outputs if of_all else (outputs[n] for n in near if n < len(outputs)))
        )
        results |= set().union(*map(checked, code))
        code = [c.source for c in cells if c.cell_type == "code"] if of_all else code
        settings = numbers(ALT.sub("", "\n".join(code)) + "\n".join(DISPLAYED.findall(source)))
        for line, part in paragraphs(source):
            for written, result in complaints_in(part, results, settings):
                at = f"{course.relative(text)}:{first + line} (cell {number})"
                wrong = f"no cell printed {result!r}; exceptions: registers/typed_numbers.toml"
                found.append((written, f"{at}: {wrong}"))
    return found


@cache
def typed_on_page(page):
    """Returns the typed results of a page: its tables, and the code beside it, hold the others."""
    text = page.read_text(encoding="utf-8")
    recorded = re.findall(r"^\|[^\n]*$|^```.*?^```$", text, re.DOTALL | re.MULTILINE)
    beside = [code.read_text(encoding="utf-8") for code in page.parent.glob("*.py")]
    known = numbers("\n".join(recorded + beside))
    return [
        (written, f"{course.relative(page)}:{line + 1}: {result!r} is in no table of the page")
        for line, part in paragraphs(text)
        for written, result in complaints_in(part, known, known)
    ]


def complaints(text):
    """Returns the typed results of a text or a page that the register does not have."""
    allowed = {entry["number"] for entry in entries(text)}
    found = typed(text) if text.is_relative_to(course.TEXT) else typed_on_page(text)
    return [complaint for written, complaint in found if written not in allowed]
