r"""Reads the formulas of the lectures: which letters stand in them, and where.

A small reader of TeX that knows what the lectures use. A symbol is a letter with what belongs to
its name, `\hat y` or `W_{hh}`: accents and fonts do, a superscript does not, a subscript does
unless it counts (`h_i`, `W_{hh,ij}`, `\delta_{l+1}`). Dots over a letter and primes are derivatives
and no part of a name. A command that the reader does not know is an error: nothing is passed over.
"""

import re
from functools import cache
from typing import NamedTuple

import course

GREEK = set(
    "alpha beta gamma delta varepsilon zeta eta theta kappa lambda mu nu pi rho varrho sigma tau "
    "varphi chi psi omega ell Gamma Delta Theta Lambda Pi Sigma Phi Psi Omega".split()
)
PART_OF_NAME = {"hat", "tilde", "bar", "mathcal", "mathrm", "mathbb"}
DERIVATIVE = {"dot", "ddot"}
NO_LETTERS = {"text", "operatorname", "tag", "begin", "end"}  # their argument is a word
NO_SYMBOL = set(
    "tanh ln log exp sin cos max min det lim Re Im partial sum prod int frac tfrac sqrt underbrace "
    "bigl bigr Bigl Bigr Big left right quad qquad dots ldots cdots cdot times odot otimes circ "
    "langle rangle le ge ll gg ne neq approx sim simeq propto equiv in to leftarrow Longrightarrow "
    "infty pm mp prime mid nabla".split()
)
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![\\$])\$([^$\n]+?)\$(?!\$)", re.DOTALL)
# What opens or closes a formula that FORMULA does not see.
STRAY = re.compile(r"(?<!\\)\$|\\[(\[]|\\begin\b|\{math\}")
TOKEN = re.compile(r"\\([A-Za-z]+)|\\.|([A-Za-z])|(\d+)|(\S)", re.DOTALL)


class Formula(NamedTuple):
    """A formula of a page, and where it stands."""

    where: str  # file, line and cell
    tex: str


class Symbol(NamedTuple):
    """A letter of a formula."""

    name: str  # "h", r"\\hat y", "W"
    subscript: tuple  # its parts between commas, as they are written: ("hh", "ij")


class Unknown(ValueError):
    """A formula holds what this reader does not know."""


def without_code(markdown):
    """Returns a text with `code` and blocks of code blanked out, lines kept."""
    fenced = re.sub(
        r"^```.*?^```$", lambda m: "\n" * m[0].count("\n"), markdown, flags=re.DOTALL | re.MULTILINE
    )
    return re.sub(r"`[^`\n]*`", lambda m: " " * len(m[0]), fenced)


@cache
def cells(path):
    """Returns the cells of a text."""
    import jupytext  # not where the book is built, which only takes the table from here

    return tuple(jupytext.read(path, fmt="md:myst").cells)


def prose_cells(path):
    """Yields number of the cell, line of its beginning and source, of each cell of a text."""
    whole = path.read_text(encoding="utf-8")
    place = 0
    for number, cell in enumerate(cells(path), 1):
        if cell.cell_type == "markdown":
            place = whole.index(cell.source, place)
            yield number, whole.count("\n", 0, place) + 1, cell.source
            place += len(cell.source)


def strays(path):
    """Yields place and text of what belongs to a formula that is written as no other is."""
    for number, first, source in prose_cells(path):
        fences = re.sub(r"^```\{math\}.*$", "{math}", source, flags=re.MULTILINE)
        text = FORMULA.sub(lambda m: "\n" * m[0].count("\n"), without_code(fences))
        for match in STRAY.finditer(text):
            line = first + text.count("\n", 0, match.start())
            yield f"{course.relative(path)}:{line} (cell {number})", match[0]


def formulas(path):
    """Yields the formulas of the text of a lecture or of solutions."""
    for number, first, source in prose_cells(path):
        text = without_code(source)
        for match in FORMULA.finditer(text):
            line = first + text.count("\n", 0, match.start())
            yield Formula(f"{course.relative(path)}:{line} (cell {number})", match[1] or match[2])


def tokens(tex):
    r"""Splits a formula: `\name` for a command, else single letters, numbers and signs."""
    return [match[0] for match in TOKEN.finditer(tex)]


def argument(found, place):
    """Returns the tokens of the argument that begins at a place, and the place behind it."""
    if place >= len(found):
        raise Unknown("an argument is missing")
    if found[place] != "{":
        return [found[place]], place + 1
    depth, end = 1, place + 1
    while depth:
        if end >= len(found):
            raise Unknown("a brace is not closed")
        depth += {"{": 1, "}": -1}.get(found[end], 0)
        end += 1
    return found[place + 1 : end - 1], end


def is_letter(token):
    """Returns whether a token is a letter of a formula."""
    return len(token) == 1 and token.isalpha() or token[1:] in GREEK and token[0] == "\\"


def symbols(tex):
    """Returns the symbols of a formula, in its order, those of super- and subscripts too."""
    return list(_symbols(tokens(tex)))


def _symbols(found):
    place = 0
    while place < len(found):
        token, place = found[place], place + 1
        command = token[1:] if token[0] == "\\" else ""
        if command in NO_LETTERS:
            _, place = argument(found, place)
        elif is_letter(token):
            symbol, inside, place = _with_scripts(token, found, place)
            yield symbol
            yield from _symbols(inside)
        elif command in PART_OF_NAME:
            inner, place = argument(found, place)
            name = f"{token} {''.join(inner)}"
            if command == "mathrm" and len(inner) > 1:  # a word
                continue
            symbol, inside, place = _with_scripts(name, found, place)
            yield symbol
            yield from _symbols(inside)
        elif token == "\\mathsf":  # the T of a transposed matrix
            _, place = argument(found, place)
        elif command.isalpha() and command not in NO_SYMBOL | DERIVATIVE:
            raise Unknown(f"the command {token} is not known: see GREEK of tools/read_formulas.py")


def _with_scripts(name, found, place):
    """Returns a symbol, what its superscript holds, and the place behind both."""
    subscript, above = (), []
    while place < len(found) and found[place] in ("_", "^", "'"):
        if found[place] == "'":
            place += 1
            continue
        inner, after = argument(found, place + 1)
        if found[place] == "_":
            subscript = tuple("".join(inner).split(","))
        else:
            above = inner
        place = after
    return Symbol(name, subscript), above, place
