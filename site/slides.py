"""Builds a deck of slides from each stored lecture: `make slides`.

One notebook becomes one deck in dist/slides, which needs no network: reveal.js and MathJax lie
beside it. Nothing is executed. The rules, by kind of block:

    heading        begins a slide, and is its title until the next one
    paragraph      shown if short; else its first sentence, and all of it in the speaker notes
    list, formula, table    shown as they are
    code           a slide; a call that only shows a figure is left out
    figure         a slide, as large as it fits
    printed text   under its code where both fit, else a slide, or several if it is long

A slide that is full goes on in another one below it. A last script in the deck makes the letters
smaller where the browser finds that they do not fit: of what is too wide, then of the whole slide.
"""

import html
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import jinja2
import nbformat
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

import course

BUILT = course.ROOT / "dist" / "slides"
DECK = course.ROOT / "site" / "deck"
SHORT = 400  # characters: a paragraph up to this length is shown whole
FULL = 11  # lines of text on a slide
WIDTH = 68  # characters in a line of text
CODE_LINES = 22  # lines of code and printed text together on a slide
FORMATTER = HtmlFormatter(style="a11y-high-contrast-light", cssclass="code")


def formula(content, options):
    """Returns a formula as MathJax finds it."""
    left, right = (r"\[", r"\]") if options["display_mode"] else (r"\(", r"\)")
    return left + html.escape(content) + right


MARKDOWN = MarkdownIt("commonmark").enable("table")
MARKDOWN.use(dollarmath_plugin, renderer=formula, double_inline=True)


class Deck:
    """The slides of one lecture, as columns of slides below each other."""

    def __init__(self):
        """Begin with nothing."""
        self.columns, self.title, self.size = [], "", 0

    def column(self, title):
        """Begin a new column, and in it a slide."""
        self.columns.append([])
        self.slide(title)

    def slide(self, title=None, kind="text"):
        """Begin a slide below the last one, under the title that stands if none is given."""
        column = self.columns[-1]
        if column and not column[-1]["body"]:
            column.pop()  # it holds nothing but its title, which this one has too
        self.title, self.size = title or self.title, 0
        column.append({"title": self.title, "kind": kind, "body": [], "notes": []})

    def add(self, block, lines, notes="", kind="text"):
        """Put a block of so many lines on the slide, or on a new one if it is full."""
        slide = self.columns[-1][-1]
        if slide["kind"] != kind or self.size + lines > FULL and slide["body"]:
            self.slide(kind=kind)
            slide = self.columns[-1][-1]
        self.size += lines
        slide["body"].append(block)
        slide["notes"] += [notes] if notes else []


def first_sentence(text):
    """Returns the first sentence; a period inside a formula, a number or an initial ends none."""
    masked = re.sub(r"\$[^$]*\$|`[^`]*`", lambda m: "x" * len(m[0]), text)
    end = re.search(r"(?<![A-Z])[.?!](?=\s+[A-Z*`\"(])", masked)
    return text[: end.end()] if end else text


def add_markdown(deck, source):
    """Put a cell of text on slides, block by block."""
    lines = source.splitlines()
    blocks = [token for token in MARKDOWN.parse(source) if token.level == 0 and token.map]
    for token in blocks:
        text = "\n".join(lines[slice(*token.map)]).strip("\n")  # an indent means code
        if token.type == "heading_open":
            title = MARKDOWN.renderInline(text.lstrip("# "))
            (deck.column if token.tag in {"h1", "h2"} else deck.slide)(title)
            continue
        if token.type == "paragraph_open" and "$$" not in text:
            shown = text if len(text) <= SHORT else first_sentence(text)
            notes = MARKDOWN.render(text) if shown != text else ""
            deck.add(MARKDOWN.render(shown), 1 + len(shown) // WIDTH, notes)
        elif token.type.endswith("list_open"):
            for item in re.split(r"\n(?=- |\d+\. )", text):
                deck.add(MARKDOWN.render(item), 1 + len(item) // WIDTH)
        elif "$$" in text:
            deck.add(MARKDOWN.render(text), 2 + 2 * text.count(r"\\"))
        else:
            deck.add(MARKDOWN.render(text), len(text.splitlines()))


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


def add_code(deck, cell, first):
    """Put a cell of code, what it printed and what it drew, on slides."""
    source = cell.source.strip()
    shows = source.startswith(("plotting.show(*", "live.show(")) and "\n" not in source
    only_shows = first or shows
    printed = "".join(o.text for o in cell.outputs if o.output_type == "stream").rstrip()
    if not only_shows:
        deck.slide(kind="code")
        deck.add(highlight(source, PythonLexer(), FORMATTER), 1, kind="code")
    if printed:
        below = source.count("\n") + printed.count("\n") + 2 <= CODE_LINES
        for piece in pieces(printed):
            if not below:
                deck.slide(kind="code")
            deck.add(f'<pre class="printed">{html.escape(piece)}</pre>', 1, kind="code")
            below = False
    for output in cell.outputs:
        picture = output.get("data", {}).get("image/png")
        if picture:
            alt = html.escape(output.metadata["image/png"]["alt"], quote=True)
            deck.slide(kind="figure")
            image = f'<img src="data:image/png;base64,{picture.strip()}" alt="{alt}">'
            deck.add(image, 1, f"<p>{alt}</p>", kind="figure")


def columns(notebook):
    """Returns the slides of a lecture: a list of columns, each a list of slides."""
    deck, first = Deck(), True
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            add_markdown(deck, cell.source)
        elif "skip" not in cell.metadata.get("tags", []):
            add_code(deck, cell, first)
            first = False
    kept = [[slide for slide in column if slide["body"]] for column in deck.columns]
    return [column for column in kept if column]


def main() -> int:
    """Builds all decks."""
    shutil.rmtree(BUILT, ignore_errors=True)
    BUILT.mkdir(parents=True)
    reveal = Path(find_spec("sphinx_revealjs").submodule_search_locations[0]) / "_static/revealjs"
    mathjax = Path(find_spec("sphinx-mathjax-offline").submodule_search_locations[0])
    shutil.copytree(reveal / "dist", BUILT / "reveal", ignore=shutil.ignore_patterns("*.map"))
    shutil.copytree(reveal / "plugin" / "notes", BUILT / "notes")
    shutil.copy(mathjax / "static/mathjax/tex-svg.js", BUILT)
    shutil.copy(DECK / "deck.css", BUILT)
    (BUILT / "code.css").write_text(FORMATTER.get_style_defs(), encoding="utf-8")
    template = jinja2.Template((DECK / "deck.html").read_text(encoding="utf-8"))
    for text in course.lectures():
        notebook = nbformat.read(course.notebook_of(text), as_version=4)
        page = template.render(title=course.title(text), columns=columns(notebook))
        (BUILT / f"{text.stem}.html").write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
