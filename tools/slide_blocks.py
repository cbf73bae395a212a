"""The blocks of a lecture, as a slide shows them: read from the cells of a stored notebook.

A block is a heading, a paragraph, an item of a list, a table, a formula, code, printed text or a
figure. It knows its HTML, how high it is in a column of a given width, and what of it only stands
in the speaker notes. What is kept for the notes follows a rule, never a mark in the lecture:

    paragraph     shown if it is short; else its first sentence, those with a word in bold, and a
                  last one that leads on to a formula
    code          without its imports and without the statements that only draw or print a
                  sentence; the stub of an exercise not at all
    `fold` = 1    fewer paragraphs are short;  2: code has no asserts;  3: of code, only what
                  defines a function or a class; of a paragraph, only the first sentence

Source of the widths of letters: measured in Chromium, Arial of 26 px.
"""

import base64
import html
import re
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

import formula_size
import slide_code

TEXT, LINE, GAP = 26, 34, 11  # px: letters, a line of them, the space below a block
LETTER = 0.5  # of the size: the mean width of a letter
CODE, CODE_LINE, CODE_LETTER = 17, 22, 10.3  # px: the same for code
SHORT = (420, 240, 240, 0)  # characters: a paragraph up to this length is shown whole
NARROW = 56  # characters in a line of code that stands in a column
CODE_LINES = 22  # of code or of printed text in one block
FORMATTER = HtmlFormatter(cssclass="code")  # build_slides.py writes the style sheet


def formula(content, options):
    """Returns a formula as MathJax finds it."""
    left, right = (r"\[", r"\]") if options["display_mode"] else (r"\(", r"\)")
    return left + html.escape(content) + right


MARKDOWN = MarkdownIt("commonmark").enable("table")
MARKDOWN.validateLink = lambda address: True  # a picture is data
PICTURE = re.compile(r"!\[([^\]]*)\]\((data:[^)]+)\)")
MARKDOWN.use(dollarmath_plugin, renderer=formula, double_inline=True)


_HEIGHTS = {}


@dataclass
class Block:
    """What belongs together on a slide and is never cut."""

    kind: str  # section, heading, text, item, table, formula, code, printed, figure
    source: str  # its Markdown, its code, its printed text, or the alt text of a figure
    cell: int  # number of the cell that it comes from
    notes: list = field(default_factory=list)  # HTML
    picture: str = ""  # as the address of its data
    narrow: str = ""  # code in short lines, for a column
    tags: tuple = ()

    def html(self, width):
        """Returns it as HTML for a column of so many px."""
        if self.kind == "formula":
            return formula(formula_size.fitted(self.source, width / TEXT), {"display_mode": True})
        if self.kind == "code":
            return highlight(self.code(width), PythonLexer(), FORMATTER)
        if self.kind == "printed":
            return f'<pre class="printed">{html.escape(self.source)}</pre>'
        if self.kind == "figure":
            alt = html.escape(self.source, quote=True)
            return f'<img src="{self.picture}" alt="{alt}">'
        if self.kind == "heading":
            return f"<h3>{MARKDOWN.renderInline(self.source)}</h3>"
        return MARKDOWN.render(self.source)

    def code(self, width):
        """Returns code in the lines that suit a column."""
        fits = longest(self.source) * CODE_LETTER + 24 <= width
        return self.source if fits or not self.narrow else self.narrow

    def height(self, width):
        """Returns its height in px in a column of so many px, a figure's left out."""
        width = int(width)
        if (self.kind, self.source, self.narrow, width) not in _HEIGHTS:
            _HEIGHTS[self.kind, self.source, self.narrow, width] = self._height(width)
        return _HEIGHTS[self.kind, self.source, self.narrow, width]

    def _height(self, width):
        if self.kind == "figure":
            return 0
        if self.kind == "formula":
            return formula_size.height(formula_size.fitted(self.source, width / TEXT)) * TEXT + GAP
        if self.kind in {"code", "printed"}:
            room = max(1, int((width - 24) / CODE_LETTER))
            lines = self.code(width).splitlines()
            return sum(max(1, -(-len(line) // room)) for line in lines) * CODE_LINE + 26
        if self.kind == "table":
            rows = [max(1, -(-9.5 * formula_size.text_width(row) // width)) for row in self.rows()]
            return sum(rows) * 26 + len(rows) * 8 + GAP
        inner = width - (30 if self.kind == "item" else 0)
        return -(-formula_size.text_width(self.source) * LETTER * TEXT // inner) * LINE + GAP

    def broken(self, width):
        """Returns at how many places a formula or code is broken in a column of so many px."""
        if self.kind == "code":
            room = (width - 24) / CODE_LETTER
            return sum(len(line) > room for line in self.code(width).splitlines())
        if self.kind != "formula" or r"\begin" in self.source:
            return 0
        return formula_size.fitted(self.source, width / TEXT).count(r"\\")

    def size(self):
        """Returns width and height of a figure in px; of a drawing, those of its view."""
        kind, _, data = self.picture.partition(";base64,")
        if kind.endswith("png"):
            return struct.unpack(">II", base64.b64decode(data[:64])[16:24])
        view = re.search(rb'viewBox="[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)"', base64.b64decode(data))
        return tuple(int(float(side) * 1.4) for side in view.groups()) if view else (1000, 600)

    def least_width(self):
        """Returns the narrowest column that it can stand in."""
        if self.kind == "formula":
            return formula_size.width(formula_size.fitted(self.source, 0)) * TEXT * 0.8
        if self.kind == "printed":
            return longest(self.source) * CODE_LETTER * 0.88 + 20
        if self.kind == "table":
            return min(700, max(9.5 * formula_size.text_width(row) for row in self.rows()))
        return 0

    def rows(self):
        """Returns the rows of a table."""
        return [row for row in self.source.splitlines() if "---" not in row]


def longest(source):
    """Returns the length of the longest line."""
    return max(map(len, source.splitlines()), default=0)


def sentences(text):
    """Returns the sentences of a paragraph; none ends inside a formula or behind an initial."""
    masked = re.sub(r"\$[^$]*\$|`[^`]*`", lambda m: "x" * len(m[0]), text)
    ends = [m.end() for m in re.finditer(r"(?<![A-Z])[.?!]\**(?=\s+[A-Z*`\"(])", masked)]
    return [text[a:b].strip() for a, b in zip([0, *ends], [*ends, len(text)], strict=True)]


def shown(paragraph, fold):
    """Returns what of a paragraph a slide shows."""
    if len(paragraph) <= SHORT[fold]:
        return paragraph
    first, *others = sentences(paragraph)
    leads_on = others and others[-1].rstrip("*")[-1:] not in {".", "?", "!", ")"}
    kept = [s for s in others if "**" in s and fold < 3 or leads_on and s is others[-1]]
    return " ".join([first, *kept])


def of_markdown(source, number, fold, whole):
    """Yields the blocks of a cell of text; `whole`: paragraphs are shown as they are."""
    lines = source.splitlines()
    for token in MARKDOWN.parse(source):
        if token.level or not token.map:
            continue
        text = "\n".join(lines[slice(*token.map)]).strip("\n")  # an indent means code
        if token.type == "heading_open":
            kind = "section" if token.tag in {"h1", "h2"} else "heading"
            yield Block(kind, text.lstrip("# "), number)
        elif token.type.endswith("list_open"):
            for item in re.split(r"\n(?=- |\d+\. )", text):
                yield Block("item", item, number)
        elif token.type == "table_open":
            yield Block("table", text, number)
        elif PICTURE.fullmatch(text):
            alt, data = PICTURE.fullmatch(text).groups()
            yield Block("figure", alt, number, [f"<p>{html.escape(alt)}</p>"], data)
        elif token.type in {"paragraph_open", "math_block", "math_block_label"}:
            for place, part in enumerate(re.split(r"\$\$(.+?)\$\$", text, flags=re.DOTALL)):
                part = part.strip()
                if place % 2:
                    yield Block("formula", part, number)
                elif part:
                    short = part if whole else shown(part, fold)
                    notes = [MARKDOWN.render(part)] if short != part else []
                    yield Block("text", short, number, notes)
        else:
            yield Block("code" if token.type == "code_block" else "text", text, number)


def pieces(printed):
    """Returns printed text in pieces that fit on a slide, if it can be cut.

    It is cut before lines that are not indented. An indented first line is the head of a table, and
    stands above each piece.
    """
    first, *lines = printed.split("\n")
    head, body = ([first], lines) if first.startswith(" ") else ([], [first, *lines])
    found = [[]]
    for part in re.split(r"\n(?=\S)", "\n".join(body)):
        block = part.split("\n")
        if found[-1] and len(head + found[-1] + block) > CODE_LINES:
            found.append([])
        found[-1] += block
    return ["\n".join(head + piece) for piece in found]


def of_code(cell, number, fold):
    """Yields the blocks of a cell of code: what of it is shown, what it printed, what it drew."""
    source, tags = cell.source.strip(), cell.metadata.get("tags", [])
    code = "" if "exercise" in tags else slide_code.shown(source, fold)
    notes = [] if code == source else [highlight(source, PythonLexer(), FORMATTER)]
    if code:
        yield Block("code", code, number, notes)
        notes = []
    printed = "".join(o.text for o in cell.outputs if o.output_type == "stream").rstrip()
    if printed and "exercise" not in tags:
        for piece in pieces(printed):
            yield Block("printed", piece, number, notes)
            notes = []
    for output in cell.outputs:
        picture = output.get("data", {}).get("image/png")
        if picture:
            alt = output.metadata["image/png"]["alt"]
            told = [*notes, f"<p>{html.escape(alt)}</p>"]
            data = "data:image/png;base64," + picture.replace("\n", "")
            yield Block("figure", alt, number, told, data)
            notes = []
    if notes:
        yield Block("nothing", "", number, notes)


def set_narrow(found):
    """Give each block of code its form in short lines, as ruff lays it out."""
    code = [block for block in found if block.kind == "code" and longest(block.source) > NARROW]
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, f"{n}.py") for n in range(len(code))]
        for file, block in zip(files, code, strict=True):
            file.write_text(block.source, encoding="utf-8")
        command = [sys.executable, "-m", "ruff", "format", "--isolated", "--quiet", folder]
        subprocess.run([*command, "--line-length", str(NARROW)], check=False)
        for file, block in zip(files, code, strict=True):
            block.narrow = file.read_text(encoding="utf-8").strip("\n").replace("\n\n\n", "\n\n")


def of_notebook(notebook, fold=0, whole=False):
    """Returns the blocks of a lecture, in its order; `fold`, 0 to 3, as the module says.

    With `whole`, no paragraph is shortened; those of exercises never are.
    """
    found, exercises = [], whole
    for number, cell in enumerate(notebook.cells):
        tags = tuple(cell.metadata.get("tags", []))
        if "skip" in tags:
            continue
        exercises |= cell.source.startswith("## Exercises")
        made = (
            of_markdown(cell.source, number, fold, exercises)
            if cell.cell_type == "markdown"
            else of_code(cell, number, fold)
        )
        made = list(made)
        if "notes" in tags:
            made = [Block("nothing", "", number, [b.html(1200), *b.notes]) for b in made]
        for block in made:
            block.tags = tags
            if block.kind == "nothing" and found:  # spoken where the block before it stands
                found[-1].notes += block.notes
            elif block.kind != "nothing":
                found.append(block)
    set_narrow(found)
    return found
