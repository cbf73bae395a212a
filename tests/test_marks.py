"""Marks of submitted notebooks: right, wrong, crashing, endless, missing, and dishonest ones."""

import csv
import io
import time

import nbformat
import pytest

import course
import notebooks
from rnncourse.exercises import __main__ as command
from rnncourse.exercises import marks

SOLVED = next(t for t in course.solutions() if course.week(t) == 1)
NAMES = [
    "count_parameters",
    "forecast_mask",
    "leaky_forward",
    "oscillator_weights",
    "effective_samples",
]
# What a student wrote, what stands in the solution, and what is said about it.
ENTRIES = {
    "count_parameters": ("H * D + K * H", "H * D + H * H + H + K * H + K", "Not right yet"),
    "forecast_mask": ("__import__('os')._exit(3)", "np.arange(36) >= 24", "with status 3"),
    "leaky_forward": ("while (x_t := x[0]) is not None:", "for x_t in x:", "stopped after"),
    "oscillator_weights": ("def oscillator_weights(:", "def oscillator_weights", "no valid Python"),
    "effective_samples": ("1 / 0", "np.sum(rho[1:])", "ZeroDivisionError"),
}


def submission(folder, change=lambda name, source: source):
    """Write a lecture with the solutions in its exercises, each changed, and return its path."""
    lecture = notebooks.read_text(course.TEXT / SOLVED.name)
    solved = {}
    for cell in notebooks.code_cells(notebooks.read_text(SOLVED)):
        for name in marks.CALL.findall(cell.source):
            solved[name] = cell.source.replace(f"passed(exercises.{name}({name}))", "")
    for cell in notebooks.code_cells(lecture):
        for name in marks.CALL.findall(cell.source):
            cell.source = change(name, f"{solved[name]}\nexercises.{name}({name})")
    path = folder / "submitted.ipynb"
    nbformat.write(lecture, path)
    return path


def rows(capsys, *arguments):
    status = command.main(list(map(str, arguments)))
    return status, list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


def test_solutions_get_all_marks(tmp_path, capsys):
    status, found = rows(capsys, submission(tmp_path))
    assert status == 0
    assert [row["exercise"] for row in found] == NAMES
    assert {(row["passed"], row["message"]) for row in found} == {("1", "Right.")}


def test_each_kind_of_failure_is_named_and_stays_alone(tmp_path, capsys):
    """A wrong answer, an end of Python, an endless loop, no Python, and an exception."""

    def spoil(name, source):
        wrong, right, _ = ENTRIES[name]
        assert right in source
        return source.replace(right, wrong, 1)

    start = time.monotonic()
    _, found = rows(capsys, submission(tmp_path, spoil), "--seconds", "6")
    assert time.monotonic() - start < 60
    assert [row["exercise"] for row in found] == NAMES
    for row in found:
        assert row["passed"] == "0"
        assert ENTRIES[row["exercise"]][2] in row["message"], row


def test_a_deleted_exercise_is_missing(tmp_path):
    path = submission(tmp_path, lambda name, source: "" if name == NAMES[1] else source)
    assert marks.expected(path) == NAMES
    assert marks.judge(path, NAMES[1]).message.startswith("Missing")


def test_a_checker_of_the_student_is_not_asked(tmp_path):
    def cheat(name, source):
        easy = f"class exercises:\n    def {name}(attempt):\n        return 'Right.'\n"
        return easy + source.replace("H * H + H", "H")

    assert not marks.judge(submission(tmp_path, cheat), NAMES[0]).passed


def test_what_is_no_notebook_is_said(tmp_path, capsys):
    path = tmp_path / "a.ipynb"
    path.write_text("[]")
    assert command.main([str(path)]) == 1
    assert "is no notebook" in capsys.readouterr().err
    with pytest.raises(ValueError, match="no exercise 'Verdict'"):
        marks.judge(path, "Verdict")
    with pytest.raises(ValueError, match="seconds is 0"):
        marks.judge(path, NAMES[0], 0)
