"""A new week begins with texts that run and keep the rules of the notebooks."""

import inspect

import nbformat
import pytest

import check_notation
import check_numbers
import course
import new_week
import run_notebooks


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A folder of notebooks that holds the first lecture's texts only."""
    text = tmp_path / "notebooks" / "text"
    (text / "solutions").mkdir(parents=True)
    for path in (course.lectures()[0], course.solutions()[0]):
        (text / path.relative_to(course.TEXT)).write_bytes(path.read_bytes())
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(course, "TEXT", text)
    monkeypatch.setattr(course, "address", lambda: ("someone/course", "main"))
    return text


def test_a_new_week_runs_and_keeps_the_rules(elsewhere):
    import test_assignment
    import test_notebooks_as_files as rules

    written = new_week.write("week77_new_topic")
    assert written == [elsewhere / "week77_new_topic.md", elsewhere / "solutions" / written[1].name]
    for text in written:
        assert run_notebooks.make(text).startswith("executed")
    tests = {name: check for name, check in vars(rules).items() if name.startswith("test_")}
    for name, check in tests.items():
        if list(inspect.signature(check).parameters) != ["text"]:
            continue  # a test of the rules themselves, or of all lectures together
        both = "lecture" not in name and "first_screen" not in name
        for text in written if both else written[:1]:
            check(text)
    test_assignment.test_each_exercise_is_an_answer_and_a_locked_point_below_it(written[0])
    for text in written:
        assert check_notation.complaints(text, check_notation.table()) == []
        assert check_numbers.complaints(text) == []
    assert "Week 77. New topic" in nbformat.read(course.notebook_of(written[0]), 4).cells[0].source


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("week11-topic", "expected one like"),
        ("11_topic", "expected one like"),
        (f"{course.lectures()[0].stem[:6]}_other", r"week \d+ is there"),
    ],
)
def test_a_name_that_does_not_fit_is_refused(elsewhere, name, message):
    with pytest.raises(ValueError, match=message):
        new_week.write(name)
    assert len(course.lectures()) == 1
