"""Every numbered equation of the lectures is linked to code and a test, or says why it is not."""

import pytest

import check_equations
import course
import plant_errors

REGISTER = check_equations.register()
LECTURES = course.lectures()
WHERE, _ = check_equations.labels(LECTURES)


def with_entry(label, entry):
    return check_equations.complaints({**REGISTER, label: entry}, LECTURES)


def test_every_equation_is_in_the_register_with_code_and_test():
    assert check_equations.complaints(REGISTER, LECTURES) == []


@pytest.mark.parametrize("text", LECTURES + course.solutions(), ids=course.relative)
def test_what_the_prose_refers_to_is_there(text):
    assert check_equations.references(text, WHERE) == []


def test_most_equations_have_code_and_only_few_neither_code_nor_cell():
    kinds = [next(iter(entry)) for entry in REGISTER.values()]
    assert kinds.count("code") > len(kinds) / 2
    assert kinds.count("step") < len(kinds) / 8


CODE, TEST = "rnn.forward", "test_exactness.py::test_network_adjoint"


@pytest.mark.parametrize(
    ("label", "entry", "complaint"),
    [
        ("2.1", {"code": [CODE]}, "has ['code'], expected"),  # an equation without a test
        ("2.1", {"tests": [TEST]}, "has ['tests'], expected"),
        ("2.1", {"code": [CODE], "tests": []}, "its list of tests is empty"),
        ("2.99", {"code": [CODE], "tests": [TEST]}, "(2.99) is in no lecture"),
        ("2.1", {"code": ["rnn.forwards"], "tests": [TEST]}, "no rnn.forwards"),
        ("2.1", {"code": ["rnns.forward"], "tests": [TEST]}, "no rnns.forward"),
        ("2.9", {"code": ["losses.squared_error.slope"], "tests": [TEST]}, "error.slope"),
        ("2.1", {"code": [CODE], "tests": [TEST + "s"]}, f"no test {TEST}s"),
        ("2.1", {"cell": "def backward_pass("}, "has the code 'def backward_pass('"),
        ("2.1", {"cell": "from rnncourse import exercises"}, "no assert in the cell"),
    ],
)
def test_a_wrong_entry_is_found(label, entry, complaint):
    (found,) = with_entry(label, entry)
    assert complaint in found


def test_an_equation_that_is_not_registered_is_found():
    register = {label: entry for label, entry in REGISTER.items() if label != "4.3"}
    assert check_equations.complaints(register, LECTURES) == ["equations.toml: (4.3) is missing"]


def test_a_number_that_is_used_twice_or_wrong_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "ROOT", tmp_path)
    text = tmp_path / "week04_planted.md"
    text.write_text(
        "# T\n\n$$a \\tag{4.1}$$\n\n$$b \\tag{4.1}$$\n\n$$c \\tag{5.1}$$\n\nBy (4.7).\n"
    )
    where, found = check_equations.labels([text])
    assert len(found) == 2 and "used twice" in found[0] and "another week" in found[1]
    wrong = check_equations.references(text, where)
    assert wrong == ["week04_planted.md:1 (cell 1): no equation (4.7)"]


@pytest.mark.parametrize(
    ("test", "notices"),
    [
        ("test_ridge.py::test_analytic_solution_on_orthogonal_columns", True),
        ("test_ridge.py::test_both_ways_are_taken_and_agree", False),
    ],
)
def test_a_linked_test_that_does_not_notice_an_error_is_found(test, notices):
    assert plant_errors.notices("ridge.ridge_regression", [test]) == notices


def test_every_kind_of_linked_function_can_be_made_wrong(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(
        "def f():\n    return 1.0\n\n\nclass C:\n    def f(self):\n        return 1.0\n"
    )
    assert plant_errors.plant(path, ["f"]) and plant_errors.plant(path, ["C", "f"])
    assert not plant_errors.plant(path, ["g"]) and not plant_errors.plant(path, ["C", "g"])
    names = {}
    exec(path.read_text(), names)  # what was written two lines above
    assert names["f"]() == names["C"]().f() == plant_errors.BY
