"""The decks as they are packed from the stored notebooks: how many slides, what stands where."""

import nbformat
import pytest

import build_one_week
import course
import formula_size
import slide_blocks
import slide_code
import slide_layout


def markdown(source, tags=()):
    return nbformat.v4.new_markdown_cell(source, metadata={"tags": list(tags)})


PICTURE = (  # a PNG of 8 x 4 pixels, as far as its head
    "iVBORw0KGgoAAAANSUhEUgAAAyAAAAGQCAIAAAAAAAAA"
)


def code(source, printed="", alt="", tags=()):
    outputs = []
    if printed:
        outputs.append(nbformat.v4.new_output("stream", text=printed))
    if alt:
        data, metadata = {"image/png": PICTURE}, {"image/png": {"alt": alt}}
        outputs.append(nbformat.v4.new_output("display_data", data, metadata=metadata))
    return nbformat.v4.new_code_cell(source, outputs=outputs, metadata={"tags": list(tags)})


def packed(*cells, most=slide_layout.MOST):
    first = [markdown("# Title\n\nWhat it is about.")]
    notebook = nbformat.v4.new_notebook(cells=[*first, *cells])
    return [slide for column in slide_layout.deck(notebook, most) for slide in column]


@pytest.mark.parametrize("text", course.lectures(), ids=course.relative)
def test_a_deck_has_at_most_fifty_slides_a_cover_first(text):
    columns = slide_layout.deck(nbformat.read(course.notebook_of(text), as_version=4))
    found = [slide for column in columns for slide in column]
    assert len(found) <= 50
    assert found[0].cover and found[0].title == course.title(text)
    assert all(slide.blocks for slide in found)
    alone = [s for s in found if not s.cover and {b.kind for b in s.blocks} == {"figure"}]
    assert len(alone) <= len(found) / 4, "figures stand with what is said of them"


def test_text_code_and_figure_stand_together():
    cells = [
        markdown("## Section\n\nLook at this curve."),
        code(
            "x = compute()\nfig, ax = plotting.subplots()\nax.plot(x)",
            "seen",
            "A curve that rises.",
        ),
    ]
    *_, slide = packed(*cells)
    assert [block.kind for block in slide.blocks] == ["text", "code", "printed", "figure"] or {
        block.kind for block in slide.blocks
    } == {"text", "code", "printed", "figure"}
    assert slide.title == "Section"
    (shown,) = [block.source for block in slide.blocks if block.kind == "code"]
    assert shown == "x = compute()"
    assert any("subplots" in note for note in slide.notes)
    assert any("A curve that rises." in note for note in slide.notes)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("import numpy as np\nx = 1", "x = 1"),
        ("plotting.show(*figures.lstm_cell())", ""),
        ("fig, (left, right) = plotting.subplots(1, 2)\nleft.plot(x)\ny = 2", "y = 2"),
        ("def draw(ax, x):\n    ax.plot(x)\n\n\nfig = 1\ndraw(axis, fig)", "fig = 1"),
        ("x = 1\nprint(f'{x}')\nassert x", "x = 1\nassert x"),
        ("print(table(x))", "print(table(x))"),
        ("# why\nx = 1  # one", "# why\nx = 1  # one"),
        ("@decorated\ndef f():\n    return 1", "@decorated\ndef f():\n    return 1"),
        ("%time x = 1", ""),
    ],
)
def test_what_only_draws_or_imports_is_told_and_not_shown(source, shown):
    assert slide_code.shown(source, fold=0) == shown


def test_the_tags_of_a_cell_are_followed():
    cells = [
        markdown("## Section\n\nFirst."),
        markdown("Hidden words.", ["skip"]),
        markdown("Spoken words.", ["notes"]),
        code("shown = 1"),
        markdown("Begins anew.", ["subslide"]),
    ]
    *_, before, last = packed(*cells)
    assert [block.source for block in last.blocks] == ["Begins anew."]
    assert "Spoken words." in "".join(before.notes)
    assert not any("words" in b.source for slide in (before, last) for b in slide.blocks)


def test_a_lecture_that_is_too_long_is_folded_and_then_refused():
    paragraph = "A sentence of the usual length that says something. " * 8
    code_cell = code("y = f(1)\n" * 9 + "assert y\n" * 9)
    cells = [
        markdown("## Section"),
        *[cell for _ in range(20) for cell in (markdown(paragraph), code_cell)],
    ]
    whole = len(packed(*cells, most=200))
    assert len(packed(*cells, most=whole - 1)) < whole
    with pytest.raises(ValueError, match="slides, expected 2"):
        packed(*cells, most=2)


def test_printed_text_that_is_long_goes_on_under_its_head():
    rows = [f"row {n}" for n in range(2 * slide_blocks.CODE_LINES)]
    assert slide_blocks.pieces("\n".join(rows[:3])) == ["row 0\nrow 1\nrow 2"]
    found = [piece.split("\n") for piece in slide_blocks.pieces("\n".join(["   head", *rows]))]
    assert len(found) == 3 and max(map(len, found)) == slide_blocks.CODE_LINES
    assert all(piece[0] == "   head" for piece in found)
    assert [line for piece in found for line in piece[1:]] == rows
    part = ["name"] + ["  value"] * 12
    assert slide_blocks.pieces("\n".join(part * 2)) == ["\n".join(part)] * 2


def test_a_wide_formula_is_broken_between_its_parts_and_keeps_its_number():
    wide = r"a = b + c + d, \qquad e = \frac{f}{g + h} + (i + j), \qquad k = l \tag{3.4}"
    assert formula_size.fitted(wide, 100) == wide
    broken = formula_size.fitted(wide, 16)
    assert broken.startswith(r"\begin{gathered}") and broken.endswith(r"\tag{3.4}")
    lines = broken.removeprefix(r"\begin{gathered}").split(r"\end")[0].split(r"\\")
    assert [line.strip()[0] for line in lines] == ["a", "e", "k"]
    aligned = r"\begin{aligned} a &= b \\ c &= d \end{aligned}"
    assert formula_size.fitted(aligned, 1) == aligned


DRAWING = "![A drawing of a net.](../figures/shared_weights.svg)"


def test_a_picture_of_the_text_is_on_a_slide_and_in_the_edition_for_the_browser():
    notebook = nbformat.v4.new_notebook(cells=[markdown(f"# T\n\nSee.\n\n{DRAWING}")])
    course.with_pictures(notebook, course.NOTEBOOKS)
    assert "](data:image/svg+xml;base64," in notebook.cells[0].source
    (figure,) = [b for b in slide_blocks.of_notebook(notebook) if b.kind == "figure"]
    assert figure.source == "A drawing of a net." and figure.size()[0] > 600
    assert '<img src="data:image/svg+xml' in figure.html(600)


@pytest.mark.parametrize("name", ["../figures/none.svg", "../../outside.png"])
def test_a_picture_that_is_not_there_is_named(name):
    notebook = nbformat.v4.new_notebook(cells=[markdown(f"![A net.]({name})")])
    with pytest.raises(ValueError, match=f"picture {name} of a text in notebooks/ is not there"):
        course.with_pictures(notebook, course.NOTEBOOKS)


def test_the_course_in_one_week_is_at_most_forty_slides_of_what_is_there():
    found = [slide for column in build_one_week.slides() for slide in column]
    assert len(build_one_week.entries()) + 1 == len(found) <= 40 and found[0].cover
    here = {course.week(text) for text in course.lectures()}
    assert {course.week(slide.source["text"]) for slide in found[1:]} >= here & set(range(1, 10))


@pytest.mark.parametrize(
    ("reference", "places"),
    [("(3.99)", 0), ("figures.nowhere()", 0), ("def ", 9), ("Words of no lecture", 0)],
)
def test_a_reference_that_drifted_is_named(tmp_path, reference, places):
    plan = tmp_path / "plan.toml"
    plan.write_text(f'[[slide]]\ntitle = "A"\nweek = 3\nshow = ["{reference}"]\n')
    with pytest.raises(ValueError, match="slide 1, 'A'.*leads to") as error:
        build_one_week.slides(plan)
    assert f"leads to {places} places" in str(error.value) or places > 1
