"""The course in one week: a deck and a page of the book, put together from pieces of the lectures.

docs/slides/one_week.toml names, for each slide, its title, the lecture that treats it in full, and
what it shows of that lecture. Nothing is copied by hand, and so nothing can drift: a reference
that leads nowhere, or to more than one place, is an error.
"""

import base64
import tomllib

import nbformat

import course
import slide_blocks
import slide_layout

FILE = course.ROOT / "docs" / "slides" / "one_week.toml"
NAME = "one_week"
TITLE = "The course in one week"
MOST = 40  # slides
KINDS = ("code", "printed", "figure")


def entries(path=FILE):
    """Returns what the file says of each slide of a week that is here."""
    every = tomllib.loads(path.read_text(encoding="utf-8"))["slide"]
    here = {course.week(text) for text in course.lectures()}
    return [entry for entry in every if entry["week"] in here]


def lecture(week):
    """Returns the text of a lecture."""
    return next(text for text in course.lectures() if course.week(text) == week)


def read(text):
    """Returns the stored notebook of a lecture and its blocks, none of them shortened."""
    stored = course.notebook_of(text)
    notebook = course.with_pictures(nbformat.read(stored, as_version=4), stored.parent)
    return notebook, slide_blocks.of_notebook(notebook, whole=True)


def found(reference, notebook, lecture_blocks):
    """Returns the blocks that a reference means.

    Args:
        reference: as docs/slides/one_week.toml explains it.
        notebook: the lecture.
        lecture_blocks: its blocks.

    Raises:
        ValueError: there is no such piece, or more than one.
    """
    kind, _, piece = reference.partition(":")
    if kind not in KINDS:
        kind, piece = "", reference
    piece = piece.strip()
    if piece.startswith("(") and piece.endswith(")"):
        label = rf"\tag{{{piece[1:-1]}}}"
        hits = [[x] for x in lecture_blocks if x.kind == "formula" and label in x.source]
    else:
        cells = [
            number
            for number, cell in enumerate(notebook.cells)
            if cell.cell_type == "code" and piece in cell.source
        ]
        hits = [[x for x in lecture_blocks if x.cell == n and kind in ("", x.kind)] for n in cells]
        if not kind:
            hits += [[x] for x in lecture_blocks if plain(x).startswith(piece)]
    hits = [hit for hit in hits if hit]
    if len(hits) != 1:
        raise ValueError(f"{reference!r} leads to {len(hits)} places, expected one")
    return hits[0]


def plain(block):
    """Returns the words of a paragraph or an item, without the mark of the item and bold type."""
    if block.kind not in {"text", "item"}:
        return ""
    return block.source.removeprefix("- ").replace("**", "")


def slides(path=FILE):
    """Returns the slides: a list of sections, each a list of slides, a cover first.

    Raises:
        ValueError: a reference leads nowhere, or what it names does not fit on one slide.
    """
    known, columns = {}, []
    for number, entry in enumerate(entries(path), 1):
        text = lecture(entry["week"])
        if text not in known:
            known[text] = read(text)
        try:
            shown = [x for reference in entry["show"] for x in found(reference, *known[text])]
            bad, slide = slide_layout.best_slide(shown)
            if slide is None:
                raise ValueError("what it shows does not fit on one slide")
        except ValueError as error:
            raise ValueError(f"slide {number}, {entry['title']!r}: {error}") from None
        slide.title = entry["title"]
        address = f"{course.published()}notebooks/{text.stem}.html"
        slide.source = {"title": course.title(text), "address": address, "text": text}
        columns.append([slide])
    first = columns[0][0]
    head = slide_layout.Slide(TITLE, cover=True, left_width=480)
    head.left = [
        slide_blocks.Block("text", "Two hours on recurrent nets, from pieces of ten lectures.", 0)
    ]
    picture = next(x for x in first.blocks if x.kind == "figure")
    head.right, w, h = [picture], *picture.size()
    head.room[id(picture)] = int(min(660 / w, 500 / h) * h)
    return [[head], *columns]


def page(folder):
    """Returns the same as a page of the book, in Markdown, with a link to each lecture.

    Args:
        folder: of the page; the figures are written into its folder one_week.
    """
    (folder / NAME).mkdir()
    parts = [f"# {TITLE}", ""]
    parts += [f"[As slides]({course.published()}slides/{NAME}.html), for two hours.", ""]
    for (slide,) in slides()[1:]:
        parts += [f"## {slide.title}", ""]
        for block in sorted(slide.blocks, key=lambda x: x.kind == "figure"):
            parts += [in_markdown(block, folder), ""]
        text = slide.source["text"]
        parts += [f"In full: [{slide.source['title']}](notebooks/{text.stem}.ipynb)", ""]
    return "\n".join(parts)


def in_markdown(block, folder):
    """Returns a block as Markdown; a figure is written to a file."""
    if block.kind == "formula":
        return f"$${block.source}$$"
    if block.kind == "code":
        return f"```python\n{block.source}\n```"
    if block.kind == "printed":
        return f"```text\n{block.source}\n```"
    if block.kind == "figure":
        kind, _, data = block.picture.partition(";base64,")
        name = f"{NAME}/{len(list((folder / NAME).iterdir()))}.{kind.rpartition('/')[2][:3]}"
        (folder / name).write_bytes(base64.b64decode(data))
        return f"![{block.source}]({name})"
    return block.source
