"""Each week in turn is left out, as the page for instructors says: the copy must still pass."""

import os
import shutil
import subprocess
import sys

import pytest

import course

# What looks at all lectures together; the tests of one lecture know no other one.
TESTS = [
    "test_book_sources.py",
    "test_browser_edition.py::test_the_edition_holds_what_needs_no_more_with_its_solutions",
    "test_equations.py::test_every_equation_has_code_and_a_test_or_a_cell_or_a_reason",
    "test_equations.py::test_what_the_prose_refers_to_is_there",
    "test_exercises.py::test_a_verdict_puts_the_right_article",
    "test_exercises.py::test_each_checker_has_an_exercise_and_a_solution",
    "test_exercises.py::test_two_slips_or_more_for_each_checker",
    "test_slides_packed.py::test_the_course_in_one_week_is_at_most_forty_slides_of_what_is_there",
]


def leave_out(text, folder):
    """Runs the course without a lecture, in a folder; returns what went wrong, "" if nothing."""
    stale = shutil.ignore_patterns(
        ".venv", ".git", "dist", "__pycache__", ".*_cache", ".hypothesis"
    )
    shutil.copytree(course.ROOT, folder, ignore=stale)
    name = text.stem
    for kind in ("", "solutions/"):
        (folder / f"notebooks/text/{kind}{name}.md").unlink()
        (folder / f"notebooks/{kind}{name}.ipynb").unlink()
    (folder / f"src/rnncourse/exercises/{name[:6]}.py").unlink(missing_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    here = {"cwd": folder, "env": environment, "capture_output": True, "text": True}
    links = subprocess.run([sys.executable, "tools/rewrite_address.py"], **here)
    tests = [course.path_of_test(test) for test in TESTS]
    options = ["-q", "-p", "no:cacheprovider"]
    done = subprocess.run([sys.executable, "-m", "pytest", *options, *tests], **here)
    readme = (folder / "README.md").read_text(encoding="utf-8")
    found = links.stderr + ("" if done.returncode == 0 else done.stdout[-3000:])
    return found + ("README.md still names it" if name in readme else "")


@pytest.mark.parametrize("text", course.lectures(), ids=course.relative)
def test_each_week_can_be_left_out(text, tmp_path):
    assert leave_out(text, tmp_path / "course") == ""
