"""The edition for the browser alone, as files: the copy of a lecture differs in two places."""

import nbformat
import pytest

import build_lite
import course


@pytest.mark.parametrize("text", build_lite.texts(), ids=course.relative)
def test_a_copy_differs_in_the_install_line_and_the_kernel(text):
    stored = nbformat.read(course.notebook_of(text), as_version=4)
    copy = build_lite.for_the_browser(nbformat.read(course.notebook_of(text), as_version=4))
    changed = [
        (before.source, after.source)
        for before, after in zip(stored.cells, copy.cells, strict=True)
        if before != after
    ]
    ((before, after),) = changed
    assert before.removeprefix(course.install_lines()) == after.removeprefix(build_lite.INSTALL)
    assert "github.com" not in after
    assert "%pip install --quiet rnncourse" in after.splitlines()[3]
    assert copy.metadata.kernelspec.name == "python"


def test_the_edition_holds_what_needs_no_more_with_its_solutions():
    texts = course.lectures() + course.solutions()
    metadata = {t: nbformat.read(course.notebook_of(t), as_version=4).metadata for t in texts}
    assert build_lite.texts() == [text for text in texts if not course.needs(metadata[text])]


def test_a_lecture_that_opens_otherwise_is_refused():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import numpy")])
    with pytest.raises(ValueError, match="the first cell opens with 'import numpy'"):
        build_lite.for_the_browser(notebook)
