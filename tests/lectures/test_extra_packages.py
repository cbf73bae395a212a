"""A lecture that needs more packages than the others says so, and is not executed without them."""

import ast
import re
import sys

import jupytext
import nbformat
import pytest
from jupytext.config import load_jupytext_config

import course
import new_week
import run_notebooks

TEXTS = course.lectures() + course.solutions()
PROJECT = course.pyproject()["project"]


def packages(requirements):
    """The names under which requirements are imported."""
    names = {re.match(r"[\w-]+", entry)[0] for entry in requirements}
    return {{"pillow": "PIL"}.get(name, name) for name in names}


# What Jupyter itself brings is there wherever a lecture is open.
EVERYWHERE = packages(PROJECT["dependencies"]) | {"rnncourse", "IPython", "ipywidgets"}
EXTRA = packages(PROJECT["optional-dependencies"]["frameworks"])


def imported(cells):
    """The packages that code cells import."""
    found = set()
    for cell in cells:
        source = re.sub(r"^( *)[%!].*$", r"\1pass", cell.source, flags=re.MULTILINE)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names)


@pytest.mark.parametrize("text", TEXTS, ids=course.relative)
def test_a_notebook_names_what_it_needs(text):
    notebook = run_notebooks.read_text(text)
    needs = course.needs(notebook.metadata)
    assert imported(course.code_cells(notebook)) - EVERYWHERE <= set(needs) <= EXTRA


HEADER = (new_week.TEMPLATES / "lecture.md").read_text(encoding="utf-8").split("---\n")[1]
TEXT = (
    f"---\n{HEADER}"
    + """rnncourse:
  needs:
  - not_there
---

# A title

```{code-cell} ipython3
print("ran")
```
"""
)


def test_saving_in_jupyterlab_keeps_what_a_notebook_needs():
    config = load_jupytext_config(str(course.TEXT / "any.md"))
    notebook = jupytext.reads(TEXT, fmt="md:myst")
    notebook.metadata["language_info"] = {"name": "python"}  # as JupyterLab has it
    written = jupytext.writes(notebook, fmt="md:myst", config=config)
    kept = jupytext.reads(written, fmt="md:myst").metadata  # YAML may write a list in two ways
    assert kept["rnncourse"] == {"needs": ["not_there"]} and "language_info" not in kept


@pytest.fixture
def lecture(tmp_path, monkeypatch):
    """The text of a lecture that needs `not_there`, stored by a machine that has it."""
    folder = tmp_path / "notebooks" / "text"
    folder.mkdir(parents=True)
    text = folder / "week77_extra.md"
    text.write_text(TEXT, encoding="utf-8")
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(course, "missing", lambda metadata: [])
        elsewhere.setattr(course, "NOTEBOOKS", folder.parent)
        elsewhere.setattr(course, "TEXT", folder)
        assert run_notebooks.make(text).startswith("executed")
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "NOTEBOOKS", folder.parent)
    monkeypatch.setattr(course, "TEXT", folder)
    return text


def replace(text, before, after):
    """Edits a text."""
    text.write_text(text.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")


def run(monkeypatch, capsys, *options):
    """What the command says about the lecture, and its exit status."""
    monkeypatch.setattr(sys, "argv", ["notebooks.py", *options])
    status = run_notebooks.main()
    printed = capsys.readouterr()
    assert printed.err == ""
    name, _, said = printed.out.partition(": ")
    assert name == "notebooks/week77_extra.ipynb"
    return said, status


def test_new_words_keep_the_outputs_of_a_lecture_that_cannot_run(lecture, monkeypatch, capsys):
    before = nbformat.read(course.notebook_of(lecture), as_version=4)
    assert before.metadata.rnncourse == {"needs": ["not_there"]}
    replace(lecture, "A title", "Another title")
    assert run(monkeypatch, capsys) == ("new text, outputs kept\n", 0)
    after = nbformat.read(course.notebook_of(lecture), as_version=4)
    assert after.cells[0].source == "# Another title" and after.metadata == before.metadata
    assert after.cells[1] == before.cells[1] and after.cells[1].outputs[0].text == "ran\n"
    line = "not executed, needs not_there: run `make notebooks-frameworks`\n"
    assert run(monkeypatch, capsys, "--force") == (line, 0)


@pytest.mark.parametrize("is_new", [False, True])
def test_new_code_of_a_lecture_that_cannot_run_stops_with_one_line(
    is_new, lecture, monkeypatch, capsys
):
    stored = course.notebook_of(lecture)
    before = stored.read_bytes()
    replace(lecture, "ran", "ran again")
    if is_new:
        stored.unlink()
    line = "needs not_there: run `make notebooks-frameworks`\n"
    assert run(monkeypatch, capsys) == (line, 1)
    assert not stored.exists() if is_new else stored.read_bytes() == before
