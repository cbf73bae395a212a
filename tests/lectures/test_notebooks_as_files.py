"""The notebooks as they are stored: in step with their text, readable, nothing stray in them."""

import re

import nbformat
import pytest
import yaml

import course
import run_notebooks

TEXTS = course.lectures() + course.solutions()
LECTURES = course.lectures()
FIRST_SCREEN = 3  # cells
IMPORT_LINES = 10
CELL_LINES = 20
LECTURE_CELLS, LECTURE_LINES = 50, 450  # of code: what two hours hold
IMAGES = ("image/png", "image/jpeg", "image/svg+xml")

every_notebook = pytest.mark.parametrize("text", TEXTS, ids=course.relative)
every_lecture = pytest.mark.parametrize("text", LECTURES, ids=course.relative)


def stored(text):
    path = course.notebook_of(text)
    assert path.exists(), f"run: make notebooks N={text.stem}"
    return nbformat.read(path, as_version=4)


def code_cells(text):
    return course.code_cells(stored(text))


def outputs(text):
    return [output for cell in code_cells(text) for output in cell.outputs]


def plain(output):
    """The text of an output, whatever its kind."""
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return "\n".join(output.traceback)
    texts = [value for kind, value in output.data.items() if kind not in IMAGES]
    return "\n".join(map(str, texts))


def test_there_are_lectures():
    assert LECTURES


def test_every_notebook_has_its_text():
    found = {p for p in course.NOTEBOOKS.rglob("*.ipynb") if ".ipynb_checkpoints" not in p.parts}
    assert found == {course.notebook_of(text) for text in TEXTS}
    assert all(re.fullmatch(r"week\d\d_[a-z0-9_]+", text.stem) for text in TEXTS)


@every_notebook
def test_notebook_is_in_step_with_its_text(text):
    expected, found = run_notebooks.read_text(text), stored(text)

    def cells(notebook):
        return [(c.cell_type, c.source, c.id, c.metadata) for c in notebook.cells]

    assert cells(found) == cells(expected), f"run: make notebooks N={text.stem}"
    assert found.metadata == expected.metadata


@every_notebook
def test_text_header_holds_no_version_of_jupytext(text):
    header = yaml.safe_load(text.read_text(encoding="utf-8").split("---")[1])
    assert "jupytext_version" not in header["jupytext"]["text_representation"]
    assert header["kernelspec"] == run_notebooks.KERNEL


@every_notebook
def test_every_cell_was_run_in_order(text):
    counts = [cell.execution_count for cell in code_cells(text)]
    assert counts == list(range(1, len(counts) + 1))


@every_notebook
def test_outputs_hold_no_error_that_is_not_announced(text):
    for cell in code_cells(text):
        if not {"raises-exception", "nbval-raises-exception"} & set(cell.metadata.get("tags", [])):
            assert not [o for o in cell.outputs if o.output_type == "error"], cell.source


@every_notebook
def test_outputs_hold_no_stderr(text):
    assert not [o.text for o in outputs(text) if o.get("name") == "stderr"]


@every_notebook
def test_outputs_hold_no_widget(text):
    assert not [o for o in outputs(text) if run_notebooks.WIDGET_VIEW in o.get("data", {})]


@every_notebook
def test_outputs_hold_no_path_of_a_machine(text):
    path = re.compile(
        r"(?<![\w.])(/(?:home|root|tmp|usr|opt|Users|var|work|private)/|[A-Z]:\\)|site-packages"
    )
    assert not [plain(o) for o in outputs(text) if path.search(plain(o))]


@every_notebook
def test_outputs_hold_no_memory_address(text):
    assert not [plain(o) for o in outputs(text) if re.search(r"\bat 0x[0-9a-f]{6,}", plain(o))]


@every_notebook
def test_every_image_has_alt_text(text):
    for output in outputs(text):
        for kind in set(output.get("data", {})) & set(IMAGES):
            alt = output.metadata.get(kind, {}).get("alt", "")
            assert len(alt.split()) >= 3, f"a figure of {text.stem} says nothing: alt={alt!r}"


@every_notebook
def test_cells_fit_on_a_slide(text):
    long = [c.source for c in code_cells(text) if len(c.source.splitlines()) > CELL_LINES]
    assert not long


@every_notebook
def test_text_is_plain_markdown(text):
    # MyST's directives and roles are shown raw by Colab, GitHub and the slides.
    directive = re.compile(r"^\s*(:{3,}|`{3,}\{|~{3,}\{)|\{[a-z:-]+\}`", re.MULTILINE)
    for cell in stored(text).cells:
        if cell.cell_type == "markdown":
            assert not directive.search(cell.source), cell.source


@every_notebook
def test_first_cell_installs_the_package_where_it_is_missing(text):
    first = code_cells(text)[0].source
    lines = course.install_lines()
    assert first == lines or first.startswith(lines + "\n"), f"expected to open with:\n{lines}"
    assert len(first.splitlines()) <= IMPORT_LINES + len(lines.splitlines())


@every_lecture
def test_lecture_fits_its_two_hours(text):
    sources = [cell.source for cell in code_cells(text)]
    lines = [line for source in sources for line in source.splitlines() if line.strip()]
    assert len(sources) <= LECTURE_CELLS and len(lines) <= LECTURE_LINES


@every_lecture
def test_first_screen_shows_something(text):
    cells = stored(text).cells
    assert cells[0].cell_type == "markdown" and cells[0].source.startswith("# ")
    assert any(cell.get("outputs") for cell in cells[:FIRST_SCREEN])


@every_lecture
def test_lecture_has_one_title_and_slides(text):
    types = [cell.metadata.slideshow.slide_type for cell in stored(text).cells]
    assert types[0] == "slide" and types.count("slide") >= 3
    sources = [c.source for c in stored(text).cells if c.cell_type == "markdown"]
    assert sum(source.startswith("# ") for source in sources) == 1


@pytest.mark.parametrize(
    "picture",
    [
        "![A net.](attachment:sketch.png)",
        '<img src="attachment:sketch.png">',
        "[n]: attachment:a.png",
    ],
)
def test_a_picture_that_was_pasted_is_refused(tmp_path, monkeypatch, picture):
    monkeypatch.setattr(course, "ROOT", tmp_path)
    text = tmp_path / "week01_pasted.md"
    text.write_text(f"# Title\n\n{picture}\n")
    with pytest.raises(ValueError, match="week01_pasted.md: the picture attachment:.*figures/NAME"):
        run_notebooks.read_text(text)
