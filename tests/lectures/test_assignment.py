"""`make assignment`: the exercises of a lecture in nbgrader, with the marks of our checkers.

nbgrader itself takes part where it is installed, which is in the environment of `make
test-assignments`; elsewhere its own tests are skipped.
"""

import nbformat
import pytest

import build_assignment
import course
import run_notebooks
from rnncourse import exercises
from slips import SLIPS, SOLUTIONS, STUBS

WEEKS = pytest.mark.parametrize("text", course.lectures(), ids=lambda text: text.stem)


def names_of(text):
    return [check.__name__ for check in exercises.CHECKERS.get(course.week(text), ())]


def answers(notebook):
    """The answer cells of an assignment, by their exercises."""
    known = ((c, c.metadata.get("nbgrader", {})) for c in course.code_cells(notebook))
    return {about["grade_id"]: c for c, about in known if about.get("solution")}


@WEEKS
def test_each_exercise_is_an_answer_and_a_locked_point_below_it(text):
    notebook = build_assignment.assignment(text)
    nbformat.validate(notebook)
    known = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert list(answers(notebook)) == names_of(text)
    for name, answer, test in zip(names_of(text), known[::2], known[1::2], strict=True):
        head, _, rest = answer.source.partition(build_assignment.BEGIN)
        assert f"{head}    raise NotImplementedError" == STUBS[name].strip()
        assert SOLUTIONS[name].strip().removeprefix(head) in rest
        about = test.metadata.nbgrader
        assert about.locked and about.grade and about.points == 1 and not about.solution
        assert f"exercises.{name}({name})" in test.source


# ---- with nbgrader itself -----------------------------------------------------------------------


@pytest.fixture
def folder(text, tmp_path):
    """A course of nbgrader with the assignment of a lecture."""
    pytest.importorskip("nbgrader")
    if missing := course.missing(run_notebooks.read_text(text).metadata):
        pytest.skip(f"{', '.join(missing)} are not installed here")
    build_assignment.make(text, tmp_path)
    return tmp_path


def hand_in(folder, text, student, change):
    """Hands in what the students got, changed."""
    path = folder / "release" / text.stem / f"{text.stem}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    target = folder / "submitted" / student / text.stem / path.name
    target.parent.mkdir(parents=True)
    nbformat.write(notebook, target)


def points(folder, text, *options):
    """Autogrades what was handed in; returns {student: {exercise: points}}."""
    from nbgrader.api import Gradebook

    build_assignment.nbgrader(folder, "autograde", text.stem, "--create", *options)
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        return {
            submission.student.id: {
                grade.name.removesuffix("_test"): grade.score
                for notebook in submission.notebooks
                for grade in notebook.grades
            }
            for submission in book.assignment_submissions(text.stem)
        }


def solved(folder):
    """The answers of the lecturer's notebook, by their exercises."""
    source = nbformat.read(next(folder.glob("source/*/*.ipynb")), as_version=4)
    return {name: cell.source for name, cell in answers(source).items()}


def write(notebook, found):
    """Writes answers into a notebook."""
    for name, cell in answers(notebook).items():
        cell.source = found[name]


@WEEKS
def test_nbgrader_gives_the_marks_of_our_checkers(folder, text):
    """Solved all points, untouched none, one plausible slip all but its own."""
    slipped, wrong, right = SLIPS[course.week(text)][-1]
    found = solved(folder)
    slip = found | {slipped: found[slipped].replace(right, wrong)}
    hand_in(folder, text, "solved", lambda notebook: write(notebook, found))
    hand_in(folder, text, "untouched", lambda notebook: None)
    hand_in(folder, text, "slipped", lambda notebook: write(notebook, slip))
    full = dict.fromkeys(names_of(text), 1.0)
    assert points(folder, text) == {
        "solved": full,
        "untouched": dict.fromkeys(full, 0.0),
        "slipped": full | {slipped: 0.0},
    }


@pytest.mark.parametrize("text", course.lectures()[:1], ids=lambda text: text.stem)
def test_a_deleted_test_and_an_endless_loop_cost_nothing_else(folder, text):
    """And a test that a student has changed is put back."""
    first, second, third, *_ = names_of(text)

    def change(notebook):
        endless = SOLUTIONS[second].partition(":\n")[0] + ":\n    while True:\n        pass"
        write(notebook, solved(folder) | {second: endless, third: STUBS[third]})
        tests = {
            c.metadata.nbgrader.grade_id: c for c in notebook.cells if "nbgrader" in c.metadata
        }
        notebook.cells.remove(tests[f"{first}_test"])
        tests[f"{third}_test"].source = "pass"

    hand_in(folder, text, "strange", change)
    full = dict.fromkeys(names_of(text), 1.0)
    expected = {"strange": full | {second: 0.0, third: 0.0}}
    assert points(folder, text, "--Execute.timeout=10") == expected
