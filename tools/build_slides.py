"""Builds a deck of slides from each stored lecture: `make slides`.

One notebook becomes one deck in dist/slides, which needs no network: reveal.js and MathJax lie
beside it. Nothing is executed. `slide_blocks` reads what a lecture holds and what of it is only
told, `slide_layout` puts it on at most 50 slides. A last script in the deck makes the letters
smaller where the browser finds that they do not fit. A page, index.html, lists the decks; one more
deck is put together from pieces of all lectures (`build_one_week`).
"""

import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

import jinja2
import nbformat

import build_one_week
import course
import slide_blocks
import slide_layout

BUILT = course.ROOT / "dist" / "slides"
DECK = course.ROOT / "docs" / "slides"


def column(some, width, slide):
    """Returns the HTML of blocks below each other, for the template."""
    parts = []
    for block in some:
        part = block.html(width / slide.size)
        if block.kind == "figure":
            em = slide.room[id(block)] / (slide.size * slide_blocks.TEXT)
            part = part.replace("<img ", f'<img style="height: {em:.2f}em" ')
        parts.append(part)
    return re.sub(r"</ul>\s*<ul>", "", "\n".join(parts))


def page(slide):
    """Returns what the template wants to know of a slide."""
    right = slide_layout.WIDTH - slide_layout.BETWEEN - slide.left_width
    return {
        "title": slide_blocks.MARKDOWN.renderInline(slide.title),
        "above": slide_blocks.MARKDOWN.renderInline(slide.above),
        "kind": "cover" if slide.cover else "lecture",
        "size": round(slide.size * slide_blocks.TEXT, 1),
        "left_width": slide.left_width,
        "band": column(slide.band, slide_layout.WIDTH, slide),
        "left": column(slide.left, slide.left_width, slide),
        "right": column(slide.right, right, slide),
        "notes": "\n".join(slide.notes),
        "source": slide.source,
    }


def lecture(text):
    """Returns the stored notebook of a lecture, with the pictures of its text in it."""
    stored = course.notebook_of(text)
    return course.with_pictures(nbformat.read(stored, as_version=4), stored.parent)


def template(name):
    """Returns a template of docs/slides."""
    return jinja2.Template((DECK / name).read_text(encoding="utf-8"), trim_blocks=True)


def write(name, title, columns):
    """Writes one deck."""
    shown = [[page(slide) for slide in slides] for slides in columns]
    named = {"title": title, "course": course.name_of_the_course()}
    deck = template("deck.html").render(columns=shown, **named)
    (BUILT / name).write_text(deck, encoding="utf-8")


def main() -> int:
    """Builds all decks and the page that lists them."""
    shutil.rmtree(BUILT, ignore_errors=True)
    BUILT.mkdir(parents=True)
    reveal = Path(find_spec("sphinx_revealjs").submodule_search_locations[0]) / "_static/revealjs"
    mathjax = Path(find_spec("sphinx-mathjax-offline").submodule_search_locations[0])
    shutil.copytree(reveal / "dist", BUILT / "reveal", ignore=shutil.ignore_patterns("*.map"))
    shutil.copytree(reveal / "plugin" / "notes", BUILT / "notes")
    shutil.copy(mathjax / "static/mathjax/tex-svg.js", BUILT)
    shutil.copy(DECK / "deck.css", BUILT)
    styles = slide_blocks.HtmlFormatter(style="a11y-high-contrast-light", cssclass="code")
    (BUILT / "code.css").write_text(styles.get_style_defs(), encoding="utf-8")
    decks = []
    for text in course.lectures():
        columns = slide_layout.deck(lecture(text))
        write(f"{text.stem}.html", course.title(text), columns)
        decks.append((f"{text.stem}.html", course.title(text), sum(map(len, columns))))
    columns = build_one_week.slides()
    write(f"{build_one_week.NAME}.html", build_one_week.TITLE, columns)
    decks.append((f"{build_one_week.NAME}.html", build_one_week.TITLE, sum(map(len, columns))))
    listed = template("index.html").render(decks=decks, course=course.name_of_the_course())
    (BUILT / "index.html").write_text(listed, encoding="utf-8")
    print(f"{len(decks)} decks of slides: {course.relative(BUILT)}/index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
