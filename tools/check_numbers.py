"""A result in the prose of a lecture is printed or asserted by a cell of it, or is published.

What counts as a result: a percentage, a time, a size, a factor, so many times, so many of so many.
A number may be rounded as it is written. A sentence that names a publication is passed over.
"""

import ast
import json
import math
import re
from functools import cache

import course
import read_formulas

SMALL = """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen""".split()
TENS = "ten twenty thirty forty fifty sixty seventy eighty ninety hundred".split()
WORDS = {word: n for n, word in enumerate(SMALL, 1)}
WORDS |= {word: 10 * n for n, word in enumerate(TENS, 1)} | {"thousand": 1000}
N = rf"(?P<n>\d+(?:,\d{{3}})*(?:\.\d+)?|\b(?i:{'|'.join(WORDS)})(?: (?:hundred|thousand))?\b)"
UNIT = r"(?:[mµμn]s|s|seconds?|min|minutes?|hours?|days?|[kKMGT]i?B|bytes?)\b(?!')"
RESULTS = [
    re.compile(pattern)
    for pattern in (
        rf"{N} ?(?:%|percent\b)",
        rf"{N} ?{UNIT}",
        rf"{N} ?(?:x|×|\\times)(?!\w| ?[\d\\]| [A-Za-z] )",
        r"(?<![\d.,])(?P<n>\d+) (?:out )?of (?:the |all )?\d+\b",
        rf"{N} (?:times (?!a\b|an\b|in\b|with\b)|times(?=[.,;:)]))",
        rf"\bfactors? (?:of )?(?:about |almost |nearly |over |under |a )?{N}",
        rf"{N} orders? of magnitude",
    )
]
PUBLICATION = re.compile(r"[A-Z][a-z]+[^.]*?\b(?:19|20)\d\d\b|\(\d{4}\)|(?<![Oo]n )\bpapers?\b")
SENTENCE = re.compile(r"(?<=[.!?]) (?=[A-Z])")
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")


def value(word):
    """Returns a number, `3.50`, `2,000` or `ten`, and half a unit of its last place."""
    if word[0].isdigit():
        plain = word.replace(",", "")
        return float(plain), 0.5 * 10.0 ** -len(plain.partition(".")[2])
    units = [WORDS[one] for one in word.lower().split()]
    return math.prod(units), 0.5 * math.prod(units[1:])


def numbers(text):
    """Returns all numbers of a text, the names of numbers too, and of a percentage its share."""
    found = {float(word.replace(",", "")) for word in NUMBER.findall(text)}
    found |= {float(share) / 100 for share in re.findall(r"(\d+(?:\.\d+)?) ?%", text)}
    return found | {float(WORDS[word]) for word in re.findall(r"[a-z]+", text) if word in WORDS}


def is_backed(word, percent, known):
    """Returns whether a number, rounded as it is written, is among the known ones."""
    wanted, half = value(word)
    scale = 100 if percent else 1
    return any(abs(scale * one - wanted) <= half * (1 + 1e-9) for one in known)


@cache
def shown(text):
    """Returns the numbers that the cells of a lecture print or assert."""
    found = set()
    for cell in json.loads(course.notebook_of(text).read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            said = output.get("text", output.get("data", {}).get("text/plain", ""))
            found |= numbers("".join(said))
        if cell["cell_type"] == "code":
            found |= asserted("".join(cell["source"]))
    return found


def asserted(source):
    """Returns the numbers in the assertions of a cell."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a line of IPython
        return set()
    asserts = (node for node in ast.walk(tree) if isinstance(node, ast.Assert))
    return set().union(*(numbers(ast.unparse(node)) for node in asserts))


def complaints_in(prose, known):
    """Returns the results in a text that nothing known backs."""
    plain = re.sub(r"\s+", " ", re.sub(r"\*\*|\$", "", prose))
    said = " ".join(one for one in SENTENCE.split(plain) if not PUBLICATION.search(one))
    return [
        match[0].strip()
        for pattern in RESULTS
        for match in pattern.finditer(said)
        if not is_backed(match["n"], re.search("%|percent", match[0]), known)
    ]


def complaints(text):
    """Returns the results of a lecture or of solutions that nothing backs, each with its place."""
    found = []
    for number, line, source in read_formulas.prose_cells(text):
        prose = read_formulas.without_code(source.partition("## Further reading")[0])
        prose = re.sub(r"\$\$.+?\$\$", " ", prose, flags=re.DOTALL)
        for paragraph in re.split(r"\n\s*\n|\n(?=- |\d+\. |\|)", prose):
            for result in complaints_in(paragraph, shown(text)):
                at = f"{course.relative(text)}:{line} (cell {number})"
                found.append(f"{at}: no cell prints or asserts {result!r}")
    return found
