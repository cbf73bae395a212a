"""How nbval runs a notebook here, by conftest.py: outputs, budget, network, what is left out."""

import os
import subprocess
import sys

import pytest

import course


def notebook_session(tmp_path, source, workers="1", tags=(), outputs=(), needs=(), **settings):
    """Runs nbval over a notebook of one cell under this repository's conftest.py."""
    import nbformat

    (tmp_path / "conftest.py").write_text((course.ROOT / "conftest.py").read_text())
    offline = tmp_path / "tests" / "support" / "offline"
    offline.mkdir(parents=True)
    (offline / "sitecustomize.py").write_text((course.OFFLINE / "sitecustomize.py").read_text())
    for needed in (course.OFFLINE.parent / "pictures.py", course.ROOT / "tools" / "course.py"):
        (tmp_path / "tests" / needed.name).write_text(needed.read_text())
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = tests\n")
    count = 1 if outputs else None
    cell = nbformat.v4.new_code_cell(source, outputs=list(outputs), execution_count=count)
    cell.metadata["tags"] = list(tags)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["rnncourse"] = {"needs": list(needs)}
    nbformat.write(notebook, tmp_path / "lecture.ipynb")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-n", workers, "--nbval", "."],
        cwd=tmp_path,
        env={**os.environ, "NOTEBOOK_SECONDS": "60", "NOTEBOOK_THREADS": "1", **settings},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("workers", ["0", "1"])  # "0" is none: pytest itself runs the cells
def test_a_quiet_notebook_passes_and_its_time_is_printed(workers, tmp_path):
    done = notebook_session(tmp_path, "1 + 1", workers)
    assert done.returncode == 0, done.stdout
    assert "processor time of each notebook, and its budget" in done.stdout
    assert " s of 60  lecture.ipynb" in done.stdout


def test_more_threads_than_cores_are_refused(tmp_path):
    done = notebook_session(tmp_path, "1 + 1", NOTEBOOK_THREADS="10000")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "NOTEBOOK_THREADS is 10000, but" in done.stderr


def test_a_notebook_that_hides_its_attempt_fails(tmp_path):
    source = (
        "import urllib.request\n"
        "try:\n    urllib.request.urlopen('http://example.invalid')\n"
        "except OSError:\n    pass"
    )
    done = notebook_session(tmp_path, source)
    assert done.returncode == 1
    assert "it tried to reach the network" in done.stdout


def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path):
    (tmp_path / "broken.ipynb").write_text("no notebook")
    done = notebook_session(tmp_path, "1 + 1")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "ERROR broken.ipynb" in done.stdout and "INTERNALERROR" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("source", "status"),
    [("time.sleep(4)", 0), ("while time.process_time() < 5: pass", 1)],
    ids=["waiting for a neighbor", "working"],
)
def test_a_notebook_over_its_budget_of_processor_time_fails(source, status, tmp_path):
    done = notebook_session(tmp_path, f"import time\n{source}", NOTEBOOK_SECONDS="4")
    assert done.returncode == status, done.stdout
    assert ("over its budget" in done.stdout) == bool(status)


@pytest.mark.parametrize("workers", ["0", "1"])
def test_cells_that_are_not_compared_are_counted_and_need_a_reason(workers, tmp_path):
    tags = ["nbval-ignore-output", "reason:a clock"]
    done = notebook_session(tmp_path, "print(1)", workers, tags=tags)
    assert "1 of 1 cells not compared" in done.stdout and "Cell 0: a clock" in done.stdout
    assert done.returncode == 1  # all of its cells are more than 5 %


@pytest.mark.parametrize("needs", [["json"], ["json", "not_there", "nor_this"]])
def test_a_notebook_that_needs_what_is_missing_is_left_out_and_named(needs, tmp_path):
    done = notebook_session(tmp_path, "1 + 1", needs=needs)
    line = "LEFT OUT: lecture.ipynb; not_there, nor_this not installed here (make test-frameworks)"
    left_out = "not_there" in needs
    assert done.stdout.count(line) == done.stdout.count("LEFT OUT") == left_out, done.stdout
    assert ("1 skipped" if left_out else "1 passed") in done.stdout
    assert done.returncode == 0


DRAW = """
import base64, io
from IPython.display import display
from PIL import Image
buffer = io.BytesIO()
Image.new("L", (90, 60), {gray}).save(buffer, "png")
display({{"image/png": base64.b64encode(buffer.getvalue()).decode()}}, raw=True)
"""


@pytest.mark.parametrize(("said", "status"), [("0.123", 0), ("0.124", 1)])
def test_a_text_that_changed_is_noticed(said, status, tmp_path):
    import nbformat

    stored = nbformat.v4.new_output("stream", text="0.123\n")
    done = notebook_session(tmp_path, f"print({said})", outputs=[stored])
    assert done.returncode == status, done.stdout


@pytest.mark.parametrize(("gray", "status"), [(100, 0), (101, 0), (230, 1)])
def test_a_picture_that_changed_is_noticed(gray, status, tmp_path):
    import base64
    import io

    import nbformat
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("L", (90, 60), 100).save(buffer, "png")
    picture = {"image/png": base64.b64encode(buffer.getvalue()).decode()}
    stored = nbformat.v4.new_output("display_data", data=picture)
    done = notebook_session(tmp_path, DRAW.format(gray=gray), outputs=[stored])
    assert done.returncode == status, done.stdout
    assert ("picture 1 is 0.839 away" in done.stdout) == bool(status)


def test_each_picture_that_is_not_compared_closely_is_there():
    import pictures
    import run_notebooks

    for stem, line, why in pictures.AMPLIFIED:
        cells = course.code_cells(run_notebooks.read_text(course.TEXT / f"{stem}.md"))
        found = [cell.source for cell in cells if line in cell.source]
        assert len(found) == 1 and "plotting.show" in found[0] and why, line
        assert pictures.farthest(stem, found[0]) == max(pictures.FAR, pictures.LOOSE), line
