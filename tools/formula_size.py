r"""How wide and how high a formula is when it is set, and where it is broken if it is too wide.

No typesetter: the widths of the signs are added up, in units of the size of letters ("em"). A
formula that is wider than its room is broken at `\qquad`, then before a relation, then before a
plus.
"""

import re
from functools import cache

import read_formulas

TAG = re.compile(r"\s*\\tag\{([^}]*)\}")
NO_WIDTH = set(
    "mathrm mathbf mathsf mathcal mathbb operatorname text hat tilde bar dot ddot "
    "bigl bigr Bigl Bigr big Big left right displaystyle tfrac".split()
)
MATRIX = re.compile(r"\\begin\{[pb]matrix\}(.*?)\\end\{[pb]matrix\}", re.DOTALL)
HIGH = re.compile(r"\\(?:frac|sum|prod|int|underbrace|lim)(?![a-z])")
WORDS = {"\\" + word for word in "tanh log exp sin cos max min det lim arg".split()}
RELATION = {"=", "<", ">", "\\approx", "\\le", "\\ge", "\\sim", "\\leftarrow", "\\to", "\\propto"}
WIDE = {"\\qquad": 2, "\\quad": 1, "\\sum": 1.4, "\\prod": 1.3, "\\int": 1, "\\dots": 1.2}
WIDE |= {
    "\\cdots": 1.2,
    "\\ldots": 1.2,
    "\\,": 0.17,
    "\\;": 0.28,
    "\\!": -0.17,
    "\\Longrightarrow": 2,
}
WIDE |= {
    "W": 0.95,
    "m": 0.9,
    "M": 1.0,
    "w": 0.7,
    "i": 0.35,
    "j": 0.4,
    "l": 0.3,
    ",": 0.45,
    ".": 0.3,
}


@cache
def width(source):
    """Returns the width of a formula in em, with its number."""
    tag = TAG.search(source)
    matrices = MATRIX.findall(source)
    bare = re.sub(r"\\(begin|end)\{\w+\*?\}|&", "", MATRIX.sub("", TAG.sub("", source)))
    widest = max(_width(_tokens(line)) for line in bare.split(r"\\"))
    return 1.06 * (widest + sum(map(_matrix_width, matrices))) + (4 if tag else 0)


def _matrix_width(inside):
    rows = [row.replace("&", r"\quad") for row in inside.split(r"\\")]
    return max(_width(_tokens(row)) for row in rows) + 1.2


def _tokens(line):
    """Returns the tokens of a line, a number as its digits."""
    return [
        t for token in read_formulas.tokens(line) for t in (token if token.isdigit() else [token])
    ]


def _width(found):
    total, place = 0.0, 0
    while place < len(found):
        last, token, place = found[place - 1] if place else "", found[place], place + 1
        if token in {"\\frac", "\\tfrac", "\\dfrac"}:
            above, place = read_formulas.argument(found, place)
            below, place = read_formulas.argument(found, place)
            total += max(_width(above), _width(below)) + 0.25
        elif token in {"_", "^"}:
            inner, place = read_formulas.argument(found, place)
            script = 0.7 * _width(inner)
            if place < len(found) and found[place] in {"_", "^"} and found[place] != token:
                other, place = read_formulas.argument(found, place + 1)
                script = max(script, 0.7 * _width(other))
            under = last in {"\\sum", "\\prod", "\\lim"}  # its limits stand above and below
            total += max(0, script - 1.4) if under else script
        elif token in RELATION or token in {"+", "-", "\\odot", "\\cdot", "\\times"}:
            total += 1.3
        elif token in WIDE:
            total += WIDE[token]
        elif token[0] == "\\" and token[1:] in NO_WIDTH or token in "{}":
            continue
        elif token in WORDS:
            total += 0.5 * (len(token) - 1)
        else:
            total += 0.5 if token.isdigit() else 0.55
    return total


def height(source):
    """Returns the height of a displayed formula in em."""
    matrix = max((1.3 * (m.count(r"\\") + 1) for m in MATRIX.findall(source)), default=0)
    lines = MATRIX.sub("", source).split(r"\\")
    return max(matrix, sum(2.6 if HIGH.search(line) else 1.5 for line in lines)) + 0.6


@cache
def text_width(markdown):
    """Returns the length of a text in letters, its formulas counted as they are set."""
    inside = re.findall(r"\$([^$]+)\$", markdown)
    plain = re.sub(r"\$[^$]+\$|\]\([^)]*\)|[*`\[]|^(?:- |\d+\. )", "", markdown)
    return len(plain) + sum(2.1 * width(f) for f in inside)


@cache
def fitted(source, room):
    r"""Returns a displayed formula, broken so that each line is at most `room` em wide.

    One that has lines of its own is left alone.
    """
    if width(source) <= room and r"\\" not in source or r"\begin" in source:
        return source
    tag = TAG.search(source)
    given = TAG.sub("", source).split(r"\\")
    lines = [line for part in given for line in _broken(part.strip(), room - (4 if tag else 0))]
    if len(lines) == 1:
        return source
    body = r" \\ ".join(lines)
    return rf"\begin{{gathered}} {body} \end{{gathered}}" + (tag[0] if tag else "")


def _cuts(part):
    """Returns where a formula may be broken, outside of all brackets: at gaps, relations, signs."""
    gaps, relations, signs, depth = [], [], [], 0
    for match in read_formulas.TOKEN.finditer(part):
        token, place = match[0], match.start()
        depth += {"{": 1, "(": 1, "[": 1, "}": -1, ")": -1, "]": -1}.get(token, 0)
        if depth:
            continue
        if token == r"\qquad":
            gaps.append(place)
        elif token in RELATION:
            relations.append(place)
        elif token in {"+", "-"}:
            signs.append(place)
    return gaps, relations[1:], signs  # what is defined stays with its definition


def _broken(part, room):
    """Returns a formula in lines that fit: broken at its last gap, relation or sign that serves."""
    if width(part) <= room:
        return [part]
    for cuts in _cuts(part):
        wide = [(cut, width(part[:cut])) for cut in cuts]
        serve = [cut for cut, before in wide if 3 < before <= max(room, 8)]
        serve = serve or [cut for cut, before in wide if 3 < before][:1]
        if serve:
            rest = part[serve[-1] :].removeprefix(r"\qquad").strip()
            return [*_broken(part[: serve[-1]].strip(), room), *_broken(rest, room)]
    return [part]
