"""Every numbered equation of the lectures has code and a test, or says why it has not."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

import pytest

import check_equations
import course
import plant_errors
import rnncourse

LINKS, REGISTER = check_equations.linked(), check_equations.unlinked()
LECTURES = course.lectures()
WHERE, _ = check_equations.labels(LECTURES)


def test_every_equation_has_code_and_a_test_or_a_cell_or_a_reason():
    assert check_equations.complaints(LINKS, REGISTER, LECTURES) == []


@pytest.mark.parametrize("text", LECTURES + course.solutions(), ids=course.relative)
def test_what_the_prose_refers_to_is_there(text):
    assert check_equations.references(text, WHERE) == []


def test_most_equations_have_code_and_only_few_neither_code_nor_cell():
    n = len(LINKS) + len(REGISTER)
    assert len(LINKS) > n / 2
    assert sum("step" in entry for entry in REGISTER.values()) < n / 8


@pytest.mark.parametrize(
    ("links", "entries", "complaint"),
    [
        ({"2.99": {"rnn.forward": ["a test"]}}, {}, "(2.99) is in no lecture"),
        ({"2.1": {"rnn.forwards": ["a test"]}}, {}, "no rnn.forwards"),
        ({"2.1": {"rnns.forward": ["a test"]}}, {}, "no rnns.forward"),
        ({"2.9": {"losses.squared_error.slope": ["a test"]}}, {}, "error.slope"),
        ({}, {"2.1": {"step": "by hand"}}, "(2.1) has [['rnn.forward'], ['step']]"),
        ({}, {"2.2": {"cell": "def backward_pass("}}, "has the code 'def backward_pass('"),
        ({}, {"2.2": {"cell": "from rnncourse import exercises"}}, "no assert in the cell"),
    ],
)
def test_a_wrong_entry_is_found(links, entries, complaint):
    (found,) = check_equations.complaints({**LINKS, **links}, {**REGISTER, **entries}, LECTURES)
    assert complaint in found


def test_an_equation_without_anything_is_found():
    register = {label: entry for label, entry in REGISTER.items() if label != "4.3"}
    (found,) = check_equations.complaints(LINKS, register, LECTURES)
    assert found.startswith("(4.3) has []")


def test_markers_are_read(tmp_path):
    path = tmp_path / "test_planted.py"
    marker = '@pytest.mark.equation("1.1", "2.1", code=["a.f", "b"])'
    path.write_text(f"{marker}\ndef test_it(): ...\n")
    ((test, equations, codes),) = check_equations.markers(path)
    assert (test, list(equations)) == ("test_planted.py::test_it", ["1.1", "2.1"])
    assert codes == ["a.f", "b"]


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


@pytest.mark.parametrize("code", ["f", "C.f", "loss.f"])
def test_every_kind_of_linked_function_can_be_made_wrong(code, monkeypatch):
    class C(NamedTuple):
        f: Callable = lambda: 1.0

    module, user = ModuleType("rnncourse.planted"), ModuleType("rnncourse.user")
    module.f = user.f = lambda: 1.0
    module.C, module.loss = type("C", (), {"f": lambda self: 1.0}), C()
    monkeypatch.setattr(rnncourse, "planted", module, raising=False)
    for one in (module, user):
        monkeypatch.setitem(sys.modules, one.__name__, one)
    plant_errors.plant(f"planted.{code}")
    found = {"f": user.f, "C.f": module.C().f, "loss.f": module.loss.f}
    assert {name for name, call in found.items() if call() == plant_errors.BY} == {code}
